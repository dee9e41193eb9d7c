"""Node and what npm installs; needed at set-up and by lint only, never by the running room."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setup.python_packages import pip_install
from setup.step import ROOT, Step, StepFailed, command

OLDEST = 20
WHEEL = ROOT / "requirements" / "node.txt"
BIN = Path(sys.prefix) / "bin"
PACKAGES = (ROOT / "package.json", ROOT / "package-lock.json")


def system_node() -> Path | None:
    """The machine's own Node with npm beside it, None when there is none or it is older than OLDEST."""
    outside = os.pathsep.join(folder for folder in os.get_exec_path() if Path(folder) != BIN)
    found = shutil.which("node", path=outside)
    if found is None or shutil.which("npm", path=outside) is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.removeprefix("v").split(".")[0]
    return Path(found) if major.isdigit() and int(major) >= OLDEST else None


def node_wheel() -> Step:
    """Node from PyPI into .venv where the machine has none that is recent enough; else nothing to do."""
    wanted = system_node() is None
    return Step(
        says=f"Node {OLDEST} or later is not installed: taking the one of requirements/node.txt"
        if wanted
        else "Node of this machine",
        inputs=(WHEEL,) if wanted else (),
        also=f"wheel {sys.version}" if wanted else "system",
        stamp=Path(sys.prefix) / "setup" / "node",
        act=lambda: pip_install(WHEEL) if wanted else None,
        remedy=f"install Node {OLDEST} or later with npm, or check the package index that pip uses; then run again",
    )


def node_packages() -> Step:
    """The browser libraries and the checkers of package-lock.json into node_modules."""
    return Step(
        says="browser libraries from package-lock.json",
        inputs=PACKAGES,
        stamp=ROOT / "node_modules" / ".setup",
        act=_npm_ci,
        remedy="check the network and the registry that npm uses, then run again",
    )


def _npm_ci() -> None:
    found = shutil.which("npm") if system_node() else str(BIN / "npm")
    if found is None:
        raise StepFailed("npm is not on the PATH")
    command(found, "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error")
