"""Pair, change, freeze, revoke; outages told by screens."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from liveroom.accounts.screens import (
    Screen,
    call,
    change_screen,
    create_screen,
    lost_also,
    named_screen,
    note_loss,
    pages_of,
    redeem,
    revoke_screen,
    screen_of,
    watched_since,
)
from liveroom.accounts.sources import SourceExists
from liveroom.domain import screens
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.requests import Code, Command, Done, Malformed, Refused, Role, Unknown
from liveroom.domain.room import FREEZE, in_force
from liveroom.domain.screens import CALLS, ScreenName
from liveroom.domain.timestamps import from_text, to_micros, to_text, written
from liveroom.log.engine import Connection
from liveroom.log.event_log import last_of_kind
from liveroom.projection.notices import FROZEN, notice_id
from liveroom.room.room import Room
from liveroom.room.transaction import CLOCK, ROOM, UnitOfWork, earlier_answer, remembered, word_of

# How an order about a screen is done: 403, 404, 422 (fields), in this order; a call goes to its page alone.

STATES: Mapping[ScreenName, str] = {
    ScreenName.CHANGE: "changed",
    ScreenName.REVOKE: "revoked",
    ScreenName.FREEZE: "frozen",
    ScreenName.UNFREEZE: "unfrozen",
}


class ScreenCommands:
    """The screens of a room as people handle them."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def execute(self, order: Command) -> Done:
        """Do what was ordered. Raises Unknown, Refused, Malformed or Unavailable, all unwritten."""
        name = word_of(ScreenName, order.name, "command")
        self.refuse_strangers(order)
        word_of(Role, order.role, "role")
        fields = screens.parse_screen(name, order.fields)
        if name in CALLS:
            return self._room.log.touch(lambda c: _call(c, order))
        return self._room.unit(lambda work: _decide(work, order, name, fields))

    def refuse_strangers(self, order: Command) -> None:
        """What can be said before the fields are looked at, a role that never may first: it learns of no id.

        Raises Refused or Unknown.
        """
        if order.role in set(Role) and not screens.may(ScreenName(order.name), Role(order.role)):
            raise Refused(Code.ROLE, f"{order.name} is not for {order.role}")
        if order.name != ScreenName.PAIR and not self._room.log.read(lambda c: _is_there(c, order)):
            raise Unknown(order.subject)

    def revoke(self, name: str, actor: str) -> bool:
        """End the token of the screen of this name, for the command line; False if none in use has it."""
        found = self._room.log.read(lambda c: named_screen(c, name))
        if found is None or found.revoked_at is not None:
            return False
        self._room.unit(lambda work: _revoke(work, found, actor))
        return True


def _is_there(connection: Connection, order: Command) -> bool:
    """Whether there is, or was, such a screen: the order that revoked it may come again, and is answered the same."""
    if order.name in CALLS:
        return bool(pages_of(connection, order.subject))
    return screen_of(connection, order.subject) is not None


def _call(connection: Connection, order: Command) -> Done:
    """Ask every page that shows this screen, or the one page of this id. Raises Unknown when there is none."""
    pages = pages_of(connection, order.subject)
    if not pages:
        raise Unknown(order.subject)
    for page in pages:
        call(connection, page, order.name)
    return Done(id=order.subject, seq=0, status="asked", state="asked")


def _decide(work: UnitOfWork, order: Command, name: ScreenName, fields: Mapping[str, Any]) -> Done:
    if (before := earlier_answer(work, order)) is not None:
        return before
    first = work.unit.seq + 1
    try:
        id_, state = _pair(work, order, fields) if name is ScreenName.PAIR else _handle(work, order, name, fields)
    except SourceExists as error:
        raise Malformed("name", "another screen has this name") from error
    return remembered(work, order, Done(id=id_, seq=work.unit.seq, status=state, state=state), first)


def _pair(work: UnitOfWork, order: Command, fields: Mapping[str, Any]) -> tuple[str, str]:
    connection = work.unit.connection
    secret_hash = redeem(connection, fields["code"])
    if secret_hash is None:
        raise Malformed("code", "no screen waits under this code")
    more = {key: fields[key] for key in ("place", "settings") if key in fields}
    id_ = create_screen(connection, fields["name"], token_hash=secret_hash, **more)
    _tell(work, Kind.SCREEN_PAIRED, id_, order.actor)
    return id_, "paired"


