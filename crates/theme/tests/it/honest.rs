//! What honest themes do passes.

use crate::made::{Files, check, png, ttf, with_css, woff2};
use std::fmt::Write as _;

/// What style sheets of real shops are made of.
const CSS: &str = r#"/* Copyright 2026 Acme, https://acme.example/licence */
:root { --ink: #1c2430; --shop-font: "Acme Sans", system-ui, sans-serif; --gap: clamp(1rem, 2.5vw, 2rem); --big: ; }
@layer reset, shop;
@font-face {
  font-family: "Acme Sans"; font-weight: 100 900; font-display: swap; unicode-range: U+0000-00FF, U+4??, u+26;
  src: local("Acme Sans"), url("fonts/a.ttf") format("truetype") tech(variations);
}
@property --tilt { syntax: "<length> | <percentage>"; inherits: false; initial-value: 0px }
@media screen and (400px <= width < 900px), print and (orientation: landscape) { .card { padding: 0 } }
@supports (display: grid) and (not (gap: 1px)) { .grid { display: -webkit-box } }
@supports selector(:has(a)) { main:has(> .hero) { margin: 0 } }
@container shop (inline-size > 40rem) { .card { display: grid } }
@layer shop { .card:is(:hover, :focus-within) > h3:not(.quiet)::before { content: "→" } }
@scope (.card) to (.price) { img { border-radius: 4px } }
@keyframes rise { from { opacity: 0; transform: translate3d(0, 8px, 0) } 33.3% { opacity: .5 } to { opacity: 1 } }
@page :first { margin: 2cm }
header { position: -webkit-sticky; position: sticky; top: 0; z-index: 2; background: color-mix(in oklab, var(--ink), white 90%) }
.brand { background: url( img/a.png ) no-repeat 0 50% / contain, linear-gradient(120deg, #fff, #eee 40%) }
.brand::after { content: ""; content: url("img/a.png") / ""; position: absolute; inset: 0 }
.\31 0\:wide, a[href^="/"], a[target="_blank" i], li:nth-child(2n + 1 of .card), p::first-line, ul > li ~ li + li { color: rgb(0 0 0 / .6) }
q { quotes: "«" "»" "‹" "›" } q::before { content: open-quote } .icon::before { content: "\e900" }
.sep::after { content: "\201C\A" ; white-space: pre }
ul { list-style: "– " } ol { list-style: decimal inside } li::marker { content: "✓ " }
.grid { display: grid; grid-template: "a a" auto "b c" 1fr / minmax(0, 1fr) [end] repeat(auto-fit, minmax(min(15rem, 100%), 1fr)) }
.card { & h3 { color: inherit } &:hover { @media (hover: hover) { transform: scale(1.02) } } transition: transform .2s cubic-bezier(.2, 0, 0, 1) }
.sr { position: absolute !important; width: 1px; clip-path: inset(50%); clip-path: path("M0 0L1 1") }
button { -webkit-appearance: none; appearance: none; font: 600 1rem/1.2 var(--shop-font); filter: drop-shadow(0 1px 2px #0003) }
h1 { font-variant-alternates: styleset(nice); font-feature-settings: "ss01" on, "tnum"; text-wrap: balance }
.menu { display: none; visibility: hidden; pointer-events: auto }
@media (prefers-reduced-motion: reduce) { * { animation: none !important } }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; --ink: light-dark(#111, #eee) } }
"#;

#[test]
fn what_style_sheets_of_shops_are_made_of_passes() {
    let summary = check(&with_css(CSS)).map_err(|faults| faults.to_string()).unwrap();
    assert_eq!((summary.images, summary.fonts, summary.unused.len()), (1, 1, 0));
    assert_eq!(summary.sheets, ["theme.css"]);
    assert!(summary.selectors > 30);
    let hides: Vec<_> = summary.hides.iter().map(|note| &*note.what).collect();
    assert_eq!(hides, ["opacity: 0", "display: none", "visibility: hidden"]);
    let note = &check(&with_css("a {\n  DISPLAY : None !important }")).unwrap().hides[0];
    assert_eq!((note.line, note.column, &*note.what), (2, 3, "display: none"));
    for css in ["", "\n", "/* nothing yet */", "a{}", "a{color:red;}", "a{--x:}"] {
        assert!(check(&with_css(css)).is_ok(), "{css:?}");
    }
}

#[test]
fn a_theme_of_two_hundred_files_with_fonts_passes() {
    let mut files = Files::new();
    let mut css = CSS.replace("img/a.png", "../img/0.png").replace("fonts/a.ttf", "../fonts/0%20(latin).ttf");
    for n in 0..150 {
        files.insert(format!("img/{n}.png"), png(40 + n, 40));
        writeln!(css, ".card:nth-child({n}) {{ background-image: url(../img/{n}.png) }}").unwrap();
    }
    for n in 0..30 {
        files.insert(format!("fonts/{n} (latin).ttf"), ttf(*b"cmap"));
        files.insert(format!("fonts/Acme[opsz,wght]-{n}.woff2"), woff2(&[(0, &[100]), (10, &[100, 90])]));
        writeln!(
            css,
            "@font-face {{ font-family: \"F{n}\"; src: url('../fonts/Acme[opsz,wght]-{n}.woff2') format('woff2'), \
             url('../fonts/{n} (latin).ttf') }}"
        )
        .unwrap();
    }
    files.insert("css/shop.css".into(), css.into_bytes());
    files.insert("theme.css".into(), b":root { --ink: #111 }".to_vec());
    files.insert("OFL.txt".into(), b"SIL OPEN FONT LICENSE".to_vec());
    assert!(files.len() > 200);
    let summary = check(&files).map_err(|faults| faults.to_string()).unwrap();
    assert_eq!((summary.images, summary.fonts, summary.files.len()), (150, 60, files.len()));
    assert_eq!(summary.sheets, ["theme.css", "css/shop.css"]);
    assert_eq!(summary.unused, Vec::<String>::new());
}
