"""Screens: the register and its tokens, pairing codes, heartbeats of pages, the restart lease, and which one is dark.

A *screen* is registered and has a token; a *page* is one browser page that shows the wall, with or without a screen's
token. All times are the database's real time.
"""

import json
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, insert, or_, select, update

from liveroom.accounts.sources import NameTaken, key_hash
from liveroom.domain.room import SCENES
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.event_log import EventLog, database_now
from liveroom.log.lease import Lease
from liveroom.log.schema import pairing, screen_call, screen_page, screen_picture, screen_state, screen_watch
from liveroom.log.texts import new_id

# The register. A screen's token is read-only and never a person's log-in; only its hash is stored.

_screen = schema.screen
LONGEST_NAME = 128
_NUMBER = r"\d{1,6}(\.\d{1,4})?"
# The parameters of a wall's address that a screen may have set: pattern of the values by name. Other parameters are
# typed into the address itself. docs/wall.md says what each means.
SETTINGS: Mapping[str, str] = {
    "scene": "|".join(SCENES),
    "look": "districts|incidents",
    "tile": r"\d{1,2},\d{1,2}/\d{1,2}x\d{1,2}",
    "panels": r"\d{1,2}x\d{1,2}",
    "bezel_px": _NUMBER,
    "bezel_mm": _NUMBER,
    "sound": "1",
    "lang": r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?",
    "view_mm": _NUMBER,
    "near_mm": _NUMBER,
    "pitch_mm": _NUMBER,
    "night": _NUMBER,
    "night_hours": r"\d{1,2}-\d{1,2}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A registered screen; ``settings``, some of SETTINGS, override the parameters in its wall's address."""

    id: str
    name: str
    audience: str
    created_at: datetime
    revoked_at: datetime | None = None
    place: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


class Screens:
    """The screens of one room."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def add(self, name: str, audience: str) -> str:
        """Register a screen for an audience; returns its token, which is shown once. Raises NameTaken."""
        token = secrets.token_urlsafe(32)
        self._log.touch(lambda c: create_screen(c, name, token_hash=key_hash(token), audience=audience))
        return token

    def by_token(self, token: str) -> Screen | None:
        """The screen whose token this is; None for an unknown or revoked one. Raises Unavailable."""
        query = select(_screen).where(_screen.c.token_hash == key_hash(token), _screen.c.revoked_at.is_(None))
        row = self._log.read(lambda c: c.execute(query).one_or_none())
        return None if row is None else _screen_of_row(row)

    def audience_of(self, token: str) -> str | None:
        """The audience of the screen whose token this is; None for an unknown or revoked one."""
        found = self.by_token(token)
        return found.audience if found is not None else None

    def all(self) -> tuple[Screen, ...]:
        """Every screen ever registered, those in use first, then by name."""
        return self._log.read(all_screens)


def all_screens(connection: Connection) -> tuple[Screen, ...]:
    """Every screen ever registered, those in use first, then by name."""
    query = select(_screen).order_by(_screen.c.revoked_at.is_not(None), _screen.c.name)
    return tuple(_screen_of_row(row) for row in connection.execute(query))


def screen_of(connection: Connection, id_: str) -> Screen | None:
    """One screen, revoked or not; None if there is none."""
    row = connection.execute(select(_screen).where(_screen.c.id == id_)).one_or_none()
    return None if row is None else _screen_of_row(row)


def is_screen(connection: Connection, id_: str) -> bool:
    """Whether a screen in use has this id."""
    found = screen_of(connection, id_)
    return found is not None and found.revoked_at is None


def named_screen(connection: Connection, name: str) -> Screen | None:
    """The screen of this name; None if there is none."""
    row = connection.execute(select(_screen).where(_screen.c.name == name)).one_or_none()
    return None if row is None else _screen_of_row(row)


def revoked_among(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Those of ``ids`` whose token was revoked."""
    if not ids:
        return frozenset()
    query = select(_screen.c.id).where(_screen.c.id.in_(tuple(ids)), _screen.c.revoked_at.is_not(None))
    return frozenset(connection.execute(query).scalars())


def create_screen(connection: Connection, name: str, *, token_hash: str, audience: str = "wall", **more: Any) -> str:
    """Register a screen; returns its id, made from its name. A revoked screen gives up its name. Raises NameTaken."""
    _free_name(connection, name)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:36] or "layar"
    taken = connection.execute(select(_screen.c.id).where(_screen.c.id == slug)).first()
    id_ = f"{slug}-{secrets.token_hex(3)}" if taken else slug
    values = {"id": id_, "name": name, "audience": audience, "created_at": to_micros(database_now(connection))}
    connection.execute(insert(_screen).values(**values, token_hash=token_hash, **_columns(more)))
    return id_


