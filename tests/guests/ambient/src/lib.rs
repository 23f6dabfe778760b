//! Reads a file by the standard library, as an ordinary program would.

/// The text of a file of the machine.
#[tsugi_plugin::scalar]
pub fn content(path: &str) -> Result<String, std::io::Error> {
    std::fs::read_to_string(path)
}

tsugi_plugin::export! { manifest: "plugin.toml", scalar: [content] }
