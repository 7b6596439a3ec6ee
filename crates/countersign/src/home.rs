//! A data directory: what lies where, and whether it is ours.

use crate::document_file;
use crate::error::{CliError, file};
use crate::output::word;
use crate::ports::Ports;
use model::{Digest, Service};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use signed::{ServiceKey, Trust};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Number of the directory's layout. Another one is refused by name.
const FORMAT: u32 = 1;
const MARKER: &str = "countersign.json";

#[derive(Serialize, Deserialize)]
struct Marker {
    product: String,
    format: u32,
}

/// The genesis that waits for its signatures.
pub const DRAFT: &str = "genesis.json";
/// Where `serve` writes its [`Serving`].
pub const SERVING: &str = "serve.json";

/// What a running `serve` tells the command line: `serve.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serving {
    pub ports: Ports,
}

/// A data directory.
#[derive(Debug, Clone)]
pub struct Home(PathBuf);

impl Home {
    /// At this path; nothing is touched.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The default: `countersign` in the user's data home (XDG Base Directory).
    pub fn default_path() -> PathBuf {
        let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let data = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
        data.unwrap_or_else(std::env::temp_dir).join("countersign")
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path inside.
    pub fn join(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.0.join(inside)
    }

    /// Governance's directory.
    pub fn governance(&self) -> PathBuf {
        self.join("governance")
    }

    /// `trust.json`.
    pub fn trust_path(&self) -> PathBuf {
        self.join("trust.json")
    }

    /// A service's secret key file.
    pub fn service_key(&self, service: Service) -> PathBuf {
        self.join(format!("keys/{service}.key"))
    }

    /// The console's secret key file.
    pub fn console_key(&self) -> PathBuf {
        self.join("keys/console.key")
    }

    /// Whether there is a ledger.
    pub fn is_founded(&self) -> bool {
        self.trust_path().exists()
    }

    /// Whether it carries our marker, of this format.
    ///
    /// # Errors
    /// When it is somebody else's, or of another format.
    pub fn check(&self) -> Result<bool, CliError> {
        let refused = |why: &str| {
            let dir = self.0.display();
            CliError::Refused(format!("{dir} {why}; choose another with `--dir DIR`"))
        };
        let entries = match fs::read_dir(&self.0) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
                return Err(refused("is not a directory"));
            }
            Err(error) => return Err(file(&self.0)(error)),
        };
        let marker: Marker = match fs::read(self.join(MARKER)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| refused("has a marker that is not ours"))?,
            Err(_) if !entries => return Ok(false),
            Err(_) => return Err(refused("is not empty and not a data directory of countersign")),
        };
        if marker.product != "countersign" {
            return Err(refused("has a marker that is not ours"));
        }
        if marker.format != FORMAT {
            let why = format!("has format {}, this build reads format {FORMAT}", marker.format);
            return Err(refused(&why));
        }
        Ok(true)
    }

    /// Makes it, with its marker, if it is not there yet.
    ///
    /// # Errors
    /// As [`Home::check`], and when it cannot be written.
    pub fn create(&self) -> Result<(), CliError> {
        if self.check()? {
            return Ok(());
        }
        // Engines run as users of their own and must pass through; what is private is so itself.
        self.make("", 0o711)?;
        self.make("node", 0o711)?;
        self.make("engine", 0o711)?;
        let marker = Marker { product: "countersign".to_owned(), format: FORMAT };
        self.write_json(MARKER, &marker)
    }

    /// A directory inside, for this user only.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create_dir(&self, inside: &str) -> Result<PathBuf, CliError> {
        self.make(inside, 0o700)
    }

    fn make(&self, inside: &str, mode: u32) -> Result<PathBuf, CliError> {
        let path = self.join(inside);
        DirBuilder::new().recursive(true).mode(mode).create(&path).map_err(file(&path))?;
        Ok(path)
    }

    /// Reads a JSON file inside.
    ///
    /// # Errors
    /// When it is not there or does not hold what it should.
    pub fn read_json<T: DeserializeOwned>(&self, inside: &str) -> Result<T, CliError> {
        read_json(&self.join(inside))
    }

    /// Writes a JSON file inside: complete or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_json<T: Serialize>(&self, inside: &str, value: &T) -> Result<(), CliError> {
        let path = self.join(inside);
        let why = |error: serde_json::Error| CliError::Content { path: path.clone(), why: error.to_string() };
        let mut bytes = serde_json::to_vec_pretty(value).map_err(why)?;
        bytes.push(b'\n');
        write_private(&path, &bytes)
    }

    /// `trust.json`, or another one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn trust(&self, other: Option<&Path>) -> Result<Trust, CliError> {
        match other {
            Some(named) => document_file::json(named, "a copy of the ledger's trust.json"),
            None => read_json(&self.trust_path()),
        }
    }

    /// Makes a service's key; answers its public half.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create_service_key(&self, service: Service) -> Result<Digest, CliError> {
        self.create_key(&self.service_key(service))
    }

    /// Makes the console's key; answers its public half.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create_console_key(&self) -> Result<Digest, CliError> {
        self.create_key(&self.console_key())
    }

    fn create_key(&self, path: &Path) -> Result<Digest, CliError> {
        self.create_dir("keys")?;
        let secret = Digest(client::random_bytes());
        write_private(path, format!("{secret}\n").as_bytes())?;
        Ok(ServiceKey::from_secret(secret.as_bytes()).public())
    }

    /// Reads a service's key.
    ///
    /// # Errors
    /// When it is not there.
    pub fn open_service_key(&self, service: Service) -> Result<ServiceKey, CliError> {
        let path = self.service_key(service);
        read_key(&path, &fs::read_to_string(&path).map_err(file(&path))?)
    }

    /// Reads the console's key; none where there is none: its pages then show no texts.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn open_console_key(&self) -> Result<Option<ServiceKey>, CliError> {
        let path = self.console_key();
        match fs::read_to_string(&path) {
            Ok(text) => read_key(&path, &text).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file(&path)(error)),
        }
    }
}

