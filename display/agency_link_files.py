"""Files behind a signed link: proof on its way in, and the complaint's pictures on their way out."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from display.desk_api.answers import told
from display.uploads import tus
from display.uploads.findings import taken_at, told_of
from display.uploads.media import ORIGINAL, content
from liveroom.accounts.links import AgencyLink
from liveroom.city.city import City
from liveroom.domain.complaints.proof import PROOF
from liveroom.media.uploads import Uploading
from liveroom.runtime.http_input import problem

Holder = Callable[..., AgencyLink | Response]


def media_root(subject: str) -> str:
    """Under which address the pictures of a complaint lie for whoever holds its link."""
    return f"/agency/c/{subject}/media"


class LinkFiles:
    """``holder(subject, acts=…)`` gives the good link of a request, or the refusal; it looks anew at every use."""

    def __init__(self, holder: Holder, uploading: Uploading, city: City) -> None:
        self._holder = holder
        self._uploading = uploading
        self._city = city

    def add_to(self, blueprint: Blueprint, safely: Callable[..., Any]) -> None:
        """Open the doors below the complaint's own address."""
        one = "/uploads/<id_>"
        doors = (("/uploads", "file", "POST", self.create), ("/uploads", "speak", "OPTIONS", self.speak))
        pieces = ((one, f"file_{name.lower()}", name, self.piece) for name in ("HEAD", "PATCH", "DELETE"))
        for path, name, method, door in (*doors, *pieces):
            blueprint.add_url_rule(path, name, safely(door), methods=[method], provide_automatic_options=False)
        blueprint.add_url_rule(f"{one}/state", "file_state", safely(self.state))
        blueprint.add_url_rule("/media/<id_>/<copy>", "picture", safely(self.picture))

    def speak(self, subject: str) -> Response:
        """What the protocol's server speaks."""
        return self._tus(subject).options()

    def create(self, subject: str) -> Response:
        """A proof for this complaint, whatever the metadata says."""
        link = self._holder(subject, acts=True)
        if isinstance(link, Response):
            return link
        return self._tus(subject).create(lambda _metadata: tus.Sender(subject=subject, kind=PROOF, by=_by(link)))

    def piece(self, subject: str, id_: str) -> Response:
        """The protocol's HEAD, PATCH and DELETE on a file of one's own."""
        link = self._holder(subject, acts=request.method != "HEAD")
        if isinstance(link, Response):
            return link
        one = self._uploading.register.of(id_)
        if one is None or one.subject != subject or one.by != _by(link):
            return problem(404, "unknown_upload", "there is no such upload")
        act: Any = getattr(self._tus(subject), request.method.lower())
        answer: Response = act(one)
        return answer

    def state(self, subject: str, id_: str) -> Response:
        """What became of it: ``{id, state, code, …facts}``, for its sender."""
        link = self._holder(subject, acts=False)
        if isinstance(link, Response):
            return link
        one = self._uploading.register.of(id_)
        if one is None or one.subject != subject or one.by != _by(link):
            return problem(404, "unknown_upload", "there is no such upload")
        return told(told_of(one, taken_at(one.facts, self._city), media_root(subject)))

    def picture(self, subject: str, id_: str, copy: str) -> Response:
        """The small or the clean copy of any picture of this complaint; never an original."""
        link = self._holder(subject, acts=False)
        if isinstance(link, Response):
            return link
        one = self._uploading.register.of(id_)
        if one is None or one.subject != subject or copy == ORIGINAL:
            return problem(404, "unknown_media", "there is no such picture")
        return content(self._uploading.store, one, copy)

    def _tus(self, subject: str) -> tus.TusDoor:
        return tus.TusDoor(self._uploading, lambda id_: f"/agency/c/{subject}/uploads/{id_}")


def _by(link: AgencyLink) -> str:
    return f"link:{link.agency}"
