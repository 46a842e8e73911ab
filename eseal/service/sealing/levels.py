"""The level a use was ordered at, from the order to the release of the document.

The use is durably on record first; only then is anybody asked for a time-stamp, outside every lock
of the sequencer. The level stands in the use's approval record, so that a document is built at
the same level whenever it is fetched again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eseal.errors import ConfigurationError, ValidationDataError
from eseal.model.approval import ApprovalRecord
from eseal.model.level import Level
from eseal.pki.http import Fetcher
from eseal.pki.revocation import RemoteStatus, StatusCollector
from eseal.pki.tsp.client import BUILT_IN, BuiltInSource, RemoteSource, Source, TimeStampers
from eseal.service.archive.longterm import LongTerm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from eseal.model.use import Use
    from eseal.service.archive.documents import Unfinished
    from eseal.service.instance.ca import BuiltInCa
    from eseal.service.instance.context import Context
    from eseal.service.sealing.orders import DigestOrder
    from eseal.service.seals.responders import Responders

_PDF: Final = b'"application/pdf"'


class Levels:
    """Brings recorded uses to the level they were ordered at."""

    def __init__(self, context: Context, long_term: LongTerm) -> None:
        self.default = Level(context.settings.signature_level)
        self._context = context
        self._long_term = long_term

    def settle(self, seal_id: str, orders: Sequence[DigestOrder]) -> Sequence[DigestOrder]:
        """The orders of a seal with the level in force; a level left out is B-B.

        Raises:
            ValidationDataError: what is ordered could never be released: nothing is recorded.
            NotFoundError: there is no such seal, and a level above B-B is wanted.
        """
        if self.default is not Level.B_B:
            orders = [order._replace(level=order.level or self.default) for order in orders]
        levels = {each for order in orders if (each := order.level) and each is not Level.B_B}
        if levels:
            certificate, chain, _ = self._context.signer(seal_id).parts
            for level in levels:
                self._long_term.check_reachable(level, certificate, chain)
        return orders

    def signature(self, use: Use, cms: bytes) -> bytes:
        """The detached signature of a use at its level.

        One that is to go into a PDF stops at B-T: what is beyond belongs into the PDF.

        Raises:
            ValidationDataError: it cannot be reached now; names the use and how to try again.
        """
        level = level_of(use)
        if level is Level.B_B:
            return cms
        if _PDF in use.statement:
            level = Level.B_T
        return _reached(use, lambda: self._long_term.extend_signature(cms, level))

    def document(self, use: Use, sealed: Unfinished, cms: bytes) -> bytes:
        """The sealed PDF or container of a use at its level; errors as :meth:`signature`."""
        prepared, level = sealed.pdf(), level_of(use)
        if prepared is None:
            return sealed.finish(self.signature(use, cms))
        return _reached(use, lambda: self._long_term.embed(prepared, cms, level))


def level_of(use: Use) -> Level:
    """The level a use was ordered at."""
    return ApprovalRecord.level_of(use.authorization)


def room_for(level: Level) -> int:
    """Bytes a PDF reserves for the CMS of a seal of this level."""
    from eseal.documents.pdf import CONTENTS_BYTES
    from eseal.documents.pdf.longterm import SIGNATURE_BYTES

    return CONTENTS_BYTES if level is Level.B_B else SIGNATURE_BYTES


def long_term_of(
    context: Context,
    responders: Responders,
    ca: BuiltInCa,
    fetcher: Fetcher,
    named: Sequence[str] = (),
) -> LongTerm:
    """What raises levels in this instance: its own records are asked first.

    Args:
        context: the instance.
        responders: its time-stamp authority and OCSP responder.
        ca: its CA.
        fetcher: how others are reached.
        named: the time-stamp authorities; those of the settings if there are none.

    Raises:
        ConfigurationError: something else than URLs and ``built-in`` is named.
    """
    wanted = named or context.settings.tsa_sources
    return LongTerm(
        TimeStampers(sources_of(wanted, fetcher, BuiltInSource(responders.time_stamp))),
        StatusCollector((responders, RemoteStatus(fetcher, context.now)), ca.chain, fetcher),
        context.now,
    )


def long_term_without_instance(
    named: Sequence[str], fetcher: Fetcher, now: Callable[[], datetime]
) -> LongTerm:
    """What raises levels with nothing but other people's authorities.

    Raises:
        ConfigurationError: something else than URLs is named.
    """
    return LongTerm(
        TimeStampers(sources_of(named, fetcher, None)),
        StatusCollector((RemoteStatus(fetcher, now),), (), fetcher),
        now,
    )


def sources_of(
    named: Sequence[str], fetcher: Fetcher, built_in: BuiltInSource | None
) -> list[Source]:
    """The time-stamp authorities of these names: URLs, or the word for the built-in one.

    Raises:
        ConfigurationError: another word, or the built-in one where there is none.
    """
    found: list[Source] = []
    for name in named:
        if name == BUILT_IN and built_in is not None:
            found.append(built_in)
        elif name.lower().startswith(("http://", "https://")):
            found.append(RemoteSource(name, fetcher))
        else:
            raise ConfigurationError(
                "time-stamp authorities (ESEAL_TSA_URLS, --tsa): expected http or https URLs"
                + (f" or the word {BUILT_IN}" if built_in else "; there is no instance here")
            )
    return found


def _reached(use: Use, act: Callable[[], bytes]) -> bytes:
    try:
        return act()
    except ValidationDataError as error:
        raise type(error)(
            f"the use {use.id} is on record, but its document cannot be released at the level "
            f"ordered: {error}; try again later at /v1/uses/{use.id}/document, or with: "
            f"eseal document {use.id} --out FILE"
        ) from None
