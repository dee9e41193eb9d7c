"""What a gauge's readings mean: one episode from when a level is passed until it is left for good, told as one report.

Pure: `follow` is given a reading and what is known of its gauge, and says what is to be told. An episode's number is
made of the gauge and of when it began, so that the same is never told as two. A level has to hold before an episode
begins, and its end has to hold too; between the two levels nothing changes. Times are seconds since 1970, UTC.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from liveroom.domain.complaints.intake import CODE, PRIORITIES, SENSOR
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import seconds_of, time_of, to_text
from liveroom.runtime.http_input import BadJson, TooLarge, read_json
from liveroom.runtime.language import text

# A payload of a gauge is short; what is longer is none.
MOST_BYTES = 64 * 1024
# Seconds by which a gauge's clock may be ahead; further ahead the time at which the reading came counts. What is older
# than a day says nothing about now.
AHEAD_S, OLD_S = 120.0, 86_400.0
# A jump is believed when another reading, at least so much later, says the same.
CONFIRMED_S = 1.0
# Times of a reading as a number: seconds, or from here on milliseconds or microseconds.
MILLIS, MICROS = 1e11, 1e14
# Characters of the name of a gauge that nobody named.
LONGEST_NAME = 200
NO_SPAN = ("0", "0s", "0m")
ASKED = {"value": "the number", "at": "the time"}


class GaugePlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one of several gauges stands, and what people call it."""

    name: str = ""
    lat: float | None = None
    lon: float | None = None
    area: str = ""
    address: str = ""


