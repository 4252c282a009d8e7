//! The synapses of a projection: pairs, then axonal delays and the order of the rows, then dendritic delays and values.

use plastica_lang::model::{Expr, ExprKind, Scope};
use plastica_lang::source::Diagnostic;

use crate::arrays::{Delays, Part, Synapses};
use crate::build::Pair;
use crate::connect::{Building, Connect, Ends, Pairs};
use crate::elements::{Here, Quantity, Surroundings, each_value, synapse_element, visit};
use crate::network::{DelaySpec, InitialValue, MAX_DELAY_STEPS, MAX_MULTAPSES, Network, NetworkError, Population, Projection};
use crate::parse::delay::WHOLE;
use crate::settings::{Run, Setting, Settings, neurons, not_finite, positions};

/// Draws the synapses whose targets a part owns.
pub(crate) fn synapses(network: &Network, projection: &Projection, part: Part, run: Run) -> Result<Synapses, NetworkError> {
    let (pre, post) = (&network.populations[projection.pre], &network.populations[projection.post]);
    let sides = Sides::new(network, projection, pre, post, run)?;
    let maker = Maker { network, projection, sides: &sides, run };
    let own = Settings::of_model(&projection.model);
    let before = maker.around(&own);
    let owner = format!("projection.{} connect", projection.name);
    let ends = Ends {
        n_pre: pre.size,
        n_post: post.size,
        recurrent: projection.pre == projection.post,
        autapses: projection.autapses,
        multapses: projection.multapses,
    };
    if !projection.connect.possible(&ends) {
        let message = format!("projection `{}` has too few neurons for its rule", projection.name);
        return Err(Diagnostic::error("too-few-neurons", projection.connect_span, message)
            .help("make the populations larger, or allow several synapses of a pair with multapses = true")
            .into());
    }
    let building = Building { ends, owned: part.range(post.size), draws: run.draws(&owner), around: &before, name: &projection.name };
    let mut pairs = projection.connect.pairs(&building)?;
    let multapse = if projection.multapses { maker.multapses(&pairs)? } else { Vec::new() };
    let mut out = Synapses { row: std::mem::take(&mut pairs.row), post: std::mem::take(&mut pairs.post), multapse, ..Synapses::default() };
    let mut entry = pairs.entry;
    out.axonal = maker.delays(&projection.axonal, "axonal_delay", &before, &entry, &mut out)?;
    sort_rows(&mut out, &mut entry);
    out.dendritic = maker.delays(&projection.dendritic, "dendritic_delay", &before, &entry, &mut out)?;
    drop(before);
    maker.values(&entry, &mut out)?;
    Ok(out)
}

/// Draws delays and values of new synapses; `pairs` in order of source, target, which of several.
pub(crate) fn new_synapses(network: &Network, projection: &Projection, pairs: &[Pair], run: Run) -> Result<Synapses, NetworkError> {
    let (pre, post) = (&network.populations[projection.pre], &network.populations[projection.post]);
    // The neurons' own values are those that were drawn before the run.
    let sides = Sides::new(network, projection, pre, post, Run { step: 0, ..run })?;
    let maker = Maker { network, projection, sides: &sides, run };
    let own = Settings::of_model(&projection.model);
    let before = maker.around(&own);
    let mut out = Synapses { row: vec![0; pre.size + 1], post: pairs.iter().map(|p| p.1).collect(), ..Synapses::default() };
    pairs.iter().for_each(|p| out.row[p.0 as usize + 1] += 1);
    (0..pre.size).for_each(|k| out.row[k + 1] += out.row[k]);
    if projection.multapses {
        out.multapse = pairs.iter().map(|p| p.2).collect();
    }
    out.axonal = maker.delays(&projection.axonal, "axonal_delay", &before, &[], &mut out)?;
    sort_rows(&mut out, &mut Vec::new());
    out.dendritic = maker.delays(&projection.dendritic, "dendritic_delay", &before, &[], &mut out)?;
    drop(before);
    maker.values(&[], &mut out)?;
    Ok(out)
}

/// What formulas read of the neurons on both sides; empty where no formula reads it.
#[derive(Default)]
struct Sides {
    pre: Settings,
    post: Settings,
    pre_positions: Vec<(String, Vec<f64>)>,
    post_positions: Vec<(String, Vec<f64>)>,
}

