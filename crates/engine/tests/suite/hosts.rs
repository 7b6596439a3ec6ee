//! Host names that a config binds: visitors meet the shop under them, and under no others.

use super::life::watched;
use super::place::{Place, setup};
use control::Config;
use engine::Setup;
use model::{Bundle, Side};
use signed::Served;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The first line of the answer to who asks the front for the shop under a name.
async fn asked(place: &Place, head: &str, host: &str, more: &str) -> String {
    let mut stream = TcpStream::connect(place.front()).await.unwrap();
    let request = format!("{head} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

pub async fn a_shop_answers_under_the_names_that_its_config_binds_and_no_others() {
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    let hosts = vec!["shop.example.com".parse().unwrap()];
    let config = Some(Config { hosts, ..Config::default() });
    let bundle =
        Bundle { config: config.as_ref().map(|config: &Config| config.digest().unwrap()), ..Bundle::of(place.old) };
    place.deploy_with(&runtime, 0, Served { side: Side::Green, bundle }, Setup { config, ..setup() }).await;
    let port = place.site.port;
    for host in [format!("127.0.0.1:{port}"), "shop.example.com".to_owned(), format!("SHOP.example.com:{port}")] {
        assert_eq!(asked(&place, "GET /", &host, "").await, "HTTP/1.1 200 OK", "{host}");
    }
    let form =
        "Origin: https://shop.example.com\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n";
    let posted = asked(&place, "POST /cart/add", "shop.example.com", form).await;
    assert!(!posted.contains(" 421 ") && !posted.contains(" 403 "), "its own forms are taken: {posted}");
    for host in ["evil.example.com", "shop.example.com.evil.example", "example.com"] {
        assert_eq!(asked(&place, "GET /", host, "").await, "HTTP/1.1 421 Misdirected Request", "{host}");
    }
}
