//! The broken rows: real exports have them, and each is set at a known place.

use crate::dice::{Dice, Stream};
use crate::table::{Defect, Table};
use crate::{Error, unwritten};

/// File, what is wrong, and the cells as they stand, where = repeats the cell of the good row that follows. Each is an extra
/// row, so that no good row is lost.
const BROKEN: [(&str, &str, &[&str]); 18] = [
    ("customers", "blank_line", &[]),
    (
        "customers",
        "too_few_fields",
        &["C-999901", "Ohneland Halbzeile", "ohneland@mail.example"],
    ),
    (
        "consents",
        "bad_date",
        &[
            "CN-999901",
            "C-000001",
            "advertisement",
            "email",
            "granted",
            "gestern",
            "form-00000",
        ],
    ),
    (
        "reviews",
        "bad_number",
        &[
            "RV-99901",
            "Solegazer",
            "halfstar",
            "",
            "",
            "P-201",
            "DE",
            "Berlin",
            "en",
            "five",
            "Fine so far.",
            "2025-08-14",
        ],
    ),
    (
        "reviews",
        "bad_date",
        &[
            "RV-99902",
            "Kutsubanashi",
            "kirikabu",
            "",
            "",
            "P-203",
            "JP",
            "Kanto",
            "ja",
            "4",
            "軽いです。",
            "2025-13-40",
        ],
    ),
    (
        "reviews",
        "too_few_fields",
        &["RV-99903", "Schuhgeflüster", "abgebrochen"],
    ),
    (
        "tickets",
        "bad_date",
        &[
            "TK-99901",
            "",
            "",
            "P-101",
            "other",
            "open",
            "de",
            "Frage",
            "Gibt es den auch in Rot?",
            "",
            "31.02.2026",
        ],
    ),
    ("tickets", "blank_line", &[]),
    (
        "posts",
        "too_many_fields",
        &[
            "PO-99901",
            "Pingpond",
            "comma_kid",
            "",
            "P-202",
            "DE",
            "Hamburg",
            "en",
            "nice",
            " light",
            " fast",
            "2025-10-02",
        ],
    ),
    (
        "receipts",
        "bad_number",
        &[
            "RC-9901",
            "SUP-06",
            "MAT-06",
            "C2507-901",
            "12O0",
            "23.10",
            "2025-07-10",
        ],
    ),
    (
        "inspections",
        "bad_number",
        &["IN-9901", "=", "=", "100", "n/a", "2025-02-11", "accepted"],
    ),
    (
        "stock",
        "unknown_lot",
        &["Olten warehouse", "L2513-999", "12", "2026-03-31"],
    ),
    (
        "sales",
        "bad_number",
        &[
            "SO-999901",
            "1",
            "2025-06-03",
            "",
            "P-301",
            "one",
            "69.00",
            "26.22",
            "EUR",
            "DE",
            "Berlin",
            "store",
        ],
    ),
    ("sales", "too_few_fields", &["SO-999902", "1", "2025-09-09"]),
    ("sales", "blank_line", &[]),
    (
        "shipments",
        "unknown_lot",
        &[
            "SH-999901",
            "=",
            "=",
            "L2599-000",
            "1",
            "exact",
            "Hayabune",
            "2025-04-03",
            "2025-04-05",
        ],
    ),
    (
        "shipments",
        "bad_date",
        &[
            "SH-999902",
            "=",
            "=",
            "=",
            "1",
            "exact",
            "Nordpfad Kurier",
            "2025-09-31",
            "",
        ],
    ),
    (
        "returns",
        "unknown_order",
        &[
            "RT-99901",
            "SO-000000",
            "1",
            "1",
            "wrong_size",
            "2025-12-01",
        ],
    ),
];

/// Sets the broken rows into their files.
pub fn plant(seed: u64, tables: &mut [Table]) -> Result<(), Error> {
    let mut dice = Dice::new(seed, Stream::Defects);
    for (name, kind, cells) in BROKEN {
        let Some(table) = tables.iter_mut().find(|t| t.name == name) else {
            continue;
        };
        let before_row = dice.below(table.len());
        let good = table
            .records()
            .and_then(|mut rows| rows.nth(before_row).transpose())
            .map_err(unwritten(table))?
            .unwrap_or_default();
        let rows = table.len();
        let cell = |(at, cell): (usize, &&str)| match *cell {
            "=" => good[at].to_owned(),
            id if at == 0 => beyond(id, rows),
            cell => cell.to_owned(),
        };
        let cells = cells.iter().enumerate().map(cell).collect();
        table.defects.push(Defect {
            before_row,
            cells,
            kind,
        });
        table.defects.sort_by_key(|d| d.before_row);
    }
    Ok(())
}

/// An id that none of so many numbered rows has: one more nine until it lies behind them.
fn beyond(id: &str, rows: usize) -> String {
    match id.split_once('-') {
        Some((kind, number)) if number.parse().is_ok_and(|number: usize| number <= rows) => {
            beyond(&format!("{kind}-9{number}"), rows)
        }
        _ => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::beyond;

    #[test]
    fn a_broken_row_has_an_id_of_its_own_in_a_table_of_any_size() {
        let ids = |rows| ["RT-99901", "SO-999901", "", "DE"].map(|id| beyond(id, rows));
        assert_eq!(ids(99_900), ["RT-99901", "SO-999901", "", "DE"]);
        assert_eq!(ids(536_408), ["RT-999901", "SO-999901", "", "DE"]);
        assert_eq!(ids(10_017_578), ["RT-99999901", "SO-99999901", "", "DE"]);
    }
}
