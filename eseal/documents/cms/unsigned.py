"""Whether a seal signature holds nothing but what the seal needs.

Statement, digest and signature value are signed or on record; everything else in a CMS anybody can
replace, and add to. So what is signed and what is needed is taken out, **put together again as we
write it, and every byte must be the same**. Unsigned parts that are missing accuse nobody here: a
receipt, time-stamps and validation data can be cut out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, SetOf

from eseal.documents import oids
from eseal.documents.cms import algorithms
from eseal.documents.cms import validation_data as needed
from eseal.documents.cms.counting import check_count
from eseal.documents.cms.decoder import (
    MAX_CERTIFICATES,
    MAX_CMS_BYTES,
    SealSignature,
    issuer_and_serial,
)
from eseal.documents.cms.structures import (
    Attribute,
    ContentInfo,
    EncapsulatedContentInfo,
    SignedData,
    SignerInfo,
    tlv,
)
from eseal.documents.cms.tokens import Token, check_token
from eseal.documents.cms.validation_data import Carried, Effort
from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.suites import SHA256, identifier

_TOKENS: Final = {oids.SIGNATURE_TIME_STAMP: False, oids.ARCHIVE_TIME_STAMP_V3: True}
"""The attributes that hold a token, and whether it is an archive time-stamp."""
_OCTET_STRING: Final = b"\x04"
_CONTEXT_0: Final = b"\xa0"
_VERSION: Final = 1
_WITH_OTHER_REVOCATION: Final = 5
"""RFC 5652 section 5.1: the version of a SignedData that holds OCSP answers."""


def check_unsigned(der: bytes, signature: SealSignature, effort: Effort) -> bytes | None:
    """Check that a seal signature holds nothing but what the seal needs.

    Args:
        der: the ContentInfo.
        signature: what it is to be of: signed attributes, value and the signer's certificate, which
            may be missing in ``der``.
        effort: what it may cost.

    Returns:
        The receipt in it, if there is one.

    Raises:
        InvalidFormatError: it holds something else, or is in another form; says what.
    """
    if len(der) > MAX_CMS_BYTES:
        raise InvalidFormatError(f"more than {MAX_CMS_BYTES} bytes")
    check_count(der)
    try:
        data = asn1.decode_der(ContentInfo, der).content
        (info,) = data.signer_infos.as_list()
    except ValueError:
        raise InvalidFormatError("something else than a seal signature in DER") from None
    attributes = [] if info.unsigned_attributes is None else info.unsigned_attributes.as_list()
    carried = Carried.of(_der(data.certificates), _der(data.crls))
    unsigned = _Unsigned.of(attributes, effort)
    _check_needed(carried, unsigned.tokens, signature.signer, effort)
    if _rebuilt(data, attributes, carried, signature) != der:
        raise InvalidFormatError("another spelling or algorithm than seals have")
    return unsigned.receipt


@dataclass(frozen=True, slots=True)
class _Unsigned:
    """The unsigned attributes that are known.

    Attributes:
        receipt: its text, or ``None``.
        tokens: of all time-stamps.
    """

    receipt: bytes | None
    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, attributes: Sequence[Attribute], effort: Effort) -> _Unsigned:
        """Read them all; each token and the receipt is there once, in an attribute of its own."""
        receipt, tokens = None, {}
        for each in attributes:
            values = each.values.as_list()
            if len(values) != 1 or each.type not in {oids.RECEIPT, *_TOKENS}:
                raise InvalidFormatError("an unsigned attribute that is not known")
            value = asn1.encode_der(values[0])
            if value in tokens or (each.type == oids.RECEIPT and receipt is not None):
                raise InvalidFormatError("an unsigned attribute twice")
            if each.type in _TOKENS:
                tokens[value] = check_token(value, effort, archive=_TOKENS[each.type])
            elif values[0].tag_bytes == _OCTET_STRING:
                receipt = bytes(values[0].data)
            else:
                raise InvalidFormatError("a receipt that is no text")
        return cls(receipt, tuple(tokens.values()))


def _check_needed(carried: Carried, tokens: Sequence[Token], signer: bytes, effort: Effort) -> None:
    """Certificates and revocation data are those of the signer's chain and of the stamps'."""
    if len(carried.certificates) > MAX_CERTIFICATES:
        raise InvalidFormatError(f"more than {MAX_CERTIFICATES} certificates")
    # What is in the tokens has been looked at already; it may link what is here.
    linked = dict.fromkeys(der for each in tokens for der in each.carried.certificates)
    both = Carried((*carried.certificates, *linked), carried.crls, carried.ocsps)
    signers = [signer, *(each.signer for each in tokens)]
    if needed.foreign(both, signers, effort) & carried.items():
        raise InvalidFormatError("a certificate or revocation data that the seal does not need")


def _rebuilt(
    data: SignedData, attributes: list[Attribute], carried: Carried, signature: SealSignature
) -> bytes:
    """The signature as we write it, of what is signed and what is needed."""
    try:
        scheme = asn1.encode_der(algorithms.suite_of_certificate(signature.signer).cms)
    except InvalidInputError:
        raise InvalidFormatError("another kind of key than seals have") from None
    digest = tlv(asn1.encode_der(identifier(SHA256.oid)))
    made = SignerInfo(
        version=_VERSION,
        sid=tlv(issuer_and_serial(signature.signer)),
        digest_algorithm=digest,
        signed_attributes=tlv(_CONTEXT_0 + signature.signed_attributes[1:]),
        signature_algorithm=tlv(scheme),
        signature=signature.signature,
        unsigned_attributes=SetOf(attributes) if attributes else None,
    )
    whole = SignedData(
        version=_WITH_OTHER_REVOCATION if carried.ocsps else _VERSION,
        digest_algorithms=SetOf([digest]),
        encapsulated=EncapsulatedContentInfo(content_type=oids.ID_DATA, content=None),
        certificates=data.certificates if carried.certificates else None,
        crls=data.crls if carried.crls or carried.ocsps else None,
        signer_infos=SetOf([made]),
    )
    return asn1.encode_der(ContentInfo(content_type=oids.ID_SIGNED_DATA, content=whole))


def _der(parts: SetOf[TLV] | None) -> list[bytes]:
    return [] if parts is None else [asn1.encode_der(each) for each in parts.as_list()]
