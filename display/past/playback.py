"""Playback: the batches that lead on from a past position, a step of room time each, as the feed would have sent them.

A page asks ahead and applies each when its own clock comes to it, at any speed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from display.feed.cards import Cards
from display.feed.changes import AgencyMoves, FeedChange, Moment
from display.feed.messages import Identity, Message, batch
from display.past.moments import (
    PastPosition,
    PastRooms,
    holders_of,
    moment_of,
    refuse_closed,
    rows_of,
    with_categories,
)
from liveroom.domain.events import LoggedEvent
from liveroom.domain.events.room_payloads import ClockRepaired
from liveroom.domain.timestamps import from_micros, to_micros, to_text
from liveroom.log.event_log import Slices
from liveroom.projection.checkpoints import codes_of, fold_on, holders_then, real, room_time
from liveroom.projection.past_state import PastChange, PastFold, alarm_of

# One answer: half a second of work, and below a megabyte of text.
MOST_BATCHES, MOST_CHANGES, MOST_EVENTS = 500, 2_000, 20_000
# Steps of room time, in seconds.
STEPS_S = range(1, 86_401)


class Playback:
    """Plays the past of one room to any audience."""

    def __init__(self, rooms: PastRooms, cards: Mapping[str, Cards], identity: Identity) -> None:
        self._rooms = rooms
        self._cards = cards
        self._identity = identity

    def batches(self, audience: str, start: int, until: datetime, step: timedelta) -> dict[str, Any]:
        """``{from, seq, at, more, batches}``: what leads from a position to a moment of room time, or part of the way.

        Raises WrongPosition, PastClosed, NotReady, Unavailable.
        """
        with self._rooms.reading() as slices:
            refuse_closed(slices, audience)
            begin = self._rooms.position(slices, seq=start)
            state = self._rooms.state(slices, start)
            until = min(until, self._rooms.now(slices, begin.head))
            end = self._rooms.position(slices, at=max(until, room_time(state, begin.head)))
            tape = _Tape(slices, begin, self._cards[audience], self._identity, PastFold(state), step)
            found, more = list[Message](), False
            for message in tape.play(max(start, end.seq), until, self._rooms.pause):
                found.append(message)
                if len(found) >= MOST_BATCHES or tape.told >= MOST_CHANGES or tape.fold.seq - start >= MOST_EVENTS:
                    more = tape.fold.seq < end.seq
                    break
            reached = tape.fold.state()
            self._rooms.keep(reached)
            at = tape.at if more else until
        return {"from": start, "seq": reached.seq, "at": to_text(at), "more": more, "batches": found}


class _Tape:
    """One answer in the making: the fold that is carried on, and the moment of the batch before."""

    def __init__(
        self,
        slices: Slices,
        begin: PastPosition,
        cards: Cards,
        identity: Identity,
        fold: PastFold,
        step: timedelta,
    ) -> None:
        self._slices = slices
        self._begin = begin
        self._cards = cards
        self._identity = identity
        self._step = step
        self._by_log = real(begin.head)
        self.fold = fold
        self._last = moment_of(slices, begin, fold.now, cards)
        self._parts = _parts(fold)
        # Cards and alarms so far; how far room time has come.
        self.told = 0
        self.at = self._last.room

    def play(self, to: int, until: datetime, pause: Any) -> Iterator[Message]:
        """The batches up to event ``to``; each ends with its step, or earlier where too much changed in it."""
        end = None
        for logged in fold_on(self._slices, self.fold, to, pause):
            moment = self._moment(logged)
            if end is not None and (moment > end or self.fold.waiting >= MOST_CHANGES or self._long()):
                reached = end if moment > end else self._reached()
                if (message := self._batch(min(reached, until))) is not None:
                    yield message
                end = None
            if end is None:
                end = self._end_of_step(moment)
        if end is not None and (message := self._batch(min(end, until))) is not None:
            yield message

    def _long(self) -> bool:
        """Whether so many events were folded since the last batch that this is worth an answer."""
        return self.fold.seq - self._last.head.seq >= MOST_EVENTS

    def _moment(self, logged: LoggedEvent) -> datetime:
        """Room time at which an event is known."""
        if self._by_log:
            return logged.logged_at
        if isinstance(logged.event.payload, ClockRepaired):
            return logged.event.at
        return max(from_micros(self.fold.now.at), logged.event.at)

    def _reached(self) -> datetime:
        return room_time(self.fold.now, self._begin.head)

    def _end_of_step(self, moment: datetime) -> datetime:
        step = self._step // timedelta(microseconds=1)
        return from_micros(-(-to_micros(moment) // step) * step)

    def _batch(self, at: datetime) -> Message | None:
        """What changed since the batch before, as of ``at``."""
        since, seq = self._last.head.seq, self.fold.seq
        if seq == since:
            return None
        change = self.fold.changes()
        moment = self._moment_at(at)
        alarms = with_categories(
            ((one, alarm_of(one)) for one in change.alarms), codes_of(self._slices, (), change.alarms)
        )
        rows = rows_of(change.complaints, codes_of(self._slices, change.complaints))
        moves = None if self._cards.agency is None else self._moves(change, alarms)
        told = FeedChange(
            since=since, moment=moment, complaints=tuple(rows), alarms=alarms, gone=change.gone, moves=moves
        )
        message = batch(told, self._cards, self._identity, self._last)
        self.told += len(message["cards"]) + len(message["alarms"])
        self._last, self.at = moment, at
        return message

    def _moment_at(self, at: datetime) -> Moment:
        """The moment of the next batch; notices, hazards and sources are read anew where an event changed any."""
        position, state, parts = replace(self._begin, at=at), self.fold.now, _parts(self.fold)
        if parts != self._parts:
            self._parts = parts
            return moment_of(self._slices, position, state, self._cards)
        agency = self._cards.agency
        return replace(
            self._last,
            head=replace(self._last.head, seq=state.seq, mark=state.mark, logged_at=from_micros(state.logged_at)),
            real=at if self._by_log else from_micros(state.logged_at),
            room=at,
            today=state.day,
            counts=state.counts(None),
            of_agencies={} if agency is None else {agency: state.counts(agency)},
        )

    def _moves(self, change: PastChange, alarms: tuple[Any, ...]) -> AgencyMoves:
        """Who had and has what of a change, and all alarms about what moved: what an agency's share is made of."""
        fold = self.fold
        moved = {id_: now for id_, (_, now) in change.moved.items()}
        known = {
            id_: has
            for id_ in {*moved, *change.gone, *(one.id for one in change.complaints)}
            if (has := fold.agencies_of(id_)) is not None
        }
        about = (
            tuple((one, alarm) for one in fold.now.alarms.values() if (alarm := alarm_of(one)).complaint in moved)
            if moved
            else ()
        )
        theirs = with_categories(about, codes_of(self._slices, (), (one for one, _ in about)))
        lost = {id_: had - now for id_, (had, now) in change.moved.items() if had - now}
        holders = holders_of(self._slices, (*alarms, *theirs), known, fold.seq)
        unknown = {id_ for id_ in change.gone if id_ not in holders}
        return AgencyMoves(
            holders={**holders, **holders_then(self._slices, unknown, fold.seq)} if unknown else holders,
            lost=lost,
            alarms=theirs,
        )


def _parts(fold: PastFold) -> tuple[Any, ...]:
    """What of a state is read for its lines, hazards and sources."""
    now = fold.now
    return dict(now.notices), dict(now.hazards), dict(now.sources), now.repairs
