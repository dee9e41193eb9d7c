"""What is made once for all workers of a run, and not by each of them anew: whoever needs it first makes it."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

# Where tests/conftest.py notes the folder of the run, for its workers too.
NOTED = "TESTS_OF_THE_RUN"
_PREFIX = "liveroom-tests-"
# The file that a run locks in its folder.
_HELD = "run.lock"


@cache
def of_the_run() -> Path:
    """A folder that all workers of a run share, and that ends with it; without a run one of this process alone."""
    if NOTED in os.environ:
        return Path(os.environ[NOTED])
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o711)  # PostgreSQL runs as another user
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_folder(inside: Path) -> tuple[Path, BinaryIO]:
    """A folder for a new run, held until the file in answer is closed or this process ends, however it does.

    Those of runs that were killed are removed: what lies in memory would stay until the machine is started anew.
    """
    for held in inside.glob(f"{_PREFIX}*/{_HELD}"):
        with suppress(OSError), held.open("rb") as other:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(held.parent, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=inside))
    begun = folder / f"{_HELD}.new"  # under its name it is held from the beginning
    held_here = begun.open("wb")
    fcntl.flock(held_here, fcntl.LOCK_EX)
    begun.rename(folder / _HELD)
    return folder, held_here


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold that name: the other workers wait."""
    with (of_the_run() / f"{name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """The file or folder ``name`` of the run, made by ``make(path)`` for whoever asks first; anew after one failed."""
    path = of_the_run() / name
    with alone(name):
        if not path.exists():
            making = path.with_name(f"{name}.new")
            _remove(making)
            make(making)
            making.rename(path)
    return path


def _remove(path: Path) -> None:
    """What somebody began who did not end it."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
