//! Effort, need for an answer and urgency in texts of our own.

use tsugi_sentiment::signals::find;

/// Language, text, and the kinds it has: e effort, a answer, u urgent, d danger.
const CASES: [(&str, &str, &str); 64] = [
    (
        "en",
        "This is the third time I call about the same parcel.",
        "e",
    ),
    ("en", "Where is my order? The wedding is on Saturday.", "au"),
    ("en", "I spent two hours on hold, please refund me", "ea"),
    ("en", "Lovely shoes, they fit well.", ""),
    ("en", "It was a birthday present and it never came", "u"),
    ("en", "Still waiting for a reply", "ea"),
    ("en", "Do you have these in black?", "a"),
    ("en", "The leather is of good quality", ""),
    ("en", "need it by friday, asap", "u"),
    (
        "de",
        "Ich warte seit drei Wochen und niemand meldet sich.",
        "e",
    ),
    (
        "de",
        "Wo bleibt mein Paket? Am Freitag ist die Hochzeit.",
        "au",
    ),
    ("de", "Bitte um Rückruf, es ist dringend.", "au"),
    ("de", "Schöne Schuhe, gern wieder.", ""),
    ("de", "Schon zum dritten Mal kaputt", "e"),
    ("de", "Die Sohle ist gut", ""),
    ("ja", "何度も電話しましたがつながりません", "e"),
    ("ja", "結婚式に間に合うように届けてください", "u"),
    ("ja", "いつ届きますか？", "a"),
    ("ja", "とても履きやすいです", ""),
    ("ja", "返金してください。至急お願いします。", "au"),
    ("ja", "色がきれいで気に入りました", ""),
    ("zh", "请问什么时候发货", "a"),
    ("zh", "打了好几次电话都没人接", "e"),
    ("zh", "明天要用，来不及了", "u"),
    ("zh", "鞋子很舒服", ""),
    ("pt", "Já liguei várias vezes e ninguém responde", "e"),
    ("pt", "Era para o aniversário do meu filho, cadê?", "au"),
    ("pt", "Produto ótimo", ""),
    (
        "fr",
        "C'est la troisième fois, pouvez-vous répondre ?",
        "ea",
    ),
    ("fr", "Chaussures pour un mariage", "u"),
    ("it", "Nessuno risponde, sto aspettando da settimane", "e"),
    ("it", "Vorrei il rimborso al più presto", "au"),
    ("es", "Sigo esperando, ¿dónde está mi pedido?", "ea"),
    ("es", "Es para una boda, lo necesito urgente", "u"),
    ("en", "The sole broke and I fell down the stairs", "d"),
    ("en", "It started smoking and sparks flew out", "d"),
    ("en", "The handle snapped, could have been hurt badly", "d"),
    ("en", "No one was hurt, luckily", ""),
    (
        "en",
        "My son swallowed a small part, we are in hospital",
        "d",
    ),
    ("en", "The colour burns out fast", ""),
    ("en", "It fits like a dream", ""),
    ("en", "never overheats, good charger", ""),
    ("de", "Der Akku hat gebrannt, überall Rauch", "d"),
    ("de", "Ich bin ausgerutscht und musste ins Krankenhaus", "d"),
    ("de", "Zum Glück wurde niemand verletzt", ""),
    ("de", "Scharfe Kante, mein Kind hat sich geschnitten", "d"),
    ("de", "Die Farbe ist schön", ""),
    ("de", "Stromschlag beim Einstecken", "d"),
    ("ja", "底が割れて転びました", "d"),
    ("ja", "充電中に煙が出ました", "d"),
    ("ja", "怪我はありませんでした", ""),
    ("ja", "子どもが部品を飲み込みそうになり危ないです", "d"),
    ("ja", "やけどしました。病院に行きます", "d"),
    ("ja", "色が好きです", ""),
    ("zh", "刹车失灵，差点出车祸", "d"),
    ("zh", "充电的时候冒烟了", "d"),
    ("zh", "没有受伤", ""),
    ("zh", "颜色很好看", ""),
    ("pt", "Levei um choque ao ligar", "d"),
    ("pt", "Produto lindo", ""),
    ("fr", "Je suis tombée et me suis blessée", "d"),
    ("it", "Ha preso fuoco in cucina", "d"),
    ("es", "Me caí por la suela rota", "d"),
    ("es", "Muy buen producto", ""),
];

#[test]
fn signals_are_found_with_their_words() {
    let mut wrong = Vec::new();
    for (lang, text, wanted) in CASES {
        let found = find(text, lang);
        let kinds: String = [
            ("e", &found.effort),
            ("a", &found.answer),
            ("u", &found.urgent),
            ("d", &found.danger),
        ]
        .into_iter()
        .filter(|(_, words)| !words.is_empty())
        .map(|(kind, _)| kind)
        .collect();
        if kinds != wanted {
            wrong.push(format!("{text}: {kinds:?}, wanted {wanted:?}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        find("Where is my order? The wedding is near", "").urgent,
        ["wedding"]
    );
    assert_eq!(find("Waar is mijn bestelling", "nl"), find("", ""));
}

#[test]
fn texts_in_bad_faith_are_answered() {
    for text in [
        "?",
        "on hold ".repeat(200_000).as_str(),
        "\u{0}",
        "何度も".repeat(100_000).as_str(),
    ] {
        let found = find(text, "");
        assert!(found.effort.len() <= 5 && found.answer.len() <= 5 && found.urgent.len() <= 5);
    }
}
