"""The trial identities and documents of the unit tests, and the programs of others."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.shelf import stocked

_UNIT = Path(__file__).parents[2] / "unit" / "documents" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("eseal_documents_material", _UNIT)
_MATERIAL = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = _MATERIAL
_SPEC.loader.exec_module(_MATERIAL)

identify = _MATERIAL.identify
p256 = _MATERIAL.p256
rsa3072 = _MATERIAL.rsa3072
identity = _MATERIAL.identity
pdfs = _MATERIAL.pdfs
options = _MATERIAL.options
sealed_at = _MATERIAL.sealed_at

_PACKAGES = {
    "mutool": "mupdf-tools",
    "openssl": "openssl",
    "pdfdetach": "poppler-utils",
    "pdfinfo": "poppler-utils",
    "pdfsig": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils",
    "qpdf": "qpdf",
    "unzip": "unzip",
}


@pytest.fixture(scope="session")
def run():
    """Runs a program of somebody else's; a missing one fails the test with what would help."""

    def start(program: str, *arguments) -> subprocess.CompletedProcess:
        if shutil.which(program) is None:
            pytest.fail(f"{program} is missing: apt-get install {_PACKAGES[program]}")
        return subprocess.run(
            [program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
        )

    return start


@pytest.fixture
def root_file(identity, tmp_path) -> Path:
    """The root that issued the identity's certificate, PEM."""
    path = tmp_path / "root.pem"
    certificate = x509.load_der_x509_certificate(identity.root)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="session")
def shelf(template, sample_pdf, tmp_path_factory):
    """Files of every shape and level, by a service that is reachable; see ``tests.shelf``."""
    with stocked(template, tmp_path_factory.mktemp("shelf"), sample_pdf) as shelf:
        yield shelf
