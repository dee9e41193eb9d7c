"""A drilled room that notes what its live snapshots said at some moments, to be compared with the past later."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from display.feed.cards import cards_of
from display.feed.messages import Identity
from display.feed.snapshot import Snapshots
from display.past.day_overview import DayOverview
from display.past.moments import PastRooms
from display.past.past_snapshot import PastSnapshots
from display.past.playback import Playback
from ingest.drill.driver import PACKS, Drill
from ingest.drill.script import read_script
from liveroom.domain.timestamps import from_text
from liveroom.projection.checkpoints import CheckpointWriter
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.display.description.described import check_answer
from tests.rooms.packs import city
from tests.rooms.standing import StandingRoom

Message = dict[str, Any]
AUDIENCES = ("wall", "desk", "lead", "agency:dpupr", "agency:dlh")
# Real time is of the reading: the past has that of its last event.
UNTOLD = ("now", "recorded")


@dataclass
class Viewer:
    """Both kinds of snapshots of one room, as a process gives them."""

    room: StandingRoom
    identity: Identity = field(init=False)

    def __post_init__(self) -> None:
        self.identity = Identity(build="b", pack=self.room.room.city.hash)
        self.cards = cards_of(self.room.room.city.policy)
        self.rooms = PastRooms(self.room.log, ThreadRuntime())
        self.past = PastSnapshots(self.rooms, self.cards, self.identity, ThreadRuntime())
        self.playback = Playback(self.rooms, self.cards, self.identity)
        self.overview = DayOverview(self.rooms, self.cards, self.room.room.city)

    def live(self, audience: str) -> Message:
        """As it is now, built now."""
        fresh = Snapshots(self.room.log, self.cards, self.identity, ThreadRuntime())
        return _read(fresh.of(audience))

    def then(self, audience: str, **position: Any) -> Message:
        """As it was."""
        found = _read(self.past.of(audience, **position))
        assert found["recorded"] is True
        return found

    def anew(self) -> "Viewer":
        """One that has kept nothing."""
        return Viewer(self.room)


def _read(snapshot: Any) -> Message:
    found: Message = json.loads(b"".join(snapshot.plain()))
    check_answer("GET", "/feed/snapshot", 200, found)
    return found


def told(snapshot: Message) -> Message:
    """What a snapshot says of the room."""
    return {name: value for name, value in snapshot.items() if name not in UNTOLD}


@dataclass
class Drilled:
    """``noted``: what the live snapshots said, by audience, in order of position."""

    room: StandingRoom
    noted: list[dict[str, Message]] = field(default_factory=list)

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.room)


def made_checkpoints(room: StandingRoom, every: int) -> int:
    """Make all that are due; how many there were."""
    writer, made = CheckpointWriter(room.log, every=every, first=every), 0
    while writer.step(lambda: None):
        made += 1
    return made


def drilled(
    room: StandingRoom, *, hours: float, minutes: int, per_day: int, notes: int, audiences: Sequence[str] = AUDIENCES
) -> Drilled:
    """Let a drill room live for some hours, a step of some minutes each, and note what it shows ``notes`` times."""
    pack = city("tangerang")
    script = replace(read_script(PACKS / "tangerang", pack), per_day=per_day)
    drill = Drill(room.room, room.sources, pack, 3671, script)
    drill.register()
    found, steps = Drilled(room), int(hours * 60 / minutes)
    for step in range(1, steps + 1):
        _step(room, drill, room.now + timedelta(minutes=minutes))
        if step * notes // steps > (step - 1) * notes // steps:
            viewer = found.viewer
            found.noted.append({audience: viewer.live(audience) for audience in audiences})
    return found


def _step(room: StandingRoom, drill: Drill, now: datetime) -> None:
    room.at(now)
    while drill.step() <= now:
        pass
    room.tick()


def moment(snapshot: Message) -> datetime:
    """Room time of a snapshot."""
    return from_text(snapshot["at"])
