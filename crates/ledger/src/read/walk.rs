//! Frames of a set of segments one after the other, going on behind damage.

use crate::{
    Damage, Entry,
    frame::Head,
    recover::list,
    scan::{Set, Step, View, parse, step},
};
use std::{
    fs,
    path::{Path, PathBuf},
    vec,
};

/// A frame that checks out.
pub(crate) struct FrameRead {
    pub file: PathBuf,
    pub offset: u64,
    /// Index of its first entry (checkpoints: the tree size).
    pub first: u64,
    pub entries: Vec<Entry>,
}

struct Open {
    path: PathBuf,
    number: u32,
    bytes: Vec<u8>,
    at: usize,
}

pub(crate) struct Walk {
    dir: PathBuf,
    set: Set,
    files: vec::IntoIter<(u32, PathBuf)>,
    open: Option<Open>,
    expect: Head,
    /// Frames before this point could not be read: the next good one says where we are.
    lost: bool,
    pending: Option<Damage>,
}

impl Walk {
    pub(crate) fn new(dir: &Path, set: Set) -> Self {
        let mut walk = Self {
            dir: dir.to_owned(),
            set,
            files: Vec::new().into_iter(),
            open: None,
            expect: set.start(),
            lost: false,
            pending: None,
        };
        match list(dir, set) {
            Ok(files) => walk.files = files.into_iter(),
            Err(error) => walk.pending = Some(walk.damage(dir, 0, error.to_string())),
        }
        walk
    }

    fn damage(&self, file: &Path, offset: usize, why: String) -> Damage {
        Damage { file: file.to_owned(), offset: offset as u64, index: self.expect.first, why, unfinished: false }
    }

    /// Opens the next file; a gap in the numbers or an unreadable file is damage.
    fn advance(&mut self) -> Option<()> {
        let due = self.open.take().map_or(0, |open| open.number + 1);
        let (number, path) = self.files.next()?;
        if number != due {
            let missing = self.dir.join(self.set.file_name(due));
            self.pending = Some(self.damage(&missing, 0, "the file is missing".to_owned()));
            self.lost = true;
        }
        let bytes = fs::read(&path).unwrap_or_else(|error| {
            self.pending = Some(self.damage(&path, 0, format!("the file cannot be read: {error}")));
            self.lost = true;
            Vec::new()
        });
        self.expect.segment = number;
        self.open = Some(Open { path, number, bytes, at: 0 });
        Some(())
    }

    /// Takes over what the good frame at `at` says about itself.
    fn adopt(&mut self, bytes: &[u8], view: &View<'_>) {
        self.expect.sequence = view.sequence;
        self.expect.first = view.first;
        self.expect.previous.copy_from_slice(&bytes[40..72]);
        self.lost = false;
    }

    /// Whether nothing but zeros follows in the files behind this one.
    fn last_file(&self) -> bool {
        self.files
            .as_slice()
            .iter()
            .all(|(_, path)| fs::read(path).is_ok_and(|bytes| bytes.iter().all(|byte| *byte == 0)))
    }

    /// Goes on behind a bad place: at the next frame whose checksum holds, or in the next file.
    fn skip(&mut self, open: &mut Open) -> bool {
        let magic = self.set.magic;
        let bad = open.at;
        let found = (bad..open.bytes.len()).find_map(|at| {
            let rest = &open.bytes[at..];
            (rest.starts_with(magic)).then(|| parse(rest, *magic).ok()).flatten().map(|view| (at, view))
        });
        let Some((at, view)) = found else {
            self.lost = true;
            open.at = open.bytes.len();
            return false;
        };
        self.adopt(&open.bytes[at..], &view);
        // A good frame that still does not fit (another segment's, another version) is passed over.
        open.at = if matches!(step(&open.bytes, at, &self.expect, self.set), Step::Frame(_)) {
            at
        } else {
            at + view.bytes.len()
        };
        self.lost = open.at != at;
        true
    }

    fn read(&mut self, open: &mut Open) -> Option<Result<FrameRead, Damage>> {
        if self.lost
            && let Some(rest) = open.bytes.get(open.at..)
            && let Ok(view) = parse(rest, *self.set.magic)
        {
            self.adopt(rest, &view);
        }
        match step(&open.bytes, open.at, &self.expect, self.set) {
            Step::End => None,
            Step::Frame(view) => {
                let entry = |span: &crate::frame::Span| Entry {
                    leaf: span.leaf(view.bytes).to_owned(),
                    payload: span.payload(view.bytes).to_owned(),
                };
                let entries = view.spans.iter().map(entry).collect();
                let frame = FrameRead { file: open.path.clone(), offset: open.at as u64, first: view.first, entries };
                let next = view.next(self.set, open.number);
                open.at += view.bytes.len();
                self.expect = next;
                Some(Ok(frame))
            }
            Step::Bad { why, unfinished } => {
                let damage = self.damage(&open.path, open.at, why);
                let more = self.skip(open);
                Some(Err(Damage { unfinished: unfinished && !more && self.last_file(), ..damage }))
            }
        }
    }
}

impl Iterator for Walk {
    type Item = Result<FrameRead, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(damage) = self.pending.take() {
                return Some(Err(damage));
            }
            if let Some(mut open) = self.open.take() {
                let read = self.read(&mut open);
                self.open = Some(open);
                if read.is_some() {
                    return read;
                }
            }
            self.advance()?;
        }
    }
}
