"""Reads from an address what a list is asked for: every filter checked, the cursor one that was given here."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec

from display.desk_api.asking import sees_people
from liveroom.accounts.users import Who
from liveroom.city.city import City
from liveroom.domain.complaints.model import OPEN, State, Status
from liveroom.domain.requests import OF_AGENCIES, Malformed
from liveroom.domain.timestamps import read
from liveroom.projection.search import ALL, Wanted

LIMIT, MOST = 50, 100
LONGEST, MOST_VALUES = 200, 50
FARTHEST_M = 50_000
PRIORITIES = ("critical", "urgent", "normal")
Args = Mapping[str, str]
Key = tuple[int, str]
LARGEST = 1 << 62  # every database takes it


def wanted_of(args: Args, city: City, who: Who) -> Wanted:
    """What is asked for; lists are separated by commas. Raises Malformed naming the parameter."""
    overdue, claimed = _flag(args, "overdue"), args.get("claimed")
    return Wanted(
        words=_text(args, "q"),
        statuses=_statuses(args),
        states=frozenset(_codes(args, "state", {state.value for state in State})),
        categories=frozenset(_codes(args, "category", None)),
        areas=_areas(args, city),
        priorities=frozenset(_codes(args, "priority", PRIORITIES)),
        agency=_agency(args, city),
        held_by=who.agency if who.role in OF_AGENCIES else None,
        overdue=overdue,
        claimed=who.actor if claimed == "me" else _flag(args, "claimed"),
        since=_moment(args, "since"),
        until=_moment(args, "until"),
        near=_near(args),
        phones=sees_people(who),
    )


def limit_of(args: Args) -> int:
    """How many are asked for, 50 unless said. Raises Malformed."""
    said = args.get("limit", str(LIMIT))
    if not (said.isascii() and said.isdigit()) or len(said) > len(str(MOST)) or not 1 <= int(said) <= MOST:
        raise Malformed("limit", f"must be 1 to {MOST}")
    return int(said)


def cursor_of(args: Args) -> int | Key | None:
    """The key of a cursor of ours. Raises Malformed."""
    said = args.get("cursor")
    if not said:
        return None
    try:
        raw = urlsafe_b64decode(said[:LONGEST] + "=" * (-len(said) % 4))
        found = msgspec.json.decode(raw, type=int | Key)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise Malformed("cursor", "is none that was given here") from error
    number, id_ = found if isinstance(found, tuple) else (found, "")
    if not 0 <= number <= LARGEST or "\x00" in id_:
        raise Malformed("cursor", "is none that was given here")
    return found


def cursor_from(key: int | Key | None) -> str | None:
    """The cursor by which the next page is asked for; None at the end."""
    return None if key is None else urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def _text(args: Args, name: str) -> str:
    said = args.get(name, "").strip()
    if len(said) > LONGEST or "\x00" in said:
        raise Malformed(name, f"may have at most {LONGEST} characters, none of them NUL")
    return said


def _codes(args: Args, name: str, known: Collection[str] | None) -> tuple[str, ...]:
    said = tuple(dict.fromkeys(part for part in args.get(name, "").split(",") if part))
    if len(said) > MOST_VALUES or any(len(part) > 128 or "\x00" in part for part in said):
        raise Malformed(name, f"may name at most {MOST_VALUES} keys")
    for part in said if known is not None else ():
        if part not in (known or ()):
            raise Malformed(name, f"{part[:64]!r} is not known")
    return said


def _statuses(args: Args) -> tuple[str, ...]:
    if args.get("status") == "open":
        return tuple(status.value for status in Status if status in OPEN)
    return _codes(args, "status", ALL) or ALL


def _areas(args: Args, city: City) -> frozenset[str]:
    """Areas by name and by district; both together are those in both."""
    areas = frozenset(_codes(args, "area", city.areas))
    districts = _codes(args, "district", city.districts)
    within = frozenset(area.code for area in city.areas.values() if area.district in districts)
    return (areas & within) or (areas | within) if districts and areas else areas | within


def _agency(args: Args, city: City) -> str | None:
    found = _codes(args, "agency", city.agencies)
    if len(found) > 1:
        raise Malformed("agency", "names one agency")
    return found[0] if found else None


def _flag(args: Args, name: str) -> bool | None:
    said: Any = {None: None, "": None, "1": True, "true": True, "0": False, "false": False}
    if args.get(name) not in said:
        raise Malformed(name, "must be true or false")
    found: bool | None = said[args.get(name)]
    return found


def _moment(args: Args, name: str) -> datetime | None:
    if not args.get(name):
        return None
    try:
        return read(args[name])
    except ValueError as error:
        raise Malformed(name, str(error)) from error


def _near(args: Args) -> tuple[float, float, float] | None:
    said = args.get("near")
    if not said:
        return None
    try:
        lat, lon, metres = (float(part) for part in said.split(","))
    except ValueError as error:
        raise Malformed("near", "must be lat,lon,metres") from error
    checks: tuple[Callable[[], bool], ...] = (lambda: -90 <= lat <= 90, lambda: -180 <= lon <= 180)
    if not all(check() for check in checks) or not 0 < metres <= FARTHEST_M:
        raise Malformed("near", f"must lie on earth, within {FARTHEST_M} m")
    return lat, lon, metres
