"""Who left a telephone number alone hears by the city's gateway: a real receiver, and the promises of the outbox."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response

from liveroom.accounts.links import add_link
from liveroom.domain.complaints.intake import Reporter
from liveroom.log.erasure import ErasureScope
from liveroom.maintenance.erasure import Eraser
from liveroom.runtime.config import Config, GatewaySettings, MailSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.databases import database
from tests.rooms.post_room import SECRET, PostRoom, go_round_at_leisure
from tests.services.receivers import Mailbox

__all__ = ["database"]
PHONE = Reporter(phone="0812 3456 7890", email=None, name=None)
Opened = Callable[..., PostRoom]


class Phones:
    """A gateway: what it was asked to send, each under its id; ``answers`` are given in turn, then 202."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/send")
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.answers: list[int] = []
        server.expect_request("/send", method="POST").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        said = Webhook(SECRET).verify(request.get_data(), dict(request.headers))
        self.sent.append((request.headers["webhook-id"], said))
        return Response("", self.answers.pop(0) if self.answers else 202)

    @property
    def texts(self) -> list[str]:
        return [said["text"] for _, said in self.sent]


@pytest.fixture
def phones(httpserver: HTTPServer) -> Phones:
    return Phones(httpserver)


@pytest.fixture
def post(
    database: Callable[[], str], phones: Phones, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opened]:
    """Opens rooms with a gateway, and mail unless told otherwise."""
    go_round_at_leisure(monkeypatch)
    rooms = list[PostRoom]()

    def one(*, gateway: str = phones.url, mail: bool = True, **options: Any) -> PostRoom:
        settings = MailSettings(
            host="127.0.0.1" if mail else "", port=mailbox.port, security="none", sender="ruang@kota.example"
        )
        room = PostRoom(
            database(), reach={}, mail=settings, gateway=GatewaySettings(url=gateway, secret=SECRET), **options
        )
        room.courier = room.another_courier(lambda whom, id_, now: f"https://kota.example/lapor/s/{whom}")
        rooms.append(room)
        return room

    yield one
    for room in rooms:
        room.engine.dispose()


def report(post: PostRoom, person: Reporter = PHONE) -> str:
    """One that came by the citizens' page."""
    id_ = post.receive(channel="web", person=person, description="Rahasia saya")
    post.log.write(lambda unit: add_link(unit.connection, f"token-{id_}", id_))
    return id_


def test_a_change_is_told_to_the_number_in_one_form_with_the_link_and_no_word_of_the_report(
    post: Opened, phones: Phones, mailbox: Mailbox
) -> None:
    room = post()
    id_ = report(room)
    room.execute("reply", id_, by="duty", text="Besok ditambal di rumah Ibu")
    room.execute("comment", id_, by="duty", text="catatan dalam")
    room.go_round()
    ((key, said),) = phones.sent
    number = room.complaint(id_).source_id
    text = f"Kota Tangerang, {number}: Petugas membalas laporan Anda. https://kota.example/lapor/s/@citizen"
    assert said == {"to": "+6281234567890", "text": text, "lang": "id"}
    (delivery,) = [one for one in room.deliveries() if one.recipient_kind == "phone"]
    assert key == delivery.id
    assert mailbox.messages == []


def test_what_the_gateway_did_not_take_comes_again_under_the_same_id_and_in_order(post: Opened, phones: Phones) -> None:
    room = post()
    id_ = report(room)
    phones.answers = [503, 401]
    room.execute("reply", id_, by="duty", text="a")
    room.execute("close", id_, by="supervisor", reason="selesai")
    for _ in range(3):
        room.go_round()
        room.later(minutes=20)
    keys = [key for key, _ in phones.sent]
    assert len(keys) == 4
    assert len(set(keys[:3])) == 1
    assert ["selesai" in text for text in phones.texts] == [False, False, False, True]
    assert room.deliveries("waiting") == []


