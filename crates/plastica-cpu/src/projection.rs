//! The synapses of one projection onto the owned neurons: arrays, events, dense terms and slow clocks.

use std::ops::Range;

use plastica_engine::backend::{Event, ProjectionSetup, Rewiring, Sent, Side, Step};
use plastica_kernel::ir::{EventProgram, Kernel, Op, Place, ProjectionProgram, Slot};
use plastica_network::arrays::Delays;

use crate::ahead::{Ahead, DELAYS};
use crate::array::{Kind, Values, kind};
use crate::backend::Settings;
use crate::compiled::{Compiled, Maker};
use crate::defer::{self, Deferral};
use crate::frame::{Around, Bounds, Scalars};
use crate::over::{run_all, run_column, run_side, where_it_holds};
use crate::places::{Places, Sides};
use crate::population::Population;
use crate::ring::Ring;
use crate::rows::Rows;
use crate::tape::Mode;
use crate::visit::{self, Visit};

/// What a spike does along one pathway.
struct Pathway<T> {
    main: Option<T>,
    frozen: Option<T>,
    side: Option<Compiled>,
    after: Option<T>,
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
    /// Slots of the postsynaptic neurons that presynaptic spikes add to.
    pub added: Vec<u32>,
    /// Increments under way in dendrites.
    pub ring: Ring,
    /// Delay of the slowest pathway, in steps, if presynaptic events may be sent ahead.
    slowest: Option<usize>,
    /// How many steps ahead increments may be sent; `None`: they are not.
    pub reach: Option<usize>,
    on_pre: Vec<Pathway<Visit>>,
    on_post: Vec<Pathway<Compiled>>,
    deferral: Option<Deferral>,
    clocked: Option<Compiled>,
    on_interval: Vec<Option<Compiled>>,
    /// Conditions of the `prune` rules.
    doomed: Vec<Option<Compiled>>,
    arrays: Arrays,
    targets: Vec<u32>,
    list: Vec<u32>,
    other: Vec<u32>,
}

/// Addresses of the arrays of a projection.
struct Arrays {
    own: Bounds,
    row: Bounds,
    column: Bounds,
    /// Those of the postsynaptic neurons, for an event whose increments travel on.
    post: Bounds,
}

impl Projection {
    /// Takes what the engine gives.
    pub fn new(setup: ProjectionSetup<'_>, populations: &[Population], settings: &Settings) -> Projection {
        let Settings { seeds, set, .. } = *settings;
        let real = settings.real();
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
        let row_tape = |k: &Kernel| Visit::new(&maker, k, program.column_slots.len(), owned.len());
        let column_tape = |k: &Kernel| maker.make(k, None, Mode::Column);
        let filled = |slots: &[Slot], kinds: &[Kind], len: usize| slots.iter().zip(kinds).map(|(s, k)| Values::new(*k, len, s.initial)).collect::<Vec<_>>();
        let n = setup.synapses.post.len();
        let mut slots = filled(&program.slots, &own, n);
        for (values, initial) in slots.iter_mut().zip(&setup.slots) {
            values.write(0, initial);
        }
        let mut row_slots = filled(&program.row_slots, &row, setup.pre_size);
        let mut column_slots = filled(&program.column_slots, &column, owned.len());
        let arrays =
            Arrays { own: Bounds::plain(&mut slots), row: Bounds::plain(&mut row_slots), column: Bounds::plain(&mut column_slots), post: Bounds::default() };
        let added = added_by_pre(program, &post);
        let ring = Ring::new(&added, &setup.synapses.dendritic, owned.len());
        let mut projection = Projection {
            reach: None,
            on_pre: program.on_pre.iter().map(|e| Pathway::new(e, &maker, &row_tape, Mode::PreSide)).collect(),
            on_post: program.on_post.iter().map(|e| Pathway::new(e, &maker, &column_tape, Mode::PostSide)).collect(),
            deferral: settings.defer.then(|| Deferral::new(&maker, program, &setup.synapses, owned.len())).flatten(),
            clocked: program.clocked.as_ref().and_then(|k| maker.make(k, None, Mode::All)),
            on_interval: program.on_interval.iter().map(|(_, k)| maker.make(k, None, Mode::All)).collect(),
            doomed: program.prune.iter().map(|r| r.condition.as_ref().and_then(|c| maker.make(&c.kernel, Some(c.value), Mode::All))).collect(),
            row_slots,
            column_slots,
            arrays,
            visible: program.slots.iter().map(|s| s.visible).collect(),
            rows: Rows::new(setup.synapses, &owned, setup.ahead),
            slowest: setup.ahead.then(|| program.on_pre.iter().map(|e| (e.delay_s / settings.dt_s).round() as usize).max()).flatten(),
            pre: setup.pre.0,
            post: setup.post.0,
            owned,
            slots,
            shared: setup.shared,
            added: added.iter().map(|(slot, _)| *slot).collect(),
            ring,
            targets: Vec::new(),
            list: Vec::new(),
            other: Vec::new(),
        };
        projection.find_reach();
        projection
    }

