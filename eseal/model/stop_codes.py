"""Stop codes: how a company stops its seal itself, and nobody else can (pure, no I/O).

A chain of hashes made by the company. The registry holds the end; the code before it hashes to it
and becomes the end itself when it is used, so that each code works once, in order. The step binds
chain, contract and seal: a code seen in one place works in no other.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

import orjson

from eseal.errors import InvalidFormatError, InvalidInputError, NotFoundError
from eseal.model.json_values import JsonValues

CODE_BYTES = 32
DEFAULT_CODES = 16
MAX_CODES = 1024
"""Far more than a seal is ever stopped; another chain can follow (``replace_stop``)."""
_ADDRESS_BYTES = 20
_WORD = 32
_VERSION = 1
_MEMBERS = {"v", "chain_id", "seal_registry", "handle", "codes"}
_JSON = JsonValues("stop_codes")


@dataclass(frozen=True, slots=True)
class StopScope:
    """What a stop code is for.

    Attributes:
        chain_id: EIP-155 chain id.
        registry: address of ``SealRegistry``, 20 bytes.
        handle: the seal, 32 bytes.
    """

    chain_id: int
    registry: bytes
    handle: bytes

    def stop_hash(self, code: bytes) -> bytes:
        """What the registry must hold for ``code`` to work, 32 bytes.

        SHA-256(chain id, 32 bytes ‖ registry ‖ handle ‖ code), as ``SealRegistry`` computes it.

        Raises:
            InvalidInputError: ``code`` is not 32 bytes.
        """
        if len(code) != CODE_BYTES:
            raise InvalidInputError(
                f"stop code: expected {CODE_BYTES} bytes, got {len(code)}", field="code"
            )
        return sha256(
            self.chain_id.to_bytes(_WORD, "big") + self.registry + self.handle + code
        ).digest()


@dataclass(frozen=True, slots=True)
class StopCodes:
    """A chain of stop codes, for the company alone.

    Attributes:
        scope: what they are for.
        codes: each 32 bytes, in the order in which they work.
    """

    scope: StopScope
    codes: tuple[bytes, ...]

    @property
    def end(self) -> bytes:
        """What is put on the ledger, 32 bytes; it tells nothing of the codes."""
        return self.scope.stop_hash(self.codes[0])

    def next(self, stop_hash: bytes) -> bytes:
        """The code that works now, 32 bytes.

        Args:
            stop_hash: what the registry holds now.

        Raises:
            NotFoundError: none of these; all are used up, or another chain is in force.
        """
        for code in self.codes:
            if self.scope.stop_hash(code) == stop_hash:
                return code
        used_up = stop_hash == self.codes[-1]
        raise NotFoundError(
            "all codes of this chain are used up: begin another (eseal stop replace)"
            if used_up
            else f"the ledger expects a code of another chain (one that hashes to "
            f"{stop_hash.hex()})"
        )

    def encode(self) -> bytes:
        """This chain as a JSON file."""
        fields = {
            "v": _VERSION,
            "chain_id": self.scope.chain_id,
            "seal_registry": "0x" + self.scope.registry.hex(),
            "handle": self.scope.handle.hex(),
            "codes": [code.hex() for code in self.codes],
        }
        return orjson.dumps(fields, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def parse(cls, data: bytes) -> StopCodes:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: it is not such a file, or its codes are no chain.
        """
        value = _JSON.parse(data)
        fields = _JSON.members(value, "it", _MEMBERS)
        if _JSON.integer(fields["v"], "v") != _VERSION:
            raise _JSON.invalid(f"v {_VERSION}", str(fields["v"]))
        registry = _JSON.text(fields["seal_registry"], "seal_registry")
        scope = StopScope(
            _JSON.integer(fields["chain_id"], "chain_id"),
            parse_hex(registry.removeprefix("0x").lower(), "seal_registry", _ADDRESS_BYTES),
            parse_hex(_JSON.text(fields["handle"], "handle"), "handle"),
        )
        codes = fields["codes"]
        if not isinstance(codes, list) or not 0 < len(codes) <= MAX_CODES:
            raise _JSON.invalid(f"codes to be a list of 1 to {MAX_CODES}", type(codes).__name__)
        read = tuple(parse_hex(_JSON.text(code, "a code"), "code") for code in codes)
        if any(scope.stop_hash(later) != code for code, later in itertools.pairwise(read)):
            raise _JSON.invalid("each code to hash to the one before it", "others")
        return cls(scope, read)


def make_codes(scope: StopScope, count: int = DEFAULT_CODES) -> StopCodes:
    """A new chain of ``count`` codes, from the system's randomness.

    Raises:
        InvalidInputError: ``count`` is not from 1 to ``MAX_CODES``.
    """
    if not 0 < count <= MAX_CODES:
        raise InvalidInputError(
            f"count: expected 1 to {MAX_CODES} stop codes, got {count}", field="count"
        )
    codes = [secrets.token_bytes(CODE_BYTES)]
    while len(codes) < count:
        codes.append(scope.stop_hash(codes[-1]))
    return StopCodes(scope, tuple(reversed(codes)))


def replacement(handle: bytes, code: bytes, stop_hash: bytes) -> bytes:
    """What is announced before a chain is replaced: SHA-256(handle ‖ code ‖ new end), 32 bytes.

    Whoever sees the code on its way to a block cannot put an end of his own in the place of this
    one: he would have had to announce it in an earlier block, without knowing the code.
    """
    return sha256(handle + code + stop_hash).digest()


def parse_hex(text: str, name: str, size: int = CODE_BYTES) -> bytes:
    """Exactly ``size`` bytes in lower-case hex.

    Raises:
        InvalidFormatError: anything else. The text is not repeated: it may be a code.
    """
    if len(text) != 2 * size or not _is_hex(text):
        raise InvalidFormatError(
            f"{name}: expected {2 * size} lower-case hex digits, got {len(text)} characters",
            field=name,
        )
    return bytes.fromhex(text)


def _is_hex(text: Iterable[str]) -> bool:
    return all(char in "0123456789abcdef" for char in text)
