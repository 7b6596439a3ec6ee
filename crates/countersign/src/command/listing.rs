//! Every listing: the same rows as a table for people and as JSON for programs, at most so many.

use super::Context;
use crate::cli::ListArgs;
use crate::output;
use serde_json::Value;

/// A column: its heading, and a row's cell.
pub type Column<'a, T> = (&'static str, &'a dyn Fn(&T) -> String);

/// Prints rows, each as JSON or by its columns; says how many were left out, and so does standard error beside JSON.
pub fn print<T>(context: &Context, args: ListArgs, rows: Vec<T>, as_json: impl Fn(&T) -> Value, columns: &[Column<T>]) {
    print_of(context, args, (rows, true), as_json, columns);
}

/// The same of the first rows of a listing that was read only so far: then it is not said how many there are.
pub fn print_of<T>(
    context: &Context,
    args: ListArgs,
    (mut rows, whole): (Vec<T>, bool),
    as_json: impl Fn(&T) -> Value,
    columns: &[Column<T>],
) {
    let all = rows.len();
    rows.truncate(args.limit as usize);
    if context.json {
        output::json(&rows.iter().map(as_json).collect::<Vec<_>>());
    } else {
        let heading: Vec<_> = columns.iter().map(|(heading, _)| *heading).collect();
        let cells = |row: &T| columns.iter().map(|(_, cell)| cell(row)).collect();
        output::table(&heading, &rows.iter().map(cells).collect::<Vec<_>>());
    }
    if !whole {
        output::note(&format_args!("the newest {} are shown; a higher `--limit` shows more", rows.len()));
    } else if all > rows.len() {
        output::note(&format_args!("{} of {all} are shown; `--limit {all}` shows all", rows.len()));
    }
}