fn read_key(path: &Path, text: &str) -> Result<ServiceKey, CliError> {
    let why = "a service key is 64 hexadecimal digits".to_owned();
    let secret: Digest = text.trim().parse().map_err(|_| CliError::Content { path: path.to_owned(), why })?;
    Ok(ServiceKey::from_secret(secret.as_bytes()))
}

/// Reads a JSON file.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, CliError> {
    let bytes = fs::read(path).map_err(file(path))?;
    serde_json::from_slice(&bytes).map_err(|error| CliError::Content { path: path.to_owned(), why: error.to_string() })
}

/// Writes a file for this user only: whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    // The name itself must survive a power cut: trust and keys stand behind a durable genesis.
    durable_file::replace(path, bytes, 0o600).map_err(file(path))
}

/// Refuses a directory without ledger with the line that founds one.
pub fn founded(home: &Home) -> Result<(), CliError> {
    home.check()?;
    if home.is_founded() {
        return Ok(());
    }
    let dir = word(home.path());
    if home.join(DRAFT).exists() {
        return Err(CliError::Refused(format!(
            "{dir} has a genesis that waits for signatures; go on with:\n  countersign init sign --key KEY --dir {dir}\n  countersign init finish --dir {dir}"
        )));
    }
    Err(CliError::Refused(format!(
        "{dir} has no ledger; found one with:\n  countersign init --dir {dir} --founder 'NAME:governance-operator:KEY.pub' --founder 'NAME:governance-operator:KEY.pub' \\\n    --founder 'NAME:finance-reviewer:KEY.pub' --founder 'NAME:support-auditor:KEY.pub'\nor name the directory of one with `--dir DIR`, or see one at work:\n  countersign demo"
    )))
}
