"""Presence of pages: which are connected, what they report of themselves, and which one sounds the alarm (the floor).

Once a second each process writes the reports of its pages to the database, reads the calls and freezes meant for them,
and takes part in the choice of the page that has the floor. The floor is a lease in real time, held by the process of
the page that sounds: when a page, its process or its machine dies, another sounds within 5 s (CR-94), which is 2.5 s
until a page counts as silent or 3 s until a lease lapses, and at most a second each until two processes notice.
"""

import base64
import binascii
import logging
import math
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
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
from liveroom.runtime.metrics import MISMATCHES, PAINT_LAG, RECEIVE_LAG
from liveroom.runtime.time import monotonic

log = logging.getLogger(__name__)
# Name of the screen or id of the page, positions of the log, ms from their commits to the glass.
Painted = Callable[[str, Sequence[int], Sequence[float]], None]


# Reports: what a page says of itself every few seconds. Any client may send one, so all of it is checked and bounded.

MAX_LAGS = 200
# Bytes of the JPEG in a report.
PICTURE_MAX = 30_000
PICTURE = "data:image/jpeg;base64,"
# A longer outage is noted as a day long; one that ended more than 15 min ago is refused; a shorter one is no alarm.
MAX_LOSS_S, MAX_LOSS_AGE_S, MIN_LOSS_S = 86_400.0, 900.0, 10.0
# Fields of a report that other processes are not sent.
NOT_SHARED = frozenset({"page", "lags_ms", "received_ms", "positions", "picture", "lost", "unequal"})
_TEXT = Meta(max_length=64)
Small = Annotated[str, _TEXT]
Length = Annotated[int, Meta(ge=0, le=100_000)]
Figure = Annotated[float, Meta(ge=0, le=1e9)]
Sums = Annotated[
    list[Literal["open", "overdue", "in", "waiting", "in_process", "done", "elsewhere"]], Meta(max_length=7)
]
Lags = Annotated[list[Annotated[float, Meta(ge=0, le=600_000)]], Meta(max_length=MAX_LAGS)]

Positions = Annotated[list[Annotated[int, Meta(ge=0, lt=1 << 53)]], Meta(max_length=MAX_LAGS)]


class Loss(msgspec.Struct, frozen=True):
    """An outage of a page's data that is over: how many seconds ago it began and ended."""

    from_s: Annotated[float, Meta(ge=0, le=1e9)]
    to_s: Annotated[float, Meta(ge=0, le=MAX_LOSS_AGE_S)]


