//! The workspace as `cargo metadata` tells it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cargo;
use crate::error::Error;

/// The workspace: where it is and what is in it.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the root manifest.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// Every package of ours.
    pub members: Vec<Member>,
}

/// One package of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The package's name.
    pub name: String,
    /// Its folder relative to the root, with `/`.
    pub folder: String,
    /// The packages of ours that it needs to be built: normal and build dependencies, not those of its tests.
    pub ours: Vec<String>,
    /// Every package of others that it names, those of its tests included.
    pub others: Vec<String>,
    /// The names of its binaries.
    pub binaries: Vec<String>,
}

impl Workspace {
    /// Asks cargo; dependencies are not resolved, so no network is needed.
    pub fn load() -> Result<Self, Error> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = cargo::output(here, &["metadata", "--no-deps", "--format-version", "1"])?;
        let value = serde_json::from_str(&text).map_err(|_| Error::Metadata("JSON"))?;
        Self::parse(&value)
    }

    fn parse(value: &Value) -> Result<Self, Error> {
        let root = PathBuf::from(text(value, "workspace_root")?);
        let target = PathBuf::from(text(value, "target_directory")?);
        let members =
            list(value, "packages")?.iter().map(|package| member(package, &root)).collect::<Result<_, _>>()?;
        Ok(Self { root, target, members })
    }

    /// Whether the package is there and has the binary.
    pub fn has_binary(&self, package: &str, binary: &str) -> bool {
        self.members.iter().any(|member| member.name == package && member.binaries.iter().any(|name| name == binary))
    }
}

fn member(package: &Value, root: &Path) -> Result<Member, Error> {
    let manifest = Path::new(text(package, "manifest_path")?);
    let folder = manifest.parent().and_then(|folder| folder.strip_prefix(root).ok()).unwrap_or(manifest);
    let mut member = Member { name: text(package, "name")?.to_owned(), folder: slashes(folder), ..Member::default() };
    for dependency in list(package, "dependencies")? {
        let name = text(dependency, "name")?.to_owned();
        let for_tests = dependency["kind"].as_str() == Some("dev");
        // Only a package of the workspace is named by a path.
        match (dependency["path"].is_string(), for_tests) {
            (true, false) => member.ours.push(name),
            (true, true) => {}
            (false, _) => member.others.push(name),
        }
    }
    for target in list(package, "targets")? {
        if list(target, "kind")?.iter().any(|kind| kind == "bin") {
            member.binaries.push(text(target, "name")?.to_owned());
        }
    }
    Ok(member)
}

/// A path as text with `/` between its parts on every system.
pub fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn text<'v>(value: &'v Value, key: &'static str) -> Result<&'v str, Error> {
    value[key].as_str().ok_or(Error::Metadata(key))
}

fn list<'v>(value: &'v Value, key: &'static str) -> Result<&'v Vec<Value>, Error> {
    value[key].as_array().ok_or(Error::Metadata(key))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{Error, Workspace};

    #[test]
    fn dependencies_are_told_apart_by_owner_and_by_purpose() {
        let value = json!({"workspace_root": "/src", "target_directory": "/src/target", "packages": [{
            "name": "control", "manifest_path": "/src/crates/control/Cargo.toml",
            "dependencies": [
                {"name": "model", "kind": null, "path": "/src/crates/model"},
                {"name": "built", "kind": "build", "path": "/src/crates/built"},
                {"name": "testkit", "kind": "dev", "path": "/src/crates/testkit"},
                {"name": "serde", "kind": null}, {"name": "proptest", "kind": "dev"}],
            "targets": [{"name": "control", "kind": ["lib"]}, {"name": "bench", "kind": ["bin"]}]}]});
        let workspace = Workspace::parse(&value).unwrap();
        let control = &workspace.members[0];
        assert_eq!(workspace.target, Path::new("/src/target"));
        assert_eq!(control.folder, "crates/control");
        assert_eq!(control.ours, ["model", "built"]);
        assert_eq!(control.others, ["serde", "proptest"]);
        assert!(workspace.has_binary("control", "bench"));
        assert!(!workspace.has_binary("control", "control") && !workspace.has_binary("testkit", "bench"));
    }

    #[test]
    fn a_strange_answer_of_cargo_is_refused_by_the_key_that_is_missing() {
        let Err(Error::Metadata(key)) = Workspace::parse(&json!({"workspace_root": "/src"})) else { panic!() };
        assert_eq!(key, "target_directory");
    }
}
