"""The process that shows documents: ``python -m eseal.documents.viewer DESCRIPTOR``."""

from __future__ import annotations

import json
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from sysconfig import get_path
from typing import Any, Final

from eseal.channel import Channel
from eseal.documents.pdfium import font_directories, library
from eseal.documents.viewer.confinement import confine, limit
from eseal.documents.viewer.process import CONFINED
from eseal.documents.viewer.tasks import TASKS
from eseal.errors import InvalidInputError

_PYTHON: Final = ("stdlib", "platstdlib", "purelib", "platlib")
"""Where modules lie that are loaded when they are needed."""


def main(descriptor: int) -> None:
    """Answer what comes through the channel until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which closes this
    library()
    limit()
    confined = confine(map(Path, [*font_directories(), *map(get_path, _PYTHON)]))
    with socket.socket(fileno=descriptor) as service, suppress(EOFError, OSError):
        channel = Channel(service)
        channel.send(CONFINED if confined else b"")
        while True:
            request = json.loads(channel.receive())
            files = [channel.receive() for _ in range(request["files"])]
            # The end of it, whatever the library is doing: nothing handles this signal.
            signal.setitimer(signal.ITIMER_REAL, request["seconds"])
            answer, made = _answer(request["task"], files, request["arguments"])
            signal.setitimer(signal.ITIMER_REAL, 0)
            channel.send(json.dumps({**answer, "is_file": made is not None}).encode())
            if made is not None:
                channel.send(made)


def _answer(
    task: str, files: list[bytes], arguments: dict[str, Any]
) -> tuple[dict[str, Any], bytes | None]:
    """A value, an error or a file."""
    try:
        done = TASKS[task](*files, **arguments)
    except InvalidInputError as error:
        return {"error": str(error), "field": error.field}, None
    except Exception as error:  # noqa: BLE001  a binding says what it likes of a broken file
        said = f"the PDF cannot be shown: {type(error).__name__}"
        return {"error": said, "field": "document"}, None
    return ({}, done) if isinstance(done, bytes) else ({"value": done}, None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
