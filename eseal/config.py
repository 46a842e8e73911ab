"""Settings: every one is an ``ESEAL_*`` environment variable (or an ``.env`` line)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from eseal.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MEBIBYTE = 1 << 20
BUILT_IN = "built-in"
"""What ``authority`` and ``tsa_urls`` call our own."""


class Settings(BaseSettings):
    """How one instance runs."""

    model_config = SettingsConfigDict(env_prefix="ESEAL_", env_file=".env", extra="ignore")

    data_dir: Path = Path("eseal-data")
    """Where SQLite, the embedded ledger and the default key file live."""
    database_url: str | None = None
    """SQLAlchemy URL; default: SQLite in the data directory."""
    accepted_loss: Literal["none", "asynchronous-standby"] = "none"
    """What may be lost that was released: nothing, or what a standby lacks that takes over and
    followed PostgreSQL asynchronously."""
    ledger_url: str | None = None
    """JSON-RPC URL of a node, or several with commas between; default: the embedded ledger."""
    ledger_quorum: Annotated[int, Field(ge=1)] | None = None
    """How many of several nodes must agree before they are believed; default: a majority."""
    ledger_finality: str = "immediate"
    """When a block counts as final: ``immediate``, ``tag:finalized`` or ``depth:N``."""
    ledger_final_timeout: Annotated[float, Field(gt=0)] = 180.0
    """Seconds to wait until a transaction is final; later it is carried on by the next round."""
    ledger_silence_limit: Annotated[float, Field(gt=0)] = 3600.0
    """Seconds without an answer of the ledger after which nothing is sealed any more. Until then
    uses name the last block that is known, and wait for their anchor."""
    ledger_resend_after: Annotated[float, Field(gt=0)] = 60.0
    """Seconds a transaction waits for a block before it is sent again and offers more."""
    kek: SecretStr | None = None
    """Key-encryption key, 32 bytes in base64. Wins over ``kek_file``."""
    kek_next: SecretStr | None = None
    """The next key-encryption key, while it is being changed (eseal keys rotate-kek)."""
    kek_file: Path | None = None
    """File that holds the key-encryption key; default: ``kek`` in the data directory."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: str | None = None
    """Where the world reaches the service: QR codes of impressions name pages under it, and new
    certificates what lies under ``/pki``."""
    pki_url: str | None = None
    """Where the world reaches ``/pki`` without TLS; default: ``public_url``. Certificates then name
    this. ETSI EN 319 412-2 clause 4.3.11 demands http: lists and answers are signed themselves, and
    a list under https could be needed to check the very certificate that protects it."""
    authority: str = BUILT_IN
    """Who gives companies their subjects: ``built-in``, the URL of an authority, or ``file:`` and a
    directory through which one is asked that stands on no network."""
    authority_card: Path | None = None
    """What an authority of its own is called, and its keys (``eseal authority show --json``)."""
    authority_token: SecretStr | None = None
    """The bearer token it gave us."""
    tsa_urls: str = "built-in"
    """Time-stamp authorities tried in turn, with commas between; ``built-in`` is our own."""
    tsa_timeout: Annotated[float, Field(gt=0)] = 10.0
    """Seconds an authority, responder or list may take before the next one is asked."""
    signature_level: Literal["b-b", "b-t", "b-lt", "b-lta"] = "b-b"
    """Level of a seal (ETSI EN 319 142-1, 319 122-1) where the order names none."""
    anchor_interval: Annotated[float, Field(gt=0)] = 5.0
    """Seconds between two anchors, at most, while there are new leaves."""
    anchor_max_leaves: Annotated[int, Field(ge=1)] = 32_768
    """New leaves that trigger an anchor at once."""
    anchor_lag_limit: Annotated[float, Field(gt=0)] = 300.0
    """Seconds after which a leaf that is not anchored makes the service not ready."""
    stop_relays_per_hour: Annotated[int, Field(ge=0)] = 120
    """Stop codes that are relayed for anybody, at the operator's cost, in any hour."""
    book_depth: Annotated[int, Field(ge=4, le=24)] = 14
    """A volume of a new seal's book holds 2**depth tickets. Choose it by class of seals, not by how
    often one is used: everybody sees when a volume is opened."""
    released_file: Path | None = None
    """Where the highest released head is remembered; default: ``released`` in the data directory.
    It must not be restored together with the database."""
    max_upload_bytes: Annotated[int, Field(ge=1)] = 100 * MEBIBYTE
    """Larger documents are refused (413)."""
    max_batch: Annotated[int, Field(ge=1, le=65536)] = 8192
    """Most uses in one batch request."""
    allow_embedded_files: bool = False
    """Whether a PDF with attachments is sealed. Those PDF/A-3 declares as its own always are."""
    allow_covered_text: bool = False
    """Whether a PDF is sealed in which pictures lie over text."""
    document_retention_hours: Annotated[int, Field(ge=0, le=24)] = 24
    """How long the sealed bytes of a PDF can be fetched again (stored encrypted)."""
    store_documents: Literal["none", "sealed", "original-and-sealed"] = "none"
    """Which documents are stored (encrypted) beyond delivery."""
    store_days: Annotated[int, Field(ge=1, le=36_500)] = 365
    """Days a stored document is kept."""
    store_dir: Path | None = None
    """Where stored documents lie; default: ``documents`` in the data directory."""
    max_batch_files: Annotated[int, Field(ge=1, le=4096)] = 256
    """Most files in one batch of documents, or in one container."""
    max_batch_bytes: Annotated[int, Field(ge=1)] = 512 * MEBIBYTE
    """Most bytes of files in one batch of documents."""

    font: Path | None = None
    """OpenType font for impressions; default: the installed font packages, or Debian's Noto."""
    witnesses: Path | None = None
    """JSON file that lists the witnesses asked to cosign checkpoints; default: none."""
    policy: Path | None = None
    """Policy file the service's verifications demand; default: none."""

    @property
    def certificate_url(self) -> str | None:
        """Under which URL certificates say ``/pki`` is; ``None`` if the world cannot reach it."""
        return self.pki_url or self.public_url

    @field_validator("public_url", "pki_url")
    @classmethod
    def _check_public_url(cls, value: str | None) -> str | None:
        if value is None or _is_web_address(value):
            return None if value is None else value.rstrip("/")
        # Without what came: an address may hold credentials.
        raise ValueError("expected an http or https address with a host, and nothing behind a path")

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the environment and ``.env``; ``overrides`` win where not ``None``.

        Raises:
            ConfigurationError: a value is not usable; names the variable.
        """
        return cls._read({name: value for name, value in overrides.items() if value is not None})

    @classmethod
    def of_verifier(cls, data_dir: Path | None) -> Self:
        """Read the environment alone: who verifies stands in a directory that others may pack.

        Raises:
            ConfigurationError: a value is not usable; names the variable.
        """
        return cls._read({"_env_file": None} | ({"data_dir": data_dir} if data_dir else {}))

    @classmethod
    def _read(cls, given: dict[str, object]) -> Self:
        try:
            return cls(**given)  # type: ignore[arg-type]  # checked by pydantic
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = "ESEAL_" + "_".join(str(part) for part in first["loc"]).upper()
            raise ConfigurationError(f"{name}: {_said(first)}") from None

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'eseal.db'}"

    @property
    def ledger_urls(self) -> tuple[str, ...]:
        """The URLs in ``ledger_url``."""
        return tuple(url for part in (self.ledger_url or "").split(",") if (url := part.strip()))

    @property
    def tsa_sources(self) -> tuple[str, ...]:
        """The authorities in ``tsa_urls``."""
        return tuple(url for part in self.tsa_urls.split(",") if (url := part.strip()))

    @property
    def kek_path(self) -> Path:
        """The key-encryption key file in force."""
        return self.kek_file or self.data_dir / "kek"

    @property
    def released_path(self) -> Path:
        """Where the highest released head is remembered."""
        return self.released_file or self.data_dir / "released"

    @property
    def store_path(self) -> Path:
        """Where stored documents lie."""
        return self.store_dir or self.data_dir / "documents"

    @property
    def trust_path(self) -> Path:
        """Where ``init`` writes what a verifier needs to know."""
        return self.data_dir / "trust.json"


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    more = parts.query or parts.fragment or parts.username or parts.password
    printable = text.isascii() and text.isprintable() and " " not in text
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not more and printable


def _said(error: ErrorDetails) -> str:
    """What the library says of a value, in our words. Numbers and choices are no secrets."""
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "value_error":
        return message
    expected = message.replace("Input should be", "expected", 1).partition(", unable")[0]
    for bound in ("greater", "less"):
        expected = expected.replace(f"expected {bound}", f"expected a number {bound}", 1)
    return f"{expected}, got {error['input']!r}"
