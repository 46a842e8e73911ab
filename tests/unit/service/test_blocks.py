from datetime import UTC, datetime, timedelta

import pytest

from eseal.errors import ClockError
from eseal.service.blocks import MAX_CLOCK_LAG_SECONDS, FinalBlock


def test_a_clock_well_behind_the_ledger_is_refused(world):
    ledger = world.service.context.ledger
    blocks = FinalBlock(ledger)
    blocks.check_clock(datetime.fromtimestamp(0, UTC))  # no block is known yet
    blocks.refresh()
    newest = datetime.fromtimestamp(ledger.final_block().timestamp, UTC)
    allowed = timedelta(seconds=MAX_CLOCK_LAG_SECONDS)
    blocks.check_clock(newest + timedelta(days=1))
    blocks.check_clock(newest - allowed)
    with pytest.raises(ClockError, match=r"clock is 151 s behind block \d+ of the ledger"):
        blocks.check_clock(newest - allowed - timedelta(seconds=1))
