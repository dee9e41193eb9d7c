"""Every state x every command x every role: done or refused, and why. The table is written by hand, not read."""

import pytest

from liveroom.domain.complaints.commands import allowed
from liveroom.domain.complaints.model import State
from liveroom.domain.requests import CommandName, Refused, Role
from tests.domain.stages import FIELDS, room_with

LETTERS = {
    "d": Role.DUTY,
    "s": Role.SUPERVISOR,
    "m": Role.ADMIN,
    "a": Role.AGENCY,
    "h": Role.AGENCY_HEAD,
    "l": Role.LEADERSHIP,
    "y": Role.SYSTEM,
}
# Received, Forwarded, Accepted (by the lead), Working, Proof submitted, Done, Not ours, reJected, Merged
STATES = dict(zip("RFAWPDNJM", State, strict=True))
TABLE = {
    "triage": ("dsm", "RFAWP"),
    "forward": ("dsm", "RFAW"),
    "accept": ("ah", "F"),
    "decline": ("ah", "FAW"),
    "start": ("ah", "A"),
    "ask": ("dsmah", "RFAWP"),
    "answer": ("dsmahy", ""),
    "hold": ("sm", "RFAWP"),
    "resume": ("dsm", ""),
    "coordinate": ("dsm", "FAW"),
    "submit_proof": ("ah", "AW"),
    "validate": ("dsmh", "P"),
    "send_back": ("dsmh", "P"),
    "release_proof": ("sm", "D"),
    "withdraw_proof": ("sm", "RFAWPDNJM"),
    "close": ("sm", "RFAWP"),
    "reopen": ("dsmy", "DNJ"),
    "merge": ("dsm", "RFAWP"),
    "split": ("dsm", "M"),
    "refer_outside": ("dsm", "RFAW"),
    "reject": ("dsm", "RF"),
    "comment": ("dsmahl", "RFAWPDNJM"),
    "reply": ("dsmah", "RFAWPDNJM"),
    "claim": ("dsm", "RFAWP"),
    "release": ("dsm", "RFAWPDNJM"),
    "extend": ("sm", "RFAWP"),
    "rate": ("y", "D"),
}


def expected(name: str, state: str, role: str, *, ours: bool) -> str:
    roles, states = TABLE[name]
    if role not in roles:
        return "role"
    if role in "ah" and not ours:
        return "not_your_complaint"
    return "done" if state in states else "state"


def answered(name: str, state: State, role: Role, *, of: str = "pupr") -> str:
    room = room_with(state)
    try:
        room.execute(name, by=role, of=of, actor="somebody", **FIELDS.get(name, {}))
    except Refused as refused:
        return refused.code.value
    return "done"


def test_the_table_names_every_command() -> None:
    assert list(TABLE) == [name.value for name in CommandName]


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("letter", STATES)
def test_a_command_in_a_state(name: str, letter: str) -> None:
    state = STATES[letter]
    ours = state is not State.RECEIVED and state is not State.REJECTED
    found = {role: answered(name, state, LETTERS[role]) for role in LETTERS}
    assert found == {role: expected(name, letter, role, ours=ours) for role in LETTERS}


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("role", [Role.AGENCY, Role.AGENCY_HEAD])
def test_another_agency_is_told_only_that_it_is_not_its_complaint(name: str, role: Role) -> None:
    expected_code = "not_your_complaint" if {"agency": "a", "agency_head": "h"}[role] in TABLE[name][0] else "role"
    assert {answered(name, state, role, of="bpbd") for state in State} == {expected_code}


@pytest.mark.parametrize("letter", STATES)
def test_the_desk_is_offered_what_it_may_do_and_nothing_else(letter: str) -> None:
    complaint = room_with(STATES[letter])["c1"]
    ours = bool(complaint.agencies)
    for role, name_of_role in LETTERS.items():
        offered = {name.value for name in allowed(complaint, name_of_role, "pupr")}
        assert offered == {name for name in TABLE if expected(name, letter, role, ours=ours) == "done"}
