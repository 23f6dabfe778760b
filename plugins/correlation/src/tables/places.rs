//! `region_scan` and `nearest` as SQL sees them: rows with places, as x and y or as latitude and
//! longitude.

use super::{Reading, whole};
use crate::arguments::within;
use crate::input::{InputError, Place as RowPlace};
use crate::scan::Chance;
use crate::scan::nearest::Counter;
use crate::scan::place::Place;
use crate::scan::regions::{Answer, Cluster, Options, RegionReader, region_scan};
use crate::verdict::{COMPLAINTS_MIN, Verdict};
use crate::words::{amount, counted, figures, probability};
use tsugi_plugin::{
    Batch, Batches, Collect, Collected, DataType, Error, Inputs, Record, Rows, Schema, TableCall,
    TableSignature, schema_of,
};

/// Coordinates in a plane end here, so that sums of distances stay finite.
const PLANE_MAX: f64 = 1e100;

/// `region_scan((SELECT region, cases, population, x, y …))`.
pub type RegionScanTable = Collect<RegionScan>;

/// `nearest((SELECT x, y …), sources => (SELECT source, x, y …))`.
pub type NearestTable = Collect<Nearest>;

/// The names of the two columns that say where a row is.
#[derive(Clone, Copy)]
enum Axes {
    Plane,
    Globe,
}

impl Axes {
    fn of(call: &TableCall, port: usize) -> Result<Self, Error> {
        let has = |name: &str| {
            call.input(port)
                .is_some_and(|schema| schema.index_of(name).is_some())
        };
        match (has("x") && has("y"), has("latitude") && has("longitude")) {
            (true, false) => Ok(Self::Plane),
            (false, true) => Ok(Self::Globe),
            _ => Err(Error::config(
                "missing-column",
                "rows need either the columns x and y or the columns latitude and longitude",
            )),
        }
    }

    fn names(self) -> [&'static str; 2] {
        match self {
            Self::Plane => ["x", "y"],
            Self::Globe => ["latitude", "longitude"],
        }
    }

    fn place(
        self,
        at: &RowPlace<'_>,
        one: Option<f64>,
        two: Option<f64>,
    ) -> Result<Place, InputError> {
        let [first, second] = self.names();
        Ok(match self {
            Self::Plane => Place::Plane {
                x: at.coordinate(first, one, PLANE_MAX)?,
                y: at.coordinate(second, two, PLANE_MAX)?,
            },
            Self::Globe => Place::degrees(
                at.coordinate(first, one, 90.0)?,
                at.coordinate(second, two, 180.0)?,
            ),
        })
    }
}

fn reading<'a>(batch: &'a Batch, name: &str) -> Result<Reading<'a>, Error> {
    batch.column(name).map(|column| Reading(Some(column)))
}

/// The scan of regions.
pub struct RegionScan {
    options: Options,
    axes: Axes,
    alpha: f64,
    review_alpha: f64,
}

/// A row of `region_scan`.
#[derive(Record)]
struct ClusterRow {
    rank: i64,
    centre: Option<String>,
    regions: Vec<String>,
    radius: Option<f64>,
    cases: i64,
    expected: Option<f64>,
    population: f64,
    ratio: Option<f64>,
    relative_risk: Option<f64>,
    llr: Option<f64>,
    p_value: Option<f64>,
    verdict: String,
    reason: String,
}

