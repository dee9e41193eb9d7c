"""Behind the private link: how the report stands, and what its citizen may still say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from flask import Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.citizens.asked import form
from display.citizens.joined import Followed, followed
from display.citizens.pictures import Pictures, pictures
from display.citizens.showing import Counter, closed, shown
from display.citizens.timeline import steps
from display.citizens.words import STATES, spoken
from display.pages import language_of
from display.uploads.media import CLEAN, SMALL, content
from liveroom.city.city import City
from liveroom.courier.content import category_in, moment_in, place_in
from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.events import Kind
from liveroom.domain.requests import Malformed, Name, Refused, Stale, Unknown
from liveroom.projection.complaints import Detail

# What may be said here, and the field of the form that holds the words.
ACTS: Mapping[str, tuple[Name, str]] = {
    "answer": (Name.ANSWER, "text"),
    "reopen": (Name.REOPEN, "reason"),
    "rate": (Name.RATE, "text"),
}
COPIES = (SMALL, CLEAN)


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

    def _hindered(self, found: Followed, order: Name) -> str | None:
        """Why this cannot be done now, as the page says it."""
        if order is not Name.ANSWER and found.standing.state is not State.DONE:
            return "over"
        return "window" if order is Name.REOPEN and not _may_reopen(found, self._window) else None

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

    def _found(self, token: str) -> Followed | None:
        id_, room = self._counter.citizens.complaint_of(token), self._counter.room
        try:
            return None if id_ is None else room.log.read(lambda c: followed(c, room.city, id_))
        except Unknown:
            return None

    def _page(
        self, token: str, found: Followed, status: int = 200, fault: str = "", unsent: Unsent | None = None
    ) -> Response:
        city, complaint = self._counter.room.city, found.own.complaint
        language = spoken(language_of(city))
        newest = {kind: body for kind, body in found.own.papers.texts.values()}
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


def _standing(found: Followed, city: City, language: str) -> dict[str, object]:
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


def _may_reopen(found: Followed, window: timedelta) -> bool:
    own, closed_at = found.own, found.own.complaint.closed_at
    done = own.complaint.state is State.DONE and found.standing.state is State.DONE
    return done and closed_at is not None and own.now <= closed_at + window


def _until(complaint: Complaint, window: timedelta, counter: Counter) -> str:
    if complaint.closed_at is None:
        return ""
    city = counter.room.city
    return moment_in(city, complaint.closed_at + window, spoken(language_of(city)))
