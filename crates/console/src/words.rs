//! The words test: each fixed phrase of the user's page, in the state in which the page has it.

use crate::assets::URLS;
use crate::page::chip;
use crate::page::frame::Frame;
use crate::page::timeline::{Found, Query};
use crate::routes::home;
use crate::scene::{Scene, Viewer};
use crate::snapshot::{ArtifactHeld, Dated, GovernanceData, Inventory, Rows, Snapshot};
use crate::sources::{Probe, Source};
use askama::Template as _;
use control::State;
use model::{Category, Digest, Instant, Role, Service, Severity};
use signed::Act;
use std::sync::Arc;
use testkit::{Double, World};
use view::EntryRow;
use view::Names;
use wire::LedgerInfo;

const NOW: i64 = 1_700_000_100_000;
/// What a stranger may write into a title, a reason, a name.
const HOSTILE: &str = r#"<script>alert(1)</script><img src=x onerror=alert(2)>"' --><b hx-get="/x">"#;

/// The user's page, phrase for phrase in its order. The browser's test reads the same list.
const PHRASES: &str = include_str!("../tests/phrases.json");

/// One phrase of the page.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    words: String,
    /// The states in which the page says it: `fresh`, `live`, `fallback`.
    #[serde(default, rename = "in")]
    states: Vec<String>,
    /// Said by the demonstration's own data: only a browser before a demonstration sees it.
    #[serde(default)]
    world: bool,
    /// A figure or an instant: what is said has this shape (a regular expression).
    shape: Option<String>,
    /// Not said in this build, and why: as it stands it would be invented.
    missing: Option<String>,
    /// What the live page says in its place.
    instead: Option<String>,
}

fn phrases() -> Vec<Phrase> {
    serde_json::from_str(PHRASES).unwrap()
}

/// The page says what it has to say in a state, and nothing that would be invented.
fn says(state: &str, text: &str) {
    for phrase in phrases() {
        let Phrase { words, .. } = &phrase;
        if let Some(why) = &phrase.missing {
            assert!(!text.contains(words), "{words} is said although {why}");
        }
        let expected = phrase.states.iter().any(|known| known == state);
        if expected && !phrase.world && phrase.shape.is_none() {
            assert!(text.contains(words), "missing when {state}: {words}\n{text}");
        }
    }
}

fn source(service: Service, answers: bool) -> Source {
    let mut source = Source::new(service, format!("http://127.0.0.1:{}", service.port()));
    let answer = if answers { Ok(vec![]) } else { Err("Connection refused (os error 111)".to_owned()) };
    source.record(Probe { at: Instant::from_millis(NOW), latency_ms: 3, answer });
    source
}

fn scene(answers: bool, snapshot: Snapshot, state: State, viewer: Option<Viewer>) -> Scene {
    let sources = Service::ALL.iter().map(|service| source(*service, answers)).collect();
    let now = Instant::from_millis(NOW);
    Scene::new(now, sources, Arc::new(snapshot), Arc::new(state), viewer, true, None)
}

fn html(scene: &Scene) -> String {
    let found = scene.snapshot.governance.as_ref().map(|dated| Found {
        rows: dated.data.headlines.rows.clone(),
        total: Some(dated.data.headlines_total),
        looked_at: 6,
        ..Found::default()
    });
    let frame = Frame {
        title: "Audit Logs".to_owned(),
        nav: "audit",
        personas: vec![],
        next: "/".to_owned(),
        nonce: "0123456789abcdef".to_owned(),
        csrf: "csrf".to_owned(),
        viewer: scene.viewer.clone(),
        demo: scene.demo,
        urls: &URLS,
        seen: scene.seen(),
        live: "/live".to_owned(),
        current_url: "/".to_owned(),
        refresh_url: "/".to_owned(),
        chips: chip::all(scene),
        version: "0".to_owned(),
    };
    home::Page::of(frame, scene, &Query::default(), &found.unwrap_or_default()).render().unwrap()
}

/// The text a reader sees: without tags, one space between words.
fn text(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ").replace("> /", "/")
}

