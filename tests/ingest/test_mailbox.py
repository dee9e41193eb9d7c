"""The mailbox: it passes the contract on a real server, and what becomes of mails, their photos and their threads."""

import imaplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingest.mail.letter_intake import LetterIntake
from ingest.pull import Misconfigured, PullSource, TryLater
from ingest.sources import mailbox
from ingest.sources.mailbox import MailboxSource
from liveroom.domain.complaints.intake import Reporter
from liveroom.log.erasure import Erasure, ErasureScope
from liveroom.log.texts import dossier_of
from liveroom.log.uploads import UploadState, uploads_of
from liveroom.maintenance.erasure import carry_out
from liveroom.media.uploads import UploadPipeline
from liveroom.runtime.config import MediaSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.ingest.contract import DyingRoom, Killed, PullContract, World
from tests.rooms.hostile_files import photo
from tests.rooms.packs import city
from tests.rooms.standing import START, StandingRoom
from tests.services.dovecot import PASSWORD, Dovecot, Mailbox
from tests.services.wait import until

SITI, STRANGER = "siti@warga.example", "orang@lain.example"
DATE = "Mon, 23 Nov 2026 08:00:00 +0700"
_users = count(1)


def mail(
    id_: str = "1",
    words: str = "Lubang besar di depan pasar.",
    *,
    sender: str = SITI,
    subject: str = "Jalan rusak",
    **headers: str,
) -> EmailMessage:
    """A mail as a program of a citizen writes it; header names with ``_`` for ``-``."""
    message = EmailMessage()
    message["From"], message["To"] = f"Siti Aminah <{sender}>", "lapor@kota.example"
    message["Subject"], message["Date"], message["Message-ID"] = subject, DATE, f"<{id_}@hp.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(words)
    return message


def photographed(message: EmailMessage, *photos: bytes) -> EmailMessage:
    for number, content in enumerate(photos):
        message.add_attachment(content, maintype="image", subtype="jpeg", filename=f"foto-{number}.jpg")
    return message


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET_MAILBOX", PASSWORD)


@pytest.fixture
def box(dovecot: Dovecot) -> Iterator[Mailbox]:
    with closing(dovecot.mailbox(f"lapor{next(_users)}")) as opened:
        yield opened


def source(box: Mailbox, **options: Any) -> MailboxSource:
    where = {"host": "127.0.0.1", "port": box.port, "security": "none", "user": box.user}
    return MailboxSource(name="Surel", password="env:LIVEROOM_SECRET_MAILBOX", **{**where, **options})


class TestMailbox(PullContract):
    """Mails, each with a Message-ID; a bad one comes from a robot."""

    good = mailbox.MAILS + 10

    @pytest.fixture(autouse=True)
    def _served(self, box: Mailbox) -> None:
        self.box = box

    def configure(self, folder: Path) -> PullSource:
        return source(self.box)

    def unreadable(self, folder: Path) -> PullSource:
        return source(self.box, folder="Tidak ada")

    def number(self, n: int) -> str:
        return mailbox.read_mail(self._mail(n)).number

    def write(self, folder: Path, first: int, good: int, bad: int) -> None:
        robots = [mail(f"R-{n}", f"Kembali hari ke-{n}", Auto_Submitted="auto-replied") for n in range(bad)]
        self.box.add(*map(bytes, robots), *(self._mail(n) for n in range(first, first + good)))

    @staticmethod
    def _mail(n: int) -> bytes:
        return bytes(mail(f"L-{n:06}", sender=f"warga{n}@kota.example"))


class MailWorld(World):
    """A room with a mailbox and the way of photos; ``box``: the mailbox as its other clients see it."""

    def __init__(self, standing: StandingRoom, box: Mailbox, place: Path, **options: Any) -> None:
        self.box = box
        uploads = UploadPipeline(standing.room, MediaSettings(), place, ThreadRuntime())
        super().__init__(standing, source(box, **options), place, LetterIntake(standing.room, uploads))

    def bring(self, *mails: EmailMessage) -> None:
        self.box.add(*map(bytes, mails))
        self.run()

    def ids(self) -> list[str]:
        """The complaints, in the order of their receipt."""
        return [one.event.id for one in self.standing.events() if one.event.kind.value == "complaint.received"]

    def texts(self, id_: str) -> list[tuple[str, str]]:
        """Kind and words of everything that was said of a complaint."""
        return list(self.standing.read(lambda c: dossier_of(c, id_, people=True)).texts.values())

    def photos(self, id_: str) -> list[UploadState]:
        return [one.state for one in self.standing.read(lambda c: uploads_of(c, id_))]

    def erase(self, id_: str) -> None:
        """At the citizen's request."""
        order = Erasure(at=0, complaint=id_, what=ErasureScope.ALL, by="command-line")
        self.standing.room.unit(lambda work: carry_out(work, order, frozenset()))


