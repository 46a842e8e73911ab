"""Node, for programs of the tests that are written in JavaScript."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def node() -> str:
    """The environment's own, which is new enough, else the machine's."""
    own = Path(sys.executable).with_name("node")
    return str(own) if own.is_file() else shutil.which("node") or "node"
