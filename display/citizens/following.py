"""Behind the private link: how the report stands, and what its citizen may still say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from flask import Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.citizens.asked import form
from display.citizens.showing import Counter, closed, shown
from display.citizens.timeline import steps
from display.citizens.words import STATES, spoken
from display.pages import language_of
from display.uploads.media import CLEAN, SMALL, content
from liveroom.courier.naming import category_in, moment_in, place_in
from liveroom.detailing import Detail, detail
from liveroom.domain.complaint import Complaint, State
from liveroom.domain.events import Kind
from liveroom.domain.fields import UPLOAD
from liveroom.domain.names import Name
from liveroom.domain.refusals import Malformed, Refused
from liveroom.log.uploads import Upload, UploadState
from liveroom.orders import Stale, Unknown

# What may be said here, and the field of the form that holds the words.
ACTS: Mapping[str, tuple[Name, str]] = {
    "answer": (Name.ANSWER, "text"),
    "reopen": (Name.REOPEN, "reason"),
    "rate": (Name.RATE, "text"),
}
COPIES = (SMALL, CLEAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The citizen's own, and of a proof that was validated those that show the work done."""

    own: tuple[Upload, ...]
    proof: tuple[Upload, ...]


class Following:
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
        if wait := self._counter.spam.of_link(token):
            return closed(self._counter, "wait", 429, wait)
        order, words = ACTS[name]
        given = {words: fields.get("words", "").replace("\r\n", "\n"), "score": fields.get("score")}
        try:
            if order is Name.REOPEN and not _may_reopen(found, self._window):
                return self._page(token, found, "window", 409)
            self._counter.citizens.act(found.complaint, order, given)
        except Malformed as no:
            return self._page(token, found, f"field-{no.field}", 422)
        except (Refused, Stale):
            return self._page(token, self._found(token) or found, "over", 409)
        language = language_of(self._counter.room.city)
        return redirect(f"/lapor/s/{token}?said={name}&lang={quote(language)}", 303)

    def picture(self, token: str, id_: str, copy: str) -> Response:
        """One of the pictures that the page shows, without what could betray a person."""
        found = self._found(token)
        seen = pictures(found) if found is not None else Pictures(own=(), proof=())
        one = next((one for one in (*seen.own, *seen.proof) if one.id == id_), None)
        if one is None or copy not in COPIES:
            return closed(self._counter, "unknown", 404)
        return content(self._counter.uploading.store, one, copy)

    @property
    def _window(self) -> timedelta:
        return timedelta(days=self._counter.room.city.policy.reopen_days)

    def _found(self, token: str) -> Detail | None:
        id_ = self._counter.citizens.complaint_of(token)
        try:
            return None if id_ is None else detail(self._counter.room.log, self._counter.room.city, id_, people=False)
        except Unknown:
            return None

    def _page(self, token: str, found: Detail, fault: str = "", status: int = 200) -> Response:
        city, complaint = self._counter.room.city, found.complaint
        language = spoken(language_of(city))
        newest = {kind: body for kind, body in found.papers.texts.values()}
        finish = complaint.finish if complaint.open and complaint.stopped_at is None else None
        context = {
            "token": token,
            "found": complaint,
            "word": STATES[language][complaint.state],
            "category": category_in(city, complaint.category, language),
            "place": place_in(city, complaint),
            "description": newest.get("description"),
            "due": moment_in(city, finish.due, language) if finish is not None else "",
            "steps": steps(found, city, language),
            "pictures": pictures(found),
            "asks": complaint.open and complaint.paused == "citizen",
            "reopens": _may_reopen(found, self._window),
            "rated": next((one.event.payload for one in reversed(found.history) if one.event.kind is Kind.RATED), None),
            "until": _until(complaint, self._window, self._counter),
            "fault": fault,
            "said": request.args.get("said", ""),
            "fresh": request.args.get("new") == "1",
            "now": moment_in(city, found.now, language),
        }
        return shown(self._counter, "lapor_status.html", context, status)


def pictures(found: Detail) -> Pictures:
    """Those that the citizen may see: of the proof only what convinced, and only while the report is done."""
    ready = {f"{UPLOAD}{one.id}": one for one in found.uploads if one.state is UploadState.READY}
    own = tuple(one for one in ready.values() if one.by.startswith("citizen:"))
    if found.complaint.state is not State.DONE:
        return Pictures(own=own, proof=())
    named = {str(media["id"]): media["url"] for media in found.papers.media}
    proved: list[object] = []
    shown_: list[object] = []
    for logged in found.history:
        if logged.event.kind is Kind.PROOF_SUBMITTED and logged.event.payload.get("lead", True):
            proved = list(logged.event.payload.get("media") or ())
        elif logged.event.kind is Kind.VALIDATED:
            shown_ = proved
        elif logged.event.kind is Kind.REOPENED:
            proved = shown_ = []
    urls = [named.get(str(id_)) or "" for id_ in shown_]
    return Pictures(own=own, proof=tuple(ready[url] for url in urls if url in ready))


def _may_reopen(found: Detail, window: timedelta) -> bool:
    closed_at = found.complaint.closed_at
    return found.complaint.state is State.DONE and closed_at is not None and found.now <= closed_at + window


def _until(complaint: Complaint, window: timedelta, counter: Counter) -> str:
    if complaint.closed_at is None:
        return ""
    city = counter.room.city
    return moment_in(city, complaint.closed_at + window, spoken(language_of(city)))
