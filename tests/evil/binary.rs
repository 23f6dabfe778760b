//! Forgeries below the kit: components written as text, which break the binary interface itself.
//! Pointers, lengths, discriminants and handles that no compiler would make.

use std::sync::Arc;

use tsugi_core::diagnostic::Explain as _;
use tsugi_sandbox::{Plugin, PluginFile, PluginLimits};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::stage::{load, scalar};
use crate::support::root;

const INTERFACE: &str = "tsugi:plugin/scalar@0.1.0";
/// Where the honest answers of `signatures`, `open` and `evaluate` lie.
const ANSWERS: [u32; 3] = [256, 320, 512];
/// Past the end of the one page of memory.
const OUTSIDE: u32 = 65_600;

/// One forged component.
struct Forgery {
    name: &'static str,
    /// What the three functions do, as text: `signatures`, `open`, `evaluate`.
    bodies: [String; 3],
    /// What `cabi_realloc` does.
    realloc: &'static str,
    /// What happens after `signatures` was read.
    after: &'static str,
    /// Words written over the honest memory.
    words: Vec<(u32, Vec<u32>)>,
    /// Pages of memory at the start.
    pages: u32,
    /// What else the module declares: a start function, a table.
    declared: &'static str,
}

impl Forgery {
    fn honest(name: &'static str) -> Self {
        Self {
            name,
            bodies: ANSWERS.map(|at| format!("i32.const {at}")),
            realloc: "global.get $free  (global.set $free (i32.add (global.get $free) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -16))))",
            after: "nop",
            words: Vec::new(),
            pages: 1,
            declared: "",
        }
    }

    /// A forgery by words over the honest memory.
    fn words(name: &'static str, at: u32, words: &[u32]) -> Self {
        Self {
            words: vec![(at, words.to_vec())],
            ..Self::honest(name)
        }
    }

    /// A forgery by what one of the functions does.
    fn body(name: &'static str, function: usize, body: &str) -> Self {
        let mut forged = Self::honest(name);
        body.clone_into(&mut forged.bodies[function]);
        forged
    }

    /// A forged error of `open`: its first word, which holds recovery and scope, and its text.
    fn error(name: &'static str, first: u32, text: [u32; 2]) -> Self {
        Self {
            words: vec![(320, vec![1]), (328, vec![text[0], text[1], 0, 0])],
            ..Self::body(
                name,
                1,
                &format!("(i32.store (i32.const 324) (i32.const {first})) i32.const 320"),
            )
        }
    }

    /// A forgery by what the module declares.
    fn declared(name: &'static str, declared: &'static str) -> Self {
        Self {
            declared,
            ..Self::honest(name)
        }
    }

    fn realloc(name: &'static str, realloc: &'static str) -> Self {
        Self {
            realloc,
            ..Self::honest(name)
        }
    }

    fn text(&self) -> String {
        let mut data: Vec<(u32, Vec<u32>)> = vec![
            // A field `n` of the format `l`, not null, without children.
            (128, vec![65, 1, 66, 1, 1, 0, 0, 0]),
            // The signature of `f`.
            (192, vec![64, 1, 128, 1, 128, 1, 68, 6, 75, 1, 0, 0]),
            (256, vec![192, 1]),
            // `open`: ok, and the handle that the start made.
            (320, vec![0, 0]),
            // `evaluate`: ok, three rows, one node, two buffers, no failed row.
            (512, vec![0, 3, 576, 1, 592, 2, 0, 0]),
            (576, vec![3, 0]),
            (592, vec![0, 0, 640, 24]),
            (640, vec![1, 0, 2, 0, 3, 0]),
        ];
        data.extend(self.words.iter().cloned());
        let data: String = data
            .iter()
            .map(|(at, words)| {
                let bytes: String = words
                    .iter()
                    .flat_map(|word| word.to_le_bytes())
                    .map(|byte| format!("\\{byte:02x}"))
                    .collect();
                format!("(data (i32.const {at}) \"{bytes}\")\n")
            })
            .collect();
        let [signatures, open, evaluate] = &self.bodies;
        let (realloc, after) = (self.realloc, self.after);
        let (pages, declared) = (self.pages, self.declared);
        format!(
            r#"(module
  (import "[export]{INTERFACE}" "[resource-new]evaluator" (func $new (param i32) (result i32)))
  (memory (export "memory") {pages})
  {declared}
  (global $free (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
  (func (export "{INTERFACE}#signatures") (result i32) {signatures})
  (func (export "cabi_post_{INTERFACE}#signatures") (param i32) {after})
  (func (export "{INTERFACE}#[static]evaluator.open")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.store (i32.const 324) (call $new (i32.const 7))) {open})
  (func (export "{INTERFACE}#[method]evaluator.evaluate")
    (param i32 i32 i32 i32 i32 i32) (result i32) {evaluate})
  (data (i32.const 64) "fnl\00stable\00a")
  {data})"#
        )
    }

