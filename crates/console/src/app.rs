//! What every request and every task shares.

use crate::credential::Credential;
use crate::desks::Desks;
use crate::history::History;
use crate::invitations::Invitations;
use crate::manifests::Manifests;
use crate::readings::Readings;
use crate::scene::{Scene, Viewer};
use crate::scratch::ScratchRoom;
use crate::session::{Session, Sessions};
use crate::sign_ins::SignIns;
use crate::snapshot::Kept;
use crate::sources::Sources;
use crate::themes::{Looked, Themes};
use crate::{ConsoleError, ConsoleOptions, clock};
use client::{GovernanceClient, Http, HttpOptions};
use control::{ReadScope, State};
use follower::{Follower, LeafObserver};
use model::{Digest, PersonId, Service};
use signed::Trust;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use tlog::note::VerifierKey;
use tokio::sync::{Notify, Semaphore, watch};

/// Longest wait for a source's data, milliseconds; the long poll waits 25 s by itself.
const READ_MS: u64 = 28_000;
const ANSWER_MAX: usize = 32 << 20;
/// Uploads at once.
const UPLOADS_MAX: usize = 2;

/// The running console.
pub(crate) struct App {
    pub(crate) version: String,
    pub(crate) cookie: String,
    pub(crate) sources: Sources,
    pub(crate) kept: Kept,
    pub(crate) sessions: Sessions,
    pub(crate) sign_ins: SignIns,
    /// None: there is no ledger into which anybody could be invited.
    pub(crate) invitations: Option<Invitations>,
    pub(crate) follower: Option<Follower>,
    /// Copies that are being hashed again.
    pub(crate) readings: Readings,
    /// Notes of what the follower has verified.
    history: Arc<History>,
    pub(crate) desks: Desks,
    /// What this console reads with; none: there is no ledger, or it has no key of its own.
    pub(crate) credential: Option<Credential>,
    /// A reader wants the sources asked now.
    pub(crate) retry: Notify,
    /// Something says that there is newer data.
    pub(crate) wanted: Notify,
    pulse: watch::Sender<u64>,
    probed: watch::Sender<u64>,
    /// What is pinned; absent where no ledger is followed.
    pub(crate) trust: Option<Trust>,
    /// Where an upload lies while it is looked at.
    pub(crate) room: ScratchRoom,
    /// Places for uploads: each may be as large as the largest archive.
    pub(crate) uploads: Arc<Semaphore>,
    /// Client themes that are looked at before they are bound.
    pub(crate) themes: Themes,
    /// What the releases that were looked at say of themselves.
    pub(crate) manifests: Manifests,
    urls: Vec<(Service, String)>,
    dir: std::path::PathBuf,
}

impl App {
    pub(crate) fn open(options: ConsoleOptions, listen: SocketAddr) -> Result<Self, ConsoleError> {
        let url = |wanted: Service| {
            let found = options.sources.iter().find(|(service, _)| *service == wanted);
            found.map_or_else(|| format!("http://127.0.0.1:{}", wanted.port()), |(_, url)| url.clone())
        };
        let governance = || GovernanceClient::new(Http::new(url(Service::Governance)));
        let history = Arc::<History>::default();
        let follower = match &options.trust {
            Some(trust) => {
                let observer = Arc::clone(&history) as Arc<dyn LeafObserver>;
                Some(Follower::open_watched(&replica(&options.dir)?, trust, governance(), observer)?)
            }
            None => None,
        };
        let desks =
            Desks::new(options.personas.clone(), url(Service::Governance), url(Service::Platform), follower.clone());
        let room = ScratchRoom::open(&options.dir);
        let room = room.map_err(|source| ConsoleError::Dir { path: options.dir.clone(), source })?;
        let themes = Themes::new(room.clone(), &url(Service::Platform));
        let sign_ins = SignIns::new(options.trust.as_ref().map(|trust| trust.genesis), listen);
        let invitations = options
            .trust
            .as_ref()
            .map(|trust| Invitations::new(trust.genesis, trust.origin.to_string(), sign_ins.console().clone()));
        Ok(Self {
            version: options.version,
            cookie: format!("countersign_console_{}", listen.port()),
            sources: Sources::new(&options.sources),
            kept: Kept::open(&options.dir, clock::now()),
            sessions: Sessions::default(),
            sign_ins,
            invitations,
            follower,
            readings: Readings::default(),
            history,
            desks,
            credential: options.key.zip(options.trust.clone()).map(|(key, trust)| Credential::new(key, trust.genesis)),
            retry: Notify::new(),
            wanted: Notify::new(),
            pulse: watch::channel(0).0,
            probed: watch::channel(0).0,
            trust: options.trust,
            room,
            uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
            themes,
            manifests: Manifests::default(),
            urls: options.sources,
            dir: options.dir,
        })
    }

    /// Says that pages would look otherwise now.
    pub(crate) fn pulse(&self) {
        self.pulse.send_modify(|count| *count += 1);
    }

    /// Resolves on each [`App::pulse`].
    pub(crate) fn pulses(&self) -> watch::Receiver<u64> {
        self.pulse.subscribe()
    }

    /// Says that every source was asked.
    pub(crate) fn probed(&self) {
        self.probed.send_modify(|count| *count += 1);
    }

