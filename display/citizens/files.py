"""Pictures of citizens on their way in: the same resumable door as everywhere, for whoever shows a good ticket."""

from typing import Any

from flask import Response, request

from display.citizens.showing import Counter
from display.counters import origin
from display.desk_api.answers import told
from display.uploads import tus
from liveroom.accounts.links import Ticket
from liveroom.puzzle import is_solved
from liveroom.runtime.http_input import problem

# The page makes photos small; what a telephone takes still fits where it cannot.
LARGEST = 12_000_000
ROOT, SHOWN, SOLVED = "/lapor/files", "X-Ticket", "X-Solution"


class Files:
    """``/lapor/files``: tus with the ticket in the header ``X-Ticket`` and, at first, its puzzles in ``X-Solution``."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.tus = tus.TusDoor(counter.uploading, lambda id_: f"{ROOT}/{id_}")

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
        return told({"id": one.id, "state": one.state.value, "code": one.code or None})

    def _sender(self, _metadata: dict[str, str]) -> tus.Sender | Response:
        ticket, shown = self._ticket(), request.headers.get(SHOWN, "")
        if not self._counter.public.report or ticket is None:
            return problem(403, "ticket", "the form is too old: load it again")
        most = min(LARGEST, self._counter.uploading.longest_photo)
        if int(request.headers["Upload-Length"]) > most:
            return problem(413, "too_large", f"at most {most // 1_000_000} MB are taken", "Upload-Length")
        origin = self._origin()
        if origin and (wait := self._wait_s(ticket, shown)):
            return problem(429, "wait", "too many pictures from here", retry_after=wait)
        return tus.Sender(subject="", kind="report", by=ticket.sender, origin=origin)

    def _wait_s(self, ticket: Ticket, shown: str) -> int:
        """Seconds until one more picture is taken from there; by the ticket where its puzzles are solved."""
        # As many as the least that is ever asked: what a crowd costs is asked of its forms.
        solved = is_solved(shown, request.headers.get(SOLVED, ""), self._counter.public.forms.effort)
        address = self._counter.visitors.address(request)
        return self._counter.spam.of_files(address, ticket.token if solved else None)

    def _origin(self) -> str:
        """What stands for the address that asks; empty for trusted loopback, which is not counted by itself."""
        visitors = self._counter.visitors
        if visitors.standing(request, {}).here:
            return ""
        return self._counter.tickets.stand_in(origin(visitors.address(request)))

    def _ticket(self) -> Ticket | None:
        return self._counter.tickets.read(request.headers.get(SHOWN, ""))
