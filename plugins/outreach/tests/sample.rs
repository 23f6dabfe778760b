//! The sample's templates and the README keep their promises.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Case, case, expect};
use tsugi_outreach::cell::{Cell, Sheet};
use tsugi_outreach::compose::Compose;
use tsugi_outreach::message::Message;

const SEEDS: &str = include_str!("../../../pipelines/great-disconnect/seeds/templates.csv");
const README: &str = include_str!("../README.md");

/// Quoted CSV into a sheet.
fn read(text: &str) -> Sheet {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quoted) {
            ('"', true) if letters.peek() == Some(&'"') => cell.extend(letters.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(letter),
        }
    }
    let columns = rows.remove(0);
    let rows = rows
        .into_iter()
        .map(|row| row.into_iter().map(Cell::Text).collect());
    Sheet {
        columns,
        rows: rows.collect(),
    }
}

fn run(case: &Case) -> Message {
    let mut compose = Compose::open(&case.options).unwrap();
    for (port, rows) in case.ports() {
        match port {
            "templates" => compose.push(port, &read(SEEDS)).unwrap(),
            _ => compose.push(port, &common::sheet(rows)).unwrap(),
        }
    }
    compose.finish().remove(0)
}

#[test]
fn every_sample_text_can_be_sent_as_it_stands() {
    for purpose in ["service_notice", "advertisement"] {
        for language in ["ja", "en", "de"] {
            for certainty in ["certain", "possible"] {
                let mut case = case(purpose)
                    .person("language", language)
                    .target("certainty", certainty)
                    .target("remedy", "");
                case.history = ["sole-notice", "spring-news"]
                    .map(|name| {
                        format!(
                            "customer_id=C-9|template={name}|sent_at=2026-01-01|outcome=delivered"
                        )
                    })
                    .to_vec();
                let message = run(&case);
                expect(&message, "send", &[]);
                assert_eq!(message.language.as_deref(), Some(language));
                let body = message.body.unwrap();
                assert!(body.contains("Aiko Mori") && !body.contains('{'), "{body}");
                assert_eq!(
                    purpose == "service_notice",
                    body.contains("Yama Low") && body.contains("O-1")
                );
            }
        }
    }
}

#[test]
fn possible_and_certain_buyers_read_different_texts() {
    for language in ["ja", "en", "de"] {
        let body = |certainty: &str| {
            run(&case("service_notice")
                .person("language", language)
                .target("certainty", certainty))
            .body
            .unwrap()
        };
        assert_ne!(body("certain"), body("possible"));
    }
}

#[test]
fn the_readme_explains_every_code() {
    for code in tsugi_outreach::reasons::CODES {
        assert!(
            README.contains(&format!("| `{code}` |")),
            "README.md does not explain {code}"
        );
    }
    for column in tsugi_outreach::message::COLUMNS {
        assert!(
            README.contains(&format!("`{}`", column.0)),
            "README.md does not name {}",
            column.0
        );
    }
    for option in tsugi_outreach::rules::OPTIONS {
        assert!(
            README.contains(&format!("`{}`", option.0)),
            "README.md does not name {}",
            option.0
        );
    }
}
