//! What the pages load: embedded, each under a name that holds its hash, cached for ever.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Digest;
use std::sync::LazyLock;

const JS: &str = "text/javascript; charset=utf-8";

/// htmx with its extensions in one script. htmx starts in a task of its own as soon as it has run, and what
/// is on the page then is never shown to an extension that comes later: loaded apart, a page now and
/// then had neither its stream of events nor the gate before its attributes.
const HTMX: &str = concat!(
    include_str!("../assets/vendor/htmx.min.js"),
    "\n;\n",
    include_str!("../assets/vendor/hx-csp.min.js"),
    "\n;\n",
    include_str!("../assets/vendor/hx-sse.min.js"),
);

/// One file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

static ASSETS: [Asset; 5] = [
    Asset { name: "htmx.js", kind: JS, bytes: HTMX.as_bytes() },
    Asset { name: "console.js", kind: JS, bytes: include_bytes!("../assets/console.js") },
    Asset { name: "verify.js", kind: JS, bytes: include_bytes!("../assets/verify.js") },
    Asset { name: "console.css", kind: "text/css; charset=utf-8", bytes: include_bytes!("../assets/console.css") },
    Asset { name: "mark.svg", kind: "image/svg+xml", bytes: include_bytes!("../assets/mark.svg") },
];

/// URLs of the files, as templates write them.
#[derive(Debug)]
pub struct Urls {
    /// htmx with its extensions.
    pub htmx: String,
    /// The pages' own module.
    pub console: String,
    /// What checks digests and proofs in the reader's browser.
    pub verify: String,
    /// The style sheet.
    pub css: String,
    pub mark: String,
}

fn hashed(asset: &Asset) -> String {
    let (stem, extension) = asset.name.rsplit_once('.').expect("every asset's name has an extension");
    format!("{stem}.{}.{extension}", &Digest::of_bytes(asset.bytes).to_string()[..16])
}

/// All of them, hashed once.
pub(crate) static URLS: LazyLock<Urls> = LazyLock::new(|| {
    let [htmx, console, verify, css, mark] = std::array::from_fn(|n| format!("/assets/{}", hashed(&ASSETS[n])));
    Urls { htmx, console, verify, css, mark }
});

/// `GET /assets/{name}`.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| hashed(asset) == name) {
        Some(asset) => (
            [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")],
            asset.bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VENDORED: [&str; 3] = [
        include_str!("../assets/vendor/htmx.min.js"),
        include_str!("../assets/vendor/hx-csp.min.js"),
        include_str!("../assets/vendor/hx-sse.min.js"),
    ];

    #[test]
    fn the_vendored_files_are_those_that_are_named() {
        let readme = include_str!("../assets/vendor/README.md");
        for file in VENDORED {
            assert!(readme.contains(&Digest::of_bytes(file.as_bytes()).to_string()), "{}", &file[..40]);
        }
    }

    #[test]
    fn what_runs_htmx_has_registered_its_extensions_before_htmx_starts() {
        let places: Vec<_> = VENDORED.iter().map(|file| HTMX.find(file).unwrap()).collect();
        assert!(places.is_sorted(), "the gate before the stream, both behind htmx: {places:?}");
    }

    #[test]
    fn a_name_holds_its_hash() {
        assert_eq!(URLS.css.split('.').next(), Some("/assets/console"));
        assert_eq!(URLS.css.len(), "/assets/console..css".len() + 16);
    }
}
