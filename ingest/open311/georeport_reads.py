"""What Open311 clients read: lists of service requests, one of them, and what happened to them.

Shown is what the public may see (docs/open311.md): no words, no people, coarse places. A source sees of its own beside
that the agency, the promised end, what was rejected or is private, and what was said to the citizen. However much is
asked for, a bounded part of the log is looked at, in slices.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ingest.open311.georeport import Parameters, RequestRefused, end_of, whole_of, written
from liveroom.city.city import City
from liveroom.city.grid import Grid
from liveroom.courier.content import category_in, step_in
from liveroom.domain.complaints.model import OPEN, Complaint, State, Status
from liveroom.domain.events import Kind
from liveroom.domain.timestamps import time_of, to_micros
from liveroom.log.event_log import EventLog, Slices
from liveroom.log.texts import current_text
from liveroom.projection.search import NEWEST, VALUES_AT_ONCE, Key, Walk
from liveroom.projection.service_requests import (
    BLOCK,
    STATE_WORDS,
    STEP_WORDS,
    Reader,
    ServiceRequest,
    Update,
    by_change,
    by_id,
    by_receipt,
    moment,
    seq_before,
    updates_in,
    updates_of,
)
from liveroom.runtime.language import text
from liveroom.runtime.time import RoomTime, monotonic

# The longest time between the two bounds of a list, rows of an answer, and of a page whose size is not said.
SPAN, MOST, A_PAGE = timedelta(days=90), 1000, 100
# Updates are asked for every few minutes; so far back they go where nothing is said.
UPDATES_SPAN = timedelta(days=1)
MOST_IDS = 500
# Whoever pages further asks for a shorter time instead: what comes before a page is looked through each time.
DEEPEST = 10_000
# Rows a slice, how many of them one request may walk (a source looks for its own among all), blocks of the log, and how
# many seconds it may look. All readers of a room take turns at so few places, since walls read the same log.
A_SLICE, MOST_WALKED, MOST_WALKED_BY_KEY, MOST_BLOCKS = 250, 50_000, 500_000, 500
LONGEST_S, AT_ONCE, AGAIN_S = 5.0, 2, 2
IDS_A_SLICE = 100
# Of a degree: a metre, of a square of 250.
DECIMALS = 5
OPEN_WORD, CLOSED_WORD = "open", "closed"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
TOO_FAR = "too much lies in that time to look through: ask for a shorter one"


# ---- what is asked for ----


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilters:
    """``received`` and ``changed``: first and last moment, both included, None for any; ``codes`` empty: all.

    ``first``: how many rows are left out before; ``size``: how many there are at most.
    """

    ids: tuple[str, ...]
    codes: frozenset[str]
    statuses: frozenset[str]
    received: tuple[datetime, datetime] | None
    changed: tuple[datetime, datetime] | None
    first: int
    size: int


def filters_of(asked: Parameters, city: City, now: datetime) -> RequestFilters:
    """The filters of a list at room time ``now``. Raises RequestRefused with every fault."""
    faults: list[str] = []
    received = _span(asked, ("start_date", "end_date"), city, now, faults)
    changed = _span(asked, ("updated_after", "updated_before"), city, now, faults)
    statuses = {said.lower() for said in asked.listed("status")}
    if odd := sorted(statuses - {OPEN_WORD, CLOSED_WORD}):
        faults.append(f"status is open or closed, not {odd[0][:40]!r}")
    first, size = _page(asked, faults)
    ids = asked.listed("service_request_id")
    if len(ids) > MOST_IDS:
        faults.append(f"service_request_id may name at most {MOST_IDS}")
    if faults:
        raise RequestRefused(400, *faults)
    return RequestFilters(
        ids=tuple(ids),
        codes=frozenset(city.category_key(code) for code in asked.listed("service_code")),
        statuses=frozenset(statuses or {OPEN_WORD, CLOSED_WORD}),
        received=received or (None if changed else (now - SPAN, now)),
        changed=changed,
        first=first,
        size=size,
    )


def _span(
    asked: Parameters, names: tuple[str, str], city: City, now: datetime, faults: list[str]
) -> tuple[datetime, datetime] | None:
    """First and last moment, at most SPAN apart; None where neither is said."""
    said: list[datetime | None] = []
    for name in names:
        given = asked.one(name)
        try:
            said.append(None if given is None else time_of(given, city.zone))
        except ValueError as error:
            faults.append(f"{name} {error}")
            return None
    start, end = said
    if start is None:
        return None if end is None else (end - SPAN, end)
    if end is None:
        return start, min(now, start + SPAN)
    if end - start > SPAN:
        faults.append(f"{names[0]} and {names[1]} may be at most {SPAN.days} days apart")
    return start, end


def _page(asked: Parameters, faults: list[str]) -> tuple[int, int]:
    """How many rows come before the page, and how many it has."""
    page, size = (_whole(asked, name, faults) for name in ("page", "page_size"))
    if size is not None and size > MOST:
        faults.append(f"page_size may be at most {MOST}")
    size = size or (MOST if page is None else A_PAGE)
    if (page or 1) * size > DEEPEST:
        faults.append(f"page reaches at most the first {DEEPEST} rows: ask for a shorter time")
    return ((page or 1) - 1) * size, size


def _whole(asked: Parameters, name: str, faults: list[str]) -> int | None:
    said = asked.one(name)
    found = None if said is None else whole_of(said)
    if said is not None and not found:
        faults.append(f"{name} must be a whole number from 1 on")
    return found


# ---- the answers ----


class RequestReads:
    """The reads of one room."""

    def __init__(self, log: EventLog, city: City) -> None:
        self._log = log
        self._city = city
        self._grid = Grid(city)
        self._language = city.languages[0]
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def _slices(self) -> Iterator[Slices]:
        """One moment of the log for one reader. Raises RequestRefused when too many read, Unavailable."""
        if not self._turns.acquire(blocking=False):
            raise RequestRefused(503, "others are reading just now: come back in a moment", retry_after=AGAIN_S)
        try:
            with self._log.slices() as slices:
                yield slices
        finally:
            self._turns.release()

    def requests(self, reader: Reader, asked: Parameters) -> list[dict[str, Any]]:
        """The service requests of a list, newest first. Raises RequestRefused, Unavailable."""
        with self._slices() as slices:
            time, now, _ = slices.run(moment)
            wanted = filters_of(asked, self._city, now)
            if wanted.ids:
                parts = (slices.run(partial(by_id, reader=reader, ids=some)) for some in _in_parts(wanted.ids))
                found = [one for part in parts for one in part]
                found.sort(key=lambda one: (one.complaint.received_at, one.complaint.id), reverse=True)
            elif wanted.changed is not None:
                found = self._changed(slices, time, reader, wanted)
            else:
                found = self._received(slices, reader, wanted)
        return [self._row(one, own=reader.owns(one.complaint)) for one in found]

    def one(self, reader: Reader, id_: str) -> list[dict[str, Any]]:
        """The request of this id, in a list; an empty one where there is none to be seen. Raises Unavailable."""
        found = self._log.read(lambda c: by_id(c, reader, known_ids((id_,))))
        return [self._row(one, own=reader.owns(one.complaint)) for one in found]

    def updates(self, reader: Reader, asked: Parameters) -> list[dict[str, Any]]:
        """What happened to them, oldest first. Raises RequestRefused, Unavailable."""
        with self._slices() as slices:
            time, now, _ = slices.run(moment)
            wanted = filters_of(asked, self._city, now)
            said = asked.one("start_date", "end_date") is not None
            found = self._updates(slices, time, reader, wanted, (wanted.received if said else None), now)
            words = [one.text and slices.run(partial(current_text, id_=one.text)) for one in found]
        owns = [reader.owns(one.complaint) for one in found]
        return [self._update_row(*row) for row in zip(found, words, owns, strict=True)]

    def _received(self, slices: Slices, reader: Reader, wanted: RequestFilters) -> list[ServiceRequest]:
        """By receipt, along the index of the categories where few are asked for."""
        assert wanted.received is not None, "a list has a time"
        since, until = wanted.received
        statuses = [status for status in Status if reader.own is not None or status is not Status.ELSEWHERE]
        few = 0 < len(wanted.codes) <= VALUES_AT_ONCE
        way = Walk(
            by="category" if few else "",
            values=tuple(sorted(wanted.codes)) if few else (),
            statuses=tuple(status.value for status in statuses),
            since=to_micros(since),
            until=to_micros(end_of(until)),
        )
        found: list[ServiceRequest] = []
        key: Key | None = NEWEST
        for _ in _steps((MOST_WALKED if reader.own is None else MOST_WALKED_BY_KEY) // A_SLICE):
            if key is None or len(found) >= wanted.first + wanted.size:
                return found[wanted.first :][: wanted.size]
            part, key = slices.run(partial(by_receipt, reader=reader, way=way, before=key, limit=A_SLICE))
            found += [one for one in part if _matches(one, wanted)]
        raise RequestRefused(400, TOO_FAR)

    def _changed(self, slices: Slices, time: RoomTime, reader: Reader, wanted: RequestFilters) -> list[ServiceRequest]:
        """By their last step, the latest first."""
        assert wanted.changed is not None, "asked for by change"
        low, high = _positions(slices, time, wanted.changed)
        read_block = partial(by_change, reader=reader)
        found: list[ServiceRequest] = []
        for _ in _steps(MOST_BLOCKS):
            if high <= low or len(found) >= wanted.first + wanted.size:
                return found[wanted.first :][: wanted.size]
            block = max(low, high - BLOCK)
            found += [one for one in slices.run(partial(read_block, low=block, high=high)) if _matches(one, wanted)]
            high = block
        raise RequestRefused(400, TOO_FAR)

    def _updates(
        self,
        slices: Slices,
        time: RoomTime,
        reader: Reader,
        wanted: RequestFilters,
        within: tuple[datetime, datetime] | None,
        now: datetime,
    ) -> list[Update]:
        if wanted.ids:
            parts = (slices.run(partial(updates_of, reader=reader, ids=some)) for some in _in_parts(wanted.ids))
            found = sorted((one for part in parts for one in part), key=lambda one: one.logged.seq)
            return [one for one in found if _within(one.at, within)][wanted.first :][: wanted.size]
        low, high = _positions(slices, time, within or (now - UPDATES_SPAN, now))
        found, read_block = [], partial(updates_in, reader=reader)
        for _ in _steps(MOST_BLOCKS):
            if high <= low or len(found) >= wanted.first + wanted.size:
                return found[wanted.first :][: wanted.size]
            block = min(high, low + BLOCK)
            found += slices.run(partial(read_block, low=low, high=block))
            low = block
        raise RequestRefused(400, TOO_FAR)

    def _row(self, shown: ServiceRequest, *, own: bool) -> dict[str, Any]:
        """One request; description and pictures are nobody's to read here."""
        complaint, leading, zone = shown.complaint, shown.leading, self._city.zone
        agency = self._city.agencies.get(leading.agency or "") if own else None
        promised = leading.finish if own and leading.open else None
        state = complaint.state if complaint.state is State.MERGED else leading.state
        return {
            "service_request_id": complaint.id,
            "status": _status(shown),
            "status_notes": text(f"status.state.{state}", self._language),
            "service_name": category_in(self._city, complaint.category, self._language),
            "service_code": complaint.category,
            "description": None,
            "agency_responsible": None if agency is None else agency.name_in(self._language),
            "service_notice": None,
            "requested_datetime": written(complaint.received_at, zone),
            "updated_datetime": written(shown.changed_at, zone),
            "expected_datetime": None if promised is None else written(promised.due, zone),
            **self._place(complaint),
            "media_url": None,
        }

    def _place(self, complaint: Complaint) -> dict[str, Any]:
        """The area and the middle of the square, as the public map has them; nothing of a private matter."""
        private = self._city.policy.is_private(complaint.category)
        place = None if private else self._grid.of(complaint.lat, complaint.lon, complaint.area or "")
        if place is None:
            return {"address": None, "address_id": None, "zipcode": None, "lat": None, "long": None}
        area = self._city.areas[place.area]
        district = self._city.districts.get(area.district)
        lat, lon = (round(degrees, DECIMALS) for degrees in self._grid.middle(place.square))
        address = area.name if district is None else f"{area.name}, {district.name}"
        return {"address": address, "address_id": None, "zipcode": None, "lat": lat, "long": lon}

    def _update_row(self, update: Update, said: str | None, own: bool) -> dict[str, Any]:
        """One update; which agency has it is for its own source."""
        logged = update.logged
        kind = Kind(logged.event.kind)
        return {
            # The number alone would come again for another event after a restore.
            "update_id": f"{logged.seq}-{logged.mark[:8]}",
            "service_request_id": update.complaint.id,
            "status": STEP_WORDS.get(kind) or STATE_WORDS[update.complaint.state],
            "description": said or step_in(self._city, logged.event, self._language, own=own),
            "updated_datetime": written(update.at, self._city.zone),
            "media_url": None,
        }


