"""Two at once on one complaint: one decides, the other is told; and no command overtakes a breach."""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from liveroom.domain.requests import Refused, Stale
from liveroom.projection.audit import faults_of_log
from tests.often import often
from tests.rooms.standing import START, StandingRoom
from tests.rooms.together import together

pytestmark = pytest.mark.both
TIMES = often(200)
EMERGENCY_FORWARD = timedelta(minutes=2)


@pytest.mark.often
def test_of_two_writers_on_one_complaint_one_decides_every_time(standing: StandingRoom) -> None:
    ids = [standing.receive() for _ in range(TIMES)]
    seen = standing.head().seq
    meet = threading.Barrier(2)
    outcomes: list[tuple[int, str]] = []

    def write(writer: int) -> None:
        for index, id_ in enumerate(ids):
            order = standing.order("forward", id_, by="duty", agency=("dpupr", "dlh")[writer], seen=seen)
            meet.wait(30)
            try:
                standing.room.execute(order)
                outcomes.append((index, "done"))
            except Stale as stale:
                assert stale.kind == "complaint.forwarded"
                outcomes.append((index, "stale"))

    together(2, write)
    assert Counter(outcomes) == Counter({(index, end): 1 for index in range(TIMES) for end in ("done", "stale")})
    forwarded = Counter(e.event.id for e in standing.events() if e.event.kind == "complaint.forwarded")
    assert forwarded == Counter(ids)
    assert standing.read(faults_of_log) == []


@pytest.mark.often
def test_a_race_of_close_and_validate_ends_a_complaint_once(standing: StandingRoom) -> None:
    ids = [standing.until_working() for _ in range(often(20))]
    for id_ in ids:
        standing.do_all(id_, "submit_proof")
    seen = standing.head().seq
    meet = threading.Barrier(2)

    def write(writer: int) -> None:
        name, fields = (("validate", {}), ("close", {"reason": "selesai menurut telepon"}))[writer]
        for id_ in ids:
            order = standing.order(name, id_, by="supervisor", seen=seen, **fields)
            meet.wait(30)
            try:
                standing.room.execute(order)
            except (Stale, Refused):
                continue

    together(2, write)
    ends = Counter(e.event.id for e in standing.events() if e.event.kind in ("complaint.validated", "complaint.closed"))
    assert ends == Counter(ids)


@pytest.mark.often
def test_an_order_in_a_race_with_a_due_deadline_comes_after_the_breach(standing: StandingRoom) -> None:
    """Time reaches the deadline while orders are under way: whoever comes at or after it finds the breach logged."""
    after_due = 0
    for race in range(40):
        if race >= often(40) and after_due:
            break
        standing.at(START)
        id_ = standing.receive(category="kebakaran")
        due = START + EMERGENCY_FORWARD
        orders = [standing.order("forward", id_, by="duty", agency="bpbd"), standing.order("comment", id_, text="ya")]
        acts = [partial(standing.at, due), standing.tick, *(partial(standing.room.execute, order) for order in orders)]
        together(len(acts), lambda part, acts=acts: acts[part]())
        standing.tick()
        history = [entry for entry in standing.events() if entry.event.id == id_]
        (forwarded,) = [entry for entry in history if entry.event.kind == "complaint.forwarded"]
        passed = [entry for entry in history if entry.event.kind == "deadline.passed"]
        if forwarded.event.at < due:
            assert passed == []
            continue
        assert [(entry.event.at, entry.event.fields["stage"]) for entry in passed] == [(due, "forward")]
        late = [entry.seq for entry in history if entry.actor != "clock" and entry.event.at >= due]
        assert passed[0].seq < min(late)
        after_due += 1
    assert after_due, "no order came after the due moment in forty races"


@pytest.mark.parametrize(("late_by", "breached"), [(-1, False), (0, True), (1, True)])
def test_an_order_finds_the_breach_of_its_very_moment(standing: StandingRoom, late_by: int, breached: bool) -> None:
    id_ = standing.receive(category="kebakaran")
    standing.at(START + EMERGENCY_FORWARD + timedelta(microseconds=late_by))
    done = standing.execute("forward", id_, by="duty", agency="bpbd")
    expected = ["complaint.received", *["deadline.passed"] * breached, "complaint.forwarded"]
    assert standing.kinds() == expected
    assert done.seq == standing.complaint(id_).seq
