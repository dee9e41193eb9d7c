"""Gathers reports that arrive while a transaction runs into the next one: a rush costs few commits, a lone report none.

The head lock lets one writer in at a time and a commit waits for the disk, so one by one they would only queue.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Accepted, Malformed
from liveroom.log.engine import Unavailable
from liveroom.room import Room

# About 20 ms of the database's thread, which others wait for: the tail most of all.
TOGETHER = 25


@dataclass(slots=True, kw_only=True, eq=False)
class _Waiting:
    """A report between its arrival and its answer; ``woken`` once there is one, or when it is its turn to lead."""

    report: Report
    source: str
    woken: threading.Event = field(default_factory=threading.Event)
    answer: Accepted | Malformed | None = None
    error: Exception | None = None


class Gathering:
    """The room's door for reports. Who comes first writes for all of its source that wait, then wakes the next."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.kind = room.kind
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._led = False

    def now(self) -> datetime:
        """Room time, aware UTC."""
        return self._room.now()

    def accept_many(self, reports: Sequence[Report], *, source: str) -> tuple[Accepted | Malformed, ...]:
        """A source's own array is a transaction of its own already."""
        return self._room.accept_many(reports, source=source)

    def accept(self, report: Report, *, source: str) -> Accepted:
        """Take one report. Raises Malformed (nothing written of it) or Unavailable."""
        mine = _Waiting(report=report, source=source)
        with self._lock:
            self._waiting.append(mine)
            leads, self._led = not self._led, True
        if not leads:
            mine.woken.wait()
        if mine.answer is None and mine.error is None:
            self._lead(mine)
        return _result(mine)

    def _lead(self, first: _Waiting) -> None:
        with self._lock:
            group = [one for one in self._waiting if one.source == first.source][:TOGETHER]
            self._waiting = [one for one in self._waiting if one not in group]
        for one in group:
            one.error = Unavailable("the request that wrote for it was ended")
        try:
            self._write(group)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._led = following is not None
            for one in (*group[1:], *((following,) if following else ())):
                one.woken.set()

    def _write(self, group: Sequence[_Waiting]) -> None:
        """One transaction for all; what goes wrong with it went wrong for each of them, and none is written."""
        try:
            answers = self._room.accept_many([one.report for one in group], source=group[0].source)
        except Exception as error:  # noqa: BLE001 - raised again in every request that waits, see _result
            for one in group:
                one.error = error
        else:
            for one, answer in zip(group, answers, strict=True):
                one.answer, one.error = answer, None


def _result(done: _Waiting) -> Accepted:
    if done.error is not None:
        raise done.error
    if isinstance(done.answer, Malformed):
        raise done.answer
    assert done.answer is not None, "woken without an answer"
    return done.answer
