"""Garbage collection as a serving process has it: what lives long is met once, and no ring of objects stays."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from liveroom.runtime.server import garbage
from liveroom.runtime.server.garbage import GarbagePolicy, resident

LEAST = 10_000


class Ring:
    """Refers to itself, as a connection and its websocket do to each other; ``alive`` counts them."""

    alive = 0

    def __init__(self) -> None:
        self.ring = self
        Ring.alive += 1
        weakref.finalize(self, Ring.gone)

    @classmethod
    def gone(cls) -> None:
        cls.alive -= 1


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> Iterator[GarbagePolicy]:
    """At work in this process until the end of the test; memory is the number of rings, and one."""
    monkeypatch.setattr(garbage, "_LEAST", LEAST)
    monkeypatch.setattr(Ring, "alive", 0)
    thresholds, callbacks, found = gc.get_threshold(), list(gc.callbacks), GarbagePolicy(lambda: 1 + Ring.alive)
    put_aside = gc.get_freeze_count()
    gc.set_threshold(700, 10, 10)  # Python's own, as a server finds them
    found.begin()
    yield found
    gc.callbacks[:] = callbacks
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    if put_aside:  # all that was collected for this run, which every full collection would go through from now on
        gc.collect()
        gc.freeze()


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
    one = Ring()
    gc.collect()
    one.ring = None  # type: ignore[assignment]
    del one
    assert Ring.alive == 0


def test_rings_that_were_put_aside_never_become_many(policy: GarbagePolicy) -> None:
    most = 0
    for _ in range(20):
        rings = [Ring() for _ in range(LEAST // 8)]
        gc.collect()  # they are alive, and so put aside
        del rings
        most = max(most, Ring.alive)
        policy.tend()
    assert LEAST // 8 < most < 2 * LEAST
    policy.look_at_all()
    assert Ring.alive == 0


def test_it_knows_the_memory_of_its_process() -> None:
    before = resident()
    held = bytearray(b"x") * (64 << 20)
    assert resident() - before > len(held) / 2
