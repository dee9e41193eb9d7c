"""Who has to hear of what: the rules alone, without a room."""

from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind
from liveroom.domain.notifications import FOR_SOURCES, RecipientKind, recipients_of
from tests.domain.little_room import LittleRoom
from tests.rooms.city import wib

NEVER_TOLD = {Kind.RECEIVED, Kind.AMENDED, Kind.TRIAGED, Kind.COMMENTED, Kind.CLAIMED, Kind.DECLINED}


def test_what_stays_among_ourselves_is_told_to_nobody() -> None:
    assert not NEVER_TOLD & FOR_SOURCES


def told(room: LittleRoom) -> list[tuple[str, str, str]]:
    """(event, kind, key) of every delivery that a room's log causes, folded from the beginning."""
    found, folded = [], dict[str, Complaint]()
    for logged in room.log:
        before = folded.get(logged.event.id)
        folded[logged.event.id] = after = evolve(before, logged)
        receivers = recipients_of(logged.event, before, after)
        assert len({(one.kind, one.key) for one in receivers}) == len(receivers)
        found += [(logged.event.kind.value.partition(".")[2], one.kind.value, one.key) for one in receivers]
    return found


def test_a_helper_hears_of_it_when_it_is_asked_and_its_steps_are_no_news_to_the_source() -> None:
    room = LittleRoom().until_working()
    room.execute("coordinate", by="duty", agencies=["dlh"])
    room.execute("accept", by="agency", of="dlh")
    assert [one for one in told(room) if one[0] in ("forwarded", "coordinated", "accepted")] == [
        ("forwarded", "agency", "pupr"),
        ("forwarded", "source", "lapor"),
        ("accepted", "source", "lapor"),
        ("coordinated", "agency", "dlh"),
    ]


def test_what_a_source_closed_itself_it_is_not_told() -> None:
    room = LittleRoom()
    room.receive(closed_at=wib("24 08:00"), received_at=wib("20 08:00"))
    assert [event for event, kind, _ in told(room) if kind == RecipientKind.SOURCE] == []
