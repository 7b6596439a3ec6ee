//! Signatures made and checked by tools that are not ours: `ssh-keygen`, `ssh-agent`.

use crate::plane::{PATIENCE, Plane, Ran, signal};
use crate::wire;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// What precedes the canonical JSON of a statement in what is signed (docs/formats.md, Statement).
const PREFIX: &[u8] = b"countersign/statement/v1\0";

/// Canonical JSON of a value without numbers beyond integers and text beyond ASCII: sorted keys
/// (serde_json's map is sorted) and no white space.
pub fn canonical(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// Runs a tool of OpenSSH, with this text as its input.
fn tool(program: &str, args: &[&str], input: &Path) -> Ran {
    let input = fs::File::open(input).unwrap();
    Ran::of(Command::new(program).args(args).stdin(input).output().unwrap())
}

fn instant(ahead_s: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let millis = i64::try_from(now).unwrap() + i64::try_from(ahead_s * 1_000).unwrap();
    model::Instant::from_millis(millis).to_string()
}

impl Plane {
    /// The genesis, as it stands in leaf 0.
    pub fn genesis(&self) -> Value {
        self.cli(&["audit", "show", "0", "--json"]).ok().json()["leaf"]["command"]["genesis"]["genesis"].clone()
    }

    /// Somebody's id, key id and public key, from leaf 0.
    pub fn person(&self, who: &str) -> (String, String, String) {
        let public = fs::read_to_string(format!("{}.pub", self.key(who).display())).unwrap();
        let public = public.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let genesis = self.genesis();
        let people = genesis["roster"]["people"].as_array().unwrap();
        let person = people.iter().find(|person| person["keys"][0]["openssh"] == public.as_str()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&person["id"]), text(&person["keys"][0]["id"]), public)
    }

    /// A statement as a stranger to our code writes it: JSON, a file, `ssh-keygen -Y sign`.
    pub fn signed_by_openssh(&self, who: &str, act: &Value) -> Value {
        let (person, key, _) = self.person(who);
        let trust: Value = serde_json::from_slice(&fs::read(self.dir().join("trust.json")).unwrap()).unwrap();
        let note = wire::get(&format!("{}/log/control/checkpoint", self.url("governance")), None);
        let note = String::from_utf8(note).unwrap();
        let head = tlog_tiles::Checkpoint::from_bytes(
            note.split("\n\n").next().map(|text| format!("{text}\n")).unwrap().as_bytes(),
        );
        let head = head.unwrap();
        let root = model::Digest(head.hash().0);
        let statement = json!({
            "ledger": trust["genesis"], "command": client::random_command().to_string(), "person": person, "key": key, "act": act,
            "not_after": instant(600), "seen": {"size": head.size(), "root": root},
        });
        let file = self.home.path().join(format!("statement-{}", client::random_command()));
        fs::write(&file, [PREFIX, &canonical(&statement)].concat()).unwrap();
        let key = self.key(who);
        let args = ["-Y", "sign", "-n", "countersign", "-f", key.to_str().unwrap(), file.to_str().unwrap()];
        tool("ssh-keygen", &args, Path::new("/dev/null")).ok();
        let armour = fs::read_to_string(format!("{}.sig", file.display())).unwrap();
        let signature: String = armour.lines().filter(|line| !line.starts_with("-----")).collect();
        json!({"command": {"signed": {"statement": statement, "signature": signature}}})
    }

    /// Posts a command raw.
    pub fn submit(&self, submission: &Value) -> (u16, Value) {
        wire::post(&format!("{}/v1/commands?ack=published", self.url("governance")), None, submission)
    }

    /// Checks a leaf's statement with `ssh-keygen -Y verify` alone, under this name.
    fn verified_by_openssh(&self, leaf: &Value, name: &str, public: &str, namespace: &str) -> Ran {
        let signed = &leaf["command"]["signed"];
        let at = |file: &str| self.home.path().join(file).display().to_string();
        fs::write(at("statement"), [PREFIX, &canonical(&signed["statement"])].concat()).unwrap();
        let armour = format!(
            "-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n",
            signed["signature"].as_str().unwrap()
        );
        fs::write(at("statement.sig"), armour).unwrap();
        fs::write(at("signers"), format!("{name} {public}\n")).unwrap();
        let (signers, signature) = (at("signers"), at("statement.sig"));
        let args = ["-Y", "verify", "-f", &signers, "-I", name, "-n", namespace, "-s", &signature];
        tool("ssh-keygen", &args, Path::new(&at("statement")))
    }
}

/// An ssh-agent that ends with the test.
struct Agent {
    child: Child,
    socket: String,
}

