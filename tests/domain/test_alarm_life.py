"""The life cycle: every state x every event, what comes of it; whatever is no transition changes nothing (CR-08)."""

import random
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from liveroom.domain.alarms.evolve import STATES, evolve_alarm
from liveroom.domain.alarms.model import PRIORITY, Alarm, AlarmKind, AlarmState
from liveroom.domain.events import Event, Kind, LoggedEvent, Subject
from liveroom.domain.timestamps import to_text
from tests.domain.little_room import START
from tests.domain.payloads import payload_of

NORMAL, UNACKED, ACKED, RETURNED = AlarmState.NORMAL, AlarmState.UNACKED, AlarmState.ACKED, AlarmState.RETURNED
SHELVED, SUPPRESSED, OUT = AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE
LATER = START + timedelta(hours=1)

# control-room.md section 2, by hand: from normal, unacked, acked, returned, sHelved, suppreSsed, Out of service.
LISTED_TRANSITIONS = {
    NORMAL: {UNACKED, SHELVED, SUPPRESSED, OUT},
    UNACKED: {ACKED, RETURNED, SHELVED, SUPPRESSED, OUT},
    ACKED: {NORMAL, UNACKED, SHELVED, SUPPRESSED, OUT},
    RETURNED: {NORMAL, UNACKED, SHELVED, SUPPRESSED, OUT},
    SHELVED: {UNACKED, NORMAL},
    SUPPRESSED: {UNACKED, NORMAL},
    OUT: {UNACKED, NORMAL},
}
LETTERS = dict(zip("nuarhso", AlarmState, strict=True))
# One letter a state, in the order of LETTERS: the state afterwards, "." where the event is no transition.
TABLE = {
    Kind.ALARM_RAISED: "u......",
    Kind.ALARM_ACKNOWLEDGED: ".a.n...",
    Kind.ALARM_RETURNED: ".r..hso",
    Kind.ALARM_CLEARED: "..n....",
    Kind.ALARM_REACTIVATED: "u.uu...",
    Kind.ALARM_RECURRED: "....hso",
    Kind.ALARM_SHELVED: "hhhh...",
    Kind.ALARM_UNSHELVED: "....n..",
    Kind.ALARM_SUPPRESSED: "ssss...",
    Kind.ALARM_UNSUPPRESSED: ".....n.",
    Kind.ALARM_OUT_OF_SERVICE: "oooo...",
    Kind.ALARM_IN_SERVICE: "......n",
    Kind.ALARM_PAGED: ".u.....",
    Kind.ALARM_COUNTED: ".uarhso",
}
ABOUT = {"complaint": "c1", "source": None, "agency": "pupr", "area": None, "category": "jalan_rusak"}
PAYLOADS: dict[Kind, dict[str, Any]] = {
    Kind.ALARM_RAISED: {
        "kind": "passed",
        "priority": 2,
        **ABOUT,
        "stage": "forward",
        "due_at": to_text(START),
        "count": 1,
        "page_at": to_text(LATER),
        "chattering": False,
    },
    Kind.ALARM_ACKNOWLEDGED: {"before": "unacked", "from": "desk-1", "owner": "budi", "expires_at": to_text(LATER)},
    Kind.ALARM_REACTIVATED: {"why": "again", "page_at": to_text(LATER), "chattering": False},
    Kind.ALARM_SHELVED: {"reason": "t1", "until": to_text(LATER)},
    Kind.ALARM_UNSHELVED: {"why": "person"},
    Kind.ALARM_SUPPRESSED: {"rule": "maintenance", "reason": "t1", "until": to_text(LATER)},
    Kind.ALARM_UNSUPPRESSED: {"why": "person", "rule": "maintenance"},
    Kind.ALARM_OUT_OF_SERVICE: {"reason": "t1", "review_at": to_text(LATER)},
    Kind.ALARM_IN_SERVICE: {"why": "person"},
    Kind.ALARM_COUNTED: {"count": 7},
}


def logged(kind: Kind, *, seq: int = 1, id_: str = "passed:c1") -> LoggedEvent:
    event = Event(kind=kind, subject=Subject.ALARM, id=id_, at=START, payload=payload_of(kind, PAYLOADS.get(kind, {})))
    return LoggedEvent(seq=seq, mark="m", logged_at=START, actor="sari", event=event)


