//! What the analyst asks of `attribute`: the factors, which is made from which, and the levels.

use crate::input::{InputError, level};

/// Kinds of suspects one call may name.
pub const FACTORS_MAX: usize = 32;

/// The arguments of `attribute`, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The factor columns, in the order given: among values with the very same units the earlier
    /// factor is named, unless `nested` says otherwise.
    pub factors: Vec<String>,
    /// `made_from[child][parent]`: a child value is made from one parent value, directly or
    /// through others. Empty when nothing was said about nesting.
    made_from: Vec<Vec<bool>>,
    /// q below this makes a leading suspect.
    pub alpha: f64,
    /// q below this needs a person.
    pub review_alpha: f64,
    /// Complaints that a leading suspect must have at least.
    pub min_complaints: u64,
    /// The rate ratio's interval must lie above this for a leading suspect: with many units even a
    /// ratio near 1 is no chance, and yet it is no cause that anybody looks for.
    pub min_ratio: f64,
}

impl Options {
    /// Reads `factors` (names between commas), `nested` (`child<parent` between commas) and the
    /// levels.
    ///
    /// # Errors
    /// [`InputError::BadOption`] names the argument and what it must be.
    pub fn parse(
        factors: &str,
        nested: Option<&str>,
        alpha: f64,
        review_alpha: f64,
        min_complaints: i64,
        min_ratio: f64,
    ) -> Result<Self, InputError> {
        let factors = factor_names(factors)?;
        let made_from = match nested {
            Some(text) if !text.trim().is_empty() => nesting(text, &factors)?,
            _ => Vec::new(),
        };
        let alpha = level("alpha", alpha)?;
        let review_alpha = level("review_alpha", review_alpha)?;
        if review_alpha < alpha {
            let reason = format!("it must be at least alpha ({alpha})");
            return Err(bad("review_alpha", &review_alpha.to_string(), reason));
        }
        let min_complaints = u64::try_from(min_complaints).map_err(|_| {
            bad(
                "min_complaints",
                &min_complaints.to_string(),
                "it must be at least 0".to_owned(),
            )
        })?;
        if !(min_ratio.is_finite() && min_ratio >= 1.0) {
            let reason = "a ratio of rates, at least 1, such as 1.5".to_owned();
            return Err(bad("min_ratio", &min_ratio.to_string(), reason));
        }
        Ok(Self {
            factors,
            made_from,
            alpha,
            review_alpha,
            min_complaints,
            min_ratio,
        })
    }

    /// A value of `child` whose units all lie inside a value of `parent` may be named beside it
    /// as its part. Without `nested` this holds for any two factors.
    pub fn may_be_part(&self, child: usize, parent: usize) -> bool {
        child != parent && (self.made_from.is_empty() || self.is_made_from(child, parent))
    }

    /// Orders factors whose values have the very same units: nearer to the origin first, then as
    /// listed in `factors`.
    pub fn nearness(&self, factor: usize) -> (usize, usize) {
        let parents = (0..self.factors.len()).filter(|parent| self.is_made_from(factor, *parent));
        (parents.count(), factor)
    }

    fn is_made_from(&self, child: usize, parent: usize) -> bool {
        self.made_from
            .get(child)
            .and_then(|row| row.get(parent))
            .copied()
            .unwrap_or(false)
    }
}

fn factor_names(text: &str) -> Result<Vec<String>, InputError> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    let refuse = |reason: String| Err(bad("factors", &format!("'{text}'"), reason));
    if names.iter().any(String::is_empty) {
        return refuse(
            "name the factor columns between commas, such as 'finished_lot,supplier'".to_owned(),
        );
    }
    if names.len() > FACTORS_MAX {
        return refuse(format!("at most {FACTORS_MAX} factors"));
    }
    for (at, name) in names.iter().enumerate() {
        if ["topic", "shipped", "complaints"].contains(&name.as_str()) {
            return refuse(format!(
                "{name} is a column of every cell and cannot be a factor"
            ));
        }
        if names.iter().take(at).any(|earlier| earlier == name) {
            return refuse(format!("{name} is named twice"));
        }
    }
    Ok(names)
}

