"""Where a screen goes on after being away: by batches when the log vouches for its position, else by the snapshot."""

import shutil
import threading
from collections.abc import Callable
from typing import Any

import pytest

from display.feed import snapshot
from display.feed.cards import AUDIENCES
from liveroom.domain.complaints.intake import Report
from liveroom.domain.events import happened
from liveroom.domain.events.complaint_payloads import ComplaintCommented
from liveroom.log.backup import backup
from liveroom.maintenance.restore import replace_room
from liveroom.room.transaction import UnitOfWork
from tests.display.feed.picture import check_store
from tests.display.feed.process import WebProcess
from tests.display.feed.screen import Screen
from tests.display.feed.store import Message, Store
from tests.rooms.databases import Opener
from tests.rooms.standing import PLACE, StandingRoom
from tests.rooms.together import together
from tests.services.wait import until


@pytest.fixture
def process(standing: StandingRoom) -> WebProcess:
    standing.tick()
    standing.receive("L-first")
    return WebProcess(standing)


def flood(standing: StandingRoom, number: int) -> None:
    for start in range(0, number, 100):
        names = range(start, min(number, start + 100))
        reports = tuple(Report(source_id=f"flood-{name}", category="sampah", **PLACE) for name in names)
        standing.room.accept_many(reports, source="flood")


def test_who_missed_five_hundred_cards_resumes_by_batches_and_who_missed_more_by_the_snapshot(
    standing: StandingRoom, process: WebProcess
) -> None:
    stores = {audience: process.fresh(audience) for audience in AUDIENCES}
    flood(standing, 500)
    first = standing.events()[0].mark
    for audience, store in stores.items():
        answer = process.answer(audience, store.asked())
        assert all(store.take(batch) for batch in answer["batches"]), audience
        assert vars(store) == vars(process.fresh(audience)), audience
        old = {"epoch": store.epoch, "seq": 1, "mark": first}
        assert "snapshot" in process.answer(audience, old), f"{audience}: 501 cards have changed since"


def test_many_events_of_few_cards_are_batches(standing: StandingRoom, process: WebProcess) -> None:
    store = process.fresh("wall")
    id_ = standing.receive()
    for turn in range(520):
        standing.room.unit(lambda work, t=turn: _comment(work, id_, t))
    assert standing.head().seq - store.seq > 500
    answer = process.answer("wall", store.asked())
    assert [batch["to"] for batch in answer["batches"]][-1] == standing.head().seq
    assert [card["id"] for batch in answer["batches"] for card in batch["cards"]] == [id_]


def _comment(work: UnitOfWork, id_: str, turn: int) -> None:
    work.append((happened(id_, ComplaintCommented(text=str(turn)), at=work.transaction.now),), actor="sari")


def test_who_is_at_the_head_gets_no_batch(standing: StandingRoom, process: WebProcess) -> None:
    store = process.fresh("wall")
    answer = process.answer("wall", store.asked())
    beat = answer.pop("beat")
    assert answer == {**store.asked(), "batches": []}
    assert {name: beat[name] for name in ("epoch", "seq", "mark")} == store.asked()


ODD: list[Any] = [None, "", "1", 1.5, -1, True, [], {}, 1 << 70, "9" * 5000, float("inf"), {"a": [1]}, "\ud800", "\0"]


def test_nonsense_is_answered_with_the_snapshot(on_file: StandingRoom) -> None:
    on_file.receive()
    process = WebProcess(on_file)
    asked = process.fresh("wall").asked()
    for field in ("epoch", "seq", "mark"):
        for odd in ODD:
            assert "batches" in process.answer("wall", asked)
            assert "snapshot" in process.answer("wall", asked | {field: odd}), (field, odd)
        rest = {key: value for key, value in asked.items() if key != field}
        assert "snapshot" in process.answer("wall", rest), field


def test_the_first_time_it_is_the_snapshot(process: WebProcess) -> None:
    asked: Message
    for asked in ({}, {"seq": 0}, {"epoch": "x", "seq": 0, "mark": ""}):
        answer = process.answer("wall", asked)
        assert set(answer) == {"epoch", "seq", "snapshot", "jitter_ms"}
        assert answer["snapshot"] == "/feed/snapshot?audience=wall"


def test_a_position_beyond_the_head_is_another_history(standing: StandingRoom, process: WebProcess) -> None:
    store = process.fresh("wall")
    assert "snapshot" in process.answer("wall", store.asked() | {"seq": store.seq + 1})
    assert "snapshot" in process.answer("wall", store.asked() | {"seq": store.seq - 1})


def test_one_audience_s_position_is_nothing_in_another(process: WebProcess) -> None:
    store = process.fresh("wall")
    assert "snapshot" in process.answer("desk", store.asked())


@pytest.mark.parametrize("change", ["build", "pack"])
def test_what_changes_cards_without_an_event_makes_every_screen_take_the_snapshot(
    standing: StandingRoom, process: WebProcess, change: str
) -> None:
    store = process.fresh("wall")
    other = WebProcess(standing, build="2026-11-25" if change == "build" else "2026-11-24")
    if change == "pack":
        for part in (other.resume, other.tail, other.snapshots):
            part._identity = type(other.identity)(build=other.identity.build, pack="another city pack")
    assert "snapshot" in other.answer("wall", store.asked())


