"""The figure `lead`: every number against a slow recount of the log, and each the length of the list behind it."""

import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from display.figures.lead import LISTS
from display.figures.routes import Figures
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.requests import Refused
from liveroom.domain.timestamps import from_text
from liveroom.projection.notices import known_surges, lines
from tests.display.figures.conftest import Figure
from tests.display.figures.handled import finish, handle, row_of
from tests.often import often
from tests.projection.recount import Recount
from tests.projection.test_tallies import AGENCIES, NAMES, play
from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom


class Slow:
    """Which complaints each number is about, looked for in every state that any complaint ever had."""

    def __init__(self, room: StandingRoom, since: datetime) -> None:
        self.found: dict[str, list[tuple[str, str]]] = {name: [] for name in (*LISTS, "overdue")}
        for id_, states in Recount(room.events()).states.items():
            self._add(id_, [(logged.event.at, state) for logged, state in states], since)

    def _add(self, id_: str, states: list[tuple[datetime, Complaint]], since: datetime) -> None:
        now = states[-1][1]
        ends = [
            (at, after, before) for (_, before), (at, after) in pairwise(states) if _done(after) and not _done(before)
        ]
        opened = [at for (_, before), (at, after) in pairwise(states) if _done(before) and not _done(after)]
        recent = bool(ends) and ends[-1][0] >= since
        if now.overdue:
            self.found["overdue"].append((id_, "" if now.state == "received" else now.agency or ""))
        if now.open and recent:
            self.found["reopened"].append((id_, now.agency or ""))
        if not _done(now) or not recent:
            return
        at, after, before = ends[-1]
        key = (id_, after.agency or "")
        self.found["finished"].append(key)
        if before.finish is not None:
            stood = before.stopped_at or at
            self.found["finished_late" if before.finish.passed or stood >= before.finish.due else "on_time"].append(key)
        if after.without_proof:
            self.found["unproved"].append(key)
        if opened and opened[-1] >= since:
            self.found["reopened"].append(key)

    def of(self, what: str, agency: str | None) -> set[str]:
        return {id_ for id_, key in self.found[what] if agency is None or key == agency}


def _done(complaint: Complaint) -> bool:
    return complaint.state == "done"


def told(row: dict[str, Any]) -> dict[str, int]:
    on_time = row["on_time"]
    late = on_time["judged"] - on_time["within"]
    numbers = {"finished": row["finished"], "on_time": on_time["within"], "finished_late": late}
    return numbers | {"unproved": row["unproved"], "reopened": row["reopened"]["n"], "overdue": on_time["overdue"]}


def listed(figures: Figures, what: str, agency: str | None) -> set[str]:
    ids: list[str] = []
    start: int | None = 0
    while start is not None:
        _, page = figures.listed(what, agency, start)
        ids += [one.id for one in page.complaints]
        start = page.next
        assert page.n == len(set(ids)) or start is not None
    assert len(ids) == len(set(ids))
    return set(ids)


@pytest.mark.often
def test_every_number_is_a_slow_recount_and_the_length_of_its_list(standing: StandingRoom) -> None:
    draw, figures = random.Random(2), Figures(standing.log, standing.room.city, kept_s=0)
    met: set[str] = set()
    for _ in range(often(8)):
        steps = [
            (draw.choice(NAMES), draw.randrange(14), draw.choice(AGENCIES), draw.randint(1, 20)) for _ in range(90)
        ]
        play(standing, steps)
        figure = figures.of("lead").figure
        slow = Slow(standing, from_text(figure["window"]["from"]))
        met |= {what for what, found in slow.found.items() if found}
        for row in (figure["room"], *figure["agencies"]):
            agency = None if row is figure["room"] else row["agency"] or ""
            assert told(row) == {what: len(slow.of(what, agency)) for what in told(row)}, agency
            for what in set(LISTS) - {"asked"}:
                assert listed(figures, what, agency) == slow.of(what, agency), (what, agency)
    assert met == {*LISTS, "overdue"} - {"asked"}, "the walk meets every case"


