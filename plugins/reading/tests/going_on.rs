//! Checkpoints, new and changed files, projection and limit: no row is lost or read twice.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, PLAIN, Read, all, config_of, mapping, read};
use tsugi_reading::{FileState, Request, STATE_VERSION, State};

const HEAD: &str = "id,text,quantity,amount,day\n";

fn lines(from: usize, to: usize) -> String {
    (from..to)
        .map(|i| match i % 17 {
            3 => format!("K-{i},\"two\nlines 日本 {i}\",1,1.00,2026-03-31\n"),
            5 => format!("K-{i},x,one,1.00,2026-03-31\n"),
            7 => "\n".to_owned(),
            11 => format!("K-{i},\"open,1,1.00,2026-03-31\n"),
            _ => format!("K-{i},text {i},{i},{i}.25,2026-03-31\n"),
        })
        .collect()
}

fn read_on(host: &Folder, dialect: &str, since: Option<State>, request: Request) -> Read {
    let config = config_of(&mapping(dialect, PLAIN), "{}", host).unwrap();
    read(host, config, Request { since, ..request }).unwrap()
}

fn small_steps() -> Request {
    Request {
        max_rows: 70,
        max_bytes: 4000,
        checkpoint_rows: 1,
        ..all()
    }
}

/// Every checkpoint of a full read leads to exactly the rest.
fn every_checkpoint_leads_to_the_rest(host: &Folder, dialect: &str) -> Read {
    let whole = read_on(host, dialect, None, all());
    let stepped = read_on(host, dialect, None, small_steps());
    assert_eq!(
        (&stepped.rows, &stepped.rejects, stepped.counts),
        (&whole.rows, &whole.rejects, whole.counts)
    );
    assert!(
        stepped.checkpoints.len() > 10,
        "{}",
        stepped.checkpoints.len()
    );
    for (rows, rejects, state) in &stepped.checkpoints {
        let rest = read_on(host, dialect, Some(state.clone()), small_steps());
        assert_eq!(rest.rows, whole.rows[*rows..], "after {rows} rows");
        // A reject may be reported again when it came after the checkpoint's last row, never less.
        assert!(
            rest.rejects.len() <= whole.rejects.len() - rejects + 1
                && whole.rejects.ends_with(&rest.rejects)
        );
        assert!(rest.rejects.len() >= whole.rejects.len() - rejects);
        assert_eq!(
            rest.checkpoints.last().unwrap().2.rows,
            whole.rows.len() as u64
        );
    }
    whole
}

