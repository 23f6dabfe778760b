//! Tables that a run staged before it failed or died. The next run takes those that it would make
//! the same way; the first run that publishes ends them all.
//!
//! Each is one small file beside the run store and not a row in it: it quotes bounds of columns and
//! rejected rows, which may be personal, and a row leaves traces in the database.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ducklake::{Error, StagedTable};
use serde::{Deserialize, Serialize};

use super::database::{drop_unpublished, unpublished_folder};
use super::run::Run;
use crate::store::error::WarehouseError;
use crate::store::names::lake_name;
use crate::store::warehouse::Warehouse;
use tsugi_core::name::TableName;

/// What no run has taken for so long is not kept any more.
const KEPT_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A table that is staged and not published.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptTable {
    /// What it was made from.
    pub fingerprint: String,
    pub staged: StagedTable,
    /// What else the step gave, as the run wrote it down.
    pub more: String,
}

impl Run {
    /// Keeps a staged table until a run publishes, in place of an earlier one of its name. A crash
    /// before this leaves files that the next writer removes.
    ///
    /// # Errors
    /// Disk errors.
    pub fn keep(&self, table: &TableName, kept: &KeptTable) -> Result<(), WarehouseError> {
        // A path that is no text cannot be written down: the table is made again then.
        let Ok(form) = serde_json::to_vec(kept) else {
            return Ok(());
        };
        let folder = unpublished_folder(self.warehouse().state());
        let (path, new) = (
            folder.join(format!("{table}.json")),
            folder.join(format!("{table}.new")),
        );
        let failed = |source| Error::io("keep a staged table in", &path, source);
        fs::create_dir_all(&folder).map_err(failed)?;
        // Half a file must not be taken for a whole one.
        fs::write(&new, form).map_err(failed)?;
        fs::rename(&new, &path).map_err(failed)?;
        Ok(())
    }
}

impl Warehouse {
    /// The kept tables that no snapshot has. What a run kept may be published all the same: it died
    /// after the catalogue had it and before it let go of it.
    ///
    /// # Errors
    /// Database errors.
    pub async fn unpublished(&self) -> Result<BTreeMap<TableName, KeptTable>, WarehouseError> {
        let mut kept = self.read_kept();
        if !kept.is_empty() {
            let files = self.lake().named_files().await?;
            let named = files.iter().filter_map(|file| file.path.as_deref());
            let named: HashSet<&Path> = named.collect();
            kept.retain(|_, table| !table.staged.paths().any(|path| named.contains(path)));
        }
        Ok(kept)
    }

    /// Every kept table whose files are as they were written.
    fn read_kept(&self) -> BTreeMap<TableName, KeptTable> {
        let data = self.lake().data();
        let entries = fs::read_dir(unpublished_folder(self.state()))
            .into_iter()
            .flatten();
        let paths = entries.flatten().map(|entry| entry.path());
        paths.filter_map(|path| read(&path, data)).collect()
    }

    /// Lets go of every kept table; the next writer removes the files.
    ///
    /// # Errors
    /// Disk errors.
    pub fn drop_unpublished(&self) -> Result<(), WarehouseError> {
        Ok(drop_unpublished(self.state())?)
    }

    /// The files of kept tables.
    pub(in crate::store) fn unpublished_files(&self) -> HashSet<PathBuf> {
        let tables = self.read_kept();
        let paths = tables.values().flat_map(|kept| kept.staged.paths());
        paths.map(ToOwned::to_owned).collect()
    }
}

fn read(path: &Path, data: &Path) -> Option<(TableName, KeptTable)> {
    let table: TableName = path
        .file_name()?
        .to_str()?
        .strip_suffix(".json")?
        .parse()
        .ok()?;
    let age = path.metadata().ok()?.modified().ok()?.elapsed();
    let kept: KeptTable = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    let is_fresh = age.is_ok_and(|age| age < KEPT_MAX);
    let fits = kept.staged.table == lake_name(&table) && kept.staged.is_whole(data);
    (is_fresh && fits).then_some((table, kept))
}
