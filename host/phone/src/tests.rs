//! Numbers as people write them, and a comparison with libphonenumber where Python has it.

use super::*;

#[test]
fn the_ways_of_writing_a_number_meet() {
    let lines = include_str!("numbers.tsv").lines();
    let rows = lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            Some((columns.next()?, columns.next()?, columns.next()?))
        });
    let wrong = rows.filter_map(|(typed, country, number)| {
        let found = Phone::parse(typed, country).map(|phone| phone.international());
        let found = found.unwrap_or_else(|| "-".to_owned());
        (found != number).then(|| format!("{typed} in {country}: {found}, not {number}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_number_is_dialled_as_at_home() {
    for (number, domestic, country) in [
        ("+81312345678", "0312345678", "JP"),
        ("+41446681800", "0446681800", "CH"),
        ("+4232345678", "2345678", "LI"),
        ("+390236618300", "0236618300", "IT"),
        ("+12125550187", "2125550187", "US"),
    ] {
        let phone = Phone::parse(number, "").expect(number);
        assert_eq!(
            (phone.domestic().as_str(), phone.country()),
            (domestic, country)
        );
    }
}

#[test]
fn a_look_up_takes_what_a_clerk_types() {
    for (typed, found) in [
        ("+49 (0)30 23125001", "493023125001"),
        ("030 23125001 Durchwahl 3", "03023125001"),
        ("０３ー１２３４ー５６７８", "0312345678"),
        ("0041 44 668 18 00", "41446681800"),
        ("携帯 090-1234-5678", "09012345678"),
        ("", ""),
    ] {
        assert_eq!(digits(typed), found, "{typed}");
    }
}

#[test]
fn bad_input_is_no_number() {
    let long = "1".repeat(1_000_000);
    let wide = "１".repeat(100_000);
    for text in [
        "",
        " ",
        "+",
        "++81",
        "()",
        "call me",
        "12",
        "ー",
        "😀",
        long.as_str(),
        wide.as_str(),
        "\u{202e}+81 3",
        "<b>03-1234-5678</b><script>",
        "NaN",
        "2025-11-30 12:30:00",
    ] {
        let _ = Phone::parse(text, "JP");
        let _ = digits(text);
        assert_eq!(
            Phone::parse(text, "XX"),
            None,
            "{}",
            text.chars().take(20).collect::<String>()
        );
    }
}
