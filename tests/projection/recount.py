"""Tallies and spans counted anew from the events alone, by other code than the product's."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise

from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import LoggedEvent, Subject

Tallies = Counter[tuple[str, int, str]]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def quarter(moment: datetime) -> int:
    return int((moment - EPOCH).total_seconds() // 900)


class Recount:
    """Every complaint after every event, and when it last was finished and reopened."""

    def __init__(self, log: Iterable[LoggedEvent]) -> None:
        self.states: dict[str, list[tuple[LoggedEvent, Complaint]]] = defaultdict(list)
        for logged in log:
            if logged.event.subject is Subject.COMPLAINT:
                states = self.states[logged.event.id]
                before = states[-1][1] if states else None
                states.append((logged, evolve(before, logged)))

    def tallies(self) -> Tallies:
        counts: Tallies = Counter()
        for states in self.states.values():
            counts.update(_of(states))
        return counts

    def spans(self) -> dict[tuple[str, str], tuple[str, datetime, datetime]]:
        """(id, stage) → agency, start, end."""
        found = {}
        for id_, states in self.states.items():
            for (_, before), (logged, after) in pairwise(states):
                at, agency = logged.event.at, after.agency or ""
                own = not any(_inherits(entry, state) for entry, state in states)
                if own and after.state == "forwarded" and (id_, "forward") not in found:
                    found[id_, "forward"] = (agency, after.received_at, at)
                if own and after.state == "accepted" != before.state:
                    found[id_, "accept"] = (agency, _sent(states, logged), at)
                if after.state == "done" != before.state:
                    found[id_, "finish"] = (agency, after.received_at, at)
                if before.state == "done" != after.state:
                    del found[id_, "finish"]
        return found


def _inherits(logged: LoggedEvent, after: Complaint) -> bool:
    return after.state == "received" and bool(logged.event.fields.get("inherited"))


def _sent(states: list[tuple[LoggedEvent, Complaint]], until: LoggedEvent) -> datetime:
    """When it last came to its agency: forwarded, or back in its hands after an end."""
    kinds = {"complaint.forwarded", "complaint.reopened", "complaint.split"}
    return [logged.event.at for logged, _ in states if logged.seq < until.seq and logged.event.kind in kinds][-1]


def _of(states: list[tuple[LoggedEvent, Complaint]]) -> Tallies:
    now = states[-1][1]
    agency, counts = now.agency or "", Counter({("received", quarter(now.received_at), now.agency or ""): 1})
    ends, reopenings = [], []
    for (_, before), (logged, after) in pairwise(states):
        if after.status == "done" != before.status:
            ends.append(logged.event.at)
        if before.status == "done" != after.status:
            reopenings.append(logged.event.at)
    for what, moments in (("finished", ends), ("reopened", reopenings)):
        counts.update((what, quarter(moment), agency) for moment in moments[-1:])
    if now.open:
        counts[now.status.value, 0, agency] += 1
        counts["overdue", 0, agency] += now.overdue
    else:
        counts[now.status.value, quarter(now.closed_at or EPOCH), agency] += 1
    return counts
