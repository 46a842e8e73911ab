"""What all commands share: their global options, and how an error ends them.

Exit codes: 0 done; 1 refused, or something failed; 2 wrong usage; 70 a fault in the program
(``EX_SOFTWARE`` of ``sysexits.h``); 130 interrupted. ``verify``, ``monitor`` and ``watch`` have
their own: see there.

An error is one line ``error: …`` on standard error, in the language chosen (``--lang``, else the
locale); in another than English with the exact words behind it, and what to do in lines below. With
``--json`` it is one JSON object there, ``{"error": {"code", "message", "field"}}``, in English, and
standard output stays empty.
"""

from __future__ import annotations

import copy
import errno
import getpass
import logging
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from eseal.cli.frame.output import printable, to_json
from eseal.cli.frame.refusals import reasons_of, refusal
from eseal.errors import ESealError, InvalidInputError
from eseal.model.actor import Actor
from eseal.words import Language, Words, choose, of_environment, speak

if TYPE_CHECKING:
    from datetime import datetime

    from eseal.config import Settings
    from eseal.service.service import Service

REFUSED = 1
USAGE = 2
INTERNAL = 70
INTERRUPTED = 130
DEBUG_VARIABLE = "ESEAL_DEBUG"

_JSON_KEY = "eseal.json"
_JUDGES = frozenset({"monitor", "verify", "watch"})
"""Commands whose exit code is a verdict."""


def _remember_json(ctx: typer.Context, value: bool) -> bool:
    ctx.meta[_JSON_KEY] = value  # shared with the root, which tells of errors
    return value


AsJson = Annotated[
    bool, typer.Option("--json", callback=_remember_json, help="Print JSON instead of text.")
]


@dataclass(slots=True)
class State:
    """The global options of one run.

    Attributes:
        data_dir: what ``--data-dir`` or its variable says, or ``None`` for the default.
        lang: what ``--lang`` says, or ``None`` for the language of the locale.
        order: what ``--order`` says, of commands that show a company's records.
        notice_after: the same of ``--notice-after``.
    """

    data_dir: Path | None = None
    lang: Language | None = None
    order: str | None = None
    notice_after: datetime | None = None

    @property
    def words(self) -> Words:
        """The catalogue in the language chosen."""
        return speak(choose(self.lang, of_environment(os.environ)))

    def settings(self, **overrides: object) -> Settings:
        """The settings in force.

        Raises:
            ConfigurationError: a variable holds what cannot be used.
        """
        from eseal.config import Settings

        return Settings.load(data_dir=self.data_dir, **overrides)

    def service(self) -> Service:
        """Open the instance; close it (``with``) when done.

        Raises:
            ConfigurationError: something must be changed first.
            LedgerUnreachableError: the configured node does not answer.
        """
        from eseal.service.service import Service

        quiet()
        return Service.open(self.settings())


def state_of(ctx: typer.Context) -> State:
    """The global options of this run."""
    state = ctx.find_root().obj
    if not isinstance(state, State):
        raise TypeError(f"expected the root command to have set a State, got {state!r}")
    return state


def actor() -> Actor:
    """Who asks at this command line: it opens the instance's keys, so nothing is kept from it."""
    from eseal.model.actor import ALL, Actor
    from eseal.model.seal import Party

    return Actor(f"cli:{_user()}", ALL, Party.ISSUER)


def _said(error: OSError) -> str:
    """What the system says, and of which file; of a full disk, where to look if it does not."""
    said = error.strerror or str(error)
    if error.filename:
        return f"{said}: {error.filename}"
    if error.errno == errno.ENOSPC:
        return f"{said}: look at the disks of the data directory, the results and temporary files"
    return said


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.getuid())


def quiet(level: int = logging.WARNING) -> None:
    """Send the library's own log to standard error, and only from ``level`` up."""
    import structlog

    if not logging.getLogger().handlers:  # else Python's last resort prints traces
        logging.getLogger().addHandler(logging.NullHandler())
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


class Command(TyperCommand):
    """A command that takes the root's options behind its name, too."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its own parameters, and those of the root."""
        root = ctx.find_root().command
        # The others tell, and end: the version, and what a shell needs to complete.
        stored = [each for each in root.params if each.expose_value and not each.is_eager]
        return [*super().get_params(ctx), *map(hoisted, stored)]


def hoisted(option: TyperOption) -> TyperOption:
    """A copy of an option that stores its value in the :class:`State`, as the root's do."""
    hoisted = copy.copy(option)
    hoisted.expose_value = False
    hoisted.envvar = None  # the root has read it; it must not win over the root's option
    hoisted.callback = _store
    return hoisted


def _store(ctx: Any, option: Any, value: object) -> None:
    if value is not None:
        setattr(state_of(ctx), option.name, value)


class Root(TyperGroup):
    """The root command: where errors become lines and exit codes."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command named.

        Raises:
            typer.Exit: with the code an error stands for.
        """
        try:
            return super().invoke(ctx)
        except ESealError as error:
            field, reasons = getattr(error, "field", None), reasons_of(error)
            _tell(ctx, error.code, str(error), field=field, reasons=reasons)
            raise typer.Exit(_code(ctx, error)) from None
        except (typer.TyperException, typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            _tell(ctx, "os_error", _said(error))
            raise typer.Exit(_code(ctx, error)) from None
        except Exception as error:  # noqa: BLE001  # a fault of ours: one line, never a trace
            if os.environ.get(DEBUG_VARIABLE):
                traceback.print_exc()
            kind = type(error).__name__
            hint = f"run with {DEBUG_VARIABLE}=1 for the trace"
            _tell(ctx, "internal", f"internal error: {kind}: {error} ({hint})")
            raise typer.Exit(INTERNAL) from None


def _code(ctx: Any, error: Exception) -> int:
    # There 1 says that the document, or the log, failed: nothing else may.
    judges = ctx.invoked_subcommand in _JUDGES
    return USAGE if isinstance(error, InvalidInputError) or judges else REFUSED


def _tell(
    ctx: Any, code: str, message: str, *, field: str | None = None, reasons: tuple[str, ...] = ()
) -> None:
    if ctx.meta.get(_JSON_KEY):
        body = {"code": code, "message": message} | ({"field": field} if field else {})
        typer.echo(to_json({"error": body}), err=True)
        return
    words = (ctx.obj if isinstance(ctx.obj, State) else State()).words
    first, *more = refusal(words, code, message, reasons)
    typer.echo(printable(f"{words('report.error')}: {first}"), err=True)
    for line in more:
        typer.echo(f"  {printable(line)}", err=True)