def change_screen(connection: Connection, id_: str, **values: Any) -> None:
    """Set name, place or settings. Raises NameTaken."""
    if "name" in values:
        _free_name(connection, values["name"], but=id_)
    connection.execute(update(_screen).where(_screen.c.id == id_).values(**_columns(values)))


def revoke_screen(connection: Connection, id_: str) -> None:
    """End a screen's token; its row stays, because events name it."""
    connection.execute(
        update(_screen)
        .where(_screen.c.id == id_, _screen.c.revoked_at.is_(None))
        .values(revoked_at=to_micros(database_now(connection)))
    )


def _free_name(connection: Connection, name: str, but: str = "") -> None:
    """Rename a revoked screen that has this name. Raises NameTaken if one in use has it (except ``but``)."""
    query = select(_screen.c.id, _screen.c.revoked_at).where(_screen.c.name == name, _screen.c.id != but)
    found = connection.execute(query).one_or_none()
    if found is None:
        return
    if found.revoked_at is None:
        raise NameTaken(name)
    former = f"{name[: LONGEST_NAME - 10]} ({secrets.token_hex(3)})"
    connection.execute(update(_screen).where(_screen.c.id == found.id).values(name=former))


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: json.dumps(value) if key == "settings" else value for key, value in values.items()}


def _screen_of_row(row: Row[Any]) -> Screen:
    return Screen(
        id=row.id,
        name=row.name,
        audience=row.audience,
        created_at=from_micros(row.created_at),
        revoked_at=from_micros(row.revoked_at) if row.revoked_at is not None else None,
        place=row.place,
        settings=json.loads(row.settings or "{}"),
    )


# Pairing codes: short, valid for ten minutes, each bound to one browser by a secret. The secret becomes the screen's
# token: only the browser ever has it, the database has its hash.

# Letters and digits that are not mistaken for others across a room: no 0 O Q D, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "3467ACEFGHJKMNPRTWXY"
CODE_LENGTH = 6
PAIRING_LASTS = timedelta(minutes=10)
# Open codes: per address, as many as a hall of screens behind one router needs, and in all.
CODES_PER_ADDRESS, CODES_IN_ALL = 30, 200


class TooManyPairings(Exception):
    """So many screens wait to be paired that no further code is given out."""


def pending_code(connection: Connection, secret: str) -> tuple[str, int] | None:
    """The open code of the browser with this secret and the seconds it is still valid; None without one."""
    now = to_micros(database_now(connection))
    query = select(pairing).where(pairing.c.secret_hash == key_hash(secret), pairing.c.ends_at > now)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.code, (row.ends_at - now) // 1_000_000)


def offer_code(connection: Connection, secret: str, address: str) -> str:
    """A new code for the browser with this secret. Raises TooManyPairings."""
    now = database_now(connection)
    connection.execute(delete(pairing).where(pairing.c.ends_at <= to_micros(now)))
    _refuse_many(connection, address)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    values = {
        "secret_hash": key_hash(secret),
        "code": code,
        "address": address,
        "ends_at": to_micros(now + PAIRING_LASTS),
    }
    connection.execute(insert(pairing).values(**values))
    return code


def _refuse_many(connection: Connection, address: str) -> None:
    count = select(func.count()).select_from(pairing)
    here = connection.execute(count.where(pairing.c.address == address)).scalar_one()
    if here >= CODES_PER_ADDRESS or connection.execute(count).scalar_one() >= CODES_IN_ALL:
        raise TooManyPairings(address)


def redeem_code(connection: Connection, code: str) -> str | None:
    """Use up a code: the hash of its secret, or None if the code is unknown or has expired."""
    typed = "".join(sign for sign in code.upper() if sign.isalnum())
    now = to_micros(database_now(connection))
    query = select(pairing.c.secret_hash).where(pairing.c.code == typed, pairing.c.ends_at > now)
    found: str | None = connection.execute(query).scalar_one_or_none()
    if found is not None:
        connection.execute(delete(pairing).where(pairing.c.secret_hash == found))
    return found


