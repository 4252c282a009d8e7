"""Plots of studies: learning curves with their bands, and the timeline of a programme."""

import json

import matplotlib.pyplot
import numpy as np
import pandas as pd
import pytest

import plastica as pl
from plastica._learning import t_quantile

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture
def scores():
    """Three subjects a group on two days, two trials each; the means of `a` on day 1 are 1, 2, 3, and `b` is one subject."""
    rows = [("a", s, day, "test", s * day + d) for s in (1, 2, 3) for day in (1, 2) for d in (-0.5, 0.5)]
    rows += [("b", 1, day, "test", 5.0) for day in (1, 2)] + [("a", 1, 1, "practice", 100.0)]
    return pd.DataFrame(rows, columns=["group", "subject", "day", "block", "speed"])


@pytest.mark.parametrize(("confidence", "degrees", "expected"), [(0.95, 1, 12.7062), (0.95, 2, 4.30265), (0.95, 30, 2.04227), (0.99, 4, 4.60409), (0.5, 10, 0.69981)])
def test_quantiles_are_those_of_tables(confidence, degrees, expected):
    assert t_quantile(confidence, degrees) == pytest.approx(expected, rel=1e-5)


def test_a_learning_curve_is_the_mean_of_subjects_and_its_interval(scores):
    ax = pl.plot.learning_curve(scores, "speed", block="test")
    assert [line.get_label() for line in ax.lines] == ["a", "b"]
    assert np.array_equal(ax.lines[0].get_xydata(), [[1, 2], [2, 4]]) and np.array_equal(ax.lines[1].get_xydata(), [[1, 5], [2, 5]])
    [band] = ax.collections
    low, high = band.get_datalim(ax.transData).intervaly
    # On day 2 the means are 2, 4, 6: standard error 2/sqrt(3).
    assert (low, high) == pytest.approx((min(2 - 4.30265 / 3**0.5, 4 - 4.30265 * 2 / 3**0.5), 4 + 4.30265 * 2 / 3**0.5), rel=1e-5)


@pytest.mark.parametrize(("score", "keys"), [("pace", {}), ("speed", {"block": "tset"}), ("speed", {"by": "night"})])
def test_what_is_not_there_is_said(scores, score, keys):
    with pytest.raises(ValueError, match="there is no"):
        pl.plot.learning_curve(scores, score, **keys)


def test_a_learning_curve_by_trials(scores):
    named = scores.rename(columns={"speed": "speed_s"})
    ax = pl.plot.learning_curve(named, "speed", by="trial", block="test", statistic="median")
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3, 4] and ax.lines[0].get_ydata().tolist() == [1.5, 2.5, 3.5, 4.5]


def test_anything_that_has_a_timeline_is_drawn():
    class Plan:
        def timeline(self):
            return {"one": [("wake", 0.0, 7200.0)], "two": [("nrem", 0.0, 7200.0)]}

    ax = pl.plot.timeline(Plan())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one, day 1", "two, day 1"] and len(ax.patches) == 2


def study(folder, bars):
    (folder / "run.json").write_text("{}")
    (folder / "study.json").write_text(json.dumps({"groups": [{"name": "sleepers", "bars": bars}]}))
    return pl.open_run(folder)


def test_a_timeline_has_a_row_for_each_day(tmp_path):
    run = study(tmp_path, [["wake", 0.0, 54000.0], ["practice", 54000.0, 60.0], ["test", 54060.0, 60.0], ["nrem", 79200.0, 28800.0]])
    ax = pl.plot.timeline(run)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["sleepers, day 1", "day 2"]
    drawn = {(round(bar.get_y() + 0.4), round(bar.get_x(), 3), round(bar.get_width(), 3)) for bar in ax.patches}
    # The night goes on over midnight; what is short is drawn as five minutes, one after another.
    assert drawn == {(0, 0.0, 15.0), (0, 15.0, 0.083), (0, 15.083, 0.083), (0, 22.0, 2.0), (1, 0.0, 6.0)}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["wake", "practice", "test", "nrem"]


def test_a_run_without_a_study_has_no_timeline(tmp_path):
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(FileNotFoundError, match="is no study"):
        pl.plot.timeline(pl.open_run(tmp_path))
    with pytest.raises(ValueError, match="this run has none"):
        pl.plot.learning_curve(pl.open_run(tmp_path), "speed")
