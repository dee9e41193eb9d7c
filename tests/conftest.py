"""Fixtures for every test: databases with standing rooms, real servers, and how hypothesis draws its examples."""

import gc
import os
import shutil
import ssl
import sys
import tempfile
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from httpx._transports import default as http
from hypothesis import is_hypothesis_test, settings

from liveroom.runtime.language import catalogue
from tests.often import often
from tests.services.once import NOTED, new_folder

pytest_plugins = [
    "tests.rooms.databases",
    "tests.services.browser",
    "tests.services.forks",
    "tests.services.mosquitto",
    "tests.services.dovecot",
    "tests.services.openid_provider",
    "tests.services.postgres",
    "tests.services.redis",
    "tests.services.s3",
    "tests.services.server",
]

# Every commit of a room waits for its disk, and nothing of a test has to outlive a power cut: its files lie in memory
# where there is plenty. TESTS_ON_DISK=1 keeps them on the disk, and what failed can be looked into afterwards.
MEMORY, PLENTY = Path("/dev/shm"), 6_000_000_000
IN_MEMORY = (
    "TESTS_ON_DISK" not in os.environ
    and os.access(MEMORY, os.W_OK)
    and shutil.disk_usage(MEMORY).free >= PLENTY
)  # fmt: skip


# A process that is killed leaves its temporary files: all of them lie in one folder, which ends with the run. Those of
# xdist's workers lie in that of the run.
ON_DISK = Path(tempfile.gettempdir())
TEMPORARY, HELD = new_folder(MEMORY if IN_MEMORY and "PYTEST_XDIST_WORKER" not in os.environ else ON_DISK)
TEMPORARY.chmod(0o711)  # PostgreSQL runs as another user
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(TEMPORARY if IN_MEMORY else ON_DISK))
os.environ["TMPDIR"] = tempfile.tempdir = str(TEMPORARY)
os.environ.setdefault(NOTED, str(TEMPORARY))

# Hundreds of processes of the room are started: each compiles all our code anew where Python may not keep it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_new_context = http.create_ssl_context


@cache
def _context_of(_trusted: str | None, **asked: object) -> ssl.SSLContext:
    return _new_context(**asked)


def _kept_context(**asked: object) -> ssl.SSLContext:
    """What httpx would make: each request of a test would read the world's certificates, which takes longer than it."""
    return _context_of(os.environ.get("SSL_CERT_FILE"), **asked)


http.create_ssl_context = _kept_context

# No example is failed for being slow; the check of a change is the same examples every time.
settings.register_profile("here", deadline=None, max_examples=often(100))
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# A text that a language lacks is a fault of ours, and is seen here.
catalogue().strict = True

# The longer a file may last the earlier it begins, or one worker is left alone with it when the other has ended.
LONGEST_FIRST = ("long", "browser", "server", "postgres")


def _rank(item: pytest.Item) -> int:
    """Return which of them it is or asks for first, by mark or by fixture."""
    about = {*item.keywords, *getattr(item, "fixturenames", ())}
    return next((rank for rank, name in enumerate(LONGEST_FIRST) if name in about), len(LONGEST_FIRST))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Whatever is collected stays to the end: it is looked through for garbage neither meanwhile nor ever after.

    What comes later is looked through less often than Python would by itself: that was a twelfth of a worker's time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 20)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put whole files into that order; within a file nothing moves. What hypothesis draws is drawn ``often``."""
    ranks: dict[Path, int] = {}
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("often")
        ranks[item.path] = min(_rank(item), ranks.get(item.path, len(LONGEST_FIRST)))
    items.sort(key=lambda item: ranks[item.path])


def pytest_unconfigure() -> None:
    """Remove what this process and those that it started have left."""
    shutil.rmtree(TEMPORARY, ignore_errors=True)
    HELD.close()
