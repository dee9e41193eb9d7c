"""A rush at the door: few transactions for many reports, and every one of them is answered for itself."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from liveroom.accounts.sources import Sources, UnknownKey
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.log import schema
from liveroom.log.engine import Unavailable
from liveroom.room.room import GroupCommit, Room
from tests.rooms.on_sqlite import complaints, open_room
from tests.services.locking import write_lock
from tests.services.wait import until

SOURCES = ("app", "call")
Sent = dict[str, Any]
Outcome = IntakeResult | Exception


@pytest.fixture
def room(tmp_path: Path) -> Room:
    room = open_room(tmp_path / "real.db")
    for name in SOURCES:
        Sources(room.log).add(name, None)
    return room


def keys(room: Room) -> dict[str, str]:
    """The hash of each source's key."""
    query = select(schema.source.c.id, schema.source.c.key_hash)
    return {row.id: row.key_hash for row in room.log.read(lambda c: c.execute(query).all())}


def rush(room: Room, reports: Sequence[tuple[str, Sent]], gathering: GroupCommit | None = None) -> list[Outcome]:
    """Hand in all at once, each from a thread of its own, and return what became of each."""
    gathering, together, hashes = gathering or GroupCommit(room), threading.Barrier(len(reports)), keys(room)

    def hand_in(source: str, report: Sent) -> Outcome:
        together.wait()
        try:
            return gathering.take(report, key=hashes.get(source, ""))
        except (Malformed, Unavailable, KeyError, UnknownKey) as error:
            return error

    with ThreadPoolExecutor(len(reports)) as threads:
        return list(threads.map(lambda one: hand_in(*one), reports))


def of_both(count: int) -> list[tuple[str, Sent]]:
    return [(SOURCES[n % 2], sent(f"r-{n}")) for n in range(count)]


def sent(name: str, **more: Any) -> Sent:
    return {"source_id": name, "category": "jalan_rusak", **more}


def marks(room: Room) -> int:
    """How many transactions wrote the log."""
    return len(set(room.log.read(lambda c: c.execute(select(schema.event.c.mark)).scalars().all())))


def test_many_reports_share_few_transactions(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    reports, gathering = of_both(200), GroupCommit(room)
    write, first = room.take_many, iter((True,))

    def once_all_are_here(given: Sequence[Sent], *, key: str) -> Sequence[IntakeResult | Malformed]:
        """The first transaction lasts until everybody else waits, however slowly threads begin."""
        if next(first, False):
            until(lambda: len(gathering._pending) == len(reports) - len(given), within=90, why="all others to wait")
        return write(given, key=key)

    monkeypatch.setattr(room, "take_many", once_all_are_here)
    outcomes = rush(room, reports, gathering)
    assert [type(outcome) for outcome in outcomes] == [IntakeResult] * 200
    kept = {(one.source, one.source_id): one.id for one in complaints(room)}
    assert kept == {
        (s, r["source_id"]): o.id for (s, r), o in zip(reports, outcomes, strict=True) if isinstance(o, IntakeResult)
    }
    assert marks(room) <= 10


def test_the_same_report_at_once_is_one_complaint(room: Room) -> None:
    outcomes = rush(room, [("app", sent("one"))] * 50)
    assert len({outcome.id for outcome in outcomes if isinstance(outcome, IntakeResult)}) == 1
    assert sum(isinstance(outcome, IntakeResult) and outcome.created for outcome in outcomes) == 1


def test_a_bad_report_spoils_no_other(room: Room) -> None:
    ahead = (room.now() + timedelta(days=1)).isoformat()
    bad = ("app", sent("bad", reported_at=ahead))
    outcomes = rush(room, [bad, *of_both(40), bad])
    assert [isinstance(outcome, Malformed) for outcome in outcomes] == [True, *[False] * 40, True]
    assert len(complaints(room)) == 40


def test_what_comes_by_another_key_spoils_no_other(room: Room) -> None:
    outcomes = rush(room, [("nobody", sent("no-1")), *of_both(20), ("nobody", sent("no-2"))])
    assert [isinstance(outcome, UnknownKey) for outcome in outcomes] == [True, *[False] * 20, True]
    assert len(complaints(room)) == 20


def test_all_that_were_in_a_transaction_that_failed_are_told_and_may_come_again(tmp_path: Path, room: Room) -> None:
    with write_lock(tmp_path / "real.db"):
        outcomes = rush(room, of_both(20))
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 20
    assert complaints(room) == ()
    assert [type(outcome) for outcome in rush(room, of_both(20))] == [IntakeResult] * 20


def test_a_fault_of_ours_reaches_every_request_and_the_door_stays_open(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("ours")

    whole: Callable[..., object] = room.take_many
    monkeypatch.setattr(room, "take_many", broken)
    assert [type(outcome) for outcome in rush(room, of_both(20))] == [KeyError] * 20
    monkeypatch.setattr(room, "take_many", whole)
    assert [type(outcome) for outcome in rush(room, of_both(20))] == [IntakeResult] * 20
