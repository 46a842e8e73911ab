"""PDFium's lock: the library is not thread-safe, so one caller at a time in the whole process."""

from __future__ import annotations

from threading import RLock
from typing import Final

LOCK: Final = RLock()
"""Held by whoever calls PDFium, from opening a document to closing it."""
