"""The process of one document: it gives up all it can, does one task, and ends."""

from __future__ import annotations

import errno
import importlib
import os
import signal
from collections.abc import Callable
from typing import Any, Final, NoReturn

from eseal.documents.confined import crossing, exchange
from eseal.documents.confined.confinement import Confinement
from eseal.errors import InvalidInputError

_MAX_DESCRIPTORS: Final = 1 << 20


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
        files: descriptors of the question, of its answer, and where to say that it is there.
        confinement: what to enter before a byte of the document is read.
        addresses: bytes of them that the process has.
        promised: which parts of it hold, as was tried at the start.
    """
    question, answer, done = files
    try:
        _leave_all_but(*files, -1 if confinement.rules is None else confinement.rules)
        if order.niceness:
            os.nice(order.niceness)
        if confinement.enter(order.limits, addresses) != promised:
            os._exit(exchange.UNCONFINED)
        _answer(order, question, answer)
        exchange.write(done, exchange.DONE)
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


def _answer(order: exchange.Order, question: int, answer: int) -> None:
    try:
        files, arguments = exchange.read_question(question, order.head)
        said, made = _outcome(function(order.task)(*files, **arguments))
        files.clear()  # there may be no room for both
        exchange.write_answer(answer, said, made)
    except InvalidInputError as error:
        exchange.write_answer(answer, {"error": crossing.told(error)}, None)
    except MemoryError:
        exchange.write_answer(answer, {"spent": "memory"}, None)
    except OSError as error:
        spent = {"spent": "answer"} if error.errno == errno.EFBIG else None
        exchange.write_answer(answer, spent or {"broken": crossing.place(error)}, None)
    except Exception as error:  # noqa: BLE001  a library says what it likes of a broken file
        exchange.write_answer(answer, {"broken": crossing.place(error)}, None)


def _outcome(done: Any) -> tuple[dict[str, Any], bytes | None]:
    if isinstance(done, bytes):
        return {}, done
    match done:
        case (value, bytes(made)) if isinstance(done, tuple):
            return {"value": value}, made
    return {"value": done}, None


def function(name: str) -> Callable[..., Any]:
    """What ``module:function`` names."""
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return found
