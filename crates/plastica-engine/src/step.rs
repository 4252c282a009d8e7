//! The one step loop. One part of the network is stepped here, by one worker.
//!
//! | stage | reads | writes | why here |
//! |---|---|---|---|
//! | (structure) | all | which synapses there are | between two steps, see `structure.rs` |
//! | record | state at t | recordings | a sample carries the time at the start of its step |
//! | slow clocks | all | synapses, then neurons | between two steps, so that one step sees one set of values |
//! | inputs of the start | t | neurons | a current is there during the step |
//! | integrate | neurons | neurons, then clocked synapses | from t to t + dt |
//! | threshold | neurons | spikes | spikes belong to this step |
//! | exchange | spikes of an epoch | recent spikes, increments sent ahead | the latest moment at which another part may need them |
//! | deliver | recent spikes | neurons, synapses | increments of dendrites, inputs, increments sent ahead, `on_pre`, `on_post`, then what waits for all events |
//! | reset | spikes | neurons | after the events, so that they see the membrane before the reset (Brian's order) |

use std::sync::Arc;

use plastica_network::arrays::Part;
use plastica_network::network::{Phase, PopulationKind};

use crate::backend::{Array, Backend, Event, InputId, PopulationId, ProjectionId, Sent, Side, Step};
use crate::exchange::{Exchange, Packet};
use crate::plan::{Plan, Route};
use crate::record::{PartWatch, Recorded};
use crate::simulation::Counted;
use crate::spikes::Recent;

/// How many synapses of a projection there are in a part, and how many have come and gone since the start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turnover {
    /// Present ones.
    pub synapses: u64,
    /// Grown.
    pub grown: u64,
    /// Pruned.
    pub pruned: u64,
}

impl Turnover {
    /// One of the numbers.
    pub fn of(&self, what: Counted) -> u64 {
        match what {
            Counted::Synapses => self.synapses,
            Counted::Grown => self.grown,
            Counted::Pruned => self.pruned,
        }
    }
}

/// Which of the events of a step are run.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// Those that could have been sent ahead.
    Summed,
    /// The others.
    Main,
    /// What waits for all events.
    After,
}

/// One part of a running circuit.
pub struct Worker {
    /// What all parts know.
    pub plan: Arc<Plan>,
    /// Which part.
    pub part: Part,
    /// Holds the arrays.
    pub backend: Box<dyn Backend>,
    /// The step that comes next.
    pub now: Step,
    /// Spikes of all neurons, for each population.
    pub recent: Vec<Recent>,
    /// Spikes of the part's own neurons, for each population.
    pub own: Vec<Recent>,
    /// Own spikes since the last exchange, for each population.
    pub fresh: Vec<Vec<(Step, Vec<u32>)>>,
    /// Own spikes since the start, for each population.
    pub counts: Vec<u64>,
    /// Is the plasticity of a projection frozen?
    pub frozen: Vec<bool>,
    /// Does an input act?
    pub enabled: Vec<bool>,
    /// What the differential variables of each population go back to when time is skipped: slot, values.
    pub resting: Vec<Vec<(u32, Vec<f64>)>>,
    /// What is recorded of this part.
    pub watches: Vec<PartWatch>,
    /// What has been recorded and not been taken yet.
    pub recorded: Vec<Recorded>,
    /// Spikes among it, one list for all.
    pub spiked: Vec<u32>,
    /// Synapses of the part that there are, have grown and have been pruned, for each projection.
    pub turnover: Vec<Turnover>,
    /// For each population, which neurons can spike no more; empty: all can.
    pub dead: Vec<Vec<bool>>,
    /// Has what is sampled at the start of the present step been sampled?
    opened: bool,
    /// Spikes of the present step, for each population.
    pub(crate) spiking: Vec<Vec<u32>>,
    /// Steps since the last exchange.
    since_exchange: Step,
    /// Spikes before this step have been sent ahead; `None`: what was sent is no longer true.
    sent: Option<Step>,
}

