//! Bound Resources: the inputs attached to the deployment package, each with version, digest, state and the entry that
//! bound it.

mod standing;

use self::standing::Standing;
use super::held::{self, Keeping};
use super::moment::Moment;
use super::panel::{Notice, Panel};
use super::{deployment, link, number, resource};
use crate::scene::Scene;
use control::{Published, cap_at};
use model::{Bundle, ChangeId, Digest, EngineId, Service};

/// A numbered item of a list: title, sentence, note, evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `01`.
    pub number: String,
    pub title: String,
    pub sentence: String,
    /// The line below.
    pub note: String,
    /// Evidence.
    pub href: Option<String>,
    /// `in-force`, `ready`, `blocked`, `waiting`, `over` or `not-in-this-build`.
    pub state: &'static str,
}

/// A section that is a list of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items {
    pub panel: Panel,
    /// The label at its head.
    pub label: String,
    /// Why there is nothing to show.
    pub notice: Option<Notice>,
    /// The items, numbered.
    pub list: Vec<Item>,
}

/// Numbers items in their order.
pub fn numbered(mut items: Vec<Item>) -> Vec<Item> {
    items.iter_mut().enumerate().for_each(|(n, item)| item.number = number(n + 1));
    items
}

/// An item that is about something this build does not have.
pub fn absent(title: &str, sentence: &str) -> Item {
    Item {
        number: String::new(),
        title: title.to_owned(),
        sentence: sentence.to_owned(),
        note: "Not in this build.".to_owned(),
        href: None,
        state: "not-in-this-build",
    }
}

/// What the newest deployment package of an engine binds.
fn bound(scene: &Scene, engine: &EngineId) -> Vec<Item> {
    let Some(change) = deployment::newest(scene, engine) else { return vec![] };
    let Some(bundle) = change.package.body.bundle() else { return vec![] };
    let binds = Binds { scene, standing: Standing::of(scene, &change) };
    let mut items = vec![binds.artifact(&bundle.artifact)];
    if let Some(tried) = rehearsed(scene, engine, &bundle) {
        items[0].note.push_str(&tried);
    }
    items.extend(bundle.lease.map(|lease| binds.lease(&lease)));
    items.extend(bundle.theme.map(|digest| binds.theme(&digest)));
    items.extend(bundle.config.map(|digest| binds.config(&digest)));
    items.extend(bundle.retention.map(|digest| binds.retention(&digest)));
    items
}

/// What the last rehearsal adds to the bundle that it tried, and to no other.
fn rehearsed(scene: &Scene, engine: &EngineId, bundle: &Bundle) -> Option<String> {
    let tried = scene.state.engines.get(engine)?.rehearsed.filter(|tried| tried.bundle == bundle.digest())?;
    let (bundle, at) = (tried.bundle.short(), Moment::of(tried.at).text);
    Some(format!(" Started and healthy as bundle {bundle} in a rehearsal, {at} (entry {}).", tried.index))
}

/// Who holds a document: it is a governing blob of the ledger, durable before the entry that names it.
const IN_LEDGER: &str = "The ledger itself holds it.";

/// A package that binds something.
struct Binds<'a> {
    scene: &'a Scene,
    standing: Standing,
}

