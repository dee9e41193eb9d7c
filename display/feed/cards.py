"""The ONLY allow-list of fields per audience."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liveroom.domain.alarms.model import Alarm, AlarmState
from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.policy import Policy
from liveroom.domain.room import LineName, in_force
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.log.event_log import database_now
from liveroom.projection.notices import notice

# Who may look, and how much each of them is masked: one line an audience; docs/feed.md.


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """``decimals`` of a degree left of a private matter's place (None: all), and what else is shown of it.

    ``private``: its category; ``own_words``: a category that the city does not know, which is somebody's own words;
    ``people``: by which log-in names an alarm was acknowledged, is owned and shelved; ``orders``: whose order a notice
    is; ``handling``: when an alarm was seen, set aside, paged, and until when; ``more``: fields beside those of every
    card.
    """

    decimals: int | None = 3
    private: bool = True
    own_words: bool = False
    people: bool = False
    orders: bool = False
    handling: bool = True
    more: tuple[str, ...] = ()


# Three decimals of a degree are about 110 m: a neighbourhood, not a door (CR-80). Two are about a kilometre (CR-81).
MASKS: Mapping[str, Mask] = {
    "wall": Mask(people=True),
    "visit": Mask(decimals=2, private=False, handling=False),
    "desk": Mask(
        decimals=None,
        own_words=True,
        people=True,
        orders=True,
        more=("source_id", "channel", "class", "claimed_by", "claimed_until", "returned", "answer_by", "due_stage"),
    ),
    "lead": Mask(more=("channel", "class", "answer_by")),
}
AGENCY_MASK = Mask(decimals=None, more=("source_id", "channel", "class", "accepted", "proved", "answer_by"))
AUDIENCES = tuple(MASKS)
MOST_MASKED = "wall"
AGENCY = "agency:"


def agency_of(audience: str) -> str | None:
    """The agency whose own feed it is; None for every other audience."""
    return audience[len(AGENCY) :] if audience.startswith(AGENCY) else None


def audience_of(agency: str) -> str:
    """The audience of an agency's own feed."""
    return AGENCY + agency


def known(wanted: object, agencies: Collection[str]) -> str:
    """The audience that was asked for, or the most masked one if there is no such audience or agency."""
    if not isinstance(wanted, str):
        return MOST_MASKED
    return wanted if wanted in AUDIENCES or agency_of(wanted) in agencies else MOST_MASKED


def every(agencies: Collection[str]) -> tuple[str, ...]:
    """All audiences of a city with these agencies."""
    return (*AUDIENCES, *(audience_of(agency) for agency in sorted(agencies)))


# What a screen may know of an alarm: codes, times and who has it; its reason stays at the desk.

TIMES = ("due_at", "raised_at", "activated_at", "acked_at", "expires_at", "shelved_until", "suppressed_until")
TIMES_TOO = ("review_at", "paged_at")
CODES = ("id", "seq", "priority", "complaint", "source", "agency", "area", "category", "count", "active", "rearmed")
HANDLING = ("acked_at", "expires_at", "shelved_until", "suppressed_until", "review_at", "paged_at", "rule")
PEOPLE = ("acked_by", "owner", "shelved_by")


def alarm_card(alarm: Alarm) -> dict[str, Any]:
    """The alarm as the feed carries it, the same for every audience; docs/feed.md."""
    card: dict[str, Any] = {name: getattr(alarm, name) for name in (*CODES, *PEOPLE)}
    moments = {name: getattr(alarm, name) for name in (*TIMES, *TIMES_TOO)}
    card.update({name: to_text(moment) if moment is not None else None for name, moment in moments.items()})
    card["kind"], card["state"] = alarm.kind.value, alarm.state.value
    card["stage"] = alarm.stage.value if alarm.stage else None
    card["rule"] = alarm.rule.value if alarm.rule else None
    card["chattering"] = alarm.chattering
    return card


def ended_card(alarm: Alarm) -> dict[str, Any]:
    """The alarm as over, with nothing but its name and kind, for whom it is no business of any more."""
    kept = {"id": alarm.id, "seq": alarm.seq, "kind": alarm.kind.value, "priority": alarm.priority}
    return {**dict.fromkeys(alarm_card(alarm)), **kept, "state": AlarmState.NORMAL.value, "active": False}


# What an audience may know of a complaint: the only place where a field can reach a screen.

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


# While guests are in the room every wall is given what guests may see (CR-81).
#
# Whether they are is read in the very transaction that reads what is sent, and kept nowhere: whoever comes back is
# masked by the read that answers, and a database that cannot be read sends nothing at all.

SCREENS, GUESTS = "wall", "visit"


def welcomed(lines: Iterable[Mapping[str, Any]], real: datetime) -> Mapping[str, Any] | None:
    """The visit in force among the notices of a moment; None without one."""
    return next((line for line in lines if line["id"] == LineName.VISIT and in_force(line, real)), None)


def worn(audience: str, lines: Iterable[Mapping[str, Any]], real: datetime) -> str:
    """The audience as which one with a right to ``audience`` is served at that moment."""
    return GUESTS if audience == SCREENS and welcomed(lines, real) is not None else audience


def visit_now(connection: Connection) -> Mapping[str, Any] | None:
    """The visit in force as of this read; None without one."""
    line = notice(connection, LineName.VISIT)
    return welcomed(() if line is None else (line,), database_now(connection))


def worn_now(connection: Connection, audience: str) -> str:
    """The audience as which one with a right to ``audience`` is served as of this read."""
    return GUESTS if audience == SCREENS and visit_now(connection) is not None else audience
