//! The send ledger and approvals.

use tsugi_care::store::decisions::{Decision, Verdict};
use tsugi_care::store::decisions::{load_decisions, record_decision};
use tsugi_core::diagnostic::Explain as _;
use tsugi_core::name::RunId;
use tsugi_pipeline::store::{
    Intended, Intent, LastAttempt, LedgerKey, MessageKey, Outcome, RecordKey, Warehouse,
};

use super::Folder;
use crate::support::alter;

fn message(customer: &str, content: &str, run: RunId, sequence: u32) -> Intent {
    let key = MessageKey {
        incident: "sole crack".into(),
        customer: customer.into(),
        template_version: "apology@2".into(),
    };
    Intent {
        key: key.into(),
        content_hash: content.into(),
        run,
        sequence,
    }
}

/// How attempts ended.
fn outcomes(attempts: &[Option<LastAttempt>]) -> Vec<Option<Option<Outcome>>> {
    let attempts = attempts.iter();
    attempts
        .map(|attempt| attempt.as_ref().map(|attempt| attempt.outcome))
        .collect()
}

#[tokio::test]
async fn a_record_is_sent_again_only_when_its_content_has_changed() {
    let folder = Folder::new("ledger-records");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let (ledger, run) = (warehouse.ledger().await.unwrap(), RunId::new());
    let claim = warehouse.claim("deliver").await.unwrap();
    let record = |delivery: &str, content: &str| Intent {
        key: RecordKey::new(delivery, &[("account".to_owned(), "A-1".to_owned())].into()).into(),
        content_hash: content.into(),
        run,
        sequence: 0,
    };
    let one = record("accounts", "h1");
    let accepted = [(one.key.clone(), Outcome::Accepted, "ok".to_owned())];
    let intend = async |intent: Intent| ledger.intend(&claim, &[intent]).await.unwrap().remove(0);
    assert_eq!(intend(one.clone()).await, Intended::New);
    assert!(matches!(intend(one.clone()).await, Intended::Open(_)));
    ledger.receipt(&claim, &accepted).await.unwrap();
    assert!(matches!(intend(one.clone()).await, Intended::Already(_)));
    assert_eq!(intend(record("others", "h1")).await, Intended::New);
    // Another content replaces the first, and the first replaces that one again.
    for content in ["h2", "h1"] {
        assert_eq!(intend(record("accounts", content)).await, Intended::New);
        assert!(matches!(
            intend(record("accounts", "h3")).await,
            Intended::ContentDiffers { .. }
        ));
        ledger.receipt(&claim, &accepted).await.unwrap();
    }
    let open = ledger.open_intents(None).await.unwrap();
    let keys: Vec<LedgerKey> = open.into_iter().map(|intent| intent.key).collect();
    assert_eq!(keys, [record("others", "h1").key]);
    assert_eq!(keys[0].to_string(), "account = A-1");
}

#[tokio::test]
async fn a_ledger_from_before_there_were_records_is_read_and_takes_some() {
    let folder = Folder::new("ledger-old");
    let run = RunId::new();
    let old = message("Anna", "h1", run, 0);
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let claim = warehouse.claim("deliver").await.unwrap();
    let old = [old];
    warehouse
        .ledger()
        .await
        .unwrap()
        .intend(&claim, &old)
        .await
        .unwrap();
    drop((claim, warehouse));
    alter(
        &folder.0,
        "ledger/ledger.sqlite",
        "DROP TABLE record_intent",
    )
    .await;

    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let open = warehouse
        .ledger()
        .await
        .unwrap()
        .open_intents(None)
        .await
        .unwrap();
    assert_eq!(open[0].key, old[0].key);
    let claim = warehouse.claim("deliver").await.unwrap();
    let record = Intent {
        key: RecordKey::new(
            "accounts",
            &[("account".to_owned(), "A-1".to_owned())].into(),
        )
        .into(),
        ..old[0].clone()
    };
    let answers = warehouse
        .ledger()
        .await
        .unwrap()
        .intend(&claim, &[record])
        .await
        .unwrap();
    assert_eq!(answers, [Intended::New]);
}

