"""What of a change concerns which agency: who has each complaint, and who lost or got one since a position."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from liveroom.domain.alarms.model import Alarm, AlarmKind, of_complaint
from liveroom.domain.complaints.model import Complaint
from liveroom.log.event_log import Slices
from liveroom.projection.agencies import Held, held
from liveroom.projection.alarms import alarms_of

SLICE = 250
ABOUT_ONE = tuple(kind for kind in AlarmKind if kind is not AlarmKind.LOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """By complaint: which agencies have it, which lost it after the position; the alarms of those that moved."""

    has: Mapping[str, frozenset[str]]
    lost: Mapping[str, frozenset[str]]
    alarms: tuple[Alarm, ...]

    def owns(self, agency: str, alarm: Alarm) -> bool:
        """Whether the alarm is about a complaint of this agency, or about the agency itself."""
        return owns(agency, alarm, self.has)


def owns(agency: str, alarm: Alarm, has: Mapping[str, frozenset[str]]) -> bool:
    """As ``Moves.owns``, for what is known of who has what."""
    if alarm.complaint is None:
        return alarm.agency == agency
    return agency in has.get(alarm.complaint, frozenset())


def read_moves(
    slices: Slices, since: int, complaints: Iterable[Complaint], alarms: Iterable[Alarm], gone: Iterable[str]
) -> Moves:
    """What agencies need beside a change since a position."""
    about = (alarm.complaint for alarm in alarms if alarm.complaint is not None)
    ids = tuple(dict.fromkeys((*(c.id for c in complaints), *about, *gone)))
    rows = tuple(row for part in _parts(ids) for row in slices.run(partial(held, complaints=part)))
    moved = dict.fromkeys(row.complaint for row in rows if row.moved > since)
    names = tuple(of_complaint(kind, id_) for id_ in moved for kind in ABOUT_ONE)
    found = tuple(alarm for part in _parts(names) for alarm in slices.run(partial(alarms_of, ids=part)))
    lost = _by_complaint(row for row in rows if not row.held and row.moved > since)
    return Moves(has=_by_complaint(row for row in rows if row.held), lost=lost, alarms=found)


def read_has(slices: Slices, complaints: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Which agencies have each of these complaints."""
    rows = (row for part in _parts(tuple(complaints)) for row in slices.run(partial(held, complaints=part)))
    return _by_complaint(row for row in rows if row.held)


def _by_complaint(rows: Iterable[Held]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.complaint, set()).add(row.agency)
    return {id_: frozenset(agencies) for id_, agencies in found.items()}


def _parts(ids: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ids), SLICE):
        yield ids[start : start + SLICE]
