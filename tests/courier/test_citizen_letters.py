"""Each change reaches the citizen who left an address: by a real mail server, and nobody once they were erased."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import update

from liveroom.accounts.links import add_link
from liveroom.domain.complaints.intake import Reporter
from liveroom.log import schema
from liveroom.runtime.config import MailSettings
from tests.rooms.databases import database
from tests.rooms.post_room import PostRoom, go_round_at_leisure
from tests.services.receivers import Mailbox

__all__ = ["database"]
ADDRESS = "warga@example.org"


@pytest.fixture
def post(database: Callable[[], str], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostRoom]:
    go_round_at_leisure(monkeypatch)
    settings = MailSettings(host="127.0.0.1", port=mailbox.port, security="none", sender="ruang@kota.example")
    room = PostRoom(database(), reach={}, mail=settings)
    room.courier = room.another_courier(lambda whom, id_, now: f"https://kota.example/lapor/s/{whom}")
    yield room
    room.engine.dispose()


def report(post: PostRoom, **said: Any) -> str:
    """One that came by the citizens' page."""
    person = Reporter(email=ADDRESS, phone=None, name=None)
    id_ = post.receive(channel="web", person=person, description="Rahasia saya", **said)
    post.log.write(lambda unit: add_link(unit.connection, f"token-{id_}", id_))
    return id_


def test_a_change_and_a_reply_are_told_with_the_link_and_nothing_of_the_report(
    post: PostRoom, mailbox: Mailbox
) -> None:
    id_ = report(post)
    post.execute("reply", id_, by="duty", text="Besok ditambal")
    post.execute("comment", id_, by="duty", text="catatan dalam")
    post.go_round()
    letters = [one for one in mailbox.messages if ADDRESS in str(one["To"])]
    assert [str(one["Subject"]).partition(" · ")[2] for one in letters] == ["Balasan petugas"]
    body = letters[0].get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Besok ditambal" in text
    assert "https://kota.example/lapor/s/@citizen" in text
    assert "Rahasia" not in text
    assert "catatan" not in text


def test_whose_report_was_merged_hears_how_the_other_goes_on_and_once_that_it_is_done(
    post: PostRoom, mailbox: Mailbox
) -> None:
    stranger = post.receive(channel="web", person=Reporter(email="lain@example.org"))
    mine = report(post)
    post.execute("merge", mine, by="duty", into=stranger)
    post.execute("ask", stranger, by="duty", text="Rumah Ibu yang mana?")
    post.execute("answer", stranger, by="duty", text="Nomor 7")
    post.execute("reply", stranger, by="duty", text="Besok ditambal")
    post.execute("close", stranger, by="supervisor", reason="sudah ditambal")
    post.go_round()
    letters = [one for one in mailbox.messages if ADDRESS in str(one["To"])]
    assert [str(one["Subject"]).rpartition(" · ")[2] for one in letters] == ["Digabung", "Balasan petugas", "Selesai"]
    number = str(letters[0]["Subject"]).partition(" · ")[0]
    body = letters[1].get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert text.startswith(f"{number}: Petugas membalas laporan Anda. Laporan Anda digabung")
    assert "Besok ditambal" in text
    assert [one for one in mailbox.messages if "lain@" in str(one["To"])] == []


def test_whose_report_was_done_with_another_hears_of_it_after_it_is_open_again(
    post: PostRoom, mailbox: Mailbox
) -> None:
    stranger = post.receive(channel="web", person=Reporter(email="lain@example.org"))
    mine, other = report(post), report(post)
    post.execute("merge", mine, by="duty", into=stranger)
    post.execute("merge", other, by="duty", into=stranger)
    post.execute("close", stranger, by="supervisor", reason="sudah ditambal")
    post.execute("reopen", stranger, by="duty", reason="belum")
    post.execute("reply", stranger, by="duty", text="Besok ditambal lagi")
    # Who opens the own report again follows the other no more.
    post.execute("reopen", other, by="duty", reason="masih berlubang")
    post.execute("close", stranger, by="supervisor", reason="sudah ditambal lagi")
    post.go_round()
    told = ["Digabung", "Selesai", "Dibuka kembali", "Balasan petugas"]
    assert subjects(mailbox, post.complaint(mine).source_id) == [*told, "Selesai"]
    assert subjects(mailbox, post.complaint(other).source_id) == [*told, "Dibuka kembali"]


def subjects(mailbox: Mailbox, number: str) -> list[str]:
    """What the letters about one report say that happened."""
    parts = [str(one["Subject"]).rpartition(" · ") for one in mailbox.messages if ADDRESS in str(one["To"])]
    return [what for about, _, what in parts if number in about]


def test_who_was_erased_and_who_did_not_come_by_the_page_get_nothing(post: PostRoom, mailbox: Mailbox) -> None:
    erased, stranger = report(post), post.receive(channel="web", person=Reporter(email="lain@example.org"))
    post.execute("reply", erased, by="duty", text="a")
    change = update(schema.person).where(schema.person.c.subject_id == erased).values(erased_at=1, email=None)
    post.log.write(lambda unit: unit.connection.execute(change))
    post.execute("reply", erased, by="duty", text="b")
    post.execute("reply", stranger, by="duty", text="c")
    post.go_round()
    assert [str(one["To"]) for one in mailbox.messages] == []
    assert post.deliveries("waiting") == []


def test_an_address_that_refuses_is_given_up_and_wakes_nobody(post: PostRoom, mailbox: Mailbox) -> None:
    id_ = report(post)
    mailbox.answer = "550 no such user"
    post.execute("reply", id_, by="duty", text="Besok")
    post.go_round()
    assert post.deliveries("waiting") == []
    (delivery,) = [one for one in post.deliveries() if one.recipient_kind == "citizen"]
    assert [one.outcome for one in post.attempts(delivery)] == ["refused"]
    post.later(hours=2)
    post.go_round()
    assert post.lines() == []
