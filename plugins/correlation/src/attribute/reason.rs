//! The sentence that goes with a verdict.

use super::cells::elsewhere;
use super::chance::SEED;
use super::pairs::{Pair, PairState, Seen, Totals};
use super::{Answer, Comparison};
use crate::stats::ratio::{rate_ratio, ratio_interval};
use crate::verdict::{COMPLAINTS_MIN, Verdict};
use crate::words::{amount, counted, figures, probability, rate, times};

impl Answer {
    /// One sentence with the numbers that the verdict rests on.
    pub(super) fn reason(&self, pair: &Pair, finding: &Comparison) -> String {
        let topic = pair.topic as usize;
        let full = self.full.get(topic).copied().unwrap_or_default();
        if pair.full.p.is_none() {
            return untestable(&pair.full);
        }
        let plain = self.compared(topic, pair, full);
        let sentence = match (finding.verdict, pair.state) {
            (Verdict::Leading, PairState::Suspect(number)) => {
                let totals = self.named_at(number, full);
                format!(
                    "{plain}, {}{}{}{}{}",
                    self.chance(&pair.full),
                    self.later(pair, totals, full),
                    self.searched(pair),
                    self.spread(finding),
                    rivals(finding),
                )
            }
            (Verdict::Leading, PairState::Part { of, .. }) => format!(
                "{}, and stand out by themselves: {plain}, {}{}",
                self.inside(of),
                self.chance(&pair.full),
                self.spread(finding),
            ),
            (Verdict::PartOf, PairState::Part { of, .. }) => format!(
                "{}, and no clearer than the rest of it: {plain}, {}{}",
                self.inside(of),
                self.chance(&pair.full),
                self.spread(finding),
            ),
            (_, PairState::Part { of, .. }) => format!(
                "{}, but its own {} in {} shipped do not stand out over {} (q {})",
                self.inside(of),
                counted(pair.full.x, "complaint", "complaints"),
                amount(pair.full.e),
                self.pairs_words(),
                probability(pair.full.q),
            ),
            (Verdict::Explained, _) => self.explained(pair),
            (Verdict::ExplainedByPart, _) => {
                format!("{}{}", self.explained(pair), self.spread(finding))
            }
            (Verdict::NeedsPerson, _) => {
                let totals = self.now.get(topic).copied().unwrap_or_default();
                let later = self.later(pair, totals, full);
                format!(
                    "{plain}, {}{later}{}{}; {}",
                    self.chance(&pair.full),
                    self.searched(pair),
                    self.spread(finding),
                    self.weakness(pair, totals)
                )
            }
            _ => self.nothing(pair, &plain),
        };
        format!("{sentence}.")
    }

    /// The sentence for a value without any complaint.
    pub(super) fn nothing_here(&self, seen: &Seen) -> String {
        if seen.p.is_none() {
            return untestable(seen);
        }
        format!("No complaint in {} shipped.", amount(seen.e))
    }

    /// `45 complaints in 900 shipped (5.00 %) against 60 in 19,100 elsewhere (0.314 %), 15.9 times
    /// the rate (95 % interval 10.8 to 23.4)`.
    fn compared(&self, topic: usize, pair: &Pair, totals: Totals) -> String {
        let seen = &pair.full;
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        let (rest_x, rest_e) = (totals.x.saturating_sub(seen.x), elsewhere(totals.e, seen.e));
        let interval = ratio_interval(seen.x, seen.e, rest_x, rest_e, dispersion);
        let aged = self
            .cells
            .weights
            .get(topic)
            .is_some_and(|weights| !weights.is_empty());
        let ratio = times(
            rate_ratio(seen.x, seen.e, rest_x, rest_e),
            interval,
            if aged {
                "the rate of units out for as long"
            } else {
                "the rate"
            },
        );
        let plain_rest = match elsewhere(self.plain.get(topic).copied().unwrap_or(0.0), pair.plain)
        {
            rest if rest > 0.0 => rest,
            _ => rest_e,
        };
        let wider = if dispersion > 1.0 {
            let units = self.cells.factors.name(0).unwrap_or("units");
            format!(
                ", interval and p widened because counts over {units} spread {} times more than chance",
                figures(dispersion)
            )
        } else {
            String::new()
        };
        format!(
            "{} in {} shipped ({}) against {} in {} elsewhere ({}), {ratio}{wider}",
            counted(seen.x, "complaint", "complaints"),
            amount(pair.plain),
            rate(seen.x as f64 / pair.plain),
            amount(rest_x as f64),
            amount(plain_rest),
            rate(rest_x as f64 / plain_rest),
        )
    }

