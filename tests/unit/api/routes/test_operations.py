import threading
from datetime import timedelta

import pytest

from eseal.service.oversight.log_position import standing_of
from eseal.service.people.permissions import Scope
from eseal.service.sealing.applying import DigestOrder
from eseal_api.routes import operations
from tests.actors import acting, looking


def test_alive_and_ready(client):
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_without_its_ledger_the_service_is_not_ready(
    open_world, data_dir, make_client, check_problem
):
    world = open_world(data_dir)
    client = make_client(world.service)
    world.service.context.connection.close()
    detail = check_problem(client.get("/readyz"), 503, "not_ready")
    assert "ledger" in detail
    assert client.get("/healthz").is_success


def test_without_its_database_the_service_is_not_ready(
    open_world, data_dir, make_client, check_problem
):
    world = open_world(data_dir)
    client = make_client(world.service)
    world.service.context.database.close()
    (data_dir / "eseal.db").rename(data_dir / "elsewhere.db")
    (data_dir / "eseal.db").mkdir()
    detail = check_problem(client.get("/readyz"), 503, "not_ready")
    assert "database" in detail


def test_a_foreign_row_makes_the_service_not_ready_and_alarms(
    open_world, data_dir, make_client, check_problem
):
    world = open_world(data_dir)
    client = make_client(world.service)
    token = world.service.access.create(Scope.OPERATOR)
    assert "eseal_sealing_stopped 0.0" in client.get("/metrics").text
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE tokens SET scope = 'regulator'")
    answer = client.get("/v1/companies", token=token)
    check_problem(answer, 500, "foreign_row")
    assert "tokens" in check_problem(client.get("/readyz"), 503, "not_ready")
    metrics = client.get("/metrics").text
    assert "eseal_sealing_stopped 1.0" in metrics
    assert "eseal_foreign_rows 1.0" in metrics


def test_a_ledger_that_does_not_answer_in_time_counts_as_down(
    client, shared_world, monkeypatch, check_problem
):
    monkeypatch.setattr(operations, "READY_SECONDS", 0.05)
    node_is_busy = threading.Event()
    ledger = shared_world.service.context.ledger
    monkeypatch.setattr(ledger, "final_block", lambda: node_is_busy.wait(5))
    try:
        check_problem(client.get("/readyz"), 503, "not_ready")
    finally:
        node_is_busy.set()


@pytest.mark.parametrize("kind", ["use", "disclosure"])
def test_a_leaf_that_waits_too_long_for_its_anchor_makes_the_service_not_ready(
    open_world, data_dir, make_client, check_problem, kind
):
    world = open_world(data_dir, anchor_lag_limit=0.1)
    service = world.service
    client = make_client(service)
    assert client.get("/readyz").is_success
    if kind == "use":
        order = DigestOrder(bytes(32), "text/plain")
        service.sealing.seal_digests(world.contract.id, [order], actor=acting("a"))
    else:
        service.disclosures.record(looking("regulator:r"), "everything", None)
    waiting = standing_of(service.context.database)
    assert waiting.pending == 1
    late = waiting.waiting_since + timedelta(seconds=7)
    assert waiting.lag(late) == 7
    assert waiting.lag(waiting.waiting_since - timedelta(hours=1)) == 0
    service.context.now = lambda: late
    detail = check_problem(client.get("/readyz"), 503, "not_ready")
    assert "1 leaves are not anchored, the oldest for 7 s" in detail
    assert "eseal_anchor_lag_seconds 7.0" in client.get("/metrics").text
    service.anchoring.anchor()
    assert client.get("/readyz").is_success
    assert "eseal_anchor_lag_seconds 0.0" in client.get("/metrics").text


def test_metrics_tell_what_was_done_and_nothing_about_whom(
    client, company_token, seal_url, order, shared_world
):
    client.post(f"{seal_url}/uses", token=company_token, json=order)
    client.post(f"{seal_url}/uses:batch", token=company_token, json={"uses": [order, {}]})
    client.get("/some/path/of/a/stranger")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in (
        'eseal_uses_total{kind="single"}',
        'eseal_uses_total{kind="batch"}',
        'eseal_refusals_total{code="invalid_format",kind="batch"}',
        "eseal_commit_seconds_count",
        'eseal_http_requests_total{method="POST",route="/v1/seals/{seal}/uses",status="201"}',
        'route="none",status="404"',
        "eseal_anchor_lag_leaves",
        "eseal_anchor_lag_seconds",
        "eseal_queue_uses 0.0",
        'eseal_ledger_gas{kind="register_seals"}',
        "eseal_log_leaves",
    ):
        assert line in answer.text
    for secret in (shared_world.contract.id, shared_world.company.id, "stranger"):
        assert secret not in answer.text
