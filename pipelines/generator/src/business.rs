//! The invented brand: where it sells, what it sells, of what and from whom. Only the region names are real.

use chrono::{NaiveDate, TimeDelta};

/// A calendar day; an impossible one becomes the smallest date, which the tests would notice.
pub const fn day(year: i32, month: u32, of_month: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, of_month) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// A day some days later, or earlier when negative.
pub fn plus(date: NaiveDate, days: i64) -> NaiveDate {
    date + TimeDelta::days(days)
}

pub const BRAND: &str = "Morihane";
/// First day of sales.
pub const FIRST_DAY: NaiveDate = day(2025, 4, 1);
/// Last day of data.
pub const AS_OF: NaiveDate = day(2026, 3, 31);

/// A sales region.
pub struct Region {
    /// Name as it stands in the exports.
    pub name: &'static str,
    /// JP, CH or DE.
    pub country: &'static str,
    /// Winters in which rubber stiffens.
    pub cold: bool,
    /// Share of sales.
    pub weight: f64,
    /// A town there, in Japanese.
    pub place_ja: &'static str,
    /// The same town in Latin letters.
    pub place: &'static str,
}

const fn region(
    name: &'static str,
    country: &'static str,
    cold: bool,
    weight: f64,
    place_ja: &'static str,
    place: &'static str,
) -> Region {
    Region {
        name,
        country,
        cold,
        weight,
        place_ja,
        place,
    }
}

pub const REGIONS: [Region; 18] = [
    region("Hokkaido", "JP", true, 10.0, "札幌", "Sapporo"),
    region("Tohoku", "JP", true, 7.0, "仙台", "Sendai"),
    region("Kanto", "JP", false, 13.0, "横浜", "Yokohama"),
    region("Chubu", "JP", false, 6.0, "名古屋", "Nagoya"),
    region("Kansai", "JP", false, 7.0, "京都", "Kyoto"),
    region("Kyushu", "JP", false, 4.0, "福岡", "Fukuoka"),
    region("Graubünden", "CH", true, 5.0, "クール", "Chur"),
    region("Wallis", "CH", true, 4.0, "ブリーク", "Brig"),
    region("Zürich", "CH", false, 6.0, "チューリヒ", "Zürich"),
    region("Bern", "CH", false, 5.0, "ベルン", "Bern"),
    region("Basel-Stadt", "CH", false, 3.0, "バーゼル", "Basel"),
    region("Ticino", "CH", false, 2.0, "ルガーノ", "Lugano"),
    region("Bayern", "DE", true, 7.0, "ミュンヘン", "München"),
    region("Sachsen", "DE", true, 5.0, "ケムニッツ", "Chemnitz"),
    region("Berlin", "DE", false, 6.0, "ベルリン", "Berlin"),
    region("Hamburg", "DE", false, 4.0, "ハンブルク", "Hamburg"),
    region("Nordrhein-Westfalen", "DE", false, 6.0, "ケルン", "Köln"),
    region("Hessen", "DE", false, 3.0, "カッセル", "Kassel"),
];

pub struct Product {
    pub id: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    /// List price in euros.
    pub price: i64,
    /// Day it was launched.
    pub launched: NaiveDate,
    /// Share of sales.
    pub weight: f64,
    /// How much more it sells from October to January.
    pub winter: f64,
    /// Its outsole is made of the compound that the plant gets from two suppliers.
    pub k7: bool,
    /// Upper of leather rather than of textile.
    pub leather: bool,
}

#[allow(
    clippy::too_many_arguments,
    reason = "a constant table reads best as one row per product"
)]
const fn product(
    id: &'static str,
    name: &'static str,
    category: &'static str,
    price: i64,
    launched: NaiveDate,
    weight: f64,
    winter: f64,
    k7: bool,
    leather: bool,
) -> Product {
    Product {
        id,
        name,
        category,
        price,
        launched,
        weight,
        winter,
        k7,
        leather,
    }
}

pub const PRODUCTS: [Product; 12] = [
    product(
        "P-101",
        "Tani Walker",
        "walking",
        139,
        day(2024, 3, 1),
        15.5,
        1.1,
        true,
        true,
    ),
    product(
        "P-102",
        "Mine Trail",
        "trail",
        159,
        day(2024, 9, 1),
        15.0,
        1.1,
        true,
        false,
    ),
    product(
        "P-103",
        "Yuki Mid",
        "winter",
        179,
        day(2024, 10, 1),
        14.5,
        1.3,
        true,
        true,
    ),
    product(
        "P-201",
        "Kaze Runner",
        "running",
        129,
        day(2025, 2, 1),
        11.0,
        0.9,
        false,
        false,
    ),
    product(
        "P-202",
        "Kaze Runner Light",
        "running",
        119,
        day(2025, 2, 1),
        8.0,
        0.9,
        false,
        false,
    ),
    product(
        "P-203",
        "Machi Low",
        "city",
        109,
        day(2023, 5, 1),
        9.0,
        1.0,
        false,
        false,
    ),
    product(
        "P-204",
        "Tobi Court",
        "court",
        119,
        day(2023, 9, 1),
        6.0,
        1.0,
        false,
        false,
    ),
    product(
        "P-301",
        "Hama Sandal",
        "sandal",
        69,
        day(2024, 4, 1),
        6.0,
        0.3,
        false,
        false,
    ),
    product(
        "P-302",
        "Aida Loafer",
        "loafer",
        149,
        day(2022, 9, 1),
        6.0,
        1.0,
        false,
        true,
    ),
    product(
        "P-303",
        "Nami Slip-on",
        "slip-on",
        79,
        day(2023, 3, 1),
        6.0,
        0.8,
        false,
        false,
    ),
    product(
        "P-401",
        "Mukashi Classic",
        "classic",
        129,
        day(2016, 9, 1),
        4.5,
        1.0,
        false,
        true,
    ),
    product(
        "P-501",
        "Kibo Kids",
        "kids",
        59,
        day(2024, 2, 1),
        7.0,
        1.0,
        false,
        false,
    ),
];

