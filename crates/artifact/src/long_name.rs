//! Names that no ustar header holds: a pax extended header (POSIX.1-2017, pax, "pax Extended Header") with one record,
//! `path`, before the file. Written where the name needs it and nowhere else, and read no other way.

use crate::{
    ArtifactError, Mode,
    path::{MAX_PATH, fits_ustar},
};
use std::io::Read;
use tar::{Entry, EntryType, Header};

/// What the header of such a file says in place of its name.
pub(crate) const STAND_IN: &str = "long-name";
/// What the extended header itself is called.
const EXTENSION: &str = "pax-header";

/// An extended header and its record.
type Extension = (Header, Vec<u8>);

/// The record: its own length in decimal digits, a space, `path=`, the name and a line feed.
fn record(path: &str) -> Vec<u8> {
    let rest = " path=".len() + path.len() + 1;
    let mut len = rest + 1;
    while len != rest + len.to_string().len() {
        len = rest + len.to_string().len();
    }
    format!("{len} path={path}\n").into_bytes()
}

/// The header of a file, and what stands before it where its name needs that.
pub(crate) fn headers(path: &str, mode: Mode, size: u64) -> Result<(Option<Extension>, Header), ArtifactError> {
    if fits_ustar(path) {
        return Ok((None, header(path, EntryType::Regular, mode, size)?));
    }
    let record = record(path);
    let before = header(EXTENSION, EntryType::XHeader, Mode::Read, record.len() as u64)?;
    Ok((Some((before, record)), header(STAND_IN, EntryType::Regular, mode, size)?))
}

/// The name that an extended header gives to the file after it.
pub(crate) fn read(member: &mut Entry<'_, impl Read>) -> Result<String, ArtifactError> {
    let other = |what: &str| ArtifactError::Archive(format!("an extended header {what}"));
    if member.path_bytes().as_ref() != EXTENSION.as_bytes() || member.size() > (MAX_PATH + 16) as u64 {
        return Err(other("is not one that `artifact pack` writes"));
    }
    let mut bytes = Vec::new();
    member.read_to_end(&mut bytes).map_err(|e| ArtifactError::Archive(e.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| other("names a file that is not UTF-8"))?;
    let name = text.split_once(" path=").and_then(|(_, name)| name.strip_suffix('\n'));
    let name = name.ok_or_else(|| other("holds something else than one name"))?;
    if record(name) != bytes {
        return Err(other("holds something else than one name"));
    }
    if fits_ustar(name) {
        return Err(other("stands before a name that needs none"));
    }
    Ok(name.to_owned())
}

fn header(path: &str, kind: EntryType, mode: Mode, size: u64) -> Result<Header, ArtifactError> {
    let mut header = Header::new_ustar();
    header.set_path(path).map_err(|_| ArtifactError::path(path, "it does not fit the archive; shorten it"))?;
    header.set_size(size);
    header.set_mode(mode.bits());
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_entry_type(kind);
    header.set_cksum();
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_itself() {
        for len in 1..=MAX_PATH {
            let record = record(&"x".repeat(len));
            let (count, _) = std::str::from_utf8(&record).unwrap().split_once(' ').unwrap();
            assert_eq!(count.parse::<usize>().unwrap(), record.len());
        }
        assert_eq!(record("é"), b"11 path=\xc3\xa9\n");
    }
}
