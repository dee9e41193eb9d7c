"""When a screen is dark: not heard for 15 s while somebody listened. Rule: issue's own; the register is screens.py.

Only a screen that was ever seen can go dark, and silence counts only while a web process hears screens: when all of
them are down it is the feed that is lost, which every screen says for itself (CR-07). The screen whose turn to restart
it is may be silent for that minute (CR-110).
"""

from datetime import timedelta

from sqlalchemy import Connection, func, select

from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.event_log import database_now
from liveroom.log.restarting import restarting
from liveroom.log.schema import screen_page, screen_state, screen_watch

DARK_AFTER = timedelta(seconds=15)
# A process notes its watch every 2 s.
WATCH_LASTS = timedelta(seconds=6)
OK, DARK = "ok", "dark"


def watched_since(connection: Connection) -> int | None:
    """Since when (microseconds) some web process of now has heard screens; None while none does."""
    alive = to_micros(database_now(connection) - WATCH_LASTS)
    found: int | None = connection.execute(
        select(func.min(screen_watch.c.since)).where(screen_watch.c.at >= alive)
    ).scalar_one()
    return found


def changed_screens(connection: Connection) -> dict[str, str]:
    """Screen id to its new state, for those whose state is not the logged one; by id."""
    since = watched_since(connection)
    if since is None:
        return {}
    heard = select(screen_page.c.screen, func.max(screen_page.c.heard_at).label("at")).group_by(screen_page.c.screen)
    last, screen = heard.subquery(), schema.screen
    query = (
        select(screen.c.id, last.c.at, screen_state.c.state)
        .select_from(
            screen.join(last, last.c.screen == screen.c.id).outerjoin(screen_state, screen_state.c.id == screen.c.id)
        )
        .where(screen.c.revoked_at.is_(None))
        .order_by(screen.c.id)
    )
    oldest = to_micros(database_now(connection) - DARK_AFTER)
    states = {row.id: (row.state, _state(row.at, since, oldest)) for row in connection.execute(query)}
    if states.get(quiet := restarting(connection) or "", (None, None))[1] == DARK:
        del states[quiet]
    return {id_: now for id_, (before, now) in states.items() if now is not None and now != before}


def _state(heard: int, since: int, oldest: int) -> str | None:
    """None while nobody can tell: not heard yet by this watch, which is young."""
    if heard >= oldest:
        return OK
    return DARK if since < oldest else None
