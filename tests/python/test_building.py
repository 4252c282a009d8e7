"""Circuits from parts and from files: their text, their units, and what is said when they are wrong."""

import copy
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pint
import pytest
from circuits import RULE, plastic

import plastica as pl

ROOT = Path(__file__).resolve().parents[2]
units = pint.UnitRegistry()


class Foreign:
    """A quantity that offers what Brian2's do: an array in SI units, and powers of the base units."""

    class _Dimension:
        def __init__(self, powers):
            self._dims = powers

    def __init__(self, value, powers):
        self.value, self.dim = np.asarray(value, dtype=float), self._Dimension(powers)

    def __array__(self, dtype=None, copy=None):
        return self.value

    def flatten(self):
        return [Foreign(x, self.dim._dims) for x in self.value.ravel()]


VOLT = (2, 1, -3, -1, 0, 0, 0)


def check_error(circuit, *ids):
    """The circuit is refused with these diagnostics, when it is checked and when it is built."""
    found = pl.check(circuit)
    assert [d.id for d in found if d.severity == "error"] == list(ids)
    with pytest.raises(pl.ModelError) as caught:
        circuit.build()
    assert [d.id for d in caught.value.diagnostics if d.severity == "error"] == list(ids)
    return caught.value


def test_a_part_prints_itself():
    neuron = pl.Neuron("lif", equations="dv/dt = -v/tau : volt\n", threshold="v > v_th", reset="v = 0*mV", parameters={"tau": 20 * units.ms, "v_th": "10 mV"})
    text = '[neuron.lif]\nequations = """\ndv/dt = -v/tau : volt\n"""\nthreshold = "v > v_th"\nreset = "v = 0*mV"\nparameters = { tau = "20.0 ms", v_th = "10 mV" }\n'
    assert str(neuron) == text
    assert pl.Neuron.from_text(text) == neuron


def test_a_circuit_is_the_text_of_its_parts_and_back():
    circuit = plastic()
    again = pl.Circuit.from_text(str(circuit))
    assert str(again) == str(circuit)
    assert pl.check(again) == []


@pytest.mark.parametrize("name", pl.library("experiments"))
def test_every_experiment_of_the_library_survives(name):
    text = pl.show(name)
    assert tomllib.loads(str(pl.Circuit.from_text(text))) == tomllib.loads(text)


@pytest.mark.parametrize("text", ['a "quoted" word', "back\\slash", 'ends with "\nand "', '"""\n', "é µ\t", "two\nlines\n"])
def test_every_text_survives(text):
    circuit = pl.Circuit(doc=text)
    assert pl.Circuit.from_text(str(circuit)).tables["experiment"]["doc"] == text


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("10 ms", 0.01), (10 * units.ms, 0.01), (np.float64(0.01) * units.s, 0.01), (3 * units.ms, 0.003), (1 / (50 * units.Hz), 0.02), (Foreign(0.01, (0, 0, 1, 0, 0, 0, 0)), 0.01)],
)
def test_quantities_of_all_kinds_mean_the_same(value, seconds):
    E = pl.Population("E", model="lif_delta", size=1, parameters={"tau_m": value})
    assert float(pl.Circuit(E).build().E.tau_m) == seconds


@pytest.mark.parametrize(
    ("value", "text"),
    [(3 * units.nS, "3.0 nS"), (Foreign(0.05, VOLT), "0.05 volt"), (0.3 * units.m / units.s, "0.3*metre/second"), (1 / units.ms**2, "1000000.0*1/(second**2)"), (2 * units.dimensionless, 2.0)],
)
def test_quantities_as_text(value, text):
    assert pl.Population("E", model="m", size=1, parameters={"x": value}).table["parameters"]["x"] is value
    shown = str(pl.Population("E", model="m", size=1, parameters={"x": value})).split("x = ")[1].removesuffix(" }\n")
    assert shown == (f'"{text}"' if isinstance(text, str) else str(text))


@pytest.mark.parametrize("values", [np.array([0.0, 0.001, 0.0025]), np.array([0, 1, 2.5]) * units.mV, Foreign([0, 0.001, 0.0025], VOLT), ["0 mV", "1 mV", "2.5 mV"]])
def test_arrays_of_all_kinds_mean_the_same(values):
    sim = pl.Circuit(pl.Population("E", model="lif_delta", size=3, initial={"v": values}), precision="double").build()
    np.testing.assert_allclose(sim.E.v, [0, 0.001, 0.0025], rtol=1e-15)


