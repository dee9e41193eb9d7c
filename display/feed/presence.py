"""Connected pages, reports, who speaks."""

import base64
import binascii
import logging
import math
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from display.feed.tail import Staleness
from liveroom.accounts.screens import (
    Screen,
    ScreenReport,
    calls_for,
    end_watch,
    note_watch,
    revoked_among,
    take_turn,
    write_reports,
)
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import EventLog, NoLog, database_now
from liveroom.log.lease import Lease
from liveroom.projection.alarms import any_unacked
from liveroom.projection.notices import frozen_screens
from liveroom.room.commands.screens import Outages
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.metrics import PAINT_LAG
from liveroom.runtime.time import monotonic

# What a page says of itself every few seconds: checked and bounded here, for anybody may send it.

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


# The pages connected to one process: what each says of itself, and which of them may speak for the room.

# Pages that may speak report every second.
READY_S = 2.5
WRITE_EVERY_S = 2.0
LEAST_BETWEEN_S = 0.3
LOSS_EVERY_S = 10.0


@dataclass(slots=True, kw_only=True)
class ConnectedPage:
    """A connected page; ``owed`` is the position that it still had to paint at ``owed_at``.

    ``of_room``: whether what it says of itself counts; else it only looks. ``told_frozen``: until when it was last
    told to be still, None for not at all, empty for not told yet.
    """

    sid: str
    screen: Screen | None
    of_room: bool = True
    said: PageReport | None = None
    heard_at: float = -1e9
    written_at: float = -1e9
    lost_at: float = -1e9
    picture: bytes | None = None
    losses: list[Loss] = field(default_factory=list)
    owed: int = 0
    owed_at: float = 0.0
    told_frozen: str | None = ""

    @property
    def key(self) -> str:
        """Its name among all pages: nobody can speak for a screen without its token."""
        assert self.said is not None
        return f"{self.screen.id if self.screen else 'page'}/{self.said.page}"

    @property
    def ready(self) -> bool:
        """Whether it can be heard now."""
        return self.said is not None and self.said.sound == "running" and monotonic() - self.heard_at < READY_S


