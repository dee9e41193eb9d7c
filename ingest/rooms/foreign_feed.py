"""The feed of another room as this one asks for it, by HTTP alone, and every bound on what it may answer.

`GET /feed/resume` once a second with the position reached, `GET /feed/snapshot` where it says so. Each request is one
short connection with a time for all of it, so that a server that hangs, a proxy that cuts idle sockets or a certificate
that changes is met anew each second, and no client of a socket grows with what a hostile server sends
(docs/decisions/0025-rooms-followed-by-asking.md).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec
from msgspec import Meta, field

from liveroom import __version__
from liveroom.domain.timestamps import to_text
from liveroom.runtime.config import FollowedRoom, NoSecret, open_secret
from liveroom.runtime.http_client import BoundedClient, InternalAddress, NoReplyError, meant_inside

T = TypeVar("T")

# Bytes of an answer and of a snapshot (about 300,000 cards); cards, alarms, and names of one kind.
MOST_ANSWER, MOST_SNAPSHOT = 4 << 20, 64 << 20
MOST_CARDS, MOST_ALARMS, MOST_NAMES = 200_000, 20_000, 5_000
# Seconds for an answer and for a snapshot as a whole, and for one step of either.
ANSWER_S, SNAPSHOT_S, STEP_S = 8.0, 60.0, 5.0
BLOCK = 65_536
OK, SEE_OTHER, TOO_OLD = 200, 300, 404
UNAUTHORIZED = (401, 403)

Code = Annotated[str, Meta(min_length=1, max_length=128)]
Place = Annotated[str, Meta(max_length=128)]
Whole = Annotated[int, Meta(ge=0, lt=1 << 53)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Time = Annotated[datetime, Meta(tz=True)]
Status = Literal["waiting", "in_process", "done", "elsewhere"]


class Silence(Exception):
    """Why a room is not heard.

    ``code``: away, key, garbage, large, old, clock, stopped, inside or secret; ``more``: a line for the operator, in
    which nothing stands that the other room wrote.
    """

    def __init__(self, code: str, more: str = "") -> None:
        super().__init__(f"{code}: {more}" if more else code)
        self.code, self.more = code, more


# What may come. Unknown fields are skipped and never built; what is not as here is no feed.


class ForeignCohort(msgspec.Struct, frozen=True):
    """What was received on the day, by what it is now."""

    came: Count = field(name="in")
    waiting: Count
    in_process: Count
    done: Count
    elsewhere: Count


class ForeignStock(msgspec.Struct, frozen=True):
    """Everything open of any day."""

    open: Count
    overdue: Count


class ForeignCounts(msgspec.Struct, frozen=True):
    """Totals of a city."""

    cohort: ForeignCohort
    stock: ForeignStock
    day: Place | None = None


class ForeignCard(msgspec.Struct, frozen=True, gc=False, array_like=False):
    """What is kept of a card."""

    id: Code
    status: Status
    received_day: Place | None = None
    district: Place | None = None
    drill: bool | None = None


class ForeignAlarm(msgspec.Struct, frozen=True):
    """What is kept of an alarm."""

    id: Code
    state: Place
    kind: Place | None = None
    priority: Annotated[int, Meta(ge=1, le=3)] | None = None
    complaint: Place | None = None
    count: Count | None = None
    due_at: Time | None = None
    raised_at: Time | None = None
    agency: Place | None = None
    area: Place | None = None
    category: Place | None = None


class ForeignBatch(msgspec.Struct, frozen=True):
    """A batch of docs/feed.md."""

    epoch: Code
    mark: Code
    since: Whole = field(name="from")
    to: Whole
    cards: list[ForeignCard]
    gone: list[Place]
    alarms: list[ForeignAlarm]
    counts: ForeignCounts | None = None


class ForeignBeat(msgspec.Struct, frozen=True):
    """A beat of docs/feed.md."""

    epoch: Code
    seq: Whole
    mark: Code
    now: Time
    at: Time
    rate: Annotated[float, Meta(ge=0, le=100_000)] = 1.0
    as_of: Time | None = None
    due_to: Time | None = None

    @property
    def age_s(self) -> float | None:
        """How old its data was when it was sent; None where no clock has ever run there."""
        if self.as_of is None or self.due_to is None:
            return None
        unjudged = (self.at - self.due_to).total_seconds() / max(self.rate, 1.0)
        return max(abs((self.now - self.as_of).total_seconds()), unjudged, 0.0)


class ForeignAnswer(msgspec.Struct, frozen=True):
    """What `resume` is answered; ``snapshot``: the order to take one, whose address is not followed but known."""

    epoch: Code
    seq: Whole
    mark: Place = ""
    batches: list[ForeignBatch] | None = None
    beat: ForeignBeat | None = None
    snapshot: str | None = None


class ForeignColumns(msgspec.Struct, frozen=True):
    """The cards of a snapshot, a column a field."""

    id: list[Code]
    status: list[Status]
    received_day: list[Place | None] | None = None
    district: list[Place | None] | None = None
    drill: list[bool | None] | None = None


class ForeignCity(msgspec.Struct, frozen=True):
    """What a city says of itself."""

    name: Place
    zone: Place = ""
    drill: bool = False
    names: dict[Place, dict[Place, Annotated[str, Meta(max_length=512)]]] = field(default_factory=dict)


class ForeignSnapshot(msgspec.Struct, frozen=True):
    """A snapshot of docs/feed.md for the audience `room`."""

    epoch: Code
    seq: Whole
    mark: Code
    cards: ForeignColumns
    alarms: list[ForeignAlarm]
    counts: ForeignCounts
    city: ForeignCity | None = None


_answers, _snapshots = msgspec.json.Decoder(ForeignAnswer), msgspec.json.Decoder(ForeignSnapshot)


# How it is asked.


class ForeignFeed:
    """One room's feed. Every method raises Silence."""

    def __init__(self, room: FollowedRoom) -> None:
        self._room = room
        self._resumes = BoundedClient(ANSWER_S, STEP_S)
        self._snapshots = BoundedClient(SNAPSHOT_S, STEP_S)

    def resume(self, epoch: str, seq: int, mark: str) -> ForeignAnswer:
        """What leads on from a position."""
        asked = {"epoch": epoch, "from": seq, "mark": mark, "to": seq}
        answer = _decoded(_answers, self._read(self._resumes, "/feed/resume", asked, MOST_ANSWER))
        if answer.snapshot is None and answer.beat is None:
            raise Silence("old", "its answer has no beat: its Liveroom is older than this page of the protocol")
        changed = sum(len(batch.cards) + len(batch.alarms) for batch in answer.batches or ())
        if changed > MOST_CARDS:
            raise Silence("large", f"more than {MOST_CARDS} changes at once")
        return answer

    def snapshot(self) -> ForeignSnapshot:
        """The whole room."""
        found = _decoded(_snapshots, self._read(self._snapshots, "/feed/snapshot", {}, MOST_SNAPSHOT))
        if found.city is None:
            raise Silence("old", "its snapshot does not say which city it is: the key is none of a room's")
        names = max((len(names) for names in found.city.names.values()), default=0)
        if len(found.cards.id) > MOST_CARDS or len(found.alarms) > MOST_ALARMS or names > MOST_NAMES:
            raise Silence("large", f"more than {MOST_CARDS} complaints, {MOST_ALARMS} alarms or {MOST_NAMES} names")
        columns = (found.cards.status, found.cards.received_day, found.cards.district, found.cards.drill)
        if any(column is not None and len(column) != len(found.cards.id) for column in columns):
            raise Silence("garbage", "its columns are not of one length")
        return found

    def _read(self, client: BoundedClient, path: str, asked: Mapping[str, Any], most: int) -> bytes:
        try:
            headers = {"Authorization": f"Bearer {open_secret(self._room.token)}"}
        except NoSecret as error:
            raise Silence("secret", str(error)) from error
        headers |= {"User-Agent": f"Liveroom/{__version__} (room)", "Accept": "application/json"}
        headers["Accept-Encoding"] = "identity"
        inside = meant_inside(self._room.url, said=self._room.inside)
        try:
            with client.request_outside("GET", self._address(path, asked), inside=inside, headers=headers) as answer:
                _refuse(answer.status_code, answer.headers)
                return _bounded(answer.iter_raw(BLOCK), most)
        except InternalAddress as error:
            raise Silence("inside", "its address leads inside: `inside: true` would allow that") from error
        except NoReplyError as error:
            raise Silence("away", f"{error}: {type(error.__cause__ or error).__name__}") from error
        except OSError as error:
            raise Silence("away", "its name cannot be looked up, or nobody is there") from error
        except (ValueError, UnicodeError) as error:
            raise Silence("away", "its address is none") from error

    def _address(self, path: str, asked: Mapping[str, Any]) -> str:
        parts = urlsplit(self._room.url)
        return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + path, urlencode(asked), ""))


