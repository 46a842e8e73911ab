"""Times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eseal.words.catalogue import Words


def in_utc(moment: datetime, words: Words) -> str:
    """A time in UTC, e.g. ``22 Nov 2026, 18:15:56 UTC``.

    Args:
        moment: aware.
        words: the catalogue.
    """
    there = moment.astimezone(UTC)
    return words("report.times.utc", date=_date(there, words), time=f"{there:%H:%M:%S}")


def in_zone_and_utc(moment: datetime, words: Words) -> str:
    """The same on this machine's clock, with UTC beside it; in UTC alone where that is its zone.

    So it is where the zone leads out of the calendar.
    """
    utc = in_utc(moment, words)
    try:
        here = moment.astimezone()
    except OverflowError:  # a stranger may claim the last second of the calendar
        return utc
    if not here.utcoffset():
        return utc
    local = words("report.times.local", date=_date(here, words), time=f"{here:%H:%M:%S %Z}")
    return words("report.times.both", local=local, utc=utc)


def _date(moment: datetime, words: Words) -> str:
    month = words("report.times.months").split()[moment.month - 1]
    return words("report.times.date", day=moment.day, month=month, year=moment.year)
