"""What the check of a feed looks at, and what became of it: passed, found wrong, or not to be judged.

A check passes only where it was seen to hold: what never came up, as a batch in a quiet room, is neither.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Examples that are kept of one finding.
EXAMPLES = 3


class Severity(StrEnum):
    """A client that keeps to docs/feed.md fails (breaks), gets by (bends), or only should know it (note)."""

    BREAKS = "breaks"
    BENDS = "bends"
    NOTE = "note"


class Unseen(StrEnum):
    """Why a check could not be judged; each is a text."""

    ENDED = "ended"
    QUIET = "quiet"
    SHORT = "short"
    NEVER = "never"
    TOKEN = "token"
    REAL = "real"
    KEY = "key"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Check:
    """``section``: the heading of docs/feed.md that says what has to be; ``unseen``: why it mostly is not judged."""

    severity: Severity
    section: str
    unseen: Unseen = Unseen.ENDED


_BREAKS, _BENDS, _NOTE = Severity.BREAKS, Severity.BENDS, Severity.NOTE
_CONNECTING, _POSITION, _JOINING = "Connecting", "Position", "Joining: connect first, ask second"
_BATCHES, _BEATS, _AGE = "Batches", "Beats", "How old is what I show?"
_LIMITS, _SNAPSHOT, _TIMES = "Connections and limits", "The snapshot", "Times"

CHECKS: Mapping[str, Check] = {
    "alarm.fields": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "alarm.forbidden": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "alarm.standing": Check(_BENDS, _SNAPSHOT, Unseen.NEVER),
    "batch.fields": Check(_BREAKS, _BATCHES, Unseen.QUIET),
    "batch.gap": Check(_BREAKS, _BATCHES, Unseen.QUIET),
    "batch.pace": Check(_BENDS, _BATCHES, Unseen.QUIET),
    "batch.range": Check(_BREAKS, _BATCHES, Unseen.QUIET),
    "batch.repeat": Check(_BENDS, _BATCHES, Unseen.QUIET),
    "beat.age": Check(_BREAKS, _AGE),
    "beat.fields": Check(_BREAKS, _BEATS),
    "beat.heard": Check(_BENDS, _BEATS, Unseen.NEVER),
    "beat.position": Check(_BREAKS, _BEATS),
    "beat.pulse": Check(_BREAKS, _BEATS, Unseen.SHORT),
    "beat.rhythm": Check(_BREAKS, _BEATS, Unseen.SHORT),
    "beat.time": Check(_BREAKS, _BEATS, Unseen.SHORT),
    "calendar.fields": Check(_BREAKS, _SNAPSHOT),
    "card.fields": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "card.forbidden": Check(_BREAKS, _CONNECTING, Unseen.NEVER),
    "card.once": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "card.place": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "card.status": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "card.unknown": Check(_NOTE, _SNAPSHOT, Unseen.NEVER),
    "card.whole": Check(_BENDS, _BATCHES, Unseen.QUIET),
    "connection.audience": Check(_BREAKS, _CONNECTING),
    "connection.bad_packet": Check(_BENDS, _LIMITS),
    "connection.kept": Check(_BREAKS, _LIMITS),
    "connection.long_message": Check(_BENDS, _LIMITS),
    "connection.other_events": Check(_BENDS, _LIMITS),
    "connection.ping": Check(_BENDS, _LIMITS, Unseen.SHORT),
    "counts.cards": Check(_BREAKS, _SNAPSHOT),
    "counts.fields": Check(_BREAKS, _SNAPSHOT),
    "counts.sum": Check(_BREAKS, _SNAPSHOT),
    "door.answer": Check(_BREAKS, _JOINING),
    "hazard.fields": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "hazard.forbidden": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "line.fields": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "line.forbidden": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "number.size": Check(_BREAKS, _POSITION),
    "packet.form": Check(_BREAKS, _CONNECTING),
    "position.fields": Check(_BREAKS, _POSITION),
    "position.mark": Check(_BREAKS, _POSITION),
    "post.arrives": Check(_BREAKS, _BATCHES, Unseen.KEY),
    "resume.again": Check(_BREAKS, _JOINING),
    "resume.answer": Check(_BREAKS, _JOINING),
    "resume.beyond": Check(_BREAKS, _JOINING),
    "resume.chain": Check(_BREAKS, _JOINING, Unseen.QUIET),
    "resume.first": Check(_BREAKS, _JOINING),
    "resume.foreign_epoch": Check(_BREAKS, _JOINING),
    "resume.garbage": Check(_BREAKS, _JOINING),
    "resume.jitter": Check(_BENDS, _JOINING),
    "resume.load": Check(_BREAKS, _JOINING),
    "resume.many": Check(_BREAKS, _JOINING),
    "resume.past": Check(_BREAKS, _JOINING, Unseen.QUIET),
    "resume.reconnect": Check(_BREAKS, _LIMITS),
    "resume.retry": Check(_BREAKS, _JOINING, Unseen.NEVER),
    "resume.url": Check(_BREAKS, _JOINING),
    "resume.wrong_mark": Check(_BREAKS, _JOINING),
    "snapshot.age": Check(_BENDS, _JOINING),
    "snapshot.columns": Check(_BREAKS, _SNAPSHOT),
    "snapshot.fields": Check(_BREAKS, _SNAPSHOT),
    "snapshot.gzip": Check(_BENDS, _SNAPSHOT),
    "snapshot.type": Check(_BENDS, _SNAPSHOT),
    "source.fields": Check(_BREAKS, _SNAPSHOT, Unseen.NEVER),
    "state.agree": Check(_BREAKS, _BATCHES, Unseen.QUIET),
    "time.form": Check(_BREAKS, _TIMES),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: the key of a text and what fills it."""

    key: str
    values: Mapping[str, object]


