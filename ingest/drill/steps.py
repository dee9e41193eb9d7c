"""What simulated staff will do with one complaint and when: a list of steps, written in order by a pen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ingest.drill.chance import about
from ingest.drill.programme import Draft
from ingest.drill.script import Script
from ingest.drill.shift import WorkingHours
from liveroom.city.city import City
from liveroom.domain.requests import Name, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command. ``role`` AGENCY acts for whichever agency leads then.

    ``into``: source_id of the complaint to merge into. ``fleeting``: no longer worth doing when late.
    """

    at: datetime
    name: Name
    role: Role
    fields: Mapping[str, Any] = field(default_factory=dict)
    into: str | None = None
    fleeting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every plan of one drill has in common."""

    script: Script
    city: City
    hours: WorkingHours
    seed: int


class Pen:
    """Writes a plan: knows the complaint, the time it is at, and draws from the complaint's own chance."""

    def __init__(self, draft: Draft, setting: Setting, rng: Random) -> None:
        """Begin at the moment of receipt."""
        self.draft, self.setting, self.rng = draft, setting, rng
        self.city, self.policy, self.words = setting.city, setting.city.policy, setting.script.staff
        self.class_ = self.policy.class_of(draft.category, "normal")
        self.critical = self.class_ == self.policy.critical_class
        self.agency = self.policy.agency_for(draft.category, draft.area) or next(iter(setting.city.agencies))
        self.now = draft.at
        self.steps: list[Step] = []

    @property
    def around_the_clock(self) -> bool:
        """Whether those who handle it work at night."""
        return self.critical or self.draft.burst or self.city.agencies[self.agency].hours == "always"

    def later(self, seconds: float, *, since: datetime | None = None) -> datetime:
        """``seconds`` of the handlers' working time after ``since`` (else after the last step)."""
        start = since or self.now
        if self.around_the_clock:
            return start + timedelta(seconds=seconds)
        return self.setting.hours.after(start, seconds)

    def some(self, median: float, low: float, high: float) -> float:
        """Seconds that something takes."""
        return about(self.rng, median, 0.6, low, high)

    def desk(self, seconds: float, name: Name, **fields: Any) -> None:
        """The duty room, which never closes, does something ``seconds`` after the last step."""
        self.add(self.now + timedelta(seconds=seconds), name, Role.DUTY, **fields)

    def theirs(self, seconds: float, name: Name, **fields: Any) -> None:
        """The agency does something."""
        self.add(self.later(seconds), name, Role.AGENCY, **fields)

    def add(self, at: datetime, name: Name, role: Role, **fields: Any) -> None:
        """Write a step down and go on from it."""
        fleeting = name in (Name.ASK, Name.HOLD, Name.REPLY)
        into = fields.pop("into_draft", None)
        self.steps.append(Step(at=at, name=name, role=role, fields=fields, into=into, fleeting=fleeting))
        self.now = at

    def say(self, occasion: str) -> str:
        """What somebody writes on an occasion."""
        return str(self.rng.choice(getattr(self.words, occasion)))
