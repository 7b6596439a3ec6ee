//! Images that hold more than their heads say: bombs, second heads, pages in comments.

use crate::made::*;

/// How a theme with this image is answered.
fn told(path: &str, bytes: &[u8]) -> String {
    let files = files(&[("theme.css", b"a{color:red}"), (path, bytes)]);
    check(&files).map_or_else(|faults| faults.to_string(), |_| "accepted".to_owned())
}

/// `fcTL` of a frame of this size.
fn frame(number: u32, width: u32, height: u32) -> Vec<u8> {
    let words = [number, width, height, 0, 0].map(u32::to_be_bytes).concat();
    chunk(*b"fcTL", &[words.as_slice(), &[0, 1, 0, 10, 0, 0]].concat())
}

/// `fdAT` with these pixels.
fn more(number: u32, pixels: &[u8]) -> Vec<u8> {
    chunk(*b"fdAT", &[number.to_be_bytes().as_slice(), &packed(pixels)].concat())
}

fn text(name: [u8; 4], before: &[u8], bytes: &[u8]) -> Vec<u8> {
    chunk(name, &[before, bytes].concat())
}

/// The pixels of an image of 2 × 2, packed.
fn pixels() -> Vec<u8> {
    chunk(*b"IDAT", &packed(&[0; 18]))
}

#[test]
fn a_png_that_says_twice_what_it_is_is_refused() {
    let still = png(2, 2);
    let head = still[8..33].to_vec();
    for (parts, begins) in [
        ([moves(2), moves(1), pixels()].concat(), "a.png:byte 53: file.damaged: the image says twice how many frames"),
        ([moves(300), pixels(), moves(1)].concat(), "a.png:byte 16: image.frames: "),
        ([moves(2), pixels(), moves(1)].concat(), "a.png:byte "),
        ([pixels(), moves(300)].concat(), "a.png:byte "),
        ([head.clone(), pixels()].concat(), "a.png:byte 33: file.damaged: the image says twice its size"),
        ([moves(1), frame(0, 2, 2).repeat(121), pixels()].concat(), "a.png:byte 16: image.frames: "),
        ([moves(1), frame(0, 3, 2), pixels()].concat(), "a.png:byte 53: file.damaged: "),
        ([pixels(), frame(0, 2, 2), pixels()].concat(), "a.png:byte "),
        (moves(1), "a.png:byte "),
    ] {
        let told = told("a.png", &png_of(2, 2, &parts));
        assert!(told.starts_with(begins), "wanted {begins}, told {told}");
    }
    let moving = [moves(2), frame(0, 2, 2), pixels(), frame(1, 2, 1), more(2, &[0; 9])].concat();
    assert_eq!(told("a.png", &png_of(2, 2, &moving)), "accepted");
}

