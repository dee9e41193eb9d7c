"""Private link: status, history, pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from flask import Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.api.uploads import CLEAN, THUMB, content
from display.citizens.responses import STATES, STEPS, Counter, closed, form, shown, spoken
from display.pages.wall import language_of
from liveroom.city.city import City
from liveroom.courier.content import category_in, moment_in, place_in
from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.events import Kind, Logged
from liveroom.domain.fields import UPLOAD
from liveroom.domain.requests import CommandName, Malformed, Refused, Stale, Unknown
from liveroom.domain.timestamps import read
from liveroom.log.engine import Connection
from liveroom.log.uploads import Upload, UploadState
from liveroom.projection.complaints import Detail, detail_at
from liveroom.room.commands.citizens import ACTOR

# A citizen's own report together with those that it was merged into: how it stands follows the one it is part of.
#
# Of those others only what happened while it was part of them, and of that nothing that is their reporters' own.

# What happened to the whole matter. Questions, answers and ratings are between the desk and the other reporter.
SHARED = frozenset(
    {
        Kind.FORWARDED,
        Kind.ACCEPTED,
        Kind.DECLINED,
        Kind.STARTED,
        Kind.HELD,
        Kind.RESUMED,
        Kind.PROOF_SUBMITTED,
        Kind.SENT_BACK,
        Kind.VALIDATED,
        Kind.CLOSED,
        Kind.REOPENED,
        Kind.REFERRED,
        Kind.REJECTED,
        Kind.REPLIED,
        Kind.EXTENDED,
    }
)
APART = frozenset({Kind.SPLIT, Kind.REOPENED})
FOR_EVER = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """From event ``begin`` to event ``end`` it was part of the complaint ``into``."""

    into: str
    begin: int
    end: int = FOR_EVER


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedComplaint:
    """``own`` is what was reported, ``others`` by id what it was part of at some time."""

    own: Detail
    others: Mapping[str, Detail]
    passages: Sequence[Passage]

    @property
    def whole(self) -> Detail:
        """The report that says how the matter stands: the one that the citizen's is part of now, else their own."""
        return self.others.get(self.own.complaint.merged_into or "", self.own)

    @property
    def joined(self) -> bool:
        """Whether it is part of another one now."""
        return self.whole is not self.own

    @property
    def standing(self) -> Complaint:
        """What status, state and deadline are shown of."""
        return self.whole.complaint

    @property
    def shared(self) -> list[tuple[Logged, Detail]]:
        """What happened to the others meanwhile, each with the complaint that it happened to."""
        return [
            (logged, self.others[one.into])
            for one in self.passages
            for logged in self.others[one.into].history
            if one.begin < logged.seq < one.end and logged.event.kind in SHARED
        ]


def followed(connection: Connection, city: City, id_: str) -> FollowedComplaint:
    """A report as its citizen follows it, of one moment. Raises Unknown."""
    own = detail_at(connection, city, id_, people=False)
    passages = _passages(own.history)
    others = {into: detail_at(connection, city, into, people=False) for into in {one.into for one in passages}}
    return FollowedComplaint(own=own, others=others, passages=passages)


def _passages(history: Sequence[Logged]) -> tuple[Passage, ...]:
    found: list[Passage] = []
    since: tuple[str, int] | None = None
    for logged in history:
        merged = logged.event.kind is Kind.MERGED
        if since is not None and (merged or logged.event.kind in APART):
            found.append(Passage(into=since[0], begin=since[1], end=logged.seq))
            since = None
        if merged:
            since = str(logged.event.payload["into"]), logged.seq
    if since is not None:
        found.append(Passage(into=since[0], begin=since[1]))
    return tuple(found)


# A report's history as its citizen may read it: what happened in plain words; of texts only those meant for them.

