"""Verification: what is handed in, and the report."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, PlainValidator, ValidationInfo

from eseal.model.seal import SealType
from eseal.verify.verdict.report import OtherState
from eseal.verify.verdict.vocabulary import (
    CheckName,
    CheckStatus,
    Finding,
    Indication,
    SubIndication,
)
from eseal.words import Language, speak
from eseal_api.schemas.common import EXAMPLE_HASH, Answer, Base64, Digest, decode
from eseal_api.schemas.reading import LEFT_OUT, Asked, File, LeftOut


def _decoded(text: object, info: ValidationInfo) -> bytes:
    return decode(text, info.field_name or "")


_Decoded = Annotated[bytes, PlainValidator(_decoded, json_schema_input_type=Base64)]


class VerificationForm(Asked):
    """A document and what lay beside it."""

    file: Annotated[
        LeftOut[File], Field(description="The document; may be left out beside evidence.")
    ] = LEFT_OUT
    signature: Annotated[LeftOut[File], Field(description="The .p7s that lay beside it.")] = (
        LEFT_OUT
    )
    evidence: Annotated[LeftOut[File], Field(description="The evidence file (*.eseal.json).")] = (
        LEFT_OUT
    )


class ExtractForm(Asked):
    """A file to which another program has added something."""

    file: Annotated[File, Field(description="The PDF.")]


class DigestVerificationIn(Asked):
    """A document that stays where it is: its digest, and what lay beside it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"digest": {"alg": "sha-256", "value": EXAMPLE_HASH}}]}
    )

    digest: Annotated[
        Digest | None,
        Field(
            description="May be left out to check an evidence file alone. By itself it is told "
            "only whether it is on record."
        ),
    ] = None
    signature: Annotated[_Decoded | None, Field(description="The .p7s, in base64.")] = None
    evidence: Annotated[
        dict[str, Any] | None, Field(description="The evidence file (*.eseal.json), as it is.")
    ] = None


class WindowOut(Answer):
    """A window of time."""

    not_before: Annotated[str, Field(description="Beginning of the day of the first use, UTC.")]
    not_after: Annotated[
        str | None,
        Field(description="End of the day on which the ledger held it; null while it does not."),
    ]


class OnRecordOut(Answer):
    """What is said of a bare digest: whether these bytes were sealed here, and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "on_record": True,
                    "window": {
                        "not_before": "2026-11-22T00:00:00Z",
                        "not_after": "2026-11-22T23:59:59Z",
                    },
                }
            ]
        }
    )

    on_record: bool
    window: Annotated[WindowOut | None, Field(description="Of the first use.")]


class CheckOut(Answer):
    """One check."""

    name: CheckName
    status: CheckStatus
    detail: str
    rests_on: Annotated[dict[str, Any], Field(description="Head, block, finality, age, …")]


class VerdictOut(Answer):
    """A verdict in the words of ETSI EN 319 102-1, and ours."""

    indication: Indication
    indication_uri: str
    sub_indication: SubIndication | None
    sub_indication_uri: str | None
    finding: Finding
    message: Annotated[str, Field(description="One plain sentence.")]
    checks: list[CheckOut]


class SealVerdictOut(VerdictOut):
    """The verdict on one seal, and what that seal says of itself."""

    model_config = ConfigDict(extra="allow")

    handle: str | None = None
    subject: Annotated[
        str | None, Field(description="The company on the ledger, where that is proven.")
    ] = None
    name: str | None = None
    registration_id: str | None = None
    seal_type: Annotated[
        SealType | None, Field(description="What the seal is for, as its certificate says.")
    ] = None
    issuer: Annotated[str | None, Field(description="The CA that issued the certificate.")] = None
    root: Annotated[str | None, Field(description="The trusted root the certificate leads to.")] = (
        None
    )
    vouched_by: Annotated[
        str | None, Field(description="Who certified the seal: the issuing CA's organisation.")
    ] = None
    authority: Annotated[
        dict[str, Any] | None,
        Field(
            description="Who vouches for name and number: key, name (what the trust file calls it, "
            "or null), built_in (whether that is the issuer itself)."
        ),
    ] = None
    field: str | None = None
    party: Annotated[
        str | None,
        Field(description="Label of the place in the PDF that it fills; compare it with name."),
    ] = None
    signed_length: Annotated[
        int | None, Field(description="Length in bytes of the revision of the PDF it sealed.")
    ] = None
    use: dict[str, Any] | None = None
    log: dict[str, Any] | None = None
    proven_time: dict[str, Any] | None = None
    files: Annotated[
        list[str] | None, Field(description="Of a container: the files this seal covers.")
    ] = None
    objections: Annotated[
        list[dict[str, Any]],
        Field(default_factory=list, description="What its owner declared: word, date, reason."),
    ]
    notes: Annotated[
        list[dict[str, Any]],
        Field(default_factory=list, description="What to know beside the verdict: code, detail."),
    ]
    evidence: Annotated[
        dict[str, Any] | None,
        Field(description="The newest evidence file of this use, if it is on record here."),
    ] = None


class OtherSignatureOut(Answer):
    """A signature that is no company seal: listed, and of no weight in the verdict."""

    state: OtherState
    detail: Annotated[str, Field(description="One sentence.")]
    name: Annotated[
        str | None, Field(description="The name in its certificate, which nobody checked.")
    ]
    algorithm: str | None
    field: str | None


class PlacesOut(Answer):
    """The places for seals that a sealed PDF has."""

    filled: int
    total: int


class ReportOut(VerdictOut):
    """The verdict on a document: that of its worst seal."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "indication": "TOTAL_PASSED",
                    "indication_uri": Indication.TOTAL_PASSED.uri,
                    "sub_indication": None,
                    "sub_indication_uri": None,
                    "finding": "authentic",
                    "message": speak(Language.EN)("findings.authentic.sentence"),
                    "alarm": False,
                    "seals": [],
                    "others": [],
                    "places": None,
                    "extractable": False,
                    "checks": [
                        {
                            "name": "document",
                            "status": "VALID",
                            "detail": "The document is the one that was sealed.",
                            "rests_on": {"digest": EXAMPLE_HASH},
                        }
                    ],
                }
            ]
        }
    )

    alarm: Annotated[bool, Field(description="The seal's owner must be told.")]
    seals: list[SealVerdictOut]
    others: list[OtherSignatureOut]
    places: PlacesOut | None
    extractable: Annotated[
        bool,
        Field(
            description="The file begins with a PDF as it was sealed, and another program has "
            "added to it: `POST /v1/verifications/extract` takes it out."
        ),
    ]
