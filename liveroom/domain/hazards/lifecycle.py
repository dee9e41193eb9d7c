"""Which hazards a document issues, updates or ends: pure, and the same in whatever order documents come.

A hazard is one info of a document. It is in force from the moment it is heard until it expires, unless any document
that was heard names it among its references, or the same identifier was sent later; so a late Alert after its Cancel
changes nothing, and an Update that comes before its Alert stays.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET

from liveroom.domain.events import Event, Subject
from liveroom.domain.events.hazard_payloads import (
    HazardCancelled,
    HazardExpired,
    HazardIssued,
    HazardPayload,
    HazardState,
    HazardUpdated,
)
from liveroom.domain.hazards.cap_alert import CapAlert, CapInfo, HazardUrgency, MessageType
from liveroom.domain.timestamps import to_text, to_text_or_none

# A ring of points; a polygon is its outer ring and its holes, as in GeoJSON.
Polygon = Sequence[Sequence[Sequence[float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """Where a hazard touches the city: codes of areas, and what of its own shape is near, simplified (GeoJSON)."""

    areas: tuple[str, ...]
    polygons: tuple[Polygon, ...] = ()


# An info, and where it touches the city: None where it does not.
PlacedInfo = tuple[CapInfo, Footprint | None]


def hazard_id(document: str, number: int) -> str:
    """The id of the hazard that the info with this number (of those spoken) is."""
    return f"{document}.{number}"


def document_of(hazard: str) -> str:
    """The id of the document of a hazard."""
    return hazard.partition(".")[0]


def heard(
    alert: CapAlert,
    placed: Sequence[PlacedInfo],
    *,
    source: str,
    superseded: bool,
    ends: Collection[str],
    now: datetime,
) -> tuple[Event, ...]:
    """The events of a document that is heard for the first time and that counts.

    ``placed``: the infos that are shown, each with where it touches the city; ``superseded``: a document that
    came before took its place; ``ends``: the hazards in force whose place it takes.
    """
    payloads = [] if superseded else _shown(alert, placed, source, now)
    ended = tuple(sorted(ends))
    if not payloads:
        why = "cancel" if alert.message is MessageType.CANCEL else "update"
        return tuple(_about(one, HazardCancelled(by=alert.id, why=why), now) for one in ended)
    (first_id, first), *others = payloads
    begun: HazardPayload = first
    if ended or alert.message is MessageType.UPDATE:
        fields = {name: getattr(first, name) for name in HazardState.__struct_fields__}
        begun = HazardUpdated(**fields, replaces=ended)
    return (_about(first_id, begun, now), *(_about(id_, one, now) for id_, one in others))


def _shown(alert: CapAlert, placed: Sequence[PlacedInfo], source: str, now: datetime) -> list[tuple[str, HazardIssued]]:
    """The hazards of a document, by their ids: none of a Cancel, of what is over or elsewhere."""
    if alert.message is MessageType.CANCEL:
        return []
    return [
        (hazard_id(alert.id, number), _issued(alert, info, place, source, now))
        for number, (info, place) in enumerate(placed)
        if place is not None and not _is_over(info) and alert.ends(info, now) > now
    ]


def _is_over(info: CapInfo) -> bool:
    return info.over or info.urgency is HazardUrgency.PAST


def _issued(alert: CapAlert, info: CapInfo, place: Footprint, source: str, now: datetime) -> HazardIssued:
    return HazardIssued(
        document=alert.id,
        source=source,
        severity=info.severity.value,
        urgency=info.urgency.value,
        certainty=info.certainty.value,
        sent=to_text(alert.sent),
        onset=to_text_or_none(info.onset) or UNSET,
        expires=to_text(alert.ends(info, now)),
        areas=place.areas,
        polygons=place.polygons,
    )


def expired(hazard: str, at: datetime) -> Event:
    """A hazard's own time is over at ``at``, room time."""
    return _about(hazard, HazardExpired(), at)


def _about(hazard: str, payload: HazardPayload, at: datetime) -> Event:
    return Event(kind=payload.KIND, subject=Subject.HAZARD, id=hazard, at=at, payload=payload)
