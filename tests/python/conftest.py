"""Builds the small store once and hands each test a folder that holds it."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def write_store(folder, *arguments):
    """Runs the example that writes a store; returns its exit status."""
    command = ["cargo", "run", "--quiet", "--locked", "-p", "plastica-record", "--example", "small_store", "--", str(folder), *arguments]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE).returncode


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store") / "run"
    assert write_store(folder) == 0
    return folder


@pytest.fixture(scope="session")
def killed_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("killed") / "run"
    assert write_store(folder, "killed") != 0
    return folder
