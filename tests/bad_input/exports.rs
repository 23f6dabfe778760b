//! Export files that are missing, are no files, or have other columns.

use super::{Published, one_error};

#[tokio::test]
async fn a_missing_export_is_named_once() {
    let published = Published::new("missing-export").await;
    let file = published.project.path("exports/crm/tickets.csv");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    for verb in ["check", "run"] {
        let outcome = one_error(
            published.project.tsugi(verb, &[]),
            2,
            &["tickets", "--> pipeline.toml:", "hint: "],
        );
        assert!(
            outcome.stderr.contains("1 error; nothing ran"),
            "{}",
            outcome.stderr
        );
    }
    published.stands().await;
    std::fs::write(&file, bytes).unwrap();
    published.recovers();
}

#[tokio::test]
async fn a_wrong_column_is_named_with_those_that_are_there() {
    let published = Published::new("wrong-column").await;
    let old = published
        .project
        .edit("exports/crm/reviews.csv", ",rating,", ",stars,");
    let words = [
        "`crm.reviews` failed",
        "lacks the heading(s) `rating`",
        "reviews.csv:1",
        "hint: the headings found are",
        "`stars`",
    ];
    one_error(published.project.tsugi("run", &[]), 1, &words);
    published.stands().await;
    published.project.write("exports/crm/reviews.csv", &old);
    published.recovers();
}

#[tokio::test]
async fn a_folder_in_the_place_of_a_file_is_no_file() {
    let published = Published::new("folder").await;
    let file = published.project.path("exports/erp/stock.csv");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    one_error(published.project.tsugi("run", &[]), 2, &["stock", "hint: "]);
    published.stands().await;
    std::fs::remove_dir(&file).unwrap();
    std::fs::write(&file, bytes).unwrap();
    published.recovers();
}

#[tokio::test]
async fn bytes_that_are_no_text_do_not_stop_the_other_rows() {
    let published = Published::new("bytes").await;
    let file = published.project.path("exports/crm/posts.csv");
    let mut bytes = std::fs::read(&file).unwrap();
    let start = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let noise: Vec<u8> = [&b"PO-1\0,\xff\xfe\x80,\"\"\","[..], &[0x80; 40], b"\n"].concat();
    bytes.splice(start..start, noise);
    std::fs::write(&file, bytes).unwrap();
    published.project.tsugi("run", &[]).ended(0);
    let kept = published
        .project
        .rows("SELECT line, reason FROM quarantine.crm WHERE file = 'posts.csv' ORDER BY line");
    assert_eq!(kept[0]["line"], 2, "{kept:?}");
    assert!(!kept[0]["reason"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn an_empty_export_is_an_error_or_no_rows_but_never_a_crash() {
    let published = Published::new("empty").await;
    let file = published.project.path("exports/crm/reviews.csv");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, b"").unwrap();
    let outcome = published.project.tsugi("run", &[]);
    assert!(matches!(outcome.code, Some(1 | 2)), "{outcome:?}");
    one_error(outcome, 1, &["reviews.csv"]);
    published.stands().await;
    std::fs::write(&file, whole).unwrap();
    published.recovers();
}
