"""The parts of a study: what subjects are in, do, and live through, and what is read from them. Each prints itself as text.

The keys are those of the file (`docs/reference/programme.md`, `tasks.md`, `measures.md`, `study.md`). A key that a constructor does not
name is passed on, and `Table` writes a table of any kind, so that a new word of the language needs nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self, TypeAlias

from . import _toml
from ._parts import Input, Part, Population, Projection, Tables, Values, plain_table
from ._programme import Programme
from ._units import Quantity

Keys: TypeAlias = Mapping[Any, Any]
"""A table whose keys may be parts: their names stand for them."""


class Table(Part):
    """A table of any kind: `[kind.name]`, or `[kind]` without a name. For what has no class of its own here.

    ```python
    plastica.Table("checkpoint", days=True)
    plastica.Table("calibration", "eta", set="synapse.chain.parameters.eta", from_=0.1, to=1.0, id="E21", quantity="gain", wanted=1.78)
    plastica.Table("without", "learning", synapse={"chain": {"on_pre": "I_post += w"}})
    ```
    """

    def __init__(self, kind: str, name: str = "", **keys: Any) -> None:
        # A word of the instance, where the other parts have one of the class.
        self.kind = kind  # type: ignore[misc]
        super().__init__(name, keys)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The one table in a text of the language; of tables with names the first word is the kind, the second one the name.

        Raises `ValueError` when there is none, or several, and `ModelError` when the text is no TOML.
        """
        from ._circuit import Circuit

        found = list(Circuit.from_text(text).tables.items())
        if len(found) != 1 or not isinstance(found[0][1], Mapping):
            raise ValueError(f"there must be one table in the text, but there are {len(found)}, or a list of them")
        [(kind, body)] = found
        inner = list(body.items())
        name, keys = inner[0] if len(inner) == 1 and isinstance(inner[0][1], Mapping) else ("", body)
        return cls(kind, name, **keys)

    def __str__(self) -> str:
        if self.name:
            return super().__str__()
        return _toml.table(_toml.key(self.kind), plain_table(self.table, Tables(self.kind)))


class Modulator(Part):
    """A named signal that rules read, such as acetylcholine.

    - `initial`: its value where no state names it, 0 unless said; in the unit that the models give it
    - `value`: instead, a formula of `age` in years

    Source: `docs/reference/programme.md`.
    """

    kind = "modulator"

    def __init__(self, name: str, *, initial: Quantity | None = None, value: str | None = None, doc: str | None = None, **more: Any) -> None:
        super().__init__(name, {"doc": doc, "initial": initial, "value": value, **more})


class State(Part):
    """Modulator levels, gates, inputs and parameters that hold together.

    - `modulators`: levels by name (or `Modulator`): a number, or a course `{"to": 0.3, "tau": "18 s", "from": 1}`
    - `freeze`, `release`: projections whose plasticity stops or goes on
    - `inputs`: inputs that are off (`False`) or on
    - `population`, `projection`: parameters, by name of the owner and of the parameter

    A state is complete: what it does not name has the value of the file. Source: `docs/reference/programme.md`.
    """

    kind = "state"

    def __init__(
        self,
        name: str,
        *,
        modulators: Keys | None = None,
        freeze: Iterable[Projection | str] | None = None,
        release: Iterable[Projection | str] | None = None,
        inputs: Mapping[Input | str, bool] | None = None,
        population: Mapping[Population | str, Values] | None = None,
        projection: Mapping[Projection | str, Values] | None = None,
        doc: str | None = None,
        **more: Any,
    ) -> None:
        table = {"doc": doc, "modulators": modulators, "freeze": _list(freeze), "release": _list(release), "inputs": inputs}
        super().__init__(name, {**table, "population": population, "projection": projection, **more})


class Task(Part):
    """What is trained, as the file says it: `Task("choice", "discrimination", stimulus={...}, responses={...}, ...)`.

    `kind` is one of `sequence`, `replay`, `discrimination`, `association`, `force` and `probe`; the keys are those of the kind.
    A population may stand in a table of groups: `{"population": E, "members": ["s1", "s2"]}`.
    One that is written in Python is a `Trainer`. Source: `docs/reference/tasks.md`.
    """

    kind = "task"

    def __init__(self, name: str, kind: str, *, doc: str | None = None, **keys: Any) -> None:
        super().__init__(name, {"kind": kind, "doc": doc, **keys})


class Block(Part):
    """One stretch of a life, or several that are lived through as one.

    - `kind`: `practice`, `imagery`, `exposure`, `wake`, `rest`, `nrem`, `rem`, `sleep`, `injury` or `test`
    - `task`, `state`: a `Task` and a `State`, or their names
    - `duration`: where the programme does not say it; `trials`: the task ends after so many
    - `strength`: of the drive that the real stimulus would give, 1 unless said
    - `sample`: what of it is simulated with spikes, such as `"30 s of 15 min"`; `clock`: `"spikes"` or `"slow"`
    - `lasting`: for injuries, what changes for good
    - `programme`: instead of all these, the blocks that it is made of

    In a programme: `imagery("15 s")` is the block for so long, `wake.until("23:00")` until a time of day, `imagery` alone as long as
    its table says; `+` puts one after another and `60 *` repeats. Source: `docs/reference/programme.md`.
    """

    kind = "block"

    def __init__(
        self,
        name: str,
        kind: str | None = None,
        *,
        task: Task | str | None = None,
        state: State | str | None = None,
        duration: Quantity | None = None,
        trials: int | None = None,
        strength: float | None = None,
        sample: str | None = None,
        clock: str | None = None,
        lasting: Keys | None = None,
        programme: Programme | Block | str | None = None,
        doc: str | None = None,
        **more: Any,
    ) -> None:
        table = {"kind": kind, "doc": doc, "task": task, "state": state, "duration": duration, "trials": trials, "strength": strength}
        lived = None if programme is None else Programme(programme)
        table |= {"sample": sample, "clock": clock, "lasting": lasting, "programme": None if lived is None else str(lived)}
        super().__init__(name, {**table, **more}, () if lived is None else lived.parts)

    def __call__(self, duration: Quantity) -> Programme:
        """The block for so long, as an item of a programme."""
        return Programme(self).lasting(duration)

    def until(self, clock: str) -> Programme:
        """The block until a time of day, such as `"23:00"`, as an item of a day."""
        return Programme(self).until(clock)

    def __add__(self, other: Programme | Block | str) -> Programme:
        return Programme(self, other)

    def __radd__(self, other: str) -> Programme:
        return Programme(other, self)

    def __mul__(self, times: int) -> Programme:
        return Programme(self) * times

    __rmul__ = __mul__


