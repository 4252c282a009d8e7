//! Postsynaptic events of synapses, done later: when the presynaptic neuron's row is visited anyway.
//!
//! A postsynaptic spike only leaves its step, and what it would have read of the neuron's traces, in a short history of the neuron.
//! The next visit of a row does, for each synapse, the events since the last visit, the oldest first and each at its own time. What such an event
//! reads besides is the same as it was then: the synapse's values and the row's traces change only when the row is visited. (A trace that
//! changes after all events of a step is kept as it was before, for events of that very step.) So no bit differs from doing each event at once,
//! but memory is read in order of rows, and each synapse once.

use plastica_engine::backend::Step;
use plastica_kernel::ir::{Kernel, Op, Place, ProjectionProgram};
use plastica_lang::model::Builtin;
use plastica_network::arrays::{Delays, Synapses};

use crate::array::{Kind, Values};
use crate::compiled::{Compiled, Maker};
use crate::dispatch::Instructions;
use crate::frame::{Around, Bound, Bounds, Frame, Index, Kept, Scalars};
use crate::rows::{Rows, prefetch_values};
use crate::tape::Mode;
use crate::waiting::{Brief, DEPTH, MASK, Row, Spikes, Waiting};

/// Synapses of several rows that are done together: so many that the last rounds, of the few with many events, are not too short.
const BATCH: usize = 2048;

/// A kernel of postsynaptic spikes, and what was kept of each spike for it.
struct Replay {
    tape: Compiled,
    /// The arrays by synapse that it touches.
    own: Vec<Place>,
    /// `[kept values][owned neurons][DEPTH]`
    values: Values,
}

/// Row traces before the last change after all events of a step.
struct Before {
    values: Vec<Values>,
    bounds: Bounds,
    /// That step, `[n_pre]`.
    steps: Vec<u32>,
}

/// Postsynaptic events that wait.
pub struct Deferral {
    main: Option<Replay>,
    frozen: Option<Replay>,
    /// Which of the two the waiting events are to run.
    is_frozen: bool,
    /// Steps are counted from here, and from 1 on; 0 is never.
    base: Step,
    /// Steps of the last spikes of each owned neuron: `[owned neurons][DEPTH]`.
    steps: Vec<u32>,
    /// The last of them in short, `[owned neurons]`.
    brief: Vec<Brief>,
    /// How many spikes each owned neuron has had.
    count: Vec<u32>,
    /// For each row the first step whose events wait.
    visited: Vec<u32>,
    /// Step of the last spike of any neuron.
    newest: u32,
    /// No row has events of an earlier step waiting.
    floor: u32,
    before: Option<Before>,
    /// Synapses looked at because histories were full.
    forced: u64,
    /// Synapses looked at because their presynaptic neuron spiked, and some more to begin with.
    usual: u64,
    list: Waiting,
    /// Those whose next event reads the row's traces as they were before.
    early: Waiting,
    set: Instructions,
}

/// What a call needs.
pub struct Call<'a> {
    /// The step and the like.
    pub around: Around,
    /// Scalars.
    pub scalars: Scalars<'a>,
    /// Addresses of places.
    pub bind: &'a dyn Fn(Place) -> Bound,
    /// The synapses.
    pub rows: &'a Rows,
}

/// Does a kernel read nothing but what can be rebuilt later?
fn can_wait(kernel: &Kernel, program: &ProjectionProgram) -> bool {
    let kernels =
        program.on_pre.iter().chain(&program.on_post).flat_map(|e| [&e.kernel, &e.frozen].into_iter().chain(&e.side).chain(&e.after).chain(&e.after_side));
    let others = kernels.chain(&program.clocked).chain(program.on_interval.iter().map(|(_, k)| k));
    let changing: Vec<Place> = others
        .flat_map(|k| &k.ops)
        .filter_map(|op| match op {
            Op::Store(p @ Place::Shared(_), _) | Op::Add(p @ Place::Shared(_), _) => Some(*p),
            _ => None,
        })
        .collect();
    kernel.ops.iter().all(|op| match op {
        Op::Load(p @ Place::Shared(_)) => !changing.contains(p),
        Op::Load(p) | Op::Elapsed(p) => matches!(p, Place::Own(_) | Place::Row(_) | Place::Column(_)),
        Op::Store(p, _) | Op::Add(p, _) | Op::Mark(p) => matches!(p, Place::Own(_)),
        Op::Builtin(b) => matches!(b, Builtin::Dt | Builtin::N),
        Op::Random { .. } => false,
        Op::Const(_) | Op::Unary(..) | Op::Binary(..) | Op::Call(..) | Op::Select(..) => true,
    })
}

