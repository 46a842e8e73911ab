"""Whether a PDF names the same company for a seal as its certificate does."""

from __future__ import annotations

from eseal.verify.certificates import signer_of
from eseal.verify.verdict import FindingError, Passed
from eseal.verify.vocabulary import Finding


def check_name(said: str, certificate: bytes) -> Passed[None]:
    """Compare what a signature dictionary names (ISO 32000-1 table 252) with the certificate.

    Viewers show that name. It is signed, but by the seal's own key: whoever holds one could call
    themselves by the name of any other company. Issuers vouch for the name in the certificate
    alone.

    Args:
        said: the name in the dictionary.
        certificate: the seal's, DER.

    Raises:
        FindingError: ``name_unproven``; they differ.
    """
    name = signer_of(certificate).name
    if said != name:
        raise FindingError(
            Finding.NAME_UNPROVEN,
            f"The document names {said!r} for this seal, its certificate "
            f"{'nobody' if name is None else repr(name)}.",
        )
    return Passed(None, f"The document and the certificate name the same company: {said!r}.")
