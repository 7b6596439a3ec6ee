//! What a visitor, a probe and an operator rely on.

use crate::running::{options, start, unpack};
use std::fs;
use storefront::{Bound, Storefront};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn cookie(answer: &str) -> String {
    let line = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax"), "{line}");
    format!("Cookie: other=1; {}\r\n", line.split(';').next().unwrap())
}

#[tokio::test]
async fn a_cart_survives_a_restart_and_a_change_of_release() {
    let (old, new, data) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    unpack("2026.02", old.path());
    unpack("2026.03.1", new.path());
    let shop = start(&new, &data).await;
    let added = shop.form("/cart/add", "", "sku=field-bottle").await;
    assert!(added.starts_with("HTTP/1.1 303") && added.contains("location: /cart"), "{added}");
    let cookie = cookie(&added);
    shop.form("/cart/add", &cookie, "sku=stone-mug").await;
    shop.form("/cart/add", &cookie, "sku=stone-mug").await;
    shop.stop().await;

    let shop = start(&old, &data).await;
    let page = shop.get("/cart", &cookie).await;
    assert!(
        page.contains("Cart <b>3</b>")
            && page.contains("$36.00")
            && page.contains("field-bottle <small>not sold at present"),
        "{page}"
    );
    shop.stop().await;

    let shop = start(&new, &data).await;
    assert!(shop.get("/cart", &cookie).await.contains("$68.00"));
    shop.form("/cart/remove", &cookie, "sku=stone-mug").await;
    let page = shop.get("/cart", &cookie).await;
    assert!(page.contains("$32.00") && !page.contains("Stoneware"), "{page}");
    assert!(shop.get("/cart", "").await.contains("Nothing in it yet"), "another visitor has another cart");
    shop.stop().await;
}

#[tokio::test]
async fn the_two_releases_differ_on_the_page() {
    let data = TempDir::new().unwrap();
    let mut pages = Vec::new();
    for version in ["2026.02", "2026.03.1"] {
        let release = TempDir::new().unwrap();
        unpack(version, release.path());
        let shop = start(&release, &data).await;
        let page = shop.get("/", "").await;
        assert!(page.contains(&format!("<b class=\"version\">{version}</b>")));
        let health = shop.get("/healthz", "").await;
        assert!(health.starts_with("HTTP/1.1 200"), "{health}");
        assert!(
            health.ends_with(&format!(
                r#"{{"generation":7,"product":"pod-storefront-core","release":"{version}","status":"ok"}}"#
            )),
            "{health}"
        );
        pages.push((page, shop.get("/style.css", "").await));
        shop.stop().await;
    }
    assert!(!pages[0].0.contains("Recommended") && pages[1].0.contains("<h2 id=\"recommended\">Recommended</h2>"));
    assert!(!pages[0].0.contains("Field Bottle") && pages[1].0.contains("Field Bottle"));
    assert!(pages[0].0.contains("Everyday goods") && pages[1].0.contains("Spring edit"));
    assert!(pages[0].1.contains("--accent:#334155") && pages[1].1.contains("--accent:#0f766e"));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_strangers_are_refused() {
    let (release, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    unpack("2026.02", release.path());
    let shop = start(&release, &data).await;
    for path in
        ["/", "/product/stone-mug", "/cart", "/style.css", "/icon.svg", "/healthz", "/nothing", "/product/nothing"]
    {
        let answer = shop.get(path, "").await;
        let status = if path.contains("nothing") { "404" } else { "200" };
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        assert!(
            answer.contains("content-security-policy: default-src 'none'")
                && answer.contains("x-content-type-options: nosniff"),
            "{path}"
        );
        assert!(!answer.contains("<script") && !answer.contains(" style="), "{path}");
    }
    assert!(shop.get("/", "Host: evil.example:80\r\n").await.starts_with("HTTP/1.1 421"));
    assert!(
        shop.form("/cart/add", "Origin: http://evil.example\r\n", "sku=stone-mug").await.starts_with("HTTP/1.1 403")
    );
    let own = format!("Origin: http://{}\r\n", shop.at);
    assert!(shop.form("/cart/add", &own, "sku=stone-mug").await.starts_with("HTTP/1.1 303"));
    assert!(shop.form("/cart/add", "", "sku=nothing").await.starts_with("HTTP/1.1 404"));
    assert!(shop.form("/cart/add", "", &"x".repeat(20_000)).await.starts_with("HTTP/1.1 413"));
    shop.stop().await;
}

#[tokio::test]
async fn text_of_release_and_shop_is_never_markup() {
    let (release, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    unpack("2026.02", release.path());
    let path = release.path().join("release.json");
    let text = fs::read_to_string(&path).unwrap().replace("Everyday goods", "<script>alert(1)</script>");
    fs::write(&path, text).unwrap();
    fs::write(data.path().join("shop.json"), r##"{"name":"<\"b\"> Studio","colour":"#123456"}"##).unwrap();
    let shop = start(&release, &data).await;
    let page = shop.get("/", "").await;
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&lt;&quot;b&quot;&gt; Studio"),
        "{page}"
    );
    assert!(shop.get("/icon.svg", "").await.contains(">&lt;</text></svg>"));
    assert!(shop.get("/style.css", "").await.contains("--accent:#123456"));
    shop.stop().await;
}

#[tokio::test]
async fn a_broken_release_says_so_and_an_unreadable_one_does_not_start() {
    let (release, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    unpack("2026.02", release.path());
    let path = release.path().join("release.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"healthy\": true", "\"healthy\": false")).unwrap();
    let shop = start(&release, &data).await;
    let health = shop.get("/healthz", "").await;
    assert!(health.starts_with("HTTP/1.1 503") && health.contains(r#""status":"failing""#), "{health}");
    shop.stop().await;
    let refused = async |text: &str| {
        fs::write(&path, text).unwrap();
        Storefront::bind(&options(&release, &data), &Bound::default()).await.err().unwrap().to_string()
    };
    assert!(refused("{").await.contains("release.json` is not usable"));
    assert!(refused(&text.replace("stone-mug", "canvas-tote")).await.contains("there twice"));
    assert!(refused(&text.replace("stone-mug", "Stone Mug")).await.contains("the sku"));
    assert!(refused(&text.replace("#334155", "red;}")).await.contains("not a colour"));
    fs::write(&path, &text).unwrap();
    fs::write(data.path().join("shop.json"), "{\"name\":\"\"}").unwrap();
    assert!(
        Storefront::bind(&options(&release, &data), &Bound::default())
            .await
            .err()
            .unwrap()
            .to_string()
            .contains("the name is not")
    );
}

#[tokio::test]
async fn a_stop_lets_a_request_in_flight_finish() {
    let (release, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    unpack("2026.02", release.path());
    let shop = start(&release, &data).await;
    let mut stream = TcpStream::connect(shop.at).await.unwrap();
    let head = format!(
        "POST /cart/add HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 13\r\nExpect: 100-continue\r\n\r\n",
        shop.at
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 1024];
    let n = stream.read(&mut buffer).await.unwrap();
    assert!(buffer[..n].starts_with(b"HTTP/1.1 100"), "the handler is now waiting for the body");
    shop.stop.send(()).unwrap();
    stream.write_all(b"sku=stone-mug").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    shop.done.await.unwrap();
    assert!(TcpStream::connect(shop.at).await.is_err());
}
