//! From files to one archive. The same files give the same bytes, on every machine.

use crate::{
    ArtifactError, FileEntry, FilePath, MAX_BYTES, Manifest, Mode, Program,
    disk::{self, copy_hashed},
    long_name,
    path::MANIFEST,
};
use model::{Digest, Token};
use std::{
    fs,
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
};

/// What a publisher says about a release; the files are measured, not said.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Product name.
    pub product: Token,
    pub version: Token,
    /// What starts; none for a package of files alone.
    pub program: Option<Program>,
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

/// Writes one artifact to `out` (temporary name, fsync, rename) and returns what it is.
///
/// The archive is ustar: `manifest.json` first, then the files by path, times and owners zero. A name that ustar cannot
/// hold stands in a pax extended header before its file, and nowhere else is there one.
pub fn pack(spec: Spec, mut files: Vec<SourceFile>, out: &Path) -> Result<(Manifest, Digest), ArtifactError> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let measured = files.iter().map(measure).collect::<Result<_, _>>()?;
    let Spec { product, version, program } = spec;
    let manifest = Manifest { product, version, program, files: measured };
    let bytes = manifest.to_bytes()?;
    let temporary = disk::incoming(disk::parent(out));
    let written = write(&temporary, &manifest, &bytes, &files).and_then(|()| disk::publish(&temporary, out));
    if written.is_err() {
        // The first error is the one to tell; a left-over temporary file is never read as an artifact.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    Ok((manifest, Digest::of_object("manifest", &bytes)))
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
    let (_, head) = long_name::headers(MANIFEST, Mode::Read, bytes.len() as u64)?;
    tar.append(&head, bytes).map_err(ArtifactError::io(to))?;
    for (file, entry) in files.iter().zip(&manifest.files) {
        let mut reader = HashingReader { inner: file.source.reader()?, hasher: sha2::Sha256::default() };
        let (before, head) = long_name::headers(entry.path.as_str(), entry.mode, entry.size)?;
        if let Some((extension, record)) = before {
            tar.append(&extension, record.as_slice()).map_err(ArtifactError::io(to))?;
        }
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
