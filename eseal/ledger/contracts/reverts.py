"""What a contract said when it refused: revert data to an error of ours."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from eseal.errors import InvalidFormatError, LedgerRejectedError, StaleHeadError
from eseal.ledger.contracts.artifacts import (
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
_PLAIN = MappingProxyType(
    {
        "AlreadyStopped": "the seal is stopped by this party already",
        "AuthorityKeyNotInForce": "the authority's key has ended, or was never on the ledger",
        "CompanyAlreadyRegistered": "the company is on the ledger already",
        "HeadNotAccepted": "no head in force has this size",
        "HeadNotSmaller": "the log's newest head is no larger than that",
        "InvalidAuthoritySignature": "this was not signed by the company's authority",
        "LogAlreadyOpen": "the issuer has its one log already",
        "LogKeyUsedBefore": "the log had this key before, and a replaced key never comes back",
        "NotStopped": "this party has no stop on the seal, and nobody lifts another's",
        "RootAlreadyAdded": "the issuer has or had this root; one that ended never begins again",
        "SchemeAlreadySet": "the scheme has its authority, for good",
        "SealIsRevoked": "the seal is revoked, which is final",
        "StopAlreadySet": "the seal has a chain of stop codes, which only its owner replaces",
        "StopNotAnnounced": "the new chain of stop codes was not announced at least an hour ago",
        "UnknownCompany": "the company is not on the ledger",
        "VolumeNotNext": "volume {next} of the seal's book is opened next, not {number}",
        "WrongStopCode": "that is not the next code of this seal's chain",
    }
)
"""What people have to be told in words; every other error's name says enough to those it meets."""


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
    values = {
        name: _show(kind, value)
        for name, kind, value in zip(entry.names, entry.inputs, arguments, strict=True)
    }
    shown = f"{entry.name}({', '.join(f'{name}={value}' for name, value in values.items())})"
    plain = _PLAIN.get(entry.name)
    why = shown if plain is None else f"{plain.format_map(values)}: {shown}"
    return LedgerRejectedError(f"the contract refused: {why}", error_name=entry.name)


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
