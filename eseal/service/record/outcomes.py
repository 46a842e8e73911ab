"""How the outcome of a request is kept under its Idempotency-Key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from eseal.errors import ConflictError, CorruptionError, ESealError
from eseal.service.record.drafts import Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.store.repositories.uses import UseRepository


class RecordedRefusalError(ConflictError):
    """A part of an earlier request was refused; told again under its Idempotency-Key."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # the refusal keeps the code it had


def write_outcome(slots: Sequence[Slot]) -> str:
    """Entries by log index, refusals by code and message, as JSON."""
    return orjson.dumps([_told(slot) for slot in slots]).decode()


def _told(slot: Slot) -> dict[str, int | str]:
    outcome = slot.outcome
    if isinstance(outcome, ESealError):
        return {"code": outcome.code, "message": str(outcome)}
    return {"use": outcome.log_index}


def read_outcome(text: str, uses: UseRepository) -> list[Slot]:
    """What :func:`write_outcome` wrote.

    Raises:
        CorruptionError: a use it names is not on record.
    """
    entries = orjson.loads(text)
    wanted = [entry["use"] for entry in entries if "use" in entry]
    found = uses.at(wanted)
    if len(found) != len(wanted):
        raise CorruptionError("an Idempotency-Key names a use that is not on record")
    return [
        Slot(entry=found[entry["use"]])
        if "use" in entry
        else Slot(refused=RecordedRefusalError(entry["code"], entry["message"]))
        for entry in entries
    ]
