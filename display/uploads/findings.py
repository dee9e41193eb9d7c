"""Uploads as JSON: what became of each, and for the desk what there is to look at in a proof."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from liveroom.accounts.users import Who
from liveroom.city.city import City
from liveroom.domain.complaints.commands import JUDGES
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.complaints.proof import Facts, Shot, Twin, findings
from liveroom.domain.events import Kind
from liveroom.domain.fields import UPLOAD
from liveroom.domain.timestamps import to_text
from liveroom.log.uploads import Upload, UploadState
from liveroom.projection.complaints import Detail

SHOWN = ("thumb", "clean")
MEDIA = "/api/v1/media"


def told_of(one: Upload, taken_at: datetime | None, root: str = MEDIA) -> dict[str, Any]:
    """``{id, kind, state, code, sent_at, form, width, height, seconds, taken_at, thumb, clean}``; null until ready.

    ``root`` is where whoever asks gets content.
    """
    facts = one.facts
    ready = one.state is UploadState.READY
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state.value,
        "code": one.code or None,
        "sent_at": to_text(one.created_at),
        "form": facts.form.value if facts else None,
        "width": facts.width if facts else None,
        "height": facts.height if facts else None,
        "seconds": facts.seconds if facts else None,
        "taken_at": to_text(taken_at) if taken_at else None,
        **{name: f"{root}/{one.id}/{name}" if ready else None for name in SHOWN},
    }


def taken_at(facts: Facts | None, city: City) -> datetime | None:
    """When a picture was taken; hands of a clock without a zone are taken for the city's."""
    if facts is None or facts.taken_at is None:
        return None
    return facts.taken_at.replace(tzinfo=city.zone) if facts.times == "local" else facts.taken_at


def pictures_of(found: Detail, city: City, root: str = MEDIA) -> list[dict[str, Any]]:
    """Every photo and video of a complaint, the citizen's and the proofs, oldest first."""
    return [told_of(one, taken_at(one.facts, city), root) for one in found.uploads]


def findings_of(found: Detail, who: Who, city: City) -> list[dict[str, Any]]:
    """What there is to look at in the proof, for those who may judge it; nothing before one was submitted."""
    submitted = [logged for logged in found.history if logged.event.kind is Kind.PROOF_SUBMITTED]
    if not submitted or who.role not in JUDGES:
        return []
    named = {media["id"]: media["url"] or "" for media in found.papers.media}
    last = {named.get(id_, "") for id_ in submitted[-1].event.payload.get("media") or ()}
    proofs = [one for one in found.uploads if f"{UPLOAD}{one.id}" in last]
    return judged(found.complaint, found.history[0].logged_at, proofs, city)


def judged(complaint: Complaint, received_at: datetime, proofs: Sequence[Upload], city: City) -> list[dict[str, Any]]:
    """The findings about a complaint's proofs, as the validator's page shows them; ``received_at`` in real time, as
    cameras and uploads have it."""
    place = (complaint.lat, complaint.lon) if complaint.lat is not None and complaint.lon is not None else None
    shots = [_shot(one, city) for one in proofs if one.state is UploadState.READY]
    found = findings(shots, complaint=complaint.id, received_at=received_at, place=place)
    return [asdict(one) for one in found]


def _shot(one: Upload, city: City) -> Shot:
    facts = one.facts
    twins = tuple(Twin(id=a.upload, complaint=a.complaint, kind=a.kind, bits=a.bits) for a in one.alike)
    if facts is None:
        return Shot(id=one.id, sent_at=one.created_at, twins=twins)
    return Shot(
        id=one.id,
        sent_at=one.created_at,
        taken_at=taken_at(facts, city),
        lat=facts.lat,
        lon=facts.lon,
        edited=facts.software,
        twins=twins,
    )
