"""Deadlines of a complaint under a city's policy: planned, moved over a pause, planned anew, and explained.

A deadline is None where the class promises none, or where the working calendar does not reach that far: no deadline is
better than a silently wrong one. Times are aware UTC; ``model`` keeps the deadlines of a complaint and their payload
form.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from liveroom.domain.complaints.model import Complaint, Deadline, DeadlineClock, Deadlines, Stage, all_of, running
from liveroom.domain.events import Kind, LoggedEvent
from liveroom.domain.policy import CalendarEnds, Policy, Span
from liveroom.domain.timestamps import to_text


def planned(policy: Policy, class_: str, stages: Iterable[Stage], *, start: datetime) -> dict[Stage, Deadline | None]:
    """The promises of a class for these stages, counted from ``start``; None where it makes none."""
    return {stage: policy.deadline(class_, stage, start) for stage in stages}


def shifted(
    policy: Policy, deadlines: Deadlines, stopped: datetime, *, again: datetime
) -> dict[Stage, Deadline | None]:
    """The deadlines after a stop from ``stopped`` to ``again``; ``again`` before ``stopped`` moves them back."""
    return {
        stage: deadline and _shifted(policy, deadline, stopped, again=again) for stage, deadline in deadlines.items()
    }


def _shifted(policy: Policy, deadline: Deadline, stopped: datetime, *, again: datetime) -> Deadline | None:
    try:
        return policy.shifted(deadline, stopped, again)
    except CalendarEnds:
        return None


def replanned(policy: Policy, complaint: Complaint, class_: str, *, now: datetime) -> dict[Stage, Deadline | None]:
    """All deadlines for another class, from their original starts and over every stop since.

    What is logged stays logged while its new moment lies behind as well; a mark ahead is a fresh one. An extension
    belonged to the old class and falls away. The reply is kept out once answered (``reply`` is None).
    """
    judged = complaint.stopped_at or now
    stages = [stage for stage in Stage if stage is not Stage.REPLY or complaint.reply is not None]
    result: dict[Stage, Deadline | None] = {}
    for stage in stages:
        old = all_of(complaint).get(stage)
        if stage is Stage.ACCEPT and old is None:
            continue
        new = policy.deadline(class_, stage, old.start if old else complaint.received_at)
        result[stage] = _over_stops(policy, complaint, new, old=old, judged=judged)
    return result


def extended(policy: Policy, present: Deadline, due: datetime, *, clock: DeadlineClock, now: datetime) -> Deadline:
    """A fresh promise with the same start; without a warning where the warning would already be due."""
    fresh = policy.marked(Deadline(start=present.start, due=due, clock=clock))
    return replace(fresh, warn_at=None) if fresh.warn_at is not None and fresh.warn_at <= now else fresh


def _over_stops(
    policy: Policy, complaint: Complaint, new: Deadline | None, *, old: Deadline | None, judged: datetime
) -> Deadline | None:
    stops = () if new is None else (stop for stop in complaint.stops if stop[0] >= new.start)
    for stopped, again in stops:
        new = new and _shifted(policy, new, stopped, again=again)
    new = new and _logged(new, old, judged)
    if new is not None and complaint.stopped_at is not None and complaint.paused_until is not None:
        return _shifted(policy, new, complaint.stopped_at, again=complaint.paused_until)
    return new


def _logged(new: Deadline, old: Deadline | None, judged: datetime) -> Deadline:
    """The new plan with what is logged of the old one and lies behind in both."""
    if old is None:
        return new
    return replace(
        new,
        passed=old.passed and new.due <= judged,
        warned=old.warned and new.warn_at is not None and new.warn_at <= judged,
        multiplied=min(old.multiplied, sum(multiple.at <= judged for multiple in new.multiples)),
    )


# How a deadline came about. A desk makes "masuk Senin 14.10, 3 hari kerja, jatuh tempo Kamis 16.00" of it; everything
# is read from the log, nothing is guessed.

_PAUSES = {Kind.ASKED: "citizen", Kind.HELD: "hold"}
_ENDS = frozenset({Kind.VALIDATED, Kind.CLOSED, Kind.MERGED, Kind.REFERRED, Kind.REJECTED})
_RESUMES = frozenset({Kind.ANSWERED, Kind.RESUMED, Kind.REOPENED, Kind.SPLIT})


def arithmetic(complaint: Complaint, history: Sequence[LoggedEvent], policy: Policy, now: datetime) -> dict[str, Any]:
    """How the deadlines of a complaint came about, as data for a desk to read out.

    ``{received_at, stage, stage_from, stage_clock, due_at, class, allowed, used, pauses, extended?, stages}``.

    The keys before ``pauses`` are those of the deadline that ends first, as on the card; ``stages`` has every running
    one (the reply's too). ``allowed`` is ``{n, unit}`` by the pack (working_days | minutes | working_minutes) or None,
    ``used`` the share of the allowed time on its own clock, above 1 once overdue (None where the calendar ends).
    """
    first, open_ones = complaint.first_due, running(complaint)
    rows = [_explained_row(complaint, stage, deadline, policy, now) for stage, deadline in open_ones.items()]
    main = next((row for row in rows if first is not None and row["stage"] == first[0].value), _NO_ROW)
    extended = _extended(history)
    return {
        "received_at": to_text(complaint.received_at),
        "class": complaint.class_,
        **{f"stage_{name}": main[name] for name in ("from", "clock")},
        **{name: main[name] for name in ("stage", "due_at", "allowed", "used")},
        "pauses": _pauses(history),
        **({} if extended is None else {"extended": extended}),
        "stages": rows,
    }


_NO_ROW: Mapping[str, None] = dict.fromkeys(("stage", "from", "clock", "due_at", "allowed", "used"))


def _explained_row(
    complaint: Complaint, stage: Stage, deadline: Deadline, policy: Policy, now: datetime
) -> dict[str, Any]:
    rule = policy.classes.get(complaint.class_)
    return {
        "stage": stage.value,
        "from": to_text(deadline.start),
        "clock": deadline.clock.value,
        "due_at": to_text(deadline.due),
        "passed": deadline.passed,
        "allowed": _allowed(rule.spans.get(stage) if rule else None),
        "used": _used(deadline, policy, min(now, complaint.stopped_at or now)),
    }


def _allowed(span: Span | None) -> dict[str, Any] | None:
    """A span of the pack as ``{n, unit}``; None where the class promises nothing."""
    if span is None:
        return None
    if span.days is not None:
        return {"n": span.days, "unit": "working_days"}
    return {"n": span.minutes, "unit": "minutes" if span.clock is DeadlineClock.CALENDAR else "working_minutes"}


def _used(deadline: Deadline, policy: Policy, at: datetime) -> float | None:
    """The share of the allowed time that has run at ``at``. Rule: design section 4, as on the wall."""
    try:
        if deadline.clock is DeadlineClock.CALENDAR:
            run, whole = at - deadline.start, deadline.due - deadline.start
        else:
            between = policy.calendar.between
            run, whole = between(deadline.start, at), between(deadline.start, deadline.due)
    except CalendarEnds:
        return None
    return round(max(run / whole, 0), 4) if whole else None


def _pauses(history: Iterable[LoggedEvent]) -> list[dict[str, Any]]:
    """Every time the complaint stood still: ``{from, to, why, stops}``; ``to`` None while it stands.

    ``why``: citizen, hold or ended (done or elsewhere until reopened); ``stops``: its deadlines stood still meanwhile.
    """
    found: list[dict[str, Any]] = []
    for logged in history:
        event, going = logged.event, bool(found) and found[-1]["to"] is None
        if event.kind in _RESUMES | _ENDS and going:
            found[-1]["to"] = to_text(event.at)
        if event.kind in _PAUSES:
            found.append(_pause(event.at, _PAUSES[event.kind], stops=bool(event.fields.get("stops"))))
        if event.kind in _ENDS:
            found.append(_pause(event.at, "ended", stops=True))
    return [pause for pause in found if pause["why"] != "ended" or pause["to"] is not None]


def _pause(at: datetime, why: str, *, stops: bool) -> dict[str, Any]:
    return {"from": to_text(at), "to": None, "why": why, "stops": stops}


def _extended(history: Iterable[LoggedEvent]) -> dict[str, Any] | None:
    """The extension in force: ``{at, by, due_at, reason}``, the reason as the id of its text."""
    last: dict[str, Any] | None = None
    for logged in history:
        finish = (logged.event.fields.get("deadlines") or {}).get(Stage.FINISH.value)
        if logged.event.kind is Kind.EXTENDED and finish:
            extension = {"at": to_text(logged.event.at), "by": logged.actor, "due_at": finish["due"]}
            last = extension | {"reason": logged.event.fields.get("reason")}
        elif logged.event.kind in (Kind.TRIAGED, Kind.AMENDED, Kind.REPLANNED) and finish:
            last = None
    return last