class Presence:
    """``head()`` is the position that this process has sent."""

    def __init__(self, head: Callable[[], int]) -> None:
        self._head = head
        self._pages: dict[str, ConnectedPage] = {}
        self.speaking: str | None = None

    def join(self, sid: str, screen: Screen | None, *, of_room: bool = True) -> None:
        """A connection came; it says later what it shows."""
        self._pages[sid] = ConnectedPage(sid=sid, screen=screen, of_room=of_room)

    def leave(self, sid: str) -> None:
        """A connection went."""
        self._pages.pop(sid, None)
        if self.speaking == sid:
            self.speaking = None

    def report(self, sid: str, raw: object) -> dict[str, Any]:
        """Take what a page says of itself; the answer says whether it is the one that speaks."""
        page = self._pages.get(sid)
        if page is None:
            return {"error": "unknown"}
        if monotonic() - page.heard_at < LEAST_BETWEEN_S:
            return {"error": "too often"}
        try:
            self._take(page, raw)
        except Unreadable as error:
            return {"error": str(error)}
        named = {} if page.screen is None else {"name": page.screen.name, "place": page.screen.place}
        return {"floor": self.speaking == sid, **named}

    def _take(self, page: ConnectedPage, raw: object) -> None:
        said = read_report(raw)
        picture, loss, now = picture_in(said), loss_in(said), monotonic()
        if not page.of_room:
            page.heard_at = now
            return
        for lag in said.lags_ms:
            PAINT_LAG.observe(lag / 1000)
        page.said, page.heard_at = said, now
        page.picture = picture or page.picture
        if said.seq >= page.owed:
            page.owed, page.owed_at = self._head(), now
        if loss is not None and now - page.lost_at >= LOSS_EVERY_S:
            page.lost_at = now
            page.losses.append(loss)

    def to_write(self) -> list[tuple[ConnectedPage, ScreenReport]]:
        """What other processes have to be told, at most every 2 s a page; its picture goes once."""
        now = monotonic()
        found = []
        for page in self._pages.values():
            if page.said is None or page.heard_at <= page.written_at or now - page.written_at < WRITE_EVERY_S:
                continue
            behind = {"behind": max(0, self._head() - page.said.seq), "late_s": round(now - page.owed_at, 1)}
            body = {**page.said.body(), **behind, "speaks": self.speaking == page.sid}
            screen = page.screen.id if page.screen else None
            found.append((page, ScreenReport(page=page.key, screen=screen, body=body, picture=page.picture)))
        return found

    def written(self, pages: Collection[ConnectedPage]) -> None:
        """These were told."""
        for page in pages:
            page.written_at, page.picture = monotonic(), None

    def choose(self, held: bool) -> tuple[str | None, str | None]:
        """(who spoke, who speaks) when this process may have the floor: whoever can goes on, else a wall."""
        before, ready = self.speaking, [page for page in self._pages.values() if page.ready]
        stays = any(page.sid == before for page in ready)
        ready.sort(key=lambda page: page.said is not None and page.said.kind == "desk")
        chosen = before if stays else next((page.sid for page in ready), None)
        self.speaking = chosen if held else None
        return before, self.speaking

    @property
    def any_ready(self) -> bool:
        """Whether a page of this process can be heard."""
        return any(page.ready for page in self._pages.values())

    def keys(self) -> dict[str, list[ConnectedPage]]:
        """The pages that have spoken, by name; two windows of one browser may share one."""
        found: dict[str, list[ConnectedPage]] = {}
        for page in self._pages.values():
            if page.said is not None:
                found.setdefault(page.key, []).append(page)
        return found

    def of_screens(self) -> dict[str, list[ConnectedPage]]:
        """The connections of each screen's token, by the screen's id."""
        found: dict[str, list[ConnectedPage]] = {}
        for page in self._pages.values():
            if page.screen is not None:
                found.setdefault(page.screen.id, []).append(page)
        return found

    def told_losses(self) -> list[tuple[ConnectedPage, Loss]]:
        """Outages that pages told of since the last look."""
        found = [(page, loss) for page in self._pages.values() for loss in page.losses]
        for page in self._pages.values():
            page.losses.clear()
        return found


# Once a second each process writes what its pages said, hears what is asked of them, and gives one the floor.
#
# The floor is a lease in real time, held by the process of the page that speaks: a page, its process or its machine may
# die, and another speaks within 5 s (CR-94): 2.5 s until a page counts as silent or 3 s until a lease lapses, a second
# each for the rounds.

ROUND_S = 1.0
WATCH_EVERY_S = 2.0
FLOOR_LASTS = timedelta(seconds=3)
REMEMBERED_CALLS = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Emitter:
    """``send(sid, name, message)`` to one page; ``part(sid)`` ends its connection."""

    send: Callable[[str, str, dict[str, object]], None]
    part: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceNews:
    """What one round brought back: calls (id, page, what), screens whose token ended, until when others are still
    (``frozen_screens``), whether the floor is ours."""

    calls: tuple[tuple[str, str, str], ...]
    revoked: frozenset[str]
    frozen: Mapping[str, str]
    floor: bool


