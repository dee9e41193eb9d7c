"""How often the check of likeness is right: made-up streets, their pictures passed off anew, and honest second ones.

For each way of altering a picture: how many of the altered ones are found again, or, of the honest ones, how many are
taken for the citizen's own. ``SAME_AT_MOST`` of liveroom/media/similarity.py was set by the first half of the streets;
this run uses the other half.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bench.figures import keep, machine
from liveroom.media.picture import hashes_of, turned_hashes
from liveroom.media.similarity import SAME_AT_MOST, distance
from tests.rooms.altered import cheats, honest
from tests.rooms.street import View, street

FIRST = 1000


def run(streets: int = 60) -> None:
    """Show and keep the rates."""
    about, found = machine(), defaultdict[str, list[int]](list)
    for number in range(FIRST, FIRST + streets):
        original = street(number, View())
        known = hashes_of(original)
        for name, picture in (*cheats(number), *honest(number)):
            found[name].append(distance(hashes_of(picture), known, turned_hashes(picture)))
    keep("likeness", rates(found), {**about, "streets": streets, "same_at_most": SAME_AT_MOST})


def rates(found: Mapping[str, Sequence[int]]) -> list[dict[str, object]]:
    """One row a way: its share taken for the same shot, and the nearest, middle and farthest distance."""
    rows: list[dict[str, object]] = []
    for name, distances in found.items():
        ordered = sorted(distances)
        same = sum(one <= SAME_AT_MOST for one in ordered)
        rows.append(
            {
                "what": name,
                "same": f"{same} of {len(ordered)}",
                "bits": f"{ordered[0]} / {ordered[len(ordered) // 2]} / {ordered[-1]}",
            }
        )
    return rows
