//! After a busy run nothing secret stands where it is not meant to: not in what was written, not in a command line at any
//! time, not in a metric, and not on a page of the console.

use crate::plane::{Plane, Ran, get, signal, until};
use crate::secrets::{found, told_by_ps};
use crate::shop;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Looks at every command line of the machine until it is ended.
struct Lines {
    over: Arc<AtomicBool>,
    looking: std::thread::JoinHandle<(u32, Vec<String>)>,
}

impl Lines {
    fn watch(planted: Arc<Mutex<Vec<String>>>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        let looking = std::thread::spawn(move || {
            let (mut looks, mut told) = (0, vec![]);
            while !ended.load(Ordering::Relaxed) {
                for secret in planted.lock().unwrap().clone() {
                    told.extend(told_by_ps(&secret));
                }
                looks += 1;
            }
            (looks, told)
        });
        Self { over, looking }
    }

    fn end(self) -> (u32, Vec<String>) {
        self.over.store(true, Ordering::Relaxed);
        self.looking.join().unwrap()
    }
}

/// A browser that has signed in at the console.
struct Browser {
    port: u16,
    cookie: String,
}

impl Browser {
    fn signed_in(plane: &Plane, who: &str) -> Self {
        let mut browser = Self { port: plane.base + 8, cookie: String::new() };
        let key = plane.key(who).display().to_string();
        let mut url = Ran { code: 1, stdout: String::new(), stderr: String::new() };
        until("the console to know the key", || {
            url = plane.cli(&["login", "--key", &key]);
            url.code == 0
        });
        let path = format!("/{}", url.stdout.trim().splitn(4, '/').last().unwrap());
        let page = browser.ask("GET", &path, "");
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}"));
        let csrf = csrf.split('"').next().unwrap().to_owned();
        let answer = browser.ask("POST", &path, &format!("csrf={csrf}"));
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        browser
    }

    /// One exchange, head and body; the cookie that is set is kept.
    fn ask(&mut self, method: &str, path: &str, form: &str) -> String {
        let host = format!("localhost:{}", self.port);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\nconnection: close\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.cookie,
            form.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        self.cookie = cookie.map_or(std::mem::take(&mut self.cookie), str::to_owned);
        answer
    }
}

impl Plane {
    /// The process that serves, and what it was given in its own environment.
    fn given(&self) -> (u32, String) {
        let engines = self.page("engine", "/v1/engines");
        let engine = &engines["engines"][0];
        let sides = engine["sides"].as_array().unwrap();
        let serving = sides.iter().find(|side| side["side"] == engine["serving_side"]).unwrap();
        let pid = u32::try_from(serving["pid"].as_u64().unwrap()).unwrap();
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap();
        (pid, String::from_utf8_lossy(&environment).into_owned())
    }
}

/// The value of a variable in an environment.
fn variable(environment: &str, name: &str) -> Option<String> {
    environment.split('\0').find_map(|line| line.strip_prefix(&format!("{name}="))).map(str::to_owned)
}

#[test]
fn nothing_planted_is_found_after_a_busy_run_but_in_its_own_environment() {
    let mut plane = Plane::serving();
    let engine = plane.engine();
    let secret = format!("planted-{}-{:x}", std::process::id(), plane.base);
    let planted = Arc::new(Mutex::new(vec![secret.clone()]));
    let lines = Lines::watch(Arc::clone(&planted));
    let put = plane.deposited(&secret, &["--json"]).ok().json();
    plane.publish_with_secret();
    let digest = put["secret"].as_str().unwrap();
    let file = plane.file("own.toml", &format!("[secrets]\nSHOP_TOKEN = \"{digest}\"\n"));
    plane.by("ada", &["config", "publish", &file, "--product", "own-config", "--version", "1"]).ok();
    let lease = plane.lease("1000");
    let bound = ["--artifact", "own-shop 1", "--config", "own-config 1", "--lease", &lease];
    plane.carried(&[&["--kind", "deployment", "--engine", engine], &bound[..]].concat(), &["ben", "cy"]);
    let (pid, environment) = plane.given();
    assert_eq!(variable(&environment, "SHOP_TOKEN"), Some(secret.clone()), "its own environment is the place for it");
    let token = variable(&environment, "COUNTERSIGN_LEASE_TOKEN").expect("what is bound to a lease may use it");
    let person = plane.token("ada", model::Scope::Person);
    planted.lock().unwrap().extend([token.clone(), person.clone()]);

    // It uses its lease, dies, is started again, is replaced, and is rolled back to; the services end and start.
    let reserve = format!("{}/v1/leases/{lease}/reservations", plane.url("platform"));
    let asked = serde_json::json!({"id": "ab".repeat(16), "cycles": 10, "hold_ms": 60_000});
    until("the lease to be usable", || crate::wire::post(&reserve, Some(&token), &asked).0 == 200);
    assert_eq!(crate::wire::post(&reserve, Some("cs_of_nobody"), &asked).0, 401);
    signal(pid, "KILL");
    until("it to be started again", || shop::release(plane.shop_port(0)).is_some() && plane.given().0 != pid);
    plane.publish("2026.03.1");
    let other = ["--artifact", "2026.03.1", "--config", "none"];
    plane.carried(&[&["--kind", "deployment", "--engine", engine], &other[..]].concat(), &["ben", "cy"]);
    let rollback = plane.approved_rollback(engine);
    plane.by("ada", &["change", "run", &rollback]).ok();
    let newer = variable(&plane.given().1, "COUNTERSIGN_LEASE_TOKEN").unwrap();
    planted.lock().unwrap().push(newer);
    plane.stop();
    // A file is damaged and made again, which is told, and nothing of what was in it.
    fs::write(plane.dir().join("node/placements.json"), "{").unwrap();
    plane.serve();

    let mut browser = Browser::signed_in(&plane, "ada");
    let mut pages = vec![];
    for path in ["/", "/changes", "/changes/new", "/engines", "/roster", "/sources"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("/changes/{rollback}"), format!("/changes/{lease}")])
    {
        let page = browser.ask("GET", &path, "");
        assert!(page.starts_with("HTTP/1.1 200"), "{path}: {}", page.lines().next().unwrap_or_default());
        pages.push((path, page));
    }
    assert!(pages[0].1.contains("ada"), "read by who is signed in: {}", pages[0].1);
    for service in ["governance", "platform", "node", "engine", "integration"] {
        for route in ["metrics", "healthz", "readyz", "openapi.json"] {
            let url = format!("{}/{route}", plane.url(service));
            pages.push((url.clone(), get(&url).unwrap().1));
        }
    }
    let printed = [plane.cli(&["engine", "ls", "--json"]), plane.by("ada", &["secret", "ls"]), plane.cli(&["status"])];
    pages.extend(printed.map(|ran| ("the command line".to_owned(), format!("{}{}", ran.stdout, ran.stderr))));

    for secret in planted.lock().unwrap().iter() {
        for (place, page) in &pages {
            assert!(!page.contains(secret.as_str()), "it stands on {place}");
        }
        let mut places = vec![];
        found(plane.home.path(), secret, &mut places);
        assert!(places.is_empty(), "it is found: {places:#?}");
    }
    let (looks, told) = lines.end();
    assert!(looks > 10 && told.is_empty(), "{looks} looks: {told:#?}");
    plane.verified();
}
