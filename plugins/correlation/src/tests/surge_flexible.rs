//! `surge` by Farrington's improved method against R `surveillance` 1.20.3: every row of the parts of
//! da Vinci instruments, four years of weeks for each of nineteen series.

use super::data::{Sheet, agree, folder};
use super::surge_real::{call, read, wide};
use std::collections::{BTreeSet, HashMap};

const METHOD: &str = "farringtonFlexible";

/// R was called with two years back, one season (only the same weeks of the years before), 26 weeks
/// left out, and otherwise Noufaily's defaults.
#[test]
fn every_row_of_da_vinci_is_that_of_surveillance() {
    let Some(folder) = folder("davinci_maude") else {
        return;
    };
    let weeks = Sheet::read(&folder, "weekly_counts.csv");
    let sheet = Sheet::read(&folder, "expected_surge_R_surveillance.csv.gz");
    let (series, method, week) = (
        sheet.names("series"),
        sheet.names("method"),
        sheet.names("week"),
    );
    let (upper, alarm) = (sheet.numbers("upper"), sheet.flags("alarm"));
    let wanted: Vec<usize> = (0..sheet.len())
        .filter(|&at| method[at] == METHOD)
        .collect();
    let names: BTreeSet<String> = wanted.iter().map(|&at| series[at].clone()).collect();
    assert_eq!((wanted.len(), names.len()), (3_990, 19));

    let names: Vec<String> = names.into_iter().collect();
    let answer = call(wide(&weeks, "week", &names), "farrington_flexible")
        .option("years", 2_i64)
        .option("seasons", 1_i64)
        .run_cut(4096)
        .unwrap();
    let found: HashMap<_, _> = read(&answer)
        .into_iter()
        .map(|row| ((row.series.clone(), row.period.clone()), row))
        .collect();
    let (mut limits, mut none, mut alarms) = (0, 0, 0);
    for at in wanted {
        let got = &found[&(series[at].clone(), week[at].clone())];
        if upper[at].is_nan() {
            // Fewer than five reports in four weeks: R gives no limit, and no alarm.
            none += 1;
            assert!(got.abstained.is_some() && got.alarm.is_none(), "{got:?}");
            assert!(!alarm[at], "{got:?}");
            continue;
        }
        limits += 1;
        let limit = got.upper.unwrap_or_else(|| panic!("{got:?}"));
        assert!(agree(limit, upper[at], 1e-7), "{} {got:?}", upper[at]);
        assert_eq!(got.alarm, Some(alarm[at]), "{got:?}");
        alarms += usize::from(alarm[at]);
    }
    println!("{limits} limits equal, {alarms} alarms, {none} rows that neither side judges");
    assert_eq!((limits, none), (794, 3_196));
}
