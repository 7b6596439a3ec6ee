//! What every page has around its content.

use crate::app::App;
use crate::assets::{URLS, Urls};
use crate::page::{chip, link};
use crate::scene::{Scene, Viewer};
use crate::viewer::Visit;

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
    /// URLs of the assets.
    pub urls: &'static Urls,
    /// What the page was computed from, as [`Scene::seen`] says it.
    pub seen: String,
    /// Where events arrive.
    pub live: String,
    /// The address of this page.
    pub here: String,
    /// The address that is read again by itself: of a page with a search in it, the page without.
    pub again: String,
    /// The chips.
    pub chips: Vec<chip::Chip>,
    /// The product's version.
    pub version: String,
}

impl Frame {
    /// Around the page at `visit.here`.
    pub fn new(app: &App, visit: &Visit, scene: &Scene, title: &str, nav: &'static str) -> Self {
        Self {
            title: title.to_owned(),
            nav,
            nonce: visit.nonce.clone(),
            csrf: visit.session.form_token(),
            viewer: scene.viewer.clone(),
            demo: scene.demo,
            urls: &URLS,
            seen: scene.seen(),
            live: crate::live::PATH.to_owned(),
            here: visit.here.clone(),
            again: visit.here.clone(),
            chips: chip::all(scene),
            version: app.version.clone(),
        }
    }

    /// Where to sign in and come back to this page.
    pub fn sign_in(&self) -> String {
        let next = if self.nav == "sign-in" { "" } else { &self.here };
        link::query("/sign-in", &[("next", next)])
    }
}
