"""An instance to measure: made anew in a directory of its own, and filled as far as needed."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from eseal.config import Settings
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.model.ids import new_id
from eseal.model.seal import SealType
from eseal.model.use import Use
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal.store.repositories.log import LogRepository, StoredCheckpoint
from eseal.store.repositories.uses import UseIndex, UseRepository
from tests.actors import acting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.model.company import Company
    from eseal.model.seal import Seal

ACTOR = acting("bench")
MEDIA_TYPE = "application/pdf"
PURPOSE = "supply contract 2026-117"
TEMPLATE = Path("template")
"""In the working directory, which is the run's own."""
_BOOK_DEPTH = 18
"""The class of a seal that is used by the hundred thousand; no run outlasts the open volumes."""
_CHUNK = 16_384
"""Leaves per transaction of a fill."""
_STATEMENT_BYTES = 740
_SIGNATURE_BYTES = 71
_AUTHORIZATION_BYTES = 290
"""What a use with a short purpose takes, so that a filled database is as large as a real one."""


@dataclass(frozen=True, slots=True)
class World:
    """An opened instance.

    Attributes:
        service: its use cases.
        settings: where it is.
        company: the company that holds the seal.
        seal: the seal that is measured, and that has the uses made up by :func:`fill`.
    """

    service: Service
    settings: Settings
    company: Company
    seal: Seal


@contextmanager
def directory() -> Iterator[Path]:
    """A directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as path:
        yield Path(path) / "data"


def make(path: Path) -> None:
    """Make an instance with a company that holds a seal: a copy of the run's first."""
    if not TEMPLATE.exists():
        _make(TEMPLATE)
    shutil.copytree(TEMPLATE, path)


def _make(path: Path) -> None:
    settings = Settings.load(data_dir=path)
    initialise(settings, name="Bench Issuer")
    add_company(settings)


def add_company(settings: Settings) -> None:
    """Register the company whose seal is measured."""
    _be_quiet()
    with Service.open(settings) as service:
        service.onboarding.add_company(
            "杭州云章科技有限公司",
            "uscc:91330100799655058B",
            seals=[SealOrder(SealType.CONTRACT, depth=_BOOK_DEPTH)],
            actor=ACTOR,
        )
        service.upkeep.round()  # opens volumes ahead, which a seal costs once and not a use


@contextmanager
def opened(path: Path) -> Iterator[World]:
    """The instance in ``path``, opened, without background anchoring."""
    _be_quiet()
    settings = Settings.load(data_dir=path)
    with Service.open(settings) as service:
        company = service.directory.company("uscc:91330100799655058B")
        (seal,) = service.directory.seals(company_id=company.id)
        yield World(service, settings, company, seal)


@contextmanager
def new_world() -> Iterator[World]:
    """A new instance, opened."""
    with directory() as path:
        make(path)
        with opened(path) as world:
            yield world


def orders(count: int) -> list[DigestOrder]:
    """Digests to seal, each of its own."""
    return [DigestOrder(os.urandom(32), MEDIA_TYPE, PURPOSE) for _ in range(count)]


def fill(world: World, size: int, *, with_uses: bool) -> None:
    """Make the log ``size`` leaves long with made-up commitments, through the store's own append.

    Args:
        world: the instance; nothing else may write to it meanwhile.
        size: the size to reach, in leaves.
        with_uses: write a row of realistic length per use as well: then all leaves are uses.
    """
    context = world.service.context
    first = _size(world)
    while first < size:
        count = min(_CHUNK, size - first)
        with context.database.write() as connection:
            log = LogRepository(connection)
            leaves = [
                Leaf(index, os.urandom(32), os.urandom(32)) for index in range(first, first + count)
            ]
            appended = tree.append(log, first, [leaf.hash() for leaf in leaves])
            head = Checkpoint(context.instance.origin, appended.size, appended.root)
            note = sign_checkpoint(head, context.sign_head, context.log_public_key)
            stored = StoredCheckpoint(appended.size, appended.root, note)
            encoded = [leaf.encode() for leaf in leaves]
            log.append(first, encoded, appended.tiles, stored, datetime.now(UTC))
            if with_uses:
                UseRepository(connection).add_many(
                    [
                        (_use(world.seal.id, leaf.index), UseIndex(os.urandom(32), leaf.tag))
                        for leaf in leaves
                    ]
                )
        first += count


def _be_quiet() -> None:
    """Events below a warning are not told: a run's figures go to its standard output."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def database_bytes(world: World) -> int:
    """What the database takes on the disk."""
    return sum(path.stat().st_size for path in world.settings.data_dir.glob("eseal.db*"))


def _size(world: World) -> int:
    with world.service.context.database.read() as connection:
        return LogRepository(connection).checkpoint().size


def _use(seal_id: str, index: int) -> Use:
    return Use(
        new_id(),
        seal_id,
        index,
        os.urandom(_STATEMENT_BYTES),
        os.urandom(_SIGNATURE_BYTES),
        os.urandom(_AUTHORIZATION_BYTES),
    )
