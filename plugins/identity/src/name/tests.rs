//! Names in one form, and how alike they are.

use super::*;

#[test]
fn one_name_has_one_form() {
    for (typed, form) in [
        ("髙橋　健太 様", "高橋健太"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "やまだたろう"),
        ("YAMADA, Taro", "taro yamada"),
        ("Dr. Anna-Maria Müller", "anna maria mueller"),
        ("Herr Jürgen Groß", "juergen gross"),
        ("佐々木さん", "佐佐木"),
        ("山﨑 賢人", "山崎賢人"),
        ("（株）ヤマダ", "株式会社やまだ"),
        ("㈱ﾔﾏﾀﾞ", "株式会社やまだ"),
        ("Sam San", "sam san"),
        ("Tanaka-san", "tanaka"),
    ] {
        assert_eq!(normalize(typed).as_deref(), Some(form), "{typed}");
    }
    assert_eq!(normalize(" ・ "), None);
    assert_eq!(normalize("様"), None);
}

#[test]
fn likeness_of_names() {
    let like = |one: [&str; 2], other: [&str; 2]| {
        let read = |[name, kana]: [&str; 2]| Name::read(name, kana).unwrap();
        let (one, other) = (read(one), read(other));
        assert_eq!(one.likeness(&other), other.likeness(&one));
        one.likeness(&other)
    };
    let plain = |one, other| like([one, ""], [other, ""]);
    assert_eq!(plain("渡邊 健", "渡辺健"), Likeness::Same);
    assert_eq!(plain("Taro Yamada", "Yamada, Taro"), Likeness::Same);
    assert_eq!(plain("Yamada Taro", "Taro YAMADA"), Likeness::Same);
    assert_eq!(
        like(["山田 太郎", "ヤマダ タロウ"], ["やまだ たろう", ""]),
        Likeness::SameReading
    );
    assert_eq!(
        like(["山田 太郎", "ヤマダ タロウ"], ["Taro Yamada", ""]),
        Likeness::SameReading
    );
    assert_eq!(plain("山田 太郎", "ヤマダ タロウ"), Likeness::Unknown);
    assert_eq!(
        like(["伊藤 誠", "イトウ マコト"], ["伊東 誠", "イトウ マコト"]),
        Likeness::Homophone
    );
    assert_eq!(
        like(
            ["田中 裕子", "タナカ ユウコ"],
            ["田中裕子", "タナカ ヒロコ"]
        ),
        Likeness::OtherReading
    );
    assert_eq!(plain("山田 花子", "鈴木 花子"), Likeness::SameGiven);
    assert_eq!(plain("山田花子", "鈴木花子"), Likeness::SameGiven);
    assert_eq!(plain("山田 翔", "鈴木翔"), Likeness::SameGiven);
    assert_eq!(plain("山田 翔", "山田翔太"), Likeness::SameFamily);
    assert_eq!(plain("山田 花子", "山田 太郎"), Likeness::SameFamily);
    assert_eq!(plain("Anna Weber", "Hanna Weber"), Likeness::GivenTypo);
    assert_eq!(plain("Anna Weber", "Anna Webre"), Likeness::FamilyTypo);
    assert_eq!(plain("A. Weber", "Anna Weber"), Likeness::Initial);
    assert_eq!(plain("Anna Weber", "Anna Koch"), Likeness::SameGiven);
    assert_eq!(plain("Anna Weber", "Paul Koch"), Likeness::Different);
    assert_eq!(plain("Weber", "Anna Weber"), Likeness::Part);
    assert_eq!(plain("Anna", "Weber, Anna"), Likeness::Part);
    assert_eq!(plain("山田", "山田 太郎"), Likeness::Part);
    assert_eq!(plain("鈴木", "山田 太郎"), Likeness::Different);
    assert_eq!(plain("Annetta Webre", "Anette Weber"), Likeness::BothTypo);
    assert_eq!(plain("Weber Annetta", "Anette Weber"), Likeness::BothTypo);
    assert_eq!(
        plain("Alessandra Rossi", "Alesandro Rossi"),
        Likeness::GivenTypo
    );
    assert_eq!(plain("Michael Weber", "Micheal Weber"), Likeness::GivenSlip);
    assert_eq!(plain("Martin Weber", "Martina Weber"), Likeness::GivenTypo);
    assert_eq!(plain("Anna Weber", "Emma Weber"), Likeness::SameFamily);
}
