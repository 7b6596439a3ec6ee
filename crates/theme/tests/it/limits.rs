//! A theme costs a bounded amount, whoever made it.

use crate::made::{Files, check, chunk, first, png, with_css};

#[test]
fn each_limit_is_told_by_name() {
    for (css, begins) in [
        ("a{color:red}".repeat(40_000), "theme.css:1:"),
        (format!("a{{width:{}1px{}}}", "calc(".repeat(100), ")".repeat(100)), "theme.css:1:"),
        (format!("{}{}", "a{".repeat(100), "}".repeat(100)), "theme.css:1:"),
        (format!("{}a{{color:red}}", "a,".repeat(20_000)), "theme.css:1:1: css.limit: "),
        ("a{background:url(img/a.png)}".repeat(2_001), "theme.css:1:"),
    ] {
        let told = first(&with_css(&css));
        assert!(told.starts_with(begins) && told.contains(": css.limit: "), "{told}");
    }
    let large = first(&with_css(&format!("/*{}*/", "x".repeat(512 << 10))));
    assert!(large.starts_with("theme.css: file.large: "), "{large}");
}

#[test]
fn depth_is_bounded_and_not_the_stack() {
    for open in ["(", "[", "{", "a{", "f(", "@media{"] {
        assert!(check(&with_css(&open.repeat(100_000))).is_err(), "{open}");
    }
}

#[test]
fn a_hundred_faults_are_told_and_the_others_counted() {
    let faults = check(&with_css(&"a{position:fixed}".repeat(1_000))).unwrap_err();
    assert_eq!((faults.faults.len(), faults.more), (100, 900));
    assert!(faults.to_string().ends_with("\nand 900 more"));
}

#[test]
fn files_and_bytes_are_counted() {
    let with = |count: usize, bytes: &[u8]| {
        let mut files: Files = (0..count).map(|n| (format!("img/{n}.png"), bytes.to_vec())).collect();
        files.insert("theme.css".into(), b"a{color:red}".to_vec());
        files
    };
    assert!(check(&with(999, &png(2, 2))).is_ok());
    assert!(first(&with(1_000, &png(2, 2))).contains(": theme.limit: "));
    let mut heavy = png(2, 2);
    // A chunk that fills the image to its own limit.
    let filling = vec![0; (4 << 20) - heavy.len() - 12];
    heavy.splice(33..33, chunk(*b"teXt", &filling));
    assert!(check(&with(7, &heavy)).is_ok());
    assert!(first(&with(8, &heavy)).contains(": theme.limit: "));
    heavy.push(0);
    assert!(first(&with(1, &heavy)).contains(": file.large: "));
    let sheets: Files = (0..20).map(|n| (format!("{n}.css"), b"a{color:red}".to_vec())).chain(with(0, b"")).collect();
    assert!(first(&sheets).contains(": theme.limit: "));
}

#[test]
fn no_more_is_read_than_may_be_there() {
    let mut asked = Vec::new();
    let paths = ["theme.css", "a.png", "x.svg", "OFL.txt"].map(str::to_owned);
    let verdict = theme::check(paths, |path, limit| {
        asked.push((path.to_owned(), limit));
        Ok::<_, String>(b"a{color:red}".to_vec())
    });
    assert!(verdict.unwrap().is_err());
    let wanted = [("OFL.txt", (64 << 10) + 1), ("a.png", (4 << 20) + 1), ("theme.css", (512 << 10) + 1)];
    assert_eq!(
        asked,
        wanted.map(|(path, limit)| (path.to_owned(), limit)),
        "by path, and what is refused by name never"
    );
    let failed = theme::check(["theme.css".to_owned()], |_, _| Err::<Vec<u8>, _>("the disk is gone"));
    assert_eq!(failed.unwrap_err(), "the disk is gone");
}
