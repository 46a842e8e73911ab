"""What ``eseal verify`` checks against: a ledger, a log, and what is trusted of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eseal.cli.files import read_limited
from eseal.cli.http_log import HttpLog
from eseal.errors import (
    ConfigurationError,
    InvalidFormatError,
    LedgerUnreachableError,
    NotInitialisedError,
)
from eseal.ledger.deployment import Deployment
from eseal.verify.trust import Trust

if TYPE_CHECKING:
    from eseal.cli.framework import State
    from eseal.config import Settings
    from eseal.ledger.protocol import LedgerReader
    from eseal.verify.case import LogSource


@dataclass(frozen=True, slots=True)
class Sources:
    """What to check against.

    Attributes:
        ledger: read access to the ledger, or ``None``.
        logs: where tiles are read, or ``None``.
        trust: the ledger and roots that count, or ``None`` for whatever ledger there is.
    """

    ledger: LedgerReader | None
    logs: LogSource | None
    trust: Trust | None


def parse_trust(data: bytes) -> tuple[Trust, Deployment | None]:
    """Read a trust file: what ``init`` writes, maybe with ``roots`` added, maybe with less.

    Returns:
        What is trusted, and where the contracts are, if the file says all of that.

    Raises:
        InvalidFormatError: it has another form.
    """
    trust = Trust.parse(data)
    return trust, trust.deployment


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
    """Open what the options and the data directory offer.

    Args:
        state: the global options.
        rpc: URLs of nodes to ask; none for the instance's own ledger.
        quorum: how many of several nodes must agree; a majority if ``None``.
        log: URL of a log, or ``None`` for the instance's own.
        trust_file: what is trusted, or ``None`` for the instance's ``trust.json``.
        note: told in a sentence what could not be had.

    Raises:
        InvalidFormatError: a URL or the trust file cannot be used.
        ConfigurationError: the node holds other contracts than the trusted ones, or the instance
            cannot be opened.
    """
    settings = state.settings()
    with ExitStack() as stack:
        logs = None
        if log is not None:
            logs = HttpLog(log)
            stack.callback(logs.close)
        trust, deployment = _trust(settings, trust_file)
        if rpc:
            ledger = _reader(rpc, quorum, deployment, settings)
            yield Sources(ledger, logs, trust)
            return
        try:
            own = _own(state, settings, stack)
        except LedgerUnreachableError as error:
            note(f"the instance's ledger cannot be asked: {error}")
            own = None
        else:
            if own is None:
                note(state.words("report.notes.no_ledger"))
        if own is None:
            yield Sources(None, logs, trust)
        else:
            yield Sources(own.ledger, logs or own.logs, trust)


def _trust(settings: Settings, named: Path | None) -> tuple[Trust | None, Deployment | None]:
    path = named or settings.trust_path
    if named is None and not path.exists():
        return None, None
    try:
        return parse_trust(read_limited(path))
    except InvalidFormatError as error:
        raise InvalidFormatError(f"{path}: {error}", field="trust") from None


def _reader(
    rpc: Sequence[str], quorum: int | None, deployment: Deployment | None, settings: Settings
) -> LedgerReader:
    if deployment is None:
        raise ConfigurationError(
            "--rpc needs to know which contracts to ask: give --trust FILE with chain_id, "
            "seal_registry and usage_ledger (the issuer publishes it as trust.json)"
        )
    from eseal.ledger.finality import Finality
    from eseal.ledger.readers import open_endpoints, reader_of

    finality = Finality.parse(settings.ledger_finality)
    quorum = settings.ledger_quorum if quorum is None else quorum
    reader = reader_of(open_endpoints(rpc), deployment, finality, quorum)
    with suppress(LedgerUnreachableError):  # every check that needs it will say so
        reader.check()
    return reader


def _own(state: State, settings: Settings, stack: ExitStack) -> Sources | None:
    """The ledger and log of the instance in the data directory, if there is one."""
    if settings.database_url is None and not (settings.data_dir / "eseal.db").exists():
        return None
    from eseal.service.verification import LocalLogs

    try:
        service = stack.enter_context(state.service())
    except NotInitialisedError:
        return None
    return Sources(service.context.reader, LocalLogs(service.context), None)
