//! The approved library: locked texts, open fields, pictures, and the parts of a recall.

#![allow(clippy::unwrap_used)]

mod common;

use common::{
    AD_BODY, Case, NOTICE_BODY, RECALL_PARTS, case, changed, expect, recall, relock, template,
};

/// An advertisement whose partner may fill in a greeting and the sender.
fn opened(value: &str) -> Case {
    let mut case = case("advertisement").rule("image_domain", "morihane.example");
    let body = format!("{AD_BODY}{{% if greeting %}}\n{{{{ greeting }}}}{{% endif %}}");
    let row = changed(
        &template("news", "advertisement", "en", &body),
        "open",
        "greeting:40 sender:30",
    );
    case.templates = vec![relock(&row)];
    if !value.is_empty() {
        case.open_fields = vec![format!("partner=ST-SAP|field=greeting|value={value}")];
    }
    case
}

#[test]
fn an_open_field_is_filled_by_the_partner_and_a_locked_text_by_no_one() {
    let plain = opened("").one();
    expect(&plain, "send", &[]);
    assert_eq!(plain.get("sender"), Some("Morihane Care"));
    let mut filled = opened("We are at the station square.");
    filled
        .open_fields
        .push("partner=ST-SAP|field=sender|value=Morihane Sapporo".into());
    let message = filled.one();
    expect(&message, "send", &[]);
    assert!(message.body().contains("We are at the station square."));
    assert!(message.body().contains("Morihane Sapporo, Federweg 1"));
    assert_eq!(message.get("sender"), Some("Morihane Sapporo"));
    assert!(
        message
            .get("fields_used")
            .unwrap()
            .contains("greeting=brand")
    );
    assert_ne!(message.get("content_hash"), plain.get("content_hash"));
    filled.templates = vec![filled.templates[0].replace("new colours", "our own colours")];
    expect(&filled.one(), "suppress", &["template-changed"]);
    let other = filled.clone().person("owner", "ST-YOK").one();
    assert!(
        !other.body().contains("station square"),
        "a partner's words go to their own customers"
    );
    let mut region = opened("");
    region.open_fields = vec!["partner=JP|field=greeting|value=Open all week in Japan.".into()];
    assert!(region.one().body().contains("Open all week in Japan."));
    let abroad = region.clone().person("country", "CH");
    assert!(!abroad.one().body().contains("Japan"));
    region
        .open_fields
        .push("partner=ST-SAP|field=greeting|value=Closed on Tuesdays.".into());
    assert!(region.one().body().contains("Closed on Tuesdays."));
}

#[test]
fn what_is_open_stays_within_its_limits() {
    let long = "x".repeat(41);
    for (value, code) in [
        (long.as_str(), "open-field-too-long"),
        ("see https://other.example/a.png", "foreign-domain"),
        (
            "see https://morihane.example.evil.example/",
            "foreign-domain",
        ),
        (
            "see https://morihane.example@evil.example",
            "foreign-domain",
        ),
        ("I know of your injury.", "health-word"),
        ("お怪我はいかがですか", "health-word"),
        ("two\nlines", "unsafe-field"),
    ] {
        let message = opened(value).one();
        let decision = if code == "unsafe-field" {
            "review"
        } else {
            "suppress"
        };
        expect(&message, decision, &[code]);
        assert_eq!(message.get("body"), None, "{value}");
    }
    expect(&opened("{{ name }} {% if x %}").one(), "send", &[]);
    assert!(
        opened("{{ name }}").one().body().contains("{{ name }}"),
        "what a partner writes is never a template"
    );
    expect(
        &opened("at https://s.morihane.example/sap").one(),
        "send",
        &[],
    );
    expect(
        &opened("the best guarantee")
            .rule("restricted", "guarantee")
            .one(),
        "suppress",
        &["restricted-word"],
    );
    let crowd = opened("only for you").crowd(6);
    assert!(
        crowd
            .run()
            .iter()
            .all(|message| message.has("exclusive-wording"))
    );
    let closed = opened("").target("greeting", "from the data").one();
    assert!(
        !closed.body().contains("from the data"),
        "an open field is the partner's alone"
    );
}

