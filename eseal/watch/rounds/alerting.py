"""Who is told what a round found: a command, a webhook, Prometheus."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import httpx
import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, write_to_textfile

from eseal.errors import InvalidInputError
from eseal.http import bounded_client
from eseal.monitor.metrics import OUTCOMES
from eseal.watch.alarms import AlarmKind

if TYPE_CHECKING:
    from pathlib import Path

    from eseal.watch.alarms import Finding, Round

COMMAND_SECONDS = 60.0
WEBHOOK_SECONDS = 15.0


class Teller:
    """Tells of new findings; what could not be told is tried again in the next round."""

    def __init__(
        self,
        command: str | None = None,
        webhook: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare.

        Args:
            command: run for each finding, its JSON on standard input; no shell.
            webhook: asked with POST for each finding, its JSON as body.
            transport: how requests travel; by default over the network.

        Raises:
            InvalidInputError: a command or URL that cannot be used.
        """
        try:
            self._command = shlex.split(command) if command else None
        except ValueError as error:
            raise InvalidInputError(f"--on-alarm: {error}", field="on_alarm") from None
        if webhook is not None and not webhook.startswith(("http://", "https://")):
            raise InvalidInputError(
                "--webhook: expected a URL that starts with http:// or https://", field="webhook"
            )
        self._webhook = webhook
        self._transport = transport

    def tell(self, findings: tuple[Finding, ...]) -> str | None:
        """Tell of these; why that did not work, or ``None`` if it did."""
        for finding in findings:
            body = orjson.dumps(finding.to_dict())
            failed = self._run(body) or self._post(body)
            if failed is not None:
                return failed
        return None

    def _run(self, body: bytes) -> str | None:
        if self._command is None:
            return None
        try:
            ran = subprocess.run(  # noqa: S603  # the user's own command, without a shell
                self._command,
                input=body,
                stdout=subprocess.DEVNULL,  # ours is for what the round found
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"--on-alarm could not be run: {type(error).__name__}"
        return None if ran.returncode == 0 else f"--on-alarm ended with code {ran.returncode}"

    def _post(self, body: bytes) -> str | None:
        if self._webhook is None:
            return None
        headers = {"Content-Type": "application/json"}
        try:
            with (
                bounded_client(WEBHOOK_SECONDS, transport=self._transport) as client,
                client.stream("POST", self._webhook, content=body, headers=headers) as answer,
            ):
                pass  # what it says beside its status is not read
        except httpx.HTTPError as error:
            return f"--webhook could not be reached: {type(error).__name__}"
        return None if answer.is_success else f"--webhook answers with {answer.status_code}"


class WatchMetrics:
    """Gauges of the last round. Each watch has its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._rounds = Counter(
            "eseal_watch_rounds_total", "Rounds made", ["outcome"], registry=self.registry
        )
        self._alarms = Gauge(
            "eseal_watch_findings",
            "What the last round found",
            ["alarm"],
            registry=self.registry,
        )
        self._undecided = self._gauge("undecided", "Questions the last round could not ask")
        self._found = self._gauge("found_leaves", "Leaves of the watched books")
        self._unopened = self._gauge("unopened_leaves", "Of these, leaves that nothing opened")
        self._unread = self._gauge("unread_leaves", "Leaves under heads that were not read")
        self._round = self._gauge("last_round_timestamp_seconds", "Time of the last round")
        self._well = self._gauge("last_well_timestamp_seconds", "Time of the last round all well")

    def _gauge(self, name: str, help_: str) -> Gauge:
        return Gauge(f"eseal_watch_{name}", help_, registry=self.registry)

    def update(self, done: Round) -> None:
        """Take over what a round found."""
        outcome = OUTCOMES[done.exit_code]
        self._rounds.labels(outcome).inc()
        for kind in AlarmKind:
            count = sum(finding.kind is kind for finding in done.findings)
            self._alarms.labels(kind.value).set(count)
        self._undecided.set(len(done.undecided))
        self._found.set(done.found)
        self._unopened.set(done.found - done.opened)
        self._unread.set(sum(log.anchored - log.read for log in done.logs))
        self._round.set(done.time)
        if outcome == "well":
            self._well.set(done.time)

    def write(self, path: Path) -> None:
        """Put them into a file, in one step: for a node exporter's textfile collector.

        Raises:
            OSError: it cannot be written.
        """
        write_to_textfile(str(path), self.registry)
