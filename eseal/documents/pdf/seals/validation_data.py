"""Whether the validation data of a PDF are what a signature in it needs.

Whoever has a sealed file can add validation data to it: that is how it is kept for the long term.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eseal.documents import cms
from eseal.documents.cms import validation_data as needed
from eseal.documents.cms.tokens import embedded
from eseal.errors import InvalidFormatError


def foreign(store: needed.Carried, signatures: Iterable[bytes]) -> frozenset[bytes]:
    """What of the validation data no signature in the file needs, DER.

    Args:
        store: all validation data of the file.
        signatures: the CMS of its seals and the tokens of its document time-stamps, DER. What they
            bring along is taken for needed here: :mod:`eseal.documents.cms.unsigned` looks at it.
    """
    return needed.foreign(store, _brought(signatures), needed.Effort())


def _brought(signatures: Iterable[bytes]) -> Iterator[bytes]:
    """The certificates in signatures, and in the time-stamps of these."""
    for der in signatures:
        yield from embedded(der)
        try:
            signature = cms.decode(der)
        except InvalidFormatError:
            continue  # a token, or nothing that is ours
        yield from _brought((*signature.time_stamps, *signature.archive_time_stamps))
