//! Values that are written nowhere: what comes by is passed on with another text in their place.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A shorter value stands in too much that is no secret: it is passed on.
pub const MASKED_FROM: usize = 4;

/// A value that is not to be written down, and what it is called where it would stand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masked {
    pub key: String,
    pub value: String,
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masked({})", self.key)
    }
}

/// Puts `[secret KEY]` in the place of each value, also of one that comes in several parts.
pub(crate) struct Mask {
    values: Vec<(Vec<u8>, Vec<u8>)>,
    /// Which values begin with a byte, the longest first.
    begin: Vec<Vec<usize>>,
    /// What came and may be the beginning of a value.
    held: Vec<u8>,
}

impl Mask {
    pub(crate) fn new(masked: Vec<Masked>) -> Self {
        let long = masked.into_iter().filter(|masked| masked.value.len() >= MASKED_FROM);
        let mut values: Vec<_> =
            long.map(|Masked { key, value }| (value.into_bytes(), format!("[secret {key}]").into_bytes())).collect();
        values.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        let mut begin = vec![vec![]; 256];
        for (at, (value, _)) in values.iter().enumerate() {
            begin[usize::from(value[0])].push(at);
        }
        Self { values, begin, held: vec![] }
    }

    /// What may be written now that this came.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let (mut out, mut at) = (Vec::with_capacity(self.held.len()), 0);
        while at < self.held.len() {
            match self.found(&self.held[at..]) {
                Found::Nothing => {
                    out.push(self.held[at]);
                    at += 1;
                }
                Found::Whole(value) => {
                    let (value, shown) = &self.values[value];
                    out.extend_from_slice(shown);
                    at += value.len();
                }
                Found::Beginning(_) => break,
            }
        }
        self.held.drain(..at);
        out
    }

    /// The rest, at the end of what comes. The beginning of a value that was cut off is masked, too.
    pub(crate) fn end(&mut self) -> Vec<u8> {
        let (mut out, mut at) = (vec![], 0);
        while at < self.held.len() {
            let rest = &self.held[at..];
            match self.found(rest) {
                Found::Whole(value) => {
                    out.extend_from_slice(&self.values[value].1);
                    at += self.values[value].0.len();
                }
                Found::Beginning(value) if rest.len() >= MASKED_FROM => {
                    out.extend_from_slice(&self.values[value].1);
                    at = self.held.len();
                }
                _ => {
                    out.push(rest[0]);
                    at += 1;
                }
            }
        }
        self.held.clear();
        out
    }

    fn found(&self, rest: &[u8]) -> Found {
        for at in &self.begin[usize::from(rest[0])] {
            let value = &self.values[*at].0;
            if rest.starts_with(value) {
                return Found::Whole(*at);
            }
            if value.starts_with(rest) {
                return Found::Beginning(*at);
            }
        }
        Found::Nothing
    }
}

/// What stands where somebody looks.
enum Found {
    Nothing,
    Whole(usize),
    Beginning(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(values: &[(&str, &str)]) -> Mask {
        let masked = values.iter().map(|(key, value)| Masked { key: (*key).to_owned(), value: (*value).to_owned() });
        Mask::new(masked.collect())
    }

    #[test]
    fn a_value_is_masked_wherever_it_stands_and_however_it_is_cut() {
        let text = "url=postgres://p@ss:w0rd@db/x p@ss p@ss:w0rd\np@p@ss:w0 abc\n";
        let shown = "url=postgres://[secret LONG]@db/x [secret SHORT] [secret LONG]\np@[secret SHORT]:w0 abc\n";
        let values = [("LONG", "p@ss:w0rd"), ("SHORT", "p@ss"), ("TINY", "abc")];
        for size in 1..=text.len() {
            let mut mask = mask(&values);
            let mut out: Vec<u8> = text.as_bytes().chunks(size).flat_map(|chunk| mask.pass(chunk)).collect();
            out.extend(mask.end());
            assert_eq!(String::from_utf8(out).unwrap(), shown, "in parts of {size}");
        }
    }

    #[test]
    fn a_line_is_held_back_only_while_it_may_become_a_value_and_the_end_lets_no_beginning_through() {
        let mut mask = mask(&[("KEY", "planted-secret")]);
        assert_eq!(mask.pass(b"one plan\n"), b"one plan\n");
        assert_eq!(mask.pass(b"two plan"), b"two ");
        assert_eq!((mask.pass(b"ning"), mask.pass(b"planted-sec")), (b"planning".to_vec(), vec![]));
        assert_eq!((mask.end(), mask.end()), (b"[secret KEY]".to_vec(), vec![]));
        assert_eq!((mask.pass(b"pla"), mask.end()), (vec![], b"pla".to_vec()));
        assert_eq!(format!("{:?}", Masked { key: "KEY".to_owned(), value: "planted".to_owned() }), "Masked(KEY)");
    }
}
