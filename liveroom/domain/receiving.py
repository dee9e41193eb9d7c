"""How a report becomes a complaint, and what the same source may change in it later."""

from datetime import datetime
from typing import Any

from liveroom.domain import promises
from liveroom.domain._happened import happened
from liveroom.domain.complaint import Complaint, Stage
from liveroom.domain.deadlines import as_payload
from liveroom.domain.events import Event, Kind
from liveroom.domain.evolve import apply
from liveroom.domain.moments import written_or_none
from liveroom.domain.pausing import running_again
from liveroom.domain.policy import Policy
from liveroom.domain.refusals import Malformed
from liveroom.domain.report import Receipt
from liveroom.domain.settling import inherit

FROM_RECEIPT = (Stage.FORWARD, Stage.FINISH, Stage.REPLY)


def receive(receipt: Receipt, now: datetime, policy: Policy) -> tuple[Event, ...]:
    """A new complaint; history comes with its end, or with one event for all it has missed already.

    Raises Malformed("closed_at") for an end before receipt or after now. Rule: design section 3, imported complaints.
    """
    report = receipt.report
    received_at = min(report.received_at or now, now)
    _check_closed(report.closed_at, received_at, now)
    received = happened(
        Kind.RECEIVED, receipt.complaint, at=received_at, payload=_received(receipt, received_at, policy)
    )
    complaint = apply(None, received, receipt.source)
    if report.closed_at is not None:
        return (received, *_closed(complaint, report.closed_at, policy))
    return (received, *inherit(complaint, now, policy.agency_for(complaint.category, complaint.area)))


def amend(complaint: Complaint, receipt: Receipt, now: datetime, policy: Policy) -> tuple[Event, ...]:
    """What a resend changes: never what an officer set, never a lower class; nothing for the same or an older one."""
    report = receipt.report
    known, said = complaint.updated_at, report.updated_at
    if report.hash() == complaint.report_hash or (known is not None and said is not None and said <= known):
        return ()
    closing = report.closed_at if complaint.open else None
    _check_closed(closing, complaint.received_at, now)
    amended = happened(Kind.AMENDED, complaint.id, at=now, payload=_amended(complaint, receipt, now, policy))
    if closing is None:
        return (amended,)
    after = apply(complaint, amended, receipt.source)
    ended = () if after.paused_at is None else running_again(after, policy, max(closing, after.paused_at))
    return (amended, *ended, *_closed(after, closing, policy))


def _check_closed(closed_at: datetime | None, received_at: datetime, now: datetime) -> None:
    if closed_at is not None and closed_at < received_at:
        raise Malformed("closed_at", "is before the complaint was received")
    if closed_at is not None and closed_at > now:
        raise Malformed("closed_at", "lies in the future")


def _closed(complaint: Complaint, closed_at: datetime, policy: Policy) -> tuple[Event, ...]:
    """The end as its source tells it, for the complaint and those merged into it."""
    payload = {"imported": True, "closed_day": policy.day(closed_at).isoformat()}
    along = payload | {"with": complaint.id}
    return (
        happened(Kind.CLOSED, complaint.id, at=closed_at, payload=payload),
        *(happened(Kind.CLOSED, child, at=closed_at, payload=along) for child in complaint.children),
    )


def _received(receipt: Receipt, received_at: datetime, policy: Policy) -> dict[str, Any]:
    report = receipt.report
    class_ = policy.class_of(report.category, report.priority or "normal")
    deadlines = promises.planned(policy, class_, FROM_RECEIPT, start=received_at)
    return {
        "source": receipt.source,
        "source_id": report.source_id,
        "channel": report.channel,
        "hash": report.hash(),
        "reported_at": written_or_none(report.reported_at),
        "updated_at": written_or_none(report.updated_at),
        "category": report.category,
        "class": class_,
        "priority": policy.priority_of(class_),
        "area": receipt.area,
        "lat": report.lat,
        "lon": report.lon,
        "in_city": receipt.in_city,
        "drill": report.drill,
        "day": policy.day(received_at).isoformat(),
        "deadlines": as_payload(deadlines),
        **_rows(receipt),
    }


def _rows(receipt: Receipt) -> dict[str, Any]:
    return {"texts": dict(receipt.texts), "person": receipt.person, "media": list(receipt.media)}


def _amended(complaint: Complaint, receipt: Receipt, now: datetime, policy: Policy) -> dict[str, Any]:
    """Only what differs, beside the new hash and the ids of the new texts."""
    report = receipt.report
    said = _said(complaint, receipt) | _class(complaint, report.category, report.priority, policy=policy)
    now_known: dict[str, Any] = {name: getattr(complaint, name) for name in said if name != "class"}
    now_known["class"] = complaint.class_
    changed = {name: value for name, value in said.items() if value != now_known[name]}
    if report.reported_at not in (None, complaint.reported_at):
        changed["reported_at"] = written_or_none(report.reported_at)
    if "class" in changed:
        anew = promises.replanned(policy, complaint, said["class"], now=now)
        changed["deadlines"] = as_payload(anew)
    updated_at = written_or_none(report.updated_at or complaint.updated_at)
    return {"hash": report.hash(), "updated_at": updated_at, **changed, **_rows(receipt)}


def _said(complaint: Complaint, receipt: Receipt) -> dict[str, Any]:
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


def _class(complaint: Complaint, category: str, priority: str | None, *, policy: Policy) -> dict[str, str]:
    """The more urgent of the known class and the said one; none when an officer decided it or it has ended."""
    if "class" in complaint.officer_set or not complaint.open:
        return {}
    category = complaint.category if "category" in complaint.officer_set else category
    said = policy.class_of(category, priority or "normal")
    class_ = policy.more_urgent(complaint.class_, said)
    return {"class": class_, "priority": policy.priority_of(class_)}
