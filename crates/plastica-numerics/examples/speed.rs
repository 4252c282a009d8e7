//! Nanoseconds per number of the slice loops: `cargo run --release -p plastica-numerics --example
//! speed` (with `RUSTFLAGS="-C target-feature=+avx2"` and the like for wider vectors).

use plastica_numerics::elementary::{double, single};
use plastica_numerics::random::{PoissonTable, Stream};
use std::hint::black_box;
use std::time::Instant;

const N: usize = 4096;
const ROUNDS: u64 = 500;

fn time(name: &str, mut run: impl FnMut(u64)) {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        for round in 0..ROUNDS {
            run(round);
        }
        let per = start.elapsed().as_secs_f64() * 1e9 / (ROUNDS as f64 * N as f64);
        best = best.min(per);
    }
    println!("{name:24} {best:7.2} ns");
}

fn main() {
    let x: Vec<f64> = (0..N).map(|i| (i as f64 - 2000.0) * 0.0051).collect();
    let positive: Vec<f64> = x.iter().map(|v| v.abs() + 0.1).collect();
    let short: Vec<f32> = x.iter().map(|&v| v as f32).collect();
    let mut out = vec![0.0f64; N];
    let mut out32 = vec![0.0f32; N];
    macro_rules! unary {
        ($($name:ident $input:ident)*) => {$(
            time(stringify!($name), |_| {
                for (o, &v) in out.iter_mut().zip(black_box(&$input)) {
                    *o = double::$name(v);
                }
                black_box(&mut out);
            });
        )*};
    }
    unary! { exp x expm1 x exprel x log positive log1p positive log10 positive tanh x sin x cos x tan x
    sinh x atan x asin x floor x round x }
    time("pow", |_| {
        for (o, &v) in out.iter_mut().zip(black_box(&positive)) {
            *o = double::pow(v, 3.2);
        }
        black_box(&mut out);
    });
    macro_rules! unary32 {
        ($($name:ident)*) => {$(
            time(concat!(stringify!($name), " (f32)"), |_| {
                for (o, &v) in out32.iter_mut().zip(black_box(&short)) {
                    *o = single::$name(v);
                }
                black_box(&mut out32);
            });
        )*};
    }
    unary32! { exp expm1 tanh log sin }
    let s = Stream::new(1, 2, 3);
    time("uniforms", |step| {
        s.uniforms(0, step, 0, &mut out);
        black_box(&mut out);
    });
    time("normals", |step| {
        s.normals(0, step, 0, &mut out);
        black_box(&mut out);
    });
    time("rands (f32)", |step| {
        s.rands(0, step, 0, &mut out32);
        black_box(&mut out32);
    });
    time("randns (f32)", |step| {
        s.randns(0, step, 0, &mut out32);
        black_box(&mut out32);
    });
    for mean in [0.01, 0.1, 1.0, 5.0, 9.9, 30.0, 1000.0] {
        let table = PoissonTable::new(mean);
        time(&format!("poissons_from {mean}"), |step| {
            s.poissons_from(&table, 0, step, 0, &mut out);
            black_box(&mut out);
        });
    }
    for mean in [0.1, 5.0] {
        let means = vec![mean; N];
        time(&format!("poissons_each {mean}"), |step| {
            s.poissons_each(&means, 0, step, 0, &mut out);
            black_box(&mut out);
        });
    }
}
