"""For every type of event and every audience: an old snapshot and the events after it are a fresh snapshot."""

import pytest

from display.feed.cards import AUDIENCES
from liveroom.domain.events import Kind
from tests.display.feed.picture import check_store
from tests.display.feed.process import WebProcess
from tests.display.feed.screen import Screen
from tests.display.feed.store import Message, Store
from tests.often import SOAKING
from tests.rooms.journey import Journey
from tests.rooms.standing import StandingRoom

# They give walls another audience, thus another epoch and a snapshot (tests/display/feed/test_guests.py), or the log
# a new epoch (tests/faults/test_wrong_clock.py).
ANOTHER_FEED = {Kind.VISIT_BEGAN, Kind.VISIT_ENDED, Kind.CLOCK_REPAIRED}


@pytest.mark.each_database
@pytest.mark.often
def test_an_old_snapshot_and_the_events_are_a_fresh_snapshot(standing: StandingRoom) -> None:
    """After each step: from the picture before it by resume, from the first picture of all by resume, and live.

    But in a soak the picture before is that of some steps ago. From the first is the more to read the longer it lasts:
    in a soak on SQLite after each step, else now and then and at the end. PostgreSQL is asked by thousands of
    statements, each of which waits for its turn on a busy machine.
    """
    on_sqlite = standing.engine.dialect.name == "sqlite"
    every, from_first = (1 if SOAKING else 3 if on_sqlite else 10), (1 if on_sqlite and SOAKING else 30)
    process = WebProcess(standing)
    process.step()
    first = {audience: process.snapshot(audience) for audience in AUDIENCES}
    live = [Screen(audience).join(process) for audience in AUDIENCES]
    resumed = {audience: process.fresh(audience) for audience in AUDIENCES}
    for screen in live:
        screen.catch_up()
    before = standing.head().seq
    for number, (name, act) in enumerate(Journey(standing).steps()):
        act()
        if number % every:
            continue
        process.step()
        kinds = [logged.event.kind.value for logged in standing.events(before)]
        before = standing.head().seq
        for screen in live:
            fresh = process.fresh(screen.audience)
            old = resumed[screen.audience]
            follow(process, screen.audience, old)
            stores = {"live": screen.store, "resumed": old}
            if number % from_first == 0:
                stores["from the first"] = from_the_first(process, screen.audience, first)
            for how, store in stores.items():
                assert vars(store) == vars(fresh), f"{how}, {screen.audience}, after {name}: {kinds}"
            assert not screen.doubts
    process.step()
    for screen in live:
        follow(process, screen.audience, resumed[screen.audience])
        assert vars(resumed[screen.audience]) == vars(screen.store), screen.audience
        check_store(standing, screen.store, process.cards[screen.audience])
        assert screen.loads == 1
        assert vars(from_the_first(process, screen.audience, first)) == vars(screen.store), screen.audience
    unseen = set(Kind) - ANOTHER_FEED - {logged.event.kind for logged in standing.events()}
    assert not unseen, f"no step of tests/rooms/journey.py logs {sorted(unseen)}"


def from_the_first(process: WebProcess, audience: str, first: dict[str, Message]) -> Store:
    """The first picture of all, brought to the head."""
    store = Store().load(first[audience])
    follow(process, audience, store)
    return store


def follow(process: WebProcess, audience: str, store: Store) -> None:
    """Bring a store to the head by the batches of a resume alone."""
    answer = process.answer(audience, store.asked())
    assert "snapshot" not in answer, "the events are enough"
    for batch in answer["batches"]:
        assert store.take(batch)
    assert (answer["epoch"], answer["seq"], answer["mark"]) == (store.epoch, store.seq, store.mark)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_source_that_is_added_reaches_screens_that_look_already(standing: StandingRoom, audience: str) -> None:
    process = WebProcess(standing)
    standing.tick()
    process.step()
    screen = Screen(audience).join(process)
    screen.catch_up()
    standing.sources.add("Lapor", 60)
    process.step()
    standing.tick()
    process.step()
    assert [source["name"] for source in screen.store.sources] == ["Lapor"]
    assert vars(screen.store) == vars(process.fresh(audience))
