"""Every measure recomputed from the raw events one by one, by other code than the product's and none of its fold."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from liveroom.domain.events import LoggedEvent

ENDINGS = {
    "complaint.validated": "finished",
    "complaint.closed": "finished",
    "complaint.referred": "not_ours",
    "complaint.rejected": "rejected",
    "complaint.merged": "merged",
}
CODES = ("category", "class", "area", "channel")
LONG_AGO, DAY = datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1)


@dataclass
class Time:
    """One time that a complaint was open."""

    begin: str
    start: datetime
    agency: str
    forwarded: datetime | None = None
    sent: datetime | None = None
    accepted: datetime | None = None
    limit: datetime | None = None  # the broken one
    ended: datetime | None = None
    ending: str = ""
    kept: bool | None = None
    undone: datetime | None = None
    inherited: bool = False


@dataclass
class Life:
    """One complaint, read event by event."""

    id: str
    codes: dict[str, Any] = field(default_factory=dict)
    received: datetime = LONG_AGO
    times: list[Time] = field(default_factory=list)
    happened: list[dict[str, Any]] = field(default_factory=list)
    with_agency: bool = False
    lead: str | None = None
    handler: str | None = None
    moves: int = 0
    finish: dict[str, Any] | None = None
    stopped: datetime | None = None

    def read(self, logged: LoggedEvent) -> None:
        event, said = logged.event, logged.event.fields
        kind, at = event.kind.value, event.at
        before = {"open": self.is_open, "finish": self.finish, "stopped": self.stopped, "agency": self.agency}
        self._codes_and_limits(kind, said)
        if kind == "complaint.received":
            self.received, self.codes["source"] = at, said["source"]
            self.times.append(Time("received", at, ""))
        elif kind in ENDINGS:
            self._end(kind, at, before)
        elif kind in ("complaint.reopened", "complaint.split"):
            self.times[-1].undone = at
            self.with_agency, self.stopped = said["state"] == "forwarded", None
            self.times.append(Time(kind.partition(".")[2], at, self.agency, sent=at if self.with_agency else None))
        elif kind == "complaint.rated":
            self._happens("rated", at, self.times[-1].agency, value=said["score"])
        elif self.is_open:
            self._work(kind, at, said)
        if self.is_open:
            self.times[-1].agency = self.agency
            broken = self.finish is not None and self.finish["passed"]
            self.times[-1].limit = datetime.fromisoformat(self.finish["due"]) if broken else None

    @property
    def is_open(self) -> bool:
        return bool(self.times) and self.times[-1].ended is None

    @property
    def agency(self) -> str:
        return (self.lead or "") if self.with_agency else ""

    def _codes_and_limits(self, kind: str, said: dict[str, Any]) -> None:
        self.codes.update({name: said[name] for name in CODES if name in said})
        if "agency" in said and kind in ("complaint.triaged", "complaint.amended", "complaint.replanned"):
            self.lead = said["agency"]
        planned = said.get("deadlines") or {}
        if "finish" in planned:
            self.finish = planned["finish"]
        if kind == "deadline.passed" and "finish" in (said.get("stages") or [said["stage"]]) and self.finish:
            self.finish = {**self.finish, "passed": True}

    def _end(self, kind: str, at: datetime, before: dict[str, Any]) -> None:
        if not before["open"]:
            if kind == "complaint.merged":
                return  # only moved along
            agency = self.times[-1].agency
            self.times[-1].undone = at
            self.times.append(Time("joined", at, agency))
        time = self.times[-1]
        time.ended, time.ending = at, ENDINGS[kind]
        finish = before["finish"]
        if time.ending == "finished" and finish is not None:
            judged = before["stopped"] or at
            time.kept = not finish["passed"] and judged < datetime.fromisoformat(finish["due"])
        self.stopped = self.stopped or at

    def _work(self, kind: str, at: datetime, said: dict[str, Any]) -> None:
        time = self.times[-1]
        if kind == "complaint.forwarded":
            if self.handler not in (None, said["agency"]):
                self.moves += 1
                self._happens("sent_on", at, self.handler, to=said["agency"], value=self.moves)
            self.with_agency, self.lead, self.handler = True, said["agency"], said["agency"]
            time.forwarded = time.forwarded or at
            time.sent = time.sent if time.accepted else at
        elif kind == "complaint.accepted" and said["lead"]:
            time.accepted = time.accepted or at
        elif kind == "complaint.declined" and said["lead"]:
            self._happens("declined", at, said["agency"])
            self.with_agency, self.lead = False, said["next"]
        elif kind == "complaint.sent_back":
            self._happens("sent_back", at, self.agency)
        elif kind in ("complaint.asked", "complaint.held"):
            self.stopped = at if said["stops"] else None
        elif kind in ("complaint.resumed", "complaint.answered"):
            self.stopped = None
        elif kind.startswith("deadline.") and said.get("inherited") and not self.with_agency:
            time.inherited = True

    def _happens(self, what: str, at: datetime, agency: str | None, **more: Any) -> None:
        found = {"what": what, "at": at, "agency": agency or "", "time": self.times[-1], "value": 0, "to": ""}
        self.happened.append(found | more)


def lives_of(log: Iterable[LoggedEvent]) -> list[Life]:
    """Every complaint of a log."""
    lives: dict[str, Life] = {}
    for logged in log:
        if logged.event.subject == "complaint":
            lives.setdefault(logged.event.id, Life(logged.event.id)).read(logged)
    return list(lives.values())


class Recomputed:
    """What an evaluation must say, as plain values by row; the row None is the city."""

    def __init__(self, lives: Sequence[Life], by: str, zone: ZoneInfo, filters: dict[str, str]) -> None:
        self.lives = lives
        self.by, self.zone, self.filters = by, zone, filters

    def rows(self, start: datetime, judged: datetime) -> dict[str | None, dict[str, Any]]:
        """Every measure of [start, judged) by row."""
        found: defaultdict[str | None, dict[str, Any]] = defaultdict(
            lambda: {"counts": Counter(), "took": defaultdict(list)}
        )
        _ = found[None]
        for life in self.lives:
            for time in life.times:
                agency = time.agency
                if self._counts(life, agency):
                    for row in (None, self._value(life, agency)):
                        _count_time(found[row], life, time, start, judged)
            for one in life.happened:
                if start <= one["at"] < judged and self._counts(life, one["agency"]):
                    for row in (None, self._value(life, one["agency"])):
                        name = f"rated_{one['value']}" if one["what"] == "rated" else one["what"]
                        found[row]["counts"][name] += 1
            self._ping_pong(found, life, start, judged)
        return {row: _said(one) for row, one in found.items() if row is None or one["counts"]}

    def _value(self, life: Life, agency: str, by: str = "") -> str:
        by = by or self.by
        local = life.received.astimezone(self.zone)
        special = {"agency": agency, "hour": str(local.hour), "weekday": str(local.isoweekday())}
        return special.get(by) if by in special else str(life.codes.get(by) or "")

    def _counts(self, life: Life, agency: str) -> bool:
        return all(self._value(life, agency, cut) == code for cut, code in self.filters.items())

    def _ping_pong(self, found: Any, life: Life, start: datetime, judged: datetime) -> None:
        moves = [one for one in life.happened if one["what"] == "sent_on" and one["at"] < judged]
        turning = [one for one in moves if one["at"] >= start and one["value"] >= 3]
        if not turning:
            return
        own = self.filters.get("agency")
        hands = {tuple(sorted((one["agency"], one["to"]))) for one in moves}
        hands = {pair for pair in hands if own is None or own in pair}
        others = {cut: code for cut, code in self.filters.items() if cut != "agency"}
        if not hands or not all(self._value(life, "", cut) == code for cut, code in others.items()):
            return
        rows: set[str | None] = {None}
        if self.by == "agency":
            rows |= {hand for pair in hands for hand in pair if own in (None, hand)}
        else:
            rows.add(self._value(life, ""))
        for row in rows:
            found[row]["counts"]["ping_pong"] += 1
            mine = hands if row is None or self.by != "agency" else {pair for pair in hands if row in pair}
            for pair in mine:
                found[row]["counts"][pair] += 1


def _count_time(row: dict[str, Any], life: Life, time: Time, start: datetime, judged: datetime) -> None:
    counts, took = row["counts"], row["took"]

    def within(at: datetime | None) -> bool:
        return at is not None and start <= at < judged

    if time.begin in ("received", "reopened") and within(time.start):
        counts[time.begin] += 1
    for name, at, since in (("forwarded", time.forwarded, time.start), ("accepted", time.accepted, time.sent)):
        if within(at):
            counts[name] += 1
            if not time.inherited:
                took[name].append(at - since)
    stands = time.ended is not None and (time.undone is None or time.undone >= judged)
    if stands and within(time.ended):
        counts["finished" if time.ending == "finished" else "elsewhere"] += 1
        if time.ending == "finished":
            took["finish"].append(time.ended - life.received)
            if time.kept is not None:
                counts["on_time" if time.kept else "late"] += 1
    if time.start < judged and (time.ended is None or time.ended >= judged):
        _count_open(row, life, time, judged)


def _count_open(row: dict[str, Any], life: Life, time: Time, judged: datetime) -> None:
    counts, age = row["counts"], judged - life.received
    counts["open"] += 1
    counts["to_1" if age <= DAY else "to_3" if age <= 3 * DAY else "to_7" if age <= 7 * DAY else "older"] += 1
    if time.limit is not None and time.limit < judged:
        counts["overdue"] += 1
        row["took"]["overdue_for"].append(judged - time.limit)


PLAIN = (
    *("received", "forwarded", "accepted", "finished", "elsewhere", "open", "to_1", "to_3", "to_7", "older"),
    *("reopened", "declined", "sent_on", "sent_back", "ping_pong", "on_time", "late", "overdue"),
)
TOOK = {"forwarding": "forwarded", "acceptance": "accepted", "finish": "finish", "overdue_for": "overdue_for"}


def _said(row: dict[str, Any]) -> dict[str, Any]:
    counts = row["counts"]
    due, closed = counts["on_time"] + counts["late"] + counts["overdue"], counts["on_time"] + counts["late"]
    scores = [counts[f"rated_{score}"] for score in range(1, 6)]
    given = [score for score, n in enumerate(scores, 1) for _ in range(n)]
    return {
        **{name: counts[name] for name in PLAIN},
        "due": due,
        "share": round(counts["on_time"] / due, 4) if due else None,
        "naive": round(counts["on_time"] / closed, 4) if closed else None,
        "small": due < 20,
        "rated": len(given),
        "scores": scores,
        "median": given[math.ceil(len(given) / 2) - 1] if given else None,
        "mean": round(sum(given) / len(given), 2) if given else None,
        "between": sorted(
            ((*pair, n) for pair, n in counts.items() if isinstance(pair, tuple)), key=lambda one: (-one[2], one[:2])
        ),
        **{name: _ranks(row["took"][of]) for name, of in TOOK.items()},
    }


def _ranks(took: list[timedelta]) -> tuple[int, int | None, int | None]:
    """n, median and p90 in whole seconds, by nearest rank; fewer than 20 have no p90."""
    seconds, n = sorted(int(one.total_seconds()) for one in took), len(took)
    at = lambda percent: seconds[math.ceil(percent * n / 100) - 1]  # noqa: E731 - two words for one formula
    return n, at(50) if n else None, at(90) if n >= 20 else None
