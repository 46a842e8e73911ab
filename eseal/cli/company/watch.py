"""``eseal watch``: find every use of one's seals without asking the operator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eseal.cli.frame.command import AsJson, quiet, state_of
from eseal.cli.frame.files import read_limited
from eseal.cli.frame.output import printable, to_json
from eseal.cli.frame.rounds import (
    DEFAULT_INTERVAL,
    DEFAULT_STALL,
    note,
    rounds,
    serving,
)
from eseal.errors import ConfigurationError, InvalidInputError
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from eseal.watch.alarms import Round
    from eseal.watch.rounds.watch import Watched

DEFAULT_UNREAD = 3600.0
MAX_DIGESTS_BYTES = 256 << 20
"""Three million lines as ``sha256sum`` writes them."""
_DIGEST = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Secrets:
    """What opens watch files: a passphrase, a private key in PEM."""

    passphrase: str | None
    identity: bytes | None


def watch(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    trust: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="The contracts that count: a trust file."),
    ],
    ledger: Annotated[
        list[str],
        typer.Option(metavar="URL", help="A node of the ledger to ask; of several, a quorum."),
    ],
    log: Annotated[
        list[str], typer.Option(metavar="URL", help="The log to read, e.g. https://…/log.")
    ],
    state: Annotated[
        Path, typer.Option(file_okay=False, help="Directory of its own: what is remembered.")
    ],
    company: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The company's watch file."),
    ] = None,
    many: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Watch for several: every NAME.json in it, with NAME.token and NAME.digests.",
        ),
    ] = None,
    mirror: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Another place that holds the log.")
    ] = None,
    history: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="The service that shows what was sealed."),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(envvar="ESEAL_WATCH_TOKEN", help="The company's token there."),
    ] = None,
    digests: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="SHA-256 of all documents the company sealed, as sha256sum writes them.",
        ),
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Opens the watch file."),
    ] = None,
    identity: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Private key that opens it, PEM."),
    ] = None,
    quorum: Annotated[
        int | None, typer.Option(min=1, help="How many nodes must agree; default: a majority.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="One round, then exit.")] = False,
    interval: Annotated[
        float, typer.Option(min=1, help="Seconds between two rounds.")
    ] = DEFAULT_INTERVAL,
    stall_after: Annotated[
        float, typer.Option(min=0, help="Seconds leaves may wait for the ledger.")
    ] = DEFAULT_STALL,
    unread_after: Annotated[
        float,
        typer.Option(min=0, help="Seconds leaves may be unreadable or unopened, volumes unmade."),
    ] = DEFAULT_UNREAD,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="ALARM:KEY", help="A finding that is known and no alarm any more."),
    ] = None,
    metrics: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write metrics for Prometheus to a file.")
    ] = None,
    listen: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Where Prometheus may ask.")
    ] = None,
    on_alarm: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help="Run for each new finding, its JSON on stdin."),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="POST each new finding there, as JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Watch one's own seals: every use, every change, every seal under one's name.

    Exit code: 0 all well, 1 alarm, 3 something could not be asked, 2 wrong usage or setting.
    Needs no account and no instance. Without --once it goes on until SIGTERM or SIGINT, and the
    code is that of the last round.
    """
    from eseal.cli.verifying.sources import open_sources
    from eseal.monitor.client import LogClient
    from eseal.verify.inputs.trust import TRUST_GIVEN
    from eseal.watch.log.reading import Patience
    from eseal.watch.log.state import WatchState
    from eseal.watch.log.tickets import Shelf
    from eseal.watch.rounds.alerting import Teller, WatchMetrics
    from eseal.watch.rounds.watch import Watch

    quiet()
    if (company is None) == (many is None):
        raise InvalidInputError("expected either --company FILE or --many DIR", field="company")
    secrets = _Secrets(
        None if passphrase_file is None else _line(passphrase_file),
        None if identity is None else read_limited(identity),
    )
    tell = Teller(on_alarm, webhook)
    gauges = WatchMetrics()
    with ExitStack() as stack:
        sources = stack.enter_context(
            open_sources(
                state_of(ctx), rpc=ledger, quorum=quorum, log=None, trust_file=trust, note=note
            )
        )
        if sources.ledger is None:
            raise ConfigurationError("a watch needs a ledger to ask: give --ledger")
        clients = [LogClient(url) for url in (*log, *(mirror or []))]
        for client in clients:
            stack.callback(client.close)
        watched = (
            [_one(company, history or [], token, digests, secrets, stack)]
            if company is not None
            else _of_directory(many or Path(), history or [], secrets, stack)
        )
        bound = {
            "chain": str(sources.ledger.chain_id),
            "registry": sources.ledger.seal_registry,
            "ledger": sources.ledger.usage_ledger,
        }
        bound["company"] = "many" if company is None else watched[0].file.subjects[0].hex()
        kept = WatchState(state, bound)
        stack.callback(kept.close)
        stack.enter_context(serving(gauges.registry, listen, "--listen"))
        watching = Watch(
            ledger=sources.ledger,
            trust=sources.trust or TRUST_GIVEN,
            logs=clients,
            state=kept,
            shelf=Shelf(state / "volumes"),
            patience=Patience(stall_after, unread_after),
            accepted=frozenset(accept or []),
        )

        def step() -> tuple[int, Sequence[str]]:
            done = watching.round(watched)
            failed = tell.tell(done.new)
            if failed is None:
                watching.told(done)
            else:
                note(failed)
            gauges.update(done)
            if metrics is not None:
                gauges.write(metrics)
            _show(done, as_json=as_json)
            return done.exit_code or (0 if failed is None else 3), done.unmatched

        code = rounds(step, interval=interval, once=once)
    raise typer.Exit(code)