fn row(index: u64, title: &str, actor: &str) -> EntryRow {
    EntryRow {
        log: "control".to_owned(),
        index,
        effect: 0,
        at: Instant::from_millis(NOW),
        headline: true,
        category: Category::Rollback,
        severity: Severity::Medium,
        title: title.to_owned(),
        sentence: title.to_owned(),
        actor: actor.to_owned(),
        change: None,
        refused: None,
        tags: vec![],
    }
}

/// A ledger with an approved deployment and six headlines, in which every text is `words`.
async fn full(words: &str) -> (Snapshot, State) {
    let double = Double::start().await;
    let artifact = Digest::of_bytes(b"a release");
    double.register(artifact, 256);
    let change = double.draft(artifact);
    double.observe(change);
    let binding = double.binding(change);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding });
    double.sign_and_submit(World::OPERATOR, Act::Approve { binding, slot: 0, on_behalf_of: None });
    double.sign_and_submit(World::FINANCE, Act::Approve { binding, slot: 1, on_behalf_of: None });
    let state = double.state();
    let words = words.to_owned();
    let names = Names {
        people: state.roster.people.iter().map(|person| (person.id, words.clone())).collect(),
        tenants: state.tenants.keys().map(|id| (*id, words.clone())).collect(),
        engines: state.engines.keys().map(|id| (*id, words.clone())).collect(),
        artifacts: [(artifact, words.clone())].into(),
        titles: [(change, words.clone())].into(),
        reasons: [(change, words.clone())].into(),
        ..Names::default()
    };
    let rows = Rows { rows: (0..6).map(|index| row(index, &words, &words)).collect(), ..Rows::default() };
    let ledger = LedgerInfo {
        origin: "countersign.test".to_owned(),
        genesis: state.ledger,
        control_vkey: String::new(),
        events_vkey: String::new(),
        control_size: state.size,
        events_size: 0,
        demo: true,
    };
    let at = Instant::from_millis(NOW);
    let data = GovernanceData { ledger, names, headlines: rows.clone(), all: rows, headlines_total: 6, rows_total: 6 };
    let node = state.roster.nodes[0].clone();
    let inventory = Inventory {
        node: node.id,
        name: node.name,
        memory_total_mib: 2_048,
        memory_free_mib: 1_024,
        artifacts: vec![],
    };
    let snapshot = Snapshot {
        governance: Some(Dated { at, data }),
        platform: Some(Dated { at, data: vec![ArtifactHeld { artifact, held: true, rehashed: None }] }),
        leases: None,
        leases_left_off: false,
        leases_disbelieved: false,
        node: Some(Dated { at, data: inventory }),
        engine: Some(Dated { at, data: crate::snapshot::EnginesSeen::default() }),
        integration: Some(Dated { at, data: crate::snapshot::BindingsSeen::default() }),
    };
    (snapshot, state)
}

fn viewer() -> Viewer {
    let roles = vec![Role::GovernanceOperator];
    Viewer { who: World::OPERATOR.into(), name: "Governance Operator 1".to_owned(), roles, has_key: true }
}

#[test]
fn the_fresh_page_says_the_pages_first_words_and_not_one_event() {
    let html = html(&scene(false, Snapshot::default(), State::empty(), None));
    let text = text(&html);
    says("fresh", &text);
    assert!(!html.contains("class=\"event\""), "there is no event to show");
    assert!(!text.contains("No event has been recorded"), "not read is not empty");
    assert_eq!(html.matches("class=\"source\"").count(), 5);
    assert_eq!(text.matches("Latency unknown").count(), 5);
}

#[tokio::test]
async fn the_live_page_says_the_pages_other_words() {
    let (snapshot, state) = full("Acme").await;
    says("live", &text(&html(&scene(true, snapshot, state, Some(viewer())))));
}

