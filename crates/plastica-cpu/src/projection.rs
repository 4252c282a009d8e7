//! The synapses of one projection onto the owned neurons: arrays, events, dense terms and slow clocks.

use std::ops::Range;

use plastica_engine::backend::{Event, ProjectionSetup, Seeds, Side, Step};
use plastica_kernel::ir::{EventProgram, Kernel, Op, Place, ProjectionProgram, Slot};
use plastica_network::arrays::Delays;

use crate::array::{Kind, Values, kind};
use crate::compiled::{Compiled, Maker};
use crate::dispatch::Instructions;
use crate::machine::{Around, Bound, Frame, Index, Scalars};
use crate::population::{Population, scalar};
use crate::ring::Ring;
use crate::rows::Rows;
use crate::tape::{Axis, Mode};

/// What a spike does along one pathway.
struct Pathway {
    main: Option<Compiled>,
    frozen: Option<Compiled>,
    side: Option<Compiled>,
    after: Option<Compiled>,
    after_side: Option<Compiled>,
}

/// Synapses.
pub struct Projection {
    /// Presynaptic population.
    pub pre: usize,
    /// Postsynaptic population.
    pub post: usize,
    /// Postsynaptic neurons that the part owns.
    pub owned: Range<usize>,
    /// Which synapses.
    pub rows: Rows,
    /// Arrays by synapse.
    pub slots: Vec<Values>,
    /// Which slots the user may see.
    pub visible: Vec<bool>,
    /// Arrays by presynaptic neuron.
    pub row_slots: Vec<Values>,
    /// Arrays by owned postsynaptic neuron.
    pub column_slots: Vec<Values>,
    /// Scalars.
    pub shared: Vec<f64>,
    /// Increments under way.
    pub ring: Ring,
    on_pre: Vec<Pathway>,
    on_post: Vec<Pathway>,
    clocked: Option<Compiled>,
    on_interval: Vec<Option<Compiled>>,
    targets: Vec<u32>,
    list: Vec<u32>,
    other: Vec<u32>,
}

/// The neurons on both sides, as the synapses see them.
pub struct Sides<'a> {
    /// Arrays of the presynaptic neurons, by neuron of the whole population.
    pub pre: Vec<Bound>,
    /// Arrays of the postsynaptic neurons, by owned neuron.
    pub post: Vec<Bound>,
    /// Scalars of the presynaptic population.
    pub pre_shared: &'a [f64],
    /// Scalars of the postsynaptic population.
    pub post_shared: &'a [f64],
    /// What else the tapes read.
    pub around: Around,
}

impl<'a> Sides<'a> {
    /// Of two populations of a list.
    pub fn new(populations: &'a mut [Population], pre: usize, post: usize, now: Step) -> Sides<'a> {
        let pre_bounds = populations[pre].whole_bounds();
        let mut bounds = populations[post].bounds();
        let around = populations[post].around(now);
        for (bound, _) in bounds.iter_mut().zip(&populations[post].gated).filter(|(_, gated)| **gated) {
            bound.gate = around.free;
        }
        Sides { pre: pre_bounds, post: bounds, pre_shared: &populations[pre].shared, post_shared: &populations[post].shared, around }
    }
}

/// Addresses of everything that the tapes of a projection can touch.
struct Places<'a> {
    own: Vec<Bound>,
    row: Vec<Bound>,
    column: Vec<Bound>,
    shared: *mut f64,
    sides: &'a Sides<'a>,
    post: Vec<Bound>,
}

impl Places<'_> {
    fn bind(&self, place: Place) -> Bound {
        match place {
            Place::Own(k) => self.own[k as usize],
            Place::Row(k) => self.row[k as usize],
            Place::Column(k) => self.column[k as usize],
            Place::Pre(k) => self.sides.pre[k as usize],
            Place::Post(k) => self.post[k as usize],
            Place::Shared(k) => scalar(self.shared, k),
            Place::PreShared(k) => scalar(self.sides.pre_shared.as_ptr().cast_mut(), k),
            Place::PostShared(k) => scalar(self.sides.post_shared.as_ptr().cast_mut(), k),
        }
    }
}

