//! A file larger than the memory of the instance that reads it.

use std::io::Write as _;

use crate::sample_copy::{Project, plugins_folder};

/// How large the export is, and what the plugin that reads it may have.
const FILE_BYTES: usize = 64 << 20;
const INSTANCE_BYTES: usize = 10 << 20;

#[test]
fn an_export_of_six_times_an_instance_is_read_in_it() {
    crate::support::plugins();
    let project = Project::empty("large-file");
    project.write(
        "pipeline.toml",
        &format!(
            "[pipeline]\nname = \"large\"\nas_of = \"2026-03-31\"\n[plugins.crm-export]\npath = {}crm-export\"\n\
             grants.inputs.exports = \"exports\"\n[sources.shop]\nplugin = \"crm-export\"\n\
             config = {{ mapping_file = \"shop.toml\" }}\n[limits]\ninstance_memory_max_bytes = {INSTANCE_BYTES}\n",
            plugins_folder()
        ),
    );
    project.write(
        "exports/shop.toml",
        "version = 1\nname = \"shop\"\nstatus = \"assumed\"\nsources = [\"this test\"]\n[streams.rows]\n\
         files = [\"*.csv\"]\ncolumns = [{ name = \"id\", type = \"text\", key = true }, { name = \"text\", type = \"text\" }]\n",
    );
    let model = "SELECT count(*) AS n, max(_line) AS last FROM shop.rows";
    project.write("models/a/counts.sql", model);
    let file = std::fs::File::create(project.path("exports/big.csv")).unwrap();
    let mut out = std::io::BufWriter::new(file);
    out.write_all(b"id,text\n").unwrap();
    let (mut bytes, mut rows) = (0, 0_u64);
    while bytes < FILE_BYTES {
        let line = format!(
            "R-{rows},\"the sole of shoe {rows} is cracked, 底が割れた, no-one answered\"\n"
        );
        out.write_all(line.as_bytes()).unwrap();
        (bytes, rows) = (bytes + line.len(), rows + 1);
    }
    out.flush().unwrap();
    drop(out);
    project.tsugi("run", &[]).ended(0);
    let counted = &project.rows("SELECT n, last FROM a.counts")[0];
    assert_eq!(
        (counted["n"].as_u64(), counted["last"].as_u64()),
        (Some(rows), Some(rows + 1))
    );
    println!("{bytes} bytes, {rows} rows, in an instance of {INSTANCE_BYTES} bytes");
}
