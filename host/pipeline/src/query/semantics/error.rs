//! What cannot be computed, with the expression that could not.

use datafusion::common::DataFusionError;

/// A value that an expression could not compute for one row.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComputeError {
    /// The result of integer arithmetic does not fit its type.
    #[error("`{expression}` does not fit {data_type}: {values}")]
    Overflow {
        /// The expression as it was written, or as near as the plan still knows it.
        expression: String,
        /// The SQL name of its type.
        data_type: String,
        /// The operands of the first row that overflows.
        values: String,
    },
    /// A sum or an average does not fit its type.
    #[error("`{expression}` does not fit {data_type}")]
    Total {
        expression: String,
        data_type: String,
    },
    #[error("`{expression}` divides by zero: {values}")]
    DivisionByZero { expression: String, values: String },
    /// A zone that is in no list of zones.
    #[error("there is no time zone `{zone}`")]
    Zone { zone: String },
}

impl ComputeError {
    /// What to write instead.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Overflow { data_type, .. } if data_type.starts_with("DECIMAL") => {
                "a decimal has 38 digits at most: round an operand, or CAST it AS DOUBLE"
            }
            Self::Overflow { .. } => {
                "cast an operand to BIGINT, or to DECIMAL(38, 0) where that is not enough"
            }
            Self::Total { .. } => "sum a wider type, as CAST(… AS DECIMAL(38, 0)) or DOUBLE",
            Self::DivisionByZero { .. } => "write x / nullif(y, 0), which is null where y is zero",
            Self::Zone { .. } => "write a name as 'Asia/Tokyo' or an offset as '+09:00'",
        }
    }

    /// The error inside one of the engine's, by type; from the reader of Parquet, which filters
    /// rows and turns every error into its debug text, by that text.
    pub(crate) fn find(error: &DataFusionError) -> Option<Self> {
        if let DataFusionError::External(inner) = error.find_root()
            && let Some(ours) = inner.downcast_ref::<Self>()
        {
            return Some(ours.clone());
        }
        let text = error.strip_backtrace();
        let mut parts = text.split(MARK).skip(1);
        let mut next = || parts.next().map(str::to_owned);
        match (next()?.as_str(), next()?, next()?, next()?) {
            ("overflow", expression, data_type, values) => Some(Self::Overflow {
                expression,
                data_type,
                values,
            }),
            ("total", expression, data_type, _) => Some(Self::Total {
                expression,
                data_type,
            }),
            ("zero", expression, _, values) => Some(Self::DivisionByZero { expression, values }),
            ("zone", zone, ..) => Some(Self::Zone { zone }),
            _ => None,
        }
    }
}

/// Stands between the parts of the debug text.
const MARK: char = '\u{1f}';

impl std::fmt::Debug for ComputeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, first, data_type, values) = match self {
            Self::Overflow {
                expression,
                data_type,
                values,
            } => ("overflow", expression, data_type.as_str(), values.as_str()),
            Self::Total {
                expression,
                data_type,
            } => ("total", expression, data_type.as_str(), ""),
            Self::DivisionByZero { expression, values } => {
                ("zero", expression, "", values.as_str())
            }
            Self::Zone { zone } => ("zone", zone, "", ""),
        };
        write!(
            f,
            "{MARK}{kind}{MARK}{first}{MARK}{data_type}{MARK}{values}{MARK}"
        )
    }
}

impl From<ComputeError> for DataFusionError {
    fn from(error: ComputeError) -> Self {
        Self::External(Box::new(error))
    }
}