    fn around(&self, sides: &Sides<'_>) -> Around {
        let multapse = if self.rows.multapse.is_empty() { std::ptr::null() } else { self.rows.multapse.as_ptr() };
        Around { multapse, size: self.rows.len(), ..sides.around }
    }

    /// Runs an event's tape over its synapses, then the side tape over its neurons.
    pub fn deliver(&mut self, event: Event<'_>, sides: &Sides<'_>) {
        if self.deferral.as_ref().is_some_and(|d| d.differs(event.frozen)) {
            self.flush(None, sides);
            self.deferral.iter_mut().for_each(|d| d.set_frozen(event.frozen));
        }
        match event.side {
            Side::Pre => self.deliver_pre(event, sides),
            Side::Post => self.deliver_post(event, sides),
        }
    }

    fn deliver_pre(&mut self, event: Event<'_>, sides: &Sides<'_>) {
        let around = self.around(sides);
        let Some(pathway) = self.on_pre.get_mut(event.pathway) else { return };
        let (main, side) = pathway.choose(event);
        self.arrays.post.clear();
        self.arrays.post.extend_from_slice(sides.post);
        for place in main.iter().flat_map(|visit| visit.places()) {
            if let Place::Post(k) = place {
                self.arrays.post[*k as usize] = self.ring.bound(*k, sides.post[*k as usize], &self.rows.dendritic, around.now);
            }
        }
        let places = Places { post: &self.arrays.post, ..self.arrays.places(&mut self.shared, sides) };
        let (pre, post) = (sides.pre_shared, sides.post_shared);
        if let Some(deferral) = &mut self.deferral {
            if event.after {
                deferral.before_after(event.neurons, &self.row_slots, around.now);
            }
            // What changes a row after all events of a step, but only its traces, need not wait for the events of that step.
            if !event.after || main.is_some() {
                let call = defer::Call { around, scalars: Scalars { own: &self.shared, pre, post }, bind: &|p| places.bind(p), rows: &self.rows };
                deferral.flush(event.neurons.iter().map(|n| *n as usize), &call);
            }
        }
        if let Some(visit) = main {
            let call = visit::Call {
                around,
                sides: Scalars { own: &[], pre, post },
                bind: &|p| places.bind(p),
                rows: &self.rows,
                neurons: event.neurons,
                delay: event.delay,
                owned: self.owned.len(),
            };
            visit.run(call, &mut self.shared, &mut self.targets);
        }
        if let Some(tape) = side {
            self.list.clear();
            self.list.extend(event.neurons);
            tape.begin(around, Scalars { own: &self.shared, pre, post }, &|p| places.bind(p));
            run_side(tape, &self.list);
            tape.end(&mut self.shared);
        }
    }

    /// Are increments of presynaptic spikes sent ahead?
    pub fn sends(&self) -> bool {
        self.slowest.is_some()
    }

