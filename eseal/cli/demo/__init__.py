"""``eseal demo``: the whole job on real files, then forgeries of them, all of it for real."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from eseal.cli.demo.crimes import OF_ANYBODY, Crime
from eseal.cli.demo.forger import Forger
from eseal.cli.demo.insiders import OF_THE_OPERATOR
from eseal.cli.demo.stage import Stage
from eseal.cli.demo.story import Story, tell
from eseal.cli.demo.workspace import demo_settings, fresh_directory

if TYPE_CHECKING:
    from eseal.config import Settings

__all__ = ["run_demo"]

DEFAULT_DIRECTORY = Path("demo-data")
CRIMES = (*OF_ANYBODY, *OF_THE_OPERATOR)


def run_demo(data_dir: Path | None, settings: Settings, *, keep_serving: bool) -> bool:
    """Play the demo; whether everything came out as it should.

    Args:
        data_dir: where to play it, or ``None`` for ``./demo-data``.
        settings: host and port are taken from these.
        keep_serving: serve the same data afterwards, until interrupted.

    Raises:
        ConfigurationError: the directory holds something that is not a demo of ours.
    """
    _silence()
    start = time.monotonic()
    directory = data_dir or DEFAULT_DIRECTORY
    fresh_directory(directory)
    settings = demo_settings(settings, directory)
    stage = Stage()
    stage.title("eseal demo", f"data in {directory}")
    story = tell(stage, settings)
    with story.service:
        caught = _forge(stage, story)
        agreed = _audit(stage, story)
    stage.closing(caught, len(CRIMES), time.monotonic() - start)
    if not keep_serving:
        stage.hints(directory)
    else:
        _serve(stage, settings)
    return story.as_expected and caught == len(CRIMES) and agreed


def _silence() -> None:
    """The forgeries raise alarms, as they should: here the stage tells of them."""
    import structlog

    logging.getLogger().addHandler(logging.NullHandler())  # else Python's last resort prints
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


def _forge(stage: Stage, story: Story) -> int:
    stage.chapter("Forgeries, made before your eyes", ("what the forger does", "verdict"))
    forger = Forger(story)
    return sum(_commit(stage, forger, crime) for crime in CRIMES)


def _commit(stage: Stage, forger: Forger, crime: Crime) -> bool:
    found = crime.commit(forger)
    caught = found.word == crime.expected
    stage.attempt(crime.title, found, caught=caught)
    return caught


def _audit(stage: Stage, story: Story) -> bool:
    stage.chapter("Log × database × ledger, after all that", None)
    report = story.service.audit.run()
    stage.line(
        "audit",
        f"{report.leaves:,} leaves, {report.uses:,} uses, {report.seals} seals, "
        f"{report.anchors} anchors",
        "disagree" if report.disagreements else "agree",
        good=not report.disagreements,
    )
    return not report.disagreements


def _serve(stage: Stage, settings: Settings) -> None:
    from eseal_api.servers.server import serve

    stage.note(f"Serving on http://{settings.host}:{settings.port}/ — stop with Ctrl-C")
    serve(settings)
