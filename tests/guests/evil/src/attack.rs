//! Which attack this copy of the component makes where nothing else can say so: its name stands
//! in the component's data, and the test writes another one over it.

const LENGTH: usize = 40;

/// `attack:` and a name, padded with dots.
#[used]
static ATTACK: [u8; LENGTH] = *b"attack:none.............................";

/// The name.
pub fn name() -> String {
    // Read as if it could change: the compiler must not put the text above in its place.
    // SAFETY: a reference is always valid to read from.
    let bytes = unsafe { std::ptr::read_volatile(&raw const ATTACK) };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.trim_start_matches("attack:")
        .trim_end_matches('.')
        .to_owned()
}

/// Whether this copy makes the attack.
pub fn is(name_of_attack: &str) -> bool {
    name() == name_of_attack
}

/// What a guest does that stops in no good way, where the attack's name ends with it:
/// `…_loops`, `…_panics`, `…_recurses`, `…_eats`, `…_logs`, `…_exits`, `…_divides`, `…_indexes`.
pub fn here(place: &str) {
    let name = name();
    let Some(way) = name
        .strip_prefix(place)
        .and_then(|rest| rest.strip_prefix('_'))
    else {
        return;
    };
    match way {
        "loops" => loop {
            std::hint::black_box(way);
        },
        "panics" => panic!("the guest panics on purpose"),
        "recurses" => println_nothing(deep(1)),
        "eats" => {
            let mut eaten: Vec<Vec<u8>> = Vec::new();
            loop {
                eaten.push(vec![1; 1 << 20]);
                std::hint::black_box(&eaten);
            }
        }
        "logs" => loop {
            eprintln!("{}", "word ".repeat(200));
        },
        "exits" => std::process::exit(3),
        "aborts" => std::process::abort(),
        "divides" => println_nothing(1 / std::hint::black_box(way.len() as u64 - 7)),
        "indexes" => println_nothing([1_u64, 2][std::hint::black_box(way.len())]),
        "threads" => {
            let started = std::thread::Builder::new().spawn(|| ());
            panic!("a thread: {}", started.is_ok());
        }
        "marks" => grown().fill(MARK),
        "looks" => {
            let found = grown().iter().filter(|byte| **byte != 0).count();
            assert!(found == 0, "{found} bytes of somebody else");
        }
        "sleeps" => std::thread::sleep(std::time::Duration::from_secs(3600)),
        other => panic!("nothing is called {other}"),
    }
}

/// What is written over fresh memory, and looked for in the next instance's.
const MARK: u8 = 0xA5;
/// 16 MiB of pages.
const PAGES: usize = 256;

/// Pages that the host has just given, as they came.
#[cfg(target_arch = "wasm32")]
fn grown() -> &'static mut [u8] {
    let first = core::arch::wasm32::memory_grow::<0>(PAGES);
    assert!(first != usize::MAX, "no memory is given");
    // SAFETY: these pages were added by this call, so nothing else points into them.
    unsafe { std::slice::from_raw_parts_mut((first << 16) as *mut u8, PAGES << 16) }
}

/// Outside a sandbox there are no pages.
#[cfg(not(target_arch = "wasm32"))]
fn grown() -> &'static mut [u8] {
    &mut []
}

fn deep(n: u64) -> u64 {
    if n == u64::MAX {
        return n;
    }
    std::hint::black_box(deep(std::hint::black_box(n + 1))) + 1
}

fn println_nothing(value: u64) {
    std::hint::black_box(value);
}
