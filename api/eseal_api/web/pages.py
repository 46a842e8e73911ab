"""The public pages: their language, their frame, and how times stand in them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup, escape
from starlette.exceptions import HTTPException
from starlette.responses import Response

from eseal.words import Language, Words, choose, of_header, section_of, speak
from eseal.words.times import in_utc
from eseal_api.frame.host import host_of
from eseal_api.frame.problems import problem_of_http

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Nothing from anywhere else, nothing inline, nobody's frame."""
LANGUAGE_PARAMETER = "lang"
"""Of a page's address: the language the reader chose. Without it the browser's decides."""
_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Language",
}
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_WEB = files("eseal_api.web")
_SCRIPT = "script."
"""What scripts say stands in the catalogue, too."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file."""

    body: bytes
    media_type: str
    etag: str


@cache
def assets() -> dict[str, Asset]:
    """The static files by name, read once."""
    found = {}
    for entry in (_WEB / "static").iterdir():
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix in _MEDIA_TYPES:
            body = entry.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            found[entry.name] = Asset(body, _MEDIA_TYPES[suffix], etag)
    return found


@dataclass(frozen=True, slots=True)
class Moments:
    """The times of one page, in UTC; marked up, so that a script can put the reader's own beside.

    Called with a time (RFC 3339) it gives the text that goes into a sentence.
    """

    words: Words
    _written: dict[str, str] = field(default_factory=dict)

    def __call__(self, moment: str) -> str:
        """The time as the page's language writes it."""
        text = in_utc(datetime.fromisoformat(moment), self.words)
        self._written[text] = moment
        return text

    def marked(self, text: str) -> Markup:
        """A text with every one of these times in it as a ``time`` element."""
        if not self._written:
            return escape(text)
        longest = sorted(self._written, key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, longest))})", text)
        return Markup().join(self._element(part) for part in parts)

    def _element(self, part: str) -> Markup:
        if part not in self._written:
            return escape(part)
        return Markup('<time datetime="{}">{}</time>').format(self._written[part], part)


async def not_found(request: Request, error: Exception) -> Response:
    """What is nowhere: a page for who reads pages, a problem document for programs."""
    if not isinstance(error, HTTPException):
        raise error
    if "text/html" in request.headers.get("accept", ""):
        return render(request, "no_page.html", HTTPStatus.NOT_FOUND)
    return problem_of_http(request, error).response(error.headers)


def language_of(request: Request) -> Language:
    """The language of the answer: the address's, else the browser's."""
    wished = of_header(request.headers.get("accept-language"))
    return choose(request.query_params.get(LANGUAGE_PARAMETER), wished)


def words_of(request: Request) -> Words:
    """The catalogue in that language."""
    return speak(language_of(request))


def render(
    request: Request,
    name: str,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    moments: Moments | None = None,
    **values: object,
) -> Response:
    """A page in the reader's language.

    Args:
        request: what is answered.
        name: of its template.
        status: of the answer.
        moments: the times that stand in the values.
        values: what this template shows beyond what all do.
    """
    context = host_of(request).service.context
    words = words_of(request)
    chosen = request.query_params.get(LANGUAGE_PARAMETER) is not None
    suffix = f"?{LANGUAGE_PARAMETER}={words.language}" if chosen else ""
    html = (
        _templates()
        .get_template(name)
        .render(
            t=words,
            marked=_marked(words),
            timed=(moments or Moments(words)).marked,
            languages=tuple(Language),
            script_words=_script_words(words.language),
            path=request.url.path,
            suffix=suffix,
            issuer=context.instance.name,
            origin=context.instance.origin,
            base=(context.settings.public_url or str(request.base_url)).rstrip("/"),
            max_mebibytes=context.settings.max_upload_bytes >> 20,
            **values,
        )
    )
    headers = {**_PAGE_HEADERS, "Content-Language": words.language.tag}
    return Response(html, status, headers=headers, media_type="text/html; charset=utf-8")


def _marked(words: Words) -> Callable[..., Markup]:
    """The catalogue for sentences with markup in their places."""

    def marked(key: str, **values: object) -> Markup:
        return escape(words.text(key)).format(**values)

    return marked


@cache
def _script_words(language: Language) -> dict[str, str]:
    """What the scripts say, by name."""
    return {
        key.removeprefix(_SCRIPT): text
        for key, text in section_of(language, "page").items()
        if key.startswith(_SCRIPT)
    }


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FunctionLoader(
        lambda name: (_WEB / "templates" / name).read_text(encoding="utf-8")
    )
    return jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