# Whoever wrote them, these are for the citizen; the citizen's own words come back too. All else stays among ourselves.
FOR_CITIZENS: Mapping[str, str] = {Kind.REPLIED: "text", Kind.ASKED: "text"}
OWN: Mapping[str, str] = {Kind.ANSWERED: "text", Kind.REOPENED: "reason", Kind.RATED: "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineStep:
    """``words`` of what happened, ``at`` in the city's time, what was ``said``, and whether by the citizen."""

    kind: str
    at: str
    words: str
    said: str | None
    mine: bool


def steps(found: FollowedComplaint, city: City, language: str) -> list[TimelineStep]:
    """Newest first; that it ended with the one it is part of is said by that one's own end."""
    own = [(logged, found.own) for logged in found.own.history if not logged.event.payload.get("with")]
    told = sorted((*own, *found.shared), key=lambda pair: pair[0].seq, reverse=True)
    each = (_step(logged, of, city, language, own=of is found.own) for logged, of in told)
    return [step for step in each if step is not None]


def _step(logged: Logged, found: Detail, city: City, language: str, *, own: bool) -> TimelineStep | None:
    event = logged.event
    words = STEPS[language].get(event.kind)
    if words is None or not event.payload.get("lead", True):
        return None
    mine = own and logged.actor == ACTOR
    key = FOR_CITIZENS.get(event.kind) or (OWN.get(event.kind) if mine else None)
    _, said = found.dossier.texts.get(str(event.payload.get(key)), ("", None)) if key else ("", None)
    filling = {"who": _who(logged, city, language), "until": _event_until(logged, city, language)}
    return TimelineStep(
        kind=event.kind.value.partition(".")[2],
        at=moment_in(city, event.at, language),
        words=words.format(**filling, score=event.payload.get("score", "")),
        said=said,
        mine=mine,
    )


def _who(logged: Logged, city: City, language: str) -> str:
    payload = logged.event.payload
    key = str(payload.get("agency") or payload.get("outside") or "")
    agency = city.agencies.get(key) or city.outside.get(key)
    if agency is None:
        return "the agency" if language == "en" else "dinas terkait"
    return (agency.name_en or agency.name) if language == "en" else agency.name


def _event_until(logged: Logged, city: City, language: str) -> str:
    until = logged.event.payload.get("until")
    return moment_in(city, read(until), language) if isinstance(until, str) else ""


# Which pictures a citizen may see: the own ones, and of a proof what convinced.


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The citizen's own, and of a proof that was validated those that show the work done.

    ``looked_at``: how many of their own are still being looked into, ``refused``: how many are no pictures.
    """

    own: tuple[Upload, ...] = ()
    proof: tuple[Upload, ...] = ()
    looked_at: int = 0
    refused: int = 0


def pictures(found: FollowedComplaint) -> Pictures:
    """Those that the citizen may see: of the proof only what convinced, and only while the matter is done."""
    own = [one for one in found.own.uploads if one.by.startswith("citizen:")]
    return Pictures(
        own=tuple(one for one in own if one.state is UploadState.READY),
        proof=_proof(found.whole),
        looked_at=sum(one.state in (UploadState.OPEN, UploadState.CHECKING) for one in own),
        refused=sum(one.state is UploadState.REFUSED for one in own),
    )


def _proof(of: Detail) -> tuple[Upload, ...]:
    if of.complaint.state is not State.DONE:
        return ()
    ready = {f"{UPLOAD}{one.id}": one for one in of.uploads if one.state is UploadState.READY}
    named = {str(media["id"]): media["url"] for media in of.dossier.media}
    proved: list[object] = []
    shown_: list[object] = []
    for logged in of.history:
        if logged.event.kind is Kind.PROOF_SUBMITTED and logged.event.payload.get("lead", True):
            proved = list(logged.event.payload.get("media") or ())
        elif logged.event.kind is Kind.VALIDATED:
            shown_ = proved
        elif logged.event.kind is Kind.REOPENED:
            proved = shown_ = []
    urls = [named.get(str(id_)) or "" for id_ in shown_]
    return tuple(ready[url] for url in urls if url in ready)


# Behind the private link: how the report stands, and what its citizen may still say.

# What may be said here, and the field of the form that holds the words.
ACTS: Mapping[str, tuple[CommandName, str]] = {
    "answer": (CommandName.ANSWER, "text"),
    "reopen": (CommandName.REOPEN, "reason"),
    "rate": (CommandName.RATE, "text"),
}
COPIES = (THUMB, CLEAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """What was to be said, so that nothing of it is lost when it cannot be."""

    act: str
    words: str
    score: str | None

    @property
    def given(self) -> dict[str, str | None]:
        """The fields of its order."""
        return {ACTS[self.act][1]: self.words, "score": self.score}


class FollowPages:
    """``/lapor/s/TOKEN`` and what is below it."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def page(self, token: str) -> Response:
        """How it stands."""
        found = self._found(token)
        return closed(self._counter, "unknown", 404) if found is None else self._page(token, found)

    def act(self, token: str, name: str) -> AnyResponse:
        """Answer, rate or reopen, as the room's rules allow it."""
        found = self._found(token)
        if found is None or name not in ACTS:
            return closed(self._counter, "unknown", 404)
        fields = form()
        unsent = Unsent(act=name, words=fields.get("words", "").replace("\r\n", "\n"), score=fields.get("score"))
        if self._counter.spam.of_link(token):
            return self._page(token, found, 429, "wait", unsent)
        try:
            if (fault := self._hindered(found, ACTS[name][0])) is not None:
                return self._page(token, found, 409, fault, unsent)
            self._counter.citizens.act(found.own.complaint, ACTS[name][0], unsent.given)
        except Malformed as no:
            return self._page(token, found, 422, f"field-{no.field}", unsent)
        except (Refused, Stale):
            return self._page(token, self._found(token) or found, 409, "over", unsent)
        language = language_of(self._counter.room.city)
        return redirect(f"/lapor/s/{token}?said={name}&lang={quote(language)}", 303)

    def _hindered(self, found: FollowedComplaint, order: CommandName) -> str | None:
        """Why this cannot be done now, as the page says it."""
        if order is not CommandName.ANSWER and found.standing.state is not State.DONE:
            return "over"
        return "window" if order is CommandName.REOPEN and not _may_reopen(found, self._window) else None

    def picture(self, token: str, id_: str, copy: str) -> Response:
        """One of the pictures that the page shows, without what could betray a person."""
        found = self._found(token)
        seen = pictures(found) if found is not None else Pictures()
        one = next((one for one in (*seen.own, *seen.proof) if one.id == id_), None)
        if one is None or copy not in COPIES:
            return closed(self._counter, "unknown", 404)
        return content(self._counter.uploading.store, one, copy)

    @property
    def _window(self) -> timedelta:
        return timedelta(days=self._counter.room.city.policy.reopen_days)

    def _found(self, token: str) -> FollowedComplaint | None:
        id_, room = self._counter.citizens.complaint_of(token), self._counter.room
        try:
            return None if id_ is None else room.log.read(lambda c: followed(c, room.city, id_))
        except Unknown:
            return None

    def _page(
        self, token: str, found: FollowedComplaint, status: int = 200, fault: str = "", unsent: Unsent | None = None
    ) -> Response:
        city, complaint = self._counter.room.city, found.own.complaint
        language = spoken(language_of(city))
        newest = {kind: body for kind, body in found.own.dossier.texts.values()}
        context = {
            "token": token,
            "found": complaint,
            "category": category_in(city, complaint.category, language),
            "place": place_in(city, complaint),
            "description": newest.get("description"),
            "steps": steps(found, city, language),
            "pictures": pictures(found),
            "asks": complaint.open and complaint.paused == "citizen",
            "reopens": _may_reopen(found, self._window),
            "rated": _rated(found.own),
            "until": _until(complaint, self._window, self._counter),
            "fault": fault,
            "unsent": unsent,
            "now": moment_in(city, found.own.now, language),
        }
        context |= self._asked() | _standing(found, city, language)
        return shown(self._counter, "lapor_status.html", context, status)

    def _asked(self) -> dict[str, object]:
        """What the address says. Without a script the link is copied from the page, so it has its host."""
        scheme = "https" if self._counter.visitors.came_securely(request) else "http"
        return {
            "host": f"{scheme}://{request.host}",
            "said": request.args.get("said", ""),
            "fresh": request.args.get("new") == "1",
        }


def _standing(found: FollowedComplaint, city: City, language: str) -> dict[str, object]:
    """How the matter stands: of the report that the citizen's is part of, if it is."""
    standing = found.standing
    finish = standing.finish if standing.open and standing.stopped_at is None else None
    return {
        "standing": standing,
        "joined": found.joined,
        "word": STATES[language][standing.state],
        "due": moment_in(city, finish.due, language) if finish is not None else "",
    }


def _rated(own: Detail) -> Mapping[str, object] | None:
    return next((one.event.payload for one in reversed(own.history) if one.event.kind is Kind.RATED), None)


def _may_reopen(found: FollowedComplaint, window: timedelta) -> bool:
    own, closed_at = found.own, found.own.complaint.closed_at
    done = own.complaint.state is State.DONE and found.standing.state is State.DONE
    return done and closed_at is not None and own.now <= closed_at + window


def _until(complaint: Complaint, window: timedelta, counter: Counter) -> str:
    if complaint.closed_at is None:
        return ""
    city = counter.room.city
    return moment_in(city, complaint.closed_at + window, spoken(language_of(city)))