    /// Looks how long the delays are.
    fn find_reach(&mut self) {
        let longest = self.rows.delays().map(|delays| usize::from(delays.iter().copied().max().unwrap_or(0)));
        self.reach = longest.and_then(|longest| self.slowest.map(|slowest| slowest + longest));
    }

    /// Puts under way what spikes add to neurons.
    pub fn send(&mut self, sent: Sent<'_>, ahead: &mut [Ahead], sides: &Sides<'_>, now: Step) {
        let (around, Some(reach)) = (self.around(sides), self.reach) else { return };
        let (Some(Pathway { main: Some(visit), .. }), Some(delays)) = (self.on_pre.get_mut(sent.pathway), self.rows.delays()) else { return };
        self.arrays.post.clear();
        self.arrays.post.extend_from_slice(sides.post);
        // The rings of a population have the same rows.
        let mut rows = [0; DELAYS];
        for slot in &self.added {
            if let Some(ring) = ahead.iter_mut().find(|ring| ring.is_of(self.post, *slot)) {
                self.arrays.post[*slot as usize] = ring.bound(&sent, now, &mut rows);
            }
        }
        let places = Places { post: &self.arrays.post, ..self.arrays.places(&mut self.shared, sides) };
        let bind = |place| places.bind(place);
        let side_scalars = Scalars { own: &[], pre: sides.pre_shared, post: sides.post_shared };
        let call = visit::Call { around, sides: side_scalars, bind: &bind, rows: &self.rows, neurons: sent.neurons, delay: 0, owned: self.owned.len() };
        if visit.send(&call, &self.shared, (delays, &rows)) {
            return;
        }
        // Any other kernel runs over the synapses of one delay after another.
        for (delay, row) in rows.iter().enumerate().take(reach + 1) {
            let bind = |place| match place {
                Place::Post(_) => Ahead::row(places.bind(place), *row),
                other => places.bind(other),
            };
            visit.run(visit::Call { bind: &bind, delay: delay as u32, ..call }, &mut self.shared, &mut self.targets);
        }
    }

    fn deliver_post(&mut self, event: Event<'_>, sides: &Sides<'_>) {
        let (around, places) = (self.around(sides), self.arrays.places(&mut self.shared, sides));
        let Some(pathway) = self.on_post.get_mut(event.pathway) else { return };
        let (main, side) = pathway.choose(event);
        let (pre, post) = (sides.pre_shared, sides.post_shared);
        self.list.clear();
        self.list.extend(event.neurons.iter().filter(|n| self.owned.contains(&(**n as usize))).map(|n| n - self.owned.start as u32));
        match (main, &mut self.deferral) {
            (Some(_), Some(deferral)) => {
                if deferral.wants_columns() {
                    self.rows.make_columns(self.owned.len());
                }
                if self.rows.dendritic == Delays::Same(event.delay) {
                    let call = defer::Call { around, scalars: Scalars { own: &self.shared, pre, post }, bind: &|p| places.bind(p), rows: &self.rows };
                    deferral.record(&self.list, &call);
                }
            }
            (Some(tape), None) => {
                tape.begin(around, Scalars { own: &self.shared, pre, post }, &|p| places.bind(p));
                self.rows.make_columns(self.owned.len());
                for target in &self.list {
                    run_column(tape, &self.rows, *target as usize, event.delay, &mut (&mut self.targets, &mut self.other));
                }
                tape.end(&mut self.shared);
            }
            (None, _) => {}
        }
        if let Some(tape) = side {
            tape.begin(around, Scalars { own: &self.shared, pre, post }, &|p| places.bind(p));
            run_side(tape, &self.list);
            tape.end(&mut self.shared);
        }
    }

    /// Does the postsynaptic events that wait, of some rows or of all.
    pub fn flush(&mut self, rows: Option<&[usize]>, sides: &Sides<'_>) {
        let (around, places) = (self.around(sides), self.arrays.places(&mut self.shared, sides));
        let Some(deferral) = &mut self.deferral else { return };
        if deferral.waits() {
            let scalars = Scalars { own: &self.shared, pre: sides.pre_shared, post: sides.post_shared };
            let call = defer::Call { around, scalars, bind: &|p| places.bind(p), rows: &self.rows };
            match rows {
                Some(rows) => deferral.flush(rows.iter().copied(), &call),
                None => deferral.flush_all(&call),
            }
        }
    }

