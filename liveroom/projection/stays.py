"""Stays: each time that a complaint was open, and occurrences: what happened to it besides. Evaluations count them.

A stay begins when a complaint comes in, is reopened or split off, and ends when it is done or elsewhere. It has the
codes that the complaint has now, and belongs to the agency that led it when it ended, or leads it now; to none while
the duty room still has to send it. An end that is taken back later says when. One that was merged and is then done with
the other gets a stay without length for that end. All follows from the complaint's events alone; times are whole
microseconds since 1970.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import Connection, bindparam, select

from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.events import complaint_payloads as payloads
from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.rows import upsert
from liveroom.projection import IN_A_QUERY
from liveroom.projection.projector import AuditFinding, Refolded, Step, StepProjector, row_difference

RECEIVED, REOPENED, SPLIT, JOINED = "received", "reopened", "split", "joined"
FINISHED, NOT_OURS, REJECTED, MERGED = "finished", "not_ours", "rejected", "merged"
DECLINED, SENT_ON, SENT_BACK, RATED = "declined", "sent_on", "sent_back", "rated"
_ENDINGS: Mapping[State, str] = {
    State.DONE: FINISHED,
    State.NOT_OURS: NOT_OURS,
    State.REJECTED: REJECTED,
    State.MERGED: MERGED,
}
_OF_THE_LEAD = (payloads.ComplaintForwarded, payloads.ComplaintSentBack, payloads.ComplaintRated)
_stay, _occurrence = schema.stay.c, schema.occurrence.c


class Stay(Struct, frozen=True, kw_only=True, gc=False):
    """One row; empty text where there is no agency, category, area or channel.

    ``begin``: received, reopened, split or joined (with the one it was merged into); ``inherited`` 1: it came with a
    promise near or broken already, so how fast it was sent says nothing. ``forwarded_at``: first sent to an agency;
    ``accepted_at``: first accepted by its lead, to whom it had come at ``sent_at``. ``late_at``: when the promise to
    finish was broken that is in force now, or was at the end. ``kept``: of a finished one, whether that promise was
    kept (1 or 0), None without a promise. ``undone_at``: when the end was taken back.
    """

    seq: int
    complaint: str
    begin: str
    agency: str
    category: str
    class_: str
    area: str
    source: str
    channel: str
    inherited: int
    received_at: int
    start: int
    forwarded_at: int | None = None
    sent_at: int | None = None
    accepted_at: int | None = None
    late_at: int | None = None
    ended_at: int | None = None
    ending: str | None = None
    kept: int | None = None
    undone_at: int | None = None


class Occurrence(Struct, frozen=True, kw_only=True, gc=False):
    """One row: the lead ``agency`` declined, its proof was sent back, the citizen rated it (``value`` 1 to 5), or it
    was sent on from there to ``other`` (``value``: how often it had changed hands by then).

    ``stay``: the ``seq`` of the complaint's stay then.
    """

    seq: int
    complaint: str
    stay: int
    what: str
    at: int
    agency: str
    other: str = ""
    value: int = 0


# ---- pure: rows after a step ----


def _matters(step: Step) -> bool:
    """Whether the step can change a stay or is an occurrence; comments, claims and holds cannot."""
    return (
        step.before is None
        or isinstance(step.logged.event.payload, _OF_THE_LEAD)
        or _inherits(step)
        or _told(step.before) != _told(step.after)
    )


def _told(complaint: Complaint) -> tuple[object, ...]:
    return (complaint.state, *_codes(complaint).values(), complaint.agency, _late_at(complaint))


def _codes(complaint: Complaint) -> dict[str, Any]:
    return {
        "category": complaint.category or "",
        "class_": complaint.class_,
        "area": complaint.area or "",
        "source": complaint.source,
        "channel": complaint.channel or "",
    }


def _codes_of(row: Stay) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("category", "class_", "area", "source", "channel")}


def _late_at(complaint: Complaint) -> int | None:
    finish = complaint.finish
    return to_micros(finish.due) if finish is not None and finish.passed else None


def _inherits(step: Step) -> bool:
    payload = step.logged.event.payload
    return step.after.state is State.RECEIVED and isinstance(payload, payloads.DeadlineMark) and bool(payload.inherited)


def advance(row: Stay | None, step: Step) -> tuple[Stay, ...]:
    """The stays that the step changed or began, the present one last; ``row``: the present one before it."""
    before, after, at = step.before, step.after, to_micros(step.logged.event.at)
    if row is None or before is None:
        begun = _begun(step, RECEIVED, to_micros(after.received_at))
        return (begun if after.open else _ended(begun, step, at),)
    if before.open:
        return (_going(row, step, at) if after.open else _ended(row, step, at),)
    if after.state is before.state:
        return (replace(row, **_codes(after)),)
    undone = replace(row, undone_at=at)
    if not after.open:
        return undone, _ended(_begun(step, JOINED, at, agency=row.agency), step, at)
    reopens = isinstance(step.logged.event.payload, payloads.ComplaintReopened)
    begun = _begun(step, REOPENED if reopens else SPLIT, at)
    return undone, replace(begun, sent_at=at if after.state is State.FORWARDED else None)


def _begun(step: Step, begin: str, start: int, agency: str | None = None) -> Stay:
    complaint = step.after
    return Stay(
        seq=step.logged.seq,
        complaint=complaint.id,
        begin=begin,
        agency=_lead(complaint) if agency is None else agency,
        **_codes(complaint),
        inherited=0,
        received_at=to_micros(complaint.received_at),
        start=start,
        late_at=_late_at(complaint),
    )


def _lead(complaint: Complaint) -> str:
    """Who leads it; nobody while the duty room still has to send it, for an agency is only intended then."""
    return "" if complaint.state is State.RECEIVED else complaint.agency or ""


def _going(row: Stay, step: Step, at: int) -> Stay:
    """The stay while it goes on."""
    after = step.after
    changes: dict[str, Any] = {**_codes(after), "agency": _lead(after), "late_at": _late_at(after)}
    if _inherits(step):
        changes["inherited"] = 1
    if isinstance(step.logged.event.payload, payloads.ComplaintForwarded):
        changes["forwarded_at"] = row.forwarded_at or at
        changes["sent_at"] = row.sent_at if row.accepted_at else at
    if row.accepted_at is None and after.state is State.ACCEPTED:
        changes["accepted_at"] = at
    return replace(row, **changes)


def _ended(row: Stay, step: Step, at: int) -> Stay:
    """The stay with its end; it stays with the agency that led it."""
    before, after = step.before or step.after, step.after
    kept = None
    if after.state is State.DONE and before.finish is not None:
        # Time that stood still does not break a promise: one merged, then done with the other, stood since then.
        judged = before.stopped_at or step.logged.event.at
        kept = int(not before.finish.passed and judged < before.finish.due)
    return replace(row, **_codes(after), ended_at=at, ending=_ENDINGS[after.state], kept=kept)


def occurrence_of(row: Stay, step: Step) -> Occurrence | None:
    """What happened besides by the step, of which ``row`` is the stay now; None for nothing that is counted."""
    before, payload = step.before, step.logged.event.payload
    if before is None:
        return None
    found: dict[str, Any] | None = None
    match payload:
        case payloads.ComplaintForwarded() if before.handler not in (None, payload.agency):
            found = {"what": SENT_ON, "agency": before.handler, "other": payload.agency, "value": step.after.moves}
        case payloads.ComplaintDeclined() if payload.lead:
            found = {"what": DECLINED, "agency": payload.agency}
        case payloads.ComplaintSentBack():
            found = {"what": SENT_BACK, "agency": row.agency}
        case payloads.ComplaintRated():
            found = {"what": RATED, "agency": row.agency, "value": payload.score}
        case _:
            return None
    logged = step.logged
    return Occurrence(seq=logged.seq, complaint=step.after.id, stay=row.seq, at=to_micros(logged.event.at), **found)


# ---- the projector ----

_OF_COMPLAINTS = select(schema.stay).where(_stay.complaint.in_(bindparam("ids", expanding=True))).order_by(_stay.seq)


class StayProjector(StepProjector):
    """Keeps stays and occurrences in step with the complaints."""

    @staticmethod
    def matters(step: Step, /) -> bool:
        """See ``_matters``, which the audit asks too."""
        return _matters(step)

    def flush(self) -> None:
        """Write what the steps changed."""
        if not self._steps:
            return
        new = {step.after.id for step in self._steps if step.before is None}
        ids = dict.fromkeys(step.after.id for step in self._steps)
        present = _present(self._connection, [id_ for id_ in ids if id_ not in new])
        stays, occurrences = _refolded(present, self._steps)
        upsert(self._connection, schema.stay, [asdict(one) for one in stays.values()])
        upsert(self._connection, schema.occurrence, [asdict(one) for one in occurrences])
        self._steps = []

    @staticmethod
    def differences(connection: Connection, complaints: Sequence[Refolded], /) -> list[AuditFinding]:
        """Every stay and occurrence of these complaints that differs from the log."""
        ids = [one.id for one in complaints]
        kept: dict[str, dict[str, dict[int, dict[str, Any]]]] = {}
        for name, table in (("stay", schema.stay), ("occurrence", schema.occurrence)):
            kept[name] = _by_complaint(connection, table, ids)
        return [finding for one in complaints for finding in _wrong(one, {n: rows[one.id] for n, rows in kept.items()})]


def _refolded(
    present: Mapping[str, Mapping[int, Stay]], steps: Iterable[Step]
) -> tuple[dict[int, Stay], list[Occurrence]]:
    """Changed stays by ``seq`` and the occurrences of the steps; ``present``: each complaint's stays before."""
    now = {id_: dict(stays) for id_, stays in present.items()}
    stays, occurrences = dict[int, Stay](), list[Occurrence]()
    for step in steps:
        own = now.setdefault(step.after.id, {})
        last = own[max(own)] if own else None
        changed = advance(last, step)
        if last is not None and len(own) > 1 and _codes(step.after) != _codes_of(last):
            changed = (*(replace(one, **_codes(step.after)) for one in own.values() if one is not last), *changed)
        own.update((one.seq, one) for one in changed)
        stays.update((one.seq, one) for one in changed)
        found = occurrence_of(changed[-1], step)
        if found is not None:
            occurrences.append(found)
    return stays, occurrences


