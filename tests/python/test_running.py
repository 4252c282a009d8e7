"""Running step by step: the same bits as at once, views, changes, copies, threads, Ctrl-C."""

import copy
import multiprocessing
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pint
import pytest
from circuits import RULE, plastic

import plastica as pl


def check_same(a, b):
    """Two simulations have the same state and have recorded the same, to the last bit."""
    one, two = a.state(), b.state()
    assert one["step"] == two["step"] and list(one["arrays"]) == list(two["arrays"])
    for name, values in one["arrays"].items():
        assert values.tobytes() == two["arrays"][name].tobytes(), name
    for x, y in zip(one["kept"], two["kept"], strict=True):
        assert all(p.tobytes() == q.tobytes() for p, q in zip(x, y, strict=True))


@pytest.mark.parametrize("precision", ["single", "double"])
def test_in_pieces_and_at_once_are_the_same(precision):
    circuit = plastic(precision=precision)
    whole, pieces = circuit.build().run("100 ms"), circuit.build()
    for duration in ["0.1 ms", "0.4 ms", "9.5 ms", "40 ms", "50 ms"]:
        pieces.run(duration)
        # Looking changes nothing.
        float(np.sum(pieces.EE.w)), pieces.E.v[0], pieces.EE.x[0], pieces.recordings["spikes"].t
    assert len(whole.recordings["spikes"]) > 100
    check_same(whole, pieces)


def test_threads_change_no_bit():
    circuit = plastic()
    check_same(circuit.build(threads=1).run("50 ms"), circuit.build(threads=3).run("50 ms"))


def test_it_is_what_the_command_line_computes(tmp_path):
    circuit = plastic(duration="100 ms")
    run = circuit.run(out=tmp_path / "run", progress=False)
    sim = circuit.build().run("100 ms")
    spikes = run.table("spikes")
    assert np.array_equal(spikes.time_s, sim.recordings["spikes"].t) and np.array_equal(spikes.neuron, sim.recordings["spikes"].i)
    assert np.array_equal(run.series("v").v, sim.recordings["v"].values.astype(np.float32))
    changes = run.table("changes")
    assert np.array_equal(changes.w, sim.recordings["changes"].values) and np.array_equal(changes.synapse, sim.recordings["changes"].synapse)
    assert sorted(run.names) == sorted(sim.recordings)


def test_changes_in_mid_run_are_heeded():
    changes = [pl.Change("stop", at="20 ms", freeze="EE"), pl.Change("strong", at="30 ms", population="E", parameters={"v_th": "15 mV"})]
    circuit = plastic(*changes)
    sim = circuit.build().run("20 ms")
    assert not sim.EE.frozen
    sim.run("1 ms")
    assert sim.EE.frozen and float(sim.E.v_th) == pytest.approx(0.020)
    before = np.array(sim.EE.w)
    sim.run("29 ms")
    assert np.array_equal(before, sim.EE.w) and float(sim.E.v_th) == pytest.approx(0.015)
    check_same(sim, circuit.build().run("50 ms"))


def test_by_hand_is_the_same_as_by_the_file():
    by_file = plastic(pl.Change("strong", at="30 ms", population="E", parameters={"v_th": "15 mV"})).build().run("50 ms")
    by_hand = plastic().build().run("30 ms")
    by_hand.E.v_th = "15 mV"
    by_hand.EE.freeze()
    by_hand.EE.release()
    by_hand.run("20 ms")
    check_same(by_file, by_hand)


def test_a_view_is_an_error_when_the_simulation_has_gone_on():
    sim = plastic().build()
    v, w = sim.E.v, sim.EE.w
    kept = np.array(v)
    assert np.array_equal(v, kept)
    sim.step()
    for use in [lambda: v[0], lambda: v + 1, lambda: np.asarray(w), lambda: len(w), lambda: w.mean(), lambda: w.__setitem__(0, 1.0)]:
        with pytest.raises(pl.StaleError, match="gone on"):
            use()
    assert "stale" in repr(v)
    assert sim.E.v[0] != kept[0]


