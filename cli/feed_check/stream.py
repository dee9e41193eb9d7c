"""Whether what one connection is sent goes on from what it was sent before, and how old its data is."""

from collections import OrderedDict
from datetime import datetime
from typing import Any

from cli.feed_check.checklist import Severity, Verdicts
from cli.feed_check.shapes import Message, Shapes, time_of
from cli.feed_check.wire import Packet, shown

# Seconds: between batches at least (and for the clock's grain a little less), between beats mostly, and at most.
PACE, BEAT_FROM, BEAT_TO, SILENT = 0.04, 0.6, 1.6, 5.0
# Seconds by which a beat's `now` may differ from when it came: networks and busy machines hold beats up.
SKEW = 3.0
# Beats for a judgement of their rhythm.
ENOUGH = 4
# Seconds of age up to which data is live, and beyond which it is lost.
LIVE, LOST = 5.0, 15.0
# Marks that are remembered.
MARKS = 5_000


class Marks:
    """The mark of every position that was seen, over all connections: one number bears one mark."""

    def __init__(self, verdicts: Verdicts) -> None:
        self._verdicts = verdicts
        self._marks: OrderedDict[tuple[str, int], str] = OrderedDict()

    def note(self, epoch: str, seq: int, mark: str) -> None:
        """A message named this position."""
        known = self._marks.setdefault((epoch, seq), mark)
        self._verdicts.judge("position.mark", known == mark, "mark", seq=seq, known=shown(known), mark=shown(mark))
        while len(self._marks) > MARKS:
            self._marks.popitem(last=False)


class Stream:
    """What one connection is sent. ``take`` judges a packet and hands back its message where a client could use it.

    ``beats`` and ``batches``: how many came; ``calendar``: the hash that the last beat named. ``prompt``: what comes is
    read as it comes; after something else was done there is a backlog first, and nothing is judged by when it came.
    """

    def __init__(self, verdicts: Verdicts, shapes: Shapes, marks: Marks) -> None:
        self._verdicts, self._shapes, self._marks = verdicts, shapes, marks
        self.beats = self.batches = 0
        self.calendar = ""
        # Position of the last message, epoch and number; the last batch's `now`; the last beat and when it came.
        self._sent: tuple[str, int] | None = None
        self._batch_now: datetime | None = None
        self._beat: Message | None = None
        self._beat_at: float | None = None
        self.prompt = False
        # Seconds between beats that were read as they came, and how many beats there were, since it was followed.
        self._spans: list[float] = []
        self._followed = 0

    def take(self, packet: Packet) -> Message | None:
        """A batch or a beat; None for anything else and for what no client could use."""
        value: Any = packet.value
        if packet.name == "batch" and self._shapes.batch(value):
            self._take_batch(value)
            return dict(value)
        if packet.name == "beat" and self._shapes.beat(value):
            self._take_beat(value, packet.at)
            return dict(value)
        return None

    def follow(self) -> None:
        """From now on the rhythm of beats is judged."""
        self._spans, self._followed = [], self.beats

    def _take_batch(self, batch: Message) -> None:
        self.batches += 1
        self._marks.note(batch["epoch"], batch["to"], batch["mark"])
        if self._sent is not None and self._sent[0] == batch["epoch"]:
            last = self._sent[1]
            self._verdicts.judge("batch.gap", batch["from"] <= last, "gap", first=batch["from"], last=last)
            self._verdicts.judge("batch.repeat", batch["to"] > last, "repeat", to=batch["to"], last=last)
        now = time_of(batch["now"])
        if now is not None and self._batch_now is not None and now >= self._batch_now:
            apart = (now - self._batch_now).total_seconds()
            self._verdicts.judge("batch.pace", apart >= PACE, "pace", ms=round(apart * 1000))
        self._batch_now = now
        self._sent = (batch["epoch"], max(batch["to"], self._sent[1] if self._sent else 0))

    def _take_beat(self, beat: Message, at: float) -> None:
        self.beats += 1
        self.calendar = beat["calendar"]
        self._marks.note(beat["epoch"], beat["seq"], beat["mark"])
        if self._sent is not None and self._sent[0] == beat["epoch"]:
            good = beat["seq"] == self._sent[1]
            self._verdicts.judge("beat.position", good, "position", seq=beat["seq"], last=self._sent[1])
        self._sent = (beat["epoch"], beat["seq"])
        elapsed = at - self._beat_at if self.prompt and self._beat_at is not None else None
        if elapsed is not None:
            self._spans.append(elapsed)
        if self._beat is not None:
            self._goes_on(self._beat, beat, elapsed)
        self._judge_age(beat)
        self._beat, self._beat_at = beat, at if self.prompt else None

    def _goes_on(self, last: Message, beat: Message, elapsed: float | None) -> None:
        """Whether the times of a beat go on from those of the last."""
        real, room = _between(last["now"], beat["now"]), _between(last["at"], beat["at"])
        good = real > 0 and (elapsed is None or abs(real - elapsed) <= SKEW)
        self._verdicts.judge("beat.time", good, "time", s=round(real, 1), elapsed=round(elapsed or 0, 1))
        rate = beat["rate"]
        # Room time that stands is that of a test room, and moves when somebody sets it.
        if rate == last["rate"] and rate > 0:
            good = abs(room - rate * real) <= 0.5 * max(rate, 1)
            self._verdicts.judge("beat.time", good, "rate", s=round(room, 1), rate=rate, real=round(real, 1))
        for name in ("as_of", "due_to"):
            if last[name] is not None and beat.get(name) is not None:
                self._verdicts.judge("beat.pulse", _between(last[name], beat[name]) >= 0, "back", field=name)

    def _judge_age(self, beat: Message) -> None:
        """The age of the data by the formula of docs/feed.md: a clock that stands shows, one ahead proves nothing."""
        if beat.get("as_of") is None or beat.get("due_to") is None:
            self._verdicts.flaw("beat.age", "no_pulse")
            return
        pulse, judged = _between(beat["as_of"], beat["now"]), _between(beat["due_to"], beat["at"])
        ahead = pulse < -LIVE or judged < -LIVE * max(beat["rate"], 1)
        self._verdicts.judge("beat.pulse", not ahead, "ahead", s=round(-min(pulse, judged), 1))
        age = max(abs(pulse), judged / max(beat["rate"], 1))
        if age <= LIVE:
            self._verdicts.held("beat.age")
        else:
            self._verdicts.flaw(
                "beat.age", "age", severity=Severity.BREAKS if age > LOST else Severity.BENDS, s=round(age)
            )

    def judge_rhythm(self, followed: float) -> None:
        """After it was followed for so many seconds: whether there was a beat each second."""
        spans = self._spans
        if followed >= SILENT and self.beats - self._followed < 2:
            self._verdicts.flaw("beat.rhythm", "no_beat", s=round(followed))
        elif len(spans) >= ENOUGH:
            mean, longest = sum(spans) / len(spans), max(spans)
            if longest > SILENT:
                self._verdicts.flaw("beat.rhythm", "silent", s=round(longest, 1))
            elif not BEAT_FROM <= mean <= BEAT_TO:
                self._verdicts.flaw("beat.rhythm", "rhythm", severity=Severity.BENDS, s=round(mean, 2))
            else:
                self._verdicts.held("beat.rhythm")


def _between(first: str, last: str) -> float:
    """Seconds from one time of the feed to another."""
    one, two = time_of(first), time_of(last)
    return (two - one).total_seconds() if one is not None and two is not None else 0.0