def _steps(most: int) -> Iterator[int]:
    """So many steps at most, and no more once the time of one request is over."""
    began = monotonic()
    return (n for n in range(most) if monotonic() - began < LONGEST_S)


def _in_parts(said: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The ids that can be any, in parts of a slice."""
    ids = known_ids(said)
    return (ids[start : start + IDS_A_SLICE] for start in range(0, len(ids), IDS_A_SLICE))


def known_ids(said: Iterable[str]) -> tuple[str, ...]:
    """Those that can be the id of a complaint at all: what else a client sends is not looked for."""
    return tuple(one for one in said if _ID.fullmatch(one))


def _positions(slices: Slices, time: RoomTime, within: tuple[datetime, datetime]) -> tuple[int, int]:
    """The numbers of the events around a time, the first not included."""
    bounds = within[0].replace(microsecond=0), end_of(within[1])
    low, high = (slices.run(partial(seq_before, time=time, at=at)) for at in bounds)
    return low, high


def _matches(one: ServiceRequest, wanted: RequestFilters) -> bool:
    if wanted.codes and one.complaint.category not in wanted.codes:
        return False
    return _status(one) in wanted.statuses and _within(one.complaint.received_at, wanted.received)


def _within(moment: datetime, span: tuple[datetime, datetime] | None) -> bool:
    return span is None or span[0] <= moment < end_of(span[1])


def _status(one: ServiceRequest) -> str:
    return OPEN_WORD if one.leading.status in OPEN else CLOSED_WORD
