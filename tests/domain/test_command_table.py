"""Every state x every command x every role: done or refused, and why. The table is written by hand, not read."""

from typing import Any

import pytest
from msgspec.structs import replace

from liveroom.domain.complaints.commands import SPECS, allowed, refusal
from liveroom.domain.complaints.model import State
from liveroom.domain.fields import given_by
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


@pytest.mark.parametrize("letter", STATES)
@pytest.mark.parametrize("paused", [None, "citizen", "hold"])
def test_a_card_tells_every_role_of_its_audience_what_it_may_do(letter: str, paused: str | None) -> None:
    """Cards carry what a supervisor, or an agency's head, could give; a page keeps what its own role gives of that."""
    complaint = replace(room_with(STATES[letter])["c1"], paused=paused)
    for senior, roles in ((Role.SUPERVISOR, (Role.DUTY, Role.ADMIN)), (Role.AGENCY_HEAD, (Role.AGENCY,))):
        sent = allowed(complaint, senior, "pupr")
        for role in roles:
            assert allowed(complaint, role, "pupr") == tuple(name for name in sent if name in given_by(SPECS, role))


@pytest.mark.parametrize("letter", STATES)
def test_what_is_remembered_of_a_complaint_that_stands_alike_is_what_this_one_would_be_told(letter: str) -> None:
    plain = room_with(STATES[letter])["c1"]
    changes: tuple[dict[str, Any], ...] = (
        {}, {"paused": "citizen"}, {"paused": "hold"}, {"finish": None}, {"children": ("c2",)}, {"agencies": ()},
        {"accepted_by": ()}, {"agencies": ("pupr",), "accepted_by": ("pupr",)}, {"agencies": ("bpbd",)},
    )  # fmt: skip
    for complaint in (replace(plain, **change) for change in changes):
        for role in Role:
            for agency in ("pupr", None):
                told = tuple(n for n in CommandName if refusal(complaint, n, role, actor_agency=agency) is None)
                assert allowed(complaint, role, agency) == told


@pytest.mark.parametrize("letter", STATES)
@pytest.mark.parametrize("paused", [None, "citizen", "hold"])
def test_holding_and_resuming_share_a_key_for_never_both_are_possible(letter: str, paused: str | None) -> None:
    complaint = replace(room_with(STATES[letter])["c1"], paused=paused)
    pair = {CommandName.HOLD, CommandName.RESUME} & set(allowed(complaint, Role.SUPERVISOR))
    assert len(pair) == (1 if letter in "RFAWP" else 0)
