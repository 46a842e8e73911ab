"""Validation data that no signature in the file needs carry something else."""

from __future__ import annotations

import io
import zipfile

import pytest

from eseal.documents.cms.validation_data import Carried
from eseal.documents.pdf import Form, read
from eseal.documents.pdf.longterm import with_validation_data
from eseal.documents.pdf.seals.validation_data import foreign
from tests.unit.documents.pdf.authority import SIGNER, TRUSTED, Authority, carrying
from tests.unit.documents.pdf.seals.forging import SIGNED, der, stamped, validated

OTHER = Authority("Other")
NAMESAKE = Authority("Authority")
"""It has the name of the signer's issuer, and another key."""


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("invoice.txt", "Pay somebody else")
    return out.getvalue()


FOREIGN = {
    "an archive": {"certificates": [der(archive())]},
    "an archive as a list": {"crls": [der(archive())]},
    "an archive as an answer": {"ocsps": [der(archive())]},
    "a certificate of another": {"certificates": [OTHER.der]},
    "one that the issuer issued to somebody": {"certificates": [TRUSTED.issue("Somebody")]},
    "an issuer of the same name": {"certificates": [NAMESAKE.der]},
    "a list of another": {"crls": [OTHER.revoked(1)]},
    "a list under the same name": {"crls": [NAMESAKE.revoked(1)]},
    "an answer of another": {"ocsps": [OTHER.answer(1)]},
}


def added(pdf: bytes, **parts: list[bytes]) -> bytes:
    return with_validation_data(pdf, **{"certificates": (), "crls": (), "ocsps": ()} | parts)


def test_what_a_signature_needs_is_not_foreign():
    top, below = Authority("Top"), TRUSTED
    store = Carried((below.der, SIGNER), (below.revoked(1),), (below.answer(2),))
    assert foreign(store, [SIGNED]) == frozenset()
    assert foreign(Carried((top.der,)), [carrying(top.issue("x"))]) == frozenset()
    assert foreign(store, []) == {*store.certificates, *store.crls, *store.ocsps}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_none_needs_was_added(opened, name):
    kept = stamped(validated(opened))
    assert read(kept).form is Form.CANONICAL
    carried = added(kept, **FOREIGN[name])
    reading = read(carried)
    assert reading.form is Form.ADDED
    assert reading.end == len(kept)
    assert "no signature in it needs" in reading.detail
    later = read(stamped(carried))
    assert (later.form, later.end) == (Form.ADDED, len(kept))
