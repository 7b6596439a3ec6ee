//! The records as they are kept.

use crate::{EngineError, file, layout::Layout, record::Record};
use durable_file::Mended;
use model::EngineId;
use std::{collections::BTreeMap, fs};

/// The record of an engine, or why it cannot be used.
type ReadRecord = (EngineId, Result<Record, EngineError>);

/// Every record of a runtime's directory.
pub(crate) fn records(layout: &Layout) -> Result<Vec<ReadRecord>, EngineError> {
    let dir = layout.engines();
    let items = match fs::read_dir(&dir) {
        Ok(items) => items,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(EngineError::io(&dir)(e)),
    };
    let mut records = Vec::new();
    for item in items {
        let name = item.map_err(EngineError::io(&dir))?.file_name();
        let Some(engine) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        let path = layout.record(&engine);
        let record = file::read(&path).and_then(|record: Option<Record>| match record {
            Some(other) if other.engine != engine => {
                Err(EngineError::Content { path, what: format!("it is of engine {}", other.engine) })
            }
            record => Ok(record),
        });
        records.extend(record.transpose().map(|record| (engine, record)));
    }
    Ok(records)
}

/// Records by engine, and what is wrong with those that are lost.
type Kept = (BTreeMap<EngineId, Record>, BTreeMap<EngineId, String>);

/// Reads every record; what is none is set aside.
pub(super) fn kept(layout: &Layout, files: &Mended) -> Result<Kept, EngineError> {
    let (mut kept, mut lost) = (BTreeMap::new(), BTreeMap::new());
    for (engine, record) in records(layout)? {
        match record {
            Ok(record) => drop(kept.insert(engine, record)),
            Err(EngineError::Content { path, what }) => {
                let aside = durable_file::set_aside(&path).map_err(EngineError::io(&path))?;
                let what = format!("{what}; set aside as `{}`", aside.display());
                tracing::error!(path = %path.display(), what, "engine: a record is damaged");
                files.damaged(&path, format!("{what}; rebuilt as soon as the ledger can be read"));
                lost.insert(engine, what);
            }
            Err(error) => return Err(error),
        }
    }
    Ok((kept, lost))
}
