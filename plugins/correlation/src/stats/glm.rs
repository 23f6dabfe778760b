//! Poisson regression with a log link: iteratively reweighted least squares (McCullagh and Nelder
//! 1989), each step solved by Householder's orthogonal triangulation.
#![allow(
    clippy::indexing_slicing,
    reason = "rows and columns are counted from the design itself"
)]

/// Steps after which a fit counts as not converged.
const STEPS_MAX: usize = 25;

/// The deviance must change by less than this part of itself.
const CONVERGED: f64 = 1e-8;

/// A column this much shorter, once the others are projected out of it, is a mix of the others.
const DEPENDENT: f64 = 1e-11;

/// The least mean that a step may give.
const MEAN_MIN: f64 = 2.220_446_049_250_313e-16;

/// The columns of a model, one after another.
#[derive(Clone, Debug)]
pub(crate) struct Design {
    rows: usize,
    columns: Vec<Vec<f64>>,
}

impl Design {
    pub(crate) fn constant(rows: usize) -> Self {
        Self {
            rows,
            columns: vec![vec![1.0; rows]],
        }
    }

    /// With one more column, which must have as many rows.
    #[must_use]
    pub(crate) fn with(mut self, column: Vec<f64>) -> Self {
        debug_assert_eq!(column.len(), self.rows);
        self.columns.push(column);
        self
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Fit {
    /// One a column.
    pub coefficients: Vec<f64>,
    pub means: Vec<f64>,
    /// How much each row decides its own fitted value.
    pub leverage: Vec<f64>,
    /// The weights of the last step: prior weight times mean.
    pub weights: Vec<f64>,
    /// Rows less columns.
    pub freedom: f64,
    triangle: Vec<Vec<f64>>,
}

/// Why there is no fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoFit {
    /// A column is a mix of the others, or there are no more rows than columns.
    Dependent,
    /// The steps did not settle.
    Restless,
}

impl Fit {
    /// Pearson's dispersion with these weights on the squared working residuals
    /// (y - mean)² / mean².
    pub(crate) fn dispersion(&self, response: &[f64], weights: &[f64]) -> f64 {
        let sum: f64 = response
            .iter()
            .zip(&self.means)
            .zip(weights)
            .map(|((y, mean), weight)| weight * ((y - mean) / mean).powi(2))
            .sum();
        sum / self.freedom
    }

    /// The linear predictor at these values of the columns, without offset.
    pub(crate) fn predict(&self, at: &[f64]) -> f64 {
        at.iter().zip(&self.coefficients).map(|(x, b)| x * b).sum()
    }

