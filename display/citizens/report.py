"""The report form: `GET` and `POST /lapor`, its tickets, its proof-of-work puzzle, and its pictures.

A form carries a signed ticket that is good for one report. A report is refused in words, answered with an offer of a
similar one that is reported already, or taken once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from struct import pack
from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.api import uploads
from display.api.responses import json_response
from display.auth.throttle import origin
from display.citizens.responses import (
    AGAIN_S,
    TRAP,
    CitizenSite,
    files_from,
    form_fields,
    message_page,
    render,
    report_from,
    wants_json,
)
from display.pages.page import language_of
from liveroom.accounts.links import LEAST, Ticket
from liveroom.city.categories import Category
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Malformed
from liveroom.log.engine import Unavailable
from liveroom.projection.public import open_before
from liveroom.projection.search import NEWEST
from liveroom.room.commands.citizens import NearbyReports, TicketUsed
from liveroom.runtime.http_input import problem
from liveroom.runtime.time import monotonic, system_now

# How many categories the form offers first, of how many open reports they are counted, and for how many seconds; and
# after how many they are counted again where the database did not answer.
COMMON, LATELY, COMMON_KEPT_S, COMMON_FAILED_S = 3, 300, 600.0, 5.0
# First bits that must be 0: about 16,000 tries a puzzle.
BITS = 14
# Characters of a nonce below 2^32 in base 36.
MAX_NONCE = 7
# Bytes. The page makes photos small first; where it cannot, what a telephone takes still fits.
LARGEST_PICTURE = 12_000_000
UPLOADS, TICKET_HEADER, SOLUTION_HEADER = "/lapor/files", "X-Ticket", "X-Solution"


# The form.


class ReportForm:
    """``GET /lapor``, ``GET /lapor/ticket`` and ``POST /lapor``."""

    def __init__(self, site: CitizenSite) -> None:
        self._site = site
        self._common = CommonCategories(site)

    def page(self) -> Response:
        """The empty form."""
        return self._form({}) if self._site.public.report else message_page(self._site, "shut", 404)

    def area(self) -> Response:
        """``{area, name, district}`` of a point, for whoever lets their telephone say where they are; 404 outside."""
        if not self._site.public.report:
            return problem(404, "shut", "reports are not taken here")
        if not self._site.visitors.trusts_loopback(request) and (wait := self._site.spam.of_place(self._address)):
            return problem(429, "wait", "too many places from here", retry_after=wait)
        city, fields = self._site.room.city, form_fields()
        point = {}
        for name, most in (("lat", 90), ("lon", 180)):
            degrees = _degrees(fields.get(name, ""), most)
            if degrees is None:
                return problem(422, "invalid", "is no place", name)
            point[name] = degrees
        code = city.locate(point["lat"], point["lon"])
        if code is None:
            return problem(404, "outside", "the point is not in the city")
        area = city.areas[code]
        district = city.districts.get(area.district)
        return json_response({"area": code, "name": area.name, "district": district.name if district else ""})

    def ticket(self) -> Response:
        """A fresh ticket and how many of its puzzles to solve, for a page that the telephone had cached."""
        if not self._site.public.report:
            return problem(404, "shut", "reports are not taken here")
        effort = self._site.spam.suggested_effort(self._address)
        return json_response({"ticket": self._site.tickets.give(), "effort": effort})

    def send(self) -> AnyResponse:
        """Take a report."""
        site = self._site
        if not site.public.report:
            return self._refuse(404, "shut")
        fields = form_fields()
        ticket = site.tickets.read(fields.get("ticket", ""))
        if fields.get(TRAP):
            return self._form_again(fields, 422, "trap")
        if ticket is None or ticket.age < LEAST:
            return self._form_again(fields, 409, "stale" if ticket is None else "fast")
        return self._take(fields, ticket)

    def _take(self, fields: Mapping[str, str], ticket: Ticket) -> AnyResponse:
        site = self._site
        try:
            report = report_from(fields, site.room.city, site.room.kind, by_phone=site.by_phone)
            return self._check_and_take(fields, ticket, report)
        except Malformed as no:
            return self._form_again(fields, 422, "field", no.field)
        except TicketUsed:
            return self._form_again(fields, 409, "used", link=f"/lapor/s/{ticket.token}")
        except Unavailable:
            return self._form_again(fields, 503, "away", wait_s=AGAIN_S)

    def _check_and_take(self, fields: Mapping[str, str], ticket: Ticket, report: Report) -> AnyResponse:
        site = self._site
        link = f"/lapor/s/{ticket.token}"
        # A resend of the same form is not counted again and not compared with its own report.
        resent = site.citizens.complaint_of(ticket.token) is not None
        limited = not resent and not self._is_staff()
        if limited and (no := self._refuse_excess(fields, ticket)) is not None:
            return no
        asked = resent or fields.get("checked") or fields.get("alike")
        if not asked and (offer := site.citizens.near(report)) is not None:
            return self._offer_similar(fields, offer)
        if limited and (wait := self._contact_wait_s(report)):
            return self._form_again(fields, 429, "wait", wait_s=wait)
        alike = site.tickets.alike_of(fields.get("alike", ""))
        number = site.citizens.take(report, ticket, files=files_from(fields), alike=alike)
        if wants_json():
            answer = json_response({"number": number, "link": link})
            answer.status_code = 201
            return answer
        return redirect(f"{link}?new=1&lang={quote(language_of(site.room.city))}", 303)

    def _is_staff(self) -> bool:
        """Whether an officer writes, who takes down one call after another. Raises Unavailable."""
        standing = self._site.visitors.principal(request, {})
        return standing.here or standing.who is not None

    def _refuse_excess(self, fields: Mapping[str, str], ticket: Ticket) -> Response | None:
        """The refusal of a form above the limits, or one that asks for more puzzles; None when it may go on."""
        spam, solution = self._site.spam, fields.get("solution", "")
        effort = spam.effort(self._address)
        if is_solved(fields["ticket"], solution, effort):
            wait = spam.of_solved(self._address, ticket.token)
            return self._form_again(fields, 429, "wait", wait_s=wait) if wait else None
        if solution and wants_json():
            return problem(409, "puzzle", "more puzzles are to be solved for this form", more={"effort": effort})
        wait = spam.of_plain(self._address)
        return self._form_again(fields, 429, "plain", wait_s=wait, effort=effort) if wait else None

    @property
    def _address(self) -> str:
        return self._site.visitors.address(request)

    def _contact_wait_s(self, report: Report) -> int:
        contacts = [] if report.person is None else [report.person.phone, report.person.email]
        return max((self._site.spam.of_contact(contact) for contact in contacts if contact), default=0)

    def _offer_similar(self, fields: Mapping[str, str], offer: NearbyReports) -> Response:
        if wants_json():
            return problem(409, "similar", "something of the kind is reported near by", more={"count": offer.count})
        city = self._site.room.city
        kept = {key: value for key, value in fields.items() if key not in ("checked", "alike", TRAP)}
        context = {"fields": kept, "count": offer.count, "category": city.categories[fields["category"]]}
        alike = self._site.tickets.alike(offer.nearest)
        return render(self._site, "lapor_similar.html", context | {"alike": alike})

    def _form_again(self, fields: Mapping[str, str], status: int, why: str, field: str = "", **more: Any) -> Response:
        """The form again, with what was written in it and why it was refused.

        Pictures belong to the ticket and end with it. ``more``: ``wait_s`` seconds, the ``effort`` that would let it
        in, or the ``link`` of the report that the ticket was used for.
        """
        wait_s = more.get("wait_s", 0)
        if wants_json():
            asked = {"effort": more["effort"]} if "effort" in more else {}
            name = field.partition(".")[0] or None
            return problem(status, why, "the form cannot be taken so", name, retry_after=wait_s or None, more=asked)
        if why in ("stale", "used"):
            more["bare"] = bool(files_from(fields))
            fields = {**fields, "ticket": "", "files": "", "solution": ""}
        response = self._form(fields, status, why, field, **more)
        if wait_s:
            response.headers["Retry-After"] = str(wait_s)
        return response

    def _refuse(self, status: int, why: str) -> Response:
        if wants_json():
            return problem(status, why, "the report is not taken")
        return message_page(self._site, why, status)

    def _form(
        self, fields: Mapping[str, str], status: int = 200, why: str = "", field: str = "", **more: Any
    ) -> Response:
        ticket = fields.get("ticket") or self._site.tickets.give()
        name, _, how = field.partition(".")
        context = {"fields": fields, "ticket": ticket, "given": int(system_now().timestamp()), "why": why, "trap": TRAP}
        context |= {"effort": self._site.spam.suggested_effort(self._address), "common": self._common.categories()}
        said = {"field": name, "how": how, "bare": more.get("bare", False), "link": more.get("link", "")}
        wait_min = -(-more.get("wait_s", 0) // 60)
        return render(self._site, "lapor.html", context | said | {"wait_min": wait_min}, status)


def _degrees(said: str, most: int) -> float | None:
    try:
        found = float(said)
    except ValueError:
        return None
    return found if abs(found) <= most else None  # nor is NaN


class CommonCategories:
    """The categories reported most of late, which the form offers first; no emergency, none that is kept private."""

    def __init__(self, site: CitizenSite) -> None:
        self._site = site
        self._kept: tuple[Category, ...] = ()
        self._again_at = float("-inf")

    def categories(self) -> tuple[Category, ...]:
        """COMMON of them, the most frequent first, read every ten minutes; where too few came in, the first listed."""
        now = monotonic()
        if now >= self._again_at:
            self._again_at = now + COMMON_KEPT_S  # set first: who comes meanwhile does not read it too
            try:
                self._kept = self._read()
            except Unavailable:
                self._again_at = now + COMMON_FAILED_S
        return self._kept or self._first(())

    def _read(self) -> tuple[Category, ...]:
        room = self._site.room
        newest, _ = room.log.read(lambda connection: open_before(connection, NEWEST, LATELY))
        counted = Counter(spot.category for spot in newest)
        often = sorted(counted, key=lambda key: (-counted[key], key))
        return self._first(room.city.categories[key] for key in often if key in room.city.categories)

    def _first(self, often: Iterable[Category]) -> tuple[Category, ...]:
        listed: dict[str, Category] = {}
        for one in self._site.room.city.categories.values():
            listed.setdefault(one.group, one)
        # In danger one telephones, which stands above them.
        emergency = self._site.room.city.policy.critical_class
        wanted = (one for one in (*often, *listed.values()) if not one.private and one.class_ != emergency)
        return tuple({one.key: one for one in wanted}.values())[:COMMON]


# Pictures.


class CitizenUploads:
    """``/lapor/files``: resumable uploads (tus); ``X-Ticket`` has the ticket, ``X-Solution`` at first its puzzles."""

    def __init__(self, site: CitizenSite) -> None:
        self._site = site
        self.tus = uploads.TusServer(site.uploading, lambda id_: f"{UPLOADS}/{id_}")

    def create(self) -> Response:
        """Create an upload for the report that the ticket is for."""
        return self.tus.create(self._sender)

    def transfer(self, id_: str) -> Response:
        """HEAD, PATCH and DELETE on an upload of the same ticket."""
        one, ticket = self._site.uploading.register.of(id_), self._ticket()
        if one is None or ticket is None or one.by != ticket.sender:
            return problem(404, "unknown_upload", "there is no such upload")
        act: Any = getattr(self.tus, request.method.lower())
        answer: Response = act(one)
        return answer

    def state(self, id_: str) -> Response:
        """``{id, state, code}`` of an upload of the same ticket."""
        one, ticket = self._site.uploading.register.of(id_), self._ticket()
        if one is None or ticket is None or one.by != ticket.sender:
            return problem(404, "unknown_upload", "there is no such upload")
        return json_response({"id": one.id, "state": one.state.value, "code": one.code or None})

    def _sender(self, _metadata: dict[str, str]) -> uploads.Sender | Response:
        ticket, ticket_text = self._ticket(), request.headers.get(TICKET_HEADER, "")
        if not self._site.public.report or ticket is None:
            return problem(403, "ticket", "the form is too old: load it again")
        most = min(LARGEST_PICTURE, self._site.uploading.longest_photo)
        if int(request.headers["Upload-Length"]) > most:
            return problem(413, "too_large", f"at most {most // 1_000_000} MB are taken", "Upload-Length")
        origin = self._origin()
        if origin and (wait := self._wait_s(ticket, ticket_text)):
            return problem(429, "wait", "too many pictures from here", retry_after=wait)
        return uploads.Sender(subject="", kind="report", by=ticket.sender, origin=origin)

    def _wait_s(self, ticket: Ticket, ticket_text: str) -> int:
        """Seconds until one more picture is taken; counted by ticket where its puzzles are solved, else by address."""
        # The least effort is enough here: the added effort in a crowd is asked of forms.
        solved = is_solved(ticket_text, request.headers.get(SOLUTION_HEADER, ""), self._site.public.forms.effort)
        address = self._site.visitors.address(request)
        return self._site.spam.of_files(address, ticket.token if solved else None)

    def _origin(self) -> str:
        """A stand-in for the address that asks; empty for trusted loopback, which is not limited."""
        visitors = self._site.visitors
        if visitors.principal(request, {}).here:
            return ""
        return self._site.tickets.stand_in(origin(visitors.address(request)))

    def _ticket(self) -> Ticket | None:
        return self._site.tickets.read(request.headers.get(TICKET_HEADER, ""))


# The puzzle.
#
# A client puzzle after Juels and Brainard (1999) and hashcash. The form's ticket is the challenge: signed, drawn anew
# for each form, valid for a day and for one report, so nothing has to be remembered of what was solved. An effort of n
# is n puzzles: many small ones take a telephone about the same time every time, where one large one may take a moment
# or five times as long, and more effort continues from what is solved. The page's ``puzzle_worker.js`` solves them.


def is_solved(ticket: str, solution: str, effort: int) -> bool:
    """Whether ``solution`` holds the nonces of the first ``effort`` puzzles of this ticket; a microsecond each.

    ``solution``: nonces in base 36 with dots between; puzzle i is solved by a nonce where SHA-256(SHA-256(
    "liveroom-puzzle:" + ticket) + i + nonce), both as 32 bits, begins with ``BITS`` zero bits.
    """
    nonces = solution.split(".", effort)[:effort]
    if len(nonces) < effort:
        return False
    challenge = sha256(f"liveroom-puzzle:{ticket}".encode("utf-8", "surrogatepass")).digest()
    return all(_fits(challenge, index, text) for index, text in enumerate(nonces))


def _fits(challenge: bytes, index: int, text: str) -> bool:
    if not (text.isascii() and text.isalnum() and len(text) <= MAX_NONCE):
        return False
    nonce = int(text, 36)
    if nonce >> 32:
        return False
    found = sha256(challenge + pack(">II", index, nonce)).digest()
    return int.from_bytes(found[:4]) >> (32 - BITS) == 0
