//! Templates, fields and wording: what may be in a message, and what stops it.

mod common;

use common::{AD_BODY, NOTICE_BODY, case, changed, expect, lock, relock, template};

/// The service notice with another body, locked and approved.
fn notice(body: &str) -> common::Case {
    let mut case = case("service_notice");
    case.templates = vec![template("notice", "service_notice", "en", body)];
    case
}

#[test]
fn the_words_are_put_in_and_the_fields_are_listed() {
    let message = case("service_notice").one();
    let body = message.body();
    assert_eq!(
        body,
        "Dear Aiko Mori,\n\nYour Yama Low is affected.\nA fault in the sole.\nChoose: a new pair or your money back.\nNora Lindqvist\nAnswer this message."
    );
    assert_eq!(
        message.get("fields_used").unwrap(),
        "contact=brand, name=contract, possible=contract, product=contract, remedy=contract"
    );
    assert_eq!(message.get("owner"), Some("ST-SAP"));
}

#[test]
fn possible_buyers_read_that_it_is_only_possible() {
    let message = case("service_notice").target("certainty", "possible").one();
    expect(&message, "send", &[]);
    assert!(message.body().contains("may be affected"));
    let flat = NOTICE_BODY.replace("{% if possible %}may be{% else %}is{% endif %}", "is");
    expect(
        &notice(&flat).target("certainty", "possible").one(),
        "review",
        &["no-possible-wording"],
    );
    expect(&notice(&flat).one(), "send", &[]);
    let mut variants = notice(&flat);
    variants.templates.push(lock(
        &changed(
            &template(
                "notice",
                "service_notice",
                "en",
                &flat.replace("is affected", "may be affected"),
            ),
            "certainty",
            "possible",
        )
        .replace("locked_hash", "old_hash"),
    ));
    let message = variants.target("certainty", "possible").one();
    expect(&message, "send", &[]);
    assert!(message.body().contains("may be affected"));
}

#[test]
fn an_order_that_is_only_possible_is_not_called_certain() {
    let mut both = case("service_notice");
    both.targets.push(changed(
        &changed(&both.targets[0], "certainty", "possible"),
        "order_id",
        "O-2",
    ));
    both.targets[1] = changed(&both.targets[1], "product", "Umi High");
    let message = both.one();
    expect(&message, "review", &["also-possible"]);
    assert!(!message.body().contains("Umi High"));
    assert_eq!(message.get("certainty"), Some("certain"));
}

#[test]
fn languages_fall_back_with_a_reason_or_wait() {
    expect(
        &case("service_notice").person("language", "fr").one(),
        "send",
        &["language-fallback"],
    );
    expect(
        &case("service_notice").person("language", "").one(),
        "send",
        &["language-assumed"],
    );
    expect(
        &case("service_notice")
            .person("language", "fr")
            .option("default_language", "it")
            .one(),
        "review",
        &["no-template"],
    );
    let mut japan = case("service_notice")
        .person("language", "")
        .option("country_languages", "JP=ja, DE=de");
    japan
        .templates
        .push(template("notice", "service_notice", "ja", NOTICE_BODY));
    let message = japan.one();
    expect(&message, "send", &["language-assumed"]);
    assert_eq!(message.get("language"), Some("ja"));
    let regional = case("service_notice").person("language", "en-GB").one();
    expect(&regional, "send", &[]);
    assert!(!regional.has("language-fallback"));
}

