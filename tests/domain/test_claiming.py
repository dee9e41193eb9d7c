"""Claims: a name for a while, no lock; it is renewed without noise, given up, and passed by where many are handled."""

import pytest

from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, Refused
from tests.domain.little_room import LittleRoom


@pytest.fixture
def room() -> LittleRoom:
    """c1 is claimed by sari; a claim of this city lasts 15 minutes."""
    room = LittleRoom()
    room.receive()
    room.execute("claim", by="duty", actor="sari")
    return room


def refused(room: LittleRoom, name: str, **given: object) -> tuple[Code, str | None]:
    with pytest.raises(Refused) as no:
        room.execute(name, **given)  # type: ignore[arg-type]
    return no.value.code, no.value.by


def test_a_claim_is_a_name_for_a_while() -> None:
    room = LittleRoom()
    room.receive()
    room.execute("claim", by="duty", actor="sari")
    assert room["c1"].claimed_by == "sari"
    with pytest.raises(Refused) as refused:
        room.later(minutes=14).execute("claim", by="duty", actor="budi")
    assert refused.value.code is Code.CLAIMED
    room.execute("claim", by="duty", actor="sari")
    room.later(minutes=15).execute("claim", by="duty", actor="budi")
    assert room["c1"].claimed_by == "budi"


def test_a_supervisor_takes_over() -> None:
    room = LittleRoom()
    room.receive()
    room.execute("claim", by="duty", actor="sari")
    room.execute("claim", by="supervisor", actor="rina")
    assert room["c1"].claimed_by == "rina"


def test_a_claim_locks_nothing_and_ends_when_the_desk_is_done() -> None:
    room = LittleRoom()
    room.receive()
    room.execute("claim", by="duty", actor="sari")
    room.execute("forward", by="duty", actor="budi", agency="pupr")
    assert (room["c1"].claimed_by, room["c1"].claimed_until) == (None, None)


def test_it_is_renewed_only_when_half_of_it_is_over(room: LittleRoom) -> None:
    until = room["c1"].claimed_until
    assert room.later(minutes=7).execute("claim", by="duty", actor="sari") == []
    assert room["c1"].claimed_until == until
    assert room.later(minutes=1).execute("claim", by="duty", actor="sari") == [Kind.CLAIMED]
    assert room["c1"].claimed_until > until


def test_it_is_given_up_by_its_holder_or_a_supervisor(room: LittleRoom) -> None:
    assert refused(room, "release", by="duty", actor="budi") == (Code.CLAIMED, "sari")
    assert room.execute("release", by="duty", actor="sari") == [Kind.UNCLAIMED]
    assert (room["c1"].claimed_by, room["c1"].claimed_until) == (None, None)
    assert room.execute("release", by="duty", actor="sari") == []
    room.execute("claim", by="duty", actor="budi")
    assert room.execute("release", by="supervisor", actor="rina") == [Kind.UNCLAIMED]


def test_one_that_is_over_is_nobodys(room: LittleRoom) -> None:
    assert room.later(minutes=15).execute("release", by="duty", actor="budi") == []


@pytest.mark.parametrize(
    ("name", "fields"),
    [("triage", {"category": "banjir"}), ("forward", {"agency": "pupr"}), ("reject", {"reason": "iseng"})],
)
def test_a_command_to_many_passes_by_what_somebody_else_looks_into(
    room: LittleRoom, name: str, fields: dict[str, str]
) -> None:
    assert refused(room, name, by="duty", actor="budi", bulk=True, **fields) == (Code.CLAIMED, "sari")
    assert room.execute(name, by="duty", actor="sari", bulk=True, **fields)


def test_it_never_stands_in_the_way_of_agencies_supervisors_and_words(room: LittleRoom) -> None:
    assert room.execute("comment", by="duty", actor="budi", bulk=True, text="halo")
    assert room.execute("forward", by="supervisor", actor="rina", bulk=True, agency="pupr")
    room.execute("claim", by="duty", actor="sari")
    assert room.execute("accept", by="agency", bulk=True)
    assert room.execute("close", by="supervisor", bulk=True, reason="selesai")
