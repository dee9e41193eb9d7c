"""The feed's messages as docs/feed.md specifies them: a change becomes a `batch`, a moment becomes a `beat`.

An agency gets its own complaints and alarms, and those that it has just lost as gone or ended; never an id that it had
not been sent before. All times on the wire are RFC 3339 in UTC.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from display.feed.cards import Card, Cards, ended_card, visible
from display.feed.changes import AgencyMoves, FeedChange, Instant, Moment
from liveroom.domain.timestamps import to_text

Message = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a process serves: its ``build`` (sorts by time) and the hash of its city pack.

    Both are part of the epoch: a new build or pack changes cards without an event, so clients take a new snapshot.
    """

    build: str
    pack: str

    def epoch(self, log_epoch: str, audience: str) -> str:
        """The epoch on the wire of one audience's feed: opaque, 24 hexadecimal digits."""
        parts = "\n".join((log_epoch, self.build, self.pack, audience))
        return hashlib.sha256(parts.encode()).hexdigest()[:24]


def batch(change: FeedChange, cards: Cards, identity: Identity, last: Moment | None) -> Message:
    """A batch for one audience.

    ``counts``, ``sources``, ``lines`` and ``hazards`` are left out when they are as in ``last``, the moment of the
    batch before.
    """
    moment = change.moment
    share, counts = audience_batch(change, cards), counts_of(moment, cards)
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
    if last is None or not _had_counts(last, cards) or counts_of(last, cards) != counts:
        message["counts"] = counts
    if last is None or last.lines != moment.lines:
        message["lines"] = cards.of_lines(moment.lines)
    if last is None or last.hazards != moment.hazards:
        message["hazards"] = cards.of_hazards(moment.hazards)
    if last is None or last.sources != moment.sources:
        message["sources"] = cards.of_sources(moment.sources)
    return message


def _had_counts(last: Moment, cards: Cards) -> bool:
    return cards.agency is None or cards.agency in last.of_agencies


def beat(moment: Instant, *, seq: int, mark: str, cards: Cards, identity: Identity, calendar: str) -> Message:
    """The heartbeat: proves that this process reads the log and that the clock process judges deadlines.

    ``as_of``: when the clock last ran, in real time; ``due_to``: up to which room time it has judged deadlines;
    ``calendar``: hash of the working calendar in force; ``heard``: seconds since each source was heard.
    """
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
        "heard": {} if cards.outside else moment.heard,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceBatch:
    """One audience's part of a change: whole cards, ids of complaints that left its screens, whole alarms."""

    cards: list[Card]
    gone: list[str]
    alarms: list[Card]


def audience_batch(change: FeedChange, cards: Cards) -> AudienceBatch:
    """The part of a change that the audience of ``cards`` may see."""
    today = change.moment.today
    if cards.agency is not None and change.moves is not None:
        return _of_agency(change, change.moves, cards.agency, cards)
    shown = [cards.of_row(c) for c in change.complaints if visible(c, today)]
    hidden = [c.id for c in change.complaints if not visible(c, today)]
    return AudienceBatch(
        cards=shown,
        gone=list(dict.fromkeys((*hidden, *change.gone))),
        alarms=[cards.of_alarm(alarm) for alarm in change.alarms if cards.sees(alarm)],
    )


def counts_of(moment: Moment, cards: Cards) -> dict[str, Any]:
    """The totals of the city, or of the agency whose feed it is."""
    return moment.counts if cards.agency is None else moment.of_agencies[cards.agency]


def _of_agency(change: FeedChange, moves: AgencyMoves, agency: str, cards: Cards) -> AudienceBatch:
    """An agency's part. ``gone`` holds only ids that the agency had before the change."""
    none: frozenset[str] = frozenset()
    own = [c for c in change.complaints if agency in c.agencies]
    hidden = [c.id for c in own if not visible(c, change.moment.today)]
    lost = [c.id for c in change.complaints if agency in moves.lost.get(c.id, none)]
    closed = [id_ for id_ in change.gone if agency in moves.holders.get(id_, none)]
    alarms = {alarm.id: alarm for alarm in (*change.alarms, *moves.alarms)}.values()
    own_alarms = [cards.of_alarm(alarm) for alarm in alarms if moves.owns(agency, alarm)]
    ended = [ended_card(alarm) for alarm in alarms if agency in moves.lost.get(alarm.complaint or "", none)]
    return AudienceBatch(
        cards=[cards.of_row(c) for c in own if visible(c, change.moment.today)],
        gone=list(dict.fromkeys((*hidden, *lost, *closed))),
        alarms=[*own_alarms, *ended],
    )
