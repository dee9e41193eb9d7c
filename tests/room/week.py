"""A scripted time in a standing room: the test turns the hands, people act, clocks tick, fail and freeze."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from liveroom.domain.alarms.model import AlarmState
from liveroom.domain.events import LoggedEvent
from liveroom.domain.requests import Refused
from liveroom.log.event_log import database_now, read_head
from liveroom.log.lease import read_pulse
from liveroom.projection.alarms import standing_after
from liveroom.room.clock import Clock
from tests.room.slow_time import Stop
from tests.room.stories import KIND, Act, Mark, Story
from tests.rooms.standing import StandingRoom

SILENT = timedelta(seconds=10)  # longer than a lease lasts
TICK, ACT = 0, 1
Turn = tuple[datetime, int, str, Callable[[], object]]


class Week:
    """``play`` goes through the turns in order of their moment; ``ticked`` hears of each tick's part of the log."""

    def __init__(self, room: StandingRoom, told: Iterable[Story]) -> None:
        self.room = room
        self.clock = room.clock()
        self.ids: dict[str, str] = {}
        self.parts: list[tuple[int, int]] = []
        self.judged: list[datetime] = []
        self.skew = timedelta(0)
        self._turns: list[Turn] = []
        for story in told:
            self._add(story.received, story.label, lambda story=story: self._receive(story))
            for act in story.acts():
                self._add(act.at, f"{story.label} {act.name}", lambda story=story, act=act: self._act(story, act))

    def _add(self, at: datetime, label: str, act: Callable[[], object], about: int = ACT) -> None:
        self._turns.append((at, about, label, act))

    def sweep(self, moments: Iterable[datetime]) -> None:
        """At these an operator acknowledges all that asks for it, takes every second of what is overdue."""
        for at in moments:
            self._add(at, "z sweep", self._sweep)

    def ticks(self, moments: Iterable[datetime], tick: Callable[[], object] | None = None) -> None:
        for at in moments:
            self._add(at, "", tick or self.tick, TICK)

    def acts(self) -> list[datetime]:
        """The moments at which somebody acts."""
        return sorted({at for at, about, _, _ in self._turns if about == ACT})

    def play(self, until: datetime) -> None:
        """Everything before ``until`` that was not played yet."""
        self._turns.sort(key=lambda turn: turn[:3], reverse=True)
        while self._turns and self._turns[-1][0] < until:
            at, _, _, act = self._turns.pop()
            if self.room.now != at:
                self.room.at(at)
            act()

    def tick(self) -> None:
        """One tick of the clock on duty."""
        before = self.room.head().seq
        assert self.clock.tick()
        self.parts.append((before, self._note_pulse()))

    def relieve(self) -> None:
        """Another clock takes over from one that has been silent for long enough."""
        self.clock = self.room.clock()
        self.skew += SILENT

    def freeze(self, at: datetime, until: datetime, *, where: str) -> None:
        """At ``at`` the clock on duty freezes before it takes the lock (``unit``) or beats (``beat``).

        Another one does its work; it comes back at ``until`` and goes on where it was, knowing of nothing.
        """

        def freeze() -> None:
            silent = self.clock

            def meanwhile() -> None:
                self.relieve()
                self.tick()
                self.play(until)

            _stop_before(silent, where, meanwhile)
            silent.tick()
            self._note_pulse()

        self._add(at, "", freeze, TICK)

    def lease_time(self, connection: Any) -> datetime:
        """Real time as the leases see it."""
        return database_now(connection) + self.skew

    def _note_pulse(self) -> int:
        """What the pulse says is judged; the end of the log."""
        head, pulse = self.room.read(lambda connection: (read_head(connection), read_pulse(connection)))
        assert pulse is not None
        self.judged.append(pulse.due_to)
        return head.seq

    def _receive(self, story: Story) -> None:
        self.ids[story.label] = self.room.receive(story.label, category=story.category)

    def _act(self, story: Story, act: Act) -> None:
        self.room.execute(act.name, self.ids[story.label], by=act.by, **act.fields)

    def _sweep(self) -> None:
        asking = (AlarmState.UNACKED, AlarmState.RETURNED)
        asked = [one.id for one in self.room.read(lambda c: standing_after(c, "", 1000)) if one.state in asking]
        for n, id_ in enumerate(sorted(asked, key=self.known)):
            owner = {"owner": "sari"} if n % 2 and id_.startswith(("passed:", "inherited:")) else {}
            with suppress(Refused):  # acknowledged already, or what was due first changed it
                self.room.execute("acknowledge", id_, by="duty", about="alarm", **owner)

    def known(self, id_: str) -> str:
        """An id with the complaint's label in place of its own id."""
        labels = {complaint: label for label, complaint in self.ids.items()}
        head, _, tail = id_.partition(":")
        return f"{head}:{labels.get(tail, tail)}" if tail else labels.get(head, head)

    def marks(self) -> list[Mark]:
        """The deadline events of the log, in its order."""
        return list(map(self._mark, self.logged("deadline.")))

    def logged(self, *starts: str) -> Iterator[LoggedEvent]:
        return (entry for entry in self.room.events() if entry.event.kind.value.startswith(starts))

    def _mark(self, entry: LoggedEvent) -> Mark:
        event = entry.event
        percent = int(event.fields.get("percent") or {kind: p for p, kind in KIND.items()}[event.kind.value])
        return self.known(event.id), str(event.fields["stage"]), event.at, percent


def every(minutes: int, start: datetime, end: datetime, *, but: tuple[Stop, ...] = ()) -> Iterator[datetime]:
    """Moments so many minutes apart, none of them inside a gap."""
    at = start
    while at <= end:
        if not any(begin < at < finish for begin, finish in but):
            yield at
        at += timedelta(minutes=minutes)


def _stop_before(clock: Clock, where: str, meanwhile: Callable[[], None]) -> None:
    """Let ``meanwhile`` happen once, when this clock is about to take the lock or to beat."""
    room, beat = clock._room, clock._beat

    class Frozen:
        def __getattr__(self, name: str) -> Any:
            return getattr(room, name)

        def unit(self, work: Any) -> Any:
            clock._room = room
            meanwhile()
            return room.unit(work)

    def late(judged_to: datetime) -> None:
        clock._beat = beat
        meanwhile()
        beat(judged_to)

    if where == "unit":
        clock._room = Frozen()
    else:
        clock._beat = late