def alarm_in(state: AlarmState, *, active: bool | None = None) -> Alarm:
    truth = state in (UNACKED, ACKED) if active is None else active
    return Alarm(
        id="passed:c1", kind=AlarmKind.PASSED, priority=2, state=state, active=truth, complaint="c1", raised_at=START
    )


def test_cr_08_there_are_seven_states_and_every_event_of_an_alarm_is_in_the_table() -> None:
    assert len(AlarmState) == 7
    assert set(TABLE) == set(STATES) == {kind for kind in Kind if kind.value.startswith("alarm.")}


@pytest.mark.parametrize("kind", TABLE)
@pytest.mark.parametrize("letter", LETTERS)
def test_cr_08_an_event_in_a_state(kind: Kind, letter: str) -> None:
    before = alarm_in(LETTERS[letter])
    after = evolve_alarm(before, logged(kind, seq=9))
    found = TABLE[kind]["nuarhso".index(letter)]
    if found == ".":
        assert after == replace(before, seq=9)
    else:
        assert (after.state, after.seq) == (LETTERS[found], 9)
        assert after.state is before.state or after.state in LISTED_TRANSITIONS[before.state]


def test_cr_08_ten_thousand_random_events_make_no_illegal_state() -> None:
    chance = random.Random(8)
    alarm = evolve_alarm(None, logged(Kind.ALARM_RAISED))
    seen = set()
    for seq in range(2, 10_002):
        before, alarm = alarm, evolve_alarm(alarm, logged(chance.choice(list(TABLE)), seq=seq))
        assert alarm.state is before.state or alarm.state in LISTED_TRANSITIONS[before.state]
        check(alarm)
        seen.add((before.state, alarm.state))
    possible = {(one, other) for one, others in LISTED_TRANSITIONS.items() for other in others}
    by_pairs_only = {(SHELVED, UNACKED), (SUPPRESSED, UNACKED), (OUT, UNACKED)}
    assert {pair for pair in seen if pair[0] is not pair[1]} == possible - by_pairs_only


def check(alarm: Alarm) -> None:
    """What no order of events may ever bring about."""
    assert alarm.active or alarm.state not in (UNACKED, ACKED)
    assert not alarm.active or alarm.state not in (NORMAL, RETURNED)
    assert (alarm.state is SHELVED) == (alarm.shelved_until is not None)
    assert (alarm.state is SUPPRESSED) == (alarm.rule is not None)
    assert (alarm.state is OUT) == (alarm.review_at is not None)
    assert alarm.state is not ACKED or alarm.acked_by
    assert alarm.state is not UNACKED or alarm.acked_by is alarm.owner is alarm.expires_at is None


def test_an_alarm_begins_by_being_raised() -> None:
    for kind in set(TABLE) - {Kind.ALARM_RAISED}:
        with pytest.raises(ValueError, match="never raised"):
            evolve_alarm(None, logged(kind))


def test_a_sources_alarm_may_be_silenced_before_it_ever_rang() -> None:
    alarm = evolve_alarm(None, logged(Kind.ALARM_SUPPRESSED, id_="lost:lapor"))
    assert (alarm.state, alarm.source, alarm.kind, alarm.priority) == (SUPPRESSED, "lapor", AlarmKind.LOST, 2)


def test_an_unknown_event_moves_the_number_alone() -> None:
    before = alarm_in(UNACKED)
    unknown = replace(
        logged(Kind.ALARM_PAGED, seq=4),
        event=replace(logged(Kind.ALARM_PAGED).event, kind="alarm.sang", payload={}),
    )
    assert evolve_alarm(before, unknown) == replace(before, seq=4)


def test_cr_06_three_priorities_by_kind() -> None:
    assert {kind.value: priority for kind, priority in PRIORITY.items()} == {
        "critical": 1,
        "passed": 2,
        "lost": 2,
        "warned": 3,
    }
    assert set(PRIORITY) == set(AlarmKind)


def test_cr_02_there_are_four_kinds() -> None:
    assert {kind.value for kind in AlarmKind} == {"warned", "passed", "critical", "lost"}
    with pytest.raises(ValueError, match="new"):
        AlarmKind("new")
