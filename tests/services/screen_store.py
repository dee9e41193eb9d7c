"""What a screen knows, by docs/feed.md alone: snapshot and batches in, cards and counts out. No network."""

from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]


@dataclass
class Store:
    """`need` is None, "snapshot" or "resume"; `cards` and `alarms` by id."""

    epoch: str = ""
    seq: int = -1
    mark: str = ""
    cards: dict[str, Message] = field(default_factory=dict)
    alarms: dict[str, Message] = field(default_factory=dict)
    counts: Message = field(default_factory=dict)
    sources: list[Message] = field(default_factory=list)
    lines: list[Message] = field(default_factory=list)
    need: str | None = "snapshot"

    def load(self, snapshot: Message) -> None:
        """Take a snapshot, whatever was known before."""
        columns = snapshot["cards"]
        rows = zip(*columns.values(), strict=True)
        self.cards = {row["id"]: row for row in (dict(zip(columns, values, strict=True)) for values in rows)}
        self.alarms = {alarm["id"]: alarm for alarm in snapshot["alarms"]}
        self.counts, self.sources, self.lines = snapshot["counts"], snapshot["sources"], snapshot["lines"]
        self.epoch, self.seq, self.mark, self.need = snapshot["epoch"], snapshot["seq"], snapshot["mark"], None

    def apply(self, batch: Message) -> None:
        """Apply what is new, ignore what is known, and ask where something is missing."""
        if batch["epoch"] != self.epoch:
            self.need = "snapshot"
        elif batch["to"] <= self.seq:
            return
        elif batch["from"] > self.seq:
            self.need = "resume"
        else:
            self._take(batch)

    def _take(self, batch: Message) -> None:
        self.cards.update((card["id"], card) for card in batch["cards"])
        for gone in batch["gone"]:
            self.cards.pop(gone, None)
        for alarm in batch["alarms"]:
            self.alarms[alarm["id"]] = alarm
            if alarm["state"] == "normal":
                del self.alarms[alarm["id"]]
        self.counts = batch.get("counts", self.counts)
        self.sources = batch.get("sources", self.sources)
        self.lines = batch.get("lines", self.lines)
        self.seq, self.mark, self.need = batch["to"], batch["mark"], None

    def seen(self) -> Message:
        """All that a person could see of it at this moment, for comparing two screens field by field."""
        return {
            "epoch": self.epoch,
            "seq": self.seq,
            "mark": self.mark,
            "cards": dict(self.cards),
            "alarms": dict(self.alarms),
            "counts": self.counts,
            "sources": self.sources,
            "lines": self.lines,
        }
