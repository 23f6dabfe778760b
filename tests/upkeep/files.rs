//! Files that are lost or damaged: noticed at the next run or by `verify`, and made again.

use super::Small;
use crate::sample_copy::objects;

/// A table of a thousand rows, and one that is computed from it.
fn project(name: &str) -> Small {
    let small = Small::new(name, &[]);
    small.model(
        "a.base",
        "WITH d AS (SELECT * FROM (VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)) AS t(n))\n\
         SELECT a.n * 100 + b.n * 10 + c.n + 1 AS id FROM d a CROSS JOIN d b CROSS JOIN d c",
    );
    small.model("a.top", "SELECT max(id) AS id FROM a.base");
    small.run();
    small
}

#[test]
fn a_lost_file_is_noticed_and_its_table_made_again() {
    let small = project("lost-file");
    std::fs::remove_file(&small.files("a.base")[0]).unwrap();
    // Counts and bounds are in the catalogue, and are not answered for a table that is gone.
    for sql in ["SELECT count(*) FROM a.base", "SELECT sum(id) FROM a.base"] {
        let outcome = small.tsugi("query", &[sql]).ended(1);
        assert!(
            outcome.stderr.contains("a file of table a.base is gone: "),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome
                .stderr
                .contains("hint: run the pipeline: it makes a.base again"),
            "{}",
            outcome.stderr
        );
    }
    assert_eq!(small.rows("SELECT id FROM a.top"), "1000");
    let said = small.run();
    assert!(
        said.contains("a file of a.base is lost or damaged: `tsugi-"),
        "{said}"
    );
    assert!(said.contains("is gone; it is made again"), "{said}");
    assert_eq!(
        small.rows("SELECT count(*), sum(id) FROM a.base"),
        "1000,500500"
    );
    assert!(small.run().contains("nothing changed"));
}

#[test]
fn a_cut_file_is_noticed() {
    let small = project("cut-file");
    let file = &small.files("a.base")[0];
    let bytes = std::fs::read(file).unwrap();
    std::fs::write(file, &bytes[..bytes.len() - 1]).unwrap();
    let said = small.run();
    let words = format!(
        "has {} bytes instead of {}; it is made again",
        bytes.len() - 1,
        bytes.len()
    );
    assert!(said.contains(&words), "{said}");
    assert_eq!(small.rows("SELECT sum(id) FROM a.base"), "500500");
}

#[test]
fn verify_finds_any_changed_bit_and_repair_has_the_table_made_again() {
    let small = project("changed-bit");
    let whole = small.tsugi("warehouse verify", &[]).ended(0).stdout;
    assert!(
        whole.starts_with("2 files, ") && whole.ends_with(": all are whole\n"),
        "{whole}"
    );
    let file = small.files("a.base")[0].clone();
    let bytes = std::fs::read(&file).unwrap();
    // From the first letters to the last: data, indexes, footer, its length.
    let step = (bytes.len() / 40).max(1);
    for at in (0..bytes.len()).step_by(step) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        std::fs::write(&file, &changed).unwrap();
        let outcome = small.tsugi("warehouse verify", &["--json"]);
        let data = u32::from_le_bytes(bytes[bytes.len() - 8..][..4].try_into().unwrap()) as usize;
        // Indexes are hints that readers check against the data, and the footer has no sum.
        if at < bytes.len() - 8 - data - 400 || at >= bytes.len() - 8 {
            assert_eq!(outcome.code, Some(1), "byte {at} of {}", bytes.len());
            let found = objects(&outcome.stdout);
            assert_eq!(found[0]["table"], "a.base");
            assert_eq!(found[0]["live"], true);
        }
    }
    let mut changed = bytes.clone();
    changed[bytes.len() / 3] ^= 1;
    std::fs::write(&file, &changed).unwrap();
    let outcome = small.tsugi("warehouse repair", &[]).ended(0);
    assert!(
        outcome.stdout.contains("the next run makes 1 table again"),
        "{outcome:?}"
    );
    assert!(small.run().contains("made=2"));
    assert_eq!(small.rows("SELECT sum(id) FROM a.base"), "500500");
    // The damaged file is in the older snapshot alone now, and leaves with it.
    let outcome = small.tsugi("warehouse verify", &[]).ended(1);
    assert!(
        outcome.stdout.contains("(in older snapshots alone)")
            && outcome.stdout.contains("tsugi warehouse expire DIR --keep"),
        "{outcome:?}"
    );
    small
        .tsugi("warehouse expire", &["--keep", "1 snapshots"])
        .ended(0);
    small.tsugi("warehouse verify", &[]).ended(0);
}

/// Other bytes of the same length: a reader names the table and the file, and the next run notices.
#[test]
fn other_bytes_of_the_same_length_are_named_by_readers_and_made_again_by_the_next_run() {
    let small = project("other-bytes");
    let file = small.files("a.base")[0].clone();
    let mut bytes = std::fs::read(&file).unwrap();
    for byte in &mut bytes[4..40] {
        *byte ^= 0xff;
    }
    std::fs::write(&file, &bytes).unwrap();
    let outcome = small
        .tsugi("query", &["SELECT count(DISTINCT id) AS n FROM a.base"])
        .ended(1);
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        outcome
            .stderr
            .contains("a file of table a.base has other bytes than were written")
            && outcome.stderr.contains(&name)
            && outcome.stderr.contains("tsugi warehouse repair DIR"),
        "{}",
        outcome.stderr
    );
    let said = small.run();
    assert!(
        said.contains("a file of a.base is lost or damaged: `tsugi-")
            && said.contains("has other bytes than were written; it is made again"),
        "{said}"
    );
    assert_eq!(small.rows("SELECT sum(id) FROM a.base"), "500500");
    assert!(small.run().contains("nothing changed"));
}
