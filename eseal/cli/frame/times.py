"""Moments on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from eseal.excerpts import excerpt


def moment(text: str) -> datetime:
    """Read ``2026-11-22``, its beginning in UTC, or a time with its zone (RFC 3339).

    Raises:
        typer.BadParameter: it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None and found.tzinfo is None and "T" not in text and " " not in text:
        return found.replace(tzinfo=UTC)
    if found is None or found.tzinfo is None:
        raise typer.BadParameter(
            f"expected a day such as 2026-11-22, or a time such as 2026-11-22T16:45:00Z, got "
            f"{excerpt(text, 64)}"
        )
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise typer.BadParameter(
            f"expected a time from year 1 to 9999 in UTC, got {excerpt(text, 64)}"
        ) from None
