"""One command before the rules: the complaint it is about, who gave it when, and what else may be known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liveroom.domain._happened import happened
from liveroom.domain.commands import Command
from liveroom.domain.complaint import Complaint
from liveroom.domain.events import Event, Kind
from liveroom.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``now`` aware UTC room time; ``others`` the complaints named by ``commands.needs`` and the children, by id."""

    complaint: Complaint
    command: Command
    now: datetime
    policy: Policy
    others: Mapping[str, Complaint]

    def field(self, name: str) -> Any:
        """A field of the command, None when not given."""
        return self.command.fields.get(name)

    def event(self, kind: Kind, payload: Mapping[str, Any], *, about: str | None = None) -> Event:
        """An event of now on this complaint, or on the one called ``about``."""
        return happened(kind, about or self.complaint.id, at=self.now, payload=payload)

    def closing(self) -> dict[str, Any]:
        """What every event that ends a complaint says: the city's date of now."""
        return {"closed_day": self.policy.day(self.now).isoformat()}
