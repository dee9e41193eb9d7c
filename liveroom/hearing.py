"""What the clock hears by listening: a source or a screen that fell silent, or is there again."""

from datetime import datetime

from liveroom.domain.events import Event, Kind, Subject
from liveroom.log.connection import Connection
from liveroom.log.darkness import DARK, changed_screens
from liveroom.log.silence import changed_sources


def heard_otherwise(connection: Connection) -> bool:
    """Whether anything is silent or back that is not logged so."""
    return bool(changed_sources(connection) or changed_screens(connection))


def silences(connection: Connection, now: datetime) -> tuple[Event, ...]:
    """The events of what changed, dated ``now`` (room time): silence is noticed, it has no moment."""
    sources = (
        Event(kind=Kind.SOURCE_CHANGED, subject=Subject.SOURCE, id=id_, at=now, payload={"state": state})
        for id_, state in changed_sources(connection).items()
    )
    screens = (
        Event(kind=Kind.SCREEN_DARK if state == DARK else Kind.SCREEN_SEEN, subject=Subject.SCREEN, id=id_, at=now)
        for id_, state in changed_screens(connection).items()
    )
    return (*sources, *screens)
