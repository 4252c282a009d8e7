"""Tasks, inputs and connection rules that are written in Python, and modulators by hand."""

import copy
import math
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from circuits import RULE

import plastica as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples/cartpole"))

COUNTER = pl.Neuron("counter", equations="v : 1\ndrive : 1", threshold="drive > 0", reset="v += drive")
DOPAMINE = pl.Synapse(
    "dopamine",
    equations="w : 1\nDA : 1 (modulator)",
    on_pre="w += DA",
    initial={"w": 0},
)


def counters(*parts, **keys):
    """Three neurons that fire in each step in which they are driven, and a synapse that adds up dopamine."""
    E = pl.Population("E", model=COUNTER, size=3)
    return pl.Circuit(pl.Projection("EE", pre=E, post=E, synapse=DOPAMINE, connect={"rule": "one_to_one"}, autapses=True), *parts, dt="1 ms", **keys)


def ramp(t):
    """An input that `pickle` finds by its name."""
    return [t * 1e3, 0.0, 1.0]


def test_modulators_are_set_by_hand():
    sim = counters(pl.Modulator("DA", initial=0.25)).build()
    assert dict(sim.modulators) == {"DA": 0.25} and "DA" in sim.modulators and len(sim.modulators) == 1
    sim.E.drive = [1, 0, 0]
    sim.run("4 ms")
    sim.modulators["DA"] = -0.5
    sim.run("2 ms")
    assert sim.EE.w.tolist() == [0.0 + 4 * 0.25 - 2 * 0.5, 0, 0]
    assert sim.copy().modulators["DA"] == -0.5 and "DA = -0.5" in repr(sim.modulators)

    def check_refused(error, said, do):
        with pytest.raises(error, match=said):
            do()

    check_refused(KeyError, "they read: DA", lambda: sim.modulators["ACh"])
    check_refused(KeyError, "they read: DA", lambda: sim.modulators.__setitem__("ACh", 1))
    check_refused(ValueError, "finite", lambda: sim.modulators.__setitem__("DA", math.nan))
    check_refused(TypeError, "set it to 0", lambda: sim.modulators.__delitem__("DA"))


def test_a_modulator_at_rest_hangs_on_age():
    sim = counters(pl.Modulator("DA", value="age/5")).build()
    assert sim.modulators["DA"] == 5.0


def test_inputs_are_switched():
    sim = counters(pl.Input("kicks", population="E", do="v += 1")).build()
    sim.run("2 ms")
    sim.enable("kicks", False)
    sim.run("3 ms")
    assert sim.E.v.tolist() == [2, 2, 2]
    with pytest.raises(KeyError, match="there are: kicks"):
        sim.enable("kick")


def test_an_input_in_python_is_asked_at_its_times():
    sim = counters().build()
    seen = []

    def drive(t):
        seen.append(round(t * 1e3))
        return ramp(t)

    sim.run("3 ms")
    sim.feed("E", "drive", drive, every="4 ms")
    sim.run("7 ms")
    assert seen == [4, 8] and sim.E.drive.tolist() == [8, 0, 1]
    # v adds up the drive of each step: 4 in four steps, then 8 in two.
    assert sim.E.v.tolist() == [4 * 4 + 2 * 8, 0, 6]
    sim.feed(sim.E, "drive", None, every="4 ms")
    sim.run("10 ms")
    assert seen == [4, 8]
    with pytest.raises(ValueError, match="once in each step"):
        sim.feed("E", "drive", drive, every="0 ms")
    with pytest.raises(KeyError, match="did you mean `drive`"):
        sim.feed("E", "drivel", drive, every="1 ms")


def test_a_fed_run_in_pieces_copied_and_pickled_is_the_same():
    def start():
        sim = counters().build()
        sim.feed("E", "drive", ramp, every="2 ms")
        return sim

    whole = start().run("21 ms")
    pieces = start().run("5 ms")
    for sim in (copy.copy(pieces), pickle.loads(pickle.dumps(pieces)), pieces):
        sim.run("1 ms").run("15 ms", progress=lambda done, total: None)
        assert sim.E.v.tolist() == whole.E.v.tolist()


def test_spikes_of_single_neurons_are_counted():
    sim = counters().build()
    assert sim.E.counts.tolist() == [0, 0, 0]
    sim.E.drive = [1, 0, 1]
    sim.run("3 ms")
    assert sim.E.spiking.tolist() == [0, 2]
    other = pickle.loads(pickle.dumps(sim))
    other.E.drive = 0
    other.run("2 ms")
    assert sim.E.counts.tolist() == other.E.counts.tolist() == [3, 0, 3]
    other.run("2 ms").restore(counters().build().state())
    assert other.E.counts.tolist() == [0, 0, 0]


class Told(pl.Trainer):
    """Writes down when its hooks are called."""

    length, stimulus, interval, pause = "10 ms", "4 ms", "3 ms", "5 ms"

    def __init__(self, last=None):
        self.calls, self.last = [], last

    def tell(self, sim, what):
        self.calls.append((round(sim.t * 1e3), what))

    def before(self, sim, trial):
        self.tell(sim, f"before {trial}")

    def after_stimulus(self, sim):
        self.tell(sim, "after stimulus")

    def step(self, sim):
        self.tell(sim, "step")
        return self.last is not None and len(self.calls) >= self.last

    def score(self, sim):
        self.tell(sim, "score")
        return {"calls": len(self.calls)}


def check_calls(trainer, trials, calls):
    """The hooks are called at these times, in milliseconds."""
    counters().build().train(trainer, trials)
    assert trainer.calls == calls


