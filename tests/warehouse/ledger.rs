//! The send ledger and approvals.

use tsugi::diagnostic::Explain as _;
use tsugi::name::RunId;
use tsugi::warehouse::people::decisions::{decide, decisions};
use tsugi::warehouse::{
    Decision, Intended, Intent, LastAttempt, MessageKey, Outcome, Verdict, Warehouse,
};

use super::Folder;

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

fn outcomes(attempts: Vec<Option<LastAttempt>>) -> Vec<Option<Option<Outcome>>> {
    let outcome = |attempt: Option<LastAttempt>| attempt.map(|attempt| attempt.outcome);
    attempts.into_iter().map(outcome).collect()
}

#[tokio::test]
async fn the_ledger_lets_no_message_go_twice() {
    let folder = Folder::new("ledger");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let (ledger, run) = (warehouse.ledger(), RunId::new());
    let claim = warehouse.claim("deliver").await.unwrap();
    let batch = [
        message("花子", "h1", run, 0),
        message("Anna", "h2", run, 0),
        message("Beat", "h3", run, 1),
    ];
    assert_eq!(
        ledger.intend(&claim, &batch).await.unwrap(),
        [Intended::New, Intended::New, Intended::New]
    );
    let receipts = [
        (batch[0].key.clone(), Outcome::Accepted, "id 1".to_owned()),
        (
            batch[1].key.clone(),
            Outcome::Failed,
            "no such mailbox".to_owned(),
        ),
    ];
    ledger.receipt(&claim, &receipts).await.unwrap();
    ledger.receipt(&claim, &receipts).await.unwrap();

    // The process dies here; another one opens the same folder.
    drop(claim);
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let (ledger, again) = (warehouse.ledger(), RunId::new());
    let claim = warehouse.claim("deliver").await.unwrap();
    let keys = batch.iter().map(|message| &message.key);
    assert_eq!(
        outcomes(ledger.attempts(keys).await.unwrap()),
        [
            Some(Some(Outcome::Accepted)),
            Some(Some(Outcome::Failed)),
            Some(None)
        ]
    );
    assert_eq!(ledger.open_intents(None).await.unwrap().len(), 1);
    assert_eq!(
        ledger.open_intents(None).await.unwrap()[0].key,
        batch[2].key
    );
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
    assert!(
        matches!(&answers[4], Intended::Open(open) if open.run == run.to_string() && open.sequence == 1)
    );

    let error = ledger
        .receipt(
            &claim,
            &[(retried[0].key.clone(), Outcome::Failed, String::new())],
        )
        .await
        .unwrap_err();
    assert_eq!(error.code(), "warehouse::receipt-differs");
    let stranger = message("Nobody", "h", run, 0).key;
    let both = [
        (batch[2].key.clone(), Outcome::Accepted, "told".to_owned()),
        (stranger, Outcome::Accepted, String::new()),
    ];
    assert_eq!(
        ledger.receipt(&claim, &both).await.unwrap_err().code(),
        "warehouse::no-intent"
    );
    assert_eq!(
        ledger.open_intents(None).await.unwrap().len(),
        2,
        "one bad receipt writes none"
    );
    ledger.receipt(&claim, &both[..1]).await.unwrap();
    assert_eq!(ledger.open_intents(None).await.unwrap().len(), 1);

    let asked = |verdict, review: &str, by: &str| Decision {
        at: String::new(),
        verdict,
        review: review.to_owned(),
        about: "a text for everyone".to_owned(),
        by: by.to_owned(),
        login: "mika".to_owned(),
        to: None,
        note: "read it twice".to_owned(),
    };
    for (verdict, by) in [(Verdict::Approve, "Mika"), (Verdict::Reject, "Jonas")] {
        decide(&warehouse, &asked(verdict, "h1", by)).await.unwrap();
    }
    decide(&warehouse, &asked(Verdict::Approve, "h2", "Mika"))
        .await
        .unwrap();
    let recorded = decisions(&warehouse, Some("h1")).await.unwrap();
    let told: Vec<_> = recorded
        .iter()
        .map(|told| (told.verdict, told.by.as_str()))
        .collect();
    assert_eq!(
        told,
        [(Verdict::Approve, "Mika"), (Verdict::Reject, "Jonas")],
        "no word of theirs is lost, and the last one comes last"
    );
    assert_eq!(decisions(&warehouse, None).await.unwrap().len(), 3);
}
