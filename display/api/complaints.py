"""GET complaint, list, suggestions; POST by telephone."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from display.api.requests import ENVELOPE, asker, order_of, sees_people
from display.api.responses import DisplayNames, handle_errors, json_response
from display.auth.visitor import Visitors, signed
from display.feed.cards import MOST_MASKED, Cards, cards_of
from liveroom.accounts.users import Person
from liveroom.city.city import City
from liveroom.domain.complaints.commands import JUDGES, allowed
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.complaints.model import OPEN, Complaint, State, Status
from liveroom.domain.complaints.proof import Facts, Shot, Twin, findings
from liveroom.domain.events import Kind, Logged
from liveroom.domain.fields import UPLOAD, FieldReader
from liveroom.domain.requests import OF_AGENCIES, Code, Malformed, Refused, Role
from liveroom.domain.timestamps import read, to_text, words_of, written, written_or_none
from liveroom.log.outbox import SENT
from liveroom.log.texts import REPORT_TEXTS, Dossier, note_access
from liveroom.log.uploads import Upload, UploadState
from liveroom.projection.complaints import Detail, detail
from liveroom.projection.search import ALL, Search, SearchQuery
from liveroom.projection.similar import SimilarComplaint, Suggester, Suggestions
from liveroom.room.commands.citizens import CHANNELS, PhoneIntake
from liveroom.room.room import Room
from liveroom.room.transaction import CLOCK
from liveroom.runtime.http_input import read_body, read_json

# Reads from an address what a list is asked for: every filter checked, the cursor one that was given here.

LIMIT, MOST = 50, 100
LONGEST, MOST_VALUES = 200, 50
FARTHEST_M = 50_000
PRIORITIES = ("critical", "urgent", "normal")
Args = Mapping[str, str]
Key = tuple[int, str]
LARGEST = 1 << 62  # every database takes it


def wanted_of(args: Args, city: City, who: Person) -> SearchQuery:
    """What is asked for; lists are separated by commas. Raises Malformed naming the parameter."""
    overdue, claimed = _flag(args, "overdue"), args.get("claimed")
    return SearchQuery(
        words=_text(args, "q"),
        statuses=_statuses(args),
        states=frozenset(_codes(args, "state", {state.value for state in State})),
        categories=frozenset(_codes(args, "category", None)),
        areas=_areas(args, city),
        priorities=frozenset(_codes(args, "priority", PRIORITIES)),
        agency=_agency(args, city),
        held_by=who.agency if who.role in OF_AGENCIES else None,
        overdue=overdue,
        claimed=who.actor if claimed == "me" else _flag(args, "claimed"),
        since=_moment(args, "since"),
        until=_moment(args, "until"),
        near=_near(args),
        phones=sees_people(who),
    )


def limit_of(args: Args) -> int:
    """How many are asked for, 50 unless said. Raises Malformed."""
    said = args.get("limit", str(LIMIT))
    if not (said.isascii() and said.isdigit()) or len(said) > len(str(MOST)) or not 1 <= int(said) <= MOST:
        raise Malformed("limit", f"must be 1 to {MOST}")
    return int(said)


def cursor_of(args: Args) -> int | Key | None:
    """The key of a cursor of ours. Raises Malformed."""
    said = args.get("cursor")
    if not said:
        return None
    try:
        raw = urlsafe_b64decode(said[:LONGEST] + "=" * (-len(said) % 4))
        found = msgspec.json.decode(raw, type=int | Key)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise Malformed("cursor", "is none that was given here") from error
    number, id_ = found if isinstance(found, tuple) else (found, "")
    if not 0 <= number <= LARGEST or "\x00" in id_:
        raise Malformed("cursor", "is none that was given here")
    return found


def cursor_from(key: int | Key | None) -> str | None:
    """The cursor by which the next page is asked for; None at the end."""
    return None if key is None else urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def _text(args: Args, name: str) -> str:
    said = args.get(name, "").strip()
    if len(said) > LONGEST or "\x00" in said:
        raise Malformed(name, f"may have at most {LONGEST} characters, none of them NUL")
    return said


def _codes(args: Args, name: str, known: Collection[str] | None) -> tuple[str, ...]:
    said = tuple(dict.fromkeys(part for part in args.get(name, "").split(",") if part))
    if len(said) > MOST_VALUES or any(len(part) > 128 or "\x00" in part for part in said):
        raise Malformed(name, f"may name at most {MOST_VALUES} keys")
    for part in said if known is not None else ():
        if part not in (known or ()):
            raise Malformed(name, f"{part[:64]!r} is not known")
    return said


def _statuses(args: Args) -> tuple[str, ...]:
    if args.get("status") == "open":
        return tuple(status.value for status in Status if status in OPEN)
    return _codes(args, "status", ALL) or ALL


def _areas(args: Args, city: City) -> frozenset[str]:
    """Areas by name and by district; both together are those in both."""
    areas = frozenset(_codes(args, "area", city.areas))
    districts = _codes(args, "district", city.districts)
    within = frozenset(area.code for area in city.areas.values() if area.district in districts)
    return (areas & within) or (areas | within) if districts and areas else areas | within


def _agency(args: Args, city: City) -> str | None:
    found = _codes(args, "agency", city.agencies)
    if len(found) > 1:
        raise Malformed("agency", "names one agency")
    return found[0] if found else None


def _flag(args: Args, name: str) -> bool | None:
    said: Any = {None: None, "": None, "1": True, "true": True, "0": False, "false": False}
    if args.get(name) not in said:
        raise Malformed(name, "must be true or false")
    found: bool | None = said[args.get(name)]
    return found


def _moment(args: Args, name: str) -> datetime | None:
    if not args.get(name):
        return None
    try:
        return read(args[name])
    except ValueError as error:
        raise Malformed(name, str(error)) from error


def _near(args: Args) -> tuple[float, float, float] | None:
    said = args.get("near")
    if not said:
        return None
    try:
        lat, lon, metres = (float(part) for part in said.split(","))
    except ValueError as error:
        raise Malformed("near", "must be lat,lon,metres") from error
    checks: tuple[Callable[[], bool], ...] = (lambda: -90 <= lat <= 90, lambda: -180 <= lon <= 180)
    if not all(check() for check in checks) or not 0 < metres <= FARTHEST_M:
        raise Malformed("near", f"must lie on earth, within {FARTHEST_M} m")
    return lat, lon, metres


# A complaint's history as a desk reads it: every event with its codes, and its words in place of their ids.

# Fields of a payload that hold the id of one text; "texts" holds several, by kind.
WORDS = ("text", "reason", "note")
BY_TIME = frozenset(kind for kind in Kind if kind.startswith("deadline."))
INTERNAL = frozenset({"hash", "person", "texts", "deadlines", *WORDS})


def history_of(history: Iterable[Logged], papers: Dossier, faces: DisplayNames) -> list[dict[str, Any]]:
    """``{seq, at, logged_at, kind, actor, text?, texts?, due?, …codes of the payload}``, oldest first.

    ``actor`` as ``faces`` shows it; ``text`` is null where it was erased; ``due`` maps the stages that the event
    planned to their new ends.
    """
    return [_entry_json(logged, papers, faces) for logged in history]


def _entry_json(logged: Logged, papers: Dossier, faces: DisplayNames) -> dict[str, Any]:
    event, payload = logged.event, logged.event.payload
    told = {name: value for name, value in payload.items() if name not in INTERNAL}
    ids = [payload[name] for name in WORDS if payload.get(name)]
    if ids:
        told["text"] = papers.texts.get(ids[0], ("", None))[1]
    if payload.get("texts"):
        told["texts"] = {kind: papers.texts.get(id_, ("", None))[1] for kind, id_ in payload["texts"].items()}
    if payload.get("deadlines"):
        told["due"] = _ends(payload["deadlines"])
    # A deadline passes by itself, whoever wrote something down in the moment in which the room noticed.
    actor = CLOCK if event.kind in BY_TIME else logged.actor
    envelope = {"seq": logged.seq, "at": to_text(event.at), "logged_at": to_text(logged.logged_at)}
    return {**told, **envelope, "kind": str(event.kind), "actor": faces.key(actor)}


def _ends(deadlines: Mapping[str, Any]) -> dict[str, str | None]:
    return {stage: deadline["due"] if deadline else None for stage, deadline in deadlines.items()}


# A few words of a complaint for a list, around those that were looked for.

SNIPPET_LONGEST = 160
BEFORE = 40


def snippet_of(texts: Mapping[str, str], wanted: str) -> str:
    """At most 160 characters of the description, or the address, where a looked-for word begins; else its beginning."""
    words = words_of(wanted)
    bodies = [" ".join(texts.get(kind, "").split()) for kind in ("description", "address")]
    for body in bodies:
        places = [place for word in words if (place := body.casefold().find(word)) >= 0]
        if places:
            return _cut(body, max(0, min(places) - BEFORE))
    return _cut(next((body for body in bodies if body), ""), 0)


def _cut(body: str, start: int) -> str:
    if start > 0:
        start = body.find(" ", start) + 1
    part = body[start : start + SNIPPET_LONGEST]
    return ("… " if start else "") + part + ("…" if len(body) > start + SNIPPET_LONGEST else "")


# GET /api/v1/complaints/ID/suggestions: what the room would say, with the words that made it say so.

# From here on two complaints are probably about one thing.
ONE_THING = 0.6


def suggestions_blueprint(room: Room) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint, cards = Blueprint("suggestions", __name__), Cards(room.city.policy, "desk")
    suggesting = Suggester(room.log, room.city)

    def suggest(subject: str) -> Response:
        return json_response(_suggestions_json(suggesting.for_(subject), cards))

    path = "/api/v1/complaints/<subject>/suggestions"
    blueprint.add_url_rule(path, "suggest", handle_errors(cards)(suggest), methods=["GET"])
    return blueprint


def _suggestions_json(found: Suggestions, cards: Cards) -> dict[str, Any]:
    place = found.place
    return {
        "categories": [{"key": h.key, "score": h.score, "because": list(h.because)} for h in found.categories],
        "agency": found.agency,
        "area": found.area,
        "place": {"lat": place[0], "lon": place[1]} if place is not None else None,
        "similar": [_similar(found.complaint, one, cards) for one in found.similar],
    }


def _similar(complaint: Complaint, one: SimilarComplaint, cards: Cards) -> dict[str, Any]:
    return {
        "id": one.complaint.id,
        "card": cards.of(one.complaint),
        "metres": one.metres,
        "minutes": one.minutes,
        "score": one.score,
        "merge": one.score >= ONE_THING and complaint.open and one.complaint.drill == complaint.drill,
    }


# POST /api/v1/desk/complaints: what an officer types while somebody is on the telephone.

FORM = ("channel", "category", "description", "address", "area", "lat", "lon", "priority", "person", "drill")


def taking_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """The blueprint; docs/desk-api.md."""
    blueprint, taking = Blueprint("taking", __name__), PhoneIntake(room)
    safely = handle_errors(Cards(room.city.policy, "desk"))

    def take() -> Response:
        body = _known(signed(read_json(read_body(request)), visitors.who(request)))
        order = order_of(body, "desk", "", "take")
        done = taking.take(order, report_in(body, room))
        return json_response({"id": done.id, "seq": done.seq, "status": done.status}, 201)

    blueprint.add_url_rule("/api/v1/desk/complaints", "take", safely(take), methods=["POST"])
    return blueprint


def _known(body: Any) -> Any:
    """Without what the form does not have: unknown fields are left alone."""
    if not isinstance(body, dict):
        return body
    return {name: body[name] for name in (*ENVELOPE, *FORM) if name in body} | {"seen_seq": 0}


def report_in(body: Any, room: Room) -> Report:
    """The report of an officer's form. Raises Malformed: what a list on the form offers has to be of this city."""
    record = FieldReader(body)
    category, channel = record.text("category", 128) or "", record.choice("channel", CHANNELS)
    if channel is None:
        raise Malformed("channel", "is required")
    record.required("description", 4000)
    _check(room.city, category, record.text("area", 128) or "")
    # The intake asks every source for a number and a category; the desk's number is drawn, its category may wait.
    report = report_of({**body, "source_id": "-", "category": category or "-"}, room.now(), room.kind)
    return replace(report, category=category, media=())


