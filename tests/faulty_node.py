"""A JSON-RPC node that misbehaves on command: a proxy between the service and a real node.

``with FaultyNode(url) as node: node.fault = Drop()`` and everything sent to ``node.url`` from then
on is dropped. Loopback only, a thread a request, nothing beyond the standard library and httpx.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import httpx

# ruff: noqa: ARG002 - every fault takes the arguments of Fault.reply

Exchange = Callable[[dict[str, Any]], Any]
"""Sends a request to the real node; returns its answer, decoded."""


@dataclass(frozen=True)
class Reply:
    """What goes back to the client; ``None`` for the body drops the connection."""

    body: bytes | None
    status: int = 200

    @classmethod
    def of(cls, answer: object) -> Reply:
        return cls(json.dumps(answer).encode())


class Fault:
    """No fault: the base of all others. Those that name no methods change every answer."""

    methods: frozenset[str] | None = None

    def reply(self, request: dict[str, Any], exchange: Exchange) -> Reply:
        return Reply.of(exchange(request))


@dataclass(frozen=True)
class _On(Fault):
    methods: frozenset[str] | None = None


class Pass(Fault):
    """As the node answers."""


@dataclass(frozen=True)
class Drop(_On):
    """The connection ends without an answer. ``after``: the node has had the request."""

    after: bool = False

    def reply(self, request, exchange):
        if self.after:
            exchange(request)
        return Reply(None)


@dataclass(frozen=True)
class Delay(_On):
    """The answer comes late; ``stop`` (set by the proxy when it closes) ends the waiting."""

    seconds: float = 30.0
    stop: threading.Event = field(default_factory=threading.Event)

    def reply(self, request, exchange):
        self.stop.wait(self.seconds)
        return super().reply(request, exchange)


@dataclass(frozen=True)
class Garbage(_On):
    """Bytes that are not JSON."""

    body: bytes = b"\xff\x00<html>not a node</html>"

    def reply(self, request, exchange):
        return Reply(self.body)


@dataclass(frozen=True)
class WrongJson(_On):
    """JSON, but not what was asked for."""

    result: Any = "nonsense"

    def reply(self, request, exchange):
        return Reply.of({"jsonrpc": "2.0", "id": request.get("id"), "result": self.result})


@dataclass(frozen=True)
class HttpStatus(_On):
    """An HTTP error instead of an answer."""

    status: int = 500

    def reply(self, request, exchange):
        return Reply(b"no", self.status)


@dataclass(frozen=True)
class RpcError(_On):
    """A JSON-RPC error object instead of a result."""

    code: int = -32000
    message: str = "no"

    def reply(self, request, exchange):
        error = {"code": self.code, "message": self.message}
        return Reply.of({"jsonrpc": "2.0", "id": request.get("id"), "error": error})


@dataclass(frozen=True)
class OtherChain(Fault):
    """The node claims another chain id."""

    chain_id: int = 5
    methods: frozenset[str] | None = frozenset({"eth_chainId"})

    def reply(self, request, exchange):
        answer = {"jsonrpc": "2.0", "id": request.get("id"), "result": hex(self.chain_id)}
        return Reply.of(answer)


@dataclass(frozen=True)
class Stale(Fault):
    """The node has got no further than a block: it knows nothing of what came afterwards."""

    number: int

    def reply(self, request, exchange):
        method, params = request["method"], list(request.get("params", ()))
        if method == "eth_blockNumber":
            return Reply.of({"jsonrpc": "2.0", "id": request["id"], "result": hex(self.number)})
        place = {"eth_getBlockByNumber": 0, "eth_call": 1, "eth_getCode": 1}.get(method)
        if place is not None:
            if self._beyond(params[place]):
                return Reply.of({"jsonrpc": "2.0", "id": request["id"], "result": None})
            params[place] = self._tag(params[place])
        if method == "eth_getLogs":
            params[0] = params[0] | {"toBlock": self._tag(params[0]["toBlock"])}
        return Reply.of(exchange(request | {"params": params}))

    def _beyond(self, tag: str) -> bool:
        return tag.startswith("0x") and int(tag, 16) > self.number

    def _tag(self, tag: str) -> str:
        return hex(min(int(tag, 16), self.number) if tag.startswith("0x") else self.number)


@dataclass(frozen=True)
class Tampered(Fault):
    """The answers to some methods are changed by ``change(request, result) -> result``."""

    change: Callable[[dict[str, Any], Any], Any]
    methods: frozenset[str] | None = None

    def reply(self, request, exchange):
        answer = exchange(request)
        if "result" in answer:
            answer["result"] = self.change(request, answer["result"])
        return Reply.of(answer)


def flip(_request: object, result: Any) -> Any:
    """A result of the same form with another content: the last hex digit of every string."""
    if isinstance(result, str) and result.startswith("0x") and len(result) > 2:
        return result[:-1] + ("0" if result[-1] != "0" else "1")
    if isinstance(result, dict):
        return {name: flip(None, value) for name, value in result.items()}
    if isinstance(result, list):
        return [flip(None, value) for value in result]
    return result


def empty(_request: object, result: Any) -> Any:
    """A result that denies: zeros for words, nothing for lists and objects."""
    if isinstance(result, str) and result.startswith("0x"):
        return "0x" + "0" * (len(result) - 2)
    return [] if isinstance(result, list) else None


class FaultyNode:
    """The proxy. Set :attr:`fault` at any time; it holds for every request that comes after.

    Attributes:
        url: where clients reach it.
        upstream: the real node; another one may take its place.
        fault: what happens to a request now; for a fault with ``methods``, to those only.
        asked: how often each method was asked, whatever came of it.
    """

    def __init__(self, upstream: str, fault: Fault | None = None) -> None:
        self.fault: Fault = fault or Pass()
        self.asked: Counter[str] = Counter()
        self._guard = threading.Lock()
        self._client = httpx.Client(timeout=30, trust_env=False)
        self.upstream = upstream
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.name = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._delays: list[Delay] = []
        self._thread.start()

    def handle(self, body: bytes) -> Reply:
        request, fault = json.loads(body), self.fault
        with self._guard:
            self.asked[request["method"]] += 1
            if isinstance(fault, Delay):
                self._delays.append(fault)
        if fault.methods is not None and request["method"] not in fault.methods:
            fault = Pass()
        return fault.reply(request, self._exchange)

    def close(self) -> None:
        for delay in self._delays:
            delay.stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(self, request: dict[str, Any]) -> Any:
        return self._client.post(self.upstream, json=request).json()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a thread may sit on a delayed answer

    def handle_error(self, request, client_address):
        """A client that has left, or a node that has: neither is worth a trace."""


def _handler(node: FaultyNode) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):  # the name the standard library calls
            reply = node.handle(self.rfile.read(int(self.headers["Content-Length"])))
            if reply.body is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_):
            """Not on the test's standard error."""

    return Handler
