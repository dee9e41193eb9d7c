"""The private link `/lapor/s/TOKEN`: status, history and pictures of a citizen's own report; answer, reopen, rate.

A merged report follows the one that it is part of: its status, state and deadline are shown. Of that other report the
citizen sees only what happened while theirs was part of it, and nothing that belongs to its own reporter. Of texts they
see those written for them and their own; of a proof only the pictures that were validated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from flask import Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.api.uploads import CLEAN, THUMB, content
from display.citizens.responses import CitizenSite, form_fields, message_page, render
from display.pages.page import language_of
from liveroom.city.city import City
from liveroom.courier.content import category_in, moment_in, place_in
from liveroom.domain.complaints.model import Complaint, State, Status
from liveroom.domain.events import Kind, LoggedEvent
from liveroom.domain.fields import UPLOAD
from liveroom.domain.notifications import CHANNEL
from liveroom.domain.requests import CommandName, Malformed, Refused, Stale, Unknown
from liveroom.domain.timestamps import read
from liveroom.evaluation.expectation import Expectations
from liveroom.log.engine import Connection
from liveroom.log.uploads import Upload, UploadState
from liveroom.projection.complaints import Detail, detail_at
from liveroom.room.commands.citizens import ACTOR
from liveroom.runtime.language import text

# Events of another report that its whole matter shares. Questions, answers and ratings are its reporter's own.
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
# Events that the history tells, of those shared and of the citizen's own; each in the words ``status.step.KIND``.
TOLD = SHARED | {Kind.RECEIVED, Kind.ASKED, Kind.ANSWERED, Kind.MERGED, Kind.SPLIT, Kind.RATED}
ENDS_MERGE = frozenset({Kind.SPLIT, Kind.REOPENED})
FOR_EVER = 1 << 62
# Texts that officers write for the citizen, and the citizen's own; by event, the field of the payload.
TEXTS_FOR_CITIZENS: Mapping[str, str] = {Kind.REPLIED: "text", Kind.ASKED: "text"}
OWN_TEXTS: Mapping[str, str] = {Kind.ANSWERED: "text", Kind.REOPENED: "reason", Kind.RATED: "text"}
# Actions by the link: the command, and the field of it that holds the text.
ACTS: Mapping[str, tuple[CommandName, str]] = {
    "answer": (CommandName.ANSWER, "text"),
    "reopen": (CommandName.REOPEN, "reason"),
    "rate": (CommandName.RATE, "text"),
}
COPIES = (THUMB, CLEAN)


# The report and what it was merged into.


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """From event ``begin`` to event ``end`` (seq) the report was part of the complaint ``into``."""

    into: str
    begin: int
    end: int = FOR_EVER


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedComplaint:
    """``own``: the report; ``others``: by id, the complaints that it was part of at some time."""

    own: Detail
    others: Mapping[str, Detail]
    merges: Sequence[Merge]

    @property
    def main(self) -> Detail:
        """The complaint that the report is part of now, else the report itself."""
        return self.others.get(self.own.complaint.merged_into or "", self.own)

    @property
    def is_merged(self) -> bool:
        """Whether it is part of another complaint now."""
        return self.main is not self.own

    @property
    def current(self) -> Complaint:
        """The complaint whose status, state and deadline are shown."""
        return self.main.complaint

    @property
    def shared(self) -> list[tuple[LoggedEvent, Detail]]:
        """What happened to the others while the report was part of them, each event with its complaint."""
        return [
            (logged, self.others[one.into])
            for one in self.merges
            for logged in self.others[one.into].history
            if one.begin < logged.seq < one.end and logged.event.kind in SHARED
        ]


def read_followed(connection: Connection, city: City, id_: str) -> FollowedComplaint:
    """The report ``id_`` as its citizen follows it, at one moment. Raises Unknown."""
    own = detail_at(connection, city, id_, people=False)
    merges = _merges_in(own.history)
    others = {into: detail_at(connection, city, into, people=False) for into in {one.into for one in merges}}
    return FollowedComplaint(own=own, others=others, merges=merges)


def _merges_in(history: Sequence[LoggedEvent]) -> tuple[Merge, ...]:
    found: list[Merge] = []
    since: tuple[str, int] | None = None
    for logged in history:
        merged = logged.event.kind is Kind.MERGED
        if since is not None and (merged or logged.event.kind in ENDS_MERGE):
            found.append(Merge(into=since[0], begin=since[1], end=logged.seq))
            since = None
        if merged:
            since = str(logged.event.fields["into"]), logged.seq
    if since is not None:
        found.append(Merge(into=since[0], begin=since[1]))
    return tuple(found)


# The history.


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineStep:
    """``words``: what happened; ``at``: when, in the city's time; ``said``: its text; ``mine``: by the citizen."""

    kind: str
    at: str
    words: str
    said: str | None
    mine: bool


