//! One style sheet while it is checked: its text, what was found in it, what it names.

use crate::fault::{Cursor, Faults, Place};
use serde::Serialize;
use std::cell::RefCell;

/// What an address stands for, where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wants {
    Image,
    Font,
}

/// A file that a style sheet names.
pub(crate) struct Reference {
    /// The style sheet, and where in it.
    pub(crate) from: String,
    pub(crate) place: Place,
    pub(crate) named: Named,
}

/// What is named.
pub(crate) struct Named {
    /// Path inside the theme.
    pub(crate) target: String,
    pub(crate) wants: Wants,
}

/// A place that people should look at: what stands there is allowed, and could hide something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Note {
    /// Path of the style sheet.
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// The declaration, for example `display: none`.
    pub what: String,
}

/// Most places of one style sheet that are noted.
const MAX_NOTES: usize = 100;

/// Most addresses in one style sheet.
pub(crate) const MAX_REFERENCES: usize = 2_000;

/// Where faults and addresses of one style sheet are written down.
pub(crate) struct Sheet<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
    found: RefCell<Found>,
    /// By the byte where each is named.
    named: RefCell<Vec<(usize, Named)>>,
}

/// What was found in one style sheet.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) faults: Faults,
    pub(crate) notes: Vec<Note>,
    pub(crate) selectors: usize,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(path: &'a str, text: &'a str) -> Self {
        Self { path, text, found: RefCell::default(), named: RefCell::default() }
    }

    /// Notes a fault at a byte of the text.
    pub(crate) fn fault(&self, at: usize, code: &'static str, message: impl Into<String>) {
        let mut found = self.found.borrow_mut();
        // Finding the line costs a pass over the text: not for faults that are only counted.
        let place = if found.faults.is_full() { Place::File } else { Place::of(self.text, at) };
        found.faults.add(self.path, place, code, message);
    }

    /// Notes a declaration that hides what it selects.
    pub(crate) fn hides(&self, at: usize, what: String) {
        let mut found = self.found.borrow_mut();
        if let (true, Place::Text { line, column }) = (found.notes.len() < MAX_NOTES, Place::of(self.text, at)) {
            found.notes.push(Note { file: self.path.to_owned(), line, column, what });
        }
    }

    /// Notes a file that is named at a byte of the text.
    pub(crate) fn reference(&self, at: usize, target: String, wants: Wants) {
        if self.named.borrow().len() >= MAX_REFERENCES {
            let why = format!("a style sheet names files at most {MAX_REFERENCES} times; name them in fewer places");
            return self.fault(at, "css.limit", why);
        }
        self.named.borrow_mut().push((at, Named { target, wants }));
    }

    /// Counts selectors, and gives how many there are by now.
    pub(crate) fn selectors(&self, more: usize) -> usize {
        let mut found = self.found.borrow_mut();
        found.selectors += more;
        found.selectors
    }

    /// What was found, and the files that are named, each with its place.
    pub(crate) fn finish(self) -> (Found, Vec<Reference>) {
        let mut named = self.named.into_inner();
        named.sort_by_key(|(at, _)| *at);
        let mut places = Cursor::new(self.text);
        let with_place = |(at, named)| Reference { from: self.path.to_owned(), place: places.at(at), named };
        let references = named.into_iter().map(with_place).collect();
        (self.found.into_inner(), references)
    }
}
