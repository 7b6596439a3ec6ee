//! What a side prints, read from its log: the last lines, and then what comes after them.

use crate::{EngineError, layout::Layout, record::SideRecord};
use model::{EngineId, Side};
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    fmt,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    str::FromStr,
    time::SystemTime,
};
use utoipa::ToSchema;

/// Most lines of one answer.
pub(crate) const LINES_MAX: usize = 10_000;
/// Most bytes that are read for one answer.
const BYTES_MAX: u64 = 1 << 20;
/// A line is cut where it is longer, in bytes.
const LINE_MAX: usize = 8 << 10;

/// How the line before the output of a start begins.
const START: &str = "--- start of ";

/// The line before the output of a start, and how what ran before it has ended where nobody ordered that.
pub(crate) fn start_line(started: &SideRecord, ended: Option<&str>) -> String {
    let again = ended.map(|ended| format!(", again: {ended}")).unwrap_or_default();
    format!("{START}{} {} at {}{again} ---", started.product, started.version, started.since)
}

/// Those of these lines that came since the last start.
pub(crate) fn since_start(mut lines: Vec<String>) -> Vec<String> {
    let start = lines.iter().rposition(|line| line.starts_with(START));
    lines.split_off(start.map_or(0, |at| at + 1))
}

/// `GET /v1/engines/{id}/logs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutputView {
    /// Whose output it is: `blue` or `green`; absent where nothing was ever started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub side: Option<Side>,
    /// Whole lines, the oldest first, as they were printed; what is no UTF-8 is replaced.
    pub lines: Vec<String>,
    /// Where the next answer begins: `after` of the next request, with this side.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
    /// What came between the last answer and this one is not kept any more.
    pub skipped: bool,
}

/// A place in a side's output: in which file, and behind which byte of it. Files are set aside as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    file: u64,
    offset: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.file, self.offset)
    }
}

impl FromStr for Cursor {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (file, offset) = text.split_once('.').ok_or(())?;
        Ok(Self { file: file.parse().map_err(drop)?, offset: offset.parse().map_err(drop)? })
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    /// Absent: the side that printed last.
    pub(crate) side: Option<Side>,
    pub(crate) lines: usize,
    /// What comes behind this; absent: the last lines.
    pub(crate) after: Option<Cursor>,
}

/// One part of a log.
struct Part {
    file: File,
    id: u64,
    size: u64,
}

/// Reads it.
///
/// # Errors
/// When a log is there and cannot be read.
pub(crate) fn read(layout: &Layout, engine: &EngineId, ask: Ask) -> Result<OutputView, EngineError> {
    let last = || {
        let written = |side| Some((fs::metadata(layout.log(engine, side)).ok()?.modified().ok()?, side));
        [Side::Blue, Side::Green].into_iter().filter_map(written).max_by_key(|(at, _): &(SystemTime, Side)| *at)
    };
    let Some(side) = ask.side.or_else(|| last().map(|(_, side)| side)) else {
        return Ok(OutputView { side: None, lines: vec![], next: None, skipped: false });
    };
    let path = layout.log(engine, side);
    let mut parts = parts(&path).map_err(EngineError::io(&path))?;
    let view = match ask.after {
        None => tail(&mut parts, ask.lines),
        Some(after) => follow(&mut parts, after, ask.lines),
    };
    let (lines, next, skipped) = view.map_err(EngineError::io(&path))?;
    Ok(OutputView { side: Some(side), lines, next: next.map(|next| next.to_string()), skipped })
}

