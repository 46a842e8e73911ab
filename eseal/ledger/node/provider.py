"""A web3 provider over anything that turns request bytes into answer bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse


class BytesProvider(JSONBaseProvider):
    """Sends every request through one function."""

    def __init__(self, send: Callable[[bytes], bytes]) -> None:
        """Send requests through ``send``."""
        super().__init__()
        self._send = send

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One JSON-RPC request; whatever ``send`` raises comes through."""
        return self.decode_rpc_response(self._send(self.encode_rpc_request(method, params)))
