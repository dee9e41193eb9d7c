"""Orders are done once: the same one again gets the same answer, another under the same id is refused."""

from dataclasses import replace
from typing import Any

import pytest

from liveroom.domain.requests import Command, Malformed, Refused, Stale, Unknown
from tests.rooms.standing import StandingRoom


def forward(standing: StandingRoom, **given: Any) -> Command:
    return standing.order("forward", standing.receive(), by="duty", agency="dpupr", **given)


def test_the_same_order_again_gets_the_same_answer_and_logs_nothing(standing: StandingRoom) -> None:
    order = forward(standing)
    done = standing.room.execute(order)
    # What happened since does not matter: the answer is the one given then.
    standing.execute("accept", order.subject, by="agency")
    head = standing.head()
    assert standing.room.execute(order) == done
    assert standing.head() == head


@pytest.mark.parametrize("odd", ["\ud800", 99999999999999999999, float("nan"), {"a": ["\udfff"]}])
def test_what_a_field_that_nobody_reads_holds_does_not_matter(standing: StandingRoom, odd: object) -> None:
    order = standing.order("comment", standing.receive(), by="duty", text="a", unread=odd)
    assert standing.room.execute(order) == standing.room.execute(order)


@pytest.mark.parametrize(
    "change",
    [
        {"fields": {"agency": "dlh"}},
        {"actor": "somebody"},
        {"name": "comment"},
        {"role": "supervisor"},
        {"seen_seq": 0},
        {"subject": "another"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_id_of_an_order_is_good_for_that_order_alone(standing: StandingRoom, change: dict[str, Any]) -> None:
    order = forward(standing)
    standing.room.execute(order)
    head = standing.head()
    with pytest.raises(Malformed) as no:
        standing.room.execute(replace(order, **change))
    assert no.value.field == "command_id"
    assert standing.head() == head


def test_a_refused_order_is_not_remembered(standing: StandingRoom) -> None:
    id_ = standing.receive()
    order = standing.order("accept", id_, by="agency", seen=standing.head().seq)
    with pytest.raises(Refused):
        standing.room.execute(order)
    standing.execute("forward", id_, by="duty", agency="dpupr")
    assert standing.room.execute(replace(order, seen_seq=standing.head().seq)).state == "accepted"


def test_what_nobody_can_have_seen_is_refused(standing: StandingRoom) -> None:
    """After a restore the numbers begin lower: an old one would hide whatever happened since."""
    order = standing.order("comment", standing.receive(), text="halo", seen=standing.head().seq + 1)
    with pytest.raises(Malformed) as no:
        standing.room.execute(order)
    assert no.value.field == "seen_seq"


def test_an_order_on_nothing_is_unknown(standing: StandingRoom) -> None:
    standing.receive()
    with pytest.raises(Unknown):
        standing.execute("comment", "no-such-complaint", text="halo")


def test_who_saw_an_older_card_is_told_who_was_faster(standing: StandingRoom) -> None:
    id_ = standing.receive()
    seen = standing.complaint(id_).seq
    standing.execute("forward", id_, by="duty", actor="sari", agency="dpupr", seen=seen)
    with pytest.raises(Stale) as no:
        standing.execute("forward", id_, by="duty", actor="budi", agency="dlh", seen=seen)
    assert (no.value.actor, no.value.kind, no.value.current.agency) == ("sari", "complaint.forwarded", "dpupr")


def test_comments_resends_and_the_clock_make_nobody_stale(standing: StandingRoom) -> None:
    id_ = standing.receive("L-9")
    seen = standing.complaint(id_).seq
    standing.execute("comment", id_, text="halo", seen=seen)
    standing.accept("L-9", category="jalan_rusak", channel="telepon")
    standing.later(hours=1).tick()
    assert "deadline.passed" in standing.kinds()
    assert standing.execute("forward", id_, by="duty", agency="dpupr", seen=seen).state == "forwarded"


def test_free_text_of_an_order_is_kept_beside_the_event_and_a_refused_one_keeps_none(standing: StandingRoom) -> None:
    id_ = standing.receive()
    standing.execute("comment", id_, text="Ibu Ratna, 0812-3456-7890, menunggu")
    with pytest.raises(Refused):
        standing.execute("send_back", id_, reason="foto kabur")
    (row,) = standing.tables(["text"])["text"]
    assert (row["subject_id"], row["kind"], row["body"]) == (id_, "text", "Ibu Ratna, 0812-3456-7890, menunggu")
    payloads = " ".join(event["payload"] for event in standing.tables(["event"])["event"])
    assert row["id"] in payloads
    assert "Ratna" not in payloads
    assert "0812" not in payloads


@pytest.mark.parametrize("name", ["shelve", "suppress", "acknowledge"])
def test_there_is_no_alarm_of_a_source_that_does_not_exist(standing: StandingRoom, name: str) -> None:
    given = {"about": "alarm", "reason": "r", "rule": "maintenance", "until": "2026-11-24T03:00:00Z"}
    order = standing.order(name, "lost:nobody", **given)
    for act in (standing.room.execute, standing.room.refuse_strangers):
        with pytest.raises(Unknown):
            act(order)
    assert standing.tables(["alarm"])["alarm"] == []


def test_maintenance_of_a_source_is_announced_before_it_is_ever_lost(standing: StandingRoom) -> None:
    standing.sources.add("Lapor", 60)
    given = {"about": "alarm", "reason": "r", "rule": "maintenance", "until": "2026-11-24T03:00:00Z"}
    assert standing.execute("suppress", "lost:lapor", **given).state == "suppressed"