    /// The component, loaded.
    fn plugin(&self) -> Arc<Plugin> {
        let text = self.text();
        let mut module = wat::parse_str(&text).unwrap_or_else(|e| panic!("{}: {e}", self.name));
        let mut resolve = Resolve::default();
        let (package, _) = resolve
            .push_dir(root().join("wit"))
            .expect("the contract can be read");
        let world = resolve
            .select_world(&[package], Some("scalar-plugin"))
            .expect("a world of the contract");
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .expect("the contract fits into a module");
        let bytes = ComponentEncoder::default()
            .module(&module)
            .and_then(|encoder| encoder.validate(true).encode())
            .unwrap_or_else(|e| panic!("{}: {e:#}", self.name));
        load(PluginFile {
            name: "evil".to_owned(),
            code: tsugi_sandbox::Code::new(bytes),
            imports: Vec::new(),
            limits: PluginLimits {
                memory_max_bytes: 1 << 20,
                call_max_ms: 500,
                step_max_ms: 500,
                returned_max_bytes: 1 << 20,
                ..PluginLimits::default()
            },
            granted: tsugi_sandbox::Granted::default(),
            started_ms: 0,
        })
    }
}

/// Every forgery, with the entry in which it must be caught.
fn forgeries() -> Vec<(&'static str, Forgery)> {
    [
        ("instantiate", at_the_start()),
        ("scalar.signatures", in_signatures()),
        ("scalar.evaluator.open", in_open()),
        ("scalar.evaluator.evaluate", in_rows()),
    ]
    .into_iter()
    .flat_map(|(entry, forged)| forged.into_iter().map(move |forged| (entry, forged)))
    .collect()
}

/// Before the first call.
fn at_the_start() -> Vec<Forgery> {
    vec![
        Forgery::declared(
            "start_never_ends",
            "(func $start (loop br 0)) (start $start)",
        ),
        Forgery::declared("start_dies", "(func $start unreachable) (start $start)"),
        Forgery::declared(
            "start_eats",
            "(func $start (drop (memory.grow (i32.const 4096))) unreachable) (start $start)",
        ),
        Forgery::declared(
            "start_recurses",
            "(func $start (call $start)) (start $start)",
        ),
        Forgery {
            pages: 4_096,
            ..Forgery::honest("memory_over_the_limit_from_the_start")
        },
    ]
}

/// In what `signatures` answers, or after it.
fn in_signatures() -> Vec<Forgery> {
    let forged = Forgery::words;
    let mut invalid = forged("text_not_utf8", 192, &[700, 4]);
    invalid.words.push((700, vec![0xFFFF_FEC0]));
    vec![
        Forgery::body("answer_outside", 0, "i32.const 65600"),
        Forgery::body("answer_at_the_edge", 0, "i32.const 65532"),
        Forgery::body("answer_negative", 0, "i32.const -8"),
        Forgery::body("answer_misaligned", 0, "i32.const 257"),
        forged("list_outside", 256, &[OUTSIDE, 1]),
        forged("list_longer_than_memory", 256, &[192, 5_000]),
        forged("list_of_two_thousand_million", 256, &[192, 0x7FFF_FFFF]),
        forged("list_length_overflows", 256, &[192, u32::MAX]),
        forged("list_misaligned", 256, &[193, 1]),
        forged("text_outside", 192, &[OUTSIDE, 1]),
        forged("text_beyond_the_edge", 192, &[65_530, 100]),
        forged("text_huge", 192, &[64, u32::MAX]),
        invalid,
        forged("schema_outside", 200, &[OUTSIDE, 1]),
        forged("schema_overflows", 200, &[128, 0x0800_0001]),
        forged("metadata_outside", 152, &[OUTSIDE, 1]),
        forged("doc_outside", 224, &[u32::MAX - 1, 8]),
        Forgery {
            after: "unreachable",
            ..Forgery::honest("dies_after_answering")
        },
        Forgery {
            after: "(loop br 0)",
            ..Forgery::honest("never_ends_after_answering")
        },
    ]
}

