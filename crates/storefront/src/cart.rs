//! Carts: one JSON file each, durable before the visitor sees the change.

use crate::StorefrontError;
use model::Id;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// Most carts of one shop; beyond that no new one is begun.
pub const MAX_CARTS: usize = 20_000;
const MAX_LINES: usize = 50;
const MAX_QUANTITY: u32 = 99;
const MAX_CART_BYTES: u64 = 16 << 10;
/// Lock files: enough that two visitors seldom wait for each other.
const STRIPES: u8 = 16;

/// What one visitor has chosen: stock-keeping unit to quantity.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cart {
    /// Quantities, 1 to 99. A unit that the present release does not sell stays, in case the next one does.
    pub lines: BTreeMap<String, u32>,
}

impl Cart {
    /// Pieces in the cart.
    pub fn count(&self) -> u32 {
        self.lines.values().sum()
    }

    /// Puts one more in.
    pub fn add(&mut self, sku: &str) -> Result<(), StorefrontError> {
        if !self.lines.contains_key(sku) && self.lines.len() >= MAX_LINES {
            return Err(StorefrontError::CartFull("50 different things"));
        }
        let quantity = self.lines.entry(sku.to_owned()).or_insert(0);
        if *quantity >= MAX_QUANTITY {
            return Err(StorefrontError::CartFull("99 of one thing"));
        }
        *quantity += 1;
        Ok(())
    }

    /// Takes one line out; absent is the same as removed.
    pub fn remove(&mut self, sku: &str) {
        self.lines.remove(sku);
    }
}

/// The directory of carts. Two releases may work in it at once while traffic is switched, so every
/// change holds a file lock and every write is temporary file, fsync, rename, fsync of the directory.
#[derive(Clone, Debug)]
pub struct CartStore {
    dir: PathBuf,
}

impl CartStore {
    /// Opens or makes the directory.
    pub fn open(dir: &Path) -> Result<Self, StorefrontError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io(dir))?;
        let store = Self { dir: dir.to_owned() };
        store.probe()?;
        Ok(store)
    }

    /// Whether a cart could be written now.
    pub fn probe(&self) -> Result<(), StorefrontError> {
        self.lock(Id([0; 16])).map(drop)
    }

    /// The cart; an unknown id is an empty cart.
    pub fn read(&self, id: Id) -> Result<Cart, StorefrontError> {
        let path = self.path(id);
        if !path.exists() {
            return Ok(Cart::default());
        }
        let text = crate::release::read(&path, MAX_CART_BYTES)?;
        serde_json::from_str(&text).map_err(|e| StorefrontError::Content { path, what: e.to_string() })
    }

    /// Changes one cart, alone, and returns it once it is durable.
    pub fn change(
        &self,
        id: Id,
        with: impl FnOnce(&mut Cart) -> Result<(), StorefrontError>,
    ) -> Result<Cart, StorefrontError> {
        let _alone = self.lock(id)?;
        let mut cart = self.read(id)?;
        with(&mut cart)?;
        let path = self.path(id);
        if !path.exists() && fs::read_dir(&self.dir).map_err(io(&self.dir))?.count() >= MAX_CARTS {
            return Err(StorefrontError::TooManyCarts(MAX_CARTS));
        }
        let bytes = serde_json::to_vec(&cart)
            .map_err(|e| StorefrontError::Content { path: path.clone(), what: e.to_string() })?;
        durable_file::replace(&path, &bytes, 0o600).map_err(io(&path))?;
        Ok(cart)
    }

    fn path(&self, id: Id) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    fn lock(&self, id: Id) -> Result<File, StorefrontError> {
        let path = self.dir.join(format!("lock-{}", id.as_bytes()[0] % STRIPES));
        let file = private().open(&path).map_err(io(&path))?;
        file.lock().map_err(io(&path))?;
        Ok(file)
    }
}

/// Who holds a cart's id holds the cart: its file is for this user only.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> StorefrontError + '_ {
    move |source| StorefrontError::Io { path: path.to_owned(), source }
}

/// A new id that nobody can guess: who knows it holds the cart.
pub(crate) fn new_id() -> Result<Id, StorefrontError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(StorefrontError::Random)?;
    Ok(Id(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_has_limits_and_says_them() {
        let mut cart = Cart::default();
        for _ in 0..99 {
            cart.add("mug").unwrap();
        }
        assert_eq!(
            cart.add("mug").unwrap_err().to_string(),
            "a cart holds at most 99 of one thing; remove something first"
        );
        for n in 0..49 {
            cart.add(&format!("thing-{n}")).unwrap();
        }
        assert!(matches!(cart.add("one-more"), Err(StorefrontError::CartFull(_))));
        cart.remove("mug");
        cart.add("one-more").unwrap();
        assert_eq!(cart.count(), 50);
    }

    #[test]
    fn changes_at_the_same_time_are_all_kept() {
        let dir = tempfile::TempDir::new().unwrap();
        let id = new_id().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let store = CartStore::open(dir.path()).unwrap();
                scope.spawn(move || (0..5).for_each(|_| drop(store.change(id, |cart| cart.add("mug")).unwrap())));
            }
        });
        assert_eq!(CartStore::open(dir.path()).unwrap().read(id).unwrap().count(), 20);
    }

    #[test]
    fn a_damaged_cart_is_named_and_kept() {
        let dir = tempfile::TempDir::new().unwrap();
        let store = CartStore::open(dir.path()).unwrap();
        let id = new_id().unwrap();
        fs::write(store.path(id), b"{").unwrap();
        assert!(store.change(id, |cart| cart.add("mug")).unwrap_err().to_string().contains(&id.to_string()));
        assert_eq!(fs::read(store.path(id)).unwrap(), b"{");
    }
}
