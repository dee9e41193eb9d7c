"""The driver of a drill: called again and again, it hands in the reports that are due and lets the staff work.

Everything is at room time (aware UTC). What a restart needs to know is in the room and in the seed. What it hands in is
counted as of any source; one of its apps now and then sends what is refused, and stands in quarantine then.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Protocol

from ingest.drill.history import DrillHistory
from ingest.drill.programme import DAY, Draft, Programme, ReportWriter, WorkingHours
from ingest.drill.script import DrillPlaces, Script, read_script
from ingest.drill.staff import ENDINGS, DrillSetup, Operator, OperatorRoom, Staff, StaffRoom, may_run_for_days, plan
from ingest.sources.api import BATCH, taken
from liveroom.accounts.arrivals import HOURS, Tally, lag_of
from liveroom.accounts.quarantine import Reject, as_json
from liveroom.city.city import City
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.requests import CommandName, IntakeResult, Malformed
from liveroom.room.past import Past
from liveroom.runtime.time import monotonic

PACKS = Path(__file__).resolve().parents[2] / "cities"
# A new drill begins with what is still open of so many days before.
LOOK_BACK = timedelta(days=12)
# Most plans are over within this; may_run_for_days knows the others without writing their plan.
SOON_OVER = timedelta(days=2)
# After a longer gap the drill begins anew from now, instead of making up for it.
LONG_GAP = timedelta(hours=6)
LOOK_AGAIN = timedelta(minutes=10)
LONGEST_REST, SHORTEST_REST = timedelta(seconds=30), timedelta(seconds=1)
COMMANDS_AT_ONCE = 100
# What is older when it is handed in is no longer counted: nobody is shown it.
COUNTED = timedelta(hours=HOURS)


class DrillRoom(StaffRoom, OperatorRoom, Protocol):
    """The room as the drill uses it."""

    def now(self) -> datetime:
        """Room time, aware UTC."""

    def accept_many(self, reports: Sequence[Report], *, source: str) -> Sequence[IntakeResult | Malformed]:
        """Take at most BATCH reports."""


class DrillSources(Protocol):
    """The register of sources as the drill uses it."""

    def ensure(self, name: str, every_s: int | None) -> str:
        """The id of the source of this name, registered if need be."""

    def heard(self, source: str) -> None:
        """Note that a source is alive."""


class DrillCounts(Protocol):
    """Who counts what the drill's sources send, and keeps what is refused; `liveroom.accounts.arrivals` does."""

    def count(self, source: str, tally: Tally, at: datetime | None = None) -> None:
        """Count what came of a source, now or ``at`` another moment of room time."""

    def keep(self, source: str, rejects: Sequence[Reject]) -> object:
        """Keep what was refused, and count it. Raises Unavailable."""

    def flush(self) -> None:
        """Write what was counted. Raises Unavailable."""


