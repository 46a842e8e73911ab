"""Reading a large CMS of a stranger: first in a process of its own.

A seal of ours has some 4 KB, with long-term data some 30; a file of a mebibyte may hold structures
whose reading costs more than they are worth, or ends the process that reads them.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Lock
from typing import Final

from eseal.documents import confined
from eseal.documents.cms.decoder import MAX_CMS_BYTES, SealSignature, decode
from eseal.errors import InvalidFormatError, TooCostlyError, UnsupportedDocumentError

CONFINED_FROM: Final = 64 << 10
"""Bytes from which on a CMS is tried elsewhere: below, reading takes less than a process."""

TRIED_KEPT: Final = 256
"""Digests of what could be read: each of the 64 signatures of a container is read several times."""
_tried: OrderedDict[bytes, None] = OrderedDict()
_lock = Lock()


def decode_stranger(der: bytes, budget: confined.Budget = confined.VERIFYING) -> SealSignature:
    """As :func:`~eseal.documents.cms.decode`, of what strangers hand in.

    A large one is read here only if it has been read elsewhere, within the budget.

    Args:
        der: the ContentInfo and nothing else.
        budget: what reading a large one may take.

    Raises:
        InvalidFormatError: it is none that can be read; named.
        BusyError: too many others wait.
    """
    if CONFINED_FROM <= len(der) <= MAX_CMS_BYTES:
        digest = hashlib.sha256(der).digest()
        if digest not in _tried:
            try:
                confined.ask(try_out, der, budget=budget)
            except TooCostlyError as error:
                raise InvalidFormatError(f"CMS: {error}") from None
            _remember(digest)
    return decode(der)


def try_strangers(ders: Sequence[bytes], budget: confined.Budget = confined.VERIFYING) -> None:
    """Try the large ones of one file elsewhere, all of them within one budget.

    Raises:
        InvalidFormatError: they take more than that.
        BusyError: too many others wait.
    """
    large = {
        digest: der
        for der in ders
        if CONFINED_FROM <= len(der) <= MAX_CMS_BYTES
        and (digest := hashlib.sha256(der).digest()) not in _tried
    }
    if not large:
        return
    steps = confined.ask_in_steps(try_out_all, *large.values(), budget=budget)
    for digest in large:
        try:
            steps.take()
        except (TooCostlyError, UnsupportedDocumentError) as error:
            raise InvalidFormatError(f"the signatures in it cannot be read: {error}") from None
        except InvalidFormatError:
            pass  # what is wrong with it is found as soon here
        _remember(digest)


def _remember(digest: bytes) -> None:
    with _lock:
        _tried[digest] = None
        while len(_tried) > TRIED_KEPT:
            _tried.popitem(last=False)


def try_out(der: bytes) -> bool:
    """Read a CMS and forget it; a task of the file's own process.

    Raises:
        InvalidFormatError: as :func:`~eseal.documents.cms.decode`.
    """
    decode(der)
    return True


def try_out_all(*ders: bytes) -> Iterator[Callable[[], bool]]:
    """The same for several, each a step."""
    for der in ders:
        yield partial(try_out, der)
