"""Values of every wrong shape, for a field, an address, a header or a whole body."""

from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

# What only the text of a JSON body can say stands for itself until the body is written.
OVERFLOWING, HUGE = "\u0001 1e400", 10**400
NUMBERS = [0, -1, 1, 5, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, HUGE, -HUGE, True, False]
FLOATS = [float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 5e-324, -0.0, 0.5, 90.0000001, -180.5, 1e17]
MOMENTS = [
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
    "2026-11-24T07:05:00Z", "2026-11-24T07:05:60Z", "2026-11-24 07:05:00.123456789+07:00", "2026-13-45T99:99:99Z",
    "2026-11-24T07:05:00+99:99", "2026-02-30T00:00:00Z", "2026-11-24", "1969-12-31T23:59:59.999999Z",
    "٢٠٢٦-11-24T07:05:00Z",
    "2100-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-W01-1T00:00:00Z", "now", "1700000000",
]  # fmt: skip
TEXTS = [
    "", " ", "\x00", "a\x00b", "\ud800", "a\udfffb", "\udc80", "\ufeff", "\u202eabc", "\u2028", "a\nb", "\r\n",
    "\x7f", "é",
    "\U0001f600", "\U000e0001", "e\u0301" * 40, "İ", "ß", "ﬁ", "x" * 129, "x" * 4001, "\U0001f600" * 4001,
    "%s%n{0}{{", "' OR 1=1 --",
    "<script>", "../../etc/passwd", "null", "NaN", "true", "[]", "{}", "0", "-1", "1e999", "٣", "²", "a,b", ",",
    "upload:", "upload:x",
    "https://", "https://[", "https://example.org/a b", "http://[::1", "https://\ud800", "=", "==", "AA==", "e30",
    "room", "system", "_",
    *MOMENTS,
]  # fmt: skip

any_text = st.sampled_from(TEXTS) | st.text(alphabet=st.characters(exclude_categories=()), max_size=12)
scalars = st.none() | st.sampled_from(NUMBERS) | st.sampled_from(FLOATS) | any_text | st.just(OVERFLOWING)


def deep(levels: int, *, pairs: bool) -> Any:
    """A value inside that many brackets."""
    made: Any = 1
    for _ in range(levels):
        made = {"a": made} if pairs else [made]
    return made


def values(known: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Any JSON value; ``known`` are words of the room, at a wrong place."""
    leaves = scalars | known
    names = any_text | st.sampled_from(["id", "seq", "a", "__proto__", "page", "seen_seq"])
    nested = st.recursive(
        leaves, lambda one: st.lists(one, max_size=4) | st.dictionaries(names, one, max_size=3), max_leaves=6
    )
    odd = st.sampled_from(
        [[], {}, [[]], [{}], [None], {"": None}, ["x"] * 60, [{}] * 101, deep(31, pairs=True), deep(40, pairs=False)]
    )
    return st.one_of(leaves, leaves, nested, odd)


# As they stand in an address: percent-encoded where they must be.
SEGMENTS = [
    "%00", "a%00b", "%2F", "..%2F..%2Fetc%2Fpasswd", "..", ".", "x" * 3000, "%F0%9F%98%80" * 100, "%ff%fe",
    "%ED%A0%80", "%C3%A9",
    "0", "-1", "%27%20OR%201%3D1--", ";a=b", "%0a", "%0d%0aX%3A%20y", "%", "%zz", "%25", "x", "new", "all", "page/",
    "null", "%20",
    "%E2%80%AE", "~", "*", "data", "uploads", "add", "pair", "%7Bx%7D", "a%2Fb",
]  # fmt: skip
segments = st.sampled_from(SEGMENTS) | st.text(alphabet="abc019-_.%/;:", min_size=1, max_size=12)
HEADER_WORDS = [
    "", " ", "\xff\xfe", "é", "x" * 5000, "*/*", ",", ";", "=", '"', "bytes=0-", "bytes=-1", "bytes=5-1",
    "bytes=0-0,2-3", "bytes=a-b",
    "bytes=99999999999999999999-", "items=1", '"x"', 'W/"x"', "*", "gzip;q=x", "gzip, br;q=0",
    "identity;q=0, *;q=0", "-1", "0", "1", "²",
    "9" * 15, "9" * 16, "1.0", "1.0.0", "0.2.2", "filename", "complaint", "complaint AA==", "complaint é",
    "complaint w6k=", "a é,b ====",
    "complaint AAAA,kind cmVwb3J0", "complaint gICA", "application/json", "text/html;q=nan", "Mon, 99 Foo 9999",
    "a=b; c", "\t", "utf-16",
    "Sun, 06 Nov 1994 08:49:37 GMT", "Bearer", "Bearer ", "Basic eDp5", "Bearer \xe9", "chunked", "100-continue",
    "null", "::1", "1" * 300,
]  # fmt: skip
header_words = st.sampled_from(HEADER_WORDS) | st.text(
    alphabet=st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20
)


def encoded(text: str) -> str:
    """As a part of an address; half a surrogate becomes what a wrong client would send."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
