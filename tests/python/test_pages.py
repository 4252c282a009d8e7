"""Every block of code in the pages is run, one after another within a page; `pages.py` says how."""

import matplotlib.pyplot
import pages
import pytest


def name(page):
    return page.relative_to(pages.ROOT).as_posix()


RUN = {"python", "sh"}
READ = [page for page in pages.PAGES if any(b.language in RUN or b.mark.startswith("file:") for b in pages.blocks(page.read_text()))]


@pytest.mark.parametrize("page", READ, ids=name)
def test_the_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    reader = pages.Reader(page, tmp_path)
    for block in pages.blocks(page.read_text()):
        reader.follow(block)
    reader.end()
    matplotlib.pyplot.close("all")


def test_no_block_is_left_alone():
    faults = []
    for page in pages.PAGES:
        text, by_rust = page.read_text(), pages.read_by_rust(page)
        for block in pages.blocks(text):
            if why := pages.fault(block, text, by_rust):
                faults.append(f"{name(page)}:{block.line}: {why}")
        # A fence that the pattern does not know would hide a block.
        assert len(pages.blocks(text)) * 2 == sum(line.lstrip().startswith("```") for line in text.splitlines()), page
    assert faults == []


def test_pages_with_blocks_are_found():
    assert {page.stem for page in READ} >= {"README", "first-plastic-synapse", "from-brian2", "sweep"}


def check(text, *, by_rust=False, faults=()):
    """A page of this text: what is wrong with its blocks."""
    assert [pages.fault(b, text, by_rust) != "" for b in pages.blocks(text)] == list(faults)


def test_who_runs_what():
    check("```python\n1\n```\n\n```sh\nls\n```\n", faults=[False, False])
    check("```\nls\n```\n\n```rust\nlet x;\n```\n\n```text\n1\n```\n", faults=[True, True, True])
    check("<!-- not run: -->\n```sh\nls\n```\n\n<!-- not run: needs a notebook -->\n```sh\nls\n```\n", faults=[True, False])
    check("```toml\na = 1\n```\n\n<!-- file: a.toml -->\n```toml\na = 1\n```\n", faults=[True, False])
    check("```toml\na = 1\n```\n", by_rust=True, faults=[False])
    check("```toml\na = 1\n```\n<!-- runs: begin -->\n```toml\na = 1\n```\n<!-- runs: end -->\n", by_rust=True, faults=[True, False])


@pytest.mark.parametrize(
    "text",
    [
        "```python\nassert False\n```\n",
        "```sh\nfalse\n```\n",
        "```python\nprint(1)\n```\n\n<!-- output -->\n```text\n2\n```\n",
        '<!-- file: a.toml -->\n```toml\n[neuron.n]\nequations = "dv/dt = -v : volt"\n```\n',
    ],
)
def test_what_is_wrong_is_seen(text, tmp_path):
    reader = pages.Reader("page", tmp_path)
    with pytest.raises(AssertionError):
        for block in pages.blocks(text):
            reader.follow(block)
        reader.end()
