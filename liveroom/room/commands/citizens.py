"""Citizens: report once per ticket, follow by a link, answer and rate; and reports that an officer takes down for them.

Both ways are sources of the room (`lapor`, `desk`) without a usual gap, so they are never late or lost. Numbers begin
with W (web) or M (taken down).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from liveroom.accounts.links import CitizenLinks, Ticket, add_link, has_link, linked
from liveroom.accounts.sources import Sources
from liveroom.city.city import City
from liveroom.domain.complaints.commands import DESK
from liveroom.domain.complaints.intake import Report
from liveroom.domain.complaints.model import Complaint, Status
from liveroom.domain.events import happened
from liveroom.domain.events.complaint_payloads import ComplaintCommented
from liveroom.domain.notifications import CHANNEL
from liveroom.domain.requests import (
    Code,
    Command,
    CommandIdConflict,
    CommandName,
    CommandResult,
    Refused,
    Role,
    role_of,
)
from liveroom.domain.surge import metres_between
from liveroom.domain.timestamps import to_micros
from liveroom.log.engine import Connection
from liveroom.log.event_log import room_now
from liveroom.log.texts import new_id
from liveroom.log.uploads import Uploads
from liveroom.projection import complaints
from liveroom.projection.search import NEWEST, Walk, walk
from liveroom.room.commands.complaints import ComplaintIntake, next_number
from liveroom.room.pipeline import once
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork
from liveroom.runtime.language import text

# The citizens' page.

SOURCE, LETTER, ACTOR = "lapor", "W", "citizen"
# What counts as a report near by: metres, age, and how many rows are looked at.
NEAR_M, NEAR_DAYS, ROWS = 300.0, timedelta(days=14), 200
OPEN = (Status.WAITING.value, Status.IN_PROCESS.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyReports:
    """``count`` open reports of the same category near by; ``nearest`` is the id of the nearest complaint."""

    count: int
    nearest: str


class TicketUsed(Exception):
    """The ticket was already used for a report with other content."""


class CitizenCommands:
    """What citizens do through the public page of one room."""

    def __init__(self, room: Room, links: CitizenLinks, uploads: Uploads) -> None:
        self._room = room
        self._links = links
        self._uploads = uploads
        self._intake = ComplaintIntake(room.city)
        self._sources = Sources(room.log)
        self._source = ""

    def take(self, report: Report, ticket: Ticket, *, files: Sequence[str], alike: str | None) -> str:
        """Accept the report once for this ticket, with its pictures and its link; returns the complaint's number.

        ``alike``: the open complaint that the citizen says is the same, noted for the desk. Raises TicketUsed,
        Malformed, Unavailable.
        """
        self._source = self._source or self._sources.ensure(SOURCE, None)
        done = self._room.unit(lambda work: self._take(work, report, ticket, files, alike))
        return self._room.log.read(lambda c: complaints.complaints(c, (done.id,)))[0].source_id

    def _take(
        self, work: UnitOfWork, report: Report, ticket: Ticket, files: Sequence[str], alike: str | None
    ) -> CommandResult:
        try:
            done = once(work, _as_command(report, ticket), lambda: self._accept(work, report, ticket, alike))
        except CommandIdConflict as error:
            raise TicketUsed from error
        # Also for one sent again, perhaps with a photo that was missing the first time.
        self._uploads.bind(work.transaction.connection, files, by=ticket.sender, subject=done.id)
        return done

    def _accept(self, work: UnitOfWork, report: Report, ticket: Ticket, alike: str | None) -> CommandResult:
        number = next_number(work, self._room.city, self._source, LETTER)
        drill = report.drill or self._room.kind == "drill"
        add = replace(report, source_id=number, channel=CHANNEL, drill=drill)
        kept = self._intake.accept(work, add, self._source)
        add_link(work.transaction.connection, ticket.token, kept.id)
        if alike is not None and (other := work.fold.complaint(alike)) is not None:
            self._note_alike(work, kept.id, other)
        now = work.complaint(kept.id)
        return CommandResult(id=now.id, seq=now.seq, status=now.status.value, state=now.state.value)

    def _note_alike(self, work: UnitOfWork, id_: str, other: Complaint) -> None:
        """A comment for the desk, in the city's first language."""
        words = text("citizen_page.alike_comment", self._room.city.languages[0], number=other.source_id)
        note = ComplaintCommented(text=work.texts.add(id_, "text", words))
        work.append((happened(id_, note, at=work.transaction.now),), actor=ACTOR)

    def complaint_of(self, token: str) -> str | None:
        """The complaint id that a private link opens, be it from the page after sending or from a letter; else None."""
        found = self._room.log.read(lambda c: linked(c, token))
        if found is None and (signed := self._links.read(token)) is not None:
            return signed if self._room.log.read(lambda c: has_link(c, signed)) else None
        return found

    def act(self, complaint: Complaint, name: CommandName, fields: Mapping[str, Any]) -> CommandResult:
        """Execute a command on the citizen's behalf. Raises Refused, Malformed, Stale, Unavailable."""
        return self._room.execute(
            Command(
                command_id=new_id(),
                name=name.value,
                subject=complaint.id,
                actor=ACTOR,
                role=Role.SYSTEM.value,
                seen_seq=complaint.seq,
                fields=fields,
            )
        )

    def near(self, report: Report) -> NearbyReports | None:
        """Open reports near by that may be the same thing; None without any, or for a private category."""
        category = self._room.city.categories.get(report.category)
        placed = report.area is not None or report.lat is not None
        if category is None or category.private or not placed:
            return None
        return self._room.log.read(lambda c: _near(c, self._room.city, report))


