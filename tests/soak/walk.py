"""One walk: rounds of calls drawn by hypothesis from a seed that is printed, until the time is over."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.soak.tally import Tally

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
MET = "met"
SEED = int(os.environ.get("SOAK_SEED", "1"))
# So many walks there are; with fewer cores each has its part of the minutes, and all together all.
WALKS = 4


def minutes() -> float:
    """How long one walk lasts."""
    at_once = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return MINUTES * min(at_once, WALKS) / WALKS


@dataclass
class Walk:
    """``number`` is the seed of the round that is next; the same number and room bring the same calls."""

    tally: Tally = field(default_factory=Tally)
    number: int = SEED
    ends: float = field(default_factory=lambda: time.monotonic() + 60 * minutes())

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.ends

    def rounds(self, most: int, examples: int, drawn: st.SearchStrategy[Any], send: Callable[[Any], None]) -> None:
        """At most so many rounds of so many calls."""
        for _ in range(most):
            if self.over:
                return
            self._round(examples, drawn, send)
            self.number += 1

    def _round(self, examples: int, drawn: st.SearchStrategy[Any], send: Callable[[Any], None]) -> None:
        """Nothing is shrunk: the room is not the same a second time. Each fault keeps its smallest call instead."""

        @seed(self.number)
        @settings(
            max_examples=examples,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(drawn)
        def one(what: Any) -> None:
            send(what)

        one()

    def tell(self, name: str, test: pytest.FixtureRequest) -> None:
        """Let what was met be printed; fail if there was a fault."""
        text = f"\n{name}, seeds {SEED} to {self.number - 1} (SOAK_SEED)\n{self.tally.text()}"
        test.node.user_properties.append((MET, text))
        if self.tally.faults:
            pytest.fail(f"{len(self.tally.faults)} faults; they stand under the counts of the walk", pytrace=False)
