"""Figures of alarm health over 30 days, and their lines on ``/desk/alarms/health``: each with target, window and light.

Read at most once a minute, for the page and for ``/metrics``. Rules: CR-27 to CR-32, CR-89, CR-90, CR-96.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from liveroom.city.city import City
from liveroom.domain.alarms import performance as alarm_metrics
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.alarms.performance import Activation, Light, Promptness
from liveroom.domain.events import Kind
from liveroom.log.event_log import Slices, database_now, read_head
from liveroom.projection import IN_A_QUERY, alarms
from liveroom.room.room import Room
from liveroom.runtime import metrics
from liveroom.runtime.language import text, written_number
from liveroom.runtime.time import monotonic

_KEPT_S = 60.0
_WINDOW, _SHIFT = timedelta(days=30), timedelta(hours=8)
_SLICE, _MOST = 2000, 200_000
# Within how many seconds which share has to be answered or forwarded. Rules: CR-89, CR-90.
_ANSWER_TARGETS, _FORWARD_TARGETS = ((15, 0.90), (20, 0.95)), ((60, 0.90),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTests:
    """How many sound tests were asked for, how many not confirmed in time, when the last was confirmed. Rule: CR-96."""

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
    """Reads the figures and keeps them for a minute."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._kept: tuple[float, Health] | None = None

    def now(self) -> Health:
        """The figures, at most a minute old; new ones also set the gauges of /metrics. Raises Unavailable."""
        if self._kept is None or monotonic() - self._kept[0] >= _KEPT_S:
            with self._room.log.slices() as slices:
                self._kept = (monotonic(), _read(slices, self._room.rules.positions))
            _set_gauges(self._kept[1])
        return self._kept[1]


def _read(slices: Slices, positions: int) -> Health:
    at = slices.run(lambda c: read_head(c).time.at(database_now(c)))
    since = max(at - _WINDOW, slices.run(alarms.first_event_at) or at)
    rows = _activations(slices, since)
    flood = alarm_metrics.in_flood(rows, since, at, positions)
    week = [one for one in rows if one.at > at - timedelta(days=alarm_metrics.CHATTER_DAYS)]
    return Health(
        at=at,
        since=since,
        positions=positions,
        count=len(rows),
        rate=alarm_metrics.rate(rows, since, at, positions),
        shift_rate=alarm_metrics.rate(rows, max(since, at - _SHIFT), at, positions),
        flood=flood,
        flood_share=flood / (at - since) if at > since else 0.0,
        top=alarm_metrics.top_origins(rows),
        shares=alarm_metrics.shares(rows),
        chattering=alarm_metrics.chattering(week),
        stale=slices.run(lambda c: alarms.stale(c, at, _SLICE)),
        answered=alarm_metrics.promptness(_answer_waits(slices, rows, since), _ANSWER_TARGETS),
        forwarded=alarm_metrics.promptness(
            slices.run(lambda c: alarms.forward_waits(c, since, _SLICE)), _FORWARD_TARGETS
        ),
        sound=_sound_tests(slices.run(lambda c: alarms.sound_tests(c, since))),
    )


def _sound_tests(tests: Sequence[tuple[Kind, datetime]]) -> SoundTests:
    kinds = [kind for kind, _ in tests]
    confirmed = [at for kind, at in tests if kind is Kind.SOUND_CONFIRMED]
    return SoundTests(
        asked=kinds.count(Kind.SOUND_ASKED),
        missed=kinds.count(Kind.SOUND_MISSED),
        confirmed_at=max(confirmed, default=None),
    )


def _activations(slices: Slices, since: datetime) -> Sequence[Activation]:
    """The activations of the window in slices, each with its agency or source."""
    found: list[Activation] = []
    after = 0
    while len(found) < _MOST:
        rows = slices.run(partial(alarms.activation_rows, since=since, after=after, limit=_SLICE))
        if not rows:
            break
        after = rows[-1][0]
        found += [activation for _, activation in rows]
    ids = sorted({one.alarm for one in found})
    known: dict[str, str] = {}
    for start in range(0, len(ids), IN_A_QUERY):
        known |= slices.run(partial(alarms.origins, ids=ids[start : start + IN_A_QUERY]))
    return [replace(one, origin=known.get(one.alarm, alarms.NOBODY)) for one in found]


