"""One mail, read within bounds: who wrote what, what it answers, its photos, and whether a robot sent it.

`read_mail` takes any bytes at all. Lengths of headers, numbers and depth of parts, text, photos and their names are
bounded; an attachment that is no photo or film, by its first bytes and not by its name, is named and never opened.

Numbers: a mail has no number that people could say, and its Message-ID may hold the name of somebody's computer. So its
complaint is called ``E-AAAA-BBBB-CCCC``, hashes in letters: A and B of Message-ID and sender, C of the content. The
same mail always has the same number, another one under a Message-ID that was used before has not, and a reply finds the
complaint of the mail that it answers by A and B alone.
"""

import re
from base64 import b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import Any

from ingest.mail.plain_text import cleaned, decoded, html_text, own_words, tidy
from liveroom.domain.complaints.intake import PERSON
from liveroom.domain.complaints.proof import Unfit
from liveroom.media.examine import HEAD_BYTES, form_of

# Characters of one header that are read: what reads the parameters of one takes time by the square of its length.
HEADER_MOST = 8_000
# Multiparts, whose nesting costs the parser time with every line; lines that may be the bound of one; parts that are
# looked at. A mail of 25 MB in base64 has a third of a million lines.
MULTIPARTS_MOST, BOUNDS_MOST, PARTS_MOST, LINES_MOST = 20, 2_000, 100, 600_000
# Bytes of one part that are read as text.
TEXT_MOST = 200_000
PHOTOS_MOST = 10
# A picture that a text shows within itself and that is smaller is a sign in somebody's signature.
SMALLEST_INLINE = 10_000
NAMES_MOST, NAME_MOST = 20, 80
# Mails that this one answers: the first and the last of them are looked for.
ANSWERED_MOST = 20

_PARTS = re.compile(rb"multipart/|message/rfc822", re.IGNORECASE)
_ID = re.compile(r"<([^<>\s]{1,250})>")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[^\s@<>,;:\"()\[\]]{1,190}")
# Numbers of complaints that the room gives, as people write them: of a day, or of a mail.
_NUMBER = re.compile(r"(?<![A-Z0-9-])(?:[A-Z]-\d{8}-\d{5}|E-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4})(?![A-Z0-9-])")
# What letters of this room are in reply to: the complaint's id at the sender's domain.
_COMPLAINT = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")
# Parts that belong to how a mail was sent, and are nothing that somebody attached.
_UNNAMED = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_ROBOTS = ("mailer-daemon@", "postmaster@")
# What reading a part of a broken mail may raise.
_BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)


class Unreadable(Exception):
    """The mail is beyond the bounds; the text says of what there is too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What is known of a mail. ``sender``: one address in small letters, or empty; ``robot``: why it is no person's,
    ``list``: by what one sees that a list sent it.

    ``answers``: beginnings of numbers, of the mails that it answers; ``named``: numbers in the subject; ``complaints``:
    ids, of letters of ours that it answers. ``head``: the headers that say what it is; ``left_out``: names.
    """

    number: str
    sender: str
    name: str
    subject: str
    words: str
    sent: datetime | None
    robot: str
    list: str
    answers: tuple[str, ...]
    named: tuple[str, ...]
    complaints: tuple[str, ...]
    photos: tuple[bytes, ...]
    left_out: tuple[str, ...]
    head: str


