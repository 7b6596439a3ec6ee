//! What a person means by a name, a version or the beginning of an id.

use crate::error::CliError;
use control::{Change, State};
use model::{ChangeId, Digest, EngineId, NodeId, PersonId, Resource, TenantId};
use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;
use view::Names;

/// Fewest digits of an id that are taken for its beginning.
const PREFIX_MIN: usize = 4;

/// What is known here: the verified state, and what ids are called.
pub struct Book {
    /// The own verified state.
    pub state: Arc<State>,
    /// Names: Governance gives them, and each was compared with what was signed.
    pub names: Names,
}

/// A change as typed: its id, or the beginning of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRef(String);

/// A text that is no beginning of an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a change is named by its id, or by at least {PREFIX_MIN} digits of its beginning, as `change ls` prints them")]
pub struct ChangeRefError;

impl FromStr for ChangeRef {
    type Err = ChangeRefError;
    fn from_str(text: &str) -> Result<Self, ChangeRefError> {
        let good = (PREFIX_MIN..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if good { Ok(Self(text.to_ascii_lowercase())) } else { Err(ChangeRefError) }
    }
}

impl Display for ChangeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ChangeRef {
    /// The whole id, if all of it was typed.
    pub fn whole(&self) -> Option<ChangeId> {
        self.0.parse().ok()
    }

    /// The one change of these that is meant.
    ///
    /// # Errors
    /// When there is none, or several begin like this.
    pub fn among(&self, known: impl Iterator<Item = ChangeId>) -> Result<ChangeId, CliError> {
        let hits: Vec<_> = known.filter(|id| id.to_string().starts_with(&self.0)).collect();
        match hits[..] {
            [only] => Ok(only),
            [] => Err(CliError::unknown(format!("no change {self}; `countersign change ls` lists them"))),
            _ => Err(ambiguous("change", &self.0, hits.iter().map(ToString::to_string))),
        }
    }

    /// The same among pages of changes, each with the leaf it ended with: `page` answers those that ended before
    /// one, the newest where none is named.
    ///
    /// # Errors
    /// As [`ChangeRef::among`], or when a page cannot be had.
    pub async fn among_pages(
        &self,
        page: impl AsyncFn(Option<u64>) -> Result<Vec<(ChangeId, Option<u64>)>, CliError>,
    ) -> Result<ChangeId, CliError> {
        let (mut known, mut before) = (vec![], None);
        loop {
            let page = page(before).await?;
            before = page.iter().filter_map(|(_, ended)| *ended).min();
            known.extend(page.into_iter().map(|(id, _)| id));
            if before.is_none() {
                return self.among(known.into_iter());
            }
        }
    }
}

/// One thing that can be named.
struct Known<T> {
    id: T,
    names: Vec<String>,
}

fn ambiguous(what: &str, text: &str, hits: impl Iterator<Item = String>) -> CliError {
    let hits: Vec<_> = hits.collect();
    CliError::State {
        code: "name.ambiguous",
        message: format!("several {what}s are meant by `{text}`: {}", hits.join(", ")),
        next: "say which, by more of its name or of its id".to_owned(),
    }
}

fn one<T: Copy + Ord + Display>(what: &str, text: &str, known: &[Known<T>]) -> Result<T, CliError> {
    let wanted = text.trim().to_lowercase();
    let digits = wanted.len() >= PREFIX_MIN && wanted.bytes().all(|b| b.is_ascii_hexdigit());
    let begins = |known: &Known<T>| digits && known.id.to_string().starts_with(&wanted);
    let called = |known: &Known<T>| known.names.iter().any(|name| name.to_lowercase() == wanted);
    let part = |known: &Known<T>| known.names.iter().any(|name| has_words(&name.to_lowercase(), &wanted));
    if let Some(whole) = known.iter().find(|known| known.id.to_string() == wanted) {
        return Ok(whole.id);
    }
    // A name that looks like the beginning of another one's id is no way to pass for it.
    let mut hits: Vec<_> = known.iter().filter(|known| called(known) || begins(known)).collect();
    if hits.is_empty() && !wanted.is_empty() {
        hits = known.iter().filter(|known| part(known)).collect();
    }
    let label = |known: &Known<T>| match known.names.first() {
        Some(name) => format!("{name} ({})", &known.id.to_string()[..8]),
        None => known.id.to_string(),
    };
    let distinct: BTreeSet<_> = hits.iter().map(|known| known.id).collect();
    match (distinct.len(), hits.first()) {
        (1, Some(only)) => Ok(only.id),
        (0, _) => {
            let all: Vec<_> = known.iter().map(label).collect();
            let all = if all.is_empty() { "none at all".to_owned() } else { all.join(", ") };
            Err(CliError::unknown(format!("no {what} `{text}`; there are: {all}")))
        }
        _ => Err(ambiguous(what, text, hits.into_iter().map(label))),
    }
}

/// Whether `wanted` stands in `name` as whole words.
fn has_words(name: &str, wanted: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    name.match_indices(wanted)
        .any(|(at, found)| edge(name[..at].chars().next_back()) && edge(name[at + found.len()..].chars().next()))
}

impl Book {
    /// The engine that is meant.
    ///
    /// # Errors
    /// When there is none, or several are meant.
    pub fn engine(&self, text: &str) -> Result<EngineId, CliError> {
        let known = |id: &EngineId| Known { id: *id, names: self.names.engines.get(id).cloned().into_iter().collect() };
        one("engine", text, &self.state.engines.keys().map(known).collect::<Vec<_>>())
    }

