"""Companies for tests of what is made for them; certificates know of no ledger or authority."""

from __future__ import annotations

from datetime import datetime

from eseal.model.company import Company, parse_registration_id


def company(number: str, name: str, created_at: datetime, country: str | None = None) -> Company:
    """A company of this name and registration id, without a proof of its subject."""
    registration = parse_registration_id(number)
    return Company(
        id="a" * 26,
        name=name,
        scheme=registration.scheme,
        number=registration.number,
        identifier=registration.identifier,
        country=registration.seat(country),
        created_at=created_at,
        subject=bytes(32),
        subject_proof=b"",
        founders_account=None,
        registration=b"",
    )
