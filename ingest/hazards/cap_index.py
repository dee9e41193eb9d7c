"""What a service's index links: an Atom feed (NWS, MeteoAlarm) or an RSS channel (BMKG) of documents of CAP.

An entry is told from an earlier one by its address and what the index says of its age, so that a document is fetched
once, and again where a service writes the next one to the same address.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from ingest.hazards.cap_document import read_tree
from liveroom.domain.fields import web_address
from liveroom.domain.requests import Malformed

LARGEST_INDEX = 8 << 20
# An entry of the American service has some forty elements.
MOST_ENTRIES, MOST_ELEMENTS = 2_000, 100_000
_ATOM = "{http://www.w3.org/2005/Atom}"
_CAP_TYPE = "application/cap+xml"
_LONGEST_ADDRESS = 2_048
# Letters of a mark: of two thousand entries no two have the same.
_MARK = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """A linked document: its address, and the mark by which this version of it is known."""

    address: str
    mark: str


def is_alert(root: Element) -> bool:
    """Whether the address leads to a document itself, and not to an index."""
    return str(root.tag).rpartition("}")[2] == "alert"


def index_tree(body: bytes) -> Element:
    """The root of an index, or of a document. Raises Malformed."""
    return read_tree(body, LARGEST_INDEX, MOST_ELEMENTS)


def index_entries(root: Element, base: str) -> tuple[IndexEntry, ...]:
    """What the index at ``base`` links, in its order, each once. Raises Malformed for what is no index."""
    kind = str(root.tag).rpartition("}")[2]
    if root.tag == f"{_ATOM}feed":
        found = list(_of_atom(root))
    elif kind in ("rss", "RDF"):
        found = list(_of_rss(root))
    else:
        raise Malformed("", f"is neither CAP nor an index of it (Atom, RSS), but <{kind[:40]}>")
    if len(found) > MOST_ENTRIES:
        raise Malformed("", f"links {len(found)} documents, at most {MOST_ENTRIES}")
    entries = (_entry(base, link, age) for link, age in found)
    return tuple(dict.fromkeys(one for one in entries if one is not None))


def _entry(base: str, link: str, age: str) -> IndexEntry | None:
    """None for a link that leads nowhere: the others are of use."""
    try:
        address = web_address(urljoin(base, link.strip()), "link", _LONGEST_ADDRESS)
    except (Malformed, ValueError):
        return None
    return IndexEntry(address=address, mark=sha256(f"{address}\n{age}".encode()).hexdigest()[:_MARK])


def _of_atom(feed: Element) -> Iterator[tuple[str, str]]:
    for entry in feed.findall(f"{_ATOM}entry"):
        links = entry.findall(f"{_ATOM}link")
        typed = [link for link in links if (link.get("type") or "").partition(";")[0].strip() == _CAP_TYPE]
        usual = [link for link in links if link.get("rel", "alternate") == "alternate"]
        chosen = next((link.get("href") for link in (*typed, *usual, *links) if link.get("href")), None)
        address = chosen or _text(entry, f"{_ATOM}id")
        if address:
            yield address, _text(entry, f"{_ATOM}updated") or _text(entry, f"{_ATOM}published")


def _of_rss(root: Element) -> Iterator[tuple[str, str]]:
    for item in root.iter():
        if str(item.tag).rpartition("}")[2] != "item":
            continue
        said = {str(child.tag).rpartition("}")[2]: (child.text or "").strip() for child in item}
        address = said.get("link") or said.get("guid")
        if address:
            yield address, said.get("pubDate") or said.get("date") or said.get("guid") or ""


def _text(parent: Element, tag: str) -> str:
    found = parent.find(tag)
    return (found.text or "").strip() if found is not None else ""
