"""CMS as mutators take it apart: down to the attributes, and no further.

asn1crypto writes a changed structure by writing all that is in it, several times at each depth: of
a signature with time-stamps in it, which are CMS with attributes themselves, that takes seconds.
Here the values of attributes are bytes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from asn1crypto import cms, core


def _with(fields: list[tuple[Any, ...]], **specs: type[core.Asn1Value]) -> list[tuple[Any, ...]]:
    return [(name, specs.get(name, spec), *rest) for name, spec, *rest in fields]


class Values(core.SetOf):
    """Of an attribute: anything."""

    _child_spec = core.Any


class Attribute(core.Sequence):
    """Attribute (RFC 5652, 5.3)."""

    _fields: ClassVar = [("type", cms.CMSAttributeType), ("values", Values)]


class Attributes(core.SetOf):
    """Signed or unsigned ones."""

    _child_spec = Attribute


class SignerInfo(cms.SignerInfo):
    """SignerInfo (RFC 5652, 5.3)."""

    _fields = _with(cms.SignerInfo._fields, signed_attrs=Attributes, unsigned_attrs=Attributes)


class SignerInfos(core.SetOf):
    """All signers."""

    _child_spec = SignerInfo


class SignedData(cms.SignedData):
    """SignedData (RFC 5652, 5.1)."""

    _fields = _with(cms.SignedData._fields, signer_infos=SignerInfos)


class Signature(cms.ContentInfo):
    """ContentInfo (RFC 5652, 3) of signed data."""

    _oid_specs: ClassVar = {"signed_data": SignedData}
