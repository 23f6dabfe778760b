//! Prints how fast a large file is read; run by hand with `--ignored --nocapture`.

mod common;

use std::rc::Rc;

use common::{Folder, PLAIN, config_of, mapping};
use tsugi_reading::{Chunks, FileEntry, Host, Reject, Request, Result, StreamReader};

const HEAD: &str = "id,text,quantity,amount,day\n";

#[test]
#[ignore = "measures; has no expectation but the row count"]
fn a_hundred_megabytes() {
    let texts = [
        "The sole cracked after two weeks in the snow.",
        "靴底にひび割れがあります。とても残念です。",
        "\"Sohle gerissen, sehr \"\"schade\"\"\"",
    ];
    let mut text = HEAD.to_owned();
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
            let scope = columns.as_ref().map_or("all columns", |_| "one column");
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
                "{name}, {scope}: {:.0} MB/s, {:.0} rows/s",
                megabytes / seconds,
                rows as f64 / seconds
            );
        }
    }
}

/// One heading row, then the same block of rows again and again: no byte is kept.
struct Endless {
    block: Rc<Vec<u8>>,
    at: u64,
}

const ENDLESS_BYTES: u64 = 2_000_000_000;

impl Chunks for Endless {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
        let head = HEAD.as_bytes();
        let from = match self.at.checked_sub(head.len() as u64) {
            None => &head[self.at as usize..],
            Some(behind) => &self.block[(behind % self.block.len() as u64) as usize..],
        };
        let bytes = from[..from.len().min(max as usize)].to_vec();
        self.at += bytes.len() as u64;
        Ok((self.at < ENDLESS_BYTES).then_some(bytes))
    }
}

struct Generator(Rc<Vec<u8>>);

impl Host for Generator {
    fn entries(&self, _input: &str, _prefix: &str) -> Result<Vec<FileEntry>> {
        let name = "a.csv".to_owned();
        Ok(vec![FileEntry {
            name,
            size_bytes: ENDLESS_BYTES,
            modified_ms: 1.0,
        }])
    }
    fn open(&self, _input: &str, _name: &str, at: u64) -> Result<Box<dyn Chunks>> {
        Ok(Box::new(Endless {
            block: self.0.clone(),
            at,
        }))
    }
    fn rejects(&self, rows: Vec<Reject>) {
        // The end of the stream falls inside a row.
        assert!(rows.len() <= 1);
    }
    fn notice(&self, _stream: &str, _code: &str, _message: &str) {}
}

#[test]
#[ignore = "takes half a minute; reads the peak memory of its own process on Linux"]
fn two_gigabytes_in_little_memory() {
    let block: String = (0..10_000)
        .map(|i| format!("R-{i:08},\"靴底に\nひび割れ {i}\",{i},{i}.25,2026-03-31\n"))
        .collect();
    let host = Generator(Rc::new(block.into_bytes()));
    let config = config_of(&mapping("", PLAIN), "{}", &Folder::default()).unwrap();
    let request = Request {
        stream: "rows".to_owned(),
        ..Request::default()
    };
    let started = std::time::Instant::now();
    let mut reader = StreamReader::open(host, config, request).unwrap();
    while !reader.next_step().unwrap().done {}
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    println!(
        "{} rows in {:.1} s, peak {peak} kB",
        reader.counts().rows,
        started.elapsed().as_secs_f64()
    );
    assert!(peak < 64 * 1024, "{peak} kB");
}
