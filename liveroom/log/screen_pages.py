"""What pages last said of themselves, told to every process: written over and over, never an event."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, or_, select, update

from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import database_now
from liveroom.log.schema import screen_call, screen_page, screen_picture, screen_watch
from liveroom.log.texts import new_id

# A page that no token names is forgotten after an hour; a screen's last words stay.
FORGOTTEN = timedelta(hours=1)
CALL_LASTS = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A page's last words: ``screen`` None for a page without a token; ``heard_s`` how long ago; ``pictured_at``."""

    page: str
    screen: str | None
    heard_s: float
    body: Mapping[str, Any]
    pictured_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a process writes for one of its pages; ``body`` None when there is nothing new to say."""

    page: str
    screen: str | None
    body: Mapping[str, Any]
    picture: bytes | None = None


def write_reports(connection: Connection, reports: Sequence[Report]) -> None:
    """Write a process's pages, heard now."""
    now = to_micros(database_now(connection))
    for one in reports:
        words = {"screen": one.screen, "heard_at": now, "body": json.dumps(one.body, separators=(",", ":"))}
        _put(connection, screen_page, {"id": one.page}, words)
        if one.picture is not None:
            _put(connection, screen_picture, {"page": one.page}, {"taken_at": now, "body": one.picture})


def _put(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    (name, value), *_ = key.items()
    if not connection.execute(update(table).where(table.c[name] == value).values(**values)).rowcount:
        connection.execute(insert(table).values(**key, **values))


def note_watch(connection: Connection, process: str) -> None:
    """This process hears screens, since its first note."""
    now = to_micros(database_now(connection))
    mine = screen_watch.c.process == process
    if not connection.execute(update(screen_watch).where(mine).values(at=now)).rowcount:
        connection.execute(insert(screen_watch).values(process=process, since=now, at=now))
        forget(connection, now)


def end_watch(connection: Connection, process: str) -> None:
    """This process hears screens no more."""
    connection.execute(delete(screen_watch).where(screen_watch.c.process == process))


def forget(connection: Connection, now: int) -> None:
    """Drop what is long past: pages without a token, processes that ended, pictures of neither."""
    old = now - FORGOTTEN // timedelta(microseconds=1)
    connection.execute(delete(screen_page).where(screen_page.c.heard_at < old, screen_page.c.screen.is_(None)))
    connection.execute(delete(screen_picture).where(screen_picture.c.page.not_in(select(screen_page.c.id))))
    connection.execute(delete(screen_watch).where(screen_watch.c.at < old))
    connection.execute(delete(screen_call).where(screen_call.c.at < old))


def read_pages(connection: Connection) -> tuple[Said, ...]:
    """Every page that spoke within the hour, and the last words of each screen; the last to speak first."""
    now = to_micros(database_now(connection))
    since = now - FORGOTTEN // timedelta(microseconds=1)
    query = (
        select(screen_page, screen_picture.c.taken_at)
        .select_from(screen_page.outerjoin(screen_picture, screen_picture.c.page == screen_page.c.id))
        .where(or_(screen_page.c.screen.is_not(None), screen_page.c.heard_at >= since))
        .order_by(screen_page.c.heard_at.desc())
    )
    return tuple(
        Said(
            page=row.id,
            screen=row.screen,
            heard_s=max(0.0, (now - row.heard_at) / 1e6),
            body=json.loads(row.body),
            pictured_at=from_micros(row.taken_at) if row.taken_at is not None else None,
        )
        for row in connection.execute(query)
    )


def pages_of(connection: Connection, subject: str) -> tuple[str, ...]:
    """The pages that show a screen now, or the one page of that id, by id."""
    since = to_micros(database_now(connection) - CALL_LASTS)
    theirs = or_(screen_page.c.screen == subject, screen_page.c.id == subject)
    query = select(screen_page.c.id).where(theirs, screen_page.c.heard_at >= since).order_by(screen_page.c.id)
    return tuple(connection.execute(query).scalars())


def note_loss(connection: Connection, page: str, begin: int, end: int) -> None:
    """The page had no data in that time (microseconds); its last outage is kept, for others to compare."""
    connection.execute(update(screen_page).where(screen_page.c.id == page).values(lost_from=begin, lost_to=end))


def lost_also(connection: Connection, page: str, screen: str | None, begin: int, end: int) -> bool:
    """Whether a page of another screen told of an outage at the same time."""
    other = screen_page.c.id != page
    if screen is not None:
        other &= or_(screen_page.c.screen.is_(None), screen_page.c.screen != screen)
    query = select(screen_page.c.id).where(other, screen_page.c.lost_from < end, screen_page.c.lost_to > begin)
    return connection.execute(query.limit(1)).first() is not None


def picture_of(connection: Connection, page: str) -> bytes | None:
    """The small picture of a page; None if it never sent one."""
    query = select(screen_picture.c.body).where(screen_picture.c.page == page)
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return found


def call(connection: Connection, page: str, what: str) -> None:
    """Ask a page to ``identify``, ``reload`` or send a ``picture``; its process hears within a second."""
    now = to_micros(database_now(connection))
    connection.execute(insert(screen_call).values(id=new_id(), page=page, what=what, at=now))


def calls_for(connection: Connection, pages: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    """(id, page, what) asked of ``pages`` in the last 20 s; whoever passes them on remembers which it did."""
    since = to_micros(database_now(connection) - CALL_LASTS)
    query = select(screen_call).where(screen_call.c.at >= since).order_by(screen_call.c.id)
    return tuple((row.id, row.page, row.what) for row in connection.execute(query) if row.page in pages)
