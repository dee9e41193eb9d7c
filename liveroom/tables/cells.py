"""One cell as a moment, degrees or a point, however offices write it; what cannot be read is a ValueError in words.

A moment without an offset is the city's own time. Day and month that could be either are read in the order that
`DateOrder` says, which a file shows by its days above 12, or a person.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any, Literal

DateOrder = Literal["dmy", "mdy"]
# Seconds since 1970 as programs export them, as seconds and as thousandths: the years 2000 to 2100.
_EPOCH, _EPOCH_END = 946_684_800, 4_102_444_800
_LONGEST = 64

_TIME = (
    r"(?:(?:pukul|pkl\.?|jam|at|a las)\s*)?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))(?:[:.](?P<second>\d{2}))?"
    r"(?:[.,]\d{1,9})?\s*(?P<half>[ap]\.?\s?m\.?)?\s*(?P<zone>z|utc|gmt|wib|wita|wit|[+-]\d{2}:?\d{2})?"
)
_REST = rf"(?:(?:\s*,\s*|\s+|t){_TIME})?"
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_REST}", re.A
)
_COMPACT = re.compile(rf"(?P<year>(?:19|20)\d{{2}})(?P<month>\d{{2}})(?P<day>\d{{2}}){_REST}", re.A)
_EITHER = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[-/. ])(?P<other>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_REST}", re.A
)
_NAMED = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-\s.]+(?:de\s+)?(?P<name>[a-z]{{3,10}})\.?[-\s.,]+(?:de[l]?\s+)?"
    rf"(?P<year>\d{{4}}|\d{{2}}){_REST}",
    re.A,
)
_NAME_FIRST = re.compile(
    rf"(?P<name>[a-z]{{3,10}})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_REST}", re.A
)
_WEEKDAY = re.compile(r"[a-z']{3,9},\s+")
# Offsets in hours; three zones of Indonesia by their usual letters.
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "wib": 7, "wita": 8, "wit": 9}
_MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "jan january januari enero ene",
            "feb february februari pebruari febrero",
            "mar march maret marzo mrt",
            "apr april abril abr",
            "may mei mayo",
            "jun june juni junio",
            "jul july juli julio",
            "aug august agustus agu ags agt agosto ago",
            "sep sept september septiembre setiembre",
            "oct october oktober okt octubre",
            "nov november nopember noviembre",
            "dec december desember des diciembre dic",
        ),
        1,
    )
    for name in names.split()
}


# Moments.


def read_moment(value: Any, zone: tzinfo, order: DateOrder | None) -> datetime:
    """A cell as an aware moment. ``order``: of day and month where both may be either; None reads only the others.

    Raises ValueError.
    """
    match value:
        case datetime():
            return _in_zone(value, zone)
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
        case bool() | None:
            raise ValueError("is no date")
        case int() | float():
            return _since_1970(float(value))
        case str():
            return _read_text(value, zone, order)
        case _:
            raise ValueError("is no date")


def _read_text(text: str, zone: tzinfo, order: DateOrder | None) -> datetime:
    plain = _plain(text)
    if plain.isdecimal() and len(plain) in (10, 13):
        return _since_1970(float(plain))
    for way in (_YEAR_FIRST, _COMPACT, _NAMED, _NAME_FIRST):
        if (found := way.fullmatch(plain)) is not None:
            parts = found.groupdict()
            month = _MONTHS.get(parts["name"]) if "name" in parts else int(parts["month"])
            if month is None:
                raise ValueError("names no month")
            return _moment(parts, month, int(parts["day"]), zone)
    if (found := _EITHER.fullmatch(plain)) is None:
        raise ValueError("is no date")
    parts = found.groupdict()
    first, other = int(parts["first"]), int(parts["other"])
    if order is None:
        order = "dmy" if first > 12 else "mdy" if other > 12 else "dmy" if first == other else None
    if order is None:
        raise ValueError("may be day/month or month/day")
    day, month = (first, other) if order == "dmy" else (other, first)
    return _moment(parts, month, day, zone)


def order_shown(value: Any) -> DateOrder | Literal["either"] | None:
    """The order of day and month that a cell shows; ``either`` where it may be both; None where it is no question."""
    if not isinstance(value, str) or (found := _EITHER.fullmatch(_plain(value))) is None:
        return None
    first, other = int(found["first"]), int(found["other"])
    if first > 12 and other > 12:
        return None
    if first > 12:
        return "dmy"
    if other > 12:
        return "mdy"
    return None if first == other else "either"


def looks_like_moment(value: Any) -> bool:
    """Whether a cell is a date in some order."""
    if isinstance(value, bool | int | float) or value is None:
        return False
    for order in ("dmy", "mdy"):
        try:
            read_moment(value, UTC, order)
        except ValueError:
            continue
        return not (isinstance(value, str) and value.strip().isdecimal())
    return False


def _plain(text: str) -> str:
    """Small letters without accents, one blank between words, no weekday in front."""
    if len(text) > _LONGEST:
        return ""
    bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    words = " ".join(bare.replace("\u202f", " ").lower().split())
    return _WEEKDAY.sub("", words, count=1) if _WEEKDAY.match(words) else words


def _moment(parts: Mapping[str, str | None], month: int, day: int, zone: tzinfo) -> datetime:
    year = int(parts["year"] or 0)
    year += 2000 if year < 100 else 0
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    if half := parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("has an hour that is none")
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    try:
        there = _offset(parts["zone"]) if parts["zone"] else zone
        return datetime(year, month, day, hour, minute, second, tzinfo=there).astimezone(UTC)
    except ValueError as error:
        raise ValueError("is a date or a time that does not exist") from error


def _offset(text: str) -> tzinfo:
    if text in _ZONES:
        return timezone(timedelta(hours=_ZONES[text]))
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError("has an offset that is none")
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Local time in its zone; of an hour that comes twice it is the first, one that is left out is moved on."""
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)


