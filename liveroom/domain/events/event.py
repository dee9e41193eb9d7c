"""An event as the rules make it, and as the log holds it.

A payload holds codes, ids, times and results only, never free text or personal data: those are rows of their own that
can be erased.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

import msgspec

from liveroom.domain.events.account_payloads import AccountPayload
from liveroom.domain.events.alarm_payloads import AlarmPayload
from liveroom.domain.events.complaint_payloads import ComplaintPayload
from liveroom.domain.events.hazard_payloads import HazardPayload
from liveroom.domain.events.kinds import Kind, Payload, Subject
from liveroom.domain.events.room_payloads import DeliveryPayload, RoomPayload

TypedPayload = ComplaintPayload | AlarmPayload | RoomPayload | DeliveryPayload | AccountPayload | HazardPayload
# The type of each kind's payload; a kind of a newer release has a mapping.
PAYLOADS: Mapping[Kind, type[TypedPayload]] = {payload.KIND: payload for payload in get_args(TypedPayload)}


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact before it has a number: ``at`` is when it was true (aware UTC, room time).

    ``payload`` is of the type that PAYLOADS has for the kind, else a mapping of plain data (str, int, float, bool,
    None, lists, mappings). Free texts are written to the ``text`` table in the same transaction; the payload holds
    their ids.

    Raises TypeError for a payload of another type.
    """

    kind: Kind
    subject: Subject
    id: str
    at: datetime
    payload: TypedPayload | Mapping[str, Any]

    def __post_init__(self) -> None:
        typed = PAYLOADS.get(self.kind)
        if type(self.payload) is not typed and (typed is not None or isinstance(self.payload, Payload)):
            raise TypeError(f"{type(self.payload).__name__} is no payload of {self.kind}")

    @property
    def fields(self) -> Mapping[str, Any]:
        """The payload as its JSON reads: by the names that docs/events.md has, without what is UNSET."""
        found = self.payload
        return msgspec.to_builtins(found) if isinstance(found, Payload) else found


class LoggedEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event as the log holds it: ``seq`` without gaps, the ``mark`` of its append, ``logged_at`` real time.

    ``logged_at`` never decreases except at ``clock.repaired``.
    """

    seq: int
    mark: str
    logged_at: datetime
    actor: str
    event: Event


def happened(complaint: str, payload: ComplaintPayload, *, at: datetime) -> Event:
    """An event about a complaint."""
    return Event(kind=payload.KIND, subject=Subject.COMPLAINT, id=complaint, at=at, payload=payload)
