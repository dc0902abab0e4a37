"""A progress bar for long work, where there is a terminal to see it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Callable[[int], Callable[[int], None]]]:
    """Gives a function that is told the total and gives one that is told each advance. Draws on standard error."""
    if quiet or not sys.stderr.isatty():
        yield lambda _total: _silent
        return
    from rich.console import Console  # noqa: PLC0415 (100 ms, for a person who watches)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    columns = ("Scanning", BarColumn(), MofNCompleteColumn(), "blobs", TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def begin(total: int) -> Callable[[int], None]:
            task = bar.add_task("", total=total)
            return lambda advance: bar.advance(task, advance)

        yield begin


def _silent(_advance: int) -> None:
    """Nobody watches."""
