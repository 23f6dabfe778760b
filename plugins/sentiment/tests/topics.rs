//! The sample pipeline's topic rules on sentences of our own, and the grammar of rules.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

use tsugi_sentiment::topics::{RuleRow, Rules, Scratch};

const SEEDS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../pipelines/great-disconnect/seeds/topic_rules.csv"
);

fn sample_rules() -> Rules {
    let file = std::fs::read_to_string(SEEDS).unwrap();
    assert!(!file.contains('"'), "this test reads no quoted cells");
    let rows: Vec<Vec<&str>> = file
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    let row = |cells: &Vec<&'_ str>| -> usize { cells.len() };
    assert!(rows.iter().all(|cells| row(cells) == 7));
    Rules::new(rows.iter().map(|cells| RuleRow {
        topic: cells[0],
        severity: cells[1],
        lang: cells[2],
        part: cells[3],
        defect: cells[4],
        exclude: cells[5],
        max_gap: cells[6].parse().ok(),
    }))
    .unwrap()
}

/// The topics of a text that are not denied, in order of name.
fn topics(rules: &Rules, text: &str, lang: &str) -> Vec<String> {
    let found = rules.find(text, lang, &mut Scratch::default());
    let mut topics: Vec<String> = found
        .iter()
        .filter(|found| !found.negated)
        .map(|found| found.topic.to_owned())
        .collect();
    topics.sort();
    topics
}

/// Lines of `topic,topic<TAB>text` (no topic: `-`); prints every line that comes out otherwise.
fn check(cases: &str) {
    let rules = sample_rules();
    let mut wrong = 0;
    for line in cases.lines().filter(|line| !line.trim().is_empty()) {
        let (expected, text) = line.trim().split_once(" | ").unwrap();
        let expected: Vec<&str> = expected
            .split(',')
            .map(str::trim)
            .filter(|topic| *topic != "-")
            .collect();
        let found = topics(&rules, text, "");
        if found != expected {
            println!(
                "{text}: expected {expected:?}, found {:#?}",
                rules.find(text, "", &mut Scratch::default())
            );
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0);
}

#[test]
fn japanese_texts() {
    check(
        "sole_crack | 三ヶ月で靴底にひび割れが入りました。
         sole_crack | ｿｰﾙがﾊﾟｯｸﾘ割れてしまい、雨の日は履けません
         sole_crack | アウトソールに亀裂を発見。まだ半年も履いていないのに。
         sole_crack | 底が真っ二つ。こんなに早く割れるとは思いませんでした。
         sole_crack | ヒビが靴の裏に何本も入っている
         sole_crack | 右足のソールのつま先寄りが裂けてきた
         sole_crack | 靴底が割れるなんてありえない
         sole_crack | 箱はきれいでしたが、ソールがひび割れていました
         sole_crack,sole_unglued | ソールが割れて、つま先から剥がれてきた
         sole_crack | 加水分解ではなく、靴底のひび割れだと思います
         - | 一年履いてもソールのひび割れもなく快適です
         - | 靴底に割れはありません
         - | ソールは割れていないし、とても丈夫
         - | ひび割れや剥がれはソールに見られませんでした
         - | ソールが割れたらどうしようと心配でしたが平気でした
         - | 徹底的に検品されているようです
         - | とても気に入りました。また買います。
         hydrolysis | 十年前の靴ですが加水分解で底がボロボロになりました
         hydrolysis | 経年劣化でソールが崩れた
         sole_unglued | つま先のソールがパカパカと剥がれてきた
         sole_unglued | 靴底の接着が弱くて浮いてきました
         box_damaged | 外箱が潰れて届きました。靴は無事です。
         box_damaged | 箱が割れていた
         heel_torn | かかとの内側が破れました
         late_delivery | 注文して三週間たっても届きません
         late_delivery | 配送がとても遅かったです
         - | 配送は早くて助かりました
         wrong_size | 25cmを頼んだのに24cmが来ました
         wrong_size | サイズが違うものが届きました
         refund | 返金をお願いします
         refund | まだ返金されていません",
    );
}

#[test]
fn english_texts() {
    check(
        "sole_crack | The sole cracked after two months.
         sole_crack | Both outsoles are splitting across the middle
         sole_crack | There is a huge crack running through the bottom of my left shoe
         sole_crack | SOLES BROKE IN HALF!!!
         sole_crack | I can't believe the sole snapped so fast
         sole_crack | Not only did the sole crack, the store ignored me
         sole_crack | couldn't wear them because the sole has a fissure
         sole_crack | the box was fine but the sole is cracked
         sole_crack | The sole isn't just worn, it has cracked
         - | no cracks in the sole after a year
         - | My sole hasn't cracked at all
         - | the soles never split or cracked
         - | the sole didn't crack even in the cold
         - | I was worried the sole might crack
         - | The ads cracked me up, and the sole is comfy
         - | the upper leather cracked, the sole is fine
         - | my phone screen cracked
         sole_unglued | The sole came unglued at the toe
         sole_unglued | the sole split from the upper
         sole_unglued | outsole is peeling away already
         hydrolysis | Sole crumbled to dust, hydrolysis I guess
         box_damaged | The box was cracked and dented when it came
         heel_torn | the heel lining is torn
         late_delivery | My order still hasn't arrived
         late_delivery | Delivery was two weeks late
         - | Delivery was not late at all
         wrong_size | You sent the wrong size
         refund | I still have not received my refund
         refund | I want my money back
         - | Great shoes, will buy again
         - | they go down to zero and wear great, sole purpose is running",
    );
}

#[test]
fn german_texts() {
    check(
        "sole_crack | Die Sohle ist nach zwei Monaten gerissen.
         sole_crack | Risse in der Laufsohle, sehr enttäuschend
         sole_crack | Sohlenbruch nach drei Wochen
         sole_crack | Beide Sohlen sind quer durchgebrochen
         sole_crack | die Sohle bricht einfach durch
         sole_crack | Ich trage sie nicht oft, trotzdem hat die Sohle einen Riss
         sole_crack | Die Schuhsohle hat Haarrisse
         - | Keine Risse in der Sohle, top
         - | Die Sohle ist nicht gerissen
         - | Sohle reißt nicht, auch bei Kälte
         - | ohne einen einzigen Riss in der Sohle
         - | Ich hatte Angst, dass ich kalte Füße bekomme
         sole_unglued | Die Sohle löst sich vorne ab
         sole_unglued | Sohle hat sich komplett abgelöst
         hydrolysis | Nach acht Jahren zerbröselt die Sohle
         box_damaged | Der Karton war eingerissen, die Schuhe sind ok
         heel_torn | An der Ferse ist der Stoff gerissen
         late_delivery | Das Paket ist immer noch nicht da
         late_delivery | Lieferung kam eine Woche zu spät
         wrong_size | Falsche Größe geliefert
         wrong_size | Schuhe fallen viel zu klein aus
         refund | Ich möchte mein Geld zurück
         refund | Wann kommt die Rückerstattung?",
    );
}

#[test]
fn what_was_matched_is_shown_as_it_stands_in_the_text() {
    let rules = sample_rules();
    let found = rules.find(
        "先月買った靴ですが、ｿｰﾙにﾋﾋﾞが入りました。",
        "ja",
        &mut Scratch::default(),
    );
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].topic, found[0].severity),
        ("sole_crack", "safety")
    );
    assert_eq!(
        (found[0].part.as_deref(), found[0].defect.as_str()),
        (Some("ｿｰﾙ"), "ﾋﾋﾞ")
    );
    assert_eq!(
        found[0].snippet,
        "先月買った靴ですが、ｿｰﾙにﾋﾋﾞが入りました。"
    );
    let denied = rules.find("no cracks in the outsole", "en", &mut Scratch::default());
    assert!(denied.len() == 1 && denied[0].negated && denied[0].defect == "cracks");
}

