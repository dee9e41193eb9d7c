"""What receipt, resends, triage and a new policy make of a complaint: codes, place, priority and their deadlines."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from liveroom.domain import moments
from liveroom.domain.complaint import Complaint, State
from liveroom.domain.deadlines import from_payload
from liveroom.domain.events import Event

_CODES = ("category", "priority", "agency", "area", "lat", "lon", "in_city", "channel")


def received(event: Event) -> Complaint:
    """A new complaint, waiting to be forwarded; ``seq`` 0 until logged."""
    payload = event.payload
    codes: dict[str, Any] = {name: payload.get(name) for name in _CODES}
    return Complaint(
        id=event.id,
        seq=0,
        state=State.RECEIVED,
        source=payload["source"],
        source_id=payload["source_id"],
        report_hash=payload["hash"],
        class_=payload["class"],
        drill=payload["drill"],
        day=payload["day"],
        received_at=event.at,
        reported_at=moments.read_or_none(payload.get("reported_at")),
        updated_at=moments.read_or_none(payload.get("updated_at")),
        agencies=(),
        accepted_by=(),
        proved_by=(),
        **codes,
        **from_payload(payload),
    )


def amended(complaint: Complaint, event: Event) -> Complaint:
    """The source said more: only what changed is in the payload."""
    payload = event.payload
    return replace(
        complaint,
        report_hash=payload["hash"],
        updated_at=moments.read_or_none(payload.get("updated_at")),
        **_changed(payload),
    )


def triaged(complaint: Complaint, event: Event) -> Complaint:
    """An officer set codes or place; ``set`` names the fields no source overwrites from now on."""
    officer_set = complaint.officer_set | set(event.payload["set"])
    return replace(complaint, officer_set=officer_set, **_changed(event.payload))


def changed(complaint: Complaint, event: Event) -> Complaint:
    """The city promises otherwise, or place and words were erased: only what changed is in the payload."""
    return replace(complaint, **_changed(event.payload))


def _changed(payload: Mapping[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {name: payload[name] for name in _CODES if name in payload}
    if "class" in payload:
        changed["class_"] = payload["class"]
    if "reported_at" in payload:
        changed["reported_at"] = moments.read_or_none(payload["reported_at"])
    return changed | from_payload(payload)
