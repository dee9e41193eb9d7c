"""One order of refusals for every kind of subject: unknown, forbidden, malformed, stale, against a rule; then done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from liveroom.accounts.users import Person
from liveroom.domain.requests import Code, Command, Malformed, Refused, Role, Stale, Unknown
from liveroom.room.commands.users import UserActs
from tests.rooms.screens import StandingScreens
from tests.rooms.standing import StandingRoom
from tests.rooms.standing_office import StandingOffice

# The room's time is 2026-11-24T02:00:00Z.
PAST, SOON, FAR = "2026-11-24T01:00:00Z", "2026-11-24T04:00:00Z", "2026-12-24T04:00:00Z"


@pytest.fixture
def standing(on_file: StandingRoom) -> StandingRoom:
    """On one kind of database: the order is the pipeline's, which knows none."""
    return on_file


def complaint(standing: StandingRoom) -> str:
    return standing.receive()


def decide_before(standing: StandingRoom, id_: str) -> None:
    standing.execute("forward", id_, agency="dpupr")


def source(standing: StandingRoom) -> str:
    standing.sources.add("Lapor", 60)
    return "lost:lapor"


def suppress_before(standing: StandingRoom, id_: str) -> None:
    standing.execute("suppress", id_, about="alarm", rule="maintenance", reason="r", until=SOON)
    standing.execute("unsuppress", id_, about="alarm")


def room(_standing: StandingRoom) -> str:
    return "room"


def screen(standing: StandingRoom) -> str:
    return StandingScreens(standing).pair("Dinding")


def delivery(standing: StandingRoom) -> str:
    office = StandingOffice(standing)
    office.forwarded()
    return office.due()[0].id


