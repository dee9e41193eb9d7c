"""The snapshot of the room at one moment, and the answer to a client that resumes from an older position.

A snapshot is read in slices of one transaction that stays open, so it is consistent while other work goes on between
the slices. Callers that ask for the same thing at the same time share one computation (`SingleFlight`).
"""

import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import msgspec

from display.feed.cards import GUESTS, WALLS, Card, Cards, served_audience_now
from display.feed.changes import Moment, owns, read_change, read_holders, read_moment
from display.feed.messages import Identity, batch, counts_of
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.timestamps import to_text
from liveroom.log.event_log import EventLog, Slices
from liveroom.projection import complaints
from liveroom.projection.agencies import closed_of, open_of
from liveroom.projection.alarms import standing_after
from liveroom.runtime import Runtime
from liveroom.runtime.single_flight import SingleFlight

Answer = dict[str, Any]
CardJson = Mapping[str, Any]

# Forms of a snapshot, by media type: columns as docs/feed.md specifies them, and blocks for pages of ours.
COLUMNS = "application/json"
BLOCKS = "application/vnd.liveroom.blocks"
# Rows of a block: 3 ms of the event loop after the slice that fills it, and well below one frame of a browser.
BLOCK = 800
# Cards in one slice: about 5 ms of the database's thread and 5 ms of the event loop.
SLICE = 200
# A snapshot is given out again until so many events have passed.
REUSED_FOR = 500
GZIP = 16 + zlib.MAX_WBITS
# `resume` with more changed cards than this is answered with the snapshot, which is smaller than the batch.
LIMIT = 500
# Answers to `resume` that are kept.
FOLDS_KEPT = 32
# Clients that are to take a snapshot spread their requests over so long.
JITTER_MS = 2000
# When guests come or go, all walls need another snapshot within a second; they share one, so less spreading will do.
GUESTS_JITTER_MS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot as ``audience`` sees it. ``body``: its text, gzip; ``size``: bytes of the text itself."""

    audience: str
    form: str
    epoch: str
    seq: int
    mark: str
    cards: int
    body: bytes
    size: int

    def plain(self) -> Iterator[bytes]:
        """The text, piece by piece, for a client that does not take gzip."""
        inflate = zlib.decompressobj(GZIP)
        for start in range(0, len(self.body), 65536):
            yield inflate.decompress(self.body[start : start + 65536])
        yield inflate.flush()


class Snapshots:
    """Builds and keeps one snapshot for each audience and form; it may be 500 events old, as clients resume from it."""

    def __init__(self, source: EventLog, cards: Mapping[str, Cards], identity: Identity, runtime: Runtime) -> None:
        self._log = source
        self._cards = cards
        self._identity = identity
        self._runtime = runtime
        self._flights: SingleFlight[Snapshot] = SingleFlight()
        self._kept: dict[tuple[str, str], Snapshot] = {}

    def of(self, audience: str, form: str = COLUMNS) -> Snapshot:
        """A snapshot not older than 500 events. Raises Unavailable."""
        taken = self._flights.run((audience, form), lambda: self._fresh(audience, form))
        # A large one takes seconds to build, in which guests may have come or gone: then it has the wrong mask.
        if audience != WALLS or taken.audience == self._log.read(lambda c: served_audience_now(c, audience)):
            return taken
        return self._flights.run((audience, form), lambda: self._fresh(audience, form))

    def _fresh(self, audience: str, form: str) -> Snapshot:
        with self._log.slices() as slices:
            kept, own = self._kept.get((audience, form)), self._cards[audience].agency
            agencies = () if own is None else (own,)
            moment = slices.run(lambda c: read_moment(c, kept.seq if kept else 0, agencies))
            shown = moment.served_audience(audience)
            epoch = self._identity.epoch(moment.head.epoch, shown)
            if kept and kept.epoch == epoch and kept.mark == moment.mark_then and self._near(kept, moment):
                return kept
            self._kept[audience, form] = self._build(slices, moment, shown, form)
        return self._kept[audience, form]

    @staticmethod
    def _near(kept: Snapshot, moment: Moment) -> bool:
        return moment.head.seq - kept.seq < REUSED_FOR

    def _build(self, slices: Slices, moment: Moment, audience: str, form: str) -> Snapshot:
        cards = self._cards[audience]
        text: SnapshotForm = FORMS[form](cards.fields)
        total = 0
        for found in _visible(slices, moment.today, cards.agency):
            text.add([cards.of(complaint) for complaint in found])
            total += len(found)
            self._runtime.sleep(0)
        alarms = [cards.of_alarm(alarm) for part in _active_alarms(slices, cards.agency) for alarm in part]
        body, size = self._compress(text.pieces(_head_of(moment, self._identity, cards, alarms)))
        epoch = self._identity.epoch(moment.head.epoch, audience)
        return Snapshot(
            audience=audience,
            form=form,
            epoch=epoch,
            seq=moment.head.seq,
            mark=moment.head.mark,
            cards=total,
            body=body,
            size=size,
        )

    def _compress(self, pieces: Iterator[bytes]) -> tuple[bytes, int]:
        deflate, out, size, since = zlib.compressobj(1, wbits=GZIP), [], 0, 0
        for piece in pieces:
            out.append(deflate.compress(piece))
            size, since = size + len(piece), since + len(piece)
            if since > 200_000:
                self._runtime.sleep(0)
                since = 0
        return b"".join((*out, deflate.flush())), size


def _visible(slices: Slices, today: str, agency: str | None) -> Iterator[tuple[Complaint, ...]]:
    """Open complaints, then those closed since the day was opened, in slices; of one agency or of all."""
    closed_after = complaints.closed_after if agency is None else partial(closed_of, agency=agency)
    if agency is None:
        for status in complaints.OPEN_STATUSES:
            yield from _in_slices(slices, partial(complaints.open_after, status=status))
    else:
        yield from _in_slices(slices, partial(open_of, agency=agency))
    key = ("", "")
    while part := slices.run(partial(closed_after, date=today, after=key, limit=SLICE)):
        yield part
        key = (part[-1].closed_day or "", part[-1].id)


def _in_slices(slices: Slices, found: Callable[..., tuple[Complaint, ...]]) -> Iterator[tuple[Complaint, ...]]:
    last = ""
    while part := slices.run(partial(found, after=last, limit=SLICE)):
        yield part
        last = part[-1].id


def _active_alarms(slices: Slices, agency: str | None) -> Iterator[tuple[Alarm, ...]]:
    """Every alarm that is not normal, by id, in slices; of one agency or of all."""
    last = ""
    while part := slices.run(partial(standing_after, after=last, limit=SLICE)):
        yield part if agency is None else _alarms_of_agency(slices, agency, part)
        last = part[-1].id


def _alarms_of_agency(slices: Slices, agency: str, alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    holders = read_holders(slices, {alarm.complaint for alarm in alarms if alarm.complaint is not None})
    return tuple(alarm for alarm in alarms if owns(agency, alarm, holders))


def _head_of(moment: Moment, identity: Identity, cards: Cards, alarms: list[Card]) -> dict[str, object]:
    return {
        "epoch": identity.epoch(moment.head.epoch, cards.audience),
        "seq": moment.head.seq,
        "mark": moment.head.mark,
        "now": to_text(moment.real),
        "at": to_text(moment.room),
        "day": moment.today,
        "alarms": alarms,
        "counts": counts_of(moment, cards),
        "sources": cards.of_sources(moment.sources),
        "lines": cards.of_lines(moment.lines),
    }


# Resume.


class Resume:
    """Answers ``resume``; clients that were at the same position share one answer."""

    def __init__(self, source: EventLog, cards: Mapping[str, Cards], identity: Identity) -> None:
        self._log = source
        self._cards = cards
        self._identity = identity
        self._flights: SingleFlight[Answer] = SingleFlight()
        self._kept: OrderedDict[tuple[str, int, str, str], Answer] = OrderedDict()

    def answer(self, audience: str, asked: Mapping[str, Any]) -> Answer:
        """``{epoch, seq, mark, batches}`` or ``{epoch, seq, snapshot, jitter_ms}``. Raises Unavailable."""
        seq, mark, epoch = asked.get("seq"), asked.get("mark"), asked.get("epoch")
        if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0 or not isinstance(mark, str):
            seq, mark = -1, ""
        key = (audience, seq, mark, str(epoch)[:64])
        return self._flights.run(key, lambda: self._answer(audience, seq, mark, epoch))

    def _answer(self, audience: str, seq: int, mark: str, epoch: object) -> Answer:
        with self._log.slices() as slices:
            own = self._cards[audience].agency
            moment = slices.run(lambda c: read_moment(c, max(seq, 0), () if own is None else (own,)))
            shown = moment.served_audience(audience)
            mine = self._identity.epoch(moment.head.epoch, shown)
            if seq < 0 or epoch != mine or moment.mark_then != mark:
                return self._take_snapshot(mine, moment, audience, epoch)
            # The head by its mark, not its number: after a fail-over another history may reach the same number.
            key = (shown, seq, moment.head.mark, mine)
            answer = self._kept.get(key) or self._fold(slices, moment, seq, shown)
            self._keep(key, answer)
            return answer

    def _fold(self, slices: Slices, moment: Moment, seq: int, audience: str) -> Answer:
        cards = self._cards[audience]
        epoch = self._identity.epoch(moment.head.epoch, audience)
        change = read_change(slices, moment, seq, LIMIT)
        if change is None:
            return self._take_snapshot(epoch, moment, audience, epoch)
        batches = [batch(change, cards, self._identity, None)] if moment.head.seq > seq else []
        return {"epoch": epoch, "seq": moment.head.seq, "mark": moment.head.mark, "batches": batches}

    def _take_snapshot(self, epoch: str, moment: Moment, audience: str, had: object) -> Answer:
        url = f"/feed/snapshot?audience={audience}"
        masks = [self._identity.epoch(moment.head.epoch, one) for one in (WALLS, GUESTS)]
        jitter = GUESTS_JITTER_MS if had != epoch and had in masks else JITTER_MS
        return {"epoch": epoch, "seq": moment.head.seq, "snapshot": url, "jitter_ms": jitter}

    def _keep(self, key: tuple[str, int, str, str], answer: Answer) -> None:
        self._kept[key] = answer
        while len(self._kept) > FOLDS_KEPT:
            self._kept.popitem(last=False)


# Forms of a snapshot's text.


class SnapshotForm(Protocol):
    """Takes cards slice by slice; ``pieces`` then gives the whole text, which begins with the fields of ``head``."""

    def add(self, rows: Sequence[CardJson]) -> None:
        """Take the cards of one slice."""

    def pieces(self, head: Mapping[str, object]) -> Iterator[bytes]:
        """The text, piece by piece, after the last slice."""


class Columns:
    """One JSON object whose ``cards`` are columns of all rows."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._columns: dict[str, list[bytes]] = {name: [] for name in fields}

    def add(self, rows: Sequence[CardJson]) -> None:
        """Take the cards of one slice."""
        for name, parts in self._columns.items():
            parts.append(msgspec.json.encode([row[name] for row in rows])[1:-1])

    def pieces(self, head: Mapping[str, object]) -> Iterator[bytes]:
        """The text, column by column."""
        yield msgspec.json.encode(head)[:-1] + b',"cards":{'
        for index, (name, parts) in enumerate(self._columns.items()):
            yield (b"," if index else b"") + msgspec.json.encode(name) + b":["
            for number, part in enumerate(parts):
                yield b"," + part if number else part
            yield b"]"
        yield b"}}"


