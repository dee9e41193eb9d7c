"""New work of an agency that reads mail comes in one letter, what is critical by itself and at once."""

from collections.abc import Callable

from tests.rooms.post_room import PostRoom
from tests.services.receivers import Mailbox

Post = Callable[..., PostRoom]


def linked(room: PostRoom) -> None:
    room.courier.release()
    room.courier = room.another_courier(lambda agency, complaint, _now: f"https://kota.example/{agency}/{complaint}")


def test_new_work_within_the_window_is_one_letter_with_a_line_and_link_each(post: Post, mailbox: Mailbox) -> None:
    room = post(digest_minutes=30)
    linked(room)
    first = room.forwarded("dpupr", source_id="L-1")
    room.later(minutes=20)
    second = room.forwarded("dpupr", source_id="L-2")
    room.later(minutes=9).go_round()
    assert mailbox.messages == []
    room.later(minutes=1).go_round()
    (letter,) = mailbox.messages
    assert letter["Subject"].startswith("2 laporan baru · ")
    plain = letter.get_body(("plain",)).get_content()
    assert (
        plain.index("1. L-1 · Jalan rusak") < plain.index(f"https://kota.example/dpupr/{first}") < plain.index("2. L-2")
    )
    assert "batas " in plain and "These 2 complaints" in plain
    assert f'href="https://kota.example/dpupr/{second}"' in letter.get_body(("html",)).get_content()
    assert [(one.state, one.tries) for one in room.deliveries()] == [("sent", 1), ("sent", 1)]
    assert [room.sent_to(id_)["dpupr"] for id_ in (first, second)] == [room.now, room.now]
    assert [one.event.id for one in room.events() if one.event.kind == "outbox.sent"] == [first, second]


def test_an_agency_keeps_its_own_pace(post_on_file: Post, mailbox: Mailbox) -> None:
    mail = {"channel": "mail", "email": "satu@kota.example"}
    paces = {"dpupr": {"digest_minutes": 0}, "dlh": {"digest_minutes": 60}, "dishub": {}}
    room = post_on_file(digest_minutes=30, reach={key: mail | more for key, more in paces.items()})
    left = []
    for _ in range(2):
        room.forwarded("dpupr", "dlh", "dishub")
    for minutes in (0, 30, 30):
        room.later(minutes=minutes).go_round()
        left.append(sorted(one.key for one in room.deliveries("sent")))
    assert left == [["dpupr"] * 2, ["dishub"] * 2 + ["dpupr"] * 2, ["dishub"] * 2 + ["dlh"] * 2 + ["dpupr"] * 2]
    assert len(mailbox.messages) == 4


def test_what_is_critical_or_becomes_so_goes_at_once_and_alone(post_on_file: Post, mailbox: Mailbox) -> None:
    room = post_on_file(digest_minutes=30)
    room.forwarded("dpupr", source_id="L-1")
    later = room.forwarded("dpupr", source_id="L-2")
    room.forwarded("dpupr", source_id="L-3", priority="critical")
    room.go_round()
    assert ["L-3" in one["Subject"] for one in mailbox.messages] == [True]
    room.execute("triage", later, by="duty", priority="critical")
    room.go_round()
    assert "L-2" in mailbox.messages[1]["Subject"]
    # One alone is no digest: it comes as its own letter, under its own key.
    room.later(minutes=30).go_round()
    (alone,) = [one for one in room.deliveries() if one.at == room.now]
    assert mailbox.messages[2]["Message-ID"] == f"<{alone.id}@kota.example>"
    assert mailbox.messages[2]["Subject"].startswith("Laporan baru · L-1")


def test_a_letter_of_several_is_the_same_at_every_attempt_whatever_comes_meanwhile(
    post_on_file: Post, mailbox: Mailbox
) -> None:
    room = post_on_file(digest_minutes=30)
    for number in (1, 2):
        room.forwarded("dpupr", source_id=f"L-{number}")
    mailbox.answer = "451 later"
    room.later(minutes=30).go_round()
    keys = {one.digest for one in room.deliveries()}
    assert len(keys) == 1 and None not in keys
    assert [len(room.attempts(one)) for one in room.deliveries()] == [1, 1]
    room.forwarded("dpupr", source_id="L-3")
    mailbox.answer = "250 OK"
    room.later(minutes=1).go_round()
    (letter,) = mailbox.messages
    assert letter["Message-ID"] == f"<{keys.pop()}@kota.example>"
    assert "L-3" not in letter.get_body(("plain",)).get_content()
    assert [one.state for one in room.deliveries()] == ["sent", "sent", "waiting"]
    assert room.lines() == []


def test_a_webhook_waits_for_nothing_and_without_a_window_nobody_does(post_on_file: Post, mailbox: Mailbox) -> None:
    room = post_on_file(digest_minutes=30)
    room.forwarded("dishub")
    room.go_round()
    assert [one.state for one in room.deliveries()] == ["sent"]
    assert mailbox.messages == []