class Listed(Part):
    """A table of a list: `[[group]]`, `[[row]]`, `[[figure]]`. Its name, if it has one, is a key of it."""

    listed = True

    def __str__(self) -> str:
        return _toml.listed(self.kind, plain_table(self.table, Tables(f"{self.kind}-{self.name}")))


class Group(Listed):
    """Subjects that share a programme.

    - `programme`: a `Programme`, a block, or the text of one
    - `subjects`: how many, 1 unless said; `age`: years, 25 unless said
    - `without`: names of what is laid over the file for them (`[without.NAME]`)

    Source: `docs/reference/programme.md`.
    """

    kind = "group"

    def __init__(
        self,
        name: str,
        *,
        programme: Programme | Block | str,
        subjects: int | None = None,
        age: float | None = None,
        without: Iterable[str] | None = None,
        doc: str | None = None,
        **more: Any,
    ) -> None:
        lived = Programme(programme)
        table = {"name": name, "doc": doc, "subjects": subjects, "age": age, "without": _list(without), "programme": str(lived)}
        super().__init__(name, {**table, **more}, lived.parts)


class Variation(Part):
    """In what subjects differ: a parameter of a population or a projection is multiplied by a factor that each draws once.

    - `factor`: `{"distribution": "normal", "mean": 1, "sd": 0.2, "min": 0.3, "max": 2}`, or `"lognormal"`

    Source: `docs/reference/programme.md`.
    """

    kind = "variation"

    def __init__(
        self,
        name: str,
        *,
        parameter: str,
        factor: Keys,
        population: Population | str | None = None,
        projection: Projection | str | None = None,
        doc: str | None = None,
        **more: Any,
    ) -> None:
        table = {"doc": doc, "population": population, "projection": projection, "parameter": parameter, "factor": factor}
        super().__init__(name, {**table, **more})


class Measure(Part):
    """A number, or a matrix of numbers, that is read from the circuit at the borders of blocks.

    - `population` or `projection` and `variable`; or `rate=True` for the mean rate of a population, hertz
    - `from_`, `to`: groups of neurons, written `from` in the text; `pick`: cells of the matrix, `[row, column]` from 1, whose mean is taken
    - `before`, `after`: blocks at whose beginning or end it is read; `change`: each synapse against itself before the block

    Values are in SI units. Source: `docs/reference/measures.md`.
    """

    kind = "measure"

    def __init__(
        self,
        name: str,
        *,
        population: Population | str | None = None,
        projection: Projection | str | None = None,
        variable: str | None = None,
        rate: bool | None = None,
        from_: Keys | None = None,
        to: Keys | None = None,
        pick: Iterable[Iterable[int]] | None = None,
        before: Iterable[Block | str] | None = None,
        after: Iterable[Block | str] | None = None,
        change: bool | None = None,
        doc: str | None = None,
        **more: Any,
    ) -> None:
        table = {"doc": doc, "population": population, "projection": projection, "variable": variable, "rate": rate, "from": from_, "to": to}
        cells = None if pick is None else [list(cell) for cell in pick]
        super().__init__(name, {**table, "pick": cells, "before": _list(before), "after": _list(after), "change": change, **more})


class Row(Listed):
    """A published number and how the one beside it comes from the scores.

    - `id`: experiment in the atlas; `target`: its line of the table of targets; or `quantity`, and what is published
    - `with_`: named choices of scores, written `with` in the text; keys of the row hold for all of them: `group`, `block`, `day`, `nth`,
      `score`, `trials`, `statistic`, ...
    - `of`: `each`, `means`, `count`, `effect`, `distance`, `p`, `day` or `rise`; `value`: a formula of the choices

    Source: `docs/reference/study.md`.
    """

    kind = "row"

    def __init__(
        self,
        id: str,
        *,
        target: str | None = None,
        quantity: str | None = None,
        of: str | None = None,
        value: str | None = None,
        with_: Keys | None = None,
        group: Group | str | None = None,
        block: Block | str | None = None,
        **keys: Any,
    ) -> None:
        table = {"id": id, "target": target, "quantity": quantity, "of": of, "value": value, "group": group, "block": block}
        super().__init__("", {**table, "with": with_, **keys})


class Figure(Listed):
    """A figure of the report: a score by `days`, `blocks`, `trials`, or a measure as a `matrix`; keys of a choice of scores beside.

    Source: `docs/reference/study.md`.
    """

    kind = "figure"

    def __init__(self, title: str, *, by: str, score: str, block: Block | str | None = None, groups: Iterable[Group | str] | None = None, **keys: Any) -> None:
        super().__init__("", {"title": title, "by": by, "block": block, "score": score, "groups": _list(groups), **keys})


def _list(values: Iterable[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)
