"""What an audience may know of a complaint: the only place where a field can reach a screen."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from display.feed.alarm_cards import HANDLING, PEOPLE, alarm_card, ended_card
from display.feed.audiences import AGENCY_MASK, AUDIENCES, MASKS, agency_of, every, known
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.policy import Policy
from liveroom.domain.timestamps import to_text

Card = dict[str, Any]
__all__ = ["AUDIENCES", "Card", "Cards", "cards_of", "visible"]

# What whoever reads no names has of a notice: an order's `by`, and a handover's `from` and `to`, are people.
LINE_OF_SCREEN = (
    *("id", "kind", "state", "category", "area", "areas", "n", "count", "counts", "agency", "agencies", "shift"),
    *("since", "at", "until", "until_real", "scene", "complaint", "welcome"),
)
# What an agency needs of a surge; a flood of alarms and what was ordered for the room is not its own.
LINE_OF_AGENCY = ("id", "kind", "category", "area", "areas", "n", "since")
FIELDS = (
    *("id", "seq", "state", "status", "overdue", "paused", "source", "category", "agency", "agencies", "area"),
    *("in_city", "lat", "lon", "received_at", "received_day", "closed_at", "stage", "stage_from", "stage_clock"),
    *("due_at", "priority", "escalation", "drill"),
)


def _what(c: Complaint) -> Card:
    """What it is, where, and who has it."""
    return {
        "id": c.id,
        "seq": c.seq,
        "state": c.state.value,
        "status": c.status.value,
        "paused": c.paused,
        "source": c.source,
        "category": c.category,
        "agency": c.agency,
        "agencies": list(c.agencies),
        "area": c.area,
        "in_city": c.in_city,
        "lat": c.lat,
        "lon": c.lon,
        "priority": c.priority,
        "drill": c.drill,
    }


def _due_stage(complaint: Complaint) -> str | None:
    running = complaint.first_due
    return running[0].value if running else None


def _when(c: Complaint) -> Card:
    """Since when it is there, and what runs."""
    stage, first = c.stage, c.first_due
    return {
        "overdue": c.overdue,
        "received_at": to_text(c.received_at),
        "received_day": c.day,
        "closed_at": to_text(c.closed_at) if c.closed_at else None,
        "stage": stage.value if stage else None,
        "stage_from": to_text(first[1].start) if first else None,
        "stage_clock": first[1].clock.value if first else None,
        "due_at": to_text(first[1].due) if first else None,
        "escalation": c.escalation,
    }


MORE: Mapping[str, Callable[[Complaint], Any]] = {
    "source_id": lambda c: c.source_id,
    "channel": lambda c: c.channel,
    "class": lambda c: c.class_,
    "claimed_by": lambda c: c.claimed_by,
    "claimed_until": lambda c: to_text(c.claimed_until) if c.claimed_until else None,
    "returned": lambda c: c.state is State.RECEIVED and c.accept is not None,
    "due_stage": _due_stage,
    "answer_by": lambda c: to_text(c.answer_by) if c.answer_by else None,
}


class Cards:
    """Cards of one city for one audience; an unknown audience gets the most masked one."""

    def __init__(self, policy: Policy, audience: str) -> None:
        self.audience = known(audience, policy.agencies)
        self.agency = agency_of(self.audience)
        self._mask = AGENCY_MASK if self.agency is not None else MASKS[self.audience]
        more = MORE if self.agency is None else {**MORE, **_own_part(self.agency)}
        self._more = {name: more[name] for name in self._mask.more}
        self.fields = (*FIELDS, *self._mask.more)
        self._policy = policy

    def of(self, complaint: Complaint) -> Card:
        """The card of a complaint, as far as this audience may know it."""
        card = _what(complaint) | _when(complaint)
        for name, read in self._more.items():
            card[name] = read(complaint)
        decimals = self._mask.decimals
        if decimals is not None and self._policy.is_private(complaint.category):
            card["lat"], card["lon"] = _blurred(complaint.lat, decimals), _blurred(complaint.lon, decimals)
        return self._known(card)

    def of_alarm(self, alarm: Alarm) -> Card:
        """The card of an alarm; an agency is told no other's name by it, and nobody a source's own words.

        Those stand on the card of its complaint, and go from there when it is erased.
        """
        card = self._known(alarm_card(alarm))
        if card["category"] not in self._policy.categories:
            card["category"] = None
        if self.agency is not None and card["agency"] != self.agency:
            card["agency"] = None
        if not self._mask.handling:
            card = card | dict.fromkeys(HANDLING)
        return card if self._mask.people else self._faceless(card)

    def _faceless(self, card: Card) -> Card:
        """An agency that follows it up is no person."""
        return (
            card | dict.fromkeys(PEOPLE) | {"owner": card["owner"] if card["owner"] in self._policy.agencies else None}
        )

    def of_ended(self, alarm: Alarm) -> Card:
        """The card that takes an alarm away from an agency whose complaint it was: its name and no more."""
        return ended_card(alarm)

    def of_lines(self, lines: Iterable[Mapping[str, Any]]) -> list[Card]:
        """The notices in force that are for this audience."""
        if self.agency is None:
            return [self._of_line(line) for line in lines]
        return [{name: line.get(name) for name in LINE_OF_AGENCY} for line in lines if self._own_surge(line)]

    def of_sources(self, sources: list[Card]) -> list[Card]:
        """The sources; whether they are heard is nothing that an agency could act on."""
        return sources if self.agency is None else []

    def _of_line(self, line: Mapping[str, Any]) -> Card:
        card = self._known(dict(line))
        return card if self._mask.orders else {name: card[name] for name in LINE_OF_SCREEN if name in card}

    def _own_surge(self, line: Mapping[str, Any]) -> bool:
        category = line.get("category")
        return line["kind"] == "surge" and self._policy.agency_for(category or "", line.get("area")) == self.agency

    def _known(self, card: Card) -> Card:
        """The card without a category that is a source's own words, or too private for this audience."""
        category = card.get("category")
        if category is not None and not self._mask.own_words:
            rule = self._policy.categories.get(category)
            if rule is None or (rule.private and not self._mask.private):
                card["category"] = None
        return card


def cards_of(policy: Policy) -> dict[str, Cards]:
    """The cards of every audience of a city."""
    return {audience: Cards(policy, audience) for audience in every(policy.agencies)}


def _own_part(agency: str) -> Mapping[str, Callable[[Complaint], Any]]:
    """How far this agency is with its part, whoever leads."""
    return {"accepted": lambda c: agency in c.accepted_by, "proved": lambda c: agency in c.proved_by}


def _blurred(degrees: float | None, decimals: int) -> float | None:
    return None if degrees is None else round(degrees, decimals)


def visible(complaint: Complaint, today: str) -> bool:
    """Whether screens show it: open of any day, or done or elsewhere since the day was opened."""
    return complaint.open or (complaint.closed_day or "") >= today
