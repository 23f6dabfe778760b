//! The words of a page that come from no project, in each language.

use tsugi_pipeline::project::pipeline::Language;

/// What a page itself says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word {
    /// Above the numbers behind a picture.
    Numbers,
    /// Where there are more rows than are shown; how many are shown stands before it.
    FirstRows,
    /// Where a query found nothing.
    NoRows,
    /// Above the names of hidden columns.
    Masked,
    /// The day that the pipeline looks from.
    AsOf,
    /// The published state that was read.
    Snapshot,
    /// When that state was published.
    Published,
    /// Between the ends of an interval.
    To,
    /// The left bank of a bridge.
    Promise,
    /// The right bank.
    Fact,
    /// What leads to the content for a reader with a keyboard alone.
    Skip,
    /// The list of pages.
    Pages,
    /// A value that is not there.
    Missing,
}

impl Word {
    pub(crate) fn of(self, language: Language) -> &'static str {
        let [en, ja, de] = match self {
            Self::Numbers => [
                "The numbers as a table",
                "数値の表",
                "Die Zahlen als Tabelle",
            ],
            Self::FirstRows => [
                "rows are shown; there are more",
                "行を表示（続きがあります）",
                "Zeilen stehen hier, es gibt mehr",
            ],
            Self::NoRows => [
                "There is nothing to show.",
                "該当するデータはありません。",
                "Es gibt nichts zu zeigen.",
            ],
            Self::Masked => [
                "Hidden as personal:",
                "個人情報のため非表示：",
                "Als personenbezogen verdeckt:",
            ],
            Self::AsOf => ["As of", "基準日", "Stand"],
            Self::Snapshot => ["snapshot", "スナップショット", "Snapshot"],
            Self::Published => ["published", "公開日時", "veröffentlicht"],
            Self::To => ["to", "～", "bis"],
            Self::Promise => ["Promise", "約束", "Versprechen"],
            Self::Fact => ["Fact", "事実", "Tatsache"],
            Self::Skip => ["To the content", "本文へ", "Zum Inhalt"],
            Self::Pages => ["Pages", "ページ", "Seiten"],
            Self::Missing => ["no value", "値なし", "kein Wert"],
        };
        match language {
            Language::En => en,
            Language::Ja => ja,
            Language::De => de,
        }
    }
}

/// The name of a language in itself.
pub(crate) fn own_name(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::Ja => "日本語",
        Language::De => "Deutsch",
    }
}
