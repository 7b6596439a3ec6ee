//! Images and fonts: what they say they are, and what they would cost.

use crate::made::*;

fn told(path: &str, bytes: &[u8]) -> String {
    let files = files(&[("theme.css", b"a{color:red}"), (path, bytes)]);
    check(&files).map_or_else(|faults| faults.to_string(), |_| "accepted".to_owned())
}

#[test]
fn every_kind_is_read_and_its_size_is_told() {
    let sized: &[(&str, Vec<u8>)] = &[
        ("a.png", png(30, 20)),
        ("b.jpg", jpeg(30, 20)),
        ("c.gif", gif(30, 20, 3)),
        ("d.webp", webp(30, 20)),
        ("e.webp", lossless_webp(30, 20)),
        ("f.webp", moving_webp(30, 20, 3)),
        ("g.avif", avif(30, 20)),
        ("h.ico", ico(&png(30, 20))),
    ];
    for (path, bytes) in sized {
        let files = files(&[("theme.css", b"a{color:red}"), (path, bytes)]);
        let summary = check(&files).unwrap();
        assert_eq!((summary.files[0].width, summary.files[0].height), (Some(30), Some(20)), "{path}");
        assert_eq!((summary.images, summary.unused), (1, vec![(*path).to_owned()]));
    }
    for (path, bytes) in [
        ("a.ttf", ttf(*b"cmap")),
        ("b.otf", [b"OTTO", &ttf(*b"CFF ")[4..]].concat()),
        ("c.woff", woff(*b"cmap", 100)),
        ("d.woff2", woff2(&[(0, &[100]), (10, &[100, 90]), (63, b"abcd\x04")])),
        ("e.ico", ico(&bitmap(32))),
        ("OFL.txt", b"Copyright, all of it.".to_vec()),
    ] {
        assert_eq!(told(path, &bytes), "accepted", "{path}");
    }
}

#[test]
fn bytes_that_are_not_what_the_name_says_are_refused() {
    for (path, bytes) in [
        ("a.png", jpeg(2, 2)),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("a.jpg", png(2, 2)),
        ("a.woff2", b"<html>".to_vec()),
        ("a.ttf", woff(*b"cmap", 100)),
        ("a.gif", Vec::new()),
        ("a.webp", b"RIFF\0\0\0\0WAVE".to_vec()),
    ] {
        let told = told(path, &bytes);
        assert!(told.starts_with(&format!("{path}:byte 0: file.magic: ")), "{told}");
    }
    assert!(told("a.png", &jpeg(2, 2)).contains("says a PNG image, and its bytes begin as a JPEG image"));
}

#[test]
fn bombs_are_refused_by_their_heads() {
    for (path, bytes, begins) in [
        ("a.png", png(60_000, 60_000), "a.png:byte 16: image.size: "),
        ("a.png", png(8_000, 8_000), "a.png:byte 16: image.size: "),
        ("a.png", png(0, 20), "a.png:byte 16: image.size: "),
        ("a.png", moving_png(100_000), "a.png:byte 16: image.frames: "),
        ("a.jpg", jpeg(65_000, 65_000), "a.jpg:byte 26: image.size: "),
        ("a.gif", gif(65_000, 65_000, 1), "a.gif:byte 6: image.size: "),
        ("a.gif", gif(2, 2, 500), "a.gif:byte 6: image.frames: "),
        ("a.webp", webp(16_000, 16_000), "a.webp:byte 26: image.size: "),
        ("a.webp", lossless_webp(16_000, 16_000), "a.webp:byte 21: image.size: "),
        ("a.webp", moving_webp(1 << 24, 1 << 24, 1), "a.webp:byte 24: image.size: "),
        ("a.webp", moving_webp(2, 2, 500), "a.webp:byte 24: image.frames: "),
        ("a.avif", avif(70_000, 70_000), "a.avif:byte "),
        ("a.ico", ico(&png(4_000, 4_000)), "a.ico:byte 38: image.size: "),
        ("a.ico", ico(&bitmap(4_000)), "a.ico:byte 26: image.size: "),
        ("a.woff", woff(*b"cmap", 1 << 30), "a.woff:byte 56: font.size: "),
        ("a.woff2", woff2(&[(0, &[0x84, 0x80, 0x80, 0x80, 0])]), "a.woff2:byte 48: font.size: "),
    ] {
        let told = told(path, &bytes);
        assert!(told.starts_with(begins), "{path}: {told}");
    }
}

#[test]
fn letters_drawn_by_svg_are_refused() {
    for (path, bytes) in [
        ("a.ttf", ttf(*b"SVG ")),
        ("a.woff", woff(*b"SVG ", 9)),
        ("a.woff2", woff2(&[(36, &[9])])),
        ("a.woff2", woff2(&[(63, b"SVG \x04")])),
    ] {
        let told = told(path, &bytes);
        assert!(told.contains("font.svg: "), "{path}: {told}");
    }
}

#[test]
fn what_is_cut_short_or_hides_something_behind_is_refused() {
    for (path, whole) in [
        ("a.png", png(2, 2)),
        ("a.jpg", jpeg(2, 2)),
        ("a.gif", gif(2, 2, 1)),
        ("a.webp", webp(2, 2)),
        ("a.ico", ico(&png(2, 2))),
        ("a.ttf", ttf(*b"cmap")),
        ("a.woff", woff(*b"cmap", 9)),
        ("a.woff2", woff2(&[(0, &[9])])),
    ] {
        for end in 12..whole.len() {
            assert_ne!(told(path, &whole[..end]), "accepted", "{path} cut at {end} of {}", whole.len());
        }
        assert_eq!(told(path, &whole), "accepted");
    }
    for (path, whole) in [("a.png", png(2, 2)), ("a.jpg", jpeg(2, 2)), ("a.gif", gif(2, 2, 1)), ("a.webp", webp(2, 2))]
    {
        let polyglot = [whole, b"<script>alert(1)</script>".to_vec()].concat();
        assert!(told(path, &polyglot).contains("file.damaged: "), "{path}");
    }
    assert!(told("OFL.txt", b"a\0b").starts_with("OFL.txt:1:2: file.text: "));
    assert!(told("OFL.txt", b"a\n\xff").starts_with("OFL.txt:2:1: file.text: "));
}