def only_admin(standing: StandingRoom) -> str:
    UserActs(standing.room, "command-line").add(Person(actor="kepala", name="Kepala", role=Role.ADMIN), "hash")
    return "kepala"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A command on a subject that ``made`` makes, by ``role``; ``outsider`` may not give it.

    ``bad`` are fields that are malformed, ``against`` fields that a rule refuses with ``code``, ``good`` ones that
    pass; ``overtake`` makes it stale. None: there is no such refusal.
    """

    about: str
    name: str
    made: Callable[[StandingRoom], str]
    good: Mapping[str, Any] = field(default_factory=dict)
    bad: Mapping[str, Any] | None = None
    against: Mapping[str, Any] | None = None
    code: Code | None = None
    outsider: str = "duty"
    role: str = "supervisor"
    overtake: Callable[[StandingRoom, str], None] | None = None


CASES = {
    "complaint": Case(
        about="complaint",
        name="hold",
        made=complaint,
        bad={"reason": "", "until": PAST},
        against={"reason": "r", "until": PAST},
        code=Code.PAST,
        good={"reason": "r", "until": SOON},
        overtake=decide_before,
    ),
    "another agency's complaint": Case(
        about="complaint",
        name="comment",
        made=complaint,
        outsider="agency",
        bad={"text": 7},
        against={"text": "t", "answer_by": PAST},
        code=Code.PAST,
        good={"text": "t"},
    ),
    "alarm": Case(
        about="alarm",
        name="suppress",
        made=source,
        bad={"rule": "x", "reason": "r", "until": FAR},
        against={"rule": "maintenance", "reason": "r", "until": FAR},
        code=Code.LIMIT,
        good={"rule": "maintenance", "reason": "r", "until": SOON},
        overtake=suppress_before,
    ),
    "room": Case(
        about="room",
        name="hold_scene",
        made=room,
        outsider="agency",
        bad={"scene": "tamu"},
        against={"scene": "visit"},
        code=Code.STATE,
        good={"scene": "map"},
    ),
    "handover": Case(
        about="room",
        name="handover",
        made=room,
        outsider="leadership",
        bad={"to": 7},
        against={"to": "supervisor"},
        code=Code.FIELD,
        good={"to": "budi"},
    ),
    "screen": Case(about="screen", name="change", made=screen, bad={"name": ""}, good={"place": "Lobi"}),
    "screen in a state": Case(about="screen", name="unfreeze", made=screen, against={}, code=Code.STATE),
    "outbox": Case(
        about="outbox",
        name="know",
        made=delivery,
        bad={"until": FAR},
        against={"reason": "r", "until": FAR},
        code=Code.LIMIT,
        good={"reason": "r", "until": SOON},
    ),
    "user": Case(
        about="user",
        name="change",
        made=only_admin,
        outsider="supervisor",
        role="admin",
        bad={"as_role": "system"},
        against={"as_role": "duty"},
        code=Code.LAST_ADMIN,
        good={"as_role": "admin", "name": "Ibu Kepala"},
    ),
}


def refused(standing: StandingRoom, command: Command, kind: type[Exception]) -> Any:
    """The refusal, which is of just this kind and logs nothing."""
    head = standing.head().seq
    with pytest.raises((Unknown, Refused, Malformed, Stale)) as no:
        standing.room.execute(command)
    assert (type(no.value), standing.head().seq) == (kind, head)
    return no.value


@pytest.mark.parametrize("name", CASES)
def test_what_comes_first_is_said_first(standing: StandingRoom, name: str) -> None:
    """Everything is wrong at first; then one thing after the other is put right."""
    case = CASES[name]
    id_ = case.made(standing)
    seen = standing.head().seq
    if case.overtake is not None:
        case.overtake(standing, id_)
    wrong = next(fields for fields in (case.bad, case.against, case.good) if fields is not None)
    order = standing.order(case.name, "x", by=case.outsider, about=case.about, seen=seen)
    order = replace(order, fields=wrong, actor_agency="dlh" if case.outsider == "agency" else None)
    if case.about != "room":
        refused(standing, order, Unknown)
    order = replace(order, subject=id_)
    foreign = case.outsider == "agency" and case.about == "complaint"
    assert refused(standing, order, Refused).code is (Code.NOT_YOUR_COMPLAINT if foreign else Code.ROLE)
    order = replace(order, role=case.role, actor=case.role, actor_agency=None)
    if case.bad is not None:
        assert refused(standing, order, Malformed).field in {*case.bad, *case.good}
    order = replace(order, fields=case.against if case.against is not None else case.good)
    if case.overtake is not None:
        assert refused(standing, order, Stale).actor == "supervisor"
    order = replace(order, seen_seq=standing.head().seq)
    if case.code is not None:
        assert refused(standing, order, Refused).code is case.code
    if case.code is None or case.good:
        order = replace(order, fields=case.good)
        done, head = standing.room.execute(order), standing.head()
        again = standing.room.execute(order)
        assert (again.id, again.seq, again.state, standing.head()) == (done.id, done.seq, done.state, head)


@pytest.mark.parametrize("about", sorted({case.about for case in CASES.values()}))
@pytest.mark.parametrize(("change", "at"), [({"name": "dance"}, "command"), ({"role": "chief"}, "role")])
def test_a_name_that_nobody_knows_is_malformed(
    standing: StandingRoom, about: str, change: dict[str, str], at: str
) -> None:
    case = next(case for case in CASES.values() if case.about == about)
    order = standing.order(case.name, case.made(standing), by=case.role, about=about)
    no = refused(standing, replace(order, fields=case.good, **change), Malformed)
    assert (no.field, "is not known" in no.message) == (at, True)


@pytest.mark.parametrize("name", CASES)
def test_whoever_may_not_is_told_before_the_fields_are_read(standing: StandingRoom, name: str) -> None:
    """As a door asks when a body says too little for a command."""
    case = CASES[name]
    order = standing.order(case.name, case.made(standing), by=case.outsider, of="dlh", about=case.about)
    with pytest.raises(Refused):
        standing.room.refuse_strangers(order)
    standing.room.refuse_strangers(replace(order, role=case.role))
    standing.room.refuse_strangers(replace(order, role="chief"))
    if case.about != "room":
        with pytest.raises(Unknown):
            standing.room.refuse_strangers(replace(order, subject="x", role=case.role))


def test_a_call_to_a_page_is_no_event(standing: StandingRoom) -> None:
    screens = StandingScreens(standing)
    id_ = screens.pair("Dinding")
    head = standing.head()
    refused(standing, standing.order("identify", id_, about="screen"), Unknown)  # no page shows it
    screens.hear(id_)
    refused(standing, standing.order("identify", id_, by="duty", about="screen"), Refused)
    done = standing.room.execute(standing.order("identify", id_, about="screen"))
    assert (done.id, done.state, standing.head()) == (id_, "asked", head)
