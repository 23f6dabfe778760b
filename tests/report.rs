//! `tsugi report`: pages that a person opens without a server, whatever the rows hold.

use std::path::Path;

use crate::sample_copy::Project;
use crate::sample_run::published;

/// Tags without an end.
const VOID: [&str; 2] = ["meta", "!DOCTYPE"];

/// A project with one seed, one model over it, and one page.
fn one_page(name: &str, seed: &str, page: &str) -> Project {
    let project = Project::empty(name);
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"small\"\nas_of = \"2026-03-31\"\n[seeds.rows]\ncolumns = { n = \"float\" }\n",
    );
    project.write("seeds/rows.csv", seed);
    project.write("models/shop/rows.sql", "SELECT * FROM seeds.rows");
    project.write("pages/first.toml", page);
    project
}

/// The text of a page, whose tags close each other.
fn html(folder: &Path, file: &str) -> String {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let name = tag.split_whitespace().next().unwrap().trim_end_matches('/');
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "in {file} before {rest:.80}"),
            None if VOID.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{file} leaves {open:?} open");
    text
}

fn report(project: &Project) -> std::path::PathBuf {
    let site = project.path("site");
    project
        .tsugi("report", &["--out", site.to_str().unwrap()])
        .ended(0);
    site
}

#[test]
fn the_sample_has_pages_in_three_languages_that_need_nothing_else() {
    let run = published();
    let site = report(&run.project);
    for page in ["cause", "perception", "reality"] {
        for (suffix, words) in [
            ("", "The numbers as a table"),
            (".ja", "数値の表"),
            (".de", "Die Zahlen als Tabelle"),
        ] {
            let text = html(&site, &format!("{page}{suffix}.html"));
            assert!(text.contains(words), "{page}{suffix}");
            for from_elsewhere in [
                "<script",
                "http://",
                "https://",
                "<img",
                "<link",
                "javascript:",
            ] {
                assert!(
                    !text.contains(from_elsewhere),
                    "{page}{suffix} has {from_elsewhere}"
                );
            }
            assert!(
                text.len() < 500_000,
                "{page}{suffix} has {} bytes",
                text.len()
            );
            for other in ["cause", "perception", "reality"] {
                assert!(
                    text.contains(&format!("href=\"{other}{suffix}.html\"")),
                    "{page}{suffix}"
                );
            }
        }
    }
    assert_eq!(html(&site, "index.html"), html(&site, "cause.html"));
    let sentences = run
        .project
        .lines("SELECT sentence FROM ceo.headlines WHERE language = 'ja'");
    let text = html(&site, "cause.ja.html");
    for sentence in sentences {
        assert!(text.contains(&sentence), "no {sentence}");
    }
    // What is drawn is what is published: the promise that is broken most, and the figure beside it.
    let row = &run.project.rows(
        "SELECT round(100 * (1 - broken_share), 1) AS kept, broken, judged FROM ceo.promise_facts
         WHERE region = 'all' AND judged > 0 ORDER BY broken_share DESC LIMIT 1",
    )[0];
    let text = html(&site, "cause.html");
    let fact = format!("{} of {} not kept", row["broken"], row["judged"]);
    assert!(text.contains(&fact), "no {fact}");
    assert!(
        text.contains(&format!("{} (", row["kept"])),
        "no {}",
        row["kept"]
    );
}

#[test]
fn a_text_of_a_customer_is_text() {
    let hostile = "<script>alert(1)</script>\" onload=\"x</svg></title>\u{202e}&amp;";
    let seed = format!("n,t\n1,\"{}\"\n", hostile.replace('"', "\"\""));
    let blocks = ["table", "sentences", "figures", "bars", "bridge", "lines"].map(|show| {
        format!(
            "[[blocks]]\ntitle = \"{show}\"\nshow = \"{show}\"\nsql = \"SELECT n AS x, n AS value, t AS label, t AS sentence, \
             t AS note, t AS series, t AS promise, t AS fact FROM shop.rows\"\n"
        )
    });
    let project = one_page(
        "report-text",
        &seed,
        &format!("title = \"<b>\"\n{}", blocks.concat()),
    );
    project.tsugi("run", &[]).ended(0);
    let text = html(&report(&project), "first.html");
    assert!(!text.contains("<script") && !text.contains("<b>"), "{text}");
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"));
}

