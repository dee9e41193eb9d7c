"""What is made once for all workers of a run, and not by each of them anew: whoever needs it first makes it."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

# Where tests/conftest.py notes the folder of the run, for its workers too.
NOTED = "TESTS_OF_THE_RUN"


@cache
def of_the_run() -> Path:
    """A folder that all workers of a run share, and that ends with it; without a run one of this process alone."""
    if NOTED in os.environ:
        return Path(os.environ[NOTED])
    folder = Path(tempfile.mkdtemp(prefix="liveroom-tests-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold that name: the other workers wait."""
    with (of_the_run() / f"{name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """The file or folder ``name`` of the run, made by ``make(path)`` for whoever asks first."""
    path = of_the_run() / name
    with alone(name):
        if not path.exists():
            making = path.with_name(f"{name}.new")
            make(making)
            making.rename(path)
    return path
