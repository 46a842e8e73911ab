"""The rows of bound tables within one transaction: written with their MAC, read with a check."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, delete, insert, select, update

from eseal.errors import ConfigurationError, ForeignRowError
from eseal.keys.vault import Vault, box_fingerprint
from eseal.store.binding.row_keys import Sum
from eseal.store.schema.bound import (
    FORGED,
    MAC,
    VERSION,
    boxes_of,
    goes_with_log,
    is_bound,
    is_counted,
    stays,
)
from eseal.store.schema.tables import log_checkpoint, metadata

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row, RowMapping, Select, Table, Update

    from eseal.store.binding.binding import Binding, RowName
    from eseal.store.binding.row_keys import RowKey

OPTION: Final = "eseal_rows"
"""The execution option under which a transaction's connection carries its rows."""
_OLD: Final = "old_"
"""Before the names of parameters that say which row is meant."""
_WITH_LOG: Final = tuple(filter(goes_with_log, metadata.sorted_tables))
"""Whose sums every append carries on."""
_PAGE: Final = 1000
"""Rows in memory at a time where a whole table is read."""


def rows_of(connection: Connection) -> BoundRows:
    """The bound rows of this transaction.

    Raises:
        ConfigurationError: the database was opened without the key-encryption key.
    """
    found: BoundRows | None = connection.get_execution_options().get(OPTION)
    if found is None:
        raise ConfigurationError("this database was opened without the key-encryption key")
    return found


