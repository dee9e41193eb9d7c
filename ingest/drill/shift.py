"""Time as the drill's staff work it: the same hours every day, so that the room never stands still for a weekend."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.drill import script

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """From ``opens`` to ``closes`` by the city's clock, every day."""

    opens: time
    closes: time
    zone: ZoneInfo

    @classmethod
    def of(cls, shift: script.Shift, zone: ZoneInfo) -> "WorkingHours":
        """The hours of a drill's script."""
        return cls(opens=time.fromisoformat(shift.opens), closes=time.fromisoformat(shift.closes), zone=zone)

    def after(self, moment: datetime, seconds: float) -> datetime:
        """When ``seconds`` of working time have run since ``moment``; aware UTC."""
        local, left = moment.astimezone(self.zone), timedelta(seconds=seconds)
        while True:
            begins, ends = (datetime.combine(local.date(), hour, self.zone) for hour in (self.opens, self.closes))
            local = max(local, begins)
            if local + left <= ends:
                return (local + left).astimezone(UTC)
            left -= max(timedelta(0), ends - local)
            local = begins + DAY

    def open_at(self, moment: datetime) -> bool:
        """Whether somebody is there."""
        return self.opens <= moment.astimezone(self.zone).time() < self.closes
