"""Several service processes on one PostgreSQL and one node, and clients that do not give up."""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from eseal.config import Settings
from eseal.errors import LedgerUnreachableError
from eseal.model.statement import Statement
from eseal.service.service import Service
from eseal.store.repositories.uses import UseRepository
from tests.acceptance.conftest import Shell
from tests.chain import fund

COMPANY = "vat:DE136695976"
PATIENCE = 60
"""Seconds after which a client gives up on a use: far longer than any fault lasts here."""
PAUSE = 0.05
HEALED = {"anchor_unknown", "anchor_differs"}
"""What a node that lost history makes the audit say, until the anchors are made anew."""


@dataclass
class Clients:
    """Threads that apply seals over and over, at whichever process answers.

    Every request has an Idempotency-Key and is repeated under it until it is answered, as a
    client's must be: an answer lost on its way is not a use lost. Every third request is a
    ``batch``; between two of them a client rests for ``pause`` seconds.
    """

    urls: list[str]
    token: str
    seals: list[str]
    batch: int = 20
    pause: float = 0.0
    answered: list[dict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, count: int = 4) -> None:
        """Begin."""
        self._stop.clear()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every request under way come to its answer, then stop."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE + 10)
            assert not thread.is_alive(), "a client hangs"
        assert not self.problems, self.problems

    def _run(self, number: int) -> None:
        chosen = random.Random(number)
        with httpx.Client(timeout=10, trust_env=False) as client:
            for turn in itertools.count():
                if self._stop.is_set() or self.problems:
                    return
                self._apply(client, chosen, batch=turn % 3 == 2)
                time.sleep(self.pause)

    def _apply(self, client: httpx.Client, chosen: random.Random, *, batch: bool) -> None:
        seal, key = chosen.choice(self.seals), uuid4().hex
        uses = [_use() for _ in range(self.batch if batch else 1)]
        path = f"/v1/seals/{seal}/uses" + (":batch" if batch else "")
        body = {"uses": uses} if batch else uses[0]
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                answer = client.post(chosen.choice(self.urls) + path, json=body, headers=headers)
            except httpx.TransportError:
                time.sleep(PAUSE)
                continue
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                time.sleep(PAUSE)
                continue
            if not answer.is_success:
                self.problems.append(f"{answer.status_code} {answer.text[:300]}")
                return
            found = answer.json()
            self.answered += [r["use"] for r in found["results"]] if batch else [found]
            return
        self.problems.append(f"no answer within {PATIENCE} s")


def _use() -> dict[str, object]:
    digest = {"alg": "sha-256", "value": os.urandom(32).hex()}
    return {"digest": digest, "media_type": "text/plain", "purpose": "load"}


def make_instance(shell: Shell, database: str, node: str, **settings: str) -> None:
    """``eseal init`` on this database and node, and a company that holds two seals."""
    shell.environment |= {"ESEAL_DATABASE_URL": database, "ESEAL_LEDGER_URL": node, **settings}
    poor = shell("init", "--name", "Trial Office")
    fund(node, poor.err)
    assert shell("init", "--name", "Trial Office").code == 0
    added = shell(
        *("company", "add", "--name", "Elbe Teekontor GmbH", "--id", COMPANY),
        *("--country", "DE"),
        *("--seals", "contract,finance", "--json"),
    )
    assert added.code == 0, added.err
    shell.seals = {seal["type"]: seal["id"] for seal in added.json["seals"]}


def check(shared: Shell, clients: Clients, *, audited: bool = True) -> None:
    """What was answered is on record once, in gapless histories, and the audit is clean.

    When ``audited``, the log is first anchored to its last leaf. A node that came back with less
    history has lost anchors: the service finds that and anchors anew, once the node has caught up.
    """
    settings = Settings.load(
        data_dir=shared.directory / "eseal-data",
        database_url=shared.environment["ESEAL_DATABASE_URL"],
        ledger_url=shared.environment["ESEAL_LEDGER_URL"],
    )
    with Service.open(settings) as service:
        if audited:
            _settle(service)
        known: dict[str, int] = {}
        with service.context.database.read() as connection:
            for seal in shared.seals.values():
                uses = UseRepository(connection).of_seal(seal)
                tickets = [Statement.parse(use.statement).ticket for use in uses]
                assert len(set(tickets)) == len(tickets)
                known |= {use.id: use.log_index for use in uses}
    ids = [use["id"] for use in clients.answered]
    assert len(set(ids)) == len(ids), "a use was answered twice under two keys"
    assert {use["id"]: use["log_index"] for use in clients.answered}.items() <= known.items()


def _settle(service: Service) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            service.anchoring.anchor()
            audit = service.audit.run()
        except LedgerUnreachableError:
            assert time.monotonic() < until
        else:
            healed = all(found.kind in HEALED for found in audit.disagreements)
            assert healed, audit.disagreements
            if not audit.disagreements and audit.pending == 0:
                return
            assert time.monotonic() < until, audit
        time.sleep(0.2)
