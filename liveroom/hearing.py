"""Who is heard: what the clock notices by listening, and a source that nobody listens to any more."""

from datetime import datetime

from liveroom.accounts.screens import DARK, changed_screens
from liveroom.accounts.sources import changed_sources, end_keys, tell_no_more
from liveroom.domain.events import Event, Kind, Subject
from liveroom.log.engine import Connection
from liveroom.room import Room
from liveroom.working_set import WorkingSet

CLOSED = "closed"


def heard_otherwise(connection: Connection) -> bool:
    """Whether anything is silent or back that is not logged so."""
    return bool(changed_sources(connection) or changed_screens(connection))


def silences(connection: Connection, now: datetime) -> tuple[Event, ...]:
    """The events of what changed, dated ``now`` (room time): silence is noticed, it has no moment."""
    sources = (_changed(id_, state, now) for id_, state in changed_sources(connection).items())
    screens = (
        Event(kind=Kind.SCREEN_DARK if state == DARK else Kind.SCREEN_SEEN, subject=Subject.SCREEN, id=id_, at=now)
        for id_, state in changed_screens(connection).items()
    )
    return (*sources, *screens)


def revoke_source(room: Room, name: str, *, actor: str) -> None:
    """End every key of the source of this name from the next request on, in every process; its webhook and alarm too.

    Raises NoSource, Unavailable.
    """

    def revoke(work: WorkingSet) -> None:
        id_ = end_keys(work.unit.connection, name)
        tell_no_more(work.unit.connection, id_)
        work.append((_changed(id_, CLOSED, work.unit.now),), actor=actor)

    room.unit(revoke)


def _changed(id_: str, state: str, now: datetime) -> Event:
    return Event(kind=Kind.SOURCE_CHANGED, subject=Subject.SOURCE, id=id_, at=now, payload={"state": state})
