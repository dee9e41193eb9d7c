"""What people may do to alarms: every state x command x role, the limits of each silence, the record of each answer."""

from datetime import timedelta
from typing import Any

import pytest

from liveroom.domain.alarms.commands import (
    ALARM_SPECS,
    AlarmCommandName,
    allowed,
)
from liveroom.domain.alarms.model import AlarmState
from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, Malformed, Refused, Role
from liveroom.domain.timestamps import to_text
from tests.domain.alarm_room import AlarmRoom
from tests.domain.little_room import START

SECOND = timedelta(seconds=1)
SOON = to_text(START + timedelta(minutes=20))
FIELDS: dict[str, dict[str, Any]] = {
    "shelve": {"reason": "r", "until": SOON},
    "suppress": {"rule": "maintenance", "reason": "r", "until": SOON},
    "out_of_service": {"reason": "r", "review_at": SOON},
}
# States by letter: Normal, Unacked, Acked, Returned, sHelved, suppreSsed, Out of service.
LETTERS = dict(zip("NUARHSO", AlarmState, strict=True))
DESK, LEADERS = {"duty", "supervisor", "admin"}, {"supervisor", "admin"}
TABLE = {
    "acknowledge": (DESK, "UR"),
    "shelve": (DESK, "NUAR"),
    "unshelve": (DESK, "H"),
    "suppress": (LEADERS, "NUAR"),
    "unsuppress": (LEADERS, "S"),
    "out_of_service": (LEADERS, "NUAR"),
    "in_service": (LEADERS, "O"),
}
AFTER = {"shelve": "H", "suppress": "S", "out_of_service": "O"}


def lost(letter: str = "U") -> AlarmRoom:
    """A room whose source's alarm is in the state."""
    room = AlarmRoom()
    room.source("lost")
    if letter in "NR":
        room.source("ok")
    if letter in "NA":
        room.answer("acknowledge", "lost:lapor")
    if letter in "HSO":
        name = {"H": "shelve", "S": "suppress", "O": "out_of_service"}[letter]
        room.answer(name, "lost:lapor", by="supervisor", **FIELDS[name])
    assert room.alarm("lost", "lapor").state is LETTERS[letter]
    return room


def refused(room: AlarmRoom, name: str, alarm: str = "lost:lapor", **given: Any) -> tuple[Code, str | None]:
    before, length = dict(room.alarms), len(room.log)
    with pytest.raises(Refused) as caught:
        room.answer(name, alarm, **given)
    assert (room.alarms, len(room.log)) == (before, length), "a refusal leaves nothing behind"
    return caught.value.code, caught.value.field


def answered(name: str, letter: str, role: str) -> str:
    try:
        lost(letter).answer(name, "lost:lapor", by=role, **FIELDS.get(name, {}))
    except Refused as no:
        return no.code.value
    return "done"


def test_the_table_names_every_command() -> None:
    assert list(TABLE) == [name.value for name in AlarmCommandName]


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("letter", LETTERS)
def test_a_command_in_a_state(name: str, letter: str) -> None:
    roles, states = TABLE[name]
    found = {role.value: answered(name, letter, role) for role in Role}
    fits = "done" if letter in states else "state"
    assert found == {role.value: fits if role.value in roles else "role" for role in Role}


@pytest.mark.parametrize("letter", LETTERS)
def test_the_desk_is_offered_what_it_may_do_and_nothing_else(letter: str) -> None:
    alarm = lost(letter).alarm("lost", "lapor")
    for role in Role:
        offered = {name.value for name in allowed(alarm, role)}
        assert offered == {name for name, (roles, states) in TABLE.items() if role in roles and letter in states}
        assert {name.value for name, spec in ALARM_SPECS.items() if role in spec.roles} == {
            name for name, (roles, _) in TABLE.items() if role in roles
        }


@pytest.mark.parametrize(("name", "letter"), AFTER.items())
def test_cr_08_a_quiet_state_is_left_unacked_if_it_is_true_else_normal(name: str, letter: str) -> None:
    back = {"shelve": "unshelve", "suppress": "unsuppress", "out_of_service": "in_service"}[name]
    room = lost(letter)
    room.answer(back, "lost:lapor", by="supervisor")
    assert room.alarm("lost", "lapor").state.value == "unacked"
    reactivated = room.of(Kind.ALARM_REACTIVATED)[-1].event.fields["why"]
    assert reactivated == {"unshelve": "unshelved", "unsuppress": "unsuppressed", "in_service": "in_service"}[back]
    room = lost(letter)
    room.source("ok")
    room.answer(back, "lost:lapor", by="supervisor")
    assert room.alarm("lost", "lapor").state.value == "normal"


