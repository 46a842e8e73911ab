"""What binds the rows of one instance: keys derived from the key-encryption key, and sums.

A row's MAC says that we wrote it, here and so. That none is missing, and none is an older form of
itself, is said by a sum over all rows of its table: of each row a keyed hash that nobody sees,
added modulo 2**256 (Clarke et al., "Incremental Multiset Hash Functions", ASIACRYPT 2003,
MSet-Add-Hash), stored under a mask with a nonce of its own. Every write carries the sum on in its
own transaction. How often a sum was changed only grows: each process remembers the highest number
it has seen (``eseal.store.binding.high_water``), so a whole database that was put back shows, too.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import structlog
from sqlalchemy import bindparam, insert, select, update

from eseal.errors import ForeignRowError, RolledBackError
from eseal.store.binding.row_keys import RowKey, State, Sum
from eseal.store.schema.bound import FORGED, MAC, Canon, goes_with_log, is_counted
from eseal.store.schema.tables import metadata, row_binding, row_sums

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select, Table

    from eseal.keys.kek import KeyEncryptionKey
    from eseal.keys.ring import KeySource
    from eseal.store.binding.high_water import Floors

INSTANCE_BYTES: Final = 16
"""A random name, so that rows of two instances with one key-encryption key are not exchanged."""
NONCE_BYTES: Final = 16
VERSIONS_KEPT: Final = 65_536
"""Rows whose newest version a process remembers, about 200 bytes each."""
FOUND_KEPT: Final = 1024
"""Foreign rows that are told of; whoever writes more of them is known by then."""
RowName: TypeAlias = tuple[str, tuple[object, ...]]
"""A table's name and a primary key."""
_BINDING: Final = select(row_binding)
_LOCKED_BINDING: Final = select(row_binding).with_for_update(read=True)
"""Asked in every transaction that writes: put together once."""
_SUM: Final = select(row_sums).where(row_sums.c.name == bindparam("of_table"))
_LOCKED_SUM: Final = _SUM.with_for_update()
_STORE_SUM: Final = update(row_sums).where(row_sums.c.name == bindparam("of_table"))
"""The same."""
_log = structlog.get_logger(__name__)


