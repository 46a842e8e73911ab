"""The viewer as its user sees it: questions, answers, and limits."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

import structlog

from eseal.channel import Helper
from eseal.errors import ConfigurationError, UnsupportedDocumentError

_log = structlog.get_logger(__name__)

SECONDS: Final = 20.0
"""For one question, where nothing else is said."""
_START_SECONDS: Final = 60.0
"""Until a viewer says that it is there; it takes a quarter of one."""
_GRACE: Final = 5.0
"""Seconds after which a viewer that has not ended itself is ended."""
_EXIT_SECONDS: Final = 1.0
"""An idle viewer notices at once that nobody is there any more."""
CONFINED: Final = b"confined"
"""The first message of a viewer that has given up what it can."""
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
"""Variables the viewer gets to see: others hold secrets."""


class Viewer:
    """A process that shows documents. Safe to call from several threads; answers one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._helper: Helper | None = None

    def ask(
        self, task: Callable[..., Any], *files: bytes, seconds: float = SECONDS, **arguments: Any
    ) -> Any:
        """Have something done.

        Args:
            task: one of ``eseal.documents.viewer.tasks``.
            files: the documents, its positional arguments.
            seconds: how long it may take.
            arguments: what else it needs, as plain values.

        Returns:
            A file, or plain values as JSON knows them: lists in the place of tuples.

        Raises:
            UnsupportedDocumentError: the document cannot be shown, takes too long or too much
                memory.
            ConfigurationError: no viewer can be started.
        """
        request = {
            "task": task.__name__, "files": len(files), "seconds": seconds, "arguments": arguments
        }  # fmt: skip
        with self._lock:
            try:
                channel = self._running().channel
                channel.wait(seconds + _GRACE)
                channel.send(json.dumps(request).encode())
                for file in files:
                    channel.send(file)
                answer = json.loads(channel.receive())
                made = channel.receive() if answer["is_file"] else None
            except (OSError, EOFError, ValueError) as error:
                ended = self._stop()
                late = ended == -signal.SIGALRM or isinstance(error, TimeoutError)
                _log.warning("viewer_ended", task=task.__name__, code=ended, late=late)
                raise UnsupportedDocumentError(
                    f"the PDF takes too long to be shown: more than {seconds:g} seconds"
                    if late
                    else "the PDF cannot be shown: it takes too much memory, or is broken",
                    field="document",
                ) from None
            except BaseException:  # interrupted: what it says next answers another question
                self._stop()
                raise
        if "error" in answer:
            raise UnsupportedDocumentError(answer["error"], field=answer["field"])
        return answer["value"] if made is None else made

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._stop()

    def forget(self) -> None:
        """Leave the process to the one that started it; for a fork of that one."""
        self._lock = threading.Lock()
        self._helper = None

    def _running(self) -> Helper:
        if self._helper is not None and self._helper.process.poll() is not None:
            self._stop()
        return self._helper or self._start()

    def _start(self) -> Helper:
        try:
            self._helper = helper = Helper(
                "eseal.documents.viewer",
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
                output=subprocess.DEVNULL,
            )
            helper.channel.wait(_START_SECONDS)
            if helper.channel.receive() != CONFINED:
                _log.warning("viewer_not_confined", expected="a kernel with Landlock")
        except (OSError, EOFError) as error:
            self._stop()
            raise ConfigurationError(
                f"the program that shows documents, {sys.executable} -m eseal.documents.viewer, "
                f"does not start: {str(error) or 'it ended'}"
            ) from None
        return helper

    def _stop(self) -> int | None:
        """End it; the answer is what it ended with by itself."""
        helper, self._helper = self._helper, None
        return None if helper is None else helper.stop(_EXIT_SECONDS)


SEALING = Viewer()
"""For those who seal, and look for places."""
VERIFYING = Viewer()
"""For those who verify: strangers, who must not keep the others waiting."""
for _each in (SEALING, VERIFYING):
    atexit.register(_each.close)
    os.register_at_fork(after_in_child=_each.forget)
