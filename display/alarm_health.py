"""How well the alarms are, read at most once a minute: for the desk's page and for /metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from liveroom.domain.alarms import metrics as alarm_metrics
from liveroom.domain.alarms.metrics import Activation, Promptness
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.events import Kind
from liveroom.log.event_log import Slices, database_now, read_head
from liveroom.projection import alarms
from liveroom.room.room import Room
from liveroom.runtime import metrics
from liveroom.runtime.time import monotonic

KEPT_S = 60.0
WINDOW, SHIFT = timedelta(days=30), timedelta(hours=8)
SLICE, MOST = 2000, 200_000
# Seconds and the share that has to be within them. Rules: CR-89, CR-90.
ANSWER, FORWARD = ((15, 0.90), (20, 0.95)), ((60, 0.90),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTests:
    """How many shifts were asked for one, how many did not confirm it in time, and when the last was. Rule: CR-96."""

    asked: int
    missed: int
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The figures at ``at``, over (``since``, ``at``]: at most 30 days, less in a young room."""

    at: datetime
    since: datetime
    positions: int
    count: int
    rate: float | None
    shift_rate: float | None
    flood: timedelta
    flood_share: float
    top: tuple[tuple[tuple[str, str], int], ...]
    shares: Mapping[int, float]
    chattering: tuple[str, ...]
    stale: tuple[Alarm, ...]
    answered: Promptness
    forwarded: Promptness
    sound: SoundTests


class AlarmHealth:
    """Gives the figures, and keeps them for a minute."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._kept: tuple[float, Health] | None = None

    def now(self) -> Health:
        """The figures, at most a minute old; /metrics says the same. Raises Unavailable."""
        if self._kept is None or monotonic() - self._kept[0] >= KEPT_S:
            with self._room.log.slices() as slices:
                self._kept = (monotonic(), _read(slices, self._room.rules.positions))
            _tell(self._kept[1])
        return self._kept[1]


def _read(slices: Slices, positions: int) -> Health:
    at = slices.run(lambda c: read_head(c).time.at(database_now(c)))
    since = max(at - WINDOW, slices.run(alarms.founded) or at)
    rows = _activations(slices, since)
    flood = alarm_metrics.in_flood(rows, since, at, positions)
    week = [one for one in rows if one.at > at - timedelta(days=alarm_metrics.CHATTER_DAYS)]
    return Health(
        at=at,
        since=since,
        positions=positions,
        count=len(rows),
        rate=alarm_metrics.rate(rows, since, at, positions),
        shift_rate=alarm_metrics.rate(rows, max(since, at - SHIFT), at, positions),
        flood=flood,
        flood_share=flood / (at - since) if at > since else 0.0,
        top=alarm_metrics.top_origins(rows),
        shares=alarm_metrics.shares(rows),
        chattering=alarm_metrics.chattering(week),
        stale=slices.run(lambda c: alarms.stale(c, at, SLICE)),
        answered=alarm_metrics.promptness(_answer_waits(slices, rows, since), ANSWER),
        forwarded=alarm_metrics.promptness(slices.run(lambda c: alarms.forward_waits(c, since, SLICE)), FORWARD),
        sound=_sound_tests(slices.run(lambda c: alarms.sound_tests(c, since))),
    )


def _sound_tests(told: Sequence[tuple[Kind, datetime]]) -> SoundTests:
    kinds = [kind for kind, _ in told]
    confirmed = [at for kind, at in told if kind is Kind.SOUND_CONFIRMED]
    return SoundTests(
        asked=kinds.count(Kind.SOUND_ASKED),
        missed=kinds.count(Kind.SOUND_MISSED),
        confirmed_at=max(confirmed, default=None),
    )


def _activations(slices: Slices, since: datetime) -> Sequence[Activation]:
    """The activations of the window in slices, each with its agency or source."""
    found: list[Activation] = []
    after = 0
    while len(found) < MOST:
        rows = slices.run(partial(alarms.activation_rows, since=since, after=after, limit=SLICE))
        if not rows:
            break
        after = rows[-1][0]
        found += [activation for _, activation in rows]
    ids = sorted({one.alarm for one in found})
    known: dict[str, str] = {}
    for start in range(0, len(ids), alarms.IN_ONE):
        known |= slices.run(partial(alarms.origins, ids=ids[start : start + alarms.IN_ONE]))
    return [replace(one, origin=known.get(one.alarm, alarms.NOBODY)) for one in found]


def _answer_waits(slices: Slices, rows: Sequence[Activation], since: datetime) -> list[float]:
    """Seconds from each P1 activation to the first acknowledgement after it; one never answered waits for ever."""
    urgent = [one for one in rows if one.priority == 1][-alarms.IN_ONE :]
    ids = {one.alarm for one in urgent}
    answers = slices.run(lambda c: alarms.answers(c, ids, since)) if ids else ()
    waits = []
    for one in urgent:
        after = [at for alarm, at in answers if alarm == one.alarm and at >= one.at]
        waits.append((min(after) - one.at).total_seconds() if after else float("inf"))
    return waits


def _tell(health: Health) -> None:
    metrics.ALARM_RATE.labels("30d").set(health.rate or 0)
    metrics.ALARM_RATE.labels("shift").set(health.shift_rate or 0)
    metrics.ALARM_FLOOD.set(health.flood_share)
    metrics.ALARM_STALE.set(len(health.stale))
    metrics.ALARM_CHATTERING.set(len(health.chattering))
    for priority, share in health.shares.items():
        metrics.ALARM_SHARE.labels(str(priority)).set(share)
    for seconds, share in health.answered.within:
        metrics.ALARM_ANSWERED.labels(str(seconds)).set(share)
    for seconds, share in health.forwarded.within:
        metrics.ALARM_FORWARDED.labels(str(seconds)).set(share)