@pytest.mark.each_database
def test_cr_88_cr_91_closed_on_time_of_all_that_was_closed_or_is_late(standing: StandingRoom, figure: Figure) -> None:
    """Rules CR-88 and CR-91: two in time, one late, one open and late, under 20 the cases themselves, with a target."""
    ids = [handle(standing, "24 08:00", forward=0, priority="critical", of="bpbd") for _ in range(4)]
    for id_ in ids[:2]:
        finish(standing, id_, "24 08:05", of="bpbd")
    finish(standing, ids[2], "26 08:20", of="bpbd")
    standing.at("26 09:00").tick()
    row = row_of(figure("lead"), "bpbd")["on_time"]
    assert (row["within"], row["judged"], row["overdue"], row["n"], row["share"]) == (2, 3, 1, 4, None)
    assert [(case["id"], case["open"], case["kept"]) for case in row["cases"]] == [
        (ids[0], False, True), (ids[1], False, True), (ids[2], False, False), (ids[3], True, False),
    ]  # fmt: skip
    assert row["target"]
    for number in range(16):
        finish(
            standing,
            handle(standing, "26 09:10", forward=0, of="bpbd", source_id=f"more-{number}"),
            "26 09:20",
            of="bpbd",
        )
    row = row_of(figure("lead"), "bpbd")["on_time"]
    assert (row["n"], row["share"], row["cases"]) == (20, 0.9, None)


def test_what_nobody_was_sent_is_late_at_the_desk(standing: StandingRoom, figure: Figure) -> None:
    id_ = standing.receive(priority="critical")
    standing.execute("triage", id_, by="duty", agency="dpupr")
    standing.later(hours=2).tick()
    assert row_of(figure("lead"), None)["on_time"]["overdue"] == 1


def test_a_question_stays_until_somebody_else_answers(standing: StandingRoom, figure: Figure) -> None:
    id_ = standing.until_working()
    due = standing.complaint(id_).finish
    soon, later = (standing.now + timedelta(hours=hours) for hours in (2, 4))
    standing.execute("comment", id_, by="leadership", text="Mengapa lama?", answer_by=later.isoformat())
    standing.execute("comment", id_, by="agency_head", text="Kapan?", answer_by=soon.isoformat())
    assert figure("lead")["asked"] == {
        "n": 1, "rows": [{"id": id_, "n": 2, "at": "2026-11-24T02:00:00Z", "until": "2026-11-24T04:00:00Z"}],
    }  # fmt: skip
    assert standing.read(known_surges) == (), "no notice of another kind"
    assert standing.read(lines) == [], "no screen is sent it"
    standing.execute("comment", id_, by="leadership", text="Saya tunggu")
    standing.execute("comment", id_, by="agency_head", text="Alat rusak")  # answers the Mayor, not the own question
    assert [one.by for one in standing.complaint(id_).questions] == ["agency_head"]
    standing.execute("comment", id_, by="agency", text="Besok pagi")
    assert (figure("lead")["asked"]["n"], standing.complaint(id_).answer_by) == (0, None)
    assert standing.complaint(id_).finish == due, "no deadline moved"


@pytest.mark.parametrize(
    ("by", "ahead", "code"), [("duty", 1, "field"), ("leadership", -1, "past"), ("admin", 9000, "field")]
)
def test_who_may_ask_and_until_when(on_file: StandingRoom, by: str, ahead: int, code: str) -> None:
    id_, until = on_file.receive(), on_file.now + timedelta(hours=ahead)
    with pytest.raises(Refused) as no:
        on_file.execute("comment", id_, by=by, text="Mengapa?", answer_by=until.isoformat())
    assert (no.value.code, no.value.field) == (code, "answer_by")


def test_the_window_is_ten_working_days(standing: StandingRoom, figure: Figure) -> None:
    standing.until_done()
    standing.at(wib("12-20 09:00")).tick()
    found = figure("lead")
    assert (found["room"]["finished"], found["window"]["working_days"] < 11) == (0, True)
