import hashlib

import pytest

from eseal.errors import DatabaseUnreachableError
from eseal.log.receipt import Receipt, encode_receipt
from eseal.service.instance import receipts
from eseal.service.instance.receipts import ReceiptMaker
from eseal.service.sealing.applying import DigestOrder
from eseal.store.repositories.log import LogRepository
from tests.actors import acting


def grow(world, count):
    orders = [DigestOrder(hashlib.sha256(b"%d" % n).digest()) for n in range(count)]
    world.service.sealing.seal_digests(world.contract.id, orders, actor=acting("a"))
    with world.service.context.database.read() as connection:
        return LogRepository(connection).checkpoint()


def test_a_database_that_fails_leaves_the_maker_where_it_stood(world, monkeypatch):
    maker = ReceiptMaker(world.service.context.database)
    maker.stand_at(grow(world, 3))
    newest = grow(world, 5)

    def fails(*_arguments):
        raise DatabaseUnreachableError("the database cannot be used: gone")

    with monkeypatch.context() as patch:
        patch.setattr(receipts, "Prover", fails)
        with pytest.raises(DatabaseUnreachableError):
            maker.stand_at(newest)
    maker.stand_at(newest)
    receipt = Receipt.parse(encode_receipt(maker.receipts(newest.size - 1), newest.size - 1))
    assert receipt.checkpoint.checkpoint.size == newest.size == 8


def test_a_partial_tile_is_read_once(world, monkeypatch):
    head = grow(world, 300)
    read, tile = [], LogRepository.tile

    def watched(self, level, index, width):
        read.append((level, index))
        return tile(self, level, index, width)

    monkeypatch.setattr(LogRepository, "tile", watched)
    maker = ReceiptMaker(world.service.context.database)
    maker.stand_at(head)
    with world.service.context.database.read() as connection:
        tiles = maker.tiles(head, LogRepository(connection))
        assert [len(tiles.tile(level, index, 1)) for level, index in ((0, 1), (1, 0))] == [32, 32]
    assert sorted(read) == [(0, 1), (1, 0)]
