//! What every attack needs: the component with the attack written into it, and one way through
//! each role.

use std::sync::{Arc, OnceLock};

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::arrow;
use tokio::runtime::Runtime;
use tsugi_core::diagnostic::Explain;
use tsugi_sandbox::{
    BoundScalar, BoundTable, Cancel, Code, Granted, Groups, InputPort, OperatorStep, Plugin,
    PluginFile, PluginLimits, ReadRequest, Sandbox, SandboxError, SinkWriter, SourceReader, Target,
};

use crate::functions::bench::file;
use crate::support::scratch;

const EVIL: &str = "tests/guests/evil";
/// Rows of every batch that is pushed, and groups of every aggregate.
pub const ROWS: usize = 3;
/// Time of a call: an honest one takes microseconds.
pub const CALL_MAX_MS: u64 = 1_000;

/// Bounds that the attacks run into quickly.
fn limits() -> PluginLimits {
    PluginLimits {
        memory_max_bytes: 48 << 20,
        call_max_ms: CALL_MAX_MS,
        step_max_ms: CALL_MAX_MS,
        returned_max_bytes: 16 << 20,
        ..PluginLimits::default()
    }
}

fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Arc<Sandbox>> = OnceLock::new();
    SANDBOX.get_or_init(|| Sandbox::new(scratch("evil-components")).expect("an engine"))
}

/// The evil plugin with the attack of this name; `none` for those that a function's name picks.
pub fn evil(attack: &str, granted: Granted) -> Arc<Plugin> {
    let mut file: PluginFile = file(EVIL, limits(), granted);
    let marker = b"attack:none..";
    let mut bytes = file.code.bytes().to_vec();
    let found = bytes
        .windows(marker.len())
        .position(|bytes| bytes == marker);
    let at = found.expect("the component has a place for the attack's name");
    let written = format!("{:.<40}", format!("attack:{attack}"));
    assert_eq!(written.len(), 40, "{attack} is too long a name");
    bytes[at..at + 40].copy_from_slice(written.as_bytes());
    file.code = Code::new(bytes);
    load(file)
}

/// Any component in the sandbox of these tests.
pub fn load(file: PluginFile) -> Arc<Plugin> {
    sandbox()
        .load(file)
        .unwrap_or_else(|error| panic!("it cannot be loaded: {error}"))
}

/// A runtime for the roles that are async.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// The roles, and the ways through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Scalar,
    /// Through `evaluate`.
    Aggregate,
    /// Through `state`, into `merge`.
    State,
    Table,
    Source,
    Sink,
    /// A sink that is stopped before all was written.
    Aborted,
}

pub type Went = Result<(), SandboxError>;

pub fn numbers() -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(1..=ROWS as i64))
}

/// Goes through a role from its metadata to its end, with the function, stream or target named.
pub fn through(plugin: &Arc<Plugin>, role: Entry, name: &str) -> Went {
    match role {
        Entry::Scalar => scalar(plugin, name).map(drop),
        Entry::Aggregate => aggregate(plugin, name, false),
        Entry::State => aggregate(plugin, name, true),
        Entry::Table => runtime().block_on(table(plugin, name)),
        Entry::Source => runtime().block_on(async {
            let mut reader = source(plugin, name).await?;
            while !reader.next().await?.done {}
            Ok(())
        }),
        Entry::Sink => runtime().block_on(async {
            plugin.terms("{}")?;
            let mut writer = sink(plugin, name).await?;
            writer.write(0, &batch()).await?;
            writer.commit().await.map(drop)
        }),
        Entry::Aborted => runtime().block_on(async { sink(plugin, name).await?.abort().await }),
    }
}

/// One column of a scalar function.
pub fn scalar(plugin: &Arc<Plugin>, name: &str) -> Result<ArrayRef, SandboxError> {
    let metadata = plugin.metadata()?;
    let function = metadata.scalars.iter().find(|one| one.name == name);
    let function = function
        .unwrap_or_else(|| panic!("there is no {name}"))
        .clone();
    let bound = BoundScalar::new(plugin, function, &[None], None)?;
    let computed = bound.evaluate(&[numbers()], ROWS, &Cancel::default())?;
    Ok(computed.column)
}

