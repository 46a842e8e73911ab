"""The warm process: ``python -m eseal.documents.confined DESCRIPTOR``."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from sysconfig import get_path
from typing import Final

from eseal.channel import Channel
from eseal.documents.confined.tasks import TASKS, Tasks
from eseal.documents.confined.warm import Warm
from eseal.documents.pdfium import font_directories

_PYTHON: Final = ("stdlib", "platstdlib", "purelib", "platlib")
"""Where modules lie that are loaded when they are needed."""

_SYSTEM: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/dev/urandom")
"""Libraries that those modules load, and chance."""
_OURS: Final = Path(__file__).parents[2]
"""The same of this package, which need not be installed."""


def main(descriptor: int, tasks: Tasks) -> None:
    """Answer what comes through the socket until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which closes this
    readable = [_OURS, *map(Path, [*font_directories(), *map(get_path, _PYTHON), *_SYSTEM])]
    with socket.socket(fileno=descriptor) as service, suppress(EOFError, OSError):
        Warm(Channel(service), tasks, readable).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), TASKS)
