//! `surge` against R `surveillance` 1.20.3: every row of fifteen weekly series by nine methods, the
//! part recalled by da Vinci's maker, Olist's complaints and the cholera of Broad Street.

use super::data::{Sheet, agree, folder};
use crate::SurgeTable;
use std::collections::HashMap;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
pub(super) struct Judged {
    pub series: String,
    pub period: String,
    pub observed: Option<f64>,
    pub expected: Option<f64>,
    pub upper: Option<f64>,
    pub alarm: Option<bool>,
    pub statistic: Option<f64>,
    pub p_value: Option<f64>,
    pub q_value: Option<f64>,
    pub series_tested: i64,
    pub abstained: Option<String>,
}

pub(super) fn call(rows: Batch, method: &str) -> TableRun<SurgeTable> {
    table::<SurgeTable>()
        .input("series", rows)
        .option("method", method)
}

pub(super) fn read(answer: &Batch) -> Vec<Judged> {
    answer
        .read::<Judged>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn by_period(found: Vec<Judged>) -> HashMap<(String, String), Judged> {
    found
        .into_iter()
        .map(|row| ((row.series.clone(), row.period.clone()), row))
        .collect()
}

/// The fifteen series whose names are in the list.
fn series(sheet: &Sheet, wanted: impl Fn(&str) -> bool) -> Batch {
    let (names, times, counts) = (
        sheet.names("series"),
        sheet.numbers("t"),
        sheet.numbers("observed"),
    );
    let kept: Vec<usize> = (0..sheet.len()).filter(|&at| wanted(&names[at])).collect();
    Batch::new([
        column("series", kept.iter().map(|&at| names[at].clone())),
        column("period", kept.iter().map(|&at| times[at] as i64)),
        column("count", kept.iter().map(|&at| counts[at])),
    ])
    .unwrap()
}

/// How R was called for each method: its name there, ours, and the arguments that differ.
fn setup(named: &str, rows: Batch, years: i64) -> TableRun<SurgeTable> {
    let before = years * 52 + 3;
    let ears = |rows, method| call(rows, method).option("minimum_sigma", 0.0);
    match named {
        "ears_C1" => ears(rows, "ears_c1"),
        "ears_C2" => ears(rows, "ears_c2"),
        "ears_C3" => ears(rows, "ears_c3"),
        "farrington_w3_a01" => call(rows, "farrington")
            .option("years", years)
            .option("alpha", 0.01),
        "farringtonFlexible_w3_noufaily" => {
            call(rows, "farrington_flexible").option("years", years)
        }
        "cusum_k1.04_h2.26" => call(rows, "cusum").option("baseline", before),
        "glrpois_c5" => call(rows, "glr").option("baseline", before),
        "rki_b2_w4" => call(rows, "rki"),
        "bayes_b2_w4_a05" => call(rows, "bayes"),
        other => panic!("no method {other}"),
    }
}

struct Expected {
    series: String,
    method: String,
    period: String,
    upper: f64,
    alarm: f64,
}

fn expected(sheet: &Sheet) -> Vec<Expected> {
    let (series, method, time) = (
        sheet.names("series"),
        sheet.names("method"),
        sheet.numbers("t"),
    );
    let (upper, alarm) = (sheet.numbers("upper"), sheet.numbers("alarm"));
    (0..sheet.len())
        .map(|at| Expected {
            series: series[at].clone(),
            method: method[at].clone(),
            period: format!("{}", time[at] as i64),
            upper: upper[at],
            alarm: alarm[at],
        })
        .collect()
}

/// Everything that `surge` says about the fifteen series, by method.
fn judged_by_method(
    sheet: &Sheet,
    wanted: &[Expected],
) -> HashMap<String, HashMap<(String, String), Judged>> {
    let mut first: HashMap<&str, i64> = HashMap::new();
    for row in wanted.iter().filter(|row| row.method.starts_with("cusum")) {
        let time = row.period.parse().unwrap();
        let known = first.entry(&row.series).or_insert(time);
        *known = time.min(*known);
    }
    let mut found = HashMap::new();
    for row in wanted {
        if found.contains_key(&row.method) {
            continue;
        }
        let mut all = HashMap::new();
        for years in [2_i64, 3] {
            let rows = series(sheet, |name| first.get(name) == Some(&(years * 52 + 4)));
            let answer = setup(&row.method, rows, years).run_cut(4096).unwrap();
            all.extend(by_period(read(&answer)));
        }
        found.insert(row.method.clone(), all);
    }
    found
}

#[test]
fn every_row_of_surveillance_is_the_same() {
    let Some(folder) = folder("surveillance_series") else {
        return;
    };
    let sheet = Sheet::read(&folder, "series.csv.gz");
    let wanted = expected(&Sheet::read(&folder, "expected_alarms.csv.gz"));
    assert_eq!(wanted.len(), 22_580);
    let found = judged_by_method(&sheet, &wanted);
    let (mut limits, mut none) = (0, 0);
    for want in &wanted {
        let key = (want.series.clone(), want.period.clone());
        let got = &found[&want.method][&key];
        let place = format!("{} {} {}: {got:?}", want.method, want.series, want.period);
        // R gives 0 or NA where it does not judge: too few cases, or a baseline that does not vary.
        let unjudged =
            want.upper.is_nan() || (want.method.starts_with("farrington_") && want.upper == 0.0);
        if unjudged {
            none += 1;
            assert!(got.abstained.is_some() && got.alarm.is_none(), "{place}");
            assert!(want.alarm.is_nan() || want.alarm == 0.0, "{place}");
            continue;
        }
        limits += 1;
        let limit = if want.method.starts_with("glr") {
            got.statistic
        } else {
            got.upper
        };
        let limit = limit.unwrap_or_else(|| panic!("{place}"));
        assert!(
            agree(limit, want.upper, 1e-7),
            "{} is wanted, {place}",
            want.upper
        );
        assert_eq!(got.alarm, Some(want.alarm == 1.0), "{place}");
    }
    println!("{limits} limits and alarms equal, {none} rows that neither side judges");
}

#[test]
fn labelled_outbreaks_are_found_as_often_as_by_surveillance() {
    let Some(folder) = folder("surveillance_series") else {
        return;
    };
    let sheet = Sheet::read(&folder, "series.csv.gz");
    let wanted = expected(&Sheet::read(&folder, "expected_alarms.csv.gz"));
    let found = judged_by_method(&sheet, &wanted);
    let labels: HashMap<(String, String), f64> = sheet
        .names("series")
        .into_iter()
        .zip(sheet.numbers("t"))
        .zip(sheet.numbers("state"))
        .map(|((series, time), state)| ((series, format!("{}", time as i64)), state))
        .collect();
    let quality = Sheet::read(&folder, "expected_quality.csv");
    let counts = ["TP", "FP", "FN", "TN"].map(|name| quality.numbers(name));
    for (at, method) in quality.names("method").iter().enumerate() {
        let mut cells = [0.0; 4];
        // R leaves out what it cannot compare (NA), and counts what it does not judge as no alarm.
        for want in wanted
            .iter()
            .filter(|want| want.method == *method && !want.alarm.is_nan())
        {
            let key = (want.series.clone(), want.period.clone());
            let truth = labels[&key];
            if truth.is_nan() {
                continue;
            }
            let alarm = found[method][&key].alarm.unwrap_or(false);
            let cell = match (alarm, truth == 1.0) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            cells[cell] += 1.0;
        }
        assert_eq!(
            cells,
            [0, 1, 2, 3].map(|cell: usize| counts[cell][at]),
            "{method}"
        );
    }
}

#[test]
fn salmonella_newport_of_2011_has_the_limits_of_the_package() {
    let Some(folder) = folder("surveillance_series") else {
        return;
    };
    let sheet = Sheet::read(&folder, "series.csv.gz");
    let rows = series(&sheet, |name| name == "salmNewport_total");
    let found = by_period(read(
        &call(rows, "ears_c1")
            .option("alpha", 0.05)
            .option("minimum_sigma", 0.0)
            .run_cut(4096)
            .unwrap(),
    ));
    for (week, upper) in [
        (366, 3.278_854),
        (367, 3.278_854),
        (368, 3.436_517),
        (369, 3.855_617),
    ] {
        let got = &found[&("salmNewport_total".to_owned(), week.to_string())];
        assert!((got.upper.unwrap() - upper).abs() < 1e-6, "{got:?}");
    }
}

/// A sheet with one column a series, as rows of series, period and count.
pub(super) fn wide(sheet: &Sheet, period: &str, names: &[String]) -> Batch {
    let periods = sheet.names(period);
    let mut rows: (Vec<String>, Vec<String>, Vec<f64>) = Default::default();
    for name in names {
        for (period, count) in periods.iter().zip(sheet.numbers(name)) {
            if !period.is_empty() {
                rows.0.push(name.clone());
                rows.1.push(period.clone());
                rows.2.push(count);
            }
        }
    }
    Batch::new([
        column("series", rows.0),
        column("period", rows.1),
        column("count", rows.2),
    ])
    .unwrap()
}

/// Compares C1, C2 and C3 of R with ours, period by period; gives the alarms of ours.
fn same_ears(
    rows: &Batch,
    every: &str,
    sheet: &Sheet,
    one: Option<&str>,
    day: &str,
) -> Vec<(String, String, String)> {
    let method = sheet.names("method");
    let (day, upper, alarm) = (
        sheet.names(day),
        sheet.numbers("upper"),
        sheet.flags("alarm"),
    );
    let series = one.map_or_else(
        || sheet.names("series"),
        |one| vec![one.to_owned(); sheet.len()],
    );
    let mut alarms = Vec::new();
    for name in ["C1", "C2", "C3"] {
        let ours = call(rows.clone(), &format!("ears_{}", name.to_lowercase()))
            .option("every", every)
            .option("minimum_sigma", 0.0);
        let found = by_period(read(&ours.run_cut(4096).unwrap()));
        for at in (0..sheet.len()).filter(|&at| method[at] == name) {
            let got = &found[&(series[at].clone(), day[at].clone())];
            if upper[at].is_nan() {
                assert!(got.abstained.is_some(), "{name} {got:?}");
                continue;
            }
            assert!(
                agree(got.upper.unwrap(), upper[at], 1e-7),
                "{name} {} {got:?}",
                upper[at]
            );
            assert_eq!(got.alarm, Some(alarm[at]), "{name} {got:?}");
            if alarm[at] {
                alarms.push((name.to_owned(), series[at].clone(), day[at].clone()));
            }
        }
    }
    alarms
}

fn alarms_of<'a>(
    alarms: &'a [(String, String, String)],
    method: &str,
    series: &str,
) -> Vec<&'a str> {
    alarms
        .iter()
        .filter(|alarm| alarm.0 == method && alarm.1 == series)
        .map(|alarm| alarm.2.as_str())
        .collect()
}

