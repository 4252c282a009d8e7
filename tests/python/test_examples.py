"""Every example runs, on the command line and from Python to the same recording, and comes to the numbers that it promises."""

import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

import plastica as pl
import pytest
from pages import ROOT

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/experiment.toml"))


def test_an_example_is_a_folder_of_four_files():
    assert EXAMPLES != []
    for folder in EXAMPLES:
        assert {path.name for path in folder.iterdir() if path.is_file()} >= {"README.md", "experiment.toml", "run.py", "expected.toml"}, folder


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_comes_to_what_it_promises(folder, tmp_path):
    command = [Path(sys.executable).with_name("plastica"), "run", folder / "experiment.toml", "--quiet", "--threads", "1", "--out", tmp_path / "line"]
    subprocess.run(command, check=True)
    line = pl.open_run(tmp_path / "line")
    python = pl.run(folder / "experiment.toml", out=tmp_path / "python", threads=2, progress=False)
    for path in line.folder.rglob("*"):
        if path.is_file() and (path.suffix == ".parquet" or "c" in path.relative_to(line.folder).parts):
            assert path.read_bytes() == (python.folder / path.relative_to(line.folder)).read_bytes(), path
    spec = importlib.util.spec_from_file_location(f"example_{folder.name}", folder / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    expected = tomllib.loads((folder / "expected.toml").read_text())
    assert module.summary(python) == pytest.approx(expected, rel=1e-9)
