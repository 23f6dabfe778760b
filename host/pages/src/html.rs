//! A whole page: one file that needs no other, no script and no address.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::block::section;
use crate::words::{Word, own_name};
use crate::{Page, Report};
use tsugi_pipeline::project::pipeline::Language;

/// Nothing is loaded and nothing runs, also where a text of a customer were taken for markup.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const STYLE: &str = include_str!("style.css");

/// The name of the file of a page; the first language of a report has no suffix.
pub fn file_name(report: &Report, page: &str, language: Language) -> String {
    match report.languages.first() {
        Some(first) if *first == language => format!("{page}.html"),
        _ => format!("{page}.{}.html", language.code()),
    }
}

/// A page as HTML; `pages` are all of the report, as (name, title), in their order.
pub fn page(
    report: &Report,
    pages: &[(String, String)],
    page: &Page,
    language: Language,
) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (page.title) " · " (report.name) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { (Word::Skip.of(language)) }
                header { (navigation(report, pages, page, language)) }
                main id="content" {
                    h1 { (page.title) }
                    @if let Some(about) = &page.about { p.about { (about) } }
                    @for (number, block) in page.blocks.iter().enumerate() {
                        (section(block, number, language))
                    }
                }
                footer {
                    p {
                        (Word::AsOf.of(language)) " " (report.as_of) " · "
                        (Word::Snapshot.of(language)) " " (report.snapshot) ", "
                        (Word::Published.of(language)) " " (report.published_at)
                    }
                    @if let Some(description) = &report.description { p { (description) } }
                }
            }
        }
    };
    markup.into_string()
}

fn navigation(
    report: &Report,
    pages: &[(String, String)],
    page: &Page,
    language: Language,
) -> Markup {
    html! {
        p.name { (report.name) }
        nav aria-label=(Word::Pages.of(language)) {
            ul {
                @for (name, title) in pages {
                    @let current = (*name == page.name).then_some("page");
                    li { a href=(file_name(report, name, language)) aria-current=[current] { (title) } }
                }
            }
        }
        @if report.languages.len() > 1 {
            ul.languages {
                @for other in &report.languages {
                    @let current = (*other == language).then_some("true");
                    li {
                        a href=(file_name(report, &page.name, *other)) lang=(other.code())
                            hreflang=(other.code()) aria-current=[current] { (own_name(*other)) }
                    }
                }
            }
        }
    }
}
