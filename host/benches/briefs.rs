//! What a look-up at the counter costs over a million customers, process start included.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Customers of the project.
const CUSTOMERS: u64 = 1_000_000;
/// Look-ups of each kind.
const TURNS: u64 = 200;

const PIPELINE: &str = "[pipeline]\nname = \"counter\"\nas_of = \"2026-03-31\"\n";
const CUSTOMER_BRIEF: &str = "-- A million people with what is known of them.
SELECT 'C-' || lpad(CAST(n AS VARCHAR), 7, '0') AS customer_id, 'Person ' || n AS name, CASE n % 3 WHEN 0 THEN 'ja' WHEN 1 THEN 'en' ELSE 'de' END AS language,
       CASE WHEN n % 50 = 0 THEN 'sole_crack: lot ' || (n % 97) END AS incidents, CASE WHEN n % 50 = 0 THEN 'certain' END AS affected,
       'Model ' || (n % 31) || ' (SO-' || n || ')' AS affected_pairs, n % 7 AS complaints, n % 3 AS open_tickets,
       'Please stop wearing the pair ' || (n % 1013) AS say, 'Do not name a supplier ' || (n % 1009) AS do_not_say
FROM (SELECT unnest(generate_series(1, 1000000)) AS n)
ORDER BY customer_id
";
const LOOKUP: &str = "-- Their phones and receipts.
SELECT kind, value, customer_id
FROM (
  SELECT 'phone' AS kind, '49' || lpad(CAST((n * 7919) % 1000003 AS VARCHAR), 10, '0') AS value, 'C-' || lpad(CAST(n AS VARCHAR), 7, '0') AS customer_id
  FROM (SELECT unnest(generate_series(1, 1000000)) AS n)
  UNION ALL
  SELECT 'serial', 'SO-' || n, 'C-' || lpad(CAST(n AS VARCHAR), 7, '0') FROM (SELECT unnest(generate_series(1, 1000000)) AS n)
)
ORDER BY kind, value
";

/// Measures look-ups by number and by phone beside the start of a process that does nothing.
pub fn run() {
    let project = project();
    let mut dice = fastrand::Rng::with_seed(1);
    let mut measured = vec![("tsugi --version", Vec::new())];
    measured.push(("brief --customer", Vec::new()));
    measured.push(("brief --phone", Vec::new()));
    let who = ["--by", "Mika Sato", "--why", "measured"];
    for _ in 0..TURNS {
        let n = dice.u64(1..=CUSTOMERS);
        let (customer, phone) = (
            format!("C-{n:07}"),
            format!("+49 {:010}", (n * 7919) % 1_000_003),
        );
        let of = |key: &str, value: &str| {
            let mut command = tsugi();
            command.arg("brief").arg(&project);
            command.args([key, value]).args(who);
            command
        };
        let mut plain = tsugi();
        plain.arg("--version");
        let commands = [plain, of("--customer", &customer), of("--phone", &phone)];
        for ((_, times), command) in measured.iter_mut().zip(commands) {
            times.push(timed(command));
        }
    }
    println!(
        "\nLook-ups over {CUSTOMERS} customers, process start and log included, {TURNS} of each\n"
    );
    println!("| what | median ms | p95 ms | × the start of a process |");
    println!("|---|---|---|---|");
    let start = quantile(measured.first().map_or(&[], |(_, times)| times), 0.5);
    for (what, times) in &measured {
        let (median, late) = (quantile(times, 0.5), quantile(times, 0.95));
        println!(
            "| {what} | {median:.1} | {late:.1} | {:.1} |",
            median / start
        );
    }
    std::fs::remove_dir_all(&project).expect("the project can be removed");
}

fn tsugi() -> Command {
    Command::new(env!("CARGO_BIN_EXE_tsugi"))
}

fn project() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("briefs");
    let _ = std::fs::remove_dir_all(&folder);
    let models = folder.join("models/frontline");
    std::fs::create_dir_all(&models).expect("a folder");
    let write = |path: PathBuf, text: &str| std::fs::write(path, text).expect("a file");
    write(folder.join("pipeline.toml"), PIPELINE);
    write(models.join("customer_brief.sql"), CUSTOMER_BRIEF);
    write(models.join("lookup.sql"), LOOKUP);
    let mut run = tsugi();
    run.arg("run").arg(&folder).stdout(Stdio::null());
    assert!(run.status().expect("tsugi starts").success(), "the run");
    folder
}

fn timed(mut command: Command) -> f64 {
    let started = Instant::now();
    let output = command.output().expect("tsugi starts");
    let took: Duration = started.elapsed();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    took.as_secs_f64() * 1e3
}

fn quantile(times: &[f64], part: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable_by(f64::total_cmp);
    let at = (times.len() as f64 * part) as usize;
    times.get(at).copied().unwrap_or(f64::NAN)
}
