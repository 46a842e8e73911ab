"""What goes over the border, and in what form.

Files and answers lie in memory files, which are handed over as descriptors: a document is written
once, and no process has to wait until another takes it. A question is a short JSON object, and a
memory file of its head, JSON too, and the documents behind it. An answer is a memory file of eight
bytes, the length of a JSON object, that object, and perhaps a document.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from eseal.documents.confined.budget import File
from eseal.documents.confined.confinement import Limits

MAX_VALUE_BYTES: Final = 16 << 20
"""Of plain values in an answer: all words of a long document with their places are some MB."""
_LENGTH_BYTES: Final = 8
DONE: Final = b"\x01"
"""Says that an answer is written."""
ENDED: Final = b"\x02"
"""Says that who worked on it has ended: two bytes follow, how and why."""
UNCONFINED: Final = 70
"""What a process ends with that could not give up what it was to."""

NONE_LEFT: Final = 71
"""Stands for the end of a process that could not begin: the system has no more."""

NONSENSE: Final = 72
"""Stands for the end of one that says what only a process that was taken over says."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the warm process gets to know of a question.

    Attributes:
        task: its name.
        head: bytes of the head in the memory file.
        limits: for the work on it.
        niceness: it begins with.
    """

    task: str
    head: int
    limits: Limits
    niceness: int

    def encode(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, message: bytes) -> Order:
        """From JSON of :meth:`encode`."""
        fields = json.loads(message)
        return cls(**{**fields, "limits": Limits(**fields["limits"])})


def memory_file(name: str) -> int:
    """A descriptor of a file that is nowhere but in memory, or has no name at least."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name)
    import tempfile  # only here: it loads what sows random numbers anew in every fork

    with tempfile.TemporaryFile(buffering=0) as file:
        return os.dup(file.fileno())


def write_question(descriptor: int, files: Iterable[File], arguments: dict[str, Any]) -> int:
    """Write head and documents; the answer is how many bytes the head has."""
    whole = [pieces(file) for file in files]
    sizes = [sum(map(len, file)) for file in whole]
    head = json.dumps({"sizes": sizes, "arguments": arguments}).encode()
    write(descriptor, head)
    for file in whole:
        for piece in file:
            write(descriptor, piece)
    return len(head)


def read_question(descriptor: int, head: int) -> tuple[list[bytes], dict[str, Any]]:
    """The documents and arguments of a question."""
    said = json.loads(_read(descriptor, 0, head))
    files, start = [], head
    for size in said["sizes"]:
        files.append(_read(descriptor, start, size))
        start += size
    return files, said["arguments"]


def write_answer(descriptor: int, said: dict[str, Any], made: bytes | None) -> None:
    """Write an answer, over one that was begun."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    text = json.dumps({**said, "is_file": made is not None}, allow_nan=False).encode()
    write(descriptor, len(text).to_bytes(_LENGTH_BYTES, "big") + text)
    if made is not None:
        write(descriptor, made)


def read_answer(descriptor: int, most: int) -> tuple[dict[str, Any], bytes | None]:
    """An answer, by whoever wrote it: it is copied before it is looked at.

    Args:
        descriptor: of its memory file.
        most: bytes of the document in it.

    Raises:
        ValueError: it is none, or too large.
    """
    size = os.fstat(descriptor).st_size
    if size > _LENGTH_BYTES + MAX_VALUE_BYTES + most:
        raise ValueError("the answer is too large")
    length = int.from_bytes(_read(descriptor, 0, _LENGTH_BYTES), "big")
    if length > min(MAX_VALUE_BYTES, size - _LENGTH_BYTES):
        raise ValueError("the values of the answer are too large")
    said = _strict(_read(descriptor, _LENGTH_BYTES, length))
    start = _LENGTH_BYTES + length
    if not said.pop("is_file", False):
        return said, None
    if size - start > most:
        raise ValueError("the document in the answer is too large")
    return said, _read(descriptor, start, size - start)


def pieces(file: File) -> list[memoryview]:
    """A file as the pieces it comes in."""
    whole = [file] if isinstance(file, bytes | memoryview) else file
    return [memoryview(piece).cast("B") for piece in whole]


def write(descriptor: int, data: bytes | memoryview) -> None:
    """Write all of it.

    Raises:
        OSError: there is no room.
    """
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _read(descriptor: int, start: int, size: int) -> bytes:
    """So many bytes.

    Raises:
        ValueError: there are not so many.
    """
    found = os.pread(descriptor, size, start)
    if len(found) < size:  # the kernel reads 2 GiB at once, and no file is so large
        raise ValueError("the file is shorter than it was said to be")
    return found


def _strict(text: bytes) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise ValueError(f"expected a number, got {word}")

    try:
        said = json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("the answer goes too deep") from None
    if not isinstance(said, dict):
        raise ValueError("expected an object")  # noqa: TRY004  as for all that is malformed
    return said