#[test]
fn nothing_blank_is_ever_printed() {
    expect(
        &case("service_notice").target("remedy", "").one(),
        "review",
        &["missing-field"],
    );
    expect(
        &case("service_notice").target("remedy", "   ").one(),
        "review",
        &["missing-field"],
    );
    expect(
        &case("service_notice").person("name", "").one(),
        "review",
        &["missing-field"],
    );
    assert_eq!(
        case("service_notice").person("name", "").one().get("body"),
        None
    );
    let body = format!("{NOTICE_BODY} Size: {{{{ size }}}}");
    let mut optional = notice(&body);
    optional.templates = vec![lock(
        &changed(&optional.templates[0], "fields", "size?=contract")
            .replace("locked_hash", "old_hash"),
    )];
    expect(&optional.one(), "review", &["missing-field"]);
    expect(&optional.clone().target("size", "42").one(), "send", &[]);
    let tested = body.replace(
        "Size: {{ size }}",
        "{% if size %}Size: {{ size }}{% endif %}",
    );
    optional.templates = vec![lock(
        &changed(
            &template("notice", "service_notice", "en", &tested),
            "fields",
            "size?=contract",
        )
        .replace("locked_hash", "old_hash"),
    )];
    expect(&optional.one(), "send", &[]);
}

#[test]
fn fields_reach_a_message_only_if_declared_and_permitted() {
    let with = |name: &str, fields: &str| {
        let mut case = notice(&format!("{NOTICE_BODY} {{{{ {name} }}}}")).target(name, "x");
        case.templates = vec![lock(
            &changed(&case.templates[0], "fields", fields).replace("locked_hash", "old_hash"),
        )];
        case.one()
    };
    expect(&with("size", ""), "review", &["field-undeclared"]);
    expect(&with("size", "size=contract"), "send", &[]);
    expect(
        &with("size", "size=consent"),
        "review",
        &["field-not-permitted"],
    );
    for never in ["supplier_name", "value_class", "health_note", "sentiment"] {
        let message = with(never, &format!("{never}=contract"));
        expect(&message, "review", &["field-not-permitted"]);
        assert_eq!(message.get("body"), None);
    }
    let mut ad = case("advertisement");
    ad.templates = vec![template(
        "news",
        "advertisement",
        "en",
        &format!("{AD_BODY} {{{{ order_id }}}}"),
    )];
    expect(&ad.one(), "suppress", &["field-not-permitted"]);
    expect(
        &notice(&NOTICE_BODY.replace("A fault", "{{ cause }}"))
            .target("cause", "glue")
            .one(),
        "review",
        &["cause-unconfirmed"],
    );
    expect(
        &notice(&NOTICE_BODY.replace("A fault", "{{ cause }}"))
            .target("cause", "glue")
            .target("cause_confirmed_by", "N. Lindqvist")
            .one(),
        "send",
        &[],
    );
    expect(
        &case("service_notice").person("name", "Aiko\nBcc: x").one(),
        "review",
        &["unsafe-field"],
    );
}

#[test]
fn a_cause_is_named_once_a_person_has_confirmed_it_and_in_the_words_of_the_language() {
    let body = NOTICE_BODY.replace(
        "A fault in the sole.",
        "{% if cause %}Confirmed: {{ cause }}{% else %}We are still looking into it.{% endif %}",
    );
    let unconfirmed = |language: &str| {
        let mut case = notice(&body);
        case.templates = ["en", "de"]
            .map(|own| {
                let row = template("notice", "service_notice", own, &body);
                relock(&changed(&row, "fields", "cause?=contract"))
            })
            .to_vec();
        let case = case.person("language", language);
        let case = case.target("cause_en", "weak glue.");
        case.target("cause_de", "schwacher Leim.")
    };
    let open = unconfirmed("en").one();
    expect(&open, "send", &[]);
    assert!(open.body().contains("still looking"), "{}", open.body());
    assert!(!open.body().contains("glue"), "it is not confirmed");

    let confirmed =
        |language: &str| unconfirmed(language).target("cause_confirmed_by", "N. Lindqvist");
    for (language, words) in [("en", "weak glue."), ("de", "schwacher Leim.")] {
        let message = confirmed(language).one();
        expect(&message, "send", &[]);
        let expected = format!("Confirmed: {words}");
        assert!(message.body().contains(&expected), "{}", message.body());
        let used = message.get("fields_used").unwrap();
        assert!(used.contains("cause=contract"), "{used}");
    }
    // Confirmed, and no words in the language of the text: that is for a person.
    let wordless = confirmed("en").target("cause_en", "").one();
    expect(&wordless, "review", &["missing-field"]);
}

