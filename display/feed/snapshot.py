"""The snapshot of the room at one moment, and the answer to a client that resumes from an older position.

A snapshot is read in slices of one transaction that stays open, so it is consistent while other work goes on between
the slices. It is kept in blocks; the next one is made by what the log says changed since. Callers that ask for the same
thing at the same time share one computation (`SingleFlight`).
"""

import zlib
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec

from display.feed.blocks import (
    COLUMNS,
    FORMS,
    Block,
    GzipText,
    SnapshotForm,
    blocks_of,
    cut,
    drop,
    put,
)
from display.feed.cards import GUESTS, WALLS, Card, CardRow, Cards, card_row, served_audience_now
from display.feed.changes import Instant, Moment, owns, read_change, read_holders, read_instant, read_moment
from display.feed.cities import FollowedCities
from display.feed.messages import AudienceBatch, Identity, audience_batch, batch, beat, counts_of
from liveroom.domain.alarms.model import Alarm, AlarmState
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.log.event_log import EventLog, Head, Slices, mark_at, read_head
from liveroom.projection import complaints
from liveroom.projection.agencies import closed_of, open_of
from liveroom.projection.alarms import standing_after
from liveroom.runtime import Runtime
from liveroom.runtime.metrics import RESUMED_CARDS, RESUMED_EVENTS, RESUMES
from liveroom.runtime.single_flight import SingleFlight

Answer = dict[str, Any]

