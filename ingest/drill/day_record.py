"""A drill day as one static page with a scrubber: whoever only wants to look needs neither server nor network.

The log is folded from its first event, so that the day begins as it began; what goes into the page are codes, places by
area and moments, no word and no person. The page itself is templates/drill_day.html with static/js/drill/day.js in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from liveroom.city.city import City
from liveroom.city.outline_paths import outline_paths
from liveroom.domain.alarms.evolve import evolve_alarm
from liveroom.domain.alarms.model import PRIORITY, Alarm, AlarmKind, AlarmState
from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint, Status
from liveroom.domain.events import LoggedEvent, Subject
from liveroom.log.event_log import EventLog, events, read_head
from liveroom.runtime.language import catalogue, text, written_day

_ROOT = Path(__file__).resolve().parents[2]
# Events a slice of the database.
_A_SLICE = 500
# The page's short forms.
_STATUSES = {Status.WAITING: 0, Status.IN_PROCESS: 1, Status.DONE: 2, Status.ELSEWHERE: 3}
_UNACKED, _STANDING, _OVER = 2, 1, 0


class NoSuchDay(ValueError):
    """The room did not live through that day; the text names the days that it did."""


@dataclass(slots=True, kw_only=True)
class DayRecord:
    """What the page is told of a day.

    Seconds count from the day's midnight. ``complaints``: ``[second, number, status, overdue, area, category]``, whole
    at each change; second 0 is how the day began. ``alarms``: ``[second, number, state, kind, area, category,
    agency]``, state 0 over, 1 standing, 2 not acknowledged. All but seconds and
    numbers by index, -1 for none.
    """

    seconds: int
    complaints: list[list[int]] = field(default_factory=list)
    alarms: list[list[int]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    last: int = 0


class DayFold:
    """Folds the log and notes what changes within one day of the city."""

    def __init__(self, city: City, day: date) -> None:
        self._since = datetime(day.year, day.month, day.day, tzinfo=city.zone)
        following = day + timedelta(days=1)
        self._until = datetime(following.year, following.month, following.day, tzinfo=city.zone)
        self._areas = {code: number for number, code in enumerate(city.areas)}
        self._categories = {key: number for number, key in enumerate(city.categories)}
        self._agencies = {key: number for number, key in enumerate(city.agencies)}
        self._complaints: dict[str, Complaint] = {}
        self._alarms: dict[str, Alarm] = {}
        self._numbers: dict[str, int] = {}
        self._noted: dict[int, list[int]] = {}
        self._begun = False
        self.first: datetime | None = None
        self.last: datetime | None = None
        # In seconds that pass, which on two days of the year are not those of the clock.
        self.record = DayRecord(seconds=int(self._until.timestamp() - self._since.timestamp()))

    def take(self, some: Iterable[LoggedEvent]) -> None:
        """Fold the next events of the log."""
        for logged in some:
            at = logged.event.at
            self.first, self.last = self.first or at, at
            if at >= self._since and not self._begun:
                self._begin()
            self._fold(logged, noted=self._since <= at < self._until)

    def _begin(self) -> None:
        """Note what is open as the day begins."""
        self._begun = True
        for complaint in self._complaints.values():
            if complaint.open:
                self._note_complaint(complaint, 0)
        for alarm in self._alarms.values():
            if alarm.state is not AlarmState.NORMAL:
                self._note_alarm(alarm, 0)

    def _fold(self, logged: LoggedEvent, *, noted: bool) -> None:
        event = logged.event
        second = int(event.at.timestamp() - self._since.timestamp())
        if event.subject is Subject.COMPLAINT:
            complaint = self._complaints[event.id] = evolve(self._complaints.get(event.id), logged)
            if noted:
                self._note_complaint(complaint, second)
        elif event.subject is Subject.ALARM:
            alarm = self._alarms[event.id] = evolve_alarm(self._alarms.get(event.id), logged)
            if noted:
                self._note_alarm(alarm, second)

    def _note_complaint(self, one: Complaint, second: int) -> None:
        place = self._areas.get(one.area or "", -1), self._categories.get(one.category, -1)
        row = [second, self._number(one.id), _STATUSES[one.status], int(one.overdue), *place]
        self._note(self.record.complaints, row)

    def _note_alarm(self, one: Alarm, second: int) -> None:
        kinds = self.record.kinds
        if one.kind.value not in kinds:
            kinds.append(one.kind.value)
        state = _UNACKED if one.state is AlarmState.UNACKED else _OVER if one.state is AlarmState.NORMAL else _STANDING
        place = self._areas.get(one.area or "", -1), self._categories.get(one.category or "", -1)
        row = [second, self._number(one.id), state, kinds.index(one.kind.value), *place]
        self._note(self.record.alarms, [*row, self._agencies.get(one.agency or "", -1)])

    def _number(self, id_: str) -> int:
        return self._numbers.setdefault(id_, len(self._numbers))

    def _note(self, rows: list[list[int]], row: list[int]) -> None:
        self.record.last = max(self.record.last, row[0])
        if self._noted.get(row[1]) != row[2:]:  # most events change nothing that is shown
            self._noted[row[1]] = row[2:]
            rows.append(row)


def record_of(log: EventLog, city: City, day: date) -> DayRecord:
    """A day of a drill room. Raises NoSuchDay, ValueError for a room that is no drill, Unavailable."""
    fold = DayFold(city, day)
    with log.for_upkeep().slices() as slices:
        head = slices.run(read_head)
        if head.kind != "drill":
            raise ValueError(f"this is the {head.kind} room: only a drill's day is recorded")
        after = 0
        while after < head.seq:
            some = slices.run(partial(events, after=after, limit=_A_SLICE))
            fold.take(some)
            after = some[-1].seq
    if not fold.record.last:
        lived = "" if fold.first is None or fold.last is None else _lived(city, fold.first, fold.last)
        raise NoSuchDay(f"nothing happened in this drill on {day}{lived}")
    return fold.record


def _lived(city: City, first: datetime, last: datetime) -> str:
    return f"; it lived from {city.policy.day(first)} to {city.policy.day(last)}"


def page_of(record: DayRecord, city: City, day: date, language: str) -> str:
    """The page, whole: HTML with styles, script and data in it, and nothing from elsewhere."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # for cost: only this command writes a page

    pages = Environment(loader=FileSystemLoader(_ROOT / "templates"), autoescape=True, undefined=StrictUndefined)
    return pages.get_template("drill_day.html").render(
        lang=language,
        city=city.name,
        attribution=city.attribution_in(language),
        day=written_day(day, language),
        t=lambda key: text(key, language),
        styles=[_read("static/css/tokens.css"), _read("static/css/drill_day.css")],
        script=_read("static/js/drill/day.js"),
        data=_in_script(_data(record, city, language)),
    )


