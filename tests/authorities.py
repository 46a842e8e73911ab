"""Authorities for tests: one with a directory of its own, asked directly or over a transport."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from eseal.authority.office.desk import Desk
from eseal.authority.office.home import Home, create, open_home
from eseal.authority.word.messages import Ask
from eseal.authority.word.registration import Registry

REGISTRY = Registry(1337, "0x5B38Da6a701c568545dCfcB03FcB875f56beddC4")
ASK = Ask("NTRCN-91330100799655058B", "杭州云章科技有限公司")
GERMAN = Ask("VATDE-136695976", "Elbe Teekontor GmbH")
RENAMED = Ask(ASK.id, "杭州云章集团有限公司")
FOUNDED = Ask(ASK.id, ASK.name, None, b"\x07" * 32, "0xAb8483F64d9C6d1EcF9b849Ae677dD3315835cb2")
SCHEMES = ("NTRCN", "LEIXG")


@dataclass
class Clock:
    """A clock that a test turns."""

    now: datetime = datetime(2026, 11, 22, 16, 45, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)


@dataclass(frozen=True)
class Authority:
    """An authority of a test's own."""

    directory: Path
    home: Home
    desk: Desk
    clock: Clock

    def again(self) -> Authority:
        """The same one, opened by another process."""
        return opened(self.directory, self.clock)


def made(directory: Path, schemes: tuple[str, ...] = SCHEMES) -> Authority:
    """Make one and open it."""
    create(directory, "Test Authority", schemes, REGISTRY, None)
    return opened(directory, Clock())


def opened(directory: Path, clock: Clock) -> Authority:
    home = open_home(directory, None)
    return Authority(directory, home, Desk(home, clock), clock)


def answering(body: bytes, status: int = 200) -> httpx.MockTransport:
    """A network on which every request gets this answer."""
    return httpx.MockTransport(lambda _request: httpx.Response(status, content=iter([body])))
