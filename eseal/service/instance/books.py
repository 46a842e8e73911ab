"""The books of this instance's seals: their keys stay encrypted at rest, their trees in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING

from eseal.model.book import Book, VolumeTree, check_depth, new_book_key
from eseal.store.repositories.books import BookRepository

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.keys.vault import Vault
    from eseal.model.book import Ticket
    from eseal.store.database import Database

BOOKS_KEPT = 4096
"""Opened books in memory; each is a kilobyte and a few round tables."""
TREE_BYTES = 128 << 20
"""Memory for trees of volumes: 256 of depth 14, which take 20 ms each to build again."""


class Books:
    """Makes books and opens them. Safe to use from several threads."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._lock = threading.Lock()
        self._trees: OrderedDict[tuple[str, int], VolumeTree] = OrderedDict()
        self._tree_bytes = 0
        self.book = lru_cache(maxsize=BOOKS_KEPT)(self._load)

    def create(self, connection: Connection, seal_id: str, depth: int) -> bytes:
        """Make the book of a new seal, in the transaction that keeps the seal.

        Args:
            connection: that transaction.
            seal_id: the seal.
            depth: a volume holds 2**depth tickets.

        Returns:
            The root of volume 0, 32 bytes, with which the seal is registered.

        Raises:
            InvalidInputError: no volume has this depth.
        """
        key = new_book_key()
        root = VolumeTree(Book(key, check_depth(depth)), 0).root
        books = BookRepository(connection)
        books.add(seal_id, self._vault.encrypt(key, _context(seal_id)), depth)
        books.add_volume(seal_id, 0, root)
        return root

    def tree(self, seal_id: str, volume: int) -> VolumeTree:
        """The tree of a volume; built where it is not in memory.

        Raises:
            NotFoundError: the seal has no book.
        """
        name = seal_id, volume
        with self._lock:
            known = self._trees.get(name)
            if known is not None:
                self._trees.move_to_end(name)
                return known
        made = VolumeTree(self.book(seal_id), volume)
        with self._lock:
            if name not in self._trees:
                self._trees[name] = made
                self._tree_bytes += made.kept_bytes
            while self._tree_bytes > TREE_BYTES and len(self._trees) > 1:
                _, oldest = self._trees.popitem(last=False)
                self._tree_bytes -= oldest.kept_bytes
        return made

    def path(self, seal_id: str, ticket: Ticket) -> bytes:
        """From a ticket's leaf to the root of its volume, depth × 32 bytes.

        Raises:
            InvalidInputError: the volume has no such place.
        """
        return self.tree(seal_id, ticket.volume).path(ticket.position)

    def key(self, seal_id: str) -> bytes:
        """The key of a seal's book, 32 secret bytes: for its company, and nobody else.

        Raises:
            NotFoundError: the seal has no book.
        """
        with self._database.read() as connection:
            stored = BookRepository(connection).get(seal_id)
        return self._vault.decrypt(stored.wrapped, _context(seal_id))

    def _load(self, seal_id: str) -> Book:
        with self._database.read() as connection:
            stored = BookRepository(connection).get(seal_id)
        return Book(self._vault.decrypt(stored.wrapped, _context(seal_id)), stored.depth)


def _context(seal_id: str) -> bytes:
    return f"book {seal_id}".encode()
