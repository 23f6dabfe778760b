//! Reading a source and writing a sink as the host does.
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{MockHost, concat};
use crate::batch::Batch;
use crate::error::Error;
use crate::sink::{Receipt, Sink, WriteRequest};
use crate::source::{Checkpoint, ReadRequest, Source, StreamInfo};

/// A guest that answers this often without a row or an end does not end.
const IDLE_STEPS_MAX: usize = 10_000;

/// A request for all of a stream.
pub fn read_request(stream: &str) -> ReadRequest {
    ReadRequest {
        stream: stream.to_owned(),
        mode: "full".to_owned(),
        columns: None,
        filters: Vec::new(),
        limit: None,
        partition: None,
        since: Vec::new(),
        max_rows: 8192,
        max_bytes: 8 << 20,
        extra: Vec::new(),
    }
}

/// The catalogue of a source.
pub fn discover<S: Source>(config: &str, host: &MockHost) -> Result<Vec<StreamInfo>, Error> {
    S::discover(config, &host.source())
}

/// What reading a stream to its end gave.
#[derive(Clone, Debug)]
pub struct ReadAll {
    pub rows: Batch,
    /// The checkpoints, each with how many rows had come when it did.
    pub checkpoints: Vec<(usize, Checkpoint)>,
    /// How many steps it took.
    pub steps: usize,
}

/// Reads a stream to its end. Fails as the source fails, on a batch that is not of the
/// columns that `returns` names, and on one larger than the request allows.
pub fn read_source<S: Source>(
    config: &str,
    request: ReadRequest,
    host: &MockHost,
) -> Result<ReadAll, Error> {
    let max_rows = request.max_rows as usize;
    let mut source = S::open(config, request, host.source())?;
    let schema = Arc::new(source.returns());
    let mut batches = vec![crate::BatchBuilder::new(&schema).finish()?];
    let (mut checkpoints, mut count, mut steps, mut idle) = (Vec::new(), 0, 0, 0);
    loop {
        let step = source.next()?;
        steps += 1;
        idle += 1;
        if let Some(rows) = step.rows {
            if rows.rows() > max_rows {
                let message = format!("a step of {} rows, {max_rows} were requested", rows.rows());
                return Err(Error::defect("too-many-rows", message));
            }
            if rows.schema() != &schema {
                return Err(Error::defect(
                    "bad-batch",
                    "a batch is not of the columns returned",
                ));
            }
            count += rows.rows();
            idle = 0;
            batches.push(Batch::from_wire(schema.clone(), rows.into_wire())?);
        }
        if let Some(checkpoint) = step.checkpoint {
            checkpoints.push((count, checkpoint));
        }
        if step.done {
            return Ok(ReadAll {
                rows: concat(&batches)?,
                checkpoints,
                steps,
            });
        }
        if idle > IDLE_STEPS_MAX {
            return Err(Error::defect(
                "no-end",
                "the source gives neither rows nor an end",
            ));
        }
    }
}

/// A stream, how many rows it has, and one of them, by number, as JSON of some of its columns.
pub type StreamCase<'c> = (&'c str, usize, usize, &'c [&'c str], &'c str);

/// Whether a source offers exactly these streams and reads them whole: no row rejected, no
/// heading of its files unknown. The error names what differs.
pub fn reads_as<S: Source>(
    config: &str,
    host: &MockHost,
    cases: &[StreamCase<'_>],
) -> Result<(), Error> {
    let differ = |what: String| Err(Error::defect("not-as-stated", what));
    let offered = discover::<S>(config, host)?;
    let names: BTreeSet<&str> = offered.iter().map(|stream| stream.name.as_str()).collect();
    let stated: BTreeSet<&str> = cases.iter().map(|case| case.0).collect();
    if names != stated {
        return differ(format!("the streams are {names:?}, not {stated:?}"));
    }
    for (stream, rows, at, columns, row) in cases {
        let mut request = read_request(stream);
        let all = read_source::<S>(config, request.clone(), host)?;
        if let Some(reject) = host.rejects().first() {
            return differ(format!("`{stream}` rejects {reject:?}"));
        }
        if all.rows.rows() != *rows {
            return differ(format!(
                "`{stream}` has {} rows, not {rows}",
                all.rows.rows()
            ));
        }
        request.columns = Some(columns.iter().map(|column| (*column).to_owned()).collect());
        let some = read_source::<S>(config, request, host)?;
        if some.rows.json(*at) != *row {
            return differ(format!("row {at} of `{stream}` is {}", some.rows.json(*at)));
        }
    }
    let notices = host.notices();
    match notices.iter().find(|(_, code, _)| code == "extra-heading") {
        Some((stream, _, message)) => differ(format!("`{stream}`: {message}")),
        None => Ok(()),
    }
}

/// What became of a delivery.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// One a batch.
    pub receipts: Vec<Receipt>,
    /// That of the commit.
    pub committed: Receipt,
}

/// Writes batches of one schema, numbered from 0, and commits.
pub fn write_sink<K: Sink>(
    config: &str,
    dry_run: bool,
    batches: &[Batch],
    host: &MockHost,
) -> Result<Delivered, Error> {
    let schema = batches
        .first()
        .map(|batch| batch.schema().clone())
        .unwrap_or_default();
    let request = WriteRequest {
        target: "test".to_owned(),
        mode: "append".to_owned(),
        key: Vec::new(),
        schema,
        run_id: "run-1".to_owned(),
        dry_run,
        extra: Vec::new(),
    };
    let mut sink = K::open(config, request, host.sink())?;
    let mut receipts = Vec::new();
    for (sequence, batch) in (0..).zip(batches) {
        receipts.push(sink.write(sequence, batch)?);
    }
    Ok(Delivered {
        receipts,
        committed: sink.commit()?,
    })
}