#[test]
fn odd_rows_still_make_a_page() {
    let seed = format!(
        "n,t\n,\n-1e300,a\n1e300,b\n0,{}\n0.0000001,2026-01-02\nnan,2026-05-02\n{}",
        "長".repeat(400),
        "7,x\n".repeat(700)
    );
    let kinds = ["table", "figures", "bars", "bridge", "lines"];
    let blocks = kinds.map(|show| {
        let of = |name: &str, from: &str| {
            format!(
                "[[blocks]]\ntitle = \"{show} {name}\"\nshow = \"{show}\"\nscale = \"log\"\nreference = 0\n\
                 sql = \"SELECT t AS x, n AS value, n - 1 AS low, n + 1 AS high, t AS label FROM shop.rows {from}\"\n"
            )
        };
        of("all", "") + &of("none", "WHERE false") + &of("one", "WHERE n = 0") + &of("null", "WHERE n IS NULL")
    });
    let project = one_page(
        "report-odd",
        &seed,
        &format!("title = \"odd\"\n{}", blocks.concat()),
    );
    project.tsugi("run", &[]).ended(0);
    let text = html(&report(&project), "first.html");
    for words in [
        "500 rows are shown; there are more",
        "There is nothing to show.",
        "no value",
    ] {
        assert!(text.contains(words), "no `{words}`");
    }
    for number in ["=\"NaN\"", "=\"inf\"", "NaN\"", "inf\""] {
        assert!(!text.contains(number), "a coordinate is {number}");
    }
}

#[test]
fn personal_columns_are_hidden_and_named() {
    let run = published();
    let project = &run.project;
    let copy = Project::committed("report-personal");
    copy.write(
        "pages/cause.toml",
        "title = \"who\"\n[[blocks]]\ntitle = \"who\"\nsql = \"SELECT customer_id, name FROM crm.customers ORDER BY 1 LIMIT 3\"\n",
    );
    crate::support::copy(&project.path(".tsugi"), &copy.path(".tsugi"));
    let text = html(&report(&copy), "cause.html");
    assert!(text.contains("Hidden as personal: name"), "{text}");
    let names = project.tsugi(
        "query",
        &[
            "SELECT name FROM crm.customers ORDER BY customer_id LIMIT 3",
            "--format",
            "json",
            "--show-personal",
            "--by",
            "Nora",
            "--why",
            "a test",
        ],
    );
    let names = crate::sample_copy::objects(&names.ended(0).stdout);
    assert_eq!(names.len(), 3);
    for name in names {
        assert!(!text.contains(name["name"].as_str().unwrap()));
    }
}

#[test]
fn what_is_wrong_with_a_page_is_found_at_its_place() {
    let page = "title = \"wrong\"\n\n[[blocks]]\ntitle = \"a\"\nshow = \"bars\"\nsql = '''\nSELECT\n  t AS label,\n  m AS value\nFROM shop.rows\n'''\n\
                [[blocks]]\ntitle = \"b\"\nshow = \"lines\"\nsql = \"SELECT t AS x, n FROM shop.rows\"\n\
                [[blocks]]\ntitle = \"c\"\nsql = \"SELECT 1 FROM shop.row\"\n";
    let project = one_page("report-wrong", "n,t\n1,a\n", page);
    let said = project.tsugi("check", &[]).ended(2).stderr;
    for words in [
        "pages/first.toml:9:3",
        "the picture needs a column `value`; the query gives `x`, `n`\n  --> pages/first.toml:14:1",
        "the pipeline has no table `shop.row`\n  --> pages/first.toml:18:22\n",
        "18 | sql = \"SELECT 1 FROM shop.row\"\n",
        "hint: did you mean `shop.rows`?",
        "3 errors; nothing ran",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    project.write(
        "pages/first.toml",
        "titel = \"x\"\n[[blocks]]\ntitle = \"a\"\nshow = \"pie\"\n",
    );
    let said = project.tsugi("check", &[]).ended(2).stderr;
    for words in [
        "did you mean `title`",
        "one of table, figures, bars, lines, bridge, sentences",
        "has no `sql`",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    // A page that is none is said, and no variable hides the language.
    project.write(
        "pages/first.toml",
        "title = \"x\"\n[[blocks]]\ntitle = \"a\"\nsql = \"SELECT 1 AS a\"\n",
    );
    project.write("pages/second.yaml", "title: x\n");
    let said = project.tsugi("check", &[]).ended(0).stderr;
    assert!(
        said.contains("`pages/second.yaml` is not read: a page is a file that ends with `.toml`"),
        "{said}"
    );
    let toml = project.read("pipeline.toml");
    project.write("pipeline.toml", &format!("{toml}[vars]\nlang = \"fr\"\n"));
    let said = project.tsugi("check", &[]).ended(2).stderr;
    assert!(said.contains("variable `lang` is there twice"), "{said}");
}

#[test]
fn without_pages_or_tables_it_says_what_to_do() {
    let project = one_page(
        "report-none",
        "n,t\n1,a\n",
        "title = \"x\"\n[[blocks]]\ntitle = \"a\"\nsql = \"SELECT 1 AS a\"\n",
    );
    let site = project.path("site");
    let site = site.to_str().unwrap();
    let said = project.tsugi("report", &["--out", site]).ended(1).stderr;
    assert!(
        said.starts_with("error: nothing is published yet\nhint: tsugi run "),
        "{said}"
    );
    project.tsugi("run", &[]).ended(0);
    std::fs::remove_dir_all(project.path("pages")).unwrap();
    let said = project.tsugi("report", &["--out", site]).ended(2).stderr;
    assert!(
        said.contains("has no pages") && said.contains("pages/NAME.toml"),
        "{said}"
    );
    assert!(!Path::new(site).exists());
}