#[test]
fn the_value_that_names_the_most_is_taken() {
    let mut case = opened("everywhere");
    case.open_fields
        .push("partner=ST-SAP|field=greeting|value=this text|template_id=news".into());
    case.open_fields
        .push("partner=ST-SAP|field=greeting|value=another|template_id=other".into());
    case.open_fields
        .push("partner=ST-SAP|field=greeting|value=deutsch|template_id=news|language=de".into());
    assert!(case.one().body().contains("this text"));
    case.open_fields
        .push("partner=ST-SAP|field=greeting|value=two|template_id=news".into());
    assert_eq!(case.try_run().unwrap_err().code, "open-field-twice");
    case.open_fields = vec![
        "partner=ST-SAP|field=greeting".into(),
        "partner=ST-SAP|field=greeting|value=x".into(),
    ];
    assert_eq!(case.try_run().unwrap_err().code, "open-field-incomplete");
}

#[test]
fn pictures_lie_on_allowed_domains_and_the_logo_is_the_right_one() {
    let hash = "ab".repeat(32);
    let base = |width: &str, sha: &str, url: &str| {
        let mut case = case("advertisement")
            .rule("image_domain", "images.morihane.example")
            .rule("logo_sha256", &hash)
            .rule("logo_width_min_px", "320");
        let row = changed(
            &template("news", "advertisement", "en", AD_BODY),
            "logo",
            url,
        );
        case.templates = vec![relock(&row)];
        case.assets = vec![format!("url={url}|sha256={sha}|width_px={width}")];
        case
    };
    let logo = "https://images.morihane.example/logo.png";
    let good = base("320", &hash, logo).one();
    expect(&good, "send", &[]);
    assert_eq!(good.get("images"), Some(logo));
    expect(&base("319", &hash, logo).one(), "suppress", &["logo-wrong"]);
    expect(&base("", &hash, logo).one(), "suppress", &["logo-wrong"]);
    expect(
        &base("640", &"cd".repeat(32), logo).one(),
        "suppress",
        &["logo-wrong"],
    );
    expect(
        &base("640", &hash, "https://cdn.other.example/logo.png").one(),
        "suppress",
        &["foreign-domain"],
    );
    let mut unmeasured = base("640", &hash, logo);
    unmeasured.assets =
        vec!["url=https://images.morihane.example/other.png|sha256=x|width_px=1".into()];
    expect(&unmeasured.one(), "suppress", &["logo-wrong"]);
    let mut inside = case("advertisement").rule("image_domain", "images.morihane.example");
    let with = |url: &str| {
        relock(&template(
            "news",
            "advertisement",
            "en",
            &format!("{AD_BODY}\n<img src=\"{url}\">"),
        ))
    };
    inside.templates = vec![with("https://images.morihane.example/a.jpg?w=2")];
    expect(&inside.one(), "send", &[]);
    inside.templates = vec![with("https://elsewhere.example/a.jpg?w=2")];
    expect(&inside.one(), "suppress", &["foreign-domain"]);
}

#[test]
fn a_recall_has_every_part_and_its_heading() {
    let with = |body: &str, subject: &str| {
        let mut case = case("safety_recall");
        let row = changed(&recall(""), "body", body);
        case.templates = vec![relock(&changed(&row, "subject", subject))];
        case.one()
    };
    let whole = format!("{RECALL_PARTS}{NOTICE_BODY}");
    let subject = "Product safety recall: your shoes";
    expect(&with(&whole, subject), "send", &[]);
    for part in [
        "heading", "product", "hazard", "action", "share", "remedy", "contact", "reply", "scope",
        "cause",
    ] {
        let without = whole.replace(&format!("block {part} "), "block other ");
        let message = with(&without, subject);
        expect(&message, "review", &["missing-part", "alert"]);
        assert!(message.reasons().contains(part), "{}", message.reasons());
    }
    expect(&with(&whole, "Your shoes"), "review", &["missing-part"]);
    expect(
        &with(&whole.replace("Product safety recall", "News"), subject),
        "review",
        &["missing-part"],
    );
    for word in [
        "voluntary",
        "precautionary",
        "As a Precaution",
        "自主的",
        "念のため",
        "freiwillige",
        "vorsorglich",
        "no injuries have been reported",
    ] {
        let message = with(&whole.replace("at once", word), subject);
        expect(&message, "review", &["softened-risk", "alert"]);
    }
    expect(&case("service_notice").one(), "send", &[]);
    let notice = NOTICE_BODY.replace("Dear", "As a precaution, dear");
    let mut service = case("service_notice");
    service.templates = vec![template("notice", "service_notice", "en", &notice)];
    expect(&service.one(), "send", &[]);
}

#[test]
fn the_author_of_a_text_does_not_approve_it() {
    let by = |writer: &str, approver: &str| {
        let mut case = case("service_notice");
        case.templates = vec![changed(
            &changed(&case.templates[0], "written_by", writer),
            "approved_by",
            approver,
        )];
        case.one()
    };
    expect(&by("Mika Sato", "Nora Lindqvist"), "send", &[]);
    expect(
        &by("Mika Sato", "Mika Sato"),
        "review",
        &["template-unapproved"],
    );
}

