//! `init`, `init sign`, `init finish`: the founding of a ledger.

use super::{Context, who};
use crate::cli::{InitArgs, InitStep};
use crate::clock;
use crate::error::{CliError, file};
use crate::given::given;
use crate::home::{DRAFT, Home};
use crate::output;
use client::{Signer, parts, random_bytes, random_command, random_opening};
use control::{Kind, KindTable, Replaces, Setting, Slot, governs, reaches, roles_title};
use governance::{Founding, Keys};
use model::{Digest, NodeId, PersonId, Role, Service, Token};
use serde::{Deserialize, Serialize};
use serde_json::json;
use signed::{
    FirstSetting, FounderSignature, Genesis, NodeEntry, Opening, Person, PersonKey, Roster, ServiceEntry, Trust, ssh,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The unsigned genesis with the openings of its names: `genesis.json`.
#[derive(Serialize, Deserialize)]
struct Draft {
    genesis: Genesis,
    openings: Vec<Opening>,
    settings: Vec<Setting>,
}

/// A founder as given on the command line.
pub struct Founder {
    pub name: String,
    pub roles: Vec<Role>,
    /// Public key in OpenSSH form.
    pub openssh: String,
}

/// What a new ledger is founded with.
pub struct Plan {
    pub founders: Vec<Founder>,
    /// How many must sign; absent: all.
    pub need: Option<u32>,
    /// Public receipt keys of services that run elsewhere.
    pub services: Vec<(Service, Digest)>,
    /// Public key of a console that runs elsewhere.
    pub console: Option<Digest>,
    /// The node's name.
    pub node: Token,
    /// Governed documents in place of the standard ones.
    pub settings: Vec<Setting>,
    /// Whether it is a demonstration.
    pub demo: bool,
}

pub async fn run(context: &Context, args: InitArgs) -> Result<(), CliError> {
    match args.step {
        Some(InitStep::Sign { key }) => sign(context, &key),
        Some(InitStep::Finish) => {
            let trust = finish(&context.home).await?;
            print_founded(context, &trust);
            Ok(())
        }
        None => {
            let plan = read(&args)?;
            // Before anything is written: a key that signs nothing would leave a founding half done.
            for key in &args.keys {
                founders_key(&plan.founders, key)?;
            }
            let digest = prepare(&context.home, plan)?;
            if let Some(few) = few_operators(&waiting(&context.home)?) {
                output::note(&few);
            }
            if args.keys.is_empty() {
                print_prepared(context, &digest);
                return Ok(());
            }
            for key in &args.keys {
                add_signature(&context.home, key)?;
            }
            let trust = finish(&context.home).await?;
            print_founded(context, &trust);
            Ok(())
        }
    }
}

fn read(args: &InitArgs) -> Result<Plan, CliError> {
    if args.founders.is_empty() {
        return Err(CliError::Usage(
            "say who founds it: `--founder NAME:ROLES:KEY.pub` for each person (see `countersign init --help`)"
                .to_owned(),
        ));
    }
    let founders = args.founders.iter().map(|text| founder(text)).collect::<Result<_, _>>()?;
    let settings = args.settings.iter().map(|path| super::change::document(path)).collect::<Result<_, _>>()?;
    let (mut services, mut console) = (vec![], None);
    for text in &args.services {
        match service(text)? {
            (Some(service), key) => services.push((service, key)),
            (None, key) => console = Some(key),
        }
    }
    Ok(Plan { founders, need: args.need, services, console, node: args.node.clone(), settings, demo: false })
}

fn founder(text: &str) -> Result<Founder, CliError> {
    let usage = || CliError::Usage(format!("`{text}` is not NAME:ROLE[,ROLE]:KEY.pub"));
    let (name, rest) = text.split_once(':').ok_or_else(usage)?;
    let (roles, path) = rest.split_once(':').ok_or_else(usage)?;
    let role = |word: &str| word.trim().parse::<Role>().map_err(|error| CliError::Usage(error.to_string()));
    if !model::canon::is_one_line(name.trim()) {
        return Err(CliError::Usage("a founder's name is one line, and a line break stands in it".to_owned()));
    }
    let openssh = std::fs::read_to_string(path).map_err(given(path))?;
    Ok(Founder { name: name.trim().to_owned(), roles: roles.split(',').map(role).collect::<Result<_, _>>()?, openssh })
}

/// A service, or none for the console, with its public key.
fn service(text: &str) -> Result<(Option<Service>, Digest), CliError> {
    let usage = || CliError::Usage(format!("`{text}` is not NAME:KEY.pub"));
    let (name, path) = text.split_once(':').ok_or_else(usage)?;
    let key = std::fs::read_to_string(path).map_err(given(path))?;
    let service = match name {
        "console" => None,
        name => Some(name.parse().map_err(|error: model::UnknownWord| CliError::Usage(error.to_string()))?),
    };
    let key: Digest = key.trim().parse().map_err(|_| usage())?;
    let refused =
        |fault| CliError::Usage(format!("{path}: {fault}; make one with `countersign key new --service FILE`"));
    model::ed25519_key(&key.0).map_err(refused)?;
    Ok((service, key))
}

fn founders_key(founders: &[Founder], key: &Path) -> Result<(), CliError> {
    let id = ssh::key_id(&who::key_file(key)?.public()?)?;
    let known = |founder: &Founder| ssh::normalise(&founder.openssh).and_then(|openssh| ssh::key_id(&openssh));
    let found = founders.iter().any(|founder| known(founder).is_ok_and(|known| known == id));
    if found { Ok(()) } else { Err(no_founder(key)) }
}

fn no_founder(key: &Path) -> CliError {
    CliError::Usage(format!("{} is no founder's key; sign with one of the keys given as `--founder`", key.display()))
}

fn people(founders: &[Founder]) -> Result<Vec<Person>, CliError> {
    let mut seen = BTreeSet::new();
    let person = |founder: &Founder| {
        let openssh = ssh::normalise(&founder.openssh)?;
        ssh::check_key(&openssh, &founder.name).map_err(|error| CliError::Usage(error.to_string()))?;
        let id = ssh::key_id(&openssh)?;
        if !seen.insert(id) {
            return Err(CliError::Usage(format!(
                "{} has the key of another founder; each person has an own key",
                founder.name
            )));
        }
        let roles: BTreeSet<Role> = founder.roles.iter().copied().collect();
        let keys = vec![PersonKey { id, openssh }];
        Ok(Person {
            id: PersonId(random_bytes()),
            roles: roles.into_iter().collect(),
            keys,
            tenants: None,
            deputies: vec![],
        })
    };
    founders.iter().map(person).collect()
}

/// Makes the service and log keys and writes the unsigned genesis; answers its digest.
pub fn prepare(home: &Home, plan: Plan) -> Result<Digest, CliError> {
    if home.is_founded() {
        let dir = output::word(home.path());
        return Err(CliError::Refused(format!(
            "{dir} has a ledger already; start it with `countersign serve --dir {dir}`"
        )));
    }
    if home.join(DRAFT).exists() {
        let dir = output::word(home.path());
        return Err(CliError::Refused(format!(
            "{dir} has a genesis that waits for signatures; go on with `countersign init sign --key KEY --dir {dir}`"
        )));
    }
    let people = people(&plan.founders)?;
    let founders_needed = plan.need.unwrap_or_else(|| u32::try_from(people.len()).unwrap_or(u32::MAX));
    if !(1..=people.len()).contains(&(founders_needed as usize)) {
        let all = people.len();
        return Err(CliError::Usage(format!("--need is between 1 and {all}, the number of founders")));
    }
    let settings = settings(plan.settings)?;
    settings.iter().try_for_each(|setting| check(&people, setting))?;
    home.create()?;
    let node = NodeId(random_bytes());
    let mut services = vec![];
    for service in Service::ALL {
        let given = plan.services.iter().find(|(name, _)| name == service).map(|(_, key)| *key);
        let key = given.map_or_else(|| home.create_service_key(*service), Ok)?;
        let on_node = matches!(service, Service::Node | Service::Engine);
        services.push(ServiceEntry { service: *service, node: on_node.then_some(node), key });
    }
    let console = Some(plan.console.map_or_else(|| home.create_console_key(), Ok)?);
    let seed: [u8; 32] = random_bytes();
    let origin: Token =
        format!("countersign.local/{}", Digest(seed).short()).parse().expect("hexadecimal digits are a token");
    let log_key = Keys::create(&home.governance())?.control_vkey(&origin)?.to_string();
    let command = random_command();
    let about: Token = "name".parse().expect("`name` is a token");
    let names = plan.founders.iter().zip(&people);
    let texts = names.map(|(founder, person)| {
        (about.clone(), Some(person.id.into()), random_opening([("text", founder.name.as_str())]))
    });
    let (parts, openings) = parts(&Digest::ZERO, &command, texts.collect())?;
    let nodes = vec![NodeEntry { id: node, name: plan.node }];
    let canon = |error: model::canon::CanonError| CliError::Usage(format!("a name cannot be written: {error}"));
    let genesis = Genesis {
        origin,
        roster: Roster { people, services, nodes, console, machines: vec![], log_keys: vec![log_key] },
        founders_needed,
        settings: settings.iter().map(first).collect::<Result<_, _>>().map_err(canon)?,
        demo: plan.demo,
        time: clock::now(),
        seed: Digest(seed),
        command,
        parts,
    };
    let digest = genesis.digest()?;
    home.write_json(DRAFT, &Draft { genesis, openings, settings })?;
    Ok(digest)
}

/// The standard documents, those given in their place.
fn settings(given: Vec<Setting>) -> Result<Vec<Setting>, CliError> {
    let mut settings = Setting::standard(KindTable::standard());
    for setting in given {
        let name = setting.name();
        setting
            .check()
            .map_err(|why| CliError::Usage(format!("the document `{name}` does not hold together: {why}")))?;
        settings.iter_mut().filter(|known| known.name() == name).for_each(|known| *known = setting.clone());
    }
    Ok(settings)
}

fn first(setting: &Setting) -> Result<FirstSetting, model::canon::CanonError> {
    Ok(FirstSetting { name: setting.name(), digest: setting.digest()? })
}

/// The row that these people cannot carry from draft to end, of all that a change of the kind may be held to.
fn out_of_reach<'a>(people: impl Iterator<Item = &'a Person>, kind: &Kind) -> Option<Kind> {
    let people: Vec<_> = people.collect();
    governs(kind.name).rows(kind).into_iter().find(|row| !reaches(&people, row))
}