impl Worker {
    /// A part that has not run yet.
    pub fn new(plan: Arc<Plan>, part: Part, backend: Box<dyn Backend>, resting: Vec<Vec<(u32, Vec<f64>)>>, synapses: &[usize]) -> Worker {
        let n = plan.circuit.network.populations.len();
        let recent = plan.depth.iter().map(|d| Recent::new(*d + plan.epoch as u64)).collect();
        let own = plan.own_depth.iter().map(|d| Recent::new(*d)).collect();
        let frozen = vec![false; plan.circuit.network.projections.len()];
        let enabled = vec![true; plan.circuit.network.inputs.len()];
        Worker {
            plan,
            part,
            backend,
            now: 0,
            recent,
            own,
            fresh: vec![Vec::new(); n],
            counts: vec![0; n],
            frozen,
            enabled,
            resting,
            watches: Vec::new(),
            recorded: Vec::new(),
            spiked: Vec::new(),
            turnover: synapses.iter().map(|n| Turnover { synapses: *n as u64, ..Turnover::default() }).collect(),
            dead: vec![Vec::new(); n],
            opened: false,
            spiking: vec![Vec::new(); n],
            since_exchange: 0,
            sent: None,
        }
    }

    /// Forgets all spikes and goes on at another step (the start of a restored run).
    pub fn start_at(&mut self, now: Step) {
        self.now = now;
        self.forget_spikes();
        self.recorded.clear();
        self.spiked.clear();
    }

    /// Forgets all spikes that are under way, and those of the last step.
    pub fn forget_spikes(&mut self) {
        let plan = self.plan.clone();
        self.recent = plan.depth.iter().map(|d| Recent::new(*d + plan.epoch as u64)).collect();
        self.own = plan.own_depth.iter().map(|d| Recent::new(*d)).collect();
        self.fresh.iter_mut().for_each(Vec::clear);
        self.spiking.iter_mut().for_each(Vec::clear);
        self.since_exchange = 0;
        self.sent = None;
    }

    /// Runs so many steps.
    pub fn run(&mut self, steps: u64, exchange: &mut dyn Exchange) {
        self.send_anew();
        let plan = self.plan.clone();
        for left in (0..steps).rev() {
            self.step(&plan, left == 0, exchange);
        }
    }

    /// Samples what is due at the start of the present step, unless that has been done.
    pub fn open(&mut self) {
        if !std::mem::replace(&mut self.opened, true) {
            self.record_start();
        }
    }

    /// Goes on with another plan, in which there may be longer delays.
    pub fn set_plan(&mut self, plan: Arc<Plan>) {
        let now = self.now;
        let moved = |old: &Recent, depth: u64| {
            let mut new = Recent::new(depth);
            old.before(now).iter().for_each(|(step, neurons)| new.add(*step, neurons));
            new
        };
        for (k, (recent, own)) in self.recent.iter_mut().zip(&mut self.own).enumerate() {
            if plan.depth[k] > self.plan.depth[k] || plan.epoch > self.plan.epoch {
                *recent = moved(recent, plan.depth[k] + plan.epoch as u64);
            }
            if plan.own_depth[k] > self.plan.own_depth[k] {
                *own = moved(own, plan.own_depth[k]);
            }
        }
        self.plan = plan;
        self.sent = None;
    }

    fn step(&mut self, plan: &Plan, last: bool, exchange: &mut dyn Exchange) {
        let now = self.now;
        self.open();
        self.opened = false;
        if plan.published_between {
            self.publish(exchange);
        }
        for (k, program) in plan.circuit.projections.iter().enumerate() {
            for (index, (every, _)) in program.on_interval.iter().enumerate() {
                if now > 0 && now % *every as Step == 0 && !self.frozen[k] {
                    self.backend.interval(ProjectionId(k), index, now);
                }
            }
        }
        for interval in &plan.intervals {
            if now > 0 && now % interval.every as Step == 0 {
                self.backend.input(interval.input, now);
            }
        }
        self.inputs(plan, Phase::Start);
        for k in 0..plan.circuit.populations.len() {
            self.backend.integrate(PopulationId(k), now);
        }
        if plan.published_between {
            self.publish(exchange);
        }
        for (k, program) in plan.circuit.projections.iter().enumerate() {
            if program.clocked.is_some() {
                self.backend.clocked(ProjectionId(k), now, self.frozen[k]);
            }
        }
        self.threshold();
        self.since_exchange += 1;
        if last || self.since_exchange == plan.epoch {
            self.exchange(exchange);
            self.send(now + 1);
        }
        self.deliver(plan);
        for (k, spikes) in self.spiking.iter().enumerate() {
            if !spikes.is_empty() && !plan.circuit.populations[k].reset.ops.is_empty() {
                self.backend.reset(PopulationId(k), now, spikes);
            }
        }
        self.record_end();
        self.now += 1;
    }