impl Binds<'_> {
    fn published(&self, digest: &Digest) -> Option<&Published> {
        self.scene.state.resources.get(digest)
    }

    /// Something published: what it is called, how it stands, and the entry that certified it, or published it.
    fn item(&self, digest: &Digest, title: String, sentence: String, more: &str, held: bool) -> Item {
        let known = self.published(digest);
        let certified = known.and_then(|known| known.certified);
        let recalled = self.scene.state.recalled.contains_key(digest);
        let version = match known {
            Some(known) => {
                format!("Version {}, sha256 {}; {}.", known.version, digest.short(), resource::certified(known))
            }
            None => format!("sha256 {}; not published.", digest.short()),
        };
        let recall = if recalled { "It was recalled: no later plan may name it." } else { "" };
        let binding = self.standing.sentence();
        let note = [version.as_str(), recall, &binding, more].into_iter();
        Item {
            number: String::new(),
            title,
            sentence,
            note: note.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" "),
            href: certified.or(known.map(|known| known.index)).map(link::control),
            state: self.standing.state(held && certified.is_some(), recalled),
        }
    }

    /// Whether Platform Services holds an archive, and that in a sentence.
    fn held(&self, digest: &Digest) -> (bool, &'static str) {
        let keeping = held::of(self.scene, digest);
        (keeping == Keeping::Held, keeping.sentence())
    }

    fn artifact(&self, digest: &Digest) -> Item {
        let (scene, known) = (self.scene, self.published(digest));
        let name = scene.names().artifact(digest);
        let (held, keeper) = self.held(digest);
        let fits = known.and_then(Published::profile).filter(|_| self.standing.is_sealed());
        let fits = fits.map_or_else(String::new, |profile| {
            format!(" Artifact compatibility validated against the {} engine profile.", profile.runtime)
        });
        let certified = known.is_some_and(|known| known.certified.is_some());
        let what = if certified { "Certified Development Layer artifact" } else { "Development Layer artifact" };
        let sentence = match self.standing {
            Standing::Draft => format!("{name} is named by the draft; it is not sealed."),
            Standing::NeverSealed(_) => format!("{name} was named by a draft that was never sealed."),
            Standing::Over(_) => format!("{name} was sealed into the governed package."),
            _ => format!("{name} was sealed into the governed package before Production Node placement."),
        };
        let title = self.standing.title(what, "bound");
        self.item(digest, title, sentence, &format!("{keeper}{fits}"), held)
    }

    fn theme(&self, digest: &Digest) -> Item {
        let launches = self.standing.says([
            "would launch with",
            "will launch with the approved",
            "launched with the approved",
            "launched with the approved",
            "would have launched with",
        ]);
        let (name, known) = (self.scene.names().artifact(digest), self.published(digest));
        let named = known.and_then(|known| name.strip_suffix(known.version.as_str())).map_or(&*name, str::trim_end);
        let sentence = format!("The engine {launches} {named} and engine-local branding assets.");
        let title = self.standing.title("Client theme package", "locked");
        let (held, keeper) = self.held(digest);
        self.item(digest, title, sentence, &format!("{keeper} Theme scope remains presentation-only."), held)
    }

    fn config(&self, digest: &Digest) -> Item {
        let sentence = self.scene.state.config(digest).map_or_else(
            || "The config is not published.".to_owned(),
            |config| {
                let (values, secrets) = (config.values.len(), config.secrets.len());
                let count = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
                let host = if config.outbound.is_empty() { "" } else { " of any host" };
                let reach = format!("{}{host}", count(config.outbound.len(), "outbound port"));
                format!("{}, {} by reference and {reach}.", count(values, "value"), count(secrets, "secret"))
            },
        );
        let title = format!("{}: {}", self.standing.title("Config", "bound"), self.scene.names().artifact(digest));
        self.item(digest, title, sentence, IN_LEDGER, true)
    }

    fn retention(&self, digest: &Digest) -> Item {
        let rules = self.standing.says(["would rule", "will rule", "rules", "ruled", "would have ruled"]);
        let retired = self.standing.says(["is", "is", "is", "was to be", "was to be"]);
        let name = self.scene.names().artifact(digest);
        let sentence = format!("{name} {rules} what is kept once the engine {retired} retired.");
        self.item(digest, self.standing.title("Retention policy", "bound"), sentence, IN_LEDGER, true)
    }

    fn lease(&self, lease: &ChangeId) -> Item {
        let state = &self.scene.state;
        let standing = cap_at(state, lease, self.scene.now);
        let granted = state.grants.get(lease).and_then(|grant| grant.terms.cap());
        let sentence = granted.map_or_else(
            || {
                "The lease that the package names was never granted or is over; nothing more is known of it here."
                    .to_owned()
            },
            |cap| format!("{} lease package was approved for {}.", cap.class.title(), cap.purpose),
        );
        let note = match (&standing, granted) {
            (Some(standing), _) => {
                let raised = if standing.raised_by.is_some() { ", raised by an override" } else { "" };
                format!("{} cycles a {}{raised}; it stands.", standing.cycles, standing.cap.period)
            }
            (None, Some(cap)) => {
                format!("{} cycles a {}; it does not stand: no cycles are granted.", cap.cycles, cap.period)
            }
            (None, None) => "No cycles are granted.".to_owned(),
        };
        let visible = "Lease class remains visible to finance and governance review.";
        let binding = self.standing.sentence();
        let note = [note.as_str(), &binding, visible].into_iter().filter(|words| !words.is_empty());
        // What serves goes on without its lease; the lease itself is over then.
        let of_package = self.standing.state(standing.is_some(), false);
        Item {
            number: String::new(),
            title: self.standing.title("AI productivity lease", "attached"),
            sentence,
            note: note.collect::<Vec<_>>().join(" "),
            href: Some(if state.grants.contains_key(lease) { link::lease(lease) } else { link::change(lease) }),
            state: if of_package == "in-force" && standing.is_none() { "over" } else { of_package },
        }
    }
}

/// The section for an engine.
pub fn of(scene: &Scene, engine: Option<&EngineId>) -> Items {
    let notice = Notice::of(scene, Service::Governance);
    let label = engine.map_or_else(|| "Awaiting first sync".to_owned(), |engine| scene.names().engine(engine));
    let shown = engine.filter(|_| notice.is_none());
    let items: Vec<Item> = shown.map(|engine| bound(scene, engine)).unwrap_or_default();
    let notice = notice.or_else(|| items.is_empty().then(|| Notice::new("empty", "Nothing is bound to this engine.")));
    let panel = Panel::resting_on(scene, &[Service::Governance, Service::Platform]);
    let label = notice.as_ref().map_or(label, Notice::label);
    Items { panel, label, notice, list: numbered(items) }
}

#[cfg(test)]
pub(super) mod tests;
