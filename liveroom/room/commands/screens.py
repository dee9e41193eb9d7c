"""Screens: commands to pair, change, freeze, revoke and call one, and the outages that screens report."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from liveroom.accounts.screens import (
    SCENE_CALL,
    SETTINGS,
    Screen,
    call,
    change_screen,
    create_screen,
    had_outage_elsewhere,
    named_screen,
    note_outage,
    pages_of,
    redeem_code,
    revoke_screen,
    screen_of,
    watched_since,
)
from liveroom.accounts.sources import NameTaken
from liveroom.domain.events import Kind
from liveroom.domain.events.account_payloads import (
    ScreenChanged,
    ScreenCutOff,
    ScreenFrozen,
    ScreenPaired,
    ScreenPayload,
    ScreenRevoked,
    ScreenUnfrozen,
)
from liveroom.domain.events.room_payloads import FeedBack, FeedLost
from liveroom.domain.requests import CLOCK, Code, Command, CommandResult, Malformed, Refused, Unknown
from liveroom.domain.room import FREEZE, ROOM, about_room, in_force
from liveroom.domain.screens import CALLS, ScreenCommandName, about_screen, screen_specs
from liveroom.domain.timestamps import from_text, to_micros, to_text
from liveroom.log.engine import Connection
from liveroom.log.event_log import last_of_kind
from liveroom.projection.notices import FROZEN, notice_id
from liveroom.room.pipeline import Handler, ParsedCommand
from liveroom.room.transaction import UnitOfWork, Writer

STATES: Mapping[ScreenCommandName, str] = {
    ScreenCommandName.PAIR: "paired",
    ScreenCommandName.CHANGE: "changed",
    ScreenCommandName.REVOKE: "revoked",
    ScreenCommandName.FREEZE: "frozen",
    ScreenCommandName.UNFREEZE: "unfrozen",
    **dict.fromkeys(CALLS, "asked"),
}


def screen_handler() -> Handler[Screen | None]:
    """The commands on screens; the subject is None of a pairing and of a call, which may be for a page without a
    screen.

    A call (identify, reload, picture) goes to pages and is no event.
    """
    return Handler(
        specs=screen_specs(SETTINGS),
        load=lambda connection, _fold, command: _load(connection, command),
        decide=_decide,
    )


def revoke_named(room: Writer, name: str, actor: str) -> bool:
    """End the token of the screen of this name (the command line's `screen revoke`); False if none in use has it."""

    def revoke(work: UnitOfWork) -> bool:
        found = named_screen(work.transaction.connection, name)
        if found is None or found.revoked_at is not None:
            return False
        _revoke(work, found, actor)
        return True

    return room.unit(revoke)


def _load(connection: Connection, command: Command) -> Screen | None:
    if command.name == ScreenCommandName.PAIR:
        return None
    if command.name in CALLS and pages_of(connection, command.subject):
        return None
    screen = None if command.name in CALLS else screen_of(connection, command.subject)
    if screen is None or screen.revoked_at is not None:
        raise Unknown(command.subject)
    return screen


def _decide(work: UnitOfWork, given: ParsedCommand[Screen | None]) -> CommandResult:
    name, id_ = ScreenCommandName(given.name), given.command.subject
    try:
        if given.subject is not None:
            _handle(work, given, given.subject)
        elif name is ScreenCommandName.PAIR:
            id_ = _pair(work, given)
        else:
            for page in pages_of(work.transaction.connection, id_):
                call(work.transaction.connection, page, name)
    except NameTaken as error:
        raise Malformed("name", "another screen has this name") from error
    return CommandResult(id=id_, seq=work.transaction.seq, status=STATES[name], state=STATES[name])


def _pair(work: UnitOfWork, given: ParsedCommand[Screen | None]) -> str:
    connection, fields = work.transaction.connection, given.fields
    secret_hash = redeem_code(connection, fields["code"])
    if secret_hash is None:
        raise Malformed("code", "no screen waits under this code")
    more = {key: fields[key] for key in ("place", "settings") if key in fields}
    id_ = create_screen(connection, fields["name"], token_hash=secret_hash, **more)
    _tell(work, ScreenPaired(), id_, given.actor)
    return id_


def _handle(work: UnitOfWork, given: ParsedCommand[Screen | None], screen: Screen) -> None:
    handled: Callable[[], None] = {
        ScreenCommandName.CHANGE: lambda: _change(work, screen, given.fields, given.actor),
        ScreenCommandName.REVOKE: lambda: _revoke(work, screen, given.actor),
        ScreenCommandName.FREEZE: lambda: _freeze(work, screen, given.actor),
        ScreenCommandName.UNFREEZE: lambda: _unfreeze(work, screen, given.actor),
    }[ScreenCommandName(given.name)]
    handled()


def _change(work: UnitOfWork, screen: Screen, fields: Mapping[str, Any], actor: str) -> None:
    """Change name, place or settings; a page turns to another scene as it stands, anything else it loads anew for."""
    change_screen(work.transaction.connection, screen.id, **fields)
    _tell(work, ScreenChanged(changed=sorted(fields)), screen.id, actor)
    what = _call_of_change(screen.settings, fields.get("settings"))
    for page in pages_of(work.transaction.connection, screen.id) if what else ():
        call(work.transaction.connection, page, what)


def _call_of_change(before: Mapping[str, str], after: Mapping[str, str] | None) -> str:
    """What its pages are called for after new settings: nothing where these are as before."""
    changed = {key for key in {*before, *(after or {})} if before.get(key, "") != (after or {}).get(key, "")}
    if after is None or not changed:
        return ""
    return f"{SCENE_CALL}{after.get('scene', '')}" if changed == {"scene"} else ScreenCommandName.RELOAD.value


def _revoke(work: UnitOfWork, screen: Screen, actor: str) -> None:
    revoke_screen(work.transaction.connection, screen.id)
    _tell(work, ScreenRevoked(), screen.id, actor)


def _freeze(work: UnitOfWork, screen: Screen, actor: str) -> None:
    """Stop the flashing of a screen for a while; every process passes it to its pages within a second."""
    _tell(work, ScreenFrozen(until_real=to_text(work.transaction.real + FREEZE)), screen.id, actor)


def _unfreeze(work: UnitOfWork, screen: Screen, actor: str) -> None:
    if not in_force(work.fold.notices.get(notice_id(FROZEN, screen.id)), work.transaction.real):
        raise Refused(Code.STATE, "its flashing is not frozen")
    _tell(work, ScreenUnfrozen(), screen.id, actor)


def _tell(work: UnitOfWork, payload: ScreenPayload, screen: str, actor: str) -> None:
    work.append((about_screen(screen, payload, at=work.transaction.now),), actor=actor)


# Outages of the feed, which screens report once they are back (each showed its own alarm meanwhile, CR-07). An outage
# was the room's if the process that hears of it had no data either, if no web process now running was there when it
# began, or if a page of another screen reports the same time. Otherwise it was the network of that screen, and is
# logged as its own.

# Reports that begin this soon after the end of a logged outage belong to it.
SLACK = timedelta(seconds=5)


class Outages:
    """Logs outages; ``starved(from_s, to_s)``: whether this process itself had no data between so many seconds ago."""

    def __init__(self, room: Writer, starved: Callable[[float, float], bool]) -> None:
        self._room = room
        self._starved = starved

    def tell(self, page: str, screen: str | None, from_s: float, to_s: float) -> None:
        """A page had no data from ``from_s`` to ``to_s`` seconds ago. Raises Unavailable."""
        here = self._starved(from_s, to_s)
        self._room.unit(lambda work: _tell_outage(work, page, screen, (from_s, to_s), here))


def _tell_outage(work: UnitOfWork, page: str, screen: str | None, ago_s: tuple[float, float], here: bool) -> None:
    real, connection = work.transaction.real, work.transaction.connection
    begin, end = (real - timedelta(seconds=seconds) for seconds in ago_s)
    span = to_micros(begin), to_micros(end)
    note_outage(connection, page, *span)
    if here or _nobody_watched(connection, begin) or had_outage_elsewhere(connection, page, screen, *span):
        _of_room(work, begin, end)
    elif screen is not None:
        payload, at = ScreenCutOff(from_real=to_text(begin), to_real=to_text(end)), work.transaction.head.time.at(begin)
        work.append((about_screen(screen, payload, at=at),), actor=CLOCK)


def _nobody_watched(connection: Connection, begin: datetime) -> bool:
    since = watched_since(connection)
    return since is None or since > to_micros(begin)


def _of_room(work: UnitOfWork, begin: datetime, end: datetime) -> None:
    """Log the feed as lost and back, dated when it was; an outage that is logged already is skipped."""
    last = last_of_kind(work.transaction.connection, ROOM, Kind.FEED_BACK)
    before = None if last is None else last.event.payload
    if isinstance(before, FeedBack) and begin < from_text(before.to_real) + SLACK:
        return
    time, from_real, to_real = work.transaction.head.time, to_text(begin), to_text(end)
    lost = about_room(FeedLost(from_real=from_real, to_real=to_real), at=time.at(begin))
    back = about_room(FeedBack(from_real=from_real, to_real=to_real), at=time.at(end))
    work.append((lost, back), actor=CLOCK)
