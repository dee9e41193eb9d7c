"""What makes a command stale: never the clock, words or a resend; always what would let two people decide the same."""

import pickle
from contextlib import contextmanager

import pytest

from liveroom.domain.complaints.commands import SPECS
from liveroom.domain.complaints.model import State
from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, CommandName, Malformed, Refused
from tests.domain.little_room import LittleRoom
from tests.domain.stages import FIELDS, room_with

NEVER = {
    Kind.RECEIVED,
    Kind.AMENDED,
    Kind.COMMENTED,
    Kind.PROOF_RELEASED,
    Kind.PROOF_WITHDRAWN,
    Kind.REPLIED,
    Kind.CLAIMED,
    Kind.UNCLAIMED,
    Kind.RESUMED,
    Kind.REPLANNED,
    Kind.ERASED,
    Kind.DEADLINE_WARNED,
    Kind.DEADLINE_PASSED,
    Kind.DEADLINE_MULTIPLIED,
    Kind.DAY_OPENED,
    Kind.SOURCE_CHANGED,
}
ENDS = {Kind.VALIDATED, Kind.CLOSED, Kind.MERGED, Kind.REFERRED, Kind.REJECTED}
FREE = {
    CommandName.COMMENT,
    CommandName.REPLY,
    CommandName.CLAIM,
    CommandName.RELEASE,
    CommandName.WITHDRAW_PROOF,
    CommandName.RATE,
}
DECISIONS = [name for name in CommandName if name not in FREE]


@pytest.mark.parametrize("name", CommandName)
def test_clock_words_and_resends_never_make_stale(name: CommandName) -> None:
    assert not SPECS[name].conflicts & NEVER


@pytest.mark.parametrize("name", DECISIONS)
def test_an_end_always_does(name: CommandName) -> None:
    assert SPECS[name].conflicts >= ENDS


@pytest.mark.parametrize("name", sorted(FREE))
def test_words_are_never_stale(name: CommandName) -> None:
    assert SPECS[name].conflicts == frozenset()


def test_agencies_accept_beside_each_other() -> None:
    room = LittleRoom()
    room.receive()
    room.execute("forward", by="duty", agency="pupr", agencies=["dlh"])
    seen = len(room.log)
    room.execute("accept", by="agency", of="dlh")
    assert not stale(room, "accept", seen)


def stale(room: LittleRoom, name: str, seen: int) -> bool:
    """As the room asks it: was an event that conflicts logged on the complaint after what the giver saw?"""
    return any(one.event.id == "c1" and one.event.kind in SPECS[name].conflicts for one in room.log[seen:])


def by(name: str) -> str:
    return "agency" if name in ("accept", "decline", "start", "submit_proof") else "supervisor"


ONLY_ONE = [
    (State.FORWARDED, "accept", "decline"),
    (State.FORWARDED, "accept", "forward"),
    (State.RECEIVED, "forward", "forward"),
    (State.RECEIVED, "forward", "reject"),
    (State.RECEIVED, "forward", "refer_outside"),
    (State.RECEIVED, "forward", "merge"),
    (State.ACCEPTED, "start", "decline"),
    (State.ACCEPTED, "start", "start"),
    (State.WORKING, "submit_proof", "decline"),
    (State.WORKING, "submit_proof", "forward"),
    (State.PROOF_SUBMITTED, "validate", "send_back"),
    (State.PROOF_SUBMITTED, "validate", "close"),
    (State.WORKING, "hold", "ask"),
    (State.WORKING, "hold", "close"),
    (State.WORKING, "extend", "extend"),
    (State.WORKING, "triage", "triage"),
    (State.DONE, "reopen", "reopen"),
    (State.MERGED, "split", "split"),
    (State.WORKING, "coordinate", "coordinate"),
]


@pytest.mark.parametrize(("state", "one", "other"), [*ONLY_ONE, *((s, b, a) for s, a, b in ONLY_ONE)])
def test_of_two_who_saw_the_same_only_the_first_decides(state: State, one: str, other: str) -> None:
    room = room_with(state)
    seen = len(room.log)
    room.execute(one, by=by(one), **FIELDS.get(one, {}))
    if stale(room, other, seen):
        return
    with pytest.raises(Refused):
        room.execute(other, by=by(other), **FIELDS.get(other, {}))


# A no is an ordinary exception: it can be raised, chained, noted and carried to another process.
BOTH = [Refused(Code.PAST, "lies in the past", "until"), Malformed("until", "is not a text")]


@pytest.mark.parametrize("no", BOTH)
def test_it_survives_what_happens_to_exceptions(no: Exception) -> None:
    @contextmanager
    def passing() -> object:
        yield

    with pytest.raises(type(no)) as caught, passing():
        raise no from ValueError("cause")
    caught.value.add_note("while testing")
    caught.value.with_traceback(None)
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("no", BOTH)
def test_it_says_the_same_elsewhere(no: Exception) -> None:
    there = pickle.loads(pickle.dumps(no))
    assert vars(there) == vars(no)
    assert str(there) == str(no)
    assert "until" in (there.field, str(there))
