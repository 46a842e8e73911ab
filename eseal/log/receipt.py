"""Receipts: the proof that a leaf is on record, as C2SP tlog-proof text.

::

    c2sp.org/tlog-proof@v1
    index 73894
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=     inclusion proof, from the leaf upwards
    …

    example.com/log                                  the checkpoint, verbatim
    …
"""

from __future__ import annotations

from binascii import b2a_base64
from dataclasses import dataclass
from functools import partial

from eseal.errors import invalid_format
from eseal.excerpts import excerpt
from eseal.log.c2sp_text import parse_base64, parse_decimal, parse_hash
from eseal.log.checkpoint import SignedCheckpoint, parse_checkpoint, verify_checkpoint
from eseal.log.note import MAX_NOTE_BYTES
from eseal.log.rfc9162 import verify_inclusion
from eseal.log.tree import TilePaths

_invalid = partial(invalid_format, "receipt")
MAGIC = "c2sp.org/tlog-proof@v1"
MAX_PROOF_HASHES = 63
"""A tree below 2**63 leaves is at most this high."""
MAX_RECEIPT_BYTES = 2 * MAX_NOTE_BYTES
"""The largest checkpoint, and as much again for the proof and extra data."""

_EXTRA = "extra "
_INDEX = "index "


@dataclass(frozen=True, slots=True)
class Receipt:
    """Inclusion proof and checkpoint: nothing in it is true before :func:`verify_receipt`.

    Attributes:
        index: the leaf's position in the log, from 0.
        proof: sibling hashes from the leaf upwards, 32 bytes each.
        checkpoint: the head the proof leads to.
        extra: opaque data nothing vouches for (tlog-proof's ``extra`` line), or empty.
    """

    index: int
    proof: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    extra: bytes = b""

    def encode(self) -> bytes:
        """The tlog-proof text, UTF-8."""
        return _encode(self.index, self.proof, self.checkpoint.note, self.extra)

    @classmethod
    def parse(cls, data: bytes) -> Receipt:
        """Read a receipt, strictly in its form; neither proof nor signatures are checked.

        tlog-proof, "Format".

        Raises:
            InvalidFormatError: anything but a well-formed receipt.
        """
        if len(data) > MAX_RECEIPT_BYTES:
            raise _invalid(f"at most {MAX_RECEIPT_BYTES} bytes", f"{len(data)} bytes")
        head, blank, note = data.partition(b"\n\n")
        if not blank:
            raise _invalid("a blank line before the checkpoint", "none")
        try:
            magic, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise _invalid("ASCII above the blank line", f"byte {head[error.start]:#04x}") from None
        if magic != MAGIC:
            raise _invalid(f"first line {MAGIC}", excerpt(magic))
        extra = _parse_extra(lines.pop(0)) if lines and lines[0].startswith(_EXTRA) else b""
        if not lines or not lines[0].startswith(_INDEX):
            raise _invalid("a line 'index <decimal>'", excerpt(lines[0]) if lines else "none")
        index = parse_decimal(lines[0].removeprefix(_INDEX), "receipt index")
        if len(lines) > MAX_PROOF_HASHES + 1:
            raise _invalid(f"at most {MAX_PROOF_HASHES} hashes", str(len(lines) - 1))
        proof = tuple([parse_hash(line, "receipt hash") for line in lines[1:]])
        return cls(index, proof, parse_checkpoint(note), extra)


TileReceipts = tuple[list[list[bytes]], tuple[bytes, ...], bytes]
"""The receipts of the leaves in one tile: the members of its :class:`TilePaths`, and the signed
checkpoint. Of plain parts, so that it goes to another process at little cost."""


def encode_receipt(receipts: TileReceipts, index: int) -> bytes:
    """The tlog-proof text of the receipt of the leaf at ``index`` of the log, UTF-8."""
    rows, above, note = receipts
    return _encode(index, TilePaths(rows, above).path(index), note)


def _encode(index: int, proof: tuple[bytes, ...], note: bytes, extra: bytes = b"") -> bytes:
    line = _EXTRA.encode() + b2a_base64(extra) if extra else b""
    hashes = b"".join(map(b2a_base64, proof))
    return b"%s\n%sindex %d\n%s\n%s" % (MAGIC.encode(), line, index, hashes, note)


def verify_receipt(receipt: Receipt, leaf: bytes, public_key: bytes) -> None:
    """Check that a log whose key one trusts has the leaf on record where the receipt says.

    Args:
        receipt: the receipt as it was read.
        leaf: the leaf's hash, 32 bytes, made by the verifier from the leaf itself.
        public_key: the log's Ed25519 key from a source one trusts, 32 bytes.

    Raises:
        InvalidCheckpointError: the checkpoint is not signed with this key.
        InvalidProofError: the proof does not lead from the leaf to the checkpoint's root.
        InvalidInputError: a key of another length.
    """
    verify_checkpoint(receipt.checkpoint, public_key)
    head = receipt.checkpoint.checkpoint
    verify_inclusion(leaf, receipt.index, head.size, receipt.proof, head.root)


def _parse_extra(line: str) -> bytes:
    extra = parse_base64(line.removeprefix(_EXTRA), "receipt extra data")
    if not extra:
        raise _invalid("no extra line where there is no extra data", excerpt(line))
    return extra
