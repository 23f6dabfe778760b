//! The arguments of `surge`, read and checked: each method takes its own and refuses the others'.

use super::charts::{Chart, Kind};
use super::ears::{Ears, Variant};
use super::farrington::{Farrington, Form};
use super::history::{Reference, Rule};
use super::limits::{Power, Threshold};
use crate::arguments::{positive, within};
use crate::input::{InputError, level};
use crate::series::PERIODS_MAX;
use crate::series::clock::Every;

/// Where arguments come from: by name, none when the call has none.
pub(crate) trait Arguments {
    fn whole(&self, name: &str) -> Option<i64>;
    fn number(&self, name: &str) -> Option<f64>;
    fn text(&self, name: &str) -> Option<&str>;
    fn truth(&self, name: &str) -> Option<bool>;
}

/// A method with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Method {
    Ears(Ears),
    /// Farrington, in either form.
    Farrington(Farrington),
    /// CUSUM or GLR.
    Chart(Chart),
    /// The same season of the years before.
    History(Reference, Rule),
}

/// Arguments of some methods, with the methods that take them.
const OF_SOME: &[(&str, &[&str])] = &[
    (
        "alpha",
        &[
            "ears_c1",
            "ears_c2",
            "ears_c3",
            "farrington",
            "farrington_flexible",
            "bayes",
        ],
    ),
    (
        "baseline",
        &["ears_c1", "ears_c2", "ears_c3", "cusum", "glr"],
    ),
    ("minimum_sigma", &["ears_c1", "ears_c2", "ears_c3"]),
    (
        "years",
        &["farrington", "farrington_flexible", "rki", "bayes"],
    ),
    (
        "half_window",
        &["farrington", "farrington_flexible", "rki", "bayes"],
    ),
    (
        "year_length",
        &["farrington", "farrington_flexible", "rki", "bayes", "glr"],
    ),
    ("reweight_above", &["farrington", "farrington_flexible"]),
    ("trend", &["farrington", "farrington_flexible"]),
    ("trend_alpha", &["farrington", "farrington_flexible"]),
    ("minimum_cases", &["farrington", "farrington_flexible"]),
    (
        "minimum_cases_periods",
        &["farrington", "farrington_flexible"],
    ),
    ("power", &["farrington", "farrington_flexible"]),
    ("seasons", &["farrington_flexible"]),
    ("past_excluded", &["farrington_flexible"]),
    ("threshold", &["farrington_flexible"]),
    ("reference_value", &["cusum"]),
    ("decision_limit", &["cusum", "glr"]),
    ("harmonics", &["glr"]),
    ("current_year", &["rki", "bayes"]),
];

const METHODS: &str = "'ears_c1', 'ears_c2', 'ears_c3', 'farrington', 'farrington_flexible', \
                       'cusum', 'glr', 'rki' or 'bayes'";

impl Method {
    /// Reads a method and its arguments. `is_given` is true of the arguments of the call.
    ///
    /// # Errors
    /// [`InputError::BadOption`] names the argument and what it must be.
    pub(crate) fn read(
        name: &str,
        every: Every,
        arguments: &impl Arguments,
        is_given: impl Fn(&str) -> bool,
    ) -> Result<Self, InputError> {
        for &(option, methods) in OF_SOME {
            if is_given(option) && !methods.contains(&name) {
                return Err(InputError::BadOption {
                    option,
                    given: "a value".to_owned(),
                    reason: format!("it is for {}, not for {name}", methods.join(", ")),
                });
            }
        }
        let read = MethodOptions { arguments, every };
        match name {
            "ears_c1" => read.ears(Variant::C1),
            "ears_c2" => read.ears(Variant::C2),
            "ears_c3" => read.ears(Variant::C3),
            "farrington" => read.farrington(false),
            "farrington_flexible" => read.farrington(true),
            "cusum" => read.chart(false),
            "glr" => read.chart(true),
            "rki" => Ok(Self::History(read.reference(false)?, Rule::rki())),
            "bayes" => {
                let alpha = level("alpha", arguments.number("alpha").unwrap_or(0.05))?;
                Ok(Self::History(read.reference(true)?, Rule::Bayes { alpha }))
            }
            _ => Err(InputError::BadOption {
                option: "method",
                given: format!("'{name}'"),
                reason: format!("it must be {METHODS}"),
            }),
        }
    }

    /// Whether it takes a population into account.
    pub(crate) fn takes_population(&self) -> bool {
        matches!(self, Self::Farrington(_))
    }
}

struct MethodOptions<'a, G> {
    arguments: &'a G,
    every: Every,
}

