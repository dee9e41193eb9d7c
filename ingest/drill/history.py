"""The weeks that a drill has lived before it opens: the same programme and plans, played at once by the room's rules.

`make run` asks for them (``--history 8w``), so that whoever looks for the first time sees a room at work: a band of
what is usual on this weekday, agencies that are ranked, complaints that are late. A function of seed, city and date,
like everything in a drill. Days and weeks have a rhythm here: weekends are quiet, no two days are alike, and a
cloudburst comes on some days only; the day on which the drill opens has all that the programme has.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from heapq import heappop, heappush

from ingest.drill.programme import DAY, Draft, Programme, ReportWriter, seeded_random
from ingest.drill.staff import ENDINGS, DrillSetup, StaffCase, WorkStep, plan
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.requests import CommandName, Malformed, Refused, Role
from liveroom.room.past import Past

# How far figures of agencies look back, in working days and in days: what ended since was handled step by step.
WORKED, LINED = 10, 14
# The share of the programme that a day of the past has, Monday first, and how far below it a day may stay.
WEEKDAYS = (1.0, 0.97, 0.94, 0.95, 0.93, 0.82, 0.74)
SLACK = 0.14
# Days with a cloudburst, the share of its reports, and the share of the matters that several people report.
RAIN, RAINED, CLUSTERED = 0.3, (0.5, 1.0), 0.7


@dataclass(slots=True, kw_only=True)
class DrillHistory:
    """The past of one drill."""

    setup: DrillSetup
    programme: Programme
    writer: ReportWriter
    _cases: dict[str, StaffCase] = field(default_factory=dict)
    _turns: list[tuple[datetime, str]] = field(default_factory=list)

    def live(
        self, past: Past, sources: Mapping[str, str], *, weeks: int, until: datetime, note: Callable[[int], None]
    ) -> int:
        """Live through ``weeks`` and a day up to ``until`` (aware UTC); returns how many complaints came in.

        ``sources``: ids by the channel's name. The day more is the one on which a room opens, which counts as seen in
        part, so that all weeks are whole. ``note`` gets the weeks that are left when one begins.
        """
        zone = self.setup.city.zone
        today, came = until.astimezone(zone).date(), 0
        recent = datetime.combine(self._looked_at(today), time(), zone)
        for back in reversed(range(weeks * 7 + 2)):
            day = today - back * DAY
            begins = datetime.combine(day, time(), zone)
            self._work(past, begins)
            past.open_day(day.isoformat(), begins)
            if back and back % 7 == 0:
                note(back // 7)
            for draft in self.drafts(day, whole=day == today):
                if draft.at <= until:
                    self._work(past, draft.at)
                    self._receive(past, draft, sources[draft.channel], until, recent)
                    came += 1
        self._work(past, until)
        past.finish()
        return came

    def drafts(self, day: date, *, whole: bool) -> Iterator[Draft]:
        """What came in on a day: ``whole`` as the programme has it, else what such a day had of it."""
        rng = seeded_random(self.setup.seed, day, "past")
        share = WEEKDAYS[day.weekday()] * (1 - SLACK * rng.random())
        rained = rng.uniform(*RAINED) if rng.random() < RAIN else 0.0
        matters: dict[str, bool] = {}
        for draft in self.programme.day(day):
            drawn = rng.random()
            if draft.burst:
                kept = drawn < rained
            elif draft.cluster is not None:
                kept = matters.setdefault(draft.cluster, drawn < CLUSTERED)
            else:
                kept = drawn < share
            if kept or whole:
                yield draft

    def _looked_at(self, today: date) -> date:
        """The first day that a figure of agencies looks at."""
        worked = [day for day, _ in self.setup.city.policy.calendar.closings if day <= today][-WORKED:]
        return min(today - LINED * DAY, *worked[:1])

    def _receive(self, past: Past, draft: Draft, source: str, until: datetime, recent: datetime) -> None:
        """Receive a draft; one that ended well before ``recent`` comes with its end, as an import would bring it."""
        report, steps = self.writer.report(draft), plan(draft, self.setup)
        ends = steps[-1].at
        if steps[-1].name in ENDINGS and ends < recent:
            past.receive(report.ended(ends), source=source, at=until)
            return
        complaint = past.receive(report, source=source, at=draft.at)
        case = StaffCase(
            draft=draft,
            source=source,
            steps=steps,
            id=complaint.id,
            seq=complaint.seq,
            state=complaint.state,
        )
        self._cases[draft.source_id] = case
        self._go_on(case, complaint, draft.at)

    def _work(self, past: Past, until: datetime) -> None:
        """Let staff and time do what is due, in order."""
        while self._turns and self._turns[0][0] <= until:
            at, source_id = heappop(self._turns)
            case = self._cases[source_id]
            complaint = past.complaint(case.id)
            if (due := complaint.next_due) is not None and due <= at:
                complaint = past.settle(case.id, at)
                case.learn(complaint)
            if (step := case.next_step(at)) is not None and case.due(at) <= at:
                self._take(past, case, step, at)
            self._go_on(case, past.complaint(case.id), at)

    def _take(self, past: Past, case: StaffCase, step: WorkStep, at: datetime) -> None:
        """Take one step of one case; what the room refuses is left out."""
        if case.is_paused_for(step):
            case.wait(at)
            return
        fields = dict(step.fields)
        if step.name is CommandName.MERGE:
            target = self._cases.get(step.into or "")
            if target is None or target.over:
                case.place += 1
                return
            fields["into"] = target.id
        agency = case.agency if step.role is Role.AGENCY else None
        try:
            complaint = past.execute(
                step.name, case.id, actor=case.actor(step), role=step.role, agency=agency, fields=fields, at=at
            )
        except (Refused, Malformed):
            case.place += 1
            return
        case.note_done(step, complaint.seq, complaint.state)
        case.learn(complaint)

    def _go_on(self, case: StaffCase, complaint: Complaint, at: datetime) -> None:
        """Put the case where its next turn is; one that is over has none."""
        if case.over:
            del self._cases[case.draft.source_id]
            return
        if case.next_step(at) is None:
            case.improvise(at, self.setup)
        due = complaint.next_due
        turn = case.due(at) if due is None else min(case.due(at), due)
        heappush(self._turns, (turn, case.draft.source_id))
