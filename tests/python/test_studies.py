"""Studies as objects: their text, what they come to, their results as tables and arrays, branches, audits, interruptions."""

import copy
import pickle
import tomllib
from pathlib import Path

import numpy as np
import pytest
from nights import first_night

import plastica as pl

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    return first_night().run(out=tmp_path_factory.mktemp("night") / "run", progress=False)


def check_text(part, text):
    """A part prints itself so, and what is read from the text is the same again."""
    assert str(part) == text and type(part).from_text(text) == part
    assert tomllib.loads(text) == tomllib.loads(str(pl.Study.from_text(text)))


def test_every_part_of_a_study_prints_itself():
    ach, chain = pl.Modulator("ACh", initial=0.2), "chain"
    attend = pl.State("attend", modulators={ach: {"to": 0.3, "tau": "18 s"}}, freeze=[chain], inputs={"kicks": False}, projection={chain: {"eta": 0.1}})
    imagery = pl.Block("imagery", "imagery", task="sequence", state=attend, strength=0.7)
    check_text(ach, "[modulator.ACh]\ninitial = 0.2\n")
    check_text(
        attend,
        '[state.attend]\nmodulators = { ACh = { to = 0.3, tau = "18 s" } }\nfreeze = ["chain"]\ninputs = { kicks = false }\n'
        "projection = { chain = { eta = 0.1 } }\n",
    )
    check_text(imagery, '[block.imagery]\nkind = "imagery"\ntask = "sequence"\nstate = "attend"\nstrength = 0.7\n')
    check_text(pl.Task("grip", "force", targets=[10, 20], gain=0.5), '[task.grip]\nkind = "force"\ntargets = [10, 20]\ngain = 0.5\n')
    check_text(
        pl.Group("physical", subjects=12, programme=3 * imagery("15 s"), without=["sleep"]),
        '[[group]]\nname = "physical"\nsubjects = 12\nwithout = ["sleep"]\nprogramme = "3 x imagery 15 s"\n',
    )
    check_text(
        pl.Variation("eta", projection=chain, parameter="eta", factor={"distribution": "normal", "sd": 0.2}),
        '[variation.eta]\nprojection = "chain"\nparameter = "eta"\nfactor = { distribution = "normal", sd = 0.2 }\n',
    )
    check_text(
        pl.Measure("w", projection=chain, variable="w", from_={"value": "group"}, pick=[[1, 2]], after=[imagery]),
        '[measure.w]\nprojection = "chain"\nvariable = "w"\nfrom = { value = "group" }\npick = [[1, 2]]\nafter = ["imagery"]\n',
    )
    check_text(
        pl.Row("E21", quantity="gain", of="effect", with_={"a": {"group": "physical"}}, better="higher"),
        '[[row]]\nid = "E21"\nquantity = "gain"\nof = "effect"\nwith = { a = { group = "physical" } }\nbetter = "higher"\n',
    )
    check_text(pl.Figure("Weights", by="days", score="w"), '[[figure]]\ntitle = "Weights"\nby = "days"\nscore = "w"\n')


def test_a_word_that_python_does_not_know_is_passed_on():
    check = pl.Table("checkpoint", days=True)
    assert str(check) == "[checkpoint]\ndays = true\n"
    assert pl.Table.from_text(str(check)) == check and pl.Table.from_text(text := "[sweep.a]\nsubjects = 1\n") == pl.Table("sweep", "a", subjects=1)
    assert str(pl.Table.from_text(text)) == text
    assert str(pl.Table("without", "sleep", synapse={"chain": {"eta": 0}})) == "[without.sleep]\nsynapse = { chain = { eta = 0 } }\n"
    study = pl.Study(pl.Group("a", programme="rest 1 s", colour="red"), pl.Block("rest", "rest", colour="blue"), check, pl.Population("E", model="lif_delta", size=1))
    said = [d.underlined for d in study.check() if d.id == "unknown-key"]
    assert said == ["colour", "colour"]
    assert "[checkpoint]" in str(study)


