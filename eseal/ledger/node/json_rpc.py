"""JSON-RPC 2.0 and the forms of the Ethereum JSON-RPC specification: quantities, data, blocks.

Parsers here are strict and raise :class:`RpcError`; the dispatcher turns that into an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from eseal.excerpts import value_excerpt

MAX_REQUEST_BYTES = 1_048_576
"""A transaction of the largest size a node accepts (128 KiB) fits several times over."""
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_ERROR = -32000
"""JSON-RPC 2.0 section 5.1; -32000 is what every Ethereum node uses for "cannot do that"."""
LIMIT_EXCEEDED = -32005
"""EIP-1474."""
EXECUTION_REVERTED = 3
"""What geth, Besu and anvil answer when a contract reverts; the revert data is in ``data``."""

HASH_BYTES = 32
ADDRESS_BYTES = 20
LATEST_TAGS = frozenset({"latest", "safe", "finalized", "pending"})
"""The embedded chain never re-organises: its head is final at once."""

_QUANTITY = re.compile(r"0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,63})")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


class RpcError(Exception):
    """An error object of JSON-RPC 2.0, section 5.1."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def to_json(self) -> dict[str, Any]:
        """The error object."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data is not None:
            error["data"] = self.data
        return error


@dataclass(frozen=True, slots=True)
class BlockChoice:
    """Which block a parameter means: a height, a hash, or the head when both are ``None``."""

    number: int | None = None
    hash: bytes | None = None


def invalid_params(expected: str, got: object) -> RpcError:
    """The error for a parameter of the wrong form."""
    return RpcError(INVALID_PARAMS, f"expected {expected}, got {value_excerpt(got, 80)}")


def parse_quantity(value: object) -> int:
    """An integer of at most 256 bits in hex without leading zeros."""
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return int(value, 16)
    raise invalid_params("a quantity such as 0x41", value)


def parse_data(value: object, size: int | None = None) -> bytes:
    """Bytes in hex, of exactly ``size`` if given."""
    if isinstance(value, str) and _DATA.fullmatch(value):
        data = bytes.fromhex(value[2:])
        if size is None or len(data) == size:
            return data
    form = "0x and an even number of hex digits" if size is None else f"0x and {size} bytes in hex"
    raise invalid_params(form, value)


def parse_block(value: object) -> BlockChoice:
    """A block tag, a height, or an EIP-1898 object."""
    if isinstance(value, str):
        if value in LATEST_TAGS:
            return BlockChoice()
        if value == "earliest":
            return BlockChoice(number=0)
        return BlockChoice(number=parse_quantity(value))
    if isinstance(value, dict):
        if set(value) <= {"blockHash", "requireCanonical"} and "blockHash" in value:
            return BlockChoice(hash=parse_data(value["blockHash"], HASH_BYTES))
        if set(value) == {"blockNumber"}:
            return BlockChoice(number=parse_quantity(value["blockNumber"]))
    raise invalid_params("a block number, tag or EIP-1898 object", value)


def quantity(value: int) -> str:
    """An integer as hex without leading zeros."""
    return hex(value)


def data(value: bytes) -> str:
    """Bytes as hex."""
    return "0x" + value.hex()
