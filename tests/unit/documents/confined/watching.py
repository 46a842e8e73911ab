"""What a warm process is at, as others see it."""

from __future__ import annotations

import time
from pathlib import Path

PATIENCE = 20
"""Seconds."""


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def settled(condition) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not condition():
        time.sleep(0.02)
    return condition()
