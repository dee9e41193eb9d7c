"""Complaints over HTTP: one whole, lists by filter, suggestions, and the form for a report by telephone.

Each answer holds what the requester may know: an agency reads what lies with it, leadership no words of private
matters, only desks the person who reported. Access to a person's data is logged before it is shown.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from display.api.requests import ENVELOPE, command_of, command_outline, requester, sees_people
from display.api.responses import DisplayNames, handle_errors, json_response
from display.auth.visitor import Visitors, signed
from display.feed.cards import MOST_MASKED, Cards, cards_of
from display.figures.signs import times_json
from liveroom.accounts.users import Person
from liveroom.city.city import City
from liveroom.domain.complaints.commands import JUDGES, allowed
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.complaints.model import OPEN, Complaint, State, Status
from liveroom.domain.complaints.proof import Facts, Shot, Twin, findings
from liveroom.domain.events import Kind, LoggedEvent
from liveroom.domain.events.complaint_payloads import ComplaintCoordinated, ComplaintForwarded
from liveroom.domain.fields import UPLOAD, FieldReader
from liveroom.domain.requests import CLOCK, OF_AGENCIES, Code, Malformed, Refused, Role
from liveroom.domain.timestamps import read, to_text, to_text_or_none, words_of
from liveroom.evaluation.expectation import Expectation, Expectations
from liveroom.log.outbox import SENT
from liveroom.log.texts import REPORT_TEXTS, Dossier, note_access
from liveroom.log.uploads import Upload, UploadState
from liveroom.projection.complaints import Detail, detail
from liveroom.projection.search import ALL, Search, SearchQuery
from liveroom.projection.similar import SimilarComplaint, Suggester, Suggestions
from liveroom.room.commands.citizens import CHANNELS, PhoneIntake
from liveroom.room.room import Room
from liveroom.runtime.http_input import read_body, read_json

# ---- the query of a list ----

_DEFAULT_LIMIT, _LARGEST_LIMIT = 50, 100
_LONGEST_PARAMETER, _MOST_VALUES = 200, 50
_FARTHEST_M = 50_000
_PRIORITIES = ("critical", "urgent", "normal")
Args = Mapping[str, str]
CursorKey = tuple[int, str]
_LARGEST_KEY = 1 << 62  # fits the integers of every database


def _search_query(args: Args, city: City, who: Person) -> SearchQuery:
    """The filters of a list; several values are separated by commas. Raises Malformed naming the parameter."""
    overdue, claimed = flag_of(args, "overdue"), args.get("claimed")
    return SearchQuery(
        words=_text(args, "q"),
        statuses=_statuses(args),
        states=frozenset(_codes(args, "state", {state.value for state in State})),
        categories=frozenset(_codes(args, "category", None)),
        areas=_areas(args, city),
        priorities=frozenset(_codes(args, "priority", _PRIORITIES)),
        agency=_agency(args, city),
        held_by=who.agency if who.role in OF_AGENCIES else None,
        overdue=overdue,
        claimed=who.actor if claimed == "me" else flag_of(args, "claimed"),
        since=_moment(args, "since"),
        until=_moment(args, "until"),
        near=_near(args),
        phones=sees_people(who),
    )


def limit_of(args: Args) -> int:
    """``?limit=``, 50 by default. Raises Malformed."""
    text = args.get("limit", str(_DEFAULT_LIMIT))
    if (
        not (text.isascii() and text.isdigit())
        or len(text) > len(str(_LARGEST_LIMIT))
        or not 1 <= int(text) <= _LARGEST_LIMIT
    ):
        raise Malformed("limit", f"must be 1 to {_LARGEST_LIMIT}")
    return int(text)


def _cursor_key(args: Args) -> int | CursorKey | None:
    """The key in ``?cursor=``; None for the first page. Raises Malformed."""
    text = args.get("cursor")
    if not text:
        return None
    try:
        raw = urlsafe_b64decode(text[:_LONGEST_PARAMETER] + "=" * (-len(text) % 4))
        found = msgspec.json.decode(raw, type=int | CursorKey)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise Malformed("cursor", "is none that was given here") from error
    number, id_ = found if isinstance(found, tuple) else (found, "")
    if not 0 <= number <= _LARGEST_KEY or "\x00" in id_:
        raise Malformed("cursor", "is none that was given here")
    return found


def _cursor(key: int | CursorKey | None) -> str | None:
    """The cursor of the next page; None at the end."""
    return None if key is None else urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def _text(args: Args, name: str) -> str:
    text = args.get(name, "").strip()
    if len(text) > _LONGEST_PARAMETER or "\x00" in text:
        raise Malformed(name, f"may have at most {_LONGEST_PARAMETER} characters, none of them NUL")
    return text


def _codes(args: Args, name: str, known: Collection[str] | None) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(part for part in args.get(name, "").split(",") if part))
    if len(keys) > _MOST_VALUES or any(len(part) > 128 or "\x00" in part for part in keys):
        raise Malformed(name, f"may name at most {_MOST_VALUES} keys")
    for part in keys if known is not None else ():
        if part not in (known or ()):
            raise Malformed(name, f"{part[:64]!r} is not known")
    return keys


def _statuses(args: Args) -> tuple[str, ...]:
    if args.get("status") == "open":
        return tuple(status.value for status in Status if status in OPEN)
    return _codes(args, "status", ALL) or ALL


def _areas(args: Args, city: City) -> frozenset[str]:
    """``?area=`` and ``?district=``; with both, the areas in both, or all of them if none is in both."""
    areas = frozenset(_codes(args, "area", city.areas))
    districts = _codes(args, "district", city.districts)
    within = frozenset(area.code for area in city.areas.values() if area.district in districts)
    return (areas & within) or (areas | within) if districts and areas else areas | within


def _agency(args: Args, city: City) -> str | None:
    found = _codes(args, "agency", city.agencies)
    if len(found) > 1:
        raise Malformed("agency", "names one agency")
    return found[0] if found else None


def flag_of(args: Args, name: str) -> bool | None:
    """A parameter that is true or false; None where it is not there. Raises Malformed."""
    values: Any = {None: None, "": None, "1": True, "true": True, "0": False, "false": False}
    if args.get(name) not in values:
        raise Malformed(name, "must be true or false")
    found: bool | None = values[args.get(name)]
    return found


def _moment(args: Args, name: str) -> datetime | None:
    if not args.get(name):
        return None
    try:
        return read(args[name])
    except ValueError as error:
        raise Malformed(name, str(error)) from error


def _near(args: Args) -> tuple[float, float, float] | None:
    text = args.get("near")
    if not text:
        return None
    try:
        lat, lon, metres = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Malformed("near", "must be lat,lon,metres") from error
    checks: tuple[Callable[[], bool], ...] = (lambda: -90 <= lat <= 90, lambda: -180 <= lon <= 180)
    if not all(check() for check in checks) or not 0 < metres <= _FARTHEST_M:
        raise Malformed("near", f"must lie on earth, within {_FARTHEST_M} m")
    return lat, lon, metres


# ---- the history of a complaint ----

# Fields of a payload that hold the id of one text; "texts" holds several, by kind.
TEXT_FIELDS = ("text", "reason", "note")
BY_TIME = frozenset(kind for kind in Kind if kind.startswith("deadline."))
INTERNAL = frozenset({"hash", "person", "texts", "deadlines", *TEXT_FIELDS})


def _history_json(history: Iterable[LoggedEvent], dossier: Dossier, names: DisplayNames) -> list[dict[str, Any]]:
    """``{seq, at, logged_at, kind, actor, text?, texts?, due?, …codes of the payload}``, oldest first.

    ``actor`` as ``names`` shows it; ``text`` is the words in place of their id, null if erased; ``due`` maps the stages
    that the event planned to their new deadlines.
    """
    return [_entry_json(logged, dossier, names) for logged in history]


def _entry_json(logged: LoggedEvent, dossier: Dossier, names: DisplayNames) -> dict[str, Any]:
    event, payload = logged.event, logged.event.fields
    codes = {name: value for name, value in payload.items() if name not in INTERNAL}
    ids = [payload[name] for name in TEXT_FIELDS if payload.get(name)]
    if ids:
        codes["text"] = dossier.texts.get(ids[0], ("", None))[1]
    if payload.get("texts"):
        codes["texts"] = {kind: dossier.texts.get(id_, ("", None))[1] for kind, id_ in payload["texts"].items()}
    if payload.get("deadlines"):
        codes["due"] = _ends(payload["deadlines"])
    # A deadline passes by itself, whoever's command made the room notice it.
    actor = CLOCK if event.kind in BY_TIME else logged.actor
    envelope = {"seq": logged.seq, "at": to_text(event.at), "logged_at": to_text(logged.logged_at)}
    return {**codes, **envelope, "kind": str(event.kind), "actor": names.key(actor)}


def _ends(deadlines: Mapping[str, Any]) -> dict[str, str | None]:
    return {stage: deadline["due"] if deadline else None for stage, deadline in deadlines.items()}


# ---- lists ----

SNIPPET_LONGEST = 160
BEFORE = 40


def _snippet(texts: Mapping[str, str], wanted: str) -> str:
    """At most 160 characters of description or address around a word that was searched for; else its beginning."""
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


# ---- suggestions ----

# Score from which two complaints are probably about one incident, and a merge is suggested.
MERGE_SCORE = 0.6


def suggestions_blueprint(room: Room) -> Blueprint:
    """``GET /api/v1/complaints/ID/suggestions``: category, agency and place by words, and similar complaints."""
    blueprint, cards = Blueprint("suggestions", __name__), Cards(room.city.policy, "desk")
    suggester = Suggester(room.log, room.city)

    def suggest(subject: str) -> Response:
        return json_response(_suggestions_json(suggester.for_(subject), cards))

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
        "times": times_json(found.times) if found.times else None,
    }


def _similar(complaint: Complaint, one: SimilarComplaint, cards: Cards) -> dict[str, Any]:
    return {
        "id": one.complaint.id,
        "card": cards.of(one.complaint),
        "metres": one.metres,
        "minutes": one.minutes,
        "score": one.score,
        "merge": one.score >= MERGE_SCORE and complaint.open and one.complaint.drill == complaint.drill,
    }


# ---- a report by telephone ----

FORM_FIELDS = ("channel", "category", "description", "address", "area", "lat", "lon", "priority", "person", "drill")


def phone_intake_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``POST /api/v1/desk/complaints``: what an officer types while somebody is on the telephone."""
    blueprint, intake = Blueprint("taking", __name__), PhoneIntake(room)
    handled = handle_errors(Cards(room.city.policy, "desk"))

    def take() -> Response:
        body = _form_fields(signed(read_json(read_body(request)), visitors.who(request)))
        intake.refuse_strangers(command_outline(body, "desk", "", "take"))
        done = intake.take(command_of(body, "desk", "", "take"), _phone_report(body, room))
        return json_response({"id": done.id, "seq": done.seq, "status": done.status}, 201)

    blueprint.add_url_rule("/api/v1/desk/complaints", "take", handled(take), methods=["POST"])
    return blueprint


