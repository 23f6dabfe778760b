//! Invented names, and telephone numbers that reach no one.

use crate::dice::Dice;

const SURNAMES_JA: [(&str, &str); 22] = [
    ("雲野辺", "kumonobe"),
    ("霧島谷", "kirishimadani"),
    ("月見坂", "tsukimizaka"),
    ("星降", "hoshifuri"),
    ("白樺沢", "shirakabazawa"),
    ("風見堂", "kazamido"),
    ("雪待", "yukimachi"),
    ("朝凪浜", "asanagihama"),
    ("青鷺", "aosagi"),
    ("栗鼠川", "risukawa"),
    ("苔岩", "kokeiwa"),
    ("虹ヶ淵", "nijigafuchi"),
    ("夜桜木", "yozakuragi"),
    ("水鏡", "mizukagami"),
    ("琥珀田", "kohakuda"),
    ("羽音", "haneoto"),
    ("千鳥浦", "chidoriura"),
    ("綿雲", "watagumo"),
    ("灯台守", "todaimori"),
    ("鈴虫原", "suzumushihara"),
    ("薄氷", "usurai"),
    ("遠雷", "enrai"),
];
const GIVEN_JA: [(&str, &str); 20] = [
    ("灯里", "akari"),
    ("湊", "minato"),
    ("小梅", "koume"),
    ("蓮", "ren"),
    ("紬", "tsumugi"),
    ("陽向", "hinata"),
    ("千鶴", "chizuru"),
    ("一颯", "issa"),
    ("楓", "kaede"),
    ("凪", "nagi"),
    ("澪", "mio"),
    ("朔", "saku"),
    ("杏", "an"),
    ("颯太", "sota"),
    ("文", "fumi"),
    ("宙", "sora"),
    ("雫", "shizuku"),
    ("暦", "koyomi"),
    ("ひばり", "hibari"),
    ("つぐみ", "tsugumi"),
];
const SURNAMES_DE: [&str; 22] = [
    "Wolkenrath",
    "Tannengrubler",
    "Silberfinkh",
    "Mondkamper",
    "Nebelhorstner",
    "Apfelthalin",
    "Sternbrückli",
    "Quittenhofen",
    "Rabenlauf",
    "Morgenkiesel",
    "Federstieg",
    "Haselwindt",
    "Kupferbacher",
    "Laubenstern",
    "Eisvogler",
    "Dachsgrund",
    "Wiesenpfeil",
    "Honigtau",
    "Zwetschgerl",
    "Murmelbach",
    "Distelkron",
    "Ofenlicht",
];
const GIVEN_DE: [&str; 20] = [
    "Amrei",
    "Benno",
    "Corsin",
    "Dorle",
    "Enzian",
    "Flurina",
    "Gundel",
    "Henrike",
    "Ilvy",
    "Jost",
    "Klarissa",
    "Levin",
    "Mechthild",
    "Nepomuk",
    "Ottilie",
    "Pirmin",
    "Ronja",
    "Severin",
    "Tjark",
    "Urschla",
];
const SURNAMES_EN: [&str; 16] = [
    "Quillfeather",
    "Thistlewick",
    "Marrowmere",
    "Fernhollow",
    "Pebblecombe",
    "Larkenshaw",
    "Winterbourn-Reed",
    "Ashbramble",
    "Cloverdyke",
    "Nettlefold-Jay",
    "Gorsewater",
    "Duskwright",
    "Tallowmoor",
    "Sparrowmint",
    "Heathercott",
    "Brambleby",
];
const GIVEN_EN: [&str; 16] = [
    "Aurelia",
    "Bram",
    "Clementine",
    "Dorian",
    "Elowen",
    "Fitz",
    "Gwendolyn",
    "Hollis",
    "Imogen",
    "Jasper",
    "Keziah",
    "Lorcan",
    "Maribel",
    "Ned",
    "Oriel",
    "Percival",
];

/// An invented name and its form in plain Latin letters, given name first.
pub fn person(language: &str, dice: &mut Dice) -> (String, String) {
    match language {
        "ja" => {
            let (surname, given) = (dice.pick(&SURNAMES_JA), dice.pick(&GIVEN_JA));
            (
                format!("{} {}", surname.0, given.0),
                format!("{}.{}", given.1, surname.1),
            )
        }
        "de" => latin(GIVEN_DE[dice.below(20)], SURNAMES_DE[dice.below(22)]),
        _ => latin(GIVEN_EN[dice.below(16)], SURNAMES_EN[dice.below(16)]),
    }
}

fn latin(given: &str, surname: &str) -> (String, String) {
    let plain = format!("{given}.{surname}")
        .to_lowercase()
        .replace('ü', "ue")
        .replace('-', "");
    (format!("{given} {surname}"), plain)
}

/// A telephone number: Germany has ranges reserved for films; in Japan and Switzerland an area code 00 does not exist.
pub fn phone(country: &str, i: usize) -> String {
    match country {
        "JP" => format!("+81 00-{:04}-{:04}", i / 10_000, i % 10_000),
        "CH" => format!(
            "+41 00 {:03} {:02} {:02}",
            i / 10_000 % 1000,
            i / 100 % 100,
            i % 100
        ),
        _ => {
            let reserved = ["30 23125", "40 66969", "69 90009", "89 99998"];
            format!("+49 {} {:03}", reserved[i / 1000 % 4], i % 1000)
        }
    }
}
