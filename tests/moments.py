"""Times that tests wait for."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eseal.service.service import Service


def behind_the_newest_block(service: Service) -> datetime:
    """A moment by which the second of the newest block is over: a period until then holds it."""
    newest = service.context.reader.final_block().timestamp
    while (now := service.context.now()).timestamp() < newest + 1:
        time.sleep(0.05)
    return now
