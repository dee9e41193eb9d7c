"""What goes through the room's doors and what comes back: orders, answers and the typed noes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from liveroom.domain.alarm import Alarm
from liveroom.domain.complaint import Complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A report is in the log: ``created`` for a new complaint, ``changed`` when a known one was amended."""

    id: str
    seq: int
    status: str
    created: bool
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command as a person gave it, ``about`` a complaint or an alarm with the id ``subject``, or the room.

    ``fields`` raw, ``seen_seq`` the seq of the card or alarm as shown; ``bulk``: one of the same for many.
    """

    command_id: str
    name: str
    subject: str
    actor: str
    role: str
    seen_seq: int
    actor_agency: str | None = None
    about: str = "complaint"
    bulk: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)

    def hash(self) -> str:
        """Hash of all that makes this order the same order again."""
        parts = [self.about, self.name, self.subject, self.role, self.actor_agency, self.seen_seq, dict(self.fields)]
        try:
            body = msgspec.json.encode(parts)
        except (UnicodeEncodeError, OverflowError):  # fields that nobody reads may hold what only ASCII can write
            body = json.dumps(parts).encode()
        return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The order is in the log; ``id``, ``seq``, ``status`` and ``state`` are those of its subject after it."""

    id: str
    seq: int
    status: str
    state: str


class Unknown(Exception):
    """There is no complaint or alarm with this id."""


class Stale(Exception):
    """Somebody was faster: ``actor`` logged ``kind`` after the subject was seen; ``current`` as it is now."""

    def __init__(self, current: Complaint | Alarm, *, actor: str, kind: str) -> None:
        super().__init__(f"{actor} logged {kind} first")
        self.current, self.actor, self.kind = current, actor, kind