/// The old model whose foam rots with age.
pub const CLASSIC: usize = 10;

/// Suppliers: id, name, country.
pub const SUPPLIERS: [(&str, &str, &str); 8] = [
    ("SUP-01", "Wolkenmoor Schaum", "DE"),
    ("SUP-02", "Hoshigusa Weaving", "JP"),
    ("SUP-03", "Quarzlind Elastics", "CH"),
    ("SUP-04", "Federspalt Formteile", "DE"),
    ("SUP-05", "Shirohari Rubber", "JP"),
    ("SUP-06", "Kirinuma Leather", "JP"),
    ("SUP-07", "Lindwurmquell Klebstoff", "DE"),
    ("SUP-08", "Faltmeister Ostgrund", "DE"),
];

/// Position of the supplier whose lots of one period crack.
pub const CULPRIT: usize = 2;
/// Position of the second source of the same compound, which stays good.
pub const SECOND_SOURCE: usize = 4;

/// Materials: id, name, kind.
pub const MATERIALS: [(&str, &str, &str); 9] = [
    ("MAT-01", "Outsole compound K7", "outsole_compound"),
    ("MAT-02", "Outsole compound R2", "outsole_compound"),
    ("MAT-03", "Midsole foam M1", "midsole_foam"),
    ("MAT-04", "Sole adhesive A4", "adhesive"),
    ("MAT-05", "Upper textile T9", "upper"),
    ("MAT-06", "Upper leather N2", "upper"),
    ("MAT-07", "Sewing thread 40", "thread"),
    ("MAT-08", "Heel counter H3", "heel_counter"),
    ("MAT-09", "Shoebox", "packaging"),
];

/// Position of the outsole compound that has two suppliers.
pub const K7: usize = 0;

/// Who delivers what how often: material, supplier, days between receipts, amount per pair, unit cost in cents.
pub const SUPPLY_LINES: [(usize, usize, i64, f64, i64); 10] = [
    (K7, CULPRIT, 12, 0.42, 610),
    (K7, SECOND_SOURCE, 26, 0.42, 655),
    (1, SECOND_SOURCE, 14, 0.40, 540),
    (2, 0, 12, 0.25, 720),
    (3, 6, 15, 0.05, 1480),
    (4, 1, 10, 0.30, 890),
    (5, 5, 16, 0.35, 2350),
    (6, 1, 25, 0.01, 1900),
    (7, 3, 20, 2.0, 45),
    (8, 7, 18, 1.0, 62),
];

/// Carriers by country with their share; the first day on the road is the order's next working step.
pub fn carriers(country: &str) -> &'static [(&'static str, f64)] {
    match country {
        "JP" => &[("Hayabune", 0.6), ("Kitasora Express", 0.4)],
        "CH" => &[("Gipfelbote", 0.6), (LATE_CARRIER, 0.4)],
        _ => &[("Nordpfad Kurier", 0.5), (LATE_CARRIER, 0.5)],
    }
}

/// The carrier that falls behind in December.
pub const LATE_CARRIER: &str = "Fernwindbote";
/// First day of shipping in its bad fortnight.
pub const LATE_FROM: NaiveDate = day(2025, 12, 8);
/// Last day of shipping in its bad fortnight.
pub const LATE_TO: NaiveDate = day(2025, 12, 21);

/// Sites that hold stock: name, country.
pub const SITES: [(&str, &str); 5] = [
    ("Yokohama warehouse", "JP"),
    ("Sapporo store", "JP"),
    ("Olten warehouse", "CH"),
    ("Chur store", "CH"),
    ("Kassel warehouse", "DE"),
];

/// The currency of a country.
pub fn currency(country: &str) -> &'static str {
    match country {
        "JP" => "JPY",
        "CH" => "CHF",
        _ => "EUR",
    }
}

/// An amount in euro cents as text in the currency of a country, at the brand's fixed rates.
pub fn money(country: &str, euro_cents: i64) -> String {
    match country {
        "JP" => format!("{}", (euro_cents * 165 / 100 + 5) / 10 * 10),
        "CH" => cents(euro_cents * 96 / 100),
        _ => cents(euro_cents),
    }
}

/// Cents as a decimal number.
pub fn cents(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}
