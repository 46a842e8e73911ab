"""What ``eseal apply`` has begun: so that it goes on where it was cut off, and seals nothing twice.

Before a file is sealed, a line says which use its seal will be: the id is chosen beforehand. What
became of it stands on the service's own record and nowhere else: after a crash a look there tells
whether a begun use was made. A journal lives while its batch has files left to do.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Self

from eseal.durable import PRIVATE_DIRECTORY_MODE, PRIVATE_MODE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

_NAME_CHARS = 32
"""Of a hash that names a kind of batch."""
_RANDOM_BYTES = 8


@dataclass(frozen=True, slots=True)
class Begun:
    """A file that was about to be sealed.

    Attributes:
        target: where its result goes, absolute.
        digest: SHA-256 of the file, in hex.
        use: the id of its use.
    """

    target: str
    digest: str
    use: str


class Journal:
    """The files begun by this run, and by earlier ones like it that were cut off.

    Runs at the same time do not hinder each other: each has a file of its own, which the kernel
    lets go when its process dies; the next run like it takes that over.

    Args:
        directory: where journals lie.
        alike: what makes two runs alike: seal, options and place of the results, as JSON has it.
    """

    def __init__(self, directory: Path, alike: object) -> None:
        text = json.dumps(alike, sort_keys=True).encode()
        self._name = hashlib.sha256(text).hexdigest()[:_NAME_CHARS]
        self._directory = directory
        self._held: dict[Path, IO[bytes]] = {}
        self._begun: dict[str, Begun] = {}
        self._own: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Take over what runs like this one left behind."""
        if self._directory.is_dir():
            for path in sorted(self._directory.glob(f"{self._name}.*.jsonl")):
                self._take_over(path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._held.values():
            file.close()
        self._held.clear()

    def find(self, target: Path) -> Begun | None:
        """What was begun for this result."""
        return self._begun.get(str(target.absolute()))

    def begin(self, entries: Iterable[Begun]) -> None:
        """Note files that will be sealed now; durable when this returns."""
        entries = list(entries)
        if not entries:
            return
        file = self._own or self._create()
        file.write(b"".join(json.dumps(asdict(one)).encode() + b"\n" for one in entries))
        file.flush()
        os.fsync(file.fileno())
        self._begun |= {one.target: one for one in entries}

    def finish(self) -> None:
        """Nothing is left to do: forget the batch."""
        for path in self._held:
            path.unlink(missing_ok=True)

    def _create(self) -> IO[bytes]:
        self._directory.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
        path = self._directory / f"{self._name}.{secrets.token_hex(_RANDOM_BYTES)}.jsonl"
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_MODE), "r+b")
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        self._held[path] = self._own = file
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return file

    def _take_over(self, path: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            file = path.open("r+b")
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # its run is at work
                file.close()
                return
            self._held[path] = file
            for line in file:
                entry = _parse(line)
                if entry is not None:
                    self._begun[entry.target] = entry


def _parse(line: bytes) -> Begun | None:
    """A line, unless the machine died while it was written: then its use was not begun either."""
    try:
        return Begun(**json.loads(line))
    except (ValueError, TypeError):
        return None