impl Collected for RegionScan {
    fn signature() -> TableSignature {
        TableSignature::new("region_scan", "Circles of neighbouring regions with clearly more cases than their population makes expected.")
            .port("regions", Schema::new(), "One row a region: region, cases, population, and x and y or latitude and longitude.")
            .option("population_max", DataType::F64, "A circle holds at most this share of the population (0.5).")
            .option("minimum_cases", DataType::I64, "A circle needs so many cases (2).")
            .option("clusters", DataType::I64, "Clusters given at most (10).")
            .option("simulations", DataType::I64, "Simulations of chance, 99 to 99,999 (999).")
            .option("seed", DataType::I64, "The same seed gives the same p (1).")
            .option("alpha", DataType::F64, "p below this makes a leading suspect (0.05).")
            .option("review_alpha", DataType::F64, "p below this needs a person (0.10).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        super::columns_there(call, ["region", "cases", "population"])?;
        let population_max = call.number("population_max").unwrap_or(0.5);
        if !(population_max > 0.0 && population_max <= 1.0) {
            return Err(InputError::BadOption {
                option: "population_max",
                given: population_max.to_string(),
                reason: "it must be a share above 0 and at most 1".to_owned(),
            }
            .into());
        }
        let count =
            |option, usual, most| within(option, call.integer(option).unwrap_or(usual), 1, most);
        Ok(Self {
            options: Options {
                population_max,
                minimum_cases: count("minimum_cases", 2, 1 << 30)? as u64,
                clusters_max: count("clusters", 10, 1000)?,
                chance: Chance::read(call.integer("simulations"), call.integer("seed"))?,
            },
            axes: Axes::of(call, 0)?,
            alpha: super::level_of(call, "alpha", 0.05)?,
            review_alpha: super::level_of(call, "review_alpha", 0.10)?,
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<ClusterRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut reader = RegionReader::default();
        let axes = self.axes;
        for batch in inputs.batches(0) {
            let [first, second] = axes.names();
            let (one, two) = (reading(batch, first)?, reading(batch, second)?);
            let (region, cases) = (reading(batch, "region")?, reading(batch, "cases")?);
            let population = reading(batch, "population")?;
            for row in 0..batch.rows() {
                let (one, two) = (one.number(row)?, two.number(row)?);
                reader.push(
                    region.text(row).as_deref(),
                    |at| axes.place(at, one, two),
                    cases.number(row)?,
                    population.number(row)?,
                )?;
            }
        }
        let answer = region_scan(&reader.finish()?, &self.options)?;
        let mut rows = Rows::new();
        for (rank, cluster) in (1..).zip(&answer.clusters) {
            rows.push(self.row(rank, cluster, &answer));
        }
        if answer.clusters.is_empty() {
            rows.push(nothing(&answer));
        }
        Ok(rows.into_batches().into())
    }
}

impl RegionScan {
    fn row(&self, rank: i64, cluster: &Cluster, answer: &Answer) -> ClusterRow {
        let p = cluster.p_value;
        let verdict = if p < self.alpha && cluster.cases >= 5 {
            Verdict::Leading
        } else if p < self.review_alpha && cluster.cases >= COMPLAINTS_MIN {
            Verdict::NeedsPerson
        } else {
            Verdict::NoEvidence
        };
        let ratio = cluster.cases as f64 / cluster.expected;
        let outside = answer.cases - cluster.cases;
        let expected_outside = answer.cases as f64 - cluster.expected;
        let relative_risk = (outside > 0).then(|| ratio / (outside as f64 / expected_outside));
        let reason = format!(
            "{} around {}: {} where {} were to be expected ({} times); chance gives a circle as clear anywhere with p {} ({} simulations)",
            counted(cluster.regions.len() as u64, "region", "regions"),
            cluster.centre,
            counted(cluster.cases, "case", "cases"),
            figures(cluster.expected),
            figures(ratio),
            probability(p),
            amount(self.options.chance.simulations as f64),
        );
        ClusterRow {
            rank,
            centre: Some(cluster.centre.clone()),
            regions: cluster.regions.clone(),
            radius: Some(cluster.radius),
            cases: whole(cluster.cases),
            expected: Some(cluster.expected),
            population: cluster.population,
            ratio: crate::stats::finite(ratio),
            relative_risk: relative_risk.and_then(crate::stats::finite),
            llr: Some(cluster.llr),
            p_value: Some(p),
            verdict: verdict.text().to_owned(),
            reason,
        }
    }
}

fn nothing(answer: &Answer) -> ClusterRow {
    let reason = if answer.regions < 2 {
        "nothing to compare: it needs at least two regions"
    } else if answer.cases == 0 {
        "there are no cases"
    } else {
        "no circle within population_max has more cases than expected"
    };
    ClusterRow {
        rank: 1,
        centre: None,
        regions: Vec::new(),
        radius: None,
        cases: whole(answer.cases),
        expected: None,
        population: answer.population,
        ratio: None,
        relative_risk: None,
        llr: None,
        p_value: None,
        verdict: Verdict::NoEvidence.text().to_owned(),
        reason: reason.to_owned(),
    }
}

/// The counting of events to sources.
pub struct Nearest {
    events: Axes,
    sources: Axes,
    with_n: bool,
}

/// A row of `nearest`.
#[derive(Record)]
struct SourceRow {
    rank: i64,
    source: String,
    events: i64,
    share: Option<f64>,
    events_total: i64,
    tied: i64,
    distance_mean: Option<f64>,
    distance_max: Option<f64>,
}

impl Collected for Nearest {
    fn signature() -> TableSignature {
        TableSignature::new("nearest", "How many events lie nearest to each source.")
            .port("events", Schema::new(), "Rows of x and y or latitude and longitude; with a column n, a row stands for n events.")
            .port("sources", Schema::new(), "Rows of source and its place.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let (events, sources) = (Axes::of(call, 0)?, Axes::of(call, 1)?);
        if std::mem::discriminant(&events) != std::mem::discriminant(&sources) {
            let message =
                "events and sources must both have x and y, or both latitude and longitude";
            return Err(Error::config("two-forms", message));
        }
        let schema = call.input(1);
        if schema.is_none_or(|schema| schema.index_of("source").is_none()) {
            return Err(Error::config(
                "missing-column",
                "the sources need a column source",
            ));
        }
        let with_n = super::has_column(call, "n");
        Ok(Self {
            events,
            sources,
            with_n,
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<SourceRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut counter = Counter::default();
        let mut number = 0;
        for batch in inputs.batches(1) {
            let [first, second] = self.sources.names();
            let (one, two) = (reading(batch, first)?, reading(batch, second)?);
            let source = reading(batch, "source")?;
            for row in 0..batch.rows() {
                number += 1;
                let name = source.text(row).ok_or(InputError::NullUnit {
                    row: number,
                    column: "source".to_owned(),
                })?;
                let about = [("source", Some(&*name))];
                let at = RowPlace {
                    row: number,
                    about: &about,
                };
                let place = self
                    .sources
                    .place(&at, one.number(row)?, two.number(row)?)?;
                counter.add(&name, place)?;
            }
        }
        counter.ready()?;
        let mut number = 0;
        for batch in inputs.batches(0) {
            let [first, second] = self.events.names();
            let (one, two) = (reading(batch, first)?, reading(batch, second)?);
            let n = Reading(batch.column("n").ok());
            for row in 0..batch.rows() {
                number += 1;
                let at = RowPlace {
                    row: number,
                    about: &[("event", None)],
                };
                let place = self.events.place(&at, one.number(row)?, two.number(row)?)?;
                let n = if self.with_n {
                    n.number(row)?
                } else {
                    Some(1.0)
                };
                counter.count(place, at.count("n", n)?)?;
            }
        }
        let (sources, total) = counter.finish();
        let mut rows = Rows::new();
        for (rank, source) in (1..).zip(sources) {
            let some = |value: f64| (source.events > 0).then_some(value);
            rows.push(SourceRow {
                rank,
                events: whole(source.events),
                share: crate::stats::finite(source.events as f64 / total as f64),
                events_total: whole(total),
                tied: whole(source.tied),
                distance_mean: some(source.distance_sum / source.events as f64),
                distance_max: some(source.distance_max),
                source: source.name,
            });
        }
        Ok(rows.into_batches().into())
    }
}