fn plain(values: &mut [Values]) -> Vec<Bound> {
    values.iter_mut().map(|v| Bound::plain(v.kind(), v.pointer())).collect()
}

impl Projection {
    /// Takes what the engine gives.
    pub fn new(setup: ProjectionSetup<'_>, populations: &[Population], real: Kind, seeds: Seeds, set: Instructions) -> Projection {
        let program = setup.program;
        let owned = populations[setup.post.0].owned.clone();
        let kinds = |slots: &[Slot]| slots.iter().map(|s| kind(s.storage, real)).collect::<Vec<_>>();
        let (own, row, column) = (kinds(&program.slots), kinds(&program.row_slots), kinds(&program.column_slots));
        let neurons = |p: usize| populations[p].slots.iter().map(Values::kind).collect::<Vec<_>>();
        let (pre, post) = (neurons(setup.pre.0), neurons(setup.post.0));
        let kind_of = |place: Place| match place {
            Place::Own(k) => own[k as usize],
            Place::Row(k) => row[k as usize],
            Place::Column(k) => column[k as usize],
            Place::Pre(k) => pre[k as usize],
            Place::Post(k) => post[k as usize],
            Place::Shared(_) | Place::PreShared(_) | Place::PostShared(_) => Kind::Double,
        };
        let multapses = !setup.synapses.multapse.is_empty();
        let maker = Maker { owner: setup.name, seeds, set, real, multapses, kind: &kind_of };
        let pathways = |list: &[EventProgram], mode, side| {
            let pathway = |e: &EventProgram| Pathway {
                main: maker.make(&e.kernel, None, mode),
                frozen: maker.make(&e.frozen, None, mode),
                side: e.side.as_ref().and_then(|k| maker.make(k, None, side)),
                after: e.after.as_ref().and_then(|k| maker.make(k, None, mode)),
                after_side: e.after_side.as_ref().and_then(|k| maker.make(k, None, side)),
            };
            list.iter().map(pathway).collect::<Vec<_>>()
        };
        let filled = |slots: &[Slot], kinds: &[Kind], len: usize| slots.iter().zip(kinds).map(|(s, k)| Values::new(*k, len, s.initial)).collect::<Vec<_>>();
        let n = setup.synapses.post.len();
        let mut slots = filled(&program.slots, &own, n);
        for (values, initial) in slots.iter_mut().zip(&setup.slots) {
            values.write(0, initial);
        }
        let ring = Ring::new(&added_by_pre(program, &post), &setup.synapses.dendritic, owned.len());
        Projection {
            on_pre: pathways(&program.on_pre, Mode::Row, Mode::PreSide),
            on_post: pathways(&program.on_post, Mode::Column, Mode::PostSide),
            clocked: program.clocked.as_ref().and_then(|k| maker.make(k, None, Mode::All)),
            on_interval: program.on_interval.iter().map(|(_, k)| maker.make(k, None, Mode::All)).collect(),
            row_slots: filled(&program.row_slots, &row, setup.pre_size),
            column_slots: filled(&program.column_slots, &column, owned.len()),
            visible: program.slots.iter().map(|s| s.visible).collect(),
            rows: Rows::new(setup.synapses, &owned),
            pre: setup.pre.0,
            post: setup.post.0,
            owned,
            slots,
            shared: setup.shared,
            ring,
            targets: Vec::new(),
            list: Vec::new(),
            other: Vec::new(),
        }
    }

    fn places<'a>(&mut self, sides: &'a Sides<'a>) -> Places<'a> {
        let post = sides.post.clone();
        Places {
            own: plain(&mut self.slots),
            row: plain(&mut self.row_slots),
            column: plain(&mut self.column_slots),
            shared: self.shared.as_mut_ptr(),
            sides,
            post,
        }
    }

