"""Evidence files: everything needed to check one use of a seal offline.

A JSON object with exactly these members::

    {"v": 2,
     "statement": {…},                 the statement, as in the CMS
     "cms": "…",                       base64, DER; subject proof and book path are signed in it
     "issuer": "<hex>",                the seal's issuer on the ledger
     "chain": ["…"],                   base64, DER, the seal's issuer first, root last
     "receipt": "…",                   text, C2SP tlog-proof
     "log": {"origin": "…", "public_key": "…"},             base64, 32 bytes
     "anchor": null | {"chain_id": 1, "contract": "0x…", "log_id": "<hex>", "epoch": 0,
                       "size": 1, "root": "<hex>", "transaction": "0x…",
                       "block": {"number": 1, "hash": "0x…", "timestamp": 1}}}

Where there is an anchor, the receipt leads to the anchored root.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any, Final

import orjson

from eseal.excerpts import excerpt
from eseal.model.json_values import JsonValues
from eseal.model.statement import Statement, read_statement

VERSION: Final = 2
MAX_EVIDENCE_BYTES: Final = 256 * 1024
"""A CMS of 12 KiB, a chain of ten RSA certificates and a receipt take less than a quarter."""
SUFFIX: Final = ".eseal.json"
_MAX_CHAIN: Final = 16
_MAX_ORIGIN_CHARS: Final = 255
_HASH_BYTES: Final = 32
_MAX_NAME_BYTES: Final = 200
"""File systems take 255 bytes; this leaves room for the suffix and a copy's number."""

_JSON: Final = JsonValues("evidence")
_HEX_HASH: Final = re.compile(r"[0-9a-f]{64}")
_PREFIXED_HASH: Final = re.compile(r"0x[0-9a-f]{64}")
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_ORIGIN: Final = re.compile(r"[^\s+\x00-\x1f\x7f]+")
"""C2SP signed-note: a key name has neither white space nor a plus sign."""
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
"""Characters some file system refuses."""


