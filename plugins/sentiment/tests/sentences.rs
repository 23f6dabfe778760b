//! Sentences of our own in three languages: sign, denial, contrast, language.

use tsugi_sentiment::language::{self, Language, detect};
use tsugi_sentiment::score::{label, lexicon_score, read, score};

/// What the lexicon and its rules say, without the model.
fn rules(text: &str, lang: &str) -> Option<f64> {
    lexicon_score(text, language::of(text, lang)).0
}

fn signs(cases: &[(&str, i8)]) {
    let mut wrong = Vec::new();
    for &(text, sign) in cases {
        let found_sign = match label(score(text, "")) {
            "positive" => 1,
            "negative" => -1,
            _ => 0,
        };
        if found_sign != sign {
            wrong.push(format!("{text}: {:?}", read(text, "")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn japanese_sentences() {
    signs(&[
        ("とても履きやすくて気に入りました", 1),
        ("全然良くない", -1),
        ("悪くないと思います", 1),
        ("不満は何もありません", 1),
        ("デザインは良いけど、すぐ壊れた", -1),
        ("高いのに品質が悪い", -1),
        ("値段は高いが、大満足です", 1),
        ("満足できませんでした", -1),
        ("丁寧な対応ではなかった", -1),
        ("楽しめず残念", -1),
        ("もう少し広いと嬉しいです", -1),
        ("ｻｲｺｰです！", 1),
        ("最高です😊", 1),
        ("箱について😡😡", -1),
        ("ｶﾞｯｶﾘしました", -1),
        ("今日は火曜日です", 0),
    ]);
    assert!(rules("非常に満足", "ja") > rules("満足", "ja"));
    assert!(rules("少し残念", "ja") > rules("残念", "ja"));
    assert!(rules("満足！！", "ja") > rules("満足", "ja"));
}

#[test]
fn greetings_questions_and_plain_facts_are_no_praise() {
    let neither = [
        ("Guten Tag", "de"),
        ("Ich sitze in der zweiten Klasse", "de"),
        ("Wo bleibt der Zug?", "de"),
        ("Bom dia", "pt"),
        ("Boa tarde, gostaria de saber do pedido", "pt"),
        ("Buenos días", "es"),
        ("Bonne journée", "fr"),
        ("Buona sera", "it"),
        ("Where does it come from?", "en"),
    ];
    for (text, lang) in neither {
        assert_eq!(label(score(text, lang)), "unknown", "{text}");
    }
    // Beside a judgement they change nothing, and a question may complain.
    for (text, lang, sign) in [
        ("Guten Tag, der Absatz ist gebrochen", "de", "negative"),
        ("Bom dia, o produto é ótimo", "pt", "positive"),
        ("Why is it broken again?", "en", "negative"),
        ("良くなりました", "ja", "positive"),
        ("前より悪くなった", "ja", "negative"),
        ("電池がいらないので手間が省けます", "ja", "positive"),
    ] {
        assert_eq!(label(score(text, lang)), sign, "{text}");
    }
}

#[test]
fn english_sentences() {
    signs(&[
        ("I love these shoes", 1),
        ("not good", -1),
        ("The look is nice, but the quality is terrible", -1),
        ("Not bad at all", 1),
        ("$49.99", 0),
        (":) great", 1),
    ]);
    assert!(rules("GREAT shoes", "en") > rules("great shoes", "en"));
    assert!(rules("very good", "en") > rules("good", "en"));
}

#[test]
fn german_sentences() {
    signs(&[
        ("Die Schuhe sind sehr bequem und schön", 1),
        ("Die Schuhe sind nicht bequem", -1),
        ("Das gefällt mir gar nicht", -1),
        ("Kein Problem mit der Lieferung, alles bestens", 1),
        (
            "Sieht gut aus, aber die Sohle ist nach zwei Wochen gerissen",
            -1,
        ),
        ("Ein Lieferproblem nach dem anderen", -1),
        ("Nicht nur bequem, sondern auch schön", 1),
        ("GROSSARTIG und die Qualitaet ist spitze", 1),
        ("Ich habe die Schuhe am Dienstag gekauft", 0),
        ("superbequem, ich freue mich", 1),
    ]);
    assert!(rules("sehr gut", "de") > rules("gut", "de"));
}

#[test]
fn portuguese_sentences() {
    signs(&[
        ("Produto ótimo, chegou antes do prazo", 1),
        ("Não gostei do produto", -1),
        ("Ainda não recebi a minha compra", -1),
        ("nao recomendo essa loja", -1),
        ("A cor é bonita, mas o tecido rasgou na primeira semana", -1),
        ("Sem nenhum defeito, recomendo muito", 1),
        ("Não só é bonito como é muito confortável", 1),
        ("Péssima qualidade, veio quebrado e com atraso", -1),
        ("Comprei na terça para o meu filho", 0),
        ("Produto ótimo, não veio quebrado", 1),
    ]);
    assert!(rules("muito bom", "pt") > rules("bom", "pt"));
    assert_eq!(rules("péssimo", "pt"), rules("PESSIMO", "pt"));
    assert_eq!(
        read("Veio rachado, não é confortável.", "pt").words,
        ["rachado", "confortável"]
    );
}

#[test]
fn french_italian_and_spanish_sentences() {
    signs(&[
        ("La semelle s'est décollée après une semaine", -1),
        ("Très déçue, je ne recommande pas", -1),
        ("Colis jamais reçu, aucune réponse du service client", -1),
        ("Chaussures magnifiques et très confortables", 1),
        ("Je suis très contente de mon achat, merci", 1),
        ("La couleur est belle mais la taille est trop petite", -1),
        ("Aucun problème, livraison rapide", 1),
        ("La suola si è staccata, sono molto deluso", -1),
        ("Pacco mai arrivato e nessuna risposta", -1),
        ("Scarpe bellissime e molto comode", 1),
        ("Non funziona, ho chiesto il rimborso", -1),
        ("Ottimo prodotto, lo consiglio", 1),
        ("La suela se despegó a la semana, muy mala calidad", -1),
        ("Todavía no ha llegado mi pedido y nadie responde", -1),
        ("Estoy muy contenta, son muy cómodas", 1),
        ("No me gusta nada, quiero el reembolso", -1),
        ("Sin ningún problema, todo perfecto", 1),
    ]);
}

#[test]
fn the_language_is_found() {
    for (text, language) in [
        ("靴底が割れた", Language::Japanese),
        ("最悪", Language::Japanese),
        ("Nike の靴は good です", Language::Japanese),
        ("The sole has cracked", Language::English),
        ("Love it!!", Language::English),
        (":)", Language::English),
        ("Die Sohle ist gerissen", Language::German),
        ("schlecht verarbeitet, nie wieder", Language::German),
        ("这双鞋很好，我们都很喜欢的", Language::Chinese),
        ("Подошва треснула", Language::Other),
        ("신발이 좋아요", Language::Other),
        (
            "Recebi o produto com defeito e não gostei",
            Language::Portuguese,
        ),
        ("Otimo produto, recomendo", Language::Portuguese),
        (
            "No me gusta, los zapatos son muy malos y la suela",
            Language::Spanish,
        ),
        ("Je ne suis pas content de la chaussure", Language::French),
    ] {
        assert_eq!(detect(text), language, "{text}");
    }
}

#[test]
fn a_reading_explains_itself() {
    let found = read("箱は汚れていた。靴は最高！配送は火曜日。", "");
    assert_eq!((found.language.as_str(), found.label), ("ja", "positive"));
    assert_eq!(found.words, ["汚れて", "最高"]);
    assert!(found.coverage > 0.5 && found.coverage < 1.0);
    let nothing = read("Подошва треснула", "");
    assert_eq!(
        (nothing.score, nothing.label, nothing.language.as_str()),
        (None, "unknown", "und")
    );
    assert_eq!(nothing.coverage, 0.0);
    let stated = read("bom produto, entrega no prazo", "pt-BR");
    assert_eq!((stated.label, stated.language.as_str()), ("positive", "pt"));
    // The words of the lexicon explain where it knows some, else those that the model weighed.
    let learned = read("the eyelet popped out", "en");
    assert_eq!(learned.label, "negative");
    assert!(!learned.words.is_empty(), "{learned:?}");
    let unread = read("goed product, op tijd", "nl-BE");
    assert_eq!((unread.score, unread.language.as_str()), (None, "nl"));
    assert_eq!(read("", "").score, None);
}

/// At least so many of a hundred phrases must be labelled as a reader does.
const PHRASES_MIN: usize = 91;

#[test]
fn japanese_phrases_are_labelled_as_a_reader_does() {
    let files = [
        include_str!("phrases_ja.tsv"),
        include_str!("phrases_ja_more.tsv"),
    ];
    let lines = files.iter().flat_map(|file| file.lines());
    let cases = lines.filter(|line| !line.starts_with('#'));
    let (mut all, mut wrong) = (0, Vec::new());
    for (wanted, text) in cases.filter_map(|line| line.split_once('\t')) {
        all += 1;
        let found = read(text, "ja");
        let said = match found.label {
            "neutral" | "unknown" => "-",
            label => label,
        };
        if said != wanted {
            wrong.push(format!("{text}: {said} for {:?}", found.words));
        }
    }
    println!(
        "{} of {all} phrases right\n{}",
        all - wrong.len(),
        wrong.join("\n")
    );
    assert!(
        all >= 300 && (all - wrong.len()) * 100 >= all * PHRASES_MIN,
        "{wrong:#?}"
    );
}

#[test]
fn no_japanese_word_is_found_inside_another() {
    for text in [
        "いつもお世話になっております",
        "ご確認ください",
        "当期において",
        "損益計算書",
        "三日くらい",
        "右足だけが",
        "半田付けが",
        "書き込みする",
    ] {
        assert_eq!(lexicon_score(text, Language::Japanese).0, None, "{text}");
    }
}
