//! Keys of objects: text and what is written as text, appended without quotation marks.

use super::CanonError;
use serde::ser::{Impossible, Serialize, Serializer};
use std::fmt;
use std::io::Write as _;

type Result<T = ()> = std::result::Result<T, CanonError>;

/// Appends `"key"`, if it is one that the profile allows.
pub(super) fn quoted<K: ?Sized + Serialize>(key: &K, out: &mut Vec<u8>) -> Result {
    out.push(b'"');
    let start = out.len();
    key.serialize(KeyWriter(out))?;
    let written = &out[start..];
    if written.is_empty() || !written.iter().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == b'_') {
        return Err(CanonError::Key(String::from_utf8_lossy(written).into_owned()));
    }
    out.push(b'"');
    Ok(())
}

/// Appends a key as it is; which characters it may hold is looked at afterwards.
struct KeyWriter<'a>(&'a mut Vec<u8>);

impl KeyWriter<'_> {
    fn displayed(self, value: impl fmt::Display) -> Result {
        write!(self.0, "{value}").map_err(|error| CanonError::Json(error.to_string()))
    }
}

fn no_text<T>() -> Result<T> {
    Err(CanonError::Json("a key must be a text".to_owned()))
}

macro_rules! displayed {
    ($($name:ident: $kind:ty),*) => {
        $(fn $name(self, value: $kind) -> Result {
            self.displayed(value)
        })*
    };
}

impl Serializer for KeyWriter<'_> {
    type Ok = ();
    type Error = CanonError;
    type SerializeSeq = Impossible<(), CanonError>;
    type SerializeTuple = Impossible<(), CanonError>;
    type SerializeTupleStruct = Impossible<(), CanonError>;
    type SerializeTupleVariant = Impossible<(), CanonError>;
    type SerializeMap = Impossible<(), CanonError>;
    type SerializeStruct = Impossible<(), CanonError>;
    type SerializeStructVariant = Impossible<(), CanonError>;

    displayed!(serialize_bool: bool, serialize_char: char, serialize_str: &str);
    displayed!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128);
    displayed!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128);

    fn collect_str<T: ?Sized + fmt::Display>(self, value: &T) -> Result {
        self.displayed(value)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result {
        self.displayed(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_f32(self, _: f32) -> Result {
        no_text()
    }

    fn serialize_f64(self, _: f64) -> Result {
        no_text()
    }

    fn serialize_bytes(self, _: &[u8]) -> Result {
        no_text()
    }

    fn serialize_none(self) -> Result {
        no_text()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, _: &T) -> Result {
        no_text()
    }

    fn serialize_unit(self) -> Result {
        no_text()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result {
        no_text()
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result {
        no_text()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq> {
        no_text()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple> {
        no_text()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct> {
        no_text()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        no_text()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap> {
        no_text()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct> {
        no_text()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant> {
        no_text()
    }
}
