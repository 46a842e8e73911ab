"""Where the contracts are: what an operator publishes and a verifier trusts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson
from eth_utils.address import is_checksum_address, to_checksum_address

from eseal.excerpts import value_excerpt
from eseal.model.json_values import JsonValues

_JSON = JsonValues("deployment")
MAX_CHAIN_ID = 2**53 - 1
"""RFC 8785 section 3.2.2.3: integers beyond this lose precision in a JSON reader."""
MAX_BLOCK = 2**53 - 1
"""The same."""
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_MEMBERS = ("block", "chain_id", "seal_registry", "usage_ledger")


@dataclass(frozen=True, slots=True)
class Deployment:
    """One pair of contracts.

    Attributes:
        chain_id: EIP-155 chain id.
        seal_registry: checksummed address (EIP-55).
        usage_ledger: checksummed address (EIP-55).
        block: the height from which both exist; nothing of ours is older.
    """

    chain_id: int
    seal_registry: str
    usage_ledger: str
    block: int

    def encode(self) -> bytes:
        """This deployment as JSON."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def parse(cls, data: bytes) -> Deployment:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: anything but such a JSON object. An address in mixed case must
                carry its EIP-55 checksum.
        """
        fields = _JSON.parse(data)
        if not isinstance(fields, dict) or sorted(fields) != list(_MEMBERS):
            got = sorted(fields) if isinstance(fields, dict) else type(fields).__name__
            raise _JSON.invalid(f"an object with the members {', '.join(_MEMBERS)}", str(got)[:256])
        return cls(
            chain_id=_integer(fields["chain_id"], "chain_id", 1, MAX_CHAIN_ID),
            seal_registry=_address(fields["seal_registry"], "seal_registry"),
            usage_ledger=_address(fields["usage_ledger"], "usage_ledger"),
            block=_integer(fields["block"], "block", 0, MAX_BLOCK),
        )


def _integer(value: object, name: str, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise _JSON.invalid(f"{name} to be an integer from {least} to {most}", value_excerpt(value))
    return value


def _address(value: object, name: str) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise _JSON.invalid(f"{name} to be 0x and 40 hex digits", value_excerpt(value))
    if value[2:].lower() != value[2:] and not is_checksum_address(value):
        raise _JSON.invalid(f"{name} to carry its EIP-55 checksum", value)
    return to_checksum_address(value)
