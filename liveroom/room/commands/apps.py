"""Apps that speak Open311: a report without a number of the app's own, taken once, and what its citizen says later.

The protocol knows no idempotency key, and clients send again after a time-out. So the same report of the same source
within an hour is the one that is there already; after two hours it is a new one. Numbers begin with G (GeoReport).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from liveroom.domain.complaints.commands import PauseRule
from liveroom.domain.complaints.intake import Report
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import happened
from liveroom.domain.events.complaint_payloads import ComplaintCommented
from liveroom.domain.requests import Command, CommandName, CommandResult, Malformed, Refused, Role, Unknown
from liveroom.log.event_log import answer_of
from liveroom.log.texts import erased, new_id
from liveroom.projection import complaints
from liveroom.room.commands.complaints import ComplaintIntake, complaint_handler, next_number
from liveroom.room.pipeline import Handler, once
from liveroom.room.room import Room
from liveroom.room.transaction import UnitOfWork, settle_complaint

LETTER = "G"
# The least time for which the same report again is not another one; the most is twice as long.
SAME_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenReport:
    """The complaint's ``id``, its ``number`` as people say it, and whether it is new."""

    id: str
    number: str
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUpdate:
    """What an app says of its own complaint: ``id`` is the app's, ``words`` at most 4,000 characters.

    ``open``: it says that the matter is open, which reopens one that was done.
    """

    id: str
    complaint: str
    words: str
    open: bool


class AppCommands:
    """What apps do in one room through Open311."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._intake = ComplaintIntake(room.city)
        self._handler = complaint_handler(room.city.policy)

    def take(self, report: Report, source: str, device: Sequence[str]) -> TakenReport:
        """Take a report, its number still open; ``device``: what else makes two reports of one wording different.

        Raises Malformed, Unavailable.
        """
        alike = _digest(report.hash(), *device)
        done, created = self._room.unit(lambda work: self._take(work, report, source, alike))
        found = self._room.log.read(lambda c: complaints.complaints(c, (done.id,)))
        return TakenReport(id=done.id, number=found[0].source_id, created=created)

    def _take(self, work: UnitOfWork, report: Report, source: str, alike: str) -> tuple[CommandResult, bool]:
        hour = work.transaction.real.timestamp() // SAME_WITHIN.total_seconds()
        before, now = (_command("report", "", source, _digest(source, alike, str(when))) for when in (hour - 1, hour))
        for command in (before, now):
            if (done := answer_of(work.transaction.connection, command)) is not None:
                return done, False
        return once(work, now, lambda: self._accept(work, report, source)), True

    def _accept(self, work: UnitOfWork, report: Report, source: str) -> CommandResult:
        number = next_number(work, self._room.city, source, LETTER)
        drill = report.drill or self._room.kind == "drill"
        kept = self._intake.accept(work, replace(report, source_id=number, drill=drill), source)
        return _result(work.complaint(kept.id))

    def update(self, said: AppUpdate, source: str) -> None:
        """Take the words once for their id: an answer to a question, a reopening, else a note for the desk.

        Raises Unknown for a complaint that is not the source's or was erased, Malformed for an id that was used for
        other words, Unavailable.
        """
        id_ = _digest("update", source, said.complaint, said.id)
        command = _command("update", said.complaint, source, id_, words=_digest(said.words, str(said.open)))
        self._room.unit(lambda work: once(work, command, lambda: self._say(work, said, source)))

    def _say(self, work: UnitOfWork, said: AppUpdate, source: str) -> CommandResult:
        known = work.fold.complaint(said.complaint)
        if known is None or known.source != source or erased(work.transaction.connection, known.id):
            raise Unknown(said.complaint)
        known = settle_complaint(work, known)
        return further_words(work, self._handler, known, said.words, actor=source, reopens=said.open)


def further_words(
    work: UnitOfWork, handler: Handler[Complaint], known: Complaint, words: str, *, actor: str, reopens: bool
) -> CommandResult:
    """What a citizen says of a complaint, settled, elsewhere than on its page: an answer, a reopening, else a note.

    ``reopens``: they say that the matter is open.
    """
    done = _act(work, handler, known, words, actor=actor, reopens=reopens)
    if done is None:
        note = ComplaintCommented(text=work.texts.add(known.id, "text", words))
        work.append((happened(known.id, note, at=work.transaction.now),), actor=actor)
    return done or _result(work.complaint(known.id))


def _act(
    work: UnitOfWork, handler: Handler[Complaint], known: Complaint, words: str, *, actor: str, reopens: bool
) -> CommandResult | None:
    """What a citizen could do by the words; None where they are only words."""
    if known.open and known.paused == PauseRule.CITIZEN:
        name, field = CommandName.ANSWER, "text"
    elif reopens and not known.open:
        name, field = CommandName.REOPEN, "reason"
    else:
        return None
    command = replace(_command(name.value, known.id, actor, new_id(), **{field: words}), seen_seq=known.seq)
    try:
        return handler.execute(work, command)
    except (Refused, Malformed):  # the time to reopen is over, or it is part of another one: a note then
        return None


def _command(name: str, subject: str, source: str, id_: str, **fields: str) -> Command:
    return Command(
        command_id=id_, name=name, subject=subject, actor=source, role=Role.SYSTEM.value, seen_seq=0, fields=fields
    )


def _digest(*parts: str) -> str:
    """One hash of the parts, whatever stands in them."""
    return sha256("".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")).hexdigest()


def _result(complaint: Complaint) -> CommandResult:
    return CommandResult(id=complaint.id, seq=complaint.seq, status=complaint.status.value, state=complaint.state.value)