    /// Runs an event's tape over its synapses, then the side tape over its neurons.
    pub fn deliver(&mut self, event: Event<'_>, sides: &Sides<'_>) {
        let mut around = sides.around;
        if !self.rows.multapse.is_empty() {
            around.multapse = self.rows.multapse.as_ptr();
        }
        let mut places = self.places(sides);
        let pathways = if event.side == Side::Pre { &mut self.on_pre } else { &mut self.on_post };
        let Some(pathway) = pathways.get_mut(event.pathway) else { return };
        let (main, side) = match (event.after, event.frozen) {
            (true, _) => (&mut pathway.after, &mut pathway.after_side),
            (false, true) => (&mut pathway.frozen, &mut pathway.side),
            (false, false) => (&mut pathway.main, &mut pathway.side),
        };
        let scalars = Scalars { own: &self.shared, pre: sides.pre_shared, post: sides.post_shared };
        if let Some(tape) = main {
            if event.side == Side::Pre {
                for place in &tape.tape().places {
                    if let Place::Post(k) = place {
                        places.post[*k as usize] = self.ring.bound(*k, sides.post[*k as usize], &self.rows.dendritic, around.now);
                    }
                }
            }
            tape.begin(around, scalars, &|p| places.bind(p));
            if event.side == Side::Pre {
                run_rows(tape, &self.rows, event.neurons, event.delay, &mut self.targets);
            } else {
                self.rows.make_columns(self.owned.len());
                let mut buffers = (&mut self.list, &mut self.other);
                for neuron in event.neurons.iter().filter(|n| self.owned.contains(&(**n as usize))) {
                    run_column(tape, &self.rows, *neuron as usize - self.owned.start, event.delay, &mut buffers);
                }
            }
            tape.end(&mut self.shared);
        }
        if let Some(tape) = side {
            self.list.clear();
            match event.side {
                Side::Pre => self.list.extend(event.neurons),
                Side::Post => self.list.extend(event.neurons.iter().filter(|n| self.owned.contains(&(**n as usize))).map(|n| n - self.owned.start as u32)),
            }
            tape.begin(around, Scalars { own: &self.shared, pre: sides.pre_shared, post: sides.post_shared }, &|p| places.bind(p));
            for part in self.list.chunks(tape.step()) {
                let index = Index::List(part.as_ptr());
                let frame = Frame { n: part.len(), own: Index::One(0), pre: index, post: index };
                // SAFETY: row arrays have an element for each presynaptic neuron, column arrays one for each owned neuron.
                unsafe { tape.chunk(&frame) };
            }
            tape.end(&mut self.shared);
        }
    }

    /// Runs the dense terms.
    pub fn clocked(&mut self, sides: &Sides<'_>) {
        let places = self.places(sides);
        if let Some(tape) = &mut self.clocked {
            run_all(tape, &mut self.rows, &places, &mut self.shared, &mut self.targets);
        }
    }

    /// Runs the statements of a slow clock.
    pub fn interval(&mut self, index: usize, sides: &Sides<'_>) {
        let places = self.places(sides);
        if let Some(Some(tape)) = self.on_interval.get_mut(index) {
            run_all(tape, &mut self.rows, &places, &mut self.shared, &mut self.targets);
        }
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        let arrays = self.slots.iter().chain(&self.row_slots).chain(&self.column_slots);
        arrays.map(Values::bytes).sum::<usize>() + self.rows.bytes() + self.ring.bytes()
    }
}

/// Slots of postsynaptic neurons that presynaptic spikes add to, and their types.
fn added_by_pre(program: &ProjectionProgram, post: &[Kind]) -> Vec<(u32, Kind)> {
    let mut slots: Vec<(u32, Kind)> = Vec::new();
    let kernels = program.on_pre.iter().flat_map(|e| [&e.kernel, &e.frozen].into_iter().chain(&e.after));
    for op in kernels.flat_map(|k: &Kernel| &k.ops) {
        if let Op::Add(Place::Post(k), _) = op
            && !slots.iter().any(|(slot, _)| slot == k)
        {
            slots.push((*k, post[*k as usize]));
        }
    }
    slots
}

