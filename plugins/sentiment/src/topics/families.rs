//! Families of words that a rule names with `@`: the words of the family, in the language of the rule or in all that it has.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::row::RuleRow;
use crate::language::primary;

/// A family in one language.
struct Family {
    name: &'static str,
    lang: &'static str,
    words: &'static str,
    /// What cancels them.
    exclude: &'static str,
    /// How far they may stand from a part.
    max_gap: Option<u32>,
}

fn families() -> &'static [Family] {
    static FAMILIES: OnceLock<Vec<Family>> = OnceLock::new();
    FAMILIES.get_or_init(|| {
        let rows = crate::words::rows(include_str!("../lexicon/families.tsv"));
        let family = |row: &'static str| {
            let mut columns = row.split('\t');
            Some(Family {
                name: columns.next()?,
                lang: columns.next()?,
                words: columns.next()?,
                exclude: columns.next().unwrap_or_default(),
                max_gap: columns.next().and_then(|gap| gap.parse().ok()),
            })
        };
        rows.filter_map(family).collect()
    })
}

/// A rule with the words of its families.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    pub lang: String,
    pub part: String,
    pub defect: String,
    pub exclude: String,
    pub max_gap: Option<u32>,
}

/// The rule in each language that all its families have; as it is where it names none.
pub(super) fn expand(row: &RuleRow<'_>) -> Result<Vec<Expanded>, String> {
    let lists = [row.part, row.defect, row.exclude];
    let names: BTreeSet<&str> = lists.iter().flat_map(|list| names(list)).collect();
    let plain = |lang: String| Expanded {
        lang,
        part: row.part.to_owned(),
        defect: row.defect.to_owned(),
        exclude: row.exclude.to_owned(),
        max_gap: row.max_gap,
    };
    let lang = primary(row.lang);
    if names.is_empty() {
        return Ok(vec![plain(lang)]);
    }
    for name in &names {
        if !families().iter().any(|family| family.name == *name) {
            return Err(unknown(name));
        }
    }
    let of = |name: &str, lang: &str| {
        let mut all = families().iter();
        all.find(|family| family.name == name && family.lang == lang)
    };
    let known: BTreeSet<&str> = families().iter().map(|family| family.lang).collect();
    let wanted = known
        .into_iter()
        .filter(|known| lang.is_empty() || lang == *known);
    let mut expanded = Vec::new();
    for lang in wanted {
        if names.iter().any(|name| of(name, lang).is_none()) {
            continue;
        }
        let mut row = plain(lang.to_owned());
        let fill = |list: &mut String| {
            let words = list.split('|').map(|word| match family_name(word) {
                Some(name) => of(name, lang).map_or("", |family| family.words),
                None => word,
            });
            *list = words.collect::<Vec<_>>().join("|");
        };
        for list in [&mut row.part, &mut row.defect, &mut row.exclude] {
            fill(list);
        }
        for family in names.iter().filter_map(|name| of(name, lang)) {
            if !family.exclude.is_empty() {
                row.exclude = format!("{}|{}", row.exclude, family.exclude);
            }
            row.max_gap = row.max_gap.or(family.max_gap);
        }
        expanded.push(row);
    }
    if expanded.is_empty() {
        let names: Vec<String> = names.iter().map(|name| format!("@{name}")).collect();
        return Err(format!(
            "{} in `{lang}`: no such words; leave lang blank, or write them out",
            names.join(" and ")
        ));
    }
    Ok(expanded)
}

fn family_name(word: &str) -> Option<&str> {
    word.trim().strip_prefix('@').map(str::trim)
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split('|').filter_map(family_name)
}

fn unknown(name: &str) -> String {
    let all: BTreeSet<&str> = families().iter().map(|family| family.name).collect();
    let all: Vec<&str> = all.into_iter().collect();
    format!(
        "@{name} is no family of words; there are {}",
        all.join(", ")
    )
}