@pytest.mark.parametrize(("letter", "before"), [("U", "unacked"), ("R", "returned")])
def test_cr_11_the_record_says_which_alarm_who_when_where_and_the_state_before(letter: str, before: str) -> None:
    room = lost(letter)
    room.answer("acknowledge", "lost:lapor", actor="sari", screen="meja-2")
    record = room.log[-1]
    event = record.event
    assert (event.kind, event.id, record.actor, event.at) == (Kind.ALARM_ACKNOWLEDGED, "lost:lapor", "sari", room.now)
    assert (event.fields["from"], event.fields["before"]) == ("meja-2", before)
    alarm = room.alarm("lost", "lapor")
    assert (alarm.acked_by, alarm.acked_at, alarm.acked_from) == ("sari", room.now, "meja-2")


def test_cr_12_one_acknowledgement_covers_one_alarm() -> None:
    room = AlarmRoom()
    for number in range(12):
        room.source("lost", f"s{number}")
    for number in range(11):
        room.answer("acknowledge", f"lost:s{number}", actor="sari")
    assert len(room.of(Kind.ALARM_ACKNOWLEDGED)) == 11
    assert {one.event.id for one in room.of(Kind.ALARM_ACKNOWLEDGED)} == {f"lost:s{number}" for number in range(11)}
    assert room.alarm("lost", "s11").state.value == "unacked"


@pytest.mark.parametrize("role", [Role.LEADERSHIP, Role.AGENCY, Role.AGENCY_HEAD, Role.SYSTEM])
def test_cr_13_only_a_desk_acknowledges(role: Role) -> None:
    assert role not in ALARM_SPECS[AlarmCommandName.ACKNOWLEDGE].roles
    assert refused(lost(), "acknowledge", by=role) == (Code.ROLE, None)


def test_cr_15_of_two_who_saw_the_same_only_the_first_acknowledges() -> None:
    room = lost()
    seen = len(room.log)
    room.answer("acknowledge", "lost:lapor", actor="sari")
    assert any(one.event.kind in ALARM_SPECS[AlarmCommandName.ACKNOWLEDGE].conflicts for one in room.log[seen:])
    assert refused(room, "acknowledge", actor="budi") == (Code.STATE, None)
    assert room.alarm("lost", "lapor").acked_by == "sari"


def test_cr_13_nobody_acknowledges_an_activation_that_they_have_not_seen() -> None:
    room = lost()
    seen = len(room.log)
    room.source("ok")
    room.source("lost")
    assert any(one.event.kind in ALARM_SPECS[AlarmCommandName.ACKNOWLEDGE].conflicts for one in room.log[seen:])


@pytest.mark.parametrize("kind", [Kind.ALARM_PAGED, Kind.ALARM_COUNTED, Kind.ALARM_RETURNED, Kind.ALARM_CLEARED])
@pytest.mark.parametrize("name", AlarmCommandName)
def test_what_the_clock_and_complaints_do_never_makes_stale(name: AlarmCommandName, kind: Kind) -> None:
    assert kind not in ALARM_SPECS[AlarmCommandName(name)].conflicts


def limits(kind: str) -> tuple[AlarmRoom, str, timedelta]:
    room = AlarmRoom()
    if kind == "critical":
        room.receive(category="banjir")
        return room, "critical:c1", timedelta(minutes=30)
    if kind == "warned":
        room.until_working().at("30 12:15").tick()
        return room, "warned:c1", timedelta(hours=8)
    room.source("lost")
    return room, "lost:lapor", timedelta(hours=4)


