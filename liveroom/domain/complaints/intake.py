"""Intake: JSON -> `Report` (``report_of``) -> events of a new complaint (``receive``) or of a resend (``amend``).

docs/intake.md is the contract in words. Every fault is a Malformed that names its field. Texts and the reporter stay
out of the events: a `Receipt` holds the ids of their rows.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from liveroom.domain.complaints.commands import WAITING
from liveroom.domain.complaints.deadlines import planned, replanned
from liveroom.domain.complaints.decide import running_again
from liveroom.domain.complaints.evolve import apply, begun
from liveroom.domain.complaints.model import Complaint, Deadlines, Stage, as_payload
from liveroom.domain.complaints.settle import inherit
from liveroom.domain.events import Event, happened
from liveroom.domain.events.complaint_payloads import ComplaintAmended, ComplaintClosed, ComplaintReceived
from liveroom.domain.fields import FieldReader, web_address
from liveroom.domain.policy import Policy
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import to_text_or_none

# Limits in characters, and the most pictures of a report.
CODE = 128
DESCRIPTION = 4000
ADDRESS = 500
PERSON = {"name": 200, "phone": 64, "email": 254}
MAX_MEDIA = 20
MEDIA_ADDRESS = 2048
PRIORITIES = ("critical", "urgent", "normal")
REPORTED_AHEAD = timedelta(minutes=10)
# The channel of what a gauge reports.
SENSOR = "sensor"
# Orders resends of one source among themselves; a source whose clock is in another zone is still in order.
UPDATED_AHEAD = timedelta(days=1)
# The fields of a report in 0.2, which its hash holds whether they are given or not.
HASHED_ALWAYS = frozenset(
    {
        *("source_id", "category", "description", "address", "lat", "lon", "area", "channel", "reported_at"),
        *("updated_at", "priority", "person", "media", "drill", "received_at", "closed_at"),
    }
)
FROM_RECEIPT = (Stage.FORWARD, Stage.FINISH, Stage.REPLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who reported; personal data under law 27/2022: never in an event, a card or a log line."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report, already validated: bounded as docs/intake.md says, aware UTC times, degrees in WGS 84.

    ``received_at`` and ``closed_at`` are set by the importer, the replay and the drill only, ``over_at`` by gauges:
    since when what they measured is over. A source that sends cannot set them.
    """

    source_id: str
    category: str
    description: str = ""
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    area: str | None = None
    channel: str | None = None
    reported_at: datetime | None = None
    updated_at: datetime | None = None
    priority: str | None = None
    person: Reporter | None = None
    media: tuple[str, ...] = ()
    drill: bool = False
    received_at: datetime | None = None
    closed_at: datetime | None = None
    over_at: datetime | None = None

    def drilled(self) -> "Report":
        """The same report marked as practice."""
        return self if self.drill else replace(self, drill=True)

    def ended(self, at: datetime) -> "Report":
        """The same report with its end, aware UTC."""
        return replace(self, closed_at=at)

    def hash(self) -> str:
        """The canonical hash: the same report again changes nothing, whatever its order and spelling.

        A field that a later release adds counts only where it is given, else every report that a room knows would be
        another one after the upgrade.
        """
        said = [
            prefix + ("null" if value is None else _FORMS.get(type(value), _as_text)(value))
            for name, prefix, default, always in _hashed(type(self))
            if (value := getattr(self, name)) != default or always
        ]
        return hashlib.sha256(f"{{{','.join(said)}}}".encode()).hexdigest()


# Of a report's fields in the order of the canonical form: name, as written, default, whether it is always there.
_HashedField = tuple[str, str, Any, bool]
_fields_hashed: dict[type, list[_HashedField]] = {}


def _hashed(kind: type[Report]) -> list[_HashedField]:
    if kind not in _fields_hashed:
        always = HASHED_ALWAYS
        _fields_hashed[kind] = sorted((f.name, f'"{f.name}":', f.default, f.name in always) for f in fields(kind))
    return _fields_hashed[kind]


# A value as compact JSON in ASCII with sorted names: what `json.dumps` would write, in a third of the time.
_quoted = json.encoder.encode_basestring_ascii


def _as_text(value: object) -> str:
    return _quoted(str(value))


def _listed(values: tuple[str, ...]) -> str:
    return f"[{','.join(map(_quoted, values))}]"


def _reporter(one: Reporter) -> str:
    named = (("email", one.email), ("name", one.name), ("phone", one.phone))
    said = ",".join(f'"{name}":{"null" if value is None else _quoted(value)}' for name, value in named)
    return f"{{{said}}}"


_FORMS: Mapping[type, Callable[[Any], str]] = {
    str: _quoted,
    float: repr,
    int: repr,
    bool: lambda flag: "true" if flag else "false",
    tuple: _listed,
    Reporter: _reporter,
}


