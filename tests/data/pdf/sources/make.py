"""Makes the PDFs of the directory above anew: ``python make.py DIRECTORY``.

Needs the programs and packages that README.md names; no test runs this.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
CHROMIUM = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--no-pdf-header-footer",
)
EXPORTS = {
    "libreoffice": "{}",
    "libreoffice-tagged": '{"UseTaggedPDF":{"type":"boolean","value":"true"}}',
    "libreoffice-pdfa-1a": '{"SelectPdfVersion":{"type":"long","value":"1"}}',
    "libreoffice-pdfa-2b": '{"SelectPdfVersion":{"type":"long","value":"2"}}',
}
LATEX = {"pdflatex": "contract.tex", "lualatex": r"\def\short{}\input{contract}"}


def main() -> None:
    out = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as work:
        by_programs(Path(work), out)
    by_packages(out)
    changed(out)


def run(*command, cwd=None) -> None:
    subprocess.run([str(word) for word in command], cwd=cwd, check=True, capture_output=True)


def by_programs(work: Path, out: Path) -> None:
    for source in ("contract.tex", "letter.html", "offer.html"):
        shutil.copy(HERE / source, work)
    office = ("soffice", "--headless", f"-env:UserInstallation=file://{work}/office")
    run(*office, "--infilter=HTML (StarWriter)", "--convert-to", "odt", "letter.html", cwd=work)
    for name, options in EXPORTS.items():
        export = f"pdf:writer_pdf_Export:{options}"
        run(*office, "--convert-to", export, "letter.odt", cwd=work)
        shutil.copy(work / "letter.pdf", out / f"{name}.pdf")
    for engine, text in LATEX.items():
        for _ in range(2):  # the table of contents is read by the second run
            run(engine, "-interaction=batchmode", f"-jobname={engine}", text, cwd=work)
        shutil.copy(work / f"{engine}.pdf", out)
    profile = f"--user-data-dir={work}/chromium"
    run(*CHROMIUM, profile, "--print-to-pdf=chromium.pdf", "offer.html", cwd=work)
    shutil.copy(work / "chromium.pdf", out)


def by_packages(out: Path) -> None:
    (out / "img2pdf-scan.pdf").write_bytes(scan())
    (out / "reportlab.pdf").write_bytes(report())
    (out / "reportlab-form.pdf").write_bytes(form())
    (out / "fpdf2.pdf").write_bytes(invoice())


def scan() -> bytes:
    """Two grey pages as a scanner makes them: an image each, the second one crooked."""
    import img2pdf
    from PIL import Image, ImageDraw

    files = []
    for angle in (0.0, 1.5):
        page = Image.new("L", (827, 1169), 250)
        draw = ImageDraw.Draw(page)
        for line in range(18):
            text = f"{line + 1}. The parties agree."
            draw.text((90, 120 + 40 * line), text, fill=40, font_size=24)
        file = io.BytesIO()
        page.rotate(angle, fillcolor=250).save(file, "JPEG", quality=35, dpi=(100, 100))
        files.append(file.getvalue())
    return img2pdf.convert(files)


def report() -> bytes:
    """Pages turned by 0, 90, 180 and 270 degrees."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen import canvas

    file = io.BytesIO()
    pages = canvas.Canvas(file, pagesize=A4)
    for rotation in (0, 90, 180, 270):
        pages.drawString(72, 700, f"Annex, turned by {rotation} degrees. Seal:")
        pages.rect(70, 60, 200, 100)
        pages.setPageRotation(rotation)
        pages.showPage()
    pages.save()
    return file.getvalue()


def form() -> bytes:
    """Text field, box to tick and choice, filled in."""
    from reportlab.pdfgen import canvas

    file = io.BytesIO()
    page = canvas.Canvas(file)
    page.drawString(72, 760, "Order form")
    page.acroForm.textfield(name="buyer", value="Elbe Teekontor", x=72, y=700, width=200)
    page.acroForm.checkbox(name="express", checked=True, x=72, y=660)
    page.acroForm.choice(name="goods", value="tea", options=["tea", "coffee"], x=72, y=600)
    page.save()
    return file.getvalue()


def invoice() -> bytes:
    from fpdf import FPDF

    pdf = FPDF()
    for number in (1, 2, 3):
        pdf.add_page(orientation="landscape" if number == 2 else "portrait")
        pdf.set_font("Helvetica", size=14)
        pdf.cell(text=f"Invoice, page {number} of 3. Seal:")
    return bytes(pdf.output())


def changed(out: Path) -> None:
    """What other programs made of the files above."""
    given = out / "libreoffice.pdf"
    run("qpdf", "--object-streams=generate", given, out / "qpdf-object-streams.pdf")
    run("qpdf", "--linearize", out / "fpdf2.pdf", out / "qpdf-linearized.pdf")
    (out / "pikepdf-moved-boxes.pdf").write_bytes(moved(out / "reportlab.pdf"))
    (out / "pyhanko-signed.pdf").write_bytes(sign((out / "reportlab-form.pdf").read_bytes()))


def moved(file: Path) -> bytes:
    """The same pages with boxes that do not begin at 0, 0, and a crop box inside."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(file) as pdf:
        for page in pdf.pages:
            page.mediabox = [-100, 50, 495, 892]
            page.cropbox = [-80, 60, 475, 880]
        pdf.save(out)
    return out.getvalue()


def sign(pdf: bytes) -> bytes:
    """An approval signature of somebody else, with a certificate of their own making."""
    from asn1crypto import keys
    from asn1crypto import x509 as asn1
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Somebody Else")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, now, now + timedelta(3650))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signer = signers.SimpleSigner(
        asn1.Certificate.load(certificate), keys.PrivateKeyInfo.load(private), None
    )
    metadata = signers.PdfSignatureMetadata(field_name="Buyer", reason="Agreed")
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    return signers.sign_pdf(writer, metadata, signer).getvalue()


if __name__ == "__main__":
    main()
