"""``/agency``, an agency's own page, and ``/agency/c/ID``, the page behind a signed link to one complaint.

The link is for one complaint and one agency and needs no account; its holder acts as ``link:AGENCY``. Opening it writes
nothing, since scanners of mail open links. Each request checks the link again, and that the complaint still lies with
the agency.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Blueprint, Response, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.api import uploads
from display.api.complaints import complaint_json, pictures_json, refuse_other_agencies, taken_at, upload_json
from display.api.requests import command_of, command_outline, execute_body
from display.api.responses import display_names_for, handle_errors, json_response, refusal_response
from display.api.uploads import ORIGINAL, content
from display.auth.visitor import Visitors, csrf_fits, csrf_of
from display.feed.cards import MOST_MASKED, Cards, cards_of
from display.pages.page import json_in_script, language_of, page, page_context
from liveroom.accounts.links import AgencyLink, AgencyLinks, LinkFault
from liveroom.accounts.users import Person
from liveroom.city.city import City
from liveroom.domain.complaints.commands import SPECS
from liveroom.domain.complaints.proof import PROOF
from liveroom.domain.fields import given_by
from liveroom.domain.requests import OF_AGENCIES, Command, CommandName, Malformed, Refused, Role, Stale, Unknown
from liveroom.log.engine import Unavailable
from liveroom.log.uploads import Upload
from liveroom.media.uploads import UploadPipeline
from liveroom.projection.complaints import detail
from liveroom.room.room import Room
from liveroom.runtime.http_input import problem, read_body, read_json


def agency_page_blueprint(room: Room, build: str, visitors: Visitors) -> Blueprint:
    """``/agency``, for people of an agency; on trusted loopback ``?as=KEY`` names the agency."""
    blueprint = Blueprint("agency_page", __name__)

    def show() -> Response:
        who = visitors.who(request) or _played(room)
        if who is None or who.agency is None:
            return page("agency_choice.html", _choice_context(room))
        facts = json_in_script(agency_facts(room, who))
        return page("agency.html", {**page_context(room, build), "agency_json": facts})

    blueprint.add_url_rule("/agency", "agency", show)
    return blueprint


def _played(room: Room) -> Person | None:
    """The person that loopback acts as: an officer of the agency in ``?as=``, with ``&role=agency_head`` its head."""
    agency, role = request.args.get("as", ""), request.args.get("role", Role.AGENCY.value)
    if agency not in room.city.policy.agencies or role not in {one.value for one in OF_AGENCIES}:
        return None
    return Person(actor=f"{agency}:{role}", name="", role=Role(role), agency=agency)


def agency_facts(room: Room, who: Person) -> Mapping[str, object]:
    """Whose page it is, and the ``commands`` that this role gives.

    ``stops``: whether a question to the citizen pauses the deadline in this city.
    """
    return {
        "agency": who.agency,
        "role": who.role.value,
        "actor": who.actor,
        "commands": given_by(SPECS, who.role),
        "stops": "citizen" in room.city.policy.pauses,
    }


def _choice_context(room: Room) -> Mapping[str, object]:
    language = language_of(room.city)
    agencies = sorted((agency.short, agency.name_in(language), key) for key, agency in room.city.agencies.items())
    return {"lang": language, "city": room.city, "agencies": agencies, "drill": room.kind == "drill"}


# ---- files behind a signed link: uploads of proof, and the complaint's pictures ----

LinkReader = Callable[..., AgencyLink | Response]


def _media_root(subject: str) -> str:
    """The address of a complaint's pictures for the holder of its link."""
    return f"/agency/c/{subject}/media"