def report_of(value: Any, room_now: datetime, kind: str) -> Report:
    """One JSON value as a Report, from a source or from a desk. ``kind``: the room's, real, drill or test.

    Raises Malformed naming the field ("" when the value is no object).
    """
    if not isinstance(value, dict):
        raise Malformed("", "must be an object")
    record = FieldReader(value)
    lat, lon = _place(record)
    return Report(
        source_id=record.required("source_id", CODE),
        category=record.required("category", CODE),
        description=record.text("description", DESCRIPTION) or "",
        address=record.text("address", ADDRESS) or "",
        lat=lat,
        lon=lon,
        area=record.text("area", CODE) or None,
        channel=record.text("channel", CODE) or None,
        reported_at=record.moment("reported_at", room_now + REPORTED_AHEAD),
        updated_at=record.moment("updated_at", room_now + UPDATED_AHEAD),
        priority=record.choice("priority", PRIORITIES),
        person=_person(record),
        media=_media(record),
        drill=_drill(record, kind),
    )


def sensor_report(value: Any, room_now: datetime, kind: str) -> Report:
    """``report_of`` for what a gauge measured, with its ``over_at``. Raises Malformed."""
    report = report_of(value, room_now, kind)
    over_at = FieldReader(value).moment("over_at", room_now + REPORTED_AHEAD)
    return replace(report, channel=SENSOR, over_at=over_at)


def _place(record: FieldReader) -> tuple[float | None, float | None]:
    """Latitude and longitude in WGS 84 degrees, both or neither. Outside the city is fine, outside the earth is not."""
    lat, lon = record.number("lat", 90), record.number("lon", 180)
    if (lat is None) != (lon is None):
        raise Malformed("lat" if lat is None else "lon", "lat and lon come together or not at all")
    return lat, lon


def _person(record: FieldReader) -> Reporter | None:
    """Who reported, None when nothing is said of them. Unknown fields are ignored as everywhere."""
    value = record.get("person")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Malformed("person", "must be an object")
    inner = FieldReader(value, "person.")
    given = {name: inner.text(name, limit) or None for name, limit in PERSON.items()}
    return Reporter(**given) if any(given.values()) else None


def _media(record: FieldReader) -> tuple[str, ...]:
    """Addresses of pictures and other files, as given; fetching them is the media worker's."""
    value = record.get("media")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Malformed("media", "must be an array")
    if len(value) > MAX_MEDIA:
        raise Malformed("media", f"may have at most {MAX_MEDIA} items")
    return tuple(web_address(item, f"media[{n}]", MEDIA_ADDRESS) for n, item in enumerate(value))


def _drill(record: FieldReader, kind: str) -> bool:
    """Whether the report is practice: everything in a drill room is, nothing in a real one may be."""
    said = record.flag("drill")
    if said and kind == "real":
        raise Malformed("drill", "a real room takes no drill reports")
    return said or kind == "drill"


class Receipt(Struct, frozen=True, kw_only=True):
    """A report that the room has stored, as ``receive`` and ``amend`` get it: where it lies, and the ids of its rows.

    ``texts`` maps kind (description, address) to text id, ``person`` and ``media`` are row ids.
    """

    complaint: str
    source: str
    report: Report
    area: str | None
    in_city: bool
    texts: dict[str, str]
    person: str | None
    media: tuple[str, ...]


def receive(receipt: Receipt, now: datetime, policy: Policy) -> tuple[Event, ...]:
    """A new complaint; one from the past comes with its end, or with one event for all that is overdue already.

    Raises Malformed("closed_at") for an end before receipt or after now. Rule: design section 3, imported complaints.
    """
    report = receipt.report
    received_at = min(report.received_at or now, now)
    _check_closed(report.closed_at, received_at, now)
    payload, deadlines = _received_payload(receipt, received_at, policy)
    received = happened(receipt.complaint, payload, at=received_at)
    complaint = begun(received, payload, deadlines, receipt.source)
    if (closed_at := report.closed_at or _over(complaint, report, now)) is not None:
        return (received, *_closed(complaint, closed_at, policy))
    return (received, *inherit(complaint, now, policy.agency_for(complaint.category, complaint.area)))


def amend(complaint: Complaint, receipt: Receipt, now: datetime, policy: Policy) -> tuple[Event, ...]:
    """The changes of a resend: never what an officer set, never a lower class; nothing for the same or an older one."""
    report = receipt.report
    known, said = complaint.updated_at, report.updated_at
    if report.hash() == complaint.report_hash or (known is not None and said is not None and said <= known):
        return ()
    closing = report.closed_at if complaint.open and not _undone(complaint, report.closed_at) else None
    closing = closing or _over(complaint, report, now)
    _check_closed(closing, complaint.received_at, now)
    amended = happened(complaint.id, _amended_payload(complaint, receipt, now, policy), at=now)
    if closing is None:
        return (amended,)
    after = apply(complaint, amended, receipt.source)
    ended = () if after.paused_at is None else running_again(after, policy, max(closing, after.paused_at))
    return (amended, *ended, *_closed(after, closing, policy))


