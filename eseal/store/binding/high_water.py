"""How far this instance's counted tables have come: what no database may fall behind.

Kept in memory, and in a file beside the instance: whoever can put an older database in place of
the newest cannot put that file back as well. The file is written now and then and at the end, so a
process that was killed forgets some seconds.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import orjson

from eseal.durable import replace_file
from eseal.errors import CorruptionError

FILE: Final = "rows.json"
"""In the data directory. Without it nothing older is noticed until a process has seen the newest:
whoever restores a backup for good removes it."""


class Floors:
    """The highest number of changes seen of each table. Safe to use from several threads.

    Args:
        path: the file, or ``None`` to remember in memory alone.

    Raises:
        CorruptionError: the file does not hold such numbers.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._kept = {} if path is None else _read(path)
        self._seen = dict(self._kept)

    def seen(self) -> dict[str, int]:
        """All of them, as of now."""
        with self._lock:
            return dict(self._seen)

    def is_below(self, name: str, changes: int) -> bool:
        """Whether a table that was changed so often is older than one that was seen."""
        return changes < self._seen.get(name, 0)

    def saw(self, name: str, changes: int) -> None:
        """Remember what was read from, or committed to, the database."""
        with self._lock:
            self._seen[str(name)] = max(changes, self._seen.get(name, 0))

    def keep(self) -> None:
        """Write the file if there is anything new; what another process wrote stays.

        Raises:
            OSError: it cannot be written.
        """
        if self._path is None or self.seen() == self._kept:
            return
        for name, changes in _read(self._path).items():
            self.saw(name, changes)
        seen = self.seen()
        replace_file(self._path, orjson.dumps(seen, option=orjson.OPT_SORT_KEYS))
        self._kept = seen

    def forget(self) -> None:
        """Begin anew with whatever the database holds: an older one was restored on purpose."""
        with self._lock:
            self._seen, self._kept = {}, {}
            if self._path is not None:
                self._path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, int]:
    try:
        found = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(type(n) is int for n in found.values()):
        raise CorruptionError(
            f"{path}: expected the numbers of changes by table, got another form; "
            "make sure that the database is the newest, then remove the file"
        )
    return found