@pytest.mark.parametrize(
    ("programme", "text"),
    [
        (lambda a, b: a + b, "a, b"),
        (lambda a, b: 60 * (a("15 s") + b("15 s")), "60 x (a 15 s, b 15 s)"),
        (lambda a, b: 5 * pl.day("24 h", a, 2 * b("5 min"), a.until("07:00")), "5 x day 24 h (a, 2 x b 5 min, a until 07:00)"),
        (lambda a, b: 2 * (3 * a), "2 x (3 x a)"),
        (lambda a, b: "rest 5 min" + b + "c, d", "rest 5 min, b, c, d"),
        (lambda a, b: 2 * pl.Programme("c, d"), "2 x (c, d)"),
        (lambda a, b: pl.Programme(a).lasting("2 h"), "a 2 h"),
    ],
)
def test_programmes_are_put_together(programme, text):
    made = programme(pl.Block("a", "rest"), pl.Block("b", "wake"))
    assert str(made) == text and made == text


def test_what_is_no_block_has_no_time():
    a = pl.Block("a", "rest")
    with pytest.raises(ValueError, match="only a block"):
        (a + a).until("07:00")
    with pytest.raises(ValueError, match="once at least"):
        0 * a


def test_a_study_of_objects_is_that_of_the_tutorial(lived):
    """The number that the tutorial prints for its text, and that Rust's own test holds."""
    [row] = lived.rows
    assert (row["verdict"], f"{row['simulated']:.2f}") == ("reproduced", "48.64")
    assert lived.report.is_file() and lived.faults == []
    assert lived.to_pandas().loc[0, "quantity"] == row["quantity"]
    again = pl.open_run(lived.folder)
    assert isinstance(again, pl.Results) and again.rows == lived.rows and 'name = "first-night"' in again.text


def test_a_study_comes_back_from_its_text():
    study = first_night()
    again = pl.Study.from_text(str(study))
    assert tomllib.loads(str(again)) == tomllib.loads(str(study)) and study.check() == []
    assert str(copy.deepcopy(study)) == str(pickle.loads(pickle.dumps(study))) == str(study)


def test_a_loaded_study_and_parts_are_mixed():
    study = pl.Study.from_text(str(first_night()))
    nap = pl.Block("nap", "nrem", state="dreaming")
    study.add(pl.Group("nappers", subjects=3, programme=nap("20 min") + "test"))
    study.put(pl.Group("wake", subjects=1, programme="test"))
    counts = study.count()
    assert counts.attrs["nappers"]["naps"] == 1 and counts.attrs["wake"]["subjects"] == 1
    assert list(counts[counts.group == "nappers"].block) == ["test", "nap"]
    with pytest.raises(ValueError, match="two different parts"):
        study.add(pl.Group("wake", subjects=2, programme="test"))


@pytest.mark.parametrize("name", ["five-finger", "sleep-gain"])
def test_a_study_of_the_library_is_loaded_and_changed(name):
    study = pl.Study.load(name)
    before = study.count()
    study.add(pl.Group("idle", subjects=2, programme=pl.Block("nothing", "wake", clock="slow")("1 h")))
    after = study.count()
    assert len(after) == len(before) + 1 and after.attrs["idle"]["length_s"] == 3600 and study.show().count("subjects") >= 2
    assert [d.id for d in study.check() if d.severity == "error"] == []


def test_a_programme_is_shown_and_counted():
    study = first_night()
    shown = study.show()
    assert shown.startswith("sleep: 5 subjects, 25 years") and "wake: 5 subjects" in shown
    counts = study.count().set_index(["group", "block"])
    assert counts.loc[("sleep", "night"), "length_s"] == 8 * 3600 and counts.loc[("wake", "test"), "times"] == 2
    about = counts.attrs["sleep"]
    assert (about["days"], about["nights"], about["length_s"]) == (2, 1, 48 * 3600)
    assert study.timeline()["sleep"][0] == ("wake", 0.0, 15 * 3600.0)
    with pytest.raises(ValueError, match="no group"):
        pl.Study(pl.Population("E", model="lif_delta", size=1), dt="1 ms").show()


