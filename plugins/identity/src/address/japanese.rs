//! Japanese addresses: postal code, prefecture, town and ward, quarter, numbers, room.

use unicode_normalization::UnicodeNormalization;

use super::{AddressParts, filled};
use crate::text::folded;

/// Towns whose names hold what ends the name of a town.
const TOWNS: [&str; 26] = [
    "四日市市",
    "廿日市市",
    "野々市市",
    "市川市",
    "市原市",
    "町田市",
    "村山市",
    "東村山市",
    "武蔵村山市",
    "大村市",
    "田村市",
    "村上市",
    "羽村市",
    "郡山市",
    "大和郡山市",
    "郡上市",
    "蒲郡市",
    "小郡市",
    "十日町市",
    "大町市",
    "東村",
    "玉村町",
    "余市町",
    "中村市",
    "八日市市",
    "今市市",
];
/// How far the ward of a town, and the town of a district, may reach.
const WARD_MAX: usize = 5;
const DISTRICT_MAX: usize = 8;

pub(super) fn parse(text: &str) -> AddressParts {
    let plain: String = text.nfkc().collect();
    let plain = plain.trim().trim_start_matches("日本").trim_start();
    let (postal, rest) = postal(plain);
    let rest: String = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    let (region, rest) = prefecture(&rest);
    let (city, rest) = city(rest.trim_start());
    let (street, numbers, behind) = numbers(rest.trim_start());
    let mut numbers = numbers;
    // The fourth number is that of the room.
    let room = (numbers.len() > 3).then(|| numbers.pop()).flatten();
    let street = street.trim_start_matches("大字").trim_start_matches('字');
    let behind = folded(behind).replace("号室", "").replace(' ', "");
    AddressParts {
        postal_code: postal,
        region: filled(region),
        city: filled(&comparable(city)),
        street: filled(&comparable(street)),
        number: filled(&numbers.join("-")),
        unit: room.or_else(|| filled(&behind)),
    }
}

/// ヶ, ケ and が between kanji are one; blanks say nothing.
fn comparable(text: &str) -> String {
    folded(text).replace(['ゖ', 'ヶ'], "け").replace(' ', "")
}

fn postal(text: &str) -> (Option<String>, &str) {
    let begin = text.trim_start_matches('〒').trim_start();
    let mut digits = String::new();
    for (at, c) in begin.char_indices() {
        match c {
            '0'..='9' if digits.len() < 7 => digits.push(c),
            c if is_dash(c) && digits.len() == 3 => {}
            _ if digits.len() == 7 => {
                return (
                    Some(digits),
                    begin.get(at..).unwrap_or_default().trim_start(),
                );
            }
            _ => return (None, text),
        }
    }
    if digits.len() == 7 {
        return (Some(digits), "");
    }
    (None, text)
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | 'ー' | '－' | '一'
    )
}

fn prefecture(text: &str) -> (&str, &str) {
    for name in ["東京都", "北海道", "京都府", "大阪府"] {
        if let Some(rest) = text.strip_prefix(name) {
            return (name, rest);
        }
    }
    let end = text.char_indices().take(4).find(|(_, c)| *c == '県');
    let end = end.map(|(at, c)| at + c.len_utf8());
    end.and_then(|end| text.split_at_checked(end))
        .unwrap_or(("", text))
}