#[test]
fn every_phrase_has_a_state_or_a_reason_to_be_missing() {
    for Phrase { words, states, world, shape, missing, instead } in phrases() {
        assert_ne!(states.is_empty(), missing.is_none(), "{words}");
        assert!(states.iter().all(|state| ["fresh", "live", "fallback"].contains(&state.as_str())), "{words}");
        assert!(missing.is_some() || instead.is_none(), "{words}");
        assert!(missing.is_none() || !(world || shape.is_some()), "{words}");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_or_not_on_the_roster_sees_health_and_fixed_words_only() {
    let secret = "Harbor Goods wants out";
    let (snapshot, state) = full(secret).await;
    let stranger = Viewer { who: model::PersonId([77; 16]).into(), ..viewer() };
    for viewer in [None, Some(stranger)] {
        let html = html(&scene(true, snapshot.clone(), state.clone(), viewer));
        assert!(!html.contains(secret) && !html.contains("class=\"event\""));
        assert!(!html.contains("prod-node-01") && !html.contains("/changes/"));
        assert!(text(&html).contains("5/5 Live Sources"), "health is for everyone");
    }
    assert!(html(&scene(true, snapshot, state, Some(viewer()))).contains(secret), "the roster may read");
}

#[tokio::test]
async fn hostile_titles_reasons_and_names_stay_text() {
    let (snapshot, state) = full(HOSTILE).await;
    let viewer = Viewer { name: HOSTILE.to_owned(), ..viewer() };
    let html = html(&scene(true, snapshot, state, Some(viewer)));
    assert!(html.contains("&#60;script&#62;alert(1)"), "it is shown, as text");
    for markup in ["<script>alert", "<img src=x", "<b hx-get"] {
        assert!(!html.contains(markup), "{markup}");
    }
}

#[tokio::test]
async fn what_another_system_reports_is_marked_and_is_no_evidence() {
    let (mut snapshot, state) = full("Acme").await;
    let title = "Rollback package approved for POD Engine Alpha";
    let forged = EntryRow { log: "events".to_owned(), ..row(0, title, "governance.operator.1") };
    let data = &mut snapshot.governance.as_mut().unwrap().data;
    data.headlines.rows.insert(0, forged.clone());
    data.all.rows.insert(0, forged);
    let html = html(&scene(true, snapshot, state, Some(viewer())));
    let (timeline, panels) = html.split_once("<div id=\"panels\">").unwrap();
    assert!(text(timeline).contains("reported by governance.operator.1"));
    assert!(!panels.contains(title), "no rule is said to have decided it");
}

#[tokio::test]
async fn no_page_has_inline_script_or_style() {
    let (snapshot, state) = full("Acme").await;
    let html = html(&scene(true, snapshot, state, Some(viewer())));
    assert!(!html.contains("style=") && !html.contains("<style"));
    assert!(!html.contains(" onclick=") && !html.contains("javascript:") && !html.contains("hx-on"));
    for script in html.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(tag.contains("nonce=\"0123456789abcdef\"") && tag.contains("src=\"/assets/"), "{tag}");
        assert!(rest.starts_with("</script>"), "no script stands in the page");
    }
    for element in html.split('<').filter(|element| element.contains(" hx-") && !element.contains("htmx-config")) {
        assert!(element.contains("hx-nonce=\"0123456789abcdef\""), "{element}");
    }
}

#[tokio::test]
async fn in_an_outage_every_panel_is_a_fallback_and_every_act_is_refused() {
    let (snapshot, state) = full("Acme").await;
    let scene = scene(false, snapshot, state, Some(viewer()));
    let blocked = scene.blocked(Service::ALL).unwrap();
    assert_eq!(blocked.code, "data.fallback");
    assert!(blocked.why.contains("Governance is offline"), "{}", blocked.why);
    let html = html(&scene);
    let text = text(&html);
    assert!(text.contains("Mutation blocked") && text.contains("0/5 Live Sources"));
    says("fallback", &text);
    assert!(text.contains("Fallback snapshot · from"), "dated, with its age");
    assert!(html.contains("class=\"event\""), "the last good rows are still there");
    assert!(!html.contains("data-panel=\"live\""), "nothing claims to be live");
}

#[test]
fn no_template_escapes_nothing() {
    for template in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap() {
        let path = template.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("|safe") && !text.contains("| safe"), "{}", path.display());
    }
}