#[test]
fn required_parts_must_have_words() {
    for part in ["scope", "cause", "remedy", "contact", "reply"] {
        let body = NOTICE_BODY.replace(&format!("block {part} "), "block other ");
        expect(&notice(&body).one(), "review", &["missing-part"]);
    }
    let mut ad = case("advertisement");
    ad.templates = vec![template(
        "news",
        "advertisement",
        "en",
        &AD_BODY.replace("{{ sender_address }}", ""),
    )];
    expect(&ad.one(), "suppress", &["missing-part"]);
    ad.templates = vec![changed(
        &template("news", "advertisement", "en", AD_BODY),
        "refusal_link",
        "",
    )];
    expect(
        &ad.one(),
        "suppress",
        &["missing-field", "template-changed"],
    );
}

#[test]
fn only_the_approved_and_unchanged_text_goes_alone() {
    let with = |name: &str, value: &str| {
        let mut case = notice(NOTICE_BODY);
        case.templates = vec![changed(&case.templates[0], name, value)];
        case
    };
    expect(
        &with("approved", "false").one(),
        "review",
        &["template-unapproved"],
    );
    expect(
        &with("locked_hash", "").one(),
        "review",
        &["template-unlocked"],
    );
    expect(
        &with("contact", "Somebody Else").one(),
        "review",
        &["template-changed"],
    );
    expect(&with("version", "2").one(), "review", &["template-changed"]);
    let mut fresh = case("service_notice");
    fresh.history.clear();
    expect(&fresh.one(), "review", &["new-template"]);
    let mut two = notice(NOTICE_BODY);
    two.templates
        .push(template("other", "service_notice", "en", NOTICE_BODY));
    expect(&two.one(), "review", &["template-ambiguous"]);
    expect(&two.target("template_id", "notice").one(), "send", &[]);
    let mut newer = notice(NOTICE_BODY);
    newer.templates.push(changed(
        &changed(&newer.templates[0], "version", "2"),
        "approved",
        "false",
    ));
    assert_eq!(
        newer.one().get("template_version"),
        Some("1"),
        "an approved text before a newer draft"
    );
    let mut twice = notice(NOTICE_BODY);
    twice
        .templates
        .push(changed(&twice.templates[0], "contact", "Somebody Else"));
    assert_eq!(twice.try_run().unwrap_err().code, "template-twice");
}

#[test]
fn a_broken_or_endless_template_never_stops_the_others() {
    let loops = "{% for a in remedy %}".repeat(4) + "x" + &"{% endfor %}".repeat(4);
    let endless = format!("{loops}{NOTICE_BODY}");
    for (body, why) in [
        ("{{ name", "line 1"),
        ("{% include 'body' %}", "recursion"),
        ("{% if %}", "line 1"),
        (endless.as_str(), "fuel"),
        ("{{ name.x.y }}", "line 1"),
        ("{% filter upper %}x{% endfilter %}", "upper"),
    ] {
        let message = notice(body).one();
        let reasons = message.reasons();
        assert_eq!(message.decision(), "review", "{body}: {reasons}");
        assert_eq!(message.get("body"), None, "{body}");
        assert!(reasons.contains(why), "{body}: {reasons}");
    }
}

#[test]
fn words_that_must_not_be_said_are_found() {
    let mut named =
        notice(&NOTICE_BODY.replace("A fault in the sole", "Soles by ＫＩＴＡ　Rubber"));
    named.forbidden = vec![
        "word=Kita Rubber".into(),
        "word=ole".into(),
        "word=北ゴム".into(),
    ];
    let message = named.one();
    expect(&message, "review", &["forbidden-word"]);
    assert_eq!(
        message.reasons().matches("forbidden-word").count(),
        1,
        "'ole' is part of a word"
    );
    let mut recall = case("safety_recall");
    recall.templates = vec![common::recall(
        &NOTICE_BODY.replace("Dear", "As a precaution, dear"),
    )];
    expect(&recall.one(), "review", &["softened-risk", "alert"]);
}
