"""What a validator is told about a picture."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from liveroom.domain.surge import metres_between

# What a validator is told about a proof's pictures: words to look at, never a verdict.
#
# In April 2026 a complaint elsewhere was closed with a picture made out of the citizen's own: same angle, damage gone.

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
class ProofFinding:
    """``code`` of a closed set; ``about`` the picture, None for the proof as a whole; ``facts`` numbers and ids."""

    code: str
    about: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def findings(
    shots: Sequence[Shot], *, complaint: str, received_at: datetime, place: tuple[float, float] | None
) -> tuple[ProofFinding, ...]:
    """The findings of a proof, the gravest first; ``place`` latitude and longitude of the complaint, degrees."""
    if not shots:
        return (ProofFinding(code="no_picture"),)
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


def _of(shot: Shot, complaint: str, received_at: datetime, place: tuple[float, float] | None) -> Iterator[ProofFinding]:
    yield from _twins(shot, complaint)
    if shot.taken_at is None:
        yield ProofFinding(code="no_time", about=shot.id)
    else:
        yield from _time(shot, shot.taken_at, received_at)
    if shot.lat is None or shot.lon is None:
        yield ProofFinding(code="no_place", about=shot.id)
    elif place is not None and (metres := metres_between(shot.lat, shot.lon, *place)) > FAR_METRES:
        yield ProofFinding(code="elsewhere", about=shot.id, facts={"metres": round(metres)})
    if shot.edited:
        yield ProofFinding(code="edited", about=shot.id)


def _twins(shot: Shot, complaint: str) -> Iterator[ProofFinding]:
    """The citizen's own picture counts most; one proof sent twice for the same complaint is no matter."""
    own = [twin for twin in shot.twins if twin.complaint == complaint and twin.kind == REPORT]
    others = [twin for twin in shot.twins if twin.complaint != complaint]
    yield from _nearest("own_picture", shot, own)
    yield from _nearest("used_before", shot, others)


def _nearest(code: str, shot: Shot, twins: Iterable[Twin]) -> Iterator[ProofFinding]:
    nearest = min(twins, key=lambda twin: twin.bits, default=None)
    if nearest is not None:
        facts = {"picture": nearest.id, "complaint": nearest.complaint, "bits": nearest.bits}
        yield ProofFinding(code=code, about=shot.id, facts=facts)


def _time(shot: Shot, taken_at: datetime, received_at: datetime) -> Iterator[ProofFinding]:
    if taken_at < received_at - SLACK:
        yield ProofFinding(
            code="taken_before", about=shot.id, facts={"minutes": (received_at - taken_at) // SLACK * 10}
        )
    elif taken_at > shot.sent_at + SLACK:
        yield ProofFinding(
            code="taken_later", about=shot.id, facts={"minutes": (taken_at - shot.sent_at) // SLACK * 10}
        )
    elif taken_at < shot.sent_at - LONG_BEFORE:
        yield ProofFinding(code="taken_long_ago", about=shot.id, facts={"days": (shot.sent_at - taken_at).days})


# What is known of a photo or video once it was looked into, and the one way to say that it is not taken.


class FileForm(StrEnum):
    """The forms that are taken, by their media type; told by content alone, never by a file's name."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    MP4 = "video/mp4"
    WEBM = "video/webm"

    @property
    def moving(self) -> bool:
        """Whether it is a video."""
        return self.value.startswith("video/")


class MediaLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``photo_mb``, ``video_mb``: megabytes of a file; ``megapixels`` of a picture or frame; ``video_s`` seconds.

    ``look_s``: seconds that looking into a file may take. ``sandboxed_only``: not where something is left unheld.
    """

    photo_mb: int = 25
    video_mb: int = 200
    megapixels: int = 120
    video_s: int = 300
    look_s: int = 60
    sandboxed_only: bool = False

    def longest(self, form: FileForm) -> int:
        """Bytes that a file of this form may have."""
        return (self.video_mb if form.moving else self.photo_mb) * 1_000_000


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """``width`` and ``height`` as shown, pixels; ``seconds`` of a video; ``taken_at`` and the place as the file says.

    ``hashes``: perceptual hashes, hexadecimal, of the whole and of parts of it, ``turned`` of it turned; ``times`` is
    ``zone`` when the file told its zone, ``local`` when it only told the hands of its clock, None without a time.
    """

    form: FileForm
    width: int
    height: int
    hashes: tuple[str, ...]
    turned: tuple[str, ...] = ()
    seconds: float | None = None
    taken_at: datetime | None = None
    times: str | None = None
    lat: float | None = None
    lon: float | None = None
    software: bool = False


class Unfit(Exception):
    """It is not taken. ``code`` is one of a closed set, ``message`` says it to a person; neither holds its content."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
