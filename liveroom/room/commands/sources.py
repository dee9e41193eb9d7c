"""What people do about what a source sent and the room refused: correct it and accept it as the source's, or drop it.

Each is written down with the entry, and as an access to what it holds. It is no command of the pipeline: an entry is no
subject of the log, and what is accepted is logged as any report of its source is.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from liveroom.accounts import quarantine
from liveroom.accounts.quarantine import Decided, QuarantineContent, QuarantineState
from liveroom.city.city import City
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.requests import IntakeResult, Malformed, Unknown
from liveroom.log.event_log import EventLog
from liveroom.runtime.http_input import BadJson, TooLarge, read_json


class AcceptRoom(Protocol):
    """The room as this needs it."""

    log: EventLog
    city: City
    kind: str

    def now(self) -> datetime:
        """Room time, aware UTC."""

    def accept(self, report: Report, *, source: str) -> IntakeResult:
        """Take one report. Raises Malformed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineActs:
    """What one person, ``actor`` in ``role``, does about entries of the quarantine."""

    room: AcceptRoom
    actor: str
    role: str

    def look(self, id_: str) -> QuarantineContent:
        """An entry with its content; that it was shown is written down. Raises Unknown, Unavailable."""
        found = self.room.log.touch(lambda c: quarantine.look(c, id_, actor=self.actor, role=self.role))
        if found is None:
            raise Unknown(id_)
        return found

    def accept(self, id_: str, text: str | None = None) -> IntakeResult:
        """Accept an entry as its source's report, as it is or as corrected in ``text`` (JSON in the intake's form).

        It counts as received now. Raises Unknown, Decided, Malformed (nothing changes), Unavailable.
        """
        found = self._open(id_)
        report = self._report(found.draft if text is None else text)
        answer = self.room.accept(report, source=found.entry.source)
        self._decide(id_, QuarantineState.ACCEPTED, answer.id)
        return answer

    def drop(self, id_: str) -> None:
        """Drop an entry: it stays to be seen until its 30 days are over. Raises Unknown, Decided, Unavailable."""
        self._open(id_)
        self._decide(id_, QuarantineState.DROPPED, None)

    def _open(self, id_: str) -> QuarantineContent:
        found = self.room.log.read(lambda c: quarantine.content(c, id_))
        if found is None:
            raise Unknown(id_)
        if found.entry.state is not QuarantineState.OPEN:
            raise Decided(id_)
        return found

    def _report(self, text: str) -> Report:
        report = report_of(json_of(text), self.room.now(), self.room.kind)
        return replace(report, category=self.room.city.category_key(report.category.strip()))

    def _decide(self, id_: str, state: QuarantineState, complaint: str | None) -> None:
        who = {"actor": self.actor, "role": self.role}
        self.room.log.touch(lambda c: quarantine.decide(c, id_, state, complaint=complaint, **who))


def json_of(text: str) -> object:
    """The JSON of a text that a person wrote. Raises Malformed."""
    try:
        return read_json(text.encode("utf-8", "surrogatepass"))
    except (BadJson, TooLarge) as error:
        raise Malformed("", str(error)) from error