def test_values_are_set_through_a_view():
    units = pint.UnitRegistry()
    sim = plastic(precision="double").build()
    w = sim.EE.w
    w[:] = 0.3e-3
    assert (w == 0.3e-3).all() and (sim.EE.w == 0.3e-3).all()
    w[sim.EE.i == 3] = "0.7 mV"
    assert set(np.unique(w).tolist()) == {0.3e-3, 0.7e-3}
    w[0] = 0.1 * units.mV
    assert w[0] == pytest.approx(1e-4, rel=1e-15)
    w *= 2
    assert sim.EE.w[0] == pytest.approx(2e-4, rel=1e-15)
    sim.E.v = np.linspace(0, 0.01, 50)
    sim.E.v += 1e-3
    assert sim.E.v[-1] == pytest.approx(0.011)
    sim.E.tau_m = "10 ms"
    assert float(sim.E.tau_m) == 0.01 and sim.E.tau_m.shape == ()
    sim.E["v"] = "3 mV"
    assert (sim.E["v"] == 3e-3).all() and len(sim.E) == sim.E.size == 50
    assert sim.E.v.quantity().check("[mass]*[length]**2/[time]**3/[current]")


def test_what_cannot_be_set_says_why():
    sim = plastic().build()

    def check_refused(error, match, do):
        with pytest.raises(error, match=match):
            do()

    check_refused(ValueError, "must be in volt, but it is in amp", lambda: setattr(sim.E, "v", "1 mA"))
    check_refused(ValueError, "finite", lambda: setattr(sim.E, "v", np.full(50, np.nan)))
    check_refused(ValueError, "broadcast", lambda: setattr(sim.E, "v", np.zeros(7)))
    check_refused(KeyError, "recorded are: ", lambda: sim.recordings["nothing"])
    check_refused(AttributeError, "did you mean `tau_m`", lambda: setattr(sim.E, "tau_n", 1))
    check_refused(AttributeError, "no population or projection `F`", lambda: sim.F)
    check_refused(AttributeError, "is a group", lambda: setattr(sim, "E", 1))
    check_refused(ValueError, "read-only", lambda: sim.E.v[:].__setitem__(0, 1.0))
    check_refused(TypeError, 'write "10 ms"', lambda: sim.run(10))
    check_refused(ValueError, "not a whole number", lambda: sim.run("0.15 ms"))
    check_refused(pl.ModelError, "\\^", lambda: sim.run("10 mss"))


def test_a_copy_goes_on_by_itself():
    sim = plastic().build().run("25 ms")
    for other in [sim.copy(), copy.copy(sim), copy.deepcopy(sim), pickle.loads(pickle.dumps(sim))]:
        check_same(sim, other)
        other.run("10 ms")
    assert sim.now == 250
    other.run("15 ms")
    check_same(other, plastic().build().run("50 ms"))


def test_a_frozen_copy_is_frozen():
    sim = plastic().build().run("5 ms")
    sim.EE.freeze()
    assert sim.copy().EE.frozen and not plastic().build().EE.frozen


def test_a_state_of_another_circuit_is_refused():
    with pytest.raises(pl.RunError, match="another circuit"):
        plastic().build().restore(plastic(size=51).build().state())


def _spikes(seed):
    return plastic(seed=seed).build().run("20 ms").spike_counts["E"]


def test_processes_and_joblib():
    expected = [_spikes(seed) for seed in (1, 2)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(_spikes, [1, 2]) == expected
    assert joblib.Parallel(n_jobs=2)(joblib.delayed(_spikes)(seed) for seed in (1, 2)) == expected


def test_threads_run_side_by_side():
    circuit = plastic()
    expected = [circuit.build(seed=seed).run("50 ms") for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda seed: circuit.build(seed=seed).run("50 ms"), range(4)))
    for a, b in zip(expected, found, strict=True):
        check_same(a, b)


def test_the_lock_of_the_interpreter_is_released():
    sim = plastic(size=300).build()
    stop = threading.Event()
    ticks = []

    def tick():
        while not stop.wait(0.001):
            ticks.append(sim)

    ticker = threading.Thread(target=tick)
    ticker.start()
    done = []
    busy = []
    runner = threading.Thread(target=lambda: done.append(sim.run("200 ms", progress=False)))
    runner.start()
    while runner.is_alive():
        try:
            sim.now
        except pl.RunError as error:
            busy.append(str(error))
        runner.join(0.001)
    stop.set()
    ticker.join()
    assert done and len(ticks) > 3
    # Looking into a simulation that runs elsewhere is refused, and does not wait.
    assert any("another thread" in message for message in busy)


INTERRUPTED = """
    import os, signal, sys, threading
    import numpy as np
    sys.path.insert(0, {tests!r})
    from circuits import plastic
    sim = plastic(size=400).build()
    threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    try:
        sim.run("1000 s")
        print("not interrupted")
    except KeyboardInterrupt:
        now = sim.now
        whole = plastic(size=400).build()
        whole.step(now)
        same = np.array_equal(sim.recordings["spikes"].step, whole.recordings["spikes"].step) and np.array_equal(sim.EE.w, whole.EE.w)
        sim.step()
        print("kept", now > 0, same, sim.now == now + 1)
"""


