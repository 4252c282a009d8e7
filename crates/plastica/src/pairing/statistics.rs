//! Numbers made of the points of a curve.

/// Mean and standard deviation over copies.
pub(super) fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if values.len() < 2 {
        return (mean, 0.0);
    }
    (mean, (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// Where a curve first goes from below zero to above, by a straight line between its points.
pub(super) fn crossing(points: &[(f64, f64)]) -> Option<f64> {
    let sorted = sorted(points);
    sorted.windows(2).find(|w| w[0].1 < 0.0 && w[1].1 >= 0.0).map(|w| {
        let ((x0, y0), (x1, y1)) = (w[0], w[1]);
        x0 - y0 * (x1 - x0) / (y1 - y0)
    })
}

/// The constant of an exponential `y = a exp(-|x|/constant)` fitted to the points on one side of zero, by least squares on ln |y|.
pub(super) fn exponential(points: &[(f64, f64)], positive: bool) -> Option<f64> {
    let side: Vec<(f64, f64)> =
        points.iter().filter(|(x, y)| if positive { *x > 0.0 } else { *x < 0.0 } && *y != 0.0).map(|(x, y)| (x.abs(), y.abs().ln())).collect();
    if side.len() < 2 {
        return None;
    }
    let n = side.len() as f64;
    let (mx, my) = (side.iter().map(|p| p.0).sum::<f64>() / n, side.iter().map(|p| p.1).sum::<f64>() / n);
    let slope = side.iter().map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / side.iter().map(|(x, _)| (x - mx).powi(2)).sum::<f64>();
    Some(-1.0 / slope)
}

fn sorted(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut out = points.to_vec();
    out.sort_by(|a, b| a.0.total_cmp(&b.0));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_lies_between_its_points() {
        assert_eq!(crossing(&[(40.0, 1.0), (20.0, -1.0)]), Some(30.0));
        assert_eq!(crossing(&[(20.0, -1.0), (40.0, -0.5)]), None);
    }

    #[test]
    fn an_exponential_gives_its_constant() {
        let points: Vec<(f64, f64)> = (1..9).map(f64::from).flat_map(|x| [(x, 0.7 * (-x / 16.8).exp()), (-x, -0.2 * (-x / 33.7).exp())]).collect();
        assert!((exponential(&points, true).unwrap() - 16.8).abs() < 1e-9);
        assert!((exponential(&points, false).unwrap() - 33.7).abs() < 1e-9);
    }

    #[test]
    fn the_spread_is_the_standard_deviation() {
        assert_eq!(mean_and_spread(&[1.0, 3.0]), (2.0, 2.0_f64.sqrt()));
    }
}