/// Runs a tape over the synapses of presynaptic neurons.
fn run_rows(tape: &mut Compiled, rows: &Rows, neurons: &[u32], delay: u32, targets: &mut Vec<u32>) {
    let uses_targets = tape.tape().uses(Axis::Post);
    let step = tape.step();
    for neuron in neurons {
        let source = *neuron as usize;
        let range = rows.range(source, delay);
        if range.is_empty() {
            continue;
        }
        // SAFETY: presynaptic arrays have an element for each presynaptic neuron.
        unsafe { tape.line(&Frame { n: 1, own: Index::Run(range.start), pre: Index::One(source), post: Index::One(0) }) };
        for start in range.clone().step_by(step) {
            let n = step.min(range.end - start);
            let post = if uses_targets { Index::List(rows.targets.list(start..start + n, targets).as_ptr()) } else { Index::One(0) };
            // SAFETY: the synapses are those of a row, and their targets owned neurons.
            unsafe { tape.chunk(&Frame { n, own: Index::Run(start), pre: Index::One(source), post }) };
        }
    }
}

/// Runs a tape over the synapses of an owned postsynaptic neuron.
fn run_column(tape: &mut Compiled, rows: &Rows, target: usize, delay: u32, (own, pre): &mut (&mut Vec<u32>, &mut Vec<u32>)) {
    let (mut synapses, mut sources) = rows.column(target);
    match &rows.dendritic {
        Delays::Same(d) if *d == delay => {}
        Delays::Same(_) => return,
        Delays::Each(delays) => {
            let due = |s: &u32| delays[*s as usize] == delay;
            own.clear();
            pre.clear();
            own.extend(synapses.iter().copied().filter(due));
            pre.extend(synapses.iter().zip(sources).filter(|(s, _)| due(s)).map(|(_, p)| *p));
            (synapses, sources) = (own, pre);
        }
    }
    if synapses.is_empty() {
        return;
    }
    let frame = |k: usize, n: usize| Frame { n, own: Index::List(synapses[k..].as_ptr()), pre: Index::List(sources[k..].as_ptr()), post: Index::One(target) };
    // SAFETY: the synapses are those of a column, whose target is an owned neuron.
    unsafe {
        tape.line(&frame(0, 1));
        for k in (0..synapses.len()).step_by(tape.step()) {
            tape.chunk(&frame(k, tape.step().min(synapses.len() - k)));
        }
    }
}

/// Runs a tape over all synapses, or once if it touches none.
fn run_all(tape: &mut Compiled, rows: &mut Rows, places: &Places<'_>, shared: &mut [f64], targets: &mut Vec<u32>) {
    let mut around = places.sides.around;
    if !rows.multapse.is_empty() {
        around.multapse = rows.multapse.as_ptr();
    }
    tape.begin(around, Scalars { own: shared, pre: places.sides.pre_shared, post: places.sides.post_shared }, &|p| places.bind(p));
    let (uses_sources, uses_targets) = (tape.tape().uses(Axis::Pre), tape.tape().uses(Axis::Post));
    if uses_sources {
        rows.sources();
    }
    if !tape.tape().body.is_empty() {
        let step = tape.step();
        for start in (0..rows.len()).step_by(step) {
            let n = step.min(rows.len() - start);
            let pre = if uses_sources { Index::List(rows.sources()[start..].as_ptr()) } else { Index::One(0) };
            let post = if uses_targets { Index::List(rows.targets.list(start..start + n, targets).as_ptr()) } else { Index::One(0) };
            // SAFETY: each synapse has an own element, a source and an owned target.
            unsafe { tape.chunk(&Frame { n, own: Index::Run(start), pre, post }) };
        }
    }
    tape.end(shared);
}
