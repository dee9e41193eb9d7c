"""The duty desk's list as a file: the same views, filters and order as the page works out from the cards of the feed.

tests/browser/desk/queue_views.json holds examples that page and server both sort (docs/desk.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from display.exports.download import MOMENT, NARROW, WORDS, ListColumn, Wording
from display.exports.download import field as as_it_is
from display.exports.download import moment as as_moment
from display.feed.cards import Card, CardRow, Cards
from liveroom.city.city import City
from liveroom.domain.complaints.model import OPEN, State, Status
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import from_text, to_micros
from liveroom.log.texts import REPORTER_FIELDS

VIEWS = ("work", "soon", "late", "open", "ended")
FOUND = "found"
# Of no agency, place or category at all: a filter of its own.
NOBODY = "-"
FILTERS = ("category", "agency", "district", "area", "priority", "status")
_LONGEST = 200
_SOON = timedelta(hours=2)
_CLASS = {"critical": 0, "urgent": 1, "normal": 2}
_ORDER = ("unacked", "soon", "late", "returned", "asked", "new", "proof", "running", "ended", "found")
# After every time.
_NEVER = "~"
_OPEN = frozenset(status.value for status in OPEN)
_ESCALATED = 150
# Rows written at once: with their texts and names about 10 ms of the database's thread.
AT_ONCE = 100
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlace:
    """What the desk's list shows: its view, each filter ("" lets everything through), and what is searched for."""

    view: str = "work"
    filters: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