    /// The tenant that is meant.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn tenant(&self, text: &str) -> Result<TenantId, CliError> {
        let known = |id: &TenantId| Known { id: *id, names: self.names.tenants.get(id).cloned().into_iter().collect() };
        one("tenant", text, &self.state.tenants.keys().map(known).collect::<Vec<_>>())
    }

    /// The artifact that is meant, by name, version or digest.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn artifact(&self, text: &str) -> Result<Digest, CliError> {
        self.resource(Resource::Artifact, text)
    }

    /// What was published as this that is meant.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn resource(&self, resource: Resource, text: &str) -> Result<Digest, CliError> {
        let of = self.state.resources.iter().filter(|(_, known)| known.content.resource() == resource);
        one(&resource.title().to_lowercase(), text, &of.map(|known| self.published(known)).collect::<Vec<_>>())
    }

    /// The same of whatever was published; an artifact where one is meant.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn any_resource(&self, text: &str) -> Result<Digest, CliError> {
        let all = self.state.resources.iter().map(|known| self.published(known));
        self.artifact(text).or_else(|_| one("published resource", text, &all.collect::<Vec<_>>()))
    }

    /// The release or theme that is meant; a release where its name or version is both's.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn archive(&self, text: &str) -> Result<Digest, CliError> {
        let archives = self.state.resources.iter().filter(|(_, known)| known.content.resource().is_archive());
        let found = one("release or theme", text, &archives.map(|known| self.published(known)).collect::<Vec<_>>());
        let digits = text.trim().bytes().all(|b| b.is_ascii_hexdigit());
        found.or_else(|error| if digits { Err(error) } else { self.artifact(text).map_err(|_| error) })
    }

    fn published(&self, (id, known): (&Digest, &control::Published)) -> Known<Digest> {
        let called = self.names.artifacts.get(id).cloned();
        let version = known.version.to_string();
        let names = called.into_iter().chain([format!("{} {version}", known.product), version]);
        Known { id: *id, names: names.collect() }
    }

    /// The change that granted the AI lease that is meant, by the beginning of its id or by its tenant.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn lease(&self, text: &str) -> Result<ChangeId, CliError> {
        let leases = self.state.grants.iter().filter_map(|(id, grant)| Some((id, grant.terms.cap()?)));
        let known = leases.filter(|(_, cap)| cap.raises.is_none()).map(|(id, cap)| Known {
            id: *id,
            names: vec![format!("{} {}", self.names.tenant(&cap.tenant), cap.class.title())],
        });
        one("AI lease", text, &known.collect::<Vec<_>>())
    }

    /// The same, or a change that asks for a lease which is not in force yet, or granted one that is over: by its id.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn any_lease(&self, text: &str) -> Result<ChangeId, CliError> {
        self.lease(text).or_else(|unknown| {
            let leases = self.state.change_ids().filter(|id| self.state.kind_of(id) == Some(control::lease_kind()));
            let known: Vec<_> = leases.map(|id| Known { id, names: vec![] }).collect();
            one("AI lease", text, &known).map_err(|_| unknown)
        })
    }

    /// The person of the roster that is meant.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn person(&self, text: &str) -> Result<PersonId, CliError> {
        let known = |person: &signed::Person| Known {
            id: person.id,
            names: self.names.people.get(&person.id).cloned().into_iter().collect(),
        };
        one("person", text, &self.state.roster.people.iter().map(known).collect::<Vec<_>>())
    }

    /// The person that is meant: of the roster, or of those who hold the change, whom no roster need list any more.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn holder(&self, change: Option<&Change>, text: &str) -> Result<PersonId, CliError> {
        let known = |id: &PersonId| Known { id: *id, names: self.names.people.get(id).cloned().into_iter().collect() };
        let holders = change.iter().flat_map(|change| change.holds.keys());
        let people: BTreeSet<_> = self.state.roster.people.iter().map(|person| &person.id).chain(holders).collect();
        one("person", text, &people.into_iter().map(known).collect::<Vec<_>>())
    }

    /// The machine identity of the roster that is meant.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn machine(&self, text: &str) -> Result<PersonId, CliError> {
        let known = |machine: &signed::Machine| Known { id: machine.id, names: vec![machine.name.to_string()] };
        one("machine identity", text, &self.state.roster.machines.iter().map(known).collect::<Vec<_>>())
    }

    /// The machine identity that is meant, and its key.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn machine_key(&self, text: &str) -> Result<(PersonId, Digest), CliError> {
        let id = self.machine(text)?;
        // INVARIANT: it was found among them.
        let key = self.state.roster.machine(&id).map(|machine| machine.key.id);
        key.map(|key| (id, key)).ok_or_else(|| CliError::unknown(format!("no machine identity `{text}`")))
    }

    /// The node that is meant.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn node(&self, text: &str) -> Result<NodeId, CliError> {
        let known = |node: &signed::NodeEntry| Known { id: node.id, names: vec![node.name.to_string()] };
        one("node", text, &self.state.roster.nodes.iter().map(known).collect::<Vec<_>>())
    }

    /// The key of a person that is meant; absent: the only one.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn key(&self, person: &PersonId, text: Option<&str>) -> Result<Digest, CliError> {
        let keys = self.state.roster.person(person).map(|person| person.keys.as_slice()).unwrap_or_default();
        let known: Vec<_> = keys.iter().map(|key| Known { id: key.id, names: vec![] }).collect();
        match (text, &known[..]) {
            (Some(text), _) => one("key", text, &known),
            (None, [only]) => Ok(only.id),
            (None, several) => Err(ambiguous("key", "no name", several.iter().map(|key| key.id.to_string()))),
        }
    }

    /// The key that is meant, among all that the roster lists for people.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn any_key(&self, text: &str) -> Result<Digest, CliError> {
        let keys = self.state.roster.people.iter().flat_map(|person| person.keys.iter());
        one("key", text, &keys.map(|key| Known { id: key.id, names: vec![] }).collect::<Vec<_>>())
    }

    /// The key that is meant, of a service or the console: by its id, or by the service where it has only one.
    ///
    /// # Errors
    /// As [`Book::engine`].
    pub fn service_key(&self, text: &str) -> Result<Digest, CliError> {
        let roster = &self.state.roster;
        let of_service =
            |entry: &signed::ServiceEntry| Known { id: entry.key, names: vec![entry.service.word().to_owned()] };
        let of_console = roster.console.map(|key| Known { id: key, names: vec!["console".to_owned()] });
        one("key", text, &roster.services.iter().map(of_service).chain(of_console).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(names: &[(u8, &str)]) -> Vec<Known<EngineId>> {
        names.iter().map(|(id, name)| Known { id: EngineId([*id; 16]), names: vec![(*name).to_owned()] }).collect()
    }

    fn find(text: &str, names: &[(u8, &str)]) -> Result<u8, String> {
        one("engine", text, &known(names)).map(|id| id.0[0]).map_err(|error| error.to_string())
    }

    #[test]
    fn a_thing_is_meant_by_its_name_by_whole_words_of_it_or_by_the_beginning_of_its_id() {
        let names = [(0x1a, "POD Engine Alpha"), (0x2b, "POD Engine Alpha Two"), (0x3c, "Bravo")];
        for (text, id) in [
            ("POD Engine Alpha", 0x1a),
            ("pod engine alpha", 0x1a),
            ("two", 0x2b),
            ("alpha two", 0x2b),
            ("bravo", 0x3c),
            ("3c3c", 0x3c),
            (&"2b".repeat(16), 0x2b),
        ] {
            assert_eq!(find(text, &names), Ok(id), "{text}");
        }
        for text in ["engine", "alpha"] {
            assert!(find(text, &names).unwrap_err().contains("several engines"), "{text}");
        }
        for text in ["", "alph", "3c3", "zulu", "4d4d"] {
            let error = find(text, &names).unwrap_err();
            assert!(error.contains(&format!("no engine `{text}`")) && error.contains("Bravo (3c3c3c3c)"), "{error}");
        }
    }

    #[test]
    fn a_name_that_is_the_beginning_of_another_ones_id_is_not_taken_for_it() {
        let names = [(0x1a, "3c3c"), (0x3c, "Bravo")];
        assert!(find("3c3c", &names).unwrap_err().contains("several engines are meant by `3c3c`"));
    }

    #[tokio::test]
    async fn a_change_that_ended_long_ago_is_found_on_a_later_page() {
        let id = |n: u8| ChangeId([n; 16]);
        let page = async |before| {
            Ok(match before {
                None => vec![(id(0x11), None), (id(0x22), Some(9)), (id(0x33), Some(7))],
                Some(7) => vec![(id(0x44), Some(5))],
                Some(_) => vec![],
            })
        };
        let meant = async |text: &str| text.parse::<ChangeRef>().unwrap().among_pages(page).await;
        assert_eq!(meant("4444").await.unwrap(), id(0x44));
        assert_eq!(meant("1111").await.unwrap(), id(0x11));
        assert!(meant("5555").await.unwrap_err().to_string().contains("no change 5555"));
    }
}
