"""Recordings in the formats of others, and plots in one line."""

import matplotlib.pyplot
import numpy as np
import pytest
from circuits import plastic

import plastica as pl

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def sim():
    return plastic().build().run("105 ms")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    matplotlib.pyplot.close("all")


def test_spikes(sim):
    spikes = sim.recordings["spikes"]
    frame = spikes.to_pandas()
    assert list(frame.columns) == ["time_s", "neuron"] and len(frame) == sim.E.spike_count == len(spikes)
    assert np.array_equal(frame.time_s, spikes.step * 1e-4) and frame.time_s.is_monotonic_increasing
    segment = spikes.to_neo(until=0.105)
    assert len(segment.spiketrains) == 50 and sum(len(train) for train in segment.spiketrains) == len(spikes)
    first, times = next(iter(spikes.trains().items()))
    assert np.array_equal(segment.spiketrains[first].rescale("s").magnitude, times)
    t, rate = spikes.rate(bin=0.01, until=0.1)
    assert len(t) == 10 and rate.sum() * 0.01 * 50 == pytest.approx((spikes.t < 0.1).sum())


def test_series_of_neurons(sim):
    v = sim.recordings["v"]
    data = v.to_xarray()
    assert data.dims == ("time", "neuron") and data.attrs["units"] == "volt" and data.time.attrs["units"] == "s"
    assert data.neuron.values.tolist() == [0, 3] and data.shape == (105, 2)
    assert np.array_equal(data.sel(neuron=3), v.values[:, 1])
    assert v.to_pandas().loc[0.05, 3] == v.values[50, 1]
    signal = v.to_neo()
    assert signal.shape == (105, 2) and signal.sampling_period.rescale("ms").item() == pytest.approx(1.0)


def test_series_of_synapses(sim):
    w = sim.recordings["w"].to_xarray()
    assert w.dims == ("time", "synapse") and set(w.coords) == {"time", "synapse", "pre", "post"}
    assert np.array_equal(w.pre, sim.EE.i[::7]) and np.array_equal(w.post, sim.EE.j[::7])


def test_changes_of_synapses(sim):
    frame = sim.recordings["changes"].to_pandas()
    assert list(frame.columns) == ["time_s", "synapse", "pre", "post", "w"] and set(frame.synapse) == {0, 5}
    assert frame[frame.synapse == 5].w.iloc[-1] == sim.EE.w[5]


def test_a_rate_shows_the_bins_that_are_complete(sim):
    rate = sim.recordings["rate"]
    assert rate.to_xarray().sizes == {"time": 10} and rate.to_pandas().rate.tolist() == rate.values.tolist()
    signal = rate.to_neo()
    assert signal.shape == (10, 1) and str(signal.dimensionality) == "Hz" and float(signal.sampling_period) == pytest.approx(0.01) and signal[3, 0].item() == rate.values[3]
    spikes = sim.recordings["spikes"]
    assert rate.values[3] * 0.01 * 50 == pytest.approx(((spikes.step >= 300) & (spikes.step < 400)).sum())


def test_synapses_as_a_table(sim):
    frame = sim.EE.to_pandas()
    assert list(frame.columns) == ["pre", "post", "delay_s", "dendritic_delay_s", "w", "x", "y"] and len(frame) == len(sim.EE)
    assert np.array_equal(frame.w, sim.EE.w) and (frame.delay_s == 0.0015).all()


def test_every_plot_returns_its_axes(sim):
    for recording in sim.recordings.values():
        axes = recording.plot()
        assert axes.get_xlabel() == "time (s)" and axes.has_data()
    mine = matplotlib.pyplot.subplots()[1]
    assert sim.recordings["spikes"].plot(ax=mine) is mine
    assert len(mine.lines[0].get_xdata()) == sim.E.spike_count
    assert pl.plot.rates(sim.recordings["spikes"], bin=0.005).has_data()
    assert pl.plot.weight_matrix(sim.EE).images[0].get_array().shape == (50, 50)
    assert pl.plot.weight_histogram(sim.EE).get_xlabel() == "w (volt)"


def test_a_spike_timing_window_is_that_of_the_rule():
    window = pl.timing_window("stdp_additive", ["-20 ms", "-5 ms", "5 ms", "20 ms"], pairs=1)
    expected = [-0.00525 * np.exp(-1), -0.00525 * np.exp(-0.25), 0.005 * np.exp(-0.25), 0.005 * np.exp(-1)]
    np.testing.assert_allclose(window.change, expected, rtol=1e-12)
    before, after = window.plot(label="rule").lines[-2:]
    assert [before.get_xdata().tolist(), after.get_xdata().tolist()] == [[-20, -5], [5, 20]] and before.get_color() == after.get_color()
    assert list(window.to_pandas().columns) == ["timing_s", "before", "after"]
