"""What people do about what a source sent and the room refused: correct it and accept it as the source's, or drop it.

A correction of one field can be made of all entries of the source that failed by the same field for the same reason.

Each is written down with the entry, and as an access to what it holds. It is no command of the pipeline: an entry is no
subject of the log, and what is accepted is logged as any report of its source is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from liveroom.accounts import quarantine
from liveroom.accounts.quarantine import Decided, QuarantineContent, QuarantineState
from liveroom.city.city import City
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.requests import IntakeResult, Malformed, Unknown
from liveroom.log.event_log import EventLog
from liveroom.runtime.http_input import BadJson, TooLarge, read_json

# Entries that one order may correct: each is a transaction of its own, and somebody waits for the answer.
SAME_AT_ONCE = 500
# Parts of a fault's field: names, and places in a list.
_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


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

    def accept_same(self, id_: str, text: str) -> "SameCorrected":
        """Accept an entry as corrected in ``text``, and with the same correction of that field all that failed as it
        did: by the same field for the same reason.

        Each is checked by itself and stays as it came where it is still refused, or where something else was sent than
        the correction is of; the latest SAME_AT_ONCE at a time. Raises as ``accept``, of the entry itself, and then
        nothing of the others changes.
        """
        found = self._open(id_)
        path = _path_of(found.entry.field)
        if not path or path == ("source_id",):
            raise Malformed(found.entry.field, "is corrected one at a time: it is each one's own")
        correction = Correction(sent=_value_at(json_of(found.draft), path), right=_value_at(json_of(text), path))
        alike = self.room.log.read(lambda c: quarantine.same_entries(c, found.entry, SAME_AT_ONCE))
        self.accept(id_, text)
        taken = [self._accept_corrected(other, path, correction) for other in alike if other != id_]
        return SameCorrected(accepted=1 + taken.count(True), stay=taken.count(False))

    def _accept_corrected(self, id_: str, path: Sequence[str | int], correction: "Correction") -> bool | None:
        """Whether an entry was accepted with the same correction; None where somebody else decided it meanwhile."""
        try:
            value = json_of(self._open(id_).draft)
            _set_at(value, path, correction.of(_value_at(value, path)))
            self.accept(id_, quarantine.as_json(value))
        except Malformed:
            return False
        except (Unknown, Decided):
            return None
        return True

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


# One correction for many.


@dataclass(frozen=True, slots=True, kw_only=True)
class SameCorrected:
    """How many entries one correction has made right, and how many are still refused and stay."""

    accepted: int
    stay: int


# What stands at a field, alone in a list; an empty one where nothing does.
_Sent = list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A correction that somebody made of one field: what was ``sent``, and what is ``right``.

    It holds for all who sent the same. Where the right value is the sent one read in another way (a number with a
    comma, a number as text, a text cut to fit), it is that reading which holds, of whatever another has sent.
    """

    sent: _Sent
    right: _Sent

    def of(self, sent: _Sent) -> _Sent:
        """What is right of another's. Raises Malformed where this correction says nothing of it."""
        if sent == self.sent:
            return self.right
        if sent and self.sent and self.right:
            for read in (_number, _text, lambda value: _cut(value, len(str(self.right[0])))):
                if _like(read(self.sent[0]), self.right[0]) and (found := read(sent[0])) is not None:
                    return [found]
        raise Malformed("", "something else was sent")


def _number(value: Any) -> float | None:
    """A number that was sent as text, with a comma or a point."""
    if not isinstance(value, str):
        return None
    try:
        return float(value.strip().replace(",", "."))
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    """A number that was sent in place of text; of nothing else is the text what somebody meant."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _cut(value: Any, most: int) -> str | None:
    return value[:most] if isinstance(value, str) else None


def _like(value: Any, other: Any) -> bool:
    """Whether it is the same and of one kind: 7 is no text, and true no number."""
    number = isinstance(value, int | float) and isinstance(other, int | float) and not isinstance(other, bool)
    return bool(value == other) and (number or type(value) is type(other))


def _path_of(field: str) -> tuple[str | int, ...]:
    """``person.phone`` and ``media[2]`` as steps into the JSON; nothing for a fault of the whole."""
    return tuple(int(place) if place else name for place, name in _PART.findall(field))


def _value_at(value: Any, path: Sequence[str | int]) -> _Sent:
    for step in path:
        if not _has(value, step):
            return []
        value = value[step]
    return [value]


def _set_at(value: Any, path: Sequence[str | int], corrected: _Sent) -> None:
    """Put it there, or take away what is there. Raises Malformed where the way there is another one."""
    *way, last = path
    for step in way:
        if not _has(value, step):
            raise Malformed(str(step), "is not there to be corrected")
        value = value[step]
    if isinstance(value, dict) and isinstance(last, str):
        value.pop(last, None)
        if corrected:
            value[last] = corrected[0]
    elif isinstance(last, int) and _has(value, last):
        value[last : last + 1] = corrected
    else:
        raise Malformed(str(last), "is not there to be corrected")


def _has(value: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(value, list) and step < len(value)
    return isinstance(value, dict) and step in value
