"""The form and what becomes of it: refused in words, offered what is reported already, or taken once."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from display.citizens.asked import TRAP, by_script, files_from, form, report_from
from display.citizens.showing import AGAIN_S, Counter, closed, shown
from display.desk_api.answers import told
from display.pages import language_of
from liveroom.citizen_tickets import LEAST, Ticket
from liveroom.citizens import Offer, TicketUsed
from liveroom.domain.refusals import Malformed
from liveroom.domain.report import Report
from liveroom.log.book import Unavailable
from liveroom.problems import problem
from liveroom.time import system_now


class Reporting:
    """``GET /lapor``, ``GET /lapor/ticket`` and ``POST /lapor``."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def page(self) -> Response:
        """The empty form."""
        return self._form({}) if self._counter.public.report else closed(self._counter, "shut", 404)

    def ticket(self) -> Response:
        """A fresh ticket, for a page that was kept on the telephone."""
        if not self._counter.public.report:
            return problem(404, "shut", "reports are not taken here")
        return told({"ticket": self._counter.tickets.give()})

    def send(self) -> AnyResponse:
        """Take a report."""
        counter = self._counter
        if not counter.public.report:
            return self._no(404, "shut")
        fields = form()
        if wait := counter.spam.of_address(counter.visitors.address(request)):
            return self._again(fields, 429, "wait", wait_s=wait)
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
        asked = again or fields.get("checked") or fields.get("alike")
        if not asked and (offer := counter.citizens.near(report)) is not None:
            return self._offered(fields, offer)
        if not again and (wait := self._too_often(report)):
            return self._again(fields, 429, "wait", wait_s=wait)
        alike = counter.tickets.alike_of(fields.get("alike", ""))
        number = counter.citizens.take(report, ticket, files=files_from(fields), alike=alike)
        if by_script():
            answer = told({"number": number, "link": link})
            answer.status_code = 201
            return answer
        return redirect(f"{link}?new=1&lang={quote(language_of(counter.room.city))}", 303)

    def _too_often(self, report: Report) -> int:
        contacts = [] if report.person is None else [report.person.phone, report.person.email]
        return max((self._counter.spam.of_contact(contact) for contact in contacts if contact), default=0)

    def _offered(self, fields: Mapping[str, str], offer: Offer) -> Response:
        if by_script():
            return problem(409, "similar", "something of the kind is reported near by", more={"count": offer.count})
        city = self._counter.room.city
        kept = {key: value for key, value in fields.items() if key not in ("checked", "alike", TRAP)}
        context = {"fields": kept, "count": offer.count, "category": city.categories[fields["category"]]}
        return shown(self._counter, "lapor_similar.html", context | {"alike": self._alike(offer)})

    def _alike(self, offer: Offer) -> str:
        return self._counter.tickets.alike(offer.nearest)

    def _again(self, fields: Mapping[str, str], status: int, why: str, field: str = "", **more: Any) -> Response:
        """The form once more, with all that was written in it. Pictures are a ticket's own and end with it.

        ``more``: ``wait_s`` seconds, or the ``link`` of what the ticket brought before.
        """
        wait_s = more.get("wait_s", 0)
        if by_script():
            return problem(
                status, why, "the form cannot be taken so", field.partition(".")[0] or None, retry_after=wait_s or None
            )
        if why in ("stale", "used"):
            more["bare"] = bool(files_from(fields))
            fields = {**fields, "ticket": "", "files": ""}
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
        said = {"field": name, "how": how, "bare": more.get("bare", False), "link": more.get("link", "")}
        wait_min = -(-more.get("wait_s", 0) // 60)
        return shown(self._counter, "lapor.html", context | said | {"wait_min": wait_min}, status)
