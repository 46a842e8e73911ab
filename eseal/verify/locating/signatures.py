"""Telling seals from the signatures of strangers, before anything of them is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NoReturn

from cryptography.hazmat import asn1

from eseal.documents import oids
from eseal.documents.cms.confined import decode_stranger
from eseal.documents.pdf import Form
from eseal.errors import InvalidFormatError
from eseal.verify.inputs.case import Contents
from eseal.verify.verdict.conclusion import FindingError
from eseal.verify.verdict.report import OtherSignature, OtherState
from eseal.verify.verdict.vocabulary import Finding, SubIndication

if TYPE_CHECKING:
    from eseal.documents.cms import SealSignature

_STATEMENT = asn1.encode_der(oids.STATEMENT)
_TRACES = (_STATEMENT, _STATEMENT.hex().encode(), _STATEMENT.hex().upper().encode())
"""The name of the attribute that makes a signature a seal, as a file and as a PDF hold it."""
_SPOILT = frozenset({OtherState.DOES_NOT_VERIFY, OtherState.NOT_SUPPORTED})


SIGNATURES_KEPT = 8
"""Those of one file at a time, so that its readers read each once; a mebibyte each at most."""


@lru_cache(maxsize=SIGNATURES_KEPT)
def read_signature(der: bytes) -> SealSignature:
    """As :func:`eseal.documents.cms.decode`; a large one is tried elsewhere first.

    Raises:
        InvalidFormatError: it cannot be read, or only at too great a cost.
        BusyError: too many others wait.
    """
    return decode_stranger(der)


def is_seal(der: bytes) -> bool:
    """Whether a signature is a seal: it carries a statement, or what is left of one.

    A damaged seal is never taken for a stranger's signature.
    """
    try:
        return read_signature(der).statement is not None
    except InvalidFormatError:
        return not der or _STATEMENT in der


def bears_traces(data: bytes) -> bool:
    """Whether what is left of a seal stands somewhere in a file in which none was found."""
    return any(trace in data for trace in _TRACES)


def is_stranger(der: bytes) -> bool:
    """Whether a signature can be read and carries no statement."""
    try:
        return read_signature(der).statement is None
    except InvalidFormatError:
        return False


def hashes_of(data: bytes) -> Callable[[str], bytes | None]:
    """What gives the hash of this for the name of an algorithm; made once."""
    return cache(lambda hash_name: hashlib.new(hash_name, data).digest())


def known_hash(digest: bytes) -> Callable[[str], bytes | None]:
    """The same where one hash is known: that of the algorithm with this length."""
    return lambda name: digest if hashlib.new(name).digest_size == len(digest) else None


def no_seal(found: Contents, others: Sequence[OtherSignature], *, traces: bool) -> NoReturn:
    """Say that there is nothing to check.

    ``no_seal`` is said only of a file in which nothing stands that could be one: a signature that
    does not verify, or cannot be read, may be what somebody left of a seal.

    Args:
        found: what was found in the file; no seals.
        others: what is known of the signatures in it.
        traces: whether what is left of a seal stands somewhere in it.

    Raises:
        FindingError: ``no_seal``, or ``not_understood``.
    """
    spoilt = any(each.state in _SPOILT for each in others)
    if traces or spoilt or not (others or found.form in {None, Form.NONE}):
        raise FindingError(
            Finding.NOT_UNDERSTOOD,
            "A signature, or what is left of a seal, stands in the file, but it cannot be told "
            f"whether it was a company seal{': ' + found.detail if found.detail else ''}.",
            sub_indication=SubIndication.SIGNED_DATA_NOT_FOUND,
        )
    raise FindingError(
        Finding.NO_SEAL,
        "There is no company seal; only others have signed."
        if others
        else "There is neither a seal in the document nor a signature or evidence file beside it.",
    )