/// A ledger that a process left behind: one message accepted, one that failed, one without a receipt.
async fn left_behind(folder: &Folder) -> [Intent; 3] {
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let (ledger, run) = (warehouse.ledger().await.unwrap(), RunId::new());
    let claim = warehouse.claim("deliver").await.unwrap();
    let batch = [
        message("花子", "h1", run, 0),
        message("Anna", "h2", run, 0),
        message("Beat", "h3", run, 1),
    ];
    let answers = ledger.intend(&claim, &batch).await.unwrap();
    assert_eq!(answers, [Intended::New, Intended::New, Intended::New]);
    let receipt =
        |at: usize, outcome, detail: &str| (batch[at].key.clone(), outcome, detail.into());
    let receipts = [
        receipt(0, Outcome::Accepted, "id 1"),
        receipt(1, Outcome::Failed, "no such mailbox"),
    ];
    ledger.receipt(&claim, &receipts).await.unwrap();
    ledger.receipt(&claim, &receipts).await.unwrap();
    batch
}

#[tokio::test]
async fn the_ledger_lets_no_message_go_twice() {
    let folder = Folder::new("ledger");
    let batch = left_behind(&folder).await;
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let (ledger, again) = (warehouse.ledger().await.unwrap(), RunId::new());
    let claim = warehouse.claim("deliver").await.unwrap();
    let keys = batch.iter().map(|message| &message.key);
    assert_eq!(
        outcomes(&ledger.attempts(keys).await.unwrap()),
        [
            Some(Some(Outcome::Accepted)),
            Some(Some(Outcome::Failed)),
            Some(None)
        ]
    );
    let open = ledger.open_intents(None).await.unwrap();
    let open: Vec<_> = open.iter().map(|intent| &intent.key).collect();
    assert_eq!(open, [&batch[2].key]);
    let retried = [
        message("花子", "h1", again, 0),
        message("花子", "other", again, 0),
        message("Anna", "corrected", again, 0),
        message("Anna", "corrected", again, 0),
        message("Beat", "h3", again, 0),
    ];
    let answers = ledger.intend(&claim, &retried).await.unwrap();
    assert!(matches!(&answers[0], Intended::Already(receipt) if receipt.detail == "id 1"));
    assert!(
        matches!(&answers[1], Intended::ContentDiffers { recorded } if recorded.content_hash == "h1")
    );
    assert_eq!(
        answers[2],
        Intended::New,
        "what certainly did not leave may be tried again"
    );
    assert!(
        matches!(&answers[3], Intended::Open(_)),
        "the same message twice in one batch"
    );
    let first = batch[2].run.to_string();
    assert!(matches!(&answers[4], Intended::Open(open) if open.run == first && open.sequence == 1));
}

#[tokio::test]
async fn a_receipt_fits_its_intent_and_a_bad_one_writes_none() {
    let folder = Folder::new("ledger-receipts");
    let batch = left_behind(&folder).await;
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let (ledger, claim) = (
        warehouse.ledger().await.unwrap(),
        warehouse.claim("deliver").await.unwrap(),
    );
    let differs = [(batch[0].key.clone(), Outcome::Failed, String::new())];
    let stranger = message("Stranger", "h", RunId::new(), 0).key;
    let both = [
        (batch[2].key.clone(), Outcome::Accepted, "twice".to_owned()),
        (stranger, Outcome::Accepted, String::new()),
    ];
    for (receipts, code) in [
        (&differs[..], "warehouse::receipt-differs"),
        (&both, "warehouse::no-intent"),
    ] {
        let refused = ledger.receipt(&claim, receipts).await.unwrap_err();
        assert_eq!(refused.code(), code);
        assert_eq!(ledger.open_intents(None).await.unwrap().len(), 1, "{code}");
    }
    ledger.receipt(&claim, &both[..1]).await.unwrap();
    assert_eq!(ledger.open_intents(None).await.unwrap(), []);
}

#[tokio::test]
async fn no_decision_is_lost_and_the_last_one_comes_last() {
    let folder = Folder::new("ledger-decisions");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    for (verdict, review, by) in [
        (Verdict::Approve, "h1", "Mika"),
        (Verdict::Reject, "h1", "Jonas"),
        (Verdict::Approve, "h2", "Mika"),
    ] {
        let decision = Decision {
            at: String::new(),
            verdict,
            review: review.to_owned(),
            about: "a text for everyone".to_owned(),
            by: by.to_owned(),
            login: "mika".to_owned(),
            to: None,
            note: "read it twice".to_owned(),
        };
        record_decision(&warehouse, &decision).await.unwrap();
    }
    let recorded = load_decisions(&warehouse, Some("h1")).await.unwrap();
    let decisions: Vec<_> = recorded
        .iter()
        .map(|decision| (decision.verdict, decision.by.as_str()))
        .collect();
    assert_eq!(
        decisions,
        [(Verdict::Approve, "Mika"), (Verdict::Reject, "Jonas")]
    );
    assert_eq!(load_decisions(&warehouse, None).await.unwrap().len(), 3);
}
