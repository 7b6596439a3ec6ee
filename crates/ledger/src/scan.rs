//! Reading frames back: valid, the end, cut off, or damaged.

use crate::frame::{CHECKSUM, FRAME_MAX, HEADER, Head, Span, VERSION};
use sha2::{Digest as _, Sha256};

/// A write reaches the medium in whole sectors of this many bytes.
const SECTOR: usize = 512;

/// A set of segments: the entries, or the checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Set {
    pub magic: &'static [u8; 8],
    pub prefix: &'static str,
    /// A frame starts at the index where the one before ended; otherwise only somewhere beyond.
    pub contiguous: bool,
}

pub(crate) const ENTRIES: Set = Set { magic: b"cs-entry", prefix: "", contiguous: true };
pub(crate) const CHECKPOINTS: Set = Set { magic: b"cs-check", prefix: "checkpoints-", contiguous: false };

impl Set {
    pub(crate) fn file_name(&self, segment: u32) -> String {
        format!("{}{segment:08}.seg", self.prefix)
    }

    /// What the very first frame must say.
    pub(crate) fn start(&self) -> Head {
        let previous = model::Digest::of_object("segments", self.magic).0;
        Head { magic: self.magic, sequence: 0, segment: 0, first: 0, previous }
    }
}

/// A frame that checks out.
pub(crate) struct View<'a> {
    pub bytes: &'a [u8],
    pub first: u64,
    pub sequence: u64,
    pub checksum: [u8; 32],
    pub spans: Vec<Span>,
}

impl View<'_> {
    /// What the frame after this one must say, in the same segment.
    pub(crate) fn next(&self, set: Set, segment: u32) -> Head {
        let first = self.first + if set.contiguous { self.spans.len() as u64 } else { 1 };
        Head { magic: set.magic, sequence: self.sequence + 1, segment, first, previous: self.checksum }
    }
}

/// What stands at an offset.
pub(crate) enum Step<'a> {
    Frame(View<'a>),
    /// Zeros to the end of the file.
    End,
    Bad {
        why: String,
        unfinished: bool,
    },
}

/// Reads what stands at `at`, where `expect` says what must.
pub(crate) fn step<'a>(file: &'a [u8], at: usize, expect: &Head, set: Set) -> Step<'a> {
    let rest = file.get(at..).unwrap_or_default();
    let why = match parse(rest, *expect.magic) {
        Ok(view) => match mismatch(&view, rest, expect, set) {
            None => return Step::Frame(view),
            Some(why) => return Step::Bad { why, unfinished: false },
        },
        Err(why) => why,
    };
    if rest.iter().all(|byte| *byte == 0) {
        return Step::End;
    }
    Step::Bad { why: why.to_owned(), unfinished: unfinished(rest, at, expect, set) }
}

/// The frame at the start of `rest`, if its checksum holds, whatever it is bound to.
pub(crate) fn parse(rest: &[u8], magic: [u8; 8]) -> Result<View<'_>, &'static str> {
    if rest.len() < HEADER + CHECKSUM || rest[..8] != magic {
        return Err("no frame starts here, yet the bytes are not all zero");
    }
    let end = HEADER + number(&rest[36..40]);
    if end + CHECKSUM > rest.len().min(FRAME_MAX) {
        return Err("the frame's length reaches beyond its file or its limit");
    }
    let checksum: [u8; 32] = Sha256::digest(&rest[..end]).into();
    if rest[end..end + CHECKSUM] != checksum {
        return Err("the frame's checksum does not match its bytes");
    }
    let spans = spans(&rest[..end]).ok_or("the frame's entries do not fill its body")?;
    let bytes = &rest[..end + CHECKSUM];
    Ok(View { bytes, first: number64(&rest[24..32]), sequence: number64(&rest[12..20]), checksum, spans })
}

fn spans(frame: &[u8]) -> Option<Vec<Span>> {
    let count = number(&frame[32..36]);
    let mut spans = Vec::with_capacity(count.min(4_096));
    let mut at = HEADER;
    for _ in 0..count {
        let leaf_len = number(frame.get(at..at + 4)?);
        let payload_at = at + 4 + leaf_len;
        let payload_len = number(frame.get(payload_at..payload_at + 4)?);
        let narrow = |n: usize| u32::try_from(n).ok();
        spans.push(Span { at: narrow(at + 4)?, leaf_len: narrow(leaf_len)?, payload_len: narrow(payload_len)? });
        at = payload_at + 4 + payload_len;
    }
    (at == frame.len() && count > 0).then_some(spans)
}

/// In what a frame with a good checksum differs from the one that must stand here.
fn mismatch(view: &View<'_>, rest: &[u8], expect: &Head, set: Set) -> Option<String> {
    let version = number(&rest[8..12]);
    let segment = number(&rest[20..24]);
    if version != VERSION as usize {
        return Some(format!("it has format version {version}, this binary reads version {VERSION}"));
    }
    if view.sequence != expect.sequence {
        return Some(format!(
            "frame {} stands where frame {} must: frames are missing or moved",
            view.sequence, expect.sequence
        ));
    }
    if segment != expect.segment as usize {
        return Some(format!("the frame belongs to segment {segment}"));
    }
    if rest[40..72] != expect.previous {
        return Some("the frame does not follow the one before it: one of the two was replaced".to_owned());
    }
    let in_order = if set.contiguous { view.first == expect.first } else { view.first >= expect.first };
    (!in_order).then(|| format!("the frame starts at {}, where {} must follow", view.first, expect.first))
}

/// Whether a bad frame can be one write that was cut off: the file held zeros before, so each
/// byte is either what was to be written or zero, and some sector was never written.
fn unfinished(rest: &[u8], at: usize, expect: &Head, set: Set) -> bool {
    let want = expect.encode(0, 0);
    let unknown = |i: usize| (32..40).contains(&i) || (!set.contiguous && (24..32).contains(&i));
    let mut complete = rest.len() >= HEADER;
    for (i, (have, want)) in rest.iter().zip(want).enumerate() {
        if unknown(i) || *have == want {
            continue;
        }
        if *have != 0 {
            return false;
        }
        complete = false;
    }
    let written = rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if !complete {
        return written <= FRAME_MAX;
    }
    let total = HEADER + number(&rest[36..40]) + CHECKSUM;
    if total > FRAME_MAX || written > total {
        return false;
    }
    rest.len() < total || rest[total - 1] == 0 || has_zero_sector(&rest[..total], at)
}

fn has_zero_sector(frame: &[u8], at: usize) -> bool {
    let first = (SECTOR - at % SECTOR).min(frame.len());
    let (head, tail) = frame.split_at(first);
    std::iter::once(head).chain(tail.chunks(SECTOR)).any(|sector| sector.iter().all(|byte| *byte == 0))
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte))
}

fn number64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
}
