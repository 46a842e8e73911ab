"""The body of ``add-checkpoint`` (C2SP tlog-witness, "add-checkpoint").

::

    old 20852014                                     the size the witness cosigned last
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=     consistency proof, at most 63 lines
    …

    example.com/behind-the-sofa                      the checkpoint, verbatim
    …
"""

from __future__ import annotations

from binascii import b2a_base64
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from eseal.errors import invalid_format
from eseal.excerpts import excerpt
from eseal.log.c2sp_text import parse_decimal, parse_hash
from eseal.log.checkpoint import SignedCheckpoint, parse_checkpoint
from eseal.log.note import MAX_NOTE_BYTES

_invalid = partial(invalid_format, "add-checkpoint")
SIZE_TYPE = "text/x.tlog.size"
"""The content type of a 409 that tells the size."""
MAX_PROOF_LINES = 63
"""tlog-witness: a client must not send more."""
MAX_REQUEST_BYTES = MAX_NOTE_BYTES + 4096
"""The largest checkpoint, and 63 lines of 45 bytes."""

_OLD = "old "


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign.

    Attributes:
        old_size: the size of the checkpoint the proof starts from, in leaves.
        proof: RFC 9162 section 2.1.4.1 from there, 32 bytes each.
        checkpoint: what to cosign; its signatures are not checked.
    """

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: SignedCheckpoint

    def encode(self) -> bytes:
        """The body of the request."""
        hashes = b"".join(map(b2a_base64, self.proof))
        return b"old %d\n%s\n%s" % (self.old_size, hashes, self.checkpoint.note)

    @classmethod
    def parse(cls, data: bytes) -> AddCheckpoint:
        """Read the body of a request, strictly in its form.

        Raises:
            InvalidFormatError: any other form.
        """
        if len(data) > MAX_REQUEST_BYTES:
            raise _invalid(f"at most {MAX_REQUEST_BYTES} bytes", f"{len(data)} bytes")
        head, blank, note = data.partition(b"\n\n")
        if not blank:
            raise _invalid("an empty line before the checkpoint", "none")
        try:
            old, *hashes = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise _invalid("ASCII above the empty line", f"byte {head[error.start]:#04x}") from None
        if not old.startswith(_OLD):
            raise _invalid("a first line 'old <decimal>'", excerpt(old))
        size = parse_decimal(old.removeprefix(_OLD), "old size")
        if len(hashes) > MAX_PROOF_LINES:
            raise _invalid(f"at most {MAX_PROOF_LINES} proof lines", str(len(hashes)))
        proof = tuple([parse_hash(line, "proof line") for line in hashes])
        return cls(size, proof, parse_checkpoint(note))


def name_of(origin: str) -> str:
    """What a log is called where a witness is asked for its newest checkpoint: 64 hex digits."""
    return sha256(origin.encode()).hexdigest()
