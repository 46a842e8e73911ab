"""What ``eseal verify`` checks against: a ledger, a log, and what is trusted of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eseal.cli.verifying.http_log import HttpLog
from eseal.cli.verifying.trust_files import find_trust, read_trust
from eseal.config import Settings
from eseal.errors import (
    ConfigurationError,
    InvalidInputError,
    LedgerUnreachableError,
    NotInitialisedError,
)
from eseal.ledger.contracts.deployment import Deployment
from eseal.verify.inputs.trust import Trust

if TYPE_CHECKING:
    from pathlib import Path

    from eseal.cli.frame.command import State
    from eseal.ledger.protocol import LedgerReader
    from eseal.verify.inputs.case import HistorySource, LogSource, RecordSource


@dataclass(frozen=True, slots=True)
class Sources:
    """What to check against.

    Attributes:
        ledger: read access to the ledger, or ``None``.
        logs: where tiles are read, or ``None``.
        found: the trust file that counts and what it says, or ``None`` where none was named.
        history: who holds the log's records, or ``None``.
        records: where evidence is on record, or ``None``.
    """

    ledger: LedgerReader | None
    logs: LogSource | None
    found: tuple[Path, Trust] | None
    history: HistorySource | None = None
    records: RecordSource | None = None

    @property
    def trust(self) -> Trust | None:
        """What is trusted, or ``None``."""
        return None if self.found is None else self.found[1]


def parse_trust(data: bytes) -> tuple[Trust, Deployment | None]:
    """Read a trust file: what ``init`` writes, maybe with ``roots`` added, maybe with less.

    Returns:
        What is trusted, and where the contracts are, if the file says all of that.

    Raises:
        InvalidFormatError: it has another form.
    """
    trust = Trust.parse(data)
    return trust, trust.deployment


def deployment_of(path: Path) -> Deployment:
    """The contracts that a trust file names.

    Raises:
        InvalidFormatError: it has another form.
        InvalidInputError: it does not name them.
    """
    deployment = read_trust(path).deployment
    if deployment is None:
        raise InvalidInputError(
            f"{path}: expected chain_id, seal_registry and usage_ledger", field="trust"
        )
    return deployment


@contextmanager
def open_sources(  # noqa: PLR0913  # what to check against, each by name
    state: State,
    *,
    rpc: Sequence[str],
    quorum: int | None,
    log: str | None,
    trust_file: Path | None,
    note: Callable[[str], None],
) -> Iterator[Sources]:
    """Open what the options, and a data directory that is named, offer.

    Neither ``./eseal-data`` nor ``./.env`` is looked at: whoever packed the directory in which a
    verifier happens to stand must not choose what it trusts, nor whom it asks.

    Args:
        state: the global options.
        rpc: URLs of nodes to ask; none for the instance's own ledger.
        quorum: how many of several nodes must agree; a majority if ``None``.
        log: URL of a log, or ``None`` for the instance's own.
        trust_file: what is trusted, or ``None`` for what :func:`find_trust` finds.
        note: told in a sentence what could not be had.

    Raises:
        InvalidFormatError: a URL or the trust file cannot be used.
        ConfigurationError: the node holds other contracts than the trusted ones, or the instance
            cannot be opened.
    """
    settings = Settings.of_verifier(state.data_dir)
    with ExitStack() as stack:
        logs = None
        if log is not None:
            logs = HttpLog(log)
            stack.callback(logs.close)
        found = find_trust(state, trust_file)
        if rpc:
            deployment = None if found is None else found[1].deployment
            yield Sources(_reader(rpc, quorum, deployment, settings), logs, found)
            return
        own = _own_or_none(state, settings, stack, note)
        if own is None:
            yield Sources(None, logs, found)
        else:
            yield replace(own, logs=logs or own.logs, found=found)


def _own_or_none(
    state: State, settings: Settings, stack: ExitStack, note: Callable[[str], None]
) -> Sources | None:
    try:
        own = None if state.data_dir is None else _own(settings, stack)
    except LedgerUnreachableError as error:
        note(f"the instance's ledger cannot be asked: {error}")
        return None
    if own is None:
        note(state.words("report.notes.no_ledger"))
    return own


def _reader(
    rpc: Sequence[str], quorum: int | None, deployment: Deployment | None, settings: Settings
) -> LedgerReader:
    if deployment is None:
        raise ConfigurationError(
            "to ask a node one needs to know its contracts: give --trust FILE with chain_id, "
            "seal_registry and usage_ledger (the issuer publishes it as trust.json)"
        )
    from eseal.ledger.reading.from_urls import open_endpoints, reader_of
    from eseal.ledger.wire.finality import Finality

    finality = Finality.parse(settings.ledger_finality)
    quorum = settings.ledger_quorum if quorum is None else quorum
    reader = reader_of(open_endpoints(rpc), deployment, finality, quorum)
    with suppress(LedgerUnreachableError):  # every check that needs it will say so
        reader.check()
    return reader


def _own(settings: Settings, stack: ExitStack) -> Sources | None:
    """The ledger and log of the instance in the data directory, if there is one."""
    if settings.database_url is None and not (settings.data_dir / "eseal.db").exists():
        return None
    from eseal.cli.frame.command import quiet
    from eseal.service.oversight.history import LocalHistory
    from eseal.service.oversight.verification import LocalLogs
    from eseal.service.service import Service

    quiet()
    try:
        service = stack.enter_context(Service.open(settings))
    except NotInitialisedError:
        return None
    context = service.context
    history, logs = LocalHistory(context), LocalLogs(context)
    return Sources(context.reader, logs, None, history, service.records)
