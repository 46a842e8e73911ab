"""How the outcome of a request is kept under its Idempotency-Key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from eseal.errors import ConflictError, CorruptionError, ESealError
from eseal.model.use import Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.store.repositories.uses import UseRepository


class RecordedRefusalError(ConflictError):
    """A part of an earlier request was refused; told again under its Idempotency-Key."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # the refusal keeps the code it had


def write_outcome(outcomes: Sequence[Use | ESealError]) -> str:
    """Uses by log index, refusals by code and message, as JSON."""
    return orjson.dumps(
        [
            {"use": outcome.log_index}
            if isinstance(outcome, Use)
            else {"code": outcome.code, "message": str(outcome)}
            for outcome in outcomes
        ]
    ).decode()


def read_outcome(text: str, uses: UseRepository) -> list[Use | ESealError]:
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
        found[entry["use"]]
        if "use" in entry
        else RecordedRefusalError(entry["code"], entry["message"])
        for entry in entries
    ]
