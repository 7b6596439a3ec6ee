//! The form that asks for a change: of any kind, from that kind's own questions.

use super::answered::Answered;
use super::field::{FieldRow, Widget};
use super::required::{self, Again, Required};
use super::{health, kinds, link, zone};
use crate::scene::{Blocked, Scene};
use control::{Field, Input, Kind, Presence, Setting, State, Way, governs};
use model::{ChangeId, KindName, LeaseClass, Period, PersonId, Resource, Role, SettingName};
use signed::ServiceEntry;
use view::ChangeView;

/// A kind that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindLink {
    pub word: &'static str,
    pub title: &'static str,
    pub href: String,
    /// Who may open it, and who approves it.
    pub required: Required,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskPage {
    /// The kind as a word.
    pub kind: &'static str,
    pub title: &'static str,
    /// Who may open it, and who approves it, with the answers given so far.
    pub required: Required,
    /// Where what is required is read again once an answer that decides it was chosen.
    pub again: Option<Again>,
    pub fields: Vec<FieldRow>,
    /// Why nothing can be asked for now.
    pub blocked: Option<Blocked>,
    /// Other ways in which it is asked for.
    pub ways: Vec<(String, &'static str)>,
    /// The same by command line.
    pub commands: Vec<String>,
}

/// The kinds in force.
pub fn list(scene: &Scene) -> Vec<KindLink> {
    let link = |name: KindName| {
        let row = scene.state.kinds.kind(name)?;
        let required = required::of(row, &Answered::new());
        Some(KindLink { word: name.word(), title: name.title(), href: link::ask(name, &[]), required })
    };
    kinds::all(&scene.state).filter_map(link).collect()
}

/// Links to every kind whose form asks for an engine first, with this one given.
pub fn of_engine(scene: &Scene, engine: &str) -> Vec<(String, &'static str)> {
    let asks = |kind: &KindName| governs(*kind).form().first().is_some_and(|field| field.input == Input::Engine);
    let link = |kind: KindName| (link::ask(kind, &[("engine", engine)]), kind.title());
    kinds::all(&scene.state).filter(asks).map(link).collect()
}

/// The document of this name that is in force, as far as the viewer may see it.
pub fn in_force(state: &State, name: SettingName) -> Setting {
    match name {
        SettingName::Rules => Setting::Rules { number: state.rules },
        SettingName::Kinds => Setting::Kinds(state.kinds.clone()),
        SettingName::Recalls => Setting::Recalls { digests: state.recalled.keys().copied().collect() },
        SettingName::TenantTerms => Setting::TenantTerms(state.terms.clone()),
    }
}

/// A document as people read it.
pub fn pretty<T: serde::Serialize>(document: &T) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default()
}

/// What stands in a document's field first: the document in force, to be changed there.
fn document(scene: &Scene, answered: &Answered) -> String {
    // Who sees a part only would write a document that leaves the rest out.
    if scene.is_narrowed() {
        return String::new();
    }
    match answered.get("name").map(|name| name.parse::<SettingName>()) {
        Some(Ok(name)) => pretty(&in_force(&scene.state, name)),
        Some(Err(_)) => String::new(),
        None => pretty(&scene.state.roster),
    }
}

/// What was published as this and may still be named.
fn published(scene: &Scene, resource: Resource) -> Vec<(String, String)> {
    let (state, names) = (&scene.state, scene.names());
    let of = state.resources.iter().filter(|(id, known)| {
        known.content.resource() == resource && known.refused.is_none() && !state.recalled.contains_key(*id)
    });
    of.map(|(id, _)| (id.to_string(), names.artifact(id))).collect()
}

/// The AI leases that stand.
fn leases(scene: &Scene) -> Vec<(String, String)> {
    let (state, names) = (&scene.state, scene.names());
    let standing = state.grants.keys().filter_map(|id| Some((id, control::cap_at(state, id, scene.now)?.cap)));
    let called = |(id, cap): (&ChangeId, &control::Cap)| {
        let text = format!("{}: {}, {} a {}", names.tenant(&cap.tenant), cap.class.title(), cap.cycles, cap.period);
        (id.to_string(), text)
    };
    standing.map(called).collect()
}

/// That there shall be none, where that is an answer.
fn nothing(known: &Field) -> Option<(String, String)> {
    (!known.required).then(|| ("none".to_owned(), "None".to_owned()))
}

/// What a question looks like.
fn widget(input: Input) -> Widget {
    match input {
        Input::Engine
        | Input::Tenant
        | Input::Artifact
        | Input::Resource(_)
        | Input::Lease
        | Input::LeaseClass
        | Input::Period
        | Input::Setting
        | Input::Person
        | Input::PersonKey
        | Input::ServiceKey
        | Input::Machine
        | Input::Zone
        | Input::Way(_) => Widget::Select,
        Input::Roles | Input::Tenants => Widget::Checks,
        Input::Time => Widget::Time,
        Input::Number => Widget::Number,
        Input::Count => Widget::Count,
        Input::Document | Input::Proof => Widget::Lines,
        Input::Duration | Input::Token | Input::Digest => Widget::Text,
    }
}

