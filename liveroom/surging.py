"""Looks for surges of complaints: once a tick and only when something came in or one is in force."""

from datetime import datetime

from liveroom.city.city import City
from liveroom.domain.surge import surge_events
from liveroom.projection.surges import known_surges, recent_complaints
from liveroom.working_set import CLOCK, WorkingSet


class Surging:
    """One city's look-out; which areas touch which is worked out once."""

    def __init__(self, city: City) -> None:
        self._neighbours = city.neighbours()

    def look(self, work: WorkingSet, until: datetime) -> None:
        """Log surges that began, grew or ended by ``until`` (room time)."""
        connection, rules = work.unit.connection, work.rules
        known = known_surges(connection)
        recent = recent_complaints(connection, until - rules.surge_within, until)
        work.append(surge_events(known, recent, self._neighbours, rules, now=until), actor=CLOCK)