Opened = Callable[..., MailWorld]


@pytest.fixture
def opened(on_file: StandingRoom, box: Mailbox, tmp_path: Path) -> Opened:
    return lambda **options: MailWorld(on_file, box, tmp_path, **options)


def test_a_mail_is_a_complaint_with_its_photos_and_names_what_was_left_out(opened: Opened) -> None:
    world = opened()
    sent = photographed(mail(), photo(1), photo(1), photo(2))
    sent.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="foto lain.zip")
    sent.add_attachment(b"MZ", maintype="image", subtype="jpeg", filename="foto.jpg")
    world.bring(sent)
    (id_,) = world.ids()
    said = world.standing.read(lambda c: dossier_of(c, id_, people=True))
    ((_, words),) = said.texts.values()
    assert words.startswith("Jalan rusak\n\nLubang besar di depan pasar.\n\n")
    assert words.endswith("foto lain.zip, foto.jpg]")
    assert said.person is not None and (said.person.name, said.person.email) == ("Siti Aminah", SITI)
    assert world.standing.complaint(id_).channel == "email"
    until(lambda: world.photos(id_) == [UploadState.READY] * 2, why="the photos to be looked into")
    assert world.box.seen() == 0


def test_photos_come_once_whenever_it_dies_and_never_to_an_erased_complaint(opened: Opened) -> None:
    world = opened()
    world.box.add(bytes(photographed(mail("1"), photo(1))), bytes(photographed(mail("2"), photo(2))))
    with pytest.raises(Killed):
        world.run(DyingRoom(world.standing.room, dies_at=1))
    first, second = world.ids()
    assert world.photos(first) == []
    world.erase(first)
    world.run()
    until(lambda: world.photos(second) == [UploadState.READY], why="the photo to be looked into")
    assert world.photos(first) == []


def test_who_reported_adds_a_word_by_mail_and_a_stranger_who_knows_the_number_does_not(opened: Opened) -> None:
    world = opened()
    reply = mail(
        "2", "Sudah makin dalam.\n\nPada Sen, 23 Nov Siti menulis:\n> Lubang besar", In_Reply_To="<1@hp.example>"
    )
    world.bring(mail("1"), photographed(reply, photo(3)))
    (id_,) = world.ids()
    number = world.numbers()[0]
    assert world.texts(id_)[1] == ("text", "Sudah makin dalam.")
    until(lambda: world.photos(id_) == [UploadState.READY], why="its photo to be looked into")
    world.bring(
        mail("3", "Terima kasih", subject=f"Re: {number} · Laporan"),
        mail("4", "Sudah selesai, tutup saja", sender=STRANGER, subject=number),
    )
    assert len(world.texts(id_)) == 3 and len(world.ids()) == 2
    assert sum(world.health.hours) == 4


def test_a_letter_of_the_room_is_answered_by_mail(opened: Opened) -> None:
    world = opened()
    id_ = world.standing.receive("W-20261124-00007", person=Reporter(name="Siti", email=SITI.upper()))
    world.standing.execute("ask", id_, by="duty", text="Di sisi mana?")
    assert world.standing.complaint(id_).paused == "citizen"
    world.bring(mail("9", "Sisi utara", subject="Re: kabar", References=f"<{id_}@kota.example> <0190@kota.example>"))
    assert world.standing.complaint(id_).paused is None
    assert world.texts(id_)[-1] == ("text", "Sisi utara")
    world.bring(mail("10", "Terima kasih", subject="Re: W-20261124-00007 · Laporan Anda"))
    assert world.texts(id_)[-1][1] == "Terima kasih" and world.ids() == [id_]