class BoundRows:
    """Reads and writes bound rows. One for each transaction."""

    def __init__(
        self,
        binding: Binding,
        connection: Connection,
        *,
        writes: bool = False,
        checked: bool = True,
    ) -> None:
        """Begin.

        Args:
            binding: what binds the rows.
            connection: the transaction.
            writes: whether it writes; then the key-encryption key does not change until its end.
            checked: whether reading a foreign row is an error.

        Raises:
            ForeignRowError: what binds the rows was not written by this instance.
            WrongKeyError: the key in force is not known to this process.
        """
        self._binding = binding
        self._began_after = binding.remembered
        self._connection = connection
        self._checked = checked
        if writes:
            self._state = binding.read_state(connection, lock=True)
        else:
            self._state = binding.known_state(connection)
        self._rows: defaultdict[Table, int] = defaultdict(int)
        self._totals: defaultdict[Table, int] = defaultdict(int)
        self._versions: dict[RowName, int] = {}
        self._changes: dict[str, int] = {}
        self._appended: tuple[int, int] | None = None

    def insert(self, table: Table, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Write a new row; its primary key.

        Raises:
            IntegrityError: a constraint of the table forbids it.
        """
        content: dict[str, Any] = {column.name: None for column in table.c}
        content |= {**values, VERSION: 1} | self.reboxed(table, values)
        numbered = [c.name for c in table.primary_key if content[c.name] is None]
        if numbered:  # the database numbers the row, and only then can it be bound
            rest = {name: v for name, v in content.items() if name not in numbered} | {MAC: b""}
            made = self._connection.execute(insert(table).values(rest)).inserted_primary_key
            content |= zip((c.name for c in table.primary_key), made or (), strict=True)
            self._bind(table, content)
            this = _is(table, content)
            self._connection.execute(update(table).where(this).values({MAC: content[MAC]}))
        else:
            self._bind(table, content)
            self._connection.execute(insert(table).values(content))
        self._count(table, 1, content[MAC])
        return _key_of(table, content)

    def update(
        self, table: Table, condition: ColumnElement[bool], values: Mapping[str, Any]
    ) -> int:
        """Change the rows that meet the condition; how many.

        Raises:
            ForeignRowError: one of them is foreign, or an older form of itself.
        """
        found = self.all(select(table).where(condition), table, lock=True)
        for row in found:
            self.change(table, row, values)
        return len(found)

    def change(self, table: Table, row: Row[Any], values: Mapping[str, Any]) -> None:
        """Change a row that :meth:`all` has locked in this transaction, once."""
        old = _values(row)
        before = {column.name: old[column] for column in table.c}
        content = before | dict(values)
        changed = dict(values) | self.reboxed(table, content)
        content |= {**changed, VERSION: before[VERSION] + 1}
        self._bind(table, content)
        changed |= {name: content[name] for name in (VERSION, MAC)}
        this = {_OLD + column.name: before[column.name] for column in table.primary_key}
        self._connection.execute(_update_of(table), changed | this)
        self._count(table, -1, before[MAC])
        self._count(table, 1, content[MAC])

    def delete(self, table: Table, condition: ColumnElement[bool]) -> int:
        """Remove the rows that meet the condition; how many.

        Raises:
            ForeignRowError: one of them is foreign.
        """
        if stays(table):
            raise TypeError(f"rows of {table.name} are declared to stay")
        if is_counted(table):
            for row in self.all(select(table).where(condition), table, lock=True):
                self._count(table, -1, _values(row)[table.c[MAC]])
        return self._connection.execute(delete(table).where(condition)).rowcount

    def all(
        self,
        query: Select[Any],
        table: Table,
        *,
        lock: bool = False,
        given: Mapping[str, Any] | None = None,
    ) -> Sequence[Row[Any]]:
        """The rows of a query that selects all columns of ``table``, each checked.

        Args:
            query: may select other columns besides.
            table: whose rows are checked.
            given: values of the query's parameters.
            lock: whether nobody else is to change them until the transaction ends; then older
                forms of what this process knows show as well, even if it learned of it meanwhile.

        Raises:
            ForeignRowError: a row is foreign.
        """
        if lock:
            query = query.with_for_update(key_share=True, of=table)
        try:
            found = self._connection.execute(query, given).all()
        except FORGED:
            if not self._checked:
                return ()
            raise self._binding.foreign(table, "", "a value is not of its type") from None
        for row in found if self._checked else ():
            why = self._wrong(table, row) or self._outdated(table, row, newest=lock)
            if why:
                raise self._binding.foreign(table, _named(table, row), why)
        return found

    def one(self, query: Select[Any], table: Table, *, lock: bool = False) -> Row[Any] | None:
        """The first row of such a query, or ``None``."""
        found = self.all(query, table, lock=lock)
        return found[0] if found else None

    def reboxed(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        """What is encrypted in a row, under the key that writes now, where that was changed."""
        changed: dict[str, Any] = {}
        for name, box in boxes_of(table).items():
            content = values.get(name)
            if content is not None and box_fingerprint(content) != self._state.fingerprint:
                vault, context = Vault(self._binding.keys, box.label), box.context_of(values)
                changed[name] = vault.encrypt(vault.decrypt(content, context), context)
        return changed

    def rewrite(self, table: Table, condition: ColumnElement[bool]) -> None:
        """Write rows again under the key that writes now, unchanged but for that.

        Raises:
            ForeignRowError: one of them is foreign.
        """
        if is_bound(table):
            self.update(table, condition, {})
            return
        for row in self._connection.execute(select(table).where(condition)).all():
            changed = self.reboxed(table, dict(_values(row)))
            self._connection.execute(update(table).where(condition).values(changed))

    def rewrite_sum(self, table: Table) -> None:
        """Write a table's sum again at the commit, as it is."""
        if is_counted(table):
            self._rows[table] += 0

    def check(self, table: Table, tell: Callable[[str, str], None]) -> None:
        """Check every row of a table, and that none is missing.

        Args:
            table: a bound one.
            tell: hears the key and what is wrong of each row; the key is empty of the whole.
        """
        rows = total = 0
        versions: dict[RowName, int] = {}
        try:
            for row in self._every(table):
                why = self._wrong(table, row)
                if why:
                    tell(_named(table, row), why)
                    continue
                rows += 1
                version, mac = (_values(row)[table.c[name]] for name in (VERSION, MAC))
                if stays(table) and version > 1:  # older forms of it are about
                    versions[_name(table, row)] = version
                total += self._key_of(mac).element(mac)
        except ForeignRowError:  # whoever is told raises it
            raise
        except FORGED:
            tell("", "a value is not of its type")
            return
        self._binding.remember(versions, seen=True)
        if is_counted(table):
            kept = self._sum(table)
            if rows != kept.rows:
                tell("", f"{kept.rows} rows were written, {rows} of them are there")
            elif Sum().plus(0, total).total != kept.total:
                tell("", "an older form of a row was put back")
            elif goes_with_log(table) and (why := _strayed(kept, self._log_size())):
                tell("", why)

    def changes(self, table: Table) -> int:
        """How often a counted table was changed, as this transaction sees it; remembered."""
        changes = self._sum(table).changes
        self._binding.floors.saw(table.name, changes)
        return changes

    def count(self, table: Table) -> int:
        """How many rows of a counted table were written, whatever stands there."""
        return self._binding.read_sum(self._connection, self._state, table).rows

    def settle(self) -> None:
        """Carry the sums on: the last thing before a commit, in one order by all.

        Raises:
            RolledBackError: a sum is older than one that was seen, or than the log it goes with.
        """
        for table in sorted(self._rows, key=lambda table: table.name):
            before = self._binding.read_sum(self._connection, self._state, table, lock=True)
            after = before.plus(self._rows[table], self._totals[table])
            if self._appended is not None and goes_with_log(table):
                found, size = self._appended
                if why := _strayed(before, found):
                    raise self._binding.put_back(table, why)
                after = replace(after, log_size=size)
            self._binding.store_sum(self._connection, self._state, table, after)
            self._changes[table.name] = after.changes

    def appended(self, before: int, after: int) -> None:
        """This transaction makes the log longer: sums that go with it are carried on.

        Args:
            before: its size in leaves.
            after: the same, when this is committed.
        """
        self._appended = before, after
        for table in _WITH_LOG:
            self.rewrite_sum(table)

    def check_log(self) -> None:
        """Check that the log is as long as the sums that go with it say.

        Raises:
            RolledBackError: it is not: somebody without the key-encryption key has changed one.
        """
        size = self._log_size()
        for table in _WITH_LOG:
            if why := _strayed(self._sum(table), size):
                raise self._binding.put_back(table, why)

    def committed(self) -> None:
        """Remember what is durable now."""
        self._binding.remember(self._versions)
        for name, changes in self._changes.items():
            self._binding.floors.saw(name, changes)

    def _sum(self, table: Table) -> Sum:
        """The stored sum of a table; what binds may have changed since we last looked."""
        self._state = self._binding.read_state(self._connection)
        return self._binding.read_sum(self._connection, self._state, table)

    def _log_size(self) -> int:
        size: int | None = self._connection.execute(select(log_checkpoint.c.size)).scalar()
        return size or 0

    def _every(self, table: Table) -> Iterator[Row[Any]]:
        query = select(table).order_by(*table.primary_key).execution_options(yield_per=_PAGE)
        yield from self._connection.execute(query)

    def _wrong(self, table: Table, row: Row[Any]) -> str:
        """What is wrong with a row, or nothing."""
        canon, values = self._binding.canon(table), _values(row)
        mac = values[table.c[MAC]]
        try:
            content = canon.encode(tuple(values[column] for column in canon.columns))
        except FORGED:
            return "a value is not of its type"
        if self._state.key_of(mac) is None:  # what binds may have changed since we last looked
            self._state = self._binding.read_state(self._connection)
        if self._state.key_of(mac) is None or self._key_of(mac).mac(content) != mac:
            return "its MAC is wrong"
        return ""

    def _outdated(self, table: Table, row: Row[Any], *, newest: bool) -> str:
        """Whether a row of ours is an older one than this process knows; empty if not."""
        if not stays(table):
            return ""
        until = None if newest else self._began_after
        known = self._binding.newest_version(_name(table, row), until)
        version = _values(row)[table.c[VERSION]]
        return "an older form of it was put back" if version < known else ""

    def _bind(self, table: Table, content: dict[str, Any]) -> None:
        """Put the MAC into a row that is about to be written."""
        canon = self._binding.canon(table)
        key = self._binding.row_key(self._state, self._state.fingerprint)
        content[MAC] = key.mac(canon.encode(tuple(content[name] for name in canon.names)))
        if stays(table):
            self._versions[table.name, _key_of(table, content)] = content[VERSION]

    def _count(self, table: Table, rows: int, mac: bytes) -> None:
        if is_counted(table):
            self._rows[table] += rows
            self._totals[table] += rows * self._key_of(mac).element(mac)

    def _key_of(self, mac: bytes) -> RowKey:
        fingerprint = self._state.key_of(mac) or self._state.fingerprint
        return self._binding.row_key(self._state, fingerprint)


def _strayed(of: Sum, log_size: int) -> str:
    """Whether a sum does not go with a log of so many leaves; empty if it does."""
    if of.log_size == log_size:
        return ""
    return f"it goes with a log of {of.log_size} leaves, but the log has {log_size}"


def _values(row: Row[Any]) -> RowMapping:
    return row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor


def _key_of(table: Table, content: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(content[column.name] for column in table.primary_key)


def _is(table: Table, content: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(column == content[column.name] for column in table.primary_key))


@lru_cache
def _update_of(table: Table) -> Update:
    """A row's update by its primary key: put together once."""
    return update(table).where(
        and_(*(column == bindparam(_OLD + column.name) for column in table.primary_key))
    )


def _name(table: Table, row: Row[Any]) -> RowName:
    values = _values(row)
    return table.name, tuple(values[column] for column in table.primary_key)


def _named(table: Table, row: Row[Any]) -> str:
    """A row's key, for people."""
    values = _values(row)
    parts = (values[column] for column in table.primary_key)
    return " ".join(part.hex() if isinstance(part, bytes) else str(part)[:80] for part in parts)
