//! What honest themes do passes.

use crate::made::{Files, check, png, ttf, with_css, woff2};
use std::fmt::Write as _;

/// What style sheets of real shops are made of.
const CSS: &str = r#"/* Copyright 2026 Acme, https://acme.example/licence, نمی‌خواهم, 👩‍💻 ☎️ */
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
ul { list-style: "– " } ol { list-style: square inside } li::marker { content: "✓ " }
.grid { display: grid; grid-template: "a a" auto "b c" 1fr / minmax(0, 1fr) [end] repeat(auto-fit, minmax(min(15rem, 100%), 1fr)) }
.card { & h3 { color: inherit } &:hover { @media (hover: hover) { transform: scale(1.02) } } transition: transform .2s cubic-bezier(.2, 0, 0, 1) }
.sr { position: absolute !important; width: 1px; clip-path: inset(50%); clip-path: path("M0 0L1 1") }
button { -webkit-appearance: none; appearance: none; font: 600 1rem/1.2 var(--shop-font); filter: drop-shadow(0 1px 2px #0003) }
h1 { font-variant-alternates: styleset(nice); font-feature-settings: "ss01" on, "tnum"; text-wrap: balance }
.menu { display: none; visibility: hidden; pointer-events: auto }
@media (prefers-reduced-motion: reduce) { * { animation: none !important } }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; --ink: light-dark(#111, #eee) } }
"#;

/// Every property that Bootstrap 4 and 5, Bulma, normalize.css, modern-normalize, Tailwind's preflight and Font Awesome set, but
/// for Bootstrap's counters.
const ORDINARY: &str = "
-moz-appearance -moz-column-count -moz-column-gap -moz-osx-font-smoothing -moz-tab-size -moz-transition
-moz-user-select -ms-flex -ms-flex-align -ms-flex-direction -ms-flex-flow -ms-flex-item-align
-ms-flex-line-pack -ms-flex-negative -ms-flex-order -ms-flex-pack -ms-flex-positive -ms-flex-preferred-size
-ms-flex-wrap -ms-overflow-style -ms-touch-action -ms-transition -ms-user-select -o-object-fit
-webkit-animation -webkit-animation-duration -webkit-appearance -webkit-backface-visibility
-webkit-column-count -webkit-column-gap -webkit-font-smoothing -webkit-margin-end -webkit-mask-image
-webkit-mask-position -webkit-mask-size -webkit-overflow-scrolling -webkit-print-color-adjust
-webkit-tap-highlight-color -webkit-text-decoration -webkit-text-decoration-color
-webkit-text-decoration-skip-ink -webkit-text-size-adjust -webkit-touch-callout -webkit-transform
-webkit-transition -webkit-user-select align-content align-items align-self animation animation-delay
animation-direction animation-duration animation-iteration-count animation-name animation-timing-function
appearance aspect-ratio backface-visibility background background-clip background-color background-image
background-position background-position-x background-repeat background-size border border-bottom
border-bottom-color border-bottom-left-radius border-bottom-right-radius border-bottom-style
border-bottom-width border-collapse border-color border-end-end-radius border-end-start-radius
border-inline-end border-inline-end-width border-inline-start border-inline-start-color
border-inline-start-style border-inline-start-width border-left border-left-color border-left-width
border-radius border-right border-right-color border-spacing border-start-end-radius
border-start-start-radius border-style border-top border-top-color border-top-left-radius
border-top-right-radius border-top-style border-top-width border-width bottom box-shadow box-sizing
caption-side clear clip color color-adjust color-scheme column-count column-gap container-name
container-type content cursor display fill filter flex flex-basis flex-direction flex-flow flex-grow
flex-shrink flex-wrap float font font-display font-family font-feature-settings font-size font-style
font-synthesis font-variant font-variation-settings font-weight gap grid-column-end grid-column-start
grid-row-end grid-row-start grid-template-columns grid-template-rows height inset inset-inline-end
inset-inline-start isolation justify-content left letter-spacing line-break line-height list-style
list-style-position list-style-type margin margin-block-end margin-bottom margin-inline-end
margin-inline-start margin-left margin-right margin-top mask-image mask-position mask-size max-height
max-width min-height min-width object-fit opacity order orphans outline outline-color outline-offset
outline-style outline-width overflow overflow-anchor overflow-x overflow-y padding padding-block
padding-bottom padding-inline padding-inline-end padding-inline-start padding-left padding-right padding-top
page-break-after page-break-inside pointer-events position print-color-adjust resize right row-gap
scroll-behavior size src tab-size text-align text-decoration text-decoration-color text-decoration-skip-ink
text-indent text-overflow text-rendering text-shadow text-size-adjust text-transform text-underline-offset
top touch-action transform transform-origin transition transition-duration transition-property
transition-timing-function unicode-range user-select vertical-align visibility white-space widows width
will-change word-break word-spacing word-wrap z-index
";

#[test]
fn the_properties_of_ordinary_style_sheets_pass() {
    for property in ORDINARY.split_whitespace() {
        let css = format!("a {{ {property}: inherit }}");
        assert!(check(&with_css(&css)).is_ok(), "{}", check(&with_css(&css)).unwrap_err());
    }
}

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
