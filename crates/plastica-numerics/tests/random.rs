//! Philox against its published vectors, the slice forms against the single ones, and the
//! distributions with fixed seeds.
//!
//! Every statistical check passes if its statistic, taken as a standard normal deviate, is below
//! 5 in magnitude: about one false alarm in 1.7 million per check, had the seeds been random.

use plastica_numerics::elementary::double;
use plastica_numerics::random::{PoissonTable, Stream, philox4x32, stream_id};

const LIMIT: f64 = 5.0;

#[test]
fn philox_known_answers() {
    // Random123, kat_vectors.
    assert_eq!(philox4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    assert_eq!(philox4x32([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    assert_eq!(
        philox4x32([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    );
}

#[test]
fn numbers_do_not_change_between_versions() {
    let s = Stream::new(1, 2, 3);
    let bits = [s.uniform(4, 5, 6), s.uniform(5, 5, 6), s.normal(4, 5, 6), s.normal(5, 5, 6)].map(f64::to_bits);
    let counts = [0.3, 4.0, 25.0, 3e4, 1e9].map(|mean| s.poisson(mean, 4, 5, 6));
    assert_eq!(bits, FIXED_BITS);
    let drawn = [3_u64, 17, 40, 63].map(|e| (s.rand(e, 5, 6).to_bits(), s.randn(e, 5, 6).to_bits()));
    assert_eq!(drawn, FIXED_DRAWN);
    assert_eq!(counts, FIXED_COUNTS);
    assert_eq!(stream_id("cells/noise", 1), 3_436_195_006);
}

const FIXED_BITS: [u64; 4] = [0x3fae_97d4_ccb7_3ec0, 0x3fc7_89b6_21bb_5ffc, 0x3fc2_21be_f7eb_861a, 0x3fd4_8e3b_d4b8_73d6];
const FIXED_DRAWN: [(u64, u32); 4] =
    [(0x3fdf_f7f5_20c0_0000, 0x3f1f_7952), (0x3fe9_3439_ec00_0000, 0xc02c_2064), (0x3fe3_fea7_02a0_0000, 0xbf55_c68b), (0x3fa1_76c8_fe00_0000, 0x3e1f_32ea)];
const FIXED_COUNTS: [f64; 5] = [0.0, 3.0, 20.0, 29849.0, 1_000_004_480.0];

#[test]
fn slices_hold_the_single_numbers() {
    let s = Stream::new(99, 1, 7);
    for first in [0u64, 1, 2, 31, 1 << 40, (1 << 33) - 5] {
        for n in [0usize, 1, 2, 3, 31, 32, 33, 64, 65, 130] {
            let (step, draw) = (first ^ 0xabcd_ef01_2345, n as u32);
            let mut out = vec![0.0; n];
            let element = |i: usize| first + i as u64;
            s.uniforms(first, step, draw, &mut out);
            for (i, x) in out.iter().enumerate() {
                assert_eq!(*x, s.uniform(element(i), step, draw));
            }
            s.normals(first, step, draw, &mut out);
            for (i, x) in out.iter().enumerate() {
                assert_eq!(*x, s.normal(element(i), step, draw));
            }
            let scattered: Vec<u64> = (0..n as u64).map(|i| first ^ i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
            s.uniforms_at(&scattered, step, draw, &mut out);
            for (x, element) in out.iter().zip(&scattered) {
                assert_eq!(*x, s.uniform(*element, step, draw));
            }
            s.normals_at(&scattered, step, draw, &mut out);
            for (x, element) in out.iter().zip(&scattered) {
                assert_eq!(*x, s.normal(*element, step, draw));
            }
            let mut single = vec![0.0_f32; n];
            s.rands(first, step, draw, &mut out);
            s.rands(first, step, draw, &mut single);
            for (i, x) in out.iter().enumerate() {
                assert_eq!((*x, single[i]), (s.rand(element(i), step, draw), *x as f32));
            }
            s.randns(first, step, draw, &mut out);
            s.randns(first, step, draw, &mut single);
            for (i, x) in out.iter().enumerate() {
                assert_eq!((*x, single[i]), (f64::from(s.randn(element(i), step, draw)), *x as f32));
            }
            s.rands_at(&scattered, step, draw, &mut out);
            s.randns_at(&scattered, step, draw, &mut single);
            for (i, element) in scattered.iter().enumerate() {
                assert_eq!((out[i], single[i]), (s.rand(*element, step, draw), s.randn(*element, step, draw)));
            }
            for mean in [0.0, -1.0, f64::NAN, 1e-300, 0.01, 0.9, 9.999, 10.0, 300.0, 2e7] {
                s.poissons(mean, first, step, draw, &mut out);
                for (i, x) in out.iter().enumerate() {
                    assert_eq!(*x, s.poisson(mean, element(i), step, draw));
                }
            }
            let means: Vec<f64> = (0..n).map(|i| [0.1, 9.5, 0.0, 42.0, f64::NAN, 1.0, 3e8, -2.0, 5.0][i % 9]).collect();
            s.poissons_each(&means, first, step, draw, &mut out);
            for (i, x) in out.iter().enumerate() {
                assert_eq!(*x, s.poisson(means[i], element(i), step, draw));
            }
        }
    }
}

#[test]
fn each_part_of_the_address_matters() {
    let base = |s: Stream| s.uniform(10, 20, 3);
    let mut values = vec![base(Stream::new(1, 2, 3))];
    for bit in 0..64 {
        values.push(base(Stream::new(1 ^ (1 << bit), 2, 3)));
        values.push(Stream::new(1, 2, 3).uniform(10 ^ (1 << bit), 20, 3));
    }
    for bit in 0..32 {
        values.push(base(Stream::new(1, 2 ^ (1 << bit), 3)));
        values.push(base(Stream::new(1, 2, 3 ^ (1 << bit))));
    }
    for bit in 0..48 {
        values.push(Stream::new(1, 2, 3).uniform(10, 20 ^ (1 << bit), 3));
    }
    for bit in 0..16 {
        values.push(Stream::new(1, 2, 3).uniform(10, 20, 3 ^ (1 << bit)));
    }
    let count = values.len();
    values.sort_by(f64::total_cmp);
    values.dedup();
    assert_eq!(values.len(), count);
    assert_ne!(stream_id("cells/noise", 0), stream_id("cells/noise", 1));
    assert_ne!(stream_id("a", 0), stream_id("b", 0));
}

/// Correlation of two series of uniform numbers as a normal deviate.
fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let sum: f64 = x.iter().zip(y).map(|(a, b)| (a - 0.5) * (b - 0.5)).sum();
    12.0 * sum / n.sqrt()
}

#[test]
fn neighbours_are_uncorrelated() {
    const N: usize = 100_000;
    let draw = |s: Stream, first: u64, step: u64, draw: u32| {
        let mut out = vec![0.0; N];
        s.uniforms(first, step, draw, &mut out);
        out
    };
    let s = Stream::new(5, 1, 1);
    let base = draw(s, 0, 0, 0);
    for (name, other) in [
        ("element", draw(s, 1, 0, 0)),
        ("two elements", draw(s, 2, 0, 0)),
        ("step", draw(s, 0, 1, 0)),
        ("draw", draw(s, 0, 0, 1)),
        ("stream", draw(Stream::new(5, 1, 2), 0, 0, 0)),
        ("subject", draw(Stream::new(5, 2, 1), 0, 0, 0)),
        ("seed", draw(Stream::new(6, 1, 1), 0, 0, 0)),
    ] {
        let z = correlation(&base, &other);
        assert!(z.abs() < LIMIT, "{name}: {z}");
    }
    // Along the steps of one element.
    let x: Vec<f64> = (0..N as u64).map(|step| s.uniform(3, step, 0)).collect();
    let z = correlation(&x[1..], &x[..N - 1]);
    assert!(z.abs() < LIMIT, "along steps: {z}");
}

/// A chi-square statistic as a normal deviate (Wilson and Hilferty 1931).
fn deviate(chi2: f64, degrees: f64) -> f64 {
    let v = 2.0 / (9.0 * degrees);
    (double::pow(chi2 / degrees, 1.0 / 3.0) - (1.0 - v)) / v.sqrt()
}

fn chi_square(observed: &[f64], expected: &[f64]) -> f64 {
    let chi2 = observed.iter().zip(expected).map(|(o, e)| (o - e) * (o - e) / e).sum();
    deviate(chi2, expected.len() as f64 - 1.0)
}

#[test]
fn uniform_numbers_are_uniform() {
    uniform_to(53, |out| Stream::new(17, 0, 0).uniforms(0, 0, 0, out));
    uniform_to(32, |out| Stream::new(17, 0, 0).rands(0, 0, 0, out));
}

/// Numbers that are multiples of 2^-bits.
fn uniform_to(bits: i32, draw: impl Fn(&mut [f64])) {
    const N: usize = 1_000_000;
    let mut out = vec![0.0; N];
    draw(&mut out);
    let mut bins = vec![0.0; 1000];
    let mut low_bits = vec![0.0; 1024];
    for &u in &out {
        assert!((0.0..1.0).contains(&u));
        bins[(u * 1000.0) as usize] += 1.0;
        low_bits[((u * 2.0_f64.powi(bits)) as u64 & 1023) as usize] += 1.0;
    }
    let z = chi_square(&bins, &vec![N as f64 / 1000.0; 1000]);
    assert!(z.abs() < LIMIT, "{z}");
    let z = chi_square(&low_bits, &vec![N as f64 / 1024.0; 1024]);
    assert!(z.abs() < LIMIT, "low bits: {z}");
}

/// The normal cumulative distribution, by its series.
fn phi(x: f64) -> f64 {
    let (mut term, mut sum, mut k) = (x, x, 1.0);
    while term.abs() > 1e-17 {
        k += 2.0;
        term *= x * x / k;
        sum += term;
    }
    0.5 + sum * double::exp(-0.5 * x * x) * 0.398_942_280_401_432_7
}

#[test]
fn normal_numbers_are_normal() {
    normal(1, |out| Stream::new(23, 0, 0).normals(0, 9, 0, out));
    normal(16, |out| Stream::new(23, 0, 0).randns(0, 9, 0, out));
}

/// The two numbers of a block, or of a pair of words, are so far apart.
fn normal(apart: usize, draw: impl Fn(&mut [f64])) {
    const N: usize = 1_000_000;
    let mut out = vec![0.0; N];
    draw(&mut out);
    let n = N as f64;
    let moment = |k: u32| out.iter().map(|&x| (0..k).fold(1.0, |p, _| p * x)).sum::<f64>() / n;
    // Variances of x, x^2, x^3, x^4 of a standard normal number: 1, 2, 15, 96.
    for (k, mean, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
        let z = (moment(k) - mean) / (variance / n).sqrt();
        assert!(z.abs() < LIMIT, "moment {k}: {z}");
    }
    let edges: Vec<f64> = (-35..=35).map(|k| f64::from(k) * 0.1).collect();
    let mut observed = vec![0.0; edges.len() + 1];
    for &x in &out {
        observed[edges.partition_point(|&e| e <= x)] += 1.0;
    }
    let mut expected = Vec::new();
    let mut before = 0.0;
    for &e in &edges {
        expected.push((phi(e) - before) * n);
        before = phi(e);
    }
    expected.push((1.0 - before) * n);
    let z = chi_square(&observed, &expected);
    assert!(z.abs() < LIMIT, "{z}");
    let products: f64 = out.chunks_exact(2 * apart).map(|p| (0..apart).map(|i| p[i] * p[i + apart]).sum::<f64>()).sum();
    assert!((products / (n / 2.0).sqrt()).abs() < LIMIT);
    // Kolmogorov and Smirnov: P(sqrt(n) D > 2.7) is 1e-6.
    out.sort_by(f64::total_cmp);
    let d = out.iter().enumerate().map(|(i, &x)| (phi(x) - i as f64 / n).abs().max((phi(x) - (i + 1) as f64 / n).abs())).fold(0.0, f64::max);
    assert!(d * n.sqrt() < 2.7, "{}", d * n.sqrt());
}

#[test]
fn poisson_numbers_are_poisson() {
    const N: usize = 400_000;
    let n = N as f64;
    let mut out = vec![0.0; N];
    for (i, mean) in [0.01, 0.1, 1.0, 5.0, 9.9, 10.0, 12.0, 30.0, 200.0, 3000.0].into_iter().enumerate() {
        Stream::new(31, i as u32, 0).poissons(mean, 0, 0, 0, &mut out);
        let sample = out.iter().sum::<f64>() / n;
        let z = (sample - mean) / (mean / n).sqrt();
        assert!(z.abs() < LIMIT, "mean of {mean}: {z}");
        let variance = out.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        let z = (variance - mean) / ((mean + 2.0 * mean * mean) / n).sqrt();
        assert!(z.abs() < LIMIT, "variance of {mean}: {z}");
        // Probabilities from the mode outwards, by recursion, normalised by their sum.
        let top = (mean + 12.0 * mean.sqrt() + 25.0) as usize;
        let mode = mean as usize;
        let mut p = vec![0.0; top + 1];
        p[mode] = 1.0;
        for k in mode + 1..=top {
            p[k] = p[k - 1] * mean / k as f64;
        }
        for k in (0..mode).rev() {
            p[k] = p[k + 1] * (k + 1) as f64 / mean;
        }
        let total: f64 = p.iter().sum();
        let mut counts = vec![0.0; top + 1];
        for &x in &out {
            assert_eq!(x, double::floor(x));
            counts[x as usize] += 1.0;
        }
        // Bins of at least 10 expected numbers.
        let (mut observed, mut expected) = (vec![0.0], vec![0.0]);
        for k in 0..=top {
            if *expected.last().unwrap() >= 10.0 {
                observed.push(0.0);
                expected.push(0.0);
            }
            *observed.last_mut().unwrap() += counts[k];
            *expected.last_mut().unwrap() += n * p[k] / total;
        }
        let (o, e) = (observed.pop().unwrap(), expected.pop().unwrap());
        *observed.last_mut().unwrap() += o;
        *expected.last_mut().unwrap() += e;
        let z = chi_square(&observed, &expected);
        println!("{mean}: {} bins, {z:.2}", expected.len());
        assert!(z.abs() < LIMIT, "{mean}: {z}");
    }
}

#[test]
fn poisson_of_large_and_odd_means() {
    let s = Stream::new(3, 3, 3);
    for mean in [1e5, 9e6, 1e8, 1e12] {
        let n = 20_000u64;
        let draws: Vec<f64> = (0..n).map(|i| s.poisson(mean, i, 0, 0)).collect();
        let z = draws.iter().map(|x| x - mean).sum::<f64>() / (mean * n as f64).sqrt();
        assert!(z.abs() < LIMIT, "{mean}: {z}");
        let v = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64 / mean;
        let z = (v - 1.0) * (n as f64 / 2.0).sqrt();
        assert!(z.abs() < LIMIT, "{mean}: {z}");
    }
    for (mean, want) in [(0.0, 0.0), (-3.0, 0.0), (f64::NAN, 0.0), (f64::INFINITY, f64::INFINITY)] {
        assert_eq!(s.poisson(mean, 0, 0, 0), want);
    }
    assert_eq!(PoissonTable::new(2.5).mean(), 2.5);
}
