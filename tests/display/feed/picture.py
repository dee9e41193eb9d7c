"""Compares what screens hold with what the log alone says, field by field."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from display.feed.cards import Cards, visible
from liveroom.domain.alarms.evolve import evolve_alarm
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind, LoggedEvent
from liveroom.log import event_log
from liveroom.projection.alarms import row_of as alarm_row
from liveroom.projection.audit import audit_sums
from liveroom.projection.complaints import row_of as complaint_row
from tests.display.feed.store import Store
from tests.rooms.standing import StandingRoom


@dataclass
class Replay:
    """The log folded from 0 by nothing but the domain."""

    complaints: dict[str, Complaint] = field(default_factory=dict)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    today: str = ""

    def fold(self, logged: LoggedEvent) -> None:
        fact = logged.event
        if fact.subject == "complaint":
            self.complaints[fact.id] = evolve(self.complaints.get(fact.id), logged)
        elif fact.subject == "alarm":
            self.alarms[fact.id] = evolve_alarm(self.alarms.get(fact.id), logged)
        elif fact.subject == "source":
            self.sources[fact.id] = fact.fields["state"]
        elif fact.kind is Kind.DAY_OPENED:
            self.today = fact.fields["date"]


def replayed(standing: StandingRoom) -> Replay:
    """The whole log."""
    replay = Replay()
    for logged in standing.events():
        replay.fold(logged)
    return replay


def check_projection(standing: StandingRoom, replay: Replay) -> None:
    """The projected rows are what the replay gives, and every total is the sum of its rows."""
    tables = standing.tables(["complaint", "alarm"])
    assert {row["id"]: _decoded(row, event_log.decode_complaint) for row in tables["complaint"]} == {
        id_: complaint_row(one) | {"body": one} for id_, one in replay.complaints.items()
    }
    assert {row["id"]: _decoded(row, event_log.decode_alarm) for row in tables["alarm"]} == {
        id_: alarm_row(one) | {"body": one} for id_, one in replay.alarms.items()
    }
    with standing.log.slices() as slices:
        assert audit_sums(slices) == ()


def _decoded(row: dict[str, Any], decode: Callable[[str], object]) -> dict[str, Any]:
    return row | {"body": decode(row["body"])}


def check_store(standing: StandingRoom, store: Store, cards: Cards) -> None:
    """The store shows the replay, no more and no less, and its counts are those of its cards."""
    replay = replayed(standing)
    check_projection(standing, replay)
    check_shown(standing, store, cards, replay=replay)


def check_shown(standing: StandingRoom, store: Store, cards: Cards, *, replay: Replay) -> None:
    """As check_store, for a replay that is at hand."""
    shown = {c.id: _sent(cards.of(c)) for c in replay.complaints.values() if visible(c, replay.today) and own(c, cards)}
    standing_alarms = {
        a.id: _sent(cards.of_alarm(a))
        for a in replay.alarms.values()
        if a.state != "normal" and own_alarm(a, cards, replay)
    }
    head = standing.head()
    assert (store.seq, store.mark) == (head.seq, head.mark)
    assert store.cards == shown
    assert store.alarms == standing_alarms
    assert store.counts == counted(store, replay.today)
    told = replay.sources if cards.agency is None else {}
    assert {source["id"]: source["state"] for source in store.sources} == told


def own(complaint: Complaint, cards: Cards) -> bool:
    """Whether a feed is everybody's, or the complaint is with the agency whose own it is."""
    return cards.agency is None or cards.agency in complaint.agencies


def own_alarm(alarm: Alarm, cards: Cards, replay: Replay) -> bool:
    """As own, for an alarm: by its complaint, else by the agency that it is about."""
    if cards.agency is None:
        return True
    if alarm.complaint is None:
        return alarm.agency == cards.agency
    return own(replay.complaints[alarm.complaint], cards)


def _sent(card: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(card))


def counted(store: Store, today: str) -> dict[str, Any]:
    """The counts as the cards of a store add up to them."""
    cards = store.cards.values()
    cohort = Counter(card["status"] for card in cards if card["received_day"] == today)
    statuses = ("waiting", "in_process", "done", "elsewhere")
    still = [card for card in cards if card["status"] in statuses[:2]]
    return {
        "day": today,
        "cohort": {"in": sum(cohort.values()), **{status: cohort[status] for status in statuses}},
        "stock": {"open": len(still), "overdue": sum(card["overdue"] for card in still)},
        "flow": {"done": sum(card["status"] == "done" for card in cards)},
    }
