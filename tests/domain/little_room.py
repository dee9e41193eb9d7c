"""A room in memory: the same order of settling, deciding and folding as the real one, and a log to replay."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from liveroom.domain.complaints.commands import SPECS, ComplaintCommand, needs
from liveroom.domain.complaints.decide import decide, erased
from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.intake import Receipt, Report, amend, receive
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.complaints.settle import replan, settle
from liveroom.domain.events import Event, Kind, LoggedEvent
from liveroom.domain.policy import Policy
from liveroom.domain.requests import CommandName, Role
from tests.domain.payloads import stored
from tests.rooms.city import POLICY, wib

START = wib("24 09:00")


def receipt(report: Report, complaint: str = "c1", **given: Any) -> Receipt:
    """A report as the room hands it on, with its texts already kept elsewhere."""
    found = {"area": report.area, "in_city": True, "texts": {"description": "t1"}, "person": None, "media": ()} | given
    return Receipt(complaint=complaint, source="lapor", report=report, **found)


class LittleRoom:
    """Complaints by id, the log, and a time that tests set; ``do`` returns the kinds logged."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.now = START
        self.complaints: dict[str, Complaint] = {}
        self.log: list[LoggedEvent] = []

    def __getitem__(self, id_: str) -> Complaint:
        return self.complaints[id_]

    def at(self, moment: str | datetime) -> "LittleRoom":
        """Set the time; nothing is judged by that alone."""
        self.now = wib(moment) if isinstance(moment, str) else moment
        return self

    def later(self, **span: float) -> "LittleRoom":
        return self.at(self.now + timedelta(**span))

    def receive(self, id_: str = "c1", **report: Any) -> Complaint:
        said = {"source_id": id_, "category": "jalan_rusak"} | report
        self._append(receive(receipt(Report(**said), id_), self.now, self.policy), actor="lapor")
        return self[id_]

    def resend(self, id_: str = "c1", *, place: Mapping[str, Any] | None = None, **report: Any) -> list[Kind]:
        said = {"source_id": id_, "category": self[id_].category} | report
        settled = self.settle(id_)
        events = amend(self[id_], receipt(Report(**said), id_, **(place or {})), self.now, self.policy)
        return [*settled, *self._append(events, actor="lapor")]

    def execute(
        self, name: str, id_: str = "c1", *, by: str = "supervisor", of: str = "pupr", actor: str = "", **fields: Any
    ) -> list[Kind]:
        settled = self.settle(id_)
        bulk = bool(fields.pop("bulk", False))
        typed = SPECS[CommandName(name)].parse(fields)
        role = Role(by)
        command = ComplaintCommand(
            name=CommandName(name),
            complaint=id_,
            actor=actor or by,
            role=role,
            actor_agency=of if role in (Role.AGENCY, Role.AGENCY_HEAD) else None,
            bulk=bulk,
            fields=typed,
        )
        wanted = (*needs(name, typed), *self[id_].children)
        others = {other: self[other] for other in wanted if other in self.complaints}
        return [
            *settled,
            *self._append(decide(self[id_], command, self.now, self.policy, others=others), command.actor),
        ]

    def settle(self, id_: str = "c1") -> list[Kind]:
        return self._append(settle(self[id_], self.now), actor="clock")

    def replan(self, policy: Policy, id_: str = "c1", *, extended: bool = False) -> list[Kind]:
        """The city promises otherwise from now on."""
        settled, self.policy = self.settle(id_), policy
        events = replan(self[id_], policy, self.now, extended=extended)
        return [*settled, *self._append(events, actor="admin")]

    def erase(self, id_: str = "c1") -> list[Kind]:
        """At somebody's request, with all that was said."""
        return self._append((erased(self[id_], self.policy.categories, self.now, whole=True),), actor="command-line")

    def until_working(self, id_: str = "c1", agency: str = "pupr") -> "LittleRoom":
        """Received and handled as far as work goes, all at the present time."""
        if id_ not in self.complaints:
            self.receive(id_)
        self.execute("forward", id_, by="duty", agency=agency)
        return self.do_all(id_, "accept", "start", agency=agency)

    def do_all(self, id_: str, *names: str, agency: str = "pupr") -> "LittleRoom":
        for name in names:
            self.execute(name, id_, by="agency", of=agency)
        return self

    def until_done(self, id_: str = "c1") -> "LittleRoom":
        self.until_working(id_).do_all(id_, "submit_proof")
        self.execute("validate", id_, by="duty")
        return self

    def replayed(self) -> dict[str, Complaint]:
        """What the log alone says."""
        again: dict[str, Complaint] = {}
        for logged in self.log:
            again[logged.event.id] = evolve(again.get(logged.event.id), logged)
        return again

    def _append(self, events: tuple[Event, ...], actor: str) -> list[Kind]:
        for event in events:
            logged = self._log(event, actor)
            self.complaints[event.id] = evolve(self.complaints.get(event.id), logged)
        return [event.kind for event in events]

    def _log(self, event: Event, actor: str) -> LoggedEvent:
        logged = LoggedEvent(seq=len(self.log) + 1, mark="m", logged_at=self.now, actor=actor, event=stored(event))
        self.log.append(logged)
        return logged