def place_of(args: Mapping[str, str]) -> QueuePlace:
    """The place that an address of the desk says: ``?list=&category=&…&q=``. Raises Malformed."""
    said = {name: args.get(name, "") for name in (*FILTERS, "q", "list")}
    for name, value in said.items():
        if len(value) > _LONGEST:
            raise Malformed(name, f"may have at most {_LONGEST} characters")
    view, words = said.pop("list") or "work", said.pop("q").strip()
    if view not in VIEWS:
        raise Malformed("list", f"must be one of {', '.join(VIEWS)}")
    return QueuePlace(view=FOUND if words else view, filters=said, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMoment:
    """What the list depends on beside the cards: room time, and the complaints whose alarm nobody has."""

    at: datetime
    unacked: frozenset[str]
    district_of: Mapping[str, str]


# ---- which list and which group a card is in, and where ----


def work_of(card: Card) -> str | None:
    """What a card asks of the desk; None: nothing now."""
    if card["status"] not in _OPEN:
        return "asked" if card["answer_by"] else None
    if card["state"] == State.RECEIVED:
        return "returned" if card["returned"] else "new"
    if card["answer_by"]:
        return "asked"
    if card["state"] == State.PROOF_SUBMITTED:
        return "proof"
    escalated = (card["escalation"] or 0) >= _ESCALATED
    return "late" if card["overdue"] and (card["state"] == State.FORWARDED or escalated) else None


def group_of(card: Card, view: str, moment: QueueMoment) -> str | None:
    """The group in which a view lists a card; None: it does not."""
    is_open = card["status"] in _OPEN
    if view == FOUND:
        return FOUND
    if view == "ended":
        return None if is_open else "ended"
    work, called = work_of(card), is_open and card["id"] in moment.unacked
    soon = _is_soon(card, moment)
    listed = {"work": called or work is not None, "soon": soon, "late": is_open and card["overdue"], "open": is_open}
    if not listed[view]:
        return None
    if called:
        return "unacked"
    if work == "asked":
        return work
    if card["overdue"]:
        return "late"
    return "soon" if soon else work or "running"


def _is_soon(card: Card, moment: QueueMoment) -> bool:
    if card["status"] not in _OPEN or card["overdue"] or card["paused"] or not card["due_at"]:
        return False
    return from_text(card["due_at"]) - moment.at <= _SOON


def passes(card: Card, filters: Mapping[str, str], moment: QueueMoment) -> bool:
    """Whether a card passes every filter."""
    agency = filters.get("agency", "")
    helps = bool(agency) and agency in card["agencies"]
    if not helps and not _means(agency, None if card["state"] == State.RECEIVED else card["agency"]):
        return False
    values = {name: card[name] for name in ("category", "area", "status")}
    values["priority"] = card["priority"] or "normal"
    values["district"] = moment.district_of.get(card["area"] or "")
    return all(_means(filters.get(name, ""), value) for name, value in values.items())


def _means(wanted: str, value: str | None) -> bool:
    return wanted == "" or (not value if wanted == NOBODY else value == wanted)


def key_of(card: Card, group: str, moment: QueueMoment) -> Key:
    """Smaller comes first: its group; what ended last; else alarm nobody has, class, late, due."""
    if group == "ended":
        ended = to_micros(from_text(card["closed_at"])) if card["closed_at"] else 0
        return _ORDER.index(group), -ended, card["id"]
    due = _NEVER if card["paused"] else card["due_at"] or _NEVER
    urgency = (card["id"] not in moment.unacked, _CLASS.get(card["priority"] or "normal", 2), not card["overdue"])
    return _ORDER.index(group), *urgency, due, card["id"]


# ---- the rows ----

_LISTED = (
    *("id", "state", "status", "overdue", "paused", "category", "agency", "agencies", "area", "priority", "due_at"),
    *("escalation", "answer_by", "returned", "closed_at"),
)
Run = list[tuple[Key, CardRow]]


def run_of(rows: Sequence[CardRow], cards: Cards, place: QueuePlace, moment: QueueMoment) -> Run:
    """Those of some rows that the list has, in its order, with their keys."""
    if not rows:
        return []
    columns = cards.columns_of(rows)
    found: Run = []
    for row, values in zip(rows, zip(*(columns[name] for name in _LISTED), strict=True), strict=True):
        card = dict(zip(_LISTED, values, strict=True))
        group = group_of(card, place.view, moment) if passes(card, place.filters, moment) else None
        if group is not None:
            found.append((key_of(card, group, moment), row))
    # No two keys are equal, for each ends with an id: rows are never compared.
    return sorted(found) if place.view != FOUND else found


def pages_of(runs: Sequence[Run]) -> Iterator[Sequence[CardRow]]:
    """All runs as one list, in its order, some rows at a time: what is sorted at once stays short."""
    merged = merge(*runs)
    while page := [row for _, row in islice(merged, AT_ONCE)]:
        yield page


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A card with the words of its report, who reported it where that is asked for, and who has it open."""

    card: Card
    texts: Mapping[str, str]
    person: Mapping[str, str | None]
    claimed_by: str | None


def columns_of(words: Wording, sources: Mapping[str, str], *, person: bool) -> Sequence[ListColumn]:
    """The columns of the file; ``sources``: their names by id; ``person``: with those of who reported."""
    city, statuses = words.city, frozenset(Status)

    def of(read: Any) -> Any:
        return lambda row: read(row.card)

    def state(card: Card) -> str:
        return city.words.own(f"state.{card['state']}", words.language) or words.say(f"desk.state.{card['state']}")

    def class_(card: Card) -> str | None:
        found = city.classes.get(card["class"])
        return card["class"] if found is None else in_words(found)

    def in_words(found: Any) -> str:
        return str(found.labels.get(words.language, found.label))

    reporter = [ListColumn(f"reporter_{name}", _person(name), MOMENT) for name in REPORTER_FIELDS] if person else []
    return (
        ListColumn("number", of(as_it_is("source_id")), MOMENT),
        ListColumn("category", of(lambda card: words.category(card["category"])), WORDS),
        ListColumn("class", of(class_)),
        ListColumn("priority", of(lambda card: words.say(f"desk.{card['priority'] or 'normal'}"))),
        ListColumn("status", of(lambda card: words.known("ui.", card["status"], statuses))),
        ListColumn("state", of(state), MOMENT),
        ListColumn("overdue", of(lambda card: words.yes(card["overdue"]))),
        ListColumn("escalation", of(lambda card: f"{card['escalation']}%" if card["escalation"] else None)),
        ListColumn("agency", of(lambda card: words.agency(card["agency"]))),
        ListColumn("agencies", of(lambda card: ", ".join(words.agency(key) or key for key in card["agencies"])), WORDS),
        ListColumn("area", of(lambda card: words.area(card["area"])), MOMENT),
        ListColumn("district", of(lambda card: words.district(card["area"])), MOMENT),
        ListColumn("received_at", of(as_moment("received_at")), MOMENT),
        ListColumn("due_at", of(as_moment("due_at")), MOMENT),
        ListColumn("paused", of(lambda card: words.known("ui.paused_", card["paused"], ("citizen", "hold")))),
        ListColumn("closed_at", of(as_moment("closed_at")), MOMENT),
        ListColumn("source", of(lambda card: sources.get(card["source"], card["source"])), MOMENT),
        ListColumn("channel", of(lambda card: channel_words(card["channel"], words)), MOMENT),
        ListColumn("merged", of(as_it_is("merged"))),
        ListColumn("moves", of(as_it_is("moves"))),
        ListColumn("claimed_by", lambda row: row.claimed_by, MOMENT),
        ListColumn("description", lambda row: row.texts.get("description"), 2 * WORDS),
        ListColumn("address", lambda row: row.texts.get("address"), WORDS),
        *reporter,
        ListColumn("lat", of(as_it_is("lat")), NARROW),
        ListColumn("lon", of(as_it_is("lon")), NARROW),
        ListColumn("id", of(as_it_is("id")), WORDS),
    )


def _person(name: str) -> Any:
    return lambda row: row.person.get(name)


_CHANNELS = frozenset({"112", "counter", "email", "phone", "sensor", "web", "whatsapp"})


def channel_words(channel: str | None, words: Wording) -> str | None:
    """What a channel is called: by the city, by the room, else as it is."""
    own = words.own(words.city.words.channels, channel or "")
    return own or words.known("desk.channel_", channel, _CHANNELS)


def district_of(city: City) -> Mapping[str, str]:
    """The district of each area."""
    return {code: one.district for code, one in city.areas.items()}