fn field(scene: &Scene, known: &Field, form: &[Field], answered: &Answered) -> FieldRow {
    let named = form.iter().any(|field| field.input == Input::Setting);
    let value = match (answered.get(known.name), known.input) {
        (Some(value), _) => value.clone(),
        (None, Input::Document) if named && !answered.contains_key("name") => String::new(),
        (None, Input::Document) => document(scene, answered),
        (None, _) => String::new(),
    };
    let help = match known.input {
        Input::Time => format!("{} Eastern Time.", known.help),
        Input::Proof => format!("{} The command is below, under “By command line”.", known.help),
        _ => known.help.to_owned(),
    };
    let row =
        FieldRow::new(known.name, known.label, widget(known.input)).help(help).required(known.required).value(&value);
    let names = scene.names();
    let state = &scene.state;
    match known.input {
        Input::Engine => row.choices(state.engines.keys().map(|id| (id.to_string(), names.engine(id)))),
        Input::Tenant | Input::Tenants => {
            row.choices(state.tenants.keys().map(|id| (id.to_string(), names.tenant(id))))
        }
        Input::Artifact => row.choices(published(scene, Resource::Artifact)),
        Input::Resource(resource) => row.choices(nothing(known).into_iter().chain(published(scene, resource))),
        Input::Lease => row.choices(nothing(known).into_iter().chain(leases(scene))),
        Input::LeaseClass => {
            row.choices(LeaseClass::ALL.iter().map(|class| (class.word().to_owned(), class.title().to_owned())))
        }
        Input::Period => {
            row.choices(Period::ALL.iter().map(|period| (period.word().to_owned(), period.title().to_owned())))
        }
        Input::Setting => {
            // What is required depends on it: nobody shall send the first one unseen.
            row.open().choices(state.settings.keys().map(|name| (name.word().to_owned(), name.title().to_owned())))
        }
        Input::Person => row.choices(state.roster.people.iter().map(|one| (one.id.to_string(), names.person(&one.id)))),
        Input::PersonKey => row.choices(state.roster.people.iter().flat_map(|person| {
            let name = names.person(&person.id);
            person.keys.iter().map(move |key| (key.id.to_string(), format!("{name}: {}", key.id.short())))
        })),
        Input::ServiceKey => row.choices(service_keys(scene)),
        Input::Machine => {
            row.choices(state.roster.machines.iter().map(|one| (one.id.to_string(), one.name.to_string())))
        }
        Input::Way(ways) => {
            let chosen = ways.iter().filter(|way| way.word == value);
            row.choices(chosen.map(|way| (way.word.to_owned(), way.title.to_owned())))
        }
        // Which zone periods turn in matters: nobody shall send the first one unseen.
        Input::Zone => row.open().choices(zone::all().iter().map(|zone| (zone.clone(), zone.clone()))),
        Input::Roles => row.choices(Role::ALL.iter().map(|role| (role.word().to_owned(), role.title().to_owned()))),
        _ => row,
    }
}

/// Keys of services and of the console, each with whose it is.
fn service_keys(scene: &Scene) -> Vec<(String, String)> {
    let roster = &scene.state.roster;
    let node = |entry: &ServiceEntry| entry.node.and_then(|node| roster.node(&node));
    let of_service = |entry: &ServiceEntry| {
        let on = node(entry).map(|node| format!(" on {}", node.name)).unwrap_or_default();
        (entry.key.to_string(), format!("{}{on}: {}", entry.service.title(), entry.key.short()))
    };
    let console = roster.console.iter().map(|key| (key.to_string(), format!("Console: {}", key.short())));
    roster.services.iter().map(of_service).chain(console).collect()
}

/// The way that the answers choose, and the ways there are.
fn ways(form: &[Field], answered: &Answered) -> (Option<&'static Way>, &'static [Way]) {
    let all = form.iter().find_map(|field| match field.input {
        Input::Way(ways) => Some((field.name, ways)),
        _ => None,
    });
    let Some((name, ways)) = all else { return (None, &[]) };
    (answered.get(name).and_then(|word| ways.iter().find(|way| way.word == word)), ways)
}

/// The questions that are asked now: of the way that was chosen, all of them; else what no way asks.
fn asked(form: &'static [Field], answered: &Answered) -> Vec<Field> {
    let (chosen, ways) = ways(form, answered);
    let of_a_way = |field: &Field| ways.iter().any(|way| way.asks.contains(&field.name));
    let is_way = |field: &Field| matches!(field.input, Input::Way(_));
    let fields = form.iter().copied();
    match chosen {
        None => fields.filter(|field| !is_way(field) && !of_a_way(field)).collect(),
        Some(way) => fields
            .filter(|field| is_way(field) || way.asks.contains(&field.name))
            .map(|field| Field { required: true, ..field })
            .collect(),
    }
}

