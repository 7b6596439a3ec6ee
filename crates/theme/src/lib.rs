//! Whether a set of files is a client theme: how a shop looks, and nothing else.
//!
//! [`check`] reads every file once and gives a [`Summary`], or [`Faults`] that name file, place, a stable code and what to
//! do. Nothing is ever rewritten: what is published is byte for byte what people looked at, or it is refused. The crate
//! opens no file itself; who publishes, who keeps and who wears a theme all ask it alike.
//!
//! # What a theme is
//!
//! `theme.css` at the root, further `.css` files (a page links them all, [`ENTRY`] first), images, fonts, and the licences of
//! those as `.txt`, which are never served. The name and the version of a theme stand in what it is published with, so it
//! has no manifest of its own.
//!
//! # What is refused, and why
//!
//! *It loads nothing from elsewhere.* The only way to a file is `url()` with a relative path that names a file of this
//! theme. Functions, at-rules and properties go by allow-lists, so `@import`, `image-set()`, `src()`, `element()` and what comes after
//! them are refused because nobody has allowed them. Tokens are those of a browser (`cssparser`), with escapes resolved,
//! and the names of functions, at-rules and properties may not be escaped at all. Attribute selectors, `:has()` and the
//! like stay: the trick by which they give away what a visitor types needs an address of somebody else's, and there is none.
//!
//! *It runs nothing.* SVG is refused as a file and inside fonts; so are `behavior`, `-moz-binding` and `expression()`.
//! What could be taken for markup is refused wherever it stands, comments included.
//!
//! *It writes no words and no figures.* `content` and every other property that shows text takes marks only, by an
//! allow-list (an arrow, a tick, a glyph of an icon font): no letter, no figure, no sign of money, no counter, no `attr()`,
//! and no `var()`, which could hold any text. A list is marked by `none`, `disc`, `circle` or `square`, a mark or an image,
//! and nothing is made an item of one. `unicode-bidi` is refused because it can reverse the figures of a price.
//!
//! *It stays in the page.* `position: fixed` would cover whatever one scrolls to, and `pointer-events: none` and
//! `interactivity: inert` would let a click through to what is covered. Whatever browsers learn next is refused until somebody
//! has looked at it (`css/names.rs`).
//!
//! *Its names mean the same everywhere.* No name that Windows keeps for a device, that is not NFC or holds what nobody sees, and
//! no two that a disk takes for one which keeps neither capitals nor forms of a letter apart.
//!
//! *It costs a bounded amount.* Bytes, files, tokens, nesting, selectors, pixels, frames and the unpacked size of fonts have
//! limits, read from heads before anything is unpacked. A PNG is then unpacked and counted, for its head does not tell what its
//! parts come to: no more than its size needs, and no more than 2 GiB in a theme.
//!
//! # What remains for people's eyes
//!
//! A theme can hide an element, make text as pale as its background, show an image that contains words, or bring a font
//! whose `1` looks like a `7`, and all of it at some widths only or after a while. No rule tells these from honest design,
//! where menus are hidden and images hold words. So a theme is previewed before it is signed, [`Summary::hides`] lists each
//! declaration that hides something, and what is signed is its digest.
//!
//! # Codes
//!
//! | code | what |
//! |---|---|
//! | `theme.entry`, `theme.limit` | no `theme.css` at the root; more than a theme may hold |
//! | `file.name`, `file.kind`, `file.svg` | a name or a kind of file that is not allowed |
//! | `file.large`, `file.text`, `file.magic`, `file.damaged` | too large; not UTF-8; not what its name says; broken |
//! | `image.size`, `image.frames` | more pixels, frames or packed bytes than a browser should be given |
//! | `image.markup` | a comment inside an image that holds a page or a script |
//! | `font.size`, `font.svg` | unpacks to too much; draws its letters by SVG |
//! | `css.character`, `css.markup` | characters that do not print; markup |
//! | `css.syntax`, `css.unclosed`, `css.limit` | what browsers would read differently or pass over; something left open; too much |
//! | `css.escape` | an escape in a name or an address |
//! | `css.at_rule`, `css.function`, `css.property`, `css.words` | what a theme may not use |
//! | `css.url`, `css.url_outside`, `css.missing`, `css.kind` | an address that is not one of a fitting file of the theme |

mod bytes;
mod check;
mod css;
mod fault;
mod font;
mod image;
mod kind;
mod path;
mod picture;

pub use check::{ENTRY, File, MAX_BYTES, MAX_FILES, MAX_SHEETS, Summary, check};
pub use css::sheet::Note;
pub use fault::{Fault, Faults, MAX_FAULTS, Place};
pub use font::MAX_UNPACKED_BYTES;
pub use kind::{Kind, MAX_FONT_BYTES, MAX_IMAGE_BYTES, MAX_NOTICE_BYTES, MAX_SHEET_BYTES};
pub use path::MAX_PATH_BYTES;
pub use picture::{MAX_FRAMES, MAX_PIXELS, MAX_SIDE};
