//! Small businesses with a planted cause (tsugi-sample's worlds), judged as the sample pipeline does: which lots
//! are held, and is anything innocent accused, at the end and on earlier days?

use super::worlds_input::{Verdict, ask, recorded};
use std::collections::{BTreeMap, BTreeSet};
use tsugi_sample::worlds::{DAYS, Kind, PARTS, Small, TOPICS, small};

/// Seeds of each world in CI, and by hand.
const FEW: u64 = 20;
const MANY: u64 = 200;
/// Seeds that are also looked at on earlier days, and the days between two looks.
const REPLAYED: u64 = 40;
const EVERY: u32 = 30;
const THREADS: u64 = 2;

/// The lots that a leading suspect puts on hold: itself, those with any part from its deliveries, or made in its time.
fn held(world: &Small, suspect: &Verdict) -> BTreeSet<usize> {
    let inside = |day: u32| {
        let end =
            |step: &Option<String>| step.as_ref().map_or(0, |step| step.parse::<u32>().unwrap());
        (end(&suspect.first_step)..=end(&suspect.last_step)).contains(&day)
    };
    let part = PARTS
        .iter()
        .position(|(kind, _)| suspect.factor.starts_with(kind));
    let lots =
        world
            .lots
            .iter()
            .enumerate()
            .filter(|(_, lot)| match (part, suspect.factor.as_str()) {
                (_, "finished_lot") => lot.name == suspect.value,
                (_, "plant_period") => {
                    suspect.series.as_deref() == Some(&format!("plant {}", lot.plant))
                        && inside(lot.made)
                }
                (Some(part), factor) if factor.ends_with("_period") => {
                    let (main, other) = lot.parts[part];
                    suspect.series.as_deref() == Some(lot.series(part))
                        && (inside(main) || other.is_some_and(inside))
                }
                (Some(part), factor) if factor.ends_with("_change") => recorded(world, lot, part)
                    .is_some_and(|day| {
                        suspect.value == format!("{} from {day:03}", lot.series(part))
                    }),
                (Some(part), _) => lot.series(part).starts_with(&format!("{} ", suspect.value)),
                (None, "product") => suspect.value == format!("P{}", lot.product),
                (None, "plant") => suspect.value == format!("plant {}", lot.plant),
                _ => false,
            });
    lots.map(|(at, _)| at).collect()
}

#[derive(Clone, Copy, Debug, Default)]
struct Score {
    bad: usize,
    bad_held: usize,
    good: usize,
    good_held: usize,
    /// Worlds in which anything leads, and in which something innocent does.
    leading: usize,
    innocent: usize,
    /// Worlds in which the bad lots are held under another supplier's material.
    another: usize,
    /// Worlds whose replay never accuses an innocent.
    clean: usize,
    replayed: usize,
    worlds: usize,
}

/// Leads, and fewer than half of its complaints by that day are of bad lots.
fn is_innocent(world: &Small, suspect: &Verdict, day: u32) -> bool {
    if suspect.topic != TOPICS[0].0 {
        return true;
    }
    let lots = held(world, suspect);
    let region: Option<usize> = suspect
        .value
        .strip_prefix('R')
        .and_then(|at| at.parse().ok());
    let of_suspect = |unit: &&tsugi_sample::worlds::Unit| match region {
        Some(region) if suspect.factor == "region" => unit.region == region,
        _ => lots.contains(&unit.lot),
    };
    let (mut bad, mut all) = (0, 0);
    for unit in world.units.iter().filter(of_suspect) {
        let cracks = unit
            .complaints
            .iter()
            .filter(|one| one.0 == 0 && one.1 <= day)
            .count();
        all += cracks;
        bad += if world.lots[unit.lot].bad { cracks } else { 0 };
    }
    bad * 2 < all
}

/// Leads as the time of a supplier's material that is not the planted one, with which it shares lots, and does not say
/// that it cannot be distinguished from that.
fn is_another(world: &Small, suspect: &Verdict) -> bool {
    let planted = |series: &String| world.planted.contains(&series.as_str());
    let rivals = suspect.rivals.as_deref().unwrap_or_default();
    let said = world.planted.iter().any(|series| rivals.contains(series));
    suspect.part_of.is_none()
        && !said
        && suspect
            .series
            .as_ref()
            .is_some_and(|series| !planted(series))
}

impl Score {
    fn add(&mut self, other: Self) {
        self.bad += other.bad;
        self.bad_held += other.bad_held;
        self.good += other.good;
        self.good_held += other.good_held;
        self.leading += other.leading;
        self.innocent += other.innocent;
        self.another += other.another;
        self.clean += other.clean;
        self.replayed += other.replayed;
        self.worlds += other.worlds;
    }
}