#[test]
fn a_language_that_is_stated_wrongly_does_no_harm() {
    let rules = sample_rules();
    for lang in ["", "de", "en-US", "xx", "日本語"] {
        assert_eq!(
            topics(&rules, "靴底がひび割れました", lang),
            ["sole_crack"],
            "{lang}"
        );
        assert_eq!(
            topics(&rules, "the sole of the shoe has cracked", lang),
            ["sole_crack"],
            "{lang}"
        );
    }
}

#[test]
fn marks_and_pieces_of_terms() {
    let row = |defect, exclude| RuleRow {
        topic: "t",
        lang: "en",
        defect,
        exclude,
        ..RuleRow::default()
    };
    let hits = |row: RuleRow<'_>, text: &str| {
        let rules = Rules::new([row]).unwrap();
        rules
            .find(text, "en", &mut Scratch::default())
            .iter()
            .any(|found| !found.negated)
    };
    assert!(hits(row("came .. off", ""), "it came right off"));
    assert!(!hits(
        row("came .. off", ""),
        "it came on Monday and the lights went off"
    ));
    assert!(!hits(row("refund", ""), "no refund"));
    assert!(hits(row("=refund", ""), "no refund"));
    assert!(!hits(
        row("crack", "!years old"),
        "It is ten years old. A crack."
    ));
    assert!(hits(
        row("crack", "years old"),
        "It is ten years old. A crack."
    ));
    assert!(hits(row("*glue*", ""), "reglueing it"));
    assert!(!hits(row("glue", ""), "igloo unglued"));
    assert!(hits(row("separate", ""), "separating"));
}

#[test]
fn rules_that_cannot_be_used_name_their_row() {
    let good = RuleRow {
        topic: "t",
        defect: "d",
        ..RuleRow::default()
    };
    let error = |row| Rules::new([good, row]).unwrap_err().to_string();
    assert!(error(RuleRow { topic: " ", ..good }).starts_with("topic rule 2: no topic"));
    assert!(error(RuleRow { defect: "", ..good }).contains("topic t has no defect"));
    assert!(
        error(RuleRow {
            defect: "a|**|b",
            ..good
        })
        .contains("is empty")
    );
    let long = "x".repeat(301);
    assert!(
        error(RuleRow {
            part: &long,
            ..good
        })
        .contains("301 bytes")
    );
    assert!(
        Rules::new([])
            .unwrap()
            .find("anything", "", &mut Scratch::default())
            .is_empty()
    );
}