    /// How a window was found, and what its p rests on.
    fn searched(&self, pair: &Pair) -> String {
        let Some(window) = self.cells.window(pair.value) else {
            return String::new();
        };
        let coarse = if window.every > 1 {
            format!(
                "; windows were first tried at every {} steps with complaints only",
                window.every
            )
        } else {
            String::new()
        };
        let draws = match window.draws() {
            0 => "no simulation: an upper bound".to_owned(),
            draws => format!("{draws} simulations, seed {SEED}"),
        };
        format!(
            "; the clearest of {} windows over {} of {} (p {} for the whole search, {draws}){coarse}",
            amount(window.searched as f64),
            counted(window.steps as u64, "step", "steps"),
            window.series,
            probability(pair.now.p.unwrap_or(1.0)),
        )
    }

    /// Whether its units share one rate.
    fn spread(&self, finding: &Comparison) -> String {
        let Some(found) = finding.evenness else {
            return String::new();
        };
        let units = self.cells.factors.name(0).unwrap_or("units");
        let how = if found.p < self.options.alpha {
            "do not share one rate"
        } else {
            "share one rate as far as chance tells"
        };
        format!(
            "; its {} of {units} {how} (p {})",
            counted(found.units, "value", "values"),
            probability(found.p)
        )
    }

    fn chance(&self, seen: &Seen) -> String {
        format!("q {} over {}", probability(seen.q), self.pairs_words())
    }

    fn pairs_words(&self) -> String {
        counted(self.tested, "pair tested", "pairs tested")
    }

    /// Sums of the topic when a suspect was named.
    fn named_at(&self, suspect: u32, full: Totals) -> Totals {
        self.suspects
            .get(suspect as usize)
            .map_or(full, |suspect| suspect.totals)
    }

    fn inside(&self, suspect: u32) -> String {
        format!(
            "All its units are part of {}",
            self.suspect_name(suspect).unwrap_or_default()
        )
    }

    /// What was seen once earlier suspects were set aside, when that differs.
    fn later(&self, pair: &Pair, totals: Totals, full: Totals) -> String {
        if totals.x == full.x && totals.e == full.e {
            return String::new();
        }
        let (rest_x, rest_e) = (
            totals.x.saturating_sub(pair.now.x),
            elsewhere(totals.e, pair.now.e),
        );
        format!(
            "; without the suspects named before, {} in {} against {} in {}, q {}",
            amount(pair.now.x as f64),
            amount(pair.now.e),
            amount(rest_x as f64),
            amount(rest_e),
            probability(pair.now.q),
        )
    }

    /// Why it does not lead.
    fn weakness(&self, pair: &Pair, totals: Totals) -> String {
        let topic = pair.topic as usize;
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        let rest = elsewhere(totals.e, pair.now.e);
        let low = ratio_interval(
            pair.now.x,
            pair.now.e,
            totals.x.saturating_sub(pair.now.x),
            rest,
            dispersion,
        )
        .low;
        let least = self.options.least(self.cells.window(pair.value).is_some());
        if pair.now.x < least {
            format!("fewer than {least} complaints, so a person must judge")
        } else if pair.now.q >= self.options.alpha || pair.full.q >= self.options.alpha {
            format!("not below {}, so a person must judge", self.options.alpha)
        } else if low.unwrap_or(0.0) <= 1.0 {
            "the interval reaches 1, so a person must judge".to_owned()
        } else if low.unwrap_or(0.0) <= self.options.min_ratio {
            let least = figures(self.options.min_ratio);
            format!(
                "perhaps too small an effect to lead, since the interval reaches {least}, so a person must judge"
            )
        } else {
            "too many suspects to name them all, so a person must judge".to_owned()
        }
    }

