"""The doors of the room: `accept` for complaints, `do` for people; everything that is written goes through here."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from liveroom.accepting import Accepting
from liveroom.alarming import Alarming
from liveroom.city.city import City
from liveroom.doing import Doing
from liveroom.domain.alarms.model import Alarm, AlarmRules
from liveroom.domain.complaints.intake import Report
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.requests import Accepted, Done, Malformed, Order, Refused, Stale, Unknown
from liveroom.domain.room import HandoverName
from liveroom.handing_over import HandingOver
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Log, Unit, room_now
from liveroom.projection import VERSION, complaints
from liveroom.projection.alarms import standing_after
from liveroom.routes import Routes
from liveroom.steering import Steering
from liveroom.working_set import WorkingSet

T = TypeVar("T")
AT_ONCE = 100


class Room:
    """One city's room on one log. ``kind`` is real, drill or test, as written into the database at its creation.

    ``routes``: how agencies and offices are reached; without any there is no mail.
    """

    def __init__(
        self, log: Log, city: City, kind: str, rules: AlarmRules | None = None, routes: Routes | None = None
    ) -> None:
        self.log = log
        self.city = city
        self.kind = kind
        self._accepting = Accepting(city)
        self.rules = rules or AlarmRules()
        self.routes = routes or Routes(city, mail=False)
        self._doing = Doing(city)
        self._alarming = Alarming(self.rules)
        self._steering = Steering()
        self._handing_over = HandingOver()

    def now(self) -> datetime:
        """Room time, aware UTC."""
        return self.log.read(room_now)

    def accept(self, report: Report, *, source: str) -> Accepted:
        """Take one report. Raises Malformed (nothing written) or Unavailable."""
        (answer,) = self.accept_many((report,), source=source)
        if isinstance(answer, Malformed):
            raise answer
        return answer

    def accept_many(self, reports: Sequence[Report], *, source: str) -> tuple[Accepted | Malformed, ...]:
        """Take up to 100 reports in one transaction; a malformed one is answered for, the others are kept."""
        if len(reports) > AT_ONCE:
            raise ValueError(f"at most {AT_ONCE} reports in one transaction, not {len(reports)}")
        return self.unit(lambda work: self._each(work, reports, source))

    def _each(self, work: WorkingSet, reports: Sequence[Report], source: str) -> tuple[Accepted | Malformed, ...]:
        work.fold.expect(source, [report.source_id for report in reports])
        return tuple(self._one(work, report, source) for report in reports)

    def _one(self, work: WorkingSet, report: Report, source: str) -> Accepted | Malformed:
        try:
            return self._accepting.accept(work, self._as_drill(report), source)
        except Malformed as refusal:
            return refusal

    def _as_drill(self, report: Report) -> Report:
        return report.drilled() if self.kind == "drill" else report

    def do(self, order: Order) -> Done:
        """Do what a person ordered. Raises Unknown, Refused, Malformed, Stale or Unavailable, all unwritten."""
        return self.unit(lambda work: self._door(order).do(work, order))

    def _door(self, order: Order) -> Doing | Alarming | Steering | HandingOver:
        match order.about:
            case "room":
                return self._handing_over if order.name in set(HandoverName) else self._steering
            case "alarm":
                return self._alarming
            case _:
                return self._doing

    def refuse_strangers(self, order: Order) -> None:
        """What can be said before an order's fields are looked at: there is no such subject, or it is not theirs.

        Raises Unknown, or Refused for a role or agency that may not; ``do`` asks again under the lock.
        """
        if order.about == "room":
            self._steering.refuse_strangers(order)
        elif order.about == "alarm":
            self.log.read(lambda c: self._alarming.refuse_strangers(c, order))
        else:
            self._doing.refuse_strangers(order, self.log.read(lambda c: complaints.complaints(c, (order.subject,))))

    def do_each(self, orders: Sequence[Order]) -> tuple[Done | Unknown | Refused | Malformed | Stale, ...]:
        """Do up to 100 orders in one transaction, answered one by one; what is refused leaves the others alone."""
        if len(orders) > AT_ONCE:
            raise ValueError(f"at most {AT_ONCE} orders in one transaction, not {len(orders)}")
        many = [replace(order, bulk=True) for order in orders]
        return self.unit(lambda work: tuple(self._one_order(work, order) for order in many))

    def _one_order(self, work: WorkingSet, order: Order) -> Done | Unknown | Refused | Malformed | Stale:
        try:
            return self._door(order).do(work, order)
        except (Unknown, Refused, Malformed, Stale) as no:
            return no

    def open_of(self, source: str) -> tuple[Complaint, ...]:
        """The open complaints of a source, oldest first."""
        return self.log.read(lambda c: complaints.open_of_source(c, source))

    def alarms_standing(self, limit: int) -> tuple[Alarm, ...]:
        """Up to ``limit`` alarms that are not normal."""
        return self.log.read(lambda c: standing_after(c, "", limit))

    def unit(self, work: Callable[[WorkingSet], T]) -> T:
        """Run ``work`` in one transaction under the head lock; what it raises leaves nothing behind."""

        def run(unit: Unit) -> T:
            if unit.head.projection != VERSION:
                raise Unavailable("another version of the product made the projection anew: restart this process")
            working = WorkingSet(unit, self.rules, self.routes)
            result = work(working)
            working.finish()
            return result

        return self.log.write(run)
