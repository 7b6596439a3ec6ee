//! Pages and scripts inside the words of an image: comments are for people, and none of them is a page.
//!
//! What is let through is metadata that cameras and editors write in forms of their own (EXIF, XMP, colour profiles, a
//! block of an application) and the pixels, where anybody can put any bytes. That is harmless: an image is served as the
//! image that its name says, with `nosniff`, so no browser takes it for a page. A comment is refused because no export
//! needs markup in it, and whoever looks for a way in begins there.

use crate::bytes::Wrong;

const OPENINGS: &[&str] =
    &["<!doctype", "<html", "<head", "<body", "<script", "<iframe", "<object", "<embed", "<svg", "<?php"];

/// Refuses a comment at this byte that holds markup.
pub(super) fn none_in(at: usize, comment: &[u8]) -> Result<(), Wrong> {
    let opens = |rest: &[u8], opening: &&str| {
        rest.get(..opening.len()).is_some_and(|start| start.eq_ignore_ascii_case(opening.as_bytes()))
    };
    let begins = |from: &usize| {
        let rest = comment.get(*from..).unwrap_or_default();
        rest.first() == Some(&b'<') && OPENINGS.iter().any(|opening| opens(rest, opening))
    };
    match (0..comment.len()).find(begins) {
        Some(_) => {
            let why = "a comment inside this image holds markup; export it again without comments";
            Err(Wrong::new(at, "image.markup", why))
        }
        None => Ok(()),
    }
}
