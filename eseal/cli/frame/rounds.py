"""What commands share that make a round every so often: ``eseal monitor`` and ``eseal watch``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from eseal.cli.frame.output import printable
from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

DEFAULT_INTERVAL = 60.0
DEFAULT_STALL = 900.0
"""A quarter of an hour: anchors come every few seconds, and a node may be down for a while."""
MAX_PORT = 65_535
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set: a round under way ends first."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def rounds(step: Callable[[], tuple[int, Sequence[str]]], *, interval: float, once: bool) -> int:
    """Make one round after another until SIGTERM or SIGINT.

    Args:
        step: makes a round; its exit code, and the accepted names that stood for nothing in it.
        interval: seconds between two.
        once: stop after the first.

    Returns:
        The exit code of the last one.
    """
    code, first = 0, True
    with stopped_by_signals() as stop:
        while not stop.is_set():
            code, unmatched = step()
            if first:
                note_unmatched(unmatched)
            first = False
            if once or stop.wait(interval):
                break
    return code


@contextmanager
def serving(registry: CollectorRegistry, address: str | None, option: str) -> Iterator[None]:
    """Metrics at ``HOST:PORT`` while the body runs, if an option names one.

    Raises:
        InvalidInputError: another form.
        ConfigurationError: the address cannot be listened on.
    """
    from eseal.monitor.metrics import serve_metrics

    if address is None:
        yield
        return
    bound, stop = serve_metrics(registry, *address_of(address, option), option)
    note(f"metrics at port {bound}")
    try:
        yield
    finally:
        stop()


def address_of(text: str, option: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``.

    Raises:
        InvalidInputError: another form.
    """
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= MAX_PORT):
        raise InvalidInputError(
            f"{option}: expected HOST:PORT, got {excerpt(text)}", field=option.strip("-")
        )
    return host.strip("[]"), int(port)


def note_unmatched(names: Sequence[str]) -> None:
    """Say which names that were accepted stand for nothing: they may be misspelt."""
    for name in names:
        note(f"--accept {name}: the first round found nothing of this name")


def note(sentence: str) -> None:
    """What whoever runs the command should know beside the rounds: a line on standard error."""
    typer.echo(f"note: {printable(sentence)}", err=True)