def test_hooks_are_called_at_the_borders_of_trials():
    one = [(3, "step"), (4, "after stimulus"), (6, "step"), (9, "step"), (10, "score")]
    check_calls(Told(), 2, [(0, "before 1"), *one, (15, "before 2"), *((t + 15, what) for t, what in one)])


def test_a_trial_may_end_early():
    check_calls(Told(last=2), 1, [(0, "before 1"), (3, "step"), (3, "after stimulus"), (3, "score")])


def test_scores_are_a_table_and_outlive_an_interruption():
    trainer = Told()
    sim = counters().build()
    trials = sim.train(trainer, 2)
    assert [dict(t) for t in trials] == [
        {"trial": 1, "from_s": 0.0, "length_s": pytest.approx(0.010), "calls": 6},
        {"trial": 2, "from_s": pytest.approx(0.015), "length_s": pytest.approx(0.010), "calls": 12},
    ]

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sim.train(trainer, 5, progress=stop)
    assert trainer.trials.to_pandas().trial.tolist() == [1, 2, 3] and len(trainer.trials[1:]) == 2


def test_what_a_trainer_lacks_is_said():
    sim = counters().build()
    with pytest.raises(ValueError, match="length"):
        sim.train(pl.Trainer(), 1)
    short = type("Short", (pl.Trainer,), {"length": "10 ms", "interval": "0 ms"})
    with pytest.raises(ValueError, match="one step at least"):
        sim.train(short(), 1)
    with pytest.warns(UserWarning, match="did you mean `after_stimulus`"):
        type("Misspelt", (pl.Trainer,), {"length": "10 ms", "after_stimulous": lambda self, sim: None})
    number = type("Number", (pl.Trainer,), {"length": "10 ms", "score": lambda self, sim: 3})
    with pytest.raises(TypeError, match="scores by name"):
        sim.train(number(), 1)


def near(pre, post, rng):
    """Pairs that lie near each other are connected, the nearer the more likely; weights hang on the distance."""
    distance = np.linalg.norm(pre[:, None, :] - post[None, :, :], axis=2)
    i, j = np.nonzero(rng.random(distance.shape) < np.exp(-distance / 100e-6))
    return i, j, {"w": 1e-3 * np.exp(-distance[i, j] / 100e-6)}


def test_a_connection_rule_in_python():
    def circuit(rule, **keys):
        E = pl.Population("E", model="lif_delta", size=16, positions={"grid": [4, 4], "spacing": "50 um"})
        F = pl.Population("F", model="lif_delta", size=5, positions={"x": {"distribution": "uniform", "low": "0 um", "high": "200 um"}, "y": "10 um"})
        return pl.Circuit(pl.Projection("EF", pre=E, post=F, synapse=RULE, connect=rule), seed=4, **keys)

    sim = circuit(near).build()
    distance = np.linalg.norm(sim.E.positions[sim.EF.i] - sim.F.positions[sim.EF.j], axis=1)
    assert sim.E.positions.shape == (16, 2) and 0 < sim.EF.size < 80 and np.allclose(sim.F.positions[:, 1], 10e-6)
    assert np.allclose(np.asarray(sim.EF.w), 1e-3 * np.exp(-distance / 100e-6), rtol=1e-6)
    same, other = circuit(near).build(), circuit(near).build(seed=5)
    assert np.array_equal(same.EF.i, sim.EF.i) and np.array_equal(same.EF.j, sim.EF.j)
    assert other.EF.size != sim.EF.size or not np.array_equal(other.EF.j, sim.EF.j)
    # In a loaded circuit, without positions.
    loaded = pl.Circuit.from_text("[population.G]\nmodel = \"lif_delta\"\nsize = 3\n")
    loaded.add(pl.Projection("GG", pre="G", post="G", synapse=RULE, connect=lambda pre, post, rng: (np.arange(len(pre)), np.roll(np.arange(len(post)), 1))))
    ring = loaded.build()
    assert ring.GG.i.tolist() == [0, 1, 2] and ring.GG.j.tolist() == [2, 0, 1] and ring.G.positions.shape == (3, 0)
    with pytest.raises(TypeError, match="must return"):
        circuit(lambda pre, post, rng: 3).build()
    with pytest.raises(ValueError, match="whole numbers"):
        circuit(lambda pre, post, rng: ([0.5], [1])).build()


def test_a_rule_in_python_is_saved_as_its_list(tmp_path):
    E = pl.Population("E", model="lif_delta", size=4)
    rule = pl.Projection("EE", pre=E, post=E, synapse=RULE, connect=lambda pre, post, rng: ([0, 1], [1, 2]))
    assert "a function" in str(rule)
    saved = pl.Circuit.load(pl.Circuit(rule).save(tmp_path)).build()
    assert saved.EE.i.tolist() == [0, 1] and saved.EE.j.tolist() == [1, 2]


def test_a_three_factor_rule_learns_to_balance_a_pole():
    """CartPole of Gymnasium: with dopamine the last attempts last longer than without, and than the first ones.

    Eight seeds, chosen before any was looked at (101 to 108). Without an effect each comparison of a pair comes out either way with the
    same probability, so that all eight in one direction happens by chance once in 256 (0.4 %), and for both once in 128 at most.
    """
    pytest.importorskip("gymnasium")
    import cartpole

    seeds = range(101, 109)
    learned = [cartpole.attempt(seed, True) for seed in seeds]
    untrained = [cartpole.attempt(seed, False) for seed in seeds]
    last = [np.mean(run[-20:]) for run in learned]
    assert all(a > b for a, b in zip(last, (np.mean(run[-20:]) for run in untrained), strict=True))
    assert all(a > b for a, b in zip(last, (np.mean(run[:20]) for run in learned), strict=True))
    assert np.mean(last) > 3 * np.mean([np.mean(run[-20:]) for run in untrained])