#[test]
fn a_png_that_unpacks_to_more_than_it_needs_is_refused() {
    let bomb = vec![0; 8 << 20];
    let bombs = [
        chunk(*b"IDAT", &packed(&bomb)),
        [moves(2), frame(0, 2, 2), pixels(), frame(1, 2, 2), more(2, &bomb)].concat(),
        [text(*b"iCCP", b"sRGB\0\0", &packed(&bomb)), pixels()].concat(),
        [text(*b"zTXt", b"Comment\0\0", &packed(&bomb)), pixels()].concat(),
        [text(*b"iTXt", b"Comment\0\x01\0en\0\0", &packed(&bomb)), pixels()].concat(),
    ];
    for parts in &bombs {
        let told = told("a.png", &png_of(2, 2, parts));
        assert!(told.starts_with("a.png:byte ") && told.contains(": image.size: this unpacks to far more"), "{told}");
    }
    let inside = told("a.ico", &ico(&png_of(2, 2, &bombs[0])));
    assert!(inside.starts_with("a.ico:byte 63: image.size: "), "{inside}");
    let honest = [
        text(*b"iCCP", b"sRGB\0\0", &packed(&[7; 3_000])),
        text(*b"zTXt", b"Comment\0\0", &packed(b"made by hand")),
        text(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0", b"<?xpacket begin=''?><x:xmpmeta/>"),
        text(*b"tEXt", b"Software\0", b"gimp"),
        // Pixels in two parts, the cut anywhere, and what an old editor left behind the last row.
        chunk(*b"IDAT", &packed(&[0; 40])[..5]),
        chunk(*b"IDAT", &packed(&[0; 40])[5..]),
    ];
    assert_eq!(told("a.png", &png_of(2, 2, &honest.concat())), "accepted");
}

#[test]
fn the_images_of_a_theme_unpack_to_a_bounded_amount() {
    // Each is within its own limit: some 64 MiB of pixels in 64 KiB.
    let one = png_of(4_000, 4_000, &chunk(*b"IDAT", &packed(&vec![0; 4_000 * 16_001])));
    let files: Files = (0..34).map(|n| (format!("img/{n}.png"), one.clone())).chain(with_css("a{color:red}")).collect();
    let told = check(&files).unwrap_err().to_string();
    assert!(told.contains(": theme.limit: the images of a theme unpack to at most 2 GiB"), "{told}");
}

#[test]
fn a_png_that_was_damaged_or_cut_inside_is_refused() {
    let mut changed = png(2, 2);
    changed[26] ^= 1;
    assert!(told("a.png", &changed).starts_with("a.png:byte 8: "), "{}", told("a.png", &changed));
    let mut changed = png(2, 2);
    let last = changed.len() - 14;
    changed[last] ^= 1;
    assert!(told("a.png", &changed).contains("byte 33: file.damaged: the checksum of this part is wrong"));
    for parts in [
        chunk(*b"IDAT", &packed(&[0; 17])),
        chunk(*b"IDAT", &packed(&[0; 18])[..6]),
        chunk(*b"IDAT", b"<script>alert(1)</script>"),
        [text(*b"zTXt", b"Comment\0\x01", &packed(b"x")), pixels()].concat(),
        [text(*b"zTXt", b"Comment", b""), pixels()].concat(),
        [pixels(), chunk(*b"teXt", b""), frame(0, 2, 2), chunk(*b"fdAT", b"abc")].concat(),
    ] {
        let told = told("a.png", &png_of(2, 2, &parts));
        assert!(told.contains(": file.damaged: "), "{told}");
    }
}

#[test]
fn a_page_in_a_comment_is_refused() {
    let page = b"<ScRiPt src=//evil.example></script>";
    let length = u8::try_from(page.len()).unwrap();
    let mut moving = gif(2, 2, 1);
    let at = moving.len() - 1;
    moving.splice(at..at, [b"\x21\xfe\x02<s".as_slice(), &[length - 2], &page[2..], b"\0"].concat());
    let gif_told = told("a.gif", &moving);
    assert!(gif_told.starts_with(&format!("a.gif:byte {at}: image.markup: ")), "{gif_told}");
    let comment = [b"\xff\xfe\0".as_slice(), &[length + 2], page].concat();
    let whole = jpeg(2, 2);
    let jpeg_told = told("a.jpg", &[&whole[..20], &comment, &whole[20..]].concat());
    assert!(jpeg_told.starts_with("a.jpg:byte 24: image.markup: "), "{jpeg_told}");
    for part in [text(*b"tEXt", b"Comment\0", page), text(*b"iTXt", b"Comment\0\0\0\0\0", page)] {
        let told = told("a.png", &png_of(2, 2, &[part, pixels()].concat()));
        assert!(told.starts_with("a.png:byte 41: image.markup: "), "{told}");
    }
    let mut honest = gif(2, 2, 1);
    honest.splice(at..at, b"\x21\xfe\x0fMade with <3 :)\0".to_vec());
    assert_eq!(told("a.gif", &honest), "accepted");
}

#[test]
fn behind_a_jpeg_stand_further_images_alone() {
    let whole = jpeg(9, 9);
    let twice = [&whole[..whole.len() - 2], &whole[21..]].concat();
    assert!(told("a.jpg", &twice).contains(": file.damaged: the image says twice how large it is"));
    // A scan with a zero behind each 255, a mark to start again from, and then the end.
    let scan = b"\xff\xda\0\x08\x01\x01\0\0\x3f\0ab\xff\0c\xff\xd0d";
    let drawn = [&whole[..whole.len() - 2], scan, b"\xff\xd9"].concat();
    assert_eq!(told("a.jpg", &drawn), "accepted");
    assert_eq!(told("a.jpg", &[drawn.as_slice(), &[0; 9], &whole].concat()), "accepted", "as a phone writes it");
    for behind in [b"<html><script>alert(1)</script>".as_slice(), b"\0\0<html>", b"\0\0\0\x18ftypmp42", b"\xff\xd8"] {
        let told = told("a.jpg", &[drawn.as_slice(), behind].concat());
        assert!(told.contains(": file.damaged: something is hidden behind the end of the image"), "{told}");
    }
    let large = told("a.jpg", &[drawn.as_slice(), &jpeg(65_000, 65_000)].concat());
    assert!(large.contains(": image.size: "), "{large}");
}
