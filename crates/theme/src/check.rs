//! A whole theme: its names first, then file by file, then whether what is named is there.

use crate::bytes::Wrong;
use crate::css;
use crate::css::sheet::{Named, Note, Reference, Wants};
use crate::fault::{Faults, Place};
use crate::image::unpack::Room;
use crate::kind::Kind;
use crate::path::{folded, wrong_name};
use crate::{font, image};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The style sheet every theme has, at its root.
pub const ENTRY: &str = "theme.css";
/// Most files of a theme.
pub const MAX_FILES: usize = 1_000;
/// Most bytes of a theme.
pub const MAX_BYTES: u64 = 32 << 20;
/// Most style sheets: the shop links each on every page.
pub const MAX_SHEETS: usize = 20;

/// One file of a theme.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct File {
    pub path: String,
    pub kind: Kind,
    pub bytes: u64,
    /// Pixels, of an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// What a theme holds.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Summary {
    /// Style sheets in the order in which a page links them: [`ENTRY`], then the others by path.
    pub sheets: Vec<String>,
    /// Every file, by path.
    pub files: Vec<File>,
    pub images: usize,
    pub fonts: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// Selectors of all style sheets.
    pub selectors: usize,
    /// Images and fonts that no style sheet names.
    pub unused: Vec<String>,
    /// Declarations that hide what they select, for those who look at the theme before it is signed: at most 100 a style
    /// sheet.
    pub hides: Vec<Note>,
}

/// Decides whether files are a client theme.
///
/// `paths` are all of them, relative and with `/`; `read` gives the bytes of one, and may stop at the number of bytes
/// it is given, which is one more than the file may have. Each file is read once, in order of path, and let go before the
/// next one. Errors of `read` are given back as they are.
pub fn check<E>(
    paths: impl IntoIterator<Item = String>,
    mut read: impl FnMut(&str, u64) -> Result<Vec<u8>, E>,
) -> Result<Result<Summary, Faults>, E> {
    let mut theme = Theme::default();
    let paths = theme.names(paths);
    for (path, kind) in &paths {
        let bytes = read(path, kind.max_bytes() + 1)?;
        if !theme.file(path, *kind, &bytes) {
            break;
        }
    }
    Ok(theme.finish(&paths))
}

#[derive(Default)]
struct Theme {
    faults: Faults,
    summary: Summary,
    references: Vec<Reference>,
    room: Room,
}

impl Theme {
    /// The files that are worth reading, each with what it is.
    fn names(&mut self, paths: impl IntoIterator<Item = String>) -> BTreeMap<String, Kind> {
        let mut kinds = BTreeMap::new();
        let mut seen = BTreeMap::new();
        for (index, path) in paths.into_iter().enumerate() {
            if index >= MAX_FILES {
                let why = format!("a theme has at most {MAX_FILES} files; leave out what it does not need");
                self.faults.add(&path, Place::File, "theme.limit", why);
                break;
            }
            if let Some(why) = wrong_name(&path) {
                self.faults.add(&path, Place::File, "file.name", why);
            } else if is_taken(&mut seen, &path) {
                let why = "another file or folder has this name but for capitals or the form of a letter, or is this one \
                           again; rename or delete it";
                self.faults.add(&path, Place::File, "file.name", why);
            } else if let Some(kind) = Kind::of(&path) {
                kinds.insert(path, kind);
            } else {
                let (code, why) = unwanted(&path);
                self.faults.add(&path, Place::File, code, why);
            }
        }
        if !kinds.contains_key(ENTRY) {
            let why =
                format!("a theme has a style sheet `{ENTRY}` at its root; add it, or publish the folder that holds it");
            self.faults.add(ENTRY, Place::File, "theme.entry", why);
        }
        let sheets = kinds.iter().filter(|(_, kind)| **kind == Kind::Sheet).map(|(path, _)| path);
        if let Some(path) = sheets.clone().nth(MAX_SHEETS) {
            let why = format!("a theme has at most {MAX_SHEETS} style sheets; put several into one");
            self.faults.add(path, Place::File, "theme.limit", why);
        }
        let others = sheets.filter(|path| *path != ENTRY).cloned();
        self.summary.sheets = [ENTRY.to_owned()].into_iter().chain(others).collect();
        kinds
    }

    /// Checks one file; says whether the next one is worth reading.
    fn file(&mut self, path: &str, kind: Kind, bytes: &[u8]) -> bool {
        let size = bytes.len() as u64;
        self.summary.bytes += size;
        if self.summary.bytes > MAX_BYTES {
            let why = format!("a theme has at most {} MiB in all; this file is beyond that", MAX_BYTES >> 20);
            self.faults.add(path, Place::File, "theme.limit", why);
            return false;
        }
        let mut file = File { path: path.to_owned(), kind, bytes: size, width: None, height: None };
        if size > kind.max_bytes() {
            let why = format!("{} has at most {} KiB; make it smaller", kind.word(), kind.max_bytes() >> 10);
            self.faults.add(path, Place::File, "file.large", why);
        } else if kind == Kind::Sheet || kind == Kind::Notice {
            self.text(path, kind, bytes);
        } else if let Err(wrong) = self.binary(&mut file, bytes) {
            self.faults.add(path, Place::Byte(wrong.at as u64), wrong.code, wrong.why);
        }
        self.summary.files.push(file);
        !self.faults.is_full()
    }

