"""How a deadline came about, as data that can be read out: from when, how long, which pauses, whether extended.

A desk makes "masuk Senin 14.10, 3 hari kerja, jatuh tempo Kamis 16.00" of it; the log is asked, nothing is guessed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from liveroom.domain.complaint import Clock, Complaint, Deadline, Stage
from liveroom.domain.deadlines import running
from liveroom.domain.events import Kind, Logged
from liveroom.domain.moments import written
from liveroom.domain.policy import Policy, Span
from liveroom.domain.working import CalendarEnds

BEGINS = {Kind.ASKED: "citizen", Kind.HELD: "hold"}
CLOSES = frozenset({Kind.VALIDATED, Kind.CLOSED, Kind.MERGED, Kind.REFERRED, Kind.REJECTED})
OPENS = frozenset({Kind.REOPENED, Kind.SPLIT})
ENDS = frozenset({Kind.ANSWERED, Kind.RESUMED}) | OPENS


def arithmetic(complaint: Complaint, history: Sequence[Logged], policy: Policy, now: datetime) -> dict[str, Any]:
    """``{received_at, stage, stage_from, stage_clock, due_at, class, allowed, used, pauses, extended?, stages}``.

    The first ones are those of the deadline that ends first, as on the card; ``stages`` has every running one (the
    reply's too). ``allowed`` is ``{n, unit}`` by the pack (working_days | minutes | working_minutes) or None, ``used``
    the share of the allowed time on its own clock, above 1 once overdue (None where the calendar ends).
    """
    first, open_ones = complaint.first_due, running(complaint)
    rows = [_row(complaint, stage, deadline, policy, now) for stage, deadline in open_ones.items()]
    main = next((row for row in rows if first is not None and row["stage"] == first[0].value), _NONE)
    extended = _extended(history)
    return {
        "received_at": written(complaint.received_at),
        "class": complaint.class_,
        **{f"stage_{name}": main[name] for name in ("from", "clock")},
        **{name: main[name] for name in ("stage", "due_at", "allowed", "used")},
        "pauses": pauses(history),
        **({} if extended is None else {"extended": extended}),
        "stages": rows,
    }


_NONE: Mapping[str, None] = dict.fromkeys(("stage", "from", "clock", "due_at", "allowed", "used"))


def _row(complaint: Complaint, stage: Stage, deadline: Deadline, policy: Policy, now: datetime) -> dict[str, Any]:
    rule = policy.classes.get(complaint.class_)
    return {
        "stage": stage.value,
        "from": written(deadline.start),
        "clock": deadline.clock.value,
        "due_at": written(deadline.due),
        "passed": deadline.passed,
        "allowed": allowed(rule.spans.get(stage) if rule else None),
        "used": used(deadline, policy, min(now, complaint.stopped_at or now)),
    }


def allowed(span: Span | None) -> dict[str, Any] | None:
    """A span of the pack as ``{n, unit}``."""
    if span is None:
        return None
    if span.days is not None:
        return {"n": span.days, "unit": "working_days"}
    return {"n": span.minutes, "unit": "minutes" if span.clock is Clock.CALENDAR else "working_minutes"}


def used(deadline: Deadline, policy: Policy, at: datetime) -> float | None:
    """The share of the allowed time that has run at ``at``; rule: design section 4, as on the wall."""
    try:
        if deadline.clock is Clock.CALENDAR:
            run, whole = at - deadline.start, deadline.due - deadline.start
        else:
            between = policy.calendar.between
            run, whole = between(deadline.start, at), between(deadline.start, deadline.due)
    except CalendarEnds:
        return None
    return round(max(run / whole, 0), 4) if whole else None


def pauses(history: Iterable[Logged]) -> list[dict[str, Any]]:
    """Every time the complaint stood: ``{from, to, why, stops}``; ``to`` None while it stands.

    ``why``: citizen, hold or ended (done or elsewhere until reopened); ``stops``: its deadlines stood still meanwhile.
    """
    found: list[dict[str, Any]] = []
    for logged in history:
        event, going = logged.event, bool(found) and found[-1]["to"] is None
        if event.kind in ENDS | CLOSES and going:
            found[-1]["to"] = written(event.at)
        if event.kind in BEGINS:
            found.append(_pause(event.at, BEGINS[event.kind], stops=bool(event.payload.get("stops"))))
        if event.kind in CLOSES:
            found.append(_pause(event.at, "ended", stops=True))
    return [pause for pause in found if pause["why"] != "ended" or pause["to"] is not None]


def _pause(at: datetime, why: str, *, stops: bool) -> dict[str, Any]:
    return {"from": written(at), "to": None, "why": why, "stops": stops}


def _extended(history: Iterable[Logged]) -> dict[str, Any] | None:
    """The extension in force: ``{at, by, due_at, reason}``, the reason as the id of its text."""
    last: dict[str, Any] | None = None
    for logged in history:
        finish = (logged.event.payload.get("deadlines") or {}).get(Stage.FINISH.value)
        if logged.event.kind is Kind.EXTENDED and finish:
            told = {"at": written(logged.event.at), "by": logged.actor, "due_at": finish["due"]}
            last = told | {"reason": logged.event.payload.get("reason")}
        elif logged.event.kind in (Kind.TRIAGED, Kind.AMENDED, Kind.REPLANNED) and finish:
            last = None
    return last
