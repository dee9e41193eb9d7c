"""``/api/v1/uploads`` (tus) and ``/api/v1/media``: the doors of people who work on complaints."""

from typing import Any

from flask import Blueprint, Response, request

from display.desk_api.answers import told
from display.desk_api.whole import refuse_others, wordless
from display.standing import Kind
from display.trust import Visitors
from display.uploads import tus
from display.uploads.findings import taken_at, told_of
from display.uploads.media import CLEAN, COPIES, ORIGINAL, content
from liveroom.accounts.users import AT_DESKS, Who
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.complaints.proof import PROOF, REPORT
from liveroom.domain.requests import Refused, Role
from liveroom.media.uploads import Uploading
from liveroom.projection.complaints import complaints
from liveroom.projection.notices import is_released
from liveroom.room.room import Room
from liveroom.runtime.http_input import problem

ROOT = "/api/v1/uploads"


def uploads_blueprint(room: Room, visitors: Visitors, uploading: Uploading) -> Blueprint:
    """The blueprint; ``uploading`` is shared with every other door that takes files."""
    uploads = Blueprint("uploads", __name__)
    doors = _Doors(room, visitors, uploading)
    uploads.add_url_rule(ROOT, "expect", doors.create, methods=["POST"], provide_automatic_options=False)
    uploads.add_url_rule(ROOT, "speak", doors.tus.options, methods=["OPTIONS"], provide_automatic_options=False)
    one = f"{ROOT}/<id_>"
    for method in ("HEAD", "PATCH", "DELETE"):
        uploads.add_url_rule(one, method.lower(), doors.piece, methods=[method], provide_automatic_options=False)
    uploads.add_url_rule(f"{one}/state", "state", doors.state)
    uploads.add_url_rule("/api/v1/media/<id_>/<copy>", "media", doors.media)
    return uploads


class _Doors:
    def __init__(self, room: Room, visitors: Visitors, uploading: Uploading) -> None:
        self._room = room
        self._visitors = visitors
        self._uploading = uploading
        self.tus = tus.TusDoor(uploading, lambda id_: f"{ROOT}/{id_}")

    def create(self) -> Response:
        """A file for the complaint that the metadata names."""
        return self.tus.create(self._sender)

    def piece(self, id_: str) -> Response:
        """The protocol's HEAD, PATCH and DELETE on a file of one's own."""
        one = self._uploading.register.of(id_)
        if one is None or one.by != self._by():
            return problem(404, "unknown_upload", "there is no such upload")
        act: Any = getattr(self.tus, request.method.lower())
        answer: Response = act(one)
        return answer

    def state(self, id_: str) -> Response:
        """What became of it: ``{id, state, code, …facts}``, for its sender."""
        one = self._uploading.register.of(id_)
        if one is None or one.by != self._by():
            return problem(404, "unknown_upload", "there is no such upload")
        return told(told_of(one, taken_at(one.facts, self._room.city)))

    def media(self, id_: str, copy: str) -> Response:
        """The content of one, for whoever may read the complaint; the original is the desk's."""
        one = self._uploading.register.of(id_)
        complaint = None if one is None else self._complaint(one.subject)
        if one is None or copy not in COPIES or complaint is None:
            return problem(404, "unknown_media", "there is no such picture")
        if self._only_looks():
            if copy != CLEAN or not self._for_guests(one.id, complaint):
                return problem(403, "role", "was not released for showing")
            return content(self._uploading.store, one, copy, kept=False)
        if not self._may_see(copy, complaint):
            return problem(403, "role", "is not for you to see")
        return content(self._uploading.store, one, copy)

    def _only_looks(self) -> bool:
        """A screen, or what asks as one."""
        standing = self._visitors.standing(request, {})
        return standing.kind is Kind.SCREEN or standing.looks

    def _for_guests(self, id_: str, complaint: Complaint) -> bool:
        """Whether a supervisor released it, of a matter that is private to nobody."""
        if self._room.city.policy.is_private(complaint.category):
            return False
        return self._room.log.read(lambda c: is_released(c, complaint.id, id_))

    def _may_see(self, copy: str, complaint: Complaint) -> bool:
        who = self._visitors.who(request)
        if who is None:  # trusted loopback of a drill or test room
            return True
        try:
            refuse_others(complaint, who)
        except Refused:
            return False
        return who.role in AT_DESKS or (copy != ORIGINAL and not wordless(complaint, who, self._room.city))

    def _sender(self, metadata: dict[str, str]) -> tus.Sender | Response:
        subject = metadata.get("complaint", "")
        complaint = self._complaint(subject)
        if complaint is None:
            return problem(404, "unknown_complaint", "names no complaint", "Upload-Metadata.complaint")
        who = self._visitors.who(request)
        if who is not None:
            try:
                refuse_others(complaint, who)
            except Refused as no:
                return problem(403, no.code, no.message)
        kind = REPORT if metadata.get("kind") == REPORT and _at_desk(who) else PROOF
        return tus.Sender(subject=subject, kind=kind, by=self._by())

    def _complaint(self, id_: str) -> Complaint | None:
        return next(iter(self._room.log.read(lambda c: complaints(c, (id_,)))), None)

    def _by(self) -> str:
        who = self._visitors.who(request)
        return "loopback" if who is None else who.actor


def _at_desk(who: Who | None) -> bool:
    return who is None or (who.role in AT_DESKS and who.role is not Role.LEADERSHIP)
