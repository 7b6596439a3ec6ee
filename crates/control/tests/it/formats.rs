//! The formats, as `docs/formats.md` shows them: its worked examples are read out of that page, made
//! again from the types, and hashed again from the page's bytes alone. `UPDATE=1` writes them again.

use crate::golden;
use crate::world::{GO, OMAR, OPAL, Shelf, World, accepted, bindings, console_key, greeting, retention, token};
use control::{
    Command, Config, Fact, Kind, KindTable, LEAF_PREFIX, Leaf, Package, Plan, SecretValue, Setting, Value, Verdict,
};
use model::{Bundle, ChangeId, CommandId, Digest, KindName, canon};
use serde::{Serialize, de::DeserializeOwned};
use signed::{ConsoleLogin, Genesis, Opening, Part, PartBody, Receipt, Statement, Trust, commit, step_key};
use std::{fmt::Write, fs, path::PathBuf};

/// A worked example: its canonical text, and what follows from it.
struct Example {
    name: &'static str,
    json: String,
    lines: Vec<(&'static str, String)>,
}

fn example<T: Serialize>(name: &'static str, value: &T, lines: Vec<(&'static str, String)>) -> Example {
    Example { name, json: String::from_utf8(canon::to_vec(value).unwrap()).unwrap(), lines }
}

/// One whose identity is the digest under its own prefix.
fn named<T: Serialize>(name: &'static str, value: &T) -> Example {
    example(name, value, vec![("digest", canon::digest(name, value).unwrap().to_string())])
}

fn leaf_example(name: &'static str, bytes: &[u8]) -> Example {
    let json = String::from_utf8(bytes.strip_prefix(LEAF_PREFIX).unwrap().to_vec()).unwrap();
    Example { name, json, lines: vec![("leaf_hash", tlog::leaf_hash(bytes).to_string())] }
}

fn founding(genesis: &Genesis, signature: &str) -> Example {
    let (digest, key) = (genesis.digest().unwrap().to_string(), genesis.roster.people[0].keys[0].openssh.clone());
    example("genesis", genesis, vec![("digest", digest), ("key", key), ("signature", signature.to_owned())])
}

fn console_login(genesis: &Genesis) -> Example {
    let (token, expires) = (Digest::of_bytes(b"cs_example"), genesis.time.plus_millis(12 * 3_600_000));
    let login = ConsoleLogin { ledger: genesis.digest().unwrap(), key: console_key().public(), token, expires };
    let signature = login.sign(&console_key()).unwrap();
    example("console_login", &login, vec![("key", login.key.to_string()), ("signature", signature)])
}

/// A config that sets something of everything.
fn config() -> Config {
    Config {
        values: vec![greeting("Hello"), Value { key: token("WORKERS"), value: "4".to_owned() }],
        secrets: vec![SecretValue { key: token("API_KEY"), secret: Digest::of_bytes(b"deposited") }],
        outbound: vec![5432],
        hosts: vec![token("shop.example.com")],
        memory_mib: Some(128),
        start_within_ms: None,
        soak_ms: Some(60_000),
    }
}

/// A bundle of all five.
fn whole(artifact: Digest, config: &Config) -> Bundle {
    Bundle {
        artifact,
        config: Some(config.digest().unwrap()),
        lease: Some(ChangeId([0x1a; 16])),
        theme: Some(Digest::of_object("manifest", b"theme")),
        retention: Some(retention().digest().unwrap()),
    }
}

