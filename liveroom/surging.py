"""Looks for surges of complaints: once a tick and only when something came in or one is in force."""

from dataclasses import replace
from datetime import datetime

from liveroom.city.city import City
from liveroom.domain.complaints.decide import BLANK
from liveroom.domain.surge import Recent, surge_events
from liveroom.projection.notices import known_surges, recent_complaints
from liveroom.working_set import CLOCK, WorkingSet


class Surging:
    """One city's look-out; which areas touch which is worked out once."""

    def __init__(self, city: City) -> None:
        self._neighbours = city.neighbours()
        self._listed = city.policy.categories.keys()

    def look(self, work: WorkingSet, until: datetime) -> None:
        """Log surges that began, grew or ended by ``until`` (room time)."""
        connection, rules = work.unit.connection, work.rules
        known = known_surges(connection)
        recent = [self._kind(one) for one in recent_complaints(connection, until - rules.surge_within, until)]
        work.append(surge_events(known, recent, self._neighbours, rules, now=until), actor=CLOCK)

    def _kind(self, recent: Recent) -> Recent:
        """A category in a source's own words is none of the room's log: all of them are one kind that is not known."""
        return recent if recent.category in self._listed else replace(recent, category=BLANK)
