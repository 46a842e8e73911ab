"""Sealed PDFs against poppler, qpdf and pyHanko."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from asn1crypto import x509
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import KeyUsageConstraints, validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from eseal.documents.pdf import SealBox, prepare, read

BOX = SealBox(page=0, x=120, y=20, width=60, height=30)
PRODUCERS = ["fpdf2", "pyHanko", "object streams", "qpdf object streams", "hybrid"]


@pytest.fixture
def document(request, pdfs, run, tmp_path) -> bytes:
    """A PDF of the named producer."""
    if request.param != "qpdf object streams":
        builders = {
            "fpdf2": pdfs.fpdf,
            "pyHanko": pdfs.pyhanko,
            "object streams": pdfs.object_streams,
            "hybrid": pdfs.hybrid,
        }
        return builders[request.param]()
    plain, packed = tmp_path / "plain.pdf", tmp_path / "packed.pdf"
    plain.write_bytes(pdfs.fpdf(10))
    result = run("qpdf", "--object-streams=generate", plain, packed)
    assert result.returncode == 0, result.stderr
    return packed.read_bytes()


def seal(document: bytes, identity, options) -> bytes:
    prepared = prepare(document, options)
    return prepared.embed(identity.seal(prepared.digest))


@pytest.fixture(params=[None, BOX], ids=["invisible", "visible"])
def sealed(request, document, identity, options) -> bytes:
    return seal(document, identity, replace(options, visible=request.param))


@pytest.fixture
def sealed_file(sealed, tmp_path):
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    return path


def pyhanko_status(pdf: bytes, identity, moment, *, strict=True):
    signature = PdfFileReader(BytesIO(pdf), strict=strict).embedded_signatures[0]
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(identity.root)], moment=moment, allow_fetching=False
    )
    usage = KeyUsageConstraints(key_usage={"non_repudiation"})
    return validate_pdf_signature(signature, context, key_usage_settings=usage)


@pytest.mark.parametrize("document", PRODUCERS, indirect=True)
class TestEveryProducer:
    def test_pdfsig_says_valid_and_total(self, run, sealed_file):
        output = run("pdfsig", "-nocert", sealed_file).stdout
        assert "Signature Validation: Signature is Valid." in output
        assert "Total document signed" in output
        assert "ETSI.CAdES.detached" in output

    def test_qpdf_finds_nothing_to_complain_of(self, run, sealed_file):
        result = run("qpdf", "--check", sealed_file)
        assert result.returncode == 0, result.stdout + result.stderr

    def test_pyhanko_accepts_it(self, sealed, identity, sealed_at, request):
        # pyHanko validates hybrid-reference files only when it is not strict.
        hybrid = "hybrid" in request.node.name
        status = pyhanko_status(sealed, identity, sealed_at, strict=not hybrid)
        assert status.bottom_line, status.pretty_print_details()
        assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        assert status.docmdp_ok


@pytest.mark.parametrize("document", ["fpdf2"], indirect=True)
class TestAlteration:
    @pytest.fixture
    def altered(self, sealed, sealed_file):
        index = sealed.index(b"[ 0 0 595.28 841.89 ]") + len("[ 0 0 5")
        changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        sealed_file.write_bytes(changed)
        return changed

    def test_pdfsig_refuses_it(self, run, altered, sealed_file):
        assert altered
        output = run("pdfsig", "-nocert", sealed_file).stdout
        assert "Signature is Valid" not in output
        assert "Digest Mismatch" in output

    def test_pyhanko_refuses_it(self, altered, identity, sealed_at):
        assert not pyhanko_status(altered, identity, sealed_at).bottom_line

    def test_we_refuse_it(self, altered, sealed):
        (before,), (after,) = read(sealed).seals, read(altered).seals
        assert before.cms == after.cms
        assert before.digest != after.digest


def shown(run, pdf: bytes, tmp_path, page: int = 1) -> Image.Image:
    path = tmp_path / "shown.pdf"
    path.write_bytes(pdf)
    result = run(
        "pdftoppm", "-png", "-r", "72", "-f", page, "-l", page, "-singlefile", path, tmp_path / "p"
    )
    assert result.returncode == 0, result.stderr
    with Image.open(tmp_path / "p.png") as image:
        return image.convert("L")


def dark_box(image: Image.Image) -> tuple[int, int, int, int]:
    return image.point(lambda level: 255 if level < 128 else 0).getbbox()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_visible_seal_shows_upright_where_it_was_asked_for(
    run, pdfs, p256, options, tmp_path, rotation
):
    mm = 72 / 25.4
    pdf = pdfs.hand_made(pdfs.objects(page=b"/Rotate %d" % rotation))
    image = shown(run, seal(pdf, p256, replace(options, visible=BOX)), tmp_path)
    expected = (
        BOX.x * mm,
        image.height - (BOX.y + BOX.height) * mm,
        (BOX.x + BOX.width) * mm,
        image.height - BOX.y * mm,
    )
    assert dark_box(image) == pytest.approx(expected, abs=1.5)
    # The text stands on the left, so upright text leaves the right margin white.
    left, top, right, bottom = dark_box(image)
    inner = image.crop((left + 3, top + 3, right - 3, bottom - 3))
    text_left, _, text_right, _ = dark_box(inner)
    assert text_left < inner.width - text_right


def test_an_invisible_seal_changes_nothing_one_can_see(run, pdfs, p256, options, tmp_path):
    document = pdfs.fpdf()
    before = shown(run, document, tmp_path).tobytes()
    assert shown(run, seal(document, p256, options), tmp_path).tobytes() == before


def test_long_text_stays_inside_the_box(run, pdfs, p256, options, tmp_path):
    pdf = pdfs.hand_made(pdfs.objects())
    wordy = replace(
        options,
        visible=BOX,
        signer_name="Gesellschaft für wohlklingende Überprüfungen mbH",
        reason="A purpose of some length, that has to shrink to stay within",
    )
    image = shown(run, seal(pdf, p256, wordy), tmp_path)
    mm = 72 / 25.4
    assert dark_box(image)[2] <= (BOX.x + BOX.width) * mm + 1.5
