"""Prometheus metrics of one application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from eseal.service.oversight.log_position import Standing
    from eseal.service.service import Service

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The Prometheus text format."""
COMMIT_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
"""Seconds: from one fsync on a good disk to a batch behind other batches."""
REQUEST_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds: from a cached page to a large PDF on a busy machine."""


class Metrics:
    """What is counted. Each application has its own registry, so tests may make several.

    Attributes:
        uses: uses recorded, by the kind of request: ``single``, ``batch`` or ``document``.
        refusals: uses refused, by kind and error code.
        commit_seconds: from handing uses to the sequencer until they are durable.
        requests: HTTP requests by method, route and status.
        request_seconds: from the request's head to the last byte of the answer, by route.
        verdicts: verifications by indication and finding.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.uses = Counter("eseal_uses_total", "Uses recorded", ["kind"], registry=self._registry)
        self.refusals = Counter(
            "eseal_refusals_total", "Uses refused", ["kind", "code"], registry=self._registry
        )
        self.commit_seconds = Histogram(
            "eseal_commit_seconds",
            "Time until uses are durable",
            buckets=COMMIT_BUCKETS,
            registry=self._registry,
        )
        self.requests = Counter(
            "eseal_http_requests_total",
            "HTTP requests",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.request_seconds = Histogram(
            "eseal_http_request_seconds",
            "Time to answer",
            ["route"],
            buckets=REQUEST_BUCKETS,
            registry=self._registry,
        )
        self.verdicts = Counter(
            "eseal_verdicts_total",
            "Verifications",
            ["indication", "finding"],
            registry=self._registry,
        )
        self._pending = Gauge(
            "eseal_anchor_lag_leaves",
            "Leaves in the log that no anchored head covers",
            registry=self._registry,
        )
        self._lag = Gauge(
            "eseal_anchor_lag_seconds",
            "For how long the oldest leaf has waited for an anchor",
            registry=self._registry,
        )
        self._gas = Gauge(
            "eseal_ledger_gas",
            "Gas burnt in final blocks so far",
            ["kind"],
            registry=self._registry,
        )
        self._faults = Gauge(
            "eseal_ledger_faults",
            "Requests to a ledger node without an answer, since the start",
            ["endpoint"],
            registry=self._registry,
        )
        self._queue = Gauge(
            "eseal_queue_uses", "Uses that wait for their commit", registry=self._registry
        )
        self._stopped = Gauge(
            "eseal_sealing_stopped",
            "1 while nothing is sealed because records contradict each other",
            registry=self._registry,
        )
        self._foreign = Gauge(
            "eseal_foreign_rows",
            "Rows met since the start that this instance did not write there",
            registry=self._registry,
        )
        self._size = Gauge("eseal_log_leaves", "Leaves in the log", registry=self._registry)

    def render(self, service: Service, standing: Standing) -> bytes:
        """All metrics in the Prometheus text format, with the state as it is now."""
        self._lag.set(standing.lag(service.context.now()))
        self._queue.set(service.queued)
        self._stopped.set(service.stopped is not None)
        self._foreign.set(service.operations.foreign_rows)
        for kind, gas in service.operations.gas_spent().items():
            self._gas.labels(kind).set(gas)
        for endpoint, faults in service.operations.ledger_faults().items():
            self._faults.labels(endpoint).set(faults)
        self._pending.set(standing.pending)
        self._size.set(standing.size)
        return generate_latest(self._registry)