#[test]
fn health_and_what_people_wrote_to_us_are_never_a_field() {
    let with = |name: &str, value: &str| {
        let mut case = case("service_notice").target(name, value);
        let row = template(
            "notice",
            "service_notice",
            "en",
            &format!("{NOTICE_BODY} {{{{ {name} }}}}"),
        );
        case.templates = vec![relock(&changed(
            &row,
            "fields",
            &format!("{name}=contract"),
        ))];
        case.one()
    };
    for name in ["ticket_text", "health", "complaint", "diagnosis"] {
        let message = with(name, "x");
        expect(&message, "review", &["field-not-permitted"]);
        assert_eq!(message.get("body"), None);
    }
    for value in ["after her knee surgery", "Verletzung am Fuss", "妊娠中"] {
        let message = with("note", value);
        expect(&message, "review", &["health-word"]);
        assert_eq!(message.get("body"), None);
    }
    expect(&with("note", "size 42"), "send", &[]);
}

#[test]
fn an_address_found_by_comparing_records_is_never_written_to() {
    for purpose in ["safety_recall", "service_notice", "advertisement"] {
        let message = case(purpose).person("address_from", "match 0.97").one();
        expect(&message, "suppress", &["no-address"]);
        assert_eq!(message.get("address"), None);
        expect(
            &case(purpose).person("address_from", "order").one(),
            "send",
            &[],
        );
    }
}

#[test]
fn a_recall_goes_by_another_address_on_file_where_the_preferred_one_is_missing() {
    let several = |purpose: &str, rows: &[(&str, &str)]| {
        let mut several = case(purpose).person("preferred_channel", "post");
        let first = several.persons[0].clone();
        several.persons = rows
            .iter()
            .map(|(channel, address)| {
                changed(&changed(&first, "channel", channel), "address", address)
            })
            .collect();
        several.one()
    };
    let post = ("post", "");
    let (mail, phone) = (("email", "aiko@mail.example"), ("sms", "+81 90 0000 0000"));
    let message = several("safety_recall", &[post, mail, phone]);
    expect(&message, "send", &["other-channel"]);
    assert_eq!(message.get("address"), Some("aiko@mail.example"));
    let message = several("safety_recall", &[post, ("email", "no address"), phone]);
    assert_eq!(message.get("channel"), Some("sms"));
    // What is preferred goes first, where it can go at all.
    let home = ("post", "Aiko Mori\n1-2-3 Kita, Sapporo");
    let message = several("safety_recall", &[home, mail, phone]);
    assert_eq!(message.get("channel"), Some("post"));
    assert!(!message.has("other-channel"));
    // Two mail addresses are no address: which one is the buyer's?
    let message = several("safety_recall", &[post, mail, ("email", "a@b.example")]);
    expect(&message, "suppress", &["no-address"]);
    // Nothing but a danger goes past the wish.
    for purpose in ["service_notice", "advertisement"] {
        let message = several(purpose, &[post, mail, phone]);
        expect(&message, "suppress", &["no-address"]);
    }
}

#[test]
fn an_sms_has_its_own_text_and_is_counted_in_segments() {
    let long = case("service_notice")
        .person("channel", "sms")
        .person("address", "+81 90 0000 0000")
        .target("product", &"Yama ".repeat(40))
        .rule("sms_segments_max", "1");
    let message = long.one();
    expect(&message, "review", &["sms-too-long"]);
    assert!(message.reasons().contains("segments, more than 1"));
    let mut short = long;
    let body = "{% block scope %}Your pair.{% endblock %} {% block cause %}Sole.{% endblock %} {% block remedy %}{{ remedy }}{% endblock %} {% block contact %}{{ contact }}{% endblock %} {% block reply %}Answer.{% endblock %}";
    let row = template("notice", "service_notice", "en", body);
    short
        .templates
        .push(relock(&format!("{row}|channel=sms|certainty=certain")));
    let message = short.one();
    expect(&message, "send", &["sms-segments"]);
    assert!(
        message.reasons().contains("this SMS takes 1 segment;")
            || message.reasons().ends_with("this SMS takes 1 segment")
    );
    assert!(message.body().ends_with("Answer."));
    // Another channel never gets that text.
    let mail = short
        .person("channel", "email")
        .person("address", "a@b.example")
        .one();
    assert!(mail.body().starts_with("Dear"));
    assert!(!mail.has("sms-segments"));
}
