"""What programs that people use take out of a container: names, kinds and contents.

Info-ZIP's ``unzip`` (also macOS Finder's ancestor), libarchive's ``bsdtar`` (Windows, macOS) and
Python's ``zipfile``. Whoever has none of the first two installed compares the others.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

from tests.readers.children import ReaderError, folder, run

_REFUSALS = (zipfile.BadZipFile, ValueError, RuntimeError, EOFError)
"""How ``zipfile`` refuses: most of what it cannot read has no error of its own."""
Unpacked = dict[str, str]
"""What lies there after unpacking: by name the SHA-256, or what else it is."""


def unpacked(data: bytes) -> dict[str, Unpacked | str]:
    """What each program takes out, or why it takes out nothing."""
    programs = {"unzip": _unzip, "bsdtar": _bsdtar, "zipfile": _zipfile}
    found: dict[str, Unpacked | str] = {}
    for name, program in programs.items():
        if name == "zipfile" or shutil.which(name):
            with folder() as made:
                archive, target = Path(made, "a.zip"), Path(made, "out")
                archive.write_bytes(data)
                target.mkdir()
                try:
                    program(archive, target)
                    found[name] = _listing(target)
                except (ReaderError, OSError) as error:
                    found[name] = f"cannot: {error}"
    return found


def _unzip(archive: Path, target: Path) -> None:
    # Exit code 1 is a warning: the files are there all the same.
    run(["sh", "-c", 'unzip -qq -o "$0" -d "$1" </dev/null || [ $? -eq 1 ]', archive, target])


def _bsdtar(archive: Path, target: Path) -> None:
    run(["bsdtar", "-xf", archive, "-C", target])


def _zipfile(archive: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(target)
    except _REFUSALS as error:
        raise ReaderError(str(error)) from None


def _listing(target: Path) -> Unpacked:
    found = {}
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
