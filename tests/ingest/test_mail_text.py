"""What of a mail is its writer's own text, whatever program wrote it."""

import pytest

from ingest.mail.message import read_mail
from ingest.mail.plain_text import decoded, html_text, own_words


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Masih.\n\nPada Sen, 23 Nov 2026 pukul 08.00 Siti\n<siti@x.id> menulis:\n> Lubang\n>\n> besar", "Masih."),
        ("Still.\n\nOn Mon, 23 Nov 2026 Siti wrote:\n> Lubang", "Still."),
        ("Masih.\n-----Original Message-----\nFrom: lapor\nLubang", "Masih."),
        # Answers between quoted lines stay with them.
        ("> Di mana?\nDi pasar.\n> Kapan?\nKemarin.", "> Di mana?\nDi pasar.\n> Kapan?\nKemarin."),
        ("> hanya kutipan", "> hanya kutipan"),
        ("Tolong.\n-- \nSiti\nRT 03", "Tolong."),
        ("-- \nSiti", "--\nSiti"),
    ],
)  # fmt: skip
def test_a_quote_is_cut_where_nothing_else_follows(text: str, kept: str) -> None:
    assert own_words(text, answers=True) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Tolong.\n-- \nSiti\nRT 03", "Tolong."),
        ("Lubang.\n--\nLokasi: depan pasar", "Lubang.\n--\nLokasi: depan pasar"),
    ],
)
def test_a_line_of_two_dashes_without_their_blank_is_no_signature(said: str, kept: str) -> None:
    assert read_mail(f"From: siti@warga.example\n\n{said}\n".encode()).words == kept


def test_what_answers_nothing_keeps_its_quotes() -> None:
    said = "Kata RT:\n> akan diperbaiki"
    assert own_words(said, answers=False) == said


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("<p>Lubang <b>besar</b><br>di pasar</p><p>Tolong</p>", "Lubang besar\ndi pasar\n\nTolong"),
        ("<style>p{}</style><script>if (a<b) alert(1)</script><ul><li>satu<li>dua</ul>", "- satu\n- dua"),
        ("Ya<blockquote>Rusak?<br>Di mana</blockquote>", "Ya\n> Rusak?\n> Di mana"),
        ("a &lt; b &amp; c < d <!-- tak terlihat --> e", "a < b & c < d e"),
        ("Lubang <img alt='", "Lubang"),
        ("<title>x", ""),
    ],
)
def test_html_is_read_as_somebody_sees_it(source: str, seen: str) -> None:
    assert html_text(source) == seen


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        (b"caf\xc3\xa9", None, "caf\u00e9"),
        (b"caf\xe9", "utf-8", "caf\u00e9"),
        (b"caf\xe9", "x-none", "caf\u00e9"),
        (b"\\u0041", "unicode_escape", "\\u0041"),
        (b"a\x00b\x07\r\nc\rd", "us-ascii", "ab\ufffd\nc\nd"),
        (b"\xed\xa0\x80", "utf-8", "\u00ed\u00a0\u20ac"),
    ],
)
def test_bytes_of_any_encoding_are_text(content: bytes, charset: str | None, text: str) -> None:
    assert decoded(content, charset) == text


def test_what_names_the_parts_may_not_take_long() -> None:
    """Of what the standard library reads in time by the square, or by itself within itself."""
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(18))
    for head in (
        b"From: " + b"(" * 100_000,
        b"Content-Type: x/y; " + b';"' * 200_000,
        nested,
        b"Subject: " + b"=?a?q?" * 9_000,
    ):
        assert read_mail(head + b"\r\n\r\nLubang").number.startswith("E-")
