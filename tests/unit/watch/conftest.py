"""An instance with its public log and its routes in this process, and a watch that asks them."""

from __future__ import annotations

import hashlib
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from sqlalchemy import text

from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.setup.administration import Administration
from eseal.ledger.wire.finality import Finality
from eseal.model.actor import Order
from eseal.model.seal import SealType
from eseal.monitor.client import LogClient
from eseal.service.instance.ledger import account_of
from eseal.service.people.permissions import Scope
from eseal.service.record_access import RecordAccess
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.store.repositories.log import LogRepository
from eseal.verify.inputs.trust import Trust
from eseal.watch.history.completeness import check_completeness
from eseal.watch.history.openings import History
from eseal.watch.log.state import WatchState
from eseal.watch.log.tickets import Shelf
from eseal.watch.rounds.watch import Watch, Watched
from eseal_api.app import create_app
from tests.actors import acting, looking

SMALL_ID = "uscc:91310000717854505W"
DEPTH = 4
START = 1_800_000_000
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class Portal(httpx.BaseTransport):
    """Requests to an application in this process, with a hand in between that can hold back."""

    def __init__(self, app, portal):
        self._portal = portal
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://office.test"
        )
        self.answer = None

    def handle_request(self, request):
        held = None if self.answer is None else self.answer(request)
        return self.pass_on(request) if held is None else held

    def pass_on(self, request):
        send = partial(
            self._http.request, request.method, str(request.url), headers=request.headers
        )
        got = self._portal.call(send)
        return httpx.Response(got.status_code, content=got.content)


@dataclass
class Office:
    """A service whose company has small books, and a watch of the company's."""

    service: Service
    company: object
    seals: list
    portal: Portal
    directory: object
    time: int = START
    digests: frozenset | None = None
    with_history: bool = True
    file: object = None
    mirrors: tuple = ()
    trust: Trust = None
    accepted: frozenset = frozenset()
    slept: list = field(default_factory=list)

    def __post_init__(self):
        self.renew_file()
        self.trust = Trust.parse(self.service.context.settings.trust_path.read_bytes())
        self.token = self.service.access.create(Scope.COMPANY, company_id=self.company.id)

    def renew_file(self):
        self.file = self.service.watch_files.watch_file(self.company.id)

    @property
    def ledger(self):
        return self.service.context.connection.reader

    def seal(self, *names, which=0):
        orders = [DigestOrder(hashlib.sha256(name.encode()).digest()) for name in names]
        return self.service.sealing.seal_digests(self.seals[which].id, orders, actor=acting("a"))

    def anchor(self):
        self.service.anchoring.anchor()

    def settled(self):
        """A moment behind the newest anchor, over by now: the end of a period."""
        context = self.service.context
        with context.database.read() as connection:
            end = LogRepository(connection).last_anchor().block_time + 1
        while (now := context.now().timestamp()) < end:
            time.sleep(end - now)
        return datetime.fromtimestamp(end, UTC)

    def hand_over(self, since=BEGINNING, until=None, first_volume=0):
        """What a regulator gets of the first seal's book, under an order."""
        viewer = looking("regulator:r", order=Order("2026-117"))
        desk = RecordAccess(self.service, viewer)
        return desk.tickets(self.seals[0].id, since, until or self.settled(), first_volume)

    def completeness(self, period, **changes):
        """What the regulator finds with it, once the ledger has a block behind the period."""
        self.anchor()
        log = LogClient("http://office.test/log", transport=self.portal, wait=0)
        try:
            given = {"ledger": self.ledger, "trust": self.trust, "log": log} | changes
            return check_completeness(period, **given)
        finally:
            log.close()

    def w3(self):
        return self.service.context.connection.ledger._w3

    def deployment(self):
        return Deployment.parse(self.service.context.instance.deployment.encode())

    def administration(self):
        context = self.service.context
        admin = account_of(context.keys, context.instance.admin_key_id)
        return Administration(self.w3(), self.deployment(), Finality(), admin)

    def operator(self):
        """The operator's own account, past its service, which signs only what is on its record."""
        context = self.service.context
        account = account_of(context.keys, context.instance.operator_key_id)
        return Web3Ledger(self.w3(), self.deployment(), Finality(), account)

    def watch(self, **changes):
        """One round of a watch that has just been started; told of."""
        log = LogClient("http://office.test/log", transport=self.portal, wait=0)
        history = History("http://office.test", self.token, transport=self.portal)
        state = WatchState(self.directory, {"chain": "1"})
        watch = Watch(
            ledger=changes.get("ledger", self.ledger),
            trust=self.trust,
            logs=[log, *self.mirrors],
            state=state,
            shelf=Shelf(self.directory / "volumes"),
            accepted=self.accepted,
            clock=lambda: self.time,
            sleep=self.slept.append,
        )
        watched = Watched(self.file, (history,) if self.with_history else (), self.digests)
        try:
            done = watch.round([*changes.get("before", ()), watched])
            watch.told(done)
            return done
        finally:
            state.close()
            log.close()
            history.close()


def kinds(done):
    return [finding.kind.value for finding in done.findings]


def alarms(done):
    return [finding.kind.value for finding in done.alarms]


@pytest.fixture(scope="session")
def portal():
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture(scope="session")
def small(tmp_path_factory, template):
    """A data directory with a company whose seals' volumes hold 16 tickets."""
    from eseal.config import Settings

    directory = tmp_path_factory.mktemp("watched") / "data"
    shutil.copytree(template, directory)
    settings = Settings.load(data_dir=directory)
    with Service.open(settings) as service:
        service.onboarding.add_company(
            "云章试验有限公司",
            SMALL_ID,
            seals=[SealOrder(kind, depth=DEPTH) for kind in (SealType.CONTRACT, SealType.FINANCE)],
            actor=acting(),
        )
    return directory


def office_in(directory, service, portal):
    """An office on a copy of the small instance that is opened."""
    company = service.directory.company(SMALL_ID)
    seals = service.directory.seals(company_id=company.id)
    seals.sort(key=lambda seal: seal.type.value)
    transport = Portal(create_app(service), portal)
    return Office(service, company, seals, transport, directory / "watch")


@pytest.fixture
def office(small, tmp_path, open_world, portal):
    directory = tmp_path / "data"
    shutil.copytree(small, directory)
    return office_in(tmp_path, open_world(directory).service, portal)


def delete_use(office, which):
    """The operator keeps the leaf, which is anchored, and makes the row vanish."""
    with office.service.context.database.write() as connection:
        connection.execute(text("DELETE FROM uses WHERE log_index = :at"), {"at": which})
