"""The process of one document: it gives up all it can, does one task, and ends.

A task may have steps: it is a generator then, of functions that are called one after the other. The
answer of each is written, whole, before the next is begun, and none can be taken back.
"""

from __future__ import annotations

import errno
import gc
import importlib
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

from eseal.documents.confined import crossing, exchange
from eseal.documents.confined.confinement import Confinement
from eseal.errors import InvalidInputError

_MAX_DESCRIPTORS: Final = 1 << 20
_CYCLES: Final = 100_000
"""Objects made and kept before rubbish is looked for: most children end before."""


def work(
    order: exchange.Order,
    files: tuple[int, int, int],
    confinement: Confinement,
    addresses: int,
    promised: tuple[bool, bool, bool],
) -> NoReturn:
    """Carry out an order, in a process that was forked for it, and end.

    Args:
        order: what to do.
        files: descriptors of the question, of a file in the answer, and of the socket for answers.
        confinement: what to enter before a byte of the document is read.
        addresses: bytes of them that the process has.
        promised: which parts of it hold, as was tried at the start.
    """
    question, made, said = files
    try:
        _leave_all_but(*files, -1 if confinement.rules is None else confinement.rules)
        gc.set_threshold(_CYCLES)
        if order.niceness:
            os.nice(order.niceness)
        if confinement.enter(order.limits, addresses) != promised:
            os._exit(exchange.UNCONFINED)
        for answer in _answers(order, question, made):
            exchange.write_answer(said, answer)
        exchange.write(said, exchange.DONE)
    except BaseException:  # noqa: BLE001  nothing of the parent's may run here, whatever happens
        os._exit(1)
    os._exit(0)


def _leave_all_but(*kept: int) -> None:
    """Close what belongs to others, and let no signal be handled but by its default."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    start = 3
    for descriptor in sorted(each for each in kept if each >= start):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, _MAX_DESCRIPTORS)


def _answers(order: exchange.Order, question: int, made: int) -> Iterator[dict[str, Any]]:
    """What comes of a task, step by step; a step is done when its answer is asked for."""
    try:
        files, arguments = exchange.read_question(question, order.head)
        done = function(order.task)(*files, **arguments)
        files.clear()  # there may be no room for both
        for step in done if isinstance(done, Iterator) else [lambda: done]:
            yield _outcome(step, made)
    except Exception as error:  # noqa: BLE001  see below
        yield _failure(error)


def _outcome(step: Callable[[], Any], made: int) -> dict[str, Any]:
    """What a step comes to; a document is written where it belongs."""
    try:
        done = step()
        if isinstance(done, bytes):
            return {"file": exchange.write_file(made, done)}
        match done:
            case (value, bytes() | tuple() as file) if isinstance(done, tuple):
                return {"value": value, "file": exchange.write_file(made, file)}
    except Exception as error:  # noqa: BLE001  a library says what it likes of a broken file
        return _failure(error)
    return {"value": done}


def _failure(error: Exception) -> dict[str, Any]:
    match error:
        case InvalidInputError():
            return {"error": crossing.told(error)}
        case MemoryError():
            return {"spent": "memory"}
        case OSError(errno=errno.EFBIG):
            return {"spent": "answer"}
    return {"broken": crossing.place(error)}


def function(name: str) -> Callable[..., Any]:
    """What ``module:function`` names."""
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return found