    fn text(&mut self, path: &str, kind: Kind, bytes: &[u8]) {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let before = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
                let why = "the text is not UTF-8 here; save the file as UTF-8";
                return self.faults.add(path, Place::of(&before, before.len()), "file.text", why);
            }
        };
        if kind == Kind::Notice {
            if let Some(at) = text.find('\0') {
                let why = "a plain text holds no NUL byte; delete it";
                self.faults.add(path, Place::of(text, at), "file.text", why);
            }
            return;
        }
        let (found, references) = css::check(path, text);
        for fault in found.faults.faults {
            self.faults.add(&fault.file, fault.place, fault.code, fault.message);
        }
        self.faults.more += found.faults.more;
        self.summary.selectors += found.selectors;
        self.summary.hides.extend(found.notes);
        self.references.extend(references);
    }

    fn binary(&mut self, file: &mut File, bytes: &[u8]) -> Result<(), Wrong> {
        let looks = Kind::sniff(bytes);
        if looks != Some(file.kind) {
            let is = looks.map_or("something else", Kind::word);
            let why = format!(
                "its name says {}, and its bytes begin as {is}; export it as what its name says",
                file.kind.word()
            );
            return Err(Wrong::new(0, "file.magic", why));
        }
        if file.kind.is_font() {
            self.summary.fonts += 1;
            return font::check(file.kind, bytes);
        }
        self.summary.images += 1;
        let picture = image::check(file.kind, bytes, &mut self.room)?;
        (file.width, file.height) = (Some(picture.width), Some(picture.height));
        Ok(())
    }

    fn finish(mut self, kinds: &BTreeMap<String, Kind>) -> Result<Summary, Faults> {
        let mut used = BTreeSet::new();
        for Reference { from, place, named: Named { target, wants } } in &self.references {
            let wrong = match kinds.get(target) {
                None => {
                    Some(("css.missing", format!("`{target}` is no file of this theme; add it or correct the path")))
                }
                Some(kind) if *wants == Wants::Font && !kind.is_font() => {
                    Some(("css.kind", format!("`{target}` is {}, and a font face needs a font", kind.word())))
                }
                Some(kind) if *wants == Wants::Image && !kind.is_image() => {
                    Some(("css.kind", format!("`{target}` is {}, and this needs an image", kind.word())))
                }
                Some(_) => None,
            };
            if let Some((code, why)) = wrong {
                self.faults.add(from, *place, code, why);
            }
            used.insert(target);
        }
        let is_asset = |kind: Kind| kind.is_image() || kind.is_font();
        let unused = kinds.iter().filter(|(path, kind)| is_asset(**kind) && !used.contains(path));
        self.summary.unused = unused.map(|(path, _)| path.clone()).collect();
        if self.faults.faults.is_empty() { Ok(self.summary) } else { Err(self.faults) }
    }
}

/// Whether a file or one of its folders is called as another one, on a disk that keeps capitals and forms of a letter apart
/// for nobody; notes those that are new. A folder may come again as it is written, a file may not.
fn is_taken(seen: &mut BTreeMap<String, String>, path: &str) -> bool {
    let folders = path.match_indices('/').map(|(at, _)| path.get(..at).unwrap_or_default());
    let mut folder_taken = false;
    for folder in folders {
        let written = format!("{folder}/");
        folder_taken |= *seen.entry(folded(folder)).or_insert_with(|| written.clone()) != written;
    }
    folder_taken || seen.insert(folded(path), path.to_owned()).is_some()
}

/// Why a file of this name is no part of a theme.
fn unwanted(path: &str) -> (&'static str, String) {
    let end = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, end)| end);
    match &*end.to_ascii_lowercase() {
        "svg" | "svgz" => {
            let why = "an SVG is a document that can hold scripts and load others; export it as PNG or WebP";
            ("file.svg", why.to_owned())
        }
        "js" | "mjs" | "html" | "htm" | "xhtml" | "php" | "wasm" => {
            ("file.kind", "a theme changes how a shop looks and holds no pages and no scripts; delete it".to_owned())
        }
        "ttc" | "otc" | "eot" => ("file.kind", "this kind of font is not allowed; export it as WOFF2".to_owned()),
        _ => {
            let why = "a theme holds .css, images (.png .jpg .gif .webp .avif .ico), fonts (.woff2 .woff .ttf .otf) and \
                       licences (.txt); delete it or export it as one of these";
            ("file.kind", why.to_owned())
        }
    }
}