class _ShortHeaders(Compat32):
    """Headers as they stand, of at most HEADER_MOST characters."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of a header."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:HEADER_MOST]


_PARSER = BytesParser(policy=_ShortHeaders())


def read_mail(raw: bytes) -> Mail:
    """What the mail says. Raises Unreadable."""
    if len(_PARTS.findall(raw)) > MULTIPARTS_MOST:
        raise Unreadable(f"has more than {MULTIPARTS_MOST} parts within parts")
    if raw.count(b"\n--") > BOUNDS_MOST or raw.count(b"\n") + raw.count(b"\r") > 2 * LINES_MOST:
        raise Unreadable("has more lines or parts than a letter has")
    message = _PARSER.parsebytes(raw)
    sender, name = _sender(message)
    subject = _line(message, "Subject")
    said, photos, left_out = _content(message)
    answered = _answered(message)
    return Mail(
        number=_number(message, sender, raw),
        sender=sender,
        name=name,
        subject=subject,
        words=own_words(said, answers=bool(answered)),
        sent=_date(message),
        robot=_robot(message, sender),
        list=_list(message),
        answers=tuple(dict.fromkeys(beginning_of(one, sender) for one in answered)) if sender else (),
        named=tuple(dict.fromkeys(_NUMBER.findall(subject.upper()))),
        complaints=tuple(dict.fromkeys(found[1] for one in answered if (found := _COMPLAINT.match(one)))),
        photos=photos,
        left_out=left_out,
        head=head_of(message),
    )


# Headers.


def head_of(message: Message) -> str:
    """The headers by which somebody recognizes a mail, as lines."""
    names = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted")
    return "\n".join(f"{name}: {said}" for name in names if (said := _line(message, name)))


def read_head(raw: bytes) -> str:
    """``head_of`` a mail of which only the headers are here."""
    return head_of(_PARSER.parsebytes(raw, headersonly=True))


def _value(message: Message, name: str) -> str:
    """The first header of the name as it stands; bytes beyond ASCII as half surrogates."""
    wanted = name.lower()
    return next((str(value) for key, value in message.raw_items() if key.lower() == wanted), "")


def _line(message: Message, name: str) -> str:
    """A header as one line of text, whatever it is encoded in."""
    return " ".join(_words_of(_value(message, name)).replace("\n", " ").split())


def _words_of(value: str) -> str:
    """RFC 2047 decoded; what is broken stays as it stands."""
    plain = value.encode("ascii", "surrogateescape").decode("latin-1") if value.isascii() else _eight_bit(value)
    try:
        pieces: Sequence[tuple[Any, str | None]] = decode_header(plain)
    except (HeaderParseError, *_BROKEN):
        return cleaned(plain)
    return "".join(cleaned(text) if isinstance(text, str) else _piece(text, charset) for text, charset in pieces)


def _piece(content: bytes, charset: str | None) -> str:
    """A decoded word; what stands between such words comes back in Python's own escapes."""
    if charset is None:
        return cleaned(content.decode("raw_unicode_escape", "replace"))
    return decoded(content, charset)


def _eight_bit(value: str) -> str:
    return decoded(value.encode("utf-8", "surrogateescape"), None)


def _sender(message: Message) -> tuple[str, str]:
    """The address of who wrote it, and their name; an empty address where there is none or more than one."""
    # Taken apart before it is decoded, so that no encoded word makes another address.
    try:
        found = getaddresses([_eight_bit(_value(message, "From"))])
    except _BROKEN:
        return "", ""
    addresses = [address.lower() for _, address in found if _ADDRESS.fullmatch(address)]
    address = addresses[0] if len(found) == len(addresses) == 1 and len(addresses[0]) <= PERSON["email"] else ""
    name = " ".join(_words_of(found[0][0]).split()) if found else ""
    return address, name[: PERSON["name"]]


def _date(message: Message) -> datetime | None:
    try:
        sent = parsedate_to_datetime(_value(message, "Date"))
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(UTC)
    except (*_BROKEN, OverflowError):
        return None


def _answered(message: Message) -> list[str]:
    """The Message-IDs that it answers: the last first, then the first of the thread."""
    before = _ID.findall(_value(message, "References"))
    replied = _ID.findall(_value(message, "In-Reply-To"))
    found = list(dict.fromkeys((*replied, *reversed(before))))
    return [*found[: ANSWERED_MOST - 1], *found[-1:]]


def _robot(message: Message, sender: str) -> str:
    """Why nobody wrote it; empty for a person's. RFC 3834, and what mail programs did before it."""
    auto = _line(message, "Auto-Submitted").lower()
    if auto and not auto.startswith("no"):
        return f"Auto-Submitted: {auto[:40]}"
    precedence = _line(message, "Precedence").lower()
    if precedence in ("bulk", "junk", "auto_reply"):
        return f"Precedence: {precedence}"
    for name in ("X-Autoreply", "X-Autorespond", "X-Loop"):
        if _value(message, name):
            return name
    if "".join(_value(message, "Return-Path").split()) == "<>":
        return "Return-Path: <>"
    if message.get_content_type() == "multipart/report":
        return "multipart/report"
    return "From" if sender.startswith(_ROBOTS) else ""