@pytest.mark.parametrize("kind", ["critical", "lost", "warned"])
def test_cr_21_shelving_ends_within_the_limit_of_its_priority(kind: str) -> None:
    room, alarm, limit = limits(kind)
    over, past = to_text(room.now + limit + SECOND), to_text(room.now)
    assert refused(room, "shelve", alarm, by="supervisor", reason="r", until=over) == (Code.LIMIT, "until")
    assert refused(room, "shelve", alarm, by="supervisor", reason="r", until=past) == (Code.PAST, "until")
    room.answer("shelve", alarm, by="supervisor", actor="rina", reason="t1", until=to_text(room.now + limit))
    found = room.alarms[alarm]
    assert (found.state.value, found.shelved_by, found.reason) == ("shelved", "rina", "t1")
    assert found.shelved_until == room.now + limit


def test_cr_21_what_is_critical_only_a_supervisor_shelves() -> None:
    room, alarm, _ = limits("critical")
    assert refused(room, "shelve", alarm, by="duty", reason="r", until=SOON) == (Code.ROLE, None)
    assert AlarmCommandName.SHELVE not in allowed(room.alarms[alarm], Role.DUTY)


@pytest.mark.parametrize(("name", "field"), [("suppress", "until"), ("out_of_service", "review_at")])
def test_cr_22_what_is_silent_longer_is_looked_at_again_within_a_week(name: str, field: str) -> None:
    week = timedelta(days=7)
    over = FIELDS[name] | {field: to_text(START + week + SECOND)}
    assert refused(lost(), name, by="supervisor", **over) == (Code.LIMIT, field)
    room = lost()
    room.answer(name, "lost:lapor", by="supervisor", **(FIELDS[name] | {field: to_text(START + week)}))


def test_cr_04_what_is_redundant_comes_back_by_its_rule_alone() -> None:
    room = AlarmRoom()
    room.receive()
    room.at("24 09:31").tick()
    assert refused(room, "unsuppress", "warned:c1", by="supervisor") == (Code.STATE, None)


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("shelve", {"until": SOON}, "reason"),
    ("shelve", {"reason": " ", "until": SOON}, "reason"),
    ("shelve", {"reason": "r"}, "until"),
    ("shelve", {"reason": "r", "until": "besok"}, "until"),
    ("suppress", {"reason": "r", "until": SOON}, "rule"),
    ("suppress", {"rule": "redundant", "reason": "r", "until": SOON}, "rule"),
    ("suppress", {"rule": "maintenance", "reason": "r"}, "until"),
    ("out_of_service", {"review_at": SOON}, "reason"),
    ("out_of_service", {"reason": "r"}, "review_at"),
    ("acknowledge", {"owner": "Pak Budi"}, "owner"),
    ("acknowledge", {"screen": "x" * 129}, "screen"),
    ("acknowledge", {"screen": 7}, "screen"),
]


@pytest.mark.parametrize(("name", "raw", "field"), BAD)
def test_a_fault_is_named_by_its_field(name: str, raw: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as malformed:
        ALARM_SPECS[AlarmCommandName(name)].parse(raw)
    assert malformed.value.field == field


def test_the_room_knows_which_fields_are_texts() -> None:
    found = {name.value: spec.texts for name, spec in ALARM_SPECS.items() if spec.texts}
    assert found == {"shelve": ("reason",), "suppress": ("reason",), "out_of_service": ("reason",)}
    assert set(ALARM_SPECS) == set(AlarmCommandName)


def test_an_answer_is_over_with_the_next_activation() -> None:
    room = lost("A")
    room.answer("shelve", "lost:lapor", reason="r", until=SOON)
    alarm = room.alarm("lost", "lapor")
    assert (alarm.acked_by, alarm.expires_at, alarm.active) == ("duty", None, True)
    room.answer("unshelve", "lost:lapor")
    assert room.alarm("lost", "lapor").acked_by is None


def test_cr_31_who_has_taken_it_has_it_still_after_it_was_shelved() -> None:
    room = AlarmRoom()
    room.receive()
    room.at("24 09:31").answer("acknowledge", "passed:c1", owner="budi")
    room.answer("shelve", "passed:c1", reason="r", until=to_text(room.now + 5 * SECOND))
    room.later(minutes=5).tick()
    alarm = room.alarm("passed")
    assert (alarm.state.value, alarm.owner) == ("normal", "budi")
    room.at("24 09:45").tick()
    assert room.of(Kind.ALARM_REACTIVATED)[-1].event.fields["why"] == "multiplied"
