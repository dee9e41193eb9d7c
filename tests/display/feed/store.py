"""What a screen holds: the rules of docs/feed.md in a few lines, for the tests to compare with."""

from typing import Any

Message = dict[str, Any]


class Store:
    """Empty before the first snapshot; `take` answers whether the store is whole, False means: ask."""

    def __init__(self) -> None:
        self.epoch, self.seq, self.mark = "", -1, ""
        self.cards: dict[str, Message] = {}
        self.alarms: dict[str, Message] = {}
        self.counts: Message = {}
        self.sources: list[Message] = []
        self.lines: list[Message] = []
        self.hazards: list[Message] = []

    def load(self, snapshot: Message) -> "Store":
        columns = snapshot["cards"]
        assert len({len(column) for column in columns.values()}) == 1, "columns of equal length"
        rows = zip(*columns.values(), strict=True)
        cards = [dict(zip(columns, row, strict=True)) for row in rows]
        self.epoch, self.seq, self.mark = snapshot["epoch"], snapshot["seq"], snapshot["mark"]
        self.cards = {card["id"]: card for card in cards}
        assert len(self.cards) == len(cards), "each complaint once"
        self.alarms = {alarm["id"]: alarm for alarm in snapshot["alarms"]}
        self.counts, self.sources, self.lines = snapshot["counts"], snapshot["sources"], snapshot["lines"]
        self.hazards = snapshot.get("hazards", [])
        return self

    def take(self, batch: Message) -> bool:
        if batch["epoch"] != self.epoch or batch["from"] > self.seq:
            return False
        if batch["to"] > self.seq:
            self._apply(batch)
        return True

    def _apply(self, batch: Message) -> None:
        self.seq, self.mark = batch["to"], batch["mark"]
        self.cards.update({card["id"]: card for card in batch["cards"]})
        for id_ in batch["gone"]:
            self.cards.pop(id_, None)
        for alarm in batch["alarms"]:
            self.alarms[alarm["id"]] = alarm
            if alarm["state"] == "normal":
                del self.alarms[alarm["id"]]
        self.counts = batch.get("counts", self.counts)
        self.sources = batch.get("sources", self.sources)
        self.lines = batch.get("lines", self.lines)
        self.hazards = batch.get("hazards", self.hazards)

    def agrees(self, beat: Message) -> bool:
        """Whether a beat speaks of exactly this position of this history; otherwise: ask."""
        return (beat["epoch"], beat["seq"], beat["mark"]) == (self.epoch, self.seq, self.mark)

    def asked(self) -> Message:
        """What to ask with."""
        return {"epoch": self.epoch, "seq": self.seq, "mark": self.mark} if self.epoch else {}
