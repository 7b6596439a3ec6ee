//! What an engine is bound to, by the command line: published, bound, changed alone, taken back as one, and every refusal.

use crate::plane::{Plane, Ran};
use crate::wire;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const POLICY: &str = r#"[audit]
years = 7
[billing]
by = "finance-reviewer"
within_days = 30
statements = ["memory", "ai-lease-usage"]
[export]
formats = ["csv", "json"]
days = 90
[data]
then = "hand_over"
days = 30
"#;

fn size(path: &std::path::Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

impl Plane {
    /// Publishes a config from its text; answers its digest.
    fn config(&self, version: &str, text: &str) -> String {
        let file = self.file(&format!("config-{version}.toml"), text);
        let args = ["config", "publish", &file, "--product", "alpha-config", "--version", version];
        text_of(&self.by("ada", &args).ok().json()["config"])
    }

    /// Publishes a shipped theme from its folder; answers its digest.
    pub fn theme(&self, version: &str) -> String {
        let dir = self.home.path().join(format!("theme-{version}"));
        for (path, bytes) in storefront::themes().into_iter().find(|theme| theme.version == version).unwrap().files {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let dir = dir.display().to_string();
        let args = ["theme", "publish", &dir, "--product", "acme-native", "--version", version, "--tenant", "acme"];
        let theme = text_of(&self.by("ada", &args).ok().json()["theme"]);
        // Packed by oneself it is the same, and says itself what it is.
        let tar = self.home.path().join("theme.tar").display().to_string();
        let what = ["--kind", "theme", "--product", "acme-native", "--version", version];
        self.cli(&[&["artifact", "pack", &dir, "-o", &tar], &what[..]].concat()).ok();
        let again = self.by("ada", &["theme", "publish", &tar, "--tenant", "acme"]).ok().json();
        assert_eq!((&again["theme"], &again["entry"]), (&json!(theme), &Value::Null), "{again}");
        assert_eq!(self.by("ada", &["theme", "publish", &tar, "--version", "9"]).code, 2);
        let left = fs::read_dir(self.dir().join("cli")).unwrap().flatten().map(|entry| entry.file_name());
        assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with("theme-")), "nothing is left behind");
        theme
    }

    /// An AI lease for Acme that is in force; answers the change that granted it.
    pub fn lease(&self, cycles: &str) -> String {
        let asked =
            ["lease", "grant", "--tenant", "acme", "--class", "worker", "--cycles", cycles, "--period", "month"];
        let asked = [&asked[..], &["--zone", "America/New_York", "--purpose", "merchandising"]].concat();
        let change = text_of(&self.by("ada", &asked).ok().json()["id"]);
        let sealed = self.by("ada", &["change", "seal", &change]).ok().json();
        // No envelope covers it: it is a matter of finance, too.
        assert_eq!(sealed["said"], "sealed, flagged for finance review,", "{sealed}");
        self.by("ben", &["change", "approve", &change]).ok();
        self.by("cy", &["change", "approve", &change]).ok();
        self.by("ben", &["change", "run", &change]).ok();
        change
    }

    /// What is observed of the engine: the bundle that serves, and the process that is it.
    fn serves(&self) -> (Value, u64) {
        let engines = self.page("engine", "/v1/engines");
        let engine = &engines["engines"][0];
        let sides = engine["sides"].as_array().unwrap();
        let side = sides.iter().find(|side| side["side"] == engine["serving_side"]).unwrap();
        (engine["bundle"].clone(), side["pid"].as_u64().unwrap())
    }

    /// Has a cycle set aside with what the process was given; answers the lease that it counts under.
    fn used_by(&self, pid: u64, id: u8) -> Value {
        let environ = fs::read_to_string(format!("/proc/{pid}/environ")).unwrap();
        let given = |name: &str| environ.split('\0').find_map(|one| one.strip_prefix(name)?.strip_prefix('='));
        let (url, token) = (given("COUNTERSIGN_LEASE_URL").unwrap(), given("COUNTERSIGN_LEASE_TOKEN").unwrap());
        assert!(url.starts_with(&self.url("platform")), "{url}");
        let ask = json!({"id": format!("{id:032x}"), "cycles": 1, "hold_ms": 60_000});
        let (status, granted) = wire::post(&format!("{url}/reservations"), Some(token), &ask);
        assert_eq!(status, 200, "{granted}");
        granted["lease"].clone()
    }

    /// How a draft stands against what serves, thing by thing.
    fn against(&self, change: &str) -> Value {
        let shown = self.shown(change);
        let things = shown["bound"].as_array().unwrap().iter();
        things
            .map(|thing| (text_of(&thing["what"]), thing["against"].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// Deploys with these flags; answers the change.
    fn deploy(&self, more: &[&str]) -> String {
        self.carried(&[&["--kind", "deployment", "--engine", "alpha"], more].concat(), &["ben", "cy"])
    }

    /// A draft of a deployment, and what is said when it is to be sealed.
    fn sealing(&self, more: &[&str]) -> Ran {
        let draft = self.draft(&[&["--kind", "deployment", "--engine", "alpha"], more].concat());
        let sealed = self.by("ada", &["change", "seal", &draft]);
        self.by("ada", &["change", "cancel", &draft]).ok();
        sealed
    }

    /// A program that needs a number and a secret, packed for engines of a sort; nothing of it is ever started.
    fn publish_needy(&self, runtime: &str) {
        let dir = self.home.path().join(format!("needy-{runtime}"));
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("start.sh"), "#!/bin/sh\nexec sleep 1\n").unwrap();
        fs::set_permissions(dir.join("start.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        let says = format!(
            r#"product = "needy-{runtime}"
version = "1"
runtime = "{runtime}"
entry = "start.sh"
outbound = [5432]
memory_mib = {{ least = 64, usual = 128, most = 512 }}
variables = [{{ key = "WORKERS", required = true, bounds = {{ least = 1, most = 8 }} }}, {{ key = "KEY", secret = true }}]
"#
        );
        fs::write(dir.join("countersign.toml"), says).unwrap();
        let (dir, tar) = (dir.display().to_string(), self.home.path().join("needy.tar").display().to_string());
        self.cli(&["artifact", "pack", &dir, "-o", &tar]).ok();
        self.by("ada", &["publish", &tar, "--name", &format!("Needy {runtime}")]).ok();
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

#[test]
fn everything_is_bound_as_one_changed_alone_and_taken_back_as_one() {
    let plane = Plane::serving();
    plane.engine();
    let artifact = plane.publish("2026.02");
    let [first, second] = [("1", 20), ("2", 30)].map(|(n, s)| plane.config(n, &format!("start_within_s = {s}\n")));
    let (old, new) = (plane.theme("2026.02"), plane.theme("2026.03"));
    let (lease, other) = (plane.lease("1000"), plane.lease("2000"));
    let file = plane.file("policy.toml", POLICY);
    let published = ["retention", "publish", &file, "--product", "retention-standard", "--version", "1"];
    let policy = text_of(&plane.by("ada", &published).ok().json()["retention"]);
    let again = plane.by("ada", &published).ok().json();
    assert_eq!((&again["retention"], &again["entry"]), (&json!(policy), &Value::Null));

    // Everything at once.
    let all = ["--artifact", "2026.02", "--config", "alpha-config 1", "--theme", "acme-native 2026.02"];
    let all = [&all[..], &["--lease", &lease[..8], "--retention", "retention-standard 1"]].concat();
    let change = plane.draft(&[&["--kind", "deployment", "--engine", "alpha"], &all[..]].concat());
    let new_things = json!({"artifact": "new", "config": "new", "lease": "new", "theme": "new", "retention": "new"});
    assert_eq!(plane.against(&change), new_things);
    plane.by("ada", &["change", "seal", &change]).ok();
    let key = plane.key("ben").display().to_string();
    let signing = plane.cli(&["change", "approve", &change, "--key", &key]).ok().stdout;
    for (label, id) in [("config", &first), ("theme", &old), ("AI lease", &lease), ("retention", &policy)] {
        let line = signing.lines().find(|line| line.starts_with(label)).unwrap_or_else(|| panic!("{label}: {signing}"));
        assert!(line.contains(&id[..8]) && line.ends_with("(new)"), "{line}");
    }
    plane.by("cy", &["change", "approve", &change]).ok();
    plane.by("ben", &["change", "run", &change]).ok();
    let (bundle, pid) = plane.serves();
    for (what, id) in
        [("artifact", &artifact), ("config", &first), ("lease", &lease), ("theme", &old), ("retention", &policy)]
    {
        assert_eq!(&bundle[what], id, "{bundle}");
    }
    let listed = plane.cli(&["engine", "ls", "--json"]).ok().json();
    assert_eq!(
        (&listed[0]["bundle"], listed[0]["bound"].as_array().unwrap().len()),
        (&bundle["digest"], 5),
        "{listed}"
    );

    // What serves is looked at on the node's disk, its theme too.
    let kept = plane.dir().join("node/store").join(&old).join("fonts");
    let font = fs::read_dir(&kept).unwrap().map(|file| file.unwrap().path()).max_by_key(|path| size(path)).unwrap();
    let whole = fs::read(&font).unwrap();
    fs::write(&font, &whole[1..]).unwrap();
    crate::plane::until("a damaged theme to be fetched again", || fs::read(&font).is_ok_and(|now| now == whole));

    // The config alone: what is left out is kept.
    let change = plane.draft(&["--kind", "deployment", "--engine", "alpha", "--config", "alpha-config 2"]);
    let kept = json!({"artifact": "kept", "config": "changed", "lease": "kept", "theme": "kept", "retention": "kept"});
    assert_eq!(plane.against(&change), kept);
    let shown = plane.cli(&["change", "show", &change]).ok().stdout;
    assert!(shown.contains("(changed from alpha-config 1)") && shown.contains("(kept)"), "{shown}");
    plane.by("ada", &["change", "cancel", &change]).ok();
    let change = plane.deploy(&["--config", "alpha-config 2"]);
    assert_eq!(plane.against(&change), kept, "it is told as it was signed, and not against what serves since");
    let (bundle, restarted) = plane.serves();
    assert_eq!((&bundle["config"], &bundle["theme"]), (&json!(second), &json!(old)));
    assert_ne!(restarted, pid, "it is started with its config");
    plane.exported_whole(&change);

    // The lease alone: nothing of the process changes, and what it uses counts under the other one from then on.
    assert_eq!(plane.used_by(restarted, 1), json!(lease));
    plane.deploy(&["--lease", &other]);
    let (bundle, same) = plane.serves();
    assert_eq!((&bundle["lease"], same), (&json!(other), restarted), "a lease is no reason to restart");
    assert_eq!(plane.used_by(same, 2), json!(other));

    // Three things at once, and all of them back at once.
    plane.deploy(&["--theme", &new, "--config", &first, "--retention", "none"]);
    let changed = plane.serves().0;
    assert_eq!((&changed["theme"], &changed["retention"]), (&json!(new), &Value::Null));
    plane.rehearsed();
    let rollback = plane.approved_rollback("alpha");
    let against = plane.against(&rollback);
    assert_eq!((&against["theme"], &against["retention"]), (&json!("changed"), &json!("new")), "{against}");
    plane.by("ada", &["change", "run", &rollback]).ok();
    assert_eq!(plane.serves().0, bundle, "config, theme, lease and policy of before, under the digest of before");
    plane.listings(&lease, &other);
    plane.verified();
}

impl Plane {
    /// What was signed, written to files, says each thing that is bound.
    fn exported_whole(&self, change: &str) {
        let out = self.home.path().join("signed").display().to_string();
        let exported = self.cli(&["change", "export", change, "--out", &out, "--json"]).ok().json();
        assert_eq!(exported["bound"].as_array().unwrap().len(), 5, "{exported}");
    }

    /// What a rollback would lead to is tried beside what serves.
    fn rehearsed(&self) {
        let serving = self.serves();
        let rehearsal = self.carried(&["--kind", "rehearsal", "--engine", "alpha"], &["ben"]);
        let tried = self.shown(&rehearsal);
        assert_eq!((&tried["status"], tried["bound"].as_array().unwrap().len()), (&json!("effective"), 5), "{tried}");
        assert_eq!(self.serves(), serving, "nobody was led to it");
    }

    /// What the listings say once all of it serves.
    fn listings(&self, lease: &str, other: &str) {
        let rules = self.cli(&["retention", "show", "retention-standard 1"]).ok().stdout;
        for rule in
            ["at least 7 years", "within 30 days: ai-lease-usage, memory", "CSV and JSON for 90 days", "handed over"]
        {
            assert!(rules.contains(rule), "{rule}: {rules}");
        }
        for (args, serving) in [(["config", "ls"], "2"), (["theme", "ls"], "2026.02"), (["retention", "ls"], "1")] {
            let listed = self.cli(&[&args[..], &["--json"]].concat()).ok().json();
            for row in listed.as_array().unwrap() {
                let on: &[&str] = if row["version"] == serving { &["POD Engine Alpha"] } else { &[] };
                assert_eq!(row["serves_on"], json!(on), "{args:?}: {listed}");
                assert!(row["certified"].is_u64(), "{args:?}: {listed}");
            }
        }
        let leases = self.cli(&["lease", "ls", "--json"]).ok().json();
        let of = |id: &str| leases.as_array().unwrap().iter().find(|lease| lease["lease"] == id).unwrap().clone();
        assert_eq!((&of(lease)["bound"], &of(other)["bound"]), (&json!([]), &json!(["POD Engine Alpha"])));
        let shown = self.cli(&["lease", "show", &other[..8]]).ok().stdout;
        assert!(shown.contains("2000 cycles a month (America/New_York), for merchandising"), "{shown}");
        assert!(shown.contains("stands; from "), "{shown}");
        let quota = self.cli(&["quota", "ls", "--json"]).ok().json();
        assert_eq!(
            (&quota[0]["used"]["engines"], &quota[0]["used"]["memory_mib"]),
            (&json!(1), &json!(256)),
            "{quota}"
        );
    }
}

#[test]
fn what_does_not_fit_is_refused_with_what_to_do() {
    let plane = Plane::serving();
    plane.engine();
    plane.publish_needy("storefront");
    plane.publish_needy("web");
    let refused = |more: &[&str], code: &str, words: &[&str]| {
        let said = plane.sealing(more).refused(code).stderr;
        for word in words {
            assert!(said.contains(word), "`{word}`: {said}");
        }
    };
    let own = ["--artifact", "needy-storefront 1"];
    let with = |config: &'static str| [&own[..], &["--config", config]].concat();
    plane.config("many", "[values]\nWORKERS = 99\n");
    plane.config("unread", "[values]\nWORKERS = 2\nCOLOUR = \"red\"\n");
    plane.config("port", "outbound = [80]\n[values]\nWORKERS = 2\n");
    plane.config("large", "memory_mib = 1024\n[values]\nWORKERS = 2\n");
    plane.config("host", "hosts = [\"shop.example.com\"]\n[values]\nWORKERS = 2\n");
    plane.config("secret", &format!("[values]\nWORKERS = 2\n[secrets]\nKEY = \"{}\"\n", "ab".repeat(32)));
    plane.config("good", "[values]\nWORKERS = 2\n");
    refused(&own, "config.incomplete", &["`WORKERS`", "countersign config publish"]);
    for (config, what) in [
        ("many", "`WORKERS` to something else than a whole number from"),
        ("unread", "`COLOUR`, which the program does not read"),
        ("port", "a port of other hosts that its manifest does not list; it lists 5432"),
        ("large", "`memory_mib` to something else than a whole number from"),
    ] {
        refused(&with(config), "config.outside", &[what, "countersign config publish"]);
    }
    refused(&with("host"), "config.host", &["shop.example.com", "leave it out"]);
    refused(&with("secret"), "secret.missing", &["abababab", "countersign secret put", "countersign change observe"]);
    refused(&["--artifact", "needy-web 1"], "profile.runtime", &["`web`", "`storefront`"]);
    let file = plane.file("open.toml", "[values]\nKEY = \"hunter2\"\nWORKERS = 2\n");
    let args = ["config", "publish", &file, "--product", "alpha-config", "--version", "open", "--public", "KEY"];
    plane.by("ada", &args).ok();
    let said = plane.sealing(&with("open")).refused("config.secret_open").stderr;
    assert!(said.contains("`KEY` is a secret of this program") && said.contains("[secrets]"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    published_for_another(&plane, &own);
    themes_refused(&plane);

    // A lease that has stood; while it does, an override of it is read-only until it is escalated.
    let lease = plane.lease("1000");
    let key = plane.key("ada").display().to_string();
    let asked = ["lease", "override", "--lease", &lease, "--cycles", "5000", "--for", "7d", "--key", &key];
    let told = plane.cli(&asked).ok().stdout;
    assert!(told.contains("read-only") && told.contains("countersign change escalate"), "{told}");
    let change = told.split_once("opened ").unwrap().1.split_whitespace().next().unwrap();
    // A lease, a tenant and an engine are shown by name.
    let shown = plane.cli(&["change", "show", change]).ok().stdout;
    let raises = shown.lines().find(|line| line.contains("terms.cap.raises")).unwrap();
    assert!(raises.contains(&format!("lease grant {} ({lease})", &lease[..8])), "{shown}");
    plane.by("ada", &["change", "seal", change]).refused("seal.not_escalated");
    let draft =
        plane.draft(&[&["--kind", "deployment", "--engine", "alpha", "--lease", &lease], &with("good")[..]].concat());
    plane.by("di", &["change", "revoke", &lease, "--reason", "ended early"]).ok();
    let said = plane.by("ada", &["change", "seal", &draft]).refused("lease.not_standing").stderr;
    assert!(said.contains("is over") && said.contains("countersign lease ls"), "{said}");
    assert!(said.contains("countersign lease grant"), "{said}");
    let said = plane.cli(&asked);
    assert!(said.stderr.contains("lease.not_standing") && said.stderr.contains("is not raised"), "{said:?}");
    over(&plane, &lease, change);
    plane.by("ada", &["change", "new", "--kind", "rehearsal", "--engine", "alpha"]).refused("rollback.nothing_below");
    plane.verified();
}

/// A lease stays readable when it is over, before and after Platform Services has said what was used of it at last.
fn over(plane: &Plane, lease: &str, raise: &str) {
    let shown = || plane.cli(&["lease", "show", lease]).ok().stdout;
    let first = shown();
    assert!(first.contains("granted    1000 cycles a month") && !first.contains("grants     "), "{first}");
    crate::plane::until("the lease is read back", || {
        shown().contains("standing   grants nothing; over: what it granted has ended")
    });
    let json = plane.cli(&["lease", "show", lease, "--json"]).ok().json();
    assert_eq!((&json["stands"], &json["cycles"]), (&json!(false), &json!(1000)), "{json}");
    // An override is no lease.
    let said = plane.cli(&["lease", "show", raise]);
    assert!(said.code != 0 && said.stderr.contains("no AI lease"), "{said:?}");
}

/// The same document serves two tenants, published for each; a name means one thing.
fn published_for_another(plane: &Plane, own: &[&str]) {
    plane.by("ada", &["tenant", "new", "Harbor Goods"]).ok();
    let file = plane.file("shared.toml", "[values]\nWORKERS = 3\n");
    let publish = |file: &str, version: &str, more: &[&str]| {
        let args = ["config", "publish", file, "--product", "shared", "--version", version];
        plane.by("ada", &[&args[..], more].concat())
    };
    publish(&file, "1", &["--tenant", "Harbor Goods"]).ok();
    let bound = [own, &["--config", "shared 1"]].concat();
    let said = plane
        .by("ada", &[&["change", "new", "--kind", "deployment", "--engine", "alpha"], &bound[..]].concat())
        .refused("bundle.other_tenant")
        .stderr;
    assert!(said.contains("--tenant") && said.contains("countersign config publish"), "{said}");
    publish(&file, "2", &["--tenant", "acme"]).refused("publish.otherwise");
    let widened = publish(&file, "1", &["--tenant", "acme"]).ok().json();
    assert!(widened["entry"].is_u64() && widened["tenants"].as_array().unwrap().len() == 2, "{widened}");
    let again = publish(&file, "1", &["--tenant", "acme"]).ok().json();
    assert_eq!((&again["entry"], &again["tenants"]), (&Value::Null, &widened["tenants"]));
    let draft = plane.draft(&[&["--kind", "deployment", "--engine", "alpha"], &bound[..]].concat());
    plane.by("ada", &["change", "cancel", &draft]).ok();
    let other = plane.file("other.toml", "[values]\nWORKERS = 4\n");
    publish(&other, "1", &["--tenant", "acme"]).refused("publish.edition_taken");
    let shown = plane.cli(&["config", "show", "shared 1"]).ok().stdout;
    assert!(shown.contains("Harbor Goods") && shown.contains("Acme"), "{shown}");
}

/// Files that are no theme are not uploaded, by whichever command: each fault is told with its place, and the version can be
/// published once they are mended.
fn themes_refused(plane: &Plane) {
    let dir = plane.home.path().join("bad");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("theme.css"), "a {\n  background: url(https://evil.example/x.png);\n}\n").unwrap();
    let (dir, tar) = (dir.display().to_string(), plane.home.path().join("bad.tar").display().to_string());
    let what = ["--product", "bad", "--version", "1"];
    let size = plane.control_size();
    for source in [&dir, &tar] {
        let more = if *source == dir { &what[..] } else { &[] };
        if *source == tar {
            plane.cli(&[&["artifact", "pack", &dir, "--kind", "theme", "-o", &tar], &what[..]].concat()).ok();
        }
        let told = plane.by("ada", &[&["theme", "publish", source], more].concat()).refused("theme.refused");
        assert_eq!(told.json()["faults"][0]["file"], "theme.css", "{told:?}");
    }
    let told = plane.by("ada", &["publish", &tar, "--name", "no theme"]).refused("theme.refused");
    let fault = &told.json()["faults"][0];
    assert_eq!((&fault["file"], &fault["line"], &fault["code"]), (&json!("theme.css"), &json!(2), &json!("css.url")));
    assert_eq!(plane.control_size(), size, "nothing was published");
    fs::write(plane.home.path().join("bad/theme.css"), "a { color: red }\n").unwrap();
    plane.cli(&[&["artifact", "pack", &dir, "--kind", "theme", "-o", &tar], &what[..]].concat()).ok();
    assert!(plane.by("ada", &["publish", &tar, "--name", "mended"]).ok().json()["theme"].is_string());
}
