"""A disk of 40 MB of its own, in memory: it can be filled to the last byte without harm to anybody else."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

DISK_MB = 40


@contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    """The disk in a new folder; skips the test where nobody may mount one."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk of its own")
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Others have taken the last byte."""
    taken = disk / "others"
    with taken.open("wb", buffering=0) as file:
        for length in (1_000_000, 4096, 1):
            with suppress(OSError):
                while file.write(b"x" * length) == length:
                    pass
    yield
    taken.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return where it is mounted."""
    with mounted(tmp_path / "disk") as folder:
        yield folder
