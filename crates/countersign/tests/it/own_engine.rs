//! An engine for a program of one's own: what is in its way is named, and what outlives the services can be ended.

use crate::plane::{Plane, signal, until};
use crate::shop;
use std::net::TcpListener;
use std::process::Stdio;

impl Plane {
    fn refused_engine(&self, more: &[&str], code: &str, words: &[&str]) {
        let size = self.control_size();
        let ran = self.by("ada", &[&["engine", "new", "Second", "--tenant", "acme"], more].concat()).refused(code);
        for word in words {
            assert!(ran.stderr.contains(word), "`{word}` is not said: {}", ran.stderr);
        }
        assert_eq!(self.control_size(), size, "nothing is signed");
    }
}

#[test]
fn what_an_engine_cannot_have_is_named_with_whose_it_is() {
    let plane = Plane::serving();
    plane.by("ada", &["tenant", "new", "Acme"]).ok();
    let port = |n: u16| plane.shop_port(n).to_string();
    let first = ["engine", "new", "First", "--tenant", "acme", "--port", &port(0), "--host", "shop.example.com"];
    plane.by("ada", &first).ok();
    plane.refused_engine(&["--port", &port(0)], "register.taken", &["is First's already, its front's"]);
    let side = (plane.shop_port(0) + 1_000).to_string();
    plane.refused_engine(&["--port", &side], "register.taken", &[&side, "that of a side"]);
    let host = ["--port", &port(1), "--host", "shop.example.com"];
    plane.refused_engine(&host, "register.taken", &["First answers under the host name `shop.example.com`"]);
    let other = TcpListener::bind(("127.0.0.1", plane.shop_port(1) + 2_000)).unwrap();
    let held = other.local_addr().unwrap().port().to_string();
    plane.refused_engine(&["--port", &port(1)], "port.in_use", &[&held, "1000 and 2000 above"]);
    drop(other);
    let key = plane.key("ada").display().to_string();
    let new = ["engine", "new", "Second", "--tenant", "acme", "--port", &port(1), "--runtime", "web", "--key", &key];
    let shown = plane.cli(&new).ok().stdout;
    assert!(shown.contains("sort    web") && shown.contains(&held), "{shown}");
    // A package for another sort is refused with both ways out.
    plane.publish("2026.02");
    let change = plane.draft(&["--kind", "deployment", "--engine", "second", "--artifact", "2026.02"]);
    let refused = plane.by("ada", &["change", "seal", &change]).refused("profile.runtime");
    for words in ["engine new --runtime storefront …", "artifact pack DIR --runtime web"] {
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
}

#[test]
fn a_plain_value_that_looks_like_a_secret_is_published_only_where_that_is_said() {
    let plane = Plane::serving();
    let file = plane.home.path().join("own.toml");
    std::fs::write(&file, "[values]\nWORKERS = 4\nAPI_TOKEN = \"planted\"\n").unwrap();
    let publish = ["config", "publish", file.to_str().unwrap(), "--product", "own-config", "--version", "1"];
    let size = plane.control_size();
    let refused = plane.by("ada", &publish).refused("config.readable_secret");
    assert!(
        refused.stderr.contains("`API_TOKEN` is a plain value") && !refused.stderr.contains("planted"),
        "{refused:?}"
    );
    plane.by("ada", &[&publish[..], &["--public", "WORKERS"]].concat()).refused("config.readable_secret");
    assert_eq!(plane.control_size(), size + 1, "nothing but the sign-in");
    plane.by("ada", &[&publish[..], &["--public", "API_TOKEN"]].concat()).ok();
}

#[test]
fn serve_comes_back_on_its_ports_and_engines_end_when_asked_to_and_not_before() {
    let mut plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let change = plane.approved_deployment(engine, &artifact);
    plane.by("ben", &["change", "run", &change]).ok();
    let visitors = || shop::get(&format!("http://127.0.0.1:{}/", plane.shop_port(0))).map(|(status, _)| status);
    assert_eq!(visitors(), Some(200));
    // Of several open slots each is named to who has none of their roles.
    let back = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &plane.publish("2026.03.1")]);
    plane.by("ada", &["change", "seal", &back]).ok();
    let refused = plane.by("di", &["change", "approve", &back]).refused("role.missing");
    assert!(refused.stderr.contains("open slots: Governance Operator; Finance Reviewer"), "{refused:?}");
    plane.by("ada", &["change", "cancel", &back]).ok();
    let busy = plane.cli(&["engine", "stop-all"]);
    assert!(busy.code != 0 && visitors() == Some(200), "{busy:?}");
    plane.stop();
    let visitors =
        |plane: &Plane| shop::get(&format!("http://127.0.0.1:{}/", plane.shop_port(0))).map(|(status, _)| status);
    assert_eq!(visitors(&plane), Some(200), "engines outlive the services");
    let ended = plane.cli(&["engine", "stop-all", "--json"]).ok().json();
    assert_eq!((&ended["front"], &ended["engines"]), (&true.into(), &1.into()), "{ended}");
    assert_eq!(visitors(&plane), None);
    let again = plane.cli(&["engine", "stop-all", "--json"]).ok().json();
    assert_eq!((&again["front"], &again["engines"]), (&false.into(), &0.into()), "{again}");
    // Nobody says the ports: they are the ones that it had.
    let mut serve = plane.command(&["serve"]).stdout(Stdio::piped()).spawn().unwrap();
    plane.ready();
    until("what serves by the ledger serves again", || visitors(&plane) == Some(200));
    signal(serve.id(), "TERM");
    serve.wait().unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut serve.stdout.take().unwrap(), &mut said).unwrap();
    assert!(said.contains(&format!("on ports {} and above", plane.base)) && !said.contains("moved"), "{said}");
    assert!(said.contains("countersign engine stop-all"), "{said}");
    // On other ports it says that it moved.
    let moved = Plane::empty();
    let base = moved.base.to_string();
    let mut serve = plane.command(&["serve", "--base-port", &base]).stdout(Stdio::piped()).spawn().unwrap();
    moved.ready();
    signal(serve.id(), "TERM");
    serve.wait().unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut serve.stdout.take().unwrap(), &mut said).unwrap();
    assert!(said.contains(&format!("moved from ports {} and above", plane.base)), "{said}");
}