def _as_command(report: Report, ticket: Ticket) -> Command:
    """The report as a command under the ticket's id, with a seal of its content: the same report repeats it, another
    one does not match."""
    said = {"said": ticket.seal(report.hash())}
    return Command(
        command_id=ticket.command, name="report", subject="", actor=ACTOR, role=Role.SYSTEM, seen_seq=0, fields=said
    )


def _near(connection: Connection, city: City, report: Report) -> NearbyReports | None:
    now = room_now(connection)
    place = None if report.lat is None or report.lon is None else (report.lat, report.lon)
    areas = city.areas_near(*place, NEAR_M) if place else frozenset({report.area or ""})
    since, until = to_micros(now - NEAR_DAYS), to_micros(now + timedelta(seconds=1))
    way = Walk(by="area", values=tuple(sorted(areas)), statuses=OPEN, since=since, until=until)
    found = []
    for row in walk(connection, way, NEWEST, ROWS):
        metres = _metres(place, row)
        if row.category == report.category and metres <= NEAR_M:
            found.append((metres, str(row.id)))
    return NearbyReports(count=len(found), nearest=min(found)[1]) if found else None


def _metres(place: tuple[float, float] | None, row: Any) -> float:
    """Distance of a row; 0 where either of the two has only an area."""
    return 0.0 if place is None or row.lat is None else metres_between(*place, row.lat, row.lon)


# Reports taken down by an officer.

DESK_SOURCE, DESK_LETTER = "desk", "M"
CHANNELS = ("phone", "112", "whatsapp", "counter", "email")


class PhoneIntake:
    """Accepts reports that officers take down by telephone, WhatsApp or at the counter."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._intake = ComplaintIntake(room.city)
        self._sources = Sources(room.log)
        self._source = ""

    @staticmethod
    def refuse_strangers(command: Command) -> None:
        """Raises Refused for a role that may not; roles that there are not are left to ``take``."""
        if command.role in set(Role) and command.role not in DESK:
            raise Refused(Code.ROLE, f"taking complaints down is not for {command.role}")

    def take(self, command: Command, report: Report) -> CommandResult:
        """Accept the report once per command, under the day's next number. Raises Refused, Malformed, Unavailable."""
        self.refuse_strangers(command)
        role_of(command.role)
        self._source = self._source or self._sources.ensure(DESK_SOURCE, None)
        return self._room.unit(lambda work: once(work, command, lambda: self._accept(work, command, report)))

    def _accept(self, work: UnitOfWork, command: Command, report: Report) -> CommandResult:
        number = next_number(work, self._room.city, self._source, DESK_LETTER)
        numbered = replace(report, source_id=number, drill=report.drill or self._room.kind == "drill")
        kept = self._intake.accept(work, numbered, self._source, actor=command.actor)
        state = work.complaint(kept.id).state.value
        return CommandResult(id=kept.id, seq=kept.seq, status=kept.status, state=state)
