//! What every page has around its content.

use crate::app::App;
use crate::assets::{URLS, Urls};
use crate::desks::Persona;
use crate::page::{chip, link};
use crate::scene::{Scene, Viewer};
use crate::viewer::Visit;

/// A persona to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonaChoice {
    /// Pseudonym.
    pub person: String,
    pub name: String,
    pub roles: String,
    /// Whether that is who is signed in.
    pub current: bool,
}

impl PersonaChoice {
    fn of(persona: Persona, viewer: Option<&Viewer>) -> Self {
        let roles = persona.roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(" + ");
        let current = viewer.and_then(Viewer::person) == Some(&persona.person);
        Self { person: persona.person.to_string(), name: persona.name, roles, current }
    }
}

/// Around a page's content.
pub struct Frame {
    /// `<title>`.
    pub title: String,
    /// Which link of the navigation is this page's.
    pub nav: &'static str,
    /// The answer's nonce.
    pub nonce: String,
    /// What each form carries.
    pub csrf: String,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// Whether this is a demonstration.
    pub demo: bool,
    /// In a demonstration: who one can become by one click.
    pub personas: Vec<PersonaChoice>,
    /// The page to come back to after signing in.
    pub next: String,
    /// URLs of the assets.
    pub urls: &'static Urls,
    /// What the page was computed from, as [`Scene::seen`] says it.
    pub seen: String,
    /// Where events arrive.
    pub live: String,
    /// The address of this page.
    pub current_url: String,
    /// The address that is read again by itself: of a page with a search in it, the page without.
    pub refresh_url: String,
    pub chips: Vec<chip::Chip>,
    /// The product's version.
    pub version: String,
}

impl Frame {
    /// Around the page at `visit.current_url`.
    pub fn new(app: &App, visit: &Visit, scene: &Scene, title: &str, nav: &'static str) -> Self {
        Self {
            title: title.to_owned(),
            nav,
            nonce: visit.nonce.clone(),
            csrf: visit.session.form_token(),
            viewer: scene.viewer.clone(),
            demo: scene.demo,
            personas: app.desks.cast().into_iter().map(|one| PersonaChoice::of(one, scene.viewer.as_ref())).collect(),
            next: if nav == "sign-in" { "/".to_owned() } else { visit.current_url.clone() },
            urls: &URLS,
            seen: scene.seen(),
            live: crate::page::link::LIVE.to_owned(),
            current_url: visit.current_url.clone(),
            refresh_url: visit.current_url.clone(),
            chips: chip::all(scene),
            version: app.version.clone(),
        }
    }

    /// Around the page at `page`, at whose address a form's answer, or more than the page, may stand.
    #[must_use]
    pub fn at(self, page: &str) -> Self {
        Self { current_url: page.to_owned(), refresh_url: page.to_owned(), next: page.to_owned(), ..self }
    }

    /// Where to sign in and come back to this page.
    pub fn sign_in(&self) -> String {
        link::query("/sign-in", &[("next", &self.next)])
    }

    /// Whether nobody is signed in: whoever looks signs nothing.
    pub fn must_sign_in(&self) -> bool {
        self.viewer.as_ref().and_then(Viewer::person).is_none()
    }

    /// Whether this console signs for who looks: in a demonstration only.
    pub fn viewer_has_key(&self) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.has_key)
    }

    /// Who looks, as [`Scene::who`] says it.
    pub fn who(&self) -> String {
        self.viewer.as_ref().map(|viewer| viewer.who.to_string()).unwrap_or_default()
    }
}
