"""What a city's calendar will be wrong about soon: dates that are missing or only estimated."""

from datetime import date, timedelta

from liveroom.city.calendar import CityCalendar
from liveroom.city.seasons import FILE, Season

# A season that moves with the moon comes back 354 days later, any other one after that: the earliest it can be due.
ROUND = timedelta(days=354)


def warnings(calendar: CityCalendar, today: date) -> tuple[str, ...]:
    """One sentence for each date within ``warn_months`` of ``today`` that somebody has to look up."""
    until = today + timedelta(days=31 * calendar.sheet.warn_months)
    return (*_holidays(calendar, today, until=until), *_seasons(calendar, today, until=until), *_end(calendar, until))


def _holidays(calendar: CityCalendar, today: date, *, until: date) -> list[str]:
    """Lists that are empty in a year that is near, and estimated holidays in it."""
    found = []
    for year in range(today.year, until.year + 1):
        for category in calendar.off.unknown.get(year, ()):
            found.append(f"{FILE}: holidays: no days of category {category!r} are known for {year}")
        guessed = [f"{day} {name}" for day, name in sorted(calendar.off.estimates.items()) if day.year == year]
        if guessed and max(calendar.off.estimates) >= today:
            found.append(f"{FILE}: holidays: {year} has estimated dates: {', '.join(guessed)}")
    return found


def _seasons(calendar: CityCalendar, today: date, *, until: date) -> list[str]:
    """Seasons that come back within sight without dates, or with estimated ones."""
    found = []
    for index, season in enumerate(calendar.sheet.seasons):
        where = f"{FILE}: seasons[{index}].dates"
        if _missing(season, until):
            found.append(f"{where}: {season.name} comes back before {until} and has no dates yet")
        for dates in season.dates:
            if dates.estimate and dates.to >= today and dates.from_ <= until:
                found.append(f"{where}: {season.name} from {dates.from_} is an estimate")
    return found


def _missing(season: Season, until: date) -> bool:
    """Whether the season's next round after the last known one can begin before ``until``."""
    return not season.dates or max(dates.from_ for dates in season.dates) + ROUND <= until


def _end(calendar: CityCalendar, until: date) -> list[str]:
    """The end of the years for which the calendar was built: deadlines reach further than this day."""
    last = calendar.years[1]
    return [] if until.year < last else [f"the calendar ends with {last}; start the room again to build the next years"]
