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


def test_a_killed_run_is_readable(killed_run):
    spikes = pd.read_parquet(killed_run / "spikes_E")
    assert len(spikes) > 0
    assert np.array_equal(spikes.time_s, np.arange(len(spikes)) * 0.001)
    for name, variable in [("E_v", "v"), ("EE_w", "w"), ("E_rate", "rate"), ("E_count", "count")]:
        data = xr.open_zarr(killed_run / f"{name}.zarr")
        assert data.sizes["time"] > 0
        assert np.array_equal(data.time, np.arange(data.sizes["time"]) * 0.001)
        assert not np.isnan(data[variable].values).any()


def test_every_part_of_a_killed_run_is_closed(killed_run):
    parts = sorted(killed_run.glob("*/part-*.parquet"))
    assert parts
    for part in parts:
        assert pq.ParquetFile(part).metadata.num_columns in (2, 4)


def test_a_list_of_connections_from_pandas_is_read(columns, tmp_path):
    frame = pd.DataFrame(
        {
            "pre": np.array([0, 1, 4_000_000_000], dtype=np.uint32),
            "post": np.array([2, -1, 7], dtype=np.int16),
            "weight": [0.1, np.nan, 1e-300],
            "delay": pd.array([1, None, 3], dtype="Int64"),
            "plastic": [True, False, True],
            "single": np.array([0.5, 0.25, 0.1], dtype=np.float32),
            "label": ["a", "b", "c"],
            "when": pd.to_datetime(["2020-01-01"] * 3),
        }
    )
    frame.to_parquet(tmp_path / "list.parquet")
    status, found, _ = columns(tmp_path / "list.parquet")
    assert status == 0
    # JSON has no NaN: a missing value comes as null here.
    assert found == {
        "pre": [0, 1, 4_000_000_000],
        "post": [2, -1, 7],
        "weight": [0.1, None, 1e-300],
        "delay": [1, None, 3],
        "plastic": [1, 0, 1],
        "single": [0.5, 0.25, float(np.float32(0.1))],
    }


def test_a_long_list_in_several_row_groups_is_read(columns, tmp_path):
    frame = pd.DataFrame({"pre": np.arange(200_000) % 1000, "weight": np.linspace(0, 1, 200_000)})
    frame.to_parquet(tmp_path / "long.parquet", row_group_size=70_000)
    _, found, _ = columns(tmp_path / "long.parquet")
    assert np.array_equal(found["pre"], frame.pre)
    assert np.array_equal(found["weight"], frame.weight)


@pytest.mark.parametrize("compression", ["zstd", "gzip", "brotli"])
def test_a_compression_that_is_not_known_is_an_error_with_a_reason(columns, tmp_path, compression):
    pd.DataFrame({"pre": [1, 2]}).to_parquet(tmp_path / "list.parquet", compression=compression)
    status, found, message = columns(tmp_path / "list.parquet")
    assert (status, found) == (1, {})
    assert compression in message.lower()


def test_what_is_no_parquet_is_an_error_with_the_path(columns, tmp_path):
    (tmp_path / "list.parquet").write_text("pre,post\n0,1\n")
    status, _, message = columns(tmp_path / "list.parquet")
    assert status == 1
    assert str(tmp_path / "list.parquet") in message
