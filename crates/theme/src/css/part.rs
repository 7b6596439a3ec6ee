//! A style sheet as a tree: every token of it, each with where it stands.

use crate::css::sheet::Sheet;
use crate::fault::is_invisible_in_text;
use cssparser::{CowRcStr, ParseError, Parser, Token};

/// Most tokens of one style sheet.
pub(crate) const MAX_TOKENS: usize = 150_000;
/// Most blocks inside each other, of whatever kind.
pub(crate) const MAX_DEPTH: usize = 24;

/// One token, or a block with all that is in it.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// Bytes of the text from its beginning to behind its end; of a block, to behind what opens it.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) is: Is<'a>,
}

/// What a part is. Texts have their escapes resolved, as a browser compares them.
#[derive(Debug)]
pub(crate) enum Is<'a> {
    Ident(CowRcStr<'a>),
    AtKeyword(CowRcStr<'a>),
    Text(CowRcStr<'a>),
    /// `url(…)` without quotes.
    Url(CowRcStr<'a>),
    Delim(char),
    Space,
    Colon,
    Semicolon,
    Comma,
    /// A number, a hash, an attribute's operator: nothing of it is asked.
    Plain,
    Function(CowRcStr<'a>, Vec<Part<'a>>),
    Round(Vec<Part<'a>>),
    Square(Vec<Part<'a>>),
    Curly(Vec<Part<'a>>),
}

impl<'a> Part<'a> {
    /// What is inside it, if it is a block.
    pub(crate) fn inner(&self) -> Option<&[Part<'a>]> {
        match &self.is {
            Is::Function(_, inner) | Is::Round(inner) | Is::Square(inner) | Is::Curly(inner) => Some(inner),
            _ => None,
        }
    }

    /// The word, in lower case, if it is one.
    pub(crate) fn word(&self) -> Option<String> {
        match &self.is {
            Is::Ident(word) => Some(word.to_ascii_lowercase()),
            _ => None,
        }
    }

    pub(crate) fn is_space(&self) -> bool {
        matches!(self.is, Is::Space)
    }
}

/// Reads `text`, which is the sheet's with a line end behind it: only then does what is left open at its end show.
pub(crate) fn read<'a>(sheet: &Sheet, text: &'a str) -> Vec<Part<'a>> {
    Reader { sheet, text, tokens: 0 }.parts(&mut Parser::new(text), 0)
}

struct Reader<'s, 'a> {
    sheet: &'s Sheet<'s>,
    text: &'a str,
    tokens: usize,
}

impl<'a> Reader<'_, 'a> {
    fn parts(&mut self, input: &mut Parser<'a>, depth: usize) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        loop {
            let from = input.position().byte_index();
            let Ok(token) = input.next_including_whitespace_and_comments() else { return parts };
            let token = token.clone();
            let to = input.position().byte_index();
            self.tokens += 1;
            if self.tokens > MAX_TOKENS {
                // Told once: the rest is read by nobody.
                if self.tokens == MAX_TOKENS + 1 {
                    let why = format!("a style sheet has at most {MAX_TOKENS} tokens; split it into several files");
                    self.sheet.fault(from, "css.limit", why);
                }
                return parts;
            }
            if let Some(is) = self.part(input, token, from, to, depth) {
                parts.push(Part { from, to, is });
            }
        }
    }

    fn part(
        &mut self,
        input: &mut Parser<'a>,
        token: Token<'a>,
        from: usize,
        to: usize,
        depth: usize,
    ) -> Option<Is<'a>> {
        let bad = |code, why: &str| {
            self.sheet.fault(from, code, why);
            None
        };
        let raw = self.text.get(from..to).unwrap_or_default();
        Some(match token {
            Token::Ident(text) => Is::Ident(self.plain(from, text)),
            Token::AtKeyword(text) => Is::AtKeyword(self.plain(from, text)),
            Token::QuotedString(text) => Is::Text(self.plain(from, text)),
            // The reader takes the end of the text as the end of an address or a comment; browsers do too.
            Token::UnquotedUrl(_) if !raw.ends_with(')') => {
                return bad("css.unclosed", "`url(` is not closed; add `)`");
            }
            Token::UnquotedUrl(text) => Is::Url(self.plain(from, text)),
            Token::Comment(_) if raw.len() < 4 || !raw.ends_with("*/") => {
                return bad("css.unclosed", "a comment is not closed; add `*/`");
            }
            Token::Comment(text) if text.contains("sourceMappingURL") => {
                return bad("css.url", "a comment names a source map, which tools of a browser would fetch; delete it");
            }
            Token::Comment(_) => return None,
            Token::BadUrl(_) => {
                return bad(
                    "css.syntax",
                    "`url(` holds a quote, a space or a bracket, or has no end; put the path in quotes",
                );
            }
            Token::BadString(_) => {
                return bad("css.unclosed", "a text in quotes does not end on its line; close its quotes");
            }
            Token::CDO | Token::CDC => return bad("css.markup", "`<!--` and `-->` are markup; delete them"),
            Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket => {
                return bad("css.unclosed", "this closes what is not open; delete it, or open it");
            }
            Token::Delim(c @ ('\\' | '@' | '$' | '^')) => {
                return bad(
                    "css.syntax",
                    &format!("`{c}` alone means nothing in CSS; publish what your preprocessor makes"),
                );
            }
            Token::Delim(c) => Is::Delim(c),
            Token::WhiteSpace(_) => Is::Space,
            Token::Colon => Is::Colon,
            Token::Semicolon => Is::Semicolon,
            Token::Comma => Is::Comma,
            Token::Function(name) => Is::Function(self.plain(from, name), self.block(input, ')', from, depth)),
            Token::ParenthesisBlock => Is::Round(self.block(input, ')', from, depth)),
            Token::SquareBracketBlock => Is::Square(self.block(input, ']', from, depth)),
            Token::CurlyBracketBlock => Is::Curly(self.block(input, '}', from, depth)),
            Token::Hash(_)
            | Token::IDHash(_)
            | Token::Number { .. }
            | Token::Percentage { .. }
            | Token::Dimension { .. }
            | Token::IncludeMatch
            | Token::DashMatch
            | Token::PrefixMatch
            | Token::SuffixMatch
            | Token::SubstringMatch => Is::Plain,
        })
    }

    fn block(&mut self, input: &mut Parser<'a>, closes: char, from: usize, depth: usize) -> Vec<Part<'a>> {
        if depth >= MAX_DEPTH {
            let why = format!("blocks and functions nest at most {MAX_DEPTH} deep; flatten this");
            self.sheet.fault(from, "css.limit", why);
            return Vec::new();
        }
        let mut inside = Vec::new();
        // What is left unread was told already.
        let _: Result<(), ParseError<()>> = input.parse_nested_block(|input| {
            inside = self.parts(input, depth + 1);
            Ok(())
        });
        let end = input.position().byte_index();
        if self.tokens <= MAX_TOKENS && !self.text.get(..end).is_some_and(|text| text.ends_with(closes)) {
            self.sheet.fault(from, "css.unclosed", format!("this is not closed before the file ends; add `{closes}`"));
        }
        inside
    }

    /// A text of a token, once what escapes could have hidden in it was looked for.
    fn plain(&self, from: usize, text: CowRcStr<'a>) -> CowRcStr<'a> {
        if text.contains(|c| is_invisible_in_text(c) && c != '\n') {
            self.sheet.fault(
                from,
                "css.character",
                "an escape here stands for a character that does not print; delete it",
            );
        } else if is_markup(&text) {
            self.sheet.fault(from, "css.markup", "an escape here hides markup; delete it");
        }
        text
    }
}

/// Whether a text could end a style element, begin a comment or open another element, were it ever put into a page.
pub(crate) fn is_markup(text: &str) -> bool {
    markup(text).is_some()
}

/// Where markup begins in a text.
pub(crate) fn markup(text: &str) -> Option<usize> {
    const ELEMENTS: &[&str] = &["script", "style", "link", "meta", "iframe", "object", "embed", "base", "svg", "img"];
    let opens = |(at, _): &(usize, &str)| {
        let rest = text.get(at + 1..).unwrap_or_default();
        let named = |name: &&str| rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        rest.starts_with(['/', '!', '?']) || ELEMENTS.iter().any(named)
    };
    let opened = text.match_indices('<').find(opens).map(|(at, _)| at);
    opened.into_iter().chain(text.find("-->")).min()
}
