"""One cause is one alarm: a server that many share is told once, a receiver's own trouble under its own name."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from liveroom.accounts.links import add_link
from liveroom.domain.complaints.intake import Reporter
from liveroom.log.event_log import Transaction
from liveroom.runtime.config import GatewaySettings, MailSettings
from tests.often import often
from tests.rooms.post_room import SECRET, PostRoom
from tests.services.receivers import Mailbox, System

Post = Callable[..., PostRoom]
MANY = often(40)

pytestmark = pytest.mark.often


def told(room: PostRoom) -> dict[str, int]:
    return {str(line["to"]): line["n"] for line in room.lines()}


def alarms(room: PostRoom) -> dict[str, str]:
    return {one.id: one.state.value for one in room.room.alarms_standing(100) if one.id.startswith("lost:outbox")}


def hour(room: PostRoom) -> None:
    for _ in range(8):
        room.later(minutes=8).go_round()


def give_link(unit: Transaction, id_: str) -> None:
    add_link(unit.connection, f"token-{id_}", id_)


def reports(room: PostRoom, **contact: Any) -> None:
    for _ in range(MANY):
        id_ = room.receive(channel="web", person=Reporter(**contact))
        room.log.write(partial(give_link, id_=id_))
        room.execute("reply", id_, by="duty", text="Sedang dilihat")


def test_a_mail_server_that_is_down_is_one_alarm_and_none_when_it_is_back(post_on_file: Post, mailbox: Mailbox) -> None:
    room = post_on_file(reach={"dpupr": {"channel": "mail"}, "dlh": {"channel": "mail"}})
    mailbox.stop()
    reports(room, email="warga@example.org")
    room.forwarded("dpupr", "dlh")
    hour(room)
    (line,) = room.lines()
    assert (line["to"], line["agency"], line["agencies"]) == ("server-mail", None, ["dlh", "dpupr"])
    assert line["n"] >= MANY + 2
    assert alarms(room) == {"lost:outbox:server-mail": "unacked"}
    mailbox.start()
    seen = set(alarms(room))
    for _ in range(4):
        room.later(minutes=8).go_round()
        seen |= set(alarms(room))
    assert (told(room), seen) == ({}, {"lost:outbox:server-mail"})


def test_a_gateway_that_is_down_is_one_alarm(post_on_file: Post, system: System) -> None:
    room = post_on_file(gateway=GatewaySettings(url=system.url, secret=SECRET))
    system.stop()
    reports(room, phone="+6281234567890")
    hour(room)
    assert told(room) == {"server-message": MANY}
    assert alarms(room) == {"lost:outbox:server-message": "unacked"}


def test_what_one_receiver_puts_off_or_refuses_is_told_under_its_name(post_on_file: Post, mailbox: Mailbox) -> None:
    room = post_on_file(reach={"dpupr": {"channel": "mail"}, "dlh": {"channel": "mail"}})
    mailbox.answer = "450 come back later"
    room.forwarded("dpupr")
    hour(room)
    assert told(room) == {"dpupr": 1}
    mailbox.answer = "550 no such office"
    room.forwarded("dlh")
    room.later(minutes=1).go_round()
    assert told(room)["dlh"] == 1
    mailbox.stop()
    reports(room, email="warga@example.org")
    hour(room)
    assert set(told(room)) == {"server-mail"}


def test_citizens_who_are_put_off_are_one_whatever_their_lane(post_on_file: Post, mailbox: Mailbox) -> None:
    room = post_on_file()
    mailbox.answer = "450 come back later"
    reports(room, email="warga@example.org")
    hour(room)
    assert set(told(room)) == {"citizen"}


@pytest.mark.parametrize(
    ("to_sender", "to_receiver", "code"),
    [
        ("553 5.7.1 not a sender of ours", "250 OK", "sender"),
        ("530 5.7.0 log in first", "250 OK", "sender"),
        ("250 OK", "530 5.7.0 log in first", "530"),
    ],
)
def test_a_server_that_does_not_take_us_costs_no_citizen_a_letter(
    post_on_file: Post, mailbox: Mailbox, to_sender: str, to_receiver: str, code: str
) -> None:
    room = post_on_file()
    mailbox.to_sender, mailbox.to_receiver = to_sender, to_receiver
    reports(room, email="warga@example.org")
    hour(room)
    assert {one.code for delivery in room.deliveries() for one in room.attempts(delivery)} == {code}
    assert set(told(room)) == {"server-mail"}
    mailbox.to_sender = mailbox.to_receiver = "250 OK"
    hour(room)
    assert [one.state for one in room.deliveries()].count("waiting") == 0
    assert len(mailbox.messages) >= MANY


def test_a_server_that_puts_whoever_begins_off_is_told_by_its_code(post_on_file: Post, mailbox: Mailbox) -> None:
    room = post_on_file(reach={"dpupr": {"channel": "mail"}})
    mailbox.to_sender = "451 4.3.0 later"
    room.forwarded("dpupr")
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.code, attempt.reason) == ("unreachable", "451", "4.3.0 later")


def test_a_server_without_what_we_need_is_told_in_words(post_on_file: Post, mailbox: Mailbox) -> None:
    mail = MailSettings(host="127.0.0.1", port=mailbox.port, security="starttls", sender="ruang@kota.example")
    room = post_on_file(mail=mail, reach={"dpupr": {"channel": "mail"}})
    room.forwarded("dpupr")
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.code) == ("unreachable", "unsupported")
    assert "STARTTLS" in attempt.reason
