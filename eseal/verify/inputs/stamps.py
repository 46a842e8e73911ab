"""The time-stamps of one file: each is read once, and all of them together cost so much at most."""

from __future__ import annotations

from typing import Final

from eseal.documents.cms.tokens import check_token
from eseal.documents.cms.validation_data import Effort
from eseal.errors import InvalidFormatError
from eseal.pki.tsp.token import TimeStamp

STAMP_COST: Final = 16
"""Reading and verifying a token takes as long as so many signatures, some 4 ms …"""
BYTES_AS_ONE: Final = 4096
"""… and one more for so many bytes."""


class Stamps:
    """Reads the time-stamps of one file.

    Attributes:
        effort: what looking at that file may still cost.
    """

    def __init__(self) -> None:
        self.effort = Effort()
        self._read: dict[tuple[bytes, bool], TimeStamp] = {}

    def read(self, token: bytes, *, archive: bool) -> TimeStamp:
        """A time-stamp that its authority made, and that carries nothing it does not need.

        Args:
            token: the ContentInfo.
            archive: whether it is an archive time-stamp in a signature.

        Raises:
            InvalidSignatureError: its authority did not make it.
            InvalidFormatError: it is none, carries more, or there are more than are looked at.
        """
        known = token, archive
        if known not in self._read:
            if not self.effort.allows(STAMP_COST + len(token) // BYTES_AS_ONE):
                raise InvalidFormatError("more time-stamps than are looked at in one file")
            check_token(token, self.effort, archive=archive)  # first: it counts the parts
            stamp = TimeStamp.parse(token)
            stamp.verify()
            self._read[known] = stamp
        return self._read[known]