/// The older part, where there is one, and the present one.
fn parts(path: &Path) -> io::Result<Vec<Part>> {
    let mut parts = Vec::new();
    let paths: [PathBuf; 2] = [confine::older(path), path.to_owned()];
    for path in paths {
        match File::open(&path) {
            Ok(file) => {
                let meta = file.metadata()?;
                parts.push(Part { id: meta.ino(), size: meta.len(), file });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    // Set aside between the two: it was opened twice.
    parts.dedup_by_key(|part| part.id);
    Ok(parts)
}

type Lines = (Vec<String>, Option<Cursor>, bool);

fn tail(parts: &mut [Part], most: usize) -> io::Result<Lines> {
    let mut bytes = VecDeque::new();
    let mut left = BYTES_MAX;
    for part in parts.iter_mut().rev() {
        let take = part.size.min(left);
        let cut = take < part.size;
        let mut read = part.read(part.size - take, take)?;
        if cut {
            // The first line is not whole.
            let begin = read.iter().position(|byte| *byte == b'\n').map_or(read.len(), |at| at + 1);
            read.drain(..begin);
        }
        bytes.push_front(read);
        left -= take;
    }
    let bytes: Vec<u8> = bytes.into_iter().flatten().collect();
    let mut lines: Vec<_> = split(&bytes).map(shown).collect();
    lines.drain(..lines.len().saturating_sub(most));
    let next = parts.last().map(|part| Cursor { file: part.id, offset: part.size });
    Ok((lines, next, false))
}

fn follow(parts: &mut [Part], after: Cursor, most: usize) -> io::Result<Lines> {
    let found = parts.iter().position(|part| part.id == after.file && after.offset <= part.size);
    let (mut lines, mut left) = (Vec::new(), BYTES_MAX);
    let (begin, mut next) = match found {
        Some(at) => (at, Some(after)),
        None => (0, parts.first().map(|part| Cursor { file: part.id, offset: 0 })),
    };
    let count = parts.len();
    for (at, part) in parts.iter_mut().enumerate().skip(begin) {
        let mut offset = next.filter(|next| next.file == part.id).map_or(0, |next| next.offset);
        let read = part.read(offset, (part.size - offset).min(left))?;
        left -= read.len() as u64;
        // A line that is being printed is left for the next answer, where it is not too long already, or the last of a part
        // that was set aside.
        let set_aside = at + 1 < count && offset + read.len() as u64 == part.size;
        let end = match read.iter().rposition(|byte| *byte == b'\n') {
            _ if set_aside => read.len(),
            Some(at) => at + 1,
            None if read.len() >= LINE_MAX => read.len(),
            None => 0,
        };
        let mut used = 0;
        for line in split(&read[..end]) {
            if lines.len() >= most {
                break;
            }
            used += line.len() + usize::from(read.get(used + line.len()) == Some(&b'\n'));
            lines.push(shown(line));
        }
        offset += used as u64;
        next = Some(Cursor { file: part.id, offset });
        if offset < part.size {
            break;
        }
    }
    Ok((lines, next, found.is_none()))
}

impl Part {
    fn read(&mut self, from: u64, most: u64) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        (&self.file).take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Lines without their ends; what comes behind the last end, too, where there is anything.
fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}

fn shown(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(&line[..line.len().min(LINE_MAX)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const ENGINE: EngineId = EngineId([7; 16]);

    struct Scene {
        _dir: tempfile::TempDir,
        layout: Layout,
    }

    impl Scene {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let layout = Layout::new(dir.path());
            fs::create_dir_all(layout.logs(&ENGINE)).unwrap();
            Self { _dir: dir, layout }
        }

        fn print(&self, side: Side, text: &str) {
            let path = self.layout.log(&ENGINE, side);
            let mut file = fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }

        fn rotate(&self, side: Side) {
            let path = self.layout.log(&ENGINE, side);
            fs::rename(&path, confine::older(&path)).unwrap();
        }

        fn read(&self, lines: usize, after: Option<&OutputView>) -> OutputView {
            let side = after.and_then(|view| view.side);
            let after = after.and_then(|view| view.next.as_ref()?.parse().ok());
            read(&self.layout, &ENGINE, Ask { side, lines, after }).unwrap()
        }
    }

    #[test]
    fn the_last_lines_are_read_and_then_what_comes_behind_them_over_a_log_that_is_set_aside() {
        let scene = Scene::new();
        assert_eq!((scene.read(9, None).side, scene.read(9, None).next), (None, None));
        scene.print(Side::Green, "one\ntwo\nthree\n");
        let last = scene.read(2, None);
        assert_eq!((last.side, &last.lines[..]), (Some(Side::Green), &["two".to_owned(), "three".to_owned()][..]));
        assert!(scene.read(9, Some(&last)).lines.is_empty());
        scene.print(Side::Green, "four\nfi");
        let more = scene.read(9, Some(&last));
        assert_eq!((&more.lines[..], more.skipped), (&["four".to_owned()][..], false), "a line comes when it is whole");
        scene.print(Side::Green, "ve\nsix\n");
        scene.rotate(Side::Green);
        scene.print(Side::Green, "seven\n");
        let over = scene.read(2, Some(&more));
        assert_eq!(over.lines, ["five", "six"]);
        assert_eq!(scene.read(9, Some(&over)).lines, ["seven"]);
        assert_eq!(scene.read(3, None).lines, ["five", "six", "seven"]);
        // Set aside twice: what came between is gone, and that is said.
        scene.rotate(Side::Green);
        scene.print(Side::Green, "eight\n");
        scene.rotate(Side::Green);
        scene.print(Side::Green, "nine\n");
        let late = scene.read(9, Some(&more));
        assert_eq!((&late.lines[..], late.skipped), (&["eight".to_owned(), "nine".to_owned()][..], true));
    }

    #[test]
    fn only_what_came_since_the_last_start_is_of_that_start() {
        let lines = ["old", "--- start of shop 1 at now ---", "older", "--- start of shop 2 at now ---", "new"];
        assert_eq!(since_start(lines.map(str::to_owned).to_vec()), ["new"]);
        assert_eq!(since_start(vec!["new".to_owned()]), ["new"]);
    }

    #[test]
    fn a_line_of_any_length_and_of_any_bytes_is_shown_within_bounds() {
        let scene = Scene::new();
        let path = scene.layout.log(&ENGINE, Side::Blue);
        fs::write(&path, [vec![b'x'; 100_000].as_slice(), b"\n\xff\xfe\r\nlast without an end"].concat()).unwrap();
        let view = scene.read(9, None);
        assert_eq!((view.lines[0].len(), view.lines[1].as_str()), (LINE_MAX, "\u{fffd}\u{fffd}"));
        assert_eq!(view.lines[2], "last without an end");
        fs::write(&path, vec![b'y'; 3 << 20]).unwrap();
        let from = OutputView { side: Some(Side::Blue), next: Some("0.0".to_owned()), ..view };
        let view = scene.read(9, Some(&from));
        assert!(view.skipped && view.lines.len() == 1 && view.next.is_some(), "{} lines", view.lines.len());
    }
}
