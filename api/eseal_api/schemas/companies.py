"""Companies and their seals, in and out."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, FailFast, Field, field_validator

from eseal.model.book import MAX_DEPTH, MIN_DEPTH
from eseal.model.company import MAX_REGISTRATION_ID_CHARS, Company
from eseal.model.seal import Party, Reason, Seal, SealState, SealType
from eseal.service.seals.onboarding import MAX_CODE_CHARS, MAX_LABEL_CHARS, SealOrder
from eseal.store.repositories.companies import CertificateRequest
from eseal.store.repositories.seals import SealChange
from eseal.suites import KeyAlgorithm
from eseal_api.schemas.common import (
    EXAMPLE_ID,
    Answer,
    Base64,
    BlockHash,
    Count,
    Hash,
    Id,
    Moment,
    encode,
)
from eseal_api.schemas.reading import WRITTEN, Asked

MAX_ORDERS = 64
"""Seals issued in one request: they share one ledger transaction."""
MAX_CHAIN = 8
"""Certificates above a seal's: real chains have two or three."""

ReasonName = Literal[
    "rename",
    "dissolution",
    "licence_revoked",
    "bankruptcy",
    "split",
    "merger",
    "key_compromise",
    "loss",
    "superseded",
    "by_order",
]
ShownReason = ReasonName | Literal["owner_stop"]
"""What nobody gives as a reason stands there where an owner used a stop code."""
PartyName = Literal["owner", "issuer", "regulator", "company"]


class OrderIn(Asked):
    """A seal to be made."""

    type: Annotated[SealType, WRITTEN]
    label: Annotated[
        str,
        Field(max_length=MAX_LABEL_CHARS, description="Tells seals of one type apart."),
    ] = ""
    physical_code: Annotated[
        str | None,
        Field(
            max_length=MAX_CODE_CHARS,
            description="Code of the physical seal it corresponds to.",
        ),
    ] = None
    algorithm: Literal["p256", "rsa3072"] = "p256"
    depth: Annotated[
        int | None,
        Field(
            ge=MIN_DEPTH,
            le=MAX_DEPTH,
            description="A volume of its book holds 2^depth tickets; the service's if not given.",
        ),
    ] = None
    stop_hash: Annotated[
        Hash | None,
        Field(description="End of the company's chain of stop codes, which it keeps to itself."),
    ] = None

    def order(self) -> SealOrder:
        """What the use case takes."""
        return SealOrder(
            self.type,
            self.label,
            self.physical_code,
            KeyAlgorithm(self.algorithm),
            self.depth,
            None if self.stop_hash is None else bytes.fromhex(self.stop_hash),
        )


class CompanyIn(Asked):
    """A company to register, maybe with its first seals."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "杭州示例科技有限公司",
                    "registration_id": "uscc:91330100799655058B",
                    "seals": [{"type": "official"}, {"type": "contract", "label": "no. 2"}],
                }
            ]
        }
    )

    name: Annotated[str, Field(min_length=1, description="The registered name.")]
    registration_id: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_REGISTRATION_ID_CHARS,
            description="SCHEME:NUMBER, or a semantic identifier of ETSI EN 319 412-1.",
        ),
    ]
    country: Annotated[
        str | None,
        Field(
            min_length=2,
            max_length=2,
            description="ISO 3166-1 code of the seat; needed with an LEI, which names no country.",
            examples=["DE"],
        ),
    ] = None
    seals: Annotated[
        tuple[OrderIn, ...],
        FailFast(),
        WRITTEN,
        Field(
            max_length=MAX_ORDERS,
            description="First seals, issued in the same step; a bare type is enough.",
        ),
    ] = ()

    @field_validator("seals", mode="before")
    @classmethod
    def _bare_types(cls, given: object) -> object:
        """``"contract"`` is short for ``{"type": "contract"}``."""
        if not isinstance(given, list):
            return given
        return [{"type": one} if isinstance(one, str) else one for one in given]


class NameIn(Asked):
    """A company's new name."""

    name: Annotated[str, Field(min_length=1, description="As registered now.")]


class SealIn(OrderIn):
    """A seal to issue to a company."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"company": EXAMPLE_ID, "type": "contract"}]}
    )

    company: Annotated[
        str, Field(min_length=1, max_length=200, description="A company's id or registration id.")
    ]


class ReasonIn(Asked):
    """Why a seal is stopped."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "loss"}]})

    reason: ReasonName

    def parse(self) -> Reason:
        """The reason as the ledger numbers it."""
        return Reason[self.reason.upper()]


class CertificateIn(Asked):
    """A certificate another authority made for a request of ours."""

    certificate: Annotated[Base64, Field(max_length=16_384)]
    chain: Annotated[
        tuple[Annotated[Base64, Field(max_length=16_384)], ...],
        FailFast(),
        WRITTEN,
        Field(max_length=MAX_CHAIN, description="The certificates above it, its issuer's first."),
    ] = ()


