"""One consistent read of the room (`Moment`) and what changed since a position of the log (`FeedChange`).

All parts of one answer are read in the slices of one transaction, so they agree about the position. A slice holds the
database's thread for about 5 ms at most.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from display.feed.cards import CardRow, card_row, served_audience
from liveroom.domain.alarms.model import Alarm, AlarmKind, of_complaint
from liveroom.log.engine import Connection
from liveroom.log.event_log import Head, Slices, database_now, mark_at, read_head, subjects
from liveroom.log.lease import Pulse, read_pulse
from liveroom.projection import complaints as complaint_rows
from liveroom.projection.agencies import Holding, counts_of, held
from liveroom.projection.alarms import alarms_of
from liveroom.projection.hazards import hazards
from liveroom.projection.notices import lines

# Cards in one slice: about 5 ms of the database thread.
SLICE = 250
# Alarms that are about one complaint: all but that a source or a screen is lost.
COMPLAINT_ALARMS = tuple(kind for kind in AlarmKind if kind is not AlarmKind.LOST)


# Which agency has which complaint, and who lost or got one since a position.


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyMoves:
    """``holders``, by complaint: the agencies that have it; ``lost``: those that lost it after the position.

    ``alarms``: all alarms about complaints that went to or from an agency after the position.
    """

    holders: Mapping[str, frozenset[str]]
    lost: Mapping[str, frozenset[str]]
    alarms: tuple[Alarm, ...]

    def owns(self, agency: str, alarm: Alarm) -> bool:
        """Whether the alarm is about a complaint of this agency, or about the agency itself."""
        return owns(agency, alarm, self.holders)


def owns(agency: str, alarm: Alarm, holders: Mapping[str, frozenset[str]]) -> bool:
    """As ``AgencyMoves.owns``; ``holders``: agencies by complaint."""
    if alarm.complaint is None:
        return alarm.agency == agency
    return agency in holders.get(alarm.complaint, frozenset())


def read_moves(
    slices: Slices, since: int, complaints: Iterable[CardRow], alarms: Iterable[Alarm], gone: Iterable[str]
) -> AgencyMoves:
    """Read what agencies need besides a change: of its complaints, of its alarms' complaints, and of those gone."""
    about = (alarm.complaint for alarm in alarms if alarm.complaint is not None)
    ids = tuple(dict.fromkeys((*(c.id for c in complaints), *about, *gone)))
    rows = tuple(row for part in _chunks(ids) for row in slices.run(partial(held, complaints=part)))
    moved = dict.fromkeys(row.complaint for row in rows if row.moved > since)
    names = tuple(of_complaint(kind, id_) for id_ in moved for kind in COMPLAINT_ALARMS)
    found = tuple(alarm for part in _chunks(names) for alarm in slices.run(partial(alarms_of, ids=part)))
    lost = _by_complaint(row for row in rows if not row.held and row.moved > since)
    return AgencyMoves(holders=_by_complaint(row for row in rows if row.held), lost=lost, alarms=found)


def read_holders(slices: Slices, complaints: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Which agencies have each of these complaints."""
    rows = (row for part in _chunks(tuple(complaints)) for row in slices.run(partial(held, complaints=part)))
    return _by_complaint(row for row in rows if row.held)


def _by_complaint(rows: Iterable[Holding]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.complaint, set()).add(row.agency)
    return {id_: frozenset(agencies) for id_, agencies in found.items()}


# The moment and the change.


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """How far the log and the clock are, read in one transaction: what a beat tells.

    ``real`` is the database's time, ``room`` the room's (they differ in a drill); ``heard``: seconds since each source
    was heard.
    """

    head: Head
    real: datetime
    room: datetime
    pulse: Pulse | None
    heard: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Instant):
    """The room at one position of the log, read in one transaction.

    ``today``: the open day, ISO; ``mark_then``: the mark of the position that was asked about, None if the log does not
    have it; ``of_agencies``: the counts of the agencies that were asked for.
    """

    today: str
    counts: dict[str, object]
    sources: list[dict[str, object]]
    lines: list[dict[str, object]]
    hazards: list[dict[str, object]]
    mark_then: str | None
    of_agencies: Mapping[str, dict[str, object]]

    def served_audience(self, audience: str) -> str:
        """The audience whose cards a client of ``audience`` gets at this moment: guests may be in the room."""
        return served_audience(audience, self.lines, self.real)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChange:
    """What happened after ``since`` up to ``moment.head.seq``: complaints and alarms whole, as they are now.

    ``gone``: ids of complaints that left the screens because the day was turned; ``moves``: which agency has what of
    it, None unless agencies asked.
    """

    since: int
    moment: Moment
    complaints: tuple[CardRow, ...]
    alarms: tuple[Alarm, ...]
    gone: tuple[str, ...]
    moves: AgencyMoves | None


def read_instant(connection: Connection, head: Head) -> Instant:
    """The instant of a head that was read in this transaction."""
    real = database_now(connection)
    return Instant(
        head=head,
        real=real,
        room=head.time.at(real),
        pulse=read_pulse(connection),
        heard=complaint_rows.heard(connection, real),
    )


def read_moment(connection: Connection, since: int, agencies: Collection[str] = ()) -> Moment:
    """The moment now, with the mark of position ``since`` and the counts of these agencies."""
    head = read_head(connection)
    real = database_now(connection)
    today = complaint_rows.today(connection)
    return Moment(
        head=head,
        real=real,
        room=head.time.at(real),
        pulse=read_pulse(connection),
        today=today,
        counts=complaint_rows.counts(connection, today),
        sources=complaint_rows.sources(connection),
        heard=complaint_rows.heard(connection, real),
        lines=lines(connection),
        hazards=hazards(connection),
        mark_then=mark_at(connection, since, head) if since <= head.seq else None,
        of_agencies=counts_of(connection, agencies, today),
    )


def read_change(slices: Slices, moment: Moment, since: int, limit: int) -> FeedChange | None:
    """Everything after ``since``, at that moment; None when more than ``limit`` complaints and alarms changed."""
    touched = slices.run(lambda c: subjects(c, since, moment.head.seq))
    ids = tuple(id_ for kind, id_ in touched if kind == "complaint")
    left = slices.run(lambda c: _left_screens(c, since, moment.today)) if ("room", "room") in touched else ()
    alarm_ids = tuple(id_ for kind, id_ in touched if kind == "alarm")
    if len(ids) + len(alarm_ids) > limit:
        return None
    complaints = tuple(found for part in _chunks(ids) for found in slices.run(partial(_rows, ids=part)))
    alarms = tuple(found for part in _chunks(alarm_ids) for found in slices.run(partial(alarms_of, ids=part)))
    moves = read_moves(slices, since, complaints, alarms, left) if moment.of_agencies else None
    return FeedChange(since=since, moment=moment, complaints=complaints, alarms=alarms, gone=left, moves=moves)


def _rows(connection: Connection, ids: tuple[str, ...]) -> tuple[CardRow, ...]:
    return tuple(map(card_row, complaint_rows.bodies(connection, ids)))


def _left_screens(connection: Connection, since: int, today: str) -> tuple[str, ...]:
    """Complaints that were closed on a day that is over now but was open at ``since``."""
    before = complaint_rows.day_before(connection, since)
    return complaint_rows.closed_between(connection, before, today) if before < today else ()


def _chunks(ids: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ids), SLICE):
        yield ids[start : start + SLICE]
