"""What a verifier demands beyond the ledger's word: so many witnesses of so many.

A policy file is JSON::

    {"witnesses": {"threshold": 2,
                   "keys": ["witness.example.org/w1+8d66cf3f+BGtY…", "…", "…"]}}

The keys are those of C2SP signed-note, "Verifier keys", of type 0x04 (tlog-cosignature, "Format").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.log.vkey import KeyType, VerifierKey, parse_vkey
from eseal.model.json_values import JsonValues

_JSON = JsonValues("policy")
MAX_POLICY_BYTES = 1 << 16
MAX_KEYS = 64
"""A note carries at most a hundred signatures."""


@dataclass(frozen=True, slots=True)
class WitnessQuorum:
    """At least ``threshold`` of these witnesses must have cosigned a head.

    Attributes:
        threshold: how many, at least 1.
        keys: of whom; each a name and a public key of its own.

    Raises:
        InvalidInputError: a threshold no set of these witnesses can reach, or a key twice.
    """

    threshold: int
    keys: tuple[VerifierKey, ...]

    def __post_init__(self) -> None:
        if len(self.keys) > MAX_KEYS:
            raise InvalidInputError(
                f"policy: expected at most {MAX_KEYS} witnesses, got {len(self.keys)}"
            )
        # One key under two names would be one witness that counts twice.
        if len({key.public_key for key in self.keys}) != len(self.keys):
            raise InvalidInputError("policy: expected each witness's key once, got one twice")
        if not 1 <= self.threshold <= len(self.keys):
            raise InvalidInputError(
                f"policy: expected a threshold from 1 to {len(self.keys)}, got {self.threshold}"
            )


@dataclass(frozen=True, slots=True)
class Policy:
    """What a verifier demands.

    Attributes:
        witnesses: who must have cosigned the head a use stands under, or ``None`` for nobody.
    """

    witnesses: WitnessQuorum | None = None

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """Read a policy file, strictly.

        Raises:
            InvalidFormatError: another form, an unknown member, or a threshold out of reach.
        """
        if len(data) > MAX_POLICY_BYTES:
            raise _JSON.invalid(f"at most {MAX_POLICY_BYTES} bytes", f"{len(data)} bytes")
        fields: Any = _JSON.parse(data)
        if not isinstance(fields, dict) or set(fields) != {"witnesses"}:
            raise _JSON.invalid("an object with the member witnesses", "another form")
        return cls(_quorum(fields["witnesses"]))


NO_POLICY = Policy()
"""Demand nothing beyond the ledger's word."""


def _quorum(value: object) -> WitnessQuorum:
    if not isinstance(value, dict) or set(value) != {"keys", "threshold"}:
        raise _JSON.invalid("witnesses with the members threshold and keys", "another form")
    threshold, keys = value["threshold"], value["keys"]
    if type(threshold) is not int:
        raise _JSON.invalid("threshold to be an integer", type(threshold).__name__)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise _JSON.invalid("keys to be a list of verifier keys", "another form")
    parsed = tuple(parse_vkey(key, KeyType.COSIGNATURE) for key in keys)
    try:
        return WitnessQuorum(threshold, parsed)
    except InvalidInputError as error:
        raise InvalidFormatError(str(error), field="policy") from None
