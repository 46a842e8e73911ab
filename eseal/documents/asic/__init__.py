"""ASiC-E with CAdES (ETSI EN 319 162-1): a set of files, sealed as one."""

from __future__ import annotations

from eseal.documents.asic.archive import ArchiveLimits, Content
from eseal.documents.asic.container import (
    MEDIA_TYPE,
    SUFFIX,
    Container,
    ContainerSeal,
    DataObject,
    PreparedContainer,
    is_container,
    prepare,
    prepare_again,
    read,
)
from eseal.documents.asic.manifest import Manifest, Reference

__all__ = [
    "MEDIA_TYPE",
    "SUFFIX",
    "ArchiveLimits",
    "Container",
    "ContainerSeal",
    "Content",
    "DataObject",
    "Manifest",
    "PreparedContainer",
    "Reference",
    "is_container",
    "prepare",
    "prepare_again",
    "read",
]
