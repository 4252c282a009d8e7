"""The parts of a circuit. Each is a table of the experiment file with a name, and prints itself as that text.

The keys are those of the file (`docs/reference/experiment.md`); a key that a constructor does not name is passed on, so that a
mistyped one meets the same diagnostic as in a file.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _toml
from ._units import Quantity, as_text, has_unit, magnitude, to_si

Values: TypeAlias = Mapping[str, Quantity]
Column: TypeAlias = npt.NDArray[Any]
"""A column of float64, int64, int32 or uint32, `[n_elements]`."""


class Part:
    """A named table of a circuit. `str()` of it is its text."""

    kind: ClassVar[str]
    """First word of its header."""

    name: str
    """Second word of its header."""
    table: dict[str, Any]
    """Its keys; texts, numbers, lists, tables, arrays and quantities."""
    parts: tuple[Part, ...]
    """Other parts that it refers to, which come with it into a circuit."""

    listed: ClassVar[bool] = False
    """Is it one of a list, `[[kind]]`?"""

    def __init__(self, name: str, table: Mapping[str, Any], parts: Iterable[Any] = ()) -> None:
        self.name = name
        # A word that Python keeps for itself is given with `_` after it: `from_`, `with_`.
        self.table = {key.removesuffix("_"): _tidy(value) for key, value in table.items() if value is not None}
        # A part may stand anywhere in the table; its name is what is written.
        self.parts = tuple(dict.fromkeys([part for part in parts if isinstance(part, Part)] + list(_parts_in(self.table))))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The one part of this kind in a text of the language, such as a model file.

        Raises `ValueError` when there is none, or several, and `ModelError` when the text is no TOML.
        """
        from ._circuit import Circuit

        tables = Circuit.from_text(text).tables.get(cls.kind, {})
        named = [(str(table.get("name", "")), table) for table in tables] if isinstance(tables, list) else list(tables.items())
        if len(named) != 1:
            raise ValueError(f"there must be one [{cls.kind}.NAME] in the text, but there are {len(named)}")
        [(name, table)] = named
        part = cls.__new__(cls)
        Part.__init__(part, name, table)
        return part

    def __str__(self) -> str:
        return _toml.table(f"{self.kind}.{_toml.key(self.name)}", plain_table(self.table, Tables(f"{self.kind}-{self.name}")))

    def __repr__(self) -> str:
        return f"<plastica.{type(self).__name__} {self.name!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and (self.kind, self.name, str(self)) == (other.kind, other.name, str(other))

    def __hash__(self) -> int:
        return hash((self.kind, self.name))


class Neuron(Part):
    """A neuron model.

    - `equations`: one equation on each line, `dv/dt = (v_rest - v)/tau_m : volt`, in the syntax that Brian made common
    - `threshold`, `reset`, `refractory`: condition of a spike, statements at its end, a time or a condition
    - `parameters`, `initial`: values by name, such as `{"tau_m": "20 ms"}`
    - `method`: one of `exact`, `exponential_euler`, `rk4`, `heun`, `euler`, `euler_maruyama`, `stochastic_heun`; chosen unless said

    Source: the manual of the language, `docs/reference/language.md`.
    """

    kind = "neuron"

    def __init__(
        self,
        name: str,
        *,
        equations: str,
        threshold: str | None = None,
        reset: str | None = None,
        refractory: Quantity | None = None,
        method: str | None = None,
        parameters: Values | None = None,
        initial: Values | None = None,
        doc: str | None = None,
        source: str | None = None,
        **more: Any,
    ) -> None:
        table = {"doc": doc, "source": source, "equations": equations, "threshold": threshold, "reset": reset, "refractory": refractory}
        super().__init__(name, {**table, "method": method, "parameters": parameters, "initial": initial, **more})


