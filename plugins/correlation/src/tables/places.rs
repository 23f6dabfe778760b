//! `region_scan` and `nearest` as SQL sees them: rows with places, as x and y or as latitude and
//! longitude.

use super::whole;
use crate::arguments::within;
use crate::input::{InputError, Place as RowPlace};
use crate::scan::Chance;
use crate::scan::nearest::Counter;
use crate::scan::place::Place;
use crate::scan::regions::{Answer, Cluster, Options, RegionReader, region_scan};
use crate::verdict::{COMPLAINTS_MIN, Verdict};
use crate::words::{amount, counted, figures, probability};
use std::borrow::Cow;
use tsugi_plugin::{
    Batches, Collect, Collected, DataType, Error, Inputs, Names, Record, Row, Schema, TableCall,
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
        let has = |name: &str| call.has_column(port, name);
        match (has("x") && has("y"), has("latitude") && has("longitude")) {
            (true, false) => Ok(Self::Plane),
            (false, true) => Ok(Self::Globe),
            _ => Err(Error::config(
                "missing-column",
                "rows need either the columns x and y or the columns latitude and longitude",
            )),
        }
    }

    /// The columns `first` and `second` of a row.
    fn columns(self) -> Names {
        let [first, second] = self.names();
        Names::new().with("first", first).with("second", second)
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

/// A row of regions; its place is in two columns that [`Axes`] names.
#[derive(Row)]
struct RegionColumns<'a> {
    region: Option<Cow<'a, str>>,
    cases: Option<f64>,
    population: Option<f64>,
    first: Option<f64>,
    second: Option<f64>,
}

/// A row of sources.
#[derive(Row)]
struct SourceColumns<'a> {
    source: Option<Cow<'a, str>>,
    first: Option<f64>,
    second: Option<f64>,
}

/// A row of events.
#[derive(Row)]
struct EventColumns {
    first: Option<f64>,
    second: Option<f64>,
    #[row(optional)]
    n: Option<f64>,
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
            .option("clusters", DataType::I64, "Clusters returned at most (10).")
            .option("simulations", DataType::I64, "Simulations of chance, 99 to 99,999 (999).")
            .option("seed", DataType::I64, "The same seed gives the same p (1).")
            .option("alpha", DataType::F64, "p below this makes a leading suspect (0.05).")
            .option("review_alpha", DataType::F64, "p below this needs a person (0.10).")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let axes = Axes::of(call, 0)?;
        call.check::<RegionColumns<'_>>(0, &axes.columns())?;
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
            axes,
            alpha: super::level_of(call, "alpha", 0.05)?,
            review_alpha: super::level_of(call, "review_alpha", 0.10)?,
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<ClusterRow>()
    }

    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        let mut reader = RegionReader::default();
        let (axes, columns) = (self.axes, self.axes.columns());
        for batch in inputs.batches(0) {
            for row in batch.read_named::<RegionColumns<'_>>(&columns)? {
                let row = row?;
                reader.push(
                    row.region.as_deref(),
                    |at| axes.place(at, row.first, row.second),
                    row.cases,
                    row.population,
                )?;
            }
        }
        let answer = region_scan(&reader.finish()?, &self.options)?;
        let clusters = (1..).zip(&answer.clusters);
        let mut rows: Vec<ClusterRow> = clusters
            .map(|(rank, cluster)| self.row(rank, cluster, &answer))
            .collect();
        if rows.is_empty() {
            rows.push(nothing(&answer));
        }
        Ok(Batches::rows(rows))
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
            .port("events", Schema::new(), "Rows of x and y or latitude and longitude; with a column n, a row counts as n events.")
            .port("sources", Schema::new(), "Rows of source and its place.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let (events, sources) = (Axes::of(call, 0)?, Axes::of(call, 1)?);
        if std::mem::discriminant(&events) != std::mem::discriminant(&sources) {
            let message =
                "events and sources must both have x and y, or both latitude and longitude";
            return Err(Error::config("two-forms", message));
        }
        call.check::<EventColumns>(0, &events.columns())?;
        call.check::<SourceColumns<'_>>(1, &sources.columns())?;
        let with_n = call.has_column(0, "n");
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
        self.read_sources(inputs, &mut counter)?;
        counter.ready()?;
        self.read_events(inputs, &mut counter)?;
        let (sources, total) = counter.finish();
        let sources = (1..).zip(sources);
        Ok(Batches::rows(sources.map(move |(rank, source)| {
            let some = |value: f64| (source.events > 0).then_some(value);
            SourceRow {
                rank,
                events: whole(source.events),
                share: crate::stats::finite(source.events as f64 / total as f64),
                events_total: whole(total),
                tied: whole(source.tied),
                distance_mean: some(source.distance_sum / source.events as f64),
                distance_max: some(source.distance_max),
                source: source.name,
            }
        })))
    }
}

impl Nearest {
    fn read_sources(&self, inputs: &Inputs, counter: &mut Counter) -> Result<(), Error> {
        let columns = self.sources.columns();
        let mut number = 0;
        for batch in inputs.batches(1) {
            for row in batch.read_named::<SourceColumns<'_>>(&columns)? {
                let SourceColumns {
                    source,
                    first,
                    second,
                } = row?;
                number += 1;
                let name = source.ok_or(InputError::NullUnit {
                    row: number,
                    column: "source".to_owned(),
                })?;
                let at = RowPlace {
                    row: number,
                    about: &[("source", Some(&*name))],
                };
                counter.add(&name, self.sources.place(&at, first, second)?)?;
            }
        }
        Ok(())
    }

    fn read_events(&self, inputs: &Inputs, counter: &mut Counter) -> Result<(), Error> {
        let columns = self.events.columns();
        let mut number = 0;
        for batch in inputs.batches(0) {
            for row in batch.read_named::<EventColumns>(&columns)? {
                let row = row?;
                number += 1;
                let at = RowPlace {
                    row: number,
                    about: &[("event", None)],
                };
                let place = self.events.place(&at, row.first, row.second)?;
                let n = if self.with_n { row.n } else { Some(1.0) };
                counter.count(place, at.count("n", n)?)?;
            }
        }
        Ok(())
    }
}
