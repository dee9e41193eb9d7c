"""/agency and signed link."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Blueprint, Response, make_response, request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.api import uploads
from display.api.complaints import pictures_of, refuse_others, taken_at, told_of, whole
from display.api.requests import order_of, sketch_of
from display.api.responses import faces_for, handle_errors, json_response, refused
from display.api.uploads import ORIGINAL, content
from display.auth.visitor import Visitors, csrf_fits, csrf_of
from display.feed.cards import MOST_MASKED, Cards, cards_of
from display.pages.wall import in_script, language_of, page
from liveroom.accounts.links import AgencyLink, AgencyLinks, LinkFault
from liveroom.accounts.users import Person
from liveroom.city.city import City
from liveroom.domain.complaints.proof import PROOF
from liveroom.domain.requests import OF_AGENCIES, CommandName, Malformed, Refused, Role, Stale, Unknown
from liveroom.log.engine import Unavailable
from liveroom.media.uploads import UploadPipeline
from liveroom.projection.complaints import detail
from liveroom.room.room import Room
from liveroom.runtime.http_input import problem, read_body, read_json

# An agency's own page: its work on its own feed. On trusted loopback of a drill it is opened by ``?as=KEY``.


def agency_page_blueprint(room: Room, build: str, visitors: Visitors) -> Blueprint:
    """``/agency``, for people of an agency; display/auth/permissions.py keeps everybody else out."""
    blueprint = Blueprint("agency_page", __name__)

    def show() -> Response:
        who = visitors.who(request) or _chosen(room)
        if who is None or who.agency is None:
            return page("agency_choice.html", _choice(room))
        return page("agency.html", {**context_of(room, build), "agency_json": in_page(facts(room, who))})

    blueprint.add_url_rule("/agency", "agency", show)
    return blueprint


def _chosen(room: Room) -> Person | None:
    """Whom this machine plays in a drill: an officer, or with ``&role=agency_head`` the head, of the agency named."""
    agency, role = request.args.get("as", ""), request.args.get("role", Role.AGENCY.value)
    if agency not in room.city.policy.agencies or role not in {one.value for one in OF_AGENCIES}:
        return None
    return Person(actor=f"{agency}:{role}", name="", role=Role(role), agency=agency)


def context_of(room: Room, build: str) -> Mapping[str, object]:
    """What both pages of an agency need of the city."""
    language = language_of(room.city)
    return {
        "lang": language,
        "city": room.city,
        "city_json": in_page(room.city.client_data(language)),
        "drill": room.kind == "drill",
        "build": build,
    }


def facts(room: Room, who: Person) -> Mapping[str, object]:
    """Whose page it is, and whether a question to the citizen stops the clock here."""
    return {
        "agency": who.agency,
        "role": who.role.value,
        "actor": who.actor,
        "stops": "citizen" in room.city.policy.pauses,
    }


def in_page(value: object) -> Markup:
    """JSON for a script element."""
    return Markup(in_script(value))


def _choice(room: Room) -> Mapping[str, object]:
    agencies = sorted((agency.short, agency.name, key) for key, agency in room.city.agencies.items())
    return {"lang": language_of(room.city), "city": room.city, "agencies": agencies, "drill": room.kind == "drill"}


# Files behind a signed link: proof on its way in, and the complaint's pictures on their way out.

Holder = Callable[..., AgencyLink | Response]


def media_root(subject: str) -> str:
    """Under which address the pictures of a complaint lie for whoever holds its link."""
    return f"/agency/c/{subject}/media"


class LinkFiles:
    """``holder(subject, acts=…)`` gives the good link of a request, or the refusal; it looks anew at every use."""

    def __init__(self, holder: Holder, uploading: UploadPipeline, city: City) -> None:
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
        return self._tus(subject).create(lambda _metadata: uploads.Sender(subject=subject, kind=PROOF, by=_by(link)))

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
        return json_response(told_of(one, taken_at(one.facts, self._city), media_root(subject)))

    def picture(self, subject: str, id_: str, copy: str) -> Response:
        """The small or the clean copy of any picture of this complaint; never an original."""
        link = self._holder(subject, acts=False)
        if isinstance(link, Response):
            return link
        one = self._uploading.register.of(id_)
        if one is None or one.subject != subject or copy == ORIGINAL:
            return problem(404, "unknown_media", "there is no such picture")
        return content(self._uploading.store, one, copy)

    def _tus(self, subject: str) -> uploads.TusServer:
        return uploads.TusServer(self._uploading, lambda id_: f"/agency/c/{subject}/uploads/{id_}")


def _by(link: AgencyLink) -> str:
    return f"link:{link.agency}"


# The page behind a signed link: one complaint, one agency, no account. Looking never writes: scanners of mail look.

Kept = TypeVar("Kept", bound=AnyResponse)
COOKIE = "liveroom_link"
CSRF_FOR = "agency-link"
ACTS = frozenset(
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
# Words that stay among ourselves bear the name of who wrote them; a question goes to the citizen and bears none.
SIGNED: Mapping[str, str] = {"decline": "reason", "comment": "text", "answer": "text", "submit_proof": "note"}
LONGEST_NAME = 60


def agency_link_blueprint(
    room: Room,
    build: str,
    visitors: Visitors,
    links: AgencyLinks,
    calendar: Callable[[], tuple[str, bytes]],
    uploading: UploadPipeline,
) -> Blueprint:
    """``/agency/c/ID``, ``/data``, files, ``POST /COMMAND`` below it; each looks at the link of the browser's cookie.

    ``calendar`` gives the hash and the text of the working time of now.
    """
    blueprint = Blueprint("agency_link", __name__, url_prefix="/agency/c/<subject>")
    doors = _AgencyLinkPages(room, build, visitors, links, calendar)
    safely = handle_errors(doors.cards[MOST_MASKED])
    blueprint.add_url_rule("", "open", doors.open)
    blueprint.add_url_rule("/data", "data", safely(doors.data))
    LinkFiles(doors.holder, uploading, room.city).add_to(blueprint, safely)
    blueprint.add_url_rule("/<name>", "act", safely(doors.act), methods=["POST"])
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
        """The page; with ``?k=`` the way to it without the token, which moves into a cookie of this address alone."""
        try:
            shown = request.args.get("k")
            link = self._links.read(shown or request.cookies.get(COOKIE, ""), subject, self._room.now())
            if isinstance(link, LinkFault):
                return self._closed("none" if shown is None and COOKIE not in request.cookies else link.value)
            if not self._still(link):
                return self._closed("moved")
        except Unavailable:
            return self._closed("away", 503)
        return self._exchanged(subject, shown, link) if shown is not None else self._page(link)

    def data(self, subject: str) -> Response:
        """The complaint as the page shows it, whole; the same answer as the desk's door gives to this agency."""
        link = self._link(subject)
        if isinstance(link, LinkFault):
            return _no(link)
        who = self._who(link)
        found = detail(self._room.log, self._room.city, subject, people=False)
        refuse_others(found.complaint, who)
        answer = whole(found, who, self.cards[who.audience], self._room.city)
        allowed = [name for name in answer["allowed"] if name in ACTS]
        pictures = pictures_of(found, self._room.city, media_root(subject))
        return json_response({**answer, "allowed": allowed, "pictures": pictures, "calendar": self._calendar()[0]})

    def act(self, subject: str, name: str) -> Response:
        """One order, signed ``link:AGENCY``."""
        link = self._link(subject)
        if isinstance(link, LinkFault):
            return _no(link)
        if not csrf_fits(request, request.cookies[COOKIE], CSRF_FOR):
            return _strange()
        if name not in ACTS:
            return problem(404, "unknown_command", f"{name[:64]!r} is not for a link", "command")
        who = self._who(link)
        body = read_json(read_body(request))
        if not isinstance(body, dict):
            raise Malformed("", "the body must be an object")
        own = {"actor": who.actor, "role": who.role.value, "actor_agency": who.agency}
        try:
            self._room.refuse_strangers(sketch_of(own, "complaint", subject, name))
            order = order_of({**_with_name(body, name), **own}, "complaint", subject, name)
            return json_response(self._room.execute(order))
        except (Refused, Stale) as no:
            return refused(no, self.cards[MOST_MASKED], faces_for(self._room.log, (no,), who))

    def holder(self, subject: str, *, acts: bool) -> AgencyLink | Response:
        """The link of a request for files, while the complaint lies with its agency; or the refusal."""
        link = self._link(subject)
        if isinstance(link, LinkFault):
            return _no(link)
        if acts and not csrf_fits(request, request.cookies[COOKIE], CSRF_FOR):
            return _strange()
        if not self._still(link):
            return problem(403, "not_your_complaint", "the complaint is not with your agency")
        return link

    def _link(self, subject: str) -> AgencyLink | LinkFault:
        return self._links.read(request.cookies.get(COOKIE, ""), subject, self._room.now())

    def _who(self, link: AgencyLink) -> Person:
        return Person(actor=f"link:{link.agency}", name="", role=Role.AGENCY, agency=link.agency)

    def _still(self, link: AgencyLink) -> bool:
        if link.agency not in self._room.city.policy.agencies:
            return False
        log, city = self._room.log, self._room.city
        try:
            refuse_others(detail(log, city, link.complaint, people=False).complaint, self._who(link))
        except (Unknown, Refused):
            return False
        return True

    def _page(self, link: AgencyLink) -> Response:
        token = request.cookies[COOKIE]
        told_too = {"complaint": link.complaint, "csrf": csrf_of(token, CSRF_FOR), "until": link.until.isoformat()}
        context = {
            **context_of(self._room, self._build),
            "agency_json": in_page({**facts(self._room, self._who(link)), **told_too}),
        }
        return _quiet(page("agency_link.html", context))

    def _exchanged(self, subject: str, token: str, link: AgencyLink) -> AnyResponse:
        language = request.args.get("lang", "")
        response = redirect(f"/agency/c/{subject}" + (f"?lang={language}" if language in ("id", "en") else ""), 303)
        left = int((link.until - self._room.now()).total_seconds())
        response.set_cookie(
            COOKIE,
            token,
            max_age=left,
            path=f"/agency/c/{subject}",
            secure=self._visitors.came_securely(request),
            httponly=True,
            samesite="Lax",
        )
        return _quiet(response)

    def _closed(self, why: str, status: int = 403) -> Response:
        context = {"why": why, "lang": language_of(self._room.city), "drill": self._room.kind == "drill"}
        response = make_response(page("agency_link_closed.html", context))
        response.status_code = status
        return _quiet(response)


def _quiet(response: Kept) -> Kept:
    """Told to nobody: neither kept nor named to where the page leads."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _no(fault: LinkFault) -> Response:
    words = {LinkFault.BAD: "is no link of this room", LinkFault.EXPIRED: "has ended"}
    return problem(401, f"link_{fault.value}", f"the link {words.get(fault, 'is for another complaint')}", "link")


def _strange() -> Response:
    return problem(403, "csrf", "the request does not come from the page of this link", "X-CSRF-Token")


def _with_name(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The order's fields, the name that the writer gave under their words."""
    fields = {key: value for key, value in body.items() if key != "name"}
    writer, field = body.get("name"), SIGNED.get(name, "")
    if writer is None or not isinstance(fields.get(field), str):
        return fields
    if not isinstance(writer, str) or len(writer) > LONGEST_NAME or not writer.isprintable():
        raise Malformed("name", f"must be one line of at most {LONGEST_NAME} characters")
    return {**fields, field: f"{fields[field]}\n– {writer.strip()}"} if writer.strip() else fields
