"""A circuit: parts put together, or read from a file, or both; checked, saved, built, run."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from . import _plastica, _toml
from ._errors import Diagnostic, ModelError, diagnostics
from ._parts import Column, Part, Tables, plain_table
from ._units import Quantity

if TYPE_CHECKING:
    from ._experiments import Results
    from ._simulation import Simulation

# Parts are written in this order, which is that of the manual; a part that refers to another comes after it.
_ORDER = (
    *("neuron", "synapse", "population", "projection", "input", "record", "change"),
    *("modulator", "state", "task", "block", "study", "group", "variation", "measure", "row", "figure"),
)


@dataclass
class Given:
    """A text with all that belongs to it, as the compiled half takes it."""

    name: str
    text: str
    disk: str | None = None
    embedded: str | None = None
    tables: dict[str, list[tuple[str, Column]]] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)


def opened(what: str | Path, paths: Iterable[str | Path] = ()) -> Given:
    """A file, or an experiment or a model by name. Raises `FileNotFoundError`, naming the nearest known name."""
    folders = [str(path) for path in paths]
    name, text, disk, embedded = _plastica.open_named(str(what), folders)
    return Given(name, text, None if disk is None else str(disk), embedded, {}, folders)


class Circuit:
    """Populations, projections, inputs, records and their models, with step, seed and precision.

    Parts come with all that they refer to: a `Projection` brings its populations and models. `str()` of a circuit is the experiment file.

    - `dt`: the step, 0.1 ms unless said
    - `duration`: length of `Circuit.run`; `build` needs none
    - `seed`: of all random numbers, 1 unless said
    - `precision`: `"single"` unless said, or `"double"`
    - `paths`: folders with models, searched before the library

    ```python
    import plastica

    circuit = plastica.Circuit(plastica.Population("E", model="lif_delta", size=10), dt="0.1 ms")
    simulation = circuit.build()
    simulation.run("10 ms")
    ```
    """

    tables: dict[str, Any]
    """The tables of the file: kind, then name, then key; `group`, `row` and `figure` are lists. They may be changed before it is built."""

    def __init__(
        self,
        *parts: Part | Iterable[Part],
        dt: Quantity | None = None,
        duration: Quantity | None = None,
        seed: int | None = None,
        precision: str | None = None,
        threads: int | None = None,
        name: str | None = None,
        doc: str | None = None,
        source: str | None = None,
        paths: Iterable[str | Path] = (),
    ) -> None:
        self.tables = {}
        self._disk: str | None = None
        self._embedded: str | None = None
        self._paths = [str(path) for path in paths]
        self._set("experiment", {"name": name, "doc": doc, "source": source})
        self._set("simulation", {"dt": dt, "duration": duration, "seed": seed, "precision": precision, "threads": threads})
        self.add(*parts)

    def _set(self, kind: str, values: Mapping[str, Any]) -> None:
        given = {key: value for key, value in values.items() if value is not None}
        if given:
            self.tables.setdefault(kind, {}).update(given)

    @classmethod
    def load(cls, what: str | Path, *, paths: Iterable[str | Path] = ()) -> Self:
        """Reads an experiment: a file, a folder with `experiment.toml`, or a name of the library.

        Raises `FileNotFoundError`, naming the nearest known name, and `ModelError` when the file is no TOML.
        """
        circuit = cls(paths=paths)
        given = opened(what, circuit._paths)
        circuit._disk, circuit._embedded = given.disk, given.embedded
        return circuit._read(given.text, given.name)

    @classmethod
    def from_text(cls, text: str, *, folder: str | Path | None = None, paths: Iterable[str | Path] = ()) -> Self:
        """Reads an experiment from its text. `folder` is where files that it names lie.

        Raises `ModelError` when it is no TOML.
        """
        circuit = cls(paths=paths)
        circuit._disk = None if folder is None else str(folder)
        return circuit._read(text, "text")

    def _read(self, text: str, name: str) -> Self:
        try:
            self.tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            # The compiled half says it with the place underlined; what else it misses in the torn text is no news.
            found = [d for d in _plastica.check(Given(name, text), False) if d["id"] == "toml"]
            raise ModelError("\n\n".join(d["text"] for d in found) or str(error), found) from None
        return self

    def add(self, *parts: Part | Iterable[Part]) -> Self:
        """Takes parts in, with all that they refer to.

        Raises `ValueError` when another part of the same kind has the name already.
        """
        for part in parts:
            if isinstance(part, Part):
                self._add(part)
            else:
                self.add(*part)
        return self

    def _add(self, part: Part) -> None:
        for other in part.parts:
            self._add(other)
        if part.listed:
            there = self.tables.setdefault(part.kind, [])
            alike = [table for table in there if part.name and table.get("name") == part.name]
            same = any(table is part.table or _like(part, table) for table in there)
        else:
            there = self.tables.setdefault(part.kind, {})
            alike = [there[part.name]] if part.name in there else []
            same = bool(alike) and (alike[0] is part.table or _like(part, alike[0]))
        if same:
            return
        if alike:
            raise ValueError(f"there are two different parts [{part.kind}.{part.name}]; give one of them another name, or put it in place of the other: .put")
        if part.listed:
            there.append(part.table)
        elif part.name:
            there[part.name] = part.table
        else:
            there.update(part.table)

    def put(self, *parts: Part) -> Self:
        """Takes parts in, as `add` does, in place of those of the same kind and name; for what was loaded from a file."""
        for part in parts:
            there = self.tables.get(part.kind, {})
            if isinstance(there, list):
                there[:] = [table for table in there if not part.name or table.get("name") != part.name]
            else:
                there.pop(part.name, None)
            self.add(part)
        return self

    def _text(self, *, probe: bool = False, seed: int | None = None) -> tuple[str, Tables]:
        tables = Tables("", probe=probe)
        tables.connected = lambda name, table: self._connected(name, table, seed)
        out = []
        for kind in ("experiment", "simulation"):
            if kind in self.tables:
                out.append(_toml.table(kind, plain_table(self.tables[kind], tables)))
        known = [kind for kind in _ORDER if kind in self.tables]
        rest = [kind for kind in self.tables if kind not in (*_ORDER, "experiment", "simulation")]
        for kind in known + rest:
            body = self.tables[kind]
            if isinstance(body, list) and body and all(isinstance(table, Mapping) for table in body):
                for number, table in enumerate(body):
                    tables.owner = f"{kind}-{table.get('name', number)}"
                    out.append(_toml.listed(kind, plain_table(table, tables)))
            elif not isinstance(body, Mapping):
                out.insert(0, f"{_toml.key(kind)} = {_toml.value(body)}\n")
            elif all(isinstance(table, Mapping) for table in body.values()):
                for name, table in body.items():
                    tables.owner = f"{kind}-{name}"
                    out.append(_toml.table(f"{_toml.key(kind)}.{_toml.key(name)}", plain_table(table, tables)))
            else:
                tables.owner = kind
                out.append(_toml.table(_toml.key(kind), plain_table(body, tables)))
        return "\n".join(out), tables

    def _connected(self, name: str, table: Mapping[str, Any], seed: int | None) -> dict[str, Any]:
        """The columns of a projection whose connections a function draws."""
        from ._rules import connected

        own: dict[str, Any] = self.tables.get("simulation", {})
        return connected(self, name, table, int(own.get("seed", 1)) if seed is None else seed)

    def _given(self, *, probe: bool = False, seed: int | None = None) -> tuple[Given, bool]:
        text, tables = self._text(probe=probe, seed=seed)
        name = str(self.tables.get("experiment", {}).get("name", "circuit"))
        return Given(name, text, self._disk, self._embedded, tables.columns, list(self._paths)), tables.units

    def __str__(self) -> str:
        return self._text()[0]

    def __repr__(self) -> str:
        counts = [f"{len(self.tables[kind])} {kind}s" for kind in ("population", "projection", "input") if kind in self.tables]
        return f"<plastica.Circuit of {', '.join(counts) or 'nothing'}>"

    def save(self, folder: str | Path) -> Path:
        """Writes `experiment.toml` and the arrays beside it as CSV files, so that `plastica run` can run it; the path of the file."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        text, tables = self._text()
        for path, columns in tables.columns.items():
            rows = zip(*(values.tolist() for _, values in columns), strict=True)
            lines = [",".join(name for name, _ in columns), *(",".join(map(_cell, row)) for row in rows)]
            (folder / path).write_text("\n".join(lines) + "\n", encoding="utf-8")
        out = folder / "experiment.toml"
        out.write_text(text, encoding="utf-8")
        return out

    def check(self) -> list[Diagnostic]:
        """All that is wrong with the circuit, without running it; empty when there is nothing. Warnings are among it.

        That it has no duration is not among it, for `build` needs none.
        """
        return [d for given in self._to_check() for d in diagnostics(_plastica.check(given, True))]

    def _to_check(self) -> list[Given]:
        """The text, and once more with one value and its unit for each array that has a unit, which is so judged too."""
        given, units = self._given()
        if not units:
            return [given]
        probe = self._given(probe=True)[0]
        return [probe] if any(d["severity"] == "error" for d in _plastica.check(probe, True)) else [given]

    def explain(self, *, kernels: bool = False) -> str:
        """How each model will be computed, and why; with `kernels`, what it is compiled to. Raises `ModelError`."""
        return _plastica.explain(self._given()[0], kernels, True)

    def build(self, *, threads: int | None = None, seed: int | None = None) -> Simulation:
        """Draws the circuit; a `Simulation` that stands at time 0.

        - `threads`: results do not depend on it; small circuits take one unless said, others one for each core
        - `seed`: instead of the circuit's

        Raises `ModelError` with everything that is wrong.
        """
        from ._simulation import Simulation

        given, units = self._given(seed=seed)
        if units:
            # Columns have no units, so that those of the arrays are judged apart.
            probe = self._given(probe=True)[0]
            found = [d for d in _plastica.check(probe, True) if d["severity"] == "error"]
            if found:
                raise ModelError("\n\n".join(d["text"] for d in found), found)
        return Simulation(given, threads=threads, seed=seed)

    def run(
        self,
        *,
        out: str | Path | None = None,
        threads: int | None = None,
        seed: int | None = None,
        full: bool = False,
        exact: bool = False,
        without: str | Iterable[str] = (),
        subject: tuple[str, int] | None = None,
        set: Mapping[str, Any] | None = None,
        progress: bool | Callable[[str, float, float], object] | None = None,
    ) -> Results:
        """Runs the whole experiment as `plastica run` does, and leaves a folder of results; see `plastica.run`."""
        from ._experiments import how, run_given

        return run_given(self._given(seed=seed)[0], how(out, threads, seed, full, exact, without, subject, set), progress)


def _like(part: Part, table: Mapping[str, Any]) -> bool:
    """Does a part say the same as a table of its kind?"""
    known = copy(part)
    known.table = dict(table)
    return str(known) == str(part)


def _cell(x: float) -> str:
    return str(int(x)) if x == int(x) and abs(x) < 2**53 and str(x) != "-0.0" else repr(x)


def check(what: str | Path | Circuit | Part, *, paths: Iterable[str | Path] = ()) -> list[Diagnostic]:
    """All that is wrong with a circuit, a part, a text, a file or an experiment of the library, without running it.

    A `str` with a line break is a text, any other a name or a path. Each diagnostic has `id`, `message`, `line`, `help` and more, and
    `str()` of it is the drawing with the place underlined.
    """
    if isinstance(what, Circuit):
        return what.check()
    if isinstance(what, Part):
        return Circuit(what, paths=paths).check() if what.kind not in ("neuron", "synapse") else check(str(what) + "\n", paths=paths)
    folders = [str(path) for path in paths]
    if isinstance(what, str) and "\n" in what:
        return diagnostics(_plastica.check(Given("text", what, paths=folders), False))
    return diagnostics(_plastica.check(opened(what, folders), False))
