"""The wire: how a moment and a change become the messages of docs/feed.md."""

from typing import Any

from display.feed.cards import Cards
from display.feed.identity import Identity
from display.feed.moment import Change, Moment
from display.feed.share import counts_of, share_of
from liveroom.domain.timestamps import to_text

Message = dict[str, Any]


def batch(change: Change, cards: Cards, identity: Identity, last: Moment | None) -> Message:
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
