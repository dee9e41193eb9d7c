"""The wire: how a moment and a change become the messages of docs/feed.md."""

from typing import Any

from display.feed.cards import Cards, visible
from display.feed.identity import Identity
from display.feed.moment import Change, Moment
from liveroom.moments import to_text

Message = dict[str, Any]


def batch(change: Change, cards: Cards, identity: Identity, last: Moment | None) -> Message:
    """A batch for one audience; ``counts``, ``sources`` and ``lines`` are left out when ``last`` had the same."""
    moment = change.moment
    shown = [c for c in change.complaints if visible(c, moment.today)]
    hidden = [c.id for c in change.complaints if not visible(c, moment.today)]
    message: Message = {
        "epoch": identity.epoch(moment.head.epoch, cards.audience),
        "mark": moment.head.mark,
        "from": change.since,
        "to": moment.head.seq,
        "now": to_text(moment.real),
        "at": to_text(moment.room),
        "cards": [cards.of(c) for c in shown],
        "gone": list(dict.fromkeys((*hidden, *change.gone))),
        "alarms": [cards.of_alarm(alarm) for alarm in change.alarms],
        "logged_at": to_text(moment.head.logged_at),
    }
    if last is None or last.counts != moment.counts:
        message["counts"] = moment.counts
    if last is None or last.lines != moment.lines:
        message["lines"] = [cards.of_line(line) for line in moment.lines]
    if last is None or last.sources != moment.sources:
        message["sources"] = moment.sources
    return message


def beat(moment: Moment, *, seq: int, mark: str, audience: str, identity: Identity, calendar: str) -> Message:
    """The proof that the data is alive: real and room time, how old the pulse is and up to when it has judged."""
    pulse = moment.pulse
    return {
        "epoch": identity.epoch(moment.head.epoch, audience),
        "seq": seq,
        "mark": mark,
        "now": to_text(moment.real),
        "at": to_text(moment.room),
        "rate": moment.head.time.rate,
        "as_of": to_text(pulse.real_at) if pulse else None,
        "due_to": to_text(pulse.due_to) if pulse else None,
        "build": identity.build,
        "calendar": calendar,
        "heard": moment.heard,
    }