class Blocks:
    """A line for the head, which says how many ``rows`` follow, then a line for every 800 of them.

    In a block, ``all`` holds the fields that are equal in all its rows, ``of`` those with few values (the values, then
    the number of each row's), ``each`` the rest, one value a row. A browser can read it while it arrives, and needs a
    third of the time.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields
        self._waiting: list[CardJson] = []
        self._lines: list[bytes] = []
        self._rows = 0

    def add(self, rows: Sequence[CardJson]) -> None:
        """Take the cards of one slice."""
        self._waiting += rows
        self._rows += len(rows)
        if len(self._waiting) >= BLOCK:
            self._close()

    def pieces(self, head: Mapping[str, object]) -> Iterator[bytes]:
        """The text, line by line."""
        if self._waiting:
            self._close()
        yield msgspec.json.encode({**head, "rows": self._rows, "cards": {}}) + b"\n"
        yield from self._lines

    def _close(self) -> None:
        self._lines.append(msgspec.json.encode(block_of(self._waiting, self._fields)) + b"\n")
        self._waiting = []


def block_of(rows: Sequence[CardJson], fields: Sequence[str]) -> dict[str, object]:
    """One block as ``Blocks`` writes it; ``rows`` must not be empty."""
    shared, few, each = dict[str, object](), dict[str, object](), dict[str, object]()
    for name in fields:
        column = [row[name] for row in rows]
        keys: list[Hashable] = [tuple(one) for one in column] if isinstance(column[0], list) else column
        values = dict.fromkeys(keys)
        if len(values) == 1:
            shared[name] = column[0]
        elif len(values) * 4 <= len(rows):
            numbers = {value: number for number, value in enumerate(values)}
            few[name] = [list(values), list(map(numbers.__getitem__, keys))]
        else:
            each[name] = column
    return {"rows": len(rows), "all": shared, "of": few, "each": each}


FORMS: Mapping[str, type[Columns] | type[Blocks]] = {COLUMNS: Columns, BLOCKS: Blocks}


def form_for(accepted: str) -> str:
    """The form for an ``Accept`` header: blocks where it names them, else columns."""
    return BLOCKS if BLOCKS in accepted else COLUMNS