def _list(message: Message) -> str:
    """By what it is seen to have come over a mailing list; empty where it is not."""
    if _line(message, "Precedence").lower() == "list":
        return "Precedence: list"
    return next((name for name in ("List-Id", "List-Unsubscribe") if _value(message, name)), "")


# Numbers.


def beginning_of(message_id: str, sender: str) -> str:
    """The first ten characters of the number of a sender's mail with this Message-ID."""
    found = _hashed(f"{message_id}\n{sender}", 8)
    return f"E-{found[:4]}-{found[4:]}"


def _number(message: Message, sender: str, raw: bytes) -> str:
    ids = _ID.findall(_value(message, "Message-ID"))
    # Without a Message-ID it is told by what else its head says.
    known_by = ids[0] if ids else "\n".join(_value(message, name) for name in ("Date", "Subject", "To"))
    # Servers write line breaks in their own ways.
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    return f"{beginning_of(known_by, sender)}-{_hashed((body or head).rstrip(), 4)}"


def _hashed(said: str | bytes, count: int) -> str:
    content = said if isinstance(said, bytes) else said.encode("utf-8", "surrogatepass")
    return b32encode(sha256(content).digest()).decode()[:count]


# Content.


def _content(message: Message) -> tuple[str, tuple[bytes, ...], tuple[str, ...]]:
    """The text, the photos, and the names of what is left out."""
    plain: list[str] = []
    marked: list[str] = []
    photos: dict[bytes, bytes] = {}
    left_out: list[str] = []
    for part in _leaves(message):
        kind, attached = part.get_content_type(), _is_attached(part)
        if kind == "text/plain" and not attached:
            plain.append(_text(part))
        elif kind == "text/html" and not attached:
            marked.append(html_text(_text(part)))
        elif (photo := _photo(part)) is not None and len(photos) < PHOTOS_MOST:
            photos.setdefault(sha256(photo).digest(), photo)  # shown in the text and attached as well
        elif kind not in _UNNAMED:
            left_out.append(_name(part))
    text = "\n\n".join(one for one in map(tidy, plain) if one) or "\n\n".join(one for one in marked if one)
    more = [] if len(left_out) <= NAMES_MOST else [f"+{len(left_out) - NAMES_MOST}"]
    return text, tuple(photos.values()), (*left_out[:NAMES_MOST], *more)


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order, at most PARTS_MOST; a mail within the mail is one of them."""
    waiting: list[Any] = [message]
    for _ in range(PARTS_MOST):
        if not waiting:
            return
        part = waiting.pop()
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting += reversed(part.get_payload())
        else:
            yield part


def _is_attached(part: Message) -> bool:
    return _value(part, "Content-Disposition").strip().lower().startswith("attachment")


def _bytes(part: Message) -> bytes:
    """What a part holds, decoded; nothing for a mail within the mail, which is not opened."""
    if part.is_multipart():
        return b""
    try:
        found = part.get_payload(decode=True)
    except _BROKEN:
        return b""
    return found if isinstance(found, bytes) else b""


def _text(part: Message) -> str:
    try:
        charset = part.get_content_charset()
    except _BROKEN:
        charset = None
    return decoded(_bytes(part)[:TEXT_MOST], charset)


def _photo(part: Message) -> bytes | None:
    """The photo or film that a part is, by its first bytes."""
    content = _bytes(part)
    try:
        form_of(content[:HEAD_BYTES])
    except Unfit:
        return None
    inline = bool(_value(part, "Content-ID")) and not _is_attached(part)
    return None if inline and len(content) < SMALLEST_INLINE else content


def _name(part: Message) -> str:
    """How an attachment is called: its file's name, else what kind of thing it says it is."""
    try:
        name = part.get_filename() or ""
    except _BROKEN:
        name = ""
    shown = " ".join(_words_of(name).split()) or cleaned(part.get_content_type())
    return shown[:NAME_MOST]
