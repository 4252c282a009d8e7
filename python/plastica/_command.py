"""The `plastica` command that the package brings: the command line itself, the same as the program's."""

import sys

from . import _plastica


def main() -> None:
    """Runs the command line and exits with its code."""
    sys.stdout.flush()
    sys.exit(_plastica.command(["plastica", *sys.argv[1:]]))
