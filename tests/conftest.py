"""Shared instances: one is made per run, every test that changes something works on a copy."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from eseal.config import Settings
from eseal.ledger.node.evm import RECURSION_LIMIT
from eseal.model.company import Company
from eseal.model.seal import Seal, SealType
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from tests.actors import acting
from tests.postgres import Postgres

# As in our own processes (eseal.ledger.node.evm): what tests import raises it to 100,000, where
# nested input overflows the C stack of any recursive parser.
sys.setrecursionlimit(RECURSION_LIMIT)

COMPANY_NAME = "杭州云章科技有限公司"
REGISTRATION_ID = "uscc:91330100799655058B"
SLOW_FIRST = ("acceptance/test_faults", "acceptance", "integration", "unit")
"""The order of a run: what takes longest is begun first, when nothing waits for it yet."""

# How long an example takes says how busy the machine is, not whether we are right. Two runs say the
# same; HYPOTHESIS_PROFILE=explore looks elsewhere each time, and longer.
hypothesis_settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis_settings.register_profile("explore", deadline=None, max_examples=2000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_collection_modifyitems(items):
    """Put the parts of the suite into the order of ``SLOW_FIRST``; inside them nothing moves."""
    tests = Path(__file__).parent

    def place(item) -> int:
        path = item.path.relative_to(tests).as_posix()
        found = (n for n, part in enumerate(SLOW_FIRST) if path.startswith(part))
        return next(found, len(SLOW_FIRST))

    items.sort(key=place)


@dataclass(frozen=True)
class World:
    """An opened instance with a company that holds a contract seal and a finance seal."""

    service: Service
    settings: Settings
    company: Company
    contract: Seal
    finance: Seal


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    """A data directory nobody opens: copies of it are what tests work on."""
    directory = tmp_path_factory.mktemp("template") / "data"
    settings = Settings.load(data_dir=directory)
    initialise(settings, name="Trial Issuer")
    with Service.open(settings) as service:
        service.onboarding.add_company(
            COMPANY_NAME,
            REGISTRATION_ID,
            seals=[SealOrder(SealType.CONTRACT), SealOrder(SealType.FINANCE)],
            actor=acting(),
        )
    return directory


@pytest.fixture
def data_dir(template, tmp_path) -> Path:
    """A data directory of this test's own."""
    directory = tmp_path / "data"
    shutil.copytree(template, directory)
    return directory


@pytest.fixture
def world(data_dir):
    """An opened instance of this test's own."""
    settings = Settings.load(data_dir=data_dir)
    with Service.open(settings) as service:
        yield make_world(service, settings)


@pytest.fixture(scope="session")
def shared_world(template, tmp_path_factory):
    """One opened instance for many tests: they add to it and never stop its seals."""
    directory = tmp_path_factory.mktemp("shared") / "data"
    shutil.copytree(template, directory)
    settings = Settings.load(data_dir=directory)
    with Service.open(settings) as service:
        yield make_world(service, settings)


def make_world(service: Service, settings: Settings) -> World:
    """The world of an opened copy of the template."""
    company = service.directory.company(REGISTRATION_ID)
    seals = {seal.type: seal for seal in service.directory.seals(company_id=company.id)}
    return World(service, settings, company, seals[SealType.CONTRACT], seals[SealType.FINANCE])


@pytest.fixture
def open_world():
    """Open data directories with settings of the test's own; closed at its end."""
    opened: list[Service] = []

    def open_it(directory: Path, **overrides: object) -> World:
        settings = Settings.load(data_dir=directory, **overrides)
        service = Service.open(settings)
        opened.append(service)
        return make_world(service, settings)

    yield open_it
    for service in opened:
        service.close()


@pytest.fixture(scope="session")
def sample_pdf() -> bytes:
    """A PDF of two pages, written by fpdf2."""
    from fpdf import FPDF

    pdf = FPDF()
    for number in (1, 2):
        pdf.add_page()
        pdf.set_font("Helvetica", size=14)
        pdf.cell(text=f"Contract, page {number}")
    return bytes(pdf.output())


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server for the whole session."""
    server = Postgres()
    yield server
    server.close()
