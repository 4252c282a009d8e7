//! The ceiling: the `brunel-stdp` workload (dendritic delay) written by hand, for this one circuit and nothing else.
//!
//! `cargo run --release -p plastica-cpu --example ceiling -- [SECONDS] [SEED]` prints its real-time factor, to be laid beside that of
//! `plastica bench brunel-stdp`: their ratio is the price of generality. Same model, same order of events, other random numbers.
//! What is special here: constants in the code, traces that decay by a multiplication a step, weights in a row next to each other with
//! 2-byte targets, waiting postsynaptic events done when the row is visited, the last three arrivals of a neuron in eight bytes. The sampler of Poisson numbers is the common one.

use std::time::Instant;

use plastica_numerics::random::{PoissonTable, Stream};

const E: usize = 8000;
const N: usize = 10_000;
const FROM_E: usize = 800;
const FROM_I: usize = 200;
/// Steps from a spike to its jump (which comes after the threshold test), and to the arrival of a postsynaptic spike at the synapse.
const JUMP: usize = 14;
const BACK: usize = 15;
const HELD: u32 = 20;
/// Arrivals that are remembered of a postsynaptic neuron; more of them between two visits of a row are counted as lost.
const MEMORY: usize = 16;
const A_PLUS: f32 = 0.001;
const A_MINUS: f32 = 0.00105;
const W_MAX: f32 = 0.2;

/// Targets of every source, in order.
struct Rows {
    start: Vec<usize>,
    target: Vec<u16>,
}

impl Rows {
    /// Each of the targets from `first` on gets `k` distinct sources out of `sources`, never itself.
    fn draw(seed: u64, stream: u32, sources: usize, k: usize, first: usize, targets: usize, own: bool) -> Rows {
        let stream = Stream::new(seed, 0, stream);
        let mut lists: Vec<Vec<u16>> = vec![Vec::new(); sources];
        let mut order: Vec<u32> = (0..sources as u32).collect();
        for target in 0..targets {
            let mut taken = 0;
            let mut next = 0;
            while taken < k {
                let left = sources - next;
                let pick = next + (stream.uniform((target * sources + next) as u64, 0, 0) * left as f64) as usize;
                order.swap(next, pick);
                let source = order[next] as usize;
                next += 1;
                if !(own && source == target) {
                    lists[source].push((first + target) as u16);
                    taken += 1;
                }
            }
        }
        let mut start = vec![0];
        lists.iter().for_each(|l| start.push(start[start.len() - 1] + l.len()));
        Rows { start, target: lists.concat() }
    }

    fn of(&self, source: usize) -> std::ops::Range<usize> {
        self.start[source]..self.start[source + 1]
    }
}

/// The last three arrivals of a neuron: the last one, and the steps from the two before it to the last.
#[derive(Clone, Copy)]
#[repr(C)]
struct Brief {
    last: u32,
    back: [u16; 2],
}

struct Circuit {
    v: Vec<f32>,
    free_from: Vec<u32>,
    /// Jumps under way, by step of arrival.
    ring: Vec<Vec<f32>>,
    noise: Vec<f64>,
    ee: Rows,
    w: Vec<f32>,
    ei: Rows,
    ie: Rows,
    ii: Rows,
    /// Presynaptic traces after the last spike, and its step (0: none yet).
    x: Vec<f32>,
    x_step: Vec<u32>,
    /// Postsynaptic traces now, and the latest arrivals.
    y: Vec<f32>,
    arrivals: Vec<[u32; MEMORY]>,
    arrived: Vec<u32>,
    /// In short, so that they are nearly always in the first-level cache.
    brief: Vec<Brief>,
    decay: Vec<f32>,
    waiting: Vec<u32>,
    recent: Vec<Vec<u32>>,
    spikes: u64,
}

impl Circuit {
    fn new(seed: u64, steps: usize) -> Circuit {
        let ee = Rows::draw(seed, 1, E, FROM_E, 0, E, true);
        let start = Stream::new(seed, 0, 6);
        Circuit {
            v: (0..N).map(|i| 20.0 * start.uniform(i as u64, 0, 0) as f32).collect(),
            free_from: vec![0; N],
            ring: vec![vec![0.0; N]; JUMP + 1],
            noise: vec![0.0; N],
            w: vec![0.1; ee.target.len()],
            ee,
            ei: Rows::draw(seed, 2, E, FROM_E, E, N - E, false),
            ie: Rows::draw(seed, 3, N - E, FROM_I, 0, E, false),
            ii: Rows::draw(seed, 4, N - E, FROM_I, E, N - E, false),
            x: vec![0.0; E],
            x_step: vec![0; E],
            y: vec![0.0; E],
            arrivals: vec![[0; MEMORY]; E],
            arrived: vec![0; E],
            brief: vec![Brief { last: 0, back: [u16::MAX; 2] }; E],
            decay: (0..=steps + BACK).map(|k| (-(k as f64) * 0.1 / 20.0).exp() as f32).collect(),
            waiting: Vec::with_capacity(N),
            recent: vec![Vec::new(); BACK + 1],
            spikes: 0,
        }
    }

