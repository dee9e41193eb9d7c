"""A service of warnings that publishes documents of CAP 1.2, or an index of them: BMKG, NWS, MeteoAlarm and others.

The index is asked for with the marks of its last answer, and each document that it links once. A document that is gone
by then is left out; the index of the next round says what is in force.
"""

import threading
from collections.abc import Iterator, Sequence
from typing import ClassVar
from xml.etree.ElementTree import Element

import msgspec

from ingest.hazards.cap_document import read_alert
from ingest.hazards.cap_index import IndexEntry, index_entries, index_tree, is_alert
from ingest.pull import Batch, Item, Misconfigured, PullSource, TryLater, parts_of
from liveroom.courier.conditional_get import BadDocument, CacheMarks, ConditionalAnswer, PeerAway, PeerRefusal, fetch
from liveroom.domain.fields import web_address
from liveroom.domain.hazards.cap_alert import CapAlert
from liveroom.domain.requests import Malformed
from liveroom.runtime.http_client import BoundedClient

# Documents of a round, and of a batch: the first are on the wall while others are still being fetched.
MOST_FETCHED, TOGETHER = 300, 10
# After so many that cannot be had just now, one after the other, the server is left alone.
GIVEN_UP = 3
# A document that is not there any more, or was never for us.
GONE = frozenset({401, 403, 404, 410, 451})


class CapSource(PullSource, frozen=True, kw_only=True):
    """``url``: of an index (Atom, RSS) or of one document. ``senders``: whose documents are taken, empty for all.

    ``codes``: geocodes by which the service calls this city, ``VALUE`` or ``NAME:VALUE``. ``gap_s``: between two
    requests. ``inside``: the server stands in the city's own network.
    """

    url: str
    senders: list[str] = msgspec.field(default_factory=list)
    codes: list[str] = msgspec.field(default_factory=list)
    gap_s: float = 0.5
    inside: bool = False

    warns: ClassVar[bool] = True

    def faults(self) -> Iterator[tuple[str, str]]:
        """The address, and bounds."""
        try:
            web_address(self.url, "url", 2048)
        except Malformed as fault:
            yield "url", fault.message
        if not 0 <= self.gap_s <= 60:
            yield "gap_s", "must be between 0 and 60"

    def own_codes(self) -> Sequence[str]:
        """The codes of the settings."""
        return self.codes

    def fetch(self, position: str | None) -> Iterator[Batch]:
        """The documents that the index links and that were not fetched yet, in its order."""
        try:
            yield from _CapRound(self, _position_of(position, self.url)).batches()
        except PeerAway as error:
            raise TryLater(str(error), error.seconds) from error
        except (BadDocument, Malformed) as error:
            raise TryLater(f"the index cannot be read: {error}") from error
        except PeerRefusal as error:
            raise Misconfigured("url", str(error)) from error


class CapPosition(msgspec.Struct, kw_only=True):
    """How far an index was read: the ``marks`` of its answer, once all of it was fetched; ``seen``: of its entries."""

    url: str
    etag: str | None = None
    modified: str | None = None
    seen: list[str] = msgspec.field(default_factory=list)


def _position_of(position: str | None, url: str) -> CapPosition:
    """Of another address nothing is known."""
    try:
        found = msgspec.json.decode(position or "", type=CapPosition)
    except msgspec.DecodeError:
        return CapPosition(url=url)
    return found if found.url == url else CapPosition(url=url)


class _CapRound:
    """One round: the index, and what is new in it."""

    def __init__(self, source: CapSource, state: CapPosition) -> None:
        self._source = source
        self._state = state
        self._client = BoundedClient()
        self._away: PeerAway | None = None
        self._in_a_row = 0

    def batches(self) -> Iterator[Batch]:
        state = self._state
        answer = self._get(self._source.url, CacheMarks(etag=state.etag, modified=state.modified))
        if answer.unchanged:
            return
        root = _tree(answer.body)
        if root is None or is_alert(root):
            yield Batch([self._item(answer.body)], self._whole(answer, []))
            return
        entries = index_entries(root, self._source.url)
        listed = {one.mark for one in entries}
        seen = dict.fromkeys(mark for mark in state.seen if mark in listed)
        fresh = [one for one in entries if one.mark not in seen]
        for some in parts_of(fresh[:MOST_FETCHED], TOGETHER):
            items = [item for one in some for item in self._document(one, seen)]
            yield Batch(items, self._text(CapPosition(url=self._source.url, seen=list(seen))))
            if self._in_a_row >= GIVEN_UP:
                break
        if self._away is not None:
            raise self._away
        if len(fresh) <= MOST_FETCHED:
            yield Batch([], self._whole(answer, list(seen)))

    def _get(self, url: str, marks: CacheMarks) -> ConditionalAnswer:
        kinds = "application/cap+xml, application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9"
        headers = {"Accept": kinds}
        return fetch(self._client, url, who="CAP", headers=headers, marks=marks, inside=self._inside(url))

    def _inside(self, url: str) -> bool:
        """Whether an address may lead inside: what the settings say of the index holds for its own server alone."""
        return self._source.inside and _server(url) == _server(self._source.url)

    def _document(self, entry: IndexEntry, seen: dict[str, None]) -> Iterator[Item]:
        """The document, noted in ``seen``; nothing for one that is gone, or that cannot be had just now."""
        if self._in_a_row >= GIVEN_UP:
            return
        threading.Event().wait(self._source.gap_s)
        try:
            yield self._item(self._get(entry.address, CacheMarks()).body)
        except PeerAway as error:
            # One that is always late keeps no other back.
            self._away, self._in_a_row = error, self._in_a_row + 1
            return
        except (PeerRefusal, BadDocument) as error:
            if not isinstance(error, PeerRefusal) or error.status not in GONE:
                yield Item(raw=entry.address, fault=Malformed("link", str(error)))
        self._in_a_row = 0
        seen[entry.mark] = None

    def _item(self, body: bytes) -> Item:
        raw = body.decode("utf-8", "backslashreplace")
        try:
            return Item(raw=raw, value=self._of_known_sender(read_alert(body)))
        except Malformed as fault:
            return Item(raw=raw, fault=fault)

    def _of_known_sender(self, alert: CapAlert) -> CapAlert:
        if self._source.senders and alert.sender not in self._source.senders:
            raise Malformed("sender", f"{alert.sender!r} is none of those that the settings name")
        return alert

    def _whole(self, answer: ConditionalAnswer, seen: list[str]) -> str:
        marks = answer.marks
        return self._text(CapPosition(url=self._source.url, etag=marks.etag, modified=marks.modified, seen=seen))

    @staticmethod
    def _text(state: CapPosition) -> str:
        return msgspec.json.encode(state).decode()


def _tree(body: bytes) -> Element | None:
    """None for what begins as a document of CAP and cannot be read: it goes to quarantine under its element."""
    try:
        return index_tree(body)
    except Malformed:
        if b"<alert" in body[:2000]:
            return None
        raise


def _server(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()