def test_results_are_tables_and_arrays(lived):
    assert lived.tasks == ["pairs"]
    trials, blocks = lived.trials(), lived.blocks()
    assert set(trials.group) == {"sleep", "wake"} and set(trials.subject) == {1, 2, 3, 4, 5} and {"gain", "cue"} <= set(trials.columns)
    assert set(blocks.block) == {"wake", "practice", "test", "night"} and "rate_words_Hz" in blocks
    curve = lived.learning_curve("gain", block="test")
    assert curve.dims == ("group", "subject", "day") and curve.shape == (2, 5, 2)
    day = trials[(trials.block == "test") & (trials.day == 2) & (trials.group == "wake") & (trials.subject == 3)]
    assert float(curve.sel(group="wake", subject=3, day=2)) == pytest.approx(day.gain.mean())
    kept = (curve.sel(day=2) / curve.sel(day=1)).mean("subject")
    means = curve.mean("subject")
    row = 100 * float(means.sel(group="sleep", day=2) / means.sel(group="sleep", day=1) - means.sel(group="wake", day=2) / means.sel(group="wake", day=1))
    assert row == pytest.approx(lived.rows[0]["simulated"]) and kept.sel(group="sleep") > kept.sel(group="wake")
    assert lived.learning_curve("gain", by="trial").sizes["trial"] == trials.groupby(["group", "subject"]).size().max()
    weights = lived.measure("weights", block="test")
    assert {"group", "subject", "row", "column"} <= set(weights.dims)
    evening = weights.sel(group="sleep").isel({d: 0 for d in weights.dims if d in ("day", "nth")}).mean("subject")
    assert float(evening.sel(row=1, column=1)) > float(evening.sel(row=1, column=2))
    check_refused = [(lambda: lived.learning_curve("grain"), "no score"), (lambda: lived.trials("x"), "which task"), (lambda: lived.measure("x"), "no measure")]
    for use, said in check_refused:
        with pytest.raises(ValueError, match=said):
            use()


def test_plots_of_a_study(lived):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = pl.plot.learning_curve(lived, "gain", block="test")
    assert len(axes.lines) == 2 and len(axes.collections) == 2 and axes.get_legend() is not None
    axes = pl.plot.timeline(first_night())
    assert [label.get_text() for label in axes.get_yticklabels()] == ["sleep, day 1", "day 2", "wake, day 1", "day 2"]
    matplotlib.pyplot.close("all")


def test_another_future_from_the_same_past(lived, tmp_path):
    """Had the others slept, they would be as the sleepers are."""
    wake, night = pl.Block("wake", "wake", clock="slow"), first_night().tables["block"]["night"]
    slept = pl.Group("wake", programme=first_night().tables["group"][0]["programme"])
    assert night["kind"] == "nrem" and wake.table["clock"] == "slow"
    branch = lived.branch("day 1 23:00", slept, out=tmp_path / "branch", progress=False)
    assert f"{branch.rows[0]['simulated']:.2f}" == "0.00"
    sleep, woke = (branch.learning_curve("gain", block="test").sel(group=group) for group in ("sleep", "wake"))
    assert np.array_equal(sleep, woke)
    with pytest.raises(OSError, match="nearest borders"):
        lived.branch("30 h", slept, out=tmp_path / "never", progress=False)
    with pytest.raises(pl.ModelError, match="nonsense"):
        lived.branch("day 2", "[nonsense]\na = 1\n", out=tmp_path / "never", progress=False)


def test_a_single_subject_lives_as_in_the_study(lived, tmp_path):
    alone = first_night().run(out=tmp_path / "alone", subject=("wake", 2), progress=False)
    one = lived.trials()
    one = one[(one.group == "wake") & (one.subject == 2)].reset_index(drop=True)
    assert alone.trials().equals(one)


