"""What is held of another room at one position of its log, and the block that a wall shows of it.

The rules are those of any client of docs/feed.md. What the other room wrote is external data: it is bounded when it
comes, and of its names only letters that can be printed are kept, cut to a wall's length.
"""

import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from ingest.rooms.foreign_feed import (
    MOST_ALARMS,
    MOST_CARDS,
    ForeignAlarm,
    ForeignBatch,
    ForeignBeat,
    ForeignCard,
    ForeignCity,
    ForeignCounts,
    ForeignSnapshot,
    Silence,
    utc,
)

# Letters of a name on a wall, and districts of a block: the largest that there are has 66.
LONGEST_NAME, MOST_DISTRICTS = 80, 100
# Of what is unpacked again, which we wrote ourselves.
MOST_KEPT = 256 << 20
# Alarms that nobody has taken.
UNTAKEN = frozenset({"unacked"})
QUIET = frozenset({"returned", "shelved", "suppressed", "out_of_service", "normal"})


class KeptRoom(msgspec.Struct, frozen=True):
    """What is written down of a room for the next start."""

    epoch: str
    seq: int
    mark: str
    cards: list[ForeignCard]
    alarms: list[ForeignAlarm]
    counts: ForeignCounts
    city: ForeignCity


class ForeignRoom:
    """Empty before its first snapshot."""

    def __init__(self) -> None:
        self.epoch, self.seq, self.mark = "", -1, ""
        self._cards: dict[str, ForeignCard] = {}
        self._alarms: dict[str, ForeignAlarm] = {}
        self._counts: ForeignCounts | None = None
        self._city: ForeignCity | None = None

    @property
    def size(self) -> int:
        """How many cards it holds."""
        return len(self._cards)

    def load(self, snapshot: ForeignSnapshot) -> None:
        """Take a snapshot in place of everything."""
        columns, empty = snapshot.cards, [None] * len(snapshot.cards.id)
        rows = zip(
            columns.id,
            columns.status,
            columns.received_day or empty,
            columns.district or empty,
            columns.drill or empty,
            strict=True,
        )
        self._cards = {
            id_: ForeignCard(id=id_, status=status, received_day=day, district=district, drill=drill)
            for id_, status, day, district, drill in rows
        }
        self._alarms = {alarm.id: alarm for alarm in snapshot.alarms}
        self._counts, self._city = snapshot.counts, snapshot.city
        self.epoch, self.seq, self.mark = snapshot.epoch, snapshot.seq, snapshot.mark

    def take(self, batch: ForeignBatch) -> bool:
        """Apply a batch; False where it does not join on. Raises Silence where it would hold too much."""
        if batch.epoch != self.epoch or batch.since > self.seq:
            return False
        if batch.to <= self.seq:
            return True
        self._cards.update((card.id, card) for card in batch.cards)
        for id_ in batch.gone:
            self._cards.pop(id_, None)
        for alarm in batch.alarms:
            self._alarms[alarm.id] = alarm
            if alarm.state == "normal":
                del self._alarms[alarm.id]
        self._counts = batch.counts or self._counts
        self.seq, self.mark = batch.to, batch.mark
        if len(self._cards) > MOST_CARDS or len(self._alarms) > MOST_ALARMS:
            raise Silence("large", f"more than {MOST_CARDS} complaints or {MOST_ALARMS} alarms")
        return True

    def is_at(self, beat: ForeignBeat) -> bool:
        """Whether a beat speaks of this very position."""
        return (beat.epoch, beat.seq, beat.mark) == (self.epoch, self.seq, self.mark)

    def kept(self) -> bytes:
        """All of it, to go on from after the next start."""
        counts, city = self._whole()
        kept = KeptRoom(
            epoch=self.epoch,
            seq=self.seq,
            mark=self.mark,
            cards=list(self._cards.values()),
            alarms=list(self._alarms.values()),
            counts=counts,
            city=city,
        )
        return zlib.compress(msgspec.msgpack.encode(kept), 1)

    def restore(self, body: bytes) -> bool:
        """Go on from what was kept; False where it is of another version, and a snapshot is needed."""
        try:
            kept = msgspec.msgpack.decode(zlib.decompressobj().decompress(body, MOST_KEPT), type=KeptRoom)
        except (zlib.error, msgspec.DecodeError):
            return False
        self._cards, self._alarms = {card.id: card for card in kept.cards}, {alarm.id: alarm for alarm in kept.alarms}
        self._counts, self._city = kept.counts, kept.city
        self.epoch, self.seq, self.mark = kept.epoch, kept.seq, kept.mark
        return True

    def block(self) -> bytes:
        """What its block on a wall shows, as JSON (docs/feed.md, Cities). Raises Silence for a room without a city."""
        counts, city = self._whole()
        cohort = counts.cohort
        day = counts.day
        waiting = Counter(
            card.district for card in self._cards.values() if card.status == "waiting" and card.received_day == day
        )
        named = city.names.get("district", {})
        districts = sorted(
            ((named.get(key or "", ""), waiting[key]) for key in {*named, *waiting} if key in named),
            key=lambda one: (-one[1], one[0]),
        )
        standing = [alarm for alarm in self._alarms.values() if alarm.state not in QUIET]
        block = {
            "city": clean(city.name),
            "drill": city.drill or any(card.drill for card in self._cards.values()),
            "in": cohort.came,
            "waiting": cohort.waiting,
            "in_process": cohort.in_process,
            "done": cohort.done,
            "elsewhere": cohort.elsewhere,
            "open": counts.stock.open,
            "overdue": counts.stock.overdue,
            "districts": [[clean(name), n] for name, n in districts[:MOST_DISTRICTS]],
            "unacked": sum(alarm.state in UNTAKEN for alarm in standing),
            "alarms": len(standing),
            "alarm": self._worst(standing, city),
        }
        return msgspec.json.encode(block)

    def _worst(self, standing: Iterable[ForeignAlarm], city: ForeignCity) -> dict[str, Any] | None:
        """The alarm to show: what nobody has taken first, then the most urgent, then the longest overdue."""
        worst = min(standing, key=_urgency, default=None)
        if worst is None:
            return None
        card = self._cards.get(worst.complaint or "")
        return {
            "kind": worst.kind,
            "priority": worst.priority or 3,
            "acked": worst.state not in UNTAKEN,
            "status": card.status if card else None,
            "count": worst.count or 1,
            "due_at": utc(worst.due_at),
            "raised_at": utc(worst.raised_at),
            "category": _name(city, "category", worst.category),
            "agency": _name(city, "agency", worst.agency),
            "area": _name(city, "area", worst.area),
        }

    def _whole(self) -> tuple[ForeignCounts, ForeignCity]:
        if self._counts is None or self._city is None:
            raise Silence("garbage", "it has not said which city it is")
        return self._counts, self._city


def _urgency(alarm: ForeignAlarm) -> tuple[bool, int, str, str, str]:
    last = "9999"
    return (
        alarm.state not in UNTAKEN,
        alarm.priority or 3,
        utc(alarm.due_at) or last,
        utc(alarm.raised_at) or last,
        alarm.id,
    )


def _name(city: ForeignCity, field: str, key: str | None) -> str | None:
    found = city.names.get(field, {}).get(key or "")
    return None if found is None else clean(found)


def clean(text: str) -> str:
    """A name without what cannot be printed or turns the letters around it, cut to a wall's length."""
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST_NAME].strip()
