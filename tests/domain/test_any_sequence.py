"""Whatever people, sources and time do in whatever order: the promises of the room hold after every step."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from liveroom.domain.complaints.commands import SPECS, allowed
from liveroom.domain.complaints.model import OPEN, Complaint, Deadline, Stage, State, Status
from liveroom.domain.complaints.settle import settle
from liveroom.domain.events import Kind
from liveroom.domain.policy import Policy
from liveroom.domain.requests import Code, CommandName, Refused, Role
from liveroom.domain.timestamps import to_text
from tests.domain.little_room import LittleRoom
from tests.often import often
from tests.rooms.city import NEVER_PAUSES, POLICY, WARNS

IDS = ("c1", "c2", "c3", "c4")
AGENCIES = ("pupr", "dlh", "bpbd")
GENERAL = {Code.ROLE, Code.NOT_YOUR_COMPLAINT, Code.STATE}
ROLES = (Role.SUPERVISOR, Role.AGENCY)
UNMOVED = (CommandName.COMMENT, CommandName.REPLY, CommandName.CLAIM, CommandName.RELEASE, CommandName.RATE)
WORDS = {(name, by, of) for name in UNMOVED for by in Role for of in AGENCIES}
STEPS = {
    State.RECEIVED: CommandName.FORWARD,
    State.FORWARDED: CommandName.ACCEPT,
    State.ACCEPTED: CommandName.START,
    State.WORKING: CommandName.SUBMIT_PROOF,
    State.PROOF_SUBMITTED: CommandName.VALIDATE,
    State.DONE: CommandName.REOPEN,
    State.MERGED: CommandName.SPLIT,
}
SPANS = st.integers(0, 60 * 24 * 6)


def fields_of(draw: Any, name: CommandName, room: LittleRoom) -> dict[str, Any]:
    agency, agencies = st.sampled_from(AGENCIES), st.lists(st.sampled_from(AGENCIES), max_size=3)
    ahead = SPANS.map(lambda minutes: to_text(room.now + timedelta(minutes=minutes)))
    choices: dict[CommandName, dict[str, st.SearchStrategy[Any]]] = {
        CommandName.TRIAGE: {
            "category": st.sampled_from([None, "banjir", "jalan_rusak", "pertanyaan", "naga"]),
            "class": st.sampled_from([None, "darurat", "mendesak", "biasa"]),
            "priority": st.sampled_from(["critical", "urgent", "normal"]),
        },
        CommandName.FORWARD: {"agency": agency, "agencies": agencies},
        CommandName.COORDINATE: {"agencies": agencies},
        CommandName.HOLD: {"until": ahead},
        CommandName.EXTEND: {"due_at": SPANS.map(lambda minutes: to_text(room.now + timedelta(minutes=3 * minutes)))},
        CommandName.RATE: {"score": st.sampled_from("12345")},
        CommandName.MERGE: {"into": st.sampled_from([*IDS, "none"])},
        CommandName.SPLIT: {"child": st.sampled_from([None, *IDS])},
        CommandName.REFER_OUTSIDE: {"outside": st.sampled_from(["bbws", "pupr"])},
    }
    drawn = {field: draw(strategy) for field, strategy in choices.get(name, {}).items()}
    return {field.name: "teks" for field in SPECS[name].fields if field.text} | drawn


class Room(RuleBasedStateMachine):
    """Four complaints, any command by anybody, sources that resend, and time that passes."""

    policy: Policy = POLICY

    def __init__(self) -> None:
        super().__init__()
        self.room = LittleRoom(self.policy)
        self.passed: dict[tuple[str, Stage], Deadline] = {}

    @initialize(data=st.data())
    def open(self, data: st.DataObject) -> None:
        for id_ in IDS:
            self.room.receive(id_, category=data.draw(st.sampled_from(["banjir", "jalan_rusak"])), description=id_)

    @rule(minutes=st.one_of(st.integers(0, 90), SPANS))
    def wait(self, minutes: int) -> None:
        self.room.later(minutes=minutes)

    @rule(id_=st.sampled_from(IDS))
    def judge(self, id_: str) -> None:
        self.room.settle(id_)
        assert settle(self.room[id_], self.room.now) == ()

    @rule(id_=st.sampled_from(IDS), data=st.data())
    def resend(self, id_: str, data: st.DataObject) -> None:
        said = {
            "category": data.draw(st.sampled_from(["banjir", "jalan_rusak", "ufo"])),
            "priority": data.draw(st.sampled_from([None, "critical", "urgent", "normal"])),
            "closed_at": data.draw(st.sampled_from([*[None] * 9, self.room.now])),
        }
        before = self.room[id_]
        self.room.resend(id_, **said)
        after = self.room[id_]
        ranks = self.policy.classes
        assert ranks[after.class_].rank <= ranks[before.class_].rank
        assert before.open or after.state is before.state

    @rule(
        id_=st.sampled_from(IDS),
        name=st.sampled_from(CommandName),
        by=st.sampled_from(Role),
        of=st.sampled_from(AGENCIES),
        data=st.data(),
    )
    def anything(self, id_: str, name: CommandName, by: Role, of: str, data: st.DataObject) -> None:
        self.attempt(id_, name, by=by, of=of, data=data)

    @rule(id_=st.sampled_from(IDS), data=st.data())
    def something_possible(self, id_: str, data: st.DataObject) -> None:
        self.room.settle(id_)
        people = [(by, of) for by in ROLES for of in self.room[id_].agencies or AGENCIES]
        offered = sorted({(name, by, of) for by, of in people for name in allowed(self.room[id_], by, of)} - WORDS)
        if offered:
            name, by, of = data.draw(st.sampled_from(offered))
            self.attempt(id_, name, by=by, of=of, data=data)

    @rule(id_=st.sampled_from(IDS), data=st.data())
    def the_next_step(self, id_: str, data: st.DataObject) -> None:
        self.room.settle(id_)
        complaint = self.room[id_]
        name = CommandName.RESUME if complaint.paused else STEPS.get(complaint.state)
        if name is not None:
            by = Role.AGENCY if Role.AGENCY in SPECS[name].roles else Role.DUTY
            self.attempt(id_, name, by=by, of=complaint.agency or "pupr", data=data)

    def attempt(self, id_: str, name: CommandName, *, by: Role, of: str, data: st.DataObject) -> None:
        fields = fields_of(data.draw, name, self.room)
        self.room.settle(id_)
        before, length = dict(self.room.complaints), len(self.room.log)
        offered = name in allowed(before[id_], by, of)
        try:
            kinds = self.room.execute(name, id_, by=by, of=of, actor=data.draw(st.sampled_from(["a", "b"])), **fields)
        except Refused as refused:
            assert self.room.complaints == before, "a refusal leaves nothing behind"
            assert len(self.room.log) == length
            assert refused.code in GENERAL | SPECS[name].refuses
            return
        assert offered, "what was not offered was done"
        assert kinds or name in (CommandName.CLAIM, CommandName.RELEASE)

    @precondition(lambda self: self.room.log)
    @invariant()
    def the_log_alone_says_the_same(self) -> None:
        assert self.room.replayed() == self.room.complaints

    @invariant()
    def every_complaint_is_possible(self) -> None:
        for complaint in self.room.complaints.values():
            check(complaint)
            for child in complaint.children if complaint.open else ():
                assert self.room[child].state is State.MERGED
                assert self.room[child].merged_into == complaint.id
            if complaint.state is State.MERGED:
                assert complaint.id in self.room[complaint.merged_into or ""].children

    @invariant()
    def received_is_the_sum_of_what_became_of_it(self) -> None:
        counted = {status: 0 for status in Status}
        for complaint in self.room.complaints.values():
            counted[complaint.status] += 1
        received = [one for one in self.room.log if one.event.kind is Kind.RECEIVED]
        assert sum(counted.values()) == len(received)

    @invariant()
    def a_broken_promise_stays_broken_unless_it_is_another_promise(self) -> None:
        for complaint in self.room.complaints.values():
            now = {(complaint.id, stage): deadline for stage, deadline in deadlines(complaint)}
            for key, was in list(self.passed.items()):
                if key[0] == complaint.id and key in now and not now[key].passed:
                    assert now[key].due > was.due or now[key].start != was.start
                    del self.passed[key]
            self.passed |= {key: deadline for key, deadline in now.items() if deadline.passed}


def deadlines(complaint: Complaint) -> list[tuple[Stage, Deadline]]:
    found = zip(Stage, (complaint.forward, complaint.accept, complaint.finish, complaint.reply), strict=True)
    return [(stage, deadline) for stage, deadline in found if deadline is not None]


def check(complaint: Complaint) -> None:
    """What no order of events may ever bring about."""
    agencies = set(complaint.agencies)
    assert set(complaint.proved_by) <= set(complaint.accepted_by) <= agencies
    assert len(agencies) == len(complaint.agencies)
    if complaint.state is State.RECEIVED:
        assert not agencies
    if complaint.agencies:
        assert complaint.agency == complaint.agencies[0]
    if complaint.status is Status.IN_PROCESS:
        assert complaint.agency in complaint.accepted_by
    assert (complaint.state is State.PROOF_SUBMITTED) <= (complaint.submitted_by is not None)
    ended = complaint.status not in OPEN
    assert ended == (complaint.closed_at is not None) == (complaint.closed_day is not None)
    if ended:
        assert not complaint.overdue
        assert complaint.next_due is None
        assert complaint.paused is None
    if complaint.paused is None:
        assert complaint.paused_at is None
        assert complaint.paused_until is None
        assert (complaint.stopped_at is not None) == ended
    assert all(start <= end for start, end in complaint.stops)
    for _, deadline in deadlines(complaint):
        check_marks(deadline)


def check_marks(deadline: Deadline) -> None:
    """In order, and none logged before the one that comes first."""
    marks = [deadline.warn_at or deadline.due, deadline.due, *(multiple.at for multiple in deadline.multiples)]
    assert marks == sorted(marks)
    assert 0 <= deadline.multiplied <= len(deadline.multiples)
    assert deadline.passed or not deadline.multiplied


class RoomThatNeverPauses(Room):
    policy = NEVER_PAUSES


class RoomThatWarns(Room):
    policy = WARNS


TestRoom = Room.TestCase
TestRoom.settings = settings(max_examples=often(60), stateful_step_count=40)
TestRoomThatNeverPauses = RoomThatNeverPauses.TestCase
TestRoomThatNeverPauses.settings = settings(max_examples=often(30), stateful_step_count=40)
TestRoomThatWarns = RoomThatWarns.TestCase
TestRoomThatWarns.settings = settings(max_examples=often(40), stateful_step_count=40)