def test_a_mailbox_that_is_counted_anew_doubles_neither_complaints_nor_words(opened: Opened) -> None:
    world = opened(folder="Masuk")
    mails = [mail("1"), mail("2", "Masih", In_Reply_To="<1@hp.example>"), mail("1", "Lain sekali")]
    for _ in range(2):
        world.box.made("Masuk")
        world.box.add(*map(bytes, mails), folder="Masuk")
        world.run()
    # Another mail under a Message-ID that was used before is another complaint.
    assert len(world.ids()) == 2
    assert sorted(len(world.texts(id_)) for id_ in world.ids()) == [1, 2]


def test_what_is_in_the_log_goes_to_the_folder_for_it_and_what_others_do_meanwhile_is_no_matter(
    opened: Opened,
) -> None:
    world = opened(done="Arsip/Selesai")
    world.box.add(*(bytes(mail(f"{n}")) for n in range(60)))
    with pytest.raises(Killed):
        world.run(DyingRoom(world.standing.room, dies_at=1))
    assert (world.box.count(), world.box.count("Arsip/Selesai")) == (60, 0)
    room = DyingRoom(world.standing.room)
    room.inside = lambda: world.box.remove(1) if room.batches == 1 else None
    world.run(room)
    assert (world.box.count(), world.box.count("Arsip/Selesai")) == (0, 59)
    assert len(world.ids()) == 60


def test_a_mail_from_before_the_first_reading_is_never_moved_as_if_it_had_been_taken(opened: Opened) -> None:
    world = opened(done="Selesai")
    world.box.add(bytes(mail("lama")), came=START - timedelta(days=400))
    world.bring(mail("1"))
    world.run()
    assert len(world.ids()) == 1 and (world.box.count(), world.box.count("Selesai")) == (1, 1)


def test_a_look_ahead_leaves_the_mailbox_as_it_is(opened: Opened) -> None:
    world = opened()
    world.bring(mail("1"))
    world.bring(mail("2"), mail("3"))
    moving = source(world.box, done="Selesai")
    for position, count_ in ((None, 3), (world.health.position, 0)):
        shown = moving.preview_in(position, city("tangerang"))
        assert len(shown.items if shown else ()) == count_
    assert (world.box.count(), world.box.seen(), world.box.has("Selesai")) == (3, 0, False)


def test_another_folder_is_read_from_its_beginning_although_its_mails_have_the_same_numbers(opened: Opened) -> None:
    world = opened(folder="Masuk")
    world.box.made("Masuk")
    world.box.add(bytes(mail("1")), folder="Masuk")
    world.run()
    known = msgspec.json.decode(world.health.position, type=mailbox.MailPosition)
    world.box.add(bytes(mail("2")))
    (there,) = source(world.box).fetch_in(None, city("tangerang"))
    same = msgspec.structs.replace(known, validity=msgspec.json.decode(there.position)["validity"])
    (batch,) = source(world.box).fetch_in(msgspec.json.encode(same).decode(), city("tangerang"))
    assert len(batch.items) == 1


def test_an_answer_that_came_before_the_mail_that_it_answers_stays_a_complaint_when_it_is_read_again(
    opened: Opened,
) -> None:
    world = opened()
    world.box.add(bytes(mail("2", "Masih", In_Reply_To="<1@hp.example>")), bytes(mail("1")))
    with pytest.raises(Killed):
        world.run(DyingRoom(world.standing.room, dies_at=1))
    world.run()
    assert [len(world.texts(id_)) for id_ in world.ids()] == [1, 1]


