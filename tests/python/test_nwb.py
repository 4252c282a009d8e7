"""Recordings as NWB: what pynwb reads back is what was recorded, and its validator has nothing to say."""

from datetime import UTC, datetime

import matplotlib
import numpy as np
import pynwb
import pytest
from circuits import plastic

import plastica as pl
from plastica._folder import _unit, recordings

matplotlib.use("Agg")
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def sim():
    return plastic().build().run("105 ms")


def faults(path):
    """What the validator says; its answer was a pair in pynwb 2."""
    found = pynwb.validate(path=str(path))
    return found[0] if isinstance(found, tuple) else found


def test_nothing_makes_no_file(tmp_path):
    with pytest.raises(ValueError, match="nothing is recorded"):
        pl.to_nwb({}, tmp_path / "empty.nwb")
    assert not (tmp_path / "empty.nwb").exists()


def test_a_file_is_read_back_as_it_was(sim, tmp_path):
    path = tmp_path / "run.nwb"
    pl.to_nwb(sim, path, start=START)
    assert faults(path) == []
    with pynwb.NWBHDF5IO(str(path), "r") as io:
        file = io.read()
        assert file.identifier == "plastic, seed 1" and file.session_start_time == START and file.notes == sim.text
        units, spikes = file.units.to_dataframe(), sim.recordings["spikes"]
        assert len(units) == 50 and set(units.population) == {"E"} and set(units.record) == {"spikes"}
        trains = spikes.trains()
        for neuron, times in zip(units.neuron, units.spike_times, strict=True):
            assert np.array_equal(times, trains.get(neuron, []))
        assert np.allclose(np.stack(units.obs_intervals)[:, 0], [0, 0.105])
        for name in ("v", "w"):
            series, kept = file.acquisition[name], sim.recordings[name]
            assert np.array_equal(series.data[:], kept.values) and series.unit == kept.unit == "volt"
            assert np.allclose(series.starting_time + np.arange(len(kept)) / series.rate, kept.t, rtol=0, atol=1e-12)
            elements = file.processing["elements"][name].to_dataframe()
            assert {column: elements[column].tolist() for column in elements} == {k: v.tolist() for k, v in kept.labels.items()}
        assert file.acquisition["rate"].unit == "hertz" and len(file.acquisition["rate"].data) == 10
        changes = file.processing["changes"]["changes"].to_dataframe()
        assert np.array_equal(changes.w, sim.recordings["changes"].values) and len(changes) > 0


def test_some_recordings_without_a_file(sim):
    file = pl.to_nwb({"v": sim.recordings["v"]}, start=START, identifier="mine", description="two neurons")
    assert (file.identifier, file.session_description, file.units) == ("mine", "two neurons", None)
    assert file.acquisition["v"].data.shape == (105, 2)


def test_a_single_sample_has_a_time_stamp(tmp_path):
    sim = plastic().build().run("0.5 ms")
    path = tmp_path / "short.nwb"
    pl.to_nwb(sim, path, start=START)
    assert faults(path) == []
    with pynwb.NWBHDF5IO(str(path), "r") as io:
        assert io.read().acquisition["v"].timestamps[:].tolist() == [0.0]


def test_the_folder_of_a_run_is_what_the_simulation_was(tmp_path):
    circuit = plastic(duration="100 ms")
    sim = circuit.build().run("100 ms")
    run = circuit.run(out=tmp_path / "run", progress=False)
    kept = recordings(run)
    assert list(kept) == list(sim.recordings)
    for name, mine in sim.recordings.items():
        own = kept[name]
        # The folder has the last bin of a rate as well, which a simulation shows once its next step has begun.
        rows = slice(len(mine)) if name == "rate" else slice(None)
        assert (type(own), own.owner, own.variable, own.unit, own.dt) == (type(mine), mine.owner, mine.variable, mine.unit, mine.dt)
        assert np.array_equal(own.t[rows], mine.t)
        for part in ("i", "step", "neurons", "synapse", "pre", "post", "bin"):
            assert np.array_equal(getattr(own, part, 0), getattr(mine, part, 0)), part
        for label, values in getattr(mine, "labels", {}).items():
            assert np.array_equal(own.labels[label], values), label
        if hasattr(mine, "values"):
            assert np.allclose(own.values[rows], mine.values, rtol=1e-6, atol=0)
        assert own.plot().has_data()
    path = tmp_path / "run.nwb"
    pl.to_nwb(run, path, start=START)
    assert faults(path) == []
    with pynwb.NWBHDF5IO(str(path), "r") as io:
        file = io.read()
        assert file.identifier == "plastic, seed 1" and len(file.units) == 50 and file.units["obs_intervals"][0][0, 1] == pytest.approx(0.1)


def test_the_unit_of_a_change_is_that_of_its_model():
    equations = "g = 2*w : siemens\nw : amp*second (constant)\ndz/dt = -z/(1*second) : mV\nu : 1"
    assert [_unit(equations, name) for name in ("w", "z", "u", "g")] == ["coulomb", "volt", "1", "siemens"]
