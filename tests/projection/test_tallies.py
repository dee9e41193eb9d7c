"""Whatever happens in a room: tallies, milestones and spans are what the log says, kept, rebuilt and audited."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from liveroom.domain.requests import Malformed, Refused, Stale
from liveroom.domain.timestamps import from_micros
from liveroom.log import schema
from liveroom.projection import fold
from liveroom.projection.audit import examine
from tests.often import often
from tests.projection.recount import Recount
from tests.rooms.databases import Opener
from tests.rooms.standing import StandingRoom

AGENCIES = ("dpupr", "dlh")
LETTERS = 4
NAMES = (
    "receive", "import", "amend", "later", "forward", "forward", "accept", "accept", "decline", "finish", "finish",
    "close", "reopen", "reopen", "merge", "split", "reject", "refer_outside", "hold", "ask", "answer", "resume",
    "triage", "extend",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, LETTERS - 1), st.sampled_from(AGENCIES), st.integers(1, 30)),
    min_size=10,
    max_size=60,
)


def kept(room: StandingRoom) -> tuple[Counter[Any], dict[Any, Any]]:
    """Tallies that are not zero, and spans as (agency, start, end) by (complaint, stage)."""
    tables = room.tables(["tally", "span"])
    tallies = Counter({(row["what"], row["quarter"], row["agency"]): row["value"] for row in tables["tally"]})
    spans = {
        (row["complaint"], row["stage"]): (row["agency"], from_micros(row["start"]), from_micros(row["ended_at"]))
        for row in tables["span"]
    }
    return +tallies, spans


def check(room: StandingRoom) -> None:
    recount = Recount(room.events())
    tallies, spans = kept(room)
    assert tallies == +recount.tallies()
    assert spans == recount.spans()
    assert examine(room.log, sample=100) == []


def act(room: StandingRoom, name: str, ids: list[str], step: tuple[int, str, int]) -> None:
    """One step; what the rules refuse is refused."""
    number, agency, size = step
    id_ = ids[number % len(ids)] if ids else ""
    match name:
        case "receive":
            ids.append(room.receive(f"N-{len(ids)}", priority=("normal", "critical")[size % 2]))
        case "import":
            received = room.now - timedelta(hours=size)
            closed = {"closed_at": received + timedelta(minutes=size)} if size % 2 else {}
            ids.append(room.receive(f"N-{len(ids)}", received_at=received, **closed))
        case "amend":
            room.receive(f"N-{number % len(ids)}", category="banjir", updated_at=room.now, priority="critical")
        case "later":
            room.later(hours=size).tick()
        case "accept" | "decline":
            room.execute(name, id_, by="agency", of=agency, **({"reason": "bukan kami"} if name == "decline" else {}))
        case "finish":
            room.do_all(id_, "accept", "start", "submit_proof", of=agency)
            room.execute("validate", id_, by="duty")
        case _:
            room.execute(name, id_, **fields(room, name, ids, step))


def fields(room: StandingRoom, name: str, ids: list[str], step: tuple[int, str, int]) -> dict[str, Any]:
    number, agency, size = step
    ahead = (room.now + timedelta(hours=size)).isoformat()
    return {
        "forward": {"agency": agency},
        "merge": {"into": ids[(number + 1) % len(ids)]},
        "split": {},
        "refer_outside": {"outside": "bbws", "reason": "bukan kota"},
        "hold": {"reason": "alat", "until": ahead},
        "ask": {"text": "di mana?"},
        "answer": {"text": "di sini"},
        "resume": {},
        "triage": {"priority": "critical"},
        "extend": {"due_at": ahead, "reason": "alat"},
    }.get(name, {"reason": "karena"})


def play(room: StandingRoom, steps: list[tuple[str, int, str, int]]) -> None:
    ids: list[str] = []
    for name, *step in steps:
        if not ids and name not in ("import", "later"):
            name = "receive"
        try:
            act(room, name, ids, (step[0], step[1], step[2]))
        except (Refused, Malformed, Stale):
            continue


def test_after_everything_that_can_happen(walked: StandingRoom) -> None:
    check(walked)


@settings(max_examples=often(12), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_after_whatever_happens_they_are_a_recount_of_the_log(open_standing: Opener, steps: list[Any]) -> None:
    room = open_standing()
    play(room, steps)
    check(room)
    before = kept(room)
    room.log.write(fold.rebuild)
    assert kept(room) == before
    room.close()


@pytest.mark.parametrize(
    ("table", "planted"),
    [
        (schema.milestone, {"forwarded_at": 1}),
        (schema.milestone, {"overdue": 1}),
        (schema.milestone, {"agency": "dlh"}),
        (schema.span, {"kept": 0}),
        (schema.span, {"ended_at": 1}),
        (schema.tally, {"value": 7}),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else given.name,
)
def test_the_auditor_finds_what_the_log_does_not_say(
    on_file: StandingRoom, table: Any, planted: dict[str, Any]
) -> None:
    on_file.until_done()
    assert examine(on_file.log, sample=100) == []
    on_file.log.touch(lambda c: c.execute(update(table).values(planted)))
    assert any(line.startswith(table.name) for line in examine(on_file.log, sample=100))


def test_what_cannot_change_a_figure_writes_none(on_file: StandingRoom) -> None:
    id_ = on_file.until_working()
    before = on_file.tables(["milestone", "span", "tally"])
    on_file.execute("comment", id_, by="duty", text="sudah ditelepon")
    on_file.execute("reply", id_, by="duty", text="sedang dikerjakan")
    assert on_file.tables(["milestone", "span", "tally"]) == before
    assert on_file.complaint(id_).seq > before["milestone"][0]["seq"]


def test_chance_is_not_needed_to_draw_a_sample(on_file: StandingRoom) -> None:
    """A random walk that is the same every time, longer than those that hypothesis draws."""
    draw = random.Random(3)
    steps = [
        (draw.choice(NAMES), draw.randrange(LETTERS), draw.choice(AGENCIES), draw.randint(1, 30)) for _ in range(300)
    ]
    play(on_file, steps)
    check(on_file)