class Binding:
    """The binding of one opened database. Safe to use from several threads.

    Attributes:
        alarm: called with every foreign row that is met.
        floors: the highest numbers of changes seen.
    """

    def __init__(self, keys: KeySource, floors: Floors) -> None:
        self.keys = keys
        self.floors = floors
        self.alarm: Callable[[ForeignRowError], object] = lambda _error: None
        self._row_keys: dict[tuple[bytes, bytes], RowKey] = {}
        self._canons: dict[str, Canon] = {}
        self._versions: OrderedDict[RowName, tuple[int, int]] = OrderedDict()
        self.remembered = 0
        """How often something was remembered: what a transaction began after, it must see."""
        self._found: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._state: State | None = None

    @property
    def foreign_rows(self) -> int:
        """How many foreign rows were met since the start."""
        return len(self._found)

    def create(self, connection: Connection) -> None:
        """Bind an empty database; does nothing to a bound one."""
        if connection.execute(select(row_binding)).one_or_none() is not None:
            return
        name = secrets.token_bytes(INSTANCE_BYTES)
        state = State(name, self.keys.writing.fingerprint, None, 1)
        connection.execute(insert(row_binding).values(self._binding_row(state)))
        for table in metadata.sorted_tables:
            if is_counted(table):
                empty = Sum(log_size=0 if goes_with_log(table) else None)
                connection.execute(insert(row_sums).values(self._sum_row(state, table.name, empty)))

    def known_state(self, connection: Connection) -> State:
        """What binds the rows, as this process knows it."""
        return self._state or self.read_state(connection)

    def read_state(self, connection: Connection, *, lock: bool = False) -> State:
        """What binds the rows, as this transaction sees it.

        Args:
            connection: the transaction.
            lock: whether it is to stay so until the transaction ends.

        Raises:
            ForeignRowError: what is stored was not written by this instance.
            WrongKeyError: the key in force is not known to this process.
        """
        row = self._one(connection, _LOCKED_BINDING if lock else _BINDING, row_binding, "1")
        state = State(row.instance, row.fingerprint, row.previous, row.changes)
        if state != self._state:
            key = self._key(state, row_binding, row)
            self._check_mac(row_binding, "1", row, key)
        if lock:
            if self.floors.is_below(row_binding.name, state.changes):
                raise self.rolled_back(row_binding, state.changes)
            self.floors.saw(row_binding.name, state.changes)
            if state.fingerprint != self.keys.writing.fingerprint:
                self.keys.use(state.fingerprint)
            self._state = state
        return state

    def begin_change(self, connection: Connection, new: KeyEncryptionKey) -> None:
        """Write under ``new`` from this transaction's commit on; the old key stays in force."""
        state = self.read_state(connection, lock=True)
        if state.fingerprint != new.fingerprint:
            self._store(connection, state.changed(new.fingerprint, state.fingerprint))

    def end_change(self, connection: Connection) -> None:
        """Give the old key up: nothing is bound with it any more."""
        state = self.read_state(connection, lock=True)
        if state.previous is not None:
            self._store(connection, state.changed(state.fingerprint, None))

    def row_key(self, state: State, fingerprint: bytes) -> RowKey:
        """What a key-encryption key gives the rows.

        Raises:
            WrongKeyError: it is not known to this process.
        """
        name = (state.instance, fingerprint)
        found = self._row_keys.get(name)
        if found is None:
            found = self._row_keys[name] = RowKey(self.keys.find(fingerprint), state.instance)
        return found

    def canon(self, table: Table) -> Canon:
        """The canonical form of a table's rows."""
        found = self._canons.get(table.name)
        if found is None:
            found = self._canons[table.name] = Canon(table)
        return found

    def read_sum(
        self, connection: Connection, state: State, table: Table, *, lock: bool = False
    ) -> Sum:
        """The stored sum of a counted table.

        Raises:
            ForeignRowError: it was not written by this instance, or is older than one that was
                seen (only if it is locked: others may see older states).
        """
        row = self._one(connection, _LOCKED_SUM if lock else _SUM, row_sums, table.name)
        key = self._key(state, row_sums, row)
        self._check_mac(row_sums, table.name, row, key)
        if lock and self.floors.is_below(table.name, row.changes):
            raise self.rolled_back(table, row.changes)
        return Sum(row.rows, key.reveal(row.masked, row.nonce), row.changes, row.log_size)

    def store_sum(self, connection: Connection, state: State, table: Table, of: Sum) -> None:
        """Put a sum in the place of the one before."""
        values = self._sum_row(state, table.name, of)
        connection.execute(_STORE_SUM, values | {"of_table": table.name})

    def remember(self, versions: Mapping[RowName, int], *, seen: bool = False) -> None:
        """Remember what this process has committed or, if ``seen``, what others have.

        Of too many rows, what was seen is forgotten before what was committed.
        """
        with self._lock:
            self.remembered += 1
            for row, version in versions.items():
                if version <= self._versions.get(row, (0, 0))[0]:
                    continue
                self._versions[row] = version, self.remembered
                self._versions.move_to_end(row, last=not seen)
            while len(self._versions) > VERSIONS_KEPT:
                self._versions.popitem(last=False)

    def newest_version(self, row: RowName, until: int | None = None) -> int:
        """The newest version of a row this process knows of; 0 if it does not remember.

        Args:
            row: which.
            until: what :attr:`remembered` was when the transaction began, if it sees one state of
                the database: what was committed later it may not see.
        """
        version, number = self._versions.get(row, (0, 0))
        return version if until is None or number <= until else 0

    def foreign(self, table: Table, key: str, why: str) -> ForeignRowError:
        """The error of a foreign row, told to the alarm first."""
        self.tell(table.name, key, why)
        return self._sound(
            ForeignRowError(
                f"the database holds a row that this instance did not write there: {table.name} "
                f"{key}: {why}; nothing is sealed until it is put right; run: eseal audit"
            )
        )

    def rolled_back(self, table: Table, changes: int) -> ForeignRowError:
        """The error of a table that is older than it was, told to the alarm first."""
        newest = self.floors.seen()[table.name]
        return self.put_back(table, f"it is at change {changes}, but {newest} was seen")

    def put_back(self, table: Table, why: str) -> ForeignRowError:
        """The error of a table in which something older stands, told to the alarm first."""
        self.tell(table.name, "", why)
        return self._sound(
            RolledBackError(
                f"an older state of the database was put back: {table.name}: {why}; nothing is "
                "sealed until the newest state is restored; run: eseal audit"
            )
        )

    def tell(self, table: str, key: str, why: str) -> None:
        """Count a foreign row and tell the operator, once."""
        with self._lock:
            if (table, key) in self._found or len(self._found) >= FOUND_KEPT:
                return
            self._found.add((table, key))
        _log.critical("foreign_row", table=table, key=key, why=why)

    def _one(self, connection: Connection, query: Select[Any], table: Table, key: str) -> Row[Any]:
        given = {"of_table": key} if table is row_sums else {}
        try:
            row = connection.execute(query, given).one_or_none()
        except FORGED:
            raise self.foreign(table, key, "a value is not of its type") from None
        if row is None:
            raise self.foreign(table, key, "it is missing")
        return row

    def _sound(self, error: ForeignRowError) -> ForeignRowError:
        self.alarm(error)
        return error

    def _key(self, state: State, table: Table, row: Row[Any]) -> RowKey:
        fingerprint = state.key_of(row.mac)
        if fingerprint is None and table is row_binding:
            self.keys.find(bytes(row.fingerprint or b""))  # says that the key is another one
        if fingerprint is None:
            raise self.foreign(table, str(row[0]), "its MAC is wrong")
        return self.row_key(state, fingerprint)

    def _check_mac(self, table: Table, key: str, row: Row[Any], row_key: RowKey) -> None:
        canon = self.canon(table)
        try:
            right = row_key.mac(canon.encode(tuple(getattr(row, n) for n in canon.names)))
        except FORGED:
            right = b""
        if right != row.mac:
            raise self.foreign(table, key, "its MAC is wrong")

    def _store(self, connection: Connection, state: State) -> None:
        connection.execute(update(row_binding).values(self._binding_row(state)))

    def _binding_row(self, state: State) -> dict[str, Any]:
        values = {
            "id": 1,
            "instance": state.instance,
            "fingerprint": state.fingerprint,
            "previous": state.previous,
            "changes": state.changes,
        }
        return self._with_mac(state, row_binding, values)

    def _sum_row(self, state: State, name: str, of: Sum) -> dict[str, Any]:
        nonce = secrets.token_bytes(NONCE_BYTES)
        masked = self.row_key(state, state.fingerprint).hide(of.total, nonce)
        values = {
            "name": name,
            "rows": of.rows,
            "changes": of.changes,
            "nonce": nonce,
            "masked": masked,
            "log_size": of.log_size,
        }
        return self._with_mac(state, row_sums, values)

    def _with_mac(self, state: State, table: Table, values: dict[str, Any]) -> dict[str, Any]:
        canon = self.canon(table)
        content = canon.encode(tuple(values[name] for name in canon.names))
        return values | {MAC: self.row_key(state, state.fingerprint).mac(content)}
