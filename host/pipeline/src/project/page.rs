//! `pages/NAME.toml`: what a report shows of the published tables, one block a query.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeValue;

use super::error::ProjectError;
use super::located::Located;
use super::paths::shown;
use super::pipeline::Language;
use super::value::ConfigValue;
use super::written::{Section, TomlFile, Written};
use tsugi_core::diagnostic::{Diagnostic, Place};
use tsugi_core::name::{NameError, RelationName, VarName};
use tsugi_core::source_text::SourceText;

/// The variable that says to the query of a block in which language the page is.
const LANG: &str = "lang";
/// The highest position of a page.
const POSITION_MAX: u64 = 1_000;
/// Blocks of one page; somebody reads them.
const BLOCKS_MAX: usize = 40;

/// One page of a report.
#[derive(Clone, Debug)]
pub struct Page {
    /// The name of its file.
    pub name: String,
    pub title: Words,
    pub about: Option<Words>,
    pub position: u64,
    pub blocks: Vec<PageBlock>,
}

/// One block: what a query finds, and how it is shown.
#[derive(Clone, Debug)]
pub struct PageBlock {
    pub title: Words,
    pub about: Option<Words>,
    pub show: Show,
    pub scale: Scale,
    /// Where a line crosses the picture.
    pub reference: Option<f64>,
    /// The query, with blank lines and blanks in front so that every place in it is that of the file.
    pub sql: SourceText,
    /// Where `show` is written, or else the block.
    pub place: Located<String>,
    /// The whole file.
    text: SourceText,
}

impl PageBlock {
    /// The same finding with the line as the file has it.
    pub fn shown(&self, mut finding: Diagnostic) -> Diagnostic {
        if let (Some(place), Some(snippet)) = (&finding.place, &mut finding.snippet) {
            let mut lines = self.text.body().lines();
            let at = usize::try_from(place.line.saturating_sub(1)).unwrap_or_default();
            if let Some(line) = lines.nth(at) {
                line.clone_into(&mut snippet.line);
            }
        }
        finding
    }
}

/// A text in each language of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(BTreeMap<&'static str, String>);

/// How rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// All columns and rows.
    #[default]
    Table,
    /// Single figures, one a row.
    Figures,
    /// Bars, or dots on intervals.
    Bars,
    /// Lines over time.
    Lines,
    /// How far promise and fact part.
    Bridge,
    /// Sentences.
    Sentences,
}

/// How values stand beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    #[default]
    Linear,
    /// Each doubling takes the same room.
    Log,
}

impl Show {
    const ALL: [(&'static str, Self, &'static [&'static str]); 6] = [
        ("table", Self::Table, &[]),
        ("figures", Self::Figures, &["label", "value"]),
        ("bars", Self::Bars, &["label", "value"]),
        ("lines", Self::Lines, &["x", "value"]),
        ("bridge", Self::Bridge, &["label", "value"]),
        ("sentences", Self::Sentences, &["sentence"]),
    ];

    /// The columns that its query must have.
    pub fn columns(self) -> &'static [&'static str] {
        let found = Self::ALL.iter().find(|(_, show, _)| *show == self);
        found.map_or(&[], |(.., columns)| columns)
    }
}

impl Language {
    /// Every language of reports.
    pub const ALL: [Self; 3] = [Self::En, Self::Ja, Self::De];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
            Self::De => "de",
        }
    }
}

