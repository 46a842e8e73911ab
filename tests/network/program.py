"""The node program, built from source that the committed ``go.sum`` pins hash by hash."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = Path(__file__).parent / "node"
BUILT = ROOT / ".nodes"
"""Kept out of git: a hundred megabytes, and made anew from the module whenever that changes."""
PACKAGE = "."
LINK_FLAGS = "-checklinkname=0"
"""A dependency of the node reaches into the Go runtime, which linkers since Go 1.23 refuse."""
BUILD_SECONDS = 1500
"""Three minutes on two idle cores with every module still to be fetched."""


class NetworkError(Exception):
    """The network cannot be made or does not do what was asked; the message says what to do."""


def installed() -> Path:
    """The node program, built first if it is not there yet or its module has changed.

    Raises:
        NetworkError: there is no Go, or the build failed.
    """
    program = BUILT / f"validator-{_fingerprint()}"
    if program.exists():
        return program
    BUILT.mkdir(exist_ok=True)
    being_built = program.with_name(f"{program.name}.{os.getpid()}")
    command = ["go", "build", "-mod=readonly", "-trimpath", "-ldflags", LINK_FLAGS]
    try:
        done = subprocess.run(
            [*command, "-o", str(being_built), PACKAGE],
            cwd=MODULE,
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILD_SECONDS,
        )
    except FileNotFoundError:
        raise NetworkError("Go is missing, which builds the node; see go.dev/doc/install") from None
    if done.returncode != 0:
        raise NetworkError(f"the node program could not be built:\n{done.stderr[-2000:]}")
    being_built.replace(program)
    return program


def _fingerprint() -> str:
    """Names a build by what it was made from."""
    pinned = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum", "main.go"))
    return hashlib.sha256(pinned).hexdigest()[:16]
