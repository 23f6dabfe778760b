//! A population with known truth, made from a seed: what is hard about telling people apart, one class each.

pub(super) mod people;

use fastrand::Rng;
use people::{Person, Row, birth, email, name_part, phone};

/// The classes, in the order of [`population`].
pub(super) const CLASSES: [&str; 6] = [
    "shared phone",
    "household",
    "namesake",
    "kana and kanji",
    "married name",
    "typo",
];
/// Cases of each class; each has one to three people with two records each.
pub(super) const CASES: usize = 300;

/// A record with the truth about it.
pub(super) struct Known {
    pub row: Row,
    pub person: usize,
    pub class: usize,
}

/// All cases of all classes.
pub(super) fn population(seed: u64) -> Vec<Known> {
    let mut random = Rng::with_seed(seed);
    let mut all = Vec::new();
    let mut person = 0;
    for class in 0..CLASSES.len() {
        for _ in 0..CASES {
            let people = match class {
                0 => shared_phone(&mut random),
                1 => household(&mut random),
                2 => namesake(&mut random),
                3 => kana_and_kanji(&mut random),
                4 => married(&mut random),
                _ => typo(&mut random),
            };
            for rows in people {
                all.extend(rows.map(|row| Known { row, person, class }));
                person += 1;
            }
        }
    }
    random.shuffle(&mut all);
    all
}

/// Both systems about one person; now and then the second one knows another number, mailbox or home.
fn both(random: &mut Rng, person: &Person) -> [Row; 2] {
    let first = person.row(random, false);
    let mut later = person.clone();
    match random.u8(..100) {
        0..5 => later.phone = phone(random, person.japanese),
        5..10 => later.email = email(random, person.given[2], person.family[2]),
        10..20 => later.move_house(random),
        _ => {}
    }
    [first, later.row(random, true)]
}

/// Two people with one number: of an office, a shop, a club.
fn shared_phone(random: &mut Rng) -> Vec<[Row; 2]> {
    let one = Person::any(random);
    let mut other = Person::of(random, one.japanese);
    other.phone.clone_from(&one.phone);
    if random.u8(..5) == 0 {
        (other.postal, other.address) = (one.postal.clone(), one.address.clone());
    }
    [one, other]
        .iter()
        .map(|person| both(random, person))
        .collect()
}

/// Two people of one name and home with one number, sometimes one mailbox, sometimes twins.
fn household(random: &mut Rng) -> Vec<[Row; 2]> {
    let one = Person::any(random);
    let mut other = one.clone();
    while other.given == one.given {
        other.given = name_part(random, one.japanese, false);
    }
    other.birth = if random.u8(..100) < 4 {
        one.birth
    } else {
        birth(random)
    };
    if random.u8(..100) >= 15 {
        other.email = email(random, other.given[2], other.family[2]);
    }
    [one, other]
        .iter()
        .map(|person| both(random, person))
        .collect()
}

/// Two strangers of one name; a third of them with mailboxes that differ in a digit.
fn namesake(random: &mut Rng) -> Vec<[Row; 2]> {
    let one = Person::any(random);
    let mut other = Person::of(random, one.japanese);
    (other.family, other.given) = (one.family, one.given);
    if random.u8(..5) == 0 {
        other.postal.clone_from(&one.postal);
    }
    let mut people = [one, other];
    if random.u8(..3) == 0 {
        let plain = people[0].family[2]
            .to_lowercase()
            .replace(['ä', 'ü', '\''], "e");
        let number = random.u32(1_000..100_000);
        for (person, digit) in people.iter_mut().zip(["1", "2"]) {
            person.email = format!(
                "{plain}.{}{number}{digit}@gmail.com",
                person.given[2].to_lowercase()
            );
        }
    }
    people.iter().map(|person| both(random, person)).collect()
}

/// One person in kanji here and kana, half-width kana, Latin script or old kanji there, and a stranger whose name is
/// read the same.
fn kana_and_kanji(random: &mut Rng) -> Vec<[Row; 2]> {
    let one = Person::of(random, true);
    let mut stranger = Person::of(random, true);
    if one.family[0] == "伊藤" {
        stranger.family = ["伊東", "イトウ", "Ito"];
    }
    stranger.given = match one.given[0] {
        "裕子" => ["祐子", "ユウコ", "Yuko"],
        "誠" => ["真琴", "マコト", "Makoto"],
        _ => stranger.given,
    };
    let [first, mut second] = both(random, &one);
    let kana = format!("{} {}", one.family[1], one.given[1]);
    match random.u8(..4) {
        0 => (second.name, second.kana) = (Some(kana), None),
        1 => second.name = Some(half_width(&kana)),
        2 => {
            (second.name, second.kana) = (Some(format!("{} {}", one.given[2], one.family[2])), None)
        }
        _ => second.name = second.name.map(|name| old_kanji(&name)),
    }
    vec![[first, second], both(random, &stranger)]
}

