"""A progress bar for a long import, on a terminal only: elsewhere nothing is drawn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


@contextmanager
def bar(path: Path) -> Iterator[Callable[[int], None]]:
    """Hands out what wants the bytes of ``path`` read so far. Drawn on standard error, so that output stays data."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as drawn:
        task = drawn.add_task(path.name.replace("[", r"\["), total=max(path.stat().st_size, 1))
        yield lambda read: drawn.update(task, completed=read)
