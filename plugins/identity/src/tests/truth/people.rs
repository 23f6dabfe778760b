//! People who do not exist, and what two systems write down about them.

use fastrand::Rng;

/// Family and given names: kanji, katakana, Latin letters. Names without kanji are written in Latin letters only.
const FAMILIES: [[&str; 3]; 36] = [
    ["佐藤", "サトウ", "Sato"],
    ["鈴木", "スズキ", "Suzuki"],
    ["高橋", "タカハシ", "Takahashi"],
    ["田中", "タナカ", "Tanaka"],
    ["渡辺", "ワタナベ", "Watanabe"],
    ["伊藤", "イトウ", "Ito"],
    ["伊東", "イトウ", "Ito"],
    ["山本", "ヤマモト", "Yamamoto"],
    ["中村", "ナカムラ", "Nakamura"],
    ["小林", "コバヤシ", "Kobayashi"],
    ["加藤", "カトウ", "Kato"],
    ["吉田", "ヨシダ", "Yoshida"],
    ["山崎", "ヤマザキ", "Yamazaki"],
    ["斎藤", "サイトウ", "Saito"],
    ["浜田", "ハマダ", "Hamada"],
    ["大野", "オオノ", "Ohno"],
    ["服部", "ハットリ", "Hattori"],
    ["長谷川", "ハセガワ", "Hasegawa"],
    ["", "", "Müller"],
    ["", "", "Meier"],
    ["", "", "Maier"],
    ["", "", "Schneider"],
    ["", "", "Fischer"],
    ["", "", "Weber"],
    ["", "", "Schäfer"],
    ["", "", "Hoffmann"],
    ["", "", "Brown"],
    ["", "", "Wilson"],
    ["", "", "Taylor"],
    ["", "", "O'Brien"],
    ["", "", "Clark"],
    ["", "", "Walker"],
    ["", "", "Keller"],
    ["", "", "Brunner"],
    ["", "", "Baumann"],
    ["", "", "Steiner"],
];
const GIVEN: [[&str; 3]; 48] = [
    ["健太", "ケンタ", "Kenta"],
    ["大輔", "ダイスケ", "Daisuke"],
    ["翔", "ショウ", "Sho"],
    ["太郎", "タロウ", "Taro"],
    ["次郎", "ジロウ", "Jiro"],
    ["裕子", "ユウコ", "Yuko"],
    ["祐子", "ユウコ", "Yuko"],
    ["花子", "ハナコ", "Hanako"],
    ["美咲", "ミサキ", "Misaki"],
    ["陽子", "ヨウコ", "Yoko"],
    ["直樹", "ナオキ", "Naoki"],
    ["直美", "ナオミ", "Naomi"],
    ["順一", "ジュンイチ", "Junichi"],
    ["恵子", "ケイコ", "Keiko"],
    ["誠", "マコト", "Makoto"],
    ["真琴", "マコト", "Makoto"],
    ["桜", "サクラ", "Sakura"],
    ["愛", "アイ", "Ai"],
    ["拓也", "タクヤ", "Takuya"],
    ["智子", "トモコ", "Tomoko"],
    ["明", "アキラ", "Akira"],
    ["由美", "ユミ", "Yumi"],
    ["修平", "シュウヘイ", "Shuhei"],
    ["京子", "キョウコ", "Kyoko"],
    ["", "", "Anna"],
    ["", "", "Hanna"],
    ["", "", "Jan"],
    ["", "", "Jana"],
    ["", "", "Lukas"],
    ["", "", "Laura"],
    ["", "", "Stefan"],
    ["", "", "Stefanie"],
    ["", "", "Peter"],
    ["", "", "Petra"],
    ["", "", "Martin"],
    ["", "", "Martina"],
    ["", "", "Thomas"],
    ["", "", "Sabine"],
    ["", "", "Jürgen"],
    ["", "", "Claudia"],
    ["", "", "James"],
    ["", "", "Emily"],
    ["", "", "Michael"],
    ["", "", "Sarah"],
    ["", "", "David"],
    ["", "", "Olivia"],
    ["", "", "Daniel"],
    ["", "", "Sophie"],
];
const STREETS: [&str; 8] = [
    "Bahnhofstrasse",
    "Hauptstraße",
    "Lindenweg",
    "Church Street",
    "Rosenweg",
    "Seestrasse",
    "Mill Lane",
    "Gartenstraße",
];
const TOWNS: [&str; 8] = [
    "港区芝",
    "渋谷区神南",
    "中央区銀座",
    "北区赤羽",
    "新宿区西新宿",
    "文京区本郷",
    "江東区豊洲",
    "目黒区中町",
];
const MAILS: [&str; 6] = [
    "gmail.com",
    "example.com",
    "mail.example.org",
    "outlook.com",
    "web.example.de",
    "docomo.example.jp",
];

/// A person as they are.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub family: [&'static str; 3],
    pub given: [&'static str; 3],
    pub japanese: bool,
    pub birth: (i32, u32, u32),
    pub email: String,
    /// Digits inside the country, with the zero before them.
    pub phone: String,
    pub postal: String,
    pub address: String,
}