class PresenceLoop:
    """``hands`` reach the pages; ``starving`` is asked once a round whether this process has data itself."""

    def __init__(self, room: Room, presence: Presence, starving: Staleness, hands: Emitter) -> None:
        self._log = room.log
        self._presence = presence
        self._starving = starving
        self._outages = Outages(room, starving.overlaps)
        self._hands = hands
        self._lease = Lease(room.log, "speaker", FLOOR_LASTS)
        self._process = secrets.token_hex(8)
        self._watched_at = -1e9
        self._held = False
        self._passed_on: dict[str, None] = {}

    def run(self, runtime: Runtime) -> None:
        """Go round for ever; a database that is away is asked again at the next one."""
        while True:
            runtime.sleep(ROUND_S)
            self._starving.look()
            try:
                self.step()
            except (Unavailable, NoLog) as error:
                self._held = False
                self._give_floor()
                log.warning("the screens' round cannot reach the database: %s", error)
            except Exception:
                log.exception("the screens' round failed; it goes on")

    def step(self) -> None:
        """One round. Raises Unavailable."""
        found = self._presence.to_write()
        heard = self._log.note(partial(self._exchange, reports=[report for _, report in found]))
        self._presence.written([page for page, _ in found])
        self._held = heard.floor
        self._give_floor()
        for id_, key, what in heard.calls:
            self._pass_on(id_, key, what)
        for screen, pages in self._presence.of_screens().items():
            for page in pages:
                self._dismiss(page) if screen in heard.revoked else self._tell_frozen(page, heard.frozen.get(screen))
        for page, loss in self._presence.told_losses():
            self._outages.tell(page.key, page.screen.id if page.screen else None, loss.from_s, loss.to_s)

    def end(self) -> None:
        """Let another process speak and watch at once; a database that is away notices by itself."""
        try:
            self._log.note(self._end)
        except (Unavailable, NoLog):
            log.debug("nobody could be told that this process hears screens no more")

    def _end(self, connection: Connection) -> None:
        self._lease.release_in(connection)
        end_watch(connection, self._process)

    def _exchange(self, connection: Connection, reports: list[ScreenReport]) -> PresenceNews:
        if monotonic() - self._watched_at >= WATCH_EVERY_S:
            self._watched_at = monotonic()
            note_watch(connection, self._process)
        write_reports(connection, reports)
        screens = self._presence.of_screens()
        return PresenceNews(
            calls=calls_for(connection, self._presence.keys()),
            revoked=revoked_among(connection, screens),
            frozen=frozen_screens(connection, database_now(connection)) if screens else {},
            floor=self._floor(connection),
        )

    def _floor(self, connection: Connection) -> bool:
        if self._presence.any_ready:
            return self._lease.take_in(connection)
        if self._held:
            self._lease.release_in(connection)
        return False

    def _give_floor(self) -> None:
        before, now = self._presence.choose(self._held)
        for sid in {before, now} - {None} if before != now else ():
            self._hands.send(str(sid), "floor", {"floor": sid == now})

    def _pass_on(self, id_: str, key: str, what: str) -> None:
        if id_ in self._passed_on:
            return
        self._passed_on[id_] = None
        if len(self._passed_on) > REMEMBERED_CALLS:
            self._passed_on.pop(next(iter(self._passed_on)))
        for page in self._presence.keys().get(key, ()):
            name = page.screen.name if page.screen else ""
            self._hands.send(page.sid, "call", {"what": what, "name": name, "place": page.screen and page.screen.place})

    def _tell_frozen(self, page: ConnectedPage, until: str | None) -> None:
        """A page that connects anew is told once, also that nothing holds it: an end may have passed it by."""
        if until != page.told_frozen:
            page.told_frozen = until
            self._hands.send(page.sid, "frozen", {"until_real": until})

    def _dismiss(self, page: ConnectedPage) -> None:
        """The token ended: the page is told why, then its connection ends."""
        self._hands.send(page.sid, "revoked", {})
        self._presence.leave(page.sid)
        self._hands.part(page.sid)


# Whose turn it is to restart its browser (CR-110): one screen after another, none while an alarm waits.


class RestartTurns:
    """The turns of one room, whichever process is asked."""

    def __init__(self, log: EventLog, screen_of_request: Callable[[], Screen | None]) -> None:
        self._log = log
        self._screen_of_request = screen_of_request

    def take(self) -> bool:
        """Whether the screen that asks may go down now; nobody may for a minute then. Raises Unavailable."""
        if self._log.read(any_unacked):
            return False
        screen = self._screen_of_request()
        return take_turn(self._log, screen.id if screen is not None else None)
