"""Which pictures are kept: few enough to look at, and every pair of scene, layout, language and state is in one.

``shots.txt`` is the list. ``python -m tests.golden.shots`` writes it anew from what is said here; the same always gives
the same.
"""

from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from itertools import combinations, product
from pathlib import Path

LIST = Path(__file__).with_name("shots.txt")
MOST = 60

SCENES = ("map", "board", "overdue", "agencies", "trend", "visit")
LANGUAGES = ("id", "en", "es")
# Each as `tests/browser/golden/NAME.json` has it.
STATES = (
    "busy-morning", "quiet-night", "surge", "flood", "feed-delayed", "feed-lost", "drill", "visit", "crowded",
    "incidents-100000", "newyork-flood",
)  # fmt: skip


# Of two of its four fields, each with what it is.
Pair = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A wall of that shape: `width` by `height` px of the page, and what its address says of it."""

    width: int
    height: int
    address: str = ""
    says: str


# Half the size of the real walls: everything on them is set in one unit, and the picture is the same.
LAYOUTS = {
    "fine": Layout(width=1920, height=1080, says="a wall of 16 : 9"),
    "coarse": Layout(
        width=1920, height=1080, address="view_mm=4000&pitch_mm=0.63", says="a television, four metres away"
    ),
    "portrait": Layout(width=1080, height=1920, says="upright"),
    "wide": Layout(width=2880, height=1080, says="ultra-wide"),
    "bezels": Layout(width=2880, height=1080, address="panels=3x2", says="three by two panels"),
}


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    state: str
    scene: str
    layout: str
    language: str

    @property
    def name(self) -> str:
        """Of its file."""
        return "-".join(astuple(self))

    def pairs(self) -> set[Pair]:
        """What it shows of two things together."""
        return set(combinations(asdict(self).items(), 2))


# What a reader sees first: these are in any list.
FIRST = (
    Shot("busy-morning", "map", "fine", "id"),
    Shot("flood", "map", "fine", "id"),
    Shot("quiet-night", "map", "fine", "en"),
    Shot("feed-lost", "map", "fine", "id"),
    Shot("drill", "map", "fine", "id"),
    Shot("incidents-100000", "map", "fine", "en"),
    Shot("newyork-flood", "map", "fine", "es"),
    Shot("visit", "visit", "fine", "id"),
)


def possible() -> Iterator[Shot]:
    """Every picture there can be: the results for guests are shown only while guests are here.

    Each state begins with another layout and language, so that of equals not all take the same.
    """
    for n, state in enumerate(STATES):
        layouts, languages = ([*of[n % len(of) :], *of[: n % len(of)]] for of in (tuple(LAYOUTS), LANGUAGES))
        for scene, layout, language in product(SCENES, layouts, languages):
            if scene != "visit" or state == "visit":
                yield Shot(state, scene, layout, language)


def chosen() -> list[Shot]:
    """Few pictures that hold every pair: each time the one that adds most, of equals the first.

    States with scenes are most of the pairs, so one picture of each of those comes before anything else is filled up.
    """
    all_shots = list(possible())
    missing = set[Pair]().union(*(shot.pairs() for shot in all_shots))
    found: list[Shot] = []

    def gain(shot: Shot) -> int:
        """A state is in few pictures, so what it has not been seen with counts twice."""
        return sum(1 + (pair[0][0] == "state") for pair in shot.pairs() & missing)

    def take(shot: Shot) -> None:
        found.append(shot)
        missing.difference_update(shot.pairs())

    for shot in FIRST:
        take(shot)
    for about in [*product(STATES, SCENES), None]:
        while candidates := [one for one in all_shots if about in (None, (one.state, one.scene))]:
            best = max(candidates, key=gain)
            if not (best.pairs() & missing if about is None else (("state", about[0]), ("scene", about[1])) in missing):
                break
            take(best)
    return sorted(found, key=lambda shot: (STATES.index(shot.state), SCENES.index(shot.scene), shot.layout))


def listed() -> list[Shot]:
    """What the list says."""
    return [Shot(*line.split()) for line in LIST.read_text(encoding="utf-8").splitlines()]


def covering(shots: list[Shot]) -> list[Shot]:
    """Few of them that have something of everything: each time the one that adds most, of equals the first."""
    missing = {part for shot in shots for part in asdict(shot).items()}
    found: list[Shot] = []
    while missing:
        found.append(max(shots, key=lambda shot: len(missing & set(asdict(shot).items()))))
        missing -= set(asdict(found[-1]).items())
    return found


if __name__ == "__main__":
    LIST.write_text("".join(f"{' '.join(astuple(shot))}\n" for shot in chosen()), encoding="utf-8")
