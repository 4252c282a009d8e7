"""The blocks of code in our pages: found, and run as a reader would run them.

A block is run by one of these, or says why not; a test fails on any other.

- `python` blocks run one after another within a page.
- `sh` blocks run in a folder of the page's own, with `plastica` and `./plastica` as the command.
- `toml` blocks below the mark `<!-- file: NAME -->` are written to that file, one below the other, and the file is checked at the end.
  Those of a page that a Rust test reads (`include_str!`) are that test's; if the page has marks such as `<!-- runs: begin -->`,
  only those between them.
- A `text` block below `<!-- output -->` is what the block before it has printed.
- `<!-- not run: REASON -->` above a block says why it is not run.
"""

import contextlib
import io
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPECIFICATION = sorted((ROOT / "tests/spec").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")), *SPECIFICATION]
FENCE = re.compile(r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^ *```$", re.M | re.S)


@dataclass
class Block:
    """A block of a page: the line of its fence, its language, the mark above it, its text."""

    line: int
    language: str
    mark: str
    text: str


def blocks(text):
    """All blocks of a page."""
    out = []
    for m in FENCE.finditer(text):
        fence = text[: m.start("indent")].count("\n") + 1
        out.append(Block(fence, m["language"].strip(), (m["mark"] or "").strip(), m["text"]))
    return out


def read_by_rust(page, root=ROOT):
    """Does a Rust test read this page?"""
    if page in SPECIFICATION:
        return "tests/spec" in (root / "crates/plastica-lang/tests/spec.rs").read_text()
    name = page.relative_to(root).as_posix()
    return any(f'/{name}"' in test.read_text() for test in sorted((root / "crates").glob("*/tests/*.rs")))


def between_marks(text, line):
    """Does the line lie between two marks, if the page has any?"""
    inside, any_mark = False, False
    for number, content in enumerate(text.splitlines(), 1):
        if m := re.fullmatch(r"<!-- \w+: (begin|end) -->", content):
            any_mark = True
            if number < line:
                inside = m[1] == "begin"
    return inside or not any_mark


def fault(block, page_text, by_rust):
    """Why nobody runs a block, as a sentence; empty if somebody does, or if it says why not."""
    if block.mark.startswith("not run:"):
        return "" if len(block.mark.removeprefix("not run:").split()) >= 3 else "`not run` needs a reason"
    if block.language in ("python", "sh"):
        return ""
    if block.language == "text":
        return "" if block.mark == "output" else "a text is marked as `output` or as `not run: REASON`"
    if block.language == "toml":
        if re.fullmatch(r"file: [\w.-]+", block.mark) or (by_rust and between_marks(page_text, block.line)):
            return ""
        return "no test reads this; mark it with `file: NAME` or `not run: REASON`"
    return f"the language `{block.language}` is not one that is run: python, sh, toml, text"


class Reader:
    """Somebody who follows a page in a folder of his own."""

    def __init__(self, page, folder):
        self.page, self.folder = page, folder
        self.names = {"__name__": "__main__"}
        self.printed = ""
        self.files = set()
        command = Path(sys.executable).with_name("plastica")
        (folder / "plastica").write_text(f'#!/bin/sh\nexec "{command}" "$@"\n')
        (folder / "plastica").chmod(0o755)

    def follow(self, block):
        """Does what one block says."""
        if block.mark.startswith("not run:"):
            return
        if block.language == "python":
            self._python(block)
        elif block.language == "sh":
            self._shell(block)
        elif block.mark.startswith("file: "):
            path = self.folder / block.mark.removeprefix("file: ")
            with path.open("a" if path in self.files else "w") as file:
                file.write(block.text)
            self.files.add(path)
        elif block.mark == "output":
            found, expected = ([line.rstrip() for line in text.strip("\n").splitlines()] for text in (self.printed, block.text))
            assert found == expected, f"{self.page}:{block.line}: printed is\n{self.printed}"

    def _python(self, block):
        code = compile("\n" * block.line + block.text, str(self.page), "exec")
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(code, self.names)
        self.printed = out.getvalue()

    def _shell(self, block):
        path = f"{self.folder}:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        shell = shutil.which("bash") or "/bin/bash"
        done = subprocess.run([shell, "-euo", "pipefail", "-c", block.text], cwd=self.folder, env={"PATH": path, "HOME": str(self.folder)}, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{self.page}:{block.line}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        self.printed = done.stdout

    def end(self):
        """Files that the page wrote have no faults."""
        import plastica as pl

        for path in sorted(self.files):
            if path.suffix == ".toml":
                errors = [str(d) for d in pl.check(path) if d.severity == "error"]
                assert errors == [], f"{self.page}: {path.name}\n" + "\n".join(errors)
