"""What a page says of itself every few seconds: checked and bounded here, for anybody may send it."""

import base64
import binascii
import math
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

MAX_LAGS = 200
PICTURE_MAX = 30_000
# Longer outages are told as this long; one that ended longer ago is history.
LONGEST_LOSS_S, LATEST_TOLD_S, SHORTEST_LOSS_S = 86_400.0, 900.0, 10.0
_TEXT = Meta(max_length=64)
Small = Annotated[str, _TEXT]
Length = Annotated[int, Meta(ge=0, le=100_000)]
Figure = Annotated[float, Meta(ge=0, le=1e9)]
PICTURE = "data:image/jpeg;base64,"


class Loss(msgspec.Struct, frozen=True):
    """A spell without data that is over: how many seconds ago it began and ended."""

    from_s: Annotated[float, Meta(ge=0, le=1e9)]
    to_s: Annotated[float, Meta(ge=0, le=LATEST_TOLD_S)]


class PageReport(msgspec.Struct, frozen=True, kw_only=True):
    """``page`` is drawn by the page and stays through its reloads; ``painted_s`` how long ago it last painted.

    ``sound``: ``off`` where it is not to speak, else the state of its audio; only ``running`` can be heard.
    """

    page: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{8,40}\Z")]
    kind: Literal["wall", "desk"]
    seq: Annotated[int, Meta(ge=-1, lt=1 << 53)]
    painted_s: Figure | None = None
    freshness: Literal["live", "delayed", "lost"] = "lost"
    scene: Small = ""
    look: Small = ""
    width: Length = 0
    height: Length = 0
    build: Small = ""
    sound: Literal["off", "running", "suspended", "interrupted", "closed"] = "off"
    visible: bool = True
    heap_mb: Figure | None = None
    lags_ms: Annotated[list[Annotated[float, Meta(ge=0, le=600_000)]], Meta(max_length=MAX_LAGS)] = []
    picture: Annotated[str, Meta(max_length=len(PICTURE) + PICTURE_MAX * 4 // 3 + 4)] | None = None
    lost: Loss | None = None

    def body(self) -> dict[str, Any]:
        """What other processes are told."""
        told = {name: getattr(self, name) for name in self.__struct_fields__ if name not in UNTOLD}
        return {**told, "lag_ms": max(self.lags_ms, default=None)}


UNTOLD = frozenset({"page", "lags_ms", "picture", "lost"})


class Unreadable(ValueError):
    """A report that is none; ``str`` names the field."""


def read_report(raw: object) -> PageReport:
    """The report of a message. Raises Unreadable naming what is wrong."""
    try:
        report = msgspec.convert(raw, PageReport)
        msgspec.json.encode(report)  # whoever looks at the screens is told it as JSON
    except msgspec.ValidationError as error:
        raise Unreadable(str(error)[:200]) from error
    except UnicodeEncodeError as error:
        raise Unreadable("a text holds half of a surrogate pair") from error
    for name in ("painted_s", "heap_mb"):
        if not math.isfinite(getattr(report, name) or 0.0):
            raise Unreadable(f"{name} is no number")
    return report


def picture_in(report: PageReport) -> bytes | None:
    """The JPEG in a report; None without one. Raises Unreadable for what is none or too large."""
    if report.picture is None:
        return None
    if not report.picture.startswith(PICTURE):
        raise Unreadable("picture must be a JPEG as a data address")
    try:
        body = base64.b64decode(report.picture.removeprefix(PICTURE), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("picture is no base64") from error
    if not body.startswith(b"\xff\xd8\xff") or len(body) > PICTURE_MAX:
        raise Unreadable(f"picture must be a JPEG of at most {PICTURE_MAX} bytes")
    return body


def loss_in(report: PageReport) -> Loss | None:
    """The outage told of, no longer than a day; None without one, or for one too short to be an alarm."""
    lost = report.lost
    if lost is None or not math.isfinite(lost.from_s) or lost.from_s - lost.to_s < SHORTEST_LOSS_S:
        return None
    return Loss(from_s=min(lost.from_s, lost.to_s + LONGEST_LOSS_S), to_s=lost.to_s)
