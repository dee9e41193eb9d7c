"""Fields and types of every message of the feed, as docs/feed.md lists them, and what an audience may not see.

Null or absent means that there is none, so only a field that cannot be null has to be there.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cli.feed_check.checklist import Verdicts
from cli.feed_check.wire import shown

Message = Mapping[str, Any]
LARGEST, HUGE = 2**53, 1e300
# Characters of an epoch or a mark, which are remembered.
LONGEST_WORD = 200
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
# A key of a city's pack; somebody's own words have spaces.
KEY = re.compile(r"[^\s]{1,128}")


# Types.


@dataclass(frozen=True, slots=True)
class Type:
    """``name``: the key of what it is called, or the values themselves, joined; ``ok(value)``: whether it is one."""

    name: str
    ok: Callable[[Any], bool]
    null: bool = False

    def takes(self, value: Any) -> bool:
        """Whether a field may have this value."""
        return self.null if value is None else self.ok(value)


def is_number(value: object) -> bool:
    """Whether it is a number that can be calculated with; JSON has larger ones."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < HUGE


def is_whole(value: object) -> bool:
    """Whether it is a whole number from 0 that every client can hold."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST


def time_of(value: object) -> datetime | None:
    """The time, aware UTC; None for what is no time of the feed."""
    if not isinstance(value, str) or TIME.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _one_of(*values: object, null: bool = False) -> Type:
    kinds = {type(value) for value in values}
    return Type(" | ".join(map(str, values)), lambda value: type(value) in kinds and value in values, null)


def _or_null(one: Type) -> Type:
    return Type(one.name, one.ok, null=True)


_TEXT = Type("text", lambda value: isinstance(value, str) and value != "")
_WORD = Type("word", lambda value: isinstance(value, str) and 0 < len(value) <= LONGEST_WORD)
_WHOLE = Type("whole", is_whole)
_NUMBER = Type("number", is_number)
_FLAG = Type("flag", lambda value: isinstance(value, bool))
_TIME = Type("time", lambda value: time_of(value) is not None)
_DATE = Type("date", _is_date)
_ID = Type("id", lambda value: isinstance(value, str) and UUID.fullmatch(value) is not None)
_LIST = Type("list", lambda value: isinstance(value, list))
_OBJECT = Type("object", lambda value: isinstance(value, dict))
_TEXTS = Type("texts", lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value))
_MAYBE_TEXT, _MAYBE_TIME, _MAYBE_WHOLE, _MAYBE_FLAG = map(_or_null, (_TEXT, _TIME, _WHOLE, _FLAG))
_STAGES = _one_of("forward", "accept", "finish", null=True)

# Messages.

STATUS_OF = {
    "received": "waiting", "forwarded": "waiting", "accepted": "in_process", "working": "in_process",
    "proof_submitted": "in_process", "done": "done", "not_ours": "elsewhere", "rejected": "elsewhere",
    "merged": "elsewhere",
}  # fmt: skip
OPEN = ("waiting", "in_process")
POSITION = {"epoch": _WORD, "seq": _WHOLE, "mark": _WORD}
CARD = {
    "id": _ID, "seq": _WHOLE, "state": _one_of(*STATUS_OF), "status": _one_of(*dict.fromkeys(STATUS_OF.values())),
    "overdue": _FLAG, "paused": _one_of("citizen", "hold", null=True), "source": _TEXT, "category": _MAYBE_TEXT,
    "priority": _one_of("critical", "urgent", "normal"), "agency": _MAYBE_TEXT, "agencies": _TEXTS, "area": _MAYBE_TEXT,
    "lat": _or_null(_NUMBER), "lon": _or_null(_NUMBER), "in_city": _FLAG, "received_at": _TIME, "received_day": _DATE,
    "closed_at": _MAYBE_TIME, "stage": _STAGES, "stage_from": _MAYBE_TIME,
    "stage_clock": _one_of("working", "calendar", null=True), "due_at": _MAYBE_TIME,
    "escalation": _one_of(0, 150, 200, 300), "moves": _WHOLE, "drill": _FLAG,
}  # fmt: skip
ENDED_ALARM = {
    "id": _TEXT, "seq": _WHOLE, "kind": _one_of("warned", "passed", "critical", "lost"), "priority": _one_of(1, 2, 3),
    "state": _one_of("unacked", "acked", "returned", "shelved", "suppressed", "out_of_service", "normal"),
}  # fmt: skip
ALARM = {
    **ENDED_ALARM, "active": _FLAG, "raised_at": _MAYBE_TIME, "activated_at": _MAYBE_TIME, "paged_at": _MAYBE_TIME,
    "unpaged_at": _MAYBE_TIME, "acked_at": _MAYBE_TIME, "expires_at": _MAYBE_TIME, "due_at": _MAYBE_TIME,
    "shelved_until": _MAYBE_TIME, "suppressed_until": _MAYBE_TIME, "review_at": _MAYBE_TIME, "count": _MAYBE_WHOLE,
    "rearmed": _MAYBE_WHOLE, "chattering": _MAYBE_FLAG, "stage": _MAYBE_TEXT, "complaint": _MAYBE_TEXT,
    "source": _MAYBE_TEXT, "agency": _MAYBE_TEXT, "area": _MAYBE_TEXT, "category": _MAYBE_TEXT, "acked_by": _MAYBE_TEXT,
    "owner": _MAYBE_TEXT, "shelved_by": _MAYBE_TEXT, "rule": _MAYBE_TEXT,
}  # fmt: skip
COHORT = ("in", "waiting", "in_process", "done", "elsewhere")
SUMS = {"cohort": COHORT, "stock": ("open", "overdue"), "flow": ("done",)}
SOURCE = {
    "id": _TEXT, "name": _TEXT, "every_s": _or_null(_NUMBER), "state": _one_of("ok", "late", "lost", "closed"),
}  # fmt: skip
LINE = {
    "id": _TEXT, "kind": _TEXT, "category": _MAYBE_TEXT, "area": _MAYBE_TEXT, "n": _or_null(_NUMBER),
    "since": _MAYBE_TIME, "at": _MAYBE_TIME, "until_real": _MAYBE_TIME,
}  # fmt: skip
HAZARD = {
    "id": _TEXT, "event": _TEXT, "severity": _TEXT, "urgency": _TEXT, "certainty": _TEXT, "onset": _MAYBE_TIME,
    "expires": _TIME, "headline": _MAYBE_TEXT, "sender_name": _MAYBE_TEXT, "area": _MAYBE_TEXT, "areas": _TEXTS,
    "polygons": _LIST,
}  # fmt: skip
# What only a desk reads of a hazard.
DESK_HAZARD = frozenset({"sent", "sender", "source", "language", "description", "instruction"})
SNAPSHOT = {
    "now": _TIME, "at": _TIME, "day": _DATE, "cards": _OBJECT, "alarms": _LIST, "counts": _OBJECT, "sources": _LIST,
    "lines": _LIST, "hazards": _or_null(_LIST),
}  # fmt: skip
BATCH = {
    "from": _WHOLE, "to": _WHOLE, "now": _TIME, "at": _TIME, "logged_at": _TIME, "cards": _LIST, "gone": _TEXTS,
    "alarms": _LIST, "counts": _or_null(_OBJECT), "sources": _or_null(_LIST), "lines": _or_null(_LIST),
    "hazards": _or_null(_LIST),
}  # fmt: skip
BEAT = {
    "now": _TIME, "at": _TIME, "rate": Type("number", lambda value: is_number(value) and value >= 0),
    "as_of": _MAYBE_TIME, "due_to": _MAYBE_TIME, "build": _TEXT, "calendar": _TEXT, "heard": _OBJECT,
}  # fmt: skip

# What an audience sees besides, and what none may see.

MORE: Mapping[str, frozenset[str]] = {
    "wall": frozenset({"sensor"}),
    "visit": frozenset(),
    "lead": frozenset({"channel", "class", "answer_by"}),
    "desk": frozenset(
        {
            *("source_id", "channel", "class", "claimed_by", "claimed_until", "returned", "answer_by", "due_stage"),
            *("merged", "allowed"),
        }
    ),
    "agency": frozenset({"source_id", "channel", "class", "accepted", "proved", "answer_by", "allowed"}),
}
PRIVATE = frozenset(
    {
        *("description", "address", "text", "note", "comment", "comments", "reason", "message", "title", "body"),
        *("person", "people", "reporter", "name", "phone", "telephone", "email", "mail", "contact", "media", "photo"),
        *("photos", "pictures", "answers", "question"),
    }
)
# What another room always sees of a card; its audience, `room:FIELDS`, names the rest.
ROOM, ROOM_ALWAYS = "room:", frozenset({"id", "seq", "status", "received_day", "drill"})
PEOPLE = ("acked_by", "shelved_by")
HANDLED = ("acked_at", "expires_at", "paged_at", "unpaged_at", "shelved_until", "rule", "suppressed_until", "review_at")
KEYS = ("category", "agency", "area", "source")


class Shapes:
    """Judges single messages for one audience."""

    def __init__(self, verdicts: Verdicts, audience: str) -> None:
        self._verdicts = verdicts
        self._audience = "agency" if audience.startswith("agency:") else audience
        more = MORE.get(self._audience, MORE["wall"])
        self._fields_of_card: Mapping[str, Type] = CARD
        self._allowed: frozenset[str] = frozenset(CARD.keys() | more)
        self._forbidden = PRIVATE | (frozenset().union(*MORE.values()) - more)
        if audience.startswith(ROOM):
            named: frozenset[str] = frozenset(audience[len(ROOM) :].split(",")) - {""}
            self._allowed = ROOM_ALWAYS | named | frozenset(("lat", "lon") if "place" in named else ())
            self._fields_of_card = {name: type_ for name, type_ in CARD.items() if name in self._allowed}
            self._forbidden = PRIVATE | (CARD.keys() | frozenset().union(*MORE.values())) - self._allowed
        self._columns: frozenset[str] = frozenset()

    # The four messages. Each answers whether a client could use it.

    def position(self, message: Message, where: str) -> bool:
        """Epoch, number and mark of any message."""
        return self._fields("position.fields", message, POSITION, where)

    def snapshot(self, value: Any) -> bool:
        """The body of a snapshot."""
        if not self._object("snapshot.fields", value, "snapshot"):
            return False
        usable = self.position(value, "snapshot") & self._fields("snapshot.fields", value, SNAPSHOT, "snapshot")
        if not usable or not self._even(value["cards"]):
            return False
        self._columns = frozenset(value["cards"])
        rows = zip(*value["cards"].values(), strict=True)
        cards = [dict(zip(value["cards"], row, strict=True)) for row in rows]
        self._seen(value["cards"], "cards")
        usable = self._all(self._card, cards, "cards") & self._rest(value)
        ids = [str(card.get("id")) for card in cards]
        if ids:
            twice = len(ids) - len(set(ids))
            self._verdicts.judge("card.once", not twice, "twice", n=twice)
        if value["alarms"]:
            ended = sum(isinstance(one, dict) and one.get("state") == "normal" for one in value["alarms"])
            self._verdicts.judge("alarm.standing", not ended, "normal", n=ended)
        return usable

    def batch(self, value: Any) -> bool:
        """A batch, sent or in an answer."""
        if not self._object("batch.fields", value, "batch"):
            return False
        usable = self.position({**value, "seq": value.get("to")}, "batch")
        usable &= self._fields("batch.fields", value, BATCH, "batch")
        if not usable:
            return False
        usable = self._verdicts.judge(
            "batch.range", value["from"] <= value["to"], "range", first=value["from"], last=value["to"]
        )
        for card in value["cards"]:
            lacks = sorted(self._columns - card.keys()) if isinstance(card, dict) else []
            self._verdicts.judge("card.whole", not lacks, "lacks", fields=", ".join(map(shown, lacks[:5])))
        return usable & self._all(self._card, value["cards"], "batch.cards") & self._rest(value)

    def batches(self, values: Sequence[Any]) -> bool:
        """All batches of an answer."""
        return all([self.batch(one) for one in values])

    def beat(self, value: Any) -> bool:
        """A beat."""
        if not self._object("beat.fields", value, "beat"):
            return False
        usable = self.position(value, "beat") & self._fields("beat.fields", value, BEAT, "beat")
        if usable and value["heard"]:
            odd = [one for one in value["heard"].values() if not is_number(one) or one < 0]
            self._verdicts.judge("beat.heard", not odd, "value", where="heard", value=shown(odd[:1]), wanted="number")
        return usable

    def calendar(self, value: Any) -> bool:
        """The body of a calendar: intervals in milliseconds, one after the other."""
        spans = value.get("intervals") if isinstance(value, dict) else None
        pairs = isinstance(spans, list) and all(isinstance(one, list) and len(one) == 2 for one in spans)
        ends: list[Any] = [moment for one in spans or () for moment in one] if pairs else [None]
        good = all(map(is_number, ends)) and ends == sorted(ends)
        return self._verdicts.judge("calendar.fields", good, "calendar", value=shown(value))

    # What they are made of.

    def _rest(self, message: Message) -> bool:
        """Alarms, counts, sources, lines and hazards of a snapshot or a batch."""
        usable = self._all(self._alarm, message["alarms"], "alarms")
        if message.get("counts") is not None:
            usable &= self._counts(message["counts"])
        self._all(self._source, message.get("sources") or (), "sources")
        self._all(self._line, message.get("lines") or (), "lines")
        self._all(self._hazard, message.get("hazards") or (), "hazards")
        return usable

    def _all(self, judge: Callable[[Message, str], bool], values: Iterable[Any], where: str) -> bool:
        return all([judge(value, f"{where}[{n}]") for n, value in enumerate(values)])

    def _card(self, card: Any, where: str) -> bool:
        usable = self._fields("card.fields", card, self._fields_of_card, where)
        if not isinstance(card, dict):
            return False
        self._seen(card.keys(), where)
        if not usable:
            return isinstance(card.get("id"), str)
        if "state" in card:
            good = STATUS_OF[card["state"]] == card["status"]
            self._verdicts.judge("card.status", good, "status_of", state=card["state"], status=card["status"])
        self._place(card.get("lat"), card.get("lon"), where)
        if self._audience != "desk":
            for name in KEYS:
                if card.get(name) and KEY.fullmatch(card[name]) is None:
                    self._verdicts.flaw("card.forbidden", "free_text", where=f"{where}.{name}", value=shown(card[name]))
        return True

    def _seen(self, names: Iterable[str], where: str) -> None:
        """Fields that the audience may not see, and those that docs/feed.md does not have."""
        for name in names:
            if name in self._forbidden:
                self._verdicts.flaw("card.forbidden", "forbidden", where=where, field=shown(name))
            elif name not in self._allowed:
                self._verdicts.flaw("card.unknown", "unknown", field=shown(name))
        self._verdicts.held("card.forbidden")
        self._verdicts.held("card.unknown")

    def _place(self, lat: Any, lon: Any, where: str) -> None:
        good = (lat is None) == (lon is None) and (lat is None or (abs(lat) <= 90 and abs(lon) <= 180))
        self._verdicts.judge("card.place", good, "place", where=where, lat=shown(lat), lon=shown(lon))

    def _alarm(self, alarm: Any, where: str) -> bool:
        ended = isinstance(alarm, dict) and alarm.get("state") == "normal"
        usable = self._fields("alarm.fields", alarm, ENDED_ALARM if ended else ALARM, where)
        if not isinstance(alarm, dict):
            return False
        hidden = [name for name in alarm if name in PRIVATE]
        if self._audience in ("visit", "lead", "agency"):
            hidden += [name for name in PEOPLE if alarm.get(name) is not None]
        if self._audience == "visit":
            hidden += [name for name in HANDLED if alarm.get(name) is not None]
        for name in hidden:
            self._verdicts.flaw("alarm.forbidden", "forbidden", where=where, field=shown(name))
        self._verdicts.held("alarm.forbidden")
        return usable or (isinstance(alarm.get("id"), str) and isinstance(alarm.get("state"), str))

    def _counts(self, counts: Any) -> bool:
        usable = self._fields("counts.fields", counts, {"day": _DATE, **dict.fromkeys(SUMS, _OBJECT)}, "counts")
        if not usable:
            return False
        for part, names in SUMS.items():
            usable &= self._fields("counts.fields", counts[part], dict.fromkeys(names, _WHOLE), f"counts.{part}")
        if usable:
            every, *parts = (counts["cohort"][name] for name in COHORT)
            self._verdicts.judge("counts.sum", every == sum(parts), "sum", every=every, sum=sum(parts))
        return usable

    def _source(self, source: Any, where: str) -> bool:
        return self._fields("source.fields", source, SOURCE, where)

    def _hazard(self, hazard: Any, where: str) -> bool:
        usable = self._fields("hazard.fields", hazard, HAZARD, where)
        if usable and self._audience != "desk":
            for name in DESK_HAZARD & hazard.keys():
                self._verdicts.flaw("hazard.forbidden", "forbidden", where=where, field=shown(name))
            self._verdicts.held("hazard.forbidden")
        return usable

    def _line(self, line: Any, where: str) -> bool:
        usable = self._fields("line.fields", line, LINE, where)
        if usable:
            hidden = [name for name in line if name in PRIVATE or (name == "by" and self._audience != "desk")]
            for name in hidden:
                self._verdicts.flaw("line.forbidden", "forbidden", where=where, field=shown(name))
            self._verdicts.held("line.forbidden")
        return usable

    # Fields.

    def _object(self, check: str, value: Any, where: str) -> bool:
        return self._verdicts.judge(
            check, isinstance(value, dict), "value", where=where, value=shown(value), wanted="object"
        )

    def _even(self, columns: Message) -> bool:
        """Whether the columns of a snapshot are lists of one length."""
        lengths = {len(column) if isinstance(column, list) else -1 for column in columns.values()}
        good = len(lengths) == 1 and -1 not in lengths
        return self._verdicts.judge(
            "snapshot.columns", good, "columns", lengths=", ".join(map(str, sorted(lengths)[:5]))
        )

    def _fields(self, check: str, value: Any, fields: Mapping[str, Type], where: str) -> bool:
        """Whether an object has these fields with values of these types."""
        if not isinstance(value, dict):
            return self._object(check, value, where)
        wrong = [name for name, type_ in fields.items() if not type_.takes(value.get(name))]
        for name in wrong:
            self._wrong(check, value.get(name), fields[name].name, f"{where}.{name}")
        if not wrong:
            self._verdicts.held(check)
        self._verdicts.held("time.form")
        self._verdicts.held("number.size")
        return not wrong

    def _wrong(self, check: str, value: Any, wanted: str, where: str) -> None:
        """Note a field that is not as it has to be; times and large numbers have checks of their own."""
        if value is None:
            self._verdicts.flaw(check, "missing", where=where, wanted=wanted)
            return
        if wanted == "time" and isinstance(value, str):
            check = "time.form"
        elif wanted == "whole" and isinstance(value, int) and value >= LARGEST:
            check = "number.size"
        self._verdicts.flaw(check, "value", where=where, value=shown(value), wanted=wanted)
