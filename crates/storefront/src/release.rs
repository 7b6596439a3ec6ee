//! What a release ships: `release.json` and `style.css`, both sealed in the artifact.

use crate::StorefrontError;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fs::File, io::Read, path::Path};

const MAX_RELEASE_BYTES: u64 = 1 << 20;
const MAX_STYLE_BYTES: u64 = 256 << 10;
const MAX_ITEMS: usize = 500;

/// One release of the storefront, as read from its directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Product token, for example `pod-storefront-core`.
    pub product: String,
    /// Version, for example `2026.03.1`.
    pub version: String,
    /// Product name as people read it.
    pub name: String,
    /// The line on top of the catalogue.
    pub headline: String,
    /// One sentence below it.
    pub intro: String,
    /// Accent colour, `#rrggbb`.
    pub colour: String,
    /// `false` makes `/healthz` answer 503: a release that does not work says so.
    #[serde(default = "yes")]
    pub healthy: bool,
    /// Switched-on features; `recommended` adds the section of that name.
    #[serde(default)]
    pub features: BTreeSet<String>,
    /// The catalogue, in the order of the page.
    pub items: Vec<Item>,
    /// The style sheet, from `style.css`.
    #[serde(skip)]
    pub style: String,
}

/// One thing for sale.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Stock-keeping unit: `a-z 0-9 -`, stable over releases because carts name it.
    pub sku: String,
    pub name: String,
    /// Description.
    pub text: String,
    /// Price in cents of the shop's currency.
    pub price_cents: u32,
    /// Colour of its picture, `#rrggbb`.
    pub colour: String,
    /// Stands in the *Recommended* section too.
    #[serde(default)]
    pub recommended: bool,
}

fn yes() -> bool {
    true
}

impl Release {
    /// Reads and checks a release directory.
    pub fn load(dir: &Path) -> Result<Self, StorefrontError> {
        let path = dir.join("release.json");
        let wrong = |what: String| StorefrontError::Content { path: path.clone(), what };
        let mut release: Self =
            serde_json::from_str(&read(&path, MAX_RELEASE_BYTES)?).map_err(|e| wrong(e.to_string()))?;
        release.check().map_err(wrong)?;
        release.style = read(&dir.join("style.css"), MAX_STYLE_BYTES)?;
        Ok(release)
    }

    /// The item of this stock-keeping unit.
    pub fn item(&self, sku: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.sku == sku)
    }

    /// The items of the *Recommended* section; none when the release does not have it.
    pub fn recommended(&self) -> impl Iterator<Item = &Item> {
        let on = self.features.contains("recommended");
        self.items.iter().filter(move |item| on && item.recommended)
    }

    /// The style sheet as it is served, with the accent colour before it: the shop's, else the release's.
    pub(crate) fn sheet(&self, colour: Option<&str>) -> String {
        format!(":root{{--accent:{}}}\n{}", colour.unwrap_or(&self.colour), self.style)
    }

    fn check(&self) -> Result<(), String> {
        if self.items.len() > MAX_ITEMS {
            return Err(format!("{} items, at most {MAX_ITEMS} are allowed", self.items.len()));
        }
        let mut seen = BTreeSet::new();
        for item in &self.items {
            let plain = item.sku.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
            if !plain || !(1..=40).contains(&item.sku.len()) {
                return Err(format!("the sku `{}` is not 1 to 40 characters of a-z 0-9 -", item.sku));
            }
            if !seen.insert(&item.sku) {
                return Err(format!("the sku `{}` is there twice", item.sku));
            }
        }
        let colours = self.items.iter().map(|item| &item.colour).chain([&self.colour]);
        colours
            .into_iter()
            .find(|colour| !is_colour(colour))
            .map_or(Ok(()), |bad| Err(format!("`{bad}` is not a colour like #0f766e")))
    }
}

/// `#rrggbb` and nothing else: it is written into a style sheet and into pictures.
pub(crate) fn is_colour(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text.bytes().skip(1).all(|c| c.is_ascii_hexdigit())
}

/// Reads a text file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<String, StorefrontError> {
    let io = |source| StorefrontError::Io { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path).map_err(io)?.take(limit + 1).read_to_string(&mut text).map_err(io)?;
    if text.len() as u64 > limit {
        return Err(StorefrontError::Content { path: path.to_owned(), what: format!("it is above {limit} bytes") });
    }
    Ok(text)
}
