//! `tsugi warehouse`: older snapshots and files are looked after.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::Ended;
use super::args::{self, WarehouseExpireArgs, WarehouseVerb};
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::render;
use tsugi_core::count::{count, grouped};
use tsugi_core::name::TableName;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::run::RunError;
use tsugi_pipeline::store::{Damage, SnapshotId, Warehouse};

/// Runs one verb of `tsugi warehouse`.
pub(crate) fn main(args: &args::WarehouseArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::without_queries()?;
    let place = args.verb.project();
    let project = ready::load_to_read(place)?;
    ready.run(async {
        let (warehouse, _) = ready::published(&project, &place.dir).await?;
        match &args.verb {
            WarehouseVerb::Expire(expire) => {
                self::expire(expire, &project, &warehouse, printer).await
            }
            WarehouseVerb::Verify(_) => verify(&warehouse, printer).await,
            WarehouseVerb::Repair(_) => repair(&warehouse, printer).await,
            WarehouseVerb::Rollback(rollback) => {
                roll_back(SnapshotId(rollback.snapshot), &warehouse, printer).await
            }
            WarehouseVerb::Size(_) => size(&warehouse, printer).await,
        }
    })
}

/// `2.9 MB`; below a kilobyte the bytes.
fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => count(bytes, "byte"),
        1_000..100_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

async fn expire(
    args: &WarehouseExpireArgs,
    project: &Project,
    warehouse: &Warehouse,
    printer: &Printer,
) -> Result<Ended, RunError> {
    let keep = args.keep.unwrap_or(project.keep);
    let claim = match args.dry_run {
        true => None,
        false => Some(warehouse.claim("expiring old snapshots").await?),
    };
    let found = warehouse.expirable(keep).await?;
    let (mut snapshots, mut bytes) = (found.snapshots.len() as u64, found.bytes);
    if let Some(claim) = &claim {
        let ids = found.snapshots.iter().copied().collect();
        let expired = warehouse.expire(claim, &ids).await?;
        (snapshots, bytes) = (expired.snapshots, expired.swept.bytes);
    }
    if printer.is_json() {
        printer.object(&json!({
            "event": "expired", "keep": keep.to_string(), "dry_run": args.dry_run,
            "snapshots": found.snapshots, "bytes": bytes, "kept": found.kept,
        }));
        return Ok(Ended::Done);
    }
    printer.data(&format!(
        "{}{} expired, {} removed; {} kept beside the last one (rule: {keep})",
        if args.dry_run { "would be: " } else { "" },
        count(snapshots, "snapshot"),
        megabytes(bytes),
        count(found.kept, "older snapshot"),
    ));
    Ok(Ended::Done)
}

/// A line for each damaged file.
fn report(damage: &[Damage], printer: &Printer) {
    for one in damage {
        if printer.is_json() {
            printer.object(&json!({
                "event": "damaged", "table": one.table, "file": one.file, "what": one.what,
                "live": one.is_live,
            }));
        } else {
            let place = if one.is_live {
                ""
            } else {
                " (in older snapshots alone)"
            };
            printer.data(&format!("{}: {} {}{place}", one.table, one.file, one.what));
        }
    }
}

async fn verify(warehouse: &Warehouse, printer: &Printer) -> Result<Ended, RunError> {
    let verified = warehouse.verify().await?;
    report(&verified.damage, printer);
    if printer.is_json() {
        printer.object(&json!({
            "event": "verified", "files": verified.files, "bytes": verified.bytes,
            "damaged": verified.damage.len(),
        }));
    } else {
        let (files, bytes) = (count(verified.files, "file"), megabytes(verified.bytes));
        printer.data(&match verified.damage.len() {
            0 => format!("{files}, {bytes}: all are whole"),
            damaged => format!(
                "{} of {files} lost or damaged; {}",
                grouped(damaged as u64),
                remedy(&verified.damage)
            ),
        });
    }
    Ok(match verified.damage.is_empty() {
        true => Ended::Done,
        false => Ended::Failed,
    })
}

