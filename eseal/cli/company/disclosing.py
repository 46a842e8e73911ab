"""Commands that show a company's records: whoever runs them is on record before they are shown."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.main import get_command

from eseal.cli.frame.command import Command, actor, hoisted, state_of
from eseal.cli.frame.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.service.record_access import RecordAccess


class DisclosingCommand(Command):
    """A command whose look at records is put on the log, under an order if one is named."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its own parameters, those of the root, and those of an order."""
        shared: list[Any] = get_command(_of_order).params
        return [*super().get_params(ctx), *(hoisted(each) for each in shared)]


@contextmanager
def record_access(ctx: typer.Context) -> Iterator[RecordAccess]:
    """The records of this instance, shown to whoever runs the command.

    Raises:
        InvalidInputError: the order cannot be used.
        CorruptionError: the log takes nothing more, so nothing is shown.
    """
    from eseal.model.actor import Order
    from eseal.service.record_access import RecordAccess

    state = state_of(ctx)
    order = Order.of(state.order, state.notice_after)
    with state.service() as service:
        yield RecordAccess(service, replace(actor(), order=order))


_of_order = typer.Typer(add_completion=False)


@_of_order.command()
def _order(
    order: Annotated[
        str | None,
        typer.Option("--order", metavar="NUMBER", help="Under which order you look."),
    ] = None,
    notice_after: Annotated[
        datetime | None,
        typer.Option(
            "--notice-after",
            parser=moment,
            metavar="TIME",
            help="Until when that order keeps the look from the company.",
        ),
    ] = None,
) -> None:
    """What every such command takes besides."""
