//! Random component files against the reader that never runs them.
//!
//! The corpus is the repository's own: the manifests of its plugins, in a small component.

use fastrand::Rng;

use super::each;
use crate::component::{MANIFEST_MAX_BYTES, MANIFEST_SECTION, Outline};

const MANIFESTS: [&str; 4] = [
    include_str!("../../../../plugins/outreach/plugin.toml"),
    include_str!("../../../../plugins/crm-export/plugin.toml"),
    include_str!("../../../../plugins/sentiment/plugin.toml"),
    include_str!("../../../../tests/guests/paging/plugin.toml"),
];

/// A component with two roles and three imports, written as text.
const OUTSIDE: &str = r#"(component
  (import "wasi:io/poll@0.2.6" (instance))
  (import "tsugi:plugin/log@0.1.0" (instance))
  (import "tsugi:plugin/inputs@0.1.0" (instance))
  (core module (memory 1) (func (export "f") (result i32) i32.const 7))
  (instance $empty)
  (export "tsugi:plugin/source@0.1.0" (instance $empty))
  (export "tsugi:plugin/scalar@0.1.0" (instance $empty)))"#;

/// A number as the binary form writes it (LEB128).
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 127) as u8;
        number >>= 7;
        bytes.push(if number > 0 { low | 128 } else { low });
        if number == 0 {
            return bytes;
        }
    }
}

fn section(manifest: &[u8]) -> Vec<u8> {
    let mut body = leb(MANIFEST_SECTION.len());
    body.extend_from_slice(MANIFEST_SECTION.as_bytes());
    body.extend_from_slice(manifest);
    let mut bytes = vec![0];
    bytes.extend(leb(body.len()));
    bytes.extend(body);
    bytes
}

/// A line of a manifest dropped, doubled, moved or cut, or a few bytes changed.
fn spoil_text(rng: &mut Rng, text: &str) -> Vec<u8> {
    let mut lines: Vec<&str> = text.lines().collect();
    for _ in 0..rng.usize(..3) {
        let at = rng.usize(..lines.len().max(1));
        match rng.u8(..3) {
            0 if at < lines.len() => drop(lines.remove(at)),
            1 if at < lines.len() => lines.insert(rng.usize(..lines.len()), lines[at]),
            _ => lines.truncate(at),
        }
    }
    let mut bytes = lines.join("\n").into_bytes();
    for _ in 0..rng.usize(..3) {
        spoil_bytes(rng, &mut bytes);
    }
    bytes
}

fn spoil_bytes(rng: &mut Rng, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = rng.usize(..bytes.len());
    match rng.u8(..6) {
        0 => bytes[at] = rng.u8(..),
        1 => bytes[at] ^= 1 << rng.u8(..8),
        2 => bytes.insert(at, *rng.choice(b"\"=[]{}.#\n\0\xff9").unwrap_or(&0)),
        3 => drop(bytes.remove(at)),
        4 => bytes.truncate(at),
        _ => {
            let end = (at + rng.usize(..30)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            let to = rng.usize(..=bytes.len());
            bytes.splice(to..to, piece);
        }
    }
}

#[test]
fn random_components_never_panic_and_what_is_accepted_has_a_role_and_a_manifest() {
    let honest = wat::parse_str(OUTSIDE).expect("a component");
    let whole = |manifest: &[u8]| [honest.as_slice(), &section(manifest)].concat();
    for manifest in MANIFESTS {
        let read = Outline::read(&whole(manifest.as_bytes())).expect("an honest component");
        assert_eq!(read.roles().map(|roles| roles.len()), Ok(2));
        assert_eq!(read.refused_imports(), []);
        assert_eq!(read.manifest().as_deref(), Ok(manifest));
    }
    each(8, |rng| {
        let manifest = rng.choice(&MANIFESTS).copied().unwrap_or_default();
        let manifest = match rng.bool() {
            true => manifest.as_bytes().to_vec(),
            false => spoil_text(rng, manifest),
        };
        let mut bytes = whole(&manifest);
        for _ in 0..rng.usize(..4) {
            spoil_bytes(rng, &mut bytes);
        }
        let Ok(read) = Outline::read(&bytes) else {
            return;
        };
        match read.roles() {
            Ok(roles) => assert!(!roles.is_empty()),
            Err(errors) => assert!(!errors.is_empty(), "refused without a word"),
        }
        if let Ok(text) = read.manifest() {
            assert!(text.len() <= MANIFEST_MAX_BYTES);
        }
    });
}