fn nesting(text: &str, factors: &[String]) -> Result<Vec<Vec<bool>>, InputError> {
    let refuse = |reason: String| bad("nested", &format!("'{text}'"), reason);
    let place = |name: &str| {
        factors
            .iter()
            .position(|factor| factor == name.trim())
            .ok_or_else(|| {
                refuse(format!(
                    "'{}' is none of the factors {}",
                    name.trim(),
                    factors.join(", ")
                ))
            })
    };
    let mut made_from = vec![vec![false; factors.len()]; factors.len()];
    for pair in text.split(',') {
        let (child, parent) = pair.split_once('<').ok_or_else(|| {
            refuse(
                "write child<parent between commas, such as 'finished_lot<supplier_period'"
                    .to_owned(),
            )
        })?;
        let (child, parent) = (place(child)?, place(parent)?);
        if let Some(slot) = made_from.get_mut(child).and_then(|row| row.get_mut(parent)) {
            *slot = true;
        }
    }
    close_over(&mut made_from);
    if let Some(name) = (0..factors.len())
        .find(|&at| {
            made_from
                .get(at)
                .and_then(|row| row.get(at))
                .copied()
                .unwrap_or(false)
        })
        .and_then(|at| factors.get(at))
    {
        return Err(refuse(format!("{name} would be made from itself")));
    }
    Ok(made_from)
}

/// Made from what it is made from is made from too.
fn close_over(made_from: &mut [Vec<bool>]) {
    for middle in 0..made_from.len() {
        let through = made_from.get(middle).cloned().unwrap_or_default();
        for row in made_from.iter_mut() {
            if row.get(middle).copied().unwrap_or(false) {
                for (slot, reached) in row.iter_mut().zip(&through) {
                    *slot |= *reached;
                }
            }
        }
    }
}

fn bad(option: &'static str, given: &str, reason: String) -> InputError {
    InputError::BadOption {
        option,
        given: given.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(factors: &str, nested: Option<&str>) -> Result<Options, InputError> {
        Options::parse(factors, nested, 0.05, 0.1, 5, 1.0)
    }

    #[test]
    fn nesting_reaches_through_and_orders_by_origin() {
        let options = parse(
            "lot, period ,supplier,region",
            Some("lot<period, period<supplier"),
        )
        .unwrap();
        assert_eq!(options.factors, ["lot", "period", "supplier", "region"]);
        assert!(
            options.may_be_part(0, 2) && !options.may_be_part(2, 0) && !options.may_be_part(3, 1)
        );
        assert!(
            options.nearness(2) < options.nearness(1) && options.nearness(1) < options.nearness(0)
        );
        assert!(parse("lot,period", None).unwrap().may_be_part(1, 0));
    }

    #[test]
    fn arguments_that_make_no_sense_are_refused_by_name() {
        for (factors, nested, says) in [
            ("lot,,region", None, "between commas"),
            ("lot,lot", None, "twice"),
            ("lot,topic", None, "cannot be a factor"),
            (
                "lot,period",
                Some("lot<perod"),
                "'perod' is none of the factors lot, period",
            ),
            ("lot,period", Some("lot period"), "child<parent"),
            (
                "lot,period",
                Some("lot<period,period<lot"),
                "made from itself",
            ),
        ] {
            let error = parse(factors, nested).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let levels = |alpha, review, least| {
            Options::parse("lot", None, alpha, review, least, 1.0).unwrap_err()
        };
        assert!(levels(0.0, 0.1, 5).to_string().contains("alpha"));
        assert!(levels(0.05, 0.01, 5).to_string().contains("at least alpha"));
        assert!(levels(f64::NAN, 0.1, 5).to_string().contains("alpha"));
        assert!(levels(0.05, 0.1, -1).to_string().contains("min_complaints"));
        for ratio in [0.9, f64::NAN, f64::INFINITY] {
            let refused = Options::parse("lot", None, 0.05, 0.1, 5, ratio).unwrap_err();
            assert!(refused.to_string().contains("min_ratio"));
        }
    }
}