/// The first deployment of the test's world, up to its first intent.
fn examples() -> Vec<Example> {
    let mut world = World::new();
    let artifact = world.publish("2026.03.1", 512);
    let id = world.sealed(KindName::Deployment, artifact);
    let approval = accepted(world.approve(OMAR, id, GO));
    let approved = world.leaves.last().unwrap().clone();
    crate::world::refused(world.approve(OPAL, id, GO), "approve.author");
    let refused = world.leaves.last().unwrap().clone();
    accepted(world.approve(crate::world::FAYE, id, crate::world::FR));
    accepted(world.run(OPAL, id));
    let (service, due) = world.due(id).unwrap();
    let (_, intended) = world.intend(service, &due);

    let Command::Genesis { genesis, signatures } = Leaf::decode(&world.leaves[0]).unwrap().command else { panic!() };
    let Command::Signed { statement, signature } = approval.command else { panic!() };
    let Command::Receipt { receipt, signature: receipt_signature } = intended.unwrap().command else { panic!() };
    let change = world.change(id);
    // As `World::package` wrote it.
    let body = PartBody::from([("text".to_owned(), "the title".to_owned())]);
    let opening = Opening { salt: Digest::of_bytes(b"title"), body };
    let commitment = commit(&world.state.ledger, &CommandId(change.package.nonce.0), 0, &opening).unwrap();
    let public = world.services.iter().find(|(known, _)| *known == service).unwrap().1.public();
    let config = config();
    vec![
        founding(&genesis, &signatures[0].signature),
        named("settings", &Setting::Kinds(KindTable::standard())),
        named("roster", &genesis.roster),
        example("trust", &world.trust, vec![]),
        example(
            "opening",
            &opening,
            vec![
                ("ledger", world.state.ledger.to_string()),
                ("command", change.package.nonce.to_string()),
                ("position", "0".to_owned()),
                ("commitment", commitment.to_string()),
            ],
        ),
        example("part", &Part { about: token("title"), subject: None, commitment }, vec![]),
        named("package", &change.package),
        named("bundle", &whole(artifact, &config)),
        named("config", &config),
        named("retention", &retention()),
        named("requirement", change.requirement.as_ref().unwrap()),
        named("plan", change.plan.as_ref().unwrap()),
        example(
            "statement",
            &statement,
            vec![
                ("digest", statement.digest().unwrap().to_string()),
                ("key", genesis.roster.people[OMAR].keys[0].openssh.clone()),
                ("signature", signature),
            ],
        ),
        example(
            "receipt",
            &receipt,
            vec![
                ("digest", receipt.digest().unwrap().to_string()),
                ("key", public.to_string()),
                ("signature", receipt_signature),
                ("step_key", step_key(&due.step).to_string()),
            ],
        ),
        console_login(&genesis),
        leaf_example("leaf", &approved),
        leaf_example("leaf_refused", &refused),
    ]
}

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md")
}

fn block(example: &Example) -> String {
    let shown = example.lines.iter().map(|(name, value)| format!("{name} {value}"));
    let lines: Vec<_> = [example.json.clone()].into_iter().chain(shown).collect();
    format!("```text\n{}\n```", lines.join("\n"))
}

fn mark(name: &str) -> String {
    format!("<!-- example: {name} -->\n")
}

/// The block after an example's mark, fences included.
fn find<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&mark(name)).unwrap_or_else(|| panic!("docs/formats.md shows no example `{name}`"));
    let end = rest.get(3..).and_then(|text| text.find("```")).expect("a fenced block follows") + 6;
    &rest[..end]
}

#[test]
fn the_page_shows_what_the_types_write() {
    let (mut digests, examples) = (String::new(), examples());
    for example in &examples {
        golden::check(&format!("{}.json", example.name), &example.json);
        for (name, value) in &example.lines {
            writeln!(digests, "{} {name} {value}", example.name).unwrap();
        }
    }
    golden::check("digests.txt", &digests);
    let mut text = fs::read_to_string(page()).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        for example in &examples {
            let known = format!("{}{}", mark(example.name), find(&text, example.name));
            text = text.replace(&known, &format!("{}{}", mark(example.name), block(example)));
        }
        // At once, since the other tests read it meanwhile.
        let fresh = page().with_extension("fresh");
        fs::write(&fresh, &text).unwrap();
        fs::rename(fresh, page()).unwrap();
    }
    for example in &examples {
        assert_eq!(find(&text, example.name), block(example), "docs/formats.md, example {}", example.name);
    }
}

/// An example as the page has it: the JSON and the lines after it.
struct Shown {
    json: String,
    lines: Vec<(String, String)>,
}

impl Shown {
    fn read(name: &str) -> Self {
        let text = fs::read_to_string(page()).unwrap();
        let mut lines = find(&text, name).lines().skip(1).filter(|line| *line != "```");
        let json = lines.next().unwrap().to_owned();
        let pair = |line: &str| line.split_once(' ').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
        Self { json, lines: lines.map(pair).collect() }
    }

    fn line(&self, name: &str) -> &str {
        &self.lines.iter().find(|(known, _)| known == name).unwrap().1
    }

    fn value<T: Serialize + DeserializeOwned>(&self) -> T {
        canon::from_slice(self.json.as_bytes()).unwrap()
    }

