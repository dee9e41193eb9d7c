"""The way of a complaint from its receipt to the glass, as log records that carry its id (setting ``server.trace``).

Three records tell it, each by a process of its own where there are several: ``written`` (the transaction that logged
something of it, after its commit), ``sent`` (the batch that took it to the screens) and ``painted`` (the frame of a
screen that shows that batch). All carry the same ids and positions, so one search in the journal finds the whole way.
Off by default: at a hundred reports a second these are several hundred lines.
"""

import logging
from collections import OrderedDict
from collections.abc import Collection, Sequence
from itertools import islice

log = logging.getLogger("liveroom.trace")
# Complaints named in one record; `more` counts the others.
MOST_NAMED = 50
# Batches that are remembered until screens have painted them: at twenty a second, 25 seconds.
MOST_BATCHES = 500


def set_trace(on: bool) -> None:
    """Whether this process writes the records. Call it once, at start, after the log was set up."""
    log.setLevel(logging.INFO if on else logging.WARNING)


def traced() -> bool:
    """Whether they are written."""
    return log.isEnabledFor(logging.INFO)


def written(first: int, last: int, complaints: Collection[str]) -> None:
    """A transaction committed the events ``first`` to ``last``; nothing is said of one without a complaint.

    Who gave a command is not said: a log has no names.
    """
    if complaints and last >= first:
        _tell("written", {"first": first, "last": last, **_named(complaints)})


class SentBatches:
    """What this process sent, so that a screen's word about a position can be said of the complaints in it."""

    def __init__(self) -> None:
        self._by_position: OrderedDict[int, Collection[str]] = OrderedDict()

    def sent(self, first: int, last: int, complaints: Collection[str], audiences: Collection[str], ms: float) -> None:
        """A batch left for these audiences, ``ms`` after the last of its events was logged."""
        if not traced() or not complaints:
            return
        self._by_position[last] = tuple(complaints)
        while len(self._by_position) > MOST_BATCHES:
            self._by_position.popitem(last=False)
        facts = {"first": first, "last": last, **_named(complaints), "audiences": sorted(audiences), "ms": round(ms, 1)}
        _tell("sent", facts)

    def painted(self, screen: str, positions: Sequence[int], lags_ms: Sequence[float]) -> None:
        """A screen painted the batches that lead to ``positions``, so many ms after their commits."""
        if not traced():
            return
        for last, lag in zip(positions, lags_ms, strict=False):
            if last in self._by_position:
                facts = {"last": last, **_named(self._by_position[last]), "screen": screen, "ms": round(lag, 1)}
                _tell("painted", facts)


def _named(complaints: Collection[str]) -> dict[str, object]:
    more = len(complaints) - MOST_NAMED
    return {"complaints": list(islice(complaints, MOST_NAMED)), **({"more": more} if more > 0 else {})}


def _tell(what: str, facts: dict[str, object]) -> None:
    log.info("%s", what, extra={"facts": facts})
