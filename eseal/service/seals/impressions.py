"""What the seals of this instance look like: from templates, or as was uploaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import structlog

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.excerpts import excerpt
from eseal.model.actor import Actor, Capability
from eseal.service.people.permissions import permit
from eseal.store.repositories.companies import CompanyRepository
from eseal.store.repositories.impressions import ImpressionRepository, StoredImpression
from eseal.store.repositories.seals import SealRepository

if TYPE_CHECKING:
    from eseal.documents.artwork import Artwork
    from eseal.documents.impressions import Drawing, ImpressionSpec
    from eseal.documents.impressions.templates.choice import Choice
    from eseal.model.company import Company
    from eseal.model.seal import Seal
    from eseal.service.instance.context import Context

PNG: Final = "image/png"
SVG: Final = "image/svg+xml"
PDF: Final = "application/pdf"
TEMPLATES_KEPT: Final = 64
"""Drawings in memory; most take some 500 KB."""
UPLOADS_KEPT: Final = 4
"""The same of uploads: an image may take 50 MB."""
MIN_UPLOAD_MM, MAX_UPLOAD_MM = 5.0, 100.0
"""Sides of an uploaded impression."""
_MAGIC: Final = b"\x89PNG"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Impression:
    """What a seal looks like.

    Attributes:
        drawing: the art in millimetres.
        spec: what a template shows, or ``None`` of an upload.
        profile: the name of the template, or ``None`` of an upload.
        upload: SHA-256 of the uploaded content, or ``None`` of a template.
        media_type: of the upload, or ``None``.
    """

    drawing: Drawing
    spec: ImpressionSpec | None = None
    profile: str | None = None
    upload: bytes | None = None
    media_type: str | None = None

    @property
    def source(self) -> str:
        """``upload`` or ``template``."""
        return "template" if self.upload is None else "upload"

    @cached_property
    def hash(self) -> bytes:
        """What names this look: SHA-256 of the stored upload, or of the template's SVG."""
        from eseal.documents.impressions import svg

        return self.upload or hashlib.sha256(svg(self.drawing)).digest()

    @cached_property
    def artwork(self) -> Artwork:
        """The art as a PDF takes it."""
        from eseal.documents.impressions import artwork

        return artwork(self.drawing)

    def render(self, form: str, *, dpi: int | None = None) -> bytes:
        """The file in one of the forms.

        Args:
            form: ``svg``, ``png`` or ``pdf``.
            dpi: pixels to the inch of a PNG; 600 if not given.

        Raises:
            InvalidInputError: there is no such form, or the resolution is out of range.
        """
        from eseal.documents.impressions.drawing import output

        if form == "svg":
            return output.svg(self.drawing)
        if form == "pdf":
            return output.pdf(self.artwork)
        if form == "png":
            return output.png(self.artwork, output.USUAL_DPI if dpi is None else dpi)
        raise InvalidInputError(
            f"format: expected svg, png or pdf, got {excerpt(form, 20)}", field="format"
        )