/// What ends the damage: a run makes live tables again, older snapshots can only go.
fn remedy(damage: &[Damage]) -> &'static str {
    let live = damage.iter().filter(|one| one.is_live).count();
    match live {
        0 => {
            "older snapshots alone have them: `tsugi warehouse expire DIR --keep \"1 snapshots\"` removes those"
        }
        live if live == damage.len() => {
            "`tsugi warehouse repair DIR` lets the next run make them again"
        }
        _ => {
            "`tsugi warehouse repair DIR` lets the next run make live ones again, `tsugi warehouse expire DIR --keep \"1 snapshots\"` removes the others"
        }
    }
}

async fn repair(warehouse: &Warehouse, printer: &Printer) -> Result<Ended, RunError> {
    let claim = warehouse.claim("repairing the warehouse").await?;
    let damage = warehouse.verify().await?.damage;
    let snapshot = warehouse.snapshot().await?;
    let made = warehouse.tables_made_by(None, &snapshot).await?;
    let live: BTreeSet<TableName> = damage
        .iter()
        .filter(|one| one.is_live)
        .filter_map(|one| one.table.parse().ok())
        .collect();
    let (again, others): (BTreeSet<_>, BTreeSet<_>) =
        live.into_iter().partition(|table| made.contains(table));
    warehouse.forget_steps(&claim, &again).await?;
    report(&damage, printer);
    if printer.is_json() {
        printer.object(&json!({ "event": "repaired", "again": again, "others": others }));
        return Ok(Ended::Done);
    }
    for table in &others {
        printer.data(&format!(
            "{table} was not made by a run, so that no run makes it again"
        ));
    }
    printer.data(&match again.len() {
        0 if damage.iter().any(|one| !one.is_live) => {
            format!("nothing to make again; {}", remedy(&damage))
        }
        0 => "nothing to make again".to_owned(),
        tables => format!("the next run makes {} again", count(tables, "table")),
    });
    Ok(Ended::Done)
}

async fn roll_back(
    to: SnapshotId,
    warehouse: &Warehouse,
    printer: &Printer,
) -> Result<Ended, RunError> {
    let done = warehouse.roll_back(to).await?;
    if printer.is_json() {
        printer.object(&json!({
            "event": "rolled_back", "to": to, "snapshot": done.snapshot,
            "restored": done.restored, "dropped": done.dropped,
        }));
        return Ok(Ended::Done);
    }
    let Some(snapshot) = done.snapshot else {
        printer.data(&format!("nothing differs from snapshot {to}"));
        return Ok(Ended::Done);
    };
    for table in &done.restored {
        printer.line(&format!("{table} is as in snapshot {to}"));
    }
    for table in &done.dropped {
        printer.line(&format!("{table} was not in snapshot {to} and is dropped"));
    }
    printer.data(&format!(
        "snapshot {snapshot} has the tables of snapshot {to}; the next run makes again what the pipeline makes otherwise now, and says which"
    ));
    Ok(Ended::Done)
}

async fn size(warehouse: &Warehouse, printer: &Printer) -> Result<Ended, RunError> {
    let size = warehouse.size().await?;
    if printer.is_json() {
        for (table, one) in &size.tables {
            printer.object(&json!({
                "event": "table", "table": table, "live_bytes": one.live_bytes,
                "older_bytes": one.older_bytes,
            }));
        }
        printer.object(&json!({
            "event": "size", "live_bytes": size.live_bytes(), "older_bytes": size.older_bytes(),
            "left_over_bytes": size.left_over.bytes, "left_over_files": size.left_over.files,
            "databases": size.databases,
        }));
        return Ok(Ended::Done);
    }
    let mut rows = Vec::new();
    for (table, one) in &size.tables {
        let older = megabytes(one.older_bytes);
        rows.push(vec![table.clone(), megabytes(one.live_bytes), older]);
    }
    for line in render(&["table", "live", "in older snapshots alone"], &rows) {
        printer.data(&line);
    }
    let databases: BTreeMap<&String, String> = size
        .databases
        .iter()
        .map(|(file, bytes)| (file, megabytes(*bytes)))
        .collect();
    let databases: Vec<String> = databases
        .into_iter()
        .map(|(file, size)| format!("{file} {size}"))
        .collect();
    printer.data(&format!(
        "{} live, {} in older snapshots alone, {} left over by interrupted runs; {}",
        megabytes(size.live_bytes()),
        megabytes(size.older_bytes()),
        megabytes(size.left_over.bytes),
        databases.join(", "),
    ));
    Ok(Ended::Done)
}
