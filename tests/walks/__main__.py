"""``python -m tests.walks [WAY…]``: through how many files of the house five ways lead.

Each way is gone three times on a new instance, and the shortest trace counts: by then everything is
imported, and nothing was asked again only because it is some seconds old. A *call* is one function
of a file of ours, called from another file of ours, directly or through a library; however often it
happens, it counts once. The confined processes, in which strangers' documents are opened, are not
traced: they are processes of their own.

``--files`` lists the files of the ways instead, in the order in which they are entered, each with
the function it is entered by. ``--rooms`` lists how many files and lines stand in each room.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

import structlog

from tests.walks.rooms import floors
from tests.walks.trace import Trace, Tracer
from tests.walks.ways import WAYS, Way, World, use_a_digest, world


def main() -> None:
    """Print what the command line asks for."""
    arguments = _arguments()
    if arguments.rooms:
        _print_rooms()
        return
    traces = walk(arguments.ways or list(WAYS))
    if arguments.files:
        for way, trace in traces.items():
            sys.stdout.write(f"{way}\n")
            sys.stdout.writelines(f"  {name}  {entry}\n" for name, entry in trace.files.items())
        return
    _row("way", "files", "calls between files")
    _row(*["---"] * 3)
    for way, trace in traces.items():
        _row(way, len(trace.files), len(trace.calls))


def walk(ways: list[str]) -> dict[str, Trace]:
    """Go each way with every seal; the shortest trace of each."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    traces, tracer = {}, Tracer()
    with tempfile.TemporaryDirectory() as directory, world(Path(directory) / "data") as made:
        for way in ways:
            rounds = [_round(WAYS[way], made, seal, tracer) for seal in made.seals]
            traces[way] = min(rounds, key=lambda trace: (len(trace.files), len(trace.calls)))
    return traces


def _round(way: Way, made: World, seal: str, tracer: Tracer) -> Trace:
    step = way(made, seal)
    use_a_digest(made, seal)  # what is remembered for a moment is remembered now
    with tracer.tracing() as trace:
        step()
    return trace


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.walks", description="Go ways through the house, and count files."
    )
    parser.add_argument("ways", nargs="*", metavar="WAY", help=f"of {', '.join(WAYS)}")
    parser.add_argument("--files", action="store_true", help="list them, as they are entered")
    parser.add_argument("--rooms", action="store_true", help="how much stands in each room")
    arguments = parser.parse_args()
    unknown = [way for way in arguments.ways if way not in WAYS]
    if unknown:
        parser.error(f"expected ways of {', '.join(WAYS)}, got {unknown[0]!r}")
    return arguments


def _print_rooms() -> None:
    _row("floor", "holds", "files", "lines", "rooms, upper first: files/lines")
    _row("---", "---", "--:", "--:", "---")
    for floor, rooms in floors():
        told = [f"{each.name} {each.files}/{each.lines:,}" for each in rooms]
        if rooms:
            told.append(f"beside them {floor.files}/{floor.lines:,}")
        files = sum(each.files for each in (floor, *rooms))
        lines = sum(each.lines for each in (floor, *rooms))
        _row(f"`{floor.name}`", floor.holds, files, f"{lines:,}", " · ".join(told))


def _row(*cells: object) -> None:
    sys.stdout.write(f"| {' | '.join(map(str, cells))} |\n")


if __name__ == "__main__":
    main()