impl Agent {
    fn holding(plane: &Plane, key: &Path) -> Self {
        let socket = plane.home.path().join("agent.sock").display().to_string();
        let child = Command::new("ssh-agent").args(["-D", "-a", &socket]).stdout(Stdio::null()).spawn().unwrap();
        let agent = Self { child, socket };
        let started = std::time::Instant::now();
        while !Path::new(&agent.socket).exists() {
            assert!(started.elapsed() < PATIENCE, "the agent does not listen");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let added = Command::new("ssh-add").arg(key).env("SSH_AUTH_SOCK", &agent.socket).output().unwrap();
        assert!(added.status.success(), "{added:?}");
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        signal(self.child.id(), "TERM");
        let _ = self.child.wait();
    }
}

#[test]
fn what_we_sign_openssh_checks_and_what_openssh_signs_we_take() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &artifact]);
    let sealed = plane.by("ada", &["change", "seal", &change]).ok().json()["entry"].as_u64().unwrap();
    let leaf = plane.cli(&["audit", "show", &sealed.to_string(), "--json"]).ok().json()["leaf"].clone();

    let (_, _, ada) = plane.person("ada");
    let (_, _, ben) = plane.person("ben");
    let good = plane.verified_by_openssh(&leaf, "ada", &ada, "countersign").ok();
    assert!(good.stdout.contains("Good \"countersign\" signature for ada"), "{good:?}");
    assert_ne!(plane.verified_by_openssh(&leaf, "ada", &ada, "git").code, 0, "another namespace");
    assert_ne!(plane.verified_by_openssh(&leaf, "ben", &ben, "countersign").code, 0, "another person");
    let mut other = leaf.clone();
    other["command"]["signed"]["statement"]["act"]["seal"]["binding"]["revision"] = 2.into();
    assert_ne!(plane.verified_by_openssh(&other, "ada", &ada, "countersign").code, 0, "other bytes");

    let binding = leaf["command"]["signed"]["statement"]["act"]["seal"]["binding"].clone();
    let approval = json!({"approve": {"binding": binding, "slot": 0}});
    let submission = plane.signed_by_openssh("ben", &approval);
    let (status, answer) = plane.submit(&submission);
    assert_eq!(status, 200, "{answer}");
    let index = answer["index"].as_u64().unwrap();
    let view = plane.cli(&["change", "show", &change, "--json"]).ok().json();
    assert_eq!(view["slots"][0]["person"], plane.person("ben").0.as_str(), "{view}");
    // The same word again is the same word: answered as the first time, no second leaf.
    let (status, again) = plane.submit(&submission);
    assert_eq!((status, &again["index"]), (200, &index.into()), "{again}");
    // One flipped bit of the signed words, and it is nobody's.
    let mut forged = submission;
    forged["command"]["signed"]["statement"]["not_after"] = instant(700).into();
    let (status, refused) = plane.submit(&forged);
    assert_eq!((status, &refused["error"]["code"]), (401, &"statement.unsigned".into()), "{refused}");
    assert_eq!(plane.control_size(), index + 1, "nothing was recorded");
    plane.verified();
}

#[test]
fn an_agent_signs_and_a_key_that_cannot_is_named() {
    let plane = Plane::serving();
    let agent = Agent::holding(&plane, &plane.key("ada"));
    let public = format!("{}.pub", plane.key("ada").display());
    let run = |public: &str, socket: Option<&str>| {
        let mut command = plane.command(&["tenant", "new", "Acme", "--json", "--agent", public]);
        if let Some(socket) = socket {
            command.env("SSH_AUTH_SOCK", socket);
        }
        Ran::of(command.output().unwrap())
    };
    // The private half is nowhere but in the agent.
    fs::remove_file(plane.key("ada")).unwrap();
    let registered = run(&public, Some(&agent.socket)).ok().json();
    assert!(registered["tenant"].is_string(), "{registered}");
    let newest = plane.newest();
    let checked = plane.verified_by_openssh(&newest["leaf"], "ada", &plane.person("ada").2, "countersign").ok();
    assert!(checked.stdout.starts_with("Good"), "{checked:?}");

    let refuses = |ran: Ran, words: &[&str]| {
        assert_eq!(ran.code, 5, "{ran:?}");
        for word in words {
            assert!(ran.stderr.contains(word), "`{word}` is not said: {}", ran.stderr);
        }
    };
    refuses(run(&public, None), &["SSH_AUTH_SOCK is not set"]);
    let ben = format!("{}.pub", plane.key("ben").display());
    refuses(run(&ben, Some(&agent.socket)), &["the ssh-agent at", "cannot sign"]);
    refuses(run(&ben, Some("/nowhere/agent.sock")), &["/nowhere/agent.sock"]);

    // A key with a passphrase, of somebody on the roster.
    let ben = plane.key("ben").display().to_string();
    tool("ssh-keygen", &["-q", "-p", "-P", "", "-N", "a long passphrase", "-f", &ben], Path::new("/dev/null")).ok();
    refuses(plane.by("ben", &["tenant", "new", "Beta"]), &["has a passphrase", "ssh-add", "--agent"]);
    // A key of nobody, of another kind, and no key at all.
    plane.cli(&["key", "new", plane.key("eve").to_str().unwrap()]).ok();
    refuses(plane.by("eve", &["tenant", "new", "Beta"]), &["not on the ledger's roster"]);
    let rsa = plane.key("rsa").display().to_string();
    tool("ssh-keygen", &["-q", "-t", "ecdsa", "-N", "", "-f", &rsa], Path::new("/dev/null")).ok();
    refuses(plane.by("rsa", &["tenant", "new", "Beta"]), &["ed25519"]);
    // The public half in place of the private one, and a private one that others can read.
    let public = format!("{}.pub", plane.key("cy").display());
    let named = format!("it is a public key; name the private one beside it: `--key {}`", plane.key("cy").display());
    refuses(plane.cli(&["tenant", "new", "Beta", "--key", &public]), &[&named]);
    let cy = plane.key("cy");
    fs::set_permissions(&cy, fs::Permissions::from_mode(0o644)).unwrap();
    refuses(plane.by("cy", &["tenant", "new", "Beta"]), &["can be read by others", "0644", "chmod 600"]);
    fs::write(plane.key("text"), "not a key").unwrap();
    refuses(plane.by("text", &["tenant", "new", "Beta"]), &["cannot be used"]);
    // What is not there at all is what was typed wrong.
    let gone = plane.by("gone", &["tenant", "new", "Beta"]);
    assert!(gone.code == 2 && gone.stderr.contains("file.unreadable"), "{gone:?}");
}