@dataclass(slots=True)
class Flaw:
    """One check that does not hold: how often, and the first examples."""

    id: str
    severity: Severity
    count: int = 0
    examples: list[Seen] = field(default_factory=list)


class Verdicts:
    """What became of each check; ``broken_off``: the check ended before it had asked everything."""

    def __init__(self) -> None:
        self.broken_off = False
        self._held: set[str] = set()
        self._flaws: dict[str, Flaw] = {}
        self._unseen: dict[str, Unseen] = {}

    def held(self, id_: str) -> None:
        """It was seen to hold; a flaw of the same check, before or after, counts more."""
        assert id_ in CHECKS, id_
        self._held.add(id_)

    def flaw(self, id_: str, key: str, *, severity: Severity | None = None, **values: Any) -> None:
        """It does not hold; ``key``: the last part of the text that says what was seen. The worst severity stands."""
        given = severity or CHECKS[id_].severity
        flaw = self._flaws.setdefault(id_, Flaw(id_, given))
        flaw.severity = min(flaw.severity, given, key=list(Severity).index)
        flaw.count += 1
        if len(flaw.examples) < EXAMPLES:
            flaw.examples.append(Seen(key, values))

    def judge(self, id_: str, holds: bool, key: str, **values: Any) -> bool:
        """``held`` or ``flaw``, by ``holds``, which is handed back."""
        if holds:
            self.held(id_)
        else:
            self.flaw(id_, key, **values)
        return holds

    def unseen(self, id_: str, why: Unseen) -> None:
        """It cannot be judged, and not for its usual reason."""
        assert id_ in CHECKS, id_
        self._unseen[id_] = why

    def flawed(self, id_: str) -> bool:
        """Whether a flaw of this check was found."""
        return id_ in self._flaws

    @property
    def flaws(self) -> list[Flaw]:
        """What was found, the worst first."""
        return sorted(self._flaws.values(), key=lambda flaw: (list(Severity).index(flaw.severity), flaw.id))

    @property
    def breaks(self) -> bool:
        """Whether anything breaks."""
        return any(flaw.severity is Severity.BREAKS for flaw in self._flaws.values())

    @property
    def passed(self) -> list[str]:
        """The checks that were seen to hold and never seen not to."""
        return sorted(self._held - self._flaws.keys())

    def unjudged(self) -> Iterator[tuple[str, Unseen]]:
        """Every other check, and why it could not be judged."""
        for id_, check in CHECKS.items():
            if id_ not in self._held and id_ not in self._flaws:
                why = self._unseen.get(id_, check.unseen)
                yield id_, Unseen.ENDED if self.broken_off and why in (Unseen.QUIET, Unseen.SHORT) else why