impl<G: Arguments> MethodOptions<'_, G> {
    fn count(
        &self,
        option: &'static str,
        usual: usize,
        least: usize,
        most: usize,
    ) -> Result<usize, InputError> {
        match self.arguments.whole(option) {
            Some(value) => within(option, value, least, most),
            None => Ok(usual),
        }
    }

    fn year_length(&self) -> Result<usize, InputError> {
        self.count("year_length", self.every.in_a_year(), 2, 1000)
    }

    fn ears(&self, variant: Variant) -> Result<Method, InputError> {
        let usual = if variant == Variant::C3 { 0.025 } else { 0.001 };
        let minimum_sigma = self.arguments.number("minimum_sigma").unwrap_or(0.5);
        if !(minimum_sigma.is_finite() && minimum_sigma >= 0.0) {
            return Err(InputError::BadOption {
                option: "minimum_sigma",
                given: minimum_sigma.to_string(),
                reason: "it must be a finite number of at least 0".to_owned(),
            });
        }
        Ok(Method::Ears(Ears {
            variant,
            baseline: self.count("baseline", 7, 3, 1000)?,
            minimum_sigma,
            alpha: level("alpha", self.arguments.number("alpha").unwrap_or(usual))?,
        }))
    }

    fn reference(&self, current_year: bool) -> Result<Reference, InputError> {
        let reference = Reference {
            years: self.count("years", 2, 0, 20)?,
            half_window: self.count("half_window", 4, 1, 100)?,
            year_length: self.year_length()?,
            current_year: self.arguments.truth("current_year").unwrap_or(current_year),
        };
        if reference.years == 0 && !reference.current_year {
            return Err(InputError::BadOption {
                option: "years",
                given: "0".to_owned(),
                reason: "without years before, current_year must be true".to_owned(),
            });
        }
        self.window_fits(reference.half_window, reference.year_length)?;
        Ok(reference)
    }

    fn window_fits(&self, half_window: usize, year_length: usize) -> Result<(), InputError> {
        if 2 * half_window < year_length {
            return Ok(());
        }
        Err(InputError::BadOption {
            option: "half_window",
            given: half_window.to_string(),
            reason: format!("twice of it must be less than the year's {year_length} periods"),
        })
    }

    fn farrington(&self, flexible: bool) -> Result<Method, InputError> {
        let arguments = self.arguments;
        let year_length = self.year_length()?;
        let half_window = self.count("half_window", 3, 1, 100)?;
        self.window_fits(half_window, year_length)?;
        let power = self.power()?;
        let years = self.count("years", 5, 1, 20)?;
        let form = if flexible {
            let seasons_max = (year_length - 2 * half_window).max(1);
            Form::Flexible {
                seasons: self.count("seasons", 10.min(seasons_max), 1, seasons_max)?,
                past_excluded: self.count(
                    "past_excluded",
                    year_length / 2,
                    0,
                    year_length - half_window,
                )?,
                threshold: self.threshold(power)?,
            }
        } else {
            Form::Classic(power)
        };
        let [alpha, above, trend_alpha] = if flexible {
            [0.005, 2.58, 1.0]
        } else {
            [0.05, 1.0, 0.05]
        };
        let above = arguments.number("reweight_above").unwrap_or(above);
        let trend_alpha = arguments.number("trend_alpha").unwrap_or(trend_alpha);
        Ok(Method::Farrington(Farrington {
            form,
            years,
            half_window,
            year_length,
            alpha: level("alpha", arguments.number("alpha").unwrap_or(alpha))?,
            reweight_above: positive("reweight_above", above)?,
            trend: arguments.truth("trend").unwrap_or(true),
            trend_alpha: positive("trend_alpha", trend_alpha)?,
            minimum_cases: self.count("minimum_cases", 5, 0, 1_000_000)?,
            minimum_cases_periods: self.count("minimum_cases_periods", 4, 1, 1000)?,
        }))
    }

    fn power(&self) -> Result<Power, InputError> {
        match self.arguments.text("power") {
            None | Some("2/3") => Ok(Power::TwoThirds),
            Some("1/2") => Ok(Power::Half),
            Some("none") => Ok(Power::One),
            Some(other) => Err(InputError::BadOption {
                option: "power",
                given: format!("'{other}'"),
                reason: "it must be '2/3', '1/2' or 'none'".to_owned(),
            }),
        }
    }

    fn threshold(&self, power: Power) -> Result<Threshold, InputError> {
        match self.arguments.text("threshold") {
            None | Some("nb_plugin") => Ok(Threshold::NbPlugin),
            Some("muan") => Ok(Threshold::Muan),
            Some("delta") => Ok(Threshold::Delta(power)),
            Some(other) => Err(InputError::BadOption {
                option: "threshold",
                given: format!("'{other}'"),
                reason: "it must be 'nb_plugin', 'muan' or 'delta'".to_owned(),
            }),
        }
    }

    fn chart(&self, ratio: bool) -> Result<Method, InputError> {
        let arguments = self.arguments;
        let year_length = self.year_length()?;
        let harmonics = self.count("harmonics", 1, 0, 3)?;
        let (kind, usual) = if ratio {
            (Kind::Glr { harmonics }, 5.0)
        } else {
            let reference_value = arguments.number("reference_value").unwrap_or(1.04);
            let reference_value = positive("reference_value", reference_value)?;
            (Kind::Cusum { reference_value }, 2.26)
        };
        let least = if ratio && harmonics > 0 {
            year_length
        } else {
            3
        };
        let limit = arguments.number("decision_limit").unwrap_or(usual);
        Ok(Method::Chart(Chart {
            kind,
            baseline: self.count("baseline", year_length, least, PERIODS_MAX)?,
            year_length,
            decision_limit: positive("decision_limit", limit)?,
        }))
    }
}
