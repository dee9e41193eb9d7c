"""Events: everything that happens is one, and all other state follows from them.

- `kinds`: every kind of event, and their subjects
- `complaint_payloads`, `alarm_payloads`, `room_payloads` (with the outbox), `account_payloads` (of sources, screens and
  users), `hazard_payloads`: a type for each of their kinds
- `event`: an event, and one as the log holds it
"""

from liveroom.domain.events.event import PAYLOADS, Event, LoggedEvent, happened
from liveroom.domain.events.kinds import Kind, Payload, Subject

__all__ = ["PAYLOADS", "Event", "Kind", "LoggedEvent", "Payload", "Subject", "happened"]
