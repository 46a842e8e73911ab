"""JSON-RPC 2.0 over the embedded node: bytes in, bytes out, whatever carries them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Self

import orjson

from eseal.errors import ESealError
from eseal.ledger.node.embedded import EmbeddedNode
from eseal.ledger.node.json_rpc import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    MAX_REQUEST_BYTES,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    SERVER_ERROR,
    RpcError,
)
from eseal.ledger.node.node_methods import OWN_LIMITS, PUBLIC_LIMITS, Method, NodeMethods

MAX_BATCH = 32
"""Most requests in one batch: bounds what a stranger's single HTTP request can cost."""

logger = logging.getLogger(__name__)


class RpcDispatcher:
    """Answers JSON-RPC requests. Never raises: what goes wrong is an error object."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        """Serve exactly these methods."""
        self._methods = methods

    @classmethod
    def read_only(cls, node: EmbeddedNode) -> Self:
        """For strangers: reads only, calls bounded."""
        return cls(NodeMethods(node, PUBLIC_LIMITS).reads)

    @classmethod
    def full(cls, node: EmbeddedNode) -> Self:
        """For our own processes: everything."""
        methods = NodeMethods(node, OWN_LIMITS)
        return cls({**methods.reads, **methods.writes})

    def handle(self, payload: bytes) -> bytes:
        """Answer one request or one batch.

        Args:
            payload: the request as JSON.

        Returns:
            The answer as JSON; empty if there is nothing to answer (only notifications,
            JSON-RPC 2.0 section 4.1).
        """
        answer = self._answer(payload)
        return b"" if answer is None else orjson.dumps(answer)

    def _answer(self, payload: bytes) -> dict[str, Any] | list[dict[str, Any]] | None:
        if len(payload) > MAX_REQUEST_BYTES:
            return _failure(
                RpcError(
                    INVALID_REQUEST,
                    f"expected at most {MAX_REQUEST_BYTES} bytes, got {len(payload)}",
                )
            )
        try:
            request = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return _failure(RpcError(PARSE_ERROR, "expected JSON"))
        if not isinstance(request, list):
            return self._one(request)
        if not 1 <= len(request) <= MAX_BATCH:
            message = f"expected a batch of 1 to {MAX_BATCH} requests, got {len(request)}"
            return _failure(RpcError(INVALID_REQUEST, message))
        answers = [answer for one in request if (answer := self._one(one)) is not None]
        return answers or None

    def _one(self, request: object) -> dict[str, Any] | None:
        if not isinstance(request, dict):
            return _failure(RpcError(INVALID_REQUEST, "expected a request object"))
        identity = request.get("id")
        if isinstance(identity, (bool, dict, list)):
            return _failure(RpcError(INVALID_REQUEST, "expected id to be a string or a number"))
        if request.get("jsonrpc") != "2.0" or not isinstance(request.get("method"), str):
            message = 'expected "jsonrpc": "2.0" and a method'
            return _failure(RpcError(INVALID_REQUEST, message), identity)
        try:
            result = self._run(request["method"], request.get("params", []))
        except RpcError as error:
            answer = _failure(error, identity)
        else:
            answer = {"jsonrpc": "2.0", "id": identity, "result": result}
        return answer if "id" in request else None

    def _run(self, name: str, params: object) -> object:
        method = self._methods.get(name)
        if method is None:
            raise RpcError(METHOD_NOT_FOUND, f"the method {name[:64]} does not exist here")
        if not isinstance(params, list):
            raise RpcError(INVALID_PARAMS, "expected params to be a list")
        if not method.least <= len(params) <= method.most:
            raise RpcError(
                INVALID_PARAMS,
                f"expected {method.least} to {method.most} parameters, got {len(params)}",
            )
        try:
            return method.run(*params)
        except RpcError:
            raise
        except ESealError as error:
            raise RpcError(SERVER_ERROR, str(error)) from None
        except Exception:  # a stranger gets no stack trace; the operator's log does
            logger.exception("%s failed", name)
            raise RpcError(INTERNAL_ERROR, "internal error") from None


def _failure(error: RpcError, identity: object = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identity, "error": error.to_json()}
