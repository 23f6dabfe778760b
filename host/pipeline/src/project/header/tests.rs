//! Tests of [`super`].

use super::*;

fn read(body: &str) -> Result<Header, Vec<String>> {
    let described = |f: Diagnostic| {
        let place = f.place.map(|p| p.to_string()).unwrap_or_default();
        format!("{place} {} | {}", f.message, f.hint.unwrap_or_default())
    };
    Header::read(&SourceText::new("m.sql", body))
        .map_err(|all| all.into_iter().map(described).collect())
}

#[test]
fn the_first_comment_describes_and_keys_are_read() {
    let header =
        read("\n-- Returns by lot,\n-- per unit shipped.\n-- @kind table\n-- More.\nSELECT 1")
            .unwrap();
    assert_eq!(header.description, "Returns by lot, per unit shipped.");
    assert_eq!(
        read("SELECT '-- @nothing', \"--@x\" /* -- @y */ FROM t -- it's fine").unwrap(),
        Header::default()
    );
}

#[test]
fn personal_columns_and_retention_are_read_with_their_places() {
    let header =
        read("-- @personal name,  phone\n-- @retain 730 days by created_on\nSELECT 1").unwrap();
    assert_eq!(
        header.personal,
        [("name".to_owned(), 13..17), ("phone".to_owned(), 20..25)]
    );
    let (retain, span) = header.retain.unwrap();
    assert_eq!((retain.days, retain.by.as_str()), (730, "created_on"));
    assert_eq!(span, 37..59);
    assert_eq!(
        read("-- @personal name,\n-- @retain forever\nSELECT 1").unwrap_err(),
        [
            "m.sql:1:14 `@personal` cannot be `name,`: it must be columns of the model with commas between, as in `name, phone` | ",
            "m.sql:2:12 `@retain` cannot be `forever`: it must be days and the column that counts, as in `730 days by created_on` | ",
        ]
    );
}

#[test]
fn columns_are_described_over_one_line_or_several() {
    let header = read(
        "-- Returns.\n-- @column rate : by unit shipped,\n--   within: 30 days\n-- @column lot: as shipped\n--\n-- More.\nSELECT 1",
    )
    .unwrap();
    let columns = header.columns.iter();
    let columns: Vec<_> = columns
        .map(|column| {
            (
                column.name.as_str(),
                column.text.as_str(),
                column.span.clone(),
            )
        })
        .collect();
    assert_eq!(
        columns,
        [
            ("rate", "by unit shipped, within: 30 days", 23..27),
            ("lot", "as shipped", 79..82)
        ]
    );
    assert_eq!(
        read("-- @column a: x\n-- @column a: y\n-- @column b\n-- @column c:\nSELECT 1")
            .unwrap_err(),
        [
            "m.sql:2:12 header key `@column a` is there twice: m.sql:1:12 and m.sql:2:12 | rename or delete one of the two",
            "m.sql:3:12 `@column` cannot be `b`: it must be a column and what it holds, as in `rate: returns by unit shipped` | ",
            "m.sql:4:12 `@column` cannot be `c:`: it must be a column and what it holds, as in `rate: returns by unit shipped` | ",
        ]
    );
    // A line that is not indented would be lost, or become the description of the model.
    let unclear =
        "the line below `@column a` is not indented, so it is not clear whether it belongs to it";
    let fix =
        "indent it by two spaces to continue the description, or write a line of `--` above it";
    for (header, place) in [
        ("-- @column a: x\n-- y\n", "2:4"),
        ("-- Returns.\n-- @column a: x\n--   y\n-- z\n", "4:4"),
        ("-- @column a: x\n--y\n-- @kind view\n", "2:3"),
    ] {
        let refused = read(&format!("{header}SELECT 1")).unwrap_err();
        assert_eq!(refused, [format!("m.sql:{place} {unclear} | {fix}")]);
    }
}

#[test]
fn a_description_does_not_mark_a_column_as_personal() {
    for value in ["a: personal", "a: personal: their number"] {
        let refused = read(&format!("-- @column {value}\nSELECT 1")).unwrap_err();
        assert!(refused[0].contains("`-- @personal NAME`"), "{refused:?}");
    }
    assert!(read("-- @column a: personally agreed\nSELECT 1").is_ok());
}

#[test]
fn a_view_keeps_no_rows() {
    assert_eq!(read("-- @kind view\nSELECT 1").unwrap().kind, Kind::View);
    assert_eq!(
        read("-- @retain 30 days by day\n-- @kind view\nSELECT 1").unwrap_err(),
        [
            "m.sql:1:12 `@retain` of a view, which keeps no rows is not supported by this version of tsugi | write it in the tables that read the view"
        ]
    );
}

#[test]
fn keys_of_later_versions_and_unknown_keys_have_places() {
    assert_eq!(
        read("-- D.\n-- @check not_null(x)\n--@knd table\nSELECT a -- @personal\n, 'é' -- @kind table").unwrap_err(),
        [
            "m.sql:2:4 the header key `@check` is not supported by this version of tsugi | write a SELECT that returns the bad rows as a file under `checks/`",
            "m.sql:3:3 unknown key `@knd` in the header | did you mean `@kind`?",
            "m.sql:4:13 `@personal` below the first line of SQL is not supported by this version of tsugi | move the line to the top of the file",
        ]
    );
    assert_eq!(
        read("-- @kind incremental(time: week)\n-- @kind tables").unwrap_err(),
        [
            "m.sql:1:10 the kind `incremental` is not supported by this version of tsugi | write `-- @kind table` or `-- @kind view`, or delete the line",
            "m.sql:2:4 header key `@kind` is there twice: m.sql:1:4 and m.sql:2:4 | rename or delete one of the two",
            "m.sql:2:10 `@kind` cannot be `tables`: it must be `table` or `view` | ",
        ]
    );
}

#[test]
fn notes_that_begin_with_an_at_sign_are_no_keys() {
    let header = read(
        "-- @deprecated use b\n-- @see the wiki\nSELECT 1 AS a -- @deprecated use b\n-- @kind view\n, 2 AS b",
    )
    .unwrap();
    let warnings = header.warnings.iter();
    let warnings: Vec<_> = warnings
        .map(|one| (one.is_error(), one.place.as_ref().map(ToString::to_string)))
        .collect();
    let at = |place: &str| (false, Some(place.to_owned()));
    assert_eq!(
        warnings,
        [at("m.sql:1:4"), at("m.sql:2:4"), at("m.sql:4:4")]
    );
    assert_eq!(header.kind, Kind::Table);
}
