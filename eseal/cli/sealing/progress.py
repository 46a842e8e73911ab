"""A bar that shows how far a batch has come, on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from rich.console import Console

    from eseal.cli.sealing.batch import Applied


class Bar:
    """A bar below the lines of what failed; what went well only moves it.

    Args:
        out: the terminal.
        count: how many files there are.
        line: what is said of one result.
    """

    def __init__(self, out: Console, count: int, line: Callable[[Applied], str]) -> None:
        self._line = line
        self._failed = 0
        self._progress = Progress(
            TextColumn("sealing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]}", style="red"),
            TimeRemainingColumn(),
            console=out,
        )
        self._task = self._progress.add_task("sealing", total=count, failed="")

    def __enter__(self) -> Callable[[Applied], None]:
        self._progress.start()
        return self._show

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def _show(self, result: Applied) -> None:
        if result.code is not None:
            self._failed += 1
            self._progress.console.print(self._line(result), soft_wrap=True)
        failed = f"{self._failed} failed" if self._failed else ""
        self._progress.update(self._task, advance=1, failed=failed)
