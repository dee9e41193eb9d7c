"""A real room on a database of its own whose time stands until a test moves it; everything goes through its doors."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from liveroom.accounts.sources import Sources
from liveroom.domain.complaints.intake import Report
from liveroom.domain.complaints.model import Complaint, Stage
from liveroom.domain.events import LoggedEvent
from liveroom.domain.policy import Span
from liveroom.domain.requests import Command, CommandResult, IntakeResult
from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.engine import Connection, open_engine
from liveroom.log.event_log import EventLog, Head, events, read_head, set_time
from liveroom.maintenance.replan import replan_room
from liveroom.projection.audit import refold
from liveroom.room.bootstrap import Start, create_room
from liveroom.room.clock import Clock
from liveroom.room.room import Room
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.runtime.time import RoomTime
from tests.rooms.city import wib
from tests.rooms.packs import city
from tests.rooms.tables import lay_out

T = TypeVar("T")
START = wib("24 09:00")  # a Tuesday
PLACE = {"lat": -6.1781, "lon": 106.6319}


class StandingRoom:
    """``room``, ``log`` and ``engine`` are the product's.

    ``names_from``: the number of the first name it gives by itself, past those of the room that ``url`` is a copy of.
    ``rings``: the positions the doorbell was rung for; ``looked`` and ``rests``: what planning anew told.
    """

    def __init__(
        self, url: str, *, kind: str = "test", at: datetime = START, key: str = "tangerang", names_from: int = 1
    ) -> None:
        self.url = url
        lay_out(url)
        self.engine = open_engine(url, synced=False)
        self.key = key
        self.rings: list[int] = []
        self.looked: list[int] = []
        self.rests: list[float] = []
        self.log = EventLog(self.engine, ThreadRuntime(), self.rings.append)
        create_room(self.log, Start(kind=kind, city=key, rate=0, at=at))
        self.room = Room(self.log, city(key), kind)
        self.sources = Sources(self.log)
        self._clock = self.clock()
        self._names = count(names_from)

    @property
    def now(self) -> datetime:
        return self.room.now()

    def at(self, moment: str | datetime) -> "StandingRoom":
        """Move the hands; nothing is judged by that alone."""
        at = wib(moment) if isinstance(moment, str) else moment
        time = RoomTime(real_base=0, room_base=to_micros(at), rate=0)
        self.log.write(lambda unit: set_time(unit.connection, time))
        return self

    def later(self, **span: float) -> "StandingRoom":
        return self.at(self.now + timedelta(**span))

    def accept(self, source_id: str = "", *, source: str = "lapor", **said: Any) -> IntakeResult:
        report = {"category": "jalan_rusak", **PLACE} | said
        return self.room.accept(Report(source_id=source_id or f"L-{next(self._names)}", **report), source=source)

    def receive(self, source_id: str = "", **said: Any) -> str:
        return self.accept(source_id, **said).id

    def order(self, name: str, id_: str, *, by: str = "supervisor", **given: Any) -> Command:
        """``of`` the actor's agency; ``actor``, ``seen`` and ``command_id`` as one likes, the rest are fields."""
        of, seen, about = given.pop("of", "dpupr"), given.pop("seen", None), given.pop("about", "complaint")
        return Command(
            command_id=given.pop("command_id", "") or f"cmd-{id(self)}-{next(self._names)}",
            name=name,
            subject=id_,
            about=about,
            actor=given.pop("actor", "") or by,
            role=by,
            actor_agency=of if by.startswith("agency") else None,
            seen_seq=self.head().seq if seen is None else seen,
            fields=given,
        )

    def execute(self, name: str, id_: str, **given: Any) -> CommandResult:
        return self.room.execute(self.order(name, id_, **given))

    def do_all(self, id_: str, *names: str, of: str = "dpupr") -> None:
        for name in names:
            self.execute(name, id_, by="agency", of=of)

    def until_working(self, id_: str = "") -> str:
        id_ = id_ or self.receive()
        self.execute("forward", id_, by="duty", agency="dpupr")
        self.do_all(id_, "accept", "start")
        return id_

    def until_done(self, id_: str = "") -> str:
        id_ = self.until_working(id_)
        self.do_all(id_, "submit_proof")
        self.execute("validate", id_, by="duty")
        return id_

    def promise(self, days: Mapping[str, int]) -> None:
        """Start anew with other working days to finish, by class, in the pack."""
        whole = city(self.key)
        classes = dict(whole.policy.classes)
        for key, n in days.items():
            spans = {**classes[key].spans, Stage.FINISH: Span(days=n)}
            classes[key] = replace(classes[key], spans=spans)
        changed = replace(whole, policy=replace(whole.policy, classes=classes))
        self.room = Room(self.log, changed, self.room.kind)
        self._clock.release()
        self._clock = self.clock()

    def replan(self, days: Mapping[str, int], *, actor: str = "kepala", reason: str = "perwal baru") -> int:
        """``promise`` that, and bring it to what is open; how many are planned anew."""
        self.promise(days)
        return replan_room(self.room, actor=actor, reason=reason, note=self.looked.append, rest=self.rests.append)

    def clock(self) -> Clock:
        return Clock(self.room, None)

    def tick(self) -> bool:
        """One tick of this room's own clock."""
        return self._clock.tick()

    def read(self, work: Callable[[Connection], T]) -> T:
        return self.log.read(work)

    def head(self) -> Head:
        return self.read(read_head)

    def events(self, after: int = 0) -> tuple[LoggedEvent, ...]:
        return self.read(lambda c: events(c, after, 1_000_000))

    def kinds(self, after: int = 0) -> list[str]:
        """Those of complaints, sources and the day; warnings, sound tests and what follows for alarms are left out."""
        followed = ("alarm.", "flood.", "surge.", "sound.", "deadline.warned", "deadline.multiplied")
        kinds = [logged.event.kind.value for logged in self.events(after)]
        return [kind for kind in kinds if not kind.startswith(followed)]

    def complaint(self, id_: str) -> Complaint:
        found_one = self.room.log.read(lambda c: refold(c, id_))
        assert found_one is not None
        return found_one

    def tables(self, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """Whole tables, rows in the order of their first column."""
        wanted = [schema.metadata.tables[name] for name in names]
        return {
            table.name: [dict(row) for row in self.read(lambda c, t=table: c.execute(t.select()).mappings().all())]
            for table in wanted
        }

    def close(self) -> None:
        self.engine.dispose()