fn aggregate(plugin: &Arc<Plugin>, name: &str, state: bool) -> Went {
    let metadata = plugin.metadata()?;
    let function = metadata.aggregates.iter().find(|one| one.name == name);
    let function = function.unwrap_or_else(|| panic!("there is no {name}"));
    let mut groups = Groups::open(plugin, function, Cancel::default())?;
    groups.update(&[numbers()], &[0, 1, 2], ROWS as u32)?;
    if state {
        let state = groups.state(ROWS, true)?;
        let mut other = Groups::open(plugin, function, Cancel::default())?;
        return other.merge(&state, &[0, 1, 2], ROWS as u32);
    }
    groups.evaluate(ROWS, true).map(drop)
}

fn batch() -> RecordBatch {
    RecordBatch::try_from_iter([("n", numbers())]).expect("a batch")
}

async fn table(plugin: &Arc<Plugin>, name: &str) -> Went {
    plugin.metadata()?;
    let port = InputPort {
        name: "rows".into(),
        fields: batch().schema().fields().clone(),
    };
    let bound = Arc::new(BoundTable::new(plugin, name, vec![port], &[])?);
    let mut operator = bound.open(None, Cancel::default()).await?;
    operator.push(0, &batch()).await?;
    operator.close(0).await?;
    match operator.pull().await? {
        OperatorStep::Batch(rows) => assert!(rows.num_rows() <= 4),
        step => panic!("{step:?}"),
    }
    Ok(())
}

/// A reader of a stream, as it was discovered.
pub async fn source(plugin: &Arc<Plugin>, stream: &str) -> Result<SourceReader, SandboxError> {
    let (streams, _) = plugin.discover("{}").await?;
    let found = streams.into_iter().find(|one| one.name == stream);
    let facts = found.unwrap_or_else(|| panic!("there is no {stream}"));
    let request = ReadRequest::whole(stream, 100, 1 << 20);
    let expected = Arc::new(arrow::datatypes::Schema::new(facts.fields));
    plugin
        .read("{}", request, expected, None, Cancel::default())
        .await
}

async fn sink(plugin: &Arc<Plugin>, target: &str) -> Result<SinkWriter, SandboxError> {
    let target = Target {
        name: target.into(),
        key: Vec::new(),
        fields: batch().schema().fields().clone(),
        run_id: "run".into(),
        dry_run: false,
        gate: None,
    };
    plugin.write("{}", &target, Cancel::default()).await
}

/// That it went wrong, with this code and these words, and in few words; or what is not so.
pub fn check_refused(went: Went, code: &str, words: &[&str]) -> Result<(), String> {
    let Err(error) = went else {
        return Err("nothing was refused".into());
    };
    let message = error.to_string();
    let hint = error.hint().unwrap_or_default();
    if error.code() != code {
        return Err(format!("{} and not {code}: {message:.500}", error.code()));
    }
    for words in ["`evil`"].iter().chain(words) {
        if !message.contains(words) {
            return Err(format!("`{words}` is missing in {message:.500}"));
        }
    }
    match message.len().max(hint.len()) {
        ..20_000 => Ok(()),
        bytes => Err(format!("{bytes} bytes of words")),
    }
}

/// The same, with a panic that names the attack.
#[track_caller]
pub fn refused(went: Went, code: &str, words: &str, attack: &str) {
    if let Err(why) = check_refused(went, code, &[words]) {
        panic!("{attack}: {why}");
    }
}

/// That the plugin still answers: another function of the same copy, or a fresh copy.
#[track_caller]
pub fn goes_on(plugin: &Arc<Plugin>, after: &str) {
    let column = scalar(plugin, "honest").unwrap_or_else(|error| panic!("after {after}: {error}"));
    assert_eq!(&column, &numbers(), "after {after}");
}
