"""The owner's stop codes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from eseal.ledger.setup.owner_stop import StopAct
from eseal_api.schemas.common import Answer, BlockHash, Count, Hash
from eseal_api.schemas.reading import WRITTEN, Secret


class StopIn(Secret):
    """A stop code to relay."""

    handle: Annotated[Hash, Field(description="The seal, of any issuer on this ledger.")]
    code: Annotated[Hash, Field(description="The next code of its owner's chain.")]
    act: Annotated[StopAct, WRITTEN] = StopAct.STOP


class StopEndIn(Secret):
    """The end of a chain of stop codes."""

    end: Annotated[
        Hash,
        Field(description="What the first code hashes to; the codes stay with the company."),
    ]


class StopHashOut(Answer):
    """What the next stop code of a seal must hash to."""

    handle: Hash
    stop_hash: Hash


class StopOut(Answer):
    """A stop code that was used."""

    handle: Hash
    act: StopAct
    transaction: BlockHash
    block: Count
