"""``scripts/network build|up|status|kill N|start N|down``: a network to try things on."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TextIO

from tests.network.program import BUILT, NetworkError, installed
from tests.network.validators import VALIDATORS, Network


def main() -> int:
    """Do what the command line says; 1 with one line if it cannot be done."""
    words = argparse.ArgumentParser(prog="scripts/network", description=__doc__)
    words.add_argument(
        "--dir", type=Path, default=BUILT / "network", help="where it keeps its data"
    )
    commands = words.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="make it if it is not there, and start what does not run")
    up.add_argument("--validators", type=int, default=VALIDATORS)
    for name, text in (("kill", "kill -9 validator N"), ("start", "start validator N again")):
        commands.add_parser(name, help=text).add_argument("number", type=int)
    commands.add_parser("build", help="build the node program, unless it is there")
    commands.add_parser("status", help="what runs, and how far it is")
    commands.add_parser("down", help="stop it and remove its data")
    given = words.parse_args()
    try:
        _do(given)
    except NetworkError as error:
        _say(f"error: {error}", sys.stderr)
        return 1
    return 0


def _do(given: argparse.Namespace) -> None:
    directory = given.dir.resolve()
    if given.command == "build":
        _say(str(installed()))
        return
    if given.command == "up":
        _up(directory, given.validators)
        return
    network = Network.load(directory)
    if given.command == "kill":
        network.kill(given.number)
    elif given.command == "start":
        network.start(given.number)
    elif given.command == "down":
        network.stop()
        shutil.rmtree(directory)
        return
    _status(network)


def _up(directory: Path, count: int) -> None:
    known = (directory / "network.json").exists()
    network = Network.load(directory) if known else Network.create(directory, count)
    for validator in network.validators:
        network.start(validator.number)
    height = network.await_blocks()
    _status(network)
    _say(f"all make blocks, at height {height}. Gas is free, every block final:")
    _say(f"  ESEAL_LEDGER_URL={network.urls[0]} ESEAL_LEDGER_FINALITY=immediate eseal init")


def _status(network: Network) -> None:
    for validator in network.validators:
        height = network.height(validator.number)
        state = "stopped" if not network.running(validator.number) else f"at height {height}"
        _say(f"validator {validator.number}  0x{validator.address.hex()}  {validator.url}  {state}")


def _say(line: str, to: TextIO = sys.stdout) -> None:
    to.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
