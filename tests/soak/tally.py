"""What a walk met: how many calls by route and status, and each fault once, with the call that shows it."""

import json
import logging
import re
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError, fromstring

from tests.rooms.call import Answer, Call

ROOT = Path(__file__).resolve().parents[2]
FOR_PROGRAMS = ("/api/", "/feed/")
OPEN311 = "/open311/"
# Refused by the WSGI server, or by the doorkeeper, before a door is looked for.
BEFORE_US = (414, 421)
PROBLEM = ("type", "title", "status", "code", "message")


class Overheard(logging.Handler):
    """Tracebacks and errors of the log, of the last call alone."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line that speaks of a fault."""
        if record.exc_info and record.exc_info[1] is not None:
            self.emit_error(record.exc_info[1])
        elif record.levelno >= logging.ERROR:
            self.said.append(f"{record.name}: {record.getMessage()[:200]}")

    def emit_error(self, error: BaseException) -> None:
        """Keep an error by its type and where it rose."""
        frames = traceback.extract_tb(error.__traceback__)
        ours = [one for one in frames if str(ROOT) in one.filename and "/site-packages/" not in one.filename]
        where = " < ".join(f"{Path(one.filename).relative_to(ROOT)}:{one.lineno}" for one in (ours or frames)[::-1][:3])
        self.said.append(f"{type(error).__name__}: {str(error)[:160]} at {where}")

    def take(self) -> list[str]:
        """What was said since the last time."""
        said, self.said = self.said, []
        return said


@dataclass
class Tally:
    """Counts by route and status; ``faults`` by what went wrong: the smallest call that does it."""

    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)

    def note(self, call: Call, answer: Answer | None, said: list[str]) -> None:
        """Count a call, and look whether its answer is one."""
        self.counts[call.route or call.target[:40], 0 if answer is None else answer.status] += 1
        missing = ["no answer"] if answer is None and not said else []
        for what in [*said, *missing, *([] if answer is None else wrong(call, answer))]:
            self.times[what] += 1
            before = self.faults.get(what)
            if before is None or len(repr(call)) < len(repr(before)):
                self.faults[what] = repr(call)

    def note_log(self, log: str, read: int, round_: int) -> int:
        """Look at what a server has printed since ``read``; returns how far was read now."""
        for line in log[read:].splitlines():
            if "Traceback" in line or '"level": "error"' in line or "level=error" in line or '"error"' in line:
                what = re.sub(r"\d+", "n", line[:400])
                self.times[what] += 1
                self.faults.setdefault(what, f"in the round with seed {round_}: {line[:1500]}")
        return len(log)

    def text(self) -> str:
        """The table, and the faults."""
        routes: dict[str, dict[int, int]] = {}
        for (route, status), n in sorted(self.counts.items()):
            routes.setdefault(route, {})[status] = n
        lines = [f"{route:<44} " + "  ".join(f"{s}: {n}" for s, n in told.items()) for route, told in routes.items()]
        lines.append(f"{sum(self.counts.values())} calls")
        lines += [f"FAULT ({self.times[what]}) {what}\n    {call}"[:3000] for what, call in self.faults.items()]
        return "\n".join(lines)


def wrong(call: Call, answer: Answer) -> list[str]:
    """What an answer is not to be."""
    found = []
    status, kind = answer.status, answer.headers.get("Content-Type", "")
    if status >= 500 and not _documented(call, answer):
        found.append(f"{status} of {call.method} {call.route}")
    if status == 405 and not answer.headers.get("Allow"):
        found.append(f"405 without Allow of {call.route}")
    if call.method == "HEAD":
        return found
    if call.target.startswith(OPEN311) and not kind.startswith("application/problem+json"):
        return found + ([] if call.method == "OPTIONS" else _of_open311(call, answer, kind))
    if kind.startswith(("application/json", "application/problem+json")):
        found += _of_json(call, answer)
    elif (
        status >= 400
        and call.target.startswith(FOR_PROGRAMS)
        and "Tus-Resumable" not in answer.headers
        and status not in BEFORE_US
    ):
        found.append(f"{status} of {call.method} {call.route} is told as {kind or 'nothing'}")
    return found


def _documented(call: Call, answer: Answer) -> bool:
    """Whether this 5xx is one that a client is told to come again after."""
    if call.route == "/readyz":  # the room of the walk has no clock
        return answer.status == 503
    if call.route.startswith("/login/openid"):  # the provider is away
        return answer.status == 502
    return answer.status in (503, 507) and "Retry-After" in answer.headers


def _of_json(call: Call, answer: Answer) -> list[str]:
    try:
        told: Any = json.loads(answer.body)
    except ValueError:
        return [f"{answer.status} of {call.method} {call.route} is no JSON"]
    if answer.status < 400 or call.route == "/readyz":
        return []
    return _of_problem(call, answer, told)


def _of_open311(call: Call, answer: Answer, kind: str) -> list[str]:
    """Errors are a list, with the status as their code, in the format of the answer."""
    try:
        if kind.startswith("text/xml"):
            codes = [one.text for one in fromstring(answer.body).iterfind("error/code")]
        else:
            told = json.loads(answer.body)
            codes = [str(one.get("code")) for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    except (ValueError, ParseError):
        return [f"{answer.status} of {call.method} {call.route} is no {kind or 'document'}"]
    right = answer.status < 400 or (codes and set(codes) == {str(answer.status)})
    return [] if right else [f"{answer.status} of {call.method} {call.route} says {codes}"]


def _of_problem(call: Call, answer: Answer, told: Mapping[str, Any]) -> list[str]:
    missing = [name for name in PROBLEM if name not in told]
    if missing:
        return [f"{answer.status} of {call.method} {call.route} lacks {', '.join(missing)}"]
    if told["status"] != answer.status:
        return [f"{answer.status} of {call.method} {call.route} says {told['status']}"]
    if told["code"] in ("malformed", "field") and "field" not in told:
        return [f"422 of {call.method} {call.route} names no field: {told['message']}"]
    return []
