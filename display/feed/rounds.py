"""Once a second each process writes what its pages said, hears what is asked of them, and gives one the floor.

The floor is a lease in real time, held by the process of the page that speaks: a page, its process or its machine may
die, and another speaks within 5 s (CR-94): 2.5 s until a page counts as silent or 3 s until a lease lapses, a second
each for the rounds.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from display.feed.presence import Page, Presence
from display.feed.starving import Starving
from liveroom.accounts.screens import Report, calls_for, end_watch, note_watch, revoked_among, write_reports
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.event_log import NoLog, database_now
from liveroom.log.lease import Lease
from liveroom.projection.notices import frozen_screens
from liveroom.room.commands.screens import Outages
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.time import monotonic

ROUND_S = 1.0
WATCH_EVERY_S = 2.0
FLOOR_LASTS = timedelta(seconds=3)
REMEMBERED_CALLS = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hands:
    """``send(sid, name, message)`` to one page; ``part(sid)`` ends its connection."""

    send: Callable[[str, str, dict[str, object]], None]
    part: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one round brought back: calls (id, page, what), screens whose token ended, until when others are still
    (``frozen_screens``), whether the floor is ours."""

    calls: tuple[tuple[str, str, str], ...]
    revoked: frozenset[str]
    frozen: Mapping[str, str]
    floor: bool


class Rounds:
    """``hands`` reach the pages; ``starving`` is asked once a round whether this process has data itself."""

    def __init__(self, room: Room, presence: Presence, starving: Starving, hands: Hands) -> None:
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

    def _exchange(self, connection: Connection, reports: list[Report]) -> Heard:
        if monotonic() - self._watched_at >= WATCH_EVERY_S:
            self._watched_at = monotonic()
            note_watch(connection, self._process)
        write_reports(connection, reports)
        screens = self._presence.of_screens()
        return Heard(
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

    def _tell_frozen(self, page: Page, until: str | None) -> None:
        """A page that connects anew is told once, also that nothing holds it: an end may have passed it by."""
        if until != page.told_frozen:
            page.told_frozen = until
            self._hands.send(page.sid, "frozen", {"until_real": until})

    def _dismiss(self, page: Page) -> None:
        """The token ended: the page is told why, then its connection ends."""
        self._hands.send(page.sid, "revoked", {})
        self._presence.leave(page.sid)
        self._hands.part(page.sid)
