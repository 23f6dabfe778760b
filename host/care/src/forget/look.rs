//! Looking for a person: what leads to them, which files have it, and whether it is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::logical_expr::LogicalPlan;
use futures::TryStreamExt as _;

use super::files::{Mention, inputs, outboxes};
use super::rows::{FoundRows, Whom};
use super::{Forget, Piece, Search, Touched};
use crate::store;
use tsugi_core::count::count as counted;
use tsugi_pipeline::query::QueryError;
use tsugi_pipeline::run::{RunError, joined, quarantine};
use tsugi_pipeline::store::{Claim, PublishedTable};

impl Search<'_> {
    /// Every file of every snapshot, once.
    pub(super) async fn pieces(&mut self) -> Result<Vec<Piece>, RunError> {
        let mut pieces: BTreeMap<i64, Piece> = BTreeMap::new();
        let last = self.warehouse.snapshot().await?;
        for info in self.warehouse.lake().history().await? {
            let live = info.id == last.info.id;
            let snapshot = match live {
                true => last.clone(),
                false => self.warehouse.snapshot_at(info.id).await?,
            };
            for table in snapshot.tables.into_values() {
                if let (true, Err(why)) = (live, &table.schema) {
                    self.traces.unseen.push(format!("{}: {why}", table.name));
                }
                for file in table.files.clone() {
                    let table = table.with_files(vec![file.clone()]);
                    pieces.entry(file.id).or_insert(Piece { table, file, live });
                }
            }
        }
        Ok(pieces.into_values().collect())
    }

    /// What leads to the person: their id, and values of personal columns that only they have.
    pub(super) async fn learn(&mut self, pieces: &[Piece]) -> Result<(), RunError> {
        let about = pieces.iter().filter(|piece| self.has_subject(piece));
        let about: Vec<&Piece> = about.collect();
        for piece in &about {
            let personal = piece.table.personal.clone();
            if !personal.is_empty() {
                self.whom = self
                    .each(&piece.table, self.whom.clone(), move |whom, batch| {
                        whom.learn(&batch, &personal)
                    })
                    .await?;
            }
        }
        for piece in about.iter().filter(|piece| piece.live) {
            if self.whom.scrub.has_values() {
                let personal = piece.table.personal.clone();
                self.whom = self
                    .each(&piece.table, self.whom.clone(), move |whom, batch| {
                        whom.unlearn(&batch, &personal)
                    })
                    .await?;
            }
        }
        Ok(())
    }

    fn has_subject(&self, piece: &Piece) -> bool {
        let schema = piece.table.schema.as_ref();
        schema.is_ok_and(|schema| schema.column_with_name(&self.whom.subject).is_some())
    }

    /// The files in which the person is found.
    pub(super) async fn look(&mut self, pieces: &[Piece]) -> Result<Touched, RunError> {
        let mut touched = Touched::default();
        for piece in pieces {
            if piece.table.schema.is_err() {
                // What cannot be searched is not retained in an older snapshot.
                if !piece.live {
                    touched.older.insert(piece.file.id);
                }
                continue;
            }
            let found = self.found(&piece.table).await?;
            if found == FoundRows::default() {
                continue;
            }
            let name = piece.table.name.clone();
            if !piece.live {
                touched.older.insert(piece.file.id);
                continue;
            }
            touched
                .live
                .entry(name.clone())
                .or_default()
                .insert(piece.file.id);
            if found.rows > 0 {
                *self.traces.rows.entry(name.clone()).or_default() += found.rows;
            }
            if found.texts > 0 {
                *self.traces.texts.entry(name).or_default() += found.texts;
            }
        }
        self.traces.older_files = touched.older.len() as u64;
        Ok(touched)
    }

    /// What a table has of the person.
    async fn found(&self, table: &PublishedTable) -> Result<FoundRows, RunError> {
        let plan = self.session.read(table.provider()?)?;
        self.found_by(plan, quarantine::is_of(&table.name)).await
    }

    async fn found_by(&self, plan: LogicalPlan, raw: bool) -> Result<FoundRows, RunError> {
        let whom = self.whom.clone();
        self.each_of(plan, FoundRows::default(), move |found, batch| {
            let (_, more) = whom.without(&batch, raw)?;
            found.rows += more.rows;
            found.texts += more.texts;
            Ok(())
        })
        .await
    }

    /// Goes through the rows of a table on the query runtime.
    pub(super) async fn each<T: Send + 'static>(
        &self,
        table: &PublishedTable,
        start: T,
        step: impl FnMut(&mut T, RecordBatch) -> Result<(), RunError> + Send + 'static,
    ) -> Result<T, RunError> {
        let plan = self.session.read(table.provider()?)?;
        self.each_of(plan, start, step).await
    }

    async fn each_of<T: Send + 'static>(
        &self,
        plan: LogicalPlan,
        start: T,
        mut step: impl FnMut(&mut T, RecordBatch) -> Result<(), RunError> + Send + 'static,
    ) -> Result<T, RunError> {
        let session = Arc::clone(&self.session);
        let physical = session.physical(&plan).await?;
        let task = self.query.spawn(async move {
            let (mut stream, mut all) = (session.stream(physical)?, start);
            while let Some(batch) = stream.try_next().await.map_err(QueryError::from_engine)? {
                step(&mut all, batch)?;
            }
            Ok::<_, RunError>(all)
        });
        joined(task).await?
    }

    /// Looks for the person beside the tables: in the run store, in outboxes and in inputs.
    pub(super) async fn look_beside(
        &mut self,
        request: &Forget<'_>,
    ) -> Result<Vec<Mention>, RunError> {
        let scrub = &self.whom.scrub;
        let forgotten = store::forgotten::load_forgotten(self.warehouse).await?;
        self.traces.before = forgotten
            .find(request.person)
            .map(|before| before.at.clone());
        self.traces.store = store::databases::count_in_state(self.warehouse, scrub).await?;
        let files = outboxes(self.project, scrub)?;
        for mention in inputs(self.project, scrub)? {
            match mention.lines {
                Some(lines) => {
                    let lines = lines.iter().map(|line| format!("{}:{line}", mention.file));
                    self.traces.inputs.extend(lines);
                }
                None => self
                    .traces
                    .unseen
                    .push(format!("{}: it is no text", mention.file)),
            }
        }
        for mention in &files {
            match &mention.lines {
                Some(lines) => {
                    let lines = lines.len() as u64;
                    self.traces.outbox.insert(mention.file.clone(), lines);
                }
                None => self
                    .traces
                    .unseen
                    .push(format!("{}: it is no text", mention.file)),
            }
        }
        if !scrub.is_in_texts() {
            let why = "the id is a short number, which would be found by chance";
            self.traces
                .unseen
                .push(format!("texts around the id: {why}"));
        }
        Ok(files)
    }

    /// Looks for the person again: in every Parquet file on the disk, in both SQLite files, in
    /// what sinks wrote. A file of another client that no snapshot names any more is removed.
    pub(super) async fn verify(&mut self, claim: &Claim) -> Result<(), RunError> {
        self.warehouse.lake().sweep(claim).await?;
        let named: BTreeSet<PathBuf> = self.pieces_named().await?;
        let mut files = Vec::new();
        parquet_below(self.warehouse.lake().data(), &mut files)?;
        for path in files {
            let bytes = std::fs::read(&path).map_err(|error| file_error(&path, &error))?;
            let provider = self.session.parquet(&path).await?;
            let found = self.found_by(self.session.read(provider)?, true).await?;
            if found == FoundRows::default() && !self.whom.scrub.is_in_bytes(&bytes) {
                self.traces.verified_files += 1;
            } else if named.contains(&path) {
                self.traces.remaining.push(path.display().to_string());
            } else {
                std::fs::remove_file(&path).map_err(|error| file_error(&path, &error))?;
            }
        }
        let scrub = &self.whom.scrub;
        let found = store::databases::remains_in_databases(self.warehouse, scrub).await?;
        self.traces.remaining.extend(found);
        let outboxes = outboxes(self.project, scrub)?.into_iter();
        let written = outboxes.filter(|mention| mention.lines.is_some());
        self.traces
            .remaining
            .extend(written.map(|mention| mention.file));
        Ok(())
    }

    /// Looks through the published tables once more, by another matcher.
    pub(super) async fn second_look(&mut self) -> Result<(), RunError> {
        let look = self.whom.scrub.second_look();
        for (name, table) in self.warehouse.snapshot().await?.tables {
            if table.schema.is_err() {
                continue;
            }
            let look = look.clone();
            let found = self.each(&table, BTreeMap::new(), move |found, batch| {
                Whom::doubts(&look, &batch, found)
            });
            for (column, count) in found.await? {
                let doubt = format!("{name}.{column}: {}", counted(count, "text"));
                self.traces.doubts.push(doubt);
            }
        }
        let shared = self.whom.shared.len() as u64;
        if shared > 0 {
            let words = counted(shared, "word");
            let doubt = format!("{words} that several others write, in their texts");
            self.traces.doubts.push(doubt);
        }
        Ok(())
    }

    async fn pieces_named(&mut self) -> Result<BTreeSet<PathBuf>, RunError> {
        let unseen = self.traces.unseen.clone();
        let pieces = self.pieces().await?;
        self.traces.unseen = unseen;
        Ok(pieces.into_iter().map(|piece| piece.file.path).collect())
    }
}

fn parquet_below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), RunError> {
    let listed = std::fs::read_dir(folder).map_err(|error| file_error(folder, &error))?;
    for entry in listed {
        let path = entry.map_err(|error| file_error(folder, &error))?.path();
        if path.is_dir() {
            parquet_below(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "parquet") {
            files.push(path);
        }
    }
    Ok(())
}

fn file_error(path: &Path, error: &std::io::Error) -> RunError {
    RunError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
