//! The time zones in which cycles can be counted: those of the database inside this program, as Platform Services has it.

use jiff::tz::TimeZoneDatabase;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<String>> = LazyLock::new(|| {
    let zones = TimeZoneDatabase::bundled();
    let own = |name: &str| zones.get(name).is_ok_and(|zone| zone.iana_name() == Some(name));
    zones.available().map(|name| name.as_str().to_owned()).filter(|name| own(name)).collect()
});

/// Their names, sorted as the database has them.
pub fn all() -> &'static [String] {
    &ALL
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_has_what_people_live_in_and_nothing_of_this_machine() {
        let all = super::all();
        for zone in ["America/New_York", "Europe/Berlin", "UTC", "Asia/Kolkata"] {
            assert!(all.iter().any(|known| known == zone), "{zone}");
        }
        assert!(all.len() > 400 && !all.iter().any(|zone| zone == "localtime"));
    }
}
