"""CR-08 in a whole room: 10,000 steps of complaints, sources, people and time, and alarms move only as they may."""

import random
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from liveroom.domain.alarms.commands import AlarmCommandName, allowed
from liveroom.domain.alarms.evolve import evolve_alarm
from liveroom.domain.alarms.model import LISTED, Alarm, AlarmRules, AlarmState
from liveroom.domain.complaints.commands import allowed as possible
from liveroom.domain.events import Kind, Subject
from liveroom.domain.requests import CommandName, Refused, Role
from liveroom.domain.timestamps import to_text
from tests.domain.alarm_room import AlarmRoom
from tests.domain.stages import FIELDS
from tests.domain.test_alarm_life import LISTED_TRANSITIONS, check

IDS = ("c1", "c2", "c3")
CATEGORIES = ("banjir", "jalan_rusak", "pertanyaan")
WORDS = {CommandName.COMMENT, CommandName.REPLY, CommandName.CLAIM, CommandName.RELEASE, CommandName.RATE}
STEPS = 250
DAYS = range(40)


@cache
def some_day(seed: int) -> AlarmRoom:
    """A room after chance has acted in it for a while, checked after every step."""
    chance, room = random.Random(seed), AlarmRoom(rules=AlarmRules(warned_per_hour=1, reachable=seed % 2 == 0))
    for id_ in IDS:
        room.receive(id_, category=chance.choice(CATEGORIES))
    for _ in range(STEPS):
        try:
            chance.choice((pass_time, handle, handle, answer, answer, hear))(room, chance)
        except Refused:
            continue
        finally:
            check_room(room)
    return room


def pass_time(room: AlarmRoom, chance: random.Random) -> None:
    room.later(minutes=chance.choice((0.5, 1, 5, 20, 90, 300))).tick()


def handle(room: AlarmRoom, chance: random.Random) -> None:
    room.tick()
    id_ = chance.choice(IDS)
    complaint = room[id_]
    people = [(by, of) for by in (Role.SUPERVISOR, Role.AGENCY) for of in complaint.agencies or ("pupr",)]
    by, of = chance.choice(people)
    names = sorted(set(possible(complaint, by, of)) - WORDS)
    if names:
        name = chance.choice(names)
        fields = FIELDS.get(name, {}) | near_fields(room, name, chance)
        room.execute(name, id_, by=by, of=of, actor="a" if name is CommandName.SUBMIT_PROOF else "b", **fields)


def near_fields(room: AlarmRoom, name: CommandName, chance: random.Random) -> dict[str, Any]:
    soon = to_text(room.now + timedelta(minutes=chance.randrange(1, 3_000)))
    match name:
        case CommandName.HOLD:
            return {"until": soon}
        case CommandName.EXTEND:
            return {"due_at": soon}
        case CommandName.TRIAGE:
            return {"category": chance.choice(CATEGORIES)}
        case CommandName.FORWARD:
            return {"agency": chance.choice(("dlh", "pupr", "bpbd"))}
        case _:
            return {}


def answer(room: AlarmRoom, chance: random.Random) -> None:
    room.tick()
    alarm = chance.choice(sorted(room.alarms.values(), key=lambda one: one.id) or [None])
    names = allowed(alarm, Role.SUPERVISOR) if alarm is not None else ()
    if alarm is None or not names:
        return
    soon = to_text(room.now + timedelta(minutes=chance.randrange(1, 30)))
    fields: dict[AlarmCommandName, dict[str, str]] = {
        AlarmCommandName.ACKNOWLEDGE: chance.choice(({}, {"owner": "budi"})),
        AlarmCommandName.SHELVE: {"reason": "r", "until": soon},
        AlarmCommandName.SUPPRESS: {"rule": "maintenance", "reason": "r", "until": soon},
        AlarmCommandName.OUT_OF_SERVICE: {"reason": "r", "review_at": soon},
    }
    name = chance.choice(names)
    room.answer(name, alarm.id, by="supervisor", **fields.get(name, {}))


def hear(room: AlarmRoom, chance: random.Random) -> None:
    room.source(chance.choice(("ok", "late", "lost", "lost", "closed")), chance.choice(("lapor", "span")))


def check_room(room: AlarmRoom) -> None:
    for alarm in room.alarms.values():
        check(alarm)
        assert alarm.next_due is None or alarm.next_due > room.now or not room.tick()
    for id_, complaint in room.complaints.items():
        warned, passed = (room.alarms.get(f"{kind}:{id_}") for kind in ("warned", "passed"))
        ringing = [one for one in (warned, passed) if one is not None and one.active and one.state in LISTED]
        assert len(ringing) <= 1, "CR-04"
        if passed is not None:
            assert not passed.active or complaint.overdue
            assert passed.active or passed.owner or not complaint.overdue
        if not complaint.open:
            assert not ringing


@pytest.mark.parametrize("seed", DAYS)
def test_cr_08_only_listed_transitions_whatever_happens(seed: int) -> None:
    room = some_day(seed)
    alarms: dict[str, Alarm] = {}
    for logged in room.log:
        if logged.event.subject is Subject.ALARM:
            before = alarms.get(logged.event.id)
            after = alarms[logged.event.id] = evolve_alarm(before, logged)
            state = AlarmState.NORMAL if before is None else before.state
            assert after.state is state or after.state in LISTED_TRANSITIONS[state]
            assert before is None or after != replace(before, seq=after.seq), "every event of an alarm changes it"
    assert alarms == room.alarms


def test_cr_08_chance_reaches_every_state_and_event() -> None:
    rooms = [some_day(seed) for seed in DAYS]
    events = [logged.event for room in rooms for logged in room.log if logged.event.subject is Subject.ALARM]
    assert len(events) > 2_000
    assert {event.kind for event in events} == {kind for kind in Kind if kind.value.startswith("alarm.")}
