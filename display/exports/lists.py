"""The columns of the outbox, the alarms, the people, the screens and the sources as files.

Each reads the rows that the list itself sends, so that a file tells nothing that the page does not show.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from display.exports.download import MOMENT, NARROW, WORDS, ListColumn, Wording, field, moment
from liveroom.domain.alarms.model import AlarmState
from liveroom.domain.alarms.records import FEED, OUTBOX, RECORDS, SCREEN
from liveroom.domain.notifications import RecipientKind
from liveroom.domain.requests import OF_PEOPLE
from liveroom.runtime.language import catalogue
from liveroom.tables.export import Cell

JsonRow = Mapping[str, Any]
# Receivers that are a person: their names are covered while guests are in the room (CR-81).
_PERSONAL = frozenset({RecipientKind.CITIZEN.value, RecipientKind.PHONE.value, RecipientKind.SUPERVISOR.value})
_ROLES = frozenset(role.value for role in OF_PEOPLE)


def _words_of(subject: str, words: Wording) -> frozenset[str]:
    """What follows ``subject`` in the keys of the catalogue: the values that have words."""
    keys = catalogue().texts.get(words.language, {})
    return frozenset(key.removeprefix(subject) for key in keys if key.startswith(subject))


def _worded(key: str, subject: str, words: Wording) -> Any:
    known = _words_of(subject, words)
    return lambda row: words.known(subject, row.get(key), known)


def outbox_columns(words: Wording, *, guests: bool) -> Sequence[ListColumn]:
    """Of the rows of ``/api/v1/outbox``."""

    def name(row: JsonRow) -> Cell:
        return None if guests and row["whom"] in _PERSONAL else row["name"]

    def cause(row: JsonRow) -> Cell:
        return words.known("outbox.cause_", row["cause"].partition(".")[2], _words_of("outbox.cause_", words))

    def last(row: JsonRow) -> JsonRow:
        return row["attempts"][0] if row["attempts"] else {}

    outcome = _worded("outcome", "outbox.outcome_", words)
    return (
        ListColumn("receiver", name, WORDS),
        ListColumn("receiver_kind", _worded("whom", "outbox.whom_", words)),
        ListColumn("way", _worded("channel", "outbox.channel_", words)),
        ListColumn("number", field("number"), MOMENT),
        ListColumn("cause", cause),
        ListColumn("standing", _worded("state", "outbox.", words)),
        ListColumn("since", moment("at"), MOMENT),
        ListColumn("sent_at", moment("sent_at"), MOMENT),
        ListColumn("next_at", moment("next_at"), MOMENT),
        ListColumn("tries", field("tries")),
        ListColumn("last_try", lambda row: moment("at")(last(row)), MOMENT),
        ListColumn("outcome", lambda row: outcome(last(row))),
        ListColumn("code", lambda row: last(row).get("code")),
        ListColumn("reason", lambda row: last(row).get("reason"), WORDS),
        ListColumn("known_until", moment("known_until"), MOMENT),
        ListColumn("known_by", lambda row: None if guests else row["known_by"], MOMENT),
    )


def people_columns(words: Wording) -> Sequence[ListColumn]:
    """Of the rows of ``/api/v1/people``."""
    states = {"active": "export.active", "disabled": "people.disabled", "invited": "people.invited"}
    return (
        ListColumn("name", field("name"), WORDS),
        ListColumn("login", field("actor"), MOMENT),
        ListColumn("role", lambda row: words.known("page.role.", row["role"], _ROLES), MOMENT),
        ListColumn("agency", lambda row: words.agency(row["agency"])),
        ListColumn("standing", lambda row: words.say(states[row["state"]])),
        ListColumn("by_provider", lambda row: words.yes(row["by_provider"])),
        ListColumn("second_factor", lambda row: words.yes(row["second_factor"])),
        ListColumn("logged_in_at", moment("logged_in_at"), MOMENT),
        ListColumn("sessions", field("sessions")),
        ListColumn("seen_at", moment("seen_at"), MOMENT),
        ListColumn("tokens", field("tokens")),
        ListColumn("link_until", moment("link_until"), MOMENT),
    )


def screen_columns(words: Wording) -> Sequence[ListColumn]:
    """Of the screens and pages of ``/api/v1/screens``."""

    def size(row: JsonRow) -> Cell:
        return f"{row['width']} x {row['height']}" if row.get("width") and row.get("height") else None

    return (
        ListColumn("name", lambda row: row.get("name") or words.say("screens.unnamed"), MOMENT),
        ListColumn("place", field("place"), MOMENT),
        ListColumn("standing", _worded("state", "screens.", words)),
        ListColumn("scene", _worded("scene", "screens.scene_", words)),
        ListColumn("look", _worded("look", "screens.look_", words)),
        ListColumn("size", size, MOMENT),
        ListColumn("sound", _worded("sound", "screens.sound_", words)),
        ListColumn("speaks", lambda row: words.yes(row.get("speaks"))),
        ListColumn("position", field("seq")),
        ListColumn("behind", field("behind")),
        ListColumn("heard_s", field("heard_s")),
        ListColumn("painted_s", field("painted_s")),
        ListColumn("lag_ms", field("lag_ms")),
        ListColumn("heap_mb", field("heap_mb")),
        ListColumn("build", field("build"), MOMENT),
        ListColumn("created_at", moment("created_at"), MOMENT),
        ListColumn("revoked_at", moment("revoked_at"), MOMENT),
    )


def source_columns(words: Wording) -> Sequence[ListColumn]:
    """Of the rows of ``/api/v1/sources``."""
    states = {"ok": "export.ok", "late": "export.late", "lost": "export.lost", "paused": "sources.pause_done"}
    return (
        ListColumn("source", field("name"), WORDS),
        ListColumn("standing", lambda row: words.say(states[row["state"]])),
        ListColumn("heard_at", moment("heard_at"), MOMENT),
        ListColumn("every_s", field("every_s")),
        ListColumn("learned_s", field("learned_s")),
        ListColumn("day", lambda row: sum(row["hours"])),
        ListColumn("per_hour", field("per_hour")),
        ListColumn("delay_s", field("lag_s")),
        ListColumn("rejected", field("rejected")),
        ListColumn("quarantined", field("open")),
        ListColumn("unsigned", field("unsigned")),
        ListColumn("empty", field("empty")),
        ListColumn("fault", field("fault"), WORDS),
        ListColumn("fault_at", moment("fault_at"), MOMENT),
        ListColumn("paused_at", moment("paused_at"), MOMENT),
        ListColumn("key_days", lambda row: min((key["days"] for key in row["keys"]), default=None)),
    )


# ---- alarms ----

# The lists of the alarm desk, in its order; the second is one key away (CR-22).
ALARM_VIEWS: Mapping[str, tuple[AlarmState, ...]] = {
    "open": (AlarmState.UNACKED, AlarmState.ACKED, AlarmState.RETURNED),
    "quiet": (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE),
}


def alarm_key(alarm: JsonRow) -> tuple[int, int, str, str]:
    """Smaller comes first: who needs somebody, priority, age."""
    states = [state.value for view in ALARM_VIEWS.values() for state in view]
    since = alarm["activated_at"] or alarm["raised_at"] or ""
    return states.index(alarm["state"]), alarm["priority"], since, alarm["id"]


def _record_of(alarm: JsonRow) -> str:
    source = alarm["source"] or ""
    if alarm["kind"] != "lost":
        return str(alarm["kind"])
    known = {FEED: FEED, SCREEN: SCREEN, OUTBOX: OUTBOX}
    return known.get(source.partition(":")[0], "lost")


def alarm_columns(
    words: Wording, numbers: Mapping[str, str], sources: Mapping[str, str], people: Mapping[str, str], *, guests: bool
) -> Sequence[ListColumn]:
    """Of the cards of alarms; ``numbers`` by complaint, names of ``sources`` and ``people`` by key."""

    def person(key: str) -> Any:
        # Beside a person an owner may be an agency, which no guest is kept from reading.
        def named(row: JsonRow) -> Cell:
            actor = row[key]
            if actor is None or actor in words.city.agencies:
                return words.agency(actor)
            return None if guests else people.get(actor, actor)

        return named

    def number(row: JsonRow) -> Cell:
        return numbers.get(row["complaint"] or "")

    def source(row: JsonRow) -> Cell:
        key = row["source"] or ""
        return sources.get(key, key.partition(":")[2] or key) or None

    return (
        ListColumn("alarm_priority", lambda row: f"P{row['priority']}"),
        ListColumn("alarm", lambda row: words.say(RECORDS[_record_of(row)].keys["name"]), MOMENT),
        ListColumn("standing", _worded("state", "alarms.", words), MOMENT),
        ListColumn("number", number, MOMENT),
        ListColumn("category", lambda row: words.category(row["category"]), WORDS),
        ListColumn("agency", lambda row: words.agency(row["agency"])),
        ListColumn("area", lambda row: words.area(row["area"]), MOMENT),
        ListColumn("district", lambda row: words.district(row["area"]), MOMENT),
        ListColumn("source", source, MOMENT),
        ListColumn("count", field("count")),
        ListColumn("raised_at", moment("raised_at"), MOMENT),
        ListColumn("due_at", moment("due_at"), MOMENT),
        ListColumn("acked_at", moment("acked_at"), MOMENT),
        ListColumn("acked_by", person("acked_by"), MOMENT),
        ListColumn("owner", person("owner"), MOMENT),
        ListColumn("shelved_by", person("shelved_by"), MOMENT),
        ListColumn("shelved_until", moment("shelved_until"), MOMENT),
        ListColumn("suppressed_until", moment("suppressed_until"), MOMENT),
        ListColumn("chattering", lambda row: words.yes(row["chattering"]), NARROW),
    )
