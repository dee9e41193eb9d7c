"""The city's name card and house rules: zone, languages, how complaints are treated, whom an overdue one reaches."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta

from liveroom.city.keys import Email, Key, Text, refer
from liveroom.city.shifts import Shift, check_shifts
from liveroom.runtime.errors import Fault

FILE = "city.yaml"
# It has its place beside the clock of every wall.
ZoneLabel = Annotated[
    str, Meta(max_length=8, pattern=r"^[^\x00-\x20\x7f]+$", description="a short form like WIB, at most 8 characters")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How this room treats complaints.

    ``default_class`` is for unknown categories; a complaint of priority urgent or critical is raised to
    ``urgent_class`` or ``critical_class``. ``pauses`` are those that stop the deadline's clock. ``second_person``:
    proof is validated by somebody else. ``reopen_days`` after being done a citizen may reopen, ``claim_minutes`` an
    officer's claim lasts.
    """

    default_class: str
    urgent_class: str
    critical_class: str
    pauses: tuple[Literal["citizen", "hold"], ...] = ()
    second_person: bool = True
    reopen_days: Annotated[int, Meta(ge=0, le=365)]
    claim_minutes: Annotated[int, Meta(ge=1, le=240)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """An office that an overdue complaint can reach; one without ``email`` is reached through the agency concerned."""

    key: Key
    name: Text
    name_en: Text | None = None
    email: Email | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rung of the ladder: at ``percent`` of the allowed time (on the deadline's own clock) ``to`` are told."""

    percent: Annotated[int, Meta(ge=1, le=1000)]
    key: Key
    label: Text
    label_en: Text | None = None
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySheet:
    """city.yaml. ``attribution`` is shown wherever the map is, in English as ``attribution_en`` says it where it does.

    Without ``shifts`` no sound test is asked for.
    """

    key: Key
    name: Text
    room_name: Text
    zone: ZoneInfo
    zone_label: ZoneLabel
    languages: tuple[Literal["id", "en"], ...]
    locale: Annotated[str, Meta(pattern="^[a-z]{2}(-[A-Z]{2})?$", description="a locale like id-ID")]
    attribution: Text
    attribution_en: Text | None = None
    rules: Rules
    recipients: tuple[Recipient, ...]
    escalation: tuple[Step, ...]
    shifts: tuple[Shift, ...] = ()


def check_city(sheet: CitySheet, folder: str, *, classes: Collection[str], faults: list[Fault]) -> None:
    """The key is the folder's name, since databases are bound to it; rules, ladder and languages make sense."""
    if sheet.key != folder:
        faults.append(Fault(f"{FILE}: key", f"{sheet.key!r} is not the folder's name {folder!r}"))
    for name in ("default_class", "urgent_class", "critical_class"):
        faults.extend(refer(getattr(sheet.rules, name), classes, where=f"{FILE}: rules.{name}", what="class"))
    if sheet.rules.critical_class == sheet.rules.default_class:
        told = f"{sheet.rules.critical_class!r} is the default class too: name one of its own, or all is an emergency"
        faults.append(Fault(f"{FILE}: rules.critical_class", told))
    if not sheet.languages or len(set(sheet.languages)) != len(sheet.languages):
        faults.append(Fault(f"{FILE}: languages", "needs at least one language, each of them once"))
    check_shifts(sheet.shifts, f"{FILE}: shifts", faults=faults)
    _ladder(sheet, faults)


def _ladder(sheet: CitySheet, faults: list[Fault]) -> None:
    """Rungs rise, and each leads to a recipient that exists."""
    offices = {recipient.key for recipient in sheet.recipients}
    percents = [step.percent for step in sheet.escalation]
    if percents != sorted(set(percents)):
        faults.append(Fault(f"{FILE}: escalation", "percents must rise from rung to rung"))
    for step in sheet.escalation:
        for place, office in enumerate(step.to):
            faults.extend(refer(office, offices, where=f"{FILE}: escalation[{step.key}].to[{place}]", what="recipient"))
