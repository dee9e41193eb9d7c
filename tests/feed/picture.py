"""Compares what screens hold with what the log alone says, field by field."""

import json
from collections import Counter
from typing import Any

from display.feed.cards import Cards, visible
from liveroom.domain.complaint import Complaint
from liveroom.domain.events import Kind
from liveroom.domain.evolve import evolve
from liveroom.log import codec
from liveroom.projection.auditor import audit_totals
from liveroom.projection.fold import row_of
from tests.feed.store import Store
from tests.room.standing import StandingRoom


def replayed(standing: StandingRoom) -> tuple[dict[str, Complaint], str]:
    """Every complaint folded from 0, and the day that is open."""
    complaints: dict[str, Complaint] = {}
    today = ""
    for logged in standing.events():
        fact = logged.event
        if fact.subject == "complaint":
            complaints[fact.id] = evolve(complaints.get(fact.id), logged)
        elif fact.kind is Kind.DAY_OPENED:
            today = fact.payload["date"]
    return complaints, today


def check_projection(standing: StandingRoom, complaints: dict[str, Complaint]) -> None:
    """The projected rows are what the replay gives, and every total is the sum of its rows."""
    rows = {row["id"]: row for row in standing.tables(["complaint"])["complaint"]}
    assert rows.keys() == complaints.keys()
    for id_, complaint in complaints.items():
        expected = row_of(complaint) | {"body": complaint}
        assert rows[id_] | {"body": codec.decode_complaint(rows[id_]["body"])} == expected
    assert standing.read(audit_totals) == ()


def check_store(standing: StandingRoom, store: Store, cards: Cards) -> None:
    """The store shows the replay's cards, no more and no less, and its counts are those of its cards."""
    complaints, today = replayed(standing)
    check_projection(standing, complaints)
    check_shown(standing, store, cards, replay=(complaints, today))


def check_shown(
    standing: StandingRoom, store: Store, cards: Cards, *, replay: tuple[dict[str, Complaint], str]
) -> None:
    """As check_store, for a replay that is at hand."""
    complaints, today = replay
    shown = {c.id: json.loads(json.dumps(cards.of(c))) for c in complaints.values() if visible(c, today)}
    head = standing.head()
    assert (store.seq, store.mark) == (head.seq, head.mark)
    assert store.cards == shown
    assert store.counts == counted(store, today)


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
