//! What presynaptic spikes do to the synapses of their rows.

use std::ops::Range;

use plastica_kernel::ir::{Kernel, Place};

use crate::array::{Kind, Values};
use crate::cache::split;
use crate::compiled::{Compiled, Maker};
use crate::frame::{Around, Bound, Bounds, Frame, Index, Scalars};
use crate::fused::{self, Along, Amount};
use crate::held::{Held, only_adds};
use crate::rows::{Rows, prefetch_values};
use crate::tape::{Axis, CHUNK, Mode};

/// Synapses that are asked for ahead of those at work: so many that short rows come in time, so few that they stay in the first-level cache.
const AHEAD: usize = 512;

/// A kernel over rows, in the forms that are fast for many and for few visits.
pub struct Visit {
    direct: Compiled,
    shape: Option<(u16, Amount)>,
    cached: Option<Cached>,
    /// Nothing but additions reaches the targets.
    only_adds: bool,
    held: Held,
    /// The rows of a call that have synapses: source, and which.
    todo: Vec<(usize, Range<usize>)>,
}

/// The kernel in two parts: see `cache`.
struct Cached {
    once: Compiled,
    rest: Compiled,
    shape: Option<(u16, Amount)>,
    /// What `once` computes, for each owned postsynaptic neuron.
    _values: Vec<Values>,
    bounds: Bounds,
    /// First column slot that stands for it.
    first: u32,
}

impl Visit {
    /// Makes a kernel ready; `columns` is the number of column slots, `owned` that of postsynaptic neurons.
    pub fn new(maker: &Maker<'_>, kernel: &Kernel, columns: usize, owned: usize) -> Option<Visit> {
        let direct = maker.make(kernel, None, Mode::Row)?;
        let wide = direct.tape().wide;
        let computed = if wide { Kind::Double } else { Kind::Single };
        let first = columns as u32;
        let kind = |place: Place| match place {
            Place::Column(k) if k >= first => computed,
            other => (maker.kind)(other),
        };
        let maker = Maker { kind: &kind, ..*maker };
        let cached = split(kernel, first).filter(|_| !direct.tape().one_by_one).and_then(|parts| {
            let rest = maker.make_as(&parts.rest, None, Mode::Row, Some(wide))?;
            let mut values: Vec<Values> = (0..parts.count).map(|_| Values::new(computed, owned, 0.0)).collect();
            Some(Cached {
                bounds: values.iter_mut().map(|v| Bound { raw: true, ..Bound::plain(v.kind(), v.pointer()) }).collect(),
                _values: values,
                once: maker.make_as(&parts.once, None, Mode::Columns, Some(wide))?,
                shape: fused::shape(rest.tape()),
                rest,
                first,
            })
        });
        Some(Visit { shape: fused::shape(direct.tape()), only_adds: only_adds(direct.tape()), direct, cached, held: Held::default(), todo: Vec::new() })
    }

    /// The places that the kernel touches.
    pub fn places(&self) -> &[Place] {
        &self.direct.tape().places
    }

