//! The marks that a theme may put into a page, by range: what is not here is refused, for it may be read as a word, a
//! figure or a sign of money.

/// Ranges of characters, both ends included.
const RANGES: &[(char, char)] = &[
    ('\n', '\n'),
    // Space, `!`, `"`; then without `#`, `$`, `%` and the figures.
    (' ', '"'),
    ('&', '/'),
    (':', '?'),
    ('[', '`'),
    ('{', '~'),
    // Of Latin-1 without the raised figures, the fractions and the letters in circles.
    ('\u{a0}', '\u{a1}'),
    ('\u{a6}', '\u{a8}'),
    ('\u{ab}', '\u{ac}'),
    ('\u{af}', '\u{af}'),
    ('\u{b4}', '\u{b4}'),
    ('\u{b6}', '\u{b8}'),
    ('\u{bb}', '\u{bb}'),
    ('\u{bf}', '\u{bf}'),
    ('\u{d7}', '\u{d7}'),
    ('\u{f7}', '\u{f7}'),
    // Spaces, dashes, quotation marks, bullets; without per mille, the stroke of a fraction and what looks like a 7.
    ('\u{2002}', '\u{200a}'),
    ('\u{2010}', '\u{2027}'),
    ('\u{202f}', '\u{202f}'),
    ('\u{2032}', '\u{2043}'),
    ('\u{2045}', '\u{2049}'),
    ('\u{204c}', '\u{2051}'),
    ('\u{2053}', '\u{205f}'),
    // Arrows.
    ('\u{2190}', '\u{21ff}'),
    ('\u{27f0}', '\u{27ff}'),
    ('\u{2900}', '\u{297f}'),
    ('\u{2b00}', '\u{2b59}'),
    // Minus, dots and stars of mathematics.
    ('\u{2212}', '\u{2212}'),
    ('\u{2217}', '\u{2219}'),
    ('\u{22c5}', '\u{22c6}'),
    ('\u{22ee}', '\u{22f1}'),
    // A house, arrow heads, an hourglass, keys, a player's buttons.
    ('\u{2302}', '\u{2304}'),
    ('\u{231a}', '\u{231b}'),
    ('\u{2328}', '\u{2328}'),
    ('\u{232b}', '\u{232b}'),
    ('\u{23ce}', '\u{23cf}'),
    ('\u{23e9}', '\u{23fa}'),
    // Shapes and pictures; without what is recycled by number, and without dice.
    ('\u{25a0}', '\u{2672}'),
    ('\u{267a}', '\u{267f}'),
    ('\u{2686}', '\u{26ff}'),
    // Ticks, crosses, stars, hearts; without figures in circles.
    ('\u{2701}', '\u{2775}'),
    ('\u{2794}', '\u{27bf}'),
    // Punctuation of East Asia.
    ('\u{3000}', '\u{3003}'),
    ('\u{3008}', '\u{3011}'),
    ('\u{3014}', '\u{301f}'),
    // The glyphs of an icon font.
    ('\u{e000}', '\u{f8ff}'),
    // Shown as a picture, or as a character.
    ('\u{fe0e}', '\u{fe0f}'),
    // Pictures of a shop: gift, house, people, hearts, parcel, glass, lock, bell, fire, lorry, bags, trolley.
    ('\u{1f381}', '\u{1f381}'),
    ('\u{1f3e0}', '\u{1f3e0}'),
    ('\u{1f464}', '\u{1f465}'),
    ('\u{1f499}', '\u{1f49c}'),
    ('\u{1f4e6}', '\u{1f4e6}'),
    ('\u{1f50d}', '\u{1f50e}'),
    ('\u{1f512}', '\u{1f514}'),
    ('\u{1f525}', '\u{1f525}'),
    ('\u{1f69a}', '\u{1f69a}'),
    ('\u{1f6cd}', '\u{1f6cd}'),
    ('\u{1f6d2}', '\u{1f6d2}'),
];

/// Whether a theme may show it.
pub(crate) fn is_mark(c: char) -> bool {
    RANGES.iter().any(|(from, to)| (*from..=*to).contains(&c))
}
