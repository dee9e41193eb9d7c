"""Receivers that are away, slow or hostile: nothing is lost or doubled, nobody else waits, and the room sees it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partialmethod
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from liveroom.domain.alarms.model import Alarm
from liveroom.domain.requests import Malformed, Refused
from liveroom.log.backup import backup
from liveroom.maintenance.restore import replace_room
from liveroom.room.commands.outbox import release
from liveroom.runtime.http_client import BoundedClient
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.post_room import PostRoom
from tests.services.receivers import Mailbox, Request, System, say
from tests.services.wait import until

Post = Callable[..., PostRoom]


def test_an_hour_without_mail_and_web_loses_nothing_and_is_seen(post: Post, mailbox: Mailbox, system: System) -> None:
    room = post()
    mailbox.stop()
    system.stop()
    first = an_hour(room)[0]
    assert [one.state for one in room.deliveries()] == ["waiting"] * 31
    # Stuck: an alarm, a line for the wall with its count, and attempts with the reason.
    assert {line["to"]: line["n"] for line in room.lines()} == {"server-mail": 9, "dishub": 8, "dlh": 8}
    assert [line["agencies"] for line in room.lines()] == [[line["agency"] or "dpupr"] for line in room.lines()]
    assert {(one.state, one.priority, one.kind) for one in alarms(room)} == {("unacked", 2, "lost")}
    tried = room.attempts(room.deliveries()[0])
    assert 5 <= len(tried) <= 20, "pauses grow"
    assert {(one.outcome, one.code) for one in tried} == {("unreachable", "closed_port")}

    mailbox.start()
    system.start()
    room.later(minutes=20).go_round()
    assert [one.state for one in room.deliveries()] == ["sent"] * 31
    assert room.lines() == []
    assert {one.state for one in alarms(room)} == {"returned"}
    assert len(mailbox.messages) == 11 and len(system.ids) == len(set(system.ids)) == 20
    subjects = [one["Subject"].split(" · ") for one in mailbox.messages]
    of_first = [opening for opening, number, *_ in subjects if number == room.complaint(first).source_id]
    assert of_first == ["Laporan baru", "Bukti belum diterima"]
    wanted = [one.id for one in room.deliveries() if one.key == "dishub"]
    assert [id_ for id_ in system.ids if id_ in wanted] == wanted


def an_hour(room: PostRoom) -> list[str]:
    """Sixty minutes, a forward in every sixth; what changes meanwhile is still owed to whom it was forwarded."""
    ids = []
    for minute in range(60):
        room.later(minutes=1)
        if minute % 6 == 0:
            ids.append(room.forwarded("dpupr", "dishub", "dlh"))
        if minute == 30:
            room.do_all(ids[0], "accept", "start", "submit_proof")
            room.execute("send_back", ids[0], by="duty", reason="foto kabur")
            room.execute("close", ids[1], reason="selesai")
        room.go_round()
    return ids


def alarms(room: PostRoom) -> list[Alarm]:
    return [alarm for to in ("server-mail", "dishub", "dlh") if (alarm := room.alarm(f"lost:outbox:{to}"))]


def test_one_that_never_answers_delays_nobody_else(
    post_on_file: Post, mailbox: Mailbox, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An attempt that ended meanwhile would wait for its next turn, which in a room whose time stands never comes.
    monkeypatch.setattr(BoundedClient, "__init__", partialmethod(BoundedClient.__init__, seconds=300.0, step=300.0))
    held = threading.Event()
    system.answer = lambda handler, _request: (held.wait(120), say(handler, 200))
    room = post_on_file()
    room.runtime = ThreadRuntime()
    room.forwarded("dishub")
    room.go_round()
    until(lambda: system.requests, why="the first request to hang")
    room.forwarded("dpupr", "dishub")
    room.go_round()
    until(lambda: mailbox.messages, why="the letter of the other agency")
    assert len(system.requests) == 1
    held.set()
    until(lambda: room.go_round() and {one.state for one in room.deliveries()} == {"sent"}, why="all to be through")


def test_a_no_to_one_lets_the_others_through_and_keeps_its_own_order(post_on_file: Post, system: System) -> None:
    room = post_on_file()
    first, second = room.forwarded("dishub"), room.forwarded("dishub")
    room.do_all(first, "accept", "start", "submit_proof", of="dishub")
    room.execute("send_back", first, by="duty", reason="foto kabur")

    def picky(handler: BaseHTTPRequestHandler, request: Request) -> None:
        say(handler, 422 if first.encode() in request.body else 200, b"not this one" * 1000)

    system.answer = picky
    room.go_round()
    states = {one.subject: one.state for one in room.deliveries() if one.cause == "complaint.forwarded"}
    assert states == {first: "waiting", second: "sent"}
    assert len(system.requests) == 2, "what follows on the same complaint waits for it"
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.code) == ("refused", "422")
    assert len(attempt.reason) <= 200


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda handler: say(handler, 302, Location="http://127.0.0.1:9/inside"), "302"),
        (lambda handler: say(handler, 500, b"<html>" + b"x" * 5_000_000), "500"),
        (lambda handler: endless(handler, 200), "200"),
        (lambda handler: dripping(handler), "timeout"),
    ],
    ids=["redirect", "huge", "endless", "dripping"],
)
def test_a_hostile_receiver_is_bounded(
    post_on_file: Post, system: System, monkeypatch: pytest.MonkeyPatch, answer: Callable[..., None], code: str
) -> None:
    if code == "timeout":  # the others are bounded by what they say, however long it takes here
        monkeypatch.setattr(BoundedClient, "__init__", partialmethod(BoundedClient.__init__, seconds=1.0))
    system.answer = lambda handler, _request: answer(handler)
    room = post_on_file()
    room.forwarded("dishub")
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert attempt.code == code and len(system.requests) == 1
    assert attempt.took_ms < 30_000 and len(attempt.reason) <= 200


def endless(handler: BaseHTTPRequestHandler, status: int) -> None:
    handler.send_response(status)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        return


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A header that never ends, a byte at a time: no single read is late."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not handler.wfile.closed:
            handler.wfile.write(b"x")
            threading.Event().wait(0.05)
    except OSError:
        return


def test_mail_that_is_refused_for_good_says_why(post_on_file: Post, mailbox: Mailbox) -> None:
    mailbox.answer = "550 no such office"
    room = post_on_file()
    room.forwarded("dpupr")
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.code, attempt.reason) == ("refused", "550", "no such office")


def test_what_is_refused_for_good_is_stuck_at_once_until_it_is_through(post: Post, mailbox: Mailbox) -> None:
    mailbox.answer = "550 no such office"
    room = post()
    id_ = room.forwarded("dpupr")
    room.go_round()
    room.go_round()
    (line,) = room.lines()
    assert (line["agency"], line["n"]) == ("dpupr", 1)
    assert room.alarm("lost:outbox:dpupr").state == "unacked"
    mailbox.answer = "250 OK"
    (delivery,) = room.deliveries()
    room.room.execute(room.order("resend", delivery.id, about="outbox"))
    room.go_round()
    assert room.lines() == []
    assert room.sent_to(id_) == {"dpupr": room.now}


def test_known_until_friday_is_no_alarm_until_then(post: Post, system: System) -> None:
    system.stop()
    room = post()
    room.forwarded("dishub")
    room.later(minutes=20).go_round()
    room.later(minutes=1).go_round()
    (delivery,) = room.deliveries()
    assert room.alarm("lost:outbox:dishub").state == "unacked"
    until_ = room.now.replace(hour=room.now.hour + 2)
    with pytest.raises(Refused):
        room.room.execute(
            room.order("know", delivery.id, by="duty", about="outbox", until=until_.isoformat(), reason="mati lampu")
        )
    with pytest.raises(Malformed):
        room.room.execute(room.order("know", delivery.id, about="outbox", until=until_.isoformat()))
    room.room.execute(room.order("know", delivery.id, about="outbox", until=until_.isoformat(), reason="mati lampu"))
    room.later(minutes=1).go_round()
    assert room.lines() == [] and room.alarm("lost:outbox:dishub").state == "returned"
    assert room.deliveries()[0].state == "waiting", "it is still tried"
    room.at(until_).later(minutes=1).go_round()
    assert room.alarm("lost:outbox:dishub").state == "unacked"


def test_sent_again_by_hand_it_has_the_same_key(post: Post, system: System) -> None:
    room = post()
    room.forwarded("dishub")
    room.go_round()
    (delivery,) = room.deliveries()
    done = room.room.execute(room.order("resend", delivery.id, about="outbox"))
    assert done.state == "waiting"
    room.go_round()
    assert system.ids == [delivery.id] * 2
    assert room.deliveries()[0].state == "sent"


def test_a_drill_sends_nothing_out(post_on_file: Post, mailbox: Mailbox, system: System) -> None:
    room = post_on_file(kind="drill")
    room.sources.add("Lapor", None)
    room.forwarded("dpupr", "dishub", "dlh")
    room.later(days=40).tick()
    room.go_round()
    assert (mailbox.messages, system.requests) == ([], [])
    assert {one.state for one in room.deliveries()} == {"sent"}
    tried = {attempt.channel for one in room.deliveries() for attempt in room.attempts(one)}
    assert tried == {"sink"}


def test_a_restored_log_sends_nothing_until_somebody_releases_it(post: Post, system: System, tmp_path: Path) -> None:
    room, file = post(), tmp_path / "room.backup"
    room.forwarded("dishub")
    backup(room.log, file)
    room.go_round()
    (key,) = system.ids
    room.log.touch(lambda c: replace_room(c, file, kind="test", city="tangerang", note=lambda _: None))
    room.forwarded("dishub")
    room.go_round()
    assert system.ids == [key]
    assert room.room.unit(lambda work: release(work, actor="kepala"))
    room.go_round()
    assert system.ids[:2] == [key, key] and len(system.ids) == 3
    assert not room.room.unit(lambda work: release(work, actor="kepala"))


def test_a_second_courier_stands_by(post: Post, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    room = post()
    other = room.another_courier()
    for courier in (room.courier, other):  # a lease that does not lapse between two lines on a slow machine
        monkeypatch.setattr(courier._lease, "_lasts", timedelta(hours=1))
    assert room.go_round()
    room.forwarded("dishub")
    assert not other.step(room.runtime)
    assert system.requests == []
    room.courier.release()
    assert other.step(room.runtime)
    assert len(system.requests) == 1