    /// The variance of that predictor for a dispersion of 1.
    pub(crate) fn variance(&self, at: &[f64]) -> f64 {
        solved(&self.triangle, at)
            .iter()
            .map(|part| part * part)
            .sum()
    }
}

/// Fits counts by their columns. `weights` are prior weights (1 by default), `offset` is added
/// to the linear predictor (0 by default).
///
/// # Errors
/// [`NoFit`] when the columns do not determine the coefficients or the steps do not settle.
pub(crate) fn poisson(
    design: &Design,
    response: &[f64],
    weights: Option<&[f64]>,
    offset: Option<&[f64]>,
) -> Result<Fit, NoFit> {
    let rows = design.rows;
    if rows <= design.width() || response.len() != rows {
        return Err(NoFit::Dependent);
    }
    let prior = |row: usize| weights.and_then(|all| all.get(row)).copied().unwrap_or(1.0);
    let shift = |row: usize| offset.and_then(|all| all.get(row)).copied().unwrap_or(0.0);
    let mut means: Vec<f64> = response.iter().map(|y| y + 0.1).collect();
    let mut linear: Vec<f64> = means.iter().map(|mean| mean.ln()).collect();
    let mut before = deviance(response, &means, prior);
    for _ in 0..STEPS_MAX {
        let working: Vec<f64> = (0..rows)
            .map(|row| linear[row] - shift(row) + (response[row] - means[row]) / means[row])
            .collect();
        let step: Vec<f64> = (0..rows).map(|row| prior(row) * means[row]).collect();
        let (coefficients, triangle) = least_squares(design, &working, &step)?;
        for row in 0..rows {
            let of_columns: f64 = design
                .columns
                .iter()
                .zip(&coefficients)
                .map(|(column, b)| column[row] * b)
                .sum();
            linear[row] = of_columns + shift(row);
            means[row] = linear[row].exp().max(MEAN_MIN);
        }
        let now = deviance(response, &means, prior);
        if !now.is_finite() {
            return Err(NoFit::Restless);
        }
        if (now - before).abs() / (now.abs() + 0.1) < CONVERGED {
            let leverage = leverages(design, &step, &triangle);
            let freedom = (rows - design.width()) as f64;
            return Ok(Fit {
                coefficients,
                means,
                leverage,
                weights: step,
                freedom,
                triangle,
            });
        }
        before = now;
    }
    Err(NoFit::Restless)
}

fn deviance(response: &[f64], means: &[f64], prior: impl Fn(usize) -> f64) -> f64 {
    let parts = response
        .iter()
        .zip(means)
        .enumerate()
        .map(|(row, (y, mean))| {
            let ratio = if *y > 0.0 { y * (y / mean).ln() } else { 0.0 };
            2.0 * prior(row) * (ratio - (y - mean))
        });
    parts.sum()
}

/// The coefficients that fit `target` best with these weights, and the upper triangle R (by
/// column) with R'R = X'WX.
fn least_squares(
    design: &Design,
    target: &[f64],
    weights: &[f64],
) -> Result<(Vec<f64>, Vec<Vec<f64>>), NoFit> {
    let width = design.width();
    let root: Vec<f64> = weights.iter().map(|weight| weight.sqrt()).collect();
    let scaled =
        |column: &[f64]| -> Vec<f64> { column.iter().zip(&root).map(|(x, w)| x * w).collect() };
    let mut columns: Vec<Vec<f64>> = design.columns.iter().map(|column| scaled(column)).collect();
    columns.push(scaled(target));
    let lengths: Vec<f64> = columns.iter().map(|column| length(column)).collect();
    for (pivot, own_length) in lengths.iter().enumerate().take(width) {
        let (done, rest) = columns.split_at_mut(pivot + 1);
        let Some(mirror) = done
            .get_mut(pivot)
            .and_then(|column| column.get_mut(pivot..))
        else {
            return Err(NoFit::Dependent);
        };
        let size = length(mirror);
        if size.is_nan() || size <= DEPENDENT * own_length {
            return Err(NoFit::Dependent);
        }
        let diagonal = if mirror[0] > 0.0 { -size } else { size };
        mirror[0] -= diagonal;
        let norm: f64 = mirror.iter().map(|x| x * x).sum();
        for column in rest {
            let Some(part) = column.get_mut(pivot..) else {
                continue;
            };
            let along: f64 = mirror.iter().zip(part.iter()).map(|(m, x)| m * x).sum();
            let twice = 2.0 * along / norm;
            part.iter_mut()
                .zip(mirror.iter())
                .for_each(|(x, m)| *x -= twice * m);
        }
        // The reflected column keeps only its diagonal; what stood below is no longer needed.
        mirror[0] = diagonal;
    }
    let mut coefficients = vec![0.0; width];
    for row in (0..width).rev() {
        let known: f64 = (row + 1..width)
            .map(|at| columns[at][row] * coefficients[at])
            .sum();
        coefficients[row] = (columns[width][row] - known) / columns[row][row];
    }
    columns.truncate(width);
    for (at, column) in columns.iter_mut().enumerate() {
        column.truncate(at + 1);
    }
    Ok((coefficients, columns))
}

/// R'⁻¹ x: its squared length is x'(X'WX)⁻¹x.
fn solved(triangle: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    let mut out: Vec<f64> = Vec::with_capacity(triangle.len());
    for (column, value) in triangle.iter().zip(x) {
        let known: f64 = column.iter().zip(&out).map(|(r, done)| r * done).sum();
        let diagonal = column.last().copied().unwrap_or(1.0);
        out.push((value - known) / diagonal);
    }
    out
}

fn leverages(design: &Design, weights: &[f64], triangle: &[Vec<f64>]) -> Vec<f64> {
    let mut row_of = vec![0.0; design.width()];
    weights
        .iter()
        .enumerate()
        .map(|(row, weight)| {
            for (slot, column) in row_of.iter_mut().zip(&design.columns) {
                *slot = column[row] * weight.sqrt();
            }
            solved(triangle, &row_of)
                .iter()
                .map(|part| part * part)
                .sum()
        })
        .collect()
}

fn length(of: &[f64]) -> f64 {
    of.iter().map(|x| x * x).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_give_their_rates() {
        // Deaths of Snow 1855, Lambeth first: the second coefficient is the log rate ratio.
        let design = Design::constant(4).with(vec![0.0, 0.0, 1.0, 1.0]);
        let houses = [13_000.0_f64, 13_107.0, 20_000.0, 20_046.0];
        let offset: Vec<f64> = houses.iter().map(|n| n.ln()).collect();
        let fit = poisson(&design, &[50.0, 48.0, 600.0, 663.0], None, Some(&offset)).unwrap();
        let ratio = (1263.0 / 40_046.0) / (98.0 / 26_107.0);
        assert!((fit.coefficients[1].exp() - ratio).abs() < 1e-8);
        let error = fit.variance(&[0.0, 1.0]).sqrt();
        assert!((error - (1.0 / 1263.0 + 1.0 / 98.0_f64).sqrt()).abs() < 1e-8);
        assert!((fit.leverage.iter().sum::<f64>() - 2.0).abs() < 1e-9);
        assert!((fit.predict(&[1.0, 0.0]) - (98.0 / 26_107.0_f64).ln()).abs() < 1e-8);
    }

    #[test]
    fn what_cannot_be_fitted_is_said() {
        let twice = Design::constant(4)
            .with(vec![1.0, 2.0, 3.0, 4.0])
            .with(vec![2.0, 4.0, 6.0, 8.0]);
        let counts = [3.0, 4.0, 2.0, 5.0];
        assert_eq!(
            poisson(&twice, &counts, None, None).unwrap_err(),
            NoFit::Dependent
        );
        let few = Design::constant(1);
        assert_eq!(
            poisson(&few, &[3.0], None, None).unwrap_err(),
            NoFit::Dependent
        );
    }
}
