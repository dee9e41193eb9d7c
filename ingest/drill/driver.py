"""The drill room's source and staff in one: called again and again, it does whatever is due at room time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Protocol

from ingest.drill.programme import Draft, Programme, Teller, WorkingHours
from ingest.drill.script import DrillPlaces, Script, read_script
from ingest.drill.staff import AlarmDesk, Desk, Operator, Setting, Staff, lingers, plan
from ingest.sources.api import BATCH
from liveroom.city.city import City
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Accepted, CommandName, Malformed
from liveroom.runtime.time import monotonic

PACKS = Path(__file__).resolve().parents[2] / "cities"
LOOK_BACK = timedelta(days=12)
SOON_OVER = timedelta(days=2)
LONG_GAP = timedelta(hours=6)
LOOK_AGAIN = timedelta(minutes=10)
LONGEST_REST, SHORTEST_REST = timedelta(seconds=30), timedelta(seconds=1)
ORDERS_AT_ONCE = 100
ENDINGS = (CommandName.VALIDATE, CommandName.CLOSE)


class DrillRoom(Desk, AlarmDesk, Protocol):
    """The room as the drill uses it."""

    def now(self) -> datetime:
        """Room time, aware UTC."""

    def accept_many(self, reports: Sequence[Report], *, source: str) -> Sequence[Accepted | Malformed]:
        """Take at most BATCH reports."""


class DrillSources(Protocol):
    """The register of sources as the drill uses it."""

    def ensure(self, name: str, every_s: int | None) -> str:
        """The id of the source of this name, made if need be."""

    def heard(self, source: str) -> None:
        """Note that a source is alive."""


class Drill:
    """Endless days; what a restart needs to know is in the room and in the seed."""

    def __init__(
        self, room: DrillRoom, sources: DrillSources, city: City, seed: int, script: Script | None = None
    ) -> None:
        """Nothing happens before the first step. ``script``: the pack's own when absent; raises ConfigError."""
        script = read_script(PACKS / city.key, city) if script is None else script
        self._room, self._sources, self._script = room, sources, script
        places = DrillPlaces(city.areas.values())
        self._zone = city.zone
        self._setting = Setting(script=script, city=city, hours=WorkingHours.of(script.shift, city.zone), seed=seed)
        self._programme = Programme(script, city, places, seed)
        self._teller = Teller(script, city, places, seed)
        self._staff = Staff(room, self._setting, self._programme)
        self._operator = Operator(room, self._staff.made)
        self._ids: dict[str, str] = {}
        self._heard = float("-inf")
        self._position: datetime | None = None
        self._looked: datetime | None = None

    def step(self) -> datetime:
        """Do what is due; returns the room time at which to be called again. Raises Unavailable."""
        now = self._room.now()
        self._be_alive()
        if self._position is None or self._looked is None or now - self._looked > LOOK_AGAIN:
            newest = self._staff.look(self._ids.values())
            self._looked, self._position = now, self._position or self._begin(newest, now)
        self._hand_in(list(self._programme.between(self._position, now)))
        self._position = now
        self._operator.step()
        if not self._staff.work(now, ORDERS_AT_ONCE):
            return now
        return self._next(now)

    def _be_alive(self) -> None:
        """Every source says that it is there, three times as often as it promised."""
        if not self._ids:
            self._ids = {one.name: self._sources.ensure(one.name, one.every) for one in self._script.channels}
        if monotonic() - self._heard < min(channel.every for channel in self._script.channels) / 3:
            return
        for id_ in self._ids.values():
            self._sources.heard(id_)
        self._heard = monotonic()

    def _begin(self, newest: datetime | None, now: datetime) -> datetime:
        """Where to go on: after the newest report that is there, or from now with the morning before it handed in."""
        if newest is not None and now - newest < LONG_GAP:
            return newest
        midnight = datetime.combine(now.astimezone(self._zone).date(), time(), self._zone)
        before = [draft for draft in self._programme.between(now - LOOK_BACK, midnight) if self._left_open(draft, now)]
        self._hand_in([*before, *self._programme.between(midnight, now)], over_by=now)
        return now

    def _left_open(self, draft: Draft, now: datetime) -> bool:
        """Whether a draft of earlier days is still in hand; most are told apart without their whole plan."""
        recent = now - draft.at < SOON_OVER
        return (recent or lingers(draft, self._setting)) and self._end(draft)[0] > now

    def _end(self, draft: Draft) -> tuple[datetime, CommandName]:
        """When and how a draft's plan ends."""
        last = plan(draft, self._setting)[-1]
        return last.at, last.name

    def _hand_in(self, drafts: Sequence[Draft], over_by: datetime | None = None) -> None:
        """Report the drafts, each by its source; what is over by a moment comes with its end."""
        by_channel: dict[str, list[Draft]] = {}
        for draft in drafts:
            by_channel.setdefault(draft.channel, []).append(draft)
        for channel, mine in by_channel.items():
            waiting: Iterable[Draft] = iter(mine)
            while chunk := list(islice(waiting, BATCH)):
                reports = [self._report(draft, over_by) for draft in chunk]
                answers = self._room.accept_many(reports, source=self._ids[channel])
                for draft, answer in zip(chunk, answers, strict=True):
                    if isinstance(answer, Accepted):
                        self._staff.take(draft, self._ids[channel], answer)

    def _report(self, draft: Draft, over_by: datetime | None) -> Report:
        """The report of a draft, with its end when that is wanted and lies behind."""
        report = self._teller.report(draft)
        at, how = self._end(draft)
        return report.ended(at) if over_by is not None and at <= over_by and how in ENDINGS else report

    def _next(self, now: datetime) -> datetime:
        """The next arrival or order, at least a second and at most half a minute ahead."""
        arrival = next(self._programme.between(now, now + LONGEST_REST), None)
        wanted = min(now + LONGEST_REST, self._staff.next_due(now), arrival.at if arrival else now + LONGEST_REST)
        return max(wanted, now + SHORTEST_REST)