# Heartbeats: what each page last reported about itself. Overwritten each time and never an event; every process reads
# them. A page without a screen's token is forgotten after an hour, a screen's last heartbeat stays.

FORGOTTEN = timedelta(hours=1)
CALL_LASTS = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenHeartbeat:
    """The last heartbeat of a page: ``screen`` None for a page without a token, ``heard_s`` seconds ago.

    ``pictured_at``: when it last sent a picture of itself (aware UTC).
    """

    page: str
    screen: str | None
    heard_s: float
    body: Mapping[str, Any]
    pictured_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenReport:
    """What a web process writes for one of its pages; ``picture``: a new picture of the page, if it sent one."""

    page: str
    screen: str | None
    body: Mapping[str, Any]
    picture: bytes | None = None


def write_reports(connection: Connection, reports: Sequence[ScreenReport]) -> None:
    """Write the heartbeats of a process's pages, heard now."""
    now = to_micros(database_now(connection))
    for one in reports:
        words = {"screen": one.screen, "heard_at": now, "body": json.dumps(one.body, separators=(",", ":"))}
        _upsert(connection, screen_page, {"id": one.page}, words)
        if one.picture is not None:
            _upsert(connection, screen_picture, {"page": one.page}, {"taken_at": now, "body": one.picture})


def _upsert(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    (name, value), *_ = key.items()
    if not connection.execute(update(table).where(table.c[name] == value).values(**values)).rowcount:
        connection.execute(insert(table).values(**key, **values))


def note_watch(connection: Connection, process: str) -> None:
    """Note that this process hears screens, since its first note."""
    now = to_micros(database_now(connection))
    mine = screen_watch.c.process == process
    if not connection.execute(update(screen_watch).where(mine).values(at=now)).rowcount:
        connection.execute(insert(screen_watch).values(process=process, since=now, at=now))
        _forget_old(connection, now)


def end_watch(connection: Connection, process: str) -> None:
    """Note that this process no longer hears screens."""
    connection.execute(delete(screen_watch).where(screen_watch.c.process == process))


def _forget_old(connection: Connection, now: int) -> None:
    """Delete what is older than FORGOTTEN: pages without a token and their pictures, ended processes, calls."""
    old = now - FORGOTTEN // timedelta(microseconds=1)
    connection.execute(delete(screen_page).where(screen_page.c.heard_at < old, screen_page.c.screen.is_(None)))
    connection.execute(delete(screen_picture).where(screen_picture.c.page.not_in(select(screen_page.c.id))))
    connection.execute(delete(screen_watch).where(screen_watch.c.at < old))
    connection.execute(delete(screen_call).where(screen_call.c.at < old))


def read_pages(connection: Connection) -> tuple[ScreenHeartbeat, ...]:
    """Every page heard within the hour, and each screen's last heartbeat; the most recent first."""
    now = to_micros(database_now(connection))
    since = now - FORGOTTEN // timedelta(microseconds=1)
    query = (
        select(screen_page, screen_picture.c.taken_at)
        .select_from(screen_page.outerjoin(screen_picture, screen_picture.c.page == screen_page.c.id))
        .where(or_(screen_page.c.screen.is_not(None), screen_page.c.heard_at >= since))
        .order_by(screen_page.c.heard_at.desc())
    )
    return tuple(
        ScreenHeartbeat(
            page=row.id,
            screen=row.screen,
            heard_s=max(0.0, (now - row.heard_at) / 1e6),
            body=json.loads(row.body),
            pictured_at=from_micros(row.taken_at) if row.taken_at is not None else None,
        )
        for row in connection.execute(query)
    )


def pages_of(connection: Connection, subject: str) -> tuple[str, ...]:
    """Ids of the pages that show a screen now, or the one page with that id; sorted."""
    since = to_micros(database_now(connection) - CALL_LASTS)
    theirs = or_(screen_page.c.screen == subject, screen_page.c.id == subject)
    query = select(screen_page.c.id).where(theirs, screen_page.c.heard_at >= since).order_by(screen_page.c.id)
    return tuple(connection.execute(query).scalars())


def note_outage(connection: Connection, page: str, begin: int, end: int) -> None:
    """Note when a page had no data (microseconds); only its last outage is kept, to compare with others."""
    connection.execute(update(screen_page).where(screen_page.c.id == page).values(lost_from=begin, lost_to=end))


def had_outage_elsewhere(connection: Connection, page: str, screen: str | None, begin: int, end: int) -> bool:
    """Whether a page of another screen reported an outage that overlaps this one."""
    other = screen_page.c.id != page
    if screen is not None:
        other &= or_(screen_page.c.screen.is_(None), screen_page.c.screen != screen)
    query = select(screen_page.c.id).where(other, screen_page.c.lost_from < end, screen_page.c.lost_to > begin)
    return connection.execute(query.limit(1)).first() is not None


def picture_of(connection: Connection, page: str) -> bytes | None:
    """The last picture that a page sent of itself; None if it never sent one."""
    query = select(screen_picture.c.body).where(screen_picture.c.page == page)
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return found


# Before the name of the scene that a page is to turn to; without one it takes turns again.
SCENE_CALL = "scene:"


def call(connection: Connection, page: str, what: str) -> None:
    """Ask a page to ``identify``, ``reload``, send a ``picture`` or turn to a scene; its process picks that up within a
    second."""
    now = to_micros(database_now(connection))
    connection.execute(insert(screen_call).values(id=new_id(), page=page, what=what, at=now))


def calls_for(connection: Connection, pages: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    """(id, page, what) of the calls to ``pages`` in the last 20 s; the caller remembers which it passed on."""
    since = to_micros(database_now(connection) - CALL_LASTS)
    query = select(screen_call).where(screen_call.c.at >= since).order_by(screen_call.c.id)
    return tuple((row.id, row.page, row.what) for row in connection.execute(query) if row.page in pages)


# The restart lease: one screen restarts at a time. Its holder cannot renew it.

RESTART_LEASE = "restart"
# How long the next screen waits, and how long the restarting one may be silent without counting as dark.
RESTART_LASTS = timedelta(seconds=60)


def take_turn(log: EventLog, screen: str | None) -> bool:
    """Whether this screen (None: a page without a token) may restart now; if so, it has the lease. Raises
    Unavailable."""
    lease = Lease(log, RESTART_LEASE, RESTART_LASTS, holder=screen)
    return log.note(lambda connection: restarting_screen(connection) is None and lease.take_in(connection))


def restarting_screen(connection: Connection) -> str | None:
    """The id of the screen that holds the lease (no screen's id for a page without a token); None while nobody does."""
    table, now = schema.lease.c, database_now(connection)
    holds = table.until.between(to_micros(now), to_micros(now + RESTART_LASTS))
    found: str | None = connection.execute(
        select(table.holder).where(table.name == RESTART_LEASE, holds)
    ).scalar_one_or_none()
    return found


# Dark screens: not heard for `screens.dark_after_s` (15 s) while some web process listened. Only a screen that was ever
# seen can go dark. When all web processes are down it is the feed that is lost, which every screen shows by itself
# (CR-07). The screen that holds the restart lease may be silent for that minute (CR-110).

# A process notes its watch every 2 s.
WATCH_LASTS = timedelta(seconds=6)
OK, DARK = "ok", "dark"


def watched_since(connection: Connection) -> int | None:
    """Since when (microseconds) the web processes now running have heard screens; None while there is none."""
    alive = to_micros(database_now(connection) - WATCH_LASTS)
    found: int | None = connection.execute(
        select(func.min(screen_watch.c.since)).where(screen_watch.c.at >= alive)
    ).scalar_one()
    return found


def changed_screens(connection: Connection, dark_after: timedelta) -> dict[str, str]:
    """New state (OK or DARK) by screen id, for the screens whose state is not the logged one; sorted by id.

    ``dark_after``: for how long a dark screen has not been heard.
    """
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
    oldest = to_micros(database_now(connection) - dark_after)
    states = {row.id: (row.state, _state(row.at, since, oldest)) for row in connection.execute(query)}
    if states.get(quiet := restarting_screen(connection) or "", (None, None))[1] == DARK:
        del states[quiet]
    return {id_: now for id_, (before, now) in states.items() if now is not None and now != before}


def _state(heard: int, since: int, oldest: int) -> str | None:
    """None while nobody can tell: the process that listens has not done so for as long yet."""
    if heard >= oldest:
        return OK
    return DARK if since < oldest else None
