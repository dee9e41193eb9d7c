"""What an audience may know of a complaint: the only place where a field can reach a screen."""

from collections.abc import Callable, Mapping
from typing import Any

from display.feed.alarm_cards import alarm_card
from liveroom.domain.alarm import Alarm
from liveroom.domain.complaint import Complaint
from liveroom.domain.policy import Policy
from liveroom.moments import to_text

Card = dict[str, Any]
AUDIENCES = ("wall", "desk")
MOST_MASKED = "wall"

# Decimals of a degree, about 110 m: the position of a private matter names a neighbourhood, not a door (CR-80).
PRIVATE_DECIMALS = 3


def _stage_from(complaint: Complaint) -> str | None:
    running = complaint.first_due
    return to_text(running[1].start) if running else None


def _stage_clock(complaint: Complaint) -> str | None:
    running = complaint.first_due
    return running[1].clock.value if running else None


def _due_at(complaint: Complaint) -> str | None:
    running = complaint.first_due
    return to_text(running[1].due) if running else None


FIELDS: Mapping[str, Callable[[Complaint], Any]] = {
    "id": lambda c: c.id,
    "seq": lambda c: c.seq,
    "state": lambda c: c.state.value,
    "status": lambda c: c.status.value,
    "overdue": lambda c: c.overdue,
    "paused": lambda c: c.paused,
    "source": lambda c: c.source,
    "category": lambda c: c.category,
    "agency": lambda c: c.agency,
    "agencies": lambda c: list(c.agencies),
    "area": lambda c: c.area,
    "in_city": lambda c: c.in_city,
    "lat": lambda c: c.lat,
    "lon": lambda c: c.lon,
    "received_at": lambda c: to_text(c.received_at),
    "received_day": lambda c: c.day,
    "closed_at": lambda c: to_text(c.closed_at) if c.closed_at else None,
    "stage": lambda c: c.stage.value if c.stage else None,
    "stage_from": _stage_from,
    "stage_clock": _stage_clock,
    "due_at": _due_at,
    "priority": lambda c: c.priority,
    "escalation": lambda c: c.escalation,
    "drill": lambda c: c.drill,
}
DESK_FIELDS: Mapping[str, Callable[[Complaint], Any]] = {
    **FIELDS,
    "source_id": lambda c: c.source_id,
    "channel": lambda c: c.channel,
    "class": lambda c: c.class_,
    "claimed_by": lambda c: c.claimed_by,
}


class Cards:
    """Cards of one city for one audience; an unknown audience gets the most masked one."""

    def __init__(self, policy: Policy, audience: str) -> None:
        self.audience = audience if audience in AUDIENCES else MOST_MASKED
        self.fields = DESK_FIELDS if self.audience == "desk" else FIELDS
        self._masked = _private(policy)
        self._categories = policy.categories

    def of(self, complaint: Complaint) -> Card:
        """The card of a complaint. A category the city does not know is a source's own words: walls do not show it."""
        card = {name: read(complaint) for name, read in self.fields.items()}
        if self.audience == "desk":
            return card
        if complaint.category not in self._categories or complaint.category in self._masked:
            card["lat"], card["lon"] = _blurred(complaint.lat), _blurred(complaint.lon)
        return self._known(card)

    def of_alarm(self, alarm: Alarm) -> Card:
        """The card of an alarm."""
        return self._known(alarm_card(alarm))

    def of_line(self, line: Mapping[str, Any]) -> Card:
        """A notice in force."""
        return self._known(dict(line))

    def _known(self, card: Card) -> Card:
        """The card without a category that is a source's own words, unless for a desk."""
        if self.audience != "desk" and card.get("category") not in self._categories and "category" in card:
            card["category"] = None
        return card


def _private(policy: Policy) -> frozenset[str]:
    return frozenset(key for key, rule in policy.categories.items() if rule.private)


def _blurred(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, PRIVATE_DECIMALS)


def visible(complaint: Complaint, today: str) -> bool:
    """Whether walls show it: open of any day, or done or elsewhere since the day was opened."""
    return complaint.open or (complaint.closed_day or "") >= today