def test_an_array_in_a_wrong_unit_is_a_diagnostic():
    E = pl.Population("E", model="lif_delta", size=3, initial={"v": np.ones(3) * units.mA})
    error = check_error(pl.Circuit(E), "unit-mismatch")
    assert "amp" in str(error) and "^^^" in str(error)


def test_an_array_in_a_wrong_unit_in_a_list_of_synapses_is_a_diagnostic():
    E = pl.Population("E", model="lif_delta", size=3)
    weights = np.ones(2) * units.mA
    check_error(pl.Circuit(pl.Projection("EE", pre=E, post=E, synapse=RULE, connect=([0, 1], [1, 2]), initial={"w": weights})), "unit-mismatch")


def test_a_list_of_synapses_comes_from_numpy_with_its_weights_and_delays():
    E = pl.Population("E", model="lif_delta", size=5)
    i, j = np.array([3, 0, 0]), np.array([1, 4, 2])
    w = np.array([1.0, 2.0, 3.0]) * units.mV
    circuit = pl.Circuit(pl.Projection("EE", pre=E, post=E, synapse=RULE, connect=(i, j), delay=np.array([1e-3, 2e-3, 3e-3]), initial={"w": w}), precision="double")
    sim = circuit.build()
    # In order of the engine: by source, then delay.
    assert sim.EE.i.tolist() == [0, 0, 3] and sim.EE.j.tolist() == [4, 2, 1]
    np.testing.assert_allclose(sim.EE.w, [0.002, 0.003, 0.001], rtol=1e-15)
    np.testing.assert_allclose(sim.EE.delay, [0.002, 0.003, 0.001], rtol=1e-15)
    matrix = sim.EE.matrix("w")
    assert matrix.shape == (5, 5) and matrix[3, 1] == sim.EE.w[2] and np.isnan(matrix[1, 1])


def test_spikes_come_from_numpy():
    times = np.array([0.0012, 0.0003]) * units.s
    circuit = pl.Circuit(pl.Population("S", spikes=(np.array([1, 0]), times), size=2), pl.Record("spikes", spikes="S"))
    spikes = circuit.build().run("2 ms").recordings["spikes"]
    assert spikes.step.tolist() == [3, 12] and spikes.i.tolist() == [0, 1]


def test_a_file_and_parts_are_mixed():
    circuit = pl.Circuit.load("balanced-plastic")
    population = next(iter(circuit.tables["population"]))
    circuit.add(pl.Record("mine", spikes=population))
    circuit.tables["population"][population]["doc"] = "changed"
    assert pl.check(circuit) == [] and "[record.mine]" in str(circuit)


def test_a_saved_circuit_is_the_same_circuit(tmp_path):
    E = pl.Population("E", model="lif_delta", size=4, initial={"v": np.array([0.1, 0.2, 0.3, 19.0]) * units.mV})
    EE = pl.Projection("EE", pre=E, post=E, synapse=RULE, connect=(np.array([0, 1]), np.array([2, 3])), initial={"w": np.array([1 / 3, 0.25]) * units.mV})
    circuit = pl.Circuit(EE, precision="double")
    path = circuit.save(tmp_path)
    again = pl.Circuit.load(path)
    assert str(again) == str(circuit)
    assert np.array_equal(again.build().EE.w, circuit.build().EE.w) and np.array_equal(again.build().E.v, circuit.build().E.v)


def test_a_run_of_a_circuit_keeps_its_arrays_beside_it(tmp_path):
    E = pl.Population("E", model="lif_delta", size=3, initial={"v": np.array([0.0, 1e-3, 19e-3])})
    EE = pl.Projection("EE", pre=E, post=E, synapse=RULE, connect=([0, 1], [1, 2]), initial={"w": np.array([1e-4, 2e-4])})
    run = pl.Circuit(EE, pl.Record("spikes", spikes=E), duration="5 ms").run(out=tmp_path / "run", progress=False)
    again = pl.Circuit.load(run.folder / "experiment.toml")
    np.testing.assert_allclose(again.build().EE.w, [1e-4, 2e-4], rtol=1e-6)


