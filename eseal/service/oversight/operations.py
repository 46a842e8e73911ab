"""What those who run an instance see of it: foreign rows, gas, faults of the ledger's endpoints."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from eseal.store.repositories.transactions import DatabaseJournal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eseal.service.instance.context import Context

GAS_SECONDS = 30.0
"""The sum reads a row per transaction ever sent: not at every look of a monitoring system."""


class Operations:
    """Counts what an operator watches."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._gas: Mapping[str, int] = {}
        self._gas_asked = -math.inf

    @property
    def foreign_rows(self) -> int:
        """Rows met since the start that this instance did not write there."""
        return self._context.database.binding.foreign_rows

    def gas_spent(self) -> Mapping[str, int]:
        """Gas burnt in final blocks so far, by kind of transaction; as of the last half minute."""
        now = time.monotonic()
        if now - self._gas_asked > GAS_SECONDS:
            connected, database = self._context.connection.ledger, self._context.database
            journal = DatabaseJournal(database, connected.chain_id, connected.operator)
            self._gas, self._gas_asked = journal.gas_spent(), now
        return self._gas

    def ledger_faults(self) -> Mapping[str, int]:
        """Requests that got no answer, by endpoint (``host:port``); none of an embedded ledger."""
        return {endpoint.name: endpoint.faults for endpoint in self._context.connection.endpoints}
