"""The numbers of a report are those of the desk and of the evaluation at the position that it prints."""

from datetime import date, timedelta

import pytest

from liveroom.evaluation.evaluator import Evaluator, Inquiry
from liveroom.evaluation.periods import day_of, week_of
from liveroom.projection import complaints
from liveroom.projection.stay_counts import Cut
from liveroom.reports.brief import NotBegun, ReportMoment, fingerprint_of
from liveroom.reports.review import read_review
from tests.reports.conftest import HOSTILE, MONDAY, brief_of, made_of
from tests.rooms.standing import StandingRoom


def test_the_brief_says_what_desk_and_evaluation_say_at_its_position(lived: StandingRoom) -> None:
    brief = brief_of(lived)
    counts = lived.read(lambda c: complaints.counts(c, MONDAY.isoformat()))
    assert brief.position.seq == lived.head().seq
    assert (dict(brief.status), brief.open_n, brief.late_n) == (
        counts["cohort"], counts["stock"]["open"], counts["stock"]["overdue"],  # type: ignore[index]
    )  # fmt: skip
    assert dict(brief.status) == {"in": 6, "waiting": 2, "in_process": 1, "done": 3, "elsewhere": 0}
    evaluated = Evaluator(lived.log, lived.room.city).of(Inquiry(period=day_of(MONDAY), by=Cut.AGENCY))
    assert (evaluated.seq, evaluated.city.figures) == (brief.position.seq, brief.evaluated)
    assert sum(brief.waiting.values()) == brief.status["waiting"]


def test_what_has_climbed_the_ladder_waits_for_a_decision_and_stands_first(lived: StandingRoom) -> None:
    brief = brief_of(lived)
    steps = {one.escalation for one in brief.waits}
    assert brief.waits_n == sum(one.decide for one in brief.late) > 0
    assert steps <= {200, 300}
    assert [one.decide for one in brief.late] == sorted((one.decide for one in brief.late), reverse=True)


def test_the_same_position_has_the_same_fingerprint_and_the_next_event_another(lived: StandingRoom) -> None:
    first, again = (fingerprint_of(brief_of(lived)) for _ in range(2))
    lived.receive()
    assert first == again != fingerprint_of(brief_of(lived))


def test_a_day_without_complaints_and_a_room_younger_than_the_period_are_said(room: StandingRoom) -> None:
    brief = brief_of(room)
    assert (brief.status["in"], brief.late_n, brief.waits_n, brief.changes) == (0, 0, 0, ())
    page = made_of(room, "html", day=MONDAY).decode()
    assert "Tidak ada yang menunggu keputusan Anda" in page
    assert "Tidak ada yang terlambat pukul 09.00" in page
    with pytest.raises(NotBegun, match="has not begun"):
        brief_of(room, MONDAY + timedelta(days=1))
    week = made_of(room, "html", report="weekly").decode()
    assert "masih berjalan" in week
    assert "Belum ada laporan yang diterima ruang ini." in week


def test_a_review_is_the_evaluation_of_its_period_and_of_an_agency_alone(lived: StandingRoom) -> None:
    evaluator, period = Evaluator(lived.log, lived.room.city), week_of(MONDAY)
    with lived.log.slices() as slices:
        moment = ReportMoment(slices, lived.room.city)
        whole = read_review(moment, evaluator, "weekly", period, None)
        own = read_review(moment, evaluator, "weekly", period, "dpupr")
    assert whole.cuts[0] == evaluator.of(Inquiry(period=period, by=Cut.AGENCY))
    assert own.cuts[0] == evaluator.of(Inquiry(period=period, by=Cut.CATEGORY, filters=((Cut.AGENCY, "dpupr"),)))
    assert {one.agency for one in own.late} <= {"dpupr"}
    assert own.cuts[0].city.figures.received < whole.cuts[0].city.figures.received


@pytest.mark.parametrize("language", ["id", "en", "es"])
def test_nothing_that_a_stranger_wrote_is_on_any_page(lived: StandingRoom, language: str) -> None:
    for report in ("daily", "weekly", "monthly"):
        page = made_of(lived, "html", report=report, day=date(2026, 11, 24), language=language).decode()
        assert not any(part in page for part in ("alert(1)", "evil.example", "etc/passwd", HOSTILE[:20]))
    assert "script" not in made_of(lived, "csv", language=language).decode("utf-8-sig")
