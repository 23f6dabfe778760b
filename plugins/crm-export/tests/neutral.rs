//! The neutral CRM shape, read through the plugin kit's mock host as the host reads it.

use tsugi_crm_export::CrmExport;
use tsugi_plugin::testing::{MockHost, discover, read_request, read_source};

const REVIEWS: &str = "review_id,platform,author,customer_id,order_id,product_id,country,region,language,rating,text,created_at\n\
    RV-1,Solegazer,a,C-1,SO-1,P-1,JP,Tohoku,ja,1,\"靴底が\n割れた\",2026-01-05\n\
    \n\
    RV-2,Solegazer,b,,,P-1,DE,Berlin,en,five,Fine.,2026-01-06\n\
    RV-3,Schuhforum,c,,,P-1,CH,Zug,de,4,Gut.,2026-01-07T08:30:00+01:00\n\
    RV-4,Schuhforum\n";

fn all_files() -> MockHost {
    let heads = [
        (
            "customers",
            "customer_id,name,email,phone,language,time_zone,country,region,channel,owner,addressable,value_class,created_at",
        ),
        (
            "consents",
            "consent_id,customer_id,purpose,channel,state,at,proof",
        ),
        (
            "sends",
            "send_id,customer_id,channel,purpose,template,sent_at,outcome",
        ),
        (
            "offers",
            "offer_id,customer_id,kind,terms,valid_from,valid_to,partner,campaign",
        ),
        (
            "tickets",
            "ticket_id,customer_id,order_id,product_id,type,status,language,subject,text,needed_by,created_at",
        ),
        (
            "posts",
            "post_id,platform,author,customer_id,product_id,country,region,language,text,created_at",
        ),
        (
            "staff_notes",
            "note_id,store,staff,product_id,country,region,language,text,created_at",
        ),
        (
            "assistant_answers",
            "answer_id,engine,language,question,text,asked_on",
        ),
        (
            "device_signals",
            "signal_id,device_id,customer_id,product_id,signal,value,unit,measured_at",
        ),
        (
            "claims",
            "claim_id,claim,product_id,country,language,text,valid_from,valid_to,spend",
        ),
        ("post_reach", "post_id,measured_at,views,shares"),
        (
            "replies",
            "reply_id,customer_id,order_id,channel,choice,language,text,received_at",
        ),
        (
            "staff_answers",
            "answer_id,store,staff,country,claim,knows,agrees,answered_on",
        ),
        (
            "web_events",
            "event_id,customer_id,channel,event,product_id,country,language,words,happened_at",
        ),
    ];
    let host = MockHost::new()
        .file("exports", "reviews.csv", REVIEWS)
        .chunk_bytes(11);
    heads.iter().fold(host, |host, (name, head)| {
        host.file("exports", &format!("{name}.csv"), format!("{head}\n"))
    })
}

#[test]
fn all_streams_are_listed_and_read() {
    let host = all_files();
    let streams = discover::<CrmExport>("{}", &host).unwrap();
    let names: Vec<&str> = streams.iter().map(|stream| stream.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "assistant_answers",
            "claims",
            "consents",
            "customers",
            "device_signals",
            "offers",
            "post_reach",
            "posts",
            "replies",
            "reviews",
            "sends",
            "staff_answers",
            "staff_notes",
            "tickets",
            "web_events"
        ]
    );
    for stream in &streams {
        let read = read_source::<CrmExport>("{}", read_request(&stream.name), &host).unwrap();
        assert_eq!(
            read.rows.rows(),
            if stream.name == "reviews" { 2 } else { 0 },
            "{}",
            stream.name
        );
        assert_eq!(read.rows.schema().fields(), stream.schema.fields());
        let last: Vec<&str> = stream
            .schema
            .fields()
            .iter()
            .rev()
            .take(2)
            .map(|field| field.name.as_str())
            .collect();
        assert_eq!(last, ["_line", "_file"]);
    }
}

#[test]
fn rows_are_typed_and_rejects_have_places() {
    let host = all_files();
    let mut request = read_request("reviews");
    request.columns = Some(
        ["rating", "text", "created_at", "_line", "_file"]
            .map(str::to_owned)
            .to_vec(),
    );
    let read = read_source::<CrmExport>("{}", request.clone(), &host).unwrap();
    assert_eq!(
        read.rows.json(0),
        r#"{"rating":1,"text":"靴底が\n割れた","created_at":"2026-01-05T00:00:00Z","_line":2,"_file":"reviews.csv"}"#
    );
    assert_eq!(
        read.rows.i64("_line").unwrap().iter().collect::<Vec<_>>(),
        [Some(2), Some(6)]
    );
    let rejects: Vec<_> = host
        .rejects()
        .into_iter()
        .map(|r| (r.line, r.code, r.column))
        .collect();
    assert_eq!(
        rejects,
        [
            (5, "bad-number".into(), Some("rating".into())),
            (7, "too-few-fields".into(), None)
        ]
    );
    assert_eq!(
        host.notices(),
        [(
            "reviews".into(),
            "blank-lines".into(),
            "reviews.csv: 1 blank line(s) passed over".into()
        )]
    );

    request.since = vec![read.checkpoints.last().unwrap().1.clone()];
    request.mode = "incremental".to_owned();
    assert_eq!(
        read_source::<CrmExport>("{}", request, &host)
            .unwrap()
            .rows
            .rows(),
        0
    );
}

#[test]
fn a_missing_export_is_named() {
    let host = MockHost::new().file("exports", "review.csv", REVIEWS);
    let error = discover::<CrmExport>(r#"{"streams": ["reviews"]}"#, &host).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.at.as_deref()),
        ("missing-file", Some("/input"))
    );
    assert!(
        error
            .detail
            .as_ref()
            .unwrap()
            .contains("did you mean `review.csv`?"),
        "{error}"
    );
    let host = MockHost::new().file("exports", "reviews.csv", REVIEWS);
    assert_eq!(
        discover::<CrmExport>(r#"{"streams": ["reviews"]}"#, &host)
            .unwrap()
            .len(),
        1
    );
}
