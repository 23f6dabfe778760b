//! The sentence that explains a verdict.

use super::{Answer, Pair};
use crate::verdict::Verdict;
use crate::words::{amount, probability, rate, times};

impl Answer {
    pub(super) fn reason(&self, pair: &Pair) -> String {
        let table = &pair.table;
        let (here, others) = (table.a + table.b, table.c + table.d);
        let own = format!(
            "{} of {} ({})",
            amount(table.a as f64),
            amount(here as f64),
            rate(table.a as f64 / here as f64)
        );
        if pair.p.is_none() {
            return format!("{own}, but there are no other units to compare with.");
        }
        let (prr, interval) = table.prr();
        let ratio = match (table.a, table.c) {
            (0, 0) => "none anywhere".to_owned(),
            (0, _) => "none here".to_owned(),
            (_, 0) => "a ratio without upper limit".to_owned(),
            _ => times(prr, interval, "the share"),
        };
        format!(
            "{own} against {} of {} elsewhere ({}), {ratio}, q {} over {} pairs tested{}.",
            amount(table.c as f64),
            amount(others as f64),
            rate(table.c as f64 / others as f64),
            probability(pair.q),
            amount(self.tested as f64),
            self.weakness(pair),
        )
    }

    fn weakness(&self, pair: &Pair) -> String {
        if pair.verdict != Verdict::NeedsPerson {
            return String::new();
        }
        let why = if pair.q >= self.options.alpha {
            format!("not below {}", self.options.alpha)
        } else if pair.table.a < self.options.min_complaints {
            format!("fewer than {} reports", self.options.min_complaints)
        } else if pair.table.ic().1.is_none_or(|low| low <= 0.0) {
            "the information component reaches 0".to_owned()
        } else {
            "the interval reaches 1".to_owned()
        };
        format!("; {why}, so a person must judge")
    }
}
