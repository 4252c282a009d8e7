"""Values where they lie: no copies of whole arrays, the precision of the engine, and nothing that outlives the moment."""

import gc

import numpy as np
import pytest
from circuits import plastic
from test_running import check_same

import plastica as pl


def place(view):
    """The address of the values in the engine, as a function that is called with them sees it."""
    return view._simulation._core.look([view._place], False, lambda array: array.ctypes.data)


@pytest.mark.parametrize(("precision", "dtype"), [("single", np.float32), ("double", np.float64)])
def test_values_have_the_precision_of_the_engine(precision, dtype):
    one, two = (plastic(precision=precision).build(threads=n).run("20 ms") for n in (1, 2))
    for sim in (one, two):
        assert sim.E.v.dtype == sim.EE.w.dtype == dtype
        # Parameters, and what is worked out, are computed in double precision.
        assert sim.E.tau_m.dtype == sim.EE.x.dtype == np.float64
    assert np.array_equal(one.EE.w, two.EE.w) and np.array_equal(one.E.v, two.E.v) and np.array_equal(one.EE.x, two.EE.x)


def test_values_are_read_where_they_lie():
    sim = plastic().build(threads=1).run("20 ms")
    assert sim.E.v._lies and sim.EE.w._lies and not sim.EE.x._lies and not sim.E.tau_m._lies
    assert not plastic().build(threads=2).E.v._lies
    before = place(sim.EE.w)
    sim.run("20 ms")
    sim.EE.w *= 0.5
    # The same memory, however long it runs and whatever is set.
    assert place(sim.EE.w) == before
    flags = sim._core.look([sim.EE.w._place], False, lambda array: (array.flags.owndata, array.flags.writeable))
    assert flags == (False, False)


def test_nothing_that_comes_out_lies_in_the_engine():
    sim = plastic().build(threads=1).run("20 ms")
    w = sim.EE.w
    inside = sim._core.look([w._place], False, lambda array: array)
    made = [w[2:9], w[::2], w[w > 0], w + 1, -w, w.T, w.reshape(1, -1), w.ravel(), w.real, np.asarray(w), np.sort(w), np.broadcast_to(w, (2, w.size)), w.copy()]
    for array in made:
        assert not np.shares_memory(array, inside) and array.dtype == np.float32
    for pieces in (np.split(w, [3]), np.atleast_1d(w, w), np.broadcast_arrays(w, 1.0), [w.flat[:3]], [w.view(np.int32)]):
        assert not any(np.shares_memory(piece, inside) for piece in pieces)
    with pytest.raises(ValueError, match="read-only"):
        w[:3][0] = 1.0


def test_an_array_that_was_smuggled_out_keeps_its_memory():
    sim = plastic().build(threads=1)
    inside = sim._core.look([sim.E.v._place], False, lambda array: array)
    del sim
    gc.collect()
    assert len(inside) == 50 and np.all(inside == 0)


def test_views_are_used_together():
    one, two = plastic().build(threads=1).run("20 ms"), plastic(size=50).build(threads=2).run("30 ms")
    w, x, other = (np.array(v) for v in (one.EE.w, one.EE.x, two.EE.w))
    assert np.array_equal(one.EE.w * one.EE.x + one.EE.w, w * x + w)
    assert np.array_equal(one.EE.w - two.EE.w, w - other) and np.array_equal(np.concatenate([one.EE.w, two.EE.w]), np.concatenate([w, other]))
    assert one.EE.w.mean() == w.mean() and np.median(one.EE.w) == np.median(w) and one.EE.w.dot(one.EE.w) == w.dot(w)
    assert np.array_equal(np.where(one.EE.w > two.EE.w, one.EE.w, two.EE.w), np.maximum(w, other))
    order = np.argsort(one.EE.w)
    assert np.array_equal(one.EE.w[order], np.sort(w)) and np.corrcoef(one.EE.w, two.EE.w).shape == (2, 2)
    one.E.v[:] = two.E.v
    one.E.v[one.E.v > 0.005] = 0.005
    assert np.array_equal(one.E.v, np.minimum(np.array(two.E.v), np.float32(0.005)))
    assert float(np.add(one.EE.w, 1, out=one.EE.w)[0]) == pytest.approx(1 + w[0])


def test_values_set_in_place_are_those_set_by_copies():
    """On one thread values are set where they lie, on two they are handed over: the same life follows."""
    one, two = (plastic().build(threads=n).run("20 ms") for n in (1, 2))
    rng = np.random.default_rng(1)
    for _ in range(3):
        # Too small for a normal number of single precision, which the engine does not keep.
        v, w = np.where(rng.random(50) < 0.5, 1e-40, rng.random(50) * 0.01), rng.random(one.EE.size) * 1e-3
        for sim in (one, two):
            sim.E.v = v
            sim.EE.w[:] = w
            sim.EE.w[sim.EE.i == 3] = "0.9 mV"
            sim.E.v[7] += 1e-3
            sim.run("10 ms")
    check_same(one, two)


def test_other_threads_find_it_busy_while_it_is_looked_at():
    sim = plastic().build(threads=1)

    def look(array):
        with pytest.raises(pl.RunError, match="another thread"):
            sim.step()
        return array.sum()

    assert sim._core.look([sim.E.v._place], False, look) == 0
    sim.step()


def test_a_view_knows_its_time():
    sim = plastic().build(threads=1)
    v, w = sim.E.v, sim.EE.w
    sim.run("1 ms")
    for use in (lambda: v.sum(), lambda: np.sum(w), lambda: v[1:3], lambda: w.dot(w), lambda: v.shape, lambda: float(v.mean()), lambda: w * sim.EE.w, lambda: v.T):
        with pytest.raises(pl.StaleError, match="take a new one"):
            use()


def test_synapses_that_come_and_go_are_counted_and_listed_anew():
    turning = pl.Synapse("turning", equations="w : 1", prune={"every": "2 ms", "where": "j == 1"})
    cell = pl.Neuron("cell", equations="x : 1")
    P = pl.Population("P", model=cell, size=4)
    PP = pl.Projection("PP", pre=P, post=P, synapse=turning, connect=([0, 0, 2], [1, 2, 1]), initial={"w": [1.0, 2.0, 3.0]})
    sim = pl.Circuit(PP, dt="1 ms").build()
    before, listed = sim.PP.w, sim.PP.j
    assert sim.PP.size == 3 and list(listed) == [1, 2, 1] and list(np.asarray(before)) == [1.0, 2.0, 3.0]
    sim.run("3 ms")
    assert sim.PP.size == 1 and list(sim.PP.j) == [2] and list(np.asarray(sim.PP.w)) == [2.0]
    with pytest.raises(pl.StaleError):
        np.asarray(before)