def ends_by_itself(complaint: Complaint, now: datetime) -> bool:
    """Whether a gauge's word that it is over may end it: nobody has taken it, looks into it, or waits for it.

    docs/decisions/0022-what-a-sensor-may-say.md says why.
    """
    claimed = complaint.claimed_until is not None and complaint.claimed_until > now
    taken = complaint.accepted_by or complaint.paused or complaint.children or complaint.reopened or claimed
    return complaint.state in WAITING and not taken


def _over(complaint: Complaint, report: Report, now: datetime) -> datetime | None:
    """When it ends because what a gauge measured is over; None where it is not, or where a person has to end it."""
    if report.over_at is None or not ends_by_itself(complaint, now):
        return None
    return min(max(report.over_at, complaint.received_at), now)


def _undone(complaint: Complaint, closed_at: datetime | None) -> bool:
    """Whether it was reopened here since it ended there: the same end told again is not another one."""
    if closed_at is None or not complaint.reopened or not complaint.stops:
        return False
    _, until = complaint.stops[-1]
    return closed_at <= until


def _check_closed(closed_at: datetime | None, received_at: datetime, now: datetime) -> None:
    if closed_at is not None and closed_at < received_at:
        raise Malformed("closed_at", "is before the complaint was received")
    if closed_at is not None and closed_at > now:
        raise Malformed("closed_at", "lies in the future")


def _closed(complaint: Complaint, closed_at: datetime, policy: Policy) -> tuple[Event, ...]:
    """The end that the source gives, for the complaint and those merged into it."""
    day = policy.day(closed_at).isoformat()
    along = ComplaintClosed(imported=True, closed_day=day, with_=complaint.id)
    return (
        happened(complaint.id, ComplaintClosed(imported=True, closed_day=day), at=closed_at),
        *(happened(child, along, at=closed_at) for child in complaint.children),
    )


def _received_payload(receipt: Receipt, received_at: datetime, policy: Policy) -> tuple[ComplaintReceived, Deadlines]:
    """The payload, and the deadlines that stand in it as text."""
    report = receipt.report
    class_ = policy.class_of(report.category, report.priority or "normal")
    deadlines = planned(policy, class_, FROM_RECEIPT, start=received_at)
    payload = ComplaintReceived(
        source=receipt.source,
        source_id=report.source_id,
        channel=report.channel,
        hash=report.hash(),
        reported_at=to_text_or_none(report.reported_at),
        updated_at=to_text_or_none(report.updated_at),
        category=report.category,
        class_=class_,
        priority=policy.priority_of(class_),
        area=receipt.area,
        lat=report.lat,
        lon=report.lon,
        in_city=receipt.in_city,
        drill=report.drill,
        day=policy.day(received_at).isoformat(),
        deadlines=as_payload(deadlines),
        texts=dict(receipt.texts),
        person=receipt.person,
        media=list(receipt.media),
    )
    return payload, deadlines


def _amended_payload(complaint: Complaint, receipt: Receipt, now: datetime, policy: Policy) -> ComplaintAmended:
    """Only what differs, beside the new hash and the ids of the new texts."""
    report = receipt.report
    said = _stated(complaint, receipt) | _raised_class(complaint, report.category, report.priority, policy=policy)
    changed = {name: value for name, value in said.items() if value != getattr(complaint, name)}
    if report.reported_at not in (None, complaint.reported_at):
        changed["reported_at"] = to_text_or_none(report.reported_at)
    if "class_" in changed:
        changed["deadlines"] = as_payload(replanned(policy, complaint, said["class_"], now=now))
    return ComplaintAmended(
        hash=report.hash(),
        updated_at=to_text_or_none(report.updated_at or complaint.updated_at),
        texts=dict(receipt.texts),
        person=receipt.person,
        media=list(receipt.media),
        **changed,
    )


def _stated(complaint: Complaint, receipt: Receipt) -> dict[str, Any]:
    """What the source states and no officer has set; what it leaves out stays as it was."""
    report, officer = receipt.report, complaint.officer_set
    said: dict[str, Any] = {}
    if report.channel is not None:
        said["channel"] = report.channel
    if "category" not in officer:
        said["category"] = report.category
    if report.lat is not None and "lat" not in officer:
        said |= {"lat": report.lat, "lon": report.lon}
    if receipt.area is not None and "area" not in officer:
        said["area"] = receipt.area
    stated = report.lat is not None or receipt.area is not None
    return said | ({"in_city": receipt.in_city} if stated and not officer & {"lat", "area"} else {})


def _raised_class(complaint: Complaint, category: str, priority: str | None, *, policy: Policy) -> dict[str, str]:
    """The more urgent of the known class and the said one; none when an officer decided it or it has ended."""
    if "class" in complaint.officer_set or not complaint.open:
        return {}
    category = complaint.category if "category" in complaint.officer_set else category
    said = policy.class_of(category, priority or "normal")
    class_ = policy.more_urgent(complaint.class_, said)
    return {"class_": class_, "priority": policy.priority_of(class_)}
