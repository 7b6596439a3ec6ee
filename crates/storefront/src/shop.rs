//! What makes a tenant's shop its own: a name, kept beside its carts and not in the release.

use crate::{StorefrontError, release::read};
use serde::{Deserialize, Serialize};
use std::path::Path;

const MAX_SHOP_BYTES: u64 = 4 << 10;
const MAX_NAME_CHARS: usize = 80;

/// The optional `shop.json` of the data directory.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// Name of the shop, for example `Northwind Studio`; at most 80 characters, always shown as text.
    pub name: String,
    /// Accent colour `#rrggbb` instead of the release's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
}

impl Shop {
    /// Reads `data_dir/shop.json`; none is no error, the release's own name is shown then.
    pub fn load(data_dir: &Path) -> Result<Option<Self>, StorefrontError> {
        let path = data_dir.join("shop.json");
        if !path.exists() {
            return Ok(None);
        }
        let wrong = |what: String| StorefrontError::Content { path: path.clone(), what };
        let shop: Self = serde_json::from_str(&read(&path, MAX_SHOP_BYTES)?).map_err(|e| wrong(e.to_string()))?;
        if !(1..=MAX_NAME_CHARS).contains(&shop.name.chars().count()) {
            return Err(wrong(format!("the name is not 1 to {MAX_NAME_CHARS} characters")));
        }
        match &shop.colour {
            Some(colour) if !crate::release::is_colour(colour) => {
                Err(wrong(format!("`{colour}` is not a colour like #0f766e")))
            }
            _ => Ok(Some(shop)),
        }
    }
}
