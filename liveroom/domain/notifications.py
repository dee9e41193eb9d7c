"""Which deliveries an event causes: who beyond this room has to hear of it, and how long a failed one waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.events import Event, Kind

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
# A no gets better by what somebody mends, seldom by itself: a few tries, far apart, and then it is a person's turn.
REFUSED_PAUSES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))
PAGED = "page_to"


class RecipientKind(StrEnum):
    """Whom a delivery goes to; with its key that names one receiver. A citizen's telephone is a way of its own."""

    AGENCY = "agency"
    OFFICE = "office"
    SUPERVISOR = "supervisor"
    SOURCE = "source"
    CITIZEN = "citizen"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A receiver. ``through``: the agency that an office is reached by when it has no address of its own.

    ``about``: the complaint that the receiver knows it by; None: the event's own.
    """

    whom: RecipientKind
    key: str
    through: str | None = None
    about: str | None = None


OF_CITIZENS = frozenset({RecipientKind.CITIZEN, RecipientKind.PHONE})
# Letters to citizens go in so many lanes: one that waits holds up a few others, not all.
LANES = 16
CHANNEL = "web"
# What the source that sent a complaint is told, and by which payload flag only the lead's step counts.
TOLD_SOURCES: frozenset[Kind] = frozenset(
    {
        Kind.FORWARDED,
        Kind.ACCEPTED,
        Kind.STARTED,
        Kind.ASKED,
        Kind.REPLIED,
        Kind.VALIDATED,
        Kind.CLOSED,
        Kind.REOPENED,
        Kind.MERGED,
        Kind.REFERRED,
        Kind.REJECTED,
    }
)


# What an agency may be told of in one letter with others: work that is new to it.
DIGESTED = frozenset({Kind.FORWARDED, Kind.COORDINATED})
# A citizen is told the same, and first that the report is here.
TOLD_CITIZENS = TOLD_SOURCES | {Kind.RECEIVED, Kind.RESUMED}
# Whose report was merged into another hears how that goes on: of its end by an event of their own, of no question.
TOLD_JOINED = TOLD_CITIZENS - {Kind.RECEIVED, Kind.ASKED, Kind.MERGED, Kind.VALIDATED, Kind.CLOSED}
# Who was done with it before it was reopened has no end of their own any more: they hear of its next one too.
TOLD_FOLLOWERS = TOLD_JOINED | {Kind.VALIDATED, Kind.CLOSED}


def caused(event: Event, before: Complaint | None, after: Complaint | None) -> tuple[Recipient, ...]:
    """Everybody who has to hear of an event that was folded from ``before`` to ``after``; each of them once.

    Whether a receiver has an address at all is not asked here. A decline goes back to the desk, which sees it anyway.
    """
    if event.kind is Kind.ALARM_PAGED:
        return (Recipient(whom=RecipientKind.SUPERVISOR, key=PAGED),)
    if after is None:
        return ()
    citizens = (*_citizen(event, after), *_joined(event, before))
    return (*_agencies(event, before, after), *_office(event, after), *_source(event, after), *citizens)


def _agencies(event: Event, before: Complaint | None, after: Complaint) -> tuple[Recipient, ...]:
    known = before.agencies if before is not None else ()
    told: Mapping[str, tuple[str, ...]] = {
        Kind.FORWARDED: after.agencies,
        Kind.REOPENED: () if after.state is State.RECEIVED else after.agencies,
        Kind.COORDINATED: tuple(key for key in after.agencies if key not in known),
        Kind.SENT_BACK: after.agencies[:1],
        Kind.COMMENTED: after.agencies[:1] if event.payload.get("answer_by") else (),
    }
    return tuple(Recipient(whom=RecipientKind.AGENCY, key=key) for key in told.get(event.kind, ()))


def _office(event: Event, after: Complaint) -> tuple[Recipient, ...]:
    """A multiple of the deadline reaches the office that the pack names. Rule: design section 5."""
    office = event.payload.get("recipient")
    if event.kind is not Kind.DEADLINE_MULTIPLIED or not office:
        return ()
    return (Recipient(whom=RecipientKind.OFFICE, key=str(office), through=next(iter(after.agencies), None)),)


def _source(event: Event, after: Complaint) -> tuple[Recipient, ...]:
    """A helper's step says nothing about the complaint as a whole, and what a source closed it need not be told."""
    if event.kind not in TOLD_SOURCES or not event.payload.get("lead", True) or event.payload.get("imported"):
        return ()
    return (Recipient(whom=RecipientKind.SOURCE, key=after.source),)


def _citizen(event: Event, after: Complaint) -> tuple[Recipient, ...]:
    """Whoever reported on the room's own page. Whether they left an address is not asked here."""
    if after.channel != CHANNEL or event.kind not in TOLD_CITIZENS or not event.payload.get("lead", True):
        return ()
    return (Recipient(whom=RecipientKind.CITIZEN, key=_lane(after.id)),)


def _joined(event: Event, before: Complaint | None) -> tuple[Recipient, ...]:
    """Whoever's report is part of this one, or was done with it, as it was before the event."""
    if before is None or not event.payload.get("lead", True):
        return ()
    children = before.children if event.kind in TOLD_JOINED else ()
    followers = before.followers if event.kind in TOLD_FOLLOWERS else ()
    return tuple(Recipient(whom=RecipientKind.CITIZEN, key=_lane(one), about=one) for one in (*children, *followers))


def _lane(complaint: str) -> str:
    return f"lane-{sum(map(ord, complaint)) % LANES}"


def pause(tries: int, chance: float) -> timedelta:
    """How long to wait after the ``tries``-th failure in a row: doubling, at most 15 min; ``chance`` from 0 to 1
    spreads it by a quarter to either side, so that many do not come back at once."""
    whole = min(FIRST_PAUSE * (1 << min(tries - 1, 16)), LONGEST_PAUSE)
    return whole * (0.75 + chance / 2)


def pause_refused(noes: int, chance: float) -> timedelta | None:
    """How long to wait after the ``noes``-th no in a row to the same delivery; None: it is a person's turn."""
    if noes > len(REFUSED_PAUSES):
        return None
    return REFUSED_PAUSES[noes - 1] * (0.75 + chance / 2)
