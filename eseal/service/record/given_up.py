"""What was given up after a loss: heads that are no news any more from whoever remembers them.

The document that tells of a loss lies beside the released head. It counts only where a mark on the
log, signed by the log's key, is of its very bytes: whoever writes to database and data directory
gives nothing up.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from eseal.errors import ESealError
from eseal.ledger.facts import Head
from eseal.model.commitment import Kind
from eseal.model.records import Mark, MarkEvent, signed_message
from eseal.model.statement import format_time
from eseal.store.repositories.records import RecordRepository

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from eseal.ledger.facts import LogRegistration
    from eseal.witness.client import Cosigned

VERSION = 1
MAX_BYTES = 1 << 16
"""A few heads."""

_log = structlog.get_logger(__name__)


def document_of(
    released: Head, database: Head, cosigned: Iterable[Cosigned], at: datetime
) -> bytes:
    """What a mark is of, canonical JSON: the heads that are given up, and where the log goes on.

    Args:
        released: the highest head that was released, or that a witness showed.
        database: the head the database holds.
        cosigned: what witnesses show of it that the database does not hold.
        at: when.
    """
    members = {
        "at": format_time(at),
        "cosigned": [{**_written(one.head), "witness": one.witness} for one in cosigned],
        "database": _written(database),
        "kind": "restore",
        "released": _written(released),
        "v": VERSION,
    }
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def path_of(released: Path, size: int) -> Path:
    """Where the document of a mark lies.

    Args:
        released: the file of the released head.
        size: leaves before the mark, which is its index.
    """
    return released.with_name(f"restore-{size}.json")


def given_up(released: Path, connection: Connection, log: LogRegistration) -> frozenset[Head]:
    """All heads that were given up.

    Args:
        released: the file of the released head, beside which the documents lie.
        connection: a transaction: the marks are asked of it.
        log: as the ledger knows it: whose keys may have signed the marks.
    """
    found: set[Head] = set()
    for path in released.parent.glob(path_of(released, 0).name.replace("0", "*")):
        try:
            found.update(_heads_of(path, connection, log))
        except (ESealError, OSError, ValueError, LookupError, TypeError) as error:
            _log.warning("not_given_up", file=path.name, error=str(error))
    return frozenset(found)


def _heads_of(path: Path, connection: Connection, log: LogRegistration) -> list[Head]:
    index = int(path.stem.rpartition("-")[2])
    with path.open("rb") as file:
        document = file.read(MAX_BYTES)
    record = RecordRepository(connection).first_from(index)
    if record is None or record.log_index != index or record.kind is not Kind.MARK:
        raise ValueError("the log has no mark of it")
    mark = Mark.parse(record.content)
    if (mark.event, mark.body) != (MarkEvent.RESTORE, sha256(document).digest()):
        raise ValueError("the log's mark is of another document")
    message = signed_message(Kind.MARK, record.content)
    if not any(_signed(key, message, record.signature) for key in log.signers(index + 1)):
        raise ValueError("the mark is not signed by the log")
    members: Any = orjson.loads(document)
    return [_read(each) for each in (members["released"], *members["cosigned"])]


def _signed(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _written(head: Head) -> dict[str, Any]:
    return {"root": head.root.hex(), "size": head.size}


def _read(members: Any) -> Head:
    return Head(int(members["size"]), bytes.fromhex(members["root"]))