impl Sides {
    fn new(network: &Network, projection: &Projection, pre: &Population, post: &Population, run: Run) -> Result<Sides, NetworkError> {
        let mut sides = Sides::default();
        let mut reads = false;
        for expr in formulas(projection) {
            visit(expr, &mut |e| reads |= matches!(e.kind, ExprKind::Name(Scope::Pre | Scope::Post | Scope::Local, _)));
        }
        if reads {
            sides.pre = neurons(network, pre, 0..pre.size, run)?;
            sides.post = neurons(network, post, 0..post.size, run)?;
            sides.pre_positions = positions(network, pre, 0..pre.size, run)?;
            sides.post_positions = positions(network, post, 0..post.size, run)?;
        }
        Ok(sides)
    }
}

/// All formulas of a projection.
fn formulas(projection: &Projection) -> impl Iterator<Item = &Expr> {
    let values = projection.parameters.iter().chain(&projection.defaults).chain(&projection.initial).map(|(_, value)| value);
    let formulas = values
        .chain([&projection.axonal.value, &projection.dendritic.value])
        .filter_map(|v| if let InitialValue::Formula(expr) = v { Some(expr) } else { None });
    formulas.chain(if let Connect::Formula(expr) = &projection.connect { Some(expr) } else { None })
}

struct Maker<'a> {
    network: &'a Network,
    projection: &'a Projection,
    sides: &'a Sides,
    run: Run,
}

impl Maker<'_> {
    /// All that a formula may read: sizes, positions, the neurons of both sides, and the synapse's own values set so far.
    fn around<'s>(&'s self, own: &'s Settings) -> Surroundings<'s> {
        let sides = self.sides;
        let mut names = Vec::new();
        for (scope, settings, positions, population) in
            [(Scope::Pre, &sides.pre, &sides.pre_positions, self.projection.pre), (Scope::Post, &sides.post, &sides.post_positions, self.projection.post)]
        {
            names.push((scope, "N", Quantity::Same(self.network.populations[population].size as f64)));
            names.extend(positions.iter().map(|(axis, values)| (scope, axis.as_str(), Quantity::Each(values))));
            names.extend(settings.names(scope));
        }
        let axes: Vec<(&[f64], &[f64])> = sides.pre_positions.iter().zip(&sides.post_positions).map(|((_, a), (_, b))| (a.as_slice(), b.as_slice())).collect();
        names.push((Scope::Local, "distance", Quantity::Distance(axes)));
        names.extend(own.names(Scope::Own));
        Surroundings { dt_s: self.network.dt_s, n: f64::NAN, names }
    }

    /// Numbers the synapses of each pair.
    fn multapses(&self, pairs: &Pairs) -> Result<Vec<u16>, NetworkError> {
        let mut multapse = vec![0; pairs.post.len()];
        let mut several = false;
        for bounds in pairs.row.windows(2) {
            for s in bounds[0] + 1..bounds[1] {
                if pairs.post[s] != pairs.post[s - 1] {
                    continue;
                }
                several = true;
                let Some(next) = u16::checked_add(multapse[s - 1], 1) else {
                    let message = format!("projection `{}` has more than {MAX_MULTAPSES} synapses of one pair", self.projection.name);
                    return Err(Diagnostic::error("too-large", self.projection.connect_span, message).help("use larger populations or fewer synapses").into());
                };
                multapse[s] = next;
            }
        }
        Ok(if several { multapse } else { Vec::new() })
    }

    /// Delays in whole steps; counts in `out` how many moved.
    fn delays(&self, delay: &DelaySpec, name: &str, around: &Surroundings<'_>, entry: &[u32], out: &mut Synapses) -> Result<Delays, NetworkError> {
        let dt_s = self.network.dt_s;
        if let InitialValue::Constant(x) = delay.value {
            return Ok(Delays::Same((x / dt_s).round() as u32));
        }
        let owner = format!("projection.{} {name}", self.projection.name);
        let mut steps = Vec::with_capacity(out.post.len());
        let mut moved = 0;
        each_value(&delay.value, around, self.run.draws(&owner), elements(out, entry), |here, x| {
            let exact = x / dt_s;
            let whole = exact.round();
            if !(x >= 0.0 && whole <= MAX_DELAY_STEPS) {
                return Err(self.wrong_delay(delay, name, here, x));
            }
            moved += usize::from((exact - whole).abs() > WHOLE);
            steps.push(whole as u32);
            Ok(())
        })?;
        out.rounded += moved;
        Ok(Delays::Each(steps))
    }

    fn wrong_delay(&self, delay: &DelaySpec, name: &str, here: Here, x: f64) -> NetworkError {
        let message = format!("{}: `{name}` would be {x} s", self.synapse(here));
        let fault = |id| Diagnostic::error(id, delay.span, message);
        if x < 0.0 {
            let help = "a delay is 0 or more: draw it from a distribution with min = \"0 ms\", or write clip(..., 0*ms, 1*second)";
            return fault("negative-delay").label("can be negative").help(help).into();
        }
        if x.is_finite() {
            return fault("too-large").note(format!("at most {MAX_DELAY_STEPS} steps are possible")).help("bound it with max = \"...\"").into();
        }
        fault("not-finite").help("check for a division by zero").into()
    }

    fn synapse(&self, here: Here) -> String {
        format!("projection `{}`, synapse from {} to {}", self.projection.name, here.pre, here.post)
    }

    fn values(&self, entry: &[u32], out: &mut Synapses) -> Result<(), NetworkError> {
        let projection = self.projection;
        let mut settings = Settings::of_model(&projection.model);
        let given = projection.parameters.iter().chain(&projection.defaults).chain(&projection.initial);
        for (k, (name, value)) in given.clone().enumerate() {
            // A default that is replaced, and that nothing reads before, need not be drawn.
            let replaced = given.clone().skip(k + 1).position(|(later, _)| later == name);
            if replaced.is_some_and(|r| !given.clone().skip(k + 1).take(r).any(|(_, v)| reads(v, name))) {
                continue;
            }
            let setting = if let InitialValue::Constant(x) = value {
                Setting::Same(*x)
            } else if let Some(values) = listed(value, entry) {
                Setting::Each(values)
            } else {
                let around = self.around(&settings);
                let owner = format!("projection.{}.{name}", projection.name);
                let mut values = Vec::with_capacity(out.post.len());
                each_value(value, &around, self.run.draws(&owner), elements(out, entry), |here, x| {
                    values.push(x);
                    if x.is_finite() { Ok(()) } else { Err(not_finite(value, projection.span, &format!("{}: `{name}`", self.synapse(here)), x)) }
                })?;
                Setting::Each(values)
            };
            settings.0.push((name.clone(), setting));
        }
        let names: Vec<&str> = given.map(|(name, _)| name.as_str()).collect();
        let given = settings.given(&projection.model, &names, out.post.len());
        (out.values, out.shared) = (given.values, given.shared);
        Ok(())
    }
}

