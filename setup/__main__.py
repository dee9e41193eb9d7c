"""Runs the set-up's steps in order; the first that fails ends it with a reason and a remedy."""

import sys

from setup.browser_files import browser_files
from setup.bundles import bundles
from setup.node import node_packages, node_wheel
from setup.python_packages import python_packages
from setup.step import StepFailed, perform


def main() -> int:
    """Return 0 when every step is done or was already."""
    try:
        perform(python_packages())
        perform(node_wheel())
        perform(node_packages())
        perform(browser_files())
        perform(bundles())
    except StepFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
