"""Plain text out of mails: of any encoding, of HTML, and of a reply what its writer added.

What comes out holds no NUL, no other control character and no half of a surrogate pair. What is cut of a reply is cut
only where everything after it is surely quoted; else all of it stays.
"""

import codecs
import re
from collections.abc import Iterator
from html import unescape

# Characters of HTML that are read.
HTML_MOST = 200_000
# Decoders of Python that are no encodings of a mail, or take time by the square.
NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
QUOTES_DEEP = 5

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[ \t\u00a0]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
# With its blank: two dashes alone are how people part what they say.
_SIGNATURE = re.compile(r"^-- $")


def decoded(content: bytes, charset: str | None) -> str:
    """The text of some bytes: by the encoding that is said, else UTF-8, else Windows'; what is none becomes U+FFFD."""
    for name in (charset, "utf-8"):
        if name is None or not _is_charset(name):
            continue
        try:
            return cleaned(content.decode(name))
        except (UnicodeError, LookupError, ValueError):
            continue
    return cleaned(content.decode("cp1252", "replace"))


def _is_charset(name: str) -> bool:
    try:
        return codecs.lookup(name).name.replace("-", "_") not in NO_CHARSETS
    except (LookupError, ValueError, UnicodeError):
        return False


def cleaned(text: str) -> str:
    """The text with line breaks of one kind, and nothing in it that a database or a page would not take."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", ""))


# HTML. Not `html.parser`: of Python 3.11 it takes minutes for a hundred thousand characters of `<a `.

# What a reader does not see, up to its end tag.
_UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript"})
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "br", "div", "dl", "dt", "dd", "footer", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"}
)
_BEFORE = {"li": "- ", "td": " ", "th": " "}
_TAG = re.compile(r"/?[a-z][a-z0-9]{0,20}")


def html_text(source: str) -> str:
    """What somebody sees of HTML, its first HTML_MOST characters; quotes as `> ` before each of their lines."""
    lines: list[str] = []
    line: list[str] = []
    quotes = 0
    for tag, words in _pieces(source[:HTML_MOST]):
        line.append(words)
        name = tag.removeprefix("/")
        if name in _BLOCKS:
            said = " ".join(unescape("".join(line)).split())
            lines.append("> " * min(quotes, QUOTES_DEEP) + said if said else "")
            line = []
        if name == "blockquote":
            quotes = max(0, quotes + (-1 if tag.startswith("/") else 1))
        line.append(_BEFORE.get(tag, ""))
    return tidy(cleaned("\n".join(lines)))


def _pieces(source: str) -> Iterator[tuple[str, str]]:
    """The words before each tag and the tag's name, ``/p`` for an end; after the last words a tag that is none.

    Each search goes on from where the last one ended, or ends it all: the time is in proportion to the length.
    """
    low, place = source.lower(), 0
    while (start := source.find("<", place)) >= 0:
        words = source[place:start]
        found = _TAG.match(low, start + 1)
        if found is None and source[start + 1 : start + 2] not in ("!", "?"):
            yield "", words + "<"
            place = start + 1
            continue
        end = ("-->", 4) if source.startswith("<!--", start) else (">", 1)
        close = source.find(end[0], start + end[1])
        tag = "" if found is None else found[0]
        if close >= 0 and tag in _UNSEEN:
            close = low.find(f"</{tag}", close)
        yield tag if tag not in _UNSEEN else "", words
        if close < 0:
            break
        place = close + (0 if tag in _UNSEEN else len(end[0]))
    else:
        yield "", source[place:]
    yield "br", ""


def tidy(text: str) -> str:
    """The text without spaces at the ends of lines, but of the one that begins a signature, and without more than one
    empty line at a time."""
    spaced = (_SPACES.sub(" ", line) for line in text.split("\n"))
    lines = (line if _SIGNATURE.match(line) else line.rstrip() for line in spaced)
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


# Replies.

# A line that says who wrote what follows, in what mail programs write in Indonesian, English and Spanish.
_WROTE = re.compile(
    r"^(?:pada|on|el|le)\b.{0,200}\b(?:menulis|wrote|escribi\u00f3|a \u00e9crit)\s*:$", re.IGNORECASE | re.DOTALL
)
_ORIGINAL = re.compile(
    r"^-{2,}\s*(?:original message|pesan asli|mensaje original|forwarded message|pesan terusan)\s*-{2,}$",
    re.IGNORECASE,
)


def own_words(text: str, *, answers: bool) -> str:
    """What its writer said: without the signature after ``-- `` and, where it answers a mail, without the quote below.

    A quote is cut where only quoted lines follow, so that an answer between quoted lines stays with them.
    """
    lines = text.split("\n")
    end = next((n for n, line in enumerate(lines) if _SIGNATURE.match(line)), len(lines))
    if end and any(line.strip() for line in lines[:end]):
        rest = lines[end:]
        # Answers are written below a quote as well, and the quote may hold a signature of its own.
        if not any(line.startswith(">") for line in rest):
            lines = lines[:end]
    if answers:
        lines = _without_quote(lines)
    kept = tidy("\n".join(lines))
    return (kept or tidy(text)).replace("-- \n", "--\n")


def _without_quote(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        said = line.strip()
        if number and _ORIGINAL.match(said):
            return lines[:number]
    first = _first_of_quote(lines)
    if first is None:
        return lines
    # Who wrote it stands before it, on one line or broken into two.
    before = [n for n in range(first) if lines[n].strip()][-2:]
    for count in (1, 2):
        some = before[-count:]
        if len(some) == count and _WROTE.match(" ".join(lines[n].strip() for n in some)):
            return lines[: some[0]]
    return lines[:first]


def _first_of_quote(lines: list[str]) -> int | None:
    """Where the quote at the end begins; None where the last line that says anything is no quoted one."""
    first = None
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].startswith(">"):
            first = number
        elif lines[number].strip():
            break
    return first
