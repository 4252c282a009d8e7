"""The documentation site builds without a warning, shows what it is made from, and a broken link fails it."""

import html
import re
import shutil
import subprocess
import sys

import plastica as pl
import pytest
from pages import ROOT


def build(config, out):
    """Builds the site; returns its exit code and what was said. (With `--quiet` MkDocs would not count its warnings.)"""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config), "--site-dir", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    code, said = build(ROOT / "mkdocs.yml", out)
    assert code == 0, said
    return out


def words(page):
    """The text of a page without its marks."""
    return html.unescape(re.sub(r"<[^>]*>", "", page.read_text()))


def test_the_reference_is_made_from_the_tree(site):
    models = words(site / "reference/models/index.html")
    missing = [name for kind in ("neurons", "synapses") for name in pl.library(kind) if name not in models]
    assert missing == [] and "[synapse.triplet_minimal]" in models and ".expected]" not in models
    experiments = words(site / "reference/experiments/index.html")
    assert [name for name in pl.library("experiments") if name not in experiments] == []
    commands = words(site / "reference/cli/index.html")
    assert all(f"Usage: plastica {name}" in commands for name in ("run", "check", "list", "show", "resume", "branch", "audit", "bench"))
    for page in (ROOT / "tests/spec").glob("*.md"):
        assert (site / "reference/language" / page.stem / "index.html").is_file()


def test_marks_and_links_lead_nowhere_else(site):
    for page in site.rglob("*.html"):
        text = page.read_text()
        assert "<!-- generated:" not in text and "tests/spec/" not in re.sub(r"<code>.*?</code>", "", text), page


def test_a_broken_link_fails(tmp_path):
    for part in ("docs", "tests/spec", "models", "experiments"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    index = tmp_path / "docs/index.md"
    index.write_text(index.read_text() + "\n[nowhere](how-to/nowhere.md)\n")
    code, said = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert code != 0 and "nowhere.md" in said
