"""How an order about a screen is done: 403, 404, 422 (fields), in this order; a call goes to its page alone."""

from collections.abc import Callable, Mapping
from typing import Any

from liveroom.accounts.screens import (
    Screen,
    call,
    change_screen,
    create_screen,
    named_screen,
    pages_of,
    redeem,
    revoke_screen,
    screen_of,
)
from liveroom.accounts.sources import Taken
from liveroom.domain import screens
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.requests import Code, Done, Malformed, Order, Refused, Role, Unknown
from liveroom.domain.room import FREEZE, in_force
from liveroom.domain.screens import CALLS, ScreenName
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.ordering import answered, known, remembered
from liveroom.projection.notices import FROZEN, id_of_one
from liveroom.room import Room
from liveroom.working_set import WorkingSet

STATES: Mapping[ScreenName, str] = {
    ScreenName.CHANGE: "changed",
    ScreenName.REVOKE: "revoked",
    ScreenName.FREEZE: "frozen",
    ScreenName.UNFREEZE: "unfrozen",
}


class Screening:
    """The screens of a room as people handle them."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def do(self, order: Order) -> Done:
        """Do what was ordered. Raises Unknown, Refused, Malformed or Unavailable, all unwritten."""
        name = known(ScreenName, order.name, "command")
        self.refuse_strangers(order)
        known(Role, order.role, "role")
        fields = screens.parse_screen(name, order.fields)
        if name in CALLS:
            return self._room.log.touch(lambda c: _call(c, order))
        return self._room.unit(lambda work: _decide(work, order, name, fields))

    def refuse_strangers(self, order: Order) -> None:
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


def _is_there(connection: Connection, order: Order) -> bool:
    """Whether there is, or was, such a screen: the order that revoked it may come again, and is answered the same."""
    if order.name in CALLS:
        return bool(pages_of(connection, order.subject))
    return screen_of(connection, order.subject) is not None


def _call(connection: Connection, order: Order) -> Done:
    """Ask every page that shows this screen, or the one page of this id. Raises Unknown when there is none."""
    pages = pages_of(connection, order.subject)
    if not pages:
        raise Unknown(order.subject)
    for page in pages:
        call(connection, page, order.name)
    return Done(id=order.subject, seq=0, status="asked", state="asked")


def _decide(work: WorkingSet, order: Order, name: ScreenName, fields: Mapping[str, Any]) -> Done:
    if (before := answered(work, order)) is not None:
        return before
    first = work.unit.seq + 1
    try:
        id_, state = _pair(work, order, fields) if name is ScreenName.PAIR else _handle(work, order, name, fields)
    except Taken as error:
        raise Malformed("name", "another screen has this name") from error
    return remembered(work, order, Done(id=id_, seq=work.unit.seq, status=state, state=state), first)


def _pair(work: WorkingSet, order: Order, fields: Mapping[str, Any]) -> tuple[str, str]:
    connection = work.unit.connection
    secret_hash = redeem(connection, fields["code"])
    if secret_hash is None:
        raise Malformed("code", "no screen waits under this code")
    more = {key: fields[key] for key in ("place", "settings") if key in fields}
    id_ = create_screen(connection, fields["name"], token_hash=secret_hash, **more)
    _tell(work, Kind.SCREEN_PAIRED, id_, order.actor)
    return id_, "paired"


def _handle(work: WorkingSet, order: Order, name: ScreenName, fields: Mapping[str, Any]) -> tuple[str, str]:
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


def _change(work: WorkingSet, screen: Screen, fields: Mapping[str, Any], actor: str) -> None:
    """What it shows is set in its page by loading it anew."""
    if not fields:
        raise Malformed("name", "nothing to change: give name, place or settings")
    change_screen(work.unit.connection, screen.id, **fields)
    _tell(work, Kind.SCREEN_CHANGED, screen.id, actor, changed=sorted(fields))
    for page in pages_of(work.unit.connection, screen.id) if "settings" in fields else ():
        call(work.unit.connection, page, ScreenName.RELOAD)


def _revoke(work: WorkingSet, screen: Screen, actor: str) -> None:
    revoke_screen(work.unit.connection, screen.id)
    _tell(work, Kind.SCREEN_REVOKED, screen.id, actor)


def _freeze(work: WorkingSet, screen: Screen, actor: str) -> None:
    """Its flashing stands still for a while; every process of the room tells its pages within a second."""
    _tell(work, Kind.SCREEN_FROZEN, screen.id, actor, until_real=to_text(work.unit.real + FREEZE))


def _unfreeze(work: WorkingSet, screen: Screen, actor: str) -> None:
    if not in_force(work.fold.notices.get(id_of_one(FROZEN, screen.id)), work.unit.real):
        raise Refused(Code.STATE, "its flashing is not frozen")
    _tell(work, Kind.SCREEN_UNFROZEN, screen.id, actor)


def _tell(work: WorkingSet, kind: Kind, screen: str, actor: str, **payload: object) -> None:
    event = Event(kind=kind, subject=Subject.SCREEN, id=screen, at=work.unit.now, payload=payload)
    work.append((event,), actor=actor)