def test_an_array_of_a_wrong_shape_is_refused():
    E = pl.Population("E", model="lif_delta", size=4, initial={"v": np.zeros((2, 2))})
    with pytest.raises(ValueError, match="shape"):
        pl.Circuit(E).build()
    check_error(pl.Circuit(pl.Population("E", model="lif_delta", size=4, initial={"v": np.zeros(3)})), "wrong-length")


def test_two_parts_of_one_name_are_refused():
    circuit = pl.Circuit(pl.Population("E", model="lif_delta", size=4))
    circuit.add(pl.Population("E", model="lif_delta", size=4))
    with pytest.raises(ValueError, match=r"two different parts \[population.E\]"):
        circuit.add(pl.Population("E", model="lif_delta", size=5))


def test_diagnostics_underline_the_place_and_name_the_repair():
    bad = pl.Neuron("lif", equations="dv/dt = -v : volt", threshold="v > 1*mV", reset="v = 0*mV")
    error = check_error(pl.Circuit(pl.Population("E", model=bad, size=1)), "unit-mismatch")
    [found] = error.diagnostics
    assert (found.file, found.line, found.severity) == ("circuit", 2, "error")
    assert found.underlined == "-v" and found.help
    assert "^^" in str(error) and found.message in str(error) and str(found) in str(error)


def test_all_faults_are_found_at_once():
    check_error(pl.Circuit(pl.Population("E", model="lif_delt", size=1), pl.Population("F", model="lif_delta", sise=1)), "unknown-model", "missing-key", "unknown-key")


@pytest.mark.parametrize("read", [pl.Circuit.from_text, pl.Population.from_text])
def test_what_is_no_toml_is_a_diagnostic(read):
    with pytest.raises(pl.ModelError) as caught:
        read("[population.E]\nmodel = \n")
    assert [(d.id, d.line) for d in caught.value.diagnostics] == [("toml", 2)]


@pytest.mark.parametrize("which", [[0, 2, 4], np.arange(0, 6, 2), range(0, 6, 2), "0:6:2"])
def test_neurons_are_chosen_in_many_ways(which):
    E = pl.Population("E", model="lif_delta", size=6)
    sim = pl.Circuit(pl.Record("v", population=E, variable="v", interval="1 ms", neurons=which)).build().run("2 ms")
    assert sim.recordings["v"].labels["neuron"].tolist() == [0, 2, 4]


def test_texts_parts_and_names_can_be_checked_alone():
    assert pl.check("brunel-stdp") == [] and pl.check("vogels") == []
    assert pl.check(RULE) == []
    assert [d.id for d in pl.check("[neuron.x]\nequations = 'dv/dt = -v/tau : 1'\n")] != []
    with pytest.raises(FileNotFoundError, match="brunel-stdp"):
        pl.check("brunel-sdtp")


def test_a_circuit_in_the_hand_needs_nobody_who_lives_through_it():
    circuit = plastic()
    circuit.add(pl.Modulator("DA", initial=0.2))
    assert [d for d in circuit.check() if d.severity == "error"] == []
    circuit.build()


def test_the_library_is_listed_and_shown():
    assert "vogels" in pl.library("synapses") and "lif_delta" in pl.library("neurons") and "ltp-ltd" in pl.library("experiments")
    assert pl.show("vogels") == (ROOT / "models/synapses/vogels.toml").read_text()
    with pytest.raises(ValueError, match="experiments"):
        pl.library("rules")


def test_how_it_is_computed_is_explained():
    assert "exact" in plastic().explain()
    assert "on_pre" in plastic().explain(kernels=True)


def test_circuits_are_copied_and_pickled():
    circuit = plastic()
    assert str(copy.deepcopy(circuit)) == str(circuit) == str(pickle.loads(pickle.dumps(circuit)))


def test_the_package_brings_the_command():
    program = Path(sys.executable).parent / "plastica"
    done = subprocess.run([program, "check", "no-such"], capture_output=True, text=True)
    assert done.returncode == 2 and "there is no file" in done.stderr
    assert subprocess.run([program, "--version"], capture_output=True, text=True).stdout == f"plastica {pl.__version__}\n"


def test_the_types_are_complete():
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