    fn inputs(&mut self, plan: &Plan, phase: Phase) {
        for (k, input) in plan.circuit.network.inputs.iter().enumerate() {
            match &input.timed {
                _ if input.phase != phase || !self.enabled[k] => {}
                Some(timed) if self.now % timed.every as Step == 0 => self.set_timed(k),
                Some(_) => {}
                None => self.backend.input(InputId(k), self.now),
            }
        }
    }

    /// Gives the variable of a timed input the values of the present row.
    pub fn set_timed(&mut self, input: usize) {
        let plan = self.plan.clone();
        let (Some(slot), input) = (plan.timed[input], &plan.circuit.network.inputs[input]) else { return };
        let Some(timed) = &input.timed else { return };
        let owned = self.part.range(plan.circuit.network.populations[input.population].size);
        let row = timed.row(self.now as u64);
        let array = Array::Neurons(PopulationId(input.population), slot);
        match row {
            [same] => self.backend.write(array, &vec![*same; owned.len()], self.now),
            each => self.backend.write(array, &each[owned], self.now),
        }
    }

    fn threshold(&mut self) {
        let now = self.now;
        for k in 0..self.spiking.len() {
            let spikes = &mut self.spiking[k];
            spikes.clear();
            let population = &self.plan.circuit.network.populations[k];
            if let PopulationKind::Spikes(list) = &population.kind {
                // Given spikes are known to all parts, so that they need no exchange.
                let from = list.step.partition_point(|s| *s < now);
                let to = list.step.partition_point(|s| *s <= now);
                let living = |n: &u32| !self.dead[k].get(*n as usize).is_some_and(|d| *d);
                let all: Vec<u32> = list.neuron[from..to].iter().copied().filter(living).collect();
                if all.is_empty() {
                    continue;
                }
                self.recent[k].add(now, &all);
                let owned = self.part.range(population.size);
                spikes.extend(all.iter().copied().filter(|n| owned.contains(&(*n as usize))));
            } else {
                self.backend.threshold(PopulationId(k), now, spikes);
                if !self.dead[k].is_empty() {
                    spikes.retain(|n| !self.dead[k][*n as usize]);
                }
                if !spikes.is_empty() {
                    self.fresh[k].push((now, spikes.clone()));
                }
            }
            self.counts[k] += spikes.len() as u64;
            if !spikes.is_empty() {
                self.own[k].add(now, spikes);
            }
        }
    }

    fn exchange(&mut self, exchange: &mut dyn Exchange) {
        self.since_exchange = 0;
        if self.part.of == 1 && self.plan.published.iter().all(Vec::is_empty) {
            // Nobody to talk to: no packet need be made.
            for (recent, fresh) in self.recent.iter_mut().zip(&mut self.fresh) {
                fresh.drain(..).for_each(|(step, neurons)| recent.add(step, &neurons));
            }
            return;
        }
        let packet = Packet { spikes: self.fresh.iter_mut().map(std::mem::take).collect(), published: self.published() };
        self.talk(packet, exchange);
    }

    /// Tells the other parts the values that synapses read of presynaptic neurons.
    fn publish(&mut self, exchange: &mut dyn Exchange) {
        let packet = Packet { spikes: Vec::new(), published: self.published() };
        self.talk(packet, exchange);
    }

