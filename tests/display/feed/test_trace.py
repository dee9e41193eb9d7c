"""The way of a complaint to the glass in the log: each step carries its id; nothing is written while that is off."""

import logging
from collections.abc import Iterator

import pytest

from liveroom.room.trace import MOST_BATCHES, MOST_NAMED, SentBatches, set_trace
from liveroom.runtime.logging import RepeatFilter
from tests.display.feed.process import WebProcess
from tests.rooms.databases import KINDS
from tests.rooms.standing import StandingRoom


@pytest.fixture
def traced() -> Iterator[None]:
    """Trace while the test runs."""
    set_trace(True)
    yield
    set_trace(False)


def facts(caplog: pytest.LogCaptureFixture) -> list[tuple[str, dict[str, object]]]:
    """What was told so far: the step and its facts."""
    return [(one.getMessage(), one.__dict__["facts"]) for one in caplog.records if one.name == "liveroom.trace"]


@pytest.mark.parametrize("database", KINDS[:1], indirect=True)
def test_one_id_from_the_receipt_to_the_glass(
    standing: StandingRoom, traced: None, caplog: pytest.LogCaptureFixture
) -> None:
    standing.tick()
    process = WebProcess(standing)
    process.step()
    caplog.clear()
    first = standing.receive("L-first")
    process.step()
    process.tail.sent_batches.painted("Utara", [process.tail.seq, 10**6], [41.26, 3.0])
    told = facts(caplog)
    assert [step for step, _ in told] == ["written", "sent", "painted"]
    assert all(said["complaints"] == [first] and said["last"] == process.tail.seq for _, said in told)
    assert (told[0][1]["first"], told[1][1]["audiences"], told[2][1]) == (
        told[1][1]["first"],
        sorted(process.listened()),
        {"last": process.tail.seq, "complaints": [first], "screen": "Utara", "ms": 41.3},
    )


@pytest.mark.parametrize("database", KINDS[:1], indirect=True)
def test_nothing_is_written_of_it_by_default(standing: StandingRoom, caplog: pytest.LogCaptureFixture) -> None:
    standing.tick()
    process = WebProcess(standing)
    process.step()
    standing.receive("L-first")
    process.step()
    process.tail.sent_batches.painted("Utara", [process.tail.seq], [41.0])
    assert facts(caplog) == []


def test_many_complaints_are_counted_and_old_batches_forgotten(traced: None, caplog: pytest.LogCaptureFixture) -> None:
    batches = SentBatches()
    for position in range(MOST_BATCHES + 1):
        batches.sent(position, position, [f"C-{n}" for n in range(MOST_NAMED + 2)], ["wall"], 1.0)
    assert {(len(said["complaints"]), said["more"]) for _, said in facts(caplog)} == {(MOST_NAMED, 2)}  # type: ignore[arg-type]
    caplog.clear()
    batches.painted("Utara", [0, 1], [5.0, 5.0])
    assert [said["last"] for _, said in facts(caplog)] == [1]


def test_each_record_passes_the_filter_of_repeats_which_have_the_same_words() -> None:
    record = logging.makeLogRecord({"name": "liveroom.trace", "msg": "sent", "facts": {"last": 1}})
    repeats = RepeatFilter()
    assert [repeats.filter(record), repeats.filter(record)] == [True, True]
