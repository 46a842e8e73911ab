"""Records as objects: what ``--json`` prints and tables show, in the words of the trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eseal.model.records import Declaration, Span
from eseal.model.statement import format_time

if TYPE_CHECKING:
    from datetime import datetime

    from eseal.model.company import Company
    from eseal.model.seal import Seal
    from eseal.service.oversight.disclosures import Disclosed
    from eseal.service.oversight.records import HistoryEntry
    from eseal.service.seals.impressions import Impression
    from eseal.store.repositories.log import StoredAnchor
    from eseal.store.repositories.records import StoredRecord
    from eseal.store.repositories.tokens import StoredToken


def company_view(company: Company) -> dict[str, Any]:
    """A company."""
    return {
        "id": company.id,
        "name": company.name,
        "registration_id": f"{company.scheme}:{company.number}",
        "identifier": company.identifier,
        "country": company.country,
        "subject": company.subject.hex(),
        "created_at": format_time(company.created_at),
    }


def seal_view(seal: Seal, now: datetime) -> dict[str, Any]:
    """A seal in its state at ``now`` (aware)."""
    return {
        "id": seal.id,
        "handle": seal.handle.hex(),
        "company_id": seal.company_id,
        "type": seal.type.value,
        "label": seal.label,
        "physical_code": seal.physical_code,
        "state": seal.state_at(now).value,
        "reason": seal.reason.slug,
        "not_before": format_time(seal.not_before),
        "not_after": format_time(seal.not_after),
        "created_at": format_time(seal.created_at),
    }


def use_view(entry: HistoryEntry) -> dict[str, Any]:
    """A use with its proof."""
    statement = entry.statement
    return {
        "id": entry.use.id,
        "seal_id": entry.use.seal_id,
        "company_id": entry.company_id,
        "handle": statement.seal.hex(),
        "ticket": {
            "volume": statement.ticket.volume,
            "position": statement.ticket.position,
            "value": statement.ticket.value.hex(),
        },
        "digest": statement.digest.hex(),
        "media_type": statement.media_type,
        "purpose": statement.purpose,
        "sealed_at": format_time(statement.sealed_at),
        "log_index": entry.use.log_index,
        "receipt": entry.receipt.decode(),
        "anchor": None if entry.anchor is None else anchor_view(entry.anchor),
    }


def disclosure_view(disclosed: Disclosed) -> dict[str, Any]:
    """A look at a company's records."""
    looked = disclosed.disclosure
    until = looked.notice_after
    return {
        "log_index": disclosed.log_index,
        "id": looked.id,
        "at": format_time(looked.at),
        "actor": looked.actor,
        "order": looked.order,
        "notice_after": None if until is None else format_time(until),
        "company_id": looked.company,
        "what": looked.what,
    }


def declaration_view(record: StoredRecord) -> dict[str, Any]:
    """The owner's word about a use or about times of a seal."""
    said = Declaration.parse(record.content)
    about = said.about
    span = about if isinstance(about, Span) else None
    return {
        "log_index": record.log_index,
        "id": said.id,
        "declared_at": format_time(said.declared_at),
        "word": said.word.value,
        "use_id": record.use_id,
        "seal_id": record.seal_id,
        "since": None if span is None else format_time(span.since),
        "until": None if span is None or span.until is None else format_time(span.until),
        "reason": said.reason,
        "signed_by": said.seal.hex(),
    }


def impression_view(seal: Seal, impression: Impression) -> dict[str, Any]:
    """What a seal looks like; lengths in millimetres."""
    return {
        "id": seal.id,
        "type": seal.type.value,
        "source": impression.source,
        "profile": impression.profile,
        "media_type": impression.media_type,
        "width": round(impression.drawing.width, 3),
        "height": round(impression.drawing.height, 3),
        "hash": impression.hash.hex(),
    }


def anchor_view(anchor: StoredAnchor) -> dict[str, Any]:
    """An anchored head."""
    return {
        "size": anchor.size,
        "root": anchor.root.hex(),
        "block": {
            "number": anchor.block_number,
            "hash": "0x" + anchor.block_hash.hex(),
            "timestamp": anchor.block_time,
        },
        "transaction": "0x" + anchor.transaction.hex(),
    }


def token_view(token: StoredToken) -> dict[str, Any]:
    """A token without its secret."""
    return {
        "id": token.id,
        "scope": token.scope,
        "company_id": token.company_id,
        "label": token.label,
        "order": token.order_number,
        "notice_after": None if token.notice_after is None else format_time(token.notice_after),
        "created_at": format_time(token.created_at),
        "revoked_at": None if token.revoked_at is None else format_time(token.revoked_at),
    }
