//! Fonts: that they are whole, and what they unpack to, from their tables of contents.

use crate::bytes::{Bytes, Wrong};
use crate::kind::Kind;

/// Most bytes a font has once it is unpacked.
pub const MAX_UNPACKED_BYTES: u64 = 24 << 20;
/// Most tables of one font; OpenType knows some seventy.
const MAX_TABLES: u16 = 100;
/// Place of `SVG ` among the names that WOFF2 writes as numbers (W3C WOFF2, section 5.1).
const WOFF2_SVG: u8 = 36;
const WOFF2_GLYF: u8 = 10;
const WOFF2_LOCA: u8 = 11;
/// The number that says that the name itself follows.
const WOFF2_NAMED: u8 = 63;

/// Checks a font file.
pub(crate) fn check(kind: Kind, bytes: &[u8]) -> Result<(), Wrong> {
    let bytes = Bytes(bytes);
    match kind {
        Kind::Woff => woff(bytes),
        Kind::Woff2 => woff2(bytes),
        _ => sfnt(bytes),
    }
}

fn tables(bytes: Bytes, at: usize) -> Result<usize, Wrong> {
    let count = bytes.u16_be(at)?;
    if (1..=MAX_TABLES).contains(&count) { Ok(count.into()) } else { Err(Wrong::broken(at)) }
}

fn table(name: [u8; 4], at: usize) -> Result<(), Wrong> {
    if &name == b"SVG " {
        let why = "the font draws its letters by SVG, which is a document of its own; export it without colours";
        return Err(Wrong::new(at, "font.svg", why));
    }
    Ok(())
}

fn unpacked(total: u64, at: usize) -> Result<(), Wrong> {
    if total > MAX_UNPACKED_BYTES {
        let why = format!("the font unpacks to more than {} MiB; make a subset of it", MAX_UNPACKED_BYTES >> 20);
        return Err(Wrong::new(at, "font.size", why));
    }
    Ok(())
}

/// TrueType and OpenType (ISO/IEC 14496-22): tables by place and length.
fn sfnt(bytes: Bytes) -> Result<(), Wrong> {
    for index in 0..tables(bytes, 4)? {
        let at = 12 + 16 * index;
        table(bytes.tag(at)?, at)?;
        bytes.slice(bytes.size_be(at + 8)?, bytes.size_be(at + 12)?)?;
    }
    Ok(())
}

/// WOFF 1.0: tables packed one by one.
fn woff(bytes: Bytes) -> Result<(), Wrong> {
    whole(bytes)?;
    // What the head says the font unpacks to, and what the notes about it do.
    let mut total = u64::from(bytes.u32_be(32)?);
    unpacked(u64::from(bytes.u32_be(16)?), 16)?;
    for index in 0..tables(bytes, 12)? {
        let at = 44 + 20 * index;
        table(bytes.tag(at)?, at)?;
        bytes.slice(bytes.size_be(at + 4)?, bytes.size_be(at + 8)?)?;
        total += u64::from(bytes.u32_be(at + 12)?);
        unpacked(total, at + 12)?;
    }
    Ok(())
}

/// WOFF 2.0: one stream for all tables, their sizes before it.
fn woff2(bytes: Bytes) -> Result<(), Wrong> {
    whole(bytes)?;
    let mut total = u64::from(bytes.u32_be(36)?);
    unpacked(u64::from(bytes.u32_be(16)?), 16)?;
    let mut at = 48;
    for _ in 0..tables(bytes, 12)? {
        let start = at;
        let flags = bytes.u8(at)?;
        at += 1;
        match flags & 63 {
            WOFF2_NAMED => {
                table(bytes.tag(at)?, at)?;
                at += 4;
            }
            WOFF2_SVG => table(*b"SVG ", start)?,
            _ => {}
        }
        let size;
        (size, at) = number(bytes, at)?;
        total += u64::from(size);
        unpacked(total, start)?;
        // Outlines are transformed unless they say not; every other table says when it is.
        let version = flags >> 6;
        let outlines = matches!(flags & 63, WOFF2_GLYF | WOFF2_LOCA);
        if if outlines { version != 3 } else { version != 0 } {
            (_, at) = number(bytes, at)?;
        }
    }
    bytes.slice(at, bytes.size_be(20)?).map(drop)
}

/// The head's own length is that of the file, and the font is one and no collection.
fn whole(bytes: Bytes) -> Result<(), Wrong> {
    if &bytes.tag(4)? == b"ttcf" {
        let why = "several fonts in one file are not allowed; export each by itself";
        return Err(Wrong::new(4, "file.damaged", why));
    }
    if bytes.size_be(8)? == bytes.len() { Ok(()) } else { Err(Wrong::broken(8)) }
}

/// A number in 1 to 5 bytes of seven bits (`UIntBase128`), and where the next one begins.
fn number(bytes: Bytes, at: usize) -> Result<(u32, usize), Wrong> {
    let mut value = 0_u32;
    for index in 0..5 {
        let byte = bytes.u8(at + index)?;
        if (index == 0 && byte == 0x80) || value > u32::MAX >> 7 {
            return Err(Wrong::broken(at));
        }
        value = value << 7 | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((value, at + index + 1));
        }
    }
    Err(Wrong::broken(at))
}
