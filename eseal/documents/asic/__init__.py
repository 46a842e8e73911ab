"""ASiC-E with CAdES (ETSI EN 319 162-1): a set of files, sealed as one.

Take it from here, not from its modules. Imports the CMS and the media types, nothing of PDFs.
"""

from __future__ import annotations

from eseal.documents.asic.archive import Content
from eseal.documents.asic.container import (
    MEDIA_TYPE,
    SUFFIX,
    Container,
    ContainerSeal,
    CoveredFiles,
    DataObject,
    PreparedContainer,
    is_container,
    prepare,
    prepare_again,
    read,
)
from eseal.documents.asic.manifest import Manifest, Reference
from eseal.documents.asic.strangers import may_be_container, survey

__all__ = [
    "MEDIA_TYPE",
    "SUFFIX",
    "Container",
    "ContainerSeal",
    "Content",
    "CoveredFiles",
    "DataObject",
    "Manifest",
    "PreparedContainer",
    "Reference",
    "is_container",
    "may_be_container",
    "prepare",
    "prepare_again",
    "read",
    "survey",
]
