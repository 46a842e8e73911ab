"""A network of validators on the loopback address: made, started, killed and stopped."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.network.genesis import CHAIN_ID, Validator, genesis
from tests.network.program import NetworkError, installed
from tests.ports import free_port

VALIDATORS = 4
"""The fewest that bear one fault: n = 3f + 1."""
READY_SECONDS = 90
"""A network of four makes its first block a few seconds after the third has started."""
GRACE_SECONDS = 15
"""For a node to write what it holds before it is killed."""
OPTIONS = (
    *("--networkid", str(CHAIN_ID), "--syncmode", "full", "--nodiscover", "--nat", "none"),
    *("--ntp.disable", "--db.single", "--ipcdisable", "--verbosity", "3"),
    *("--rpc", "--rpcaddr", "127.0.0.1", "--rpcapi", "eth,net,web3,istanbul,admin"),
    # a validator of a busy public network would want gigabytes
    *("--state.cache-size", "32", "--db.leveldb.cache-size", "64", "--rpc.ethtxfeecap", "0"),
)


@dataclass(frozen=True)
class Network:
    """A network on disk, whether it runs or not.

    Attributes:
        directory: where each validator keeps its data, in a directory by its number.
        validators: in the order of their numbers.
    """

    directory: Path
    validators: tuple[Validator, ...]
    _children: dict[int, subprocess.Popen] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def create(cls, directory: Path, count: int = VALIDATORS) -> Network:
        """Make keys and block zero, and every validator's data directory.

        Raises:
            NetworkError: there is one already, or the node program does not take it.
        """
        if (directory / "network.json").exists():
            raise NetworkError(f"{directory} holds a network already; remove it first")
        made = tuple(
            Validator.make(number, free_port(), free_port()) for number in range(1, count + 1)
        )
        directory.mkdir(parents=True, exist_ok=True)
        block_zero = directory / "genesis.json"
        block_zero.write_text(json.dumps(genesis(made), indent=2))
        program = installed()
        for validator in made:
            home = directory / str(validator.number)
            home.mkdir(mode=0o700)
            (home / "nodekey").write_text(validator.key.hex())
            (home / "static-nodes.json").write_text(
                json.dumps([other.peer for other in made if other is not validator])
            )
            _run(program, "--db.single", "--datadir", str(home), "init", str(block_zero))
        (directory / "network.json").write_text(
            json.dumps([(v.number, v.key.hex(), v.p2p, v.rpc) for v in made])
        )
        return cls(directory, made)

    @classmethod
    def load(cls, directory: Path) -> Network:
        """The network made in a directory before.

        Raises:
            NetworkError: there is none.
        """
        try:
            rows = json.loads((directory / "network.json").read_text())
        except FileNotFoundError:
            raise NetworkError(f"there is no network in {directory}; make one: up") from None
        made = (Validator(n, bytes.fromhex(key), p2p, rpc) for n, key, p2p, rpc in rows)
        return cls(directory, tuple(made))

    @property
    def urls(self) -> tuple[str, ...]:
        """Every validator's JSON-RPC."""
        return tuple(validator.url for validator in self.validators)

    def start(self, number: int) -> None:
        """Start a validator, unless it runs."""
        if self.running(number):
            return
        validator, home = self._validator(number), self.directory / str(number)
        command = [str(installed()), *OPTIONS, "--datadir", str(home)]
        command += ["--nodekey", str(home / "nodekey"), "--port", str(validator.p2p)]
        command += ["--rpcport", str(validator.rpc)]
        with (home / "output.log").open("ab") as output:
            started = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._children[number] = started
        (home / "pid").write_text(str(started.pid))

    def kill(self, number: int) -> None:
        """End a validator as a power cut would: no chance to write anything."""
        self._end(number, signal.SIGKILL)

    def stop(self) -> None:
        """Ask every validator to stop, and end those that do not."""
        for validator in self.validators:
            self._signal(validator.number, signal.SIGTERM)
        for validator in self.validators:
            self._end(validator.number, signal.SIGTERM)

    def running(self, number: int) -> bool:
        """Whether this validator's process is alive."""
        return self._pid(number) is not None

    def height(self, number: int) -> int | None:
        """The newest block this validator has; ``None`` if it does not answer."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
        try:
            answer = httpx.post(self._validator(number).url, json=request, timeout=5)
            return int(answer.json()["result"], 16)
        except (httpx.HTTPError, KeyError, ValueError):
            return None

    def await_blocks(self, numbers: Sequence[int] = (), seconds: float = READY_SECONDS) -> int:
        """Wait until each of these validators (all, if none is named) has seen two more blocks.

        Returns:
            The height they have all reached.

        Raises:
            NetworkError: they have not, in this time.
        """
        wanted = numbers or tuple(validator.number for validator in self.validators)
        deadline = time.monotonic() + seconds
        goal: int | None = None
        while time.monotonic() < deadline:
            heights = [self.height(number) for number in wanted]
            known = [height for height in heights if height is not None]
            if len(known) == len(heights):
                if goal is None:
                    goal = max(known) + 2
                if min(known) >= goal:
                    return min(known)
            time.sleep(0.2)
        raise NetworkError(
            f"no blocks from validators {wanted} within {seconds:.0f} s; see the output.log of "
            f"each in {self.directory}"
        )

    def _validator(self, number: int) -> Validator:
        for validator in self.validators:
            if validator.number == number:
                return validator
        raise NetworkError(f"there is no validator {number}, only 1 to {len(self.validators)}")

    def _pid(self, number: int) -> int | None:
        """The process that is this validator, told by its data directory from any other."""
        home = self.directory / str(self._validator(number).number)
        try:
            pid = int((home / "pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if str(home).encode() in words and state != "Z" else None

    def _signal(self, number: int, with_signal: signal.Signals) -> None:
        pid = self._pid(number)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, with_signal)

    def _end(self, number: int, with_signal: signal.Signals) -> None:
        self._signal(number, with_signal)
        deadline = time.monotonic() + GRACE_SECONDS
        while self.running(number):
            if time.monotonic() > deadline:
                self._signal(number, signal.SIGKILL)
            time.sleep(0.05)
        child = self._children.pop(number, None)  # none if another process started it
        if child is not None:
            child.wait()
        (self.directory / str(number) / "pid").unlink(missing_ok=True)


@contextlib.contextmanager
def running_network(directory: Path, count: int = VALIDATORS) -> Iterator[Network]:
    """A new network whose validators all make blocks; stopped and removed at the end."""
    network = Network.create(directory, count)
    try:
        for validator in network.validators:
            network.start(validator.number)
        network.await_blocks()
        yield network
    finally:
        network.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise NetworkError(f"the node does not take block zero:\n{done.stderr[-2000:]}")