    fn explained(&self, pair: &Pair) -> String {
        let other = pair
            .explained
            .and_then(|explained| self.suspect_name(explained.by))
            .unwrap_or_default();
        let (explained, inside) = pair.explained.map_or((0, false), |explained| {
            (explained.complaints, explained.inside)
        });
        let start = format!(
            "{} of its {} are those of {}{other}",
            amount(explained as f64),
            counted(pair.full.x, "complaint", "complaints"),
            if inside { "its part " } else { "" },
        );
        let totals = self
            .now
            .get(pair.topic as usize)
            .copied()
            .unwrap_or_default();
        let rest_e = elsewhere(totals.e, pair.now.e);
        if pair.now.e <= 0.0 || rest_e <= 0.0 {
            return format!("{start}, and without them no shipped units remain to compare");
        }
        format!(
            "{start}; what is left, {} in {} shipped ({}) against {} in {} elsewhere ({}), is no clear excess (p {}, q {})",
            amount(pair.now.x as f64),
            amount(pair.now.e),
            rate(pair.now.x as f64 / pair.now.e),
            amount(totals.x.saturating_sub(pair.now.x) as f64),
            amount(rest_e),
            rate(totals.x.saturating_sub(pair.now.x) as f64 / rest_e),
            probability(pair.now.p.unwrap_or(1.0)),
            probability(pair.now.q),
        )
    }

    fn nothing(&self, pair: &Pair, plain: &str) -> String {
        if pair.full.x < COMPLAINTS_MIN && pair.full.q < self.options.review_alpha {
            return format!("{plain}, too few complaints to say anything");
        }
        if pair.small && pair.now.q < self.options.review_alpha {
            let least = figures(self.options.min_ratio);
            let totals = self
                .now
                .get(pair.topic as usize)
                .copied()
                .unwrap_or_default();
            let full = self
                .full
                .get(pair.topic as usize)
                .copied()
                .unwrap_or_default();
            return format!(
                "{plain}, {}{}; no chance, but too small an effect to lead, since the interval ends below {least}",
                self.chance(&pair.full),
                self.later(pair, totals, full),
            );
        }
        if pair.full.q < self.options.review_alpha {
            return format!(
                "{plain}; once the suspects and what they explain are set aside, that is not unusual over {} (q {})",
                self.pairs_words(),
                probability(pair.now.q),
            );
        }
        let chance = if pair.full.x > 0 && self.stands_out(pair) {
            ", which chance brings among so many"
        } else {
            ""
        };
        format!("{plain}, {}{chance}", self.chance(&pair.full))
    }

    /// Whether the interval by itself, without regard to how many pairs were tested, lies above 1.
    fn stands_out(&self, pair: &Pair) -> bool {
        let topic = pair.topic as usize;
        let full = self.full.get(topic).copied().unwrap_or_default();
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        let (rest_x, rest_e) = (
            full.x.saturating_sub(pair.full.x),
            elsewhere(full.e, pair.full.e),
        );
        ratio_interval(pair.full.x, pair.full.e, rest_x, rest_e, dispersion)
            .low
            .is_some_and(|low| low > 1.0)
    }
}

/// What else the same complaints fit.
fn rivals(finding: &Comparison) -> String {
    let rivals = finding.rivals.as_deref();
    rivals.map_or_else(String::new, |rivals| {
        format!("; these complaints fit {rivals} as well, and the data cannot tell them apart")
    })
}

/// Complaints without shipped units, or nothing to compare with.
fn untestable(seen: &Seen) -> String {
    if seen.e <= 0.0 {
        return format!(
            "{} but no shipped units, so no rate can be given.",
            counted(seen.x, "complaint", "complaints")
        );
    }
    format!(
        "{} in {} shipped, but there are no other units to compare with.",
        counted(seen.x, "complaint", "complaints"),
        amount(seen.e)
    )
}