#[test]
fn every_checkpoint_in_every_encoding() {
    let text = format!("{HEAD}{}", lines(0, 1500));
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let files = [
        ("", text.clone().into_bytes()),
        ("", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("", encoding_rs::SHIFT_JIS.encode(&text).0.into_owned()),
        (
            "encoding = \"euc-jp\"",
            encoding_rs::EUC_JP.encode(&text).0.into_owned(),
        ),
        ("", utf16),
        ("", text.replace('\n', "\r\n").into_bytes()),
    ];
    for (dialect, bytes) in files {
        let host = Folder::with("a.csv", bytes).chunk_bytes(977);
        host.put("b.csv", format!("{HEAD}{}", lines(1500, 1600)), 1.0);
        let whole = every_checkpoint_leads_to_the_rest(&host, dialect);
        assert!(whole.rows.len() > 1000 && whole.rejects.len() > 150);
        host.take_notices();
    }
}

#[test]
fn checkpoints_far_into_a_file() {
    let text = format!("{HEAD}{}", lines(0, 60_000));
    assert!(text.len() > 6 * tsugi_reading::BLOCK_BYTES);
    let host = Folder::with("a.csv", text);
    let whole = read_on(&host, "", None, all());
    let stepped = read_on(
        &host,
        "",
        None,
        Request {
            checkpoint_rows: 5000,
            max_rows: 999,
            ..all()
        },
    );
    for (rows, _, state) in stepped.checkpoints {
        assert_eq!(
            read_on(&host, "", Some(state), all()).rows,
            whole.rows[rows..]
        );
    }
}

#[test]
fn new_appended_rewritten_and_deleted_files() {
    let host = Folder::with("a.csv", format!("{HEAD}A-1,x,1,1,2026-03-31\n"));
    host.put("b.csv", format!("{HEAD}B-1,x,1,1,2026-03-31"), 1.0);
    let first = read_on(&host, "", None, all());
    let state = first.checkpoints.last().unwrap().2.clone();
    let ids = |read: &Read| -> Vec<String> {
        read.rows
            .iter()
            .map(|r| format!("{}:{}", r[0].as_deref().unwrap(), r[6].as_deref().unwrap()))
            .collect()
    };
    assert_eq!(
        ids(&read_on(&host, "", Some(state.clone()), all())),
        [""; 0]
    );

    // Touched but the same; then with rows behind it, with and without a line end before them.
    host.put("a.csv", format!("{HEAD}A-1,x,1,1,2026-03-31\n"), 2.0);
    assert_eq!(
        ids(&read_on(&host, "", Some(state.clone()), all())),
        [""; 0]
    );
    host.put(
        "a.csv",
        format!("{HEAD}A-1,x,1,1,2026-03-31\nA-2,x,1,1,2026-03-31\n"),
        3.0,
    );
    host.put(
        "b.csv",
        format!("{HEAD}B-1,x,1,1,2026-03-31\nB-2,x,1,1,2026-03-31\n"),
        3.0,
    );
    host.put("c.csv", format!("{HEAD}C-1,x,1,1,2026-03-31\n"), 3.0);
    let second = read_on(&host, "", Some(state.clone()), all());
    assert_eq!(ids(&second), ["A-2:3", "B-2:3", "C-1:2"]);
    assert_eq!(host.take_notices(), []);
    let state_2 = second.checkpoints.last().unwrap().2.clone();
    assert_eq!(state_2.rows, 5);

    // A last line that goes on was another row; a changed beginning is another file; a file that is
    // gone has rows that cannot be read again. What was read of them cannot be gone on with.
    let refused = |state: &State| {
        let config = config_of(&mapping("", PLAIN), "{}", &host).unwrap();
        let since = Some(state.clone());
        let error = read(&host, config, Request { since, ..all() }).unwrap_err();
        assert_eq!(error.code, "stale-checkpoint");
        error.at.unwrap()
    };
    host.put("b.csv", format!("{HEAD}B-1,x,1,1,2026-03-31 23:00\n"), 4.0);
    assert_eq!(refused(&state), "b.csv");
    host.put("b.csv", format!("{HEAD}B-9,x,1,1,2026-03-31"), 4.0);
    assert_eq!(refused(&state), "b.csv");
    host.remove("b.csv");
    assert_eq!(refused(&state), "b.csv");
    // Without its state it is a new file, and the others are gone on with.
    host.put("b.csv", format!("{HEAD}B-8,x,1,1,2026-03-31\n"), 5.0);
    let rest = state_2.files.iter().filter(|file| file.name != "b.csv");
    let rest = State::of(rest.cloned().collect());
    let third = read_on(&host, "", Some(rest), all());
    assert_eq!(ids(&third), ["B-8:2"]);
    assert_eq!(host.take_notices(), []);
}

/// A file that grows gives, read on, the rows and rejects of a whole read; where what was read
/// would have been read otherwise, the checkpoint is refused.
#[test]
fn growth_that_changes_what_was_read_is_refused() {
    let cases = [
        // A quote that was open is closed; a delimiter that looked likely is not.
        (
            "K-1,\"open,1,1.00,2026-03-31\n",
            "K-2\",1,1.00,2026-03-31\n",
            false,
        ),
        (
            "K-1,x,1,1.00,2026-03-31\n",
            "K-2,\"open,1,1,2026-03-31\n",
            true,
        ),
        (
            "K-1,\"a\nb\",1,1.00,2026-03-31\n",
            "K-2,c\",1,1,2026-03-31\n",
            true,
        ),
        ("K-1,x,1,1.00,2026-03-3", "1\nK-2,x,1,1,2026-03-31\n", false),
        ("K-1,x,1,1.00,2026-03-31", "\nK-2,x,1,1,2026-03-31", true),
        ("K-1,x,1,1.00,2026-03-31\r", "\nK-2,x,1,1,2026-03-31", false),
    ];
    for (first, then, goes_on) in cases {
        let host = Folder::with("a.csv", format!("{HEAD}{first}"));
        let before = read_on(&host, "", None, all());
        let state = before.checkpoints.last().unwrap().2.clone();
        host.put("a.csv", format!("{HEAD}{first}{then}"), 2.0);
        let whole = read_on(&host, "", None, all());
        let config = config_of(&mapping("", PLAIN), "{}", &host).unwrap();
        let since = Some(state);
        match read(&host, config, Request { since, ..all() }) {
            Ok(rest) => {
                assert_eq!([before.rows, rest.rows].concat(), whole.rows, "{first:?}");
                let rejects = [before.rejects, rest.rejects].concat();
                assert_eq!(rejects, whole.rejects, "{first:?}");
            }
            Err(error) => {
                assert_eq!(error.code, "stale-checkpoint", "{first:?}");
                assert!(!goes_on, "{first:?} and {then:?} could be gone on with");
            }
        }
    }
}

#[test]
fn a_file_that_grew_while_half_read() {
    let text = format!("{HEAD}{}", lines(0, 20_000));
    let longer = format!("{HEAD}{}", lines(0, 20_100));
    let host = Folder::with("a.csv", text);
    let stepped = read_on(
        &host,
        "",
        None,
        Request {
            checkpoint_rows: 3000,
            max_rows: 500,
            ..all()
        },
    );
    host.put("a.csv", longer, 2.0);
    let whole = read_on(&host, "", None, all());
    for (rows, _, state) in stepped.checkpoints {
        assert_eq!(
            read_on(&host, "", Some(state), all()).rows,
            whole.rows[rows..]
        );
    }
    assert_eq!(
        host.take_notices()
            .iter()
            .filter(|(code, _)| code == "file-rewritten")
            .count(),
        0
    );
}

#[test]
fn projection_and_limit() {
    let host = Folder::with("a.csv", format!("{HEAD}{}", lines(0, 500)));
    let whole = read_on(&host, "", None, all());
    let columns = Some(["_line", "amount", "_file"].map(str::to_owned).to_vec());
    let some = read_on(&host, "", None, Request { columns, ..all() });
    let picked: Vec<_> = whole
        .rows
        .iter()
        .map(|r| vec![r[6].clone(), r[3].clone(), r[5].clone()])
        .collect();
    assert_eq!(some.rows, picked);
    assert_eq!(
        some.rejects, whole.rejects,
        "the request changes nothing about what is refused"
    );
    let none = read_on(
        &host,
        "",
        None,
        Request {
            columns: Some(Vec::new()),
            ..all()
        },
    );
    assert_eq!(none.counts, whole.counts);
    for limit in [0, 1, 77, 10_000] {
        let few = read_on(
            &host,
            "",
            None,
            Request {
                limit: Some(limit),
                max_rows: 10,
                ..all()
            },
        );
        assert_eq!(few.rows, whole.rows[..whole.rows.len().min(limit as usize)]);
    }
    let config = config_of(&mapping("", PLAIN), "{}", &host).unwrap();
    let error = read(
        &host,
        config,
        Request {
            columns: Some(vec!["ammount".to_owned()]),
            ..all()
        },
    )
    .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.detail.as_deref()),
        ("unknown-column", Some("did you mean `amount`?"))
    );
}

#[test]
fn steps_are_bounded() {
    let host = Folder::with("a.csv", format!("{HEAD}{}", lines(0, 30_000)));
    let got = read_on(
        &host,
        "",
        None,
        Request {
            max_bytes: 10_000,
            ..all()
        },
    );
    assert!(
        got.largest_step_bytes < 20_000,
        "{}",
        got.largest_step_bytes
    );
}

#[test]
fn a_state_that_is_none() {
    for (version, bytes) in [
        (1, b"{}".as_slice()),
        (STATE_VERSION, b"nonsense"),
        (STATE_VERSION, b"{\"n\":\"a.csv\"}"),
    ] {
        assert_eq!(
            FileState::decode(version, bytes).unwrap_err().code,
            "bad-checkpoint"
        );
    }
}
