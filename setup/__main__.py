"""Runs the set-up's steps; the first that fails ends it with a reason and a remedy.

What pip brings and what npm brings is brought at the same time: both mostly wait for the network and for one core.
`python -m setup WORDS` runs a command of these words as soon as the files of the pages stand, beside what pip brings;
how it ends is its own affair.
"""

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from setup.browser_files import browser_files
from setup.bundles import bundles
from setup.node import node_packages, node_wheel
from setup.python_packages import python_packages
from setup.step import ROOT, StepFailed, perform


def main(then: Sequence[str]) -> int:
    """Return 0 when every step is done or was already."""
    try:
        # By pip too where the machine has no Node: not beside the other packages, since two must not write one place.
        perform(node_wheel())
        with ThreadPoolExecutor(2) as side_by_side:
            chains = [side_by_side.submit(perform, python_packages()), side_by_side.submit(_pages, then)]
        _results(chains)
    except StepFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def _pages(then: Sequence[str]) -> None:
    perform(node_packages())
    perform(browser_files())
    perform(bundles())
    if then:
        subprocess.run(then, cwd=ROOT, check=False)


def _results(chains: list[Future[None]]) -> None:
    for chain in chains:
        chain.result()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
