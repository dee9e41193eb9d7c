"""Facts of photos and videos, and the findings about the pictures of a proof.

A finding is something for the validator to look at, never a verdict. In April 2026 a complaint elsewhere was closed
with a picture made out of the citizen's own: same angle, damage gone. Distances in metres, places in WGS 84 degrees,
times aware UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from liveroom.domain.surge import metres_between

PROOF, REPORT = "proof", "report"
FAR_METRES = 300
SLACK = timedelta(minutes=10)
LONG_BEFORE = timedelta(days=2)
# The codes of findings, the gravest first.
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


class FileForm(StrEnum):
    """The file formats that are taken, by media type; recognised by content alone, never by a file's name."""

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
    """What a file may measure. ``photo_mb``, ``video_mb``: megabytes; ``megapixels`` of a picture or frame.

    ``video_s``: seconds that a video lasts. ``look_s``: seconds that its inspection may take. ``sandboxed_only``: no
    inspection on a machine where the sandbox is not complete.
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
    """What the inspection found in a photo or video; ``width`` and ``height`` as shown, in pixels.

    ``hashes``: perceptual hashes, hexadecimal, of the whole and of parts of it, ``turned`` of it turned. ``seconds``:
    length of a video. ``taken_at`` and the place are as the file says; ``times`` is ``zone`` when it gave its time
    zone, ``local`` when it gave local time alone, None without a time.
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
    """A file is not taken: ``code`` of a closed set, ``message`` for people; neither holds anything of its content."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An earlier picture that looks the same; ``kind`` proof or report, ``bits``: how many of 256 differ."""

    id: str
    complaint: str
    kind: str
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture of a proof. ``taken_at`` and the place as its file says; ``sent_at``: when it arrived, room time."""

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
    found = [one for shot in shots for one in _shot_findings(shot, complaint, received_at, place)]
    return tuple(sorted(found, key=lambda one: GRAVITY.index(one.code)))


def _shot_findings(
    shot: Shot, complaint: str, received_at: datetime, place: tuple[float, float] | None
) -> Iterator[ProofFinding]:
    yield from _twin_findings(shot, complaint)
    if shot.taken_at is None:
        yield ProofFinding(code="no_time", about=shot.id)
    else:
        yield from _time_findings(shot, shot.taken_at, received_at)
    if shot.lat is None or shot.lon is None:
        yield ProofFinding(code="no_place", about=shot.id)
    elif place is not None and (metres := metres_between(shot.lat, shot.lon, *place)) > FAR_METRES:
        yield ProofFinding(code="elsewhere", about=shot.id, facts={"metres": round(metres)})
    if shot.edited:
        yield ProofFinding(code="edited", about=shot.id)


def _twin_findings(shot: Shot, complaint: str) -> Iterator[ProofFinding]:
    """The citizen's own picture counts most; one proof sent twice for the same complaint is no matter."""
    own = [twin for twin in shot.twins if twin.complaint == complaint and twin.kind == REPORT]
    others = [twin for twin in shot.twins if twin.complaint != complaint]
    yield from _nearest_twin("own_picture", shot, own)
    yield from _nearest_twin("used_before", shot, others)


def _nearest_twin(code: str, shot: Shot, twins: Iterable[Twin]) -> Iterator[ProofFinding]:
    nearest = min(twins, key=lambda twin: twin.bits, default=None)
    if nearest is not None:
        facts = {"picture": nearest.id, "complaint": nearest.complaint, "bits": nearest.bits}
        yield ProofFinding(code=code, about=shot.id, facts=facts)


def _time_findings(shot: Shot, taken_at: datetime, received_at: datetime) -> Iterator[ProofFinding]:
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