class Impressions:
    """Looks impressions up, and changes them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._compose = lru_cache(maxsize=TEMPLATES_KEPT)(self._from_template)
        self._read = lru_cache(maxsize=UPLOADS_KEPT)(self._from_upload)

    def of_seal(self, seal_id: str) -> Impression:
        """What a seal looks like.

        Raises:
            NotFoundError: there is no such seal.
            InvalidInputError: its template cannot show its texts legibly.
            ConfigurationError: no font can be had.
            CorruptionError: the stored image is not the one that was uploaded.
        """
        from eseal.documents.impressions.templates.choice import Choice

        with self._context.database.read() as connection:
            seal = SealRepository(connection).get(seal_id)
            decided = ImpressionRepository(connection).of_seal(seal_id)
            if decided is None or decided.impression is None:
                company = CompanyRepository(connection).get(seal.company_id)
        if decided is not None and decided.impression is not None:
            return self._read(decided.impression, decided.width)
        template = None if decided is None else decided.template
        choice = Choice() if template is None else Choice.decode(template)
        return self._of_choice(choice, company, seal)

    def artwork(self, seal_id: str) -> Artwork:
        """The art to place on a document.

        Raises:
            ESealError: as :meth:`of_seal`.
        """
        return self.of_seal(seal_id).artwork

    def upload(self, seal_id: str, data: bytes, *, width: float, actor: Actor) -> Impression:
        """Let a seal look as an image shows, cleaned of its white margin.

        Args:
            seal_id: the seal.
            data: a PNG or SVG file.
            width: how wide the art is in reality, without margin, millimetres.
            actor: who asks for it.

        Raises:
            NotFoundError: there is no such seal.
            InvalidInputError: the image or the width cannot be used.
        """
        from eseal.documents.impressions import svg
        from eseal.documents.impressions.uploads.upload_png import read_png
        from eseal.documents.impressions.uploads.upload_svg import read_svg

        permit(actor, Capability.SET_IMPRESSIONS)
        with self._context.database.read() as connection:
            seal = SealRepository(connection).get(seal_id)
        permit(actor, Capability.SET_IMPRESSIONS, seal.company_id)
        check_side(width, "width")
        if data.startswith(_MAGIC):
            media_type, drawing = PNG, read_png(data, width)
        elif data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            media_type, drawing = SVG, read_svg(data, width)
        else:
            raise InvalidFormatError("image: expected a PNG or an SVG, got neither", field="file")
        check_side(drawing.height, "height")
        content = svg(drawing) if drawing.image is None else drawing.image.png
        with self._context.database.write() as connection:
            impressions = ImpressionRepository(connection)
            digest = impressions.keep(media_type, content)
            size = (drawing.width, drawing.height)
            now = self._context.now()
            impressions.decide(StoredImpression(seal_id, digest, *size, None, actor.name, now))
        _log.info("impression_uploaded", seal=seal_id, actor=actor.name, hash=digest.hex())
        return self.of_seal(seal_id)

    def choose(self, seal_id: str, choice: Choice, *, actor: Actor) -> Impression:
        """Let a seal look as a template shows; nothing chosen is the usual one of its type.

        Raises:
            NotFoundError: there is no such seal.
            InvalidInputError: it cannot be drawn so; all stays as it was.
            ConfigurationError: no font can be had.
        """
        from eseal.documents.impressions.templates.choice import Choice

        with self._context.database.read() as connection:
            seal = SealRepository(connection).get(seal_id)
            permit(actor, Capability.SET_IMPRESSIONS, seal.company_id)
            company = CompanyRepository(connection).get(seal.company_id)
        made = self._of_choice(choice, company, seal)
        with self._context.database.write() as connection:
            impressions = ImpressionRepository(connection)
            if choice == Choice():
                impressions.forget(seal_id)
            else:
                now = self._context.now()
                template = choice.encode()
                impressions.decide(
                    StoredImpression(seal_id, None, None, None, template, actor.name, now)
                )
        _log.info("impression_chosen", seal=seal_id, actor=actor.name, template=made.profile)
        return made

    def _of_choice(self, choice: Choice, company: Company, seal: Seal) -> Impression:
        from eseal.documents.impressions import USUAL
        from eseal.documents.impressions.templates.choice import Bearer

        bearer = Bearer(
            company=company.name,
            scheme=company.scheme,
            number=company.number,
            kind=seal.type,
            label=seal.label,
            physical_code=seal.physical_code,
        )
        return self._compose(choice.spec(bearer), choice.profile or USUAL[seal.type])

    def _from_template(self, spec: ImpressionSpec, profile: str) -> Impression:
        from eseal.documents.impressions import Fonts, compose

        drawing = compose(spec, Fonts(self._context.settings.font)).drawing
        return Impression(drawing, spec=spec, profile=profile)

    def _from_upload(self, digest: bytes, width: float) -> Impression:
        from eseal.documents.impressions.uploads.upload_png import restore_png
        from eseal.documents.impressions.uploads.upload_svg import restore_svg

        with self._context.database.read() as connection:
            media_type, content = ImpressionRepository(connection).content(digest)
        read = restore_png if media_type == PNG else restore_svg
        return Impression(read(content, width), upload=digest, media_type=media_type)


def check_side(millimetres: float, field: str) -> None:
    """Raise unless an impression may be so long.

    Raises:
        InvalidInputError: it may not.
    """
    if not MIN_UPLOAD_MM <= millimetres <= MAX_UPLOAD_MM:
        raise InvalidInputError(
            f"{field}: expected {MIN_UPLOAD_MM:g} to {MAX_UPLOAD_MM:g} millimetres, "
            f"got {millimetres:g}",
            field=field,
        )
