"""What becomes of mails of any bytes at all: each is read in bounded time, and what comes of it the room could take."""

import re
import time
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import strategies as st

from ingest.mail.message import Mail, Unreadable, read_mail
from ingest.sources.mailbox import _words
from liveroom.domain.complaints.intake import report_of
from tests.rooms.standing import START
from tests.soak.junk import TEXTS
from tests.soak.walk import SEED, Walk

pytestmark = [pytest.mark.soak]
NAMES = [
    b"From", b"To", b"Subject", b"Date", b"Message-ID", b"In-Reply-To", b"References", b"Content-Type",
    b"Content-Transfer-Encoding", b"Content-Disposition", b"Content-ID", b"Auto-Submitted", b"Return-Path", b"X\xff",
]  # fmt: skip
VALUES = [
    b"Siti <siti@warga.example>", b"a@b, c@d", b"(" * 900, b'"\\' * 400, b"<@,>", b"=?utf-8?q?=ED=A0=80?=", b"=?x?b?",
    b"=?utf-8?b?AAA?=", b"=?punycode?q?a-b?=", b"<1@hp.example> <2@hp.example>", b"E-ABCD-EFGH-2345", b"", b"\x00",
    b"Mon, 23 Nov 2026 08:00:00 +0700", b"Mon, 99 Foo 99999 99:99:99 +9999", b"multipart/mixed; boundary=b",
    b"multipart/alternative; boundary*0=b; boundary*1*=''%62", b"multipart/report; boundary=b", b"message/rfc822",
    b"text/plain; charset=utf-16", b"text/html; charset=unicode_escape", b"image/jpeg; name*=x''%ff", b"base64",
    b"7bit", b"quoted-printable", b"x-uuencode", b"attachment; filename=a.zip", b"inline", b"\xff\xfe", b"no", b"x/y/z",
]  # fmt: skip
BODIES = [
    b"Lubang besar", b"--b", b"--b--", b"> dikutip", b"-- ", b"On x wrote:", b"<p>a<blockquote>b</p>", b"<!--", b"<a ",
    b"</script", b"&#xD800; &#0;", b"=ED=A0=80", b"/9j/4AAQ", b"\xff\xd8\xff\xe0", b"begin 644 a\nM", b"\x00\x01",
    b"\xed\xa0\x80",
]  # fmt: skip
SLOW_S = 5.0

some_bytes = st.binary(max_size=12) | st.sampled_from(
    [text.encode("utf-8", "surrogatepass") for text in TEXTS if len(text) < 50]
)
header = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | some_bytes)
line = st.sampled_from(BODIES) | some_bytes
part = st.tuples(st.lists(header, max_size=8), st.lists(line, max_size=8))
broken = st.lists(part, min_size=1, max_size=6).map(
    lambda parts: b"\r\n--b\r\n".join(
        b"\r\n".join([*(name + b": " + value for name, value in headers), b"", *lines]) for headers, lines in parts
    )
)
texts = st.text(max_size=40)


@st.composite
def sound(draw: st.DrawFn) -> bytes:
    """A mail that a program writes, of any words; a few bytes of it are changed."""
    message = EmailMessage(policy.SMTP)
    message["From"] = "siti@warga.example"
    message["Subject"] = " ".join("".join(draw(texts).splitlines()).split()).encode("utf-8", "replace").decode()
    message.set_content(draw(texts).encode("utf-8", "replace").decode())
    message.add_alternative(draw(texts).encode("utf-8", "replace").decode(), subtype="html")
    message.add_attachment(draw(some_bytes), maintype="image", subtype="jpeg", filename="a.jpg")
    for number, inner in enumerate(message.walk()):
        if inner.is_multipart():
            inner.set_boundary(f"b{number}")  # drawn by chance else
    raw = bytearray(bytes(message))
    for place, byte in draw(st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), max_size=6)):
        raw[place] = byte
    return bytes(raw)


def check(raw: bytes) -> Mail | None:
    """Read it, and see that the room could take what comes of it."""
    begun = time.process_time()
    try:
        mail = read_mail(raw)
    except Unreadable:
        return None
    finally:
        assert time.process_time() - begun < SLOW_S
    report = report_of(
        {
            "source_id": mail.number,
            "category": "email",
            "description": _words(mail.words, mail, "id"),
            "person": {"name": mail.name, "email": mail.sender},
        },
        START,
        "real",
    )
    assert report.source_id == read_mail(raw).number
    assert re.fullmatch(r"E-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", mail.number)
    assert len(mail.photos) <= 10 and len(mail.head) < 60_000
    return mail


def test_mails_of_any_bytes(request: pytest.FixtureRequest) -> None:
    walk = Walk()

    def send(raw: bytes) -> None:
        try:
            walk.tally.counts["read" if check(raw) else "refused", 0] += 1
        except Exception as error:  # noqa: BLE001 - a fault is what is looked for
            walk.tally.faults.setdefault(f"{type(error).__name__}: {error}", repr(raw))

    while not walk.over:
        walk.rounds(1, 500, broken | sound(), send)
    walk.tell("mails", request)
    assert walk.number > SEED
