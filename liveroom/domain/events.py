"""Events: the closed set of their kinds, an event as the rules make it, and as the log holds it.

A payload holds codes, ids, times and results only, never free text or personal data: those are rows of their own that
can be erased. docs/events.md describes each payload.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Subject(StrEnum):
    """What an event is about; every event has exactly one subject."""

    COMPLAINT = "complaint"
    ALARM = "alarm"
    SOURCE = "source"
    SCREEN = "screen"
    USER = "user"
    ROOM = "room"


class Kind(StrEnum):
    """Every kind of event, past tense."""

    RECEIVED = "complaint.received"
    AMENDED = "complaint.amended"
    TRIAGED = "complaint.triaged"
    FORWARDED = "complaint.forwarded"
    ACCEPTED = "complaint.accepted"
    DECLINED = "complaint.declined"
    STARTED = "complaint.started"
    ASKED = "complaint.asked"
    ANSWERED = "complaint.answered"
    HELD = "complaint.held"
    RESUMED = "complaint.resumed"
    COORDINATED = "complaint.coordinated"
    PROOF_SUBMITTED = "complaint.proof_submitted"
    PROOF_RELEASED = "complaint.proof_released"
    PROOF_WITHDRAWN = "complaint.proof_withdrawn"
    VALIDATED = "complaint.validated"
    SENT_BACK = "complaint.sent_back"
    CLOSED = "complaint.closed"
    REOPENED = "complaint.reopened"
    MERGED = "complaint.merged"
    ABSORBED = "complaint.absorbed"
    SPLIT = "complaint.split"
    RELEASED = "complaint.released"
    REFERRED = "complaint.referred"
    REJECTED = "complaint.rejected"
    COMMENTED = "complaint.commented"
    REPLIED = "complaint.replied"
    RATED = "complaint.rated"
    CLAIMED = "complaint.claimed"
    UNCLAIMED = "complaint.unclaimed"
    EXTENDED = "complaint.extended"
    REPLANNED = "complaint.replanned"
    ERASED = "complaint.erased"
    DEADLINE_WARNED = "deadline.warned"
    DEADLINE_PASSED = "deadline.passed"
    DEADLINE_MULTIPLIED = "deadline.multiplied"
    ALARM_RAISED = "alarm.raised"
    ALARM_ACKNOWLEDGED = "alarm.acknowledged"
    ALARM_RETURNED = "alarm.returned"
    ALARM_CLEARED = "alarm.cleared"
    ALARM_REACTIVATED = "alarm.reactivated"
    ALARM_RECURRED = "alarm.recurred"
    ALARM_SHELVED = "alarm.shelved"
    ALARM_UNSHELVED = "alarm.unshelved"
    ALARM_SUPPRESSED = "alarm.suppressed"
    ALARM_UNSUPPRESSED = "alarm.unsuppressed"
    ALARM_OUT_OF_SERVICE = "alarm.out_of_service"
    ALARM_IN_SERVICE = "alarm.in_service"
    ALARM_PAGED = "alarm.paged"
    ALARM_COUNTED = "alarm.counted"
    FLOOD_BEGAN = "flood.began"
    FLOOD_ENDED = "flood.ended"
    SURGE_BEGAN = "surge.began"
    SURGE_GROWN = "surge.grown"
    SURGE_ENDED = "surge.ended"
    SILENCE_BEGAN = "silence.began"
    FREEZE_BEGAN = "freeze.began"
    FREEZE_ENDED = "freeze.ended"
    SCENE_HELD = "scene.held"
    SCENE_RELEASED = "scene.released"
    SOUND_TESTED = "sound.tested"
    SOUND_ASKED = "sound.asked"
    SOUND_CONFIRMED = "sound.confirmed"
    SOUND_MISSED = "sound.missed"
    HANDOVER_OFFERED = "handover.offered"
    HANDOVER_CONFIRMED = "handover.confirmed"
    SHOW_BEGAN = "show.began"
    VISIT_BEGAN = "visit.began"
    VISIT_ENDED = "visit.ended"
    SCREEN_PAIRED = "screen.paired"
    SCREEN_CHANGED = "screen.changed"
    SCREEN_REVOKED = "screen.revoked"
    SCREEN_FROZEN = "screen.frozen"
    SCREEN_UNFROZEN = "screen.unfrozen"
    SCREEN_SEEN = "screen.seen"
    SCREEN_DARK = "screen.dark"
    SCREEN_CUT_OFF = "screen.cut_off"
    FEED_LOST = "feed.lost"
    FEED_BACK = "feed.back"
    OUTBOX_SENT = "outbox.sent"
    OUTBOX_KNOWN = "outbox.known"
    OUTBOX_RESENT = "outbox.resent"
    OUTBOX_STUCK = "outbox.stuck"
    OUTBOX_COUNTED = "outbox.counted"
    OUTBOX_RECOVERED = "outbox.recovered"
    OUTBOX_RELEASED = "outbox.released"
    USER_ADDED = "user.added"
    USER_CHANGED = "user.changed"
    USER_INVITED = "user.invited"
    USER_PASSWORD_SET = "user.password_set"
    USER_LOGGED_OUT = "user.logged_out"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    USER_REMOVED = "user.removed"
    USER_TOKEN_GIVEN = "user.token_given"
    USER_TOKEN_REVOKED = "user.token_revoked"
    USER_FACTOR_SET = "user.factor_set"
    USER_FACTOR_REMOVED = "user.factor_removed"
    USER_RECOVERY_RENEWED = "user.recovery_renewed"
    USER_RECOVERY_USED = "user.recovery_used"
    DAY_OPENED = "day.opened"
    SOURCE_CHANGED = "source.changed"
    POLICY_CHANGED = "policy.changed"
    CLOCK_REPAIRED = "clock.repaired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact before it has a number: ``at`` is when it was true (aware UTC, room time).

    ``payload`` is JSON-able (str, int, float, bool, None, lists, dicts; times as RFC 3339 text). Free texts are written
    to the ``text`` table in the same transaction; the payload holds their ids.
    """

    kind: Kind
    subject: Subject
    id: str
    at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event as the log holds it: ``seq`` without gaps, the ``mark`` of its append, ``logged_at`` real time.

    ``logged_at`` never decreases except at ``clock.repaired``.
    """

    seq: int
    mark: str
    logged_at: datetime
    actor: str
    event: Event


def happened(kind: Kind, complaint: str, *, at: datetime, payload: Mapping[str, Any]) -> Event:
    """An event about a complaint."""
    return Event(kind=kind, subject=Subject.COMPLAINT, id=complaint, at=at, payload=payload)
