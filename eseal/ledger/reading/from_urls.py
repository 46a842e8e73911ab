"""From the URLs of a setting or an option to a connection and a reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from web3 import Web3

from eseal.errors import ConfigurationError
from eseal.ledger.reading.quorum import QuorumReader, check_quorum
from eseal.ledger.reading.web3_reader import Web3Reader
from eseal.ledger.wire.endpoint import Endpoint
from eseal.ledger.wire.failover import FailoverProvider

if TYPE_CHECKING:
    from eseal.ledger.contracts.deployment import Deployment
    from eseal.ledger.wire.finality import Finality


def open_endpoints(urls: Sequence[str]) -> tuple[Endpoint, ...]:
    """The endpoints at these URLs; nothing is asked yet.

    Raises:
        ConfigurationError: none, one that is no ``http(s)`` URL, or one that is there twice: it
            would have two votes.
    """
    if not urls:
        raise ConfigurationError("expected at least one URL of a ledger node, got none")
    endpoints = tuple(Endpoint(url) for url in urls)
    for place, endpoint in enumerate(endpoints):
        if urls[place] in urls[:place]:
            raise ConfigurationError(
                f"the ledger endpoint {endpoint.name} is named twice, and would have two votes: "
                "leave one out"
            )
    return endpoints


def web3_of(endpoints: Sequence[Endpoint]) -> Web3:
    """A connection that asks the first endpoint that answers: for writing."""
    return Web3(endpoints[0] if len(endpoints) == 1 else FailoverProvider(endpoints))


def reader_of(
    endpoints: Sequence[Endpoint],
    deployment: Deployment,
    finality: Finality,
    quorum: int | None = None,
) -> Web3Reader | QuorumReader:
    """A reader that believes a quorum of the endpoints, or the only one there is.

    Args:
        endpoints: whom to ask.
        deployment: which contracts.
        finality: when a block counts as final.
        quorum: how many must agree; a majority if ``None``.

    Raises:
        ConfigurationError: a quorum that so many endpoints cannot form.
    """
    check_quorum(quorum, len(endpoints))
    readers: dict[str, Web3Reader] = {}
    for place, endpoint in enumerate(endpoints, start=1):
        # two endpoints of one provider may differ in a part of the URL that must not be shown
        name = f"{endpoint.name} (no. {place})" if endpoint.name in readers else endpoint.name
        readers[name] = Web3Reader(Web3(endpoint), deployment, finality)
    if len(readers) == 1:
        return next(iter(readers.values()))
    return QuorumReader(readers, quorum)
