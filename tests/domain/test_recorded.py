"""What the log holds of an event is byte for byte what it held before payloads had types, read and written."""

from pathlib import Path

import pytest

from liveroom.domain.events import PAYLOADS, Kind, Subject
from liveroom.domain.timestamps import to_micros
from liveroom.log import event_log
from tests.domain.alarm_room import AlarmRoom
from tests.domain.little_room import START
from tests.domain.payloads import EXAMPLES
from tests.rooms.city import wib

# Lines `KIND JSON` of a room's day, recorded when every payload was a plain mapping.
DAY = Path(__file__).with_name("recorded_day.txt").read_text().splitlines()


def row(kind: str, payload: str) -> dict[str, object]:
    return {
        "seq": 1,
        "kind": kind,
        "subject": Subject.COMPLAINT.value,
        "subject_id": "c1",
        "at": to_micros(START),
        "logged_at": to_micros(START),
        "mark": "m",
        "actor": "sari",
        "payload": payload,
    }


def day() -> list[str]:
    """A day in which most things are said, as `KIND JSON`."""
    room = AlarmRoom()
    room.receive(lat=-6.17, lon=106.63, priority="critical", reported_at=wib("24 08:59"))
    room.resend(description="again", lat=-6.18, lon=106.64)
    room.answer("acknowledge", "critical:c1", screen="meja-1")
    room.execute("triage", category="banjir", agency="bpbd")
    room.execute("claim", by="duty", actor="sari")
    room.execute("comment", by="supervisor", text="t2", answer_by="2026-11-24T09:00:00Z")
    room.execute("forward", by="duty", agency="pupr", agencies=["dlh"], actor="sari")
    room.execute("comment", by="agency", of="pupr", text="t3")
    room.execute("decline", by="agency", of="dlh", reason="t4")
    room.do_all("c1", "accept", "start")
    room.later(hours=1).execute("ask", by="duty", text="t5")
    room.later(hours=1).execute("answer", by="duty", text="t6")
    room.execute("hold", by="supervisor", reason="t7", until="2026-11-24T08:00:00Z")
    room.later(minutes=5).execute("resume", by="supervisor")
    room.execute("submit_proof", by="agency", note="t8", media=["https://example.org/1.jpg"])
    room.execute("send_back", by="duty", reason="t9")
    room.execute("submit_proof", by="agency")
    room.execute("validate", by="duty")
    room.execute("reopen", by="supervisor", reason="t10")
    room.receive("c2")
    room.receive("c3")
    room.execute("merge", "c2", by="duty", into="c3")
    room.execute("split", "c2", by="duty")
    room.execute("reject", "c2", by="supervisor", reason="t11")
    room.at("26 09:00").settle("c3")
    for name, fields in (("shelve", {"until": "2026-11-26T03:00:00Z"}), ("unshelve", {})):
        room.answer(name, "passed:c3", by="supervisor", **({"reason": "t12"} | fields if fields else {}))
    room.execute("close", "c3", by="supervisor", reason="t13")
    room.source("lost")
    room.source("ok")
    return [f"{one.event.kind} {event_log.row_of(one)['payload']}" for one in room.log]


@pytest.mark.parametrize("line", EXAMPLES)
def test_a_payload_read_and_written_is_the_same_text(line: str) -> None:
    kind, payload = line.split(" ", 1)
    logged = event_log.logged_of(row(kind, payload))
    assert isinstance(logged.event.payload, PAYLOADS[kind])
    assert event_log.row_of(logged)["payload"] == payload


def test_there_is_an_example_of_every_kind() -> None:
    assert {line.split(" ", 1)[0] for line in EXAMPLES} == set(PAYLOADS) == set(Kind)


def test_a_day_is_written_as_ever() -> None:
    assert day() == DAY


def test_what_a_later_release_adds_is_left_out_and_what_an_earlier_one_lacked_is_its_default() -> None:
    old = event_log.logged_of(row("complaint.commented", '{"mood":"fine","text":"t1"}')).event.fields
    assert old == {"text": "t1"}
    found = event_log.logged_of(row("deadline.passed", '{"stage":"forward"}')).event.fields
    assert found == {"stage": "forward", "due_at": None}