impl Deferral {
    /// For a projection, if its program and its delays allow it.
    pub fn new(maker: &Maker<'_>, program: &ProjectionProgram, synapses: &Synapses, owned: usize) -> Option<Deferral> {
        let [event] = program.on_post.as_slice() else { return None };
        let delays = matches!((&synapses.axonal, &synapses.dendritic), (Delays::Same(_), Delays::Same(_)));
        let kernels = can_wait(&event.kernel, program) && can_wait(&event.frozen, program) && event.after.is_none();
        if !(program.deferrable && delays && kernels) {
            return None;
        }
        let replay = |kernel: &Kernel| {
            let tape = maker.make(kernel, None, Mode::Deferred)?;
            let kind = if tape.tape().wide { Kind::Double } else { Kind::Single };
            let own = tape.tape().places.iter().copied().filter(|p| matches!(p, Place::Own(_))).collect();
            Some(Replay { values: Values::new(kind, tape.tape().kept.len() * owned * DEPTH, 0.0), own, tape })
        };
        let (main, frozen) = (replay(&event.kernel), replay(&event.frozen));
        if main.iter().chain(&frozen).any(|r| r.tape.tape().one_by_one) {
            return None;
        }
        let pre = synapses.row.len().saturating_sub(1);
        let kinds = || program.row_slots.iter().enumerate().map(|(k, s)| Values::new((maker.kind)(Place::Row(k as u32)), pre, s.initial));
        let before = program.on_pre.iter().any(|e| e.after_side.is_some()).then(|| {
            let mut values: Vec<Values> = kinds().collect();
            Before { bounds: Bounds::plain(&mut values), values, steps: vec![0; pre] }
        });
        Some(Deferral {
            main,
            frozen,
            is_frozen: false,
            base: 0,
            steps: vec![0; owned * DEPTH],
            brief: vec![Brief::default(); owned],
            count: vec![0; owned],
            visited: synapses.row.windows(2).map(|r| if r[0] == r[1] { u32::MAX } else { 1 }).collect(),
            newest: 0,
            floor: 1,
            before,
            forced: 0,
            usual: 4 * synapses.post.len() as u64,
            list: Waiting::default(),
            early: Waiting::default(),
            set: maker.set,
        })
    }

    /// Does anything wait?
    pub fn waits(&self) -> bool {
        self.newest >= self.floor
    }

    /// Are the waiting events of the other kind (plastic or frozen)?
    pub fn differs(&self, frozen: bool) -> bool {
        self.is_frozen != frozen
    }

    /// From now on events are frozen, or not. Nothing waits.
    pub fn set_frozen(&mut self, frozen: bool) {
        self.is_frozen = frozen;
    }

    /// Do the waiting events touch one of these places?
    pub fn touches(&self, places: &[Place]) -> bool {
        self.main.iter().chain(&self.frozen).any(|r| r.tape.tape().places.iter().any(|p| places.contains(p)))
    }