class Gauge(GaugePlace, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gauge, or several alike by a ``topic`` with wildcards; ``places``: each by what the wildcards stand for.

    ``value``, ``at``: where in JSON the number and its time are; without ``value`` the payload is the number.
    ``raise_at`` begins an episode when it held for ``hold``, ``clear_at`` ends it when it held for ``clear_hold``;
    ``side``: whether above or below is the trouble. ``priorities``: from which level on. ``every``: a reading comes at
    least so often. ``low``, ``high``, ``jump``: what can be measured at all, and change between two readings.
    """

    topic: str
    category: str
    raise_at: float
    clear_at: float
    side: Literal["above", "below"] = "above"
    value: str = ""
    at: str = ""
    unit: str = ""
    hold: str = "0s"
    clear_hold: str = "10m"
    every: str = ""
    low: float | None = None
    high: float | None = None
    jump: float | None = None
    priorities: dict[str, float] = msgspec.field(default_factory=dict)
    places: dict[str, GaugePlace] = msgspec.field(default_factory=dict)

    def faults(self) -> Iterator[tuple[str, str]]:
        """What is wrong with it, as field and message."""
        if not _is_pattern(self.topic):
            yield "topic", "is no topic of MQTT: + and # stand alone between slashes, # at the end"
        if not self.category.strip() or len(self.category) > CODE:
            yield "category", "must be a key of the city's pack"
        for name in ("value", "at"):
            if why := _fault_of(getattr(self, name)):
                yield name, f"is no JMESPath: {why}"
        if self.at and not self.value:
            yield "value", "is required beside at: a plain number has no time"
        for name in ("hold", "clear_hold", "every"):
            if getattr(self, name) not in ("", *NO_SPAN) and seconds_of(getattr(self, name)) is None:
                yield name, "must be a number and a unit, such as 90s or 10m, or 0s"
        yield from self._faults_of_numbers()
        yield from self._faults_of_levels()
        yield from self._faults_of_places()

    def _faults_of_places(self) -> Iterator[tuple[str, str]]:
        levels = self.topic.split("/")
        wild, rest = levels.count("+"), levels[-1] == "#"
        for key in self.places:
            parted = key.count("/")
            if not (parted >= wild if rest else parted + 1 == wild):
                named = f"{wild} of +{' and what # stands for' if rest else ''}"
                yield f"places.{key}", f"must be what stands for the wildcards of topic, {named}, between slashes"
        for key, place in (("", self), *self.places.items()):
            begins = f"places.{key}." if key else ""
            if (place.lat is None) != (place.lon is None):
                yield f"{begins}lat", "lat and lon come together or not at all"
            for name, most in (("lat", 90), ("lon", 180)):
                degrees = getattr(place, name)
                if degrees is not None and not abs(degrees) <= most:
                    yield f"{begins}{name}", f"must be between -{most} and {most}"

    def _faults_of_numbers(self) -> Iterator[tuple[str, str]]:
        numbers = {name: getattr(self, name) for name in ("raise_at", "clear_at", "low", "high", "jump")}
        for name, number in (*numbers.items(), *((f"priorities.{key}", n) for key, n in self.priorities.items())):
            if number is not None and not math.isfinite(number):
                yield name, "must be a finite number"
        if self.low is not None and self.high is not None and self.low >= self.high:
            yield "high", "must be higher than low"
        if self.jump is not None and self.jump <= 0:
            yield "jump", "must be more than 0"

    def _faults_of_levels(self) -> Iterator[tuple[str, str]]:
        if not self.worse(self.raise_at, self.clear_at):
            yield "clear_at", f"must be {'lower' if self.side == 'above' else 'higher'} than raise_at"
        for key, level in self.priorities.items():
            if key not in PRIORITIES:
                yield f"priorities.{key}", f"must be one of {', '.join(PRIORITIES)}"
            elif self.worse(self.raise_at, level):
                yield f"priorities.{key}", "is passed before raise_at"

    def worse(self, one: float, other: float) -> bool:
        """Whether ``one`` is more of the trouble than ``other``."""
        return one > other if self.side == "above" else one < other

    def fits(self, topic: str) -> tuple[str, ...] | None:
        """What the wildcards stand for in a topic of this gauge; None for any other topic."""
        stands: list[str] = []
        levels, asked = topic.split("/"), self.topic.split("/")
        for number, level in enumerate(asked):
            if level == "#":
                return (*stands, "/".join(levels[number:]))
            if number >= len(levels) or level not in ("+", levels[number]):
                return None
            if level == "+":
                stands.append(levels[number])
        return tuple(stands) if len(levels) == len(asked) else None

    def key(self, topic: str) -> str:
        """What is measured there: two numbers of one topic are two gauges, and so are too much and too little."""
        return " ".join((topic, *((self.value,) if self.value else ()), *(("below",) if self.side == "below" else ())))

    def topic_of(self, key: str) -> str | None:
        """The topic of one of its keys, which may hold blanks; None for a key that is not of this form."""
        topic = key.removesuffix(self.key(""))
        return topic if self.key(topic) == key else None

    def place(self, stands: Sequence[str]) -> GaugePlace:
        """Where that of several stands; the gauge's own place where it has none of its own."""
        return self.places.get("/".join(stands), self)

    def called(self, topic: str, stands: Sequence[str]) -> str:
        """What people call it."""
        place = self.place(stands)
        own = place.name if place is not self else " ".join((self.name, "/".join(stands))).strip()
        return (own or topic)[:LONGEST_NAME]

    def expected(self) -> Iterator[tuple[str, str]]:
        """The gauges that are known without having been heard, as key and name."""
        if not any(level in ("+", "#") for level in self.topic.split("/")):
            yield self.key(self.topic), self.called(self.topic, ())
        for stands in self.places:
            names = iter(stands.split("/"))
            levels = [next(names, "") if level == "+" else level for level in self.topic.split("/")]
            topic = "/".join([*(levels[:-1] if levels[-1] == "#" else levels), *names])
            yield self.key(topic), self.called(topic, stands.split("/"))


def _is_pattern(topic: str) -> bool:
    levels = topic.split("/")
    joined = any(len(level) > 1 and ("+" in level or "#" in level) for level in levels)
    return bool(topic) and not joined and "#" not in levels[:-1] and "\0" not in topic and len(topic.encode()) < 65_536


def _fault_of(expression: str) -> str:
    if not expression:
        return ""
    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        return str(error).splitlines()[0]
    return ""


# A reading.


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A number at its time; ``timed``: the gauge said when."""

    value: float
    at: float
    timed: bool


def reading_of(gauge: Gauge, payload: bytes, now: float) -> Measurement:
    """What a payload says, that came at ``now``. Raises Malformed with the field of the gauge's settings."""
    if len(payload) > MOST_BYTES:
        raise Malformed("", f"may have at most {MOST_BYTES} bytes, not {len(payload)}")
    try:
        said = read_json(payload) if gauge.value else payload.decode("utf-8")
    except (BadJson, TooLarge, UnicodeDecodeError) as error:
        raise Malformed("", str(error)) from error
    value = _number(_found(gauge.value, said, "value") if gauge.value else said)
    low, high = gauge.low, gauge.high
    if (low is not None and value < low) or (high is not None and value > high):
        raise Malformed("value", f"must be between {_words(low)} and {_words(high)}, not {value:g}")
    at = _found(gauge.at, said, "at") if gauge.at else None
    if at is None:
        return Measurement(value=value, at=now, timed=False)
    moment = _moment(at)
    if moment < now - OLD_S:
        raise Malformed("at", "must not be before yesterday: too old to say something about now")
    ahead = moment > now + AHEAD_S
    return Measurement(value=value, at=now if ahead else min(moment, now), timed=not ahead)


def _found(expression: str, said: Any, field: str) -> Any:
    try:
        return jmespath.search(expression, said)
    except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise Malformed(field, f"{ASKED[field]} cannot be found: {type(error).__name__}") from error


def _number(said: Any) -> float:
    """A number, or a text that is one: also with a decimal comma."""
    value = said
    if isinstance(said, str):
        plain = said.strip().replace(",", ".") if said.count(",") == 1 and "." not in said else said.strip()
        try:
            value = float(plain) if len(plain) <= 64 and "_" not in plain else None
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed("value", "must be a finite number")
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Malformed("value", "must be a finite number")
    return value


def _moment(said: Any) -> float:
    """A time as a gauge tells it: RFC 3339, or seconds, milliseconds or microseconds since 1970."""
    if isinstance(said, str):
        try:
            return time_of(said.strip(), UTC).timestamp()
        except ValueError as error:
            try:
                said = float(said) if "_" not in said else None
            except ValueError:
                raise Malformed("at", str(error)) from error
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said) or abs(said) > 1e18:
        raise Malformed("at", "must be a time")
    return said / (1e6 if said >= MICROS else 1e3 if said >= MILLIS else 1.0)