def _check(city: City, category: str, area: str) -> None:
    if category and category not in city.categories:
        raise Malformed("category", "is no category of this city")
    if area and area not in city.areas:
        raise Malformed("area", "is no area of this city")


# Uploads as JSON: what became of each, and for the desk what there is to look at in a proof.

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


def findings_of(found: Detail, who: Person, city: City) -> list[dict[str, Any]]:
    """What there is to look at in the proof, for those who may judge it; nothing before one was submitted."""
    submitted = [logged for logged in found.history if logged.event.kind is Kind.PROOF_SUBMITTED]
    if not submitted or who.role not in JUDGES:
        return []
    named = {media["id"]: media["url"] or "" for media in found.dossier.media}
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


# One complaint whole, as far as whoever asks may know it.


def refuse_others(complaint: Complaint, who: Person) -> None:
    """An agency reads what lies with it. Raises Refused."""
    if who.role in OF_AGENCIES and who.agency not in complaint.agencies:
        raise Refused(Code.NOT_YOUR_COMPLAINT, "the complaint is not with your agency")


def whole(found: Detail, who: Person, cards: Cards, city: City) -> dict[str, Any]:
    """The answer of docs/desk-api.md. Leadership reads no words of a private matter."""
    complaint, papers = found.complaint, found.dossier
    newest = {kind: body for kind, body in papers.texts.values()}
    silent = wordless(complaint, who, city)
    faces = DisplayNames(found.people, who, machines=(complaint.source,))
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