def _present(connection: Connection, ids: Sequence[str]) -> dict[str, dict[int, Stay]]:
    """The stays of each of these complaints, by ``seq``."""
    found: dict[str, dict[int, Stay]] = {}
    for start in range(0, len(ids), IN_A_QUERY):
        for row in connection.execute(_OF_COMPLAINTS, {"ids": list(ids[start : start + IN_A_QUERY])}).mappings():
            found.setdefault(row["complaint"], {})[row["seq"]] = Stay(**row)
    return found


def _by_complaint(
    connection: Connection, table: Any, ids: Sequence[str]
) -> defaultdict[str, dict[int, dict[str, Any]]]:
    found: defaultdict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for start in range(0, len(ids), IN_A_QUERY):
        query = select(table).where(table.c.complaint.in_(ids[start : start + IN_A_QUERY]))
        for row in connection.execute(query).mappings():
            found[row["complaint"]][row["seq"]] = dict(row)
    return found


def _wrong(one: Refolded, kept: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> list[AuditFinding]:
    stays, occurrences = _refolded({}, [step for step in one.steps if _matters(step)])
    told: dict[str, Sequence[Stay | Occurrence]] = {"stay": list(stays.values()), "occurrence": occurrences}
    found: list[AuditFinding] = []
    for name, rows in told.items():
        right = {row.seq: asdict(row) for row in rows}
        for seq in sorted(right.keys() | kept[name].keys()):
            key = f"{one.id}:{seq}"
            found += row_difference(name, key, right.get(seq, {}), kept[name].get(seq, {}))
    return found
