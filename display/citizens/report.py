"""The form."""

from collections.abc import Mapping
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
from display.citizens.responses import AGAIN_S, TRAP, Counter, by_script, closed, files_from, form, report_from, shown
from display.pages.wall import language_of
from liveroom.accounts.links import LEAST, Ticket
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Malformed
from liveroom.log.engine import Unavailable
from liveroom.room.commands.citizens import NearbyReports, TicketUsed
from liveroom.runtime.http_input import problem
from liveroom.runtime.time import system_now

# A client puzzle (proof of work): what a citizen's telephone computes for its report while the words are written.
#
# After Juels and Brainard (1999) and hashcash. The ticket of the form is the challenge: signed, drawn anew for each
# form, over after a day, and good for one report, so that nothing has to be kept of what was solved. An effort of n is
# n puzzles of ``BITS`` bits, about 16,000 tries each: many small ones take a telephone nearly the same time again and
# again, where one large one may take a moment or five times as long; and more effort goes on where less had ended.
# The page's ``puzzle_worker.js`` solves them.

BITS = 14
# Base 36 of a nonce below 2^32.
LONGEST_NONCE = 7


def is_solved(ticket: str, solution: str, effort: int) -> bool:
    """Whether ``solution`` holds the nonces of the first ``effort`` puzzles of this ticket; a microsecond each.

    ``solution``: nonces in base 36 with dots between; puzzle i is solved by a nonce where SHA-256(SHA-256(
    "liveroom-puzzle:" + ticket) + i + nonce), both as 32 bits, begins with ``BITS`` zero bits.
    """
    nonces = solution.split(".", effort)[:effort]
    if len(nonces) < effort:
        return False
    ground = sha256(f"liveroom-puzzle:{ticket}".encode("utf-8", "surrogatepass")).digest()
    return all(_fits(ground, index, text) for index, text in enumerate(nonces))


def _fits(ground: bytes, index: int, text: str) -> bool:
    if not (text.isascii() and text.isalnum() and len(text) <= LONGEST_NONCE):
        return False
    nonce = int(text, 36)
    if nonce >> 32:
        return False
    found = sha256(ground + pack(">II", index, nonce)).digest()
    return int.from_bytes(found[:4]) >> (32 - BITS) == 0


# The form and what becomes of it: refused in words, offered what is reported already, or taken once.