def test_a_mail_that_its_server_has_and_does_not_give_is_named_in_quarantine(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = opened()
    fetched = mailbox._Opened.content
    monkeypatch.setattr(
        mailbox._Opened, "content", lambda self, uid, *more: None if uid == 1 else fetched(self, uid, *more)
    )
    world.bring(mail("1"), mail("2"))
    (kept,) = world.kept()
    assert kept.raw == "UID 1" and "not given out" in kept.entry.message and len(world.ids()) == 1


def test_a_mail_over_which_the_reader_breaks_keeps_none_of_the_others_from_the_room(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, reads = opened(), iter([ZeroDivisionError("Siti")])
    read = mailbox.read_mail

    def breaks(raw: bytes) -> mailbox.Mail:
        for fault in reads:
            raise fault
        return read(raw)

    monkeypatch.setattr(mailbox, "read_mail", breaks)
    world.bring(mail("1"), mail("2"))
    (kept,) = world.kept()
    assert (kept.raw, len(world.ids())) == ("UID 1", 1) and "Siti" not in kept.entry.message


def test_nothing_of_a_mail_stands_in_the_fault_of_a_server_that_is_out_of_step(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = opened()

    def uid(*_: object) -> None:
        raise imaplib.IMAP4.abort("command: UID => unexpected response: b'Siti, 0812 1111'")

    world.box.add(bytes(mail("1")))
    monkeypatch.setattr(mailbox._Client, "uid", uid)
    world.run()
    assert (world.health.fault or "").endswith("unexpected response")


def test_a_mail_that_is_too_large_is_kept_by_its_head(opened: Opened) -> None:
    world = opened(largest_mb=1)
    world.bring(mail("1", "x" * 70 + "\n" + ("y" * 70 + "\n") * 15_000), mail("2", subject="=?utf-8?q?Baik?="))
    (kept,) = world.kept()
    assert kept.entry.message.startswith("is larger than 1 MB") and "Subject: Jalan rusak" in kept.raw
    assert len(world.ids()) == 1


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-generated"}, "Auto-Submitted: auto-generated"),
        ({"Precedence": "bulk"}, "Precedence: bulk"),
        ({"Return_Path": "<>"}, "Return-Path: <>"),
        ({"sender": "MAILER-DAEMON@kota.example"}, "From"),
        ({"sender": "lapor@kota.example"}, "own"),
        ({"List_Id": "<warta.kota.example>"}, "List-Id"),
    ],
)
def test_robots_and_lists_are_no_complaints(box: Mailbox, headers: dict[str, str], reason: str) -> None:
    one = source(box, own=["Lapor@kota.example"])
    box.add(bytes(mail(**headers)))
    (batch,) = one.fetch_in(None, city("tangerang"))
    (item,) = batch.items
    assert item.fault is not None and reason in item.fault.message


def test_another_city_of_encodings(box: Mailbox) -> None:
    """What is broken stays readable, and nothing of it keeps a mail from the room."""
    raw = (
        b"From: =?utf-8?q?Siti_=C3=81?= <siti@warga.example>\r\n"
        b"Subject: =?x-unknown?b?SmFsYW4=?= \xe9\xff =?utf-8?q?=ED=A0?=\r\n"
        b"Content-Type: text/plain; charset=latin-99\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        b"\x00caf\xe9 \x07 di sini\r\n"
    )
    box.add(raw)
    (batch,) = source(box).fetch_in(None, city("tangerang"))
    said = batch.items[0].value
    assert said["person"] == {"name": "Siti \u00c1", "email": SITI}
    assert said["description"].startswith("Jalan ") and "caf\u00e9" in said["description"]
    assert "\x00" not in said["description"]


def test_over_tls_the_certificate_counts(dovecot: Dovecot, box: Mailbox) -> None:
    box.add(bytes(mail()))
    for security, port in (("tls", dovecot.tls_port), ("starttls", dovecot.port)):
        asked = {"host": "localhost", "port": port, "security": security}
        (batch,) = source(box, authorities=str(dovecot.certificate), **asked).fetch_in(None, city("tangerang"))
        assert len(batch.items) == 1
        with pytest.raises(Misconfigured) as told:
            list(source(box, **asked).fetch_in(None, city("tangerang")))
        assert told.value.field == "security"


def test_a_wrong_password_and_a_server_that_says_nothing_are_told(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET_MAILBOX", "salah")
    with pytest.raises(Misconfigured) as told:
        list(source(box).fetch_in(None, city("tangerang")))
    assert told.value.field == "password"
    monkeypatch.setattr(mailbox, "COMMAND_S", 0.3)
    with Dribble() as port, pytest.raises(TryLater, match="too slow"):
        list(source(box, port=port).fetch_in(None, city("tangerang")))


class Dribble:
    """A server that greets byte by byte and never ends."""

    def __enter__(self) -> int:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._listener.close()

    def _serve(self) -> None:
        peer, _ = self._listener.accept()
        with peer:
            try:
                while not self._ended.wait(0.05):
                    peer.sendall(b"*")
            except OSError:
                return
