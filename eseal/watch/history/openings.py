"""What a history shows of leaves, and whether it is what they commit to.

The history is the operator's: nothing it says is believed. A leaf is *opened* by content and
signature that give its commitment, about this ticket, signed by the seal. That a document of the
company was sealed is another question, which only the company can answer.
"""

from __future__ import annotations

import base64
import binascii
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from eseal.documents.cms import algorithms, verify_signature
from eseal.documents.cms.confined import decode_stranger
from eseal.errors import (
    BusyError,
    ESealError,
    InvalidFormatError,
    InvalidProofError,
    LedgerUnreachableError,
)
from eseal.excerpts import value_excerpt
from eseal.http import bounded_client, web_address
from eseal.model.book import tag
from eseal.model.commitment import Kind, commitment, normalised
from eseal.model.json_values import JsonValues, loads
from eseal.model.records import Declaration, RosterChange, signed_message
from eseal.model.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.model.book import Ticket
    from eseal.watch.log.leaves import Hit
    from eseal.watch.log.state import Found

TIMEOUT_SECONDS = 30.0
ROUND_SECONDS = 3600.0
"""For all pages of all companies that one round asks for: a history without end must not keep
alarms back."""
PAGE = 200
"""Records in one answer: each has a signature with its certificates, some five kilobytes."""
MAX_PAGE_BYTES = 32 << 20
_HINTS = {
    401: ": the token is wrong, or was revoked",
    403: ": the token is not for that company",
}
_JSON = JsonValues("history")


class HistoryUnreachableError(LedgerUnreachableError):
    """The history could not be read, or does not answer as one does; worth trying again."""

    code = "history_unreachable"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a history shows of a leaf.

    Attributes:
        index: of the leaf.
        kind: of the record.
        content: its canonical JSON.
        signature: a use's CMS; another record's signature value.
    """

    index: int
    kind: Kind
    content: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """What opened a leaf.

    Attributes:
        record: the id of a use, else the kind of record.
        digest: of a use, SHA-256 of what was sealed, 32 bytes.
        source: of a use, SHA-256 of the file that was handed in, 32 bytes, if it tells.
    """

    record: str
    digest: bytes | None = None
    source: bytes | None = None


class History:
    """The history of a company at the service that keeps its seals."""

    def __init__(
        self, url: str, token: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Prepare, without asking anything yet.

        Args:
            url: of the service.
            token: the company's own.
            transport: how requests travel; by default over the network.

        Raises:
            InvalidFormatError: not an ``http`` or ``https`` URL.
        """
        parsed = web_address(url)
        if parsed is None:
            raise InvalidFormatError(
                "history: expected a URL that starts with http:// or https://, got another text",
                field="history",
            )
        self.name = parsed.netloc.decode("ascii")
        self._url = url.rstrip("/")
        self._client = bounded_client(
            TIMEOUT_SECONDS, transport=transport, headers={"Authorization": f"Bearer {token}"}
        )

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def openings(
        self, log_id: bytes, first: int, last: int, until: float = math.inf
    ) -> Iterator[Opening]:
        """What it shows of the company's leaves in a log from index ``first`` to ``last``.

        Nothing, if it is the history of another log. After ``until``, as :func:`time.monotonic`
        counts, no further page is asked for.

        Raises:
            HistoryUnreachableError: it cannot be read.
        """
        after: int | None = first
        while after is not None and after <= last:
            if after > first and time.monotonic() > until:
                raise HistoryUnreachableError(
                    f"{self.name}: the history did not come to its end in the time of this round"
                )
            asked = after
            page = self._page(asked)
            try:
                members = _JSON.members(page, "answer", {"log_id", "openings", "next"})
                if _JSON.hex_bytes(members["log_id"], "log_id") != log_id:
                    return
                for one in _list(members["openings"]):
                    if (opening := read_opening(one, _JSON)).index >= asked:
                        yield opening
                following = members["next"]
                after = None if following is None else _JSON.integer(following, "next")
            except InvalidFormatError as error:
                raise HistoryUnreachableError(f"{self.name}: {error}") from None
            if after is not None and after <= asked:
                raise HistoryUnreachableError(f"{self.name}: the history goes round in a circle")

    def _page(self, after: int) -> Any:
        try:
            with self._client.stream(
                "GET", f"{self._url}/v1/openings", params={"after": after, "limit": PAGE}
            ) as answer:
                data = b""
                for part in answer.iter_bytes():
                    data += part
                    if len(data) > MAX_PAGE_BYTES:
                        raise HistoryUnreachableError(f"{self.name}: the answer has no end")
                if answer.status_code != httpx.codes.OK:
                    hint = _HINTS.get(answer.status_code, "")
                    raise HistoryUnreachableError(
                        f"the history at {self.name} answers with status {answer.status_code}{hint}"
                    )
        except httpx.HTTPError as error:
            raise HistoryUnreachableError(
                f"cannot reach the history at {self.name}: {type(error).__name__}"
            ) from error
        try:
            return loads(data)
        except orjson.JSONDecodeError:
            raise HistoryUnreachableError(f"{self.name}: expected JSON, got another form") from None


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _JSON.invalid("openings to be a list", type(value).__name__)
    return value


