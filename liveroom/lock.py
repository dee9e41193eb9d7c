"""Keeps a second server off the same SQLite file; the command line may write beside one."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liveroom.log.location import sqlite_path


@contextmanager
def hold(url: str, needed: bool) -> Iterator[None]:
    """Hold the lock file beside a SQLite database while serving. Raises ValueError when another server has it."""
    path = sqlite_path(url)
    if path is None or not needed:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.lock").open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            remedy = "stop it (`ss -ltnp` names it), or give this room another data_dir; two at once need PostgreSQL"
            raise ValueError(f"another server is running on {path}: {remedy}") from error
        yield
