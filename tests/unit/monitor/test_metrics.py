import httpx
import pytest

from eseal.errors import ConfigurationError
from eseal.monitor.metrics import MonitorMetrics, serve_metrics


def test_what_prometheus_sees(watch, site):
    metrics = MonitorMetrics()
    port, stop = serve_metrics(metrics.registry, "127.0.0.1", 0, "--metrics")
    try:
        watch.anchor(100)
        metrics.update(watch())
        watch.time += 100
        watch.ledger.accept(200, bytes(32))
        metrics.update(watch())
        site.down = True
        metrics.update(watch())
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        with pytest.raises(ConfigurationError, match="--metrics"):
            serve_metrics(MonitorMetrics().registry, "127.0.0.1", port, "--metrics")
    finally:
        stop()
    lines = set(text.splitlines())
    assert {
        'eseal_monitor_rounds_total{outcome="well"} 1.0',
        'eseal_monitor_rounds_total{outcome="alarm"} 1.0',
        'eseal_monitor_rounds_total{outcome="undecided"} 1.0',
        'eseal_monitor_alarm{alarm="anchor_mismatch"} 0.0',
        "eseal_monitor_undecided 1.0",
        "eseal_monitor_log_leaves 300.0",
        "eseal_monitor_compared_leaves 100.0",
        "eseal_monitor_pending_leaves 100.0",
        "eseal_monitor_last_well_timestamp_seconds 1.8e+09",
        "eseal_monitor_last_round_timestamp_seconds 1.8000001e+09",
    } <= lines
