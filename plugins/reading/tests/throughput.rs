//! Prints how fast a large file is read; run by hand with `--ignored --nocapture`.

mod common;

use common::{Folder, PLAIN, config_of, mapping};
use tsugi_reading::reader::StreamReader;
use tsugi_reading::step::Request;

#[test]
#[ignore = "measures; has no expectation but the row count"]
fn a_hundred_megabytes() {
    let texts = [
        "The sole cracked after two weeks in the snow.",
        "靴底にひび割れがあります。とても残念です。",
        "\"Sohle gerissen, sehr \"\"schade\"\"\"",
    ];
    let mut text = "id,text,quantity,amount,day\n".to_owned();
    let mut rows = 0_u64;
    while text.len() < 100_000_000 {
        let note = texts[rows as usize % texts.len()];
        text.push_str(&format!(
            "R-{rows:08},{note},{},{}.{:02},2026-{:02}-{:02}\n",
            rows % 97,
            rows % 500,
            rows % 100,
            rows % 12 + 1,
            rows % 28 + 1
        ));
        rows += 1;
    }
    for (name, bytes) in [
        ("UTF-8", text.clone().into_bytes()),
        (
            "Shift_JIS",
            encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
        ),
    ] {
        let megabytes = bytes.len() as f64 / 1e6;
        let host = Folder::with("a.csv", bytes);
        for columns in [None, Some(vec!["id".to_owned()])] {
            let asked = columns.as_ref().map_or("all columns", |_| "one column");
            let config = config_of(&mapping("", PLAIN), "{}", &host).unwrap();
            let request = Request {
                stream: "rows".to_owned(),
                columns,
                ..Request::default()
            };
            let started = std::time::Instant::now();
            let mut reader = StreamReader::open(host.clone(), config, request).unwrap();
            while !reader.next_step().unwrap().done {}
            let seconds = started.elapsed().as_secs_f64();
            assert_eq!(reader.counts().rows, rows);
            println!(
                "{name}, {asked}: {:.0} MB/s, {:.0} rows/s",
                megabytes / seconds,
                rows as f64 / seconds
            );
        }
    }
}
