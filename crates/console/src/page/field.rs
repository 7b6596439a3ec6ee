//! Fields of a form, whatever it is about.

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
    /// One line.
    Text,
    /// Several lines.
    Lines,
    /// A date and time, Eastern Time.
    Time,
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
        }
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

    /// The type of a field of one line.
    pub fn kind(&self) -> &'static str {
        match self.widget {
            Widget::Number => "number",
            Widget::Time => "datetime-local",
            _ => "text",
        }
    }

    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        self.widget == Widget::Number
    }
}