class Synapse(Part):
    """A synapse model.

    - `equations`: its variables, such as `w : 1` and `dx/dt = -x/tau : 1 (event-driven)`
    - `on_pre`, `on_post`: statements that a spike runs, or a table of named pathways, each with `do` and perhaps `delay`
    - `on_interval`: a table with `every` and `do`, for a slow clock
    - `prune`, `grow`: tables of rules by which synapses go and come
    - `parameters`, `initial`, `method`: as for neurons

    Source: the manual of the language, `docs/reference/language.md`.
    """

    kind = "synapse"

    def __init__(
        self,
        name: str,
        *,
        equations: str | None = None,
        on_pre: str | Mapping[str, Any] | None = None,
        on_post: str | Mapping[str, Any] | None = None,
        on_interval: Mapping[str, Any] | None = None,
        method: str | None = None,
        parameters: Values | None = None,
        initial: Values | None = None,
        doc: str | None = None,
        source: str | None = None,
        **more: Any,
    ) -> None:
        table = {"doc": doc, "source": source, "equations": equations, "on_pre": on_pre, "on_post": on_post, "on_interval": on_interval}
        super().__init__(name, {**table, "method": method, "parameters": parameters, "initial": initial, **more})


class Population(Part):
    """Neurons of one model, or spikes at given times.

    - `model`: a `Neuron`, or the name of a model of the library or of the circuit
    - `spikes`: instead of a model, as in the file, or a pair `(neurons, times)` of arrays `[n_spikes]`, times with a unit or in seconds
    - `size`: number of neurons
    - `parameters`, `initial`: values by name: a quantity, a formula, a distribution, a list, or an array `[size]` with a unit or in SI units
    - `positions`: a grid, or arrays or formulas `x`, `y`, `z`
    """

    kind = "population"

    def __init__(
        self,
        name: str,
        *,
        model: Neuron | str | None = None,
        spikes: Any = None,
        size: int | None = None,
        parameters: Values | None = None,
        initial: Values | None = None,
        positions: Mapping[str, Any] | None = None,
        doc: str | None = None,
        **more: Any,
    ) -> None:
        if isinstance(spikes, tuple) and len(spikes) == 2:
            spikes = Listed({"neuron": spikes[0], "time_s": _one_kind(spikes[1])})
        table = {"doc": doc, "model": named(model), "spikes": spikes, "size": size, "parameters": parameters, "initial": initial}
        super().__init__(name, {**table, "positions": positions, **more}, [model])


class Projection(Part):
    """Synapses from one population to another.

    - `pre`, `post`: a `Population` or its name
    - `synapse`: a `Synapse`, or the name of a model of the library or of the circuit
    - `connect`: a rule as in the file, such as `"all_to_all"` or `{"rule": "probability", "p": 0.1}`, or a pair `(i, j)` of arrays
      `[n_synapses]` of presynaptic and postsynaptic neurons; then arrays `[n_synapses]` may stand under `initial`, `parameters` and as delays;
      or a function `rule(pre, post, rng)` of positions `[n_neurons, n_axes]` in metres (no axes without positions) and a generator of
      numpy, keyed by seed and name, that returns `(i, j)`, or `(i, j, {"w": weights})` with further columns
    - `delay` (axonal), `dendritic_delay`: a quantity, a formula, a distribution or an array
    - `autapses`, `multapses`: may a neuron connect to itself, may a pair have several synapses?

    An array has a unit of `pint` or Brian2, or is in SI units.
    """

    kind = "projection"

    def __init__(
        self,
        name: str,
        *,
        pre: Population | str,
        post: Population | str,
        synapse: Synapse | str,
        connect: Any,
        delay: Any = None,
        dendritic_delay: Any = None,
        autapses: bool | None = None,
        multapses: bool | None = None,
        parameters: Values | None = None,
        initial: Values | None = None,
        doc: str | None = None,
        **more: Any,
    ) -> None:
        table: dict[str, Any] = {"doc": doc, "pre": named(pre), "post": named(post), "synapse": named(synapse)}
        if isinstance(connect, tuple) and len(connect) == 2:
            connect = {"rule": "list", "file": Listed({"pre": connect[0], "post": connect[1]})}
        table |= {"connect": connect, "autapses": autapses, "multapses": multapses, "delay": delay, "dendritic_delay": dendritic_delay}
        super().__init__(name, {**table, "parameters": parameters, "initial": initial, **more}, [pre, post, synapse])


