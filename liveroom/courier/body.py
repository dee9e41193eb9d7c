"""What a webhook carries: codes and words of a complaint as it is now, the same shape for agencies and for sources."""

from typing import Any

import msgspec

from liveroom.city.city import City
from liveroom.courier import naming
from liveroom.courier.content import Content
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind
from liveroom.domain.notifications import Whom
from liveroom.domain.timestamps import written, written_or_none

TO_CITIZENS = frozenset({Kind.REPLIED, Kind.ASKED})


def body_of(content: Content, city: City) -> bytes:
    """JSON ``{type, timestamp, delivery, data}``; ``type`` is the event's, ``timestamp`` when it was."""
    event = content.event.event
    told = _for_source(content) if content.delivery.whom == Whom.SOURCE else _for_agency(content, city)
    envelope = {"type": event.kind, "timestamp": written(event.at), "delivery": content.delivery.id, "data": told}
    return msgspec.json.encode(envelope)


def _for_source(content: Content) -> dict[str, Any]:
    """What became of it, in the source's own number; words only where they are the citizen's."""
    complaint, event = content.complaint, content.event.event
    if complaint is None:
        return {"id": content.delivery.subject}
    said = content.said if event.kind in TO_CITIZENS else None
    return {**_standing(complaint), "text": said, "closed_at": written_or_none(complaint.closed_at)}


def _for_agency(content: Content, city: City) -> dict[str, Any]:
    complaint = content.complaint
    if complaint is None:
        return {"id": content.delivery.subject}
    language = city.languages[0]
    first = complaint.first_due
    return {
        **_standing(complaint),
        "agency": content.delivery.key,
        "lead": complaint.agency == content.delivery.key,
        "category": complaint.category,
        "category_name": naming.category_in(city, complaint.category, language),
        "priority": complaint.priority,
        **_place(content, complaint, city),
        "description": content.texts.get("description"),
        "media": list(content.pictures),
        "received_at": written(complaint.received_at),
        "stage": first and first[0],
        "due_at": first and written(first[1].due),
        "percent": content.event.event.payload.get("percent"),
        "note": content.said,
        "link": content.link,
    }


def _place(content: Content, complaint: Complaint, city: City) -> dict[str, Any]:
    return {
        "area": complaint.area,
        "place": naming.place_in(city, complaint),
        "lat": complaint.lat,
        "lon": complaint.lon,
        "address": content.texts.get("address"),
    }


def _standing(complaint: Complaint) -> dict[str, Any]:
    return {
        "id": complaint.id,
        "source_id": complaint.source_id,
        "status": complaint.status,
        "state": complaint.state,
        "drill": complaint.drill,
    }
