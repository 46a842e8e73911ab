"""``eseal monitor``: hold a log against itself and against the ledger, from anywhere."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eseal.cli.frame.framework import AsJson, quiet, state_of
from eseal.cli.frame.output import printable, to_json
from eseal.errors import ConfigurationError, InvalidInputError
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from eseal.ledger.protocol import LedgerReader
    from eseal.monitor.alarms import Round

DEFAULT_INTERVAL = 60.0
DEFAULT_STALL = 900.0
"""A quarter of an hour: anchors come every few seconds, and a node may be down for a while."""
MAX_PORT = 65_535
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def monitor(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    log: Annotated[str, typer.Option(metavar="URL", help="The log to watch, e.g. https://…/log.")],
    rpc: Annotated[
        list[str],
        typer.Option(metavar="URL", help="A node of the ledger to ask; of several, a quorum."),
    ],
    trust: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="The contracts that count: trust.json."),
    ],
    state: Annotated[
        Path, typer.Option(file_okay=False, help="Directory of its own: state and evidence.")
    ],
    quorum: Annotated[
        int | None, typer.Option(min=1, help="How many nodes must agree; default: a majority.")
    ] = None,
    issuer: Annotated[
        str | None, typer.Option(metavar="HEX", help="Whose log it is, if several could be meant.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="One round, then exit.")] = False,
    interval: Annotated[
        float, typer.Option(min=1, help="Seconds between two rounds.")
    ] = DEFAULT_INTERVAL,
    stall_after: Annotated[
        float, typer.Option(min=0, help="Seconds leaves may wait for the ledger.")
    ] = DEFAULT_STALL,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="ALARM[:KEY]", help="An alarm that is known and none any more."),
    ] = None,
    metrics: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Where Prometheus may ask.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Watch a log: is it one history, and the one on the ledger?

    Exit code: 0 all well, 1 alarm, 3 something could not be asked, 2 wrong usage or setting.
    Needs no account and no instance. Without --once it goes on until SIGTERM or SIGINT, and the
    code is that of the last round.
    """
    from eseal.cli.verifying.sources import open_sources
    from eseal.ledger.setup.administration import parse_word
    from eseal.monitor.client import LogClient
    from eseal.monitor.metrics import MonitorMetrics
    from eseal.monitor.state import StateStore
    from eseal.monitor.watch import Monitor

    quiet()
    gauges = MonitorMetrics()
    with (
        open_sources(
            state_of(ctx), rpc=rpc, quorum=quorum, log=None, trust_file=trust, note=_note
        ) as sources,
        _serving(gauges, metrics),
    ):
        client = LogClient(log)
        keys = {} if sources.trust is None else {k.name: k.public_key for k in sources.trust.logs}
        watching = Monitor(
            client,
            _required(sources.ledger),
            StateStore(state),
            stall_after=stall_after,
            keys=keys,
            issuer=None if issuer is None else parse_word(issuer, "issuer"),
            accepted=frozenset(accept or []),
        )
        try:
            with stopped_by_signals() as stop:
                code, first = 0, True
                while not stop.is_set():
                    done = watching.round()
                    if first:
                        note_unmatched(done.unmatched, _note)
                    first = False
                    code = done.exit_code
                    gauges.update(done)
                    _show(done, as_json=as_json)
                    if once or stop.wait(interval):
                        break
        finally:
            client.close()
    raise typer.Exit(code)


def note_unmatched(names: Sequence[str], note: Callable[[str], None]) -> None:
    """Say which names that were accepted stand for nothing: they may be misspelt."""
    for name in names:
        note(f"--accept {name}: the first round found nothing of this name")


def _show(done: Round, *, as_json: bool) -> None:
    """One line a round; with ``--json`` one object a line."""
    if as_json:
        typer.echo(to_json(done.to_dict()))
        return
    for alarm in done.alarms:
        typer.echo(f"ALARM  {alarm.name}: {printable(alarm.message)}")
        for name in alarm.evidence:
            typer.echo(f"       kept {name}")
    for sentence in done.undecided:
        typer.echo(f"UNDECIDED  {printable(sentence)}")
    if done.exit_code == 0:
        typer.echo(
            f"WELL  {printable(done.origin or '')}: {done.size} leaves, root {done.root.hex()}, "
            f"{done.anchored} on the ledger, compared up to {done.compared}"
        )


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


def _required(ledger: LedgerReader | None) -> LedgerReader:
    if ledger is None:
        raise ConfigurationError("a monitor needs a ledger to compare with: give --rpc")
    return ledger


@contextmanager
def _serving(gauges: object, address: str | None) -> Iterator[None]:
    """Metrics at ``HOST:PORT`` while the body runs."""
    from eseal.monitor.metrics import MonitorMetrics

    if address is None or not isinstance(gauges, MonitorMetrics):
        yield
        return
    bound, stop = gauges.serve(*address_of(address, "--metrics"))
    _note(f"metrics at port {bound}")
    try:
        yield
    finally:
        stop()


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


def _note(sentence: str) -> None:
    typer.echo(f"note: {printable(sentence)}", err=True)