def _timed(timed: Values | None) -> Values | None:
    """An array of `values` as columns: one for all neurons, or one for each."""
    values: Any = (timed or {}).get("values")
    if timed is None or not hasattr(values, "ndim"):
        return timed
    columns = {"value": values} if values.ndim == 1 else {str(k): values[:, k] for k in range(values.shape[1])}
    return {**{k: v for k, v in timed.items() if k != "values"}, "file": Listed(columns)}


class Input(Part):
    """What acts on a population from outside: `poisson`, `current`, `timed` values, or statements `do` in each step.

    - `poisson`: `{"rate": "20 Hz", "weight": "1 mV", "variable": "v"}`
    - `current`: `{"variable": "I", "value": "5*pA*sin(2*pi*8*Hz*t)"}`
    - `timed`: `{"variable": "I", "every": "1 ms", "values": ["0 pA", "5 pA"]}`: one row after another; an array `[n_rows]` is for all neurons,
      `[n_rows, size]` for each, with a unit or in SI units
    """

    kind = "input"

    def __init__(
        self,
        name: str,
        *,
        population: Population | str,
        do: str | None = None,
        when: str | None = None,
        poisson: Values | None = None,
        current: Values | None = None,
        timed: Values | None = None,
        doc: str | None = None,
        **more: Any,
    ) -> None:
        table = {"doc": doc, "population": named(population), "do": do, "when": when, "poisson": poisson, "current": current}
        super().__init__(name, {**table, "timed": _timed(timed), **more}, [population])


class Record(Part):
    """What is kept of a run: `spikes` of a population, its `rate` in bins, or a `variable` of a `population` or a `projection`.

    - `neurons`: a list, an array, or a range `"0:100:10"`
    - `interval`: how often a variable is sampled; `"change"` keeps the changes of synapses
    - `every`, `synapses`: each so-many-th synapse, or these
    """

    kind = "record"

    def __init__(
        self,
        name: str,
        *,
        spikes: Population | str | None = None,
        rate: Population | str | None = None,
        bin: Quantity | None = None,
        population: Population | str | None = None,
        projection: Projection | str | None = None,
        variable: str | None = None,
        interval: Quantity | None = None,
        neurons: Iterable[int] | str | None = None,
        every: int | None = None,
        synapses: Iterable[int] | None = None,
        **more: Any,
    ) -> None:
        owners = {"spikes": named(spikes), "rate": named(rate), "population": named(population), "projection": named(projection)}
        # Arrays and ranges of numbers stand in the text itself.
        chosen = {key: which if which is None or isinstance(which, str) else [int(n) for n in which] for key, which in (("neurons", neurons), ("synapses", synapses))}
        table = {**owners, "variable": variable, "interval": interval, "bin": bin, "every": every, **chosen}
        super().__init__(name, {**table, **more}, [spikes, rate, population, projection])


class Change(Part):
    """What is done to the circuit in mid-run, at the start of the step `at`: `freeze` or `release` a projection, or give a population or
    projection other `parameters`."""

    kind = "change"

    def __init__(
        self,
        name: str,
        *,
        at: Quantity,
        freeze: Projection | str | None = None,
        release: Projection | str | None = None,
        population: Population | str | None = None,
        projection: Projection | str | None = None,
        parameters: Values | None = None,
        **more: Any,
    ) -> None:
        table = {"at": at, "freeze": named(freeze), "release": named(release), "population": named(population), "projection": named(projection)}
        super().__init__(name, {**table, "parameters": parameters, **more}, [freeze, release, population, projection])


def _parts_in(value: Any) -> Iterator[Part]:
    """The parts that stand somewhere in a value, as keys or as values."""
    if isinstance(value, Part):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _parts_in(key)
            yield from _parts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _parts_in(inner)


def _tidy(value: Any) -> Any:
    """A text of several lines without the margin that it has inside a script."""
    return textwrap.dedent(value).strip("\n") + "\n" if isinstance(value, str) and "\n" in value else value


def named(part: Part | str | None) -> str | None:
    """The name by which a text refers to a part."""
    return part.name if isinstance(part, Part) else part


