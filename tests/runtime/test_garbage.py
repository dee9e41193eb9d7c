"""Garbage collection as a serving process has it: what lives long is met once, and no ring of objects stays."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from liveroom.runtime.server import garbage
from liveroom.runtime.server.garbage import GarbagePolicy

LEAST = 10_000


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> Iterator[GarbagePolicy]:
    """At work in this process until the end of the test."""
    monkeypatch.setattr(garbage, "_LEAST", LEAST)
    monkeypatch.setattr(garbage, "_GROWN", 0.0)
    thresholds, callbacks, found = gc.get_threshold(), list(gc.callbacks), GarbagePolicy()
    found.begin()
    yield found
    gc.callbacks[:] = callbacks
    gc.set_threshold(*thresholds)
    gc.unfreeze()


class Ring:
    """Refers to itself, as a connection and its websocket do to each other."""

    def __init__(self) -> None:
        self.ring = self


def test_no_full_collection_meets_all_that_lives(policy: GarbagePolicy) -> None:
    met: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] == 2:
            met.append(len(gc.get_objects()))

    gc.callbacks.append(note)
    kept = [[number] for number in range(300_000)]
    assert len(met) > 2
    assert max(met) < len(kept) / 3


def test_what_was_put_aside_goes_with_its_last_reference(policy: GarbagePolicy) -> None:
    kept = [Ring() for _ in range(100)]
    gone = weakref.ref(kept[0])
    gc.collect()
    kept[0].ring = kept[1]
    del kept[0]
    assert gone() is None


def test_rings_that_were_put_aside_never_become_many(policy: GarbagePolicy) -> None:
    alive: set[weakref.ref[Ring]] = set()
    most = 0
    for _ in range(40):
        rings = [Ring() for _ in range(LEAST // 8)]
        alive |= {weakref.ref(one, alive.discard) for one in rings}
        gc.collect()  # they are alive, and so put aside
        del rings
        most = max(most, len(alive))
        policy.tend()
    assert LEAST // 8 < most <= 2 * LEAST
    policy.look_at_all()
    assert not alive
