//! Addresses in parts: of buildings that others have listed, and ways to write one place.

use super::parse;

fn shown(text: &str, country: &str) -> String {
    let parts = parse(text, country).unwrap_or_default();
    let of = |part: &Option<String>| part.clone().unwrap_or_default();
    [
        parts.postal_code,
        parts.region,
        parts.city,
        parts.street,
        parts.number,
        parts.unit,
    ]
    .iter()
    .map(of)
    .collect::<Vec<_>>()
    .join("|")
}

#[test]
fn japanese_addresses_have_parts() {
    // Addresses with their parts as geolonia/normalize-japanese-addresses lists them (test/addresses, MIT).
    for (text, parts) in [
        (
            "大阪府高槻市奈佐原２丁目１－２",
            "|大阪府|高槻市|奈佐原|2-1-2|",
        ),
        (
            "大阪府高槻市八丁西町８番２１号",
            "|大阪府|高槻市|八丁西町|8-21|",
        ),
        (
            "大阪府大阪市鶴見区放出東３丁目３１－３９",
            "|大阪府|大阪市鶴見区|放出東|3-31-39|",
        ),
        ("大阪府箕面市外院３丁目２番５", "|大阪府|箕面市|外院|3-2-5|"),
        (
            "兵庫県尼崎市開明町２丁目１０",
            "|兵庫県|尼崎市|開明町|2-10|",
        ),
        (
            "大阪府堺市堺区南花田口町２丁３－１０",
            "|大阪府|堺市堺区|南花田口町|2-3-10|",
        ),
        (
            "京都府京都市中京区壬生花井町１３",
            "|京都府|京都市中京区|壬生花井町|13|",
        ),
        (
            "埼玉県さいたま市浦和区針ヶ谷１丁目５－１",
            "|埼玉県|さいたま市浦和区|針け谷|1-5-1|",
        ),
        (
            "神奈川県横浜市都筑区茅ケ崎中央１１－１８",
            "|神奈川県|横浜市都筑区|茅け崎中央|11-18|",
        ),
        ("東京都千代田区四番町１番８", "|東京都|千代田区|四番町|1-8|"),
        (
            "大阪府大阪市淀川区十三元今里１丁目１１－１９",
            "|大阪府|大阪市淀川区|十三元今里|1-11-19|",
        ),
        (
            "大阪府大阪市此花区西九条３丁目２－１６",
            "|大阪府|大阪市此花区|西9条|3-2-16|",
        ),
        (
            "東京都千代田区九段南３丁目３－２",
            "|東京都|千代田区|九段南|3-3-2|",
        ),
        ("兵庫県伊丹市大鹿７丁目９４番", "|兵庫県|伊丹市|大鹿|7-94|"),
        ("埼玉県所沢市元町２８番９号", "|埼玉県|所沢市|元町|28-9|"),
        (
            "千葉県市川市市川２丁目３２－２１",
            "|千葉県|市川市|市川|2-32-21|",
        ),
        (
            "東京都町田市南町田４丁目２７－８",
            "|東京都|町田市|南町田|4-27-8|",
        ),
        (
            "東京都東村山市多摩湖町４丁目１１－２",
            "|東京都|東村山市|多摩湖町|4-11-2|",
        ),
        (
            "大阪府東大阪市岩田町４丁目３－４６",
            "|大阪府|東大阪市|岩田町|4-3-46|",
        ),
        (
            "東京都武蔵野市吉祥寺南町２丁目１３－１８",
            "|東京都|武蔵野市|吉祥寺南町|2-13-18|",
        ),
        (
            "神奈川県横浜市青葉区荏田町２３４番地３",
            "|神奈川県|横浜市青葉区|荏田町|234-3|",
        ),
        (
            "東京都台東区根岸３丁目６番２３－２",
            "|東京都|台東区|根岸|3-6-23|2",
        ),
        ("東京都板橋区大原町６ー５", "|東京都|板橋区|大原町|6-5|"),
        (
            "東京都世田谷区世田谷３丁目８－５",
            "|東京都|世田谷区|世田谷|3-8-5|",
        ),
    ] {
        assert_eq!(shown(text, "JP"), parts, "{text}");
    }
}

