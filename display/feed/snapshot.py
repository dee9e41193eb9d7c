"""The whole room of one moment as columns, built in slices on a transaction that stays open, shared by all who ask."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from display.feed.cards import Card, Cards
from display.feed.guests import SCREENS, worn_now
from display.feed.identity import Identity
from display.feed.moment import Moment, read_moment
from display.feed.moves import owns, read_has
from display.feed.share import counts_of
from display.feed.single_flight import SingleFlight
from display.feed.snapshot_forms import COLUMNS, FORMS, Form
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.timestamps import to_text
from liveroom.log.event_log import Log, Slices
from liveroom.projection import complaints
from liveroom.projection.agencies import closed_of, open_of
from liveroom.projection.alarms import standing_after
from liveroom.runtime import Runtime

# Cards a slice: about 5 ms on the database thread and 5 ms on the hub.
SLICE = 200
REUSED_FOR = 500
GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot as sent, as ``audience`` sees it: ``body`` is gzip of its text, ``size`` the length of that."""

    audience: str
    form: str
    epoch: str
    seq: int
    mark: str
    cards: int
    body: bytes
    size: int

    def plain(self) -> Iterator[bytes]:
        """The text for a client that takes no gzip, piece by piece."""
        inflate = zlib.decompressobj(GZIP)
        for start in range(0, len(self.body), 65536):
            yield inflate.decompress(self.body[start : start + 65536])
        yield inflate.flush()


class Snapshots:
    """Single-flight an audience and form; one is reused until 500 events have passed. A resume follows each load."""

    def __init__(self, source: Log, cards: Mapping[str, Cards], identity: Identity, runtime: Runtime) -> None:
        self._log = source
        self._cards = cards
        self._identity = identity
        self._runtime = runtime
        self._flights: SingleFlight[Snapshot] = SingleFlight()
        self._kept: dict[tuple[str, str], Snapshot] = {}

    def of(self, audience: str, form: str = COLUMNS) -> Snapshot:
        """A snapshot not older than 500 events. Raises Unavailable."""
        taken = self._flights.do((audience, form), lambda: self._fresh(audience, form))
        # A large one takes seconds: guests may have come since its moment, and it would be the wrong one to give.
        if audience != SCREENS or taken.audience == self._log.read(lambda c: worn_now(c, audience)):
            return taken
        return self._flights.do((audience, form), lambda: self._fresh(audience, form))

    def _fresh(self, audience: str, form: str) -> Snapshot:
        with self._log.slices() as slices:
            kept, own = self._kept.get((audience, form)), self._cards[audience].agency
            agencies = () if own is None else (own,)
            moment = slices.run(lambda c: read_moment(c, kept.seq if kept else 0, agencies))
            shown = moment.worn(audience)
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
        text: Form = FORMS[form](cards.fields)
        total = 0
        for found in _visible(slices, moment.today, cards.agency):
            text.add([cards.of(complaint) for complaint in found])
            total += len(found)
            self._runtime.sleep(0)
        alarms = [cards.of_alarm(alarm) for part in _standing(slices, cards.agency) for alarm in part]
        body, size = self._packed(text.pieces(_head_of(moment, self._identity, cards, alarms)))
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

    def _packed(self, pieces: Iterator[bytes]) -> tuple[bytes, int]:
        deflate, out, size, since = zlib.compressobj(1, wbits=GZIP), [], 0, 0
        for piece in pieces:
            out.append(deflate.compress(piece))
            size, since = size + len(piece), since + len(piece)
            if since > 200_000:
                self._runtime.sleep(0)
                since = 0
        return b"".join((*out, deflate.flush())), size


def _visible(slices: Slices, today: str, agency: str | None) -> Iterator[tuple[Complaint, ...]]:
    """Open complaints, then those done or elsewhere since the day was opened, in slices; of one agency or of all."""
    closed_after = complaints.closed_after if agency is None else partial(closed_of, agency=agency)
    if agency is None:
        for status in complaints.OPEN_STATUSES:
            yield from _by_id(slices, partial(complaints.open_after, status=status))
    else:
        yield from _by_id(slices, partial(open_of, agency=agency))
    key = ("", "")
    while part := slices.run(partial(closed_after, date=today, after=key, limit=SLICE)):
        yield part
        key = (part[-1].closed_day or "", part[-1].id)


def _by_id(slices: Slices, found: Callable[..., tuple[Complaint, ...]]) -> Iterator[tuple[Complaint, ...]]:
    last = ""
    while part := slices.run(partial(found, after=last, limit=SLICE)):
        yield part
        last = part[-1].id


def _standing(slices: Slices, agency: str | None) -> Iterator[tuple[Alarm, ...]]:
    """Every alarm that is not normal, by id, in slices; of one agency or all."""
    last = ""
    while part := slices.run(partial(standing_after, after=last, limit=SLICE)):
        yield part if agency is None else _own(slices, agency, part)
        last = part[-1].id


def _own(slices: Slices, agency: str, alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    has = read_has(slices, {alarm.complaint for alarm in alarms if alarm.complaint is not None})
    return tuple(alarm for alarm in alarms if owns(agency, alarm, has))


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
