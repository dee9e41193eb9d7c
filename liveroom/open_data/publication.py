"""Makes the files of a month from one position of the log, and says which months there may be files of."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from liveroom.city.city import City, OpenDataLicence
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import EventLog, Slices, read_head, room_now
from liveroom.open_data.anonymity import Days, Entry, K, Register
from liveroom.open_data.columns import VERSION, order, row_of
from liveroom.open_data.editions import MONTH, Editions, MonthEdition
from liveroom.projection import public
from liveroom.projection.public import EARLIEST, ReceivedComplaint
from liveroom.projection.search import Key
from liveroom.runtime.disk import Disk

# Complaints a slice.
A_SLICE = 250
# Bytes of a complaint in the three files together, at most.
_ROW_BYTES = 1_500


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the city's calendar."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def named(cls, name: str) -> "Month":
        """The month that is written ``2026-11``. Raises ValueError."""
        if not MONTH.fullmatch(name):
            raise ValueError(f"a month is written like 2026-11, not {name!r}")
        return cls(int(name[:4]), int(name[5:]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    def next(self, months: int = 1) -> "Month":
        """The month so many later, or before."""
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, number + 1)

    @property
    def days(self) -> Days:
        """Its first and last day."""
        return Days(first=date(self.year, self.number, 1), last=self.next()._first - timedelta(days=1))

    @property
    def _first(self) -> date:
        return date(self.year, self.number, 1)

    def bounds(self, city: City) -> tuple[int, int]:
        """Its first moment and that of the next, in microseconds: midnights of the city, however long its days are."""
        months = (self._first, self.next()._first)
        first, last = (datetime(one.year, one.month, one.day, tzinfo=city.zone) for one in months)
        return to_micros(first), to_micros(last)


class Publisher:
    """Makes the files of one room's months."""

    def __init__(self, log: EventLog, city: City, editions: Editions, disk: Disk) -> None:
        self._log = log.for_upkeep()
        self._city = city
        self._editions = editions
        self._disk = disk

    def months(self) -> Iterator[Month]:
        """The months that are over, the latest first, back to that of the first complaint. Raises Unavailable."""
        first, now = self._log.read(lambda connection: (public.first_received(connection), room_now(connection)))
        if first is None:
            return
        earliest = Month.of(self._city.policy.day(from_micros(first)))
        month = Month.of(self._city.policy.day(now)).next(-1)
        while month >= earliest:
            yield month
            month = month.next(-1)

    def make(self, month: Month) -> MonthEdition:
        """Make the files of a month anew. Raises ValueError for one that is not over, and where the pack names no
        licence; DiskFull, OSError, Unavailable.
        """
        if self._city.open_data is None:
            raise ValueError("city.yaml: open_data: name the licence under which the files are given")
        with self._editions.alone():
            return self._make(month, self._city.open_data)

    def _make(self, month: Month, licence: OpenDataLicence) -> MonthEdition:
        days = month.days
        with self._log.slices() as slices:
            seq, now = slices.run(lambda connection: (read_head(connection).seq, room_now(connection)))
            today = self._city.policy.day(now)
            if today <= days.last:
                raise ValueError(f"{month} is not over in {self._city.name}")
            found = self._read(slices, month)
        self._disk.refuse(len(found) * _ROW_BYTES)
        entries = [self._entry(one) for one in found if not self._city.policy.is_private(one.category)]
        register = self._editions.register(str(month)) or _begun()
        cells = register.edition(entries, days)
        self._editions.keep(str(month), register)
        rows = [row_of(one, cells[one.id], str(month), self._city) for one in found if one.id in cells]
        rows.sort(key=order)
        edition = MonthEdition(
            month=str(month),
            made_on=today.isoformat(),
            seq=seq,
            rows=len(rows),
            counted=round((len(found) - len(rows)) / K) * K,
            columns=VERSION,
            licence=licence.licence,
            licence_address=licence.address or "",
            files=(),
        )
        return self._editions.write(edition, rows)

    def _read(self, slices: Slices, month: Month) -> list[ReceivedComplaint]:
        since, until = month.bounds(self._city)
        found: list[ReceivedComplaint] = []
        key: Key | None = EARLIEST
        while key is not None:
            read = partial(public.received_between, since=since, until=until, after=key, limit=A_SLICE)
            some, key = slices.run(read)
            found += some
        return found

    def _entry(self, one: ReceivedComplaint) -> Entry:
        area = self._city.areas.get(one.area)
        return Entry(
            id=one.id,
            reporter=one.reporter or one.id,
            category=one.category,
            group=self._city.categories[one.category].group,
            area=None if area is None else area.code,
            district=None if area is None else area.district,
            day=self._city.policy.day(from_micros(one.received_at)),
        )


def _begun() -> Register:
    return Register(cells=[], placed={}, withdrawn=set(), secret=secrets.token_hex(16))