def opening_members(opening: Opening) -> dict[str, Any]:
    """An opening as an object of a JSON document."""
    return {
        "log_index": opening.index,
        "kind": opening.kind.name.lower(),
        "content": opening.content.decode(),
        "signature": base64.b64encode(opening.signature).decode("ascii"),
    }


def read_opening(value: object, values: JsonValues) -> Opening:
    """Read what :func:`opening_members` writes, in a document whose errors ``values`` makes.

    Raises:
        InvalidFormatError: anything else.
    """
    members = values.members(value, "opening", {"log_index", "kind", "content", "signature"})
    names = {kind.name.lower(): kind for kind in Kind}
    kind = names.get(values.text(members["kind"], "kind"))
    if kind is None:
        raise values.invalid(
            f"kind to be one of {', '.join(names)}", value_excerpt(members["kind"])
        )
    try:
        signature = base64.b64decode(values.text(members["signature"], "signature"), validate=True)
    except (binascii.Error, ValueError):
        raise values.invalid("signature in base64", value_excerpt(members["signature"])) from None
    index = values.integer(members["log_index"], "log_index")
    return Opening(index, kind, values.text(members["content"], "content").encode(), signature)


def verify_opening(opening: Opening, torn: Hit | Found, certificate: bytes | None) -> Opened:
    """What opened a leaf, if it did.

    Args:
        opening: as a history shows it.
        torn: the leaf.
        certificate: of the seal whose book it is of, DER; ``None`` of a roster book.

    Raises:
        InvalidProofError: it is not what the leaf commits to, or not signed by the seal.
        BusyError: too much is being read at once.
    """
    try:
        if opening.kind is Kind.ROSTER and certificate is None:
            return _roster(opening, torn)
        if certificate is None or opening.kind not in {Kind.USE, Kind.DECLARATION}:
            raise InvalidProofError(f"a {opening.kind.name.lower()} tears no ticket of this book")
        if opening.kind is Kind.USE:
            return _use(opening, torn, certificate)
        return _declaration(opening, torn, certificate)
    except BusyError:
        raise
    except ESealError as error:
        raise InvalidProofError(str(error)) from None


def _use(opening: Opening, torn: Hit | Found, certificate: bytes) -> Opened:
    seal = decode_stranger(opening.signature)
    algorithm = algorithms.algorithm_of(certificate)
    if seal.certificate != certificate or seal.statement != opening.content:
        raise InvalidProofError("expected this seal's signature over this statement, got another")
    _commits(torn, opening, normalised(seal.signature, algorithm))
    verify_signature(seal)
    statement = Statement.parse(opening.content)
    _of_ticket(torn, statement.seal, statement.ticket)
    return Opened(statement.id, statement.digest, statement.source)


def _declaration(opening: Opening, torn: Hit | Found, certificate: bytes) -> Opened:
    algorithm = algorithms.algorithm_of(certificate)
    _commits(torn, opening, normalised(opening.signature, algorithm))
    message = signed_message(Kind.DECLARATION, opening.content)
    key = algorithms.public_key(certificate)
    algorithms.verify(key, algorithms.seal_scheme(key), opening.signature, message)
    declaration = Declaration.parse(opening.content)
    _of_ticket(torn, declaration.seal, declaration.ticket)
    return Opened("declaration")


def _roster(opening: Opening, torn: Hit | Found) -> Opened:
    """Who has to sign a change, its own document says: only the commitment is compared."""
    _commits(torn, opening, opening.signature)
    change = RosterChange.parse(opening.content)
    _of_ticket(torn, torn.place.handle, change.ticket)
    return Opened("roster")


def _commits(torn: Hit | Found, opening: Opening, signature: bytes) -> None:
    if commitment(opening.kind, opening.content, signature) != torn.leaf.commitment:
        raise InvalidProofError("the leaf commits to something else")


def _of_ticket(torn: Hit | Found, handle: bytes, ticket: Ticket) -> None:
    if handle != torn.place.handle or tag(handle, ticket) != torn.leaf.tag:
        raise InvalidProofError("it names another ticket than the leaf shows")
