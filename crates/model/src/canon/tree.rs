//! How canonical bytes were written first, by way of a tree of values: what the writer is held against.

use super::{CanonError, MAX_DEPTH, MAX_INTEGER};
use serde::Serialize;
use serde_json::Value;

pub(super) fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonError> {
    let tree = serde_json::to_value(value).map_err(|e| CanonError::Json(e.to_string()))?;
    let mut out = vec![];
    write(&tree, 0, &mut out)?;
    Ok(out)
}

fn write(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), CanonError> {
    if depth > MAX_DEPTH {
        return Err(CanonError::Depth);
    }
    match value {
        Value::Null => return Err(CanonError::Null),
        Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::Number(n) => {
            let small = n.as_u64().is_some_and(|n| n <= MAX_INTEGER)
                || n.as_i64().is_some_and(|n| n < 0 && n.unsigned_abs() <= MAX_INTEGER);
            if !small {
                return Err(CanonError::Number(n.to_string()));
            }
            out.extend_from_slice(n.to_string().as_bytes());
        }
        Value::String(text) => write_text(text, out)?,
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, depth + 1, out)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(key, _)| key.as_bytes());
            out.push(b'{');
            for (i, (key, field)) in sorted.into_iter().enumerate() {
                if key.is_empty() || !key.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_') {
                    return Err(CanonError::Key(key.clone()));
                }
                if i > 0 {
                    out.push(b',');
                }
                out.push(b'"');
                out.extend_from_slice(key.as_bytes());
                out.extend_from_slice(b"\":");
                write(field, depth + 1, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), CanonError> {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            // Text of several lines is allowed to say so; every other control character is not.
            '\n' => out.extend_from_slice(b"\\n"),
            c if c.is_control() || super::text::is_bidi(c) => return Err(CanonError::Character(u32::from(c))),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
    Ok(())
}

/// Values of every shape that serde knows, allowed and forbidden.
mod shapes {
    use super::super::CanonError;
    use proptest::prelude::*;
    use serde::ser::{
        Serialize, SerializeMap, SerializeStruct, SerializeStructVariant, SerializeTupleVariant, Serializer,
    };

    /// Names of fields and variants: in any order, one forbidden.
    const NAMES: [&str; 6] = ["b", "a_1", "z", "a", "10", "B"];

    #[derive(Debug, Clone)]
    enum Shape {
        Bool(bool),
        Signed(i64),
        Unsigned(u64),
        Wide(i128),
        Float(f64),
        Char(char),
        Text(String),
        Shown(String),
        Bytes(Vec<u8>),
        Nothing,
        Unit,
        Some(Box<Shape>),
        UnitVariant(usize),
        NewtypeVariant(usize, Box<Shape>),
        Items(Vec<Shape>),
        Tuple(usize, Vec<Shape>),
        Map(Vec<(Shape, Shape)>),
        Struct(Vec<(usize, Shape)>),
        StructVariant(usize, Vec<(usize, Shape)>),
    }

