//! From a value straight to its canonical bytes, with no tree of values between.
//!
//! An object's fields are written as they come and set in order once the last is there: nearly
//! every object is written once and moved once.

use super::key;
use super::text;
use super::{CanonError, MAX_DEPTH, MAX_INTEGER};
use serde::ser::{self, Serialize};
use std::fmt::{self, Write as _};

type Result<T = ()> = std::result::Result<T, CanonError>;

/// Writes one value.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
}

impl<'a> Writer<'a> {
    /// For the outermost value.
    pub(super) fn at_the_top(out: &'a mut Vec<u8>) -> Self {
        Self { out, depth: 0 }
    }

    /// For a value inside another one, at this depth.
    pub(super) fn inside(out: &'a mut Vec<u8>, depth: usize) -> Result<Self> {
        if depth > MAX_DEPTH { Err(CanonError::Depth) } else { Ok(Self { out, depth }) }
    }

    fn array(self, close: &'static str) -> Items<'a> {
        Items::open(self.out, self.depth + 1, close)
    }

    fn object(self, close: &'static str) -> Fields<'a> {
        Fields::open(self.out, self.depth + 1, close)
    }

    /// Opens the one-key object of an enum's variant; the writer is then at its value.
    fn variant(self, name: &'static str) -> Result<Self> {
        self.out.push(b'{');
        key::quoted(name, self.out)?;
        self.out.push(b':');
        Self::inside(self.out, self.depth + 1)
    }

    fn integer(self, value: i128) -> Result {
        if value.unsigned_abs() > u128::from(MAX_INTEGER) {
            return Err(CanonError::Number(value.to_string()));
        }
        // Twenty digits hold every u64.
        let (mut digits, mut at) = ([0_u8; 20], 20);
        let mut left = value.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(left % 10).expect("a remainder of ten is one digit");
            left /= 10;
            if left == 0 {
                break;
            }
        }
        if value < 0 {
            self.out.push(b'-');
        }
        self.out.extend_from_slice(&digits[at..]);
        Ok(())
    }
}

/// Escapes what a `Display` writes, piece by piece.
struct Pieces<'a> {
    out: &'a mut Vec<u8>,
    refused: Option<CanonError>,
}

impl fmt::Write for Pieces<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        text::escaped(piece, self.out).map_err(|error| {
            self.refused = Some(error);
            fmt::Error
        })
    }
}

macro_rules! integers {
    ($($name:ident: $kind:ty),*) => {
        $(fn $name(self, value: $kind) -> Result {
            self.integer(i128::from(value))
        })*
    };
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = CanonError;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    integers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128);
    integers!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);

    fn serialize_bool(self, value: bool) -> Result {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result {
        self.integer(i128::try_from(value).map_err(|_| CanonError::Number(value.to_string()))?)
    }

    fn serialize_f32(self, value: f32) -> Result {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result {
        // Infinite and not a number are null in JSON.
        let number = serde_json::Number::from_f64(value).ok_or(CanonError::Null)?;
        Err(CanonError::Number(number.to_string()))
    }

    fn serialize_char(self, value: char) -> Result {
        text::quoted(value.encode_utf8(&mut [0; 4]), self.out)
    }

    fn serialize_str(self, value: &str) -> Result {
        text::quoted(value, self.out)
    }

    fn collect_str<T: ?Sized + fmt::Display>(self, value: &T) -> Result {
        self.out.push(b'"');
        let mut pieces = Pieces { out: self.out, refused: None };
        if write!(pieces, "{value}").is_err() {
            let broken = || CanonError::Json("a value that does not print".to_owned());
            return Err(pieces.refused.unwrap_or_else(broken));
        }
        self.out.push(b'"');
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result {
        Err(CanonError::Null)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result {
        Err(CanonError::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result {
        Err(CanonError::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result {
        text::quoted(variant, self.out)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result {
        let Writer { out, depth } = self.variant(variant)?;
        value.serialize(Writer { out: &mut *out, depth })?;
        out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>> {
        Ok(self.array("]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>> {
        Ok(self.array("]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>> {
        Ok(self.array("]"))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Items<'a>> {
        Ok(self.variant(variant)?.array("]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>> {
        Ok(self.object("}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>> {
        Ok(self.object("}"))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Fields<'a>> {
        Ok(self.variant(variant)?.object("}}"))
    }
}

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
    fn open(out: &'a mut Vec<u8>, depth: usize, close: &'static str) -> Self {
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
    fn open(out: &'a mut Vec<u8>, depth: usize, close: &'static str) -> Self {
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
