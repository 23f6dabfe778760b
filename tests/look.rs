//! What a person looks at before running anything: `tsugi ls`, `show`, `lineage`, `plan` and `preview`.

use crate::sample_copy::{Project, objects};
use crate::support::assert_printed;

/// A shop of one seed, a view and two tables, with a check and a variable.
fn shop(name: &str) -> Project {
    let project = Project::empty(name);
    for (file, text) in [
        (
            "pipeline.toml",
            "[pipeline]\nname = \"shop\"\nas_of = \"2026-03-31\"\n[vars]\nleast = 2\n\
             [seeds.orders]\ncolumns = { pieces = \"integer\" }\n",
        ),
        (
            "seeds/orders.csv",
            "order_id,name,pieces\nA-1,Ada,1\nA-2,Ben,3\nA-3,Ben,2\n",
        ),
        (
            "models/staging/orders.sql",
            "-- An order a row.\n-- @kind view\n-- @personal name\nSELECT * FROM seeds.orders",
        ),
        (
            "models/mart/buyers.sql",
            "-- Who bought at least `$least` pieces at once.\n-- @personal name\n\
             -- @column orders: how many orders\nSELECT name, count(*) AS orders\n\
             FROM staging.orders WHERE pieces >= $least GROUP BY name",
        ),
        (
            "models/mart/totals.sql",
            "SELECT sum(orders) AS orders FROM mart.buyers",
        ),
        (
            "checks/orders_have_pieces.sql",
            "-- No order is empty.\nSELECT * FROM staging.orders WHERE pieces < 1",
        ),
    ] {
        project.write(file, text);
    }
    project
}

fn printed(project: &Project, verb: &str, more: &[&str]) -> String {
    project.tsugi(verb, more).ended(0).stdout
}