# Rows of a block: 5 ms of the event loop, to write it or to write it anew, and below one frame of a browser.
BLOCK = 800
# Cards in one slice: about 5 ms of the database's thread.
SLICE = 800
# Alarms in one slice: about 5 ms too.
ALARMS = 200
# A snapshot is given out again until so many events have passed.
REUSED_FOR = 500
# After more events than this most blocks have changed, and reading them all anew takes no longer.
BROUGHT_FORWARD_FOR = 5000
GZIP = 16 + zlib.MAX_WBITS
# Pieces of the text that are joined at once: 3 ms of the event loop.
JOINED_AT_ONCE = 500
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A snapshot with what the next one is made of: its blocks in order of id, and its alarms as text by id."""

    snapshot: Snapshot
    blocks: Sequence[Block]
    alarms: Mapping[str, msgspec.Raw]

    @property
    def thin(self) -> bool:
        """Whether so many cards have left that the blocks are not worth their number."""
        return len(self.blocks) > 3 + 3 * self.snapshot.cards // BLOCK


class Snapshots:
    """Builds one snapshot for each audience and form, keeps it and brings it forward.

    It may be 500 events old, as clients resume from it.
    """

    def __init__(self, source: EventLog, cards: Mapping[str, Cards], identity: Identity, runtime: Runtime) -> None:
        self._log = source
        self._cards = cards
        self._identity = identity
        self._runtime = runtime
        self._flights: SingleFlight[Snapshot] = SingleFlight()
        self._kept: dict[tuple[str, str], Kept] = {}

    def of(self, audience: str, form: str = COLUMNS) -> Snapshot:
        """A snapshot not older than 500 events. Raises Unavailable."""
        taken = self._flights.run((audience, form), lambda: self._fresh(audience, form))
        # A large one takes a second to build, in which guests may have come or gone: then it has the wrong mask.
        if audience != WALLS or taken.audience == self._log.read(lambda c: served_audience_now(c, audience)):
            return taken
        return self._flights.run((audience, form), lambda: self._fresh(audience, form))

    def behind(self, seq: int) -> int:
        """How many events before ``seq`` the oldest snapshot that is kept was made; 0 without any."""
        return max((seq - kept.snapshot.seq for kept in tuple(self._kept.values())), default=0)

    def _fresh(self, audience: str, form: str) -> Snapshot:
        with self._log.slices() as slices:
            own = self._cards[audience].agency
            moment = slices.run(lambda c: read_moment(c, 0, () if own is None else (own,)))
            shown = moment.served_audience(audience)
            kept = self._of_this_log(slices, moment, self._kept.get((shown, form)))
            if kept is None:
                kept = self._build(slices, moment, shown, form)
            elif moment.head.seq - kept.snapshot.seq >= REUSED_FOR:
                kept = self._brought_forward(slices, moment, kept) or self._build(slices, moment, shown, form)
            self._kept[shown, form] = kept
        return kept.snapshot

    def _of_this_log(self, slices: Slices, moment: Moment, kept: Kept | None) -> Kept | None:
        """What is kept, if it is of the log, build and pack of this moment, and of the same history."""
        if kept is None or kept.snapshot.epoch != self._identity.epoch(moment.head.epoch, kept.snapshot.audience):
            return None
        mark = slices.run(lambda c: mark_at(c, kept.snapshot.seq, moment.head))
        return kept if mark == kept.snapshot.mark else None

    def _build(self, slices: Slices, moment: Moment, audience: str, form: str) -> Kept:
        """All of it, read from the rows."""
        cards = self._cards[audience]
        write, blocks = FORMS[form](cards.fields), list[Block]()
        for rows in _in_blocks(_visible(slices, moment.today, cards.agency)):
            if rows:
                blocks += blocks_of(write, (cards.columns_of(rows),))
            self._runtime.sleep(0)
        alarms: dict[str, msgspec.Raw] = {}
        for part in _active_alarms(slices, cards.agency):
            alarms |= {alarm.id: encoded(cards.of_alarm(alarm)) for alarm in part if cards.sees(alarm)}
            self._runtime.sleep(0)
        return self._written(moment, cards, form, blocks, alarms)

    def _brought_forward(self, slices: Slices, moment: Moment, kept: Kept) -> Kept | None:
        """What is kept, with all that changed since; None where it is better built anew."""
        since, form = kept.snapshot.seq, kept.snapshot.form
        if kept.thin or moment.head.seq - since > BROUGHT_FORWARD_FOR:
            return None
        change = read_change(slices, moment, since, BROUGHT_FORWARD_FOR)
        if change is None:
            return None
        cards = self._cards[kept.snapshot.audience]
        self._runtime.sleep(0)
        share = audience_batch(change, cards)
        blocks = self._with_changes(FORMS[form](cards.fields), kept.blocks, share)
        alarms = dict(kept.alarms)
        for alarm in share.alarms:
            alarms.pop(alarm["id"], None)
            if alarm["state"] != AlarmState.NORMAL:
                alarms[alarm["id"]] = encoded(alarm)
        return self._written(moment, cards, form, blocks, alarms)

    def _with_changes(self, form: SnapshotForm, blocks: Sequence[Block], share: AudienceBatch) -> list[Block]:
        """The blocks, those that changed written anew, one that grew too large in several."""
        firsts, changes = [block.first for block in blocks], defaultdict[int, list[Card | str]](list)
        told: tuple[Card | str, ...] = (*share.cards, *share.gone)
        for change in told:
            id_ = change if isinstance(change, str) else change["id"]
            changes[max(0, bisect_right(firsts, id_) - 1)].append(change)
        found: list[Block] = []
        for number, block in enumerate(blocks or (None,)):
            if number not in changes:
                found += (block,) if block else ()
                continue
            table = form.table(block.pieces) if block else {name: [] for name in form.fields}
            for change in changes[number]:
                drop(table, change) if isinstance(change, str) else put(table, change)
            self._runtime.sleep(0)
            found += blocks_of(form, cut(table, _size(len(table["id"]), last=number >= len(blocks) - 1)))
            self._runtime.sleep(0)
        return found

    def _written(
        self, moment: Moment, cards: Cards, form: str, blocks: Sequence[Block], alarms: Mapping[str, msgspec.Raw]
    ) -> Kept:
        head = head_of(moment, self._identity, cards, [alarms[id_] for id_ in sorted(alarms)])
        snapshot = written(moment, cards, self._identity, form, head, blocks, self._runtime)
        return Kept(snapshot=snapshot, blocks=blocks, alarms=alarms)


def written(  # noqa: PLR0913 - a snapshot is all of this
    moment: Moment,
    cards: Cards,
    identity: Identity,
    form: str,
    head: Mapping[str, object],
    blocks: Sequence[Block],
    runtime: Runtime,
) -> Snapshot:
    """A snapshot of head and blocks; others have their turn in between."""
    text = GzipText()
    for number, part in enumerate(FORMS[form](cards.fields).whole(head, blocks), 1):
        text.add(part)
        if number % JOINED_AT_ONCE == 0:
            runtime.sleep(0)
    return Snapshot(
        audience=cards.audience,
        form=form,
        epoch=identity.epoch(moment.head.epoch, cards.audience),
        seq=moment.head.seq,
        mark=moment.head.mark,
        cards=sum(block.rows for block in blocks),
        body=text.whole(),
        size=text.size,
    )


def _size(rows: int, *, last: bool) -> int:
    """Rows of each block that a table of so many becomes: at the end, where new ones come, full ones, else halves."""
    return BLOCK if last or rows <= BLOCK else -(-rows // -(-rows // BLOCK))


def encoded(card: Card) -> msgspec.Raw:
    """A card as text that stands in a message as it is."""
    return msgspec.Raw(msgspec.json.encode(card))


_ID = attrgetter("id")


def _in_blocks(parts: Iterator[Sequence[CardRow]]) -> Iterator[Sequence[CardRow]]:
    """The same rows in parts of a block; after one that fills none an empty one, for others to have their turn."""
    waiting: list[CardRow] = []
    for part in parts:
        waiting += part
        whole = len(waiting) - len(waiting) % BLOCK
        yield from (waiting[start : start + BLOCK] for start in range(0, whole, BLOCK)) if whole else ((),)
        waiting = waiting[whole:]
    yield waiting


def _visible(slices: Slices, today: str, agency: str | None) -> Iterator[Sequence[CardRow]]:
    """Open complaints and those closed since the day was opened, by id, in slices; of one agency or of all."""
    if agency is None:
        found = [partial(complaints.open_after, status=status) for status in complaints.OPEN_STATUSES]
    else:
        found = [partial(open_of, agency=agency)]
    closed = sorted(_closed_since(slices, today, agency), key=_ID)
    streams = [iter((closed,)), *(_in_slices(slices, one) for one in found)]
    heads = {number: rows for number, stream in enumerate(streams) if (rows := next(stream, ()))}
    while heads:
        # Nothing that is still to be read comes before the first of the ends.
        end = min(rows[-1].id for rows in heads.values())
        ready: list[CardRow] = []
        for number, rows in list(heads.items()):
            place = bisect_right(rows, end, key=_ID)
            ready += rows[:place]
            heads[number] = rows[place:] or next(streams[number], ())
            if not heads[number]:
                del heads[number]
        yield sorted(ready, key=_ID)


def _closed_since(slices: Slices, today: str, agency: str | None) -> Iterator[CardRow]:
    closed_after = complaints.closed_after if agency is None else partial(closed_of, agency=agency)
    key = ("", "")
    while part := slices.run(partial(_rows, partial(closed_after, date=today, after=key, limit=SLICE))):
        yield from part
        key = (part[-1].closed_day or "", part[-1].id)


def _in_slices(slices: Slices, found: Callable[..., tuple[str, ...]]) -> Iterator[Sequence[CardRow]]:
    last = ""
    while part := slices.run(partial(_rows, partial(found, after=last, limit=SLICE))):
        yield part
        last = part[-1].id


def _rows(found: Callable[[Connection], tuple[str, ...]], connection: Connection) -> tuple[CardRow, ...]:
    return tuple(map(card_row, found(connection)))


def _active_alarms(slices: Slices, agency: str | None) -> Iterator[tuple[Alarm, ...]]:
    """Every alarm that is not normal, by id, in slices; of one agency or of all."""
    last = ""
    while part := slices.run(partial(standing_after, after=last, limit=ALARMS)):
        yield part if agency is None else _alarms_of_agency(slices, agency, part)
        last = part[-1].id


def _alarms_of_agency(slices: Slices, agency: str, alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    holders = read_holders(slices, {alarm.complaint for alarm in alarms if alarm.complaint is not None})
    return tuple(alarm for alarm in alarms if owns(agency, alarm, holders))


def head_of(moment: Moment, identity: Identity, cards: Cards, alarms: Sequence[msgspec.Raw]) -> dict[str, object]:
    """All of a snapshot but its cards."""
    head = {
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
        "hazards": cards.of_hazards(moment.hazards),
    }
    city = cards.city()
    return head if city is None else {**head, "city": city}


# Resume.


class Resume:
    """Answers ``resume``; clients that were at the same position share one answer.

    ``calendar()``: the hash of the working calendar in force; ``cities``: those that this room follows.
    """

    def __init__(
        self,
        source: EventLog,
        cards: Mapping[str, Cards],
        identity: Identity,
        calendar: Callable[[], str],
        cities: FollowedCities | None = None,
    ) -> None:
        self._log = source
        self._cities = cities
        self._cards = cards
        self._identity = identity
        self._calendar = calendar
        self._flights: SingleFlight[Answer] = SingleFlight()
        self._kept: OrderedDict[tuple[str, int, str, str], Answer] = OrderedDict()

    def answer(self, audience: str, asked: Mapping[str, Any]) -> Answer:
        """``{epoch, seq, mark, batches, beat}`` or ``{epoch, seq, snapshot, jitter_ms}``. Raises Unavailable.

        The beat is of the moment that was read for the answer, so that a client knows at once how fresh its data is.
        With it come the blocks of the cities that this room follows: later ones are sent as they change.
        """
        answer = _counted(self._shared(audience, asked), asked)
        if self._cities is None or "beat" not in answer or not self._cities.concern(audience):
            return answer
        return {**answer, "cities": self._cities.blocks()}

    def answer_to(self, audience: str, asked: Mapping[str, Any], to: int) -> Answer:
        """The same without a beat, and with batches that lead at least to ``to``: it is right for ever.

        Raises Unavailable.

        A ``to`` that the log does not have is another history's, and answered with the snapshot.
        """
        answer = self._shared(audience, asked)
        if "batches" in answer and answer["seq"] < to:  # a read that is shared may have begun before ``to`` was written
            answer = self._shared(audience, asked)
        if "batches" in answer and answer["seq"] < to:
            answer = _order(answer["epoch"], answer["seq"], audience, JITTER_MS)
        return _counted({name: part for name, part in answer.items() if name != "beat"}, asked)

    def _shared(self, audience: str, asked: Mapping[str, Any]) -> Answer:
        """The answer for all who ask the same at the same time."""
        seq, mark, epoch = asked.get("seq"), asked.get("mark"), asked.get("epoch")
        if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0 or not isinstance(mark, str):
            seq, mark = -1, ""
        key = (audience, seq, mark, str(epoch)[:64])
        return self._flights.run(key, lambda: self._answer(audience, seq, mark, epoch))

    def _answer(self, audience: str, seq: int, mark: str, epoch: object) -> Answer:
        with self._log.slices() as slices:
            # In a crowd that comes back most answers are kept already: so no more is read than says which.
            now, shown, mark_then = slices.run(lambda c: _position(c, audience, max(seq, 0)))
            head = now.head
            mine = self._identity.epoch(head.epoch, shown)
            if seq < 0 or epoch != mine or mark_then != mark:
                return self._take_snapshot(mine, head, audience, epoch)
            # The head by its mark, not its number: after a fail-over another history may reach the same number.
            key = (shown, seq, head.mark, mine)
            answer = self._kept.get(key) or self._fold(slices, head, seq, shown)
            self._keep(key, answer)
            return answer if "snapshot" in answer else {**answer, "beat": self._beat(now, shown)}

    def _beat(self, now: Instant, audience: str) -> dict[str, Any]:
        seq, mark, cards = now.head.seq, now.head.mark, self._cards[audience]
        said = beat(now, seq=seq, mark=mark, cards=cards, identity=self._identity, calendar=self._calendar())
        if self._cities is not None and self._cities.concern(audience):
            said["cities"] = self._cities.ages()
        return said

    def _fold(self, slices: Slices, head: Head, seq: int, audience: str) -> Answer:
        cards, epoch = self._cards[audience], self._identity.epoch(head.epoch, audience)
        answer: Answer = {"epoch": epoch, "seq": head.seq, "mark": head.mark, "batches": []}
        if head.seq > seq:
            moment = slices.run(lambda c: read_moment(c, seq, () if cards.agency is None else (cards.agency,)))
            change = read_change(slices, moment, seq, LIMIT)
            if change is None:
                return self._take_snapshot(epoch, head, audience, epoch)
            answer["batches"].append(batch(change, cards, self._identity, None))
        return answer

    def _take_snapshot(self, epoch: str, head: Head, audience: str, had: object) -> Answer:
        masks = [self._identity.epoch(head.epoch, one) for one in (WALLS, GUESTS)]
        jitter = GUESTS_JITTER_MS if had != epoch and had in masks else JITTER_MS
        return _order(epoch, head.seq, audience, jitter)

    def _keep(self, key: tuple[str, int, str, str], answer: Answer) -> None:
        self._kept[key] = answer
        while len(self._kept) > FOLDS_KEPT:
            self._kept.popitem(last=False)


def _position(connection: Connection, audience: str, seq: int) -> tuple[Instant, str, str | None]:
    """The present, the audience as which this one is served, and the mark of a position; None beyond the head."""
    head = read_head(connection)
    mark = mark_at(connection, seq, head) if seq <= head.seq else None
    return read_instant(connection, head), served_audience_now(connection, audience), mark


def _order(epoch: str, seq: int, audience: str, jitter_ms: int) -> Answer:
    """The order to take the snapshot."""
    return {"epoch": epoch, "seq": seq, "snapshot": f"/feed/snapshot?audience={audience}", "jitter_ms": jitter_ms}


def _counted(answer: Answer, asked: Mapping[str, Any]) -> Answer:
    """Count what a client was answered."""
    if "snapshot" in answer:
        RESUMES.labels("snapshot").inc()
        return answer
    batches = answer["batches"]
    RESUMES.labels("batches" if batches else "current").inc()
    RESUMED_EVENTS.observe(answer["seq"] - asked["seq"])
    RESUMED_CARDS.observe(sum(len(one["cards"]) + len(one["alarms"]) for one in batches))
    return answer
