//! What a client theme holds.

use storefront::ThemeFiles;

/// A file of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileRow {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// Of an image; empty: of anything else.
    pub(crate) pixels: String,
}

/// What it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ThemeShown {
    /// In a sentence.
    pub(crate) said: String,
    /// Each declaration that hides something, with its place.
    pub(crate) hides: Vec<String>,
    pub(crate) files: Vec<FileRow>,
}

impl ThemeShown {
    pub(crate) fn of(theme: &ThemeFiles) -> Self {
        let summary = &theme.summary;
        let count = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
        let said = format!(
            "{} bytes: {}, {}, {}. Presentation only: it was read file by file, runs nothing and loads nothing from elsewhere.",
            summary.bytes,
            count(summary.sheets.len(), "style sheet"),
            count(summary.images, "image"),
            count(summary.fonts, "font"),
        );
        let pixels = |file: &theme::File| match (file.width, file.height) {
            (Some(width), Some(height)) => format!("{width} × {height}"),
            _ => String::new(),
        };
        let row = |file: &theme::File| FileRow { path: file.path.clone(), bytes: file.bytes, pixels: pixels(file) };
        let hides = summary
            .hides
            .iter()
            .map(|note| format!("{}:{}:{}: `{}` hides what it selects", note.file, note.line, note.column, note.what));
        Self { said, hides: hides.collect(), files: summary.files.iter().map(row).collect() }
    }
}
