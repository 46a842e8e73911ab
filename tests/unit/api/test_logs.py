import json
import logging

import pytest
import structlog

from eseal_api.frame import logs


@pytest.fixture
def lines(capfd):
    """The events written since logging was configured as a serving process does."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def read():
        return [json.loads(line) for line in capfd.readouterr().err.splitlines()]

    yield read
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_every_line_is_an_event(lines):
    logs.configure()
    structlog.get_logger("eseal_api.x").info("anchored", size=7, name="公章")
    logging.getLogger("eseal.ledger").warning("node %s is slow", "A")
    first, second = lines()
    assert (first["event"], first["size"], first["name"]) == ("anchored", 7, "公章")
    assert (second["event"], second["level"]) == ("node A is slow", "warning")
    assert first["timestamp"].endswith("Z")


def test_other_libraries_are_heard_only_when_something_is_wrong(lines):
    logs.configure()
    logging.getLogger("httpx").info("GET /v1/uses/secret")
    logging.getLogger("web3").error("down")
    assert [line["event"] for line in lines()] == ["down"]


def test_an_exception_is_told_without_what_its_variables_held(lines):
    logs.configure()
    token = "eseal_very_secret"
    try:
        int(token[:5])
    except ValueError:
        structlog.get_logger("api").exception("stopped")
        logging.getLogger("eseal").exception("stopped too")
    both = lines()
    assert [line["event"] for line in both] == ["stopped", "stopped too"]
    for line in both:
        assert "ValueError" in json.dumps(line)
        assert "very_secret" not in json.dumps(line)
