//! Every way out, in or past the rules that we know of, refused with file, place and code.

use crate::made::{check, files, first, png, with_css};

/// A style sheet, and how its first fault begins.
const ATTACKS: &[(&str, &str)] = &[
    // Other style sheets.
    ("@import 'https://evil.example/x.css';", "theme.css:1:1: css.at_rule"),
    ("a{color:red}\n@import url(other.css);", "theme.css:2:1: css.at_rule"),
    ("/**/ @ImPoRt \"x.css\" layer(a);", "theme.css:1:6: css.at_rule"),
    ("@\\69mport 'x.css';", "theme.css:1:1: css.escape"),
    ("@i\\6d port 'x.css';", "theme.css:1:1: css.escape"),
    ("@imp/**/ort 'x.css';", "theme.css:1:1: css.at_rule"),
    ("@charset \"utf-7\";", "theme.css:1:1: css.at_rule"),
    ("@charset 'x';@import 'y';", "theme.css:1:1: css.at_rule"),
    ("@namespace svg url(http://www.w3.org/2000/svg);", "theme.css:1:1: css.at_rule"),
    ("@media all{@import 'x.css';}", "theme.css:1:12: css.at_rule"),
    ("a{@import 'x.css';}", "theme.css:1:3: css.at_rule"),
    ("@-moz-document url(http://x){a{color:red}}", "theme.css:1:1: css.at_rule"),
    ("@counter-style x{system:cyclic;symbols:'$0'}", "theme.css:1:1: css.at_rule"),
    ("@page{@top-left{content:'x'}}", "theme.css:1:7: css.at_rule"),
    ("@font-face{@media all{src:url(img/a.png)}}", "theme.css:1:12: css.syntax"),
    // Addresses elsewhere.
    ("a{background:url(https://evil.example/x.png)}", "theme.css:1:14: css.url"),
    ("a{background:url('//evil.example/x.png')}", "theme.css:1:14: css.url"),
    ("a{background:url(/x.png)}", "theme.css:1:14: css.url"),
    ("a{background:url(\"\\\\\\\\evil.example\\\\x\")}", "theme.css:1:14: css.escape"),
    ("a{background:url(data:image/svg+xml,%3Csvg%3E)}", "theme.css:1:14: css.url"),
    ("a{background:url('javascript:alert(1)')}", "theme.css:1:14: css.url"),
    ("a{background:URL( 'https://evil.example' )}", "theme.css:1:14: css.url"),
    ("a{background:u\\72l(https://evil.example)}", "theme.css:1:14: css.escape"),
    ("a{background:\\75 rl('img/a.png')}", "theme.css:1:14: css.escape"),
    ("a{background:url('\\68ttps://evil.example')}", "theme.css:1:14: css.escape"),
    ("a{background:url(h\\74tps://evil.example)}", "theme.css:1:14: css.escape"),
    ("a{background:ur/**/l('//evil.example')}", "theme.css:1:20: css.function"),
    ("a{background:/*x*/url(/*x*/'//evil.example')}", "theme.css:1:19: css.syntax"),
    ("a{--x:url(https://evil.example);background:var(--x)}", "theme.css:1:7: css.url"),
    ("a{--x:(((url(//evil.example))))}", "theme.css:1:10: css.url"),
    ("a{background:var(--x,url(//evil.example))}", "theme.css:1:22: css.url"),
    ("a{background:image-set('https://evil.example/x.png' 1x)}", "theme.css:1:14: css.function"),
    ("a{background:-webkit-image-set(url(img/a.png) 1x)}", "theme.css:1:14: css.function"),
    ("a{--x:image-set('//evil.example' 1x)}", "theme.css:1:7: css.function"),
    ("a{background:image('//evil.example')}", "theme.css:1:14: css.function"),
    ("a{background:cross-fade('//evil.example',red)}", "theme.css:1:14: css.function"),
    ("a{background:element(#card)}", "theme.css:1:14: css.function"),
    ("a{background:-moz-element(#card)}", "theme.css:1:14: css.function"),
    ("a{background:src('//evil.example')}", "theme.css:1:14: css.function"),
    ("a{background:src(var(--x))}", "theme.css:1:14: css.function"),
    ("a{background:paint(x)}", "theme.css:1:14: css.function"),
    ("a{background:attr(data-x url)}", "theme.css:1:14: css.function"),
    ("a{background:attr(data-x type(<url>))}", "theme.css:1:14: css.function"),
    ("a{background:if(style(--x:1):url(//e);else:red)}", "theme.css:1:14: css.function"),
    ("a{background:url('img/a.png' crossorigin(anonymous))}", "theme.css:1:14: css.url"),
    ("a{cursor:url(https://evil.example/x.cur),auto}", "theme.css:1:10: css.url"),
    ("@font-face{font-family:x;src:url(https://evil.example/x.woff2)}", "theme.css:1:30: css.url"),
    ("@supports (background:url(//evil.example)){a{color:red}}", "theme.css:1:23: css.url"),
    ("a[href=url(//evil.example)]{color:red}", "theme.css:1:8: css.url"),
    ("@property --x{syntax:'<image>';inherits:false;initial-value:url(//evil.example)}", "theme.css:1:61: css.url"),
    ("@keyframes x{from{background:url(//evil.example)}}", "theme.css:1:30: css.url"),
    ("a{b{c{background:url(//evil.example)}}}", "theme.css:1:18: css.url"),
    ("a{color:red}/*# sourceMappingURL=https://evil.example/x.map */", "theme.css:1:13: css.url"),
    // Addresses out of the theme, or of nothing.
    ("a{background:url(../x.png)}", "theme.css:1:14: css.url_outside"),
    ("a{background:url(img/../../x.png)}", "theme.css:1:14: css.url_outside"),
    ("a{background:url(%2e%2e/x.png)}", "theme.css:1:14: css.url_outside"),
    ("a{background:url(img%2fa.png)}", "theme.css:1:14: css.url"),
    ("a{background:url(img/a.png?x)}", "theme.css:1:14: css.url"),
    ("a{clip-path:url(#x)}", "theme.css:1:13: css.url"),
    ("a{background:url()}", "theme.css:1:14: css.url"),
    ("a{background:url(img/b.png)}", "theme.css:1:14: css.missing"),
    ("a{background:url(theme.css)}", "theme.css:1:14: css.kind"),
    ("@font-face{font-family:x;src:url(img/a.png)}", "theme.css:1:30: css.kind"),
    ("a{background:url(fonts/a.ttf)}", "theme.css:1:14: css.kind"),
    // Scripts of old browsers.
    ("a{width:expression(alert(1))}", "theme.css:1:9: css.function"),
    ("a{width:EXPR/**/ESSION(alert(1))}", "theme.css:1:17: css.function"),
    ("a{width:\\65xpression(alert(1))}", "theme.css:1:9: css.escape"),
    ("a{behavior:url(img/a.png)}", "theme.css:1:3: css.property"),
    ("a{BeHaViOr:x}", "theme.css:1:3: css.property"),
    ("a{b\\65havior:x}", "theme.css:1:3: css.escape"),
    ("a{-moz-binding:url(img/a.png)}", "theme.css:1:3: css.property"),
    ("a{-moz-bind/**/ing:x}", "theme.css:1:3: css.syntax"),
    ("a{-o-link:'javascript:x'}", "theme.css:1:3: css.property"),
    ("a{filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='x')}", "theme.css:1:44: css.function"),
    ("a{-webkit-user-modify:read-write}", "theme.css:1:3: css.property"),
    ("a{-webkit-text-security:disc}", "theme.css:1:3: css.property"),
    // Markup.
    ("</style><script>alert(1)</script>", "theme.css:1:1: css.markup"),
    ("a{color:red}/* </StYlE> */", "theme.css:1:16: css.markup"),
    ("<!-- a{color:red} -->", "theme.css:1:1: css.markup"),
    ("a{color:red} --> b{color:red}", "theme.css:1:14: css.markup"),
    ("a::after{content:'<svg onload=x>'}", "theme.css:1:19: css.markup"),
    ("a::after{content:'\\3c/a'}", "theme.css:1:18: css.markup"),
    // Words and figures.
    ("a::after{content:'Free'}", "theme.css:1:18: css.words"),
    ("a::after{content:'-50%'}", "theme.css:1:18: css.words"),
    ("a::after{content:'\\24'}", "theme.css:1:18: css.words"),
    ("a::after{content:'•••••'}", "theme.css:1:18: css.words"),
    ("a::after{content:'' / 'Free'}", "theme.css:1:23: css.words"),
    ("a{--x:'Free'}a::after{content:var(--x)}", "theme.css:1:31: css.words"),
    ("a::after{content:'🆓'}", "theme.css:1:18: css.words"),
    ("a::after{content:'🆕'}", "theme.css:1:18: css.words"),
    ("a::after{content:'💲'}", "theme.css:1:18: css.words"),
    ("a::after{content:'💯'}", "theme.css:1:18: css.words"),
    ("a::after{content:'№'}", "theme.css:1:18: css.words"),
    ("a::after{content:'™'}", "theme.css:1:18: css.words"),
    ("a::after{content:'℅'}", "theme.css:1:18: css.words"),
    ("a::after{content:'🇺🇸'}", "theme.css:1:18: css.words"),
    ("a::after{content:'⚄'}", "theme.css:1:18: css.words"),
    ("a::after{content:'-%'}", "theme.css:1:18: css.words"),
    ("q{quotes:'🅰' '»'}", "theme.css:1:10: css.words"),
    ("b{list-style:inside decimal}", "theme.css:1:21: css.words"),
    ("b{list-style-type:upper-roman}", "theme.css:1:19: css.words"),
    ("b{list-style-type:my-own}", "theme.css:1:19: css.words"),
    ("b{display:list-item}", "theme.css:1:11: css.words"),
    ("b{display:inline list-item!important}", "theme.css:1:18: css.words"),
    ("a::after{content:counter(x)}", "theme.css:1:18: css.function"),
    ("th::after{content:attr(colspan)}", "theme.css:1:19: css.function"),
    ("li{list-style:attr(class)}", "theme.css:1:15: css.function"),
    ("a{--x:attr(href)}", "theme.css:1:7: css.function"),
    ("a{counter-reset:x 99}", "theme.css:1:3: css.property"),
    ("q{quotes:'Free' ''}", "theme.css:1:10: css.words"),
    ("li{list-style:'Free'}", "theme.css:1:15: css.words"),
    ("li{list-style-type:var(--x)}", "theme.css:1:20: css.words"),
    ("a{text-overflow:'Free'}", "theme.css:1:17: css.words"),
    ("a{line-clamp:2 'Free'}", "theme.css:1:16: css.words"),
    ("a{hyphenate-character:'x'}", "theme.css:1:23: css.words"),
    ("@keyframes x{to{content:'Free'}}", "theme.css:1:25: css.words"),
    ("@media all{a::after{content:'Free'}}", "theme.css:1:29: css.words"),
    ("a{&::after{content:'Free'}}", "theme.css:1:20: css.words"),
    (".price{unicode-bidi:bidi-override;direction:rtl}", "theme.css:1:8: css.property"),
    // Above the page.
    ("a{position:fixed}", "theme.css:1:3: css.property"),
    ("a{position:FIXED!important}", "theme.css:1:3: css.property"),
    ("a{position:f\\69xed}", "theme.css:1:3: css.property"),
    ("a{position:var(--x)}", "theme.css:1:3: css.property"),
    ("a{pointer-events:none}", "theme.css:1:3: css.property"),
    ("main{interactivity:inert}", "theme.css:1:6: css.property"),
    ("a{InterActivity:var(--x)}", "theme.css:1:3: css.property"),
    ("@keyframes x{to{interactivity:inert}}", "theme.css:1:17: css.property"),
    ("a{overlay:auto!important}", "theme.css:1:3: css.property"),
    ("a{app-region:drag}", "theme.css:1:3: css.property"),
    ("a{view-transition-name:x}", "theme.css:1:3: css.property"),
    ("a{animation-trigger:--x play}", "theme.css:1:3: css.property"),
    ("a{reading-flow:flex-visual}", "theme.css:1:3: css.property"),
    ("a{nobody-knows:this}", "theme.css:1:3: css.property"),
    ("a{colour:red}", "theme.css:1:3: css.property"),
    // Left open, or read differently by different browsers.
    ("a{color:red", "theme.css:1:2: css.unclosed"),
    ("a{background:url(img/a.png", "theme.css:1:14: css.unclosed"),
    ("a{background:url(img/a.png\\)}", "theme.css:1:14: css.unclosed"),
    ("a{background:url('img/a.png'", "theme.css:1:14: css.unclosed"),
    ("a{content:'", "theme.css:1:11: css.unclosed"),
    ("a{content:'x\n'}", "theme.css:1:11: css.unclosed"),
    ("a{color:red}/* x", "theme.css:1:13: css.unclosed"),
    ("a{color:red}/*/", "theme.css:1:13: css.unclosed"),
    ("a{color:red}}", "theme.css:1:13: css.unclosed"),
    ("a{width:calc(1px]}", "theme.css:1:17: css.unclosed"),
    ("a{background:url(a b)}", "theme.css:1:14: css.syntax"),
    ("a{*zoom:1}", "theme.css:1:3: css.syntax"),
    ("a{color:red;;color}", "theme.css:1:14: css.syntax"),
    ("a{color:red\nbackground:blue}", "theme.css:2:11: css.syntax"),
    ("a{color:red!ie}", "theme.css:1:3: css.syntax"),
    ("a{--x:{color:red}}", "theme.css:1:3: css.syntax"),
    ("a{color:({red})}", "theme.css:1:10: css.syntax"),
    ("a;b{color:red}", "theme.css:1:1: css.syntax"),
    ("{color:red}", "theme.css:1:1: css.syntax"),
    ("@media all;", "theme.css:1:1: css.syntax"),
    ("$x: 1px;", "theme.css:1:1: css.syntax"),
    ("@media all{color:red}", "theme.css:1:12: css.syntax"),
    ("a{color:red}\0", "theme.css:1:13: css.character"),
    ("\u{feff}a{color:red}", "theme.css:1:1: css.character"),
    ("a{color:red}/* \u{202e} */", "theme.css:1:16: css.character"),
    ("a::after{content:'\\202e'}", "theme.css:1:18: css.character"),
    ("a{}\nä{background:x(1)}", "theme.css:2:14: css.function"),
];

