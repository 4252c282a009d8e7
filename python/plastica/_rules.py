"""Connection rules written in Python: a function of where neurons are, and of random numbers, that gives pairs of neurons."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ._units import Floats

if TYPE_CHECKING:
    from ._circuit import Circuit


def connected(circuit: Circuit, name: str, table: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Columns of a connection list, from the function of a projection.

    The generator is keyed by the seed and the name of the projection, so that one projection does not hang on another.
    """
    rule = table["connect"]
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    found = rule(positions(circuit, table["pre"], seed), positions(circuit, table["post"], seed), rng)
    if not isinstance(found, tuple) or len(found) not in (2, 3):
        raise TypeError(f"the rule of the projection `{name}` must return (i, j), or (i, j, columns), but it returned a {type(found).__name__}")
    columns: Mapping[str, Any] = found[2] if len(found) == 3 else {}
    return {"pre": _neurons(found[0], name), "post": _neurons(found[1], name), **columns}


def positions(circuit: Circuit, population: str, seed: int) -> Floats:
    """Where the neurons of a population are, `[n_neurons, n_axes]`, metres; no axes where the text has no positions."""
    from ._circuit import Circuit as Made

    own = circuit.tables.get("population", {}).get(population)
    if own is None:
        raise ValueError(f"there is no population `{population}`; add it to the circuit first")
    # Positions are a function of seed and name, so that a circuit of this population alone has the same.
    alone = Made(paths=circuit._paths)
    alone._disk, alone._embedded = circuit._disk, circuit._embedded
    alone.tables = {kind: circuit.tables[kind] for kind in ("simulation", "neuron") if kind in circuit.tables} | {"population": {population: own}}
    return alone.build(threads=1, seed=seed).populations[population].positions


def _neurons(values: Any, name: str) -> Any:
    array = np.asarray(values)
    if array.ndim != 1 or not (array.size == 0 or np.issubdtype(array.dtype, np.integer)):
        raise ValueError(f"the rule of the projection `{name}` must return whole numbers `[n_synapses]`, not {array.dtype} of shape {array.shape}")
    return array.astype(np.int64, copy=False)
