"""The approval record of a use: who asked for it, who approved it, and what exactly.

The statement holds its SHA-256 (member ``authorization``), so nobody changes one afterwards. It is
kept beside the use and shown to the company; a verifier knows its hash alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson

from eseal.model.level import Level

VERSION: Final = 1
_LEVEL: Final = b'"level":"'
"""An unescaped quotation mark stands in JSON only around names and values: cheap to look for."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's yes to the very document.

    Attributes:
        by: who, as records name them.
        at: when, RFC 3339.
    """

    by: str
    at: str


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """What was asked for and approved.

    Attributes:
        use: the id of the use.
        seal: the id of the seal.
        digest: of the document, SHA-256.
        actor: who asked, as records name them.
        requested_at: when, RFC 3339.
        purpose: what for, or ``None``.
        level: of the seal signature; above B-B only.
        approvals: who approved; none where whoever asks may do so alone.
    """

    use: str
    seal: str
    digest: bytes
    actor: str
    requested_at: str
    purpose: str | None = None
    level: Level = Level.B_B
    approvals: tuple[Approval, ...] = ()

    def encode(self) -> bytes:
        """Canonical JSON (RFC 8785): members in the order of their names."""
        members: dict[str, Any] = {  # written in order: sorting would cost half as much again
            "actor": self.actor,
            "approvals": [{"at": each.at, "by": each.by} for each in self.approvals],
            "digest": self.digest.hex(),
        }
        if self.level is not Level.B_B:
            members["level"] = self.level.value
        members["purpose"] = self.purpose
        members["requested_at"] = self.requested_at
        members["seal"] = self.seal
        members["use"] = self.use
        members["v"] = VERSION
        return orjson.dumps(members)

    @staticmethod
    def level_of(encoded: bytes) -> Level:
        """The level in a record as it was encoded, without reading the rest of it."""
        if _LEVEL not in encoded:
            return Level.B_B
        return Level(orjson.loads(encoded)["level"])