#[test]
fn ls_lists_what_a_project_has_before_and_after_its_first_run() {
    let project = shop("look-ls");
    assert_printed!(printed(&project, "ls", &[]), @r#"
    kind      name                rows  what it is
    seed      seeds.orders
    table     mart.buyers               Who bought at least `$least` pieces at once.
    table     mart.totals
    view      staging.orders            An order a row.
    check     orders_have_pieces        No order is empty.
    variable  $as_of                    2026-03-31
    variable  $least                    2
    "#);
    project.tsugi("run", &[]).ended(0);
    assert_printed!(printed(&project, "ls", &["--kind", "table", "--kind", "seed"]), @r#"
    kind   name          rows  what it is
    seed   seeds.orders  3
    table  mart.buyers   1     Who bought at least `$least` pieces at once.
    table  mart.totals   1
    "#);
    let listed = objects(&printed(&project, "ls", &["--kind", "check", "--json"]));
    assert_eq!(listed[0]["name"], "orders_have_pieces");
    assert_eq!(listed[0]["file"], "checks/orders_have_pieces.sql");
}

#[test]
fn show_has_columns_readers_and_the_last_run() {
    let project = shop("look-show");
    assert_printed!(printed(&project, "show", &["staging.orders"]), @r#"
    staging.orders  view of models/staging/orders.sql
    An order a row.
    planned into its readers, never published
    reads    seeds.orders
    read by  check orders_have_pieces, mart.buyers

    column    type               what it holds
    order_id  VARCHAR
    name      VARCHAR  personal
    pieces    BIGINT
    "#);
    project.tsugi("run", &[]).ended(0);
    assert_printed!(printed(&project, "show", &["mart.buyers"]), @r#"
    mart.buyers  table of models/mart/buyers.sql
    Who bought at least `$least` pieces at once.
    1 row since snapshot 1, made at TIME by the run RUN
    reads    staging.orders
    read by  mart.totals

    column  type               what it holds
    name    VARCHAR  personal
    orders  BIGINT             how many orders
    "#);
    let shown = objects(&printed(&project, "show", &["mart.buyers", "--json"]));
    assert_eq!(shown[0]["published"]["rows"], 1);
    assert_eq!(shown[0]["columns"][0]["personal"], true);
    assert_printed!(project.tsugi("show", &["mart.buyer"]).ended(2).stderr, @r#"
    error: the pipeline has no table `mart.buyer`
    hint: did you mean `mart.buyers`?

    1 error; nothing ran
    "#);
}

#[test]
fn lineage_goes_both_ways() {
    let project = shop("look-lineage");
    assert_printed!(printed(&project, "lineage", &["mart.buyers"]), @r#"
    mart.buyers made of
    └─ staging.orders
       └─ seeds.orders
    mart.buyers goes into
    └─ mart.totals
    "#);
    assert_printed!(printed(&project, "lineage", &["seeds.orders", "--json"]), @r#"
    {"table":"seeds.orders","way":"made of","edges":[]}
    {"table":"seeds.orders","way":"goes into","edges":[["seeds.orders","staging.orders"],["staging.orders","check orders_have_pieces"],["staging.orders","mart.buyers"],["mart.buyers","mart.totals"]]}
    "#);
}

#[test]
fn plan_says_what_a_run_would_make_and_why() {
    let project = shop("look-plan");
    assert_printed!(printed(&project, "plan", &[]), @r#"
    seeds.orders  it is not published
    mart.buyers   it is not published
    mart.totals   it is not published
    3 tables to make, 0 as published
    "#);
    project.tsugi("run", &[]).ended(0);
    assert_printed!(printed(&project, "plan", &[]), @r#"nothing to make: 3 tables as published"#);
    // A variable, a column's type, a view, a comment: each is named, or changes nothing.
    project.edit("pipeline.toml", "least = 2", "least = 3");
    assert_printed!(printed(&project, "plan", &[]), @r#"
    mart.buyers  $least was 2 and is 3
    mart.totals  it reads mart.buyers
    2 tables to make, 1 as published
    "#);
    project.edit("pipeline.toml", "least = 3", "least = 2");
    project.edit("models/staging/orders.sql", "SELECT *", "SELECT DISTINCT *");
    assert_printed!(printed(&project, "plan", &[]), @r#"
    mart.buyers  the view staging.orders
    mart.totals  it reads mart.buyers
    2 tables to make, 1 as published
    "#);
    project.edit("models/staging/orders.sql", "SELECT DISTINCT *", "SELECT *");
    project.edit(
        "models/mart/totals.sql",
        "SELECT",
        "-- All of them.\nSELECT",
    );
    assert_printed!(printed(&project, "plan", &[]), @r#"nothing to make: 3 tables as published"#);
    project.edit("seeds/orders.csv", "A-3,Ben,2", "A-3,Ben,4");
    assert_printed!(printed(&project, "plan", &[]), @r#"
    seeds.orders  its content
    mart.buyers   it reads seeds.orders
    mart.totals   it reads mart.buyers
    3 tables to make, 0 as published
    "#);
    let plan = objects(&printed(&project, "plan", &["--json"]));
    assert_eq!(plan[0]["tables"], 3);
    assert_eq!(plan[0]["make"][0]["table"], "seeds.orders");
    // What is planned is what the run then makes.
    let run = project.tsugi("run", &[]).ended(0).stderr;
    assert!(run.contains("made=3 unchanged=0"), "{run}");
}

#[test]
fn plan_names_a_lost_file_and_a_table_that_another_program_changed() {
    let project = shop("look-lost");
    project.tsugi("run", &[]).ended(0);
    let files = crate::sample_copy::data_files(&project);
    let file = files
        .iter()
        .find(|file| file.to_string_lossy().contains("totals"))
        .unwrap();
    std::fs::remove_file(file).unwrap();
    assert_printed!(printed(&project, "plan", &[]), @r#"
    mart.totals  a file of it is lost or damaged
    1 table to make, 2 as published
    "#);
}

#[test]
fn preview_shows_rows_before_anything_is_published() {
    let project = shop("look-preview");
    let shown = project.tsugi("preview", &["mart.totals"]).ended(0);
    assert_printed!(shown.stdout, @r#"
    +--------+
    | orders |
    +--------+
    | 2      |
    +--------+
    "#);
    assert_printed!(shown.stderr, @r#"
    [1/3] seeds.orders  3 rows  0.0 s
    [2/3] mart.buyers  1 row  0.0 s
    [3/3] mart.totals  1 row  0.0 s
    "#);
    // A view, with values of persons hidden.
    assert_printed!(printed(&project, "preview", &["staging.orders", "--format", "csv"]), @r#"
    order_id,name,pieces
    A-1,***,1
    A-2,***,3
    A-3,***,2
    "#);
    project
        .tsugi("query", &["SELECT * FROM mart.totals"])
        .ended(1);
    // What a preview has made, the run takes over.
    let run = project.tsugi("run", &[]).ended(0).stderr;
    assert!(run.contains("taken over from the run before"), "{run}");
}

#[test]
fn preview_reads_what_is_published_where_it_still_holds() {
    let project = shop("look-preview-changed");
    project.tsugi("run", &[]).ended(0);
    project.edit("models/mart/totals.sql", "sum(orders)", "10 * sum(orders)");
    let sql = "SELECT orders FROM mart.totals WHERE orders > $least";
    let shown = project.tsugi("preview", &[sql, "--format", "csv"]).ended(0);
    assert_eq!(shown.stdout, "orders\n20\n");
    assert_printed!(shown.stderr, @r#"[3/3] mart.totals  1 row  0.0 s"#);
    assert_eq!(
        project.lines("SELECT orders FROM mart.totals"),
        ["2".to_owned()].into()
    );
    let few = printed(
        &project,
        "preview",
        &["seeds.orders", "--limit", "1", "--format", "csv"],
    );
    assert_eq!(few.lines().count(), 2);
}

#[test]
fn preview_says_what_is_wrong_where() {
    let project = shop("look-preview-wrong");
    let said = [
        "SELECT * FROM mart.buyer",
        "SELECT naem FROM mart.buyers",
        "DELETE FROM mart.buyers",
        "SELECT 1 / (orders - orders) AS x FROM mart.totals",
    ]
    .map(|wrong| {
        let shown = project.tsugi("preview", &[wrong]);
        assert_ne!(shown.code, Some(0), "{wrong}");
        shown.stderr
    });
    assert_printed!(said.join("\n"), @r#"
    error: the pipeline has no table `mart.buyer`
      --> SQL:1:15
    hint: did you mean `mart.buyers`?

    1 error; nothing ran

    error: column `naem` not found
      --> SQL:1:8
       |
     1 | SELECT naem FROM mart.buyers
       |        ^^^^
    hint: did you mean `name`?

    1 error; nothing ran

    error: `DELETE` is not a query
      --> SQL
    hint: write one SELECT a file; WITH … AS (…) names the steps before it

    1 error; nothing ran

    [1/3] seeds.orders  3 rows  0.0 s
    [2/3] mart.buyers  1 row  0.0 s
    [3/3] mart.totals  1 row  0.0 s
    error: `1 / (orders - orders)` divides by zero: 1 / 0, in the row orders: 2
      --> SQL:1:13
       |
     1 | SELECT 1 / (orders - orders) AS x FROM mart.totals
       |             ^
    hint: write x / nullif(y, 0), which is null where y is zero
    "#);
}
