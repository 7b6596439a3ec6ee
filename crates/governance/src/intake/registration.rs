//! What a tenant, an engine or an artifact may be called, and which ports an engine may have.
//!
//! Names are sealed, so the pure core cannot compare them; they are compared here, before the queue, by whoever can
//! open them. Two names that a person can take for one another are one name (UTS #39).

use super::Checked;
use control::Command;
use service_shell::Problem;
use signed::Act;
use std::collections::BTreeSet;
use unicode_security::confusable_detection::skeleton;
use view::Names;

/// The `about` of a name's part.
const NAME: &str = "name";
/// Longest name, in characters.
const NAME_MAX: usize = 80;
/// The lowest port that needs no privilege to listen on.
const PORT_MIN: u16 = 1_024;

/// Characters that show nothing or reorder what is shown: Default_Ignorable_Code_Point of Unicode 16, and the others
/// whose whole look is a blank; and those of private use, of whose look nothing is known.
const UNSEEN: [(char, char); 22] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
    ('\u{f0000}', '\u{ffffd}'),
    ('\u{100000}', '\u{10fffd}'),
];

/// Whether a command registers something that has a name.
pub(crate) fn registers(command: &Command) -> bool {
    matches!(act(command), Some(Act::RegisterTenant { .. } | Act::RegisterEngine { .. } | Act::Publish { .. }))
}

fn act(command: &Command) -> Option<&Act> {
    match command {
        Command::Signed { statement, .. } => Some(&statement.act),
        _ => None,
    }
}

/// Checks the name and the ports of what a command registers, against what is registered and the ports of this
/// installation. `names` must be those of the newest leaf, and no other registration may be under way.
pub(crate) fn registration(names: &Names, own_ports: &BTreeSet<u16>, checked: &Checked) -> Result<(), Problem> {
    let Some(act) = act(&checked.command).filter(|_| registers(&checked.command)) else { return Ok(()) };
    if let Act::RegisterEngine { port, side_ports, .. } = act {
        ports(own_ports, [*port, side_ports[0], side_ports[1]])?;
    }
    // What is published goes by its product and version where it has no name.
    let optional = matches!(act, Act::Publish { .. });
    let Some(name) = name(checked, optional)? else { return Ok(()) };
    // What has this very id is no other: such a command is a repeat, and is answered as one.
    let taken = match act {
        Act::RegisterTenant { tenant } => {
            names.tenants.iter().find(|(id, known)| *id != tenant && alike(known, name)).map(|(_, known)| known)
        }
        Act::RegisterEngine { engine, .. } => {
            names.engines.iter().find(|(id, known)| *id != engine && alike(known, name)).map(|(_, known)| known)
        }
        _ => None,
    };
    match taken {
        None => Ok(()),
        Some(known) => Err(Problem::refused(
            "name.taken",
            format!("`{known}` is registered already, and a person can take the one for the other"),
            "choose a name that looks and reads differently",
        )),
    }
}

/// The one name, fit to be shown.
fn name(checked: &Checked, optional: bool) -> Result<Option<&str>, Problem> {
    let named = |(part, _): &(&signed::Part, &signed::Opening)| part.about.as_str() == NAME;
    let texts = checked.texts.iter().flat_map(|texts| texts.bound.parts.iter().zip(&texts.openings));
    let mut found = texts.filter(named).peekable();
    if optional && found.peek().is_none() {
        return Ok(None);
    }
    let name = found.next().and_then(|(_, opening)| opening.body.get("text"));
    let Some(name) = name.filter(|_| found.next().is_none()) else {
        let next = "send one part `name` with its opening's `text`";
        return Err(Problem::malformed("name.missing", "what is registered has not exactly one name", next));
    };
    let length = name.chars().count();
    if length > NAME_MAX || !name.chars().any(char::is_alphanumeric) {
        return Err(Problem::malformed(
            "name.length",
            format!("the name has {length} characters, or none that is a letter or digit"),
            format!("choose a name of 1 to {NAME_MAX} characters, with a letter or digit among them"),
        ));
    }
    let unseen =
        |c: &char| (c.is_whitespace() && *c != ' ') || UNSEEN.iter().any(|(from, to)| (from..=to).contains(&c));
    if let Some(unseen) = name.chars().find(unseen) {
        return Err(Problem::malformed(
            "name.character",
            format!("the name has the character U+{:04X}, which nobody sees", u32::from(unseen)),
            "leave that character out",
        ));
    }
    if name.trim() != name || name.contains("  ") {
        let message = "the name begins or ends with a space, or has two in a row";
        return Err(Problem::malformed("name.character", message, "write it with single spaces between words"));
    }
    Ok(Some(name))
}

/// Whether a person can take one name for the other: the same skeleton, as written or in lower case.
fn alike(one: &str, other: &str) -> bool {
    let as_written = |name: &str| skeleton(name).collect::<String>();
    let in_lower_case = |name: &str| as_written(&name.to_lowercase()).to_lowercase();
    as_written(one) == as_written(other) || in_lower_case(one) == in_lower_case(other)
}

fn ports(own: &BTreeSet<u16>, wanted: [u16; 3]) -> Result<(), Problem> {
    if let Some(port) = wanted.into_iter().find(|port| *port < PORT_MIN) {
        return Err(Problem::malformed(
            "port.privileged",
            format!("port {port} is below {PORT_MIN}, where only the system's own services may listen"),
            format!("choose a port from {PORT_MIN} up; the slots use the ports 1,000 and 2,000 above it"),
        ));
    }
    if let Some(port) = wanted.into_iter().find(|port| own.contains(port)) {
        return Err(Problem::refused(
            "port.own",
            format!("port {port} is one on which this installation itself listens"),
            "choose another port; neither it nor those 1,000 and 2,000 above it may be a service's or the console's",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_or_read_alike_are_one_name() {
        for (one, other) in [
            ("Acme", "Acme"),
            ("Acme", "ACME"),
            ("Acme", "\u{410}cme"),
            ("Harbor Goods", "Harb\u{3bf}r G\u{43e}ods"),
            ("modern", "modem"),
            ("PayPal", "PayPaI"),
            ("Straße 1", "Straße l"),
        ] {
            assert!(alike(one, other), "{one} {other}");
        }
        for (one, other) in [("Acme", "Acme 2"), ("Delta Market", "Delta Markets"), ("Élan", "Elan")] {
            assert!(!alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn ports_below_1024_and_of_this_installation_are_refused() {
        let own = [8080, 9101].into();
        let code = |wanted| ports(&own, wanted).map_err(|problem| problem.code());
        assert_eq!(code([8101, 10_101, 11_101]), Ok(()));
        assert_eq!(code([22, 1_022, 2_022]), Err("port.privileged"));
        assert_eq!(code([1_024, 2_024, 1_023]), Err("port.privileged"));
        assert_eq!(code([8080, 10_080, 11_080]), Err("port.own"));
        assert_eq!(code([8101, 9101, 10_101]), Err("port.own"), "a slot's port too");
    }
}