def _answer_waits(slices: Slices, rows: Sequence[Activation], since: datetime) -> list[float]:
    """Seconds from each P1 activation to the first acknowledgement after it, infinite without one."""
    urgent = [one for one in rows if one.priority == 1][-IN_A_QUERY:]
    ids = {one.alarm for one in urgent}
    answers = slices.run(lambda c: alarms.answers(c, ids, since)) if ids else ()
    waits = []
    for one in urgent:
        after = [at for alarm, at in answers if alarm == one.alarm and at >= one.at]
        waits.append((min(after) - one.at).total_seconds() if after else float("inf"))
    return waits


def _set_gauges(health: Health) -> None:
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


# ---- the page ----

_PROMPTNESS = {"answered": ("CR-89", _ANSWER_TARGETS), "forwarded": ("CR-90", _FORWARD_TARGETS)}


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One row of the page: ``value`` with its ``target`` and window, and the rule it comes from."""

    name: str
    value: str
    target: str
    light: Light
    rule: str


def lines_of(health: Health, city: City, language: str) -> tuple[HealthLine, ...]:
    """The figures that have a target, in the order of the rules."""
    p1, p2, p3 = (written_number(100 * health.shares[priority], language, 0) for priority in (1, 2, 3))
    minutes = written_number(health.flood.total_seconds() / 60, language, 0)
    share = written_number(100 * health.flood_share, language, 2)
    flood = f"{share}% ({minutes} {_word('minutes', language)})"
    shares = alarm_metrics.shares_light(dict(health.shares), health.count)
    return (
        _rate_line("window", health.rate, language),
        _rate_line("shift", health.shift_rate, language),
        HealthLine(_word("flood", language), flood, "< 1%", alarm_metrics.flood_light(health.flood_share), "CR-28"),
        _count_line(_word("stale", language), len(health.stale), 5, "CR-30"),
        HealthLine(_word("shares", language), f"{p3} / {p2} / {p1} %", "80 / 15 / 5 %", shares, "CR-32"),
        _count_line(_word("chattering", language), len(health.chattering), 1, "CR-32"),
        _promptness_line("answered", health.answered, language),
        _promptness_line("forwarded", health.forwarded, language),
        _sound_line(health, city, language),
    )


def _word(name: str, language: str) -> str:
    return text(f"page.health.{name}", language)


def _rate_line(name: str, value: float | None, language: str) -> HealthLine:
    shown = "–" if value is None else written_number(value, language)
    title = f"{_word('rate', language)}, {_word(name, language)}"
    return HealthLine(title, shown, "≤ 6, ≤ 12", alarm_metrics.rate_light(value), "CR-27")


def _promptness_line(name: str, found: Promptness, language: str) -> HealthLine:
    rule, targets = _PROMPTNESS[name]
    unit = _word("seconds", language)
    within = ", ".join(f"{seconds} {unit} {100 * share:.0f}%" for seconds, share in found.within)
    asked = ", ".join(f"{seconds} {unit} {100 * share:.0f}%" for seconds, share in targets)
    value = f"{within} (n {found.n})" if found.n else "– (n 0)"
    return HealthLine(_word(name, language), value, asked, found.light, rule)


def _sound_line(health: Health, city: City, language: str) -> HealthLine:
    """How many shifts began without a confirmed sound test, and when the last one was confirmed. Rule: CR-96."""
    sound = health.sound
    at = sound.confirmed_at
    last = "–" if at is None else f"{at.astimezone(city.zone):%d.%m. %H.%M}"
    light = alarm_metrics.count_light(sound.missed, 1) if sound.asked else Light.INFO
    value = f"{sound.missed} / {sound.asked} ({_word('last', language)} {last})"
    return HealthLine(_word("sound", language), value, "0", light, "CR-96")


def _count_line(name: str, n: int, fewer_than: int, rule: str) -> HealthLine:
    return HealthLine(name, str(n), f"< {fewer_than}", alarm_metrics.count_light(n, fewer_than), rule)


def origin_rows(health: Health, city: City, language: str) -> tuple[Mapping[str, str], ...]:
    """The ten most frequent (kind, agency or source), with their number and share."""
    named = {**city.agencies, **city.outside}
    return tuple(
        {
            "kind": text(f"record.{kind}.name", language),
            "origin": named[origin].short if origin in named else origin,
            "n": str(n),
            "share": f"{100 * n / max(1, health.count):.0f}%",
        }
        for (kind, origin), n in health.top
    )
