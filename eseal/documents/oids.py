"""Object identifiers used in seal signatures."""

from __future__ import annotations

from typing import Final

from cryptography.x509 import ObjectIdentifier

ID_DATA: Final = ObjectIdentifier("1.2.840.113549.1.7.1")
"""RFC 5652 section 4."""
TST_INFO: Final = ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
"""RFC 3161 section 2.4.2: what a time-stamp token holds."""
ID_SIGNED_DATA: Final = ObjectIdentifier("1.2.840.113549.1.7.2")
"""RFC 5652 section 5.1."""

CONTENT_TYPE: Final = ObjectIdentifier("1.2.840.113549.1.9.3")
"""RFC 5652 section 11.1."""
MESSAGE_DIGEST: Final = ObjectIdentifier("1.2.840.113549.1.9.4")
"""RFC 5652 section 11.2."""
SIGNING_TIME: Final = ObjectIdentifier("1.2.840.113549.1.9.5")
"""RFC 5652 section 11.3."""
SIGNING_CERTIFICATE_V2: Final = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
"""RFC 5035 section 3."""

SIGNATURE_TIME_STAMP: Final = ObjectIdentifier("1.2.840.113549.1.9.16.2.14")
"""RFC 3161 appendix A, ETSI EN 319 122-1 clause 5.3."""
ARCHIVE_TIME_STAMP_V3: Final = ObjectIdentifier("0.4.0.1733.2.4")
"""ETSI EN 319 122-1 clause 5.5.3."""
ATS_HASH_INDEX_V3: Final = ObjectIdentifier("0.4.0.19122.1.5")
"""ETSI EN 319 122-1 clause 5.5.2."""
OCSP_RESPONSE: Final = ObjectIdentifier("1.3.6.1.5.5.7.16.2")
"""RFC 5940 section 2.1: id-ri-ocsp-response."""

SUBJECT_KEY_IDENTIFIER: Final = ObjectIdentifier("2.5.29.14")
"""RFC 5280 section 4.2.1.2."""

STATEMENT: Final = ObjectIdentifier("2.25.238767520395259532724117411395253829633")
"""Signed attribute of a seal: one OCTET STRING, the statement's canonical JSON.

Under the UUID arc of X.667 clause 8, which needs no registration.
"""
RECEIPT: Final = ObjectIdentifier("2.25.238767520395259532724117411395253829634")
"""Unsigned attribute of a seal: one OCTET STRING, the receipt's text (C2SP tlog-proof)."""
SUBJECT_PROOF: Final = ObjectIdentifier("2.25.238767520395259532724117411395253829635")
"""Signed attribute of a seal: one OCTET STRING, the subject proof's canonical JSON."""
BOOK_PATH: Final = ObjectIdentifier("2.25.238767520395259532724117411395253829636")
"""Signed attribute of a seal: one OCTET STRING, the ticket's path to its volume's root, from the
leaf's sibling upward, 32 bytes each."""

RSASSA_PSS: Final = ObjectIdentifier("1.2.840.113549.1.1.10")
"""RFC 4056 section 3."""
MGF1: Final = ObjectIdentifier("1.2.840.113549.1.1.8")
"""RFC 4055 section 2.2."""
