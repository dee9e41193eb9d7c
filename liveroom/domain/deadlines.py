"""The deadlines of a complaint together, and as payload text and back; how long anything takes is not known here."""

from collections.abc import Mapping
from typing import Any

from liveroom.domain.complaint import Clock, Complaint, Deadline, Multiple, Stage
from liveroom.domain.moments import read, read_or_none, written, written_or_none

Deadlines = Mapping[Stage, Deadline | None]


def all_of(complaint: Complaint) -> dict[Stage, Deadline]:
    """Every deadline the complaint has, running or not."""
    pairs = {
        Stage.FORWARD: complaint.forward,
        Stage.ACCEPT: complaint.accept,
        Stage.FINISH: complaint.finish,
        Stage.REPLY: complaint.reply,
    }
    return {stage: deadline for stage, deadline in pairs.items() if deadline is not None}


def running(complaint: Complaint) -> dict[Stage, Deadline]:
    """Those whose time counts now: the running stage's, finish's and the reply's. Rule: "pauses move what runs"."""
    now_running = dict(complaint.running)
    if complaint.stage is not None and complaint.reply is not None:
        now_running[Stage.REPLY] = complaint.reply
    return now_running


def as_payload(deadlines: Deadlines) -> dict[str, dict[str, Any] | None]:
    """``{stage: {start, due, clock, passed, warn_at, warned, multiples, multiplied} | null}``, times as RFC 3339 text.

    ``multiples`` is a list of ``[percent, at, recipient]``.
    """
    return {stage.value: None if deadline is None else _row(deadline) for stage, deadline in deadlines.items()}


def _row(deadline: Deadline) -> dict[str, Any]:
    return {
        "start": written(deadline.start),
        "due": written(deadline.due),
        "clock": deadline.clock.value,
        "passed": deadline.passed,
        "warn_at": written_or_none(deadline.warn_at),
        "warned": deadline.warned,
        "multiples": [[one.percent, written(one.at), one.recipient] for one in deadline.multiples],
        "multiplied": deadline.multiplied,
    }


def from_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The ``deadlines`` of a payload (Deadline or None) by the name of their field; only those the event changed."""
    return {Stage(stage).value: row and _deadline(row) for stage, row in payload.get("deadlines", {}).items()}


def _deadline(row: Mapping[str, Any]) -> Deadline:
    """An event of before there were warnings has none of their keys: its deadlines have no marks."""
    return Deadline(
        start=read(row["start"]),
        due=read(row["due"]),
        clock=Clock(row["clock"]),
        passed=row["passed"],
        warn_at=read_or_none(row.get("warn_at")),
        warned=row.get("warned", False),
        multiples=tuple(Multiple(percent=p, at=read(at), recipient=to) for p, at, to in row.get("multiples", ())),
        multiplied=row.get("multiplied", 0),
    )