def test_a_gateway_that_is_not_set_up_right_is_told_of_and_a_number_that_takes_none_is_not(
    post: Opened, phones: Phones
) -> None:
    room = post()
    id_ = report(room)
    phones.answers = [422]
    room.execute("reply", id_, by="duty", text="a")
    room.go_round()
    assert room.deliveries("waiting") == []
    assert room.lines() == []
    phones.answers = [401, 401]
    room.execute("reply", id_, by="duty", text="b")
    for _ in range(2):
        room.go_round()
        room.later(minutes=20)
    assert [line["n"] for line in room.lines()] == [1]


def test_a_number_that_costs_or_is_abroad_is_never_called_and_that_is_seen(post: Opened, phones: Phones) -> None:
    room = post()
    numbers = {
        "0809 1 234567": "number_kind",
        "0868 1234567": "number_kind",
        "021 5551234": "number_kind",
        "+65 8123 4567": "number_country",
        "+882 16 1234 5678": "number_country",
        "12345": "number",
    }
    written = {report(room, Reporter(phone=number, email=None, name=None)): code for number, code in numbers.items()}
    for id_ in written:
        room.execute("reply", id_, by="duty", text="a")
    before = len(room.events())
    for _ in range(4):
        room.go_round()
        room.later(hours=7)
    assert phones.sent == []
    told = {one.subject: room.attempts(one) for one in room.deliveries() if one.recipient_kind == "phone"}
    assert {id_: [(one.outcome, one.code) for one in tries] for id_, tries in told.items()} == {
        id_: [("refused", code)] for id_, code in written.items()
    }
    # Given up and not said to be through; nobody is alarmed, and no number is told of anywhere.
    assert room.deliveries("waiting") == []
    assert (room.lines(), len(room.events())) == ([], before)
    assert {one.reason for tries in told.values() for one in tries} == {""}


def test_a_city_may_let_its_gateway_call_a_neighbour(post: Opened, phones: Phones) -> None:
    room = post()
    room.gateway = GatewaySettings(url=phones.url, secret=SECRET, countries=("ID", "SG"))
    room.courier.release()
    room.courier = room.another_courier()
    for number in ("+65 8123 4567", "+60 12 345 6789", "0812 3456 7890"):
        room.execute("reply", report(room, Reporter(phone=number, email=None, name=None)), by="duty", text="a")
    room.go_round()
    assert sorted(said["to"] for _, said in phones.sent) == ["+6281234567890", "+6581234567"]


def test_an_address_goes_before_a_number_and_who_was_erased_is_called_by_nobody(
    post: Opened, phones: Phones, mailbox: Mailbox
) -> None:
    room = post()
    person = Reporter(phone="0812 3456 7890", email="warga@example.org", name=None)
    both = report(room, person)
    erased, odd = report(room), report(room, Reporter(phone="12345", email=None, name=None))
    for id_ in (both, erased, odd):
        room.execute("reply", id_, by="duty", text="a")
    Eraser(room.room, Config(city="tangerang"), ThreadRuntime()).erase((erased,), ErasureScope.PERSON, by="test")
    room.go_round()
    assert phones.sent == []
    assert [str(one["To"]) for one in mailbox.messages] == ["warga@example.org"]
    assert room.deliveries("waiting") == []
    alone = post(mail=False)
    alone.execute("reply", report(alone, person), by="duty", text="a")
    alone.go_round()
    assert [said["to"] for _, said in phones.sent] == ["+6281234567890"]


def test_a_drill_and_a_room_without_a_gateway_call_nobody(post: Opened, phones: Phones) -> None:
    drill, off = post(kind="drill"), post(gateway="")
    for room in (drill, off):
        room.execute("reply", report(room), by="duty", text="a")
        room.go_round()
    assert phones.sent == []
    (delivery,) = [one for one in drill.deliveries() if one.recipient_kind == "phone"]
    assert [(one.channel, one.code, one.reason) for one in drill.attempts(delivery)] == [("sink", "sink", "message")]
    assert [one for one in off.deliveries() if one.recipient_kind in ("phone", "citizen")] == []