/// Refuses a set of people that cannot approve every kind, naming what is missing.
fn check(people: &[Person], setting: &Setting) -> Result<(), CliError> {
    let Setting::Kinds(kinds) = setting else { return Ok(()) };
    let Some(kind) = kinds.kinds.iter().find_map(|kind| out_of_reach(people.iter(), kind)) else { return Ok(()) };
    Err(CliError::Usage(format!(
        "these people cannot approve a {}: {}",
        kind.name.title().to_lowercase(),
        needs(&kind)
    )))
}

/// Whom a change of this row needs.
fn needs(row: &Kind) -> String {
    let slots: Vec<_> = row.slots.iter().map(Slot::title).collect();
    let author = roles_title(&row.author);
    let approved = format!("it needs a {author} who seals it and other, distinct people as {}", slots.join(" and "));
    let runs = format!("a {} who runs it", row.runner.title());
    let escalates =
        row.escalation.iter().map(|roles| format!("a {} who escalates and does not approve it", roles_title(roles)));
    let attaches = row.checklist.iter().map(|item| format!("a {} who attaches `{}`", item.role.title(), item.item));
    let reviews = row.review.iter().map(|review| format!("yet another {} who reviews it", roles_title(&review.roles)));
    [approved, runs].into_iter().chain(escalates).chain(attaches).chain(reviews).collect::<Vec<_>>().join("; ")
}

