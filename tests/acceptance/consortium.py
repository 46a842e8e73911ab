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

PATIENCE = 60
"""Seconds after which a client gives up on a use: far longer than any fault lasts here."""
PAUSE = 0.05


@dataclass
class Clients:
    """Threads that apply seals over and over, at whichever process answers.

    Every request has an Idempotency-Key and is repeated under it until it is answered, as a
    client's must be: an answer lost on its way is not a use lost.
    """

    urls: list[str]
    token: str
    seals: list[str]
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

    def _apply(self, client: httpx.Client, chosen: random.Random, *, batch: bool) -> None:
        seal, key = chosen.choice(self.seals), uuid4().hex
        uses = [_use() for _ in range(20 if batch else 1)]
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