def _form_fields(body: Any) -> Any:
    """The fields that the form has; unknown ones are ignored."""
    if not isinstance(body, dict):
        return body
    return {name: body[name] for name in (*ENVELOPE, *FORM_FIELDS) if name in body} | {"seen_seq": 0}


def _phone_report(body: Any, room: Room) -> Report:
    """The report in an officer's form. Raises Malformed, also for a category or area that the city does not have."""
    record = FieldReader(body)
    category, channel = record.text("category", 128) or "", record.choice("channel", CHANNELS)
    if channel is None:
        raise Malformed("channel", "is required")
    record.required("description", 4000)
    _refuse_unknown_codes(room.city, category, record.text("area", 128) or "")
    # The intake requires a number and a category; here the number is drawn later, and the category may follow.
    report = report_of({**body, "source_id": "-", "category": category or "-"}, room.now(), room.kind)
    return replace(report, category=category, media=())


def _refuse_unknown_codes(city: City, category: str, area: str) -> None:
    if category and category not in city.categories:
        raise Malformed("category", "is no category of this city")
    if area and area not in city.areas:
        raise Malformed("area", "is no area of this city")


# ---- pictures and the findings about a proof ----

COPIES = ("thumb", "clean")
MEDIA_ROOT = "/api/v1/media"


