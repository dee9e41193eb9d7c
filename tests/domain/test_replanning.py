"""A changed policy: what is open follows it, what an officer decided stays, and what is logged is not undone by it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.domain.complaints.model import DeadlineClock, Stage, State
from liveroom.domain.events import Kind
from liveroom.domain.policy import Policy, Span
from liveroom.domain.timestamps import to_text
from tests.domain.little_room import LittleRoom
from tests.domain.stages import room_with
from tests.domain.test_any_sequence import check
from tests.rooms.city import POLICY, WARNS, wib

OPEN_STATES = [State.RECEIVED, State.FORWARDED, State.ACCEPTED, State.WORKING, State.PROOF_SUBMITTED]
ENDED = [State.DONE, State.NOT_OURS, State.REJECTED, State.MERGED]


def finishing(days: int, policy: Policy = POLICY, class_: str = "biasa", **others: Span) -> Policy:
    """The policy with another time to finish a class; ``others`` are its other stages."""
    rule = policy.classes[class_]
    spans = {**rule.spans, Stage.FINISH: Span(days=days), **{Stage(stage): span for stage, span in others.items()}}
    return replace(policy, classes={**policy.classes, class_: replace(rule, spans=spans)})


def placing(classes: Mapping[str, str], policy: Policy = POLICY) -> Policy:
    """The policy with categories in other classes."""
    changed = {key: replace(policy.categories[key], class_=class_) for key, class_ in classes.items()}
    return replace(policy, categories={**policy.categories, **changed})


def received(policy: Policy = POLICY, **report: object) -> LittleRoom:
    room = LittleRoom(policy)
    room.receive(**report)
    return room


@pytest.mark.parametrize("state", OPEN_STATES)
def test_open_ones_follow_from_their_first_start(state: State) -> None:
    room = room_with(state)
    assert room.replan(finishing(2)) == [Kind.REPLANNED]
    assert room["c1"].finish.due == wib("26 16:00")
    assert room["c1"].state is state
    assert set(room.log[-1].event.fields) == {"deadlines"}
    assert set(room.log[-1].event.fields["deadlines"]) == {"finish"}
    assert room.replayed() == room.complaints


@pytest.mark.parametrize("state", ENDED)
def test_ended_ones_are_untouched(state: State) -> None:
    room = room_with(state)
    assert room.replan(placing({"jalan_rusak": "darurat"}, finishing(2))) == []


@pytest.mark.parametrize("state", OPEN_STATES)
def test_the_same_policy_changes_nothing_and_a_new_one_only_once(state: State) -> None:
    room = room_with(state)
    assert room.replan(room.policy) == []
    assert room.replan(finishing(3)) == [Kind.REPLANNED]
    assert room.later(minutes=10).replan(room.policy) == []


def test_a_stage_that_is_over_is_not_judged_by_a_later_policy() -> None:
    room = LittleRoom().until_working()
    before = room["c1"]
    minute = Span(minutes=1, clock=DeadlineClock.CALENDAR)
    assert room.later(hours=1).replan(finishing(5, forward=minute, accept=minute)) == []
    assert room["c1"] == before


def test_an_answered_reply_is_not_promised_again() -> None:
    room = LittleRoom().until_working()
    room.execute("reply", by="duty", text="sudah")
    assert room.replan(finishing(5, reply=Span(days=1))) == []
    assert room["c1"].reply is None


def test_another_class_of_the_category() -> None:
    room = received()
    room.replan(placing({"jalan_rusak": "darurat"}))
    assert (room["c1"].class_, room["c1"].priority) == ("darurat", "critical")
    assert room["c1"].forward.due == wib("24 09:02")


def test_an_officers_class_stays() -> None:
    room = received()
    room.execute("triage", by="duty", **{"class": "mendesak"})
    assert room.replan(placing({"jalan_rusak": "darurat"})) == []
    assert room["c1"].class_ == "mendesak"


def test_an_officers_class_that_is_no_more_gives_way_to_the_categorys() -> None:
    room = received()
    room.execute("triage", by="duty", **{"class": "biasa"})
    rest = {key: rule for key, rule in POLICY.classes.items() if key != "biasa"}
    policy = replace(placing({"jalan_rusak": "mendesak", "pertanyaan": "mendesak"}), classes=rest)
    room.replan(replace(policy, default_class="mendesak"))
    assert (room["c1"].class_, room["c1"].priority) == ("mendesak", "urgent")


def test_urgent_stays_urgent() -> None:
    room = received(priority="urgent")
    assert room.replan(placing({"pertanyaan": "mendesak"})) == []
    assert room["c1"].class_ == "mendesak"


def test_an_extension_stays_while_it_is_later() -> None:
    room = LittleRoom().until_working()
    room.execute("extend", due_at=to_text(wib("12-04 12:00")), reason="alat")
    assert room.replan(finishing(2), extended=True) == []
    assert room["c1"].finish.due == wib("12-04 12:00")
    room.replan(finishing(20), extended=True)
    assert room["c1"].finish.due > wib("12-04 12:00")


def test_passed_stays_passed_when_the_new_due_lies_behind_too() -> None:
    room = LittleRoom().until_working()
    room.at("12-04 10:00").settle()
    assert room["c1"].overdue
    assert room.replan(finishing(6)) == [Kind.REPLANNED]
    assert room["c1"].overdue
    assert room.later(days=1).settle() == []


def test_no_longer_overdue_when_the_new_due_lies_ahead_and_passed_anew_when_it_comes() -> None:
    room = LittleRoom().until_working()
    room.at("12-02 10:00").settle()
    assert room["c1"].overdue
    room.replan(finishing(8))
    assert not room["c1"].overdue
    assert room.at("12-04 16:00").settle() == [Kind.DEADLINE_PASSED]


def test_what_a_shorter_time_puts_behind_is_told_by_one_inherited_event() -> None:
    room = LittleRoom(WARNS).until_working()
    room.at("26 10:00").settle()
    assert room.replan(finishing(1, WARNS, reply=Span(days=1))) == [Kind.REPLANNED, Kind.DEADLINE_PASSED]
    told = room.log[-1].event
    assert (told.at, told.fields["stage"]) == (wib("25 16:00"), "finish")
    assert told.fields["inherited"]
    assert set(told.fields["stages"]) == {"finish", "reply"}
    assert room["c1"].overdue
    assert room.settle() == []
    assert room["c1"].next_due > room.now


def test_multiples_that_a_shorter_time_puts_behind_are_not_told_of_one_that_had_passed() -> None:
    room = LittleRoom(WARNS).until_working()
    room.at("12-02 10:00").settle()
    assert (room["c1"].overdue, room["c1"].escalation) == (True, 0)
    assert room.replan(finishing(2, WARNS)) == [Kind.REPLANNED]
    assert room["c1"].escalation == 200
    assert room.settle() == []


def test_time_that_stood_still_counts_in_the_new_plan_too() -> None:
    room = LittleRoom().until_working()
    room.at("24 10:00").execute("hold", reason="r", until=to_text(wib("25 10:00")))
    room.at("24 12:00").replan(finishing(3))
    assert room["c1"].finish.due == wib("30 16:00"), "the 27th, and a working day more"
    room.execute("resume")
    assert room["c1"].finish.due == wib("30 10:00"), "held two working hours"


POLICIES = st.builds(
    lambda days, moved: placing(moved, finishing(days, WARNS)),
    st.integers(1, 9),
    st.dictionaries(st.sampled_from(["jalan_rusak", "pertanyaan"]), st.sampled_from(["biasa", "mendesak"])),
)
MOMENTS = st.lists(st.integers(0, 60 * 24 * 4), min_size=1, max_size=5)


@given(policies=st.lists(POLICIES, min_size=1, max_size=4), waits=MOMENTS, state=st.sampled_from(OPEN_STATES))
def test_any_policies_at_any_time_keep_the_promises_of_the_room(
    policies: list[Policy], waits: list[int], state: State
) -> None:
    room = LittleRoom(WARNS)
    brought = room_with(state)
    room.complaints, room.log, room.now = brought.complaints, brought.log, brought.now
    for minutes, policy in zip(waits, policies, strict=False):
        room.later(minutes=minutes).replan(policy)
        assert room.replan(policy) == [], "once is enough"
        assert room.settle() == [], "nothing of the past is left to fire"
        check(room["c1"])
        assert room.replayed() == room.complaints