    /// Values that synapses read of the part's own neurons: population, slot, first neuron, values.
    pub fn published(&mut self) -> Vec<(usize, u32, usize, Vec<f64>)> {
        let plan = self.plan.clone();
        self.published_of(&plan.published)
    }

    /// The same of some slots of each population.
    pub fn published_of(&mut self, slots: &[Vec<u32>]) -> Vec<(usize, u32, usize, Vec<f64>)> {
        let mut out = Vec::new();
        for (k, slots) in slots.iter().enumerate() {
            for slot in slots {
                let values = self.backend.read(Array::Neurons(PopulationId(k), *slot), self.now);
                let first = self.part.range(self.plan.circuit.network.populations[k].size).start;
                out.push((k, *slot, first, values));
            }
        }
        out
    }

    fn talk(&mut self, packet: Packet, exchange: &mut dyn Exchange) {
        for packet in exchange.exchange(packet) {
            for (recent, spikes) in self.recent.iter_mut().zip(&packet.spikes) {
                for (step, neurons) in spikes {
                    recent.add(*step, neurons);
                }
            }
            for (k, slot, first, values) in &packet.published {
                self.backend.receive(PopulationId(*k), *slot, *first, values);
            }
        }
    }

    /// Puts under way what the recent spikes will add to neurons, unless it is under way already: spikes are kept, what they do is worked out
    /// again when something has been written that it hangs on, so that it is as if each event were done when it is due.
    fn send_anew(&mut self) {
        if self.plan.sent.is_empty() || !self.backend.sends() || (self.sent.is_some() && !self.backend.is_outdated()) {
            return;
        }
        self.backend.recall();
        let longest = self.plan.ahead.first().map_or(0, |route| route.total as Step);
        self.sent = Some((self.now - longest).max(0));
        self.send(self.now);
    }

    /// Puts under way what the spikes of the steps before this one will add to neurons.
    fn send(&mut self, end: Step) {
        let Some(sent) = self.sent.replace(end).filter(|_| !self.plan.sent.is_empty()) else { return };
        for then in sent..end {
            for (projection, pathway, delay) in &self.plan.sent {
                let neurons = self.recent[self.plan.circuit.network.projections[*projection].pre].at(then);
                if !neurons.is_empty() {
                    let sent = Sent { projection: ProjectionId(*projection), pathway: *pathway, delay: *delay, neurons, then };
                    self.backend.send(sent, self.now);
                }
            }
        }
    }

    fn deliver(&mut self, plan: &Plan) {
        for k in 0..plan.circuit.projections.len() {
            self.backend.arrive(ProjectionId(k), self.now);
        }
        self.inputs(plan, Phase::Deliver);
        if !plan.sent.is_empty() {
            if !self.backend.sends() {
                plan.ahead.iter().for_each(|route| self.event(plan, route, Side::Pre, Stage::Summed));
            }
            self.backend.land(self.now);
        }
        for stage in [Stage::Main, Stage::After] {
            for (routes, side) in [(&plan.pre, Side::Pre), (&plan.post, Side::Post)] {
                for route in routes.iter().filter(|r| stage == Stage::Main || r.after) {
                    self.event(plan, route, side, stage);
                }
            }
        }
    }

    fn event(&mut self, plan: &Plan, route: &Route, side: Side, stage: Stage) {
        let projection = &plan.circuit.network.projections[route.projection];
        let then = self.now - route.total as Step;
        let neurons = match side {
            Side::Pre => self.recent[projection.pre].at(then),
            Side::Post => self.own[projection.post].at(then),
        };
        if then < 0 || neurons.is_empty() {
            return;
        }
        let frozen = self.frozen[route.projection];
        let (after, summed) = (stage == Stage::After, stage == Stage::Summed);
        let event = Event { projection: ProjectionId(route.projection), side, pathway: route.pathway, delay: route.delay, neurons, after, frozen, summed };
        self.backend.deliver(event, self.now);
    }

    /// Spikes of the present step.
    pub fn spiking(&self, population: usize) -> &[u32] {
        &self.spiking[population]
    }
}
