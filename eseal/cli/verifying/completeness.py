"""``eseal verify --completeness``: whether a list of uses that was handed over leaves one out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import typer

from eseal.cli.frame.files import MAX_SIDE_FILE_BYTES, read_limited
from eseal.cli.frame.output import note, print_json, printable
from eseal.cli.verifying.sources import open_sources
from eseal.cli.verifying.trust_files import members, told
from eseal.errors import ConfigurationError, InvalidFormatError, InvalidInputError
from eseal.monitor.client import LogClient
from eseal.verify.inputs.trust import TRUST_GIVEN
from eseal.watch.history.completeness import Completeness, check_completeness
from eseal.watch.history.period import MAX_PERIOD_BYTES, PeriodTickets

if TYPE_CHECKING:
    from eseal.cli.frame.command import State

ON_DISK = "http://directory"
"""What a log on disk is called: it has no host."""


class FilesOfLog(httpx.BaseTransport):
    """Answers with the files of a directory, laid out as a log (C2SP tlog-tiles).

    Args:
        directory: in which ``checkpoint`` and ``tile`` lie.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The file of this path, or 404; the paths are those that a reader makes of numbers."""
        try:
            with (self._directory / request.url.path.removeprefix("/")).open("rb") as file:
                data = file.read(MAX_SIDE_FILE_BYTES)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return httpx.Response(httpx.codes.NOT_FOUND)
        return httpx.Response(httpx.codes.OK, content=data)


def show_completeness(  # noqa: PLR0913, PLR0917  # what to check against
    state: State,
    file: Path,
    rpc: Sequence[str],
    quorum: int | None,
    log: str | None,
    trust: Path | None,
    *,
    as_json: bool,
) -> int:
    """Check, and show what was found; the exit code.

    Raises:
        InvalidInputError: the file is none of these, or no log is named.
        InvalidProofError: it is nobody's list that can be told.
        ConfigurationError: there is no ledger to ask.
    """
    words = state.words
    if log is None:
        raise InvalidInputError("--completeness needs a log to read: give --log", field="log")
    try:
        period = PeriodTickets.parse(read_limited(file, MAX_PERIOD_BYTES))
    except InvalidFormatError as error:
        raise InvalidFormatError(f"{file}: {error}", field="completeness") from None
    with open_sources(
        state,
        rpc=rpc,
        quorum=quorum,
        log=None,
        trust_file=trust,
        note=lambda sentence: note(sentence, words),
    ) as sources:
        if sources.ledger is None:
            raise ConfigurationError("--completeness needs a ledger to ask: give --rpc and --trust")
        if not as_json:
            note(told(sources.found, words), words)
        client = _client(log)
        try:
            done = check_completeness(
                period, ledger=sources.ledger, trust=sources.trust or TRUST_GIVEN, log=client
            )
        finally:
            client.close()
    if as_json:
        print_json(done.to_dict() | {"trusted": members(sources.found)})
    else:
        _show(done)
    return done.exit_code


def _client(log: str) -> LogClient:
    if Path(log).is_dir():
        return LogClient(ON_DISK, transport=FilesOfLog(Path(log)))
    if "://" not in log:
        raise InvalidInputError(
            "log: expected a URL, such as https://seals.example.org/log, or a directory that is "
            "there, got another text",
            field="log",
        )
    return LogClient(log)


def _show(done: Completeness) -> None:
    """One line a finding, as ``eseal watch`` has them."""
    for finding in done.findings:
        typer.echo(f"ALARM  {finding.name}: {printable(finding.message)}")
    for sentence in done.undecided:
        typer.echo(f"UNDECIDED  {printable(sentence)}")
    if done.exit_code == 0:
        read = 0 if done.head is None else done.head.size
        typer.echo(
            f"COMPLETE  {read} leaves read, {done.found} of the period tore tickets of the seal, "
            f"all opened by the list; {done.outside} before and after it"
        )