impl Words {
    /// The text in a language; another one where that is missing.
    pub fn in_language(&self, language: Language) -> &str {
        let found = self.0.get(language.code());
        found
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// Whether it is written in this language.
    fn has(&self, language: Language) -> bool {
        self.0.contains_key(language.code())
    }
}

impl Page {
    /// The languages that its title is written in; none for a title that is the same in all.
    pub fn languages(&self) -> impl Iterator<Item = Language> {
        Language::ALL
            .into_iter()
            .filter(|language| self.title.has(*language))
    }
}

/// The variables of a project with the language of a page.
pub fn with_language(
    vars: &BTreeMap<VarName, ConfigValue>,
    language: Language,
) -> BTreeMap<VarName, ConfigValue> {
    let mut vars = vars.clone();
    if let Ok(name) = LANG.parse() {
        vars.insert(name, ConfigValue::Text(language.code().to_owned()));
    }
    vars
}

/// The pages among the files of a folder, in their order.
pub(super) fn pages(
    folder: &Path,
    files: Vec<(String, PathBuf)>,
    vars: &BTreeMap<VarName, ConfigValue>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Page> {
    let mut pages = Vec::new();
    if !files.is_empty() && vars.keys().any(|name| name.as_str() == LANG) {
        let error = ProjectError::Twice {
            what: "variable",
            name: LANG.into(),
            first: "`[vars]`".into(),
            second: "the language of `pages/`".into(),
        };
        diagnostics.push(Diagnostic::of(&error).at(Place::of_file("pipeline.toml")));
    }
    for (name, path) in files {
        let file = shown(folder, &path);
        let Some(stem) = name.strip_suffix(".toml").filter(|_| path.is_file()) else {
            // Notes may lie beside the pages.
            if !name.ends_with(".md") {
                let error = ProjectError::Misplaced {
                    file: file.clone(),
                    reason: "a page is a file that ends with `.toml`",
                    fix: "rename it, or move it out of `pages/`".into(),
                };
                let place = Place::of_file(&file);
                diagnostics.push(Diagnostic::of(&error).at(place).as_warning());
            }
            continue;
        };
        let named: Result<RelationName, NameError> = stem.parse();
        if let Err(error) = named {
            let error = ProjectError::Name(error);
            diagnostics.push(Diagnostic::of(&error).at(Place::of_file(&file)));
            continue;
        }
        match SourceText::read(&path, &file) {
            Ok(text) => pages.extend(page(stem, &text, diagnostics)),
            Err(error) => diagnostics.push(Diagnostic::of(&error)),
        }
    }
    pages.sort_by(|one, other| (one.position, &one.name).cmp(&(other.position, &other.name)));
    pages
}

fn page(name: &str, text: &SourceText, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    let (file, table) = TomlFile::parse(text);
    let root = Section::root(&file, &table);
    let title = words(&root, "title", true);
    let about = words(&root, "about", false);
    let position = root
        .number("position", 1, POSITION_MAX)
        .unwrap_or(POSITION_MAX);
    let blocks = blocks(&root);
    root.finish();
    let has_errors = file.has_errors();
    diagnostics.extend(file.into_diagnostics());
    let page = Page {
        name: name.to_owned(),
        title: title?,
        about,
        position,
        blocks,
    };
    (!has_errors).then_some(page)
}

fn blocks(root: &Section<'_, '_>) -> Vec<PageBlock> {
    let Some(listed) = root.list("blocks") else {
        root.missing("blocks", "[[blocks]] with `title` and `sql`");
        return Vec::new();
    };
    if listed.len() > BLOCKS_MAX {
        let error = ProjectError::WrongValue {
            key: "blocks".into(),
            value: format!("{} blocks", listed.len()),
            wanted: format!("at most {BLOCKS_MAX} a page; begin another page"),
        };
        root.file().find(&root.key_span("blocks"), &error);
    }
    listed
        .iter()
        .take(BLOCKS_MAX)
        .filter_map(|one| block(root, one))
        .collect()
}

fn block<'t>(root: &Section<'_, 't>, value: &Spanned<DeValue<'t>>) -> Option<PageBlock> {
    let section = root.section_of("blocks", &value.span(), value)?;
    let title = words(&section, "title", true);
    let about = words(&section, "about", false);
    let show = choice(
        &section,
        "show",
        Show::ALL.map(|(name, show, _)| (name, show)),
    );
    let scale = choice(
        &section,
        "scale",
        [("linear", Scale::Linear), ("log", Scale::Log)],
    );
    let reference = section.float("reference");
    let sql = section.required("sql", "sql = \"SELECT …\"");
    let text = section.file().text();
    let place = Located::new(
        text,
        &Written {
            value: String::new(),
            span: section.key_span("show"),
        },
    );
    section.finish();
    Some(PageBlock {
        title: title?,
        about,
        show: show.unwrap_or_default(),
        scale: scale.unwrap_or_default(),
        reference,
        sql: in_place(text, &sql?),
        place,
        text: text.clone(),
    })
}

/// One of some words.
fn choice<T: Copy, const N: usize>(
    section: &Section<'_, '_>,
    key: &'static str,
    all: [(&'static str, T); N],
) -> Option<T> {
    let written = section.string(key)?;
    let found = all.iter().find(|(name, _)| *name == written.value);
    if found.is_none() {
        let error = ProjectError::WrongValue {
            key: section.full(key),
            value: written.value.clone(),
            wanted: format!("one of {}", all.map(|(name, _)| name).join(", ")),
        };
        section.file().find(&written.span, &error);
    }
    found.map(|(_, value)| *value)
}

/// A text for all languages, or a table of one text a language.
fn words(section: &Section<'_, '_>, key: &'static str, is_required: bool) -> Option<Words> {
    if !section.has(key) {
        if is_required {
            section.missing(key, &format!("{key} = \"…\""));
        }
        return None;
    }
    if !section.is_table(key) {
        let text = section.string(key)?.value;
        return Some(Words([("", text)].into()));
    }
    let languages = section.section(key)?;
    let texts = Language::ALL.into_iter().filter_map(|language| {
        let text = languages.string(language.code())?;
        Some((language.code(), text.value))
    });
    let texts: BTreeMap<_, _> = texts.collect();
    if texts.is_empty() {
        languages.missing("en", "en = \"…\"");
    }
    languages.finish();
    Some(Words(texts))
}

/// A query that stands where it stands in its file: what is found in it has the place of the file.
fn in_place(text: &SourceText, sql: &Written<String>) -> SourceText {
    let body = text.body();
    let written = body.get(sql.span.clone()).unwrap_or_default();
    // A text with escapes is not written as it reads; its lines are those of the key then.
    let start = written
        .find(sql.value.as_str())
        .map_or(sql.span.start, |at| sql.span.start + at);
    let place = text.place(&(start..start));
    let lines = usize::try_from(place.line.saturating_sub(1)).unwrap_or_default();
    let columns = usize::try_from(place.column.saturating_sub(1)).unwrap_or_default();
    let padded = format!("{}{}{}", "\n".repeat(lines), " ".repeat(columns), sql.value);
    SourceText::new(text.file(), &padded)
}
