//! The programs that the recipes of `docs/recipes` are tried with. A machine without one skips its recipe, and says so;
//! `--full` installs them where that is allowed.

use std::path::Path;

use crate::apt;

/// A file that is there when a package of Debian is, and the package.
const PROGRAMS: [(&str, &str); 7] = [
    ("/usr/bin/python3", "python3"),
    ("/usr/bin/go", "golang-go"),
    ("/usr/bin/gunicorn", "gunicorn"),
    ("/usr/lib/python3/dist-packages/flask", "python3-flask"),
    ("/usr/lib/python3/dist-packages/psycopg2", "python3-psycopg2"),
    ("/usr/sbin/nginx", "nginx-light"),
    ("/usr/lib/postgresql", "postgresql"),
];

/// Installs what is missing.
pub fn install(asked: bool) {
    let missing: Vec<&str> = missing(|path| Path::new(path).exists());
    if missing.is_empty() || !apt::may_install(asked) {
        return;
    }
    println!("installing what the recipes are tried with: {}", missing.join(", "));
    apt::install(&missing);
}

fn missing(is_there: impl Fn(&str) -> bool) -> Vec<&'static str> {
    PROGRAMS.iter().filter(|(path, _)| !is_there(path)).map(|(_, package)| *package).collect()
}

#[cfg(test)]
mod tests {
    use super::missing;

    #[test]
    fn what_is_there_is_not_installed_again() {
        assert!(missing(|_| true).is_empty());
        assert_eq!(missing(|path| path != "/usr/sbin/nginx"), ["nginx-light"]);
    }
}
