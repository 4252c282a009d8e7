"""A run's folder opens directly in pandas and xarray: whole, and after the process was killed."""

import json
import warnings

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr
import zarr

SAMPLES = 10_000


def test_run_json_says_what_was_run(run):
    assert json.loads((run / "run.json").read_text())["seed"] == 42


def test_spikes_are_a_data_frame(run):
    spikes = pd.read_parquet(run / "spikes_E")
    assert list(spikes.columns) == ["time_s", "neuron"]
    assert spikes.dtypes.tolist() == [np.float64, np.int64]
    assert np.array_equal(spikes.time_s, np.arange(SAMPLES) * 0.001)
    assert np.array_equal(spikes.neuron, np.arange(SAMPLES) % 5)


def test_changed_weights_are_a_data_frame(run):
    weights = pd.read_parquet(run / "weights_EE")
    assert list(weights.columns) == ["time_s", "pre", "post", "value"]
    assert len(weights) == SAMPLES // 100
    assert weights.value.iloc[-1] == 0.1 + 1e-5 * 9900


def test_a_table_without_rows_opens(run):
    silent = pd.read_parquet(run / "silent")
    assert list(silent.columns) == ["time_s", "neuron"]
    assert len(silent) == 0


@pytest.mark.parametrize("consolidated", [None, True, False])
def test_membrane_potentials_are_a_dataset(run, consolidated):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = xr.open_zarr(run / "E_v.zarr", consolidated=consolidated)
    v = data.v
    assert v.dims == ("time", "neuron")
    assert v.dtype == np.float64
    assert v.attrs["units"] == "V"
    assert data.time.attrs["units"] == "s"
    assert np.array_equal(data.neuron, [0, 10, 20, 30, 40])
    steps, neurons = np.meshgrid(np.arange(SAMPLES), np.arange(5), indexing="ij")
    assert np.array_equal(v.values, -0.07 + 0.001 * neurons + 1e-6 * steps)
    assert v.sel(neuron=20).sel(time=1.5, method="nearest").item() == -0.07 + 0.001 * 2 + 1e-6 * 1500


def test_weights_know_their_synapses(run):
    w = xr.open_zarr(run / "EE_w.zarr").w
    assert w.dims == ("time", "synapse")
    assert w.dtype == np.float32
    assert set(w.coords) == {"time", "pre", "post"}
    assert w.where(w.pre == 3, drop=True).values.shape == (SAMPLES, 1)


def test_a_rate_has_time_alone(run):
    rate = xr.open_zarr(run / "E_rate.zarr").rate
    assert rate.dims == ("time",)
    assert rate.values[-1] == 5.0 + (SAMPLES - 1) * 0.001


def test_counts_are_integers(run):
    count = xr.open_zarr(run / "E_count.zarr")["count"]
    assert count.dtype == np.int64
    assert np.array_equal(count, np.arange(SAMPLES))


def test_zarr_alone_reads_the_array(run):
    assert zarr.open_array(run / "E_v.zarr" / "v", mode="r").shape == (SAMPLES, 5)


def test_a_killed_run_is_readable_up_to_its_flush(killed_run):
    spikes = pd.read_parquet(killed_run / "spikes_E")
    assert np.array_equal(spikes.time_s, np.arange(SAMPLES // 2 + 1) * 0.001)
    data = xr.open_zarr(killed_run / "E_v.zarr")
    assert data.sizes["time"] >= SAMPLES // 2 + 1
    assert np.array_equal(data.time, np.arange(data.sizes["time"]) * 0.001)
    assert not np.isnan(data.v.values).any()


def test_every_part_is_closed(killed_run):
    parts = sorted(killed_run.glob("*/part-*.parquet"))
    assert parts
    for part in parts:
        assert pq.ParquetFile(part).metadata.num_columns in (2, 4)
