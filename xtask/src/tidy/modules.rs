//! The modules of a crate, and the paths that each of them names.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path as it is written: `["super", "Change"]`.
pub type Path = Vec<String>;

/// The modules of a crate by their path within it; the root has the empty path.
#[derive(Debug, Default)]
pub struct Modules(BTreeMap<Path, Module>);

/// One module: a file, or a part of one.
#[derive(Debug, Default)]
struct Module {
    file: String,
    /// What a `use` calls something here, and what it stands for.
    names: BTreeMap<String, Path>,
    /// What is needed here: private `use`, and paths in the code.
    needs: BTreeSet<Path>,
}

/// What one module needs of another: the two files and the name.
pub type Need = (String, String, String);

impl Modules {
    /// Adds the module of this path, whose code this is.
    pub fn add(&mut self, path: Path, file: &str, code: TokenStream) {
        file.clone_into(&mut self.0.entry(path.clone()).or_default().file);
        self.read(&path, &code.into_iter().collect::<Vec<_>>());
    }

    fn read(&mut self, here: &Path, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            at += match &rest[0] {
                TokenTree::Group(group) => {
                    self.read(here, &group.stream().into_iter().collect::<Vec<_>>());
                    1
                }
                TokenTree::Ident(word) if word == "use" => self.read_use(here, is_public(&tokens[..at]), &rest[1..]),
                TokenTree::Ident(word) if word == "mod" => self.read_module(here, rest),
                TokenTree::Ident(_) => self.read_path(here, &tokens[..at], rest),
                _ => 1,
            };
        }
    }

    /// A `use` after its first word; answers how many tokens were read.
    fn read_use(&mut self, here: &Path, is_public: bool, rest: &[TokenTree]) -> usize {
        let end = rest.iter().position(|token| is(token, ';')).unwrap_or(rest.len());
        let module = self.0.entry(here.clone()).or_default();
        for (path, name) in expanded(&[], &rest[..end]) {
            if !is_public {
                module.needs.insert(path.clone());
            }
            // What a glob brings has no name here.
            if name != "*" {
                module.names.insert(name, path);
            }
        }
        1 + end
    }

    fn read_module(&mut self, here: &Path, rest: &[TokenTree]) -> usize {
        if let [_, TokenTree::Ident(name), TokenTree::Group(code), ..] = rest {
            let file = self.0.get(here).map_or(String::new(), |module| module.file.clone());
            self.add([&**here, &[name.to_string()]].concat(), &file, code.stream());
            return 3;
        }
        2
    }

    /// A path in the code; a word alone only where it is a type or is called. A macro has no module.
    fn read_path(&mut self, here: &Path, before: &[TokenTree], rest: &[TokenTree]) -> usize {
        let (path, length) = words(rest);
        let is_inside = match before {
            [.., one, last] if is(last, '.') => !is(one, '.'),
            [.., one, last] if is(last, ':') => is(one, ':'),
            [.., TokenTree::Ident(word)] => word == "fn",
            _ => false,
        };
        let stands_alone = match &rest[length..] {
            [bang, TokenTree::Group(_), ..] if is(bang, '!') => return length,
            [TokenTree::Group(group), ..] => group.delimiter() != Delimiter::Parenthesis,
            _ => true,
        };
        let is_type = path[0].starts_with(|letter: char| letter.is_ascii_uppercase());
        if !is_inside && (path.len() > 1 || is_type || !stands_alone) {
            self.0.entry(here.clone()).or_default().needs.insert(path);
        }
        length
    }

    /// What the files need of each other.
    pub fn needs(&self) -> BTreeSet<Need> {
        let needs = self.0.iter().flat_map(|(here, module)| module.needs.iter().map(move |path| (here, module, path)));
        let found = needs.filter_map(|(here, module, path)| {
            let (there, name) = self.resolve(here, path, 0)?;
            let there = &self.0.get(&there)?.file;
            (*there != module.file).then(|| (module.file.clone(), there.clone(), name))
        });
        found.collect()
    }

    /// The module that defines what this path names, and its name there; none for another crate's, for what a module
    /// has of its own, and for a module as a whole: what is needed of that is named where it is needed.
    fn resolve(&self, here: &Path, path: &[String], depth: u8) -> Option<(Path, String)> {
        let mut module = here.clone();
        let mut rest = path;
        while let [first, more @ ..] = rest {
            let child = [&*module, std::slice::from_ref(first)].concat();
            match (&**first, self.0.get(&module).and_then(|known| known.names.get(first))) {
                ("crate", _) => module.clear(),
                ("self", _) => {}
                ("super", _) => drop(module.pop()),
                (name, None) if !self.0.contains_key(&child) => {
                    let is_local = rest.len() == path.len();
                    return (!is_local).then(|| (module, name.to_owned()));
                }
                // A module is meant wherever more follows: a function may be called as its module is.
                (_, Some(stands_for)) if more.is_empty() || !self.0.contains_key(&child) => {
                    let whole = [stands_for, more].concat();
                    return if depth < 9 { self.resolve(&module, &whole, depth + 1) } else { None };
                }
                _ => module = child,
            }
            rest = more;
        }
        None
    }
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// Whether what comes after these tokens is visible outside.
fn is_public(before: &[TokenTree]) -> bool {
    let ([.., word, TokenTree::Group(_)] | [.., word]) = before else { return false };
    matches!(word, TokenTree::Ident(word) if word == "pub")
}

/// The words of `a::b::c` at the start, and how many tokens they are.
fn words(tokens: &[TokenTree]) -> (Path, usize) {
    let (mut path, mut at) = (Path::new(), 0);
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        path.push(word.to_string());
        match &tokens[at + 1..] {
            [one, two, TokenTree::Ident(_), ..] if is(one, ':') && is(two, ':') => at += 3,
            _ => return (path, at + 1),
        }
    }
    (path, at)
}

/// Each path of a `use`, and what it is called here.
fn expanded(before: &[String], tree: &[TokenTree]) -> Vec<(Path, String)> {
    let (more, length) = words(tree);
    let mut path = [before, &more].concat();
    match &tree[length..] {
        [_, _, TokenTree::Group(group)] | [TokenTree::Group(group)] => {
            let inner: Vec<_> = group.stream().into_iter().collect();
            inner.split(|token| is(token, ',')).flat_map(|one| expanded(&path, one)).collect()
        }
        [_, _, star] if is(star, '*') => {
            path.push("*".to_owned());
            vec![(path, "*".to_owned())]
        }
        [TokenTree::Ident(_), TokenTree::Ident(other)] => vec![(path, other.to_string())],
        _ => {
            if path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            let name = path.last().cloned();
            name.map(|name| (path, name)).into_iter().collect()
        }
    }
}
