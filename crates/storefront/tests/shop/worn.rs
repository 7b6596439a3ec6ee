//! A theme that a shop wears, and what it does not.

use crate::running::{Running, bound, options, start, unpack};
use std::{fs, path::Path};
use storefront::{Bound, BoundTheme, Storefront, themes};
use tempfile::TempDir;

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const ARTIFACT: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

struct Dirs {
    release: TempDir,
    data: TempDir,
    theme: TempDir,
}

/// Directories with the newest release and a shipped theme, beside it the manifest that an unpacked theme has.
fn dirs(version: &str) -> Dirs {
    let dirs = Dirs { release: TempDir::new().unwrap(), data: TempDir::new().unwrap(), theme: TempDir::new().unwrap() };
    unpack("2026.03.1", dirs.release.path());
    let shipped = themes().into_iter().find(|theme| theme.version == version).unwrap();
    for (path, bytes) in shipped.files {
        write(dirs.theme.path(), path, bytes);
    }
    write(dirs.theme.path(), "manifest.json", b"{}");
    dirs
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn to(dirs: &Dirs) -> Bound {
    let theme = BoundTheme { dir: dirs.theme.path().into(), digest: DIGEST.parse().unwrap() };
    Bound { theme: Some(theme), artifact: Some(ARTIFACT.parse().unwrap()), notice: None, hosts: vec![] }
}

async fn wearing(dirs: &Dirs) -> Running {
    bound(&dirs.release, &dirs.data, &to(dirs)).await
}

/// Why the shop does not start.
async fn refused(dirs: &Dirs) -> String {
    Storefront::bind(&options(&dirs.release, &dirs.data), &to(dirs)).await.err().unwrap().to_string()
}

#[tokio::test]
async fn a_shop_wears_its_theme_on_every_page_and_names_it() {
    let dirs = dirs("2026.03");
    let shop = wearing(&dirs).await;
    let links = "<link rel=\"stylesheet\" href=\"/style.css\"><link rel=\"stylesheet\" href=\"/theme/0123456789ab/theme.css\">\
        <link rel=\"stylesheet\" href=\"/theme/0123456789ab/cart.css\">";
    for path in ["/", "/product/stone-mug", "/cart", "/nothing"] {
        let page = shop.get(path, "").await;
        assert!(page.contains(links), "{path}: {page}");
        assert!(page.contains("style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'"), "{page}");
        assert!(page.contains("cache-control: no-store"), "{path}");
    }
    let health = shop.get("/healthz", "").await;
    assert!(
        health.contains(&format!("\"theme\":\"{DIGEST}\"")) && health.contains(&format!("\"artifact\":\"{ARTIFACT}\"")),
        "{health}"
    );
    shop.stop().await;
}

#[tokio::test]
async fn files_of_a_theme_are_served_as_what_they_are_and_for_good() {
    let dirs = dirs("2026.03");
    write(dirs.theme.path(), "brand/mark [1] \u{fc}.png", &fs::read(dirs.theme.path().join("brand/mark.png")).unwrap());
    let shop = wearing(&dirs).await;
    for (path, kind) in [
        ("theme.css", "text/css; charset=utf-8"),
        ("brand/mark.png", "image/png"),
        ("brand/mark%20%5B1%5D%20%C3%BC.png", "image/png"),
        ("brand/waves.webp", "image/webp"),
        ("fonts/figtree-latin.woff2", "font/woff2"),
    ] {
        let answer = shop.get(&format!("/theme/0123456789ab/{path}"), "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        for header in [
            &*format!("content-type: {kind}\r\n"),
            "x-content-type-options: nosniff",
            "cache-control: public, max-age=31536000, immutable",
            "content-security-policy: default-src 'none'",
        ] {
            assert!(answer.contains(header), "{path}: {header}: {answer}");
        }
    }
    for path in [
        "/theme/0123456789ab/fonts/OFL-figtree.txt",
        "/theme/0123456789ab/manifest.json",
        "/theme/0123456789ab/../../release.json",
        "/theme/0123456789ab/brand/%2e%2e/%2e%2e/release.json",
        "/theme/0123456789ab/",
        "/theme/0123456789ab",
        "/theme/aaaaaaaaaaaa/theme.css",
    ] {
        let answer = shop.get(path, "").await;
        assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("no-store"), "{path}: {answer}");
    }
    shop.stop().await;
}

#[tokio::test]
async fn without_a_theme_nothing_of_one_is_there() {
    let dirs = dirs("2026.02");
    let shop = start(&dirs.release, &dirs.data).await;
    let page = shop.get("/", "").await;
    assert!(page.matches("rel=\"stylesheet\"").count() == 1 && !page.contains("/theme/"), "{page}");
    assert!(!shop.get("/healthz", "").await.contains("theme"));
    assert!(shop.get("/theme/0123456789ab/theme.css", "").await.starts_with("HTTP/1.1 404"));
    shop.stop().await;
}

#[tokio::test]
async fn what_is_no_theme_is_not_worn() {
    let dirs = dirs("2026.02");
    let css = dirs.theme.path().join("theme.css");
    let whole = fs::read_to_string(&css).unwrap();
    fs::write(&css, format!("{whole}\n@import 'https://evil.example/x.css';")).unwrap();
    let told = refused(&dirs).await;
    assert!(told.contains("theme.css:") && told.contains(": css.at_rule: ") && told.contains("is not worn"), "{told}");
    fs::write(&css, &whole).unwrap();
    write(dirs.theme.path(), "brand/logo.svg", b"<svg/>");
    assert!(refused(&dirs).await.contains("brand/logo.svg: file.svg: "));
    fs::remove_file(dirs.theme.path().join("brand/logo.svg")).unwrap();
    let link = dirs.theme.path().join("brand/link.png");
    std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
    let told = refused(&dirs).await;
    assert!(told.contains("link.png") && told.contains("no links"), "{told}");
    fs::remove_file(link).unwrap();
    fs::remove_file(css).unwrap();
    assert!(refused(&dirs).await.contains("theme.css: theme.entry: "));
    fs::remove_dir_all(dirs.theme.path()).unwrap();
    assert!(refused(&dirs).await.contains("No such file"));
    fs::create_dir(dirs.theme.path()).unwrap();
}

#[tokio::test]
async fn a_notice_stands_as_text_on_every_page() {
    let dirs = dirs("2026.03");
    let notice = Some("Closed <b>today</b> & tomorrow".to_owned());
    let shop = bound(&dirs.release, &dirs.data, &Bound { notice, ..to(&dirs) }).await;
    for path in ["/", "/product/stone-mug", "/cart", "/nothing"] {
        let page = shop.get(path, "").await;
        let stands = "<p class=\"shop-notice\">Closed &lt;b&gt;today&lt;/b&gt; &amp; tomorrow</p>";
        assert!(page.contains(stands), "{path}: {page}");
    }
    shop.stop().await;
    let plain = wearing(&dirs).await;
    assert!(!plain.get("/", "").await.contains("shop-notice"));
    plain.stop().await;
}
