"""Notifications: who outside the room must hear of an event.

Agencies, offices, the supervisor, the source and citizens. Whether a recipient has an address is not asked here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.events import Event, Kind
from liveroom.domain.events.complaint_payloads import (
    AgencyPart,
    ComplaintClosed,
    ComplaintCommented,
    DeadlineMultiplied,
)
from liveroom.domain.events.room_payloads import ReportMade

PAGED = "page_to"
# Before the id of a report, as the subject of its deliveries.
REPORT = "report:"


class RecipientKind(StrEnum):
    """What a recipient is; with its key it names one. A citizen's telephone is a recipient of its own.

    A subscriber is told what its source would be: which ones there are stands in the settings. A reader is an agency to
    whom a report is mailed, by whatever way its work reaches it.
    """

    AGENCY = "agency"
    OFFICE = "office"
    SUPERVISOR = "supervisor"
    SOURCE = "source"
    SUBSCRIBER = "subscriber"
    READER = "reader"
    CITIZEN = "citizen"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One recipient. ``through``: the agency by which an office is reached that has no address of its own.

    ``about``: the complaint that the recipient knows, or the report that it gets; None: the event's own subject.
    """

    kind: RecipientKind
    key: str
    through: str | None = None
    about: str | None = None


OF_CITIZENS = frozenset({RecipientKind.CITIZEN, RecipientKind.PHONE})
# Letters to citizens go in so many lanes: one that fails holds up a few others, not all.
LANES = 16
# The channel of complaints from the room's own page.
CHANNEL = "web"
# What the source of a complaint hears of; of an agency's step only the lead's (``lead`` in the payload).
FOR_SOURCES: frozenset[Kind] = frozenset(
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
# What an agency may hear of in one letter with others: work that is new to it.
DIGESTED = frozenset({Kind.FORWARDED, Kind.COORDINATED})
# Citizens hear of the same, and first that the report has arrived.
FOR_CITIZENS = FOR_SOURCES | {Kind.RECEIVED, Kind.RESUMED}
# Citizens whose report was merged hear how the other goes on; of its end by an event of their own, and of no question.
FOR_MERGED = FOR_CITIZENS - {Kind.RECEIVED, Kind.ASKED, Kind.MERGED, Kind.VALIDATED, Kind.CLOSED}
# Citizens whose merged report was closed before the other was reopened: they hear of its next end too.
FOR_FOLLOWERS = FOR_MERGED | {Kind.VALIDATED, Kind.CLOSED}


def recipients_of(event: Event, before: Complaint | None, after: Complaint | None) -> tuple[Recipient, ...]:
    """Everybody outside who must hear of an event that was folded from ``before`` to ``after``; each of them once.

    Nobody of a decline: it goes back to the desk, which sees it.
    """
    if event.kind is Kind.ALARM_PAGED:
        return (Recipient(kind=RecipientKind.SUPERVISOR, key=PAGED),)
    if isinstance(event.payload, ReportMade):
        return _readers(event.payload)
    if after is None:
        return ()
    citizens = (*_citizen(event, after), *_merged(event, before))
    return (*_agencies(event, before, after), *_office(event, after), *_source(event, after), *citizens)


def _readers(made: ReportMade) -> tuple[Recipient, ...]:
    """Each report is a subject of its own, so that one that does not get through holds up no other."""
    about = f"{REPORT}{made.id}"
    return tuple(Recipient(kind=RecipientKind(kind), key=key, about=about) for kind, key in made.to)


def _agencies(event: Event, before: Complaint | None, after: Complaint) -> tuple[Recipient, ...]:
    known = before.agencies if before is not None else ()
    keys: Mapping[str, tuple[str, ...]] = {
        Kind.FORWARDED: after.agencies,
        Kind.REOPENED: () if after.state is State.RECEIVED else after.agencies,
        Kind.COORDINATED: tuple(key for key in after.agencies if key not in known),
        Kind.SENT_BACK: after.agencies[:1],
        Kind.COMMENTED: after.agencies[:1] if _asks(event) else (),
    }
    return tuple(Recipient(kind=RecipientKind.AGENCY, key=key) for key in keys.get(event.kind, ()))


def _office(event: Event, after: Complaint) -> tuple[Recipient, ...]:
    """A multiple of the deadline reaches the office that the pack names. Rule: design section 5."""
    if not isinstance(event.payload, DeadlineMultiplied) or not event.payload.recipient:
        return ()
    office = event.payload.recipient
    return (Recipient(kind=RecipientKind.OFFICE, key=office, through=next(iter(after.agencies), None)),)


def _source(event: Event, after: Complaint) -> tuple[Recipient, ...]:
    """Not of a helper's step, which says nothing of the complaint as a whole, nor of an end that the source gave."""
    imported = isinstance(event.payload, ComplaintClosed) and event.payload.imported
    if event.kind not in FOR_SOURCES or _of_helper(event) or imported:
        return ()
    return (Recipient(kind=RecipientKind.SOURCE, key=after.source),)


def _citizen(event: Event, after: Complaint) -> tuple[Recipient, ...]:
    """The citizen who reported on the room's own page."""
    if after.channel != CHANNEL or event.kind not in FOR_CITIZENS or _of_helper(event):
        return ()
    return (Recipient(kind=RecipientKind.CITIZEN, key=_lane(after.id)),)


def _merged(event: Event, before: Complaint | None) -> tuple[Recipient, ...]:
    """The citizens whose reports were merged into this one, or closed with it, before the event."""
    if before is None or _of_helper(event):
        return ()
    children = before.children if event.kind in FOR_MERGED else ()
    followers = before.followers if event.kind in FOR_FOLLOWERS else ()
    return tuple(Recipient(kind=RecipientKind.CITIZEN, key=_lane(one), about=one) for one in (*children, *followers))


def _asks(event: Event) -> bool:
    return isinstance(event.payload, ComplaintCommented) and bool(event.payload.answer_by)


def _of_helper(event: Event) -> bool:
    """Whether it is a step of an agency that helps the lead."""
    return isinstance(event.payload, AgencyPart) and not event.payload.lead


def _lane(complaint: str) -> str:
    return f"lane-{sum(map(ord, complaint)) % LANES}"