    /// Steps are counted from 1, so that 0 can mean "never".
    #[inline(always)]
    fn step(&mut self, now: u32, stream: Stream, table: &PoissonTable) {
        let decay = (-0.1_f32 / 20.0).exp();
        let mut spiking = std::mem::take(&mut self.recent[now as usize % (BACK + 1)]);
        spiking.clear();
        for i in 0..N {
            let free = self.free_from[i] <= now;
            self.v[i] *= if free { decay } else { 1.0 };
        }
        for i in 0..N {
            if self.v[i] >= 20.0 && self.free_from[i] <= now {
                spiking.push(i as u32);
                self.v[i] = 10.0;
                self.free_from[i] = now + HELD;
            }
        }
        stream.poissons_from(table, 0, u64::from(now), 0, &mut self.noise);
        let ring = &mut self.ring[now as usize % (JUMP + 1)];
        for (((v, ring), noise), free_from) in self.v.iter_mut().zip(ring).zip(&self.noise).zip(&self.free_from) {
            let jump = *ring + 0.1 * *noise as f32;
            *v += if *free_from <= now { jump } else { 0.0 };
            *ring = 0.0;
        }
        for y in &mut self.y {
            *y *= decay;
        }
        for &source in &spiking {
            self.transmit(source as usize, now);
        }
        // Traces grow after the events of the step.
        for &source in spiking.iter().filter(|s| (**s as usize) < E) {
            let source = source as usize;
            self.x[source] = self.x[source] * self.decay[(now - self.x_step[source]) as usize] + 1.0;
            self.x_step[source] = now;
        }
        let back = std::mem::take(&mut self.recent[(now as usize + 1) % (BACK + 1)]);
        for &post in back.iter().filter(|s| (**s as usize) < E) {
            let post = post as usize;
            self.y[post] += 1.0;
            self.arrivals[post][self.arrived[post] as usize % MEMORY] = now;
            self.arrived[post] += 1;
            let Brief { last, back: [back, _] } = self.brief[post];
            let steps = |back: u32| u16::try_from(back).unwrap_or(u16::MAX);
            self.brief[post] = Brief { last: now, back: [steps(now - last), steps(now - last + u32::from(back))] };
        }
        self.recent[(now as usize + 1) % (BACK + 1)] = back;
        self.spikes += spiking.len() as u64;
        self.recent[now as usize % (BACK + 1)] = spiking;
    }

    #[inline(always)]
    fn transmit(&mut self, source: usize, now: u32) {
        let ring = &mut self.ring[(now as usize + JUMP) % (JUMP + 1)];
        if source >= E {
            let source = source - E;
            for &target in self.ie.target[self.ie.of(source)].iter().chain(&self.ii.target[self.ii.of(source)]) {
                ring[target as usize] -= 0.5;
            }
            return;
        }
        for &target in &self.ei.target[self.ei.of(source)] {
            ring[target as usize] += 0.1;
        }
        let row = self.ee.of(source);
        let (targets, w) = (&self.ee.target[row.clone()], &mut self.w[row]);
        let (since, x) = (self.x_step[source], self.x[source]);
        // Postsynaptic spikes that have arrived since the last visit.
        if since > 0 {
            // What arrived in the very step of the last visit did not see that spike.
            let seen = |step: u32| if step == since { x - 1.0 } else { x * self.decay[(step - since) as usize] };
            self.waiting.resize(targets.len() + 16, 0);
            let count = find(targets, &self.brief, since, &mut self.waiting);
            for &k in &self.waiting[..count] {
                let post = targets[k as usize] as usize;
                let Brief { last, back } = self.brief[post];
                let (distance, back) = (last - since, back.map(u32::from));
                let w = &mut w[k as usize];
                if distance >= back[1] || distance >= u32::from(u16::MAX) {
                    let arrived = self.arrived[post] as usize;
                    let mut first = arrived;
                    while first > arrived.saturating_sub(MEMORY) && self.arrivals[post][(first - 1) % MEMORY] >= since {
                        first -= 1;
                    }
                    for a in first..arrived {
                        *w = (*w + A_PLUS * seen(self.arrivals[post][a % MEMORY])).min(W_MAX);
                    }
                    continue;
                }
                if distance >= back[0] {
                    *w = (*w + A_PLUS * seen(last - back[0])).min(W_MAX);
                }
                *w = (*w + A_PLUS * seen(last)).min(W_MAX);
            }
        }
        for (w, target) in w.iter_mut().zip(targets) {
            *w = (*w - A_MINUS * self.y[*target as usize]).max(0.0);
        }
        for (w, target) in w.iter().zip(targets) {
            ring[*target as usize] += *w;
        }
    }

