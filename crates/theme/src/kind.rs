//! What a file of a theme can be: told by its name, held against its bytes.

use serde::Serialize;

/// Most bytes of one style sheet.
pub const MAX_SHEET_BYTES: u64 = 512 << 10;
/// Most bytes of one image.
pub const MAX_IMAGE_BYTES: u64 = 4 << 20;
/// Most bytes of one font file.
pub const MAX_FONT_BYTES: u64 = 4 << 20;
/// Most bytes of one licence text.
pub const MAX_NOTICE_BYTES: u64 = 64 << 10;

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A style sheet: `.css`.
    Sheet,
    Png,
    Jpeg,
    Gif,
    Webp,
    Avif,
    Ico,
    Woff,
    Woff2,
    Ttf,
    Otf,
    /// A plain text beside them, as the licence that a font must be given away with: `.txt`. It is never served.
    Notice,
}

impl Kind {
    /// What the file of this name is; `None` for one that no theme may hold.
    pub fn of(path: &str) -> Option<Self> {
        let (_, end) = path.rsplit('/').next()?.rsplit_once('.')?;
        Some(match &*end.to_ascii_lowercase() {
            "css" => Self::Sheet,
            "png" => Self::Png,
            "jpg" | "jpeg" => Self::Jpeg,
            "gif" => Self::Gif,
            "webp" => Self::Webp,
            "avif" => Self::Avif,
            "ico" => Self::Ico,
            "woff" => Self::Woff,
            "woff2" => Self::Woff2,
            "ttf" => Self::Ttf,
            "otf" => Self::Otf,
            "txt" => Self::Notice,
            _ => return None,
        })
    }

    /// The media type it is served as, whatever its bytes look like; `None` for what is not served.
    pub fn content_type(self) -> Option<&'static str> {
        Some(match self {
            Self::Sheet => "text/css; charset=utf-8",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Ico => "image/x-icon",
            Self::Woff => "font/woff",
            Self::Woff2 => "font/woff2",
            Self::Ttf => "font/ttf",
            Self::Otf => "font/otf",
            Self::Notice => return None,
        })
    }

    /// Whether it is a picture.
    pub fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp | Self::Avif | Self::Ico)
    }

    /// Whether it is a font.
    pub fn is_font(self) -> bool {
        matches!(self, Self::Woff | Self::Woff2 | Self::Ttf | Self::Otf)
    }

    /// Most bytes of a file of this kind.
    pub fn max_bytes(self) -> u64 {
        match self {
            Self::Sheet => MAX_SHEET_BYTES,
            Self::Notice => MAX_NOTICE_BYTES,
            _ if self.is_font() => MAX_FONT_BYTES,
            _ => MAX_IMAGE_BYTES,
        }
    }

    /// What its bytes say they are, by how they begin; `None` for text and for anything else.
    pub(crate) fn sniff(bytes: &[u8]) -> Option<Self> {
        let at = |from: usize, what: &[u8]| bytes.get(from..from + what.len()) == Some(what);
        Some(match () {
            () if at(0, b"\x89PNG\r\n\x1a\n") => Self::Png,
            () if at(0, b"\xff\xd8\xff") => Self::Jpeg,
            () if at(0, b"GIF87a") || at(0, b"GIF89a") => Self::Gif,
            () if at(0, b"RIFF") && at(8, b"WEBP") => Self::Webp,
            () if at(4, b"ftyp") => Self::Avif,
            () if at(0, b"\0\0\x01\0") => Self::Ico,
            () if at(0, b"wOFF") => Self::Woff,
            () if at(0, b"wOF2") => Self::Woff2,
            () if at(0, b"\0\x01\0\0") || at(0, b"true") => Self::Ttf,
            () if at(0, b"OTTO") => Self::Otf,
            () => return None,
        })
    }

    /// How it is named in a sentence.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sheet => "a style sheet",
            Self::Png => "a PNG image",
            Self::Jpeg => "a JPEG image",
            Self::Gif => "a GIF image",
            Self::Webp => "a WebP image",
            Self::Avif => "an AVIF image",
            Self::Ico => "an ICO image",
            Self::Woff => "a WOFF font",
            Self::Woff2 => "a WOFF2 font",
            Self::Ttf => "a TrueType font",
            Self::Otf => "an OpenType font",
            Self::Notice => "a plain text",
        }
    }
}