/// What one system wrote down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub name: Option<String>,
    pub kana: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub birth: Option<(i32, u32, u32)>,
    pub postal: Option<String>,
    pub address: Option<String>,
    pub country: &'static str,
}

pub(crate) fn pick<'a, T: ?Sized>(random: &mut Rng, list: &[&'a T]) -> &'a T {
    list[random.usize(..list.len())]
}

pub(crate) fn digits(random: &mut Rng, count: usize) -> String {
    (0..count).map(|_| random.digit(10)).collect()
}

pub(crate) fn name_part(random: &mut Rng, japanese: bool, family: bool) -> [&'static str; 3] {
    let list: &[[&str; 3]] = if family { &FAMILIES } else { &GIVEN };
    loop {
        let found = list[random.usize(..list.len())];
        if found[0].is_empty() != japanese {
            return found;
        }
    }
}

pub(crate) fn birth(random: &mut Rng) -> (i32, u32, u32) {
    (
        random.i32(1940..2006),
        random.u32(1..=12),
        random.u32(1..=28),
    )
}

pub(crate) fn email(random: &mut Rng, given: &str, family: &str) -> String {
    let plain = |part: &str| part.to_lowercase().replace(['ä', 'ü', 'ö', '\''], "e");
    let (given, family) = (plain(given), plain(family));
    // A mailbox has one owner: numbers keep strangers of one name apart.
    let family = format!("{family}{}", digits(random, 5));
    let local = match random.u8(..4) {
        0 => format!("{given}.{family}"),
        1 => format!("{family}.{given}{}", random.u8(1..99)),
        2 => format!("{given}{}", digits(random, 4)),
        _ => format!("{}{family}{}", &given[..1], random.u8(50..99)),
    };
    format!("{local}@{}", pick(random, &MAILS))
}

pub(crate) fn phone(random: &mut Rng, japanese: bool) -> String {
    if japanese {
        format!("090{}", digits(random, 8))
    } else {
        format!("0176{}", digits(random, 7))
    }
}

impl Person {
    pub(crate) fn any(random: &mut Rng) -> Self {
        let japanese = random.bool();
        Self::of(random, japanese)
    }

    pub(crate) fn of(random: &mut Rng, japanese: bool) -> Self {
        let (family, given) = (
            name_part(random, japanese, true),
            name_part(random, japanese, false),
        );
        let mut person = Self {
            family,
            given,
            japanese,
            birth: birth(random),
            email: email(random, given[2], family[2]),
            phone: phone(random, japanese),
            postal: String::new(),
            address: String::new(),
        };
        person.move_house(random);
        person
    }

    pub(crate) fn move_house(&mut self, random: &mut Rng) {
        let number = random.u8(1..60);
        if self.japanese {
            self.postal = format!("1{}", digits(random, 6));
            self.address = format!(
                "{}{}丁目{}番{number}号",
                pick(random, &TOWNS),
                random.u8(1..5),
                random.u8(1..20)
            );
        } else {
            self.postal = digits(random, 5);
            self.address = format!("{} {number}", pick(random, &STREETS));
        }
    }

    /// What a system writes down: the second one in other forms, and each with its gaps.
    pub(crate) fn row(&self, random: &mut Rng, second: bool) -> Row {
        let mut there = |percent: u8| random.u8(..100) < percent;
        let [has_email, has_phone, has_birth, has_address, has_kana] = [
            there(92),
            there(92),
            there(if second { 45 } else { 60 }),
            there(85),
            there(if second { 30 } else { 70 }),
        ];
        let digits = &self.phone;
        let phone = match (self.japanese, second) {
            (true, false) => format!("{}-{}-{}", &digits[..3], &digits[3..7], &digits[7..]),
            (true, true) => format!("+81 {}", &digits[1..]),
            (false, false) => format!("{} / {}", &digits[..4], &digits[4..]),
            (false, true) => format!("0049 {}", &digits[1..]),
        };
        let address = if second && self.japanese {
            self.address
                .replace("丁目", "-")
                .replace('番', "-")
                .replace('号', "")
        } else {
            self.address.clone()
        };
        Row {
            name: Some(self.name(second)),
            kana: (has_kana && self.japanese)
                .then(|| format!("{} {}", self.family[1], self.given[1])),
            email: has_email.then(|| {
                if second {
                    self.email.to_uppercase()
                } else {
                    self.email.clone()
                }
            }),
            phone: has_phone.then_some(phone),
            birth: has_birth.then_some(self.birth),
            postal: has_address.then(|| self.postal.clone()),
            address: has_address.then_some(address),
            country: if self.japanese { "JP" } else { "DE" },
        }
    }

    fn name(&self, second: bool) -> String {
        let (family, given) = (self.family, self.given);
        match (self.japanese, second) {
            (true, false) => format!("{}　{}", family[0], given[0]),
            (true, true) => format!("{}{} 様", family[0], given[0]),
            (false, false) => format!("{} {}", given[2], family[2]),
            (false, true) => format!("{}, {}", family[2].to_uppercase(), given[2]),
        }
    }
}