def steps(found: FollowedComplaint, city: City, language: str) -> list[TimelineStep]:
    """The history, newest first; an end together with another complaint is left out, as that one's end is shown."""
    own = [(logged, found.own) for logged in found.own.history if not logged.event.fields.get("with")]
    events = sorted((*own, *found.shared), key=lambda pair: pair[0].seq, reverse=True)
    each = (_step(logged, of, city, language, own=of is found.own) for logged, of in events)
    return [step for step in each if step is not None]


def _step(logged: LoggedEvent, found: Detail, city: City, language: str, *, own: bool) -> TimelineStep | None:
    event = logged.event
    if event.kind not in TOLD or not event.fields.get("lead", True):
        return None
    mine = own and logged.actor == ACTOR
    key = TEXTS_FOR_CITIZENS.get(event.kind) or (OWN_TEXTS.get(event.kind) if mine else None)
    _, said = found.dossier.texts.get(str(event.fields.get(key)), ("", None)) if key else ("", None)
    who, until = _who(logged, city, language), _event_until(logged, city, language)
    kind = event.kind.value.partition(".")[2]
    return TimelineStep(
        kind=kind,
        at=moment_in(city, event.at, language),
        words=text(f"status.step.{kind}", language, who=who, until=until, score=event.fields.get("score", "")),
        said=said,
        mine=mine,
    )


def _who(logged: LoggedEvent, city: City, language: str) -> str:
    payload = logged.event.fields
    key = str(payload.get("agency") or payload.get("outside") or "")
    agency = city.agencies.get(key) or city.outside.get(key)
    return text("status.some_agency", language) if agency is None else agency.name_in(language)


def _event_until(logged: LoggedEvent, city: City, language: str) -> str:
    until = logged.event.fields.get("until")
    return moment_in(city, read(until), language) if isinstance(until, str) else ""


# The three steps that anybody counts in: it came, somebody works on it, it is done.


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusStep:
    """``status``: the shape that stands for it; ``come``: whether it was reached; ``at``, ``who``: empty if unknown."""

    status: Status
    come: bool
    words: str
    who: str = ""
    at: str = ""


_WORK = (Kind.FORWARDED, Kind.ACCEPTED, Kind.STARTED)
_ENDS = (Kind.VALIDATED, Kind.CLOSED)


def milestones(found: FollowedComplaint, city: City, language: str) -> tuple[StatusStep, ...]:
    """Received, worked on, done, as the report stands now; an end elsewhere stands in place of the last two."""
    events = sorted((*((one, found.own) for one in found.own.history), *found.shared), key=lambda pair: pair[0].seq)
    last = {logged.event.kind: logged for logged, _ in events if logged.event.fields.get("lead", True)}
    current = found.current

    def at(*kinds: Kind) -> str:
        known = [last[kind] for kind in kinds if kind in last]
        return moment_in(city, max(known, key=lambda one: one.seq).event.at, language) if known else ""

    arrived = found.own.complaint.channel == CHANNEL
    first = StatusStep(
        status=Status.WAITING,
        come=True,
        words=text("status.milestone.received", language),
        who=text("status.milestone.by_page", language) if arrived else "",
        at=moment_in(city, found.own.complaint.received_at, language),
    )
    if current.status is Status.ELSEWHERE:
        return first, StatusStep(
            status=Status.ELSEWHERE,
            come=True,
            words=text(f"status.state.{current.state}", language),
            at=at(Kind.REFERRED, Kind.REJECTED),
        )
    key = next(iter(current.agencies), "")
    body = city.agencies.get(key) or city.outside.get(key)
    agency = text("status.some_agency", language) if body is None else body.name_in(language)
    done, begun = current.state is State.DONE, current.status is not Status.WAITING
    word = "working" if begun else "forwarded" if current.agencies else "not_forwarded"
    work = StatusStep(
        status=Status.IN_PROCESS,
        come=begun,
        words=text(f"status.milestone.{word}", language, who=agency),
        at=at(*_WORK[1:]) if begun else "",
    )
    checked = "checked" if Kind.VALIDATED in last else "done"
    end = StatusStep(
        status=Status.DONE,
        come=done,
        words=text(f"status.milestone.{checked if done else 'not_done'}", language),
        at=at(*_ENDS) if done else "",
    )
    return first, work, end


