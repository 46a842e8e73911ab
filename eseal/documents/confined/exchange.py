"""What goes over the border, and in what form.

Documents lie in memory files, which are handed over as descriptors: each is written once, and no
process has to wait until another takes it. A question is a short JSON object, and a memory file of
its head, JSON too, and the documents behind it. Answers are JSON objects that go through a socket,
one for each step of a task, and perhaps a document in a memory file, whose length the answer says.

Nobody can take back what has gone into a socket, whoever takes over the process that wrote it: the
answer of a step stands when the next step begins.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from eseal.documents.confined.budget import File
from eseal.documents.confined.confinement import Limits

MAX_VALUE_BYTES: Final = 16 << 20
"""Of plain values in an answer: all words of a long document with their places are some MB."""
MAX_ANSWERS: Final = 100
"""To one question: the pages of a preview are the most that is asked for."""
_MOST_PARTS: Final = 1_000_000
"""Of plain values in an answer, each of which takes 25 times its bytes in memory; the shapes of the
largest picture have a fifth of it."""
_LENGTH_BYTES: Final = 8
ANSWER: Final = b"\x01"
"""Says that an answer follows: its length, big-endian, and a JSON object."""
_LARGE_PIECE: Final = 1 << 20
"""Bytes of a piece that is written by itself; smaller ones are put together."""
DONE: Final = b"\x03"
"""Says that there is no further answer."""
ENDED: Final = b"\x02"
"""Says that who worked on it has ended: two bytes follow, how and why. The warm process writes it,
when nobody else writes any more."""
ENDED_BYTES: Final = 3
UNCONFINED: Final = 70
"""What a process ends with that could not give up what it was to."""

NONE_LEFT: Final = 71
"""Stands for the end of a process that could not begin: the system has no more."""


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


def one_way() -> tuple[int, int]:
    """Descriptors where answers are read, and where they are written.

    Two ends of a socket, and no pipe: who holds either end of a pipe can open it again in ``/proc``
    to read from it, whatever Landlock forbids, and so take back what nobody has read yet. What went
    into a socket only the other end gets.
    """
    reading, writing = socket.socketpair()
    return reading.detach(), writing.detach()


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


def write_answer(end: int, said: dict[str, Any]) -> None:
    """Write one answer.

    Raises:
        ValueError: it cannot be said, or is too large.
    """
    text = json.dumps(said, allow_nan=False).encode()
    if len(text) > MAX_VALUE_BYTES:
        raise ValueError("the values of the answer are too large")
    write(end, ANSWER + len(text).to_bytes(_LENGTH_BYTES, "big") + text)


def write_file(descriptor: int, file: File) -> tuple[int, int]:
    """Write a document of an answer behind others; where it begins, and its length in bytes.

    Raises:
        OSError: there is no room.
    """
    start = os.lseek(descriptor, 0, os.SEEK_END)
    with open(descriptor, "wb", buffering=_LARGE_PIECE, closefd=False) as sink:
        sink.writelines(pieces(file))
    return start, os.lseek(descriptor, 0, os.SEEK_CUR) - start


class Answers:
    """What comes out of the socket of one question, whoever writes it.

    Attributes:
        said: the answers so far, in the order of the steps, JSON each; read no further than that.
        is_done: whether there is no further one.
        ended: how the one who worked on it ended, and whether for being late; ``None`` while he
            works, or if nobody can tell.
        is_nonsense: whether something else was said: only a process that was taken over does.
    """

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.is_done = False
        self.ended: tuple[int, bool] | None = None
        self.is_nonsense = False
        self._left = bytearray()
        self._room = MAX_VALUE_BYTES

    def take(self, piece: bytes) -> bool:
        """Take what has come; whether more is to be waited for.

        Args:
            piece: bytes; none if nobody is left who could say something.
        """
        self._left += piece
        while self._left[:1] == ANSWER and self._take_one():
            pass
        kind = bytes(self._left[:1])
        if kind == DONE:
            self.is_done = True
        elif kind == ENDED:  # it goes into a socket at once, or not at all
            self.is_nonsense = not self._is_end(self._left)
        elif kind == ANSWER:  # begun: who was ended in the midst of it says no more
            self._is_end(self._left[-ENDED_BYTES:] if not piece else b"")
        elif kind:
            self.is_nonsense = True
        return bool(piece) and not (self.is_done or self.is_nonsense or self.ended)

    def _is_end(self, said: bytes | bytearray) -> bool:
        if len(said) != ENDED_BYTES or said[:1] != ENDED:
            return False
        code = said[1] - 256 if said[1] > 127 else said[1]  # noqa: PLR2004  a signed byte
        self.ended = (code, bool(said[2]))
        return True

    def _take_one(self) -> bool:
        """Whether an answer was there, whole."""
        start = 1 + _LENGTH_BYTES
        length = int.from_bytes(self._left[1:start], "big")
        if len(self._left) < start:
            return False
        if length > self._room or len(self.said) >= MAX_ANSWERS:
            self.is_nonsense = True
            return False
        if len(self._left) < start + length:
            return False
        self.said.append(bytes(self._left[start : start + length]))
        self._room -= length
        del self._left[: start + length]
        return True


def read_said(text: bytes) -> dict[str, Any]:
    """What an answer says, by whoever wrote it.

    Raises:
        ValueError: it is none.
    """

    def refuse(word: str) -> None:
        raise ValueError(f"expected a number, got {word}")

    if sum(map(text.count, (b",", b"[", b"{"))) > _MOST_PARTS:
        raise ValueError("expected fewer values")
    try:
        said = json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("the answer goes too deep") from None
    if not isinstance(said, dict):
        raise ValueError("expected an object")  # noqa: TRY004  as for all that is malformed
    return said


class Files:
    """The documents in the memory file of an answer, by whoever wrote it.

    Args:
        descriptor: of the memory file.
        most: bytes of all of them.
    """

    def __init__(self, descriptor: int, most: int) -> None:
        self._descriptor = descriptor
        self._most = most
        self._next = 0

    def read(self, place: object) -> bytes:
        """One of them, behind the one before; it is copied before it is looked at.

        Args:
            place: where it is said to begin, and its length in bytes.

        Raises:
            ValueError: it is too large, or not there.
        """
        match place:
            case [int(start), int(size)] if start == self._next and 0 <= size <= self._most - start:
                self._next += size
                return _read(self._descriptor, start, size)
        raise ValueError("expected where a document is, and not too large a one")


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