    /// SHA-256 over the prefix of this object and the page's bytes, with nothing of ours between.
    fn hashed(&self, object: &str) -> String {
        Digest::of_bytes(format!("countersign/{object}/v1\0{}", self.json).as_bytes()).to_string()
    }
}

#[test]
fn what_the_page_shows_verifies() {
    let hashed = ["genesis", "settings", "roster", "package", "bundle", "config", "retention", "requirement", "plan"];
    for object in hashed.into_iter().chain(["statement", "receipt"]) {
        let shown = Shown::read(object);
        assert_eq!(shown.hashed(object), shown.line("digest"), "{object}");
    }
    for name in ["leaf", "leaf_refused"] {
        let shown = Shown::read(name);
        let stored = format!("\0countersign/leaf/v1\0{}", shown.json);
        assert_eq!(Digest::of_bytes(stored.as_bytes()).to_string(), shown.line("leaf_hash"), "{name}");
    }

    let shown = Shown::read("genesis");
    let genesis: Genesis = shown.value();
    signed::ssh::verify(shown.line("key"), &genesis.bytes().unwrap(), shown.line("signature")).unwrap();
    let trust: Trust = Shown::read("trust").value();
    assert_eq!(trust.genesis.to_string(), shown.line("digest"));
    assert_eq!(genesis.settings[1].digest.to_string(), Shown::read("settings").line("digest"));
    assert_eq!(genesis.roster.digest().unwrap().to_string(), Shown::read("roster").line("digest"));

    let bundle: Bundle = Shown::read("bundle").value();
    let bound = [bundle.config, bundle.retention].map(|digest| digest.unwrap().to_string());
    assert_eq!(bound, ["config", "retention"].map(|object| Shown::read(object).line("digest").to_owned()));
    Shown::read("config").value::<Config>().check().unwrap();
    Shown::read("retention").value::<control::Retention>().check().unwrap();

    let shown = Shown::read("opening");
    let (ledger, command) = (shown.line("ledger").parse().unwrap(), shown.line("command").parse().unwrap());
    let commitment = commit(&ledger, &command, 0, &shown.value::<Opening>()).unwrap();
    assert_eq!(commitment.to_string(), shown.line("commitment"));
    let part: Part = Shown::read("part").value();
    assert_eq!(part.commitment, commitment);
    assert_eq!(Shown::read("package").value::<Package>().parts[0], part);

    let shown = Shown::read("statement");
    let statement: Statement = shown.value();
    statement.verify(shown.line("key"), shown.line("signature")).unwrap();
    let Some(signed::Act::Approve { binding, .. }) = Some(statement.act) else { panic!("an approval is shown") };
    assert_eq!(binding.package.to_string(), Shown::read("package").line("digest"));
    assert_eq!(binding.plan.to_string(), Shown::read("plan").line("digest"));
    assert_eq!(binding.requirement.to_string(), Shown::read("requirement").line("digest"));
    let plan: Plan = Shown::read("plan").value();
    assert_eq!(plan.package, binding.package);
    assert!(plan.base.iter().any(|fact| matches!(fact, Fact::Bindings { digest, .. } if *digest == bindings())));
    assert_eq!(Shown::read("requirement").value::<Kind>().slots.len(), 2);

    let shown = Shown::read("receipt");
    let receipt: Receipt = shown.value();
    receipt.verify(&shown.line("key").parse().unwrap(), shown.line("signature")).unwrap();
    let signed::Report::Intent { step, key, .. } = receipt.report else { panic!("an intent is shown") };
    assert_eq!((step_key(&step), key.to_string().as_str()), (key, shown.line("step_key")));

    let shown = Shown::read("console_login");
    let login: ConsoleLogin = shown.value();
    assert_eq!(Some(login.key), genesis.roster.console);
    assert_eq!(login.key.to_string(), shown.line("key"));
    login.verify(shown.line("signature")).unwrap();

    let leaf: Leaf = Shown::read("leaf_refused").value();
    assert!(matches!(leaf.verdict, Verdict::Refused(_)));
}

/// `shelf` names blobs by the digests that the page defines.
#[test]
fn governing_blobs_are_named_by_the_prefix_of_their_object() {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    world.draft(OPAL, KindName::Deployment, artifact);
    let Shelf(blobs) = &world.shelf;
    for (digest, bytes) in blobs.borrow().iter() {
        assert!(control::GOVERNING.iter().any(|object| Digest::of_object(object, bytes) == *digest));
    }
}
