//! PNG (W3C PNG, third edition): chunks from `IHDR` to `IEND`, each with its checksum, and nothing behind. What is packed is
//! unpacked, for only that tells how much it is.

use crate::bytes::{Bytes, Wrong};
use crate::image::markup;
use crate::image::pixels::Pixels;
use crate::image::unpack::{Room, Unpack};
use crate::picture::Picture;

/// Most bytes that a colour profile or a packed text unpacks to: profiles for print are the largest, of some 3 MiB.
const MAX_BESIDE: u64 = 4 << 20;

/// Reads the PNG that begins at `start` and fills the rest of the bytes.
pub(super) fn read(bytes: Bytes, start: usize, room: &mut Room) -> Result<Picture, Wrong> {
    let mut at = start + 8;
    if bytes.size_be(at)? != 13 || &bytes.tag(at + 4)? != b"IHDR" {
        return Err(Wrong::broken(at));
    }
    let picture = Picture::still(bytes.u32_be(at + 8)?, bytes.u32_be(at + 12)?, at + 8);
    // Before anything is unpacked.
    picture.check()?;
    let pixels = Pixels::read(bytes, at + 16)?;
    let mut reading =
        Reading { bytes, room, pixels, picture, moves: None, frames: 0, size: None, data: None, drawn: false };
    while !reading.chunk(at)? {
        at = behind(bytes, at)?;
    }
    Ok(reading.picture)
}

/// Where the chunk behind this one begins.
fn behind(bytes: Bytes, at: usize) -> Result<usize, Wrong> {
    bytes.size_be(at)?.checked_add(at + 12).ok_or_else(|| Wrong::broken(at))
}

struct Reading<'a> {
    bytes: Bytes<'a>,
    room: &'a mut Room,
    pixels: Pixels,
    picture: Picture,
    /// Frames, as `acTL` says.
    moves: Option<u32>,
    /// Frames that were met.
    frames: u32,
    /// Size of the frame that begins, if one does.
    size: Option<(u32, u32)>,
    /// The packed pixels that are being read, and how many bytes they must come to.
    data: Option<(Unpack, u64)>,
    /// Whether the image itself was met.
    drawn: bool,
}