def wordless(complaint: Complaint, who: Person, city: City) -> bool:
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


def _claim(complaint: Complaint, found: Detail, faces: DisplayNames) -> dict[str, Any] | None:
    until = complaint.claimed_until
    if until is None or until <= found.now:
        return None
    return {"by": faces.key_or_none(complaint.claimed_by), "until": to_text(until)}


def _with_reason(found: Detail, faces: DisplayNames) -> dict[str, Any]:
    """The arithmetic, the extension's reason in words."""
    extended = found.deadline.get("extended")
    if extended is None:
        return found.deadline
    reason = found.dossier.texts.get(extended["reason"] or "", ("", None))[1]
    return {**found.deadline, "extended": {**extended, "reason": reason, "by": faces.key_or_none(extended["by"])}}


def _without_words(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ("text", "texts")}


# The desk's reading doors for complaints: one whole, and lists of them.


def reading_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``GET /api/v1/complaints`` and ``GET /api/v1/complaints/ID``; docs/desk-api.md."""
    blueprint = Blueprint("reading", __name__, url_prefix="/api/v1/complaints")
    doors = _ComplaintRoutes(room, visitors)
    safely = handle_errors(doors.cards["desk"])
    blueprint.add_url_rule("", "list", safely(doors.list), methods=["GET"])
    blueprint.add_url_rule("/<subject>", "whole", safely(doors.whole), methods=["GET"])
    return blueprint


class _ComplaintRoutes:
    """What the doors share."""

    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._room = room
        self._visitors = visitors
        self._searching = Search(room.log, room.city)
        self.cards = cards_of(room.city.policy)

    def list(self) -> Response:
        who = asker(self._visitors, request)
        wanted = wanted_of(request.args, self._room.city, who)
        after, limit = cursor_of(request.args), limit_of(request.args)
        page = self._searching.page(wanted, after, limit, self._room.now())
        cards, city = self._cards_for(who), self._room.city
        texts = {one.id: {} if wordless(one, who, city) else page.texts.get(one.id, {}) for one in page.complaints}
        items = [{"card": cards.of(one), "snippet": snippet_of(texts[one.id], wanted.words)} for one in page.complaints]
        return json_response({"items": items, "next": cursor_from(page.after)})

    def whole(self, subject: str) -> Response:
        """The reading of a person's data is noted before they are shown."""
        who = asker(self._visitors, request)
        found = detail(self._room.log, self._room.city, subject, people=sees_people(who))
        refuse_others(found.complaint, who)
        answer = whole(found, who, self._cards_for(who), self._room.city)
        log, shown = self._room.log, shown_of(answer)
        note_access(log, actor=who.actor, role=who.role.value, subject_id=subject, fields=shown)
        return json_response(answer)

    def _cards_for(self, who: Person) -> Cards:
        return self.cards.get(who.audience, self.cards[MOST_MASKED])