    /// Prints a text in two pieces.
    struct Shown<'a>(&'a str);

    impl std::fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let middle = self.0.char_indices().nth(1).map_or(0, |(at, _)| at);
            let (head, tail) = self.0.split_at(middle);
            f.write_str(head)?;
            f.write_str(tail)
        }
    }

    impl Serialize for Shape {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Bool(value) => s.serialize_bool(*value),
                Self::Signed(value) => s.serialize_i64(*value),
                Self::Unsigned(value) => s.serialize_u64(*value),
                Self::Wide(value) => s.serialize_i128(*value),
                Self::Float(value) => s.serialize_f64(*value),
                Self::Char(value) => s.serialize_char(*value),
                Self::Text(value) => s.serialize_str(value),
                Self::Shown(value) => s.collect_str(&Shown(value)),
                Self::Bytes(value) => s.serialize_bytes(value),
                Self::Nothing => s.serialize_none(),
                Self::Unit => s.serialize_unit(),
                Self::Some(value) => s.serialize_some(value),
                Self::UnitVariant(name) => s.serialize_unit_variant("E", 0, NAMES[*name]),
                Self::NewtypeVariant(name, value) => s.serialize_newtype_variant("E", 0, NAMES[*name], value),
                Self::Items(items) => s.collect_seq(items),
                Self::Tuple(name, items) => {
                    let mut out = s.serialize_tuple_variant("E", 0, NAMES[*name], items.len())?;
                    items.iter().try_for_each(|item| out.serialize_field(item))?;
                    out.end()
                }
                Self::Map(fields) => {
                    let mut out = s.serialize_map(Some(fields.len()))?;
                    fields.iter().try_for_each(|(key, value)| out.serialize_entry(key, value))?;
                    out.end()
                }
                Self::Struct(fields) => {
                    let mut out = s.serialize_struct("S", fields.len())?;
                    fields.iter().try_for_each(|(key, value)| out.serialize_field(NAMES[*key], value))?;
                    out.end()
                }
                Self::StructVariant(name, fields) => {
                    let mut out = s.serialize_struct_variant("E", 0, NAMES[*name], fields.len())?;
                    fields.iter().try_for_each(|(key, value)| out.serialize_field(NAMES[*key], value))?;
                    out.end()
                }
            }
        }
    }

    /// Forbidden names, texts and values are rare: most values must have bytes to compare.
    fn name() -> impl Strategy<Value = usize> {
        prop_oneof![40 => 0..NAMES.len() - 1, 1 => Just(NAMES.len() - 1)]
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![20 => "[ -~é中\n\u{1F980}]{0,12}", 1 => "[\u{0}-\u{9f}\u{202e}\u{61c}]{0,4}"]
    }

    fn plain() -> impl Strategy<Value = Shape> {
        prop_oneof![
            20 => any::<bool>().prop_map(Shape::Bool),
            20 => (-(1_i64 << 53) + 1..1 << 53).prop_map(Shape::Signed),
            20 => (0..1_u64 << 53).prop_map(Shape::Unsigned),
            60 => text().prop_map(Shape::Text),
            40 => text().prop_map(Shape::Shown),
            10 => proptest::collection::vec(any::<u8>(), 0..4).prop_map(Shape::Bytes),
            10 => any::<char>().prop_map(Shape::Char),
            10 => name().prop_map(Shape::UnitVariant),
            1 => any::<i64>().prop_map(Shape::Signed),
            1 => any::<u64>().prop_map(Shape::Unsigned),
            1 => any::<i128>().prop_map(Shape::Wide),
            1 => any::<f64>().prop_map(Shape::Float),
            1 => Just(Shape::Nothing),
            1 => Just(Shape::Unit),
        ]
    }

    /// Keys of maps: texts and what is written as one; a float is none.
    fn key() -> impl Strategy<Value = Shape> {
        prop_oneof![
            60 => "[a-z0-9_]{1,6}".prop_map(Shape::Text),
            20 => "[a-z0-9_]{1,6}".prop_map(Shape::Shown),
            10 => any::<u64>().prop_map(Shape::Unsigned),
            10 => any::<bool>().prop_map(Shape::Bool),
            10 => name().prop_map(Shape::UnitVariant),
            1 => plain().prop_filter("a float", |shape| !matches!(shape, Shape::Float(_))),
        ]
    }

    /// Without a key that came before in other words; what becomes of one is tested by itself.
    fn once(fields: Vec<(Shape, Shape)>) -> Vec<(Shape, Shape)> {
        let mut seen = std::collections::BTreeSet::new();
        let word = |key: &Shape| serde_json::to_string(key).unwrap_or_default().replace('"', "");
        fields.into_iter().filter(|(key, _)| seen.insert(word(key))).collect()
    }

    fn shape() -> impl Strategy<Value = Shape> {
        plain().prop_recursive(4, 64, 6, |inner| {
            let fields = || proptest::collection::btree_map(name(), inner.clone(), 0..6);
            let fields = || fields().prop_map(|fields| fields.into_iter().rev().collect());
            let items = || proptest::collection::vec(inner.clone(), 0..6);
            prop_oneof![
                inner.clone().prop_map(|value| Shape::Some(Box::new(value))),
                (name(), inner.clone()).prop_map(|(name, value)| Shape::NewtypeVariant(name, Box::new(value))),
                items().prop_map(Shape::Items),
                (name(), items()).prop_map(|(name, items)| Shape::Tuple(name, items)),
                proptest::collection::vec((key(), inner.clone()), 0..6).prop_map(|fields| Shape::Map(once(fields))),
                fields().prop_map(Shape::Struct),
                (name(), fields()).prop_map(|(name, fields)| Shape::StructVariant(name, fields)),
            ]
        })
    }

    /// Either way: the bytes, or a refusal. Which of two faults is named first may differ.
    fn both(value: &Shape) -> (Result<Vec<u8>, CanonError>, Result<Vec<u8>, CanonError>) {
        (super::super::to_vec(value), super::to_vec(value))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn straight_bytes_are_the_bytes_by_way_of_a_tree(value in shape()) {
            let (straight, by_tree) = both(&value);
            prop_assert_eq!(straight.is_ok(), by_tree.is_ok(), "{:?} {:?}", straight, by_tree);
            if let (Ok(straight), Ok(by_tree)) = (straight, by_tree) {
                prop_assert_eq!(String::from_utf8(straight).unwrap(), String::from_utf8(by_tree).unwrap());
            }
        }

        /// One fault at a time is named in the same words, wherever it stands.
        #[test]
        fn one_fault_is_refused_in_the_same_words(fault in plain(), wraps in proptest::collection::vec(0..5_u8, 0..40)) {
            let value = wraps.iter().fold(fault, |value, wrap| match wrap {
                0 => Shape::Items(vec![Shape::Bool(true), value]),
                1 => Shape::NewtypeVariant(0, Box::new(value)),
                2 => Shape::Struct(vec![(0, Shape::Bool(true)), (1, value)]),
                3 => Shape::Tuple(0, vec![value]),
                _ => Shape::StructVariant(0, vec![(1, value)]),
            });
            let (straight, by_tree) = both(&value);
            // Too wide for any JSON number: said as what it is, where the tree said only "out of range".
            if !matches!(&by_tree, Err(CanonError::Json(_))) {
                prop_assert_eq!(straight, by_tree);
            }
        }
    }

    #[test]
    fn of_a_key_that_is_written_twice_the_later_value_stays() {
        let value = Shape::Struct(vec![(0, Shape::Bool(true)), (1, Shape::Bool(true)), (0, Shape::Bool(false))]);
        let (straight, by_tree) = both(&value);
        assert_eq!(straight, Ok(br#"{"a_1":true,"b":false}"#.to_vec()));
        assert_eq!(straight, by_tree);
    }

    #[test]
    fn depth_is_counted_alike() {
        for depth in 30..36 {
            for end in [Shape::Bool(true), Shape::Items(vec![]), Shape::Nothing, Shape::Map(vec![])] {
                let nested = (0..depth).fold(end.clone(), |value, _| Shape::Items(vec![value]));
                let (straight, by_tree) = both(&nested);
                assert_eq!(straight, by_tree, "{depth} {end:?}");
                let named = (0..depth).fold(end, |value, _| Shape::NewtypeVariant(0, Box::new(value)));
                let (straight, by_tree) = both(&named);
                assert_eq!(straight, by_tree, "{depth}");
            }
        }
    }
}
