"""Recorded uses as JSON, without a schema library's cost."""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from eseal.service.sealing.applying import SealedUse


def use_json(sealed: SealedUse) -> dict[str, Any]:
    """The members of ``uses.UseOut``; the statement's JSON goes in as it was signed."""
    use = sealed.use
    return {
        "id": use.id,
        "seal": use.seal_id,
        "log_index": use.log_index,
        "statement": orjson.Fragment(use.statement),
        "cms": b2a_base64(sealed.cms, newline=False).decode("ascii"),
        "receipt": sealed.receipt.decode(),
    }


def result_json(sealed: SealedUse) -> bytes:
    """``eseal_api.schemas.uses.BatchResultOut`` of a use that is finished already."""
    use = sealed.use
    members = {
        "id": use.id,
        "seal": use.seal_id,
        "log_index": use.log_index,
        "cms": b2a_base64(sealed.cms, newline=False).decode("ascii"),
    }
    return orjson.dumps({"use": members})
