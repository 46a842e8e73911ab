"""Helper processes whose starter is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 20


def ends_with_its_starter(program: str) -> bool:
    """Whether the process whose number a program prints ends when that program is killed."""
    command = [sys.executable, "-c", program + "\nimport time\ntime.sleep(600)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as starter:
        pid = int(starter.stdout.readline())
        assert _runs(pid)
        starter.kill()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and _runs(pid):
        time.sleep(0.05)
    return not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may end while we read
        return False