class PageReport(msgspec.Struct, frozen=True, kw_only=True):
    """A page's report.

    ``page``: an id that the page draws and keeps through reloads; ``seq``: the position it has painted, -1 for none;
    ``painted_s``: seconds since it last painted; ``freshness``: of its data, ``recorded`` for a past moment;
    ``sound``: ``off`` where it is not meant to sound, else the state of
    its audio, of which only ``running`` can be heard; ``lags_ms``: from each batch's ``logged_at`` to its painting,
    ``positions``: to which those batches lead; ``received_ms``: from ``logged_at`` to each batch's arrival;
    ``unequal``: totals that are not what its own cards add up to (CR-78).
    """

    page: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{8,40}\Z")]
    kind: Literal["wall", "desk"]
    seq: Annotated[int, Meta(ge=-1, lt=1 << 53)]
    painted_s: Figure | None = None
    freshness: Literal["live", "delayed", "lost", "recorded"] = "lost"
    scene: Small = ""
    look: Small = ""
    width: Length = 0
    height: Length = 0
    build: Small = ""
    sound: Literal["off", "running", "suspended", "interrupted", "closed"] = "off"
    visible: bool = True
    heap_mb: Figure | None = None
    lags_ms: Lags = []
    received_ms: Lags = []
    positions: Positions = []
    picture: Annotated[str, Meta(max_length=len(PICTURE) + PICTURE_MAX * 4 // 3 + 4)] | None = None
    lost: Loss | None = None
    unequal: Sums = []

    def body(self) -> dict[str, Any]:
        """The fields that other processes are sent, as JSON values."""
        shared = {name: getattr(self, name) for name in self.__struct_fields__ if name not in NOT_SHARED}
        return {**shared, "lag_ms": max(self.lags_ms, default=None)}


class BadReport(ValueError):
    """A report that does not hold; ``str`` says which field and why."""


def read_report(raw: object) -> PageReport:
    """The report in a message. Raises BadReport."""
    try:
        report = msgspec.convert(raw, PageReport)
        msgspec.json.encode(report)  # the list of screens sends it on as JSON
    except msgspec.ValidationError as error:
        raise BadReport(str(error)[:200]) from error
    except UnicodeEncodeError as error:
        raise BadReport("a text holds half of a surrogate pair") from error
    for name in ("painted_s", "heap_mb"):
        if not math.isfinite(getattr(report, name) or 0.0):
            raise BadReport(f"{name} is no number")
    return report


def picture_in(report: PageReport) -> bytes | None:
    """The JPEG in a report; None without one. Raises BadReport for anything else and for one that is too large."""
    if report.picture is None:
        return None
    if not report.picture.startswith(PICTURE):
        raise BadReport("picture must be a JPEG as a data address")
    try:
        body = base64.b64decode(report.picture.removeprefix(PICTURE), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadReport("picture is no base64") from error
    if not body.startswith(b"\xff\xd8\xff") or len(body) > PICTURE_MAX:
        raise BadReport(f"picture must be a JPEG of at most {PICTURE_MAX} bytes")
    return body


def loss_in(report: PageReport) -> Loss | None:
    """The outage in a report, at most a day long; None without one, or for one too short to be an alarm."""
    lost = report.lost
    if lost is None or not math.isfinite(lost.from_s) or lost.from_s - lost.to_s < MIN_LOSS_S:
        return None
    return Loss(from_s=min(lost.from_s, lost.to_s + MAX_LOSS_S), to_s=lost.to_s)


# Connected pages of this process.

# A page that may sound the alarm reports every second.
READY_S = 2.5
WRITE_EVERY_S = 2.0
MIN_INTERVAL_S = 0.3
LOSS_EVERY_S = 10.0


@dataclass(slots=True, kw_only=True)
class ConnectedPage:
    """A connected page. Moments (``..._at``) are of ``monotonic``.

    ``of_room``: whether the page stands in the room, so that its reports count; ``said``: its last report.
    ``owed``: the position that it still had to paint at ``owed_at``; ``losses``: outages not yet passed on.
    ``sent_frozen``: until when it was last sent that it is frozen, None for not frozen, empty before the first time.
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
    sent_frozen: str | None = ""

    @property
    def key(self) -> str:
        """Its name among the pages of all processes; nobody can take a screen's name without its token."""
        assert self.said is not None
        return f"{self.screen.id if self.screen else 'page'}/{self.said.page}"

    @property
    def ready(self) -> bool:
        """Whether it can sound an alarm now."""
        return self.said is not None and self.said.sound == "running" and monotonic() - self.heard_at < READY_S


class Presence:
    """The connected pages of this process.

    ``head()``: the position that it has sent; ``painted(screen, positions, lags_ms)`` hears what each page painted;
    ``speaking``: the connection that has the floor, None for none.
    """

    def __init__(self, head: Callable[[], int], painted: Painted = lambda _screen, _positions, _lags: None) -> None:
        self._head = head
        self._painted = painted
        self._pages: dict[str, ConnectedPage] = {}
        self.speaking: str | None = None

    def join(self, sid: str, screen: Screen | None, *, of_room: bool = True) -> None:
        """Note a new connection; its reports follow."""
        self._pages[sid] = ConnectedPage(sid=sid, screen=screen, of_room=of_room)

    def leave(self, sid: str) -> None:
        """Forget a connection."""
        self._pages.pop(sid, None)
        if self.speaking == sid:
            self.speaking = None

    def report(self, sid: str, raw: object) -> dict[str, Any]:
        """Take a page's report; the answer says whether it has the floor, and the name and place of its screen."""
        page = self._pages.get(sid)
        if page is None:
            return {"error": "unknown"}
        if monotonic() - page.heard_at < MIN_INTERVAL_S:
            return {"error": "too often"}
        try:
            self._take(page, raw)
        except BadReport as error:
            return {"error": str(error)}
        named = {} if page.screen is None else {"name": page.screen.name, "place": page.screen.place}
        return {"floor": self.speaking == sid, **named}

    def _take(self, page: ConnectedPage, raw: object) -> None:
        said = read_report(raw)
        picture, loss, now = picture_in(said), loss_in(said), monotonic()
        if not page.of_room:
            page.heard_at = now
            return
        self._painted(page.screen.name if page.screen else said.page, said.positions, said.lags_ms)
        for lag in said.lags_ms:
            PAINT_LAG.observe(lag / 1000)
        for lag in said.received_ms:
            RECEIVE_LAG.observe(lag / 1000)
        if said.unequal and (page.said is None or said.unequal != page.said.unequal):
            log.error("the sums of a wall do not hold at position %s: %s", said.seq, ", ".join(said.unequal))
            MISMATCHES.labels("wall").inc()
        page.said, page.heard_at = said, now
        page.picture = picture or page.picture
        if said.seq >= page.owed:
            page.owed, page.owed_at = self._head(), now
        if loss is not None and now - page.lost_at >= LOSS_EVERY_S:
            page.lost_at = now
            page.losses.append(loss)

    def to_write(self) -> list[tuple[ConnectedPage, ScreenReport]]:
        """The pages with a report to share, at most every 2 s a page; a picture goes once."""
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
        """Note that the reports of these pages were shared."""
        for page in pages:
            page.written_at, page.picture = monotonic(), None

    def choose(self, held: bool) -> tuple[str | None, str | None]:
        """(page that had the floor, page that has it now), by connection; ``held``: whether this process has the lease.

        The page that has it keeps it while it can sound; else walls come before desks.
        """
        before, ready = self.speaking, [page for page in self._pages.values() if page.ready]
        stays = any(page.sid == before for page in ready)
        ready.sort(key=lambda page: page.said is not None and page.said.kind == "desk")
        chosen = before if stays else next((page.sid for page in ready), None)
        self.speaking = chosen if held else None
        return before, self.speaking

    @property
    def any_ready(self) -> bool:
        """Whether a page of this process can sound an alarm."""
        return any(page.ready for page in self._pages.values())

    def keys(self) -> dict[str, list[ConnectedPage]]:
        """The pages that have reported, by key; two windows of one browser may share one."""
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

    def take_losses(self) -> list[tuple[ConnectedPage, Loss]]:
        """The outages reported since the last call."""
        found = [(page, loss) for page in self._pages.values() for loss in page.losses]
        for page in self._pages.values():
            page.losses.clear()
        return found


# The loop that shares reports among processes and gives one page the floor.

PERIOD_S = 1.0
WATCH_EVERY_S = 2.0
FLOOR_LEASE = timedelta(seconds=3)
CALLS_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Emitter:
    """``send(sid, name, message)`` to one page; ``part(sid)`` ends its connection."""

    send: Callable[[str, str, dict[str, object]], None]
    part: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceNews:
    """What one exchange with the database brought.

    ``calls``: (id, key of the page, what); ``revoked``: screens whose token has ended; ``frozen``: until when, by
    screen (``frozen_screens``); ``floor``: whether this process has the lease.
    """

    calls: tuple[tuple[str, str, str], ...]
    revoked: frozenset[str]
    frozen: Mapping[str, str]
    floor: bool


class PresenceLoop:
    """Runs once a second a process. An outage that ``staleness`` explains is not blamed on the screen."""

    def __init__(self, room: Room, presence: Presence, staleness: Staleness, emitter: Emitter) -> None:
        self._log = room.log
        self._presence = presence
        self._staleness = staleness
        self._outages = Outages(room, staleness.overlaps)
        self._emitter = emitter
        self._lease = Lease(room.log, "speaker", FLOOR_LEASE)
        self._process = secrets.token_hex(8)
        self._watched_at = -1e9
        self._held = False
        self._forwarded_calls: dict[str, None] = {}

    def run(self, runtime: Runtime) -> None:
        """Step once a second for ever; while the database is away no page of this process has the floor."""
        while True:
            runtime.sleep(PERIOD_S)
            self._staleness.check()
            try:
                self.step()
            except (Unavailable, NoLog) as error:
                self._held = False
                self._give_floor()
                log.warning("the presence of screens cannot be exchanged with other processes: %s", error)
            except Exception:
                log.exception("the presence loop failed; it goes on")

    def step(self) -> None:
        """Share reports, then send pages what they were called for. Raises Unavailable and NoLog."""
        found = self._presence.to_write()
        news = self._log.note(partial(self._exchange, reports=[report for _, report in found]))
        self._presence.written([page for page, _ in found])
        self._held = news.floor
        self._give_floor()
        for id_, key, what in news.calls:
            self._forward_call(id_, key, what)
        for screen, pages in self._presence.of_screens().items():
            for page in pages:
                self._dismiss(page) if screen in news.revoked else self._send_frozen(page, news.frozen.get(screen))
        for page, loss in self._presence.take_losses():
            self._outages.tell(page.key, page.screen.id if page.screen else None, loss.from_s, loss.to_s)

    def end(self) -> None:
        """Give up the floor and the watch, so that another process takes over at once and not when they lapse."""
        try:
            self._log.note(self._end)
        except (Unavailable, NoLog):
            log.debug("the floor could not be given up; its lease lapses by itself")

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
            self._emitter.send(str(sid), "floor", {"floor": sid == now})

    def _forward_call(self, id_: str, key: str, what: str) -> None:
        if id_ in self._forwarded_calls:
            return
        self._forwarded_calls[id_] = None
        if len(self._forwarded_calls) > CALLS_REMEMBERED:
            self._forwarded_calls.pop(next(iter(self._forwarded_calls)))
        for page in self._presence.keys().get(key, ()):
            name = page.screen.name if page.screen else ""
            self._emitter.send(
                page.sid, "call", {"what": what, "name": name, "place": page.screen and page.screen.place}
            )

    def _send_frozen(self, page: ConnectedPage, until: str | None) -> None:
        """Send it once to a new connection even if nothing is frozen: it may have missed the end of a freeze."""
        if until != page.sent_frozen:
            page.sent_frozen = until
            self._emitter.send(page.sid, "frozen", {"until_real": until})

    def _dismiss(self, page: ConnectedPage) -> None:
        """End the connection of a screen whose token has ended, after telling the page why."""
        self._emitter.send(page.sid, "revoked", {})
        self._presence.leave(page.sid)
        self._emitter.part(page.sid)


class RestartTurns:
    """Which screen may restart its browser now (CR-110): one after another, none while an alarm is unacknowledged."""

    def __init__(self, log: EventLog, screen_of_request: Callable[[], Screen | None]) -> None:
        self._log = log
        self._screen_of_request = screen_of_request

    def take(self) -> bool:
        """Whether the screen that asks may restart now; no other may for a minute then. Raises Unavailable."""
        if self._log.read(any_unacked):
            return False
        screen = self._screen_of_request()
        return take_turn(self._log, screen.id if screen is not None else None)
