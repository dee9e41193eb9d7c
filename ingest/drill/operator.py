"""The drill's operator at the alarm desk: sees what flashes, takes some seconds, acknowledges what the drill made."""

from collections.abc import Callable
from typing import Protocol

from ingest.drill.chance import about, chance
from liveroom.domain.alarms.model import Alarm, AlarmKind, AlarmState
from liveroom.domain.requests import Done, Malformed, Order, Refused, Stale, Unknown
from liveroom.runtime.time import monotonic

# Real seconds an operator takes by priority (median); the room's own speed does not hurry people.
TAKES_S = {1: 5.0, 2: 9.0, 3: 14.0}
SPREAD, LEAST_S, MOST_S = 0.5, 2.0, 45.0
AT_ONCE = 20
WAITING = (AlarmState.UNACKED, AlarmState.RETURNED)


class AlarmDesk(Protocol):
    """The room as an operator sees it."""

    def alarms_standing(self, limit: int) -> tuple[Alarm, ...]:
        """Alarms that are not normal."""

    def do(self, order: Order) -> Done:
        """Do what a person ordered."""


class Operator:
    """``owns(complaint id)`` says whether the drill made that complaint; alarms of others are left to people."""

    def __init__(self, desk: AlarmDesk, owns: Callable[[str], bool], clock: Callable[[], float] = monotonic) -> None:
        self._desk, self._owns, self._clock = desk, owns, clock
        self._seen: dict[tuple[str, int], float] = {}

    def step(self, limit: int = 500) -> int:
        """Acknowledge what has been seen long enough; returns how many. Raises Unavailable."""
        now, waiting = self._clock(), [alarm for alarm in self._desk.alarms_standing(limit) if self._mine(alarm)]
        self._seen = {(a.id, a.rearmed): self._seen.get((a.id, a.rearmed), now) for a in waiting}
        ready = [alarm for alarm in waiting if now - self._seen[alarm.id, alarm.rearmed] >= self._takes(alarm)]
        for alarm in ready[:AT_ONCE]:
            self._acknowledge(alarm)
        return len(ready[:AT_ONCE])

    def _mine(self, alarm: Alarm) -> bool:
        if alarm.state not in WAITING or alarm.kind is AlarmKind.LOST:
            return False
        return alarm.grouped or (alarm.complaint is not None and self._owns(alarm.complaint))

    @staticmethod
    def _takes(alarm: Alarm) -> float:
        rng = chance("operator", alarm.id, alarm.rearmed)
        return about(rng, TAKES_S[alarm.priority], SPREAD, LEAST_S, MOST_S)

    def _acknowledge(self, alarm: Alarm) -> None:
        overdue = alarm.kind is AlarmKind.PASSED
        order = Order(
            command_id=f"drill-ack:{alarm.id}:{alarm.seq}"[:128],
            name="acknowledge",
            subject=alarm.id,
            about="alarm",
            actor="latihan-1",
            role="duty",
            seen_seq=alarm.seq,
            fields={"owner": alarm.agency or "latihan-1"} if overdue else {},
        )
        try:
            self._desk.do(order)
        except (Stale, Refused, Malformed, Unknown):
            # Somebody else was faster, or it is over: what stands is looked at again at the next step.
            return