/// In what `open` answers, and in the memory that the guest hands out for its arguments.
fn in_open() -> Vec<Forgery> {
    let forged = Forgery::words;
    vec![
        Forgery::body("open_answers_outside", 1, "i32.const 65600"),
        Forgery::body("open_answers_misaligned", 1, "i32.const 321"),
        forged("result_of_a_third_kind", 320, &[2]),
        Forgery::body(
            "handle_forged",
            1,
            "(i32.store (i32.const 324) (i32.const 4711)) i32.const 320",
        ),
        Forgery::body(
            "handle_zero",
            1,
            "(i32.store (i32.const 324) (i32.const 0)) i32.const 320",
        ),
        Forgery::error("error_of_no_recovery", 0xC8, [64, 1]),
        Forgery::error("error_of_no_scope", 0xC800, [64, 1]),
        Forgery::error("error_text_outside", 0, [OUTSIDE, 9]),
        Forgery::realloc("memory_given_outside", "i32.const 65600"),
        Forgery::realloc("memory_given_at_the_edge", "i32.const 65535"),
        Forgery::realloc("memory_given_misaligned", "i32.const 4097"),
        Forgery::realloc("memory_given_never", "(loop br 0) i32.const 0"),
        Forgery::realloc("memory_refused", "unreachable"),
        Forgery::realloc(
            "memory_over_the_limit",
            "(drop (memory.grow (i32.const 4096))) unreachable",
        ),
    ]
}

/// In the rows that come back.
fn in_rows() -> Vec<Forgery> {
    let forged = Forgery::words;
    vec![
        Forgery::body("rows_answered_outside", 2, "i32.const 65600"),
        forged("rows_of_a_third_kind", 512, &[9]),
        forged("nodes_outside", 520, &[OUTSIDE, 1]),
        forged("nodes_overflow", 520, &[576, 0x2000_0001]),
        forged("buffers_outside", 528, &[OUTSIDE, 2]),
        forged("buffer_outside", 600, &[OUTSIDE, 24]),
        forged("buffer_huge", 600, &[640, u32::MAX]),
        forged("buffer_over_what_may_return", 600, &[0, 65_536 * 64]),
        forged("failed_rows_outside", 536, &[OUTSIDE, 1]),
    ]
}

#[test]
fn what_a_guest_breaks_before_its_first_call_is_reported_with_its_bound() {
    for (forgery, code, words) in [
        (
            Forgery::declared(
                "start_never_ends",
                "(func $start (loop br 0)) (start $start)",
            ),
            "sandbox::over-limit",
            "plugin `evil` in `instantiate` went over its limit of 500 for time",
        ),
        (
            Forgery {
                pages: 4_096,
                ..Forgery::honest("memory_over_the_limit_from_the_start")
            },
            "sandbox::over-limit",
            "plugin `evil` in `instantiate` went over its limit of 1048576 for memory (requested: 268435456)",
        ),
    ] {
        let error = scalar(&forgery.plugin(), "f").expect_err(forgery.name);
        assert_eq!(error.code(), code, "{}", forgery.name);
        assert!(error.to_string().starts_with(words), "{error}");
    }
}

#[test]
fn an_honest_component_written_as_text_is_understood() {
    let column = scalar(&Forgery::honest("honest").plugin(), "f");
    let column = column.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(column.len(), 3);
}

#[test]
fn what_breaks_the_binary_interface_ends_in_a_typed_error_where_it_happens() {
    for (entry, forgery) in forgeries() {
        let name = forgery.name;
        let Err(error) = scalar(&forgery.plugin(), "f") else {
            panic!("{name}: nothing was refused");
        };
        let message = error.to_string();
        let known = [
            "sandbox::trapped",
            "sandbox::over-limit",
            "sandbox::malformed",
        ];
        assert!(
            known.contains(&error.code()),
            "{name}: {}: {message}",
            error.code()
        );
        assert!(
            message.contains("`evil`") && message.contains(&format!("`{entry}`")),
            "{name}: it was to end in {entry}: {message}"
        );
        assert!(
            message.len() < 5_000,
            "{name}: {} bytes of words",
            message.len()
        );
    }
}