    /// Keeps what the spikes of owned neurons would have read.
    pub fn record(&mut self, neurons: &[u32], call: &Call<'_>) {
        let step = self.step(call);
        for neuron in neurons {
            let at = *neuron as usize * DEPTH;
            // A history that is full, of events that wait.
            let oldest = self.steps[at + (self.count[*neuron as usize] & MASK) as usize];
            if oldest >= self.floor {
                self.floor = self.visited.iter().copied().min().unwrap_or(u32::MAX);
            }
            if oldest < self.floor {
                continue;
            }
            if call.rows.has_columns() {
                self.flush_column(*neuron as usize, call);
            } else {
                // The rows that have not been visited for long are done.
                let middle = self.steps[at + (self.count[*neuron as usize].wrapping_add(DEPTH as u32 / 2) & MASK) as usize];
                self.flush_before(middle, call);
            }
        }
        self.newest = step;
        let Some(replay) = (if self.is_frozen { &mut self.frozen } else { &mut self.main }) else { return };
        replay.tape.begin(call.around, call.scalars, call.bind);
        for neuron in neurons {
            let j = *neuron as usize;
            let entry = j * DEPTH + (self.count[j] & MASK) as usize;
            // SAFETY: the neuron is an owned one, for which column arrays have an element.
            unsafe { replay.tape.line(&Frame { n: 1, own: Index::One(0), pre: Index::One(0), post: Index::One(j) }) };
            replay.tape.keep(&mut replay.values, entry, self.brief.len() * DEPTH);
            self.steps[entry] = step;
            self.brief[j] = Brief::new(&self.steps.as_chunks().0[j], self.count[j]);
            self.count[j] = self.count[j].wrapping_add(1);
        }
    }

    /// The present step as the history counts it; later than any that has been flushed.
    fn step(&mut self, call: &Call<'_>) -> u32 {
        let step = call.around.now - self.base + 1;
        if step > i64::from(self.newest) && step < i64::from(u32::MAX) {
            return step as u32;
        }
        // Time went back (another state was restored), or very far ahead: begin anew.
        self.flush_all(call);
        self.base = call.around.now;
        (self.newest, self.floor) = (0, 1);
        self.steps.fill(0);
        self.brief.fill(Brief::default());
        self.visited.iter_mut().filter(|v| **v < u32::MAX).for_each(|v| *v = 1);
        if let Some(before) = &mut self.before {
            before.steps.fill(0);
        }
        1
    }

    /// Row traces are about to change after all events of the step.
    pub fn before_after(&mut self, neurons: &[u32], row_slots: &[Values], now: Step) {
        if let Some(before) = &mut self.before {
            for neuron in neurons {
                let p = *neuron as usize;
                before.values.iter_mut().zip(row_slots).for_each(|(to, from)| to.set(p, from.get(p)));
                before.steps[p] = u32::try_from(now - self.base + 1).unwrap_or(0);
            }
        }
    }

    /// Does what waits in some rows.
    pub fn flush(&mut self, sources: impl Iterator<Item = usize>, call: &Call<'_>) {
        let mut begun = false;
        let mut sources = sources.peekable();
        while let Some(source) = sources.next() {
            if let Some(next) = sources.peek() {
                call.rows.prefetch(call.rows.whole(*next));
                let replay = if self.is_frozen { &self.frozen } else { &self.main };
                for place in replay.iter().flat_map(|r| &r.own) {
                    prefetch_values(&(call.bind)(*place), call.rows.whole(*next));
                }
            }
            let since = self.visited[source];
            if since > self.newest {
                continue;
            }
            if !begun {
                begun = true;
                self.begin(call);
            }
            let spikes = Spikes { steps: self.steps.as_chunks().0, brief: &self.brief, count: &self.count };
            let changed = self.before.as_ref().map_or(0, |before| before.steps[source]);
            let row = Row { source, range: call.rows.whole(source), since, changed };
            self.set.collect([&mut self.list, &mut self.early], spikes, &call.rows.targets, row);
            self.visited[source] = self.newest + 1;
            self.usual += call.rows.whole(source).len() as u64;
            if self.list.n >= BATCH {
                self.run();
            }
        }
        self.run();
    }

