"""Who may look, and how much each of them is masked: one line an audience; docs/feed.md."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """``decimals`` of a degree left of a private matter's place (None: all), and what else is shown of it.

    ``private``: its category; ``own_words``: a category that the city does not know, which is somebody's own words;
    ``people``: by which log-in names an alarm was acknowledged, is owned and shelved; ``orders``: whose order a notice
    is; ``handling``: when an alarm was seen, set aside, paged, and until when; ``more``: fields beside those of every
    card.
    """

    decimals: int | None = 3
    private: bool = True
    own_words: bool = False
    people: bool = False
    orders: bool = False
    handling: bool = True
    more: tuple[str, ...] = ()


# Three decimals of a degree are about 110 m: a neighbourhood, not a door (CR-80). Two are about a kilometre (CR-81).
MASKS: Mapping[str, Mask] = {
    "wall": Mask(people=True),
    "visit": Mask(decimals=2, private=False, handling=False),
    "desk": Mask(
        decimals=None,
        own_words=True,
        people=True,
        orders=True,
        more=("source_id", "channel", "class", "claimed_by", "claimed_until", "returned", "answer_by", "due_stage"),
    ),
    "lead": Mask(more=("channel", "class", "answer_by")),
}
AGENCY_MASK = Mask(decimals=None, more=("source_id", "channel", "class", "accepted", "proved", "answer_by"))
AUDIENCES = tuple(MASKS)
MOST_MASKED = "wall"
AGENCY = "agency:"


def agency_of(audience: str) -> str | None:
    """The agency whose own feed it is; None for every other audience."""
    return audience[len(AGENCY) :] if audience.startswith(AGENCY) else None


def audience_of(agency: str) -> str:
    """The audience of an agency's own feed."""
    return AGENCY + agency


def known(wanted: object, agencies: Collection[str]) -> str:
    """The audience that was asked for, or the most masked one if there is no such audience or agency."""
    if not isinstance(wanted, str):
        return MOST_MASKED
    return wanted if wanted in AUDIENCES or agency_of(wanted) in agencies else MOST_MASKED


def every(agencies: Collection[str]) -> tuple[str, ...]:
    """All audiences of a city with these agencies."""
    return (*AUDIENCES, *(audience_of(agency) for agency in sorted(agencies)))