impl Reading<'_> {
    /// Reads the chunk at this byte; says whether it is the last one.
    fn chunk(&mut self, at: usize) -> Result<bool, Wrong> {
        let (length, name) = (self.bytes.size_be(at)?, self.bytes.tag(at + 4)?);
        let (inner, end) = (at + 8, behind(self.bytes, at)?);
        let data = self.bytes.slice(inner, length)?;
        if crc32fast::hash(self.bytes.slice(at + 4, length + 4)?) != self.bytes.u32_be(inner + length)? {
            let why = "the checksum of this part is wrong: the file was damaged, or changed by hand; export it again";
            return Err(Wrong::new(at, "file.damaged", why));
        }
        match &name {
            b"IHDR" if inner != self.picture.at => return Err(twice(at, "its size")),
            b"acTL" => self.moves(at)?,
            b"fcTL" => self.frame(at)?,
            b"IDAT" => self.image(inner, data)?,
            b"fdAT" => self.data(inner + 4, data.get(4..).ok_or_else(|| Wrong::broken(at))?)?,
            b"iCCP" | b"zTXt" => self.packed(inner, after_nul(data, 0, at)?, data)?,
            b"tEXt" => markup::none_in(inner, data)?,
            b"iTXt" => self.text(inner, data)?,
            b"IEND" => {
                self.finish_data()?;
                if !self.drawn {
                    return Err(Wrong::broken(at));
                }
                if end != self.bytes.len() {
                    let why = "something is hidden behind the end of the image; export it again";
                    return Err(Wrong::new(end, "file.damaged", why));
                }
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    /// `acTL`: how many frames there are. A second one would be believed by some browsers in place of the first.
    fn moves(&mut self, at: usize) -> Result<(), Wrong> {
        if self.moves.is_some() {
            return Err(twice(at, "how many frames it has"));
        }
        if self.drawn {
            return Err(Wrong::broken(at));
        }
        let told = self.bytes.u32_be(at + 8)?;
        self.moves = Some(told);
        self.picture.frames = self.picture.frames.max(told);
        self.picture.check()
    }

    /// `fcTL`: a frame begins, within the image.
    fn frame(&mut self, at: usize) -> Result<(), Wrong> {
        self.finish_data()?;
        self.frames = self.frames.saturating_add(1);
        self.picture.frames = self.picture.frames.max(self.frames);
        self.picture.check()?;
        let side = |size, from, whole| {
            let (size, from) = (self.bytes.u32_be(size)?, self.bytes.u32_be(from)?);
            let fits = size > 0 && from.checked_add(size).is_some_and(|end| end <= whole);
            if fits { Ok(size) } else { Err(Wrong::broken(at)) }
        };
        let width = side(at + 12, at + 20, self.picture.width)?;
        self.size = Some((width, side(at + 16, at + 24, self.picture.height)?));
        Ok(())
    }

    /// `IDAT`: a piece of the image itself, which is its first frame where an `fcTL` stands before it.
    fn image(&mut self, at: usize, piece: &[u8]) -> Result<(), Wrong> {
        if self.drawn && self.data.is_none() {
            return Err(Wrong::broken(at));
        }
        self.drawn = true;
        self.size = Some((self.picture.width, self.picture.height)).filter(|_| self.data.is_none());
        self.data(at, piece)
    }

    fn data(&mut self, at: usize, piece: &[u8]) -> Result<(), Wrong> {
        if let Some((width, height)) = self.size.take() {
            let needs = self.pixels.unpacked(width, height);
            self.data = Some((Unpack::new(at, needs + Pixels::SLACK), needs));
        }
        let (unpack, _) = self.data.as_mut().ok_or_else(|| Wrong::broken(at))?;
        unpack.feed(at, piece, self.room)
    }

    fn finish_data(&mut self) -> Result<(), Wrong> {
        self.data.take().map_or(Ok(()), |(unpack, needs)| unpack.finish(needs))
    }

    /// `iTXt`: a keyword, whether it is packed and how, a language, the keyword in it, the text.
    fn text(&mut self, at: usize, data: &[u8]) -> Result<(), Wrong> {
        let flag = after_nul(data, 0, at)?;
        let text = after_nul(data, after_nul(data, flag + 2, at)?, at)?;
        let written = data.get(text..).unwrap_or_default();
        match (data.get(flag), data.get(flag + 1)) {
            (Some(0), _) => markup::none_in(at, written),
            (Some(1), Some(0)) => self.unpacked(at + text, written),
            _ => Err(Wrong::broken(at)),
        }
    }

    /// What is packed behind one byte that says by which method: there is one.
    fn packed(&mut self, at: usize, method: usize, data: &[u8]) -> Result<(), Wrong> {
        match data.get(method..).and_then(<[u8]>::split_first) {
            Some((0, packed)) => self.unpacked(at + method + 1, packed),
            _ => Err(Wrong::broken(at)),
        }
    }

    fn unpacked(&mut self, at: usize, packed: &[u8]) -> Result<(), Wrong> {
        let mut unpack = Unpack::new(at, MAX_BESIDE);
        unpack.feed(at, packed, self.room)?;
        unpack.finish(0)
    }
}

fn twice(at: usize, what: &str) -> Wrong {
    Wrong::new(at, "file.damaged", format!("the image says twice {what}; export it again"))
}

/// Behind the next NUL of a text; `at` is where the chunk stands.
fn after_nul(data: &[u8], from: usize, at: usize) -> Result<usize, Wrong> {
    let rest = data.get(from..).ok_or_else(|| Wrong::broken(at))?;
    rest.iter().position(|byte| *byte == 0).map(|found| from + found + 1).ok_or_else(|| Wrong::broken(at))
}
