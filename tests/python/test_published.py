"""Published examples give, spike for spike, what Brian2 found (`tests/reference/published`); Brian2 is not needed here."""

import csv
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "published"
sys.path.insert(0, str(FOLDER))
import compare  # noqa: E402


@pytest.mark.parametrize("name", compare.NAMES)
def test_spike_for_spike(name):
    expected = compare.load(name)
    assert sum(spikes.shape[1] for spikes in expected[0].values()) > 0
    assert compare.differences(compare.ours(name), expected) == []


def test_a_spike_that_moved_is_seen():
    spikes, weights = compare.load("song")
    moved = {"P": spikes["P"].copy()}
    moved["P"][1, 7] += 1
    [said] = compare.differences((moved, weights), (spikes, weights))
    assert "the first difference is spike 7" in said
    changed = {key: values * (1 + 1e-8) for key, values in weights.items()}
    [said] = compare.differences((spikes, changed), (spikes, weights))
    assert "relative difference" in said


def test_the_page_shows_every_example():
    page = (FOLDER.parents[2] / "docs/explanation/brian2-examples.md").read_text()
    noisy = list(csv.DictReader((FOLDER / "noisy.csv").open()))
    rows = [f"| {r['quantity']} | {r['plastica']} ± {r['plastica_sd']} | {r['brian2']} ± {r['brian2_sd']} | {r['agrees']} |" for r in noisy]
    assert [row for row in rows if row not in page] == []
    missing = [name for name in [*compare.NAMES, *(row["example"] for row in noisy)] if f"`{name}`" not in page]
    assert missing == []
