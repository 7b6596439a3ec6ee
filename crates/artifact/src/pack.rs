//! From files to one archive. The same files give the same bytes, on every machine.

use crate::{
    ArtifactError, Entry, FileEntry, FilePath, MAX_BYTES, MAX_FILES, Manifest, Mode,
    disk::{self, copy_hashed},
    path::MANIFEST,
};
use model::{Digest, Token};
use std::{
    fs,
    io::{BufWriter, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// What a publisher says about a release; the files are measured, not said.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Product name.
    pub product: Token,
    pub version: Token,
    /// What is started.
    pub entry: Entry,
    /// Memory one engine may use, in MiB.
    pub memory_mib: u32,
    /// Health path.
    pub health: Token,
}

/// Where the bytes of one file come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// From memory.
    Bytes(Vec<u8>),
    /// From a file, read twice (once to hash, once to write) and refused if it changed between.
    File(PathBuf),
}

/// One file to pack.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its path inside the artifact.
    pub path: FilePath,
    pub mode: Mode,
    pub source: Source,
}

impl Source {
    fn reader(&self) -> Result<Box<dyn Read + '_>, ArtifactError> {
        Ok(match self {
            Self::Bytes(bytes) => Box::new(bytes.as_slice()),
            Self::File(path) => Box::new(disk::open(path)?),
        })
    }

    fn name(&self, path: &FilePath) -> PathBuf {
        match self {
            Self::Bytes(_) => PathBuf::from(path.as_str()),
            Self::File(file) => file.clone(),
        }
    }
}

/// Every file below a directory, with the mode its execute bit says. Links are refused.
pub fn directory(root: &Path) -> Result<Vec<SourceFile>, ArtifactError> {
    let mut files = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for item in fs::read_dir(&dir).map_err(ArtifactError::io(&dir))? {
            let path = item.map_err(ArtifactError::io(&dir))?.path();
            let meta = fs::symlink_metadata(&path).map_err(ArtifactError::io(&path))?;
            let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            if meta.is_dir() {
                open.push(path);
            } else if meta.is_file() {
                let mode = if meta.permissions().mode() & 0o111 == 0 { Mode::Read } else { Mode::Execute };
                files.push(SourceFile { path: shown.parse()?, mode, source: Source::File(path) });
            } else {
                return Err(ArtifactError::Kind(shown));
            }
            if files.len() > MAX_FILES {
                return Err(ArtifactError::Limit(format!("more than {MAX_FILES} files")));
            }
        }
    }
    Ok(files)
}

/// Writes one artifact to `out` (temporary name, fsync, rename) and returns what it is.
///
/// The archive is ustar: `manifest.json` first, then the files by path, times and owners zero.
pub fn pack(spec: Spec, mut files: Vec<SourceFile>, out: &Path) -> Result<(Manifest, Digest), ArtifactError> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let measured = files.iter().map(measure).collect::<Result<_, _>>()?;
    let Spec { product, version, entry, memory_mib, health } = spec;
    let manifest = Manifest { product, version, entry, memory_mib, health, files: measured };
    let bytes = manifest.to_bytes()?;
    let temporary = disk::incoming(disk::parent(out));
    let written = write(&temporary, &manifest, &bytes, &files).and_then(|()| disk::publish(&temporary, out));
    if written.is_err() {
        // The first error is the one to tell; a left-over temporary file is never read as an artifact.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    let digest = manifest.digest()?;
    Ok((manifest, digest))
}

fn measure(file: &SourceFile) -> Result<FileEntry, ArtifactError> {
    let name = file.source.name(&file.path);
    let (size, sha256) = copy_hashed(&mut file.source.reader()?, &mut std::io::sink(), MAX_BYTES)
        .map_err(ArtifactError::io(&name))?
        .ok_or_else(|| ArtifactError::Limit(format!("`{}` alone is above {MAX_BYTES} bytes", file.path)))?;
    Ok(FileEntry { path: file.path.clone(), mode: file.mode, size, sha256 })
}

fn write(to: &Path, manifest: &Manifest, bytes: &[u8], files: &[SourceFile]) -> Result<(), ArtifactError> {
    let handle = disk::create(to)?;
    let mut tar = tar::Builder::new(BufWriter::with_capacity(256 << 10, &handle));
    tar.append(&header(MANIFEST, Mode::Read, bytes.len() as u64)?, bytes).map_err(ArtifactError::io(to))?;
    for (file, entry) in files.iter().zip(&manifest.files) {
        let mut reader = HashingReader { inner: file.source.reader()?, hasher: sha2::Sha256::default() };
        let head = header(entry.path.as_str(), entry.mode, entry.size)?;
        tar.append(&head, (&mut reader).take(entry.size)).map_err(ArtifactError::io(to))?;
        if reader.finish().map_err(ArtifactError::io(to))? != entry.sha256 {
            return Err(ArtifactError::Changed {
                path: entry.path.to_string(),
                what: "it was written to while it was packed".to_owned(),
            });
        }
    }
    tar.into_inner().and_then(|mut buffer| buffer.flush()).map_err(ArtifactError::io(to))?;
    disk::seal(&handle, to, 0o444)
}

fn header(path: &str, mode: Mode, size: u64) -> Result<tar::Header, ArtifactError> {
    let mut header = tar::Header::new_ustar();
    header.set_path(path).map_err(|_| ArtifactError::Path(path.to_owned()))?;
    header.set_size(size);
    header.set_mode(mode.bits());
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    Ok(header)
}

/// Hashes what passes, to find a file that changed after it was measured.
struct HashingReader<R> {
    inner: R,
    hasher: sha2::Sha256,
}

impl<R: Read> HashingReader<R> {
    /// The digest of everything, bytes beyond the measured size included.
    fn finish(mut self) -> std::io::Result<Digest> {
        use sha2::Digest as _;
        std::io::copy(&mut self, &mut std::io::sink())?;
        Ok(Digest(self.hasher.finalize().into()))
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        sha2::Digest::update(&mut self.hasher, &buffer[..n]);
        Ok(n)
    }
}
