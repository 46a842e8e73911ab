import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
import time

import httpx
import pytest
import structlog

from eseal.config import Settings
from eseal.errors import ConfigurationError, NotInitialisedError
from eseal.service.service import Service
from eseal_api.servers.server import serve
from tests.ports import free_port

START_SECONDS = 30


@pytest.fixture(autouse=True)
def as_it_was():
    """What a serving process changes for itself is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    interval = sys.getswitchinterval()
    yield
    gc.unfreeze()
    sys.setswitchinterval(interval)
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_everything_is_closed(data_dir, capfd, number):
    port, seen = free_port(), []
    url = f"http://127.0.0.1:{port}"

    def visit():
        end = time.monotonic() + START_SECONDS
        try:
            while not seen and time.monotonic() < end:
                try:
                    seen.append(httpx.get(f"{url}/readyz", timeout=START_SECONDS).json())
                except httpx.ConnectError:
                    time.sleep(0.1)
        finally:
            os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    visitor = threading.Thread(target=visit)
    visitor.start()
    serve(Settings.load(data_dir=data_dir, port=port))
    visitor.join()
    assert seen == [{"status": "ready"}]
    assert signal.getsignal(number) is before
    said = capfd.readouterr()
    assert said.out == ""
    events = [json.loads(line) for line in said.err.splitlines()]
    assert {"listening", "closed"} <= {event["event"] for event in events}
    with Service.open(Settings.load(data_dir=data_dir), exclusive=True) as service:
        assert service.audit.run().disagreements == ()


def test_a_taken_port_is_said_before_anything_is_opened(data_dir):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"cannot listen on 127\.0\.0\.1 port {port}"):
            serve(Settings.load(data_dir=data_dir, port=port))


def test_an_address_that_is_none_is_said(data_dir):
    with pytest.raises(ConfigurationError, match=r"cannot listen on nowhere.invalid"):
        serve(Settings.load(data_dir=data_dir, host="nowhere.invalid"))


def test_without_an_instance_it_does_not_start(tmp_path):
    with pytest.raises(NotInitialisedError):
        serve(Settings.load(data_dir=tmp_path / "nothing", port=0))
