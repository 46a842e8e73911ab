"""A stage for each attack, and the runs in which a defence is switched off."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

import pytest

from eseal_api.app import create_app
from tests.integration.promise.stage import BrokenPromiseError, Stage
from tests.unit.watch.conftest import SMALL_ID, Office, Portal, portal, small

__all__ = ["portal", "small"]


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """An attack whose defence is off must end in a broken promise, and in nothing else."""
    callspec = getattr(pyfuncitem, "callspec", None)
    switch = None if callspec is None else callspec.params.get("off")
    if switch is None:
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        switch.off(patch, pyfuncitem.funcargs["stage"])
        try:
            yield
        except BrokenPromiseError:
            return True
    raise AssertionError(f"still defended without {switch.name}: that is not what stops it")


@pytest.fixture(autouse=True)
def off(request):
    """Which defence is off; every attack says what defends against it."""
    return request.param


@pytest.fixture
def stage(small, tmp_path, open_world, portal):
    """A running instance of this test's own, and the watch of one of its companies."""
    directory = tmp_path / "data"
    shutil.copytree(small, directory)
    service = open_world(directory).service
    company = service.directory.company(SMALL_ID)
    seals = service.directory.seals(company_id=company.id)
    seals.sort(key=lambda seal: seal.type.value)
    transport = Portal(create_app(service), portal)
    office = Office(service, company, seals, transport, tmp_path / "watch")
    with ExitStack() as opened:
        yield Stage(office, opened, directory)