    /// Resolves on each [`App::probed`].
    pub(crate) fn probes(&self) -> watch::Receiver<u64> {
        self.probed.subscribe()
    }

    /// The token this console reads with now.
    pub(crate) fn read_token(&self) -> Option<String> {
        self.credential.as_ref().and_then(Credential::token)
    }

    /// A client of a source, without any credential: whoever stands on its port must not get what Governance trusts.
    pub(crate) fn http(&self, service: Service) -> Option<Http> {
        let (_, url) = self.urls.iter().find(|(known, _)| *known == service)?;
        Some(Http::with(url, HttpOptions { timeout_ms: READ_MS, answer_max_bytes: ANSWER_MAX }))
    }

    /// A client of a source that shows or looks for whoever looks here, or for the console itself. The console signs this
    /// one request: its token is Governance's alone.
    pub(crate) fn asking(&self, service: Service, request: String, viewer: Option<&control::Viewer>) -> Option<Http> {
        Some(self.http(service)?.signed(self.signature(service, request, viewer)?))
    }

    fn signature(&self, service: Service, request: String, viewer: Option<&control::Viewer>) -> Option<String> {
        self.credential.as_ref()?.ask(service, request, viewer, clock::now())
    }

    /// A theme, for whoever may see it: that was asked before.
    pub(crate) async fn theme(&self, digest: Digest) -> Looked {
        self.themes.get(digest, |request| self.signature(Service::Platform, request, None)).await
    }

    /// Governance, for reading everything: what comes of it is filtered before anybody sees it.
    pub(crate) fn governance(&self) -> Option<GovernanceClient> {
        let http = self.http(Service::Governance)?;
        let http = match self.read_token() {
            Some(token) => http.bearer(token),
            None => http,
        };
        Some(GovernanceClient::new(http))
    }

    /// Governance, which answers what this viewer may see.
    pub(crate) fn governance_for(&self, viewer: &Viewer) -> Option<GovernanceClient> {
        self.governance().map(|governance| governance.viewer(viewer.who))
    }

    /// The fold, or an empty one where there is no ledger.
    pub(crate) fn state(&self) -> Arc<State> {
        self.follower.as_ref().map_or_else(|| Arc::new(State::empty()), Follower::state)
    }

    /// Who a person is, as far as the fold has them on its roster: by the last roster seen, so
    /// that an outage does not sign anybody out. Nobody whose keys are all suspended, as in Governance.
    pub(crate) fn viewer(&self, person: &PersonId) -> Option<Viewer> {
        let state = self.state();
        let signs = |key: &signed::PersonKey| state.since.key_is_active(&key.id);
        let known = state.roster.person(person).filter(|known| known.keys.iter().any(signs))?;
        if !control::visible(&state, person, &[]) {
            return None;
        }
        let snapshot = self.kept.get();
        let named = snapshot.governance.as_ref().and_then(|dated| dated.data.names.people.get(person).cloned());
        let name = named.or_else(|| self.desks.name(person)).unwrap_or_else(|| format!("person {}", person.short()));
        Some(Viewer { who: (*person).into(), name, roles: known.roles.clone(), has_key: self.desks.has(person) })
    }

    /// Who looks with this session: the person who signed in, else in a demonstration its visitor.
    pub(crate) fn looking(&self, session: Option<&Session>) -> Option<Viewer> {
        let person = session.and_then(|session| session.person).and_then(|person| self.viewer(&person));
        person.or_else(|| {
            let visitor = Viewer::demo_visitor();
            (ReadScope::of_viewer(&self.state(), &visitor.who) != ReadScope::Nothing).then_some(visitor)
        })
    }

    /// Everything a page is computed from, as far as this viewer may see it.
    pub(crate) fn scene(&self, viewer: Option<Viewer>) -> Scene {
        let stopped = self.follower.as_ref().and_then(Follower::stopped).map(|error| error.to_string());
        let scene = Scene::new(
            clock::now(),
            self.sources.all(),
            self.kept.get(),
            self.state(),
            viewer,
            self.desks.is_demo(),
            stopped,
        )
        .with_history(Arc::clone(&self.history))
        .with_readings(self.readings.clone());
        match &self.follower {
            Some(follower) => scene.with_ended(Arc::new(follower.clone())),
            None => scene,
        }
    }

    /// The data directory as command lines name it, quoted where a shell wants it.
    pub(crate) fn data_dir(&self) -> String {
        let parent = self.dir.parent().unwrap_or(&self.dir);
        let absolute = std::path::absolute(parent).unwrap_or_else(|_| parent.to_owned());
        client::shell_word(&absolute.display().to_string())
    }
}

/// The keys of both logs, in note form, for pages that check proofs: the newest that the verified ledger lists,
/// or that was pinned. One key signs both logs; their verifier keys differ in the name.
pub(crate) fn log_keys(trust: &Trust, state: &State) -> Option<[String; 2]> {
    let control = control::trusted_log_keys(trust, state).into_iter().next()?;
    let events = VerifierKey::new(format!("{}/events", trust.origin), *control.public()).ok()?;
    Some([control.to_string(), events.to_string()])
}

fn replica(dir: &Path) -> Result<std::path::PathBuf, ConsoleError> {
    let path = dir.join("replica");
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
    made.map_err(|source| ConsoleError::Dir { path: path.clone(), source })?;
    Ok(path)
}