def _since_1970(number: float) -> datetime:
    seconds = number / 1000 if abs(number) >= _EPOCH * 100 else number
    if not _EPOCH <= seconds < _EPOCH_END:
        raise ValueError("is a number and no date")
    return datetime.fromtimestamp(seconds, UTC)


# Degrees and points.

_DEGREES = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>\d{1,20})(?:[.,](?P<part>\d{1,20}))?(?:[eE](?P<power>[+-]?\d{1,3}))?\s*°?\s*"
    r"(?P<side>ls|lu|bt|bb|[nsewo])?",
    re.ASCII,
)
_NEGATIVE = frozenset({"ls", "s", "w", "bb", "o"})
_WELL_KNOWN = re.compile(r"(?:srid=\d+;)?point\s*z?\s*\(\s*(\S+)\s+(\S+?)(?:\s+\S+)?\s*\)", re.IGNORECASE)
_PAIR = re.compile(r"[\[(]?\s*([^\s;]+?)\s*(?:;|,\s+|\s+|,)\s*([^\s;]+?)\s*[\])]?")


def read_degrees(value: Any) -> float:
    """A cell as degrees: decimal point or comma, with a sign or the side. Raises ValueError."""
    if isinstance(value, bool) or value is None:
        raise ValueError("is no number of degrees")
    if isinstance(value, int | float):
        return float(value)
    text = (
        str(value).strip().replace("\u2212", "-").replace("\u00a0", " ").lower() if len(str(value)) < _LONGEST else ""
    )
    found = _DEGREES.fullmatch(text)
    if found is None:
        raise ValueError("is no number of degrees")
    number = float(f"{found['whole']}.{found['part'] or 0}e{found['power'] or 0}")
    negative = found["sign"] == "-" or found["side"] in _NEGATIVE
    return -number if negative else number


def has_decimal_comma(value: Any) -> bool:
    """Whether a cell is a number with a comma."""
    return isinstance(value, str) and "," in value and "." not in value and _is_degrees(value)


def read_point(value: Any) -> tuple[float, float]:
    """A cell that holds a place as (lat, lon): GeoJSON, WKT, or two numbers, latitude first. Raises ValueError."""
    if isinstance(value, Mapping):
        return _point_of_object(value)
    if isinstance(value, list | tuple) and len(value) >= 2:
        return read_degrees(value[1]), read_degrees(value[0])
    if not isinstance(value, str) or len(value) > 200:
        raise ValueError("is no point")
    text = value.strip()
    if (known := _WELL_KNOWN.fullmatch(text)) is not None:
        return read_degrees(known[2]), read_degrees(known[1])
    if (pair := _PAIR.fullmatch(text)) is None:
        raise ValueError("is no point")
    return read_degrees(pair[1]), read_degrees(pair[2])


def _point_of_object(value: Mapping[str, Any]) -> tuple[float, float]:
    kind, coordinates = value.get("type"), value.get("coordinates")
    if isinstance(coordinates, list | tuple):
        if str(kind).lower() == "multipoint" and len(coordinates) == 1:
            coordinates = coordinates[0]
        elif str(kind).lower() != "point":
            raise ValueError(f"is a {str(kind)[:20]} and no point")
        if len(coordinates) < 2:
            raise ValueError("is no point")
        return read_degrees(coordinates[1]), read_degrees(coordinates[0])
    for lat, lon in (("latitude", "longitude"), ("lat", "lon"), ("lat", "lng")):
        if lat in value and lon in value:
            return read_degrees(value[lat]), read_degrees(value[lon])
    raise ValueError("is no point")


def _is_degrees(value: Any) -> bool:
    try:
        read_degrees(value)
    except ValueError:
        return False
    return True


def looks_like_point(value: Any) -> bool:
    """Whether a cell is a place."""
    try:
        lat, lon = read_point(value)
    except ValueError:
        return False
    return max(abs(lat), abs(lon)) <= 180


def degrees_among(values: Iterable[Any], low: float, high: float) -> float:
    """The share of the cells that are degrees between two, without those that are empty."""
    filled = [value for value in values if value not in (None, "")]
    if not filled:
        return 0.0
    return sum(1 for one in filled if _is_degrees(one) and low <= read_degrees(one) <= high) / len(filled)
