"""A thief of the log's key who writes to the database, without the key-encryption key."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.log.leaf import encode_leaves
from eseal.log.rfc9162 import leaf_hash
from eseal.store.repositories.log import LogRepository


def append_beside(context, path):
    """Append a leaf to the log in the SQLite file at this path, with tiles and a signed head."""
    with context.database.read() as connection:
        log = LogRepository(connection)
        first = log.checkpoint().size
        (leaf,) = encode_leaves(first, [(os.urandom(32), os.urandom(32))])
        appended = tree.append(log, first, [leaf_hash(leaf)])
    head = Checkpoint(context.instance.origin, appended.size, appended.root)
    note = sign_checkpoint(head, context.sign_head, context.log_public_key)
    with closing(sqlite3.connect(path, timeout=10)) as database, database:
        database.execute("INSERT INTO log_leaves VALUES (?, ?)", (first, leaf))
        tiles = [(*place, hashes) for place, hashes in appended.tiles.items()]
        database.executemany("INSERT OR REPLACE INTO log_tiles VALUES (?, ?, ?)", tiles)
        told = (appended.size, appended.root, note)
        database.execute("UPDATE log_checkpoint SET size = ?, root = ?, note = ?", told)