class LinkFiles:
    """``read_link(subject, acts=…)`` returns the valid link of the request, or the refusal."""

    def __init__(self, read_link: LinkReader, uploading: UploadPipeline, city: City) -> None:
        self._read_link = read_link
        self._uploading = uploading
        self._city = city

    def add_to(self, blueprint: Blueprint, handled: Callable[..., Any]) -> None:
        """Add the routes below the complaint's own address."""
        one = "/uploads/<id_>"
        routes = (("/uploads", "file", "POST", self.create), ("/uploads", "speak", "OPTIONS", self.speak))
        chunks = ((one, f"file_{name.lower()}", name, self.chunk) for name in ("HEAD", "PATCH", "DELETE"))
        for path, name, method, view in (*routes, *chunks):
            blueprint.add_url_rule(path, name, handled(view), methods=[method], provide_automatic_options=False)
        blueprint.add_url_rule(f"{one}/state", "file_state", handled(self.state))
        blueprint.add_url_rule("/media/<id_>/<copy>", "picture", handled(self.picture))

    def speak(self, subject: str) -> Response:
        """Version and extensions of the tus server."""
        return self._tus(subject).options()

    def create(self, subject: str) -> Response:
        """Begin an upload of proof for this complaint, whatever the metadata says."""
        link = self._read_link(subject, acts=True)
        if isinstance(link, Response):
            return link
        return self._tus(subject).create(lambda _metadata: uploads.Sender(subject=subject, kind=PROOF, by=_by(link)))

    def chunk(self, subject: str, id_: str) -> Response:
        """The protocol's HEAD, PATCH and DELETE on one's own upload."""
        one = self._own(subject, id_, acts=request.method != "HEAD")
        if isinstance(one, Response):
            return one
        act: Any = getattr(self._tus(subject), request.method.lower())
        answer: Response = act(one)
        return answer

    def state(self, subject: str, id_: str) -> Response:
        """The state of one's own upload: ``{id, state, code, …facts}``."""
        one = self._own(subject, id_, acts=False)
        if isinstance(one, Response):
            return one
        return json_response(upload_json(one, taken_at(one.facts, self._city), _media_root(subject)))

    def picture(self, subject: str, id_: str, copy: str) -> Response:
        """The thumb or the clean copy of any picture of this complaint; never an original."""
        link = self._read_link(subject, acts=False)
        if isinstance(link, Response):
            return link
        one = self._uploading.register.of(id_)
        if one is None or one.subject != subject or copy == ORIGINAL:
            return problem(404, "unknown_media", "there is no such picture")
        return content(self._uploading.store, one, copy)

    def _own(self, subject: str, id_: str, *, acts: bool) -> Upload | Response:
        """An upload for this complaint by this link's holder, or the refusal; another's does not exist."""
        link = self._read_link(subject, acts=acts)
        if isinstance(link, Response):
            return link
        one = self._uploading.register.of(id_)
        if one is None or one.subject != subject or one.by != _by(link):
            return problem(404, "unknown_upload", "there is no such upload")
        return one

    def _tus(self, subject: str) -> uploads.TusServer:
        return uploads.TusServer(self._uploading, lambda id_: f"/agency/c/{subject}/uploads/{id_}")


def _by(link: AgencyLink) -> str:
    return f"link:{link.agency}"


# ---- the page behind a signed link ----

R = TypeVar("R", bound=AnyResponse)
_COOKIE = "liveroom_link"
_CSRF_FOR = "agency-link"
LINK_COMMANDS = frozenset(
    {
        CommandName.ACCEPT,
        CommandName.DECLINE,
        CommandName.START,
        CommandName.COMMENT,
        CommandName.ASK,
        CommandName.ANSWER,
        CommandName.SUBMIT_PROOF,
    }
)
# Fields under which the writer's name is added; a question goes to the citizen and bears no name.
_TEXT_FIELDS: Mapping[str, str] = {"decline": "reason", "comment": "text", "answer": "text", "submit_proof": "note"}
_LONGEST_NAME = 60


def agency_link_blueprint(
    room: Room,
    build: str,
    visitors: Visitors,
    links: AgencyLinks,
    calendar: Callable[[], tuple[str, bytes]],
    uploading: UploadPipeline,
) -> Blueprint:
    """``/agency/c/ID``, and below it ``/data``, files and ``POST /COMMAND``; all by the link in the browser's cookie.

    ``calendar`` returns hash and text of the present working time.
    """
    blueprint = Blueprint("agency_link", __name__, url_prefix="/agency/c/<subject>")
    pages = _AgencyLinkPages(room, build, visitors, links, calendar)
    handled = handle_errors(pages.cards[MOST_MASKED])
    blueprint.add_url_rule("", "open", pages.open)
    blueprint.add_url_rule("/data", "data", handled(pages.data))
    LinkFiles(pages.read_link, uploading, room.city).add_to(blueprint, handled)
    blueprint.add_url_rule("/<name>", "act", handled(pages.act), methods=["POST"])
    return blueprint


