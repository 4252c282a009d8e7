"""Makes `docs/reference/python.md` from the docstrings of the package; a test compares.

    python tests/python/reference_page.py
"""

import inspect
from pathlib import Path

import plastica

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/python.md"
ORDER = [
    ("Parts of a circuit", ["Neuron", "Synapse", "Population", "Projection", "Input", "Record", "Change"]),
    ("Circuits", ["Circuit", "check", "library", "show"]),
    ("Parts of a study", ["Modulator", "State", "Task", "Block", "Group", "Variation", "Measure", "Row", "Figure", "Table"]),
    ("Studies and programmes", ["Study", "Programme", "day"]),
    ("Running", ["Simulation", "Neurons", "Synapses", "View", "Modulators"]),
    ("Tasks in Python", ["Trainer", "Trials"]),
    ("What was recorded", ["Spikes", "Series", "Changes", "Rate", "recordings", "to_nwb"]),
    ("Windows and plots", ["timing_window", "Window", "plot"]),
    ("Whole experiments", ["run", "resume", "open_run", "Results", "Run"]),
    ("When something is wrong", ["PlasticaError", "ModelError", "RunError", "StaleError", "Diagnostic"]),
]
# Classes that a user makes; the others are handed out.
MADE = {"Circuit", "Study", "Programme", *ORDER[0][1], *ORDER[2][1]}
# Bases, and what is said of them where they are used.
LEFT_OUT = {"Part", "Recording", "__version__"}


def public(of):
    """Public names of a class or a module and what they are: its own, and those of our own bases."""
    if inspect.ismodule(of):
        return [(name, getattr(of, name)) for name in of.__all__]
    own = {}
    for base in reversed([b for b in of.__mro__ if b.__module__.startswith("plastica") and not issubclass(b, Exception)]):
        own |= {name: thing for name, thing in vars(base).items() if not name.startswith("_")}
    return [(name, thing) for name, thing in own.items() if isinstance(thing, property | classmethod | staticmethod) or callable(thing)]


def signature(name, thing):
    """How it is called, without the types."""
    thing = thing.__func__ if isinstance(thing, classmethod | staticmethod) else thing
    if isinstance(thing, property):
        return name
    parameters = inspect.signature(thing).parameters.values()
    plain = [p.replace(annotation=p.empty) for p in parameters if p.name not in ("self", "cls")]
    return f"{name}{inspect.Signature(plain)}"


def doc(thing):
    """The docstring, one sentence of its first paragraph on each line."""
    return (inspect.getdoc(thing.__func__ if isinstance(thing, classmethod | staticmethod) else thing) or "").strip()


def entry(name, thing):
    """A heading and what is said about one public name."""
    if inspect.ismodule(thing):
        lines = [f"### `{name}`", "", doc(thing), ""]
    elif name in MADE:
        lines = [f"### `{signature(name, thing)}`", "", doc(thing), ""]
    elif inspect.isclass(thing):
        lines = [f"### `{name}`", "", doc(thing), ""]
    else:
        return [f"### `{signature(name, thing)}`", "", doc(thing), ""]
    for inner, member in public(thing):
        lines += [f"- `{signature(inner, member)}`: " + " ".join(doc(member).split())]
    return [*lines, ""] if lines[-1] else lines


def page():
    """The whole page."""
    lines = ["# The Python package", "", "Made from the docstrings by `tests/python/reference_page.py`; change them there.", "`help(plastica.NAME)` shows the same.", ""]
    for title, names in ORDER:
        lines += [f"## {title}", ""]
        for name in names:
            lines += entry(name, getattr(plastica, name))
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