fn half_width(kana: &str) -> String {
    let mut out = kana.to_owned();
    for (full, half) in [
        ("ア", "ｱ"),
        ("イ", "ｲ"),
        ("ウ", "ｳ"),
        ("オ", "ｵ"),
        ("カ", "ｶ"),
        ("キ", "ｷ"),
        ("ク", "ｸ"),
        ("ケ", "ｹ"),
        ("コ", "ｺ"),
        ("サ", "ｻ"),
        ("シ", "ｼ"),
        ("ス", "ｽ"),
        ("セ", "ｾ"),
        ("タ", "ﾀ"),
        ("ダ", "ﾀﾞ"),
        ("ト", "ﾄ"),
        ("ナ", "ﾅ"),
        ("ノ", "ﾉ"),
        ("ハ", "ﾊ"),
        ("バ", "ﾊﾞ"),
        ("ベ", "ﾍﾞ"),
        ("マ", "ﾏ"),
        ("ミ", "ﾐ"),
        ("ム", "ﾑ"),
        ("メ", "ﾒ"),
        ("モ", "ﾓ"),
        ("ヤ", "ﾔ"),
        ("ユ", "ﾕ"),
        ("ヨ", "ﾖ"),
        ("ラ", "ﾗ"),
        ("リ", "ﾘ"),
        ("ロ", "ﾛ"),
        ("ワ", "ﾜ"),
        ("ザ", "ｻﾞ"),
        ("ジ", "ｼﾞ"),
        ("ズ", "ｽﾞ"),
    ] {
        out = out.replace(full, half);
    }
    out
}

fn old_kanji(name: &str) -> String {
    let mut out = name.to_owned();
    for (new, old) in [
        ("高", "髙"),
        ("辺", "邊"),
        ("崎", "﨑"),
        ("斎", "齋"),
        ("浜", "濱"),
        ("桜", "櫻"),
        ("恵", "惠"),
        ("真", "眞"),
    ] {
        out = out.replace(new, old);
    }
    out
}

/// One person before and after a wedding, and a sister who still lives at home.
fn married(random: &mut Rng) -> Vec<[Row; 2]> {
    let one = Person::any(random);
    let mut sister = one.clone();
    while sister.given == one.given {
        sister.given = name_part(random, one.japanese, false);
    }
    sister.birth = birth(random);
    sister.email = email(random, sister.given[2], sister.family[2]);
    sister.phone = phone(random, sister.japanese);
    let mut after = one.clone();
    while after.family == one.family {
        after.family = name_part(random, one.japanese, true);
    }
    if random.u8(..100) < 12 {
        after.email = email(random, after.given[2], after.family[2]);
    }
    if random.u8(..100) < 8 {
        after.phone = phone(random, after.japanese);
    }
    if random.u8(..2) == 0 {
        after.move_house(random);
    }
    vec![
        [one.row(random, false), after.row(random, true)],
        both(random, &sister),
    ]
}

/// One person with one or two slips in the second system.
fn typo(random: &mut Rng) -> Vec<[Row; 2]> {
    let one = Person::any(random);
    let [first, mut second] = both(random, &one);
    for _ in 0..random.u8(1..=2) {
        match random.u8(..5) {
            0 | 1 => second.name = second.name.map(|name| slip_in_name(random, &one, name)),
            2 => second.email = second.email.map(|email| swap(random, &email)),
            3 => {
                second.phone = second.phone.map(|phone| {
                    let at = random.usize(phone.len() - 5..phone.len());
                    let digit = random.digit(10);
                    phone
                        .char_indices()
                        .map(|(i, c)| {
                            if i == at && c.is_ascii_digit() {
                                digit
                            } else {
                                c
                            }
                        })
                        .collect()
                });
            }
            _ => {
                second.birth = second
                    .birth
                    .map(|(year, month, day)| (year, month, day % 28 + 1))
            }
        }
    }
    vec![[first, second]]
}

fn slip_in_name(random: &mut Rng, person: &Person, name: String) -> String {
    if person.japanese {
        // The wrong kanji, chosen by its sound, or one that looks alike.
        return name
            .replace("裕", "祐")
            .replace("斎", "斉")
            .replace("大野", "大埜")
            .replace("健", "建")
            .replace("直樹", "直紀");
    }
    swap(random, &name)
}

/// Two neighbouring characters change places.
fn swap(random: &mut Rng, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let places: Vec<usize> = (1..characters.len().min(12) - 1)
        .filter(|&at| characters[at].is_alphabetic() && characters[at + 1].is_alphabetic())
        .collect();
    if let Some(&at) = (!places.is_empty()).then(|| &places[random.usize(..places.len())]) {
        characters.swap(at, at + 1);
    }
    characters.into_iter().collect()
}
