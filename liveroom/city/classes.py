"""The classes of complaints and the time that each allows for every stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from liveroom.city.keys import Key, Text, keyed
from liveroom.domain.complaints.model import Clock, Stage
from liveroom.domain.policy import ClassRule, Span
from liveroom.runtime.errors import Fault

FILE = "classes.yaml"
Days = Annotated[int, Meta(ge=1, le=400)]
Minutes = Annotated[int, Meta(ge=1, le=60 * 24 * 400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """An allowed time as it is written: ``{days: 3}`` are working days, ``{minutes: 30, clock: calendar}`` minutes."""

    days: Days | None = None
    minutes: Minutes | None = None
    clock: Clock | None = None

    def fault(self) -> str | None:
        """What is wrong with it, if anything."""
        if (self.days is None) == (self.minutes is None):
            return "needs either days (working days) or minutes"
        if self.minutes is not None and self.clock is None:
            return "minutes need a clock: calendar or working"
        return "working days have no other clock" if self.days is not None and self.clock is Clock.CALENDAR else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class with its label and allowances; a stage left out has no promise. ``rank`` 1 is the most urgent."""

    key: Key
    label: Text
    label_en: Text | None = None
    rank: Annotated[int, Meta(ge=1, le=99)]
    forward: Allowance | None = None
    accept: Allowance | None = None
    finish: Allowance
    reply: Allowance | None = None

    @property
    def allowances(self) -> Mapping[Stage, Allowance]:
        """The allowances that are given, by stage."""
        written = {
            Stage.FORWARD: self.forward,
            Stage.ACCEPT: self.accept,
            Stage.FINISH: self.finish,
            Stage.REPLY: self.reply,
        }
        return {stage: allowance for stage, allowance in written.items() if allowance is not None}

    @property
    def rule(self) -> ClassRule:
        """The class as the policy needs it."""
        spans = {
            stage: Span(days=given.days, minutes=given.minutes, clock=given.clock or Clock.WORKING)
            for stage, given in self.allowances.items()
        }
        return ClassRule(key=self.key, rank=self.rank, spans=spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSheet:
    """classes.yaml."""

    classes: tuple[Class, ...]


def check_classes(sheet: ClassSheet, faults: list[Fault]) -> Mapping[str, Class]:
    """The classes by key; each allowance makes sense and no two classes share a rank."""
    if not sheet.classes:
        faults.append(Fault(f"{FILE}: classes", "needs at least one class for emergencies and one for all else"))
    ranks: dict[int, str] = {}
    for class_ in sheet.classes:
        where = f"{FILE}: classes[{class_.key}]"
        for stage, allowance in class_.allowances.items():
            message = allowance.fault()
            if message:
                faults.append(Fault(f"{where}.{stage}", message))
        if ranks.setdefault(class_.rank, class_.key) != class_.key:
            faults.append(Fault(f"{where}.rank", f"{class_.rank} is the rank of {ranks[class_.rank]!r} already"))
    return keyed(sheet.classes, where=f"{FILE}: classes", faults=faults)
