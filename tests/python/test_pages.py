"""Every block of Python in the pages runs, one after another within a page."""

import re
from pathlib import Path

import matplotlib
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/tutorial").glob("*.md")), *sorted((ROOT / "docs/how-to").glob("*.md"))]


def blocks(page):
    """Line and text of every block that is marked as Python."""
    text = page.read_text()
    return [(text[: m.start()].count("\n") + 1, m.group(1)) for m in re.finditer(r"^```python\n(.*?)^```$", text, re.M | re.S)]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_the_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    names = {}
    for line, block in blocks(page):
        code = compile("\n" * line + block, str(page), "exec")
        exec(code, names)
    matplotlib.pyplot.close("all")


def test_pages_with_blocks_are_found():
    assert {page.stem for page in PAGES if blocks(page)} >= {"README", "first-plastic-synapse", "from-brian2"}