fn judge(kind: Kind, seed: u64, replay: bool) -> Score {
    let mut score = Score {
        worlds: 1,
        ..Score::default()
    };
    let world = small(seed, kind);
    let leading = |day: u32| -> Vec<Verdict> {
        let rows = ask(&world, day).into_iter();
        rows.filter(|row| row.verdict == "leading suspect")
            .collect()
    };
    let last = leading(DAYS);
    let holds: BTreeSet<usize> = last.iter().flat_map(|one| held(&world, one)).collect();
    for (at, lot) in world.lots.iter().enumerate() {
        let (all, some) = if lot.bad {
            (&mut score.bad, &mut score.bad_held)
        } else {
            (&mut score.good, &mut score.good_held)
        };
        *all += 1;
        *some += usize::from(holds.contains(&at));
    }
    let accused = last.iter().any(|one| is_innocent(&world, one, DAYS));
    if std::env::var("WORLDS_SHOW").is_ok() {
        show(&world, &format!("{kind:?} {seed}"), &last, &holds);
    }
    score.leading = usize::from(!last.is_empty());
    score.innocent = usize::from(accused);
    score.another = usize::from(last.iter().any(|one| is_another(&world, one)));
    if replay && seed < REPLAYED {
        score.replayed = 1;
        let mut days = (1..DAYS.div_ceil(EVERY)).map(|at| at * EVERY);
        let accuses = |day: u32| leading(day).iter().any(|one| is_innocent(&world, one, day));
        score.clean = usize::from(!accused && !days.any(accuses));
    }
    score
}

/// Prints what was missed and what was held for nothing.
fn show(world: &Small, name: &str, leading: &[Verdict], holds: &BTreeSet<usize>) {
    let lots = |wanted: &dyn Fn(usize, bool) -> bool| -> Vec<(String, u32)> {
        let lots = world.lots.iter().enumerate();
        lots.filter(|(at, lot)| wanted(*at, lot.bad))
            .map(|(_, lot)| (lot.name.clone(), lot.parts[0].0))
            .collect()
    };
    let missed = lots(&|at, bad| bad && !holds.contains(&at));
    let wrong = lots(&|at, bad| !bad && holds.contains(&at));
    let leads: Vec<_> = leading
        .iter()
        .filter(|one| one.part_of.is_none())
        .map(|one| (&one.topic, &one.factor, &one.value))
        .collect();
    println!("{name}: missed {missed:?}, wrong {wrong:?}, leading {leads:?}");
}

fn percent(part: usize, all: usize) -> f64 {
    100.0 * part as f64 / all.max(1) as f64
}

/// The sum over worlds of one kind, judged on two threads.
fn judge_all(kind: Kind, seeds: std::ops::Range<u64>, replay: bool) -> Score {
    let mut sum = Score::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|worker| {
                let own = seeds.clone().filter(move |seed| seed % THREADS == worker);
                scope.spawn(move || -> Vec<Score> {
                    own.map(|seed| judge(kind, seed, replay)).collect()
                })
            })
            .collect();
        for worker in workers {
            worker
                .join()
                .unwrap()
                .into_iter()
                .for_each(|one| sum.add(one));
        }
    });
    sum
}

/// Judges every world, and prints what they come to.
fn measure(seeds: std::ops::Range<u64>, replay: bool) -> BTreeMap<String, Score> {
    let mut scores = BTreeMap::new();
    let mut all = Score::default();
    println!(
        "| world | bad lots held | good lots held | something leads | an innocent leads | another part is named | replay without innocents |"
    );
    println!("|---|---|---|---|---|---|---|");
    for kind in Kind::ALL {
        let score = judge_all(kind, seeds.clone(), replay);
        print_row(&format!("{kind:?}"), score);
        all.add(score);
        scores.insert(format!("{kind:?}"), score);
    }
    print_row("all", all);
    scores.insert("all".to_owned(), all);
    scores
}

fn print_row(name: &str, score: Score) {
    let held = |part: usize, whole: usize, digits: usize| match whole {
        0 => "–".to_owned(),
        _ => format!("{part} of {whole} ({:.digits$} %)", percent(part, whole)),
    };
    println!(
        "| {name} | {} | {} | {} of {} | {} | {} | {} |",
        held(score.bad_held, score.bad, 1),
        held(score.good_held, score.good, 2),
        score.leading,
        score.worlds,
        score.innocent,
        score.another,
        held(score.clean, score.replayed, 1),
    );
}

/// The figures that every set of worlds must keep.
fn hold(scores: &BTreeMap<String, Score>) {
    let all = scores["all"];
    assert!(all.bad_held * 100 >= all.bad * 95, "{all:?}");
    assert!(all.good_held * 1000 <= all.good * 5, "{all:?}");
    let nothing = scores["Nothing"];
    assert!(nothing.leading * 20 <= nothing.worlds, "{nothing:?}");
}

#[test]
fn planted_causes_are_held_and_innocents_are_not() {
    let scores = measure(0..FEW, false);
    for (world, score) in &scores {
        assert!(
            score.bad_held * 100 >= score.bad * 90 && score.innocent == 0,
            "{world}: {score:?}"
        );
    }
    hold(&scores);
}

#[test]
#[ignore = "takes many minutes: 200 seeds of each world, replayed"]
fn two_hundred_worlds_of_each_kind() {
    let scores = measure(0..MANY, true);
    hold(&scores);
    let all = scores["all"];
    assert!(all.clean * 100 >= all.replayed * 95, "{all:?}");
}
