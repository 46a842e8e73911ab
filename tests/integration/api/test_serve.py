"""The service as a process: stopped in the middle of its work."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
import threading
import time

import httpx

from eseal.config import Settings
from eseal.service.people.permissions import Scope
from eseal.service.service import Service

PROGRAM = """
import sys
from eseal_api.servers.server import serve
from eseal.config import Settings
serve(Settings.load(data_dir=sys.argv[1], port=0))
"""
CLIENTS = 8
BUSY_SECONDS = 1.0
STOP_SECONDS = 30


def test_a_stop_under_load_loses_nothing_it_has_answered(data_dir):
    with Service.open(Settings.load(data_dir=data_dir)) as service:
        seal = service.directory.seals()[0]
        token = service.access.create(Scope.COMPANY, company_id=seal.company_id)
    command = [sys.executable, "-c", PROGRAM, str(data_dir)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        confined = json.loads(process.stderr.readline())
        assert confined["event"] == "documents_confined"
        assert confined["limits"] is True, "and says by what"
        listening = json.loads(process.stderr.readline())
        assert listening["event"] == "listening"
        url = f"http://127.0.0.1:{listening['port']}/v1/seals/{seal.id}/uses"
        answered: list[str] = []
        stopping = threading.Event()

        def work():
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(headers=headers, timeout=STOP_SECONDS) as client:
                while not stopping.is_set():
                    digest = {"alg": "sha-256", "value": secrets.token_hex(32)}
                    try:
                        answer = client.post(url, json={"digest": digest})
                    except httpx.TransportError:
                        return  # closed: what was not answered may or may not be on record
                    assert answer.status_code == 201, answer.text
                    answered.append(answer.json()["id"])

        workers = [threading.Thread(target=work) for _ in range(CLIENTS)]
        for worker in workers:
            worker.start()
        time.sleep(BUSY_SECONDS)
        until = time.monotonic() + STOP_SECONDS
        while len(answered) <= CLIENTS and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        out, rest = process.communicate(timeout=STOP_SECONDS)
        stopping.set()
        for worker in workers:
            worker.join()
    assert process.returncode == 0
    assert out == ""
    assert json.loads(rest.splitlines()[-1])["event"] == "closed"
    assert len(answered) > CLIENTS
    with Service.open(Settings.load(data_dir=data_dir)) as service:
        for use in answered:
            assert service.records.use(use).use.id == use
        assert service.anchoring.pending() == 0
        assert service.audit.run().disagreements == ()
