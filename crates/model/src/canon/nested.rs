//! Arrays and objects.
//!
//! An object's fields are written as they come and set in order once the last is there: nearly
//! every object is written once and moved once.

use super::CanonError;
use super::key;
use super::write::Writer;
use serde::ser::{self, Serialize};

type Result<T = ()> = std::result::Result<T, CanonError>;

/// Writes the items of an array, then what closes it.
pub(super) struct Items<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
    is_first: bool,
    close: &'static str,
}

/// Where a field stands in the output.
struct Field {
    /// Its opening quotation mark.
    start: usize,
    /// The key's closing quotation mark.
    key_end: usize,
    /// Behind its value.
    end: usize,
}

/// Writes the fields of an object, then what closes it.
pub(super) struct Fields<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
    written: Vec<Field>,
    is_sorted: bool,
    close: &'static str,
}

impl<'a> Items<'a> {
    pub(super) fn open(out: &'a mut Vec<u8>, depth: usize, close: &'static str) -> Self {
        out.push(b'[');
        Self { out, depth, is_first: true, close }
    }

    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Result {
        if !self.is_first {
            self.out.push(b',');
        }
        self.is_first = false;
        value.serialize(Writer::inside(self.out, self.depth)?)
    }

    fn close(self) {
        self.out.extend_from_slice(self.close.as_bytes());
    }
}

macro_rules! items {
    ($($kind:ident.$method:ident),*) => {
        $(impl ser::$kind for Items<'_> {
            type Ok = ();
            type Error = CanonError;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result {
                self.item(value)
            }

            fn end(self) -> Result {
                self.close();
                Ok(())
            }
        })*
    };
}

items!(
    SerializeSeq.serialize_element,
    SerializeTuple.serialize_element,
    SerializeTupleStruct.serialize_field,
    SerializeTupleVariant.serialize_field
);

impl<'a> Fields<'a> {
    pub(super) fn open(out: &'a mut Vec<u8>, depth: usize, close: &'static str) -> Self {
        out.push(b'{');
        Self { out, depth, written: Vec::with_capacity(8), is_sorted: true, close }
    }

    fn key<K: ?Sized + Serialize>(&mut self, key: &K) -> Result {
        if !self.written.is_empty() {
            self.out.push(b',');
        }
        let start = self.out.len();
        key::quoted(key, self.out)?;
        let key_end = self.out.len() - 1;
        if let Some(last) = self.written.last() {
            self.is_sorted &= self.out[last.start + 1..last.key_end] < self.out[start + 1..key_end];
        }
        self.written.push(Field { start, key_end, end: key_end });
        self.out.push(b':');
        Ok(())
    }

    fn value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result {
        value.serialize(Writer::inside(self.out, self.depth)?)?;
        if let Some(field) = self.written.last_mut() {
            field.end = self.out.len();
        }
        Ok(())
    }

    /// Sets the fields in order of their keys; of a key that came twice the later one stays.
    fn sort(&mut self) {
        let Some(first) = self.written.first().map(|field| field.start) else { return };
        let out = &*self.out;
        let key = |field: &Field| &out[field.start + 1..field.key_end];
        self.written.sort_by(|a, b| key(a).cmp(key(b)));
        let mut sorted = Vec::with_capacity(out.len() - first);
        for (n, field) in self.written.iter().enumerate() {
            if self.written.get(n + 1).is_some_and(|next| key(next) == key(field)) {
                continue;
            }
            if !sorted.is_empty() {
                sorted.push(b',');
            }
            sorted.extend_from_slice(&out[field.start..field.end]);
        }
        self.out.truncate(first);
        self.out.extend_from_slice(&sorted);
    }

    fn close(mut self) {
        if !self.is_sorted {
            self.sort();
        }
        self.out.extend_from_slice(self.close.as_bytes());
    }
}

impl ser::SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = CanonError;

    fn serialize_key<K: ?Sized + Serialize>(&mut self, key: &K) -> Result {
        self.key(key)
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result {
        self.value(value)
    }

    fn end(self) -> Result {
        self.close();
        Ok(())
    }
}

macro_rules! fields {
    ($($kind:ident),*) => {
        $(impl ser::$kind for Fields<'_> {
            type Ok = ();
            type Error = CanonError;

            fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result {
                self.key(key)?;
                self.value(value)
            }

            fn end(self) -> Result {
                self.close();
                Ok(())
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);
