//! Data of the real world that lies beside a repository, for tests that can do without it.
use std::path::PathBuf;

/// A file or folder of measured data, or none with the reason printed: `data/<name>` under
/// `TSUGI_SHARED`, which is `shared` beside the repository when it is not set. `TSUGI_REQUIRE`
/// with `data` in its list makes its absence a failure.
///
/// # Panics
/// When the data is required and not there.
pub fn measured(name: &str) -> Option<PathBuf> {
    let beside = || {
        let member = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        member.unwrap_or_default().join("../../../shared")
    };
    let root = std::env::var_os("TSUGI_SHARED").map_or_else(beside, PathBuf::from);
    let found = [root.join("data").join(name), root.join(name)]
        .into_iter()
        .find(|path| path.exists());
    if found.is_none() {
        let required = std::env::var("TSUGI_REQUIRE").unwrap_or_default();
        let why = format!("{name} is not in {} (set TSUGI_SHARED)", root.display());
        assert!(
            !required.split(',').any(|part| part == "data"),
            "TSUGI_REQUIRE names data, but {why}"
        );
        println!("skipped: {why}");
    }
    found
}
