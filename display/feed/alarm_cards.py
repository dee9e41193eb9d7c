"""What a screen may know of an alarm: codes, times and who has it; its reason stays at the desk."""

from typing import Any

from liveroom.domain.alarms.model import Alarm, AlarmState
from liveroom.domain.timestamps import to_text

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
