//! Which browser: the one that `CHROMIUM` names, the system's own, or one that is installed now.

use std::env;
use std::path::{Path, PathBuf};

use crate::apt;
use crate::error::Error;

/// Names the browser to use.
const VARIABLE: &str = "CHROMIUM";

/// Where Chromium, Chrome and Edge usually are.
const USUAL: &[&str] = &[
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/microsoft-edge",
    "/opt/google/chrome/chrome",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

/// What to do when there is none.
pub const MISSING: &str = "no Chromium, Chrome or Edge on this machine; install one (`cargo xtask test --install` does \
                           it on Debian) or name one with CHROMIUM=PATH";

/// The browser, installed when that is allowed: asked for, or as root on Debian.
pub fn browser(install: bool) -> Result<Option<PathBuf>, Error> {
    let named = env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    if let Some(named) = named {
        return if is_program(&named) { Ok(Some(named)) } else { Err(Error::Browser(named)) };
    }
    let found = || first(USUAL, is_program);
    if let Some(found) = found() {
        return Ok(Some(found));
    }
    if apt::may_install(install) {
        println!("no browser is here: installing chromium");
        apt::install(&["chromium"]);
    }
    Ok(found())
}

fn first(places: &[&str], is_there: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    places.iter().map(PathBuf::from).find(|path| is_there(path))
}

fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{USUAL, first, is_program};

    #[test]
    fn the_first_usual_place_that_has_one_wins() {
        let edge = "/usr/bin/microsoft-edge";
        assert_eq!(first(USUAL, |path| path == Path::new(edge)), Some(PathBuf::from(edge)));
        assert_eq!(first(USUAL, |_| true), Some(PathBuf::from(USUAL[0])));
        assert_eq!(first(USUAL, |_| false), None);
    }

    #[test]
    fn a_folder_is_no_browser() {
        assert!(!is_program(Path::new("/")) && !is_program(Path::new("/nowhere/chromium")));
    }
}
