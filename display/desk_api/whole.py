"""One complaint whole, as far as whoever asks may know it."""

from dataclasses import asdict
from typing import Any

from display.desk_api.asking import sees_people
from display.desk_api.history import history_of
from display.faces import Faces
from display.feed.cards import Cards
from display.uploads.findings import findings_of, pictures_of
from liveroom.accounts.users import Who
from liveroom.city.city import City
from liveroom.domain.complaints.commands import allowed
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind
from liveroom.domain.requests import OF_AGENCIES, Code, Refused, Role
from liveroom.domain.timestamps import to_text, written, written_or_none
from liveroom.log.outbox import SENT
from liveroom.log.texts import REPORT_TEXTS
from liveroom.projection.complaints import Detail


def refuse_others(complaint: Complaint, who: Who) -> None:
    """An agency reads what lies with it. Raises Refused."""
    if who.role in OF_AGENCIES and who.agency not in complaint.agencies:
        raise Refused(Code.NOT_YOUR_COMPLAINT, "the complaint is not with your agency")


def whole(found: Detail, who: Who, cards: Cards, city: City) -> dict[str, Any]:
    """The answer of docs/desk-api.md. Leadership reads no words of a private matter."""
    complaint, papers = found.complaint, found.papers
    newest = {kind: body for kind, body in papers.texts.values()}
    silent = wordless(complaint, who, city)
    faces = Faces(found.people, who, machines=(complaint.source,))
    past = history_of(found.history, papers, faces)
    return {
        "card": cards.of(complaint),
        "now": to_text(found.now),
        "text": {kind: None if silent else newest.get(kind) for kind in REPORT_TEXTS},
        "person": asdict(papers.person) if papers.person is not None and sees_people(who) else None,
        "media": [] if silent else list(papers.media),
        "pictures": [] if silent else pictures_of(found, city),
        "findings": findings_of(found, who, city),
        "erased": papers.erased,
        "history": [_without_words(one) for one in past] if silent else past,
        "deadline": _with_reason(found, faces),
        "agencies": agencies_of(found),
        **_joined(complaint),
        "claimed": _claim(complaint, found, faces),
        "names": faces.names(),
        "allowed": [name.value for name in allowed(complaint, who.role, who.agency)],
    }


def _joined(complaint: Complaint) -> dict[str, Any]:
    """Which others are part of it, were done with it before it was reopened, or the one it is part of."""
    children, followers = list(complaint.children), list(complaint.followers)
    return {"children": children, "followers": followers, "merged_into": complaint.merged_into}


def wordless(complaint: Complaint, who: Who, city: City) -> bool:
    """Whether the words of this complaint are not for this person."""
    rule = city.policy.categories.get(complaint.category)
    return who.role is Role.LEADERSHIP and (rule is None or rule.private)


def shown_of(answer: dict[str, Any]) -> tuple[str, ...]:
    """Which fields of a person an answer shows; what the log of readings is told."""
    return tuple(name for name, value in (answer["person"] or {}).items() if value is not None)


def agencies_of(found: Detail) -> list[dict[str, Any]]:
    """By agency, the lead first: ``{key, lead, forwarded_at, sent_at, state, delivery}``.

    ``state``: forwarded, accepted, proved; ``sent_at`` when it had the last of what it is to have, null until then.
    """
    complaint, since = found.complaint, dict[str, str]()
    for logged in found.history:
        payload, at = logged.event.payload, to_text(logged.event.at)
        if logged.event.kind in (Kind.FORWARDED, Kind.COORDINATED):
            anew = logged.event.kind is Kind.FORWARDED
            since = {key: at if anew else since.get(key, at) for key in payload["agencies"]}
    return [
        {
            "key": key,
            "lead": key == complaint.agency,
            "forwarded_at": since.get(key),
            "sent_at": delivery["sent_at"] if (delivery := _delivery(found, key)) else None,
            "state": _part(complaint, key),
            "delivery": delivery,
        }
        for key in complaint.agencies
    ]


def _delivery(found: Detail, agency: str) -> dict[str, Any] | None:
    one = found.deliveries.get(agency)
    if one is None:
        return None
    times = {"at": written(one.at), "sent_at": written_or_none(one.sent_at) if one.state == SENT else None}
    return {"state": one.state, **times, "tries": one.tries, "refused": one.refused if one.state != SENT else None}


def _part(complaint: Complaint, agency: str) -> str:
    if agency in complaint.proved_by:
        return "proved"
    return "accepted" if agency in complaint.accepted_by else "forwarded"


def _claim(complaint: Complaint, found: Detail, faces: Faces) -> dict[str, Any] | None:
    until = complaint.claimed_until
    if until is None or until <= found.now:
        return None
    return {"by": faces.key_or_none(complaint.claimed_by), "until": to_text(until)}


def _with_reason(found: Detail, faces: Faces) -> dict[str, Any]:
    """The arithmetic, the extension's reason in words."""
    extended = found.deadline.get("extended")
    if extended is None:
        return found.deadline
    reason = found.papers.texts.get(extended["reason"] or "", ("", None))[1]
    return {**found.deadline, "extended": {**extended, "reason": reason, "by": faces.key_or_none(extended["by"])}}


def _without_words(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ("text", "texts")}
