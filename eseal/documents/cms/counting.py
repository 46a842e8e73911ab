"""How many parts a CMS has, counted before they are made into objects.

A mebibyte holds half a million elements, whose reading takes a fifth of a second each time, in the
process that holds keys. So they are counted first, by their lengths alone, and only as deep as a
CMS is opened here: what lies in a certificate, a revocation list or a time-stamp is not.
"""

from __future__ import annotations

from typing import Final

from eseal.errors import InvalidFormatError

MAX_PARTS: Final = 4096
"""A seal has some 40; a producer that embeds whatever proves its chain has a few hundred."""
_MIN_PART_BYTES: Final = 2
"""Its tag and its length."""
_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_SETS: Final = frozenset({_SET, 0xA0, 0xA1})
"""Digest algorithms and signers; certificates or signed attributes; lists or unsigned ones."""
_LONG_TAG: Final = 0x1F
_LONG_LENGTH: Final = 0x80
_MAX_LENGTH_BYTES: Final = 4


def check_count(der: bytes) -> None:
    """Check that a ContentInfo has no more parts than are read. What else it is, is not looked at.

    Raises:
        InvalidFormatError: it has more; or, where that had to be counted, a length leads out of it.
    """
    if len(der) <= MAX_PARTS * _MIN_PART_BYTES:
        return  # as a seal alone is: it has no room for more
    parts = Parts()
    try:
        for tag, data in parts.below(memoryview(der), depth=4):
            if tag not in _SETS:
                continue
            for kind, signer in parts.of(data):
                if tag == _SET and kind == _SEQUENCE:
                    parts.count_attributes(signer)
    except IndexError:
        raise InvalidFormatError("CMS: expected whole DER elements, got one that is cut") from None


class Parts:
    """Takes DER or BER of definite length apart, and counts.

    Its methods raise :class:`IndexError` for what is cut, :class:`InvalidFormatError` for too much.

    Args:
        most: parts that are taken.
    """

    def __init__(self, most: int = MAX_PARTS) -> None:
        self._most = self._left = most

    def below(self, der: memoryview, depth: int) -> list[tuple[int, memoryview]]:
        """The parts of what is last in what is last …, so deep: of the SignedData."""
        found = self.of(der)
        return found if depth == 1 or not found else self.below(found[-1][1], depth - 1)

    def count_attributes(self, signer: memoryview) -> None:
        """Count the attributes of a SignerInfo, and their values."""
        for tag, attributes in self.of(signer):
            if tag in _SETS:
                for _, attribute in self.of(attributes):
                    for kind, values in self.of(attribute):
                        if kind == _SET:
                            self.of(values)

    def of(self, der: memoryview) -> list[tuple[int, memoryview]]:
        """Elements that follow each other: the first byte of the tag, and the content."""
        found: list[tuple[int, memoryview]] = []
        at = 0
        while at < len(der):
            self._left -= 1
            if self._left < 0:
                raise InvalidFormatError(f"CMS: expected at most {self._most} parts, got more")
            tag = der[at]
            if tag & _LONG_TAG == _LONG_TAG:
                at += 1
                while der[at] & 0x80:
                    at += 1
            start, length = _length(der, at + 1)
            at = start + length
            if at > len(der):
                raise IndexError
            found.append((tag, der[start:at]))
        return found


def _length(der: memoryview, at: int) -> tuple[int, int]:
    """Where the content begins, and how long it is."""
    first = der[at]
    if first < _LONG_LENGTH:
        return at + 1, first
    more = first - _LONG_LENGTH
    if not 0 < more <= _MAX_LENGTH_BYTES or at + more >= len(der):
        raise IndexError
    return at + 1 + more, int.from_bytes(der[at + 1 : at + 1 + more], "big")