#[test]
fn every_attack_is_refused_with_file_place_and_code() {
    let mut missed = Vec::new();
    for (css, begins) in ATTACKS {
        let told = check(&with_css(css)).map_or_else(|faults| faults.faults[0].to_string(), |_| "accepted".to_owned());
        if !told.starts_with(&format!("{begins}: ")) {
            missed.push(format!("{css:?}\n   wanted {begins}\n   told   {told}"));
        }
    }
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), ATTACKS.len(), missed.join("\n"));
}

#[test]
fn every_message_says_what_to_do() {
    let verbs = [
        "add",
        "call",
        "close",
        "complete",
        "correct",
        "delete",
        "end",
        "export",
        "flatten",
        "make",
        "move",
        "name",
        "needs",
        "open",
        "publish",
        "put",
        "save",
        "use",
        "write",
        "may stand",
        "is not",
    ];
    for (css, _) in ATTACKS {
        for fault in check(&with_css(css)).unwrap_err().faults {
            assert!(verbs.iter().any(|verb| fault.message.contains(verb)), "{fault}");
        }
    }
}

#[test]
fn an_attack_is_found_in_any_style_sheet_and_all_are_told() {
    let files = files(&[
        ("theme.css", b"a{color:red}"),
        ("css/more.css", b"a{color:red}\n\nb{background:url(../../x.png);position:fixed}"),
        ("css/print.css", b"\xffa{}"),
    ]);
    let told = check(&files).unwrap_err().to_string();
    let lines: Vec<_> = told.lines().map(|line| line.split(": ").take(2).collect::<Vec<_>>().join(": ")).collect();
    let wanted =
        ["css/more.css:3:14: css.url_outside", "css/more.css:3:31: css.property", "css/print.css:1:1: file.text"];
    assert_eq!(lines, wanted);
}