def _words(number: float | None) -> str:
    return "anything" if number is None else f"{number:g}"


# Episodes.


class Episode(msgspec.Struct, array_like=True):
    """That a level was passed: since when, how far at most, and with which priority it was told."""

    begun: int
    worst: float
    priority: str | None = None


class GaugeState(msgspec.Struct, array_like=True):
    """What is known of a gauge. ``heard``: when something came; ``at``, ``value``: its last reading.

    ``over``: since when the level to raise is passed, ``worst`` the furthest since; ``under``: since when that to clear
    is. ``doubted``, ``doubted_at``: a reading that lies too far from the one before to be believed alone. ``begun``:
    when the last episode began, in whole seconds, of which no other one has the same.
    """

    heard: float = 0.0
    at: float = 0.0
    value: float | None = None
    over: float | None = None
    worst: float = 0.0
    under: float | None = None
    doubted: float | None = None
    doubted_at: float = 0.0
    episode: Episode | None = None
    begun: int = 0

    def phase(self) -> tuple[object, ...]:
        """What may not be forgotten, not even when the process dies."""
        told = self.episode and (self.episode.begun, self.episode.priority)
        return (self.over, self.under, self.doubted, told)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugePoint:
    """A gauge of a topic, with the language in which it is told."""

    gauge: Gauge
    topic: str
    stands: tuple[str, ...]
    language: str

    @property
    def key(self) -> str:
        """What is measured there."""
        return self.gauge.key(self.topic)


def follow(one: GaugePoint, state: GaugeState, reading: Measurement, now: float) -> Iterator[dict[str, Any]]:
    """The reports that follow from a reading which came at ``now``; the state becomes what is known then.

    A reading that is older than the last one changes nothing. Raises Malformed for one that is not believed (yet).
    """
    gauge, value, at = one.gauge, reading.value, reading.at
    state.heard = now
    if state.at > now + AHEAD_S:  # our own clock was ahead for a while
        state.at, state.over, state.under, state.begun = 0.0, None, None, 0
    if state.value is not None and at <= state.at:
        return
    _refuse_jump(gauge, state, reading)
    longest = seconds_of(gauge.every) if gauge.every else None
    if longest and at - state.at > 2 * longest:
        state.over = state.under = None  # nobody knows what was in between
    state.at, state.value = at, value
    passed = not gauge.worse(gauge.raise_at, value)
    cleared = not gauge.worse(value, gauge.clear_at)
    if passed:
        worst = state.worst if state.over is not None and gauge.worse(state.worst, value) else value
        state.over, state.worst = at if state.over is None else state.over, worst
    else:
        state.over = None
    state.under = (at if state.under is None else state.under) if cleared else None
    yield from _told(one, state)


