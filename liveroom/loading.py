"""The numbers that a supervisor drills into, and an agency's own load; read status by status, others in between."""

from collections import defaultdict
from collections.abc import Mapping
from functools import partial

from liveroom.city.city import City
from liveroom.log.event_log import Log
from liveroom.projection.loads import OPEN_STATUSES, Load, loads_by, loads_of_agencies

BY = ("area", "district", "agency", "category")


def drilldown(log: Log, city: City, by: str) -> Mapping[str, Load]:
    """Loads by one of ``BY``, all of one moment; the empty key has those without. Raises Unavailable."""
    read = loads_of_agencies if by == "agency" else partial(loads_by, by="area" if by == "district" else by)
    found: dict[str, Load] = defaultdict(Load)
    with log.slices() as slices:
        for status in OPEN_STATUSES:
            for key, load in slices.run(partial(read, status=status)).items():
                found[_district(city, key) if by == "district" else key].add(load)
    return found


def load_of(log: Log, agency: str) -> Load:
    """What lies with one agency. Raises Unavailable."""
    total = Load()
    with log.slices() as slices:
        for status in OPEN_STATUSES:
            for load in slices.run(partial(loads_of_agencies, status=status, agency=agency)).values():
                total.add(load)
    return total


def _district(city: City, area: str) -> str:
    return city.areas[area].district if area in city.areas else ""
