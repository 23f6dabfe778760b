//! The sample's schemas read each other in one direction, and `staging` reads none of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::root;

/// Which other schemas the models of each schema read, by the names in their SQL.
fn reads() -> BTreeMap<String, BTreeSet<String>> {
    let models = root().join("pipelines/great-disconnect/models");
    let mut words: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for schema in std::fs::read_dir(models).unwrap().flatten() {
        let name = schema.file_name().into_string().unwrap();
        let words = words.entry(name).or_default();
        for file in std::fs::read_dir(schema.path()).unwrap().flatten() {
            let sql = std::fs::read_to_string(file.path()).unwrap();
            let code = sql.lines().filter_map(|line| line.split("--").next());
            for line in code {
                let names = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
                let schemas = names.filter_map(|name| Some(name.split_once('.')?.0.to_owned()));
                words.extend(schemas);
            }
        }
    }
    let schemas: BTreeSet<String> = words.keys().cloned().collect();
    for (name, read) in &mut words {
        read.retain(|other| other != name && schemas.contains(other));
    }
    words
}

#[test]
fn schemas_form_no_circle() {
    let mut reads = reads();
    assert_eq!(reads["staging"], BTreeSet::new());
    assert!(reads["ceo"].contains("staging"), "{reads:?}");
    while let Some(lowest) = reads.iter().find(|(_, read)| read.is_empty()) {
        let lowest = lowest.0.clone();
        reads.remove(&lowest);
        for read in reads.values_mut() {
            read.remove(&lowest);
        }
    }
    assert!(reads.is_empty(), "these read each other: {reads:?}");
}
