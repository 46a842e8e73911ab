"""How much work a document may make.

A few kilobytes can ask for hours: a thousand pages that share a list of a thousand annotations have
a million of them. Limits of size, pages and objects do not see that; a count of steps does.
"""

from __future__ import annotations

from typing import Final

from eseal.errors import TooLargeError

STEPS: Final = 2_000_000
"""For any file; one takes a microsecond, more or less. Of some 650 real files none took 50,000."""
BYTES_FOR_ONE_MORE: Final = 8
"""A longer file may take longer: a field of a form takes some 150 bytes, and 50 steps."""


class Effort:
    """Counts the steps that are taken for one document.

    Args:
        size: of the document, bytes.
        times: so often as for one look at it.
    """

    def __init__(self, size: int, times: int = 1) -> None:
        self.steps = times * (STEPS + size // BYTES_FOR_ONE_MORE)
        self.left = self.steps

    def spend(self, steps: int = 1) -> None:
        """Take steps: looks at one value each, or what takes as long.

        Raises:
            TooLargeError: there have been too many.
        """
        self.left -= steps
        if self.left < 0:
            raise TooLargeError(
                "the PDF is too entangled: its parts refer to one another so often, or its pages "
                f"draw so much, that looking through it takes more than {self.steps} steps",
                field="document",
            )