    /// Runs the kernel over the synapses, with one axonal delay, of presynaptic neurons.
    pub fn run(&mut self, call: Call<'_>, shared: &mut [f64], targets: &mut Vec<u32>) {
        let Call { around, sides, bind, rows, neurons, delay, owned } = call;
        self.todo.clear();
        self.todo.extend(neurons.iter().map(|n| (*n as usize, rows.range(*n as usize, delay))).filter(|(_, range)| !range.is_empty()));
        let visits: usize = self.todo.iter().map(|(_, range)| range.len()).sum();
        if visits == 0 {
            return;
        }
        let (tape, shape) = match &mut self.cached {
            Some(cached) if visits > owned => {
                let first = cached.first;
                let bounds = &cached.bounds;
                let bind = |place: Place| match place {
                    Place::Column(k) if k >= first => bounds[(k - first) as usize],
                    other => bind(other),
                };
                let scalars = Scalars { own: shared, ..sides };
                cached.once.begin(around, scalars, &bind);
                for start in (0..owned).step_by(CHUNK) {
                    let frame = Frame { n: CHUNK.min(owned - start), own: Index::One(0), pre: Index::One(0), post: Index::Run(start) };
                    // SAFETY: column arrays have an element for each owned neuron.
                    unsafe { cached.once.chunk(&frame) };
                }
                cached.rest.begin(around, scalars, &bind);
                (&mut cached.rest, cached.shape)
            }
            _ => {
                self.direct.begin(around, Scalars { own: shared, ..sides }, bind);
                (&mut self.direct, self.shape)
            }
        };
        // Where visits are few, asking at each is cheaper than looking at all targets.
        let put_aside = self.only_adds && visits > owned / 4;
        if put_aside {
            // SAFETY: the arrays have an element for each owned neuron.
            unsafe { self.held.put_aside(tape, owned) };
        }
        let uses_targets = tape.tape().uses(Axis::Post);
        let step = tape.step();
        let (mut asked, mut ahead) = (0, 0);
        for (k, (source, range)) in self.todo.iter().enumerate() {
            while let Some((_, next)) = self.todo.get(asked)
                && (asked <= k + 1 || ahead < AHEAD)
            {
                rows.prefetch(next.clone());
                if let Some((_, amount)) = shape {
                    fused::prefetch(tape, amount, next.clone());
                }
                ahead += next.len();
                asked += 1;
            }
            ahead -= range.len();
            let source = *source;
            // SAFETY: presynaptic arrays have an element for each presynaptic neuron; the synapses are those of its row.
            unsafe {
                tape.line(&Frame { n: 1, own: Index::Run(range.start), pre: Index::One(source), post: Index::One(0) });
                if let Some(shape) = shape
                    && fused::run(tape, shape, rows, range.clone())
                {
                    continue;
                }
            }
            for start in range.clone().step_by(step) {
                let n = step.min(range.end - start);
                let post = if uses_targets { Index::List(rows.targets.list(start..start + n, targets).as_ptr()) } else { Index::One(0) };
                // SAFETY: the synapses are those of a row, and their targets owned neurons.
                unsafe { tape.chunk(&Frame { n, own: Index::Run(start), pre: Index::One(source), post }) };
            }
        }
        if put_aside {
            // SAFETY: the arrays are those of this call.
            unsafe { self.held.put_back(tape) };
        }
        tape.end(shared);
    }

    /// Runs the kernel over whole rows, whatever the delays, if it has one of the commonest shapes; false if it has not.
    pub fn send(&mut self, call: &Call<'_>, shared: &[f64], along: Along<'_>) -> bool {
        let Some(shape) = self.shape else { return false };
        let tape = &mut self.direct;
        tape.begin(call.around, Scalars { own: shared, ..call.sides }, call.bind);
        for (k, neuron) in call.neurons.iter().enumerate() {
            let range = call.rows.whole(*neuron as usize);
            if let Some(next) = call.neurons.get(k + 1) {
                let next = call.rows.whole(*next as usize);
                call.rows.prefetch(next.clone());
                if let Amount::Own(own) | Amount::Scaled(own, _) = shape.1 {
                    prefetch_values(tape.bound(own as usize), next);
                }
            }
            if range.is_empty() {
                continue;
            }
            // SAFETY: presynaptic arrays have an element for each presynaptic neuron; the synapses are those of its row.
            unsafe {
                tape.line(&Frame { n: 1, own: Index::Run(range.start), pre: Index::One(*neuron as usize), post: Index::One(0) });
                if !fused::send(tape, shape, call.rows, range, along) {
                    return false;
                }
            }
        }
        true
    }
}

/// What a visit needs.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The step and the like.
    pub around: Around,
    /// Scalars of the neurons on both sides.
    pub sides: Scalars<'a>,
    /// Addresses of places.
    pub bind: &'a dyn Fn(Place) -> Bound,
    /// The synapses.
    pub rows: &'a Rows,
    /// Presynaptic neurons.
    pub neurons: &'a [u32],
    /// Axonal delay of the synapses to visit.
    pub delay: u32,
    /// Owned postsynaptic neurons.
    pub owned: usize,
}
