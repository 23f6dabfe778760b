//! Machine code is trusted when it is run: who could write it, and whether it is what was written.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tsugi_core::diagnostic::Explain as _;
use tsugi_sandbox::{PluginFile, PluginLimits, Sandbox, SandboxError};

use super::compile::{component, file};
use crate::sample_copy::{Project, guest};
use crate::support::{Outcome, bytes_below, scratch, tsugi};

fn honest(pages: usize) -> PluginFile {
    let bytes = component(&format!("(component (core module (memory {pages})))"));
    file(bytes, PluginLimits::default().compile_max_ms)
}

fn load(cache: &Path, file: PluginFile) -> Result<(), SandboxError> {
    Sandbox::new(cache.to_owned())?.load(file).map(drop)
}

/// The files of compiled code.
fn code_files(cache: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(cache).expect("a folder").flatten();
    let files = files.map(|entry| entry.path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "cwasm"))
        .collect();
    files.sort();
    files
}

/// Another file under the name, as a process would write it.
fn replace(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("other");
    fs::write(&beside, bytes).expect("a file");
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).expect("a file");
    fs::rename(&beside, path).expect("a file");
}

#[test]
fn compiled_code_that_is_damaged_cut_or_of_another_is_compiled_again() {
    let cache = scratch("evil-cache");
    load(&cache, honest(7)).expect("honest code");
    let [path] = code_files(&cache).try_into().expect("one file");
    let whole = fs::read(&path).expect("compiled code");
    let other = scratch("evil-cache-of-another");
    load(&other, honest(8)).expect("honest code");
    let of_another = fs::read(&code_files(&other)[0]).expect("compiled code");

    let mut damaged: Vec<(String, Vec<u8>)> = vec![
        ("nothing".into(), Vec::new()),
        ("no code".into(), b"no code at all".to_vec()),
        ("half".into(), whole[..whole.len() / 2].to_vec()),
        ("more".into(), [whole.as_slice(), b"more"].concat()),
        ("of another key".into(), of_another),
    ];
    for place in (0..whole.len()).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        damaged.push((format!("a bit of byte {place}"), bytes));
    }
    for (what, bytes) in damaged {
        replace(&path, &bytes);
        load(&cache, honest(7)).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(fs::read(&path).expect("code"), whole, "{what} was kept");
    }

    // Code of one component under the name of another.
    load(&cache, honest(8)).expect("honest code");
    let second = code_files(&cache).into_iter().find(|file| *file != path);
    let second = second.expect("two files");
    let code_of_second = fs::read(&second).expect("code");
    replace(&second, &whole);
    load(&cache, honest(8)).expect("honest code");
    assert_eq!(fs::read(&second).expect("code"), code_of_second);
}

#[test]
fn a_folder_that_others_could_enter_loses_its_code_and_a_link_is_refused() {
    let folder = scratch("evil-folder");
    let cache = folder.join("components");
    load(&cache, honest(9)).expect("honest code");
    let (path, key) = (code_files(&cache).remove(0), cache.join("key"));
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(
        (mode(&cache), mode(&path), mode(&key)),
        (0o700, 0o600, 0o600)
    );

    // A user who could enter knows the key and could have written code that fits it.
    let old_key = fs::read(&key).expect("a key");
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).expect("a folder");
    load(&cache, honest(10)).expect("honest code");
    assert_eq!(mode(&cache), 0o700);
    assert!(!path.exists(), "code from before is gone");
    assert_ne!(fs::read(&key).expect("a key"), old_key);

    // A cut key is another key; a key that is a link is refused.
    fs::write(&key, b"short").expect("a key");
    load(&cache, honest(9)).expect("honest code");
    fs::remove_file(&key).expect("a key");
    symlink(folder.join("elsewhere"), &key).expect("a link");
    load(&cache, honest(9)).expect_err("a key that is a link");

    let victim = folder.join("victim");
    fs::create_dir(&victim).expect("a folder");
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o755)).expect("a folder");
    for linked in ["linked/components", "linked-above"] {
        let link = folder.join(linked);
        fs::create_dir_all(link.parent().expect("a parent")).expect("a folder");
        symlink(&victim, &link).expect("a link");
        let cache = match linked {
            "linked-above" => link.join("components"),
            _ => link,
        };
        let error = load(&cache, honest(9)).expect_err(linked);
        assert_eq!(error.code(), "sandbox::host");
        assert!(error.to_string().contains("is a link"), "{error}");
    }
    assert_eq!(
        mode(&victim),
        0o755,
        "the folder behind the link is as it was"
    );
    let strangers = fs::read_dir(&victim).expect("a folder").count();
    assert!(strangers <= 1, "nothing but a folder was made there");
}

/// A project with one plugin of a component file.
fn with_component(name: &str) -> Project {
    let project = Project::empty(name);
    fs::copy(guest("kernels"), project.path("kernels.wasm")).expect("a component");
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"cached\"\nas_of = \"2026-03-31\"\n\n[plugins.kernels]\nfile = \"kernels.wasm\"\n",
    );
    project.write("models/a/one.sql", "-- One.\nSELECT 1 AS n\n");
    project
}

#[test]
fn without_a_home_no_code_is_kept_anywhere() {
    let project = with_component("cache-homeless");
    let shared = scratch("evil-shared-tmp");
    let mut command = tsugi();
    command.args(["check", project.path("").to_str().unwrap()]);
    command.env_remove("HOME").env_remove("XDG_CACHE_HOME");
    command.env("TMPDIR", &shared);
    Outcome::of(command.output().expect("tsugi")).ended(0);
    // What queries would spill to is there, and empty.
    assert_eq!(bytes_below(&shared), 0);
}

/// The bytes that are hashed are the bytes that are compiled, since the file is opened once.
#[cfg(target_os = "linux")]
#[test]
fn a_component_file_is_opened_once() {
    let project = with_component("cache-once");
    let watched = std::ffi::CString::new(project.path("").to_str().unwrap()).expect("a path");
    // SAFETY: the path lives through the calls; the descriptor is closed with the process.
    let events = unsafe {
        let events = libc::inotify_init1(libc::IN_NONBLOCK);
        assert!(libc::inotify_add_watch(events, watched.as_ptr(), libc::IN_OPEN) >= 0);
        events
    };
    project.tsugi("check", &[]).ended(0);
    let mut bytes = vec![0_u8; 64 * 1024];
    // SAFETY: the buffer is as long as is said.
    let read = unsafe { libc::read(events, bytes.as_mut_ptr().cast(), bytes.len()) };
    let read = usize::try_from(read).expect("events");
    let name = b"kernels.wasm";
    let opened = bytes[..read]
        .windows(name.len())
        .filter(|part| part == name);
    assert_eq!(opened.count(), 1);
}