class CompanyOut(Answer):
    """A company."""

    id: Id
    name: str
    registration_id: Annotated[str, Field(examples=["uscc:91330100799655058B"])]
    identifier: Annotated[
        str,
        Field(
            description="ETSI EN 319 412-1 semantic identifier.",
            examples=["NTRCN-91330100799655058B"],
        ),
    ]
    country: Annotated[str, Field(description="ISO 3166-1 code of its seat.", examples=["CN"])]
    subject: Annotated[Hash, Field(description="Its pseudonym on the ledger.")]
    created_at: Moment

    @classmethod
    def of(cls, company: Company) -> Self:
        """The form of this company."""
        return cls(
            id=company.id,
            name=company.name,
            registration_id=f"{company.scheme}:{company.number}",
            identifier=company.identifier,
            country=company.country,
            subject=company.subject.hex(),
            created_at=company.created_at,
        )


class SealOut(Answer):
    """A seal."""

    id: Id
    company: Id
    type: SealType
    label: str
    physical_code: str | None
    handle: Annotated[Hash, Field(description="SHA-256(issuer ‖ SHA-256(certificate)).")]
    state: SealState
    reason: Annotated[ShownReason | None, Field(description="Why it is in this state.")]
    not_before: Moment
    not_after: Moment
    created_at: Moment
    certificate: Annotated[Base64, Field(description="X.509 certificate, DER in base64.")]

    @classmethod
    def of(cls, seal: Seal, state: SealState) -> Self:
        """The form of this seal, which is in ``state`` now."""
        return cls(
            id=seal.id,
            company=seal.company_id,
            type=seal.type,
            label=seal.label,
            physical_code=seal.physical_code,
            handle=seal.handle.hex(),
            state=state,
            reason=reason_name(seal.reason),
            not_before=seal.not_before,
            not_after=seal.not_after,
            created_at=seal.created_at,
            certificate=encode(seal.certificate),
        )


class CompanyWithSealsOut(CompanyOut):
    """A company and the seals it was issued in the same step."""

    seals: list[SealOut]


class CompaniesOut(Answer):
    """A page of companies."""

    companies: list[CompanyOut]
    next: Annotated[Id | None, Field(description="`after` of the next page; null on the last.")]


class SealsOut(Answer):
    """A page of seals."""

    seals: list[SealOut]
    next: Annotated[Id | None, Field(description="`after` of the next page; null on the last.")]


class ChangeOut(Answer):
    """A change of a seal's status."""

    state: SealState
    reason: ShownReason | None
    party: Annotated[
        PartyName | None,
        Field(description="Whose stop it is, which only they lift; null if the ledger ended it."),
    ]
    actor: Annotated[str, Field(description="Who asked for it.")]
    requested_at: Moment
    block: Annotated[Count | None, Field(description="Null while on its way to the ledger.")]
    transaction: Annotated[
        BlockHash | None, Field(description="Null while on its way, or found already done.")
    ]

    @classmethod
    def of(cls, change: SealChange) -> Self:
        """The form of this change."""
        return cls(
            state=change.state,
            reason=reason_name(change.reason),
            party=_PARTIES.get(change.party),
            actor=change.actor,
            requested_at=change.requested_at,
            block=change.block_number,
            transaction="0x" + change.transaction.hex() if change.transaction else None,
        )


class CertificateRequestOut(Answer):
    """A key waiting for its certificate."""

    id: Id
    company: Id
    type: SealType
    label: str
    physical_code: str | None
    csr: Annotated[Base64, Field(description="PKCS#10 request, DER in base64.")]
    created_at: Moment

    @classmethod
    def of(cls, request: CertificateRequest) -> Self:
        """The form of this request."""
        return cls(
            id=request.id,
            company=request.company_id,
            type=request.type,
            label=request.label,
            physical_code=request.physical_code,
            csr=encode(request.csr),
            created_at=request.created_at,
        )


def reason_name(reason: Reason) -> ShownReason | None:
    """The reason's slug; ``None`` for no reason."""
    return None if reason is Reason.NONE else _REASONS[reason.slug]


_PARTIES: dict[Party, PartyName] = {
    Party.OWNER: "owner",
    Party.ISSUER: "issuer",
    Party.REGULATOR: "regulator",
    Party.COMPANY: "company",
}
_REASONS: dict[str, ShownReason] = {
    "owner_stop": "owner_stop",
    "rename": "rename",
    "dissolution": "dissolution",
    "licence_revoked": "licence_revoked",
    "bankruptcy": "bankruptcy",
    "split": "split",
    "merger": "merger",
    "key_compromise": "key_compromise",
    "loss": "loss",
    "superseded": "superseded",
    "by_order": "by_order",
}
