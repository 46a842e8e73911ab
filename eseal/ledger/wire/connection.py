"""One node over JSON-RPC: strict about what comes back, and nothing from below escapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eseal.errors import InvalidFormatError, LedgerError, LedgerUnreachableError
from eseal.excerpts import value_excerpt
from eseal.ledger.contracts.artifacts import Entry
from eseal.ledger.contracts.reverts import rejection, revert_data
from eseal.ledger.facts import Block

if TYPE_CHECKING:
    from web3 import Web3

LAST_SECOND = 253_402_300_799
"""The end of the year 9999."""
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


class NodeRefusedError(LedgerUnreachableError):
    """The node answered with an error object that is not a revert.

    Attributes:
        message: what it said.
    """

    def __init__(self, message: str) -> None:
        super().__init__(f"the ledger node refused: {message}")
        self.message = message


class Connection:
    """Requests to one node. As safe to share between threads as its provider."""

    def __init__(self, w3: Web3) -> None:
        """Ask through the provider of ``w3``."""
        self._provider = w3.provider

    def request(self, method: str, *params: object) -> Any:
        """The result of a JSON-RPC request.

        Raises:
            LedgerUnreachableError: no answer, or not one of JSON-RPC.
            NodeRefusedError: the node answered with an error.
            LedgerRejectedError: a contract reverted.
        """
        try:
            answer: object = self._provider.make_request(method, list(params))  # type: ignore[arg-type] # web3 types method names apart from str
        except LedgerError:  # it says which endpoint it was
            raise
        except Exception as error:
            # the message of the error below can hold the node's URL, and that a secret
            raise LedgerUnreachableError(
                f"cannot reach the ledger node: {type(error).__name__} at {method}"
            ) from error
        if not isinstance(answer, Mapping):
            raise _garbage(method, answer)
        if answer.get("error") is not None:
            _raise_error(answer["error"], method)
        if "result" not in answer:
            raise _garbage(method, answer)
        return answer["result"]

    def quantity(self, method: str, *params: object) -> int:
        """The result of a request that answers with a number."""
        return as_quantity(self.request(method, *params), method)

    def call(
        self,
        to: str,
        function: Entry,
        *arguments: object,
        at: str = "latest",
        sender: str | None = None,
    ) -> tuple[Any, ...]:
        """What a view of the contract at ``to`` returns, at a block tag or hex height.

        Raises:
            LedgerUnreachableError: no answer, or bytes the function cannot have returned.
            LedgerRejectedError: it reverted.
        """
        message = {"to": to, "data": "0x" + function.encode_call(arguments).hex()}
        if sender is not None:
            message["from"] = sender
        output = as_data(self.request("eth_call", message, at), "eth_call")
        try:
            return function.decode_output(output)
        except InvalidFormatError as error:
            raise LedgerUnreachableError(f"the node's answer to eth_call: {error}") from error

    def block(self, at: str) -> Block | None:
        """The block at a tag or hex height, or ``None``."""
        fields = self.request("eth_getBlockByNumber", at, False)
        return None if fields is None else as_block(fields)

    def code(self, address: str, at: str = "latest") -> bytes:
        """The contract at this address, at a block tag or hex height; empty if there is none."""
        return as_data(self.request("eth_getCode", address, at), "eth_getCode")

    def has_code(self, address: str, at: str = "latest") -> bool:
        """Whether a contract stands at this address, at a block tag or hex height."""
        return bool(self.code(address, at))


def connect_http(url: str) -> Web3:
    """A connection to a JSON-RPC node: bounded time, retries, a circuit breaker.

    Raises:
        ConfigurationError: not an ``http`` or ``https`` URL.
    """
    from web3 import Web3

    from eseal.ledger.wire.endpoint import Endpoint

    return Web3(Endpoint(url))


def as_quantity(value: object, what: str) -> int:
    """A JSON-RPC quantity.

    Raises:
        LedgerUnreachableError: it is not one.
    """
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return int(value, 16)
    raise _garbage(what, value)


def as_time(value: object, what: str) -> int:
    """A JSON-RPC quantity of Unix seconds that a calendar has: every reader shows them as a date.

    Raises:
        LedgerUnreachableError: it is not one.
    """
    seconds = as_quantity(value, what)
    if seconds > LAST_SECOND:
        raise _garbage(what, value)
    return seconds


def as_data(value: object, what: str, size: int | None = None) -> bytes:
    """JSON-RPC data, of exactly ``size`` bytes if given.

    Raises:
        LedgerUnreachableError: it is not.
    """
    if isinstance(value, str) and _DATA.fullmatch(value):
        data = bytes.fromhex(value[2:])
        if size is None or len(data) == size:
            return data
    raise _garbage(what, value)


def as_fields(value: object, what: str) -> Mapping[str, Any]:
    """A JSON object.

    Raises:
        LedgerUnreachableError: it is not one.
    """
    if isinstance(value, Mapping):
        return value
    raise _garbage(what, value)


def as_block(value: object) -> Block:
    """A block from its JSON-RPC form.

    Header fields we do not use are not looked at, the oversized ``extraData`` of QBFT and Clique
    among them.

    Raises:
        LedgerUnreachableError: it is not a block.
    """
    fields = as_fields(value, "block")
    return Block(
        number=as_quantity(fields.get("number"), "block.number"),
        hash=as_data(fields.get("hash"), "block.hash", 32),
        timestamp=as_time(fields.get("timestamp"), "block.timestamp"),
    )


def _garbage(what: str, value: object) -> LedgerUnreachableError:
    return LedgerUnreachableError(
        f"the node does not answer as an Ethereum node does: {what} is {described(value)}"
    )


def described(value: object) -> str:
    """What a node said where something else was expected, for a message.

    Never what is inside lists and objects: writing a deep nesting down would not end well.
    """
    if isinstance(value, Mapping | list):
        return f"a {type(value).__name__} of {len(value)}"
    return value_excerpt(value, 80)


def _raise_error(error: object, method: str) -> None:
    if not isinstance(error, Mapping):
        raise _garbage(method, error)
    code, message = error.get("code"), error.get("message")
    reverted = revert_data(code, message, error.get("data"))
    if reverted is not None:
        raise rejection(reverted)
    raise NodeRefusedError(str(message)[:300])
