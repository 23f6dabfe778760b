//! The minimum of a smooth function of five numbers, by the quasi-Newton method of Broyden,
//! Fletcher, Goldfarb and Shanno (Nocedal and Wright 2006, chapter 6).
#![allow(
    clippy::indexing_slicing,
    reason = "every point has the same five numbers"
)]

/// How many numbers are looked for.
pub(super) const NUMBERS: usize = 5;

/// A point or a direction.
pub(super) type Point = [f64; NUMBERS];

/// Steps after which the search gives up.
const STEPS_MAX: usize = 300;

/// No number moves further than this in one step.
const MOVE_MAX: f64 = 1.0;

/// A point where the function no longer falls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Minimum {
    pub at: Point,
    pub value: f64,
}

fn dot(left: &Point, right: &Point) -> f64 {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}

fn along(from: &Point, direction: &Point, length: f64) -> Point {
    std::array::from_fn(|i| from[i] + length * direction[i])
}

fn unit() -> [Point; NUMBERS] {
    std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))))
}

/// Looks for a minimum from `start` on. `f` gives the value and the slope at a point; the search
/// ends where no part of the slope is above `slope_max`. `None` when it does not get there.
pub(super) fn minimize(
    start: Point,
    slope_max: f64,
    mut f: impl FnMut(&Point) -> (f64, Point),
) -> Option<Minimum> {
    let mut at = start;
    let (mut value, mut slope) = f(&at);
    let mut curve = unit();
    let mut fresh = true;
    for _ in 0..STEPS_MAX {
        if !value.is_finite() || slope.iter().any(|part| !part.is_finite()) {
            return None;
        }
        if slope.iter().all(|part| part.abs() <= slope_max) {
            return Some(Minimum { at, value });
        }
        let mut direction: Point = std::array::from_fn(|i| -dot(&curve[i], &slope));
        if dot(&direction, &slope) >= 0.0 {
            (curve, fresh) = (unit(), true);
            direction = slope.map(|part| -part);
        }
        let largest = direction
            .iter()
            .fold(0.0, |most: f64, part| most.max(part.abs()));
        // Nothing is known of the curvature at first: begin with a short step.
        let longest = if fresh { 0.1 } else { MOVE_MAX };
        if largest > longest {
            direction = direction.map(|part| part * longest / largest);
        }
        let Some((next, next_value, next_slope)) =
            line(&at, value, dot(&direction, &slope), &direction, &mut f)
        else {
            // Rounding hides any further fall: done when the slope is as good as flat.
            let flat = slope.iter().all(|part| part.abs() <= 1e3 * slope_max);
            return flat.then_some(Minimum { at, value });
        };
        let moved: Point = std::array::from_fn(|i| next[i] - at[i]);
        let turned: Point = std::array::from_fn(|i| next_slope[i] - slope[i]);
        update(&mut curve, &moved, &turned, fresh);
        fresh = false;
        (at, value, slope) = (next, next_value, next_slope);
    }
    None
}

/// Halves the step until the function falls enough (Armijo 1966).
fn line(
    at: &Point,
    value: f64,
    fall: f64,
    direction: &Point,
    f: &mut impl FnMut(&Point) -> (f64, Point),
) -> Option<(Point, f64, Point)> {
    let mut length = 1.0;
    for _ in 0..40 {
        let next = along(at, direction, length);
        let (next_value, next_slope) = f(&next);
        if next_value <= value + 1e-4 * length * fall && next_value < value {
            return Some((next, next_value, next_slope));
        }
        length *= 0.5;
    }
    None
}

/// The new inverse curvature after a step.
fn update(curve: &mut [Point; NUMBERS], moved: &Point, turned: &Point, fresh: bool) {
    let bend = dot(moved, turned);
    if bend <= 1e-14 * dot(moved, moved).sqrt() * dot(turned, turned).sqrt() {
        return;
    }
    if fresh {
        let scale = bend / dot(turned, turned);
        *curve = unit().map(|row| row.map(|part| part * scale));
    }
    let through: Point = std::array::from_fn(|i| dot(&curve[i], turned));
    let factor = (1.0 + dot(turned, &through) / bend) / bend;
    for i in 0..NUMBERS {
        for j in 0..NUMBERS {
            curve[i][j] += factor * moved[i] * moved[j]
                - (through[i] * moved[j] + moved[i] * through[j]) / bend;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valley_of_rosenbrock_is_walked_to_its_end() {
        // Rosenbrock 1960 over neighbours: the minimum is 0 at all ones.
        let found = minimize([-1.2, 1.0, -0.5, 0.8, 1.4], 1e-9, |x| {
            let (mut value, mut slope) = (0.0, [0.0; NUMBERS]);
            for i in 0..NUMBERS - 1 {
                let (rise, gap) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
                value += 100.0 * rise * rise + gap * gap;
                slope[i] += -400.0 * x[i] * rise - 2.0 * gap;
                slope[i + 1] += 200.0 * rise;
            }
            (value, slope)
        })
        .unwrap();
        assert!(found.value < 1e-16, "{found:?}");
        assert!(
            found.at.iter().all(|part| (part - 1.0).abs() < 1e-7),
            "{found:?}"
        );
    }

    #[test]
    fn what_has_no_minimum_is_not_found() {
        assert_eq!(
            minimize([0.0; NUMBERS], 1e-9, |x| (x[0], [1.0, 0.0, 0.0, 0.0, 0.0])),
            None
        );
        assert_eq!(
            minimize([0.0; NUMBERS], 1e-9, |_| (f64::NAN, [0.0; NUMBERS])),
            None
        );
    }
}