@pytest.mark.each_database
def test_a_restored_backup_is_another_epoch(standing: StandingRoom, process: WebProcess, tmp_path: Any) -> None:
    screens = [Screen(audience).join(process) for audience in AUDIENCES]
    process.step()
    for screen in screens:
        screen.catch_up()
    file = tmp_path / "room.backup"
    backup(standing.log, file)
    # Restored at the very position that the screens stand at: only the epoch tells.
    standing.log.touch(lambda c: replace_room(c, file, kind="test", city="tangerang", note=lambda _: None))
    process.step(beat=False)
    for screen in screens:
        assert screen.doubts, "the beat told at once"
        loads = screen.loads
        check_store(standing, screen.catch_up(), process.cards[screen.audience])
        assert screen.loads == loads + 1


class HeldUp:
    """Stands before a read: counts who comes through and keeps them there until `let_go`."""

    def __init__(self, read: Callable[..., Any]) -> None:
        self.read, self.calls, self.let_go = read, 0, threading.Event()

    def __call__(self, *args: Any) -> Any:
        self.calls += 1
        assert self.let_go.wait(120)
        return self.read(*args)


@pytest.mark.each_database
def test_many_that_ask_at_once_share_one_read(
    standing: StandingRoom, process: WebProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {audience: process.fresh(audience).asked() for audience in AUDIENCES}
    flood(standing, 200)
    for audience in AUDIENCES:
        with monkeypatch.context() as patched:
            share_one_read(standing, process, patched, audience=audience, asked=asked[audience])


def share_one_read(
    standing: StandingRoom, process: WebProcess, patched: pytest.MonkeyPatch, *, audience: str, asked: Message
) -> None:
    held_up = HeldUp(snapshot.read_change)
    patched.setattr(snapshot, "read_change", held_up)
    answers: list[Message] = []
    arrived = count_arrivals(process, patched)

    def ask(index: int) -> None:
        if index == 7:  # when everybody else is there, the one who reads may go on
            until(lambda: len(arrived) == 7 and held_up.calls, why="seven to ask")
            held_up.let_go.set()
        answers.append(process.answer(audience, asked))

    together(8, ask)
    assert (held_up.calls, len(answers)) == (1, 8), audience
    assert all(answer == answers[0] for answer in answers), audience
    process.answer(audience, asked)
    assert held_up.calls == 1, f"{audience}: at the same head the answer is kept"
    standing.receive()
    process.answer(audience, asked)
    assert held_up.calls == 2, audience


def count_arrivals(process: WebProcess, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A list that grows by one for everybody who asks, before they are made to wait."""
    arrived: list[object] = []
    plain = process.resume._flights.run

    def run(key: Any, work: Callable[[], Any]) -> Any:
        arrived.append(key)
        return plain(key, work)

    monkeypatch.setattr(process.resume._flights, "run", run)
    return arrived


def test_an_answer_kept_from_one_history_is_never_given_in_another(
    open_standing: Opener, on_file: StandingRoom, tmp_path: Any
) -> None:
    """Two histories part after a position and reach the same number: what was folded for one is not the other's."""
    on_file.receive("before they part")
    on_file.close()
    shutil.copy(tmp_path / "room.db", tmp_path / "old.db")
    process = WebProcess(on_file)
    store = process.fresh("wall")
    lost = on_file.receive("only in the one")
    assert process.answer("wall", store.asked())["batches"][0]["cards"][0]["id"] == lost
    on_file.close()
    shutil.copy(tmp_path / "old.db", tmp_path / "room.db")
    other = on_file.receive("only in the other")
    (batch,) = process.answer("wall", store.asked())["batches"]
    assert [card["id"] for card in batch["cards"]] == [other]
    assert batch["mark"] == on_file.head().mark
    assert store.take(batch)
    assert vars(store) == vars(process.fresh("wall"))


def test_a_screen_from_before_any_event_resumes_too(open_standing: Opener) -> None:
    standing = open_standing()
    process = WebProcess(standing)
    store = process.fresh("wall")
    assert (store.seq, store.cards) == (0, {})
    standing.tick()
    standing.receive()
    answer = process.answer("wall", store.asked())
    assert all(store.take(batch) for batch in answer["batches"])
    assert vars(store) == vars(process.fresh("wall"))


def test_a_gap_is_noticed_and_nothing_is_applied(standing: StandingRoom, process: WebProcess) -> None:
    store, late = process.fresh("wall"), Store()
    process.step()
    for _ in range(2):
        standing.receive()
        process.step()
    one, other = process.sent["wall"]
    before = dict(vars(store))
    assert not store.take(other)
    assert vars(store) == before
    assert store.take(one)
    assert store.take(other)
    after = dict(vars(store))
    assert store.take(one), "an old batch again is ignored"
    assert vars(store) == after
    assert not late.take(one), "before the first snapshot nothing applies"