class ReportForm:
    """``GET /lapor``, ``GET /lapor/ticket`` and ``POST /lapor``."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def page(self) -> Response:
        """The empty form."""
        return self._form({}) if self._counter.public.report else closed(self._counter, "shut", 404)

    def ticket(self) -> Response:
        """A fresh ticket and how many of its puzzles to solve, for a page that was kept on the telephone."""
        if not self._counter.public.report:
            return problem(404, "shut", "reports are not taken here")
        effort = self._counter.spam.effort_told(self._address)
        return json_response({"ticket": self._counter.tickets.give(), "effort": effort})

    def send(self) -> AnyResponse:
        """Take a report."""
        counter = self._counter
        if not counter.public.report:
            return self._no(404, "shut")
        fields = form()
        ticket = counter.tickets.read(fields.get("ticket", ""))
        if fields.get(TRAP):
            return self._again(fields, 422, "trap")
        if ticket is None or ticket.age < LEAST:
            return self._again(fields, 409, "stale" if ticket is None else "fast")
        return self._taken(fields, ticket)

    def _taken(self, fields: Mapping[str, str], ticket: Ticket) -> AnyResponse:
        counter = self._counter
        try:
            report = report_from(fields, counter.room.city, counter.room.kind, by_phone=counter.by_phone)
            return self._looked_at(fields, ticket, report)
        except Malformed as no:
            return self._again(fields, 422, "field", no.field)
        except TicketUsed:
            return self._again(fields, 409, "used", link=f"/lapor/s/{ticket.token}")
        except Unavailable:
            return self._again(fields, 503, "away", wait_s=AGAIN_S)

    def _looked_at(self, fields: Mapping[str, str], ticket: Ticket, report: Report) -> AnyResponse:
        counter = self._counter
        link = f"/lapor/s/{ticket.token}"
        # What comes again is neither like another nor one more: it is itself.
        again = counter.citizens.complaint_of(ticket.token) is not None
        limited = not again and not self._of_the_house()
        if limited and (no := self._kept_out(fields, ticket)) is not None:
            return no
        asked = again or fields.get("checked") or fields.get("alike")
        if not asked and (offer := counter.citizens.near(report)) is not None:
            return self._offered(fields, offer)
        if limited and (wait := self._too_often(report)):
            return self._again(fields, 429, "wait", wait_s=wait)
        alike = counter.tickets.alike_of(fields.get("alike", ""))
        number = counter.citizens.take(report, ticket, files=files_from(fields), alike=alike)
        if by_script():
            answer = json_response({"number": number, "link": link})
            answer.status_code = 201
            return answer
        return redirect(f"{link}?new=1&lang={quote(language_of(counter.room.city))}", 303)

    def _of_the_house(self) -> bool:
        """Whether an officer writes, who takes down what one caller after another says. Raises Unavailable."""
        standing = self._counter.visitors.principal(request, {})
        return standing.here or standing.who is not None

    def _kept_out(self, fields: Mapping[str, str], ticket: Ticket) -> Response | None:
        """The refusal of one form too many; a solved puzzle is asked for more work, or counted by a limit far above."""
        spam, solution = self._counter.spam, fields.get("solution", "")
        effort = spam.effort(self._address)
        if is_solved(fields["ticket"], solution, effort):
            wait = spam.of_solved(self._address, ticket.token)
            return self._again(fields, 429, "wait", wait_s=wait) if wait else None
        if solution and by_script():
            return problem(409, "puzzle", "more puzzles are to be solved for this form", more={"effort": effort})
        wait = spam.of_plain(self._address)
        return self._again(fields, 429, "plain", wait_s=wait, effort=effort) if wait else None

    @property
    def _address(self) -> str:
        return self._counter.visitors.address(request)

    def _too_often(self, report: Report) -> int:
        contacts = [] if report.person is None else [report.person.phone, report.person.email]
        return max((self._counter.spam.of_contact(contact) for contact in contacts if contact), default=0)

    def _offered(self, fields: Mapping[str, str], offer: NearbyReports) -> Response:
        if by_script():
            return problem(409, "similar", "something of the kind is reported near by", more={"count": offer.count})
        city = self._counter.room.city
        kept = {key: value for key, value in fields.items() if key not in ("checked", "alike", TRAP)}
        context = {"fields": kept, "count": offer.count, "category": city.categories[fields["category"]]}
        return shown(self._counter, "lapor_similar.html", context | {"alike": self._alike(offer)})

    def _alike(self, offer: NearbyReports) -> str:
        return self._counter.tickets.alike(offer.nearest)

    def _again(self, fields: Mapping[str, str], status: int, why: str, field: str = "", **more: Any) -> Response:
        """The form once more, with all that was written in it. Pictures are a ticket's own and end with it.

        ``more``: ``wait_s`` seconds, the ``effort`` that would let it in, or the ``link`` of what the ticket brought.
        """
        wait_s = more.get("wait_s", 0)
        if by_script():
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

    def _no(self, status: int, why: str) -> Response:
        if by_script():
            return problem(status, why, "the report is not taken")
        return closed(self._counter, why, status)

    def _form(
        self, fields: Mapping[str, str], status: int = 200, why: str = "", field: str = "", **more: Any
    ) -> Response:
        ticket = fields.get("ticket") or self._counter.tickets.give()
        name, _, how = field.partition(".")
        context = {"fields": fields, "ticket": ticket, "given": int(system_now().timestamp()), "why": why, "trap": TRAP}
        context["effort"] = self._counter.spam.effort_told(self._address)
        said = {"field": name, "how": how, "bare": more.get("bare", False), "link": more.get("link", "")}
        wait_min = -(-more.get("wait_s", 0) // 60)
        return shown(self._counter, "lapor.html", context | said | {"wait_min": wait_min}, status)


# Pictures of citizens on their way in: the same resumable door as everywhere, for whoever shows a good ticket.

# The page makes photos small; what a telephone takes still fits where it cannot.
LARGEST = 12_000_000
ROOT, SHOWN, SOLVED = "/lapor/files", "X-Ticket", "X-Solution"


class Files:
    """``/lapor/files``: tus with the ticket in the header ``X-Ticket`` and, at first, its puzzles in ``X-Solution``."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.tus = uploads.TusServer(counter.uploading, lambda id_: f"{ROOT}/{id_}")

    def create(self) -> Response:
        """A picture for the report that will come of the ticket."""
        return self.tus.create(self._sender)

    def piece(self, id_: str) -> Response:
        """HEAD, PATCH and DELETE on a picture of one's own."""
        one, ticket = self._counter.uploading.register.of(id_), self._ticket()
        if one is None or ticket is None or one.by != ticket.sender:
            return problem(404, "unknown_upload", "there is no such upload")
        act: Any = getattr(self.tus, request.method.lower())
        answer: Response = act(one)
        return answer

    def state(self, id_: str) -> Response:
        """``{state, code}`` of a picture of one's own."""
        one, ticket = self._counter.uploading.register.of(id_), self._ticket()
        if one is None or ticket is None or one.by != ticket.sender:
            return problem(404, "unknown_upload", "there is no such upload")
        return json_response({"id": one.id, "state": one.state.value, "code": one.code or None})

    def _sender(self, _metadata: dict[str, str]) -> uploads.Sender | Response:
        ticket, shown = self._ticket(), request.headers.get(SHOWN, "")
        if not self._counter.public.report or ticket is None:
            return problem(403, "ticket", "the form is too old: load it again")
        most = min(LARGEST, self._counter.uploading.longest_photo)
        if int(request.headers["Upload-Length"]) > most:
            return problem(413, "too_large", f"at most {most // 1_000_000} MB are taken", "Upload-Length")
        origin = self._origin()
        if origin and (wait := self._wait_s(ticket, shown)):
            return problem(429, "wait", "too many pictures from here", retry_after=wait)
        return uploads.Sender(subject="", kind="report", by=ticket.sender, origin=origin)

    def _wait_s(self, ticket: Ticket, shown: str) -> int:
        """Seconds until one more picture is taken from there; by the ticket where its puzzles are solved."""
        # As many as the least that is ever asked: what a crowd costs is asked of its forms.
        solved = is_solved(shown, request.headers.get(SOLVED, ""), self._counter.public.forms.effort)
        address = self._counter.visitors.address(request)
        return self._counter.spam.of_files(address, ticket.token if solved else None)

    def _origin(self) -> str:
        """What stands for the address that asks; empty for trusted loopback, which is not counted by itself."""
        visitors = self._counter.visitors
        if visitors.principal(request, {}).here:
            return ""
        return self._counter.tickets.stand_in(origin(visitors.address(request)))

    def _ticket(self) -> Ticket | None:
        return self._counter.tickets.read(request.headers.get(SHOWN, ""))
