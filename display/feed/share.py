"""One audience's share of a change: all of it, or of an agency's feed what is its own and what it lost."""

from dataclasses import dataclass
from typing import Any

from display.feed.cards import Card, Cards, visible
from display.feed.moment import Change, Moment
from display.feed.moves import Moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What goes into a batch: whole cards, ids that left, whole alarms."""

    cards: list[Card]
    gone: list[str]
    alarms: list[Card]


def share_of(change: Change, cards: Cards) -> Share:
    """The share of the audience that these cards are for."""
    today = change.moment.today
    if cards.agency is not None and change.moves is not None:
        return _of_agency(change, change.moves, cards.agency, cards)
    shown = [cards.of(c) for c in change.complaints if visible(c, today)]
    hidden = [c.id for c in change.complaints if not visible(c, today)]
    return Share(
        cards=shown,
        gone=list(dict.fromkeys((*hidden, *change.gone))),
        alarms=[cards.of_alarm(alarm) for alarm in change.alarms],
    )


def counts_of(moment: Moment, cards: Cards) -> dict[str, Any]:
    """The totals of the audience."""
    return moment.counts if cards.agency is None else moment.of_agencies[cards.agency]


def _of_agency(change: Change, moves: Moves, agency: str, cards: Cards) -> Share:
    """Never an id that the agency had not been told: ``gone`` is what it had at the change's beginning."""
    none: frozenset[str] = frozenset()
    own = [c for c in change.complaints if agency in c.agencies]
    hidden = [c.id for c in own if not visible(c, change.moment.today)]
    lost = [c.id for c in change.complaints if agency in moves.lost.get(c.id, none)]
    faded = [id_ for id_ in change.gone if agency in moves.has.get(id_, none)]
    alarms = {alarm.id: alarm for alarm in (*change.alarms, *moves.alarms)}.values()
    told = [cards.of_alarm(alarm) for alarm in alarms if moves.owns(agency, alarm)]
    ended = [cards.of_ended(alarm) for alarm in alarms if agency in moves.lost.get(alarm.complaint or "", none)]
    return Share(
        cards=[cards.of(c) for c in own if visible(c, change.moment.today)],
        gone=list(dict.fromkeys((*hidden, *lost, *faded))),
        alarms=[*told, *ended],
    )
