//! What the guest says of its functions: the truth, or one lie that no function can be called by.
use tsugi_plugin::bindings::imports::tsugi::plugin::types::Field;

use crate::attack;
use crate::forge::{FORGERIES, field};

/// The names that the functions of a role go by.
pub fn names(own: &[&str]) -> Vec<String> {
    let forged = FORGERIES.iter().map(|one| one.name.to_owned());
    let mut names: Vec<String> = own
        .iter()
        .map(|name| (*name).to_owned())
        .chain(forged)
        .collect();
    match attack::name().as_str() {
        "name_empty" => names.push(String::new()),
        "name_capital" => names.push("Sum".into()),
        "name_quoted" => names.push("a\"; DROP TABLE ceo.suspects; --".into()),
        "name_lines" => names.push("a\nb".into()),
        "name_long" => names.push("a".repeat(300)),
        "name_huge" => names.push("a".repeat(1 << 20)),
        "name_zero" => names.push("a\0b".into()),
        "name_number" => names.push("1a".into()),
        "names_thousands" => names.extend((0..1_000).map(|n| format!("f{n}"))),
        "names_twice" => names.push(names[0].clone()),
        "names_flood" => names.push("b".repeat(17 << 20)),
        _ => {}
    }
    names
}

/// One parameter or column, the schema of a lie.
pub fn schema(honest: Vec<Field>) -> Vec<Field> {
    let scalar = |format: &str| vec![field("x", format, true, 0)];
    match attack::name().as_str() {
        "schema_unknown" => scalar("?"),
        "schema_empty_format" => scalar(""),
        "schema_long_format" => scalar(&"l".repeat(10_000)),
        "schema_view" => scalar("vu"),
        "schema_large" => scalar("U"),
        "schema_dictionary" => vec![Field {
            metadata: vec![("dictionary".into(), "i".into())],
            ..field("x", "w:3", true, 0)
        }],
        "schema_union" => vec![
            field("x", "+us:0,1", true, 2),
            field("a", "l", true, 0),
            field("b", "u", true, 0),
        ],
        "schema_run_end" => vec![
            field("x", "+r", true, 2),
            field("a", "i", false, 0),
            field("b", "u", true, 0),
        ],
        "schema_decimal_wide" => scalar("d:39,2"),
        "schema_decimal_none" => scalar("d:0,0"),
        "schema_decimal_words" => scalar("d:many,few"),
        "schema_decimal_256" => scalar("d:40,2,256"),
        "schema_unit" => scalar("tsq:UTC"),
        "schema_zone" => scalar(&format!("tsu:{}", "x".repeat(100))),
        "schema_children_missing" => vec![field("x", "+s", true, 3), field("a", "l", true, 0)],
        "schema_children_huge" => vec![field("x", "+s", true, u32::MAX)],
        "schema_children_of_none" => vec![field("x", "l", true, 1), field("a", "l", true, 0)],
        "schema_list_of_two" => vec![
            field("x", "+l", true, 2),
            field("a", "l", true, 0),
            field("b", "l", true, 0),
        ],
        "schema_list_of_none" => scalar("+l"),
        "schema_map_of_number" => vec![field("x", "+m", true, 1), field("a", "l", false, 0)],
        "schema_map_null_entries" => vec![
            field("x", "+m", true, 1),
            field("e", "+s", true, 2),
            field("k", "u", false, 0),
            field("v", "l", true, 0),
        ],
        "schema_deep" => {
            let mut deep: Vec<Field> = (0..1_000).map(|_| field("x", "+l", true, 1)).collect();
            deep.push(field("x", "l", true, 0));
            deep
        }
        "schema_wide" if honest[0].format == "l" => (0..5_000)
            .map(|n| field(&format!("x{n}"), "l", true, 0))
            .collect(),
        "schema_name_long" => vec![field(&"x".repeat(300), "l", true, 0)],
        "schema_none" => Vec::new(),
        "schema_two" => vec![field("x", "l", true, 0), field("y", "l", true, 0)],
        _ => honest,
    }
}