def upload_json(one: Upload, taken_at: datetime | None, root: str = MEDIA_ROOT) -> dict[str, Any]:
    """``{id, kind, state, code, sent_at, form, width, height, seconds, taken_at, thumb, clean}``; null until ready.

    ``root`` is the address under which the requester gets content.
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
        **{name: f"{root}/{one.id}/{name}" if ready else None for name in COPIES},
    }


def taken_at(facts: Facts | None, city: City) -> datetime | None:
    """When a picture was taken; a camera's time without a zone is read as the city's."""
    if facts is None or facts.taken_at is None:
        return None
    return facts.taken_at.replace(tzinfo=city.zone) if facts.times == "local" else facts.taken_at


def pictures_json(found: Detail, city: City, root: str = MEDIA_ROOT) -> list[dict[str, Any]]:
    """Every photo and video of a complaint, the citizen's and the proofs, oldest first."""
    return [upload_json(one, taken_at(one.facts, city), root) for one in found.uploads]


def _proof_findings(found: Detail, who: Person, city: City) -> list[dict[str, Any]]:
    """The findings about the last proof, for those who may validate it; empty before one was submitted."""
    submitted = [logged for logged in found.history if logged.event.kind is Kind.PROOF_SUBMITTED]
    if not submitted or who.role not in JUDGES:
        return []
    urls = {media["id"]: media["url"] or "" for media in found.dossier.media}
    last = {urls.get(id_, "") for id_ in submitted[-1].event.fields.get("media") or ()}
    proofs = [one for one in found.uploads if f"{UPLOAD}{one.id}" in last]
    return _findings_json(found.complaint, found.history[0].logged_at, proofs, city)


