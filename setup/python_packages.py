"""The Python packages, exactly as locked: what the room needs to run and what checking it needs."""

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

from setup.step import ROOT, Step, command

# What no room runs, or nobody at all: half of all code that is installed. Python compiles it where it is imported.
SELDOM = "tests?|moto|mypy|mypyc|pip|setuptools|phonenumbers/(carrier|geo|tz)data|pygments/lexers"
LOCKS = tuple(ROOT / "requirements" / f"{name}.txt" for name in ("run", "dev"))


def pip_install(*locks: Path) -> None:
    """Install locked requirements; a file whose hash is not in the lock is refused. Raises StepFailed."""
    files = [word for lock in locks for word in ("--requirement", str(lock))]
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
    command(*pip, "--require-hashes", *files)
    # pip compiles one file after another; what cannot be compiled is nothing that is ever imported, as for pip.
    packages = sysconfig.get_path("purelib")
    seldom = f"^{re.escape(packages)}/(.*/)?({SELDOM})/"
    compiler = (sys.executable, "-m", "compileall", "-q", "-j", "0", "-x", seldom, packages)
    subprocess.run(compiler, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


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
