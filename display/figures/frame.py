"""One moment at which a figure is built: the position, the room time, and the city's days around it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from display.figures.working import WorkingTime
from liveroom.city.city import City
from liveroom.domain.timestamps import EPOCH, from_micros, to_micros
from liveroom.log.engine import Connection
from liveroom.log.event_log import Head, Slices, database_now, read_head
from liveroom.projection import complaints, figures
from liveroom.projection.figures import QUARTER

T = TypeVar("T")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """``at`` room time; ``today`` the open day; ``begins`` the first day of which this room knows what was finished.

    ``whole`` is the first such day that it knows from midnight on.
    """

    slices: Slices
    city: City
    working: WorkingTime
    head: Head
    at: datetime
    today: date
    begins: date
    whole: date

    def read(self, work: Callable[[Connection], T]) -> T:
        """One slice; keep it under 20 ms."""
        return self.slices.run(work)

    @property
    def now(self) -> int:
        """``at`` in microseconds."""
        return to_micros(self.at)

    def midnight(self, day: date) -> int:
        """When a day of the city begins, in microseconds."""
        return to_micros(datetime.combine(day, time(), self.city.zone).astimezone(UTC))

    def same_clock(self, day: date) -> int:
        """When the city's clock showed on a day what it shows now, in microseconds; now itself today."""
        if day == self.today:
            return self.now
        # The clock may have passed midnight before the day is turned.
        if self.now >= self.midnight(self.today + ONE_DAY):
            return self.midnight(day + ONE_DAY)
        hands = self.at.astimezone(self.city.zone).time()
        return to_micros(datetime.combine(day, hands, self.city.zone).astimezone(UTC))

    def hands(self, micros: int) -> time:
        """What the city's clock shows at a moment."""
        return from_micros(micros).astimezone(self.city.zone).time()

    def quarters(self, day: date) -> tuple[int, int]:
        """The quarters of 1970 that are a day of the city: first, and first of the next day."""
        return self.midnight(day) // QUARTER, self.midnight(day + ONE_DAY) // QUARTER


def frame_of(slices: Slices, city: City, working: WorkingTime) -> Frame:
    """The frame of now, read in one slice."""
    return slices.run(lambda connection: _read(connection, slices, city, working))


def _read(connection: Connection, slices: Slices, city: City, working: WorkingTime) -> Frame:
    head = read_head(connection)
    at = head.time.at(database_now(connection))
    open_day = complaints.today(connection)
    today = date.fromisoformat(open_day) if open_day else city.policy.day(at)
    begins, whole = _history(connection, city, figures.first_day(connection) or today, kind=head.kind)
    return Frame(
        slices=slices,
        city=city,
        working=working,
        head=head,
        at=at,
        today=today,
        begins=begins,
        whole=whole,
    )


def _history(connection: Connection, city: City, opened: date, *, kind: str) -> tuple[date, date]:
    """The day on which the room opened is known from its opening on; imported days are known whole.

    Imports of open complaints alone say nothing of their days, so history begins with what was finished. A drill hands
    in the open ones of days that never were: it begins when it opens.
    """
    finished = figures.first_finish(connection)
    if finished is not None and kind != "drill":
        imported = city.policy.day(EPOCH + timedelta(microseconds=finished * QUARTER))
        if imported < opened:
            return imported, imported
    return opened, opened + ONE_DAY
