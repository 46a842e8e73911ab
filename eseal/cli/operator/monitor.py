"""``eseal monitor``: hold a log against itself and against the ledger, from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eseal.cli.frame.command import AsJson, quiet, state_of
from eseal.cli.frame.output import printable, to_json
from eseal.cli.frame.rounds import (
    DEFAULT_INTERVAL,
    DEFAULT_STALL,
    note,
    rounds,
    serving,
)
from eseal.errors import ConfigurationError

if TYPE_CHECKING:
    from eseal.ledger.protocol import LedgerReader
    from eseal.monitor.alarms import Round


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
    from eseal.monitor.monitor import Monitor
    from eseal.monitor.state import StateStore

    quiet()
    gauges = MonitorMetrics()
    with (
        open_sources(
            state_of(ctx), rpc=rpc, quorum=quorum, log=None, trust_file=trust, note=note
        ) as sources,
        serving(gauges.registry, metrics, "--metrics"),
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

        def step() -> tuple[int, Sequence[str]]:
            done = watching.round()
            gauges.update(done)
            _show(done, as_json=as_json)
            return done.exit_code, done.unmatched

        with closing(client):
            code = rounds(step, interval=interval, once=once)
    raise typer.Exit(code)


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


def _required(ledger: LedgerReader | None) -> LedgerReader:
    if ledger is None:
        raise ConfigurationError("a monitor needs a ledger to compare with: give --rpc")
    return ledger
