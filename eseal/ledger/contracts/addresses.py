"""Addresses of contracts before they exist."""

from __future__ import annotations

import rlp  # type: ignore[import-untyped] # it has no type hints
from eth_utils.crypto import keccak

ADDRESS_BYTES = 20


def created_address(creator: bytes, nonce: int) -> bytes:
    """The address of the contract that transaction ``nonce`` of ``creator`` creates, 20 bytes.

    Yellow Paper section 7: the last 20 bytes of Keccak-256 of the RLP of both.
    """
    return keccak(rlp.encode([creator, nonce]))[-ADDRESS_BYTES:]
