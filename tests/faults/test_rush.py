"""A rush at the door: few transactions for many reports, and every one of them is answered for itself."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.log import schema
from liveroom.log.engine import Unavailable
from liveroom.room.room import GroupCommit, Room
from tests.rooms.on_sqlite import complaints, open_room
from tests.services.locking import write_lock
from tests.services.wait import until

SOURCES = ("app", "call")
Outcome = IntakeResult | Exception


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return open_room(tmp_path / "real.db")


def rush(room: Room, reports: Sequence[tuple[str, Report]], gathering: GroupCommit | None = None) -> list[Outcome]:
    """Hand in all at once, each from a thread of its own, and return what became of each."""
    gathering, together = gathering or GroupCommit(room), threading.Barrier(len(reports))

    def hand_in(source: str, report: Report) -> Outcome:
        together.wait()
        try:
            return gathering.accept(report, source=source)
        except (Malformed, Unavailable, KeyError) as error:
            return error

    with ThreadPoolExecutor(len(reports)) as threads:
        return list(threads.map(lambda one: hand_in(*one), reports))


def of_both(count: int) -> list[tuple[str, Report]]:
    return [(SOURCES[n % 2], Report(source_id=f"r-{n}", category="jalan_rusak")) for n in range(count)]


def marks(room: Room) -> int:
    """How many transactions wrote the log."""
    return len(set(room.log.read(lambda c: c.execute(select(schema.event.c.mark)).scalars().all())))


def test_many_reports_share_few_transactions(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, gathering = of_both(200), GroupCommit(room)
    write, first = room.accept_many, iter((True,))

    def once_all_are_here(given: Sequence[Report], *, source: str) -> Sequence[IntakeResult | Malformed]:
        """The first transaction lasts until everybody else waits, however slowly threads begin."""
        if next(first, False):
            until(lambda: len(gathering._pending) == len(sent) - len(given), within=90, why="all others to wait")
        return write(given, source=source)

    monkeypatch.setattr(room, "accept_many", once_all_are_here)
    outcomes = rush(room, sent, gathering)
    assert [type(outcome) for outcome in outcomes] == [IntakeResult] * 200
    kept = {(one.source, one.source_id): one.id for one in complaints(room)}
    assert kept == {
        (s, r.source_id): o.id for (s, r), o in zip(sent, outcomes, strict=True) if isinstance(o, IntakeResult)
    }
    assert marks(room) <= 10


def test_the_same_report_at_once_is_one_complaint(room: Room) -> None:
    outcomes = rush(room, [("app", Report(source_id="one", category="jalan_rusak"))] * 50)
    assert len({outcome.id for outcome in outcomes if isinstance(outcome, IntakeResult)}) == 1
    assert sum(isinstance(outcome, IntakeResult) and outcome.created for outcome in outcomes) == 1


def test_a_bad_report_spoils_no_other(room: Room) -> None:
    ahead = room.now() + timedelta(days=1)
    bad = ("app", Report(source_id="bad", category="jalan_rusak", closed_at=ahead))
    outcomes = rush(room, [bad, *of_both(40), bad])
    assert [isinstance(outcome, Malformed) for outcome in outcomes] == [True, *[False] * 40, True]
    assert len(complaints(room)) == 40


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

    whole: Callable[..., object] = room.accept_many
    monkeypatch.setattr(room, "accept_many", broken)
    assert [type(outcome) for outcome in rush(room, of_both(20))] == [KeyError] * 20
    monkeypatch.setattr(room, "accept_many", whole)
    assert [type(outcome) for outcome in rush(room, of_both(20))] == [IntakeResult] * 20
