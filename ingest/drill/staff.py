"""The simulated staff: gives each complaint of the drill its next command when that is due, and touches no others."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from ingest.drill.case import FOREVER, Case
from ingest.drill.plan import plan
from ingest.drill.programme import Draft, Programme
from ingest.drill.steps import Setting, Step
from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.requests import Accepted, Done, Malformed, Name, Order, Refused, Role, Stale, Unknown

# Complaints of about a month: alarms of a case that is over may still wait for somebody.
REMEMBERED = 20_000


class Desk(Protocol):
    """The room as the staff uses it."""

    def do(self, order: Order) -> Done:
        """Do what is ordered. Raises Unknown, Refused, Malformed or Stale."""

    def open_of(self, source: str) -> Sequence[Complaint]:
        """The open complaints of a source."""


class Staff:
    """Everybody who works in the drill."""

    def __init__(self, desk: Desk, setting: Setting, programme: Programme) -> None:
        """Begin without a case."""
        self._desk, self._setting, self._programme = desk, setting, programme
        self._cases: dict[str, Case] = {}
        self._made: dict[str, None] = {}

    def __len__(self) -> int:
        """How many cases are in hand."""
        return len(self._cases)

    def look(self, sources: Iterable[str]) -> datetime | None:
        """Look at everything open that the drill made, by source id; the moment of the newest, None without any."""
        newest = None
        for source in sources:
            for complaint in self._desk.open_of(source):
                draft = self._programme.draft(complaint.source_id) if complaint.drill else None
                if draft is None:
                    continue
                self._case(draft, source, complaint.id).learn(complaint)
                newest = draft.at if newest is None else max(newest, draft.at)
        return newest

    def take(self, draft: Draft, source: str, accepted: Accepted) -> None:
        """A new complaint came in."""
        if accepted.created and accepted.status == "waiting":
            self._case(draft, source, accepted.id).seq = accepted.seq

    def _case(self, draft: Draft, source: str, id_: str) -> Case:
        """The case of a draft, opened if need be."""
        case = self._cases.get(draft.source_id)
        if case is None:
            steps = plan(draft, self._setting)
            case = Case(draft=draft, source=source, steps=steps, id=id_, seq=0, state=State.RECEIVED)
            self._cases[draft.source_id] = case
            self._made[id_] = None
            if len(self._made) > REMEMBERED:
                del self._made[next(iter(self._made))]
        return case

    def made(self, complaint: str) -> bool:
        """Whether the drill made this complaint, as far back as it remembers; its case may be over."""
        return complaint in self._made

    def work(self, now: datetime, at_most: int) -> bool:
        """Give what is due at ``now``, the longest due first; true when nothing due is left."""
        for case in tuple(self._cases.values()):
            self._after(case, now)
        due = sorted((case for case in self._cases.values() if case.due(now) <= now), key=lambda case: case.due(now))
        for case in due[:at_most]:
            self._advance(case, now)
        return len(due) <= at_most and not any(case.due(now) <= now for case in due)

    def next_due(self, now: datetime) -> datetime:
        """When somebody has to do something again."""
        return min((case.due(now) for case in self._cases.values()), default=FOREVER)

    def _advance(self, case: Case, now: datetime) -> None:
        """One step of one case."""
        step = case.next_step(now)
        if step is None or case.waits(step):
            case.wait(now)
            return
        order = self._order(case, step)
        if order is None:
            case.place += 1
        else:
            self._give(case, step, order, now)
        self._after(case, now)

    def _after(self, case: Case, now: datetime) -> None:
        """Put a case aside that is over; go on by sense where the plan has nothing more to say."""
        if case.over:
            self._cases.pop(case.draft.source_id, None)
        elif case.next_step(now) is None:
            agency = self._setting.city.policy.agency_for(case.draft.category, case.draft.area)
            case.improvise(now, self._setting.script.staff.note[0], agency or next(iter(self._setting.city.agencies)))

    def _give(self, case: Case, step: Step, order: Order, now: datetime) -> None:
        """Give the order and learn from the answer; a no is no fault here, people from outside work on these too."""
        try:
            done = self._desk.do(order)
        except Stale as error:
            if isinstance(error.current, Complaint):
                case.learn(error.current)
        except Malformed:
            case.place += 1
        except Refused:
            case.turned_down(now)
        except Unknown:
            self._cases.pop(case.draft.source_id, None)
        else:
            case.done(step, done.seq, State(done.state))

    def _order(self, case: Case, step: Step) -> Order | None:
        """The command of a step; None when it has lost its object.

        The id makes a repeat after a restart harmless: the room knows the command and says so.
        """
        fields = dict(step.fields)
        if step.name is Name.MERGE:
            target = self._cases.get(step.into or "")
            if target is None or target.over:
                return None
            fields["into"] = target.id
        agency = case.agency if step.role is Role.AGENCY else None
        return Order(
            command_id=f"{case.draft.source_id}.{case.place}.{step.at:%H%M%S}",
            name=step.name.value,
            subject=case.id,
            actor=f"drill-{agency or step.role.value}-{1 + case.place % 2}",
            role=step.role.value,
            actor_agency=agency,
            seen_seq=case.seq,
            fields=fields,
        )
