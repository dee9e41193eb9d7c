"""What a client of the feed holds: cards, alarms and counts at a position, by the rules of docs/feed.md alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.feed_check.checklist import Verdicts
from cli.feed_check.shapes import OPEN, Message
from cli.feed_check.wire import shown

# Differences that are named.
NAMED = 3

# What a batch brings whole, or not at all where it is unchanged.
LISTS = ("sources", "lines", "hazards")


class Mirror:
    """Empty before the first snapshot; takes what ``Shapes`` found usable.

    ``fresh``: its position is a snapshot's, from which nobody has asked yet; ``batches``: how many it has applied.
    """

    def __init__(self) -> None:
        self.epoch, self.seq, self.mark = "", -1, ""
        self.cards: dict[str, dict[str, Any]] = {}
        self.alarms: dict[str, dict[str, Any]] = {}
        self.counts: Message = {}
        self.lists: dict[str, Any] = {}
        self.fresh = False
        self.batches = 0

    @property
    def position(self) -> dict[str, Any]:
        """What to ask with: nothing before the first snapshot."""
        return {"epoch": self.epoch, "seq": self.seq, "mark": self.mark} if self.epoch else {}

    def load(self, snapshot: Message) -> None:
        """Take a snapshot in place of everything."""
        columns = snapshot["cards"]
        rows = zip(*columns.values(), strict=True)
        cards = [dict(zip(columns, row, strict=True)) for row in rows]
        self.epoch, self.seq, self.mark = snapshot["epoch"], snapshot["seq"], snapshot["mark"]
        self.cards = {str(card.get("id")): card for card in cards}
        self.alarms = {str(alarm["id"]): alarm for alarm in snapshot["alarms"]}
        self.counts, self.fresh = snapshot["counts"], True
        self.lists = {name: snapshot.get(name) or [] for name in LISTS}

    def take(self, batch: Message) -> bool:
        """Apply a batch; False where it does not join on, which means: ask."""
        if batch["epoch"] != self.epoch or batch["from"] > self.seq:
            return False
        if batch["to"] > self.seq:
            self._apply(batch)
        return True

    def _apply(self, batch: Message) -> None:
        self.seq, self.mark = batch["to"], batch["mark"]
        self.cards.update((card["id"], card) for card in batch["cards"])
        for id_ in batch["gone"]:
            self.cards.pop(id_, None)
        for alarm in batch["alarms"]:
            self.alarms[alarm["id"]] = alarm
            if alarm["state"] == "normal":
                del self.alarms[alarm["id"]]
        self.counts = batch.get("counts") or self.counts
        for name in self.lists:
            if batch.get(name) is not None:
                self.lists[name] = batch[name]
        self.batches, self.fresh = self.batches + 1, False

    def is_at(self, message: Message) -> bool:
        """Whether a message is of this very position."""
        return (message["epoch"], message["seq"], message["mark"]) == (self.epoch, self.seq, self.mark)

    def judge_counts(self, verdicts: Verdicts) -> None:
        """Whether the server's counts are those of the cards."""
        for name, told, counted in self._counted():
            verdicts.judge(
                "counts.cards", told == counted, "counts", name=name, told=told, counted=counted, seq=self.seq
            )

    def _counted(self) -> Iterator[tuple[str, int, int]]:
        """Each count: its name, as the server says it, and as the cards add up to it."""
        day, counts = self.counts["day"], self.counts
        cards = self.cards.values()
        of_day = [card.get("status") for card in cards if card.get("received_day") == day]
        yield "cohort.in", counts["cohort"]["in"], len(of_day)
        for status in ("waiting", "in_process", "done", "elsewhere"):
            yield f"cohort.{status}", counts["cohort"][status], of_day.count(status)
        standing = [card for card in cards if card.get("status") in OPEN]
        yield "stock.open", counts["stock"]["open"], len(standing)
        yield "stock.overdue", counts["stock"]["overdue"], sum(card.get("overdue") is True for card in standing)
        yield "flow.done", counts["flow"]["done"], sum(card.get("status") == "done" for card in cards)

    def differences(self, other: "Mirror") -> list[str]:
        """Where two mirrors of one position differ, the first few."""
        found = [*_unlike("cards", self.cards, other.cards), *_unlike("alarms", self.alarms, other.alarms)]
        found += [name for name in LISTS if self.lists.get(name) != other.lists.get(name)]
        return found + (["counts"] if self.counts != other.counts else [])


def _unlike(what: str, ours: Mapping[str, Message], theirs: Mapping[str, Message]) -> list[str]:
    found: list[str] = []
    for id_ in sorted(ours.keys() | theirs.keys()):
        one, two = _said(ours.get(id_, {})), _said(theirs.get(id_, {}))
        if one != two:
            names = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
            found.append(f"{what}[{shown(id_)}]: {', '.join(map(shown, names[:4]))}")
        if len(found) == NAMED:
            break
    return found


def _said(one: Message) -> dict[str, Any]:
    """Without what is null: absent says the same."""
    return {name: value for name, value in one.items() if value is not None}
