"""Public holidays from the ``holidays`` library, and which of them are estimates or not known yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from liveroom.runtime.errors import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRule:
    """Which lists of the library count: ISO country, a part with days of its own, categories, language of names."""

    country: Annotated[str, Meta(pattern="^[A-Z]{2}$", description="a country's two letters, like ID")]
    subdivision: str | None = None
    categories: tuple[str, ...] = ("public",)
    language: str | None = None


# Offices work on every day of the week that has hours; a city may still have days of its own.
Holidays = HolidayRule | Literal["none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOff:
    """Days on which offices are closed, with their names.

    ``estimates`` are those whose date the authority has not set yet; ``unknown`` maps a year to the lists that have no
    day at all in it.
    """

    names: Mapping[date, str]
    estimates: Mapping[date, str] = field(default_factory=dict)
    unknown: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def days_off(rule: Holidays, years: range, *, where: str, faults: list[Fault]) -> DaysOff:
    """The holidays of ``years``; takes about 0.2 s for the first call, so it belongs into the start."""
    return DaysOff(names={}) if isinstance(rule, str) else _listed(rule, years, where=where, faults=faults)


def _listed(rule: HolidayRule, years: range, *, where: str, faults: list[Fault]) -> DaysOff:
    # The library takes 70 ms to import: only the start of a room pays for it.
    import holidays

    names: dict[date, str] = {}
    unknown: dict[int, list[str]] = {}
    estimated = ""
    try:
        for category in rule.categories:
            found = holidays.country_holidays(
                rule.country, subdiv=rule.subdivision, years=years, categories=(category,), language=rule.language
            )
            estimated = estimated or _mark(found)
            names = {**found, **names}
            for year in sorted(set(years) - {day.year for day in found}):
                unknown.setdefault(year, []).append(category)
    except (NotImplementedError, ValueError) as error:
        faults.append(Fault(where, str(error)))
    return DaysOff(
        names=names,
        estimates={day: name for day, name in names.items() if estimated and estimated in name},
        unknown={year: tuple(categories) for year, categories in unknown.items()},
    )


def _mark(found: object) -> str:
    """The words by which the library marks an estimated date, in its language; empty where a country has none."""
    label = getattr(found, "estimated_label", "")
    translate = getattr(found, "tr", str)
    return str(translate(label)).replace("%s", "").strip() if label else ""
