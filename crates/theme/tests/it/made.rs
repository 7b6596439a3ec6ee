//! Files that tests are made of.

use std::collections::BTreeMap;
use theme::{Faults, Summary};

/// Paths and bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

pub fn files(of: &[(&str, &[u8])]) -> Files {
    of.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect()
}

/// A style sheet beside the image `img/a.png` and the font `fonts/a.ttf`.
pub fn with_css(css: &str) -> Files {
    files(&[("theme.css", css.as_bytes()), ("img/a.png", &png(2, 2)), ("fonts/a.ttf", &ttf(*b"cmap"))])
}

pub fn check(files: &Files) -> Result<Summary, Faults> {
    let read = |path: &str, limit: u64| {
        let bytes = &files[path];
        let end = bytes.len().min(usize::try_from(limit).unwrap());
        Ok::<_, std::convert::Infallible>(bytes[..end].to_vec())
    };
    theme::check(files.keys().cloned(), read).unwrap()
}

/// The first fault as people see it.
pub fn first(files: &Files) -> String {
    match check(files) {
        Ok(summary) => panic!("accepted: {summary:?}"),
        Err(faults) => faults.faults[0].to_string(),
    }
}

/// A part of a PNG.
pub fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let named = [name.as_slice(), data].concat();
    [length.to_be_bytes().as_slice(), &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}

/// Bytes as a PNG packs them.
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6)
}

/// A PNG of nothing; one that is too large has no pixels.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let pixels = u64::from(height) * (1 + 4 * u64::from(width));
    png_of(width, height, &chunk(*b"IDAT", &packed(&vec![0; usize::try_from(pixels.min(1 << 20)).unwrap()])))
}

/// A PNG with these parts between its size and its end.
pub fn png_of(width: u32, height: u32, parts: &[u8]) -> Vec<u8> {
    let head = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(*b"IHDR", &head), parts, &chunk(*b"IEND", &[])].concat()
}

/// The part of a PNG that says that it moves through so many frames.
pub fn moves(frames: u32) -> Vec<u8> {
    chunk(*b"acTL", &[frames.to_be_bytes(), [0; 4]].concat())
}

pub fn moving_png(frames: u32) -> Vec<u8> {
    let still = png(2, 2);
    [&still[..33], &moves(frames), &still[33..]].concat()
}

pub fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    let app = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
    [b"\xff\xd8".as_slice(), app, b"\xff\xff\xc2\x00\x0b\x08", &size, b"\x01\x01\x11\x00\xff\xd9"].concat()
}

pub fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
    let frame = [b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0".as_slice(), &size, b"\0\x02\x02\x4c\x01\0"].concat();
    [b"GIF89a".as_slice(), &size, b"\x80\0\0\0\0\0\xff\xff\xff", &frame.repeat(frames), b";"].concat()
}

fn riff(chunks: &[u8]) -> Vec<u8> {
    let length = u32::try_from(chunks.len() + 4).unwrap();
    [b"RIFF".as_slice(), &length.to_le_bytes(), b"WEBP", chunks].concat()
}

fn riff_chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let padding = [0][..data.len() % 2].to_vec();
    [name.as_slice(), &length.to_le_bytes(), data, &padding].concat()
}

pub fn webp(width: u16, height: u16) -> Vec<u8> {
    let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
    riff(&riff_chunk(*b"VP8 ", &[b"\0\0\0\x9d\x01\x2a".as_slice(), &sides].concat()))
}

pub fn lossless_webp(width: u32, height: u32) -> Vec<u8> {
    let sides = (width - 1) | (height - 1) << 14;
    riff(&riff_chunk(*b"VP8L", &[b"\x2f".as_slice(), &sides.to_le_bytes()].concat()))
}

pub fn moving_webp(width: u32, height: u32, frames: usize) -> Vec<u8> {
    let u24 = |n: u32| n.to_le_bytes()[..3].to_vec();
    let head = [vec![2, 0, 0, 0], u24(width - 1), u24(height - 1)].concat();
    let frame = riff_chunk(*b"ANMF", &[0; 16]);
    riff(&[riff_chunk(*b"VP8X", &head), frame.repeat(frames)].concat())
}

fn boxed(name: [u8; 4], inner: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inner.len() + 8).unwrap();
    [&length.to_be_bytes(), name.as_slice(), inner].concat()
}

pub fn avif(width: u32, height: u32) -> Vec<u8> {
    let size = boxed(*b"ispe", &[[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat());
    let properties = boxed(*b"iprp", &boxed(*b"ipco", &[boxed(*b"pixi", &[0; 8]), size].concat()));
    let meta = boxed(*b"meta", &[[0; 4].to_vec(), boxed(*b"hdlr", &[0; 24]), properties].concat());
    [boxed(*b"ftyp", b"avif\0\0\0\0avifmif1"), meta, boxed(*b"mdat", &[0; 5])].concat()
}

/// An icon that holds this picture.
pub fn ico(picture: &[u8]) -> Vec<u8> {
    let length = u32::try_from(picture.len()).unwrap();
    [b"\0\0\x01\0\x01\0\x20\x20\0\0\x01\0\x20\0".as_slice(), &length.to_le_bytes(), &22_u32.to_le_bytes(), picture]
        .concat()
}

pub fn bitmap(side: u32) -> Vec<u8> {
    [[40, 0, 0, 0].as_slice(), &side.to_le_bytes(), &(2 * side).to_le_bytes(), &[0; 40]].concat()
}

/// A font of one table.
pub fn ttf(table: [u8; 4]) -> Vec<u8> {
    [b"\0\x01\0\0\0\x01\0\0\0\0\0\0".as_slice(), &table, &[0; 4], &28_u32.to_be_bytes(), &4_u32.to_be_bytes(), &[0; 4]]
        .concat()
}

pub fn woff(table: [u8; 4], unpacked: u32) -> Vec<u8> {
    let entry =
        [table.as_slice(), &64_u32.to_be_bytes(), &4_u32.to_be_bytes(), &unpacked.to_be_bytes(), &[0; 4]].concat();
    let head =
        [b"wOFF\0\x01\0\0".as_slice(), &68_u32.to_be_bytes(), b"\0\x01\0\0", &100_u32.to_be_bytes(), &[0; 24]].concat();
    [head, entry, vec![0; 4]].concat()
}

/// `tables` are their names as numbers, flags included, each with the bytes that stand behind it.
pub fn woff2(tables: &[(u8, &[u8])]) -> Vec<u8> {
    let directory: Vec<u8> = tables.iter().flat_map(|(flags, rest)| [&[*flags], *rest].concat()).collect();
    let length = u32::try_from(48 + directory.len() + 3).unwrap();
    let count = u16::try_from(tables.len()).unwrap();
    let head =
        [b"wOF2\0\x01\0\0".as_slice(), &length.to_be_bytes(), &count.to_be_bytes(), &[0; 2], &100_u32.to_be_bytes()];
    [head.concat(), 3_u32.to_be_bytes().to_vec(), vec![0; 24], directory, vec![0; 3]].concat()
}
