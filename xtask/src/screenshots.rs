//! `cargo xtask screenshots [--out DIR]`: pictures of every page, live, in an outage and empty.

use std::fs;
use std::path::{Path, PathBuf};

use crate::browser;
use crate::error::Error;
use crate::workspace::Workspace;

/// Takes them, and says last how many there are in each state and what they weigh.
pub fn run(args: &[String]) -> Result<bool, Error> {
    let workspace = Workspace::load()?;
    let out = match args {
        [] => workspace.root.join("docs").join("screenshots"),
        [flag, folder] if flag == "--out" && !folder.is_empty() => PathBuf::from(folder),
        _ => return Err(Error::Usage("`screenshots` takes `--out DIR` and nothing else".to_owned())),
    };
    let file = |source| Error::File { path: out.clone(), source };
    fs::create_dir_all(&out).map_err(file)?;
    // The script runs in another folder.
    let folder = fs::canonicalize(&out).map_err(file)?;
    if !browser::script(&workspace, "screenshots/take.mjs", &[folder.as_os_str()])? {
        return Ok(false);
    }
    let pictures = pictures(&folder)?;
    for line in counts(&pictures) {
        println!("{line}");
    }
    println!("note: {}", browser::SANDBOX);
    Ok(!pictures.is_empty())
}

/// Name and bytes of each picture.
fn pictures(folder: &Path) -> Result<Vec<(String, u64)>, Error> {
    let at = |source| Error::File { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(at)? {
        let entry = entry.map_err(at)?;
        if entry.path().extension().is_some_and(|extension| extension == "webp") {
            let name = entry.file_name().to_string_lossy().into_owned();
            found.push((name, entry.metadata().map_err(at)?.len()));
        }
    }
    Ok(found)
}

/// A line for each state, and one for all.
fn counts(pictures: &[(String, u64)]) -> Vec<String> {
    let line = |what: &str, some: &[&(String, u64)]| {
        let bytes: u64 = some.iter().map(|(_, bytes)| bytes).sum();
        format!("{what:<9} {:>4} pictures  {:>9} KB", some.len(), bytes.div_ceil(1_000))
    };
    let of = |state: &str| pictures.iter().filter(|(name, _)| name.contains(&format!("-{state}-"))).collect::<Vec<_>>();
    let states = ["live", "fallback", "empty"];
    let mut lines: Vec<_> = states.iter().map(|state| line(state, &of(state))).collect();
    let others = |name: &str| !states.iter().any(|state| name.contains(&format!("-{state}-")));
    lines.push(line("others", &pictures.iter().filter(|(name, _)| others(name)).collect::<Vec<_>>()));
    lines.push(line("in all", &pictures.iter().collect::<Vec<_>>()));
    lines
}

#[cfg(test)]
mod tests {
    use super::{Error, counts, pictures, run};

    #[test]
    fn every_picture_is_counted_in_its_state_and_in_all() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in
            [("a-live-dark-390.webp", 1_500), ("a-empty-dark-390.webp", 10), ("a.webp", 1), ("a.txt", 9)]
        {
            std::fs::write(folder.path().join(name), vec![0; bytes]).unwrap();
        }
        let lines = counts(&pictures(folder.path()).unwrap());
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&lines[0]), ["live", "1", "pictures", "2", "KB"]);
        assert_eq!(words(&lines[1])[1], "0");
        assert_eq!(words(&lines[3])[..2], ["others", "1"]);
        assert_eq!(words(&lines[4]), ["in", "all", "3", "pictures", "2", "KB"]);
    }

    #[test]
    fn anything_but_a_folder_is_refused() {
        for args in [["--out", ""].as_slice(), &["--out"], &["docs"], &["--out", "a", "b"]] {
            let args: Vec<_> = args.iter().map(|word| (*word).to_owned()).collect();
            assert!(matches!(run(&args), Err(Error::Usage(_))), "{args:?}");
        }
    }
}
