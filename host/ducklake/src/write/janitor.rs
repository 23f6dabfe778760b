//! Removes the files that processes which died had staged: those that no snapshot names.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::catalog::files::named_files;
use crate::error::Error;
use crate::lake::Lake;
use crate::lock::Claim;
use crate::name::Writer;

/// Files without a snapshot: those that were removed, or are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub files: u64,
    pub bytes: u64,
}

impl Lake {
    /// Removes every file of this writer that no snapshot names; files of other clients have
    /// other names and stay. The claim proves that no other process is staging.
    ///
    /// # Errors
    /// Disk and database errors.
    pub async fn sweep(&self, claim: &Claim) -> Result<Swept, Error> {
        self.sweep_but(claim, &HashSet::new()).await
    }

    /// The same, but for files that are staged for a later publish.
    ///
    /// # Errors
    /// Those of [`Lake::sweep`].
    pub async fn sweep_but(&self, _claim: &Claim, kept: &HashSet<PathBuf>) -> Result<Swept, Error> {
        self.sweeper(kept, true).await
    }

    /// Counts the files that [`Lake::sweep`] would remove; those of a process at work among them.
    pub(crate) async fn orphans(&self) -> Result<Swept, Error> {
        self.sweeper(&HashSet::new(), false).await
    }

    async fn sweeper(&self, kept: &HashSet<PathBuf>, removes: bool) -> Result<Swept, Error> {
        let mut named = named_files(self.catalogue()).await?;
        let below = |path: &PathBuf| path.strip_prefix(self.data()).ok().map(PathBuf::from);
        named.extend(kept.iter().filter_map(below));
        let sweeper = Sweeper {
            data: self.data(),
            writer: self.writer(),
            named,
            removes,
        };
        let mut swept = Swept::default();
        sweeper.sweep(self.data(), &mut swept)?;
        Ok(swept)
    }
}

struct Sweeper<'a> {
    data: &'a Path,
    writer: &'a Writer,
    /// The files that a snapshot names, below `data`.
    named: HashSet<PathBuf>,
    removes: bool,
}

impl Sweeper<'_> {
    fn sweep(&self, folder: &Path, swept: &mut Swept) -> Result<(), Error> {
        let failed = |source| Error::io("list", folder, source);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            // The type of the entry itself: a link is neither a folder nor a file here.
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                self.sweep(&path, swept)?;
            } else if kind.is_file() && self.is_orphan(&path) {
                let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                if self.removes {
                    fs::remove_file(&path).map_err(|source| Error::io("remove", &path, source))?;
                }
                swept.files += 1;
                swept.bytes += bytes;
            }
        }
        Ok(())
    }

    fn is_orphan(&self, path: &Path) -> bool {
        self.writer.is_own(path)
            && path
                .strip_prefix(self.data)
                .is_ok_and(|below| !self.named.contains(below))
    }
}