def test_ctrl_c_stops_at_a_step_and_keeps_everything(request):
    code = textwrap.dedent(INTERRUPTED).format(tests=str(request.path.parent))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout == "kept True True True\n", done.stderr


def test_ctrl_c_in_a_run_with_a_folder_leaves_a_checkpoint(tmp_path, request):
    code = textwrap.dedent("""
        import os, signal, sys, threading
        sys.path.insert(0, {tests!r})
        from circuits import plastic
        threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        plastic(size=400, duration="1000 s").run(out={out!r})
    """).format(tests=str(request.path.parent), out=str(tmp_path / "run"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode in (1, 130, -signal.SIGINT) and "KeyboardInterrupt" in done.stderr
    assert (tmp_path / "run" / "checkpoint.plastica").exists()
    assert len(pl.open_run(tmp_path / "run").table("spikes")) > 0


def test_progress_is_told_and_may_stop():
    told = []
    plastic().build().run("200 ms", progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (pytest.approx(0.2), pytest.approx(0.2)) and told == sorted(told)
    sim = plastic().build()
    seen = []

    def look(done, total):
        seen.append((sim.t, sim.E.v))
        assert sim.t == pytest.approx(done) and np.isfinite(seen[-1][1]).all()

    sim.run("300 ms", progress=look)
    assert len(seen) > 1
    with pytest.raises(pl.StaleError):
        seen[0][1].mean()
    sim = plastic().build()

    def stop(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sim.run("1 s", progress=stop)
    assert 0 < sim.now < 10_000


def test_a_bar_is_drawn_when_asked_for(capfd, monkeypatch):
    monkeypatch.setattr("plastica._progress._WAIT_S", 0.0)
    plastic().build().run("200 ms", progress=True)
    assert "simulated" in capfd.readouterr().err
    plastic().build().run("200 ms")
    assert capfd.readouterr().err == ""
    monkeypatch.setattr("plastica._progress._tqdm", lambda total, what: None)
    plastic().build().run("200 ms", progress=True)
    assert "plastic [####" in capfd.readouterr().err


def test_a_value_that_is_no_number_stops_the_run():
    explosive = pl.Neuron("explosive", equations="dv/dt = v**3/(ms*mV**2) : volt", threshold="v > 1e300*volt", reset="v = 0*mV")
    sim = pl.Circuit(pl.Population("E", model=explosive, size=2, initial={"v": "10 mV"})).build()
    with pytest.raises(pl.RunError, match="`v` of element 0"):
        sim.run("1 s")


def test_recordings_can_be_forgotten():
    sim = plastic().build().run("50 ms")
    sim.recordings.clear()
    assert len(sim.recordings["spikes"]) == 0
    sim.run("50 ms")
    assert sim.recordings["spikes"].t[0] >= 0.05 and sim.recordings["v"].t[0] == 0.05


def test_traces_are_read_but_not_frozen_in_time():
    times = np.array([0.001])
    S = pl.Population("S", spikes=(np.array([0]), times), size=1)
    E = pl.Population("E", model="lif_delta", size=1)
    sim = pl.Circuit(pl.Projection("SE", pre=S, post=E, synapse=RULE, connect="all_to_all"), precision="double").build()
    sim.run("1.1 ms")
    first = float(sim.SE.x[0])
    sim.run("20 ms")
    assert float(sim.SE.x[0]) == pytest.approx(first * np.exp(-1), rel=1e-9)


def test_a_timed_input_takes_arrays_with_units():
    P = pl.Population("P", model=pl.Neuron("cell", equations="I : amp"), size=3)
    nA = pint.UnitRegistry().nA

    def check(values, expected):
        stimulus = pl.Input("stimulus", population=P, timed={"variable": "I", "every": "1 ms", "values": values})
        sim = pl.Circuit(stimulus, dt="1 ms", precision="double").build()
        sim.run("2 ms")
        assert np.allclose(np.asarray(sim.P.I), expected, rtol=1e-12)

    check(["1 nA", "2 nA"], [2e-9] * 3)
    check(np.array([1e-9, 2e-9]), [2e-9] * 3)
    check(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) * nA, [4e-9, 5e-9, 6e-9])
