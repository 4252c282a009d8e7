"""A study: groups of subjects that live through programmes. Counted, drawn, run, audited."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _plastica
from ._circuit import Circuit
from ._parts import Part
from ._units import Quantity

if TYPE_CHECKING:
    import pandas as pd

_Told: TypeAlias = bool | Callable[[str, float, float], object] | None


class Study(Circuit):
    """A circuit, what its subjects live through, and what is measured: an experiment file with groups.

    - parts: all of `Circuit`, and `Group`, `Block`, `State`, `Task`, `Modulator`, `Variation`, `Measure`, `Row`, `Figure`, `Table`
    - `about`: sentences about what is compared; `morning`: when days begin, `"07:00"` unless said
    - `paired`: have subjects of the same number the same circuit in all groups? True unless said
    - `targets`: path of a table of published numbers
    - the rest as in `Circuit`

    `Study.load` and `Study.from_text` read one, to which parts may be added. `str()` of it is the experiment file.

    ```python
    study = plastica.Study.load("sleep-gain")
    print(study.show())
    study.count()
    ```
    """

    def __init__(
        self,
        *parts: Part | Iterable[Part],
        about: str | None = None,
        morning: str | None = None,
        paired: bool | None = None,
        targets: str | Path | None = None,
        dt: Quantity | None = None,
        seed: int | None = None,
        precision: str | None = None,
        threads: int | None = None,
        name: str | None = None,
        doc: str | None = None,
        source: str | None = None,
        paths: Iterable[str | Path] = (),
    ) -> None:
        super().__init__(*parts, dt=dt, seed=seed, precision=precision, threads=threads, name=name, doc=doc, source=source, paths=paths)
        self._set("study", {"doc": about, "morning": morning, "paired": paired, "targets": None if targets is None else str(targets)})

    def __repr__(self) -> str:
        return f"<plastica.Study of {', '.join(str(group.get('name')) for group in self.tables.get('group', [])) or 'nobody'}>"

    def _shown(self) -> tuple[str, list[dict[str, Any]]]:
        found = _plastica.show_study(self._given()[0]) if self.tables.get("group") else None
        if found is None:
            raise ValueError("this is no study: it has no group; add a plastica.Group")
        counts: list[dict[str, Any]] = json.loads(found[1])
        return found[0], counts

    def show(self) -> str:
        """The timeline of each group, drawn in 80 columns, with its counts. Raises `ModelError`, and `ValueError` when there is no group."""
        return self._shown()[0]

    def count(self) -> pd.DataFrame:
        """What each group lives through: a row for each block with `times`, `trials` (at most; missing where the block does not say) and `length_s`.

        `.attrs` has the rest by group: `days`, `nights`, `naps`, `length_s`, `spikes_s` (with spikes), `subjects`, `age`, `programme`.
        Raises `ModelError`, `ValueError` when there is no group, and `ImportError` without pandas.
        """
        import pandas as pd

        groups = self._shown()[1]
        rows = [{"group": group["group"], **block} for group in groups for block in group["blocks"]]
        table = pd.DataFrame(rows, columns=["group", "block", "kind", "times", "trials", "length_s"]).astype({"trials": "Int64"})
        table.attrs = {group["group"]: {key: value for key, value in group.items() if key not in ("group", "blocks", "timeline")} for group in groups}
        return table

    def timeline(self) -> dict[str, list[tuple[str, float, float]]]:
        """Stretches of one kind for each group: kind of block, start and length in seconds; `plot.timeline` draws them."""
        return {group["group"]: [(kind, start, length) for kind, start, length in group["timeline"]] for group in self._shown()[1]}

    def audit(
        self,
        subjects: int = 2,
        *,
        out: str | Path | None = None,
        threads: int | None = None,
        seed: int | None = None,
        set: Mapping[str, Any] | None = None,
        progress: _Told = None,
    ) -> pd.DataFrame:
        """Runs the study with its accelerations and exactly, at most so many subjects of each group, and compares every row.

        Columns: `id`, `quantity`, `accelerated`, `exact`, the spreads over subjects, and `agrees` (None where there is no spread);
        `.attrs["folder"]` holds both runs. Raises as `run`, and `ImportError` without pandas.
        """
        import pandas as pd

        from ._experiments import carry_out, how

        given, asked = self._given(seed=seed)[0], how(out, threads, seed, set=set)
        folder, *found, agrees = carry_out(progress, lambda told: _plastica.audit_study(given, subjects, asked, progress=told))
        accelerated, exact = (pd.DataFrame(json.loads(str(rows)), columns=["id", "quantity", "unit", "simulated", "spread"]) for rows in found)
        rows = accelerated[["id", "quantity", "unit"]].copy()
        for word, own in (("accelerated", accelerated), ("exact", exact)):
            rows[word], rows[f"spread_{word}"] = own.simulated, own.spread
        rows["agrees"] = agrees
        rows.attrs["folder"] = str(folder)
        return rows

    def calibrate(
        self,
        *,
        out: str | Path | None = None,
        threads: int | None = None,
        seed: int | None = None,
        set: Mapping[str, Any] | None = None,
        progress: _Told = None,
    ) -> pd.DataFrame:
        """Finds the constants of `[calibration.NAME]` again, each on its one number: `calibration`, `set`, `value`, `unit`, `wanted`, `reached`, `runs`.

        `.attrs["folder"]` holds the runs. Raises as `run`, `OSError` when there is no calibration, and `ImportError` without pandas.
        """
        import pandas as pd

        from ._experiments import carry_out, how

        given, asked = self._given(seed=seed)[0], how(out, threads, seed, set=set)
        folder = Path(carry_out(progress, lambda told: _plastica.calibrate_study(given, asked, progress=told)))
        table = pd.read_csv(folder / "calibration.csv")
        table.attrs["folder"] = str(folder)
        return table

    def sweep(
        self,
        name: str,
        *,
        out: str | Path | None = None,
        threads: int | None = None,
        seed: int | None = None,
        set: Mapping[str, Any] | None = None,
        progress: _Told = None,
    ) -> pd.DataFrame:
        """Runs the study for each pair of values of `[sweep.NAME]`: the two constants, then `id`, `quantity`, `simulated`, `low`, `high`, `inside`.

        `.attrs["folder"]` holds the runs and a page. Raises as `run`, `OSError` when there is no such sweep, and `ImportError` without pandas.
        """
        import pandas as pd

        from ._experiments import carry_out, how

        given, asked = self._given(seed=seed)[0], how(out, threads, seed, set=set)
        folder = Path(carry_out(progress, lambda told: _plastica.sweep_study(given, name, asked, progress=told)))
        table = pd.read_csv(folder / "sweep.csv")
        table.attrs["folder"] = str(folder)
        return table
