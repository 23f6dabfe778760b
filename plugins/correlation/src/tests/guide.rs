//! The guide has a section for every function: an example, the formula, and the paper it comes from.

use super::calls::all;
use crate::{EventRate, FlagProportion, MantelHaenszel, Proportion, RateRatio};
use std::collections::BTreeSet;
use tsugi_plugin::Aggregate;

#[test]
fn every_function_has_its_section_with_formula_and_source() {
    let guide = include_str!("../../README.md");
    let surges = ["ears_", "cusum", "glr", "farrington", "rki", "bayes"];
    let mut names: BTreeSet<String> = all(1)
        .into_iter()
        .map(|call| {
            let name = call.name.split([' ', ',']).next().unwrap_or_default();
            let surge = surges.iter().any(|method| name.starts_with(method));
            (if surge { "surge" } else { name }).to_owned()
        })
        .collect();
    assert_eq!(names.len(), 11, "every table function: {names:?}");
    let aggregates = [
        EventRate::NAME,
        Proportion::NAME,
        FlagProportion::NAME,
        RateRatio::NAME,
        MantelHaenszel::NAME,
    ];
    names.extend(aggregates.map(str::to_owned));
    for name in names {
        let section = guide
            .split("\n## ")
            .find(|section| {
                let heading = section.lines().next().unwrap_or_default();
                heading.split(", ").any(|one| one == name)
            })
            .unwrap_or_else(|| panic!("no section for {name}"));
        let blocks: Vec<&str> = section.split("```").skip(1).step_by(2).collect();
        let example = blocks.iter().any(|block| block.starts_with("sql"));
        let formula = blocks.iter().any(|block| block.starts_with('\n'));
        let years = (1800..2030).filter(|year| section.contains(&year.to_string()));
        assert!(example && formula, "{name} has an example and a formula");
        assert!(years.count() > 0, "{name} names its source");
    }
    for method in [
        "EARS",
        "Farrington",
        "Farrington, flexible",
        "CUSUM",
        "GLR",
        "RKI and Bayes",
    ] {
        assert!(guide.contains(&format!("\n### {method}\n")), "{method}");
    }
}