    /// Runs the dense terms.
    pub fn clocked(&mut self, sides: &Sides<'_>) {
        if let (Some(tape), Some(deferral)) = (&self.clocked, &self.deferral)
            && deferral.touches(&tape.tape().places)
        {
            self.flush(None, sides);
        }
        let (around, places) = (self.around(sides), self.arrays.places(&mut self.shared, sides));
        if let Some(tape) = &mut self.clocked {
            run_all(tape, around, &mut self.rows, &places, &mut self.shared, &mut self.targets);
        }
    }

    /// Runs the statements of a slow clock.
    pub fn interval(&mut self, index: usize, sides: &Sides<'_>) {
        self.flush(None, sides);
        let (around, places) = (self.around(sides), self.arrays.places(&mut self.shared, sides));
        if let Some(Some(tape)) = self.on_interval.get_mut(index) {
            run_all(tape, around, &mut self.rows, &places, &mut self.shared, &mut self.targets);
        }
    }

    /// The synapses for which the condition of a `prune` rule holds.
    pub fn doomed(&mut self, rule: usize, sides: &Sides<'_>) -> Vec<u32> {
        self.flush(None, sides);
        let mut out = Vec::new();
        let (around, places) = (self.around(sides), self.arrays.places(&mut self.shared, sides));
        if let Some(Some(tape)) = self.doomed.get_mut(rule) {
            where_it_holds(tape, around, &mut self.rows, &places, &mut self.shared, &mut out);
        }
        out
    }

    /// Removes and adds synapses.
    pub fn rewire(&mut self, change: &Rewiring, sides: &Sides<'_>) {
        self.flush(None, sides);
        let pieces = self.rows.rewire(&change.gone, &change.born, self.owned.start);
        for (k, values) in self.slots.iter_mut().enumerate() {
            values.rejoin(&pieces, change.slots.get(k).map_or(&[], Vec::as_slice));
        }
        self.arrays.own = Bounds::plain(&mut self.slots);
        self.ring.reach(&self.rows.dendritic, sides.around.now);
        self.find_reach();
        if let Some(deferral) = &mut self.deferral {
            deferral.rewired(&self.rows);
        }
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        let arrays = self.slots.iter().chain(&self.row_slots).chain(&self.column_slots);
        arrays.map(Values::bytes).sum::<usize>() + self.rows.bytes() + self.ring.bytes() + self.deferral.as_ref().map_or(0, Deferral::bytes)
    }
}

impl Arrays {
    fn places<'a>(&'a self, shared: &mut [f64], sides: &'a Sides<'a>) -> Places<'a> {
        Places { own: &self.own, row: &self.row, column: &self.column, shared: shared.as_mut_ptr(), sides, post: sides.post }
    }
}

impl<T> Pathway<T> {
    fn new(event: &EventProgram, maker: &Maker<'_>, make: &dyn Fn(&Kernel) -> Option<T>, side: Mode) -> Self {
        Pathway {
            main: make(&event.kernel),
            frozen: make(&event.frozen),
            side: event.side.as_ref().and_then(|k| maker.make(k, None, side)),
            after: event.after.as_ref().and_then(make),
            after_side: event.after_side.as_ref().and_then(|k| maker.make(k, None, side)),
        }
    }

    /// What an event runs over the synapses, and over its neurons.
    fn choose(&mut self, event: Event<'_>) -> (Option<&mut T>, Option<&mut Compiled>) {
        match (event.after, event.frozen) {
            (true, _) => (self.after.as_mut(), self.after_side.as_mut()),
            (false, true) => (self.frozen.as_mut(), self.side.as_mut()),
            (false, false) => (self.main.as_mut(), self.side.as_mut()),
        }
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
