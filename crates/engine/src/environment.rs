//! What an engine finds in its environment.

use crate::given::{Given, LEASE_TOKEN};
use confine::Environment;
use model::{Digest, Token};
use std::{net::SocketAddr, path::Path};

/// Names the address to listen on.
pub(crate) const LISTEN: &str = "COUNTERSIGN_LISTEN";
/// Names the directory of the unpacked artifact.
pub(crate) const RELEASE_DIR: &str = "COUNTERSIGN_RELEASE_DIR";
/// Where programs find the port to listen on everywhere.
const PORT: &str = "PORT";
/// And the host; a config may set it for a program that means something else by it.
const HOST: &str = "HOST";

/// Where one start takes place.
pub(crate) struct Place<'a> {
    pub(crate) artifact: &'a Digest,
    pub(crate) listen: SocketAddr,
    pub(crate) release_dir: &'a Path,
    pub(crate) data_dir: &'a Path,
    pub(crate) temporary: &'a Path,
    pub(crate) theme_dir: Option<&'a Path>,
}

/// Ours and what it is given. None of ours can be taken by what it is given, but for `HOST`.
pub(crate) fn of(place: &Place<'_>, given: &Given) -> Environment {
    let shown = |path: &Path| path.display().to_string();
    let own = Environment::default().with(HOST, place.listen.ip().to_string());
    let all = given.variables.iter().fold(own, |all, (key, value)| all.with(key.as_str(), value));
    let mut all = all
        .with(PORT, place.listen.port().to_string())
        .with(LISTEN, place.listen.to_string())
        .with(RELEASE_DIR, shown(place.release_dir))
        .with("COUNTERSIGN_DATA_DIR", shown(place.data_dir))
        .with("COUNTERSIGN_ARTIFACT", place.artifact.to_string())
        .with("HOME", shown(place.data_dir))
        .with("TMPDIR", shown(place.temporary));
    let hosts: Vec<_> = given.hosts.iter().map(Token::as_str).collect();
    for (key, value) in [
        ("COUNTERSIGN_HOSTS", (!hosts.is_empty()).then(|| hosts.join(","))),
        ("COUNTERSIGN_THEME_DIR", place.theme_dir.map(shown)),
        ("COUNTERSIGN_CONFIG", given.config.map(|digest| digest.to_string())),
        ("COUNTERSIGN_THEME", given.theme.map(|digest| digest.to_string())),
        (LEASE_TOKEN, given.lease.as_ref().map(|lease| lease.credential.secret().to_owned())),
        ("COUNTERSIGN_LEASE_URL", given.lease.as_ref().map(|lease| format!("{}/v1/leases/own", lease.url))),
    ] {
        if let Some(value) = value {
            all = all.with(key, value);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_given_takes_the_place_of_none_of_ours_but_the_host() {
        let place = Place {
            artifact: &Digest::ZERO,
            listen: "127.0.0.1:9001".parse().unwrap(),
            release_dir: Path::new("/r"),
            data_dir: Path::new("/d"),
            temporary: Path::new("/d/tmp"),
            theme_dir: Some(Path::new("/t")),
        };
        let given = |key: &str| Given { variables: vec![(key.parse().unwrap(), "x".to_owned())], ..Given::default() };
        let plain = of(&place, &Given { theme: Some(Digest::ZERO), ..Given::default() });
        for (key, value) in [
            ("PORT", "9001"),
            ("HOST", "127.0.0.1"),
            (LISTEN, "127.0.0.1:9001"),
            (RELEASE_DIR, "/r"),
            ("COUNTERSIGN_DATA_DIR", "/d"),
            ("COUNTERSIGN_THEME_DIR", "/t"),
            ("HOME", "/d"),
            ("TMPDIR", "/d/tmp"),
        ] {
            assert_eq!(plain.get(key), Some(value), "{key}");
            assert_eq!(of(&place, &given(key)).get(key), Some(if key == HOST { "x" } else { value }), "{key}");
        }
        assert_eq!(plain.get("COUNTERSIGN_THEME"), Some(Digest::ZERO.to_string().as_str()));
        assert_eq!((plain.get("COUNTERSIGN_CONFIG"), plain.get("COUNTERSIGN_HOSTS")), (None, None));
        let hosts = ["a.example", "b.example"].map(|host| host.parse().unwrap()).to_vec();
        let named = of(&place, &Given { hosts, ..Given::default() });
        assert_eq!(named.get("COUNTERSIGN_HOSTS"), Some("a.example,b.example"));
    }
}