    fn begin(&mut self, call: &Call<'_>) {
        let Some(replay) = (if self.is_frozen { &mut self.frozen } else { &mut self.main }) else { return };
        if let Some(before) = &self.before {
            replay.tape.begin(call.around, call.scalars, &|p| if let Place::Row(k) = p { before.bounds[k as usize] } else { (call.bind)(p) });
            replay.tape.swap();
        }
        replay.tape.begin(call.around, call.scalars, call.bind);
    }

    /// Does the events of the list, the oldest of each synapse first.
    fn run(&mut self) {
        let Some(replay) = (if self.is_frozen { &mut self.frozen } else { &mut self.main }) else {
            self.list.clear();
            self.early.clear();
            return;
        };
        let kept = Kept {
            entries: std::ptr::null(),
            steps: self.steps.as_ptr(),
            base: self.base - 1,
            values: replay.values.pointer(),
            width: self.brief.len() * DEPTH,
        };
        if self.early.n > 0 {
            replay.tape.swap();
            self.early.run(&mut replay.tape, kept);
            replay.tape.swap();
            self.set.advance(&mut self.early);
            self.list.take(&mut self.early);
        }
        while self.list.n > 0 {
            self.list.run(&mut replay.tape, kept);
            self.set.advance(&mut self.list);
        }
    }

    /// Does what waits anywhere.
    pub fn flush_all(&mut self, call: &Call<'_>) {
        self.flush(0..self.visited.len(), call);
        self.floor = self.newest + 1;
    }

    /// The rows are others now. Nothing waits.
    pub fn rewired(&mut self, rows: &Rows) {
        let next = self.newest + 1;
        for (source, visited) in self.visited.iter_mut().enumerate() {
            *visited = if rows.whole(source).is_empty() { u32::MAX } else { next };
        }
        self.floor = next;
    }

    /// Are histories so often full that it is better to do the events of one neuron through its column?
    ///
    /// So it is where few neurons spike often and most are silent: then each full history would have all rows looked at.
    pub fn wants_columns(&self) -> bool {
        self.forced > self.usual
    }

    /// Does what waits in the column of a neuron, and forgets its spikes.
    fn flush_column(&mut self, target: usize, call: &Call<'_>) {
        self.begin(call);
        let steps: &[u32; DEPTH] = &self.steps.as_chunks().0[target];
        let (synapses, sources) = call.rows.column(target);
        for (synapse, source) in synapses.iter().zip(sources) {
            let since = self.visited[*source as usize];
            let waiting = steps.iter().map(|step| u32::from(*step >= since)).sum::<u32>();
            if waiting > 0 {
                let at = self.count[target].wrapping_sub(waiting) & MASK;
                let changed = self.before.as_ref().map_or(0, |before| before.steps[*source as usize]);
                let list = if steps[at as usize] == changed { &mut self.early } else { &mut self.list };
                list.push(*synapse, *source, target as u32 * DEPTH as u32 + at, waiting - 1);
            }
        }
        self.run();
        self.steps[target * DEPTH..][..DEPTH].fill(0);
        self.brief[target] = Brief::default();
    }

    /// Does what waits in the rows that have events of a step before `step` waiting.
    fn flush_before(&mut self, step: u32, call: &Call<'_>) {
        let rows: Vec<usize> = (0..self.visited.len()).filter(|s| self.visited[*s] < step).collect();
        let looked: u64 = rows.iter().map(|s| call.rows.whole(*s).len() as u64).sum();
        self.forced += looked;
        self.usual = self.usual.saturating_sub(looked);
        self.flush(rows.into_iter(), call);
        self.floor = self.visited.iter().copied().min().unwrap_or(u32::MAX);
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        let values: usize = self.main.iter().chain(&self.frozen).map(|r| r.values.bytes()).sum();
        let before = self.before.as_ref().map_or(0, |b| b.values.iter().map(Values::bytes).sum::<usize>() + 4 * b.steps.len());
        values + before + 4 * (self.steps.len() + 2 * self.brief.len() + self.count.len() + self.visited.len())
    }
}
