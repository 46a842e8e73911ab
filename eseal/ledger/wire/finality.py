"""When a block counts as final: a property of the network, set by the operator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt

MAX_DEPTH = 999_999
"""Far beyond any network's practice; a larger number is a slip."""
_DEPTH = re.compile(r"depth:([1-9][0-9]{0,5})")


class FinalityRule(StrEnum):
    """How a final block is told."""

    IMMEDIATE = "immediate"
    """Every block at once: the embedded chain, QBFT, IBFT."""
    TAG = "tag"
    """The node says so: proof of stake."""
    DEPTH = "depth"
    """So many blocks below the newest: Clique, proof of work."""


@dataclass(frozen=True, slots=True)
class Finality:
    """A finality setting.

    Attributes:
        rule: how a final block is told.
        depth: blocks above a final one; 0 unless the rule is ``DEPTH``.
    """

    rule: FinalityRule = FinalityRule.IMMEDIATE
    depth: int = 0

    def __str__(self) -> str:
        """The setting as :meth:`parse` reads it."""
        if self.rule is FinalityRule.DEPTH:
            return f"depth:{self.depth}"
        return "tag:finalized" if self.rule is FinalityRule.TAG else "immediate"

    @classmethod
    def parse(cls, text: str) -> Finality:
        """Read ``immediate``, ``tag:finalized`` or ``depth:N`` with N from 1 to 999999.

        Raises:
            InvalidFormatError: anything else.
        """
        if text == "immediate":
            return cls()
        if text == "tag:finalized":
            return cls(FinalityRule.TAG)
        match = _DEPTH.fullmatch(text)
        if match:
            return cls(FinalityRule.DEPTH, int(match[1]))
        raise InvalidFormatError(
            "finality: expected immediate, tag:finalized or depth:N with N from 1 to "
            f"{MAX_DEPTH}, got {excerpt(text, 64)}",
            field="finality",
        )

    def tag(self) -> str:
        """The block tag to ask a node for: of the final block, or of the one ``depth`` above it."""
        return "finalized" if self.rule is FinalityRule.TAG else "latest"
