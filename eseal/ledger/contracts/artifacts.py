"""The compiled contracts: ABI and bytecode, as committed in ``contracts/artifacts``."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import orjson
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from eseal.errors import ConfigurationError, InvalidFormatError

SEAL_REGISTRY = "SealRegistry"
USAGE_LEDGER = "UsageLedger"
SELECTOR_BYTES = 4
"""Contract ABI specification: a call, or a custom error, starts with four bytes of a hash."""
WORD = 32
"""The EVM's unit, in bytes."""
_PUSH32 = b"\x7f"
_IMMUTABLE = _PUSH32 + bytes(WORD)


@dataclass(frozen=True, slots=True)
class Entry:
    """A function, event or custom error of an ABI.

    Attributes:
        name: as in the source.
        signature: Keccak-256 of the canonical signature, 32 bytes: an event's first topic; its
            first four bytes select a function or an error.
        names: the parameters' names.
        inputs: the parameters' types; a struct's in brackets, as signatures have them.
        outputs: the returned values' types.
        indexed: of an event, the parameters that are topics.
    """

    name: str
    signature: bytes
    names: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    indexed: tuple[bool, ...] = ()

    @property
    def selector(self) -> bytes:
        """The first four bytes of the signature's hash."""
        return self.signature[:SELECTOR_BYTES]

    def encode_call(self, arguments: Sequence[object]) -> bytes:
        """Call data for these arguments."""
        return self.selector + encode(self.inputs, arguments)

    def decode_output(self, output: bytes) -> tuple[Any, ...]:
        """The values a call returned.

        Raises:
            InvalidFormatError: the bytes are not such values.
        """
        return _decode(self.outputs, output, self.name)

    def decode_arguments(self, encoded: bytes) -> tuple[Any, ...]:
        """The arguments of a call or error, without its selector.

        Raises:
            InvalidFormatError: the bytes are not such values.
        """
        return _decode(self.inputs, encoded, self.name)

    def decode_event(self, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
        """The arguments of an event by name.

        Args:
            topics: 32 bytes each, the first the event's signature.
            data: the parts that are not indexed.

        Raises:
            InvalidFormatError: they are not those of such an event.
        """
        kinds = list(zip(self.names, self.inputs, self.indexed, strict=True))
        apart = [kind for _, kind, indexed in kinds if indexed]
        if list(topics[:1]) != [self.signature] or len(topics) != 1 + len(apart):
            raise InvalidFormatError(f"{self.name}: expected the topics of such an event")
        indexed_values = iter(_decode(apart, b"".join(topics[1:]), self.name))
        together = [kind for _, kind, indexed in kinds if not indexed]
        values = iter(_decode(together, data, self.name))
        return {name: next(indexed_values if indexed else values) for name, _, indexed in kinds}


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract.

    Attributes:
        name: the contract's.
        bytecode: what creates it, without constructor arguments.
        deployed: what a node holds afterwards, with room for the immutable.
        constructor: the constructor's parameter types.
        functions: by name.
        events: by name.
        errors: by selector.
        compiler: version and commit of the compiler.
    """

    name: str
    bytecode: bytes
    deployed: bytes
    constructor: tuple[str, ...]
    functions: Mapping[str, Entry]
    events: Mapping[str, Entry]
    errors: Mapping[bytes, Entry]
    compiler: str

    def deployed_code(self, immutable: bytes = b"") -> bytes:
        """The code a node holds for the contract, given its one immutable value, an address.

        solc leaves room for an immutable: a PUSH32 of zero bytes wherever it is read
        (Solidity documentation, "Contract Metadata", ``immutableReferences``). A zero that is meant
        is never pushed that way, so the places need not be listed.
        """
        return self.deployed.replace(_IMMUTABLE, _PUSH32 + immutable.rjust(WORD, b"\0"))

    def encode_creation(self, arguments: Sequence[object]) -> bytes:
        """Data of the transaction that creates the contract."""
        return self.bytecode + encode(self.constructor, arguments)


@functools.cache
def load_artifact(name: str) -> Artifact:
    """The compiled contract of this name: shipped with the package, or from the source tree.

    Raises:
        ConfigurationError: it is in neither place.
    """
    shipped: Traversable = resources.files("eseal.ledger.contracts") / "compiled" / f"{name}.json"
    source = Path(__file__).parents[3] / "contracts" / "artifacts" / f"{name}.json"
    for place in (shipped, source):
        if place.is_file():
            return _artifact(orjson.loads(place.read_bytes()))
    raise ConfigurationError(
        f"the compiled contract {name} is missing; run ./scripts/compile_contracts"
    )


def _artifact(fields: Mapping[str, Any]) -> Artifact:
    abi: list[dict[str, Any]] = fields["abi"]
    kinds: dict[str, list[Entry]] = {"function": [], "event": [], "error": []}
    constructor: tuple[str, ...] = ()
    for item in abi:
        if item["type"] == "constructor":
            constructor = tuple(_type(i) for i in item["inputs"])
        elif item["type"] in kinds:
            kinds[item["type"]].append(_entry(item))
    return Artifact(
        name=fields["contractName"],
        bytecode=bytes.fromhex(fields["bytecode"].removeprefix("0x")),
        deployed=bytes.fromhex(fields["deployedBytecode"].removeprefix("0x")),
        constructor=constructor,
        functions={entry.name: entry for entry in kinds["function"]},
        events={entry.name: entry for entry in kinds["event"]},
        errors={entry.selector: entry for entry in kinds["error"]},
        compiler=fields["compiler"],
    )


def _entry(item: Mapping[str, Any]) -> Entry:
    inputs = tuple(_type(i) for i in item["inputs"])
    return Entry(
        name=item["name"],
        signature=keccak(text=f"{item['name']}({','.join(inputs)})"),
        names=tuple(i["name"] for i in item["inputs"]),
        inputs=inputs,
        outputs=tuple(_type(o) for o in item.get("outputs", ())),
        indexed=tuple(i.get("indexed", False) for i in item["inputs"]),
    )


def _type(parameter: Mapping[str, Any]) -> str:
    """The canonical type: a struct is the tuple of its members' types (Contract ABI specification).

    ``tuple[]`` of two members of 8 bytes becomes ``(uint64,uint64)[]``.
    """
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    members = ",".join(_type(member) for member in parameter["components"])
    return f"({members}){kind.removeprefix('tuple')}"


def _decode(types: Sequence[str], data: bytes, name: str) -> tuple[Any, ...]:
    raw = ["bytes" if kind == "string" else kind for kind in types]
    try:
        values = decode(raw, data)
    except (DecodingError, OverflowError) as error:
        raise InvalidFormatError(
            f"{name}: expected {','.join(types)}, got {len(data)} bytes: {error}"
        ) from error
    return tuple(
        _text(value) if kind == "string" else value
        for kind, value in zip(types, values, strict=True)
    )


def _text(value: bytes) -> str:
    """A string of a contract, with escapes for what is no UTF-8 and for what cannot be shown.

    The EVM holds any bytes in a string: whoever may call a contract could else blind all readers.
    """
    text = value.decode("utf-8", "backslashreplace")
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )
