"""The reports of one source in one transaction, one or many, by the rules of a single one.

Which of them the room knows is asked once for all, and a new complaint from which nothing follows (no alarm, no letter)
is logged and folded without asking what does. Whatever else a report brings goes the way of a single one, in its turn:
the log is the same as if each had come by itself.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from liveroom.domain.alarms.model import of_complaint
from liveroom.domain.complaints.intake import Report, receive
from liveroom.domain.events import Event, Kind
from liveroom.domain.events.complaint_payloads import ComplaintReceived
from liveroom.domain.notifications import CHANNEL
from liveroom.domain.policy import Policy
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.log.texts import TextRows
from liveroom.room.commands.complaints import ComplaintIntake, result_of
from liveroom.room.transaction import CRITICAL, OWN, UnitOfWork

# Reports in one transaction: about as long as others wait for a hundred that come one by one.
IN_BULK = 500
# From so many on the garbage of a transaction is left until it is over.
MANY = 50
Answer = IntakeResult | Malformed


@contextmanager
def uncollected(reports: int) -> Iterator[None]:
    """No search for cycles while ``reports`` are taken, if they are many: it found none and took a third of the time.

    What they make holds no cycles and ends with the transaction, but the collector counts what is made, not what ends.
    """
    if reports < MANY or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class BulkIntake:
    """Turns the reports of one transaction into complaints."""

    def __init__(self, policy: Policy, intake: ComplaintIntake, work: UnitOfWork, source: str) -> None:
        self._policy, self._intake, self._work, self._source = policy, intake, work, source

    def accept(self, reports: Sequence[Report]) -> tuple[Answer, ...]:
        """One answer a report, in order; a malformed one is refused by itself."""
        self._work.fold.expect(self._source, [report.source_id for report in reports])
        return tuple(self._one(report) for report in reports)

    def _one(self, report: Report) -> Answer:
        work, source = self._work, self._source
        try:
            if report.channel == CHANNEL or work.fold.of_source(source, report.source_id) is not None:
                return self._intake.accept(work, report, source)
            return self._new(report)
        except Malformed as refusal:
            return refusal

    def _new(self, report: Report) -> IntakeResult:
        work, draft = self._work, TextRows()
        receipt = self._intake.receipt_of_new(report, self._source, draft)
        events = receive(receipt, work.transaction.now, self._policy)
        quiet = _quiet(events)
        if quiet:
            work.receive(events[:quiet], actor=self._source)
        else:
            work.fold.none_yet(receipt.complaint)
        if quiet < len(events):
            work.fold.alarms.none_yet([of_complaint(kind, receipt.complaint) for kind in OWN])
            work.append(events[quiet:], actor=self._source)
        work.texts.absorb(draft)
        return result_of(work.complaint(receipt.complaint), created=True)


def _quiet(events: Sequence[Event]) -> int:
    """How many of a new complaint's first events move no alarm and send no letter.

    The receipt of one that is not critical, and the end that its source gave: its deadlines are still ahead at the one
    and stand still at the other, and it came from no page of ours, whose citizens are written to.
    """
    payload = events[0].payload
    if not isinstance(payload, ComplaintReceived) or payload.priority == CRITICAL:
        return 0
    return 2 if len(events) > 1 and events[1].kind is Kind.CLOSED else 1
