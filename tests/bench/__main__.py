"""``scripts/bench [--quick] [--markdown] [NAME…]``: measure and print the table.

Every part runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from tests.bench import machine, table
from tests.bench.measure import Effort, Row, peak_memory
from tests.bench.table import Part

PARTS = {
    "raw": "raw",
    "http": "uses",
    "library": "library",
    "processes": "processes",
    "append": "append",
    "verify": "verification",
    "pdf": "pdf",
    "gas": "gas",
}
"""What a part is called, and the module that measures it."""
WIDE = 170
"""Columns, where the output goes to no terminal."""
ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run the parts of the command line."""
    arguments = _arguments()
    effort = Effort(arguments.quick)
    if arguments.part is not None:
        _measure(arguments.part, effort)
        return 0
    described = machine.describe()
    if not arguments.markdown:
        _console().print(table.machine(described))
    parts: list[Part] = []
    with tempfile.TemporaryDirectory(prefix="eseal-bench-") as directory:
        for name in arguments.names or PARTS:
            Console(stderr=True).print(f"measuring {name} …", style="dim")
            part = _run(name, effort, Path(directory))
            if part is None:
                return 1
            parts.append(part)
            if not arguments.markdown:
                _console().print(table.terminal(part))
    if arguments.markdown:
        whole = not arguments.names
        sys.stdout.write(table.page(described, parts) if whole else table.tables(parts))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measure what eseal costs on this machine."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"parts: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a first look, not to be quoted")
    parser.add_argument("--markdown", action="store_true", help="docs/performance.md to stdout")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in PARTS]
    if unknown:
        parser.error(f"expected parts of {', '.join(PARTS)}, got {unknown[0]!r}")
    return arguments


def _measure(name: str, effort: Effort) -> None:
    """In a part's own process: measure, and print what came out as JSON."""
    module = importlib.import_module(f"tests.bench.{PARTS[name]}")
    rows = module.run(effort)
    title = (module.__doc__ or "").strip().splitlines()[0].rstrip(".")
    result = {"title": title, "rows": [asdict(row) for row in rows], "peak": peak_memory()}
    sys.stdout.write(json.dumps(result))


def _run(name: str, effort: Effort, directory: Path) -> Part | None:
    """Run a part in ``directory``, away from any settings of a real instance."""
    command = [sys.executable, "-m", "tests.bench", "--part", name]
    if effort.quick:
        command.append("--quick")
    environment = {name: value for name, value in os.environ.items() if "ESEAL_" not in name}
    environment["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "api")))
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=directory, env=environment, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        return None  # what went wrong stands on stderr
    result = json.loads(done.stdout)
    rows = [Row(**row) for row in result["rows"]]
    return Part(name, result["title"], rows, time.monotonic() - started, result["peak"])


def _console() -> Console:
    """A terminal's own width; elsewhere, one on which no line has to break."""
    return Console() if sys.stdout.isatty() else Console(width=WIDE)


if __name__ == "__main__":
    sys.exit(main())
