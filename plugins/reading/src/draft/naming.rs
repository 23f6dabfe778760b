//! Names of columns from headings.

/// Words of Japanese headings, and what they are called in SQL.
const WORDS: [(&str, &str); 121] = [
    ("注文", "order"),
    ("受注", "order"),
    ("発注", "purchase_order"),
    ("購入", "purchase"),
    ("顧客", "customer"),
    ("お客様", "customer"),
    ("得意先", "customer"),
    ("会員", "member"),
    ("仕入先", "supplier"),
    ("取引先", "partner"),
    ("担当者", "person_in_charge"),
    ("担当", "person_in_charge"),
    ("商品", "product"),
    ("製品", "product"),
    ("品目", "item"),
    ("品番", "item_number"),
    ("品名", "item_name"),
    ("型番", "model_number"),
    ("部品", "part"),
    ("部門", "department"),
    ("店舗", "store"),
    ("倉庫", "warehouse"),
    ("伝票", "slip"),
    ("請求", "invoice"),
    ("入金", "payment"),
    ("支払", "payment"),
    ("出荷", "shipment"),
    ("配送", "delivery"),
    ("納品", "delivery"),
    ("納期", "due_date"),
    ("返品", "return"),
    ("返金", "refund"),
    ("在庫", "stock"),
    ("ロット", "lot"),
    ("シリアル", "serial"),
    ("問い合わせ", "inquiry"),
    ("問合せ", "inquiry"),
    ("お問い合わせ", "inquiry"),
    ("受付", "reception"),
    ("番号", "number"),
    ("コード", "code"),
    ("ID", "id"),
    ("名称", "name"),
    ("氏名", "name"),
    ("名前", "name"),
    ("名", "name"),
    ("カナ", "kana"),
    ("フリガナ", "kana"),
    ("住所", "address"),
    ("郵便番号", "postal_code"),
    ("都道府県", "prefecture"),
    ("市区町村", "city"),
    ("電話番号", "phone"),
    ("電話", "phone"),
    ("メールアドレス", "email"),
    ("メール", "email"),
    ("生年月日", "birth_date"),
    ("性別", "gender"),
    ("年齢", "age"),
    ("数量", "quantity"),
    ("単価", "unit_price"),
    ("価格", "price"),
    ("金額", "amount"),
    ("合計", "total"),
    ("小計", "subtotal"),
    ("消費税", "tax"),
    ("税込", "with_tax"),
    ("税抜", "without_tax"),
    ("税", "tax"),
    ("送料", "shipping_fee"),
    ("割引", "discount"),
    ("通貨", "currency"),
    ("日付", "date"),
    ("日時", "at"),
    ("年月日", "date"),
    ("日", "date"),
    ("時刻", "time"),
    ("時間", "time"),
    ("期限", "due"),
    ("開始", "start"),
    ("終了", "end"),
    ("作成", "created"),
    ("更新", "updated"),
    ("登録", "registered"),
    ("変更", "changed"),
    ("削除", "deleted"),
    ("完了", "completed"),
    ("対応", "response"),
    ("状態", "status"),
    ("ステータス", "status"),
    ("区分", "kind"),
    ("種別", "kind"),
    ("種類", "kind"),
    ("カテゴリ", "category"),
    ("分類", "category"),
    ("内容", "content"),
    ("詳細", "details"),
    ("本文", "body"),
    ("件名", "subject"),
    ("タイトル", "title"),
    ("備考", "remarks"),
    ("メモ", "memo"),
    ("コメント", "comment"),
    ("理由", "reason"),
    ("原因", "cause"),
    ("評価", "rating"),
    ("点数", "score"),
    ("レビュー", "review"),
    ("言語", "language"),
    ("国", "country"),
    ("地域", "region"),
    ("単位", "unit"),
    ("重量", "weight"),
    ("サイズ", "size"),
    ("色", "color"),
    ("カラー", "color"),
    ("勘定科目", "account"),
    ("借方", "debit"),
    ("貸方", "credit"),
    ("摘要", "description"),
    ("レコード", "record"),
];

/// The name of a column from its heading; `at` is its place, from 0.
pub(super) fn column_name(heading: &str, at: usize) -> String {
    let place = format!("column_{}", at + 1);
    let number = heading.strip_prefix('#').unwrap_or(heading);
    if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("column_{number}");
    }
    in_words(heading).unwrap_or_else(|| identifier(heading, &place))
}

/// A heading that consists of known words: `注文番号` is `order_number`.
fn in_words(heading: &str) -> Option<String> {
    let plain = crate::values::plain_width(heading);
    let (heading, number) = match plain.rsplit_once('#') {
        Some((heading, number)) => (heading, Some(number)),
        None => (&*plain, None),
    };
    let mut rest = heading.trim_matches(is_between);
    let mut names = Vec::new();
    while !rest.is_empty() {
        let known = WORDS.iter().filter(|(word, _)| rest.starts_with(word));
        let (word, name) = known.max_by_key(|(word, _)| word.len())?;
        names.push(*name);
        rest = rest.strip_prefix(word)?.trim_start_matches(is_between);
    }
    names.extend(number);
    (!names.is_empty()).then(|| names.join("_"))
}

fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '・' | '_' | '-' | '/' | '(' | ')' | '【' | '】' | ':' | '：' | 'の'
        )
}

/// A name that SQL takes, from any text; `otherwise` when nothing of it can be kept.
pub(super) fn identifier(text: &str, otherwise: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in crate::values::plain_width(text).chars() {
        let plain = match c {
            'ä' | 'Ä' => "ae",
            'ö' | 'Ö' => "oe",
            'ü' | 'Ü' => "ue",
            'ß' => "ss",
            'é' | 'è' | 'ê' | 'É' => "e",
            'á' | 'à' | 'â' | 'ã' => "a",
            'ç' => "c",
            'í' => "i",
            'ó' | 'ô' | 'õ' => "o",
            'ú' => "u",
            'ñ' => "n",
            _ => "",
        };
        // `OrderLine` is two words, `ID` is one.
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            out.push('_');
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !plain.is_empty() {
            out.push_str(plain);
        } else if !out.ends_with('_') {
            out.push('_');
        }
        before = c;
    }
    let kept = out.trim_matches('_').to_owned();
    let kept: String = kept.chars().take(56).collect();
    match kept.chars().next() {
        None => otherwise.to_owned(),
        Some(c) if c.is_ascii_digit() => format!("{otherwise}_{kept}"),
        Some(_) => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_become_names() {
        for (heading, name) in [
            ("注文番号", "order_number"),
            ("顧客コード", "customer_code"),
            ("作成日時", "created_at"),
            ("メールアドレス", "email"),
            ("商品名（カナ）", "product_name_kana"),
            ("担当者#2", "person_in_charge_2"),
            ("靴の色", "column_3"),
            ("OrderLine", "order_line"),
            ("Größe (cm)", "groesse_cm"),
            ("#7", "column_7"),
            ("4", "column_4"),
            ("Phone#2", "phone_2"),
        ] {
            assert_eq!(column_name(heading, 2), name, "{heading}");
        }
    }
}
