//! Numbers as people read them, for the sentences that explain a verdict.

use crate::stats::Interval;

/// A count or an amount with thousands separators, a fraction with one digit.
pub(crate) fn amount(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    let whole = tenths.trunc();
    let digits = format!("{whole:.0}");
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let fraction = ((tenths - whole) * 10.0).round();
    if fraction > 0.0 {
        format!("{grouped}.{fraction:.0}")
    } else {
        grouped
    }
}

/// A rate: per cent while it is a share, else a plain number per unit.
pub(crate) fn rate(value: f64) -> String {
    if value > 1.0 {
        return format!("{} per unit", figures(value));
    }
    format!("{} %", figures(value * 100.0))
}

/// Three significant figures in plain notation.
pub(crate) fn figures(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 {
        amount(value.round())
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else if size >= 1.0 || size == 0.0 {
        format!("{value:.2}")
    } else {
        let places = (-size.log10()).ceil().clamp(1.0, 12.0) as usize + 2;
        format!("{value:.places$}")
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
    }
}

/// A probability: plain down to 0.001, then in powers of ten; what underflows is written as below.
pub(crate) fn probability(value: f64) -> String {
    if value >= 0.001 {
        let text = format!("{value:.4}");
        let short = text.trim_end_matches('0').trim_end_matches('.');
        return if short.is_empty() {
            "0".to_owned()
        } else {
            short.to_owned()
        };
    }
    if value < 1e-300 {
        "below 1e-300".to_owned()
    } else {
        format!("{value:.1e}")
    }
}

/// How many times as high, as far as the 95 % interval allows: `8.40 times the rate (95 % interval
/// 6.84 to 10.3)`. Where the interval holds 1 the ratio is no finding, and only the interval is written.
pub(crate) fn times(ratio: Option<f64>, interval: Interval, the: &str) -> String {
    let Some(low) = interval.low else {
        return "no ratio can be given".to_owned();
    };
    let shown = figures(low);
    match (ratio, interval.high) {
        (Some(ratio), Some(high)) if low > 1.0 || high < 1.0 => format!(
            "{} times {the} (95 % interval {shown} to {})",
            figures(ratio),
            figures(high)
        ),
        (_, Some(high)) => format!(
            "no clear difference (95 % interval {shown} to {} times {the})",
            figures(high)
        ),
        (_, None) if low > 1.0 => {
            format!("a ratio without upper limit, at least {shown} times {the} (95 % interval)")
        }
        (_, None) => format!(
            "no clear difference (95 % interval from {shown} times {the}, without upper limit)"
        ),
    }
}

/// One thing or many: `1 complaint`, `2 complaints`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        amount(count as f64),
        if count == 1 { one } else { many }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(amount(40046.0), "40,046");
        assert_eq!(amount(999.96), "1,000");
        assert_eq!(amount(12.25), "12.3");
        assert_eq!(amount(0.0), "0");
        assert_eq!(rate(0.031_538_730_46), "3.15 %");
        assert_eq!(rate(0.0003), "0.03 %");
        assert_eq!(rate(2.5), "2.50 per unit");
        assert_eq!(figures(8.4018), "8.40");
        assert_eq!(probability(2.046e-10), "2.0e-10");
        assert_eq!(probability(0.067), "0.067");
        assert_eq!(probability(0.0), "below 1e-300");
        assert_eq!(probability(1.0), "1");
        assert_eq!(counted(1, "complaint", "complaints"), "1 complaint");
    }

    #[test]
    fn a_ratio_is_claimed_only_where_the_interval_leaves_out_1() {
        let text = |ratio, low, high| times(ratio, Interval { low, high }, "the rate");
        assert_eq!(
            text(Some(8.4), Some(6.84), Some(10.3)),
            "8.40 times the rate (95 % interval 6.84 to 10.3)"
        );
        assert_eq!(
            text(Some(0.4), Some(0.2), Some(0.9)),
            "0.4 times the rate (95 % interval 0.2 to 0.9)"
        );
        assert_eq!(
            text(Some(3.0), Some(0.9), Some(10.0)),
            "no clear difference (95 % interval 0.9 to 10.0 times the rate)"
        );
        assert!(text(None, Some(4.0), None).contains("at least 4.00 times the rate"));
        assert!(text(None, Some(0.5), None).starts_with("no clear difference"));
        assert_eq!(text(None, None, None), "no ratio can be given");
    }
}