class _AgencyLinkPages:
    def __init__(
        self, room: Room, build: str, visitors: Visitors, links: AgencyLinks, calendar: Callable[[], tuple[str, bytes]]
    ) -> None:
        self._room = room
        self._build = build
        self._visitors = visitors
        self._links = links
        self._calendar = calendar
        self.cards: Mapping[str, Cards] = cards_of(room.city.policy)

    def open(self, subject: str) -> AnyResponse:
        """The page; with ``?k=`` the redirect to it that moves the token into a cookie of this address alone."""
        try:
            shown = request.args.get("k")
            link = self._links.read(shown or request.cookies.get(_COOKIE, ""), subject, self._room.now())
            if isinstance(link, LinkFault):
                return self._closed("none" if shown is None and _COOKIE not in request.cookies else link.value)
            if not self._still_with_agency(link):
                return self._closed("moved")
        except Unavailable:
            return self._closed("away", 503)
        return self._token_to_cookie(subject, shown, link) if shown is not None else self._page(link)

    def data(self, subject: str) -> Response:
        """The complaint as the API gives it to this agency, with the commands and pictures that the link allows."""
        link = self._link(subject)
        if isinstance(link, LinkFault):
            return _link_refusal(link)
        who = self._person(link)
        found = detail(self._room.log, self._room.city, subject, people=False)
        refuse_other_agencies(found.complaint, who)
        answer = complaint_json(found, who, self.cards[who.audience], self._room.city)
        allowed = [name for name in answer["allowed"] if name in LINK_COMMANDS]
        pictures = pictures_json(found, self._room.city, _media_root(subject))
        return json_response({**answer, "allowed": allowed, "pictures": pictures, "calendar": self._calendar()[0]})

    def act(self, subject: str, name: str) -> Response:
        """Execute one command as ``link:AGENCY``."""
        link = self._link(subject)
        if isinstance(link, LinkFault):
            return _link_refusal(link)
        if not csrf_fits(request, request.cookies[_COOKIE], _CSRF_FOR):
            return _csrf_refusal()
        if name not in LINK_COMMANDS:
            return problem(404, "unknown_command", f"{name[:64]!r} is not for a link", "command")
        who = self._person(link)
        body = read_json(read_body(request))
        own = {"actor": who.actor, "role": who.role.value, "actor_agency": who.agency}

        def read() -> Command:
            signed = {**_with_name(body, name), **own} if isinstance(body, dict) else body
            return command_of(signed, "complaint", subject, name)

        try:
            return json_response(execute_body(self._room, command_outline(own, "complaint", subject, name), read))
        except (Refused, Stale) as refusal:
            return refusal_response(
                refusal, self.cards[MOST_MASKED], display_names_for(self._room.log, (refusal,), who)
            )

    def read_link(self, subject: str, *, acts: bool) -> AgencyLink | Response:
        """The valid link of a request for files, or the refusal."""
        link = self._link(subject)
        if isinstance(link, LinkFault):
            return _link_refusal(link)
        if acts and not csrf_fits(request, request.cookies[_COOKIE], _CSRF_FOR):
            return _csrf_refusal()
        if not self._still_with_agency(link):
            return problem(403, "not_your_complaint", "the complaint is not with your agency")
        return link

    def _link(self, subject: str) -> AgencyLink | LinkFault:
        return self._links.read(request.cookies.get(_COOKIE, ""), subject, self._room.now())

    def _person(self, link: AgencyLink) -> Person:
        return Person(actor=f"link:{link.agency}", name="", role=Role.AGENCY, agency=link.agency)

    def _still_with_agency(self, link: AgencyLink) -> bool:
        if link.agency not in self._room.city.policy.agencies:
            return False
        log, city = self._room.log, self._room.city
        try:
            refuse_other_agencies(detail(log, city, link.complaint, people=False).complaint, self._person(link))
        except (Unknown, Refused):
            return False
        return True

    def _page(self, link: AgencyLink) -> Response:
        token = request.cookies[_COOKIE]
        link_facts = {"complaint": link.complaint, "csrf": csrf_of(token, _CSRF_FOR), "until": link.until.isoformat()}
        context = {
            **page_context(self._room, self._build),
            "agency_json": json_in_script({**agency_facts(self._room, self._person(link)), **link_facts}),
        }
        return _unlisted(page("agency_link.html", context))

    def _token_to_cookie(self, subject: str, token: str, link: AgencyLink) -> AnyResponse:
        language = request.args.get("lang", "")
        response = redirect(
            f"/agency/c/{subject}" + (f"?lang={language}" if language in self._room.city.languages else ""), 303
        )
        left = int((link.until - self._room.now()).total_seconds())
        response.set_cookie(
            _COOKIE,
            token,
            max_age=left,
            path=f"/agency/c/{subject}",
            secure=self._visitors.came_securely(request),
            httponly=True,
            samesite="Lax",
        )
        return _unlisted(response)

    def _closed(self, why: str, status: int = 403) -> Response:
        context = {"why": why, "lang": language_of(self._room.city), "drill": self._room.kind == "drill"}
        response = make_response(page("agency_link_closed.html", context))
        response.status_code = status
        return _unlisted(response)


def _unlisted(response: R) -> R:
    """Not cached, not found by search, and not named as referrer."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _link_refusal(fault: LinkFault) -> Response:
    words = {LinkFault.BAD: "is no link of this room", LinkFault.EXPIRED: "has ended"}
    return problem(401, f"link_{fault.value}", f"the link {words.get(fault, 'is for another complaint')}", "link")


def _csrf_refusal() -> Response:
    return problem(403, "csrf", "the request does not come from the page of this link", "X-CSRF-Token")


def _with_name(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The command's fields, with the name that the writer gave added under their words."""
    fields = {key: value for key, value in body.items() if key != "name"}
    writer, field = body.get("name"), _TEXT_FIELDS.get(name, "")
    if writer is None or not isinstance(fields.get(field), str):
        return fields
    if not isinstance(writer, str) or len(writer) > _LONGEST_NAME or not writer.isprintable():
        raise Malformed("name", f"must be one line of at most {_LONGEST_NAME} characters")
    return {**fields, field: f"{fields[field]}\n– {writer.strip()}"} if writer.strip() else fields
