"""Builds the examples of plastica-record and hands each test a folder that holds a store."""

import json
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def build(example):
    """Builds an example; returns the path of its program."""
    command = ["cargo", "build", "--quiet", "--locked", "--message-format=json", "-p", "plastica-record", "--example", example]
    out = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    programs = [message.get("executable") for message in map(json.loads, out.splitlines())]
    return [program for program in programs if program][-1]


@pytest.fixture(scope="session")
def small_store():
    return build("small_store")


@pytest.fixture(scope="session")
def columns():
    """A function from a Parquet file to (exit status, columns as Plastica reads them, what it says when it cannot)."""
    program = build("columns")

    def read(path):
        done = subprocess.run([program, str(path)], capture_output=True, text=True)
        return done.returncode, dict(json.loads(done.stdout)) if done.stdout else {}, done.stderr

    return read


@pytest.fixture(scope="session")
def run(small_store, tmp_path_factory):
    """A run that was finished."""
    folder = tmp_path_factory.mktemp("store") / "run"
    subprocess.run([small_store, str(folder)], check=True)
    return folder


@pytest.fixture(params=[0.15, 0.31, 0.53, 0.74])
def killed_run(request, small_store, tmp_path):
    """A run that was killed with signal 9 in the midst of writing, some moments after it began."""
    folder = tmp_path / "run"
    process = subprocess.Popen([small_store, str(folder), "endless"])
    while not (folder / "E_count.zarr" / "zarr.json").exists():
        time.sleep(0.005)
    time.sleep(request.param)
    process.kill()
    process.wait()
    return folder
