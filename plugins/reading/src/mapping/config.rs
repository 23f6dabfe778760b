//! What a pipeline says about a source: which mapping, which granted input, how strict.

use serde_json::{Map, Value};

use crate::error::{ReadError, Result, did_you_mean, listed};
use crate::host::Host;
use crate::mapping::{self, Mapping, stream_of};

/// The want under which the exports are granted unless the config names another.
pub(crate) const DEFAULT_INPUT: &str = "exports";
/// A mapping file is small; a larger one is something else.
const MAPPING_MAX_BYTES: usize = 1024 * 1024;

const KEYS: [&str; 6] = [
    "mapping",
    "mapping_file",
    "input",
    "strict",
    "drift",
    "streams",
];

/// What to do when headings come or go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drift {
    /// A new heading is reported, a missing one fails.
    Report,
    /// Both fail.
    Fail,
    /// A new heading is passed over; a missing one leaves its nullable column empty.
    Ignore,
    /// A new heading is kept in the column `_extra`; a missing one as with `Ignore`.
    Add,
}

/// A checked config.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which files make which streams.
    pub mapping: Mapping,
    /// The granted input that holds the files.
    pub input: String,
    /// What to do when headings come or go.
    pub drift: Drift,
}

/// A mapping that a plugin carries: its name and its TOML.
pub type Embedded = (&'static str, &'static str);

/// Reads the config of a pipeline. The first embedded mapping is the default.
///
/// # Errors
/// Unknown keys, words and mappings, a mapping file that is not there, a mapping that does
/// not pass its checks.
pub fn load(json: &str, embedded: &[Embedded], host: &dyn Host) -> Result<Config> {
    let trimmed = json.trim();
    let value: Value = match trimmed {
        "" | "null" => Value::Object(Map::new()),
        text => serde_json::from_str(text).map_err(|error| {
            ReadError::config("bad-config", format!("the config is not JSON: {error}"))
        })?,
    };
    let Value::Object(config) = value else {
        return Err(ReadError::config(
            "bad-config",
            "the config must be a table",
        ));
    };
    if let Some(key) = config.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let hint =
            did_you_mean(key, KEYS).unwrap_or_else(|| format!("known keys: {}", listed(KEYS)));
        return Err(
            ReadError::config("unknown-key", format!("unknown config key `{key}`"))
                .detail(hint)
                .at(format!("/{key}")),
        );
    }
    let input = string(&config, "input")?
        .unwrap_or(DEFAULT_INPUT)
        .to_owned();
    let drift = drift(&config)?;
    let mut mapping = match (
        string(&config, "mapping")?,
        string(&config, "mapping_file")?,
    ) {
        (Some(_), Some(_)) => {
            let message = "`mapping` and `mapping_file` exclude each other";
            return Err(ReadError::config("bad-config", message).at("/mapping_file"));
        }
        (name, None) => embedded_mapping(name, embedded)?,
        (None, Some(file)) => mapping_file(file, &input, host)?,
    };
    if let Some(streams) = streams(&config)? {
        for name in &streams {
            stream_of(&mapping, name).map_err(|error| error.at("/streams"))?;
        }
        mapping
            .streams
            .retain(|stream| streams.contains(&stream.name));
    }
    Ok(Config {
        mapping,
        input,
        drift,
    })
}

fn string<'c>(config: &'c Map<String, Value>, key: &str) -> Result<Option<&'c str>> {
    match config.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(
            ReadError::config("bad-config", format!("`{key}` must be a string"))
                .at(format!("/{key}")),
        ),
    }
}

fn drift(config: &Map<String, Value>) -> Result<Drift> {
    let strict = match config.get("strict") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(strict)) => Some(*strict),
        Some(_) => {
            return Err(
                ReadError::config("bad-config", "`strict` must be true or false").at("/strict"),
            );
        }
    };
    let stated = match string(config, "drift")? {
        None => None,
        Some("fail") => Some(Drift::Fail),
        Some("ignore") => Some(Drift::Ignore),
        Some("add") => Some(Drift::Add),
        Some(word) => {
            let words = ["fail", "ignore", "add"];
            let hint = did_you_mean(word, words)
                .unwrap_or_else(|| format!("known policies: {}", listed(words)));
            return Err(
                ReadError::config("bad-config", format!("unknown drift policy `{word}`"))
                    .detail(hint)
                    .at("/drift"),
            );
        }
    };
    match (strict, stated) {
        (Some(true), Some(Drift::Ignore | Drift::Add)) => Err(ReadError::config(
            "bad-config",
            "`strict = true` allows no drift but `drift` does",
        )
        .at("/strict")),
        (Some(true), _) => Ok(Drift::Fail),
        (_, stated) => Ok(stated.unwrap_or(Drift::Report)),
    }
}

fn streams(config: &Map<String, Value>) -> Result<Option<Vec<String>>> {
    let bad = || {
        ReadError::config(
            "bad-config",
            "`streams` must be a list of names, or names with commas between them",
        )
        .at("/streams")
    };
    match config.get("streams") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(
            text.split(',').map(|name| name.trim().to_owned()).collect(),
        )),
        Some(Value::Array(names)) => names
            .iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or_else(bad))
            .collect::<Result<_>>()
            .map(Some),
        Some(_) => Err(bad()),
    }
}

fn embedded_mapping(name: Option<&str>, embedded: &[Embedded]) -> Result<Mapping> {
    let names = || embedded.iter().map(|(name, _)| *name);
    let found = match name {
        None => embedded.first(),
        Some(name) => embedded.iter().find(|(known, _)| *known == name),
    };
    match (found, name) {
        (Some((name, text)), _) => mapping::load(&format!("{name}.toml"), text),
        (None, name) => {
            let name = name.unwrap_or("");
            let hint = did_you_mean(name, names())
                .unwrap_or_else(|| format!("its mappings are {}", listed(names())));
            let message = format!("this plugin carries no mapping `{name}`");
            Err(ReadError::config("unknown-mapping", message)
                .detail(format!(
                    "{hint} A file of your own is named by `mapping_file`"
                ))
                .at("/mapping"))
        }
    }
}

/// Reads a mapping file from the granted input. Another input is not looked at: the host
/// stops a plugin that reaches for what may not be granted, and a grant may hold several
/// folders.
fn mapping_file(name: &str, input: &str, host: &dyn Host) -> Result<Mapping> {
    let entries = host.entries(input, "")?;
    if !entries.iter().any(|entry| entry.name == name) {
        let names = || {
            entries
                .iter()
                .map(|entry| entry.name.as_str())
                .filter(|name| name.ends_with(".toml"))
        };
        let hint = did_you_mean(name, names())
            .unwrap_or_else(|| format!("its mapping files are: {}", listed(names())));
        let message = format!("there is no mapping file `{name}` in the granted input `{input}`");
        return Err(ReadError::config("missing-mapping-file", message)
            .detail(hint)
            .at("/mapping_file"));
    }
    let mut chunks = host.open(input, name, 0)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.read(64 * 1024)? {
        if chunk.is_empty() {
            break;
        }
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAPPING_MAX_BYTES {
            let message =
                format!("the mapping file `{name}` is larger than {MAPPING_MAX_BYTES} bytes");
            return Err(ReadError::config("bad-mapping", message).at("/mapping_file"));
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        ReadError::config(
            "bad-mapping",
            format!("the mapping file `{name}` is not UTF-8"),
        )
        .at("/mapping_file")
    })?;
    mapping::load(name, text.trim_start_matches('\u{feff}'))
}
