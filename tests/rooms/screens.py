"""Screens of a standing room without a browser: paired, heard, silent; real time is moved by ageing what was noted."""

from dataclasses import replace

from sqlalchemy import update

from liveroom.accounts import screens as screen_rows
from liveroom.accounts.screens import ScreenReport, note_watch, write_reports
from liveroom.domain.requests import CommandResult
from liveroom.domain.screens import ScreenCommandName
from liveroom.log import schema
from liveroom.log.schema import screen_page, screen_watch
from liveroom.room.commands.screens import Outages
from tests.rooms.standing import StandingRoom


class StandingScreens:
    """The screens of ``room``; a page of a screen is named for it."""

    def __init__(self, room: StandingRoom) -> None:
        self.room = room

    def pair(self, name: str, *, by: str = "supervisor", secret: str = "", **more: object) -> str:
        """A browser asks, somebody types its code; the new screen's id."""
        code = self.room.log.touch(lambda c: screen_rows.offer_code(c, secret or f"secret of {name}", "10.0.0.1"))
        return self.order(ScreenCommandName.PAIR, "new", by=by, code=code, name=name, **more).id

    def order(self, what: str, subject: str, *, by: str = "supervisor", **fields: object) -> CommandResult:
        return self.room.room.execute(replace(self.room.order(what, subject, by=by, about="screen"), fields=fields))

    def hear(self, *screens: str, page: str = "") -> "StandingScreens":
        """A process that watches hears these screens now."""
        reports = [ScreenReport(page=page or f"{id_}/page", screen=id_, body={}) for id_ in screens]
        self.room.log.touch(lambda c: (note_watch(c, "web"), write_reports(c, reports)))
        return self

    def later(self, seconds: float, *, watched: bool = True) -> "StandingScreens":
        """So much real time goes by in which nobody is heard; ``watched``: by a process that goes on listening."""
        micros = int(seconds * 1e6)
        page, watch = screen_page.c, screen_watch.c
        last = {"at": watch.at} if watched else {"at": watch.at - micros}
        with self.room.engine.connect().execution_options(write=True) as connection, connection.begin():
            shift = {
                "heard_at": page.heard_at - micros,
                "lost_from": page.lost_from - micros,
                "lost_to": page.lost_to - micros,
            }
            connection.execute(update(screen_page).values(**shift))
            connection.execute(update(screen_watch).values(since=watch.since - micros, **last))
            turn = schema.lease.c.name == screen_rows.RESTART_LEASE
            connection.execute(update(schema.lease).where(turn).values(until=schema.lease.c.until - micros))
        return self

    def outage(self, screen: str | None, from_s: float, to_s: float, *, starved: bool = False, page: str = "") -> None:
        """A page is back and tells when it had no data."""
        Outages(self.room.room, lambda _from, _to: starved).tell(page or f"{screen}/page", screen, from_s, to_s)
