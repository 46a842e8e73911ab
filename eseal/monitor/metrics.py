"""What a monitor found, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from eseal.errors import ConfigurationError
from eseal.monitor.alarms import AlarmKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from eseal.monitor.alarms import Round

OUTCOMES = {0: "well", 1: "alarm", 3: "undecided"}
"""What a round came to, by exit code."""


class MonitorMetrics:
    """Gauges of the last round. Each monitor has its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._rounds = Counter(
            "eseal_monitor_rounds_total", "Rounds made", ["outcome"], registry=self.registry
        )
        self._alarm = Gauge(
            "eseal_monitor_alarm",
            "1 while the last round raised this alarm",
            ["alarm"],
            registry=self.registry,
        )
        self._undecided = self._gauge("undecided", "Questions the last round could not ask")
        self._size = self._gauge("log_leaves", "Leaves of the log that were read and rebuilt")
        self._compared = self._gauge("compared_leaves", "Leaves under the last head compared")
        self._pending = self._gauge("pending_leaves", "Leaves no head on the ledger covers")
        self._round = self._gauge("last_round_timestamp_seconds", "Time of the last round")
        self._well = self._gauge("last_well_timestamp_seconds", "Time of the last round all well")

    def _gauge(self, name: str, help_: str) -> Gauge:
        return Gauge(f"eseal_monitor_{name}", help_, registry=self.registry)

    def update(self, done: Round) -> None:
        """Take over what a round found."""
        outcome = OUTCOMES[done.exit_code]
        self._rounds.labels(outcome).inc()
        raised = {alarm.kind for alarm in done.alarms}
        for kind in AlarmKind:
            self._alarm.labels(kind.value).set(kind in raised)
        self._undecided.set(len(done.undecided))
        self._size.set(done.size)
        self._compared.set(done.compared)
        if done.anchored is not None:
            self._pending.set(done.pending)
        self._round.set(done.time)
        if outcome == "well":
            self._well.set(done.time)


def serve_metrics(
    registry: CollectorRegistry, host: str, port: int, option: str
) -> tuple[int, Callable[[], object]]:
    """Answer ``GET /metrics`` from a thread of its own.

    Args:
        registry: the metrics.
        host: where to listen.
        port: likewise; 0 for a free one.
        option: which option says so.

    Returns:
        The port, and what stops it.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    try:
        server, _ = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host} port {port} ({option}): {error.strerror or error}"
        ) from None

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return server.server_port, stop
