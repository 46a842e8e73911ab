"""What a PDF may cost us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """What a PDF may cost us.

    Attributes:
        max_bytes: size of the file.
        max_stream_bytes: size of one decoded stream (of its structure; pages are not decoded).
        max_decoded_bytes: sum of all decoded streams, or 100 times the file if that is more.
        max_fields: form fields, widgets included.
        max_pages: pages.
        max_objects: objects in all.
        max_seals: filled signature fields; each costs a hash over the file.
    """

    max_bytes: int = 128 * 1024 * 1024
    max_stream_bytes: int = 64 * 1024 * 1024
    max_decoded_bytes: int = 256 * 1024 * 1024
    max_fields: int = 50_000
    max_pages: int = 10_000
    max_objects: int = 1_000_000
    max_seals: int = 32


DEFAULT_LIMITS: Final = PdfLimits()
MAX_COMPARED_PAGES: Final = 500
"""Pages whose looks are compared: each is drawn twice, at some 20 ms."""