/// Fewer operators than this cannot spare one.
const OPERATORS: usize = 3;

/// What the loss of one operator's key would mean where there are few; none where there are enough.
fn few_operators(draft: &Draft) -> Option<String> {
    let people = &draft.genesis.roster.people;
    let is_operator = |person: &&Person| person.roles.contains(&Role::GovernanceOperator);
    let operators: Vec<_> = people.iter().filter(is_operator).collect();
    if operators.len() >= OPERATORS {
        return None;
    }
    let kinds = draft.settings.iter().filter_map(|setting| match setting {
        Setting::Kinds(kinds) => Some(kinds.kinds.iter()),
        _ => None,
    });
    let kinds: Vec<&Kind> = kinds.flatten().collect();
    let without = |gone: PersonId| people.iter().filter(move |person| person.id != gone);
    let lost = |kind: &&&Kind| operators.iter().any(|gone| out_of_reach(without(gone.id), kind).is_some());
    let lost: Vec<_> = kinds.iter().filter(lost).collect();
    let for_ever = lost.iter().any(|kind| governs(kind.name).replaces() == Some(Replaces::Roster));
    let names: Vec<_> = lost.iter().map(|kind| kind.name.title().to_lowercase()).collect();
    let after = if for_ever {
        "nobody could replace the key then: it would stay so for ever"
    } else {
        "the others can replace the key by a roster change (`person key add`), and until then it stays so"
    };
    Some(format!(
        "note: {} of these people are Governance Operators. When one of them loses their key, nobody can approve: {}; \
         {after}. Losing two is final. With three, one can be spared: name another `--founder`, or add one soon with \
         `countersign person invite NAME --role governance-operator`.",
        operators.len(),
        names.join(", "),
    ))
}