#[test]
fn one_japanese_place_has_one_form() {
    let form = "1050014|東京都|港区|芝|3-2-1|";
    for text in [
        "〒105-0014 東京都港区芝3-2-1",
        "１０５－００１４　東京都港区芝三丁目２番１号",
        "105-0014 東京都 港区 芝 3丁目2-1",
        "〒1050014東京都港区芝３の２の１",
    ] {
        assert_eq!(shown(text, ""), form, "{text}");
    }
    for (text, parts) in [
        ("東京都港区芝3-2-1-501", "|東京都|港区|芝|3-2-1|501"),
        (
            "東京都港区芝3-2-1 芝ビル5F",
            "|東京都|港区|芝|3-2-1|芝びる5f",
        ),
        ("東京都港区芝3-2-1 501号室", "|東京都|港区|芝|3-2-1|501"),
        (
            "北海道札幌市中央区北1条西2丁目",
            "|北海道|札幌市中央区|北1条西|2|",
        ),
        (
            "北海道札幌市中央区北一条西二丁目",
            "|北海道|札幌市中央区|北1条西|2|",
        ),
        ("三重県四日市市諏訪町1-5", "|三重県|四日市市|諏訪町|1-5|"),
        (
            "奈良県高市郡明日香村大字岡55",
            "|奈良県|高市郡明日香村|岡|55|",
        ),
        ("港区芝", "||港区|芝||"),
    ] {
        assert_eq!(shown(text, "JP"), parts, "{text}");
    }
}

#[test]
fn european_addresses_have_parts() {
    // The first nine are cases of pelias/parser (MIT) and of others who parse addresses.
    for (text, country, parts) in [
        (
            "Am Falkpl. 5, 10437 Berlin",
            "DE",
            "10437||berlin|am falkplatz|5|",
        ),
        (
            "Am Nordkanal 11, 47877 Willich",
            "",
            "47877||willich|am nordkanal|11|",
        ),
        (
            "Am Bürgerpark 15-18, 13156, Berlin",
            "DE",
            "13156||berlin|am buergerpark|15-18|",
        ),
        (
            "Kaschk Bar, Linienstraße 40 10119 Berlin",
            "DE",
            "10119||berlin|linienstr|40|",
        ),
        (
            "Genter Straße 16a, Munich, Germany",
            "DE",
            "||munich|genterstr|16a|",
        ),
        ("Esplanade 17, Berlin", "DE", "||berlin|esplanade|17|"),
        ("25 Straße 50", "DE", "|||25str|50|"),
        ("Domgasse 5, 1010 Wien", "AT", "1010||wien|domgasse|5|"),
        (
            "Margaretenstraße 12/3/4, 1050 Wien",
            "AT",
            "1050||wien|margaretenstr|12|3/4",
        ),
        (
            "Rathausplatz 3 Top 5, 1010 Wien",
            "AT",
            "1010||wien|rathausplatz|3|top 5",
        ),
        (
            "Straße des 17. Juni 135, 10623 Berlin",
            "DE",
            "10623||berlin|str des 17 juni|135|",
        ),
        (
            "Musterweg 5 a\nD-12345 Musterstadt\nDeutschland",
            "",
            "12345||musterstadt|musterweg|5a|",
        ),
        (
            "Bahnhofstr. 1, CH-8001 Zürich",
            "",
            "8001||zuerich|bahnhofstr|1|",
        ),
        (
            "8001 Zürich ZH, Bahnhofstrasse 1",
            "CH",
            "8001|zh|zuerich|bahnhofstr|1|",
        ),
        (
            "12, rue du Rhône, 1204 Genève",
            "CH",
            "1204||geneve|rue du rhone|12|",
        ),
        (
            "Haupt Str. 7, 3. OG links, 50667 Köln",
            "DE",
            "50667||koeln|hauptstr|7|3 og links",
        ),
        (
            "Postfach 1234, 3001 Bern",
            "CH",
            "3001||bern|postfach|1234|",
        ),
        (
            "Torstr. 1/a, 10119 Berlin",
            "DE",
            "10119||berlin|torstr|1a|",
        ),
    ] {
        assert_eq!(shown(text, country), parts, "{text}");
    }
}

#[test]
fn bad_input_is_answered() {
    let long = "Straße 5 ".repeat(100_000);
    for text in [
        "",
        " ",
        ",,,",
        "5",
        "12345",
        "\u{0}",
        "〒",
        "一一一一",
        "-",
        "🏠",
        "۱۲",
        &long,
    ] {
        for country in ["", "JP", "DE", "CH", "US", "?"] {
            let _parts = parse(text, country);
        }
    }
    assert_eq!(parse("", ""), None);
    assert_eq!(parse("10 Downing Street, London SW1A 2AA", "GB"), None);
}