def _refuse_jump(gauge: Gauge, state: GaugeState, reading: Measurement) -> None:
    if gauge.jump is None or state.value is None or abs(reading.value - state.value) <= gauge.jump:
        state.doubted = None
        return
    doubted, since = state.doubted, state.doubted_at
    if doubted is not None and abs(reading.value - doubted) <= gauge.jump and reading.at >= since + CONFIRMED_S:
        state.doubted = None
        return
    if doubted is None or abs(reading.value - doubted) > gauge.jump:
        state.doubted, state.doubted_at = reading.value, reading.at
    said = f"jumps from {state.value:g} to {reading.value:g}"
    raise Malformed("value", f"{said}: counts once another reading says the same")


def _told(one: GaugePoint, state: GaugeState) -> Iterator[dict[str, Any]]:
    gauge, episode = one.gauge, state.episode
    if episode is None:
        if state.over is not None and state.at - state.over >= _span(gauge.hold):
            state.begun = max(int(state.over), state.begun + 1)
            state.episode = Episode(state.begun, state.worst, _priority(gauge, state.worst))
            yield _report(one, state, state.episode)
        return
    assert state.value is not None, "a reading was taken"
    if gauge.worse(state.value, episode.worst):
        episode.worst = state.value
    if state.under is not None and state.at - state.under >= _span(gauge.clear_hold):
        state.episode = None
        yield _report(one, state, episode, over=state.under)
        return
    priority = _priority(gauge, episode.worst)
    if _rank(priority) < _rank(episode.priority):
        episode.priority = priority
        yield _report(one, state, episode)


def _span(text_: str) -> int:
    return seconds_of(text_) or 0


def _priority(gauge: Gauge, value: float) -> str | None:
    """The most urgent one whose level is reached; None where the category alone decides."""
    reached = (key for key in PRIORITIES if key in gauge.priorities and not gauge.worse(gauge.priorities[key], value))
    return next(reached, None)


def _rank(priority: str | None) -> int:
    return len(PRIORITIES) if priority is None else PRIORITIES.index(priority)


def _report(one: GaugePoint, state: GaugeState, episode: Episode, over: float | None = None) -> dict[str, Any]:
    """The report of an episode in the intake's form."""
    place, gauge = one.gauge.place(one.stands), one.gauge
    said: dict[str, Any] = {
        "source_id": number_of(one.key, episode.begun),
        "category": gauge.category,
        "description": _description(one, state, episode, over),
        "channel": SENSOR,
        "reported_at": _text(episode.begun),
        "updated_at": _text(state.at),
        "lat": place.lat,
        "lon": place.lon,
        "area": place.area or None,
        "address": place.address or None,
        "priority": episode.priority,
        "over_at": None if over is None else _text(over),
    }
    return {name: value for name, value in said.items() if value is not None}


def number_of(key: str, begun: int) -> str:
    """The number of an episode; of a long key a hash stands for its end."""
    at = f"{datetime.fromtimestamp(begun, UTC):%Y%m%dT%H%M%SZ}"
    room = CODE - len(at) - 1
    if len(key) > room:
        key = f"{key[: room - 17]}~{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    return f"{key}@{at}"


def _description(one: GaugePoint, state: GaugeState, episode: Episode, over: float | None) -> str:
    gauge = one.gauge
    words: dict[str, Any] = {
        "name": one.gauge.called(one.topic, one.stands),
        "value": _measured(state.value, gauge.unit),
        "worst": _measured(episode.worst, gauge.unit),
        "level": _measured(gauge.raise_at, gauge.unit),
    }
    key = f"sensor.{gauge.side}" if over is None else f"sensor.over_{gauge.side}"
    return text(key, one.language, **words)


def _measured(value: float | None, unit: str) -> str:
    return f"{value or 0.0:.10g} {unit}".strip()


def _text(moment: float) -> str:
    return to_text(datetime.fromtimestamp(moment, UTC))
