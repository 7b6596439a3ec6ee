//! What a bundle binds, in lines for a person.

use view::{Against, BoundThing};

/// Lines of (label, text): what it is, what it is called, by which digest, and how it stands against what served before.
pub fn lines(bound: &[BoundThing]) -> Vec<(&'static str, String)> {
    bound.iter().map(|thing| (label(thing), text(thing))).collect()
}

fn label(thing: &BoundThing) -> &'static str {
    match thing.what.as_str() {
        "config" => "config",
        "lease" => "AI lease",
        "theme" => "theme",
        "retention" => "retention",
        _ => "release",
    }
}

fn text(thing: &BoundThing) -> String {
    let before = thing.before.as_deref().unwrap_or("another");
    let Some(name) = &thing.name else { return format!("none any more (was {before})") };
    let version = thing.version.as_ref().filter(|version| !name.contains(version.as_str()));
    let version = version.map(|version| format!(" {version}")).unwrap_or_default();
    let id = thing.digest.map(|digest| digest.short()).or(thing.lease.map(|lease| lease.short())).unwrap_or_default();
    format!("{name}{version}  {id}{}", against(thing))
}

/// How it stands against what served before, in brackets; empty where nothing is compared.
pub fn against(thing: &BoundThing) -> String {
    match (thing.against, &thing.before) {
        (Some(Against::Kept), _) => "  (kept)".to_owned(),
        (Some(Against::New), _) => "  (new)".to_owned(),
        (Some(Against::Changed | Against::LeftOut), Some(before)) => format!("  (changed from {before})"),
        _ => String::new(),
    }
}
