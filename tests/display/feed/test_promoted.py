"""A replica becomes the primary, or an older file is put back: the same epoch, another history; everybody notices."""

import shutil
from pathlib import Path

import pytest

from display.feed.cards import AUDIENCES
from tests.display.feed.picture import check_store
from tests.display.feed.process import WebProcess
from tests.display.feed.screen import Screen
from tests.rooms.standing import StandingRoom


class Replica:
    """A copy of the room's file as it was when taken; `promote` puts it in the room's place."""

    def __init__(self, standing: StandingRoom, folder: Path) -> None:
        self.standing, self.path, self.copy = standing, folder / "room.db", folder / "replica.db"
        standing.close()
        shutil.copy(self.path, self.copy)

    def promote(self) -> None:
        self.standing.close()
        shutil.copy(self.copy, self.path)


@pytest.fixture
def process(on_file: StandingRoom) -> WebProcess:
    on_file.tick()
    on_file.until_done()
    process = WebProcess(on_file)
    process.step()
    for audience in AUDIENCES:
        Screen(audience).join(process).catch_up()
    return process


@pytest.mark.parametrize("lost", [1, 3])
@pytest.mark.parametrize("made", [0, 1, 3, 5])
def test_every_screen_takes_the_snapshot_of_the_history_that_counts(
    on_file: StandingRoom, process: WebProcess, tmp_path: Path, lost: int, made: int
) -> None:
    """`lost` events that screens have seen are gone; `made` were logged on the other history before the tail looked."""
    replica = Replica(on_file, tmp_path)
    for _ in range(lost):
        on_file.receive()
        process.step()
    epoch, seen = on_file.head().epoch, process.tail.mark
    replica.promote()
    for _ in range(made):
        on_file.receive()
    sent = {audience: len(batches) for audience, batches in process.sent.items()}
    process.step(beat=False)
    assert on_file.head().epoch == epoch
    assert process.tail.mark == on_file.head().mark != seen
    for screen in process.screens:
        assert screen.doubts, "the beat told at once"
        assert len(process.sent[screen.audience]) == sent[screen.audience], "no batch from one history to the other"
        loads = screen.loads
        check_store(on_file, screen.catch_up(), process.cards[screen.audience])
        assert screen.loads == loads + 1


def test_who_stood_where_the_histories_part_goes_on_by_batches(
    on_file: StandingRoom, process: WebProcess, tmp_path: Path
) -> None:
    replica = Replica(on_file, tmp_path)
    on_file.receive()
    process.step(beat=False)  # the screens below were away and saw nothing of it
    away = [Screen(audience) for audience in AUDIENCES]
    replica.promote()
    for screen in away:
        screen.store = process.fresh(screen.audience)
    on_file.receive()
    process.step(beat=False)
    for screen in away:
        check_store(on_file, screen.join(process).catch_up(), process.cards[screen.audience])
        assert screen.loads == 0


def test_a_doubt_is_not_forgotten_while_an_answer_is_under_way(
    on_file: StandingRoom, process: WebProcess, tmp_path: Path
) -> None:
    """The answer of before the change, the beat that contradicts it, then batches that would hide the contradiction."""
    screen = process.screens[0]
    replica = Replica(on_file, tmp_path)
    on_file.receive()
    on_file.receive()
    screen.doubts = True
    old_answer = process.answer(screen.audience, screen.store.asked())
    replica.promote()
    process.step()
    for _ in range(4):
        on_file.receive()
        process.step(beat=False)
    for batch in old_answer["batches"]:
        screen.store.take(batch)
    # The rule of docs/feed.md: in doubt since the beat, so it asks again before it applies what it held.
    screen.ask()
    check_store(on_file, screen.store, process.cards[screen.audience])


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_snapshot_kept_from_the_lost_history_is_not_handed_out(
    on_file: StandingRoom, process: WebProcess, tmp_path: Path, audience: str
) -> None:
    replica = Replica(on_file, tmp_path)
    on_file.receive()
    process.snapshots = process.new_snapshots()
    process.snapshot(audience)
    replica.promote()
    on_file.receive()
    process.step()
    newcomer = Screen(audience).join(process)
    check_store(on_file, newcomer.catch_up(), process.cards[audience])
    assert newcomer.loads == 1


def test_a_log_that_grew_past_the_old_head_is_noticed_by_the_mark_alone(
    on_file: StandingRoom, process: WebProcess, tmp_path: Path
) -> None:
    replica = Replica(on_file, tmp_path)
    on_file.receive()
    process.step()
    replica.promote()
    for _ in range(10):
        on_file.receive()
    for screen in process.screens:
        screen.leave()
    process = WebProcess(on_file)
    process.step()
    for audience in AUDIENCES:
        screen = Screen(audience).join(process)
        screen.store.epoch = process.identity.epoch(on_file.head().epoch, audience)
        screen.store.seq, screen.store.mark = on_file.head().seq - 5, "the mark of the other history"
        check_store(on_file, screen.catch_up(), process.cards[audience])
        assert screen.loads == 1
