//! A project folder of one test, and components written byte by byte.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot write its folder has failed"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tsugi_core::diagnostic::Diagnostic;
use tsugi_pipeline::project::Project;

/// A folder that is gone when the test is.
pub struct Folder(PathBuf);

impl Folder {
    /// A folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("tsugi-project-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        let folder = Self(path);
        for (file, text) in files {
            folder.write(file, text.as_bytes());
        }
        folder
    }

    /// A folder with this behind a `[pipeline]` section, and one model.
    pub fn of(pipeline: &str) -> Self {
        let text = format!("[pipeline]\nname = \"sample\"\nas_of = \"2026-03-31\"\n{pipeline}");
        Self::with(&[
            ("pipeline.toml", &text),
            ("models/a/one.sql", "SELECT 1 AS n\n"),
        ])
    }

    /// Writes one more file.
    pub fn write(&self, file: &str, bytes: &[u8]) -> &Self {
        let path = self.0.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// Writes the crate of a plugin, which is read and never built.
    pub fn plugin(&self, folder: &str, manifest: &str) -> &Self {
        let cargo = "[package]\nname = \"a-plugin\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n[workspace]\n";
        self.write(&format!("{folder}/Cargo.toml"), cargo.as_bytes());
        self.write(&format!("{folder}/plugin.toml"), manifest.as_bytes())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The project, which must be without errors.
    pub fn project(&self) -> Project {
        match Project::load(&self.0, None) {
            Ok(project) => project,
            Err(findings) => panic!("{:#?}", described(&findings)),
        }
    }

    /// Everything that is wrong with the project, one line each.
    pub fn findings(&self) -> Vec<String> {
        described(&Project::load(&self.0, None).expect_err("something is wrong with this project"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// `place | message | hint`.
pub fn described(findings: &[Diagnostic]) -> Vec<String> {
    let line = |finding: &Diagnostic| {
        let place = finding
            .place
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        format!(
            "{place} | {} | {}",
            finding.message,
            finding.hint.clone().unwrap_or_default()
        )
    };
    findings.iter().map(line).collect()
}

/// A manifest with nothing in it but a name.
pub fn manifest(more: &str) -> String {
    format!("[plugin]\nname = \"mood\"\nversion = \"0.1.0\"\nsummary = \"Scores texts\"\n{more}")
}

/// A component in the binary format of the component model: imports, exported instances, and
/// a core module with the given manifests in custom sections.
pub fn component(imports: &[&str], exports: &[&str], manifests: &[&str]) -> Vec<u8> {
    let mut core = b"\0asm\x01\0\0\0".to_vec();
    for text in manifests {
        let mut section = name("tsugi-manifest");
        section.extend_from_slice(text.as_bytes());
        core.extend(sized(0, section));
    }
    let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
    let imported = imports
        .iter()
        .map(|import| [vec![0], name(import), vec![5, 0]].concat());
    bytes.extend(sized(10, counted(imported.collect())));
    bytes.extend(sized(1, core));
    let exported = exports
        .iter()
        .map(|export| [vec![0], name(export), vec![5, 0, 0]].concat());
    bytes.extend(sized(11, counted(exported.collect())));
    bytes
}

fn name(text: &str) -> Vec<u8> {
    [leb(text.len()), text.as_bytes().to_vec()].concat()
}

fn counted(items: Vec<Vec<u8>>) -> Vec<u8> {
    [leb(items.len()), items.concat()].concat()
}

fn sized(id: u8, body: Vec<u8>) -> Vec<u8> {
    [vec![id], leb(body.len()), body].concat()
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