#[test]
fn part_420179_is_noticed_before_its_recall() {
    let Some(folder) = folder("davinci_maude") else {
        return;
    };
    let weeks = Sheet::read(&folder, "weekly_counts.csv");
    let sheet = Sheet::read(&folder, "expected_surge_R_surveillance.csv.gz");
    let mut names = sheet.names("series");
    names.sort();
    names.dedup();
    let alarms = same_ears(&wide(&weeks, "week", &names), "week", &sheet, None, "week");
    let spring = |method| -> Vec<&str> {
        let all = alarms_of(&alarms, method, "420179");
        all.into_iter()
            .filter(|day| ("2013-03-15".."2013-05-20").contains(day))
            .collect()
    };
    // The recall was decided on 2013-05-08.
    assert_eq!(spring("C1"), ["2013-04-01", "2013-04-29"]);
    assert_eq!(spring("C2"), ["2013-04-15", "2013-04-29", "2013-05-13"]);
}

#[test]
fn olist_complains_after_black_friday_and_in_march() {
    let Some(folder) = folder("olist_sample") else {
        return;
    };
    let weeks = Sheet::read(&folder, "weekly_complaints_by_state.csv");
    let sheet = Sheet::read(&folder, "expected_surge_R_surveillance.csv");
    let names = ["SP", "RJ", "MG", "RS", "PR", "SC", "BA", "ALL"].map(str::to_owned);
    let alarms = same_ears(&wide(&weeks, "week", &names), "week", &sheet, None, "week");
    let all = alarms_of(&alarms, "C2", "ALL");
    for week in ["2017-12-04", "2017-12-18", "2018-03-19"] {
        assert!(all.contains(&week), "{week} of {all:?}");
    }
    assert!(alarms_of(&alarms, "C2", "RJ").contains(&"2018-03-19"));
}

#[test]
fn broad_street_alarms_from_30_august_1854() {
    let Some(folder) = folder("snow_water_supplier") else {
        return;
    };
    let days = Sheet::read(&folder, "broad_street_daily.csv");
    let sheet = Sheet::read(&folder, "expected_broad_street_ears.csv");
    let rows = wide(&days, "date", &["attacks".to_owned()]);
    let alarms = same_ears(&rows, "day", &sheet, Some("attacks"), "date");
    for method in ["C1", "C2"] {
        assert_eq!(
            alarms_of(&alarms, method, "attacks")[0],
            "1854-08-30",
            "{method}"
        );
    }
    assert!(alarms_of(&alarms, "C1", "attacks").contains(&"1854-09-01"));
}
