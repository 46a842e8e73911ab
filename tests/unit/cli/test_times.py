from datetime import UTC, datetime

import pytest
import typer

from eseal.cli.frame.times import moment


def test_a_time_is_taken_to_utc():
    assert moment("2026-11-22T16:45:00+02:00") == datetime(2026, 11, 22, 14, 45, tzinfo=UTC)
    assert moment("2026-11-22") == datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_zone_that_leads_out_of_the_calendar(text):
    with pytest.raises(typer.BadParameter, match="year 1 to 9999"):
        moment(text)