def _handle(work: UnitOfWork, order: Command, name: ScreenName, fields: Mapping[str, Any]) -> tuple[str, str]:
    screen = screen_of(work.unit.connection, order.subject)
    if screen is None or screen.revoked_at is not None:
        raise Unknown(order.subject)
    handled: Callable[[], None] = {
        ScreenName.CHANGE: lambda: _change(work, screen, fields, order.actor),
        ScreenName.REVOKE: lambda: _revoke(work, screen, order.actor),
        ScreenName.FREEZE: lambda: _freeze(work, screen, order.actor),
        ScreenName.UNFREEZE: lambda: _unfreeze(work, screen, order.actor),
    }[name]
    handled()
    return screen.id, STATES[name]


def _change(work: UnitOfWork, screen: Screen, fields: Mapping[str, Any], actor: str) -> None:
    """What it shows is set in its page by loading it anew."""
    if not fields:
        raise Malformed("name", "nothing to change: give name, place or settings")
    change_screen(work.unit.connection, screen.id, **fields)
    _tell(work, Kind.SCREEN_CHANGED, screen.id, actor, changed=sorted(fields))
    for page in pages_of(work.unit.connection, screen.id) if "settings" in fields else ():
        call(work.unit.connection, page, ScreenName.RELOAD)


def _revoke(work: UnitOfWork, screen: Screen, actor: str) -> None:
    revoke_screen(work.unit.connection, screen.id)
    _tell(work, Kind.SCREEN_REVOKED, screen.id, actor)


def _freeze(work: UnitOfWork, screen: Screen, actor: str) -> None:
    """Its flashing stands still for a while; every process of the room tells its pages within a second."""
    _tell(work, Kind.SCREEN_FROZEN, screen.id, actor, until_real=to_text(work.unit.real + FREEZE))


def _unfreeze(work: UnitOfWork, screen: Screen, actor: str) -> None:
    if not in_force(work.fold.notices.get(notice_id(FROZEN, screen.id)), work.unit.real):
        raise Refused(Code.STATE, "its flashing is not frozen")
    _tell(work, Kind.SCREEN_UNFROZEN, screen.id, actor)


def _tell(work: UnitOfWork, kind: Kind, screen: str, actor: str, **payload: object) -> None:
    event = Event(kind=kind, subject=Subject.SCREEN, id=screen, at=work.unit.now, payload=payload)
    work.append((event,), actor=actor)


# Outages of the feed as screens tell of them once they are back: one alarm of the room for all, or a screen's own.
#
# Every screen raised its own alarm while it lasted (CR-07). It was the room's if the process that hears of it had no
# data either, if no web process of now was there when it began, or if two screens tell of the same time. Else it was
# the network of that screen, and its own event.

SLACK = timedelta(seconds=5)


class Outages:
    """``starved(from_s, to_s)``: whether this process had no data itself at some time so many seconds ago."""

    def __init__(self, room: Room, starved: Callable[[float, float], bool]) -> None:
        self._room = room
        self._starved = starved

    def tell(self, page: str, screen: str | None, from_s: float, to_s: float) -> None:
        """A page had no data from ``from_s`` to ``to_s`` seconds ago. Raises Unavailable."""
        here = self._starved(from_s, to_s)
        self._room.unit(lambda work: _tell_outage(work, page, screen, (from_s, to_s), here))


def _tell_outage(work: UnitOfWork, page: str, screen: str | None, ago_s: tuple[float, float], here: bool) -> None:
    real, connection = work.unit.real, work.unit.connection
    begin, end = (real - timedelta(seconds=seconds) for seconds in ago_s)
    span = to_micros(begin), to_micros(end)
    note_loss(connection, page, *span)
    if here or _nobody_watched(connection, begin) or lost_also(connection, page, screen, *span):
        _of_room(work, begin, end)
    elif screen is not None:
        payload, at = {"from_real": written(begin), "to_real": written(end)}, work.unit.head.time.at(begin)
        own = Event(kind=Kind.SCREEN_CUT_OFF, subject=Subject.SCREEN, id=screen, at=at, payload=payload)
        work.append((own,), actor=CLOCK)


def _nobody_watched(connection: Connection, begin: datetime) -> bool:
    since = watched_since(connection)
    return since is None or since > to_micros(begin)


def _of_room(work: UnitOfWork, begin: datetime, end: datetime) -> None:
    """Lost and back, dated when it was so; what was told of the same outage before is not told again."""
    last = last_of_kind(work.unit.connection, ROOM, Kind.FEED_BACK)
    if last is not None and begin < from_text(str(last.event.payload["to_real"])) + SLACK:
        return
    time, payload = work.unit.head.time, {"from_real": written(begin), "to_real": written(end)}
    lost = Event(kind=Kind.FEED_LOST, subject=Subject.ROOM, id=ROOM, at=time.at(begin), payload=payload)
    back = Event(kind=Kind.FEED_BACK, subject=Subject.ROOM, id=ROOM, at=time.at(end), payload=payload)
    work.append((lost, back), actor=CLOCK)