/// The values of a column of a list, in the order of its entries, if they are all finite.
fn listed(value: &InitialValue, entry: &[u32]) -> Option<Vec<f64>> {
    let InitialValue::Column(column) = value else { return None };
    if entry.is_empty() || entry.iter().any(|e| *e as usize >= column.len()) || column.iter().any(|x| !x.is_finite()) {
        return None;
    }
    Some(entry.iter().map(|e| column[*e as usize]).collect())
}

fn reads(value: &InitialValue, name: &str) -> bool {
    let InitialValue::Formula(expr) = value else { return false };
    let mut reads = false;
    visit(expr, &mut |e| reads |= matches!(&e.kind, ExprKind::Name(Scope::Own, n) if n == name));
    reads
}

/// All synapses in order.
fn elements<'a>(out: &'a Synapses, entry: &'a [u32]) -> impl Iterator<Item = Here> + use<'a> {
    let mut pre = 0;
    (0..out.post.len()).map(move |s| {
        while out.row[pre + 1] <= s {
            pre += 1;
        }
        let (post, multapse) = (out.post[s], out.multapse.get(s).copied().unwrap_or(0));
        Here { index: s, pre, post: post as usize, element: synapse_element(pre as u32, post, multapse), entry: entry.get(s).map_or(0, |e| *e as usize) }
    })
}

/// Puts each row in the order of its axonal delays; it is in the order of its targets before, and stays so where delays are equal.
fn sort_rows(out: &mut Synapses, entry: &mut [u32]) {
    let Delays::Each(axonal) = &mut out.axonal else { return };
    let mut order: Vec<u64> = Vec::new();
    let mut kept = Vec::new();
    for bounds in out.row.windows(2) {
        let row = bounds[0]..bounds[1];
        order.clear();
        order.extend(axonal[row.clone()].iter().enumerate().map(|(place, delay)| u64::from(*delay) << 32 | place as u64));
        if order.is_sorted() {
            continue;
        }
        order.sort_unstable();
        permute(&mut axonal[row.clone()], &order, &mut kept);
        permute(&mut out.post[row.clone()], &order, &mut kept);
        if !entry.is_empty() {
            permute(&mut entry[row.clone()], &order, &mut kept);
        }
        if !out.multapse.is_empty() {
            permute(&mut out.multapse[row], &order, &mut Vec::new());
        }
    }
}

fn permute<T: Copy>(values: &mut [T], order: &[u64], kept: &mut Vec<T>) {
    kept.clear();
    kept.extend_from_slice(values);
    for (value, place) in values.iter_mut().zip(order) {
        *value = kept[(*place & u64::from(u32::MAX)) as usize];
    }
}