@dataclass(frozen=True, slots=True)
class EvidenceAnchor:
    """The anchored head the receipt leads to.

    Attributes:
        chain_id: EIP-155 chain id.
        contract: address of ``UsageLedger`` with its checksum (EIP-55).
        log_id: SHA-256(issuer ‖ origin), 32 bytes.
        epoch: how often heads of the log had been disowned when it was accepted.
        size: leaves under the head.
        root: the head's root, 32 bytes.
        block_number: height of the block that holds the transaction.
        block_hash: 32 bytes.
        block_timestamp: Unix seconds, as the block states it.
        transaction: hash of the transaction, 32 bytes.
    """

    chain_id: int
    contract: str
    log_id: bytes
    epoch: int
    size: int
    root: bytes
    block_number: int
    block_hash: bytes
    block_timestamp: int
    transaction: bytes


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an evidence file says. Nothing in it is verified yet.

    Attributes:
        statement: the statement of the use.
        cms: the seal signature, DER.
        chain: issuing certificates, DER, the seal's issuer first, root last.
        issuer: the issuer's id on the ledger, 32 bytes.
        receipt: text of the receipt (C2SP tlog-proof), UTF-8.
        origin: the log's name.
        public_key: the log's Ed25519 key, 32 bytes.
        anchor: the anchored head, or ``None`` while there is none.
    """

    statement: Statement
    cms: bytes
    chain: tuple[bytes, ...]
    issuer: bytes
    receipt: bytes
    origin: str
    public_key: bytes
    anchor: EvidenceAnchor | None

    def encode(self) -> bytes:
        """The evidence file: sorted, indented JSON; the same evidence gives the same bytes.

        Raises:
            InvalidFormatError: the receipt is not UTF-8.
        """
        fields: dict[str, Any] = {
            "v": VERSION,
            "statement": orjson.loads(self.statement.encode()),
            "cms": _base64(self.cms),
            "chain": [_base64(certificate) for certificate in self.chain],
            "issuer": self.issuer.hex(),
            "receipt": _utf8(self.receipt),
            "log": {"origin": self.origin, "public_key": _base64(self.public_key)},
            "anchor": _anchor_fields(self.anchor) if self.anchor else None,
        }
        return _indented(fields)

    @classmethod
    def parse(cls, data: bytes) -> Evidence:
        """Read an evidence file, strictly; only the layout of the JSON is free.

        Raises:
            InvalidFormatError: too large, not JSON, a member missing, unknown, twice or of
                another form.
        """
        if len(data) > MAX_EVIDENCE_BYTES:
            raise _JSON.invalid(f"at most {MAX_EVIDENCE_BYTES} bytes", f"{len(data)} bytes")
        fields = _JSON.parse(data)
        evidence = _from_fields(fields)
        if _indented(fields) != data:  # a member less than there stand, or laid out freely
            _refuse_duplicates(data)
        return evidence


def evidence_filename(document: str) -> str:
    """The name of the evidence file for a document, e.g. ``contract.pdf.eseal.json``.

    Args:
        document: the document's file name; folders before it and characters that some file
            system refuses are dropped.
    """
    last = re.split(r"[/\\]", document)[-1]
    kept = _NOT_IN_NAMES.sub("", last).encode("utf-8", "ignore")[:_MAX_NAME_BYTES]
    name = kept.decode("utf-8", "ignore").strip(" .")
    return (name or "document") + SUFFIX


_LAYOUT = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def _indented(fields: object) -> bytes:
    return orjson.dumps(fields, option=_LAYOUT)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _utf8(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise _JSON.invalid("receipt to be UTF-8", excerpt(text, 32)) from None


def _anchor_fields(anchor: EvidenceAnchor) -> dict[str, Any]:
    return {
        "chain_id": anchor.chain_id,
        "contract": anchor.contract,
        "log_id": anchor.log_id.hex(),
        "epoch": anchor.epoch,
        "size": anchor.size,
        "root": anchor.root.hex(),
        "block": {
            "number": anchor.block_number,
            "hash": "0x" + anchor.block_hash.hex(),
            "timestamp": anchor.block_timestamp,
        },
        "transaction": "0x" + anchor.transaction.hex(),
    }


def _from_fields(fields: object) -> Evidence:
    if isinstance(fields, dict) and "v" in fields and _JSON.integer(fields["v"], "v") != VERSION:
        # Said before the members are looked at: those of another version are not ours to judge.
        raise _JSON.invalid(f"version {VERSION}", str(fields["v"]))
    top = _JSON.members(
        fields, "file", {"v", "statement", "cms", "chain", "issuer", "receipt", "log", "anchor"}
    )
    log = _JSON.members(top["log"], "log", {"origin", "public_key"})
    chain = top["chain"]
    if not isinstance(chain, list) or len(chain) > _MAX_CHAIN:
        raise _JSON.invalid(f"chain to be a list of at most {_MAX_CHAIN}", type(chain).__name__)
    origin = _JSON.text(log["origin"], "log.origin")
    if len(origin) > _MAX_ORIGIN_CHARS or not _ORIGIN.fullmatch(origin):
        raise _JSON.invalid("log.origin to be a log's name", excerpt(origin, 64))
    public_key = _bytes(log["public_key"], "log.public_key")
    if len(public_key) != _HASH_BYTES:
        raise _JSON.invalid(f"log.public_key of {_HASH_BYTES} bytes", f"{len(public_key)} bytes")
    return Evidence(
        statement=_statement(top["statement"]),
        cms=_bytes(top["cms"], "cms"),
        chain=tuple(_bytes(item, "chain") for item in chain),
        issuer=_hash(top["issuer"], "issuer", _HEX_HASH),
        receipt=_receipt(top["receipt"]),
        origin=origin,
        public_key=public_key,
        anchor=_anchor(top["anchor"]) if top["anchor"] is not None else None,
    )


def _statement(value: object) -> Statement:
    if not isinstance(value, dict):
        raise _JSON.invalid("statement to be an object", type(value).__name__)
    return read_statement(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _receipt(value: object) -> bytes:
    text = _JSON.text(value, "receipt")
    if not text:
        raise _JSON.invalid("a receipt", "an empty text")
    return text.encode()


def _anchor(value: object) -> EvidenceAnchor:
    members = {
        "chain_id", "contract", "log_id", "epoch", "size", "root", "block", "transaction",
    }  # fmt: skip
    anchor = _JSON.members(value, "anchor", members)
    block = _JSON.members(anchor["block"], "anchor.block", {"number", "hash", "timestamp"})
    contract = _JSON.text(anchor["contract"], "anchor.contract")
    if not _ADDRESS.fullmatch(contract):
        raise _JSON.invalid("anchor.contract to be 0x and 40 hex digits", excerpt(contract, 64))
    return EvidenceAnchor(
        chain_id=_JSON.integer(anchor["chain_id"], "anchor.chain_id"),
        contract=contract,
        log_id=_hash(anchor["log_id"], "anchor.log_id", _HEX_HASH),
        epoch=_JSON.integer(anchor["epoch"], "anchor.epoch"),
        size=_JSON.integer(anchor["size"], "anchor.size"),
        root=_hash(anchor["root"], "anchor.root", _HEX_HASH),
        block_number=_JSON.integer(block["number"], "anchor.block.number"),
        block_hash=_hash(block["hash"], "anchor.block.hash", _PREFIXED_HASH),
        block_timestamp=_JSON.integer(block["timestamp"], "anchor.block.timestamp"),
        transaction=_hash(anchor["transaction"], "anchor.transaction", _PREFIXED_HASH),
    )


def _bytes(value: object, name: str) -> bytes:
    text = _JSON.text(value, name)
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:  # binascii.Error is one; so is what characters beyond ASCII raise
        data = b""
    if not data:
        raise _JSON.invalid(f"{name} in base64 (RFC 4648 section 4)", excerpt(text, 64))
    if _base64(data) != text:
        raise _JSON.invalid(f"{name} in base64 with zero padding bits", repr(text[-8:]))
    return data


def _hash(value: object, name: str, form: re.Pattern[str]) -> bytes:
    text = _JSON.text(value, name)
    if not form.fullmatch(text):
        raise _JSON.invalid(f"{name} of the form {form.pattern}", excerpt(text))
    return bytes.fromhex(text.removeprefix("0x"))


def _refuse_duplicates(data: bytes) -> None:
    """Two readers may disagree on which of two members of one name counts."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            raise _JSON.invalid("each member once", f"one of {sorted(names)} twice"[:256])
        return dict(pairs)

    json.loads(data, object_pairs_hook=unique)