def _refuse(status: int, headers: Mapping[str, str]) -> None:
    if status in UNAUTHORIZED:
        raise Silence("key", f"HTTP {status}: its key was revoked, or is none of a room's")
    if status == TOO_OLD:
        raise Silence("old", f"HTTP {status}: there is no feed, or an older one")
    if SEE_OTHER <= status < 400:
        raise Silence("garbage", f"HTTP {status}: it leads elsewhere, where nothing is asked")
    if status != OK:
        raise Silence("away", f"HTTP {status}")
    if headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
        raise Silence("garbage", "it packs what was asked for plain")


def _bounded(blocks: Any, most: int) -> bytes:
    found, size = list[bytes](), 0
    for block in blocks:
        size += len(block)
        if size > most:
            raise Silence("large", f"more than {most >> 20} MiB")
        found.append(block)
    return b"".join(found)


def _decoded(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # Its message may name what was sent, which is the other room's own text: only where it stands is told.
        where = str(error).rpartition(" - at ")[2][:80] if " - at " in str(error) else "no JSON of this form"
        raise Silence("garbage", "".join(sign for sign in where if sign.isprintable())) from error


def utc(moment: datetime | None) -> str | None:
    """As text; None for a moment that is none on this earth."""
    try:
        return None if moment is None else to_text(moment)
    except (OverflowError, ValueError):
        return None
