//! `change_effect` and rates of regions: Lambeth's new intake (Snow 1855) and the states of Olist.

use super::data::{Sheet, agree, folder};
use crate::stats::glm::{Design, poisson};
use crate::stats::ratio::compare;
use crate::{AttributeTable, ChangeEffectTable};
use std::collections::HashMap;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};
use tsugi_statistics::multiple::benjamini_hochberg;

#[derive(Debug, Row)]
struct Effect {
    ratio: Option<f64>,
    ratio_low: Option<f64>,
    ratio_high: Option<f64>,
    p_value: Option<f64>,
    q_value: Option<f64>,
    method: Option<String>,
    dispersion: Option<f64>,
    log_effect: Option<f64>,
    log_error: Option<f64>,
    plain_log_error: Option<f64>,
    plain_p_value: Option<f64>,
    plain_overstates: Option<bool>,
    difference: Option<f64>,
    rate_changed_before: Option<f64>,
    rate_changed_after: Option<f64>,
    rate_rest_before: Option<f64>,
    rate_rest_after: Option<f64>,
    rows: i64,
    reason: String,
}

/// Whether the row changed, whether it is after, events, exposure.
type Unit = (bool, bool, f64, f64);

fn effect(units: &[Unit]) -> TableRun<ChangeEffectTable> {
    let rows = Batch::new([
        column("treated", units.iter().map(|unit| unit.0)),
        column("after", units.iter().map(|unit| unit.1)),
        column("events", units.iter().map(|unit| unit.2)),
        column("exposure", units.iter().map(|unit| unit.3)),
    ])
    .unwrap();
    table::<ChangeEffectTable>().input("units", rows)
}

fn effects(answer: &Batch) -> Vec<Effect> {
    answer
        .read::<Effect>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn lambeths_new_intake_halved_the_deaths_and_the_plain_test_overstates() {
    let Some(folder) = folder("snow_water_supplier") else {
        return;
    };
    let people = Sheet::read(&folder, "table8_subdistrict_deaths_by_supplier_7weeks.csv");
    let people: HashMap<String, f64> = people
        .names("subDistrict")
        .into_iter()
        .zip(people.numbers("pop1851"))
        .collect();
    let sheet = Sheet::read(&folder, "table12_subdistrict_1849_vs_1854.csv");
    let (name, supplier) = (sheet.names("subDistrict"), sheet.names("supplier"));
    let (before, after) = (sheet.numbers("deaths1849"), sheet.numbers("deaths1854"));
    let mut units: Vec<Unit> = Vec::new();
    for at in 0..sheet.len() {
        let treated = match supplier[at].as_str() {
            "SouthwarkVauxhall" => false,
            "SouthwarkVauxhall_Lambeth" => true,
            _ => continue,
        };
        if let Some(people) = people.get(&name[at]) {
            units.push((treated, false, before[at], *people));
            units.push((treated, true, after[at], *people));
        }
    }
    assert_eq!(units.len(), 56);
    let found = effects(&effect(&units).run().unwrap());
    let got = &found[0];
    let close = |got: Option<f64>, wanted: f64| {
        let got = got.unwrap();
        assert!(agree(got, wanted, 1e-7), "{got} is not {wanted}");
    };
    close(got.log_effect, -0.510_882_405_142_340_6);
    close(got.plain_log_error, 0.038_701_648_975_624_48);
    close(got.dispersion, 27.026_091_830_132_017);
    close(got.log_error, 0.201_196_816_815_235_19);
    close(got.difference, -56.994_586_068_538_45 / 1e4);
    close(got.rate_rest_before, 134.861_083 / 1e4);
    close(got.rate_rest_after, 146.611_474 / 1e4);
    close(got.rate_changed_before, 130.102_049 / 1e4);
    close(got.rate_changed_after, 84.857_854 / 1e4);
    close(got.ratio, 1.0 / 1.666_761_304_980_738);
    let z = got.log_effect.unwrap() / got.plain_log_error.unwrap();
    assert!((z - -13.200_533).abs() < 1e-5, "{z}");
    assert!(got.plain_p_value.unwrap() < 1e-38);
    // The honest test: t = -2.539 with 52 degrees of freedom.
    assert!((got.p_value.unwrap() - 0.014_2).abs() < 2e-4, "{got:?}");
    assert_eq!(
        (got.method.as_deref(), got.plain_overstates),
        (Some("quasi-Poisson"), Some(true))
    );
    assert_eq!((got.rows, got.q_value), (56, got.p_value));
    assert!(got.ratio_low.unwrap() > 0.39 && got.ratio_high.unwrap() < 0.91);
    assert!(
        got.reason.contains("overstates and is not used"),
        "{}",
        got.reason
    );
    // The regression itself says the same.
    let flag = |of: fn(&Unit) -> bool| {
        units
            .iter()
            .map(|unit| f64::from(u8::from(of(unit))))
            .collect()
    };
    let design = Design::constant(56)
        .with(flag(|unit| unit.0))
        .with(flag(|unit| unit.1))
        .with(flag(|unit| unit.0 && unit.1));
    let deaths: Vec<f64> = units.iter().map(|unit| unit.2).collect();
    let offset: Vec<f64> = units.iter().map(|unit| unit.3.ln()).collect();
    let fit = poisson(&design, &deaths, None, Some(&offset)).unwrap();
    let near = |got: f64, wanted: f64| assert!(agree(got, wanted, 1e-5), "{got} is not {wanted}");
    near(fit.coefficients[3], got.log_effect.unwrap());
    near(fit.variance(&[0.0, 0.0, 0.0, 1.0]).sqrt(), 0.038_701_649);
    near(fit.dispersion(&deaths, &fit.weights), 27.026_091_83);
}

#[test]
fn effects_that_cannot_be_known_say_so() {
    let four = [
        (false, false, 40.0, 1000.0),
        (false, true, 44.0, 1000.0),
        (true, false, 39.0, 1000.0),
        (true, true, 90.0, 1000.0),
    ];
    let found = &effects(&effect(&four).run().unwrap())[0];
    assert_eq!(
        (found.method.as_deref(), found.dispersion),
        (Some("Poisson, spread unknown"), None)
    );
    assert!(
        found.ratio.unwrap() > 2.0 && found.reason.contains("one row a unit"),
        "{found:?}"
    );
    let even: Vec<Unit> = [-1.0, 0.0, 1.0]
        .iter()
        .flat_map(|by| four.map(|unit| (unit.0, unit.1, unit.2 + by, unit.3)))
        .collect();
    let found = &effects(&effect(&even).run().unwrap())[0];
    assert_eq!(
        (found.method.as_deref(), found.plain_overstates),
        (Some("Poisson"), Some(false))
    );
    assert_eq!(
        (found.p_value, found.log_error),
        (found.plain_p_value, found.plain_log_error)
    );
    let lacking = &effects(&effect(&four[..3]).run().unwrap())[0];
    assert!(lacking.ratio.is_none() && lacking.reason.contains("no row of the changed after"));
    let mut none = four;
    none[1].2 = 0.0;
    let found = &effects(&effect(&none).run().unwrap())[0];
    assert!(found.p_value.is_none() && found.reason.contains("nothing happened in the rest after"));
    for (events, exposure, code) in [
        (-1.0, 5.0, "bad-number"),
        (0.5, 5.0, "not-whole"),
        (1.0, 0.0, "not-above-zero"),
        (1.0, f64::INFINITY, "not-above-zero"),
    ] {
        let mut wrong = four;
        (wrong[2].2, wrong[2].3) = (events, exposure);
        let error = effect(&wrong).run_cut(9).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains("row 3"), "{error}");
    }
}