def _findings_json(
    complaint: Complaint, received_at: datetime, proofs: Sequence[Upload], city: City
) -> list[dict[str, Any]]:
    """The findings about proofs, as the validator's page shows them; ``received_at`` in real time, like cameras."""
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


# ---- one complaint whole ----


def refuse_other_agencies(complaint: Complaint, who: Person) -> None:
    """Raises Refused for an agency with which the complaint does not lie."""
    if who.role in OF_AGENCIES and who.agency not in complaint.agencies:
        raise Refused(Code.NOT_YOUR_COMPLAINT, "the complaint is not with your agency")


def complaint_json(found: Detail, who: Person, cards: Cards, city: City) -> dict[str, Any]:
    """A complaint with all that this person may know; docs/desk-api.md."""
    complaint, dossier = found.complaint, found.dossier
    newest = {kind: body for kind, body in dossier.texts.values()}
    hidden = hides_words(complaint, who, city)
    names = DisplayNames(found.people, who, machines=(complaint.source,))
    history = _history_json(found.history, dossier, names)
    return {
        "card": cards.of(complaint),
        "now": to_text(found.now),
        "text": {kind: None if hidden else newest.get(kind) for kind in REPORT_TEXTS},
        "person": asdict(dossier.person) if dossier.person is not None and sees_people(who) else None,
        "media": [] if hidden else list(dossier.media),
        "pictures": [] if hidden else pictures_json(found, city),
        "findings": _proof_findings(found, who, city),
        "erased": dossier.erased,
        "history": [_without_words(one) for one in history] if hidden else history,
        "deadline": _deadline_json(found, names),
        "agencies": agencies_of(found),
        **_merge_json(complaint),
        "claimed": _claim_json(complaint, found, names),
        "names": names.names(),
        "allowed": [name.value for name in allowed(complaint, who.role, who.agency)],
    }


def _merge_json(complaint: Complaint) -> dict[str, Any]:
    """Complaints merged into it, those that were done with it before it was reopened, and the one it is merged into."""
    children, followers = list(complaint.children), list(complaint.followers)
    return {"children": children, "followers": followers, "merged_into": complaint.merged_into}


def hides_words(complaint: Complaint, who: Person, city: City) -> bool:
    """Whether this person may not read the words of this complaint: leadership, of a private matter."""
    rule = city.policy.categories.get(complaint.category)
    return who.role is Role.LEADERSHIP and (rule is None or rule.private)


def _person_fields(answer: dict[str, Any]) -> tuple[str, ...]:
    """The fields of the citizen that an answer shows, for the access log."""
    return tuple(name for name, value in (answer["person"] or {}).items() if value is not None)


def agencies_of(found: Detail) -> list[dict[str, Any]]:
    """By agency, the lead first: ``{key, lead, forwarded_at, sent_at, state, delivery}``.

    ``state``: forwarded, accepted, proved; ``sent_at``: when its last delivery got through, null until then.
    """
    complaint, since = found.complaint, dict[str, str]()
    for logged in found.history:
        payload, at = logged.event.payload, to_text(logged.event.at)
        if isinstance(payload, ComplaintForwarded | ComplaintCoordinated):
            anew = isinstance(payload, ComplaintForwarded)
            since = {key: at if anew else since.get(key, at) for key in payload.agencies}
    return [
        {
            "key": key,
            "lead": key == complaint.agency,
            "forwarded_at": since.get(key),
            "sent_at": delivery["sent_at"] if (delivery := _delivery(found, key)) else None,
            "state": _agency_state(complaint, key),
            "delivery": delivery,
        }
        for key in complaint.agencies
    ]