def test_values_are_set_and_words_laid_over(tmp_path):
    study = first_night(subjects=1)
    still = study.run(out=tmp_path / "still", set={"state.dreaming.population.reader.dreams": "0 Hz"}, progress=False)
    assert "0 Hz" in still.text and still.rows[0]["simulated"] == pytest.approx(0, abs=1e-6)
    study.add(pl.Table("without", "memory", projection={"memory": {"parameters": {"eta": 0}}}))
    forgot = study.run(out=tmp_path / "forgot", without="memory", progress=False)
    weights = forgot.measure("weights", block="test").sel(day=1)
    assert float(weights.max()) == pytest.approx(0.2, abs=1e-5)


def test_an_audit_compares_accelerated_and_exact(tmp_path):
    study = first_night()
    night = study.tables["block"]["night"]
    # A short night, so that the exact one is short too.
    night["sample"] = "2 s of 4 s"
    for group in study.tables["group"]:
        group["programme"] = "practice, test, night 8 s, test" if group["name"] == "sleep" else "practice, test, wake 8 s, test"
    study.tables["row"][0] |= {"with": {"se": {"group": "sleep", "nth": 1}, "sm": {"group": "sleep", "nth": 2}, "we": {"group": "wake", "nth": 1}, "wm": {"group": "wake", "nth": 2}}}
    audit = study.audit(1, out=tmp_path / "audit", progress=False)
    assert list(audit.id) == ["first-night"] and np.isfinite(audit[["accelerated", "exact"]].to_numpy(float)).all()
    accelerated, exact = (pl.open_run(tmp_path / "audit" / word).blocks().acceleration.max() for word in ("accelerated", "exact"))
    assert (accelerated, exact) == (2.0, 1.0)


def test_an_interrupted_study_goes_on(lived, tmp_path):
    def stop(what, done, total):
        if done > 0.3 * total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first_night().run(out=tmp_path / "run", threads=1, progress=stop)
    run = pl.open_run(tmp_path / "run")
    assert not isinstance(run, pl.Results)
    with pytest.raises(FileNotFoundError, match="has not come to its end"):
        run.blocks()
    resumed = run.resume(progress=False)
    assert resumed.trials().equals(lived.trials()) and resumed.rows[0]["simulated"] == lived.rows[0]["simulated"]


def test_the_circuit_of_a_study_is_run_by_hand():
    sim = first_night().build()
    assert sim.modulators["acceleration"] == 1.0
    sim.reader.drive[0] = 1.0
    sim.run("1 ms")
    sim.reader.drive = 0
    sim.run("20 ms")
    assert sim.words.spike_count > 0


def test_constants_are_calibrated_and_swept(tmp_path):
    study = first_night()
    [quantity] = [row["quantity"] for row in study.tables["row"]]
    eta = "projection.memory.parameters.eta"
    study.add(
        pl.Table("calibration", "eta", set=eta, from_=0.005, to=0.02, id="first-night", quantity=quantity, wanted=100, rounds=1, subjects=1),
        # No value of the interval gives this: the nearest is taken.
        pl.Table("calibration", "too-low", set=eta, from_=0.005, to=0.02, id="first-night", quantity=quantity, wanted=40, rounds=1, subjects=1),
        pl.Table("sweep", "rates", x={"set": eta, "values": [0.005, 0.02]}, y={"set": "projection.memory.parameters.w_0", "values": [0.2]}, subjects=1),
    )
    found = study.calibrate(out=tmp_path / "calibration", progress=False)
    assert found.loc[0, "calibration"] == "eta" and found.loc[0, "value"] == 0.0125 and found.loc[0, "runs"] == 3
    assert found.loc[1, "value"] == 0.02 and found.loc[1, "reached"] == found.loc[1, "at_to"] > 40
    table = study.sweep("rates", out=tmp_path / "sweep", progress=False)
    assert table[eta].tolist() == [0.005, 0.02] and np.isfinite(table.simulated).all() and (tmp_path / "sweep/report.html").is_file()
    with pytest.raises(OSError, match="did you mean `rates`"):
        study.sweep("rate", out=tmp_path / "none", progress=False)
