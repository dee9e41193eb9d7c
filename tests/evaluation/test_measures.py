"""Every measure is what a plain recomputation from the raw events says, to the last digit, and as long as its list."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from display.feed.cards import Cards
from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.requests import Malformed, Refused, Stale
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.evaluation.evaluator import Evaluator, Inquiry
from liveroom.evaluation.measures import Measures
from liveroom.evaluation.periods import Period, day_of, month_of, week_of
from liveroom.log import schema
from liveroom.projection import fold, stay_counts
from liveroom.projection.audit import examine
from liveroom.projection.stay_counts import MEASURES, Cut, ListPlace
from tests.evaluation.recomputed import PLAIN, TOOK, Life, Recomputed, lives_of
from tests.often import often
from tests.projection.test_tallies import NAMES, act
from tests.rooms.databases import Opener
from tests.rooms.standing import StandingRoom

AGENCIES = ("dpupr", "dlh", "perkim")
STEPS = st.lists(
    st.tuples(
        st.sampled_from((*NAMES, "forward", "prove", "send_back", "rate", "rate", "night")),
        st.integers(0, 3),
        st.sampled_from(AGENCIES),
        st.integers(1, 30),
    ),
    min_size=15,
    max_size=70,
)


def play(room: StandingRoom, steps: list[tuple[str, int, str, int]]) -> None:
    """The steps one by one; what the rules refuse is refused."""
    ids: list[str] = []
    for name, number, agency, size in steps:
        wanted = name if ids or name in ("import", "later") else "receive"
        id_ = ids[number % len(ids)] if ids else ""
        try:
            match wanted:
                case "prove":
                    room.do_all(id_, "accept", "start", "submit_proof", of=agency)
                case "rate":
                    room.execute("rate", id_, by="system", score=str(size % 5 + 1))
                case "night":
                    room.later(days=size).tick()
                case _:
                    act(room, wanted, ids, (number, agency, size))
        except (Refused, Malformed, Stale):
            continue


def said(figures: Measures) -> dict[str, Any]:
    """The figures as plain values, as the recomputation has them."""
    return {
        **{name: getattr(figures, name) for name in (*PLAIN, "due", "share", "naive", "small", "rated")},
        "scores": list(figures.rating.scores),
        "median": figures.rating.median,
        "mean": figures.rating.mean,
        "between": [(hands.one, hands.other, hands.n) for hands in figures.between],
        **{
            name: (getattr(figures, name).n, getattr(figures, name).median_s, getattr(figures, name).p90_s)
            for name in TOOK
        },
    }


def check(room: StandingRoom, lives: list[Life], question: Inquiry, drawn: random.Random) -> None:
    """The whole answer, its week points, and the length of some lists behind its numbers."""
    evaluator, zone = Evaluator(room.log, room.room.city), room.room.city.zone
    answer = evaluator.of(question)
    filters = {cut.value: code for cut, code in question.filters}
    plain = Recomputed(lives, question.by.value, zone, filters)
    now = room.now + timedelta(microseconds=1)

    def rows_of(period: Period) -> dict[str | None, dict[str, Any]]:
        start, end = map(from_micros, period.moments(zone))
        return plain.rows(start, min(end, now)) if start < now else plain.rows(now, now)

    period = question.period
    for name, one in (("figures", period), ("before", period.before), ("last_year", period.last_year)):
        wanted = rows_of(one) if one.moments(zone)[0] < to_micros(now) else {}
        found = {row.value or "": said(getattr(row, name)) for row in answer.rows}
        nothing = said(Measures())
        assert said(getattr(answer.city, name)) == wanted.pop(None, nothing)
        assert {key: one for key, one in found.items() if one != nothing} == wanted
    weeks = {row.value or "": row.weeks for row in answer.rows} | {None: answer.city.weeks}
    for place, week in enumerate(period.weeks()):
        if week.moments(zone)[0] < to_micros(now):
            wanted = rows_of(week)
            for key, points in weeks.items():
                counted = wanted.get(key) or dict.fromkeys(("on_time", "late", "overdue"), 0)
                assert [getattr(points[place], n) for n in ("on_time", "late", "overdue")] == [
                    counted[n] for n in ("on_time", "late", "overdue")
                ]
    for measure in drawn.sample(MEASURES, 6):
        row = drawn.choice((answer.city, *answer.rows))
        n = row.figures.rating.scores[int(measure[-1]) - 1] if measure[-1:].isdigit() and "rated" in measure else None
        value = None if row is answer.city else row.value or ""
        assert len(behind(evaluator, question, measure, value)) == (getattr(row.figures, measure) if n is None else n)


def behind(evaluator: Evaluator, question: Inquiry, measure: str, value: str | None) -> list[tuple[str, int]]:
    """The whole list behind a number, by pages of two."""
    found, place = [], ListPlace()
    while place is not None:
        part = evaluator.behind(question, measure, value, place, 2)
        found += part.found
        place = part.next
    return found


def questions(room: StandingRoom, drawn: random.Random) -> list[Inquiry]:
    today = room.room.city.policy.day(room.now)
    day = today - timedelta(days=drawn.randrange(12))
    periods = (day_of(day), week_of(day), month_of(today), Period(first=day - timedelta(days=9), last=day))
    filters = ((), ((Cut.AGENCY, drawn.choice(AGENCIES)),), ((Cut.CLASS, "biasa"),), ((Cut.AREA, ""),))
    return [
        Inquiry(period=period, by=drawn.choice(list(Cut)), filters=of)
        for period, of in zip(periods, filters, strict=True)
    ] + [Inquiry(period=week_of(today), by=Cut.AGENCY)]


@pytest.mark.often
@settings(
    max_examples=often(12),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a failure takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, seed=st.integers(0, 1 << 30))
def test_whatever_happens_every_measure_is_what_the_raw_log_says(
    open_standing: Opener, monkeypatch: pytest.MonkeyPatch, steps: list[Any], seed: int
) -> None:
    monkeypatch.setattr(stay_counts, "AT_ONCE", 3)  # so that these few rows are several slices
    room = open_standing()
    play(room, steps)
    lives = lives_of(room.events())
    drawn = random.Random(seed)
    asked = questions(room, drawn)
    for question in asked:
        check(room, lives, question, drawn)
    assert examine(room.log, sample=100) == []
    before = [Evaluator(room.log, room.room.city).of(question) for question in asked]
    room.log.write(fold.rebuild)
    assert [Evaluator(room.log, room.room.city).of(question) for question in asked] == before
    room.close()


def test_what_is_reopened_was_not_finished(on_file: StandingRoom) -> None:
    id_ = on_file.until_done()
    today = on_file.room.city.policy.day(on_file.now)
    evaluator = Evaluator(on_file.log, on_file.room.city)
    question = Inquiry(period=day_of(today), by=Cut.AGENCY)
    assert evaluator.of(question).city.figures.finished == 1
    on_file.later(days=2).tick()
    on_file.execute("reopen", id_, reason="belum")
    first = evaluator.of(question).city.figures
    assert (first.finished, first.open, first.on_time) == (1, 0, 1), "what happens after a period changes nothing in it"
    both = evaluator.of(Inquiry(period=Period(first=today, last=today + timedelta(days=2)), by=Cut.AGENCY))
    assert (both.city.figures.finished, both.city.figures.open, both.city.figures.reopened) == (0, 1, 1)


def test_an_extension_of_what_is_late_is_a_new_promise(on_file: StandingRoom) -> None:
    id_ = on_file.until_working()
    on_file.later(days=60).tick()
    evaluator = Evaluator(on_file.log, on_file.room.city)
    today = on_file.room.city.policy.day(on_file.now)
    question = Inquiry(period=month_of(today), by=Cut.CLASS)
    assert evaluator.of(question).city.figures.overdue == 1
    on_file.execute("extend", id_, due_at=(on_file.now + timedelta(days=9)).isoformat(), reason="alat")
    assert evaluator.of(question).city.figures.overdue == 0


def test_hands_are_counted_from_agency_to_agency(on_file: StandingRoom) -> None:
    id_ = on_file.receive()
    moves = []
    for agency in ("dpupr", "dlh", "dlh", "dpupr"):
        on_file.execute("forward", id_, by="duty", agency=agency)
        on_file.execute("decline", id_, by="agency", of=agency, reason="bukan kami")
        complaint = None
        for logged in on_file.events():
            if logged.event.id == id_:
                complaint = evolve(complaint, logged)
        assert complaint is not None
        moves.append((complaint.moves, Cards(on_file.room.city.policy, "wall").of(complaint)["moves"]))
    assert moves == [(0, 0), (1, 1), (1, 1), (2, 2)]


@pytest.mark.parametrize(
    ("table", "planted"),
    [
        (schema.stay, {"agency": "dlh"}),
        (schema.stay, {"late_at": 1}),
        (schema.stay, {"kept": 0}),
        (schema.occurrence, {"value": 2}),
    ],
    ids=("agency", "late", "kept", "score"),
)
def test_the_auditor_finds_what_the_log_does_not_say(
    on_file: StandingRoom, table: Any, planted: dict[str, Any]
) -> None:
    id_ = on_file.until_done()
    on_file.execute("rate", id_, by="system", score="5")
    assert examine(on_file.log, sample=100) == []
    on_file.log.touch(lambda connection: connection.execute(update(table).values(**planted)))
    assert [finding.split()[0] for finding in examine(on_file.log, sample=100)] == [table.name]


def test_an_answer_is_kept_until_the_log_moves(on_file: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    on_file.receive()
    evaluator = Evaluator(on_file.log, on_file.room.city)
    question = Inquiry(period=day_of(date(2026, 11, 24)), by=Cut.AREA)
    first = evaluator.of(question)
    monkeypatch.setattr(Evaluator, "_read", lambda *_: pytest.fail("read again"))
    assert evaluator.of(question) is first
    monkeypatch.undo()
    on_file.receive()
    assert evaluator.of(question).city.figures.received == 2
