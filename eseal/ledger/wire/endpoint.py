"""One JSON-RPC endpoint over HTTP: bounded time, retries with back-off, a circuit breaker."""

from __future__ import annotations

import logging
import weakref
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from eth_utils.crypto import keccak
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential_jitter,
)
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from eseal.errors import ConfigurationError, LedgerUnreachableError
from eseal.excerpts import excerpt
from eseal.http import bounded_client
from eseal.ledger.wire.breaker import Breaker
from eseal.model.json_values import loads

CONNECT_TIMEOUT = 3.05
"""Seconds to wait for a connection: just above a multiple of TCP's 3 s retransmission."""
READ_TIMEOUT = 15.0
"""Seconds to wait for an answer: a node that takes longer is as good as down."""
MAX_ANSWER_BYTES = 64 << 20
"""A hundred thousand anchors fit; a node that sends without end must not fill the memory."""
MAX_CONNECTIONS = 64
"""At once, to one endpoint; a node serves a hundred or so by default."""
ATTEMPTS = 3
"""One lost packet or one restart of a proxy is not worth a verdict."""
FIRST_PAUSE, LONGEST_PAUSE, JITTER = 0.1, 2.0, 0.1
"""Seconds between two attempts, doubled each time; the jitter keeps many clients from asking
together."""
RETRY_SECONDS = 5.0
"""An attempt that failed later than so long after the first is the last: one that timed out is not
made again, so a request takes at most READ_TIMEOUT + RETRY_SECONDS and a few."""

SEND = "eth_sendRawTransaction"
_REPEATABLE = (
    *("eth_get", "eth_call", "eth_estimateGas", "eth_blockNumber", "eth_chainId", "eth_gasPrice"),
    *("eth_maxPriorityFeePerGas", "eth_feeHistory", "net_", "web3_", SEND),
)
"""Beginnings of methods that may be asked twice. A signed transaction may, because its hash is its
identity: a node that has it does not take it again."""

logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes URLs, which may hold a key


class Endpoint(JSONBaseProvider):
    """A web3 provider for one URL. Safe to share between threads.

    Attributes:
        name: ``host:port``, which may be shown; the URL may hold a secret.
    """

    def __init__(self, url: str, *, timeout: float = READ_TIMEOUT) -> None:
        """Ask ``url``; nothing is sent yet.

        Args:
            url: ``http://`` or ``https://``.
            timeout: seconds an answer may take, from the request to its last byte.

        Raises:
            ConfigurationError: not such a URL.
        """
        super().__init__()
        self.name = endpoint_name(url)
        self._url, self._timeout = url, timeout
        self._breaker = Breaker(self.name)
        self.faults = 0
        client = bounded_client(
            timeout,
            connect=CONNECT_TIMEOUT,
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
            verify=url.startswith("https"),  # loading the roots takes a while: not for http
        )
        self._client = client
        weakref.finalize(self, client.close)

    @property
    def closed(self) -> bool:
        """Whether the circuit is closed: the endpoint has been answering."""
        return self._breaker.closed

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One JSON-RPC request, made again if it gets lost and may be.

        Raises:
            LedgerUnreachableError: no answer in time, none in JSON, or the endpoint is left alone
                because it did not answer before.
        """
        return self._breaker.run(lambda: self._repeat(method, params))

    def _repeat(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        payload = self.encode_rpc_request(method, params)
        attempts = ATTEMPTS if method.startswith(_REPEATABLE) else 1
        retrying = Retrying(
            retry=retry_if_exception_type(LedgerUnreachableError),
            wait=wait_exponential_jitter(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE, jitter=JITTER),
            stop=stop_after_attempt(attempts) | stop_after_delay(RETRY_SECONDS),
            reraise=True,
        )
        answer: RPCResponse = retrying(self._once, method, payload)
        if method == SEND and retrying.statistics["attempt_number"] > 1:
            return settled(self, params[0], answer)
        return answer

    def _once(self, method: str, payload: bytes) -> RPCResponse:
        try:
            # not web3's decoder: a deep enough nesting would end the whole process
            answer: RPCResponse = loads(self._post(payload))
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            fault = f"HTTP {status}{_NO_RPC if status in _NOT_HERE else ''}"
        except httpx.TimeoutException as error:
            fault = f"{type(error).__name__} after {self._timeout:g} s"
        except httpx.HTTPError as error:
            fault = type(error).__name__
        except orjson.JSONDecodeError:
            fault = "an answer that is not JSON"
        else:
            return answer
        self.faults += 1
        raise LedgerUnreachableError(
            f"cannot reach the ledger node at {self.name}: {fault} to {method}"
        )

    def _post(self, payload: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        with self._client.stream("POST", self._url, content=payload, headers=headers) as response:
            response.raise_for_status()
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise httpx.ReadError("too long")
        return bytes(body)


_NOT_HERE = frozenset({404, 405, 415, 422})
"""What a server says to a request that it does not expect at that address."""
_NO_RPC = " (is that a JSON-RPC address? an eseal service has its own at /rpc)"


def endpoint_name(url: str) -> str:
    """``host:port`` of a URL: all of it that may stand in a message or a log.

    Raises:
        ConfigurationError: it is not an ``http`` or ``https`` URL with a host.
    """
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(
            "expected the ledger's URL (--ledger, --rpc or ESEAL_LEDGER_URL) to start with http:// "
            f"or https://, got {excerpt(url.partition('//')[0], 8)}"
        )
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise ConfigurationError(
            "expected the ledger's URL (--ledger, --rpc or ESEAL_LEDGER_URL) to be "
            "http(s)://HOST:PORT/…, got one without a host, or with an impossible port"
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port or (443 if parts.scheme == 'https' else 80)}"


def settled(provider: JSONBaseProvider, raw: str, answer: RPCResponse) -> RPCResponse:
    """The answer to a transaction sent again: if the node has it already, that is success.

    The first sending may have arrived although its answer was lost. Nodes say so in different
    words, or complain of the nonce, so it is asked for by its hash.
    """
    if not isinstance(answer, dict) or answer.get("error") is None:
        return answer
    transaction = "0x" + keccak(hexstr=raw).hex()
    try:
        found = provider.make_request(RPCEndpoint("eth_getTransactionByHash"), [transaction])
    except LedgerUnreachableError:
        return answer
    if not isinstance(found, dict) or not isinstance(found.get("result"), dict):
        return answer
    return {"jsonrpc": "2.0", "id": answer.get("id", 0), "result": transaction}
