"""The machine and the programs a measurement was made with."""

from __future__ import annotations

import os
import platform
import sqlite3
import ssl
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.backends.openssl import backend

from tests.bench.measure import mebibytes

GIBIBYTE = 1 << 30
LIBRARIES = ("cryptography", "sqlalchemy", "fastapi", "uvicorn", "uvloop", "pyhanko", "py-evm")
BUSY_PER_CORE = 0.25
"""More load than this before the first measurement, and the figures are of a shared machine."""


def describe() -> list[tuple[str, str]]:
    """What a reader must know to compare, as names and values."""
    cores = os.cpu_count() or 1
    load = os.getloadavg()[0]
    shared = " — **the machine was not idle**" if load > cores * BUSY_PER_CORE else ""
    directory = Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108  # where the data goes
    return [
        ("measured", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("cores", f"{cores} × {_processor()}"),
        ("load before", f"{load:.2f}{shared}"),
        ("memory", mebibytes(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))),
        ("system", f"{platform.system()} {platform.release()}"),
        ("data on", _filesystem(directory)),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("OpenSSL", f"{backend.openssl_version_text()} (cryptography), {ssl.OPENSSL_VERSION}"),
        ("SQLite", f"{sqlite3.sqlite_version}, WAL, synchronous=FULL"),
        ("libraries", ", ".join(f"{name} {version(name)}" for name in LIBRARIES)),
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _filesystem(directory: Path) -> str:
    """Type of the file system a directory is on: what a durable commit costs depends on it."""
    found = ("", "unknown")
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, point, kind, *_ = line.split()
        inside = directory.resolve().is_relative_to(point)
        if inside and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1]
