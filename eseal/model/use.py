"""A use: one application of a seal to one document, as it stands on record."""

from __future__ import annotations

from typing import NamedTuple


class Use(NamedTuple):
    """One recorded use. A tuple, because it is made by the thousand.

    Everything else about it (digest, ticket, purpose, …) is in its statement.

    Attributes:
        id: the use's random identifier, the same as in its statement.
        seal_id: the seal that was used.
        log_index: the index of its leaf in the log, from 0.
        statement: canonical JSON (RFC 8785).
        signature: the signature value of the seal signature (ECDSA: DER; RSA: raw).
        authorization: the approval record whose SHA-256 the statement carries.
    """

    id: str
    seal_id: str
    log_index: int
    statement: bytes
    signature: bytes
    authorization: bytes
