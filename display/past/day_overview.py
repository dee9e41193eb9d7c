"""A day of the city for the time bar: arrivals per ten minutes, alarms raised, outages of the feed, shifts."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from display.feed.cards import Cards
from display.feed.changes import read_holders
from display.past.moments import PastRooms, WrongPosition, refuse_closed
from liveroom.city.city import City
from liveroom.domain.alarms.model import AlarmKind
from liveroom.domain.events import Kind, LoggedEvent
from liveroom.domain.events.alarm_payloads import AlarmRaised
from liveroom.domain.events.room_payloads import FeedLost
from liveroom.domain.timestamps import from_text, to_micros, to_text
from liveroom.log.event_log import Head, Slices, database_now, read_head
from liveroom.projection.checkpoints import OutOfLog, arrivals, ends_of_log, events_of_kinds, known_at, position_at

# Seconds of one bar.
BUCKET_S = 600
# Arrivals are counted so many bars at once.
BARS_AT_ONCE = 36
# More events than this say no more on a bar: the most urgent stay.
MOST_MOMENTS = 300
# A shift that is handed over begins but once.
ONE_CHANGE = timedelta(minutes=45)
_KINDS = (Kind.ALARM_RAISED, Kind.FEED_LOST, Kind.HANDOVER_CONFIRMED, Kind.SOUND_ASKED)
_ALARMS = {AlarmKind.CRITICAL.value, AlarmKind.PASSED.value, AlarmKind.LOST.value}


class DayOverview:
    """Days of one room."""

    def __init__(self, rooms: PastRooms, cards: Mapping[str, Cards], city: City) -> None:
        self._rooms = rooms
        self._cards = cards
        self._city = city

    def of(self, audience: str, day: date) -> dict[str, Any]:
        """``{date, from, to, now, first_at, head_at, bucket_s, arrivals, moments}``; times are room time.

        Raises WrongPosition for a day without a place in the calendar, PastClosed, NotReady, Unavailable.
        """
        cards = self._cards[audience]
        begin, end = self._bounds(day)
        with self._rooms.reading() as slices:
            refuse_closed(slices, audience)
            head = slices.run(read_head)
            now = slices.run(lambda c: head.time.at(database_now(c)))
            first, last = slices.run(partial(ends_of_log, head=head))
            counted = self._arrivals(slices, cards, begin, end)
            moments = self._moments(slices, head, cards, (begin, end), now)
        return {
            "date": day.isoformat(),
            "from": to_text(begin),
            "to": to_text(end),
            "now": to_text(now),
            "first_at": None if first is None else to_text(first),
            "head_at": None if last is None else to_text(last),
            "bucket_s": BUCKET_S,
            "arrivals": counted,
            "moments": moments,
        }

    def _bounds(self, day: date) -> tuple[datetime, datetime]:
        zone = self._city.zone
        try:
            begin, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
        except OverflowError:
            raise WrongPosition("date", "is no day of this calendar") from None
        return begin, end

    def _arrivals(self, slices: Slices, cards: Cards, begin: datetime, end: datetime) -> list[int]:
        """How many reports came in each bar; of an agency, those that it has now."""
        bars = -(-(end - begin) // timedelta(seconds=BUCKET_S))
        found = [0] * bars
        for start in range(0, bars, BARS_AT_ONCE):
            since = begin + timedelta(seconds=start * BUCKET_S)
            until = min(end, since + timedelta(seconds=BARS_AT_ONCE * BUCKET_S))
            read = partial(arrivals, since=since, until=until, bucket_s=BUCKET_S, agency=cards.agency)
            for bar, n in slices.run(read).items():
                found[start + bar] = n
        return found

    def _moments(
        self, slices: Slices, head: Head, cards: Cards, span: tuple[datetime, datetime], now: datetime
    ) -> list[dict[str, Any]]:
        """What the bar names: the most urgent of the day, in order."""
        begin, end = span
        if now <= begin:
            return []
        try:
            last = position_at(slices, head, min(end, now))
        except OutOfLog:
            return []
        try:
            first = position_at(slices, head, begin)
        except OutOfLog:
            first = 0
        logged = events_of_kinds(slices, first, last, _KINDS)
        ranked = [*self._alarms(slices, head, cards, logged)]
        if not cards.outside:
            ranked += [(0, one) for one in (*_outages(logged), *_changes(logged, head))]
        ranked.sort(key=lambda one: (one[0], one[1]["at"]))
        kept = [one for _, one in ranked[:MOST_MOMENTS] if to_text(begin) <= one["at"] < to_text(end)]
        return sorted(kept, key=lambda one: (one["at"], one["seq"]))

    def _alarms(
        self, slices: Slices, head: Head, cards: Cards, logged: tuple[LoggedEvent, ...]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each with its priority; of an agency, those about complaints that it has now and about itself."""
        raised = [
            (one, payload)
            for one in logged
            if isinstance(payload := one.event.payload, AlarmRaised) and payload.kind in _ALARMS
        ]
        if cards.agency is not None:
            ids = {payload.complaint for _, payload in raised if payload.complaint is not None}
            holders = read_holders(slices, ids)
            raised = [
                (one, payload)
                for one, payload in raised
                if (payload.agency if payload.complaint is None else None) == cards.agency
                or cards.agency in holders.get(payload.complaint or "", ())
            ]
        for one, payload in raised:
            said: dict[str, Any] = {"at": to_text(known_at(one, head)), "seq": one.seq, "kind": "alarm"}
            said["complaint"], said["area"] = payload.complaint, payload.area
            said["category"] = cards.shown_category(payload.category)
            if isinstance(payload.due_at, str):
                late = (one.event.at - from_text(payload.due_at)).total_seconds()
                said["late_s"] = max(0, round(late))
            yield payload.priority, said


def _outages(logged: tuple[LoggedEvent, ...]) -> Iterator[dict[str, Any]]:
    """When no screen had data; the span is of real time, and as long in room time where that runs as fast."""
    for one in logged:
        if isinstance(payload := one.event.payload, FeedLost):
            lasted = from_text(payload.to_real) - from_text(payload.from_real)
            until = to_text(one.event.at + lasted)
            yield {"at": to_text(one.event.at), "seq": one.seq, "kind": "unheard", "until": until}


def _changes(logged: tuple[LoggedEvent, ...], head: Head) -> Iterator[dict[str, Any]]:
    """Shifts handed over; where nobody handed over, the sound test with which one began."""
    handed = [to_micros(one.event.at) for one in logged if one.event.kind is Kind.HANDOVER_CONFIRMED]
    near = ONE_CHANGE // timedelta(microseconds=1)
    for one in logged:
        at = to_micros(one.event.at)
        begun = one.event.kind is Kind.SOUND_ASKED and not any(abs(at - other) <= near for other in handed)
        if begun or one.event.kind is Kind.HANDOVER_CONFIRMED:
            yield {"at": to_text(known_at(one, head)), "seq": one.seq, "kind": "handover"}
