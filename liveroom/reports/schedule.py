"""The schedule: which report is due when, for whom; each is made once, kept, and handed to the outbox.

One process holds the lease and others stand by; that a report is made once does not hang on it: the row that says so
is written under the log's own lock, with the event from which the deliveries follow. After a stop the last time that
was missed is made up for, and the report says so; those before it are not, since a brief of last week helps nobody.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from uuid_utils import uuid7

from liveroom.city.calendar import Day
from liveroom.city.city import AGENCIES_READ, City, ReportEntry, check_reports
from liveroom.city.sheet import shape
from liveroom.domain.events.room_payloads import ReportMade
from liveroom.domain.notifications import RecipientKind
from liveroom.domain.room import about_room
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import NoLog, room_now
from liveroom.log.lease import Lease
from liveroom.media.store import MediaStore, NotStored, StoreUnavailable
from liveroom.projection import figures, reports
from liveroom.projection.reports import ALL, KeptReport
from liveroom.reports.edition import Edition, Order, Printed
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config
from liveroom.runtime.errors import ConfigError, Fault
from liveroom.runtime.language import catalogue
from liveroom.runtime.time import monotonic

# Who wrote the event; and seconds between two looks, and after a report could not be made.
ACTOR = "reports"
LOOK_S, AGAIN_S, FORGET_S = 10.0, 300.0, 3600.0
# Reports that are forgotten at once.
AT_ONCE = 200
# Who is late by more than this has stood still: a report takes seconds.
ON_TIME = timedelta(minutes=15)
# Of the lease: one that lapses while a page is printed costs a second print, which is thrown away.
LASTS = timedelta(minutes=1)
_WEEKDAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
log = logging.getLogger(__name__)

# Prints one report: in a process of its own. Raises CannotMake.
Press = Callable[[Order], Printed]


class CannotMake(Exception):
    """A report that could not be made just now; the message says why."""


def entries_of(config: Config, city: City, where: str) -> tuple[ReportEntry, ...]:
    """The entries that a room works by: those of the settings if there are any, else the pack's; none if it is off.

    Raises ConfigError with every fault.
    """
    if not config.reports.send:
        return ()
    if not config.reports.schedule:
        return city.reports
    faults: list[Fault] = []
    place = f"{where}: reports.schedule"
    read = shape(tuple[ReportEntry, ...], list(config.reports.schedule), where=place, faults=faults)
    found: tuple[ReportEntry, ...] = read or ()
    if not faults:
        faults += check_reports(found, place, offices=city.recipients, languages=catalogue().languages)
    if faults:
        raise ConfigError(faults)
    return found


def last_due(entry: ReportEntry, city: City, now: datetime) -> datetime:
    """The last moment at which a report of this entry was due, aware UTC."""
    day = now.astimezone(city.zone).date()
    while not _on(entry, day) or _moment(entry, city, day) > now:
        day -= timedelta(days=1)
    return _moment(entry, city, day)


def _on(entry: ReportEntry, day: date) -> bool:
    match entry.report:
        case "daily":
            return True
        case "weekly":
            return _WEEKDAYS[day.weekday()] == (entry.weekday or "mon")
        case "monthly":
            return day.day == (entry.monthday or 1)


def _moment(entry: ReportEntry, city: City, day: date) -> datetime:
    return datetime.combine(day, time.fromisoformat(entry.at), city.zone).astimezone(UTC)


def covered(entry: ReportEntry, city: City, due: datetime) -> date:
    """A day of what the report that was due then is about: the day before, the week before, the month before."""
    day = due.astimezone(city.zone).date()
    match entry.report:
        case "daily":
            return day - timedelta(days=1)
        case "weekly":
            return day - timedelta(days=7)
        case "monthly":
            return day.replace(day=1) - timedelta(days=1)


class ReportSchedule:
    """``press`` prints, ``store`` keeps what was made for the time ``keep``.

    Everything may be repeated: what is made already is not found again.
    """

    def __init__(
        self, room: Room, entries: Sequence[ReportEntry], store: MediaStore, press: Press, keep: timedelta
    ) -> None:
        self._keep_for = keep
        self._forgot_at = float("-inf")
        self._room = room
        self._entries = tuple(entries)
        self._store = store
        self._press = press
        self._lease = Lease(room.log, "reports", LASTS)
        # Monotonic seconds before which an entry that could not be made is left alone.
        self._again: dict[str, float] = {}

    def run(self, runtime: Runtime) -> None:
        """Look for ever; a database that is away is asked again at the next look."""
        while True:
            try:
                self.step()
            except (Unavailable, NoLog) as error:
                log.warning("the schedule of reports cannot reach the log: %s", error)
            except Exception:
                log.exception("the schedule of reports failed; it goes on at the next look")
            runtime.sleep(LOOK_S)

    def release(self) -> None:
        """Give up the lease, so that another process begins at once."""
        with suppress(Unavailable, NoLog):
            self._lease.release()

    def step(self) -> int:
        """Make what is due, and forget what is kept no longer; returns how many were made. Raises Unavailable."""
        if not self._lease.take():
            return 0
        self._forget()
        known = self._room.log.read(reports.entries)
        fresh = [entry.key for entry in self._entries if entry.key not in known]
        if fresh:
            known |= self._room.log.touch(partial(_note, entries=fresh))
        return sum(self._make_due(entry, known[entry.key]) for entry in self._entries)

    def _forget(self) -> None:
        """Once an hour: rows and files of reports that were kept for long enough."""
        if monotonic() - self._forgot_at < FORGET_S:
            return
        self._forgot_at = monotonic()
        before = self._room.now() - self._keep_for
        for one in self._room.log.read(lambda c: reports.older(c, before, AT_ONCE)):
            try:
                if self._room.log.touch(partial(_drop, one=one)):
                    self._store.erase(one.file)
            except StoreUnavailable as error:
                log.warning("a report that was kept long enough is still in the store: %s", error)

    def _make_due(self, entry: ReportEntry, since: datetime) -> int:
        now = self._room.now()
        if since > now:  # noted by a clock that was ahead: else nothing would be made until then
            self._room.log.touch(partial(reports.settle, entry=entry.key, since=now))
        due = last_due(entry, self._room.city, now)
        if due < since or monotonic() < self._again.get(entry.key, float("-inf")):
            return 0
        made = self._room.log.read(lambda c: reports.made_for(c, entry.key, due))
        number = 0
        for agency in self._wanted(entry):
            if agency in made:
                continue
            if not self._lease.take():
                return number
            try:
                number += self._make(entry, agency, due, late=now - due > ON_TIME)
            except (CannotMake, StoreUnavailable, Unavailable) as error:
                self._again[entry.key] = monotonic() + AGAIN_S
                log.error("the report %s of %s could not be made: %s", entry.key, agency or "the room", error)
                return number
        # An agency that gets its first work later in the week is no reader of what was due before.
        settled = due + timedelta(microseconds=1)
        self._room.log.touch(partial(reports.settle, entry=entry.key, since=settled))
        return number

    def _wanted(self, entry: ReportEntry) -> list[str]:
        """The editions of an entry: one of the room for its offices, and one for each agency that has any work."""
        offices = [ALL] if any(to != AGENCIES_READ for to in entry.to) else []
        if AGENCIES_READ not in entry.to:
            return offices
        stock = self._room.log.read(figures.stock)
        busy = {agency for (_, agency), n in stock.items() if n and agency in self._room.city.agencies}
        return [*offices, *sorted(busy)]

    def _make(self, entry: ReportEntry, agency: str, due: datetime, *, late: bool) -> int:
        city = self._room.city
        order = Order(
            report=entry.report,
            day=covered(entry, city, due),
            language=entry.language or city.languages[0],
            agency=agency or None,
            was_due=due if late else None,
        )
        printed = self._press(order)
        try:
            size = printed.file.stat().st_size
            file = self._store.keep(printed.file)
        finally:
            printed.file.unlink(missing_ok=True)
        kept = partial(_keep, entry=entry, due=due, late=late, edition=printed.edition, file=file)
        if self._room.unit(partial(kept, agency=agency, size=size)):
            return 1
        # Another process was faster; its file is another one, unless it holds the very same figures.
        if not self._room.log.read(lambda c: reports.is_kept(c, file)):
            self._store.erase(file)
        return 0


def _drop(connection: Connection, *, one: KeptReport) -> bool:
    """Forget a report; True if no other is the same file."""
    reports.drop(connection, one.id)
    return not reports.is_kept(connection, one.file)


def kept_file(store: MediaStore) -> Callable[[str], bytes]:
    """Reads a kept report, for the letter that brings it. Raises FileNotFoundError, OSError while it cannot be read."""

    def read(name: str) -> bytes:
        try:
            return b"".join(store.read(name))
        except NotStored as error:
            raise FileNotFoundError(name) from error
        except StoreUnavailable as error:
            raise OSError(str(error)) from error

    return read


def _note(connection: Connection, *, entries: Sequence[str]) -> dict[str, datetime]:
    now = room_now(connection)
    return {entry: reports.known_since(connection, entry, now) for entry in entries}


def _keep(  # noqa: PLR0913 - a row, by its parts
    work: UnitOfWork,
    *,
    entry: ReportEntry,
    agency: str,
    due: datetime,
    late: bool,
    edition: Edition,
    file: str,
    size: int,
) -> bool:
    """Log that it was made, with all that follows; False where it was made already."""
    connection, now = work.transaction.connection, work.transaction.now
    if agency in reports.made_for(connection, entry.key, due):
        return False
    id_ = str(uuid7())
    payload = ReportMade(
        id=id_,
        entry=entry.key,
        report=edition.report,
        first=edition.first.isoformat(),
        last=edition.last.isoformat(),
        language=edition.language,
        agency=edition.agency,
        position=edition.seq,
        fingerprint=edition.fingerprint,
        file=file,
        due=to_text(due),
        late=late,
        to=_readers(entry, agency),
    )
    (logged,) = work.append((about_room(payload, at=now),), actor=ACTOR)
    kept = KeptReport(
        id=id_,
        entry=entry.key,
        agency=agency,
        due=due,
        late=late,
        report=edition.report,
        first=payload.first,
        last=payload.last,
        language=edition.language,
        made_at=now,
        position=edition.seq,
        fingerprint=edition.fingerprint,
        file=file,
        size=size,
        seq=logged.seq,
    )
    reports.keep(connection, kept)
    return True


def _readers(entry: ReportEntry, agency: str) -> list[list[str]]:
    """Kind and key of everybody to whom an edition goes."""
    if agency != ALL:
        return [[RecipientKind.READER.value, agency]]
    return [[RecipientKind.OFFICE.value, to] for to in entry.to if to != AGENCIES_READ]
