"""Which events tell that something is lost or back, and under which name its alarm knows it. Rule: CR-07."""

from collections.abc import Mapping

from liveroom.domain.alarm_ids import FEED, OUTBOX, SCREEN
from liveroom.domain.events import Event, Kind, Subject

STATES: Mapping[Kind, str] = {
    Kind.SCREEN_DARK: "lost",
    Kind.SCREEN_SEEN: "ok",
    Kind.SCREEN_REVOKED: "closed",
    Kind.FEED_LOST: "lost",
    Kind.FEED_BACK: "ok",
    Kind.OUTBOX_STUCK: "lost",
    Kind.OUTBOX_RECOVERED: "ok",
}


def loss_of(event: Event) -> tuple[str, str] | None:
    """(what, its state) of an event about a source, a screen, a way out or the whole feed; None for every other."""
    if event.subject is Subject.SOURCE:
        return event.id, str(event.payload["state"])
    state = STATES.get(event.kind)
    if state is None:
        return None
    if event.kind in (Kind.OUTBOX_STUCK, Kind.OUTBOX_RECOVERED):
        return OUTBOX + str(event.payload["to"]), state
    return FEED if event.subject is Subject.ROOM else SCREEN + event.id, state