/// Links to the ways in which a kind is asked for, but for the one that is chosen.
pub fn ways_of(kind: KindName, answered: &Answered) -> Vec<(String, &'static str)> {
    let form = governs(kind).form();
    let Some(name) = form.iter().find(|field| matches!(field.input, Input::Way(_))).map(|field| field.name) else {
        return vec![];
    };
    let (chosen, ways) = ways(form, answered);
    let others = ways.iter().filter(|way| Some(*way) != chosen);
    others.map(|way| (link::ask(kind, &[(name, way.word)]), way.title)).collect()
}

/// Why it is asked for: as written, else as release health suggests it to whoever goes back.
fn reason(scene: &Scene, row: &Kind, answered: &Answered) -> FieldRow {
    let field = FieldRow::new("reason", "Reason", Widget::Text).required(row.reason_required);
    let engine = answered.get("engine").and_then(|engine| engine.parse().ok());
    let suggested = engine.filter(|_| kinds::rollback() == Some(row.name));
    match (answered.get("reason"), suggested.and_then(|engine| health::reason(scene, &engine))) {
        (Some(written), _) => field.value(written),
        (None, Some(suggested)) => field
            .value(&suggested)
            .help("Suggested by what was measured of the release in service; change it as you see fit."),
        (None, None) => field,
    }
}

/// What every kind is asked besides its own questions, as far as its row has it.
fn common(scene: &Scene, row: &Kind, answered: &Answered) -> Vec<FieldRow> {
    let value = |name: &str| answered.get(name).cloned().unwrap_or_default();
    let mut fields = vec![
        FieldRow::new("title", "Title", Widget::Text).help("A line that says what it is.").value(&value("title")),
        reason(scene, row, answered),
    ];
    if row.window != Presence::None {
        let required = row.window == Presence::Required;
        let time = |name: &'static str, label: &str, help: &str| {
            FieldRow::new(name, label, Widget::Time).help(help).required(required).value(&value(name))
        };
        fields.push(time(
            "from",
            "May be run from",
            "Eastern Time; with the next one, the window in which it may be run.",
        ));
        fields.push(time("until", "May be run until", ""));
    }
    let replaced = |view: &ChangeView| {
        let may = scene.state.changes.get(&view.id).is_some_and(|change| change.run.is_none());
        view.kind == row.name && view.status.is_open() && may
    };
    let views = scene.changes(0, None);
    let open: Vec<_> = views.iter().filter(|view| replaced(view)).collect();
    if !open.is_empty() {
        let text = |view: &&ChangeView| {
            let title = view.title.clone().unwrap_or_else(|| view.about.clone());
            (
                view.id.to_string(),
                format!("{title} ({}, change {})", view.status.title().to_lowercase(), view.id.short()),
            )
        };
        let field = FieldRow::new("supersedes", "Replaces", Widget::Select)
            .help("The open change about the same that ends once this one is sealed.")
            .value(&value("supersedes"));
        fields.push(field.choices(open.iter().map(text)));
    }
    fields
}

fn command(row: &Kind, asked: &[Field], answered: &Answered, dir: &str) -> String {
    let flag = |field: &Field| {
        let given = answered.get(field.name).filter(|_| matches!(field.input, Input::Way(_)));
        let value = match field.input {
            Input::Document | Input::Proof => "FILE",
            _ => given.map_or("VALUE", String::as_str),
        };
        format!(" --{} {value}", field.name)
    };
    let flags: String = asked.iter().filter(|field| field.required).map(flag).collect();
    let reason = if row.reason_required { " --reason WHY" } else { "" };
    let kind = row.name.word();
    format!("countersign change new --kind {kind}{flags}{reason} --key KEY --dir {dir}")
}

/// What is typed where a machine's key is, where a proof of it is asked for: whose key it will be is chosen here.
fn proves(scene: &Scene, asked: &[Field]) -> Option<String> {
    let wanted = asked.iter().any(|field| field.input == Input::Proof);
    let (ledger, machine) = (scene.state.ledger, PersonId(client::random_bytes()));
    wanted.then(|| format!("countersign key prove --ledger {ledger} --person {machine} --key ITS_KEY"))
}

/// The form of a kind; none when it is not in force.
pub fn of(scene: &Scene, kind: KindName, answered: &Answered, dir: &str) -> Option<AskPage> {
    let row = scene.state.kinds.kind(kind)?;
    let form = governs(kind).form();
    let asked = asked(form, answered);
    let mut fields: Vec<_> = asked.iter().map(|known| field(scene, known, form, answered)).collect();
    fields.extend(common(scene, row, answered));
    let names: Vec<_> = asked.iter().map(|field| field.name).collect();
    Some(AskPage {
        kind: kind.word(),
        title: kind.title(),
        required: required::of(row, answered),
        again: required::again(kind, &names),
        fields,
        blocked: scene.blocked(&kinds::needs(kind)),
        ways: ways_of(kind, answered),
        commands: proves(scene, &asked).into_iter().chain([command(row, &asked, answered, dir)]).collect(),
    })
}
