//! The lowest point of a smooth convex function, by its slopes alone (L-BFGS, Liu & Nocedal 1989).

/// Steps that are remembered.
const MEMORY: usize = 6;

/// Moves `at` towards the lowest point of `f`, which gives its value and writes its slopes.
///
/// Stops after `steps_max` steps, or when the slopes have shrunk to `shrunk` of the first ones. Nothing in it is random.
pub fn minimize(
    at: &mut [f64],
    steps_max: usize,
    shrunk: f64,
    mut f: impl FnMut(&[f64], &mut [f64]) -> f64,
) {
    let mut slope = vec![0.0; at.len()];
    let mut value = f(at, &mut slope);
    let enough = size(&slope) * shrunk;
    let mut memory: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    for _ in 0..steps_max {
        let direction = direction(&slope, &memory);
        let along = dot(&direction, &slope);
        if size(&slope) <= enough || along >= 0.0 {
            return;
        }
        let mut step = if memory.is_empty() {
            1.0 / size(&slope).max(1.0)
        } else {
            1.0
        };
        let mut next_slope = vec![0.0; at.len()];
        let next = loop {
            let tried: Vec<f64> = at
                .iter()
                .zip(&direction)
                .map(|(at, towards)| at + step * towards)
                .collect();
            let reached = f(&tried, &mut next_slope);
            if reached <= value + 1e-4 * step * along {
                value = reached;
                break tried;
            }
            step *= 0.5;
            if step < 1e-12 {
                return;
            }
        };
        let moved: Vec<f64> = next.iter().zip(&*at).map(|(to, from)| to - from).collect();
        let bent: Vec<f64> = next_slope
            .iter()
            .zip(&slope)
            .map(|(to, from)| to - from)
            .collect();
        let curvature = dot(&moved, &bent);
        if curvature > 1e-12 {
            if memory.len() == MEMORY {
                memory.remove(0);
            }
            memory.push((moved, bent, 1.0 / curvature));
        }
        at.copy_from_slice(&next);
        slope = next_slope;
    }
}

/// Downhill, bent by what the last steps have shown (the two loops of the paper).
fn direction(slope: &[f64], memory: &[(Vec<f64>, Vec<f64>, f64)]) -> Vec<f64> {
    let mut direction: Vec<f64> = slope.iter().map(|slope| -slope).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for (moved, bent, inverse) in memory.iter().rev() {
        let share = inverse * dot(moved, &direction);
        add(&mut direction, bent, -share);
        shares.push(share);
    }
    if let Some((moved, bent, _)) = memory.last() {
        let scale = dot(moved, bent) / dot(bent, bent).max(f64::MIN_POSITIVE);
        direction.iter_mut().for_each(|value| *value *= scale);
    }
    for ((moved, bent, inverse), share) in memory.iter().zip(shares.into_iter().rev()) {
        let back = inverse * dot(bent, &direction);
        add(&mut direction, moved, share - back);
    }
    direction
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn add(to: &mut [f64], what: &[f64], share: f64) {
    to.iter_mut()
        .zip(what)
        .for_each(|(to, what)| *to += share * what);
}

fn size(slope: &[f64]) -> f64 {
    slope.iter().fold(0.0, |most, slope| slope.abs().max(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_long_valley_is_found() {
        // f = 1/2 Σ (i + 1) (x - i)², whose lowest point is x = i.
        let mut at = vec![0.0; 20];
        minimize(&mut at, 200, 1e-9, |at, slope| {
            let mut value = 0.0;
            for (i, (x, slope)) in at.iter().zip(slope).enumerate() {
                let (weight, off) = ((i + 1) as f64, x - i as f64);
                value += 0.5 * weight * off * off;
                *slope = weight * off;
            }
            value
        });
        for (i, x) in at.iter().enumerate() {
            assert!((x - i as f64).abs() < 1e-6, "{i}: {x}");
        }
    }
}
