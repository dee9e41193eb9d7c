"""Short numbers that people can say: a letter, the city's day, and the next of that day's."""

from liveroom.city.city import City
from liveroom.projection.complaints import last_number
from liveroom.working_set import WorkingSet


def next_number(work: WorkingSet, city: City, source: str, letter: str) -> str:
    """``M-20261125-00007``: what the citizen is told; asked under the head lock, so no two get the same."""
    begins = f"{letter}-{city.policy.day(work.unit.now):%Y%m%d}-"
    last = last_number(work.unit.connection, source, begins + "00000", begins + "99999")
    return f"{begins}{int(last[-5:]) + 1 if last else 1:05}"
