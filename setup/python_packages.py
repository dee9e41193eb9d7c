"""The Python packages, exactly as locked: what the room needs to run and what checking it needs."""

import sys
from pathlib import Path

from setup.step import ROOT, Step, command

LOCKS = tuple(ROOT / "requirements" / f"{name}.txt" for name in ("run", "dev"))


def pip_install(*locks: Path) -> None:
    """Install locked requirements; a file whose hash is not in the lock is refused. Raises StepFailed."""
    files = [word for lock in locks for word in ("--requirement", str(lock))]
    command(
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", *files
    )


def python_packages() -> Step:
    """Both locks into .venv; again when a lock or the Python version changes."""
    return Step(
        says="Python packages from requirements/run.txt and dev.txt",
        inputs=LOCKS,
        also=sys.version,
        stamp=Path(sys.prefix) / "setup" / "python_packages",
        act=lambda: pip_install(*LOCKS),
        remedy="check the network and the package index that pip uses, then run again",
    )