class Drill:
    """The endless days of one drill room."""

    def __init__(
        self,
        room: DrillRoom,
        sources: DrillSources,
        city: City,
        seed: int,
        script: Script | None = None,
        counts: DrillCounts | None = None,
    ) -> None:
        """Nothing happens before the first step. ``script``: the pack's own when absent; raises ConfigError.

        ``counts``: None for a drill whose sources nobody looks at.
        """
        script = read_script(PACKS / city.key, city) if script is None else script
        self._room, self._sources, self._script, self._counts = room, sources, script, counts
        places = DrillPlaces(city.areas.values())
        self._zone = city.zone
        self._setup = DrillSetup(script=script, city=city, hours=WorkingHours.of(script.shift, city.zone), seed=seed)
        self._programme = Programme(script, city, places, seed)
        self._writer = ReportWriter(script, city, places, seed)
        self._staff = Staff(room, self._setup, self._programme)
        self._operator = Operator(room, self._staff.made)
        self._history = DrillHistory(setup=self._setup, programme=self._programme, writer=self._writer)
        self._ids: dict[str, str] = {}
        self._heartbeat_at = float("-inf")
        self._position: datetime | None = None
        self._looked: datetime | None = None

    def live(self, past: Past, *, weeks: int, until: datetime, note: Callable[[int], None]) -> int:
        """Let a new room have lived for ``weeks`` before ``until``; returns how many complaints came in."""
        return self._history.live(past, self._ids, weeks=weeks, until=until, note=note)

    def count_past(self, until: datetime) -> None:
        """Count what came in the last day of what was lived until then. Raises Unavailable."""
        today = until.astimezone(self._zone).date()
        days = (self._history.drafts(day, whole=day == today) for day in (today - DAY, today))
        came = [draft for day in days for draft in day if until - COUNTED < draft.at <= until]
        for draft in came:
            self._tell(draft, Tally(accepted=1), until, past=True)
        if self._counts is not None:
            self._counts.flush()

    def register(self) -> None:
        """Register the sources that the drill plays."""
        self._ids = self._ids or {one.name: self._sources.ensure(one.name, one.every) for one in self._script.channels}

    def step(self) -> datetime:
        """Do what is due; returns the room time at which to be called again. Raises Unavailable."""
        now = self._room.now()
        self._send_heartbeats()
        if self._position is None or self._looked is None or now - self._looked > LOOK_AGAIN:
            newest = self._staff.look(self._ids.values())
            self._looked, self._position = now, self._position or self._begin(newest, now)
        self._hand_in(list(self._programme.between(self._position, now)), now)
        self._position = now
        self._operator.step()
        if not self._staff.work(now, COMMANDS_AT_ONCE):
            return now
        return self._next(now)

    def _send_heartbeats(self) -> None:
        """A heartbeat of each source, three times as often as promised."""
        self.register()
        if monotonic() - self._heartbeat_at < min(channel.every for channel in self._script.channels) / 3:
            return
        for id_ in self._ids.values():
            self._sources.heard(id_)
        self._heartbeat_at = monotonic()

    def _begin(self, newest: datetime | None, now: datetime) -> datetime:
        """The moment to go on from: the newest report in the room, or now, with the day so far handed in first."""
        if newest is not None and now - newest < LONG_GAP:
            return newest
        midnight = datetime.combine(now.astimezone(self._zone).date(), time(), self._zone)
        before = [draft for draft in self._programme.between(now - LOOK_BACK, midnight) if self._left_open(draft, now)]
        self._hand_in([*before, *self._programme.between(midnight, now)], now, past=True)
        return now

    def _left_open(self, draft: Draft, now: datetime) -> bool:
        """Whether a draft of earlier days is still open; for most that is known without writing the whole plan."""
        recent = now - draft.at < SOON_OVER
        return (recent or may_run_for_days(draft, self._setup)) and self._end(draft)[0] > now

    def _end(self, draft: Draft) -> tuple[datetime, CommandName]:
        """When and how a draft's plan ends."""
        last = plan(draft, self._setup)[-1]
        return last.at, last.name

    def _hand_in(self, drafts: Sequence[Draft], now: datetime, *, past: bool = False) -> None:
        """Hand in the drafts, each by its source; of the ``past``, one whose plan ends until now comes in closed."""
        by_channel: dict[str, list[Draft]] = defaultdict(list)
        for draft in drafts:
            by_channel[draft.channel].append(draft)
        for channel, mine in by_channel.items():
            waiting: Iterable[Draft] = iter(mine)
            while chunk := list(islice(waiting, BATCH)):
                reports = [self._report(draft, now if past else None) for draft in chunk]
                answers = self._room.accept_many(reports, source=self._ids[channel])
                for draft, answer in zip(chunk, answers, strict=True):
                    if isinstance(answer, IntakeResult):
                        self._staff.take(draft, self._ids[channel], answer)
                        self._tell(draft, taken(answer, [] if past else lag_of(draft.at, now)), now, past=past)

    def _tell(self, draft: Draft, tally: Tally, now: datetime, *, past: bool) -> None:
        """Count a report that was handed in; what its app wrongly sent beside it is refused and kept."""
        if self._counts is None or now - draft.at > COUNTED:
            return
        source = self._ids[draft.channel]
        self._counts.count(source, tally, draft.at if past else None)
        if (slip := self._writer.slip(draft)) is None:
            return
        try:
            report_of(slip, now, "drill")
        except Malformed as fault:
            self._counts.keep(source, [Reject(raw=as_json(slip), value=slip, fault=fault)])

    def _report(self, draft: Draft, over_by: datetime | None) -> Report:
        """The report of a draft, closed if its plan ends well until ``over_by``."""
        report = self._writer.report(draft)
        at, how = self._end(draft)
        return report.ended(at) if over_by is not None and at <= over_by and how in ENDINGS else report

    def _next(self, now: datetime) -> datetime:
        """The next arrival or command, at least a second and at most half a minute ahead."""
        arrival = next(self._programme.between(now, now + LONGEST_REST), None)
        wanted = min(now + LONGEST_REST, self._staff.next_due(now), arrival.at if arrival else now + LONGEST_REST)
        return max(wanted, now + SHORTEST_REST)
