"""What a validator is told about a proof's pictures: words to look at, never a verdict.

In April 2026 a complaint elsewhere was closed with a picture made out of the citizen's own: same angle, damage gone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from liveroom.domain.distances import metres_between

PROOF, REPORT = "proof", "report"
FAR_METRES = 300
SLACK = timedelta(minutes=10)
LONG_BEFORE = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An earlier picture that shows the same shot; ``kind`` proof or report, ``bits`` of 256 that differ."""

    id: str
    complaint: str
    kind: str
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture as its file tells of itself; ``taken_at`` aware UTC; ``sent_at`` when it arrived, room time."""

    id: str
    sent_at: datetime
    taken_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    edited: bool = False
    twins: Sequence[Twin] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``code`` of a closed set; ``about`` the picture, None for the proof as a whole; ``facts`` numbers and ids."""

    code: str
    about: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def findings(
    shots: Sequence[Shot], *, complaint: str, received_at: datetime, place: tuple[float, float] | None
) -> tuple[Finding, ...]:
    """The findings of a proof, the gravest first; ``place`` latitude and longitude of the complaint, degrees."""
    if not shots:
        return (Finding(code="no_picture"),)
    found = [one for shot in shots for one in _of(shot, complaint, received_at, place)]
    return tuple(sorted(found, key=lambda one: GRAVITY.index(one.code)))


GRAVITY = (
    "own_picture",
    "used_before",
    "taken_before",
    "taken_later",
    "taken_long_ago",
    "elsewhere",
    "edited",
    "no_picture",
    "no_time",
    "no_place",
)


def _of(shot: Shot, complaint: str, received_at: datetime, place: tuple[float, float] | None) -> Iterator[Finding]:
    yield from _twins(shot, complaint)
    if shot.taken_at is None:
        yield Finding(code="no_time", about=shot.id)
    else:
        yield from _time(shot, shot.taken_at, received_at)
    if shot.lat is None or shot.lon is None:
        yield Finding(code="no_place", about=shot.id)
    elif place is not None and (metres := metres_between(shot.lat, shot.lon, *place)) > FAR_METRES:
        yield Finding(code="elsewhere", about=shot.id, facts={"metres": round(metres)})
    if shot.edited:
        yield Finding(code="edited", about=shot.id)


def _twins(shot: Shot, complaint: str) -> Iterator[Finding]:
    """The citizen's own picture counts most; one proof sent twice for the same complaint is no matter."""
    own = [twin for twin in shot.twins if twin.complaint == complaint and twin.kind == REPORT]
    others = [twin for twin in shot.twins if twin.complaint != complaint]
    yield from _nearest("own_picture", shot, own)
    yield from _nearest("used_before", shot, others)


def _nearest(code: str, shot: Shot, twins: Iterable[Twin]) -> Iterator[Finding]:
    nearest = min(twins, key=lambda twin: twin.bits, default=None)
    if nearest is not None:
        facts = {"picture": nearest.id, "complaint": nearest.complaint, "bits": nearest.bits}
        yield Finding(code=code, about=shot.id, facts=facts)


def _time(shot: Shot, taken_at: datetime, received_at: datetime) -> Iterator[Finding]:
    if taken_at < received_at - SLACK:
        yield Finding(code="taken_before", about=shot.id, facts={"minutes": (received_at - taken_at) // SLACK * 10})
    elif taken_at > shot.sent_at + SLACK:
        yield Finding(code="taken_later", about=shot.id, facts={"minutes": (taken_at - shot.sent_at) // SLACK * 10})
    elif taken_at < shot.sent_at - LONG_BEFORE:
        yield Finding(code="taken_long_ago", about=shot.id, facts={"days": (shot.sent_at - taken_at).days})
