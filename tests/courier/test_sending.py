"""What is forwarded reaches each agency in its own way, under one key for ever, and the room knows when it did."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook

from liveroom.accounts.sources import set_webhook
from liveroom.domain.requests import Refused
from liveroom.log import schema
from liveroom.room.clock import revoke_source
from liveroom.runtime.config import MailSettings
from tests.rooms.post_room import SECRET, PostRoom
from tests.services.receivers import Mailbox, System, say

Post = Callable[..., PostRoom]


def test_a_forward_writes_a_delivery_for_each_agency_and_a_refused_one_none(post: Post) -> None:
    room = post()
    id_ = room.receive()
    with pytest.raises(Refused):
        room.execute("forward", id_, by="duty", agency="nobody")
    assert room.deliveries() == []
    room.execute("forward", id_, by="duty", agency="dpupr", agencies=["dishub", "dinkes"])
    assert [(one.key, one.cause, one.state) for one in room.deliveries()] == [
        ("dpupr", "complaint.forwarded", "waiting"),
        ("dishub", "complaint.forwarded", "waiting"),
        ("dinkes", "complaint.forwarded", "sent"),  # its page is here: there when it is committed
    ]
    sent = room.sent_to(id_)
    assert (sent["dpupr"], sent["dishub"], sent["dinkes"]) == (None, None, room.now)


def test_mail_tells_number_category_place_and_deadline(post_on_file: Post, mailbox: Mailbox) -> None:
    room = post_on_file()
    id_ = room.receive("L-2026-000123", address="Jl. Merdeka <3>", description="Berlubang & dalam")
    room.execute("forward", id_, by="duty", agency="dpupr")
    room.later(minutes=1).go_round()
    (message,), (delivery,) = mailbox.messages, room.deliveries()
    assert message["Subject"].startswith("Laporan baru · L-2026-000123 · Jalan")
    assert "· batas " in message["Subject"] and "WIB" in message["Subject"]
    assert message["Message-ID"] == f"<{delivery.id}@kota.example>"
    assert message["To"] == room.room.city.agencies["dpupr"].email
    plain = message.get_body(("plain",)).get_content()
    assert "Jl. Merdeka <3>" in plain and "Berlubang & dalam" in plain
    assert plain.index("Nomor: L-2026-000123") < plain.index("Number: L-2026-000123")
    html = message.get_body(("html",)).get_content()
    assert "Jl. Merdeka &lt;3&gt;" in html and "Berlubang &amp; dalam" in html
    assert room.sent_to(id_) == {"dpupr": room.now}
    (sent,) = [one for one in room.events() if one.event.kind == "outbox.sent"]
    assert (sent.event.id, sent.event.fields["agency"], sent.event.fields["channel"]) == (id_, "dpupr", "mail")


def test_a_letter_to_an_agency_has_its_signed_link(post_on_file: Post, mailbox: Mailbox) -> None:
    room = post_on_file()
    id_ = room.forwarded("dpupr")
    room.courier.release()
    room.courier = room.another_courier(
        lambda agency, complaint, _now: f"https://kota.example/{agency}/{complaint}?a&b"
    )
    room.go_round()
    message = mailbox.messages[0]
    plain = message.get_body(("plain",)).get_content().splitlines()
    assert f"https://kota.example/dpupr/{id_}?a&b" in plain
    assert f'href="https://kota.example/dpupr/{id_}?a&amp;b"' in message.get_body(("html",)).get_content()


def test_a_webhook_is_signed_and_carries_the_delivery_as_its_key(post_on_file: Post, system: System) -> None:
    room = post_on_file()
    room.forwarded("dishub", description="lampu mati")
    room.go_round()
    (request,), (delivery,) = system.requests, room.deliveries()
    told = Webhook(SECRET).verify(request.body, request.headers)
    assert request.headers["webhook-id"] == delivery.id == system.ids[0]
    assert (told["type"], told["data"]["description"]) == ("complaint.forwarded", "lampu mati")
    assert "person" not in told["data"]


def test_open311_gets_a_service_request_and_its_number_is_kept(post_on_file: Post, system: System) -> None:
    room = post_on_file()
    room.forwarded("dlh", category="sampah", description="menumpuk")
    room.go_round()
    (request,), (delivery,) = system.requests, room.deliveries()
    form = parse_qs(request.body.decode())
    assert request.path == "/inbox/requests.json"
    assert (form["service_code"], form["api_key"]) == (["sampah"], ["api-key-of-ours"])
    assert "menumpuk" in form["description"][0]
    (attempt,) = room.attempts(delivery)
    assert (attempt.outcome, attempt.code, attempt.reason) == ("delivered", "200", "service_request_id SR-77")
    assert "api-key" not in repr(attempt)


@pytest.mark.parametrize(
    ("said", "noted"),
    [
        (b'[{"service_request_id":null,"token":"t-1"}]', ""),
        (b'{"service_request_id": 4711}', "service_request_id 4711"),
        (rb'[{"service_request_id":"2026\/11 A"}]', "service_request_id 2026/11 A"),
        (b'<g:service_request_id xmlns:g="urn:g">SR 77</g:service_request_id>', "service_request_id SR 77"),
        (b"<service_request_id><![CDATA[12-3]]></service_request_id>", "service_request_id 12-3"),
    ],
)
def test_the_number_is_kept_as_the_agency_writes_it(
    post_on_file: Post, system: System, said: bytes, noted: str
) -> None:
    system.answer = lambda handler, _request: say(handler, 200, said)
    room = post_on_file()
    room.forwarded("dlh", category="sampah")
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.reason) == ("delivered", noted)


def test_a_body_is_made_when_it_is_sent_and_tells_nothing_that_was_erased(post: Post, mailbox: Mailbox) -> None:
    room = post()
    id_ = room.forwarded("dpupr", description="rahasia lama", address="Jl. Lama")
    text = schema.text
    erase = update(text).where(text.c.subject_id == id_, text.c.kind == "description").values(erased_at=1)
    room.log.touch(lambda c: c.execute(erase))
    room.go_round()
    plain = mailbox.messages[0].get_body(("plain",)).get_content()
    assert "rahasia lama" not in plain and "Jl. Lama" in plain


def test_who_has_to_hear_of_what(post: Post, mailbox: Mailbox) -> None:
    room = post()
    id_ = room.forwarded("dpupr")
    room.execute("coordinate", id_, by="duty", agencies=["dishub"])
    room.do_all(id_, "accept", "start", "submit_proof")
    room.execute("send_back", id_, by="duty", reason="foto kabur")
    room.do_all(id_, "submit_proof")
    room.execute("validate", id_, by="duty")
    room.execute("reopen", id_, by="duty", reason="berlubang lagi")
    room.execute("decline", id_, by="agency", of="dpupr", reason="bukan kami")
    assert [(one.key, one.cause) for one in room.deliveries()] == [
        ("dpupr", "complaint.forwarded"),
        ("dishub", "complaint.coordinated"),
        ("dpupr", "complaint.sent_back"),
        ("dpupr", "complaint.reopened"),
        ("dishub", "complaint.reopened"),
    ]
    room.go_round()
    subjects = [message["Subject"].split(" · ")[0] for message in mailbox.messages]
    assert subjects == ["Laporan baru", "Bukti belum diterima", "Dibuka kembali"]


def test_a_question_with_a_time_reaches_who_leads_the_work_and_a_note_nobody(post: Post, mailbox: Mailbox) -> None:
    room = post()
    id_ = room.forwarded("dpupr", "dinkes")
    room.later(minutes=1).go_round()
    room.execute("comment", id_, by="supervisor", text="di antara kita")
    until = (room.now + timedelta(hours=4)).isoformat()
    room.execute("comment", id_, by="leadership", text="Mengapa <lama>?", answer_by=until)
    room.later(minutes=1).go_round()
    _, message = mailbox.messages
    assert message["Subject"].startswith("Pertanyaan · ")
    assert message["To"] == room.room.city.agencies["dpupr"].email
    plain = message.get_body(("plain",)).get_content()
    assert "mohon dijawab sebelum Selasa 24 Nov 2026 13.01 WIB" in plain and "Mengapa <lama>?" in plain
    assert "di antara kita" not in plain


def test_multiples_of_a_deadline_reach_the_offices_of_the_pack(post: Post, mailbox: Mailbox) -> None:
    room = post()
    id_ = room.forwarded("dpupr")
    room.later(days=40).tick()
    told = [(one.recipient_kind, one.key) for one in room.deliveries() if one.cause == "deadline.multiplied"]
    # The head of the agency has no address of its own and is reached through it.
    assert {("agency", "dpupr"), ("office", "secretary"), ("office", "mayor")} == set(told)
    room.go_round()
    to = {message["To"] for message in mailbox.messages if "300" in message["Subject"]}
    assert room.room.city.recipients["mayor"].email in to
    assert id_ == room.deliveries()[0].subject


def test_an_alarm_that_nobody_acknowledges_pages_the_supervisor_by_mail(post: Post, mailbox: Mailbox) -> None:
    room = post()
    room.receive(category="kebakaran")
    room.later(seconds=61).tick()
    room.go_round()
    (message,) = mailbox.messages
    assert message["To"] == "jaga@kota.example"
    assert message["Subject"].startswith("Alarm belum diakui")


def test_a_page_that_one_of_two_addresses_refuses_says_so(post_on_file: Post, mailbox: Mailbox) -> None:
    both = ["old@kota.example", "jaga@kota.example"]
    mailbox.unknown = both[0]
    mail = MailSettings(host="127.0.0.1", port=mailbox.port, security="none", sender="r@kota.example", page_to=both)
    room = post_on_file(mail=mail)
    room.receive(category="kebakaran")
    room.later(seconds=61).tick()
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.reason) == ("delivered", "not to 1 of its addresses: 550 no such mailbox")
    assert len(mailbox.messages) == 1


def test_a_source_that_was_revoked_meanwhile_is_told_nothing_and_nobody_is_alarmed(post: Post, system: System) -> None:
    room = post()
    room.sources.add("Lapor", None)
    set_webhook(room.log, "lapor", system.url)
    id_ = room.receive()
    room.execute("forward", id_, by="duty", agency="dinkes")
    revoke_source(room.room, "Lapor", actor="command-line")
    room.do_all(id_, "accept", "start", of="dinkes")
    room.later(minutes=1).go_round()
    assert system.requests == []
    (delivery,) = [one for one in room.deliveries() if one.recipient_kind == "source"]
    assert (delivery.state, [one.code for one in room.attempts(delivery)]) == ("sent", ["nobody"])
    assert room.lines() == []


def test_a_source_is_told_what_became_of_its_complaint(post: Post, system: System) -> None:
    room = post()
    room.sources.add("Lapor", None)
    secret = set_webhook(room.log, "lapor", system.url)
    id_ = room.until_done()
    room.execute("reply", id_, by="duty", text="sudah ditambal")
    room.accept("X-1", source="another")
    room.go_round()
    told = [Webhook(secret).verify(request.body, request.headers) for request in system.requests]
    assert [one["type"].partition(".")[2] for one in told] == [
        "forwarded",
        "accepted",
        "started",
        "validated",
        "replied",
    ]
    assert told[-1]["data"]["text"] == "sudah ditambal"
    assert {one["data"]["source_id"] for one in told} == {room.complaint(id_).source_id}
    assert json.loads(system.requests[-1].body)["data"]["status"] == "done"
