//! Every address that the product or its documents name is one that answers.

use crate::plane::{Plane, get};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Sources, pages and documents, without comments and tests.
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = vec![root.join("README.md")];
    files(&root.join("docs"), &mut found);
    for krate in std::fs::read_dir(root.join("crates")).unwrap().flatten().map(|entry| entry.path()) {
        // The bench and the doubles of the services give no advice.
        if !krate.ends_with("testkit") {
            files(&krate.join("src"), &mut found);
            files(&krate.join("templates"), &mut found);
        }
    }
    let read = |path: PathBuf| std::fs::read_to_string(&path).ok().map(|text| (path, text));
    let cut = |(path, text): (PathBuf, String)| {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        (path, lines.collect::<Vec<_>>().join("\n"))
    };
    found.into_iter().filter_map(read).map(cut).collect()
}

/// What stands behind each mark, up to the end of the address.
fn behind<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(mark).map(move |(at, _)| {
        let rest = &text[at + mark.len()..];
        let part = |c: char| c.is_ascii_alphanumeric() || "/{}_-.".contains(c);
        rest.split(|c: char| !part(c)).next().unwrap().trim_end_matches('.')
    })
}

/// Methods and addresses that are named, as `GET /v1/people`.
fn routes(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for method in ["GET", "POST", "PUT"] {
        let mark = format!("{method} ");
        found.extend(
            behind(text, &mark).filter(|path| path.len() > 1 && path.starts_with('/')).map(|path| mark.clone() + path),
        );
    }
    found
}

#[test]
fn every_route_and_page_that_is_named_answers() {
    let plane = Plane::serving();
    let console = format!("http://127.0.0.1:{}", plane.base + 8);
    let services = ["governance", "platform", "node", "engine", "integration"].map(|name| plane.url(name));
    let mut known = BTreeSet::from(["GET /openapi.json".to_owned()]);
    for url in services.iter().chain([&console]) {
        let (_, document) = get(&format!("{url}/openapi.json")).expect("each has its document");
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            known.extend(item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
        }
    }
    // The front's own, and the engines': they have no document.
    let others = ["crates/front", "crates/storefront", "crates/supervisor"];
    let named =
        texts().into_iter().filter(|(path, _)| !others.iter().any(|other| path.to_string_lossy().contains(other)));
    let (mut routes_seen, mut pages_seen, mut wrong) = (0, BTreeSet::new(), vec![]);
    for (path, text) in named {
        for route in routes(&text) {
            routes_seen += 1;
            if !known.contains(&route) {
                wrong.push(format!("{} names `{route}`, which no service has", path.display()));
            }
        }
        for mark in ["href=\"", "action=\"", "](http://localhost:8088", "` | `"] {
            pages_seen.extend(
                behind(&text, mark).filter(|page| page.starts_with('/') && !page.contains('{')).map(str::to_owned),
            );
        }
    }
    let shown = ["/changes/ID", "/entries/control/N"];
    pages_seen.extend(["/engines", "/sources", "/roster", "/changes"].map(str::to_owned));
    for page in pages_seen.iter().filter(|page| !shown.contains(&page.as_str())) {
        let (status, _) =
            crate::shop::get_at(&format!("{console}{page}"), &format!("localhost:{}", plane.base + 8)).unwrap();
        if status == 404 || status >= 500 {
            wrong.push(format!("the page `{page}` answers {status}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(routes_seen > 8 && pages_seen.len() > 6, "{routes_seen} routes, {pages_seen:?}");
}

#[test]
fn what_is_named_is_found() {
    let found = routes("list them with GET /v1/people; sign in at `POST /v1/sessions`. GET it");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["GET /v1/people", "POST /v1/sessions"]);
    let pages: Vec<_> = behind("<a href=\"/engines\">, <a href=\"{{ url }}\">", "href=\"").collect();
    assert_eq!(pages, ["/engines", "{{"]);
}
