"""Batch, beat: the wire."""

import hashlib
from dataclasses import dataclass
from typing import Any

from display.feed.cards import Card, Cards, visible
from display.feed.changes import FeedChange, Moment, Moves
from liveroom.domain.timestamps import to_text

# One audience's share of a change: all of it, or of an agency's feed what is its own and what it lost.


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceBatch:
    """What goes into a batch: whole cards, ids that left, whole alarms."""

    cards: list[Card]
    gone: list[str]
    alarms: list[Card]


def share_of(change: FeedChange, cards: Cards) -> AudienceBatch:
    """The share of the audience that these cards are for."""
    today = change.moment.today
    if cards.agency is not None and change.moves is not None:
        return _of_agency(change, change.moves, cards.agency, cards)
    shown = [cards.of(c) for c in change.complaints if visible(c, today)]
    hidden = [c.id for c in change.complaints if not visible(c, today)]
    return AudienceBatch(
        cards=shown,
        gone=list(dict.fromkeys((*hidden, *change.gone))),
        alarms=[cards.of_alarm(alarm) for alarm in change.alarms],
    )


def counts_of(moment: Moment, cards: Cards) -> dict[str, Any]:
    """The totals of the audience."""
    return moment.counts if cards.agency is None else moment.of_agencies[cards.agency]


def _of_agency(change: FeedChange, moves: Moves, agency: str, cards: Cards) -> AudienceBatch:
    """Never an id that the agency had not been told: ``gone`` is what it had at the change's beginning."""
    none: frozenset[str] = frozenset()
    own = [c for c in change.complaints if agency in c.agencies]
    hidden = [c.id for c in own if not visible(c, change.moment.today)]
    lost = [c.id for c in change.complaints if agency in moves.lost.get(c.id, none)]
    faded = [id_ for id_ in change.gone if agency in moves.has.get(id_, none)]
    alarms = {alarm.id: alarm for alarm in (*change.alarms, *moves.alarms)}.values()
    told = [cards.of_alarm(alarm) for alarm in alarms if moves.owns(agency, alarm)]
    ended = [cards.of_ended(alarm) for alarm in alarms if agency in moves.lost.get(alarm.complaint or "", none)]
    return AudienceBatch(
        cards=[cards.of(c) for c in own if visible(c, change.moment.today)],
        gone=list(dict.fromkeys((*hidden, *lost, *faded))),
        alarms=[*told, *ended],
    )


# The epoch on the wire: whatever changes cards without an event changes it, so a screen takes a new snapshot.


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a process serves: its ``build`` (sorts by time) and the hash of its city pack."""

    build: str
    pack: str

    def epoch(self, log_epoch: str, audience: str) -> str:
        """The opaque epoch of one audience's feed of one log."""
        parts = "\n".join((log_epoch, self.build, self.pack, audience))
        return hashlib.sha256(parts.encode()).hexdigest()[:24]


# The wire: how a moment and a change become the messages of docs/feed.md.

Message = dict[str, Any]


def batch(change: FeedChange, cards: Cards, identity: Identity, last: Moment | None) -> Message:
    """A batch for one audience; ``counts``, ``sources`` and ``lines`` are left out when ``last`` had the same."""
    moment = change.moment
    share, counts = share_of(change, cards), counts_of(moment, cards)
    message: Message = {
        "epoch": identity.epoch(moment.head.epoch, cards.audience),
        "mark": moment.head.mark,
        "from": change.since,
        "to": moment.head.seq,
        "now": to_text(moment.real),
        "at": to_text(moment.room),
        "cards": share.cards,
        "gone": share.gone,
        "alarms": share.alarms,
        "logged_at": to_text(moment.head.logged_at),
    }
    if last is None or not _had(last, cards) or counts_of(last, cards) != counts:
        message["counts"] = counts
    if last is None or last.lines != moment.lines:
        message["lines"] = cards.of_lines(moment.lines)
    if last is None or last.sources != moment.sources:
        message["sources"] = cards.of_sources(moment.sources)
    return message


def _had(last: Moment, cards: Cards) -> bool:
    return cards.agency is None or cards.agency in last.of_agencies


def beat(moment: Moment, *, seq: int, mark: str, cards: Cards, identity: Identity, calendar: str) -> Message:
    """The proof that the data is alive: real and room time, how old the pulse is and up to when it has judged."""
    pulse = moment.pulse
    return {
        "epoch": identity.epoch(moment.head.epoch, cards.audience),
        "seq": seq,
        "mark": mark,
        "now": to_text(moment.real),
        "at": to_text(moment.room),
        "rate": moment.head.time.rate,
        "as_of": to_text(pulse.real_at) if pulse else None,
        "due_to": to_text(pulse.due_to) if pulse else None,
        "build": identity.build,
        "calendar": calendar,
        "heard": moment.heard if cards.agency is None else {},
    }