#[derive(Debug, Row)]
struct Finding {
    value: String,
    rate_ratio: Option<f64>,
    p_value: Option<f64>,
    q_value: Option<f64>,
    dispersion: f64,
}

#[test]
fn rio_complains_more_than_the_other_states_of_olist() {
    let Some(folder) = folder("olist_sample") else {
        return;
    };
    let sheet = Sheet::read(&folder, "expected_states.csv");
    let states = sheet.names("customer_state");
    let (n, complaints) = (sheet.numbers("n"), sheet.numbers("complaints"));
    let [ratio, p, q] = ["rate_ratio_vs_rest", "p_greater", "bh_q"].map(|name| sheet.numbers(name));
    // The plain exact test against all other states.
    let all: (f64, f64) = (n.iter().sum(), complaints.iter().sum());
    let plain: Vec<f64> = (0..states.len())
        .map(|at| {
            let (own, rest) = (complaints[at] as u64, (all.1 - complaints[at]) as u64);
            let found = compare(own, n[at], rest, all.0 - n[at], 1.0).unwrap();
            assert!(
                agree(found.p, p[at], 1e-8),
                "{} {found:?} {}",
                states[at],
                p[at]
            );
            assert!(
                agree(found.ratio.unwrap_or(0.0), ratio[at], 1e-8),
                "{}",
                states[at]
            );
            found.p
        })
        .collect();
    let corrected = benjamini_hochberg(&plain, plain.len() as u64);
    assert!(
        corrected
            .iter()
            .zip(&q)
            .all(|(got, want)| agree(*got, *want, 1e-8))
    );
    // States differ more than chance makes them, so `attribute` claims less, but Rio still leads.
    let cells = Batch::new([
        column("topic", states.iter().map(|_| "complaint")),
        column("region", states.clone()),
        column("shipped", n),
        column("complaints", complaints),
    ])
    .unwrap();
    let call = table::<AttributeTable>().input("cells", cells);
    let answer = call.run().unwrap();
    let found: Vec<Finding> = answer
        .read::<Finding>()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let rio = &found[0];
    assert_eq!(rio.value, "RJ");
    assert!(agree(rio.rate_ratio.unwrap(), 1.461_197_995, 1e-8));
    assert!(rio.dispersion > 1.5 && rio.p_value.unwrap() > 1e-13 && rio.q_value.unwrap() < 0.001);
}