/// The town with its ward, or the district with its town.
fn city(text: &str) -> (&str, &str) {
    let until = |from: usize, marks: &[char], most: usize| {
        let behind = text.get(from..)?;
        let found = behind
            .char_indices()
            .take(most + 1)
            .find(|(at, c)| *at > 0 && marks.contains(c));
        // The name ends before the numbers.
        let (at, c) = found?;
        let inside = behind.get(..at)?;
        (!inside.contains(|c: char| c.is_ascii_digit())).then_some(from + at + c.len_utf8())
    };
    let known = TOWNS
        .iter()
        .filter(|town| text.starts_with(**town))
        .map(|town| town.len())
        .max();
    let town = known.or_else(|| until(0, &['市'], DISTRICT_MAX));
    let ward = until(0, &['区'], WARD_MAX);
    let district =
        until(0, &['郡'], WARD_MAX).and_then(|end| until(end, &['町', '村'], DISTRICT_MAX));
    let end = match (town, ward, district) {
        (Some(town), ward, _) if known.is_some() || ward.is_none_or(|ward| ward > town) => {
            // 高市郡 is a district, no town.
            let is_district =
                known.is_none() && text.get(town..).is_some_and(|rest| rest.starts_with('郡'));
            district
                .filter(|_| is_district)
                .or_else(|| until(town, &['区'], WARD_MAX))
                .or(Some(town))
        }
        (_, Some(ward), _) => Some(ward),
        (_, None, Some(district)) => Some(district),
        _ => until(0, &['町', '村'], DISTRICT_MAX),
    };
    end.and_then(|end| text.split_at_checked(end))
        .unwrap_or(("", text))
}

/// What stands before the numbers, the numbers, and what follows them.
fn numbers(text: &str) -> (String, Vec<String>, &str) {
    let mut street = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((digits, behind)) = number(rest) {
            // 北1条西2丁目: the first number belongs to the quarter.
            let is_name = behind.starts_with(['条', '線']);
            // 三丁目 and 二丁3, but 八丁西町; 一番1号, but 四番町.
            let is_ended = |mark: &str| {
                let after = behind.strip_prefix(mark);
                after.is_some_and(|after| after.is_empty() || number(after).is_some())
            };
            let is_counted = behind.starts_with("丁目")
                || behind.starts_with("番地")
                || behind.starts_with('号')
                || is_ended("丁")
                || is_ended("番");
            let is_digit = c.is_ascii_digit();
            if is_name {
                street.push_str(&digits);
                rest = behind;
                continue;
            }
            if is_digit || is_counted {
                let (found, behind) = list(rest);
                return (street, found, behind);
            }
        }
        street.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    (street, Vec::new(), rest)
}

/// 三丁目2番1号, 3-2-1, 3の2の1: numbers with what stands between them.
fn list(text: &str) -> (Vec<String>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((number, behind)) = number(rest) {
        found.push(number);
        let between = [
            "丁目",
            "丁",
            "番地の",
            "番地",
            "番の",
            "番",
            "号",
            "の",
            "ノ",
        ];
        let mut next = behind.trim_start();
        let mut is_room = false;
        for word in between {
            if let Some(after) = next.strip_prefix(word) {
                is_room = word == "号";
                next = after;
                break;
            }
        }
        let after = next.trim_start_matches(is_dash);
        let is_joined = after.len() < behind.len() && !behind.starts_with(' ')
            || next.len() < behind.trim_start().len();
        rest = if next.starts_with("室") {
            behind
        } else {
            after
        };
        if !is_joined || is_room {
            break;
        }
        rest = rest.trim_start();
    }
    (found, rest)
}

/// A number at the begin of `text`, of digits or kanji, and what follows it.
fn number(text: &str) -> Option<(String, &str)> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    if digits > 0 {
        let (number, rest) = text.split_at_checked(digits)?;
        let bare = number.trim_start_matches('0');
        return Some((if bare.is_empty() { "0" } else { bare }.to_owned(), rest));
    }
    let end = text.find(|c| value(c).is_none()).unwrap_or(text.len());
    let (kanji, rest) = text
        .split_at_checked(end)
        .filter(|(kanji, _)| !kanji.is_empty())?;
    let mut sum = 0_u32;
    let mut ones = None;
    for value in kanji.chars().filter_map(value) {
        if value >= 10 {
            sum = sum.saturating_add(ones.take().unwrap_or(1) * value);
        } else {
            ones = Some(ones.map_or(value, |ones: u32| {
                ones.saturating_mul(10).saturating_add(value)
            }));
        }
    }
    Some(((sum.saturating_add(ones.unwrap_or(0))).to_string(), rest))
}

fn value(c: char) -> Option<u32> {
    let place = "〇一二三四五六七八九".chars().position(|digit| digit == c);
    match c {
        '十' => Some(10),
        '百' => Some(100),
        _ => place.and_then(|place| u32::try_from(place).ok()),
    }
}