#[test]
fn files_that_are_no_part_of_a_theme_are_refused_by_name() {
    for (path, begins) in [
        ("logo.svg", "logo.svg: file.svg: "),
        ("LOGO.SVGZ", "LOGO.SVGZ: file.svg: "),
        ("app.js", "app.js: file.kind: "),
        ("index.html", "index.html: file.kind: "),
        ("theme.json", "theme.json: file.kind: "),
        ("a.php", "a.php: file.kind: "),
        ("font.eot", "font.eot: file.kind: "),
        ("README", "README: file.kind: "),
        ("png", "png: file.kind: "),
        (".DS_Store", ".DS_Store: file.name: "),
        ("../a.png", "../a.png: file.name: "),
        ("a\nb.png", "a\\nb.png: file.name: "),
        ("THEME.css", "theme.css: file.name: "),
    ] {
        let told = first(&files(&[("theme.css", b"a{color:red}"), (path, &png(2, 2))]));
        assert!(told.starts_with(begins), "{path}: {told}");
    }
    assert!(first(&files(&[("css/theme.css", b"a{color:red}")])).starts_with("theme.css: theme.entry: "));
}

#[test]
fn two_names_that_some_disk_takes_for_one_are_refused() {
    for (one, other) in [
        ("img/a.png", "img/A.png"),
        ("img/s.png", "img/\u{17f}.png"),
        ("img/ss.png", "img/ß.png"),
        ("img/ẞ.png", "img/ß.png"),
        ("img/σ.png", "img/ς.png"),
        ("img/1.png", "img/１.png"),
        ("img/a.png", "IMG/b.png"),
        ("a.png", "A.png/b.png"),
    ] {
        let told = first(&files(&[("theme.css", b"a{color:red}"), (one, &png(2, 2)), (other, &png(2, 2))]));
        assert!(told.contains(": file.name: another file or folder has this name"), "{one} {other}: {told}");
    }
    let told = first(&files(&[("theme.css", b"a{color:red}"), ("img/u\u{308}.png", &png(2, 2))]));
    assert!(told.contains(": file.name: ") && told.contains("NFC"), "{told}");
    let honest = files(&[("theme.css", b"a{color:red}"), ("img/a.png", &png(2, 2)), ("img/b.png", &png(2, 2))]);
    assert!(check(&honest).is_ok());
}
