"""What reading one document may cost, and who waits with whom.

A stranger pays nothing for what he sends, so the work on it has an end that is set beforehand:
however a file is made, it takes the processor time, memory and answer of its kind and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

SHARE: Final = 32 << 20
"""Bytes of files for which a budget grows by its share: a scan of 100 MB is honest work."""
MEMORY_PER_BYTE: Final = 6
"""Of a file: itself, what a library keeps of it, the copy that is written, what is unpacked."""


class Lane(Enum):
    """Those who wait in one line. Strangers never stand before companies.

    The value is the niceness their work begins with: where both want the processor, companies get
    it three times as much.
    """

    COMPANIES = 0
    STRANGERS = 5


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one document may take. It ends there, whatever the file does.

    Attributes:
        cpu_seconds: processor time.
        wall_seconds: from the start of the work to its answer, on however busy a machine; what
            waits in line before is not counted.
        memory: bytes of addresses, beside those of a process that has no document yet.
        answer_bytes: of the answer.
        lane: in which line it waits.
        field: what errors name: the field of the request the files came in.
        share: seconds of processor time more for each 32 MiB of files.
    """

    cpu_seconds: float
    wall_seconds: float
    memory: int
    answer_bytes: int
    lane: Lane = Lane.COMPANIES
    field: str = "document"
    share: float = 1.0

    def of(self, size: int) -> Budget:
        """The budget for files of so many bytes in all."""
        return replace(
            self,
            cpu_seconds=self.cpu_seconds + self.share * (size // SHARE),
            memory=self.memory + MEMORY_PER_BYTE * size,
        )


_GIB: Final = 1 << 30
_LARGEST: Final = 256 << 20
"""Bytes of an answer that is a document."""

VERIFYING: Final = Budget(2.0, 30.0, _GIB, _LARGEST, Lane.STRANGERS)
"""For everybody, without an account. 2 seconds are some hundred times what most documents take."""
SEALING: Final = Budget(20.0, 60.0, 2 * _GIB, _LARGEST)
"""For companies; it is on record who asked."""
FLATTENING: Final = Budget(60.0, 120.0, 2 * _GIB, _LARGEST)
"""Each page is drawn twice, and some a third time."""
PICTURES: Final = Budget(2.0, 20.0, _GIB, 64 << 20, field="file", share=0.0)
"""Uploaded impressions: of the largest image the pixels are 48 MB."""
DRAWING: Final = Budget(20.0, 60.0, _GIB, 256 << 20)
"""Impressions that are on record: read again, and drawn in the resolution of a platemaker."""

File = bytes | memoryview | Sequence[bytes | memoryview]
"""A file, in one piece or several that follow each other."""