class Listed:
    """Columns of numbers that a text names as a file, though they lie in memory."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.columns = dict(columns)


class Tables:
    """Collects the tables of a text while it is written: by path, columns of floats by name."""

    def __init__(self, owner: str, *, probe: bool = False) -> None:
        self.owner = owner
        self.probe = probe
        """Is one value with its unit to stand for each array, so that the unit is judged?"""
        self.columns: dict[str, list[tuple[str, Column]]] = {}
        self.units = False
        """Did an array with a unit occur?"""
        self.connected: Callable[[str, Mapping[str, Any]], dict[str, Any]] | None = None
        """Draws the connections of a projection whose rule is a function, from its name and its table."""

    def add(self, what: str, columns: Mapping[str, Any]) -> str:
        """Takes a table in; the path that stands for it."""
        path = f"{self.owner}{'-' if what else ''}{what}.csv"
        self.columns[path] = [(name, self._column(values)) for name, values in columns.items()]
        return path

    def _column(self, values: Any) -> Column:
        if has_unit(values):
            self.units = True
            values = magnitude(values)
        array = np.atleast_1d(np.asarray(values))
        if array.ndim != 1:
            raise ValueError(f"an array in {self.owner} has the shape {array.shape}; one with a value for each element is needed")
        return np.ascontiguousarray(array, dtype=array.dtype if array.dtype in (np.int64, np.int32, np.uint32) else np.float64)


def plain_table(table: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    """The table of a part as TOML has it. Arrays go into `tables`, and their paths stand for them; those of a projection with a
    connection list become columns of the list."""
    connect = table.get("connect")
    if callable(connect):
        if tables.connected is None:
            return {**plain_table({**table, "connect": ""}, tables), "connect": f"a function, {getattr(connect, '__name__', 'without a name')}"}
        name = tables.owner.removeprefix("projection-")
        connect = {"rule": "list", "file": Listed(tables.connected(name, table))}
        table = {**table, "connect": connect}
    if not (isinstance(connect, Mapping) and isinstance(connect.get("file"), Listed)):
        return {key: _plain(value, tables, key) for key, value in table.items() if value is not None}
    columns = dict(connect["file"].columns)

    def rest(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        out = {}
        for name, value in values.items():
            if _is_array(value) and not (tables.probe and has_unit(value)):
                columns[names.get(name, name)] = value
            else:
                out[name] = value
        return out

    delays = {"delay": "delay_s", "axonal_delay": "axonal_delay_s", "dendritic_delay": "dendritic_delay_s"}
    out = {key: value for key, value in table.items() if key not in delays}
    out |= rest({key: value for key, value in table.items() if key in delays and value is not None}, delays)
    for place in ("parameters", "initial"):
        if isinstance(table.get(place), Mapping):
            out[place] = rest(table[place], {}) or None
    out["connect"] = {**connect, "file": Listed(columns)}
    return {key: _plain(value, tables, key) for key, value in out.items() if value is not None}


def _plain(x: Any, tables: Tables, what: str) -> Any:
    if isinstance(x, Listed):
        return tables.add("" if what == "file" else what, x.columns)
    if isinstance(x, Part):
        return x.name
    if has_unit(x):
        if np.ndim(magnitude(x)) == 0:
            return as_text(x)
        tables.units = True
        if tables.probe and np.size(magnitude(x)):
            return as_text(x.flatten()[0])
        return {"file": tables.add(what, {what: x}), "column": what}
    if isinstance(x, np.ndarray) and x.ndim > 0:
        return {"file": tables.add(what, {what: x}), "column": what}
    if isinstance(x, Mapping):
        return {word: _plain(value, tables, word) for word, value in ((str(named(key)), value) for key, value in x.items()) if value is not None}
    if isinstance(x, list | tuple):
        return [_plain(value, tables, what) for value in x]
    return x.item() if isinstance(x, np.generic) else x


def _is_array(x: Any) -> bool:
    if has_unit(x):
        return bool(np.ndim(magnitude(x)) > 0)
    return isinstance(x, np.ndarray | list) and np.ndim(x) > 0


def _one_kind(values: Any) -> Any:
    """Times as one array: a list of texts or quantities becomes numbers in seconds."""
    if has_unit(values) or isinstance(values, np.ndarray):
        return values
    return np.array([to_si(v, "second") for v in values], dtype=np.float64)