def _one(  # noqa: PLR0913, PLR0917  # what belongs to a company
    path: Path,
    urls: Sequence[str],
    token: str | None,
    digests: Path | None,
    secrets: _Secrets,
    stack: ExitStack,
) -> Watched:
    from eseal.watch.envelope import MAX_ENVELOPE_BYTES, decrypt, read_identity
    from eseal.watch.file import WatchFile
    from eseal.watch.history.openings import History
    from eseal.watch.rounds.watch import Watched

    if urls and token is None:
        raise InvalidInputError(
            "--history needs the company's token: give --token or ESEAL_WATCH_TOKEN", field="token"
        )
    key = None if secrets.identity is None else read_identity(secrets.identity)
    try:
        plain = decrypt(
            read_limited(path, MAX_ENVELOPE_BYTES), passphrase=secrets.passphrase, identity=key
        )
        file = WatchFile.parse(plain)
    except InvalidInputError as error:
        raise InvalidInputError(f"{path}: {error}", field="company") from None
    histories = [History(url, token or "") for url in urls]
    for one in histories:
        stack.callback(one.close)
    return Watched(
        file, tuple(histories), None if digests is None else frozenset(_digests(digests))
    )


def _of_directory(
    directory: Path, urls: Sequence[str], secrets: _Secrets, stack: ExitStack
) -> list[Watched]:
    found = []
    for path in sorted(directory.glob("*.json")):
        token, digests = path.with_suffix(".token"), path.with_suffix(".digests")
        has_token = token.exists()
        found.append(
            _one(
                path,
                urls if has_token else [],
                _line(token) if has_token else None,
                digests if digests.exists() else None,
                secrets,
                stack,
            )
        )
    if not found:
        raise InvalidInputError(f"{directory}: expected watch files NAME.json, got none")
    return found


def _line(path: Path) -> str:
    try:
        return read_limited(path).decode().strip()
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path}: expected text") from None


def _digests(path: Path) -> Iterator[bytes]:
    """The hashes in a file: one a line, what follows it on the line is a name."""
    text = read_limited(path, MAX_DIGESTS_BYTES).decode("utf-8", "replace")
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        if not word or word.startswith("#"):
            continue
        if not _DIGEST.fullmatch(word):
            raise InvalidInputError(
                f"{path}: line {number}: expected a SHA-256 of 64 hex digits, got {excerpt(word)}",
                field="digests",
            )
        yield bytes.fromhex(word)


def _show(done: Round, *, as_json: bool) -> None:
    """One line a finding; with ``--json`` one object a round."""
    if as_json:
        typer.echo(to_json(done.to_dict()))
        return
    for finding in done.findings:
        company = "" if finding.company is None else f"{finding.company}: "
        typer.echo(
            f"{finding.kind.severity.value.upper()}  {finding.name}: "
            f"{printable(company + finding.message)}"
        )
    for sentence in done.undecided:
        typer.echo(f"UNDECIDED  {printable(sentence)}")
    if done.exit_code == 0:
        read = sum(one.read for one in done.logs)
        typer.echo(f"WELL  {read} leaves read, {done.found} of our books, {done.opened} opened")