    #[inline(always)]
    fn run(&mut self, steps: usize, seed: u64) {
        let (stream, table) = (Stream::new(seed, 0, 5), PoissonTable::new(2.0));
        for now in 1..=steps as u32 {
            self.step(now, stream, &table);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw")]
    fn run_wide(&mut self, steps: usize, seed: u64) {
        self.run(steps, seed);
    }

    fn run_best(&mut self, steps: usize, seed: u64) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw")
        {
            // SAFETY: the processor has these instructions.
            return unsafe { self.run_wide(steps, seed) };
        }
        self.run(steps, seed);
    }
}

/// Places in the row of the targets with arrivals since a step; `found` is longer than the row by sixteen.
#[inline(always)]
fn find(targets: &[u16], brief: &[Brief], since: u32, found: &mut [u32]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has these instructions.
        return unsafe { find_wide(targets, brief, since, found) };
    }
    find_one_by_one(targets, 0, brief, since, (found, 0))
}

#[inline(always)]
fn find_one_by_one(targets: &[u16], first: usize, brief: &[Brief], since: u32, (found, mut count): (&mut [u32], usize)) -> usize {
    for (k, target) in targets.iter().enumerate().skip(first) {
        found[count] = k as u32;
        count += usize::from(brief[*target as usize].last >= since);
    }
    count
}

/// The same, sixteen at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn find_wide(targets: &[u16], brief: &[Brief], since: u32, found: &mut [u32]) -> usize {
    use std::arch::x86_64::{
        _mm256_loadu_si256, _mm512_add_epi32, _mm512_cmpge_epu32_mask, _mm512_cvtepu16_epi32, _mm512_i32gather_epi32, _mm512_maskz_compress_epi32,
        _mm512_set1_epi32, _mm512_setr_epi32, _mm512_storeu_epi32,
    };
    assert!(found.len() >= targets.len() + 16);
    let (parts, _) = targets.as_chunks::<16>();
    let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let mut count = 0;
    for (k, part) in parts.iter().enumerate() {
        // SAFETY: targets are numbers of neurons, which have eight bytes each; there is room for sixteen behind what has been found.
        unsafe {
            let target = _mm512_cvtepu16_epi32(_mm256_loadu_si256(part.as_ptr().cast()));
            let last = _mm512_i32gather_epi32::<8>(target, brief.as_ptr().cast());
            let mask = _mm512_cmpge_epu32_mask(last, _mm512_set1_epi32(since.cast_signed()));
            let places = _mm512_add_epi32(_mm512_set1_epi32(16 * k as i32), lanes);
            _mm512_storeu_epi32(found.as_mut_ptr().add(count).cast(), _mm512_maskz_compress_epi32(mask, places));
            count += mask.count_ones() as usize;
        }
    }
    find_one_by_one(targets, 16 * parts.len(), brief, since, (found, count))
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().and_then(|a| a.parse().ok()).unwrap_or(0.5);
    let seed: u64 = arguments.next().and_then(|a| a.parse().ok()).unwrap_or(1);
    let steps = (seconds * 1e4).round() as usize;
    let mut circuit = Circuit::new(seed, steps);
    let begin = Instant::now();
    circuit.run_best(steps, seed);
    let run_s = begin.elapsed().as_secs_f64();
    let mean = circuit.w.iter().map(|w| f64::from(*w)).sum::<f64>() / circuit.w.len() as f64;
    let sd = (circuit.w.iter().map(|w| (f64::from(*w) - mean).powi(2)).sum::<f64>() / circuit.w.len() as f64).sqrt();
    let rate = circuit.spikes as f64 / N as f64 / seconds;
    println!(
        "{{\"simulator\": \"ceiling\", \"workload\": \"brunel-stdp\", \"sim_s\": {seconds}, \"wall_run_s\": {run_s:.4}, \"rtf\": {:.4}, \"mean_rate_hz\": {rate:.3}, \"w_ee_mv_mean\": {mean:.5}, \"w_ee_mv_sd\": {sd:.6}}}",
        run_s / seconds
    );
}
