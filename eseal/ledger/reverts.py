"""What a contract said when it refused: revert data to an error of ours."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from eseal.errors import InvalidFormatError, LedgerRejectedError, StaleHeadError
from eseal.ledger.artifacts import (
    SEAL_REGISTRY,
    SELECTOR_BYTES,
    USAGE_LEDGER,
    Entry,
    load_artifact,
)

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_REVERTED = re.compile(r"\brevert", re.IGNORECASE)
_EXECUTION_REVERTED = 3
_BUILT_IN = (
    Entry("Error", keccak(text="Error(string)"), ("reason",), ("string",), ()),
    Entry("Panic", keccak(text="Panic(uint256)"), ("code",), ("uint256",), ()),
)
"""Solidity's own: ``require`` with a text, and failed assertions or overflows."""


def revert_data(code: object, message: object, data: object) -> bytes | None:
    """The revert data in a JSON-RPC error, or ``None`` if it is not about a revert.

    Nodes differ: geth, anvil and the embedded node answer code 3 and hex, Besu -32000 and hex,
    Nethermind ``Reverted 0x…``, others an object with the hex inside.
    """
    if isinstance(data, Mapping):
        data = data.get("data") or data.get("result")
    hexadecimal = data.rpartition(" ")[2] if isinstance(data, str) else ""
    reverted = code == _EXECUTION_REVERTED or (
        isinstance(message, str) and _REVERTED.search(message) is not None
    )
    if not reverted and not (isinstance(data, str) and data.startswith("Reverted")):
        return None
    return bytes.fromhex(hexadecimal[2:]) if _HEX.fullmatch(hexadecimal) else b""


def rejection(data: bytes) -> LedgerRejectedError:
    """The error a contract's revert data stands for, with its name and arguments."""
    entry = _errors().get(data[:SELECTOR_BYTES])
    if entry is None:
        detail = f"0x{data[:SELECTOR_BYTES].hex()}" if data else "no reason given"
        return LedgerRejectedError(f"the contract refused: {detail}")
    try:
        arguments = entry.decode_arguments(data[SELECTOR_BYTES:])
    except InvalidFormatError:
        return LedgerRejectedError(f"the contract refused: {entry.name}", error_name=entry.name)
    if entry.name == "StaleHead":
        return StaleHeadError(*arguments)
    shown = ", ".join(
        f"{name}={_show(kind, value)}"
        for name, kind, value in zip(entry.names, entry.inputs, arguments, strict=True)
    )
    return LedgerRejectedError(
        f"the contract refused: {entry.name}({shown})", error_name=entry.name
    )


@functools.cache
def _errors() -> Mapping[bytes, Entry]:
    entries = {entry.selector: entry for entry in _BUILT_IN}
    for name in (SEAL_REGISTRY, USAGE_LEDGER):
        entries.update(load_artifact(name).errors)
    return MappingProxyType(entries)


def _show(kind: str, value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if kind == "address" and isinstance(value, str):
        return to_checksum_address(value)
    return str(value)[:200]
