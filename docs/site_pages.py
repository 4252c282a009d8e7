"""What the site has beside the pages of this folder: made when MkDocs builds it, from the tree and from the command itself.

- `reference/language/*.md` are the specification tests, `tests/spec/*.md`, as they are.
- A line `<!-- generated: WHAT -->` of a page is replaced: `models` by the model library (from `models/`), `experiments` by what runs by
  name (from `experiments/`), `commands` by the help of each subcommand (from the installed command, so that the two cannot differ).
"""

import posixpath
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
MARK = re.compile(r"^<!-- generated: (\w+) -->$", re.M)


def on_files(files, config):
    """Adds the pages of the specification."""
    for path in sorted((ROOT / "tests/spec").glob("*.md")):
        files.append(File.generated(config, f"reference/language/{path.name}", content=path.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown, page, config, files):
    """Fills the marks, and turns links into `tests/spec` to where its pages are on the site."""
    to_language = posixpath.relpath("reference/language", posixpath.dirname(page.file.src_uri) or ".")
    markdown = markdown.replace("](../../tests/spec/", f"]({to_language}/")
    return MARK.sub(lambda m: MAKERS[m[1]](), markdown)


def models():
    """Every model of the library: what it is, where it comes from, its text."""
    out = []
    for kind in ("neuron", "synapse"):
        out += [f"## {kind.capitalize()} models", ""]
        for path in sorted((ROOT / f"models/{kind}s").glob("*.toml")):
            text = path.read_text(encoding="utf-8")
            for name, model in tomllib.loads(text)[kind].items():
                out += [f"### {name}", "", _paragraph(model.get("doc", "")), "", f"Source: {_paragraph(model.get('source', ''))}", ""]
                out += ["```toml", _without_results(text, f"{kind}.{name}").rstrip(), "```", ""]
    return "\n".join(out)


def experiments():
    """Every experiment that runs by name: what it asks, in its own words."""
    out = ["| experiment | what it asks |", "| --- | --- |"]
    for path in sorted((ROOT / "experiments").glob("*/experiment.toml")):
        about = tomllib.loads(path.read_text(encoding="utf-8")).get("experiment", {})
        out.append(f"| `{about.get('name', path.parent.name)}` | {_paragraph(about.get('doc', '')).replace('|', chr(92) + '|')} |")
    return "\n".join(out)


def commands():
    """The help of the command and of each of its subcommands."""
    whole = _help()
    listed = whole.partition("Commands:\n")[2].partition("\n\n")[0]
    names = re.findall(r"^  (\w+)", listed, re.M)
    out = ["```text", whole.rstrip(), "```", ""]
    for name in (n for n in names if n != "help"):
        out += [f"## plastica {name}", "", "```text", _help(name).rstrip(), "```", ""]
    return "\n".join(out)


def _help(*names):
    call = "import sys; from plastica import _plastica; sys.exit(_plastica.command(['plastica', *sys.argv[1:]]))"
    done = subprocess.run([sys.executable, "-c", call, *names, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def _paragraph(text):
    """A text of several lines as one paragraph, with what HTML would take for a tag made safe."""
    return " ".join(text.split()).replace("<", "&lt;")


def _without_results(text, name):
    """The text of a model without what tests hold it against, and where each number comes from stays."""
    return re.sub(rf"^\[{re.escape(name)}\.expected\]\n(?:(?!\[).*\n?)*", "", text, flags=re.M)


MAKERS = {"models": models, "experiments": experiments, "commands": commands}