def _read(name: str) -> str:
    return (_ROOT / name).read_text("utf-8")


def _in_script(value: object) -> str:
    """JSON that can end no script element."""
    said = msgspec.json.encode(value).decode()
    return said.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _data(record: DayRecord, city: City, language: str) -> Mapping[str, Any]:
    outlines = outline_paths(city)
    names = {code: one.name for code, one in city.areas.items()}
    names |= {code: one.name for code, one in city.districts.items()}
    places = {code: number for number, code in enumerate(city.districts)}
    areas = [{**one, "name": names[one["code"]], "district": places[city.areas[one["code"]].district]}
             for one in outlines["areas"]]  # fmt: skip
    words = {key.removeprefix("drill_day."): said for key, said in catalogue().texts[language].items()
             if key.startswith("drill_day.") and isinstance(said, str)}  # fmt: skip
    return {
        **{name: getattr(record, name) for name in ("seconds", "complaints", "alarms", "last")},
        "kinds": [text(f"record.{kind}.name", language) for kind in record.kinds],
        "priorities": [PRIORITY[AlarmKind(kind)] for kind in record.kinds],
        "agencies": [one.short for one in city.agencies.values()],
        "width": outlines["width"],
        "height": outlines["height"],
        "areas": areas,
        "districts": [{**one, "name": names[one["code"]]} for one in outlines["districts"]],
        "categories": [one.label_in(language) for one in city.categories.values()],
        "locale": catalogue().locale(language),
        "words": words,
    }
