//! Fields of a form, whatever it is about.

use super::refused::RefusalNotice;

/// One choice of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub text: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// What a field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Widget {
    /// One of a list.
    Select,
    /// Some of a list.
    Checks,
    /// A whole number.
    Number,
    /// A whole number that may be large.
    Count,
    /// One line.
    Text,
    /// Several lines.
    Lines,
    /// A date and time, Eastern Time.
    Time,
    /// A file of the visitor's own.
    File,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRow {
    /// Its key in the form.
    pub name: &'static str,
    pub label: String,
    /// A sentence of help; empty: there is none.
    pub help: String,
    /// Whether it must be answered.
    pub required: bool,
    /// What it looks like.
    pub widget: Widget,
    /// What stands in it.
    pub value: String,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// Whether nothing is chosen where nobody has chosen yet, although it must be answered.
    pub open: bool,
    /// What a line must look like, and how a browser says so; empty: anything.
    pub pattern: String,
    pub pattern_says: &'static str,
    /// What was wrong with what was sent in it; empty: nothing.
    pub wrong: String,
}

impl FieldRow {
    /// An empty one that need not be answered.
    pub fn new(name: &'static str, label: impl Into<String>, widget: Widget) -> Self {
        let (label, help, value) = (label.into(), String::new(), String::new());
        Self {
            name,
            label,
            help,
            required: false,
            widget,
            value,
            choices: vec![],
            open: false,
            pattern: String::new(),
            pattern_says: "",
            wrong: String::new(),
        }
    }

    /// With what was refused, where that was about this field.
    #[must_use]
    pub(crate) fn refused(self, refused: Option<&RefusalNotice>) -> Self {
        let about = refused.filter(|refused| refused.field == Some(self.name));
        Self { wrong: about.map(|refused| refused.message.clone()).unwrap_or_default(), ..self }
    }

    /// With help.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// That must be answered.
    #[must_use]
    pub fn required(self, required: bool) -> Self {
        Self { required, ..self }
    }

    /// That is not chosen before somebody chooses.
    #[must_use]
    pub fn open(self) -> Self {
        Self { open: true, ..self }
    }

    /// That must look like this.
    #[must_use]
    pub fn pattern(self, pattern: &str, pattern_says: &'static str) -> Self {
        Self { pattern: pattern.to_owned(), pattern_says, ..self }
    }

    /// With what stands in it.
    #[must_use]
    pub fn value(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    /// With what can be chosen: what is sent and what is read. What stands in the field is chosen.
    #[must_use]
    pub fn choices(mut self, all: impl IntoIterator<Item = (String, String)>) -> Self {
        let several = self.widget == Widget::Checks;
        let value = &self.value;
        let chosen = |known: &str| if several { value.split(',').any(|one| one == known) } else { value == known };
        let choices = all.into_iter().map(|(known, text)| Choice { chosen: chosen(&known), value: known, text });
        self.choices = choices.collect();
        self
    }

    /// With what stands in it now, which is chosen where it is a list.
    #[must_use]
    pub(crate) fn written(mut self, value: &str) -> Self {
        value.clone_into(&mut self.value);
        self.choices.iter_mut().for_each(|choice| choice.chosen = choice.value == value);
        self
    }

    /// Whether it is one of a list.
    pub fn is_select(&self) -> bool {
        self.widget == Widget::Select
    }

    /// Whether it is some of a list.
    pub fn is_checks(&self) -> bool {
        self.widget == Widget::Checks
    }

    /// Whether it has several lines.
    pub fn is_lines(&self) -> bool {
        self.widget == Widget::Lines
    }

    /// Whether it is a file.
    pub fn is_file(&self) -> bool {
        self.widget == Widget::File
    }

    /// The ids of what is said about it: what was wrong, and what helps.
    pub fn described_by(&self, form: &str) -> String {
        let (wrong, help) = (!self.wrong.is_empty(), !self.help.is_empty());
        let ids = [(wrong, "wrong"), (help, "help")].into_iter().filter(|(is, _)| *is);
        ids.map(|(_, what)| format!("{form}-{}-{what}", self.name)).collect::<Vec<_>>().join(" ")
    }

    /// The type of a field of one line.
    pub fn kind(&self) -> &'static str {
        match self.widget {
            Widget::Number | Widget::Count => "number",
            Widget::Time => "datetime-local",
            _ => "text",
        }
    }

    /// The largest whole number that it takes; none: it takes no number.
    pub fn largest(&self) -> Option<u64> {
        match self.widget {
            Widget::Number => Some(u64::from(u32::MAX)),
            Widget::Count => Some((1 << 53) - 1),
            _ => None,
        }
    }
}
