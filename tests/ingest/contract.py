"""The contract that every kind of source passes which the room asks: a subclass says how its world is made.

Whoever writes a kind subclasses `PullContract` in a test module; the methods below then run on both databases.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ingest.mail.letter_intake import LetterIntake
from ingest.pull import MOST_IN_BATCH, Misconfigured, PullSource
from ingest.runner import SourceRunners
from ingest.sources.api import IntakeGate
from liveroom.accounts import quarantine
from liveroom.accounts.arrivals import SourceHealth, health_of_all
from liveroom.accounts.quarantine import QuarantineState
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.projection.complaints import complaints
from liveroom.room.clock import pause_source
from liveroom.room.room import Room
from tests.rooms.databases import Opener
from tests.rooms.standing import StandingRoom

T = TypeVar("T")
GOOD, BAD = 120, 3


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Inline:
    """A runtime that runs what is spawned at once; ``on_sleep`` is told each rest."""

    mode: str = "threading"
    on_sleep: Callable[[float], None] = lambda _: None

    def spawn(self, work: Callable[..., Any], *args: Any) -> None:
        work(*args)

    def sleep(self, seconds: float) -> None:
        self.on_sleep(seconds)

    def run_aside(self, work: Callable[[], Any]) -> Any:
        return work()


@dataclass
class DyingRoom:
    """The real room; it dies after (or before) the batch with this number is in the log."""

    room: Room
    dies_at: int | None = None
    after: bool = True
    batches: int = 0
    largest: int = 0
    inside: Callable[[], None] = field(default=lambda: None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.room, name)

    def accept_many(self, reports: list[Report], *, source: str) -> tuple[IntakeResult | Malformed, ...]:
        return self._write(len(reports), lambda: self.room.accept_many(reports, source=source))

    def hear_many(self, alerts: list[Any], **said: Any) -> tuple[IntakeResult, ...]:
        return self._write(len(alerts), lambda: self.room.hear_many(alerts, **said))

    def _write(self, size: int, write: Callable[[], T]) -> T:
        self.batches += 1
        self.inside()
        if self.batches == self.dies_at and not self.after:
            raise Killed
        answers = write()
        self.largest = max(self.largest, size)
        if self.batches == self.dies_at:
            raise Killed
        return answers


class PullContract:
    """``configure(folder)`` makes the kind, ``write(folder, first, good, bad)`` what it is to read next, the bad ones
    first in it; what is good is one report a number, ``L-000001`` and on, or what ``number`` says of the nth.

    ``good``: so many are written at once, more than one batch of the kind.
    """

    good = GOOD

    def configure(self, folder: Path) -> PullSource:
        raise NotImplementedError

    def write(self, folder: Path, first: int, good: int, bad: int) -> None:
        raise NotImplementedError

    def number(self, n: int) -> str:
        """The ``source_id`` of the nth report."""
        return f"L-{n:06}"

    def unreadable(self, folder: Path) -> PullSource:
        """The kind with settings that cannot work."""
        raise NotImplementedError

    @pytest.fixture
    def world(self, open_standing: Opener, tmp_path: Path) -> "World":
        return World(open_standing(), self.configure(tmp_path), tmp_path)

    def test_what_is_there_is_taken_once_and_counted_with_what_is_refused(self, world: "World") -> None:
        self.write(world.folder, 1, self.good, BAD)
        world.run()
        assert world.numbers() == sorted(self.number(n) for n in range(1, self.good + 1))
        assert (sum(world.health.hours), world.health.rejected, world.health.open) == (self.good, BAD, BAD)
        kept = world.kept()
        assert all(one.entry.message and one.raw for one in kept)
        world.run()
        assert len(world.numbers()) == self.good
        assert (sum(world.health.hours), world.health.open) == (self.good, BAD)

    @pytest.mark.parametrize("after", [True, False])
    def test_a_kill_at_any_batch_loses_nothing_and_doubles_nothing(self, world: "World", after: bool) -> None:
        self.write(world.folder, 1, self.good, BAD)
        for dies_at in (1, 2):
            with pytest.raises(Killed):
                world.run(DyingRoom(world.standing.room, dies_at=dies_at, after=after))
        world.run()
        assert len(world.numbers()) == self.good
        # What was in the log before the kill is known the second time: counted once, as one or the other.
        assert (sum(world.health.hours), world.health.rejected, world.health.open) == (self.good, BAD, BAD)

    def test_what_comes_later_is_taken_later_and_no_batch_is_larger_than_memory_may_be(self, world: "World") -> None:
        self.write(world.folder, 1, self.good, 0)
        room = DyingRoom(world.standing.room)
        world.run(room)
        self.write(world.folder, self.good + 1, 5, 0)
        world.run()
        assert len(world.numbers()) == self.good + 5
        assert room.largest <= MOST_IN_BATCH
        fetched = list(world.sizes(position=None))
        assert max(fetched, default=0) <= MOST_IN_BATCH

    def test_it_waits_while_the_intake_is_full_and_ends_when_it_is_told_to(self, world: "World") -> None:
        self.write(world.folder, 1, self.good, 0)
        gate, waits = IntakeGate(2), list[float]()
        runners = world.runners(gate=gate)

        def rest(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                runners.stop()

        with gate.passing(2):
            runners.step(Inline(on_sleep=rest))
        assert world.numbers() == []
        assert len(waits) == 3
        world.run()
        assert len(world.numbers()) == self.good

    def test_it_stops_after_the_batch_at_hand_and_another_process_goes_on(self, world: "World") -> None:
        self.write(world.folder, 1, self.good, 0)
        room = DyingRoom(world.standing.room)
        runners = world.runners(room)
        room.inside = runners.stop
        runners.step(Inline())
        assert 0 < len(world.numbers()) <= MOST_IN_BATCH
        world.run()
        assert len(world.numbers()) == self.good

    def test_a_pause_holds_it_and_it_goes_on_from_there(self, world: "World") -> None:
        world.run()
        pause_source(world.standing.room, world.source.name, paused=True, actor="kepala")
        self.write(world.folder, 1, 5, 0)
        world.run()
        assert world.numbers() == []
        pause_source(world.standing.room, world.source.name, paused=False, actor="kepala")
        world.run()
        assert len(world.numbers()) == 5

    def test_its_health_says_what_a_person_has_to_mend_until_it_is(self, world: "World") -> None:
        right, world.source = world.source, self.unreadable(world.folder)
        with pytest.raises(Misconfigured):
            list(world.source.fetch_in(None, world.standing.room.city))
        world.run()
        since = world.health.fault_at
        assert world.health.fault and since is not None and world.health.success_at is None
        world.run()
        assert world.health.fault_at == since
        world.source = right
        self.write(world.folder, 1, 1, 0)
        world.run()
        assert world.health.fault is None and world.health.success_at is not None
        assert next(one for one in world.standing.sources.all() if one.source.id == world.id).heard_at is not None

    def test_one_process_at_a_time_has_it(self, world: "World") -> None:
        self.write(world.folder, 1, 5, 0)
        first, second = world.runners(), world.runners()
        first.step(Inline())
        self.write(world.folder, 6, 5, 0)
        second.step(Inline())
        assert len(world.numbers()) == 5
        first.stop()
        second.step(Inline())
        assert len(world.numbers()) == 10


@dataclass
class World:
    """A standing room, and a source that it asks; ``letters`` takes what comes by mail."""

    standing: StandingRoom
    source: PullSource
    folder: Path
    letters: LetterIntake | None = None

    @property
    def id(self) -> str:
        return self.standing.sources.ensure(self.source.name, None)

    def runners(self, room: Any = None, gate: IntakeGate | None = None) -> SourceRunners:
        register, gate = self.standing.sources, gate or IntakeGate(2000)
        return SourceRunners(
            room or self.standing.room, register, [self.source], gate, lambda: 0.5, letters=self.letters
        )

    def run(self, room: Any = None) -> None:
        """A process from its start to its end, which reads the source once."""
        runners = self.runners(room)
        try:
            runners.step(Inline())
        finally:
            runners.stop()

    def numbers(self) -> list[str]:
        """Of the complaints in the room, or of the documents of warnings that it heard."""
        if self.source.warns:
            kept = self.standing.tables(["hazard_document"])["hazard_document"]
            return sorted(json.loads(row["words"])[0]["identifier"] for row in kept)
        ids = [logged.event.id for logged in self.standing.events() if logged.event.kind.value == "complaint.received"]
        return sorted(one.source_id for one in self.standing.read(lambda c: complaints(c, tuple(ids))))

    @property
    def health(self) -> SourceHealth:
        id_ = self.id
        return self.standing.read(lambda c: health_of_all(c, (id_,)))[id_]

    def kept(self) -> list[quarantine.QuarantineContent]:
        found = self.standing.read(
            lambda c: quarantine.entries(c, source=self.id, state=QuarantineState.OPEN, cursor=None, limit=100)
        )
        return [
            one
            for entry in found
            if (one := self.standing.read(lambda c, id_=entry.id: quarantine.content(c, id_))) is not None
        ]

    def sizes(self, position: str | None) -> Iterator[int]:
        """Of the batches from a position on."""
        return (len(batch.items) for batch in self.source.fetch_in(position, self.standing.room.city))
