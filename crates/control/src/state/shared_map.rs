//! An ordered map that is cheap to copy: what grows with the ledger is kept in one.

use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Borrow;
use std::fmt;
use std::ops::{Index, RangeBounds};

/// An ordered map whose copies share all entries that are equal in both: a copy takes constant time, and a
/// change to one of them as many new nodes as the tree is high. In its stored form it is the list of its
/// pairs, in order.
#[derive(Clone)]
pub struct SharedMap<K: Ord, V>(RedBlackTreeMapSync<K, V>);

impl<K: Ord, V> SharedMap<K, V> {
    /// Without entries.
    pub fn new() -> Self {
        Self(RedBlackTreeMapSync::new_sync())
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.size()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// Whether the key has a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// The entries in the order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.iter()
    }

    /// The entries whose keys lie in a range.
    pub fn range(&self, range: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.range(range)
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.0.keys()
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.values()
    }

    /// The entry of the lowest key.
    pub fn first(&self) -> Option<(&K, &V)> {
        self.0.first()
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        self.0.insert_mut(key, value);
    }

    /// Removes a key. False when it had no value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.remove_mut(key)
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        *self = Self::new();
    }
}

impl<K: Ord + Clone, V: Clone> SharedMap<K, V> {
    /// Keeps the entries of which this holds.
    pub fn retain(&mut self, keeps: impl Fn(&K, &V) -> bool) {
        let gone: Vec<K> = self.iter().filter(|(key, value)| !keeps(key, value)).map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.remove(&key);
        }
    }

    /// The value of a key, to change it: other copies keep theirs.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key)
    }
}

impl<K: Ord, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord, V: PartialEq> PartialEq for SharedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Ord, V: Eq> Eq for SharedMap<K, V> {}

impl<K: Ord + fmt::Debug, V: fmt::Debug> fmt::Debug for SharedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for SharedMap<K, V> {
    type Output = V;

    /// # Panics
    /// When the key has no value.
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("whoever indexes a map knows that the key is in it")
    }
}

impl<K: Ord, V> Extend<(K, V)> for SharedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SharedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<'a, K: Ord, V> IntoIterator for &'a SharedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Box<dyn Iterator<Item = Self::Item> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl<K: Ord + Serialize, V: Serialize> Serialize for SharedMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, K: Ord + Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for SharedMap<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_holds_what_a_plain_map_holds_and_a_copy_keeps_what_it_held(
            steps in proptest::collection::vec((0_u8..20, any::<Option<u16>>()), 0..120),
            copied_at in 0_usize..120,
        ) {
            let (mut shared, mut plain) = (SharedMap::new(), BTreeMap::new());
            let mut copy = (shared.clone(), plain.clone());
            for (position, (key, value)) in steps.into_iter().enumerate() {
                if position == copied_at {
                    copy = (shared.clone(), plain.clone());
                }
                match (value, shared.get_mut(&key)) {
                    (Some(value), Some(known)) => *known = value,
                    (Some(value), None) => shared.insert(key, value),
                    (None, _) => { shared.remove(&key); }
                }
                match value {
                    Some(value) => plain.insert(key, value),
                    None => plain.remove(&key),
                };
            }
            for (shared, plain) in [copy, (shared, plain)] {
                prop_assert_eq!(shared.iter().collect::<Vec<_>>(), plain.iter().collect::<Vec<_>>());
                prop_assert_eq!((shared.len(), shared.first()), (plain.len(), plain.first_key_value()));
                prop_assert!(shared.range(5..9).eq(plain.range(5..9)));
                let stored = serde_json::to_string(&shared).unwrap();
                prop_assert_eq!(serde_json::from_str::<SharedMap<u8, u16>>(&stored).unwrap(), shared);
            }
        }
    }

    #[test]
    fn copies_share_their_values() {
        let mut first: SharedMap<u8, String> = (0..100).map(|key| (key, key.to_string())).collect();
        let copy = first.clone();
        *first.get_mut(&7).unwrap() = "other".to_owned();
        let shared = first.iter().zip(copy.iter()).filter(|((_, a), (_, b))| std::ptr::eq(*a, *b)).count();
        assert_eq!((shared, &first[&7], &copy[&7]), (99, &"other".to_owned(), &"7".to_owned()));
    }
}
