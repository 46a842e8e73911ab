"""Several endpoints of one chain behind one provider: the first that answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from eseal.errors import LedgerUnreachableError
from eseal.ledger.wire.endpoint import SEND, Endpoint, settled


class FailoverProvider(JSONBaseProvider):
    """Asks endpoints in order until one answers; those that were dead a moment ago come last.

    For writing: a transaction is signed, so an endpoint can lose it but not change it. What a
    verdict rests on is asked of a quorum instead (:mod:`eseal.ledger.reading.quorum`).
    """

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        """Ask ``endpoints``, the preferred one first."""
        super().__init__()
        self._endpoints = tuple(endpoints)

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One JSON-RPC request.

        Raises:
            LedgerUnreachableError: none of them answers; names each with its fault.
        """
        faults: list[str] = []
        for endpoint in sorted(self._endpoints, key=lambda one: not one.closed):
            try:
                answer = endpoint.make_request(method, params)
            except LedgerUnreachableError as error:
                faults.append(str(error))
                continue
            if faults and method == SEND:
                return settled(endpoint, params[0], answer)
            return answer
        raise LedgerUnreachableError("; ".join(faults))