/// The genesis that waits for signatures.
fn waiting(home: &Home) -> Result<Draft, CliError> {
    let dir = output::word(home.path());
    if home.join(DRAFT).exists() {
        return home.read_json(DRAFT);
    }
    Err(CliError::Refused(if home.is_founded() {
        format!("{dir} has a ledger already; start it with `countersign serve --dir {dir}`")
    } else {
        format!(
            "{dir} has no genesis to sign; begin with `countersign init --dir {dir} --founder NAME:ROLES:KEY.pub …`"
        )
    }))
}

/// Whether the genesis that waits for signatures is a demonstration's; none when there is none to read.
pub fn is_demo(home: &Home) -> Option<bool> {
    home.read_json::<Draft>(DRAFT).ok().map(|draft| draft.genesis.demo)
}

/// Signs the genesis with one founder's key.
pub fn add_signature(home: &Home, key: &Path) -> Result<(), CliError> {
    let draft = waiting(home)?;
    let Signer::Key(private) = who::key_file(key)? else {
        return Err(CliError::Usage("a genesis is signed with a key file".to_owned()));
    };
    let signature = draft.genesis.sign(&private).map_err(|error| match error {
        signed::SignedError::Mismatch => no_founder(key),
        error => error.into(),
    })?;
    home.create_dir("genesis.signatures")?;
    home.write_json(&format!("genesis.signatures/{}.json", signature.person), &signature)
}

fn sign(context: &Context, key: &Path) -> Result<(), CliError> {
    add_signature(&context.home, key)?;
    let draft = waiting(&context.home)?;
    let (have, need) = (signatures(&context.home)?.len(), draft.genesis.founders_needed);
    let digest = draft.genesis.digest()?;
    if context.json {
        output::json(&json!({"genesis": digest, "signatures": have, "needed": need}));
    } else {
        crate::print_line!("signed genesis {digest}");
        crate::print_line!("{have} of {need} signatures");
        let dir = output::word(context.home.path());
        if have >= need as usize {
            crate::print_line!("next: countersign init finish --dir {dir}");
        } else {
            crate::print_line!("next: another founder: countersign init sign --key KEY --dir {dir}");
        }
    }
    Ok(())
}

fn signatures(home: &Home) -> Result<Vec<FounderSignature>, CliError> {
    let dir = home.join("genesis.signatures");
    let mut paths: Vec<PathBuf> = match std::fs::read_dir(&dir) {
        Ok(entries) => entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => vec![],
        Err(error) => return Err(file(&dir)(error)),
    };
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| crate::home::read_json(path)).collect()
}

/// Writes leaf 0 and `trust.json`.
pub async fn finish(home: &Home) -> Result<Trust, CliError> {
    let draft = waiting(home)?;
    let signatures = signatures(home)?;
    if signatures.len() < draft.genesis.founders_needed as usize {
        let (have, need) = (signatures.len(), draft.genesis.founders_needed);
        return Err(CliError::State {
            code: "genesis.unsigned",
            message: format!("{have} of {need} founders have signed"),
            next: format!("each signs with `countersign init sign --key KEY --dir {}`", output::word(home.path())),
        });
    }
    let Draft { genesis, openings, settings } = draft;
    let founding = Founding { genesis, signatures, settings, openings };
    let trust = governance::found(&home.governance(), founding).await?;
    home.write_json("trust.json", &trust)?;
    // The names in it are sealed in the ledger now; the readable copy has done its work.
    std::fs::remove_file(home.join(DRAFT)).map_err(file(home.join(DRAFT)))?;
    Ok(trust)
}

fn print_prepared(context: &Context, digest: &Digest) {
    if context.json {
        output::json(&json!({"genesis": digest}));
        return;
    }
    let dir = output::word(context.home.path());
    crate::print_line!("genesis {digest}");
    crate::print_line!("Each founder compares this digest and signs:");
    crate::print_line!("  countersign init sign --key KEY --dir {dir}");
    crate::print_line!("Then one of them:");
    crate::print_line!("  countersign init finish --dir {dir}");
}

fn print_founded(context: &Context, trust: &Trust) {
    if context.json {
        output::json(trust);
        return;
    }
    let path = context.home.trust_path();
    crate::print_line!("founded {}", trust.origin);
    crate::print_line!("genesis {}", trust.genesis);
    crate::print_line!("trust   {}  (keep a copy where this machine cannot reach it)", path.display());
    crate::print_line!("next:   countersign serve --dir {}", output::word(context.home.path()));
}