def _delivery(found: Detail, agency: str) -> dict[str, Any] | None:
    one = found.deliveries.get(agency)
    if one is None:
        return None
    times = {"at": to_text(one.at), "sent_at": to_text_or_none(one.sent_at) if one.state == SENT else None}
    return {"state": one.state, **times, "tries": one.tries, "refused": one.refused if one.state != SENT else None}


def _agency_state(complaint: Complaint, agency: str) -> str:
    if agency in complaint.proved_by:
        return "proved"
    return "accepted" if agency in complaint.accepted_by else "forwarded"


def _claim_json(complaint: Complaint, found: Detail, names: DisplayNames) -> dict[str, Any] | None:
    until = complaint.claimed_until
    if until is None or until <= found.now:
        return None
    return {"by": names.key_or_none(complaint.claimed_by), "until": to_text(until)}


def _deadline_json(found: Detail, names: DisplayNames) -> dict[str, Any]:
    """The arithmetic of the deadline, with the reason of an extension in words."""
    extended = found.deadline.get("extended")
    if extended is None:
        return found.deadline
    reason = found.dossier.texts.get(extended["reason"] or "", ("", None))[1]
    return {
        **found.deadline,
        "extended": {**extended, "reason": reason, "by": names.key_or_none(extended["by"])},
    }


def expected_json(found: Expectation | None) -> dict[str, Any] | None:
    """``{agency, class, by_p50, by_p80, p50_s, p80_s, n, tried, hit_rate}``; None where the record carries nothing."""
    if found is None:
        return None
    moments = {"by_p50": to_text(found.by_p50), "by_p80": to_text(found.by_p80)}
    return {"agency": found.agency, "class": found.class_, **moments, **msgspec.structs.asdict(found.record)}


def _without_words(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ("text", "texts")}


# ---- routes ----


def complaints_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``GET /api/v1/complaints`` and ``GET /api/v1/complaints/ID``; docs/desk-api.md."""
    blueprint = Blueprint("reading", __name__, url_prefix="/api/v1/complaints")
    routes = _ComplaintRoutes(room, visitors)
    handled = handle_errors(routes.cards["desk"])
    blueprint.add_url_rule("", "list", handled(routes.list), methods=["GET"])
    blueprint.add_url_rule("/<subject>", "whole", handled(routes.show), methods=["GET"])
    return blueprint


class _ComplaintRoutes:
    """The list and the single complaint."""

    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._room = room
        self._visitors = visitors
        self._searching = Search(room.log, room.city)
        self._expectations = Expectations(room.log)
        self.cards = cards_of(room.city.policy)

    def list(self) -> Response:
        who = requester(self._visitors, request)
        wanted = _search_query(request.args, self._room.city, who)
        after, limit = _cursor_key(request.args), limit_of(request.args)
        page = self._searching.page(wanted, after, limit, self._room.now())
        cards, city = self._cards_for(who), self._room.city
        texts = {one.id: {} if hides_words(one, who, city) else page.texts.get(one.id, {}) for one in page.complaints}
        items = [{"card": cards.of(one), "snippet": _snippet(texts[one.id], wanted.words)} for one in page.complaints]
        return json_response({"items": items, "next": _cursor(page.after)})

    def show(self, subject: str) -> Response:
        """One complaint; access to a person's data is noted before it is shown."""
        who = requester(self._visitors, request)
        found = detail(self._room.log, self._room.city, subject, people=sees_people(who))
        refuse_other_agencies(found.complaint, who)
        answer = complaint_json(found, who, self._cards_for(who), self._room.city)
        answer["expected"] = (
            expected_json(self._expectations.of(found.complaint, found.now)) if sees_people(who) else None
        )
        log, shown = self._room.log, _person_fields(answer)
        note_access(log, actor=who.actor, role=who.role.value, subject_id=subject, fields=shown)
        return json_response(answer)

    def _cards_for(self, who: Person) -> Cards:
        return self.cards.get(who.audience, self.cards[MOST_MASKED])
