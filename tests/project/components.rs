//! Components that are read without being run, and the lock that remembers them.

use std::collections::BTreeMap;
use std::path::Path;

use super::folder::{Folder, component, described, manifest};
use tsugi_core::name::PluginName;
use tsugi_core::source_text::SourceText;
use tsugi_pipeline::project::component::{Component, Digest, Role};
use tsugi_pipeline::project::lock::{LOCK_FILE, Lock};

const SCALAR: &str = "tsugi:plugin/scalar@0.1.0";
const SINK: &str = "tsugi:plugin/sink@0.1.0";

fn read(bytes: &[u8]) -> Result<Component, Vec<String>> {
    Component::parse(Path::new("/x/mood.wasm"), "mood.wasm", bytes.to_vec())
        .map_err(|findings| described(&findings))
}

#[test]
fn a_component_tells_its_roles_imports_and_manifest_without_running() {
    let imports = ["tsugi:plugin/log@0.1.0", "wasi:io/streams@0.2.6"];
    let bytes = component(
        &imports,
        &[SINK, SCALAR, "other:thing/x@1.0.0"],
        &[&manifest("")],
    );
    let read = read(&bytes).unwrap();
    assert_eq!(
        read.roles.iter().copied().collect::<Vec<_>>(),
        [Role::Scalar, Role::Sink]
    );
    assert!(read.imports.iter().eq(imports));
    assert_eq!(read.manifest.name.as_str(), "mood");
    assert_eq!(read.code.digest(), Digest::of(&bytes));
    assert_eq!(
        read.code.digest().to_string().parse(),
        Ok(read.code.digest())
    );
    // The digest of the empty text, as FIPS 180-4's own examples and every tool give it.
    assert_eq!(
        Digest::of(b"").to_string(),
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn what_a_sandbox_cannot_give_is_refused_before_anything_runs() {
    let manifest = manifest("");
    let manifest = manifest.as_str();
    type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a [&'a str], &'a str);
    let cases: [Case<'_>; 7] = [
        (
            &["wasi:filesystem/types@0.2.6"],
            &[SCALAR],
            &[manifest],
            "mood.wasm | the component imports `wasi:filesystem/types@0.2.6`, which no plugin is given | files come in through the want `inputs` and go out through `outputs`",
        ),
        (
            &["tsugi:plugin/secrets@0.1.0"],
            &[SCALAR],
            &[manifest],
            "mood.wasm | the contract tsugi:plugin@0.1.0 has no interface `secrets` | build the plugin with the SDK of this host",
        ),
        (
            &[],
            &["tsugi:plugin/scalar@0.2.0"],
            &[manifest],
            "mood.wasm | the component uses `tsugi:plugin/scalar` of version 0.2.0, and this host speaks 0.1.0 | build the plugin with an SDK for tsugi:plugin@0.1.0",
        ),
        (
            &[],
            &["wasi:cli/run@0.2.6"],
            &[manifest],
            "mood.wasm | the component exports no role of tsugi:plugin@0.1.0 | name a function or type of it in `tsugi_plugin::export!`",
        ),
        (
            &[],
            &[SCALAR],
            &[],
            "mood.wasm | the component carries no manifest | name its plugin.toml in `tsugi_plugin::export!`",
        ),
        (
            &[],
            &[SCALAR],
            &[manifest, manifest],
            "mood.wasm | the component carries 2 manifests | a plugin must not link another plugin that exports itself",
        ),
        (
            &[],
            &[SCALAR],
            &["[plugin]\nname = \"mood\"\nversion = \"1\"\nsummary = \"x\"\nmore = 1\n"],
            "mood.wasm:plugin.toml:5:1 | unknown key `more` in `[plugin]` | known keys: `name`, `version`, `summary`, `license`",
        ),
    ];
    for (imports, exports, manifests, expected) in cases {
        assert_eq!(
            read(&component(imports, exports, manifests)).unwrap_err(),
            [expected]
        );
    }
}

#[test]
fn bytes_that_are_no_component_are_an_error_and_never_break_the_reader() {
    assert_eq!(
        read(b"\0asm\x01\0\0\0").unwrap_err(),
        [
            "mood.wasm | this is a core module, not a component | build it with `cargo build --target wasm32-wasip2`, which makes a component"
        ]
    );
    let whole = component(&["wasi:io/poll@0.2.6"], &[SCALAR], &[&manifest("")]);
    for length in 0..whole.len() {
        let _ = read(&whole[..length]);
    }
    for at in 0..whole.len() {
        for value in [0, 0x7f, 0xff] {
            let mut changed = whole.clone();
            changed[at] = value;
            let _ = read(&changed);
        }
    }
    assert!(read(b"").unwrap_err()[0].contains("not a valid component"));
}

#[test]
fn a_plugin_is_used_in_the_roles_it_has() {
    let folder = Folder::of(
        "[plugins.mood]\nfile = \"mood.wasm\"\n[sources.crm]\nplugin = \"mood\"\n[sinks.outbox]\nplugin = \"mood\"\n",
    );
    folder.write("mood.wasm", &component(&[], &[SCALAR], &[&manifest("")]));
    let findings = folder.project().components(&BTreeMap::new()).unwrap_err();
    assert_eq!(
        described(&findings),
        [
            "pipeline.toml:6:10 | the plugin `mood` is no source: it has the role `scalar` | name a plugin that has the role `source`",
            "pipeline.toml:8:8 | the plugin `mood` is no sink: it has the role `scalar` | name a plugin that has the role `sink`",
        ]
    );
}

#[test]
fn a_crate_and_its_component_must_carry_the_same_manifest() {
    let folder = Folder::of("[plugins.mood]\npath = \"mood\"\n");
    folder.plugin("mood", &manifest("")).write(
        "built.wasm",
        &component(&[], &[SCALAR], &[&manifest("license = \"MIT\"")]),
    );
    let built = BTreeMap::from([(
        PluginName::try_new("mood").unwrap(),
        folder.path().join("built.wasm"),
    )]);
    assert_eq!(
        described(&folder.project().components(&built).unwrap_err()),
        [
            "mood/plugin.toml | the component of `mood` was built with another plugin.toml than the one in its crate | delete the component, so that it is built again"
        ]
    );
    folder.plugin("mood", &manifest("license = \"MIT\""));
    assert_eq!(folder.project().components(&built).unwrap().len(), 1);
}

#[test]
fn the_lock_holds_files_by_digest_and_is_always_the_same_text() {
    let wants = manifest("[wants.outputs]\noutbox = \"messages\"\n");
    let folder = Folder::of(
        "[plugins.mood]\nfile = \"mood.wasm\"\n[plugins.own]\npath = \"own\"\n[sinks.outbox]\nplugin = \"mood\"\ngrants.outputs.outbox = \"outbox\"\n",
    );
    folder
        .plugin("own", &manifest(""))
        .write("mood.wasm", &component(&[], &[SINK], &[&wants]));
    folder.write("own.wasm", &component(&[], &[SCALAR], &[&manifest("")]));
    let built = BTreeMap::from([(
        PluginName::try_new("own").unwrap(),
        folder.path().join("own.wasm"),
    )]);
    let now = |folder: &Folder| {
        let project = folder.project();
        let lock = Lock::of(&project, &project.components(&built).unwrap());
        (project, lock)
    };
    assert_eq!(Lock::read(folder.path()), Ok(None));
    let (project, first) = now(&folder);
    first.write(folder.path()).unwrap();
    let digest = Digest::of(&std::fs::read(folder.path().join("mood.wasm")).unwrap());
    let text = std::fs::read_to_string(folder.path().join(LOCK_FILE)).unwrap();
    assert_eq!(
        text,
        format!(
            "# Written by tsugi: the plugins of this pipeline and what they are granted. Keep it with the project.\nversion = 2\n\n[plugins.mood]\nfile = \"mood.wasm\"\ndigest = \"{digest}\"\ngranted.\"outputs.outbox\" = [\"outbox\"]\n\n[plugins.own]\npath = \"own\"\n"
        )
    );
    let read = Lock::read(folder.path()).unwrap().unwrap();
    assert_eq!(read, first);
    assert!(read.compare(&first, &project).is_empty());

    folder.write("mood.wasm", &component(&[], &[SINK, SCALAR], &[&wants]));
    folder.write(
        "own.wasm",
        &component(&[], &[SCALAR, SINK], &[&manifest("")]),
    );
    let (project, second) = now(&folder);
    let findings = read.compare(&second, &project);
    let found = Digest::of(&std::fs::read(folder.path().join("mood.wasm")).unwrap());
    assert_eq!(
        described(&findings),
        [format!(
            "pipeline.toml:4:10 | `mood.wasm` is not the component that was locked for the plugin `mood`: {}, locked {} | if the new component is meant: tsugi plugins DIR --accept mood",
            found.short(),
            digest.short()
        )]
    );
}

#[test]
fn a_lock_that_cannot_be_read_says_how_to_get_a_new_one() {
    let text = SourceText::new(
        LOCK_FILE,
        "version = 3\n[plugins.mood]\nfile = \"mood.wasm\"\n",
    );
    assert_eq!(
        described(&Lock::parse(&text).unwrap_err()),
        [
            "pipeline.lock:1:11 | `version` cannot be `3`: it must be between 1 and 2 | delete pipeline.lock: the next run writes it again",
            "pipeline.lock:2:10 | `[plugins.mood]` must have exactly one of `path`, or `file` with `digest` | delete pipeline.lock: the next run writes it again",
        ]
    );
}