def reply_of(steps: Sequence[TimelineStep]) -> TimelineStep | None:
    """The last sentence that was written for the citizen."""
    return next((one for one in steps if one.kind == "replied" and one.said), None)


# The pictures.


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """``own``: the citizen's own; ``proof``: those of the validated proof.

    ``looked_at``: how many of their own are still being checked; ``refused``: how many were refused.
    """

    own: tuple[Upload, ...] = ()
    proof: tuple[Upload, ...] = ()
    looked_at: int = 0
    refused: int = 0


def pictures(found: FollowedComplaint) -> Pictures:
    """The pictures that the citizen may see; those of the proof only while the complaint is done."""
    own = [one for one in found.own.uploads if one.by.startswith("citizen:")]
    return Pictures(
        own=tuple(one for one in own if one.state is UploadState.READY),
        proof=_proof(found.main),
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
        if logged.event.kind is Kind.PROOF_SUBMITTED and logged.event.fields.get("lead", True):
            proved = list(logged.event.fields.get("media") or ())
        elif logged.event.kind is Kind.VALIDATED:
            shown_ = proved
        elif logged.event.kind is Kind.REOPENED:
            proved = shown_ = []
    urls = [named.get(str(id_)) or "" for id_ in shown_]
    return tuple(ready[url] for url in urls if url in ready)


# The pages.


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsentInput:
    """What the citizen wrote, kept for the page that says why it was not taken."""

    act: str
    words: str
    score: str | None

    @property
    def given(self) -> dict[str, str | None]:
        """The fields of the command."""
        return {ACTS[self.act][1]: self.words, "score": self.score}


class FollowPages:
    """``/lapor/s/TOKEN``, its actions and its pictures."""

    def __init__(self, site: CitizenSite) -> None:
        self._site = site
        self._expectations = Expectations(site.room.log)

    def page(self, token: str) -> Response:
        """The status page."""
        found = self._found(token)
        return message_page(self._site, "unknown", 404) if found is None else self._page(token, found)

    def act(self, token: str, name: str) -> AnyResponse:
        """Answer, rate or reopen, as far as the rules of the room allow it."""
        found = self._found(token)
        if found is None or name not in ACTS:
            return message_page(self._site, "unknown", 404)
        fields = form_fields()
        unsent = UnsentInput(act=name, words=fields.get("words", "").replace("\r\n", "\n"), score=fields.get("score"))
        if self._site.spam.of_link(token):
            return self._page(token, found, 429, "wait", unsent)
        try:
            if (fault := self._fault_of(found, ACTS[name][0])) is not None:
                return self._page(token, found, 409, fault, unsent)
            self._site.citizens.act(found.own.complaint, ACTS[name][0], unsent.given)
        except Malformed as no:
            return self._page(token, found, 422, f"field_{no.field}", unsent)
        except (Refused, Stale):
            return self._page(token, self._found(token) or found, 409, "over", unsent)
        language = language_of(self._site.room.city)
        return redirect(f"/lapor/s/{token}?said={name}&lang={quote(language)}", 303)

    def _fault_of(self, found: FollowedComplaint, order: CommandName) -> str | None:
        """Why this cannot be done now, by the page's key for it; None when it can."""
        if order is not CommandName.ANSWER and found.current.state is not State.DONE:
            return "over"
        return "window" if order is CommandName.REOPEN and not _may_reopen(found, self._window) else None

    def picture(self, token: str, id_: str, copy: str) -> Response:
        """A picture that the page shows: a clean copy, without metadata."""
        found = self._found(token)
        seen = pictures(found) if found is not None else Pictures()
        one = next((one for one in (*seen.own, *seen.proof) if one.id == id_), None)
        if one is None or copy not in COPIES:
            return message_page(self._site, "unknown", 404)
        return content(self._site.uploading.store, one, copy)

    @property
    def _window(self) -> timedelta:
        return timedelta(days=self._site.room.city.policy.reopen_days)

    def _found(self, token: str) -> FollowedComplaint | None:
        id_, room = self._site.citizens.complaint_of(token), self._site.room
        try:
            return None if id_ is None else room.log.read(lambda c: read_followed(c, room.city, id_))
        except Unknown:
            return None

    def _page(
        self,
        token: str,
        found: FollowedComplaint,
        status: int = 200,
        fault: str = "",
        unsent: UnsentInput | None = None,
    ) -> Response:
        city, complaint = self._site.room.city, found.own.complaint
        language = language_of(city)
        newest = {kind: body for kind, body in found.own.dossier.texts.values()}
        told = steps(found, city, language)
        context: dict[str, object] = {
            "milestones": milestones(found, city, language),
            "reply": reply_of(told),
            "received": moment_in(city, complaint.received_at, language),
            "token": token,
            "found": complaint,
            "category": category_in(city, complaint.category, language),
            "place": place_in(city, complaint),
            "description": newest.get("description"),
            "steps": told,
            "pictures": pictures(found),
            "asks": complaint.open and complaint.paused == "citizen",
            "reopens": _may_reopen(found, self._window),
            "rated": _rated(found.own),
            "until": _until(complaint, self._window, self._site),
            "fault": fault,
            "unsent": unsent,
            "now": moment_in(city, found.own.now, language),
        }
        context["expected"] = self._expected(found, language)
        context |= self._request_context() | _state_context(found, city, language)
        return render(self._site, "lapor_status.html", context, status)

    def _expected(self, found: FollowedComplaint, language: str) -> dict[str, object] | None:
        """When it is likely to be finished: ``{half_by, most_by, hits, tried}``, the share of hits in whole percent.

        None where the agency's record does not carry it, or it lies behind; the promise (``due``) stands beside it.
        ``half_by`` is empty once that moment has passed.
        """
        expected = self._expectations.of(found.current, found.main.now)
        if expected is None:
            return None
        city, record = self._site.room.city, expected.record
        half_by, most_by = (moment_in(city, at, language) for at in (expected.by_p50, expected.by_p80))
        if expected.by_p50 <= found.main.now:
            half_by = ""
        return {"half_by": half_by, "most_by": most_by, "hits": round(100 * record.hit_rate), "tried": record.tried}

    def _request_context(self) -> dict[str, object]:
        """What the request adds to the page; ``host`` is for the link, which is copied without a script."""
        scheme = "https" if self._site.visitors.came_securely(request) else "http"
        return {
            "host": f"{scheme}://{request.host}",
            "said": request.args.get("said", ""),
            "fresh": request.args.get("new") == "1",
        }


def _state_context(found: FollowedComplaint, city: City, language: str) -> dict[str, object]:
    """Status, word and deadline of the complaint that is shown (``FollowedComplaint.current``)."""
    current = found.current
    finish = current.finish if current.open and current.stopped_at is None else None
    return {
        "standing": current,
        "joined": found.is_merged,
        "word": text(f"status.state.{current.state}", language),
        "due": moment_in(city, finish.due, language) if finish is not None else "",
        "done_at": "" if current.closed_at is None else moment_in(city, current.closed_at, language),
    }


def _rated(own: Detail) -> Mapping[str, object] | None:
    return next((one.event.fields for one in reversed(own.history) if one.event.kind is Kind.RATED), None)


def _may_reopen(found: FollowedComplaint, window: timedelta) -> bool:
    own, closed_at = found.own, found.own.complaint.closed_at
    done = own.complaint.state is State.DONE and found.current.state is State.DONE
    return done and closed_at is not None and own.now <= closed_at + window


def _until(complaint: Complaint, window: timedelta, site: CitizenSite) -> str:
    if complaint.closed_at is None:
        return ""
    city = site.room.city
    return moment_in(city, complaint.closed_at + window, language_of(city))
