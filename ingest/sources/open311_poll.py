"""A poller of any Open311 GeoReport v2 server: what it has new and what changed, asked for again and again.

Servers are late, their clocks differ from ours, and their lists shift while they are read. So each round begins before
its mark, which moves on only past a time that was read whole; what was read before is told by its content.
Where the server filters by change (`updated_after`), that is asked for; where it does not, closings of older requests
are found by going through the last weeks from time to time. An answer that is full is asked for page by page, and where
there are no pages, by ever shorter times.
"""

import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ingest.pull import Batch, Item, Misconfigured, PullSource, Secret, TryLater, parts_of, read_secret
from liveroom.accounts.sources import StatusAddress
from liveroom.courier.open311_client import (
    BadDocument,
    PeerAnswer,
    Open311Client,
    Peer,
    PeerAway,
    PeerRefusal,
    RequestRow,
    request_row,
    text_in,
)
from liveroom.domain.fields import web_address
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import seconds_of, to_text
from liveroom.runtime.time import system_now

ROWS = 100
# Rows of the pages that servers are known to have, whatever is asked for: an answer of so many may not be all.
USUAL_PAGES = frozenset({20, 25, 30, 50, 100, 128, 200, 250, 300, 400, 500, 1000})
SMALLEST_PAGE = 10
# Bounds of one round and of one time; beyond them the next round, or shorter times, go on.
MOST_PAGES, MOST_REQUESTS = 100, 1000
LONGEST_SPAN, SHORTEST_SPAN = timedelta(days=45), timedelta(seconds=2)
PROBED_AGAIN, AHEAD = timedelta(days=1), timedelta(days=1)
# So long before anything else no server has requests.
LONG_AGO = timedelta(days=12_000)
# The marks of an answer are believed for so long; then it is asked for whole.
MARKS_LAST = timedelta(days=1)
# Rows that are remembered by eight letters each, and requests that have no number yet.
MOST_SEEN, LETTERS, MOST_TOKENS = 10_000, 8, 200
UNAUTHORIZED = (401, 403)
SPANS = ("since", "overlap", "sweep", "look_back")


class Open311PollSource(PullSource, frozen=True, kw_only=True):
    """``url``: the endpoint. ``zone``: that of times without an offset. ``categories``: ours by their codes or names.

    ``since``: how far back the first round goes; ``overlap``: how long before its mark each round begins; ``look_back``
    and ``sweep``: how far back closings are looked for where the server cannot be asked for changes, and how often.
    ``gap_s``: between two requests. ``inside``: the server stands in the city's own network. ``parameters``: sent with
    each list. ``updates``: where our status is sent (docs/open311.md).
    """

    url: str
    format: Literal["json", "xml"] = "json"
    jurisdiction: str = ""
    api_key: Secret = Secret("")
    zone: str = "UTC"
    since: str = "90d"
    overlap: str = "2h"
    sweep: str = "6h"
    look_back: str = "30d"
    changes: Literal["auto", "updated", "received"] = "auto"
    paging: bool = True
    page_size: int = 100
    gap_s: float = 0.5
    inside: bool = False
    categories: dict[str, str] = msgspec.field(default_factory=dict)
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    updates: str = ""

    history: ClassVar[bool] = True

    def faults(self) -> Iterator[tuple[str, str]]:
        """Addresses, spans and bounds."""
        for name in ("url", "updates"):
            if address := getattr(self, name):
                try:
                    web_address(address, name, 2048)
                except Malformed as fault:
                    yield name, fault.message
        for name in SPANS:
            if seconds_of(getattr(self, name)) is None:
                yield name, "must be a number and a unit, such as 30m, 2h or 90d"
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield "zone", "must be the name of a time zone, such as Asia/Jakarta"
        if not SMALLEST_PAGE <= self.page_size <= 1000:
            yield "page_size", f"must be between {SMALLEST_PAGE} and 1000"
        if self.gap_s < 0:
            yield "gap_s", "must not be negative"

    def status_to(self) -> StatusAddress | None:
        """`updates`, with what a post to it needs."""
        if not self.updates:
            return None
        return StatusAddress(
            url=self.updates, secret=self.api_key, jurisdiction=self.jurisdiction or None, inside=self.inside
        )

    def fetch(self, position: str | None) -> Iterator[Batch]:
        """What is new and what changed, the oldest time first."""
        peer = Peer(
            url=self.url,
            key=read_secret(self.api_key, "api_key") if self.api_key else None,
            jurisdiction=self.jurisdiction or None,
            form=self.format,
            zone=ZoneInfo(self.zone),
            inside=self.inside,
        )
        try:
            yield from _Round(self, peer, _known(position, self.url), system_now()).batches()
        except PeerAway as error:
            raise TryLater(str(error), error.seconds) from error
        except BadDocument as error:
            raise TryLater(str(error)) from error
        except PeerRefusal as error:
            raise Misconfigured("api_key" if error.status in UNAUTHORIZED else "url", str(error)) from error

    def span(self, name: str) -> timedelta:
        """One of SPANS."""
        return timedelta(seconds=seconds_of(getattr(self, name)) or 0)


class PollPosition(msgspec.Struct, kw_only=True):
    """How far a server was read: all until ``mark``, all of the last weeks at ``swept``.

    ``filters``: whether it filters by change, found out at ``probed``. ``most``: rows of its longest answer so far.
    ``question`` has been answered with ``etag`` and
    ``modified``. ``seen``: the last rows, eight letters each; ``tokens``: of requests without a number yet.
    """

    server: str
    mark: datetime | None = None
    swept: datetime | None = None
    filters: bool | None = None
    probed: datetime | None = None
    most: int = 0
    question: str = ""
    etag: str | None = None
    modified: str | None = None
    seen: str = ""
    tokens: list[str] = msgspec.field(default_factory=list)


def _known(position: str | None, server: str) -> PollPosition:
    """The position; the beginning where another kind or another server had this name before."""
    try:
        found = None if position is None else msgspec.json.decode(position, type=PollPosition)
    except (msgspec.DecodeError, msgspec.ValidationError):
        found = None
    return found if found is not None and found.server == server else PollPosition(server=server)


class _Memory:
    """The rows that were read last, by their content; the one seen longest ago is forgotten first."""

    def __init__(self, text: str) -> None:
        self._letters = dict.fromkeys(text[n : n + LETTERS] for n in range(0, len(text), LETTERS))

    def is_new(self, raw: str) -> bool:
        letters = b64encode(sha256(raw.encode("utf-8", "surrogatepass")).digest()[:6]).decode()
        known = letters in self._letters
        self._letters.pop(letters, None)
        self._letters[letters] = None
        while len(self._letters) > MOST_SEEN:
            del self._letters[next(iter(self._letters))]
        return not known

    def text(self) -> str:
        return "".join(self._letters)


@dataclass(slots=True)
class _Round:
    """One round: from the position to now.

    ``single``: the answer to the last time that was asked for, where it was one page and no more. ``cut``: there is
    more than the server showed. ``blind``: it does not look at the time. ``missing``: a time could not be read whole.
    """

    source: Open311PollSource
    peer: Peer
    state: PollPosition
    now: datetime
    requests: int = 0
    date: datetime | None = None
    single: PeerAnswer | None = None
    cut: bool = False
    blind: bool | None = None
    missing: bool = False
    client: Open311Client = field(init=False)
    memory: _Memory = field(init=False)

    def __post_init__(self) -> None:
        self.client = Open311Client(self.peer)
        self.memory = _Memory(self.state.seen)

    def batches(self) -> Iterator[Batch]:
        """All of it, the oldest time first; the mark moves on with each time that was read whole."""
        before = self._position()
        self._probe()
        yield from self._numbered()
        since, sweeping = self._begin()
        while self.now - since > LONGEST_SPAN and not self._spent:
            yield from self._time(since, since + LONGEST_SPAN)
            since += LONGEST_SPAN
        if not self._spent:
            yield from self._last(since)
        if sweeping and not self.missing and not self._spent:
            self.state.swept = self.now
        if self._position() != before:
            yield Batch([], self._position())
        if self.missing:
            raise TryLater("more requests of one moment than the server shows at once: some of them are missing")

    def _begin(self) -> tuple[datetime, bool]:
        """From when on is asked, on the hour so that the question stays the same for a while; whether that is all."""
        state, source = self.state, self.source
        start = self.now - source.span("since") if state.mark is None else state.mark - source.span("overlap")
        sweeping = not state.filters and (state.swept is None or self.now - state.swept >= source.span("sweep"))
        if sweeping:
            start = min(start, self.now - source.span("look_back"))
        return min(start, self.now).replace(minute=0, second=0, microsecond=0), sweeping

    @property
    def _spent(self) -> bool:
        return self.requests >= MOST_REQUESTS

    # ---- times ----

    def _last(self, since: datetime) -> Iterator[Batch]:
        """The time up to now; asked for with the marks of the last answer where the question is the same."""
        state, question = self.state, urlencode(self._question(since, None, 1, self.source.page_size))
        fresh = state.mark is not None and self.now - state.mark < MARKS_LAST
        same = fresh and question == state.question and (state.etag or state.modified)
        yield from self._time(since, None, PeerAnswer(etag=state.etag, modified=state.modified) if same else None)
        one = self.single
        if one is None or not one.unchanged:
            state.question = "" if one is None else question
            state.etag, state.modified = (None, None) if one is None else (one.etag, one.modified)

    def _time(self, since: datetime, until: datetime | None, marks: PeerAnswer | None = None) -> Iterator[Batch]:
        """What lies in a time: page by page, and by halves where the server shows no more; ``until`` None: to now."""
        yield from self._paged(since, until, marks)
        if self.single is not None and self.single.unchanged:
            return
        end = self.now if until is None else until
        if self.cut and self._is_blind(since):
            self.cut = False
        if self.cut and end - since > SHORTEST_SPAN and not self._spent:
            middle = (since + (end - since) / 2).replace(microsecond=0)
            yield from self._time(since, middle)
            yield from self._time(middle, until)
            self.single = None
            return
        self.missing = self.missing or self.cut
        if not self.missing and not self._spent:
            reached = until or min(self.now, self.date or self.now)
            self.state.mark = reached if self.state.mark is None else max(self.state.mark, reached)

    def _is_blind(self, since: datetime) -> bool:
        """Whether the server does not look at the time: then it has requests of one in which there were none."""
        if self.blind is None:
            asked = self._question(since - LONG_AGO, since - LONG_AGO + timedelta(hours=1), 1, self.source.page_size)
            try:
                self.blind = bool(self._ask("requests", asked).rows)
            except PeerRefusal:
                self.blind = False
        return self.blind

    def _paged(self, since: datetime, until: datetime | None, marks: PeerAnswer | None) -> Iterator[Batch]:
        """The pages of a time. One that cannot be read is asked for anew with shorter pages. Raises BadDocument."""
        size = self.source.page_size
        while True:
            try:
                yield from self._pages(since, until, size, marks)
                return
            except BadDocument:
                if not self.source.paging or size // 2 < SMALLEST_PAGE:
                    raise
                size //= 2

    def _pages(self, since: datetime, until: datetime | None, size: int, marks: PeerAnswer | None) -> Iterator[Batch]:
        known: set[str] = set()
        self.single, self.cut, first = None, False, 0
        for page in range(1, MOST_PAGES + 1):
            try:
                found = self._ask("requests", self._question(since, until, page, size), marks=marks)
            except PeerRefusal:
                if page == 1:
                    raise
                return
            ids = {_id_of(row) for row in found.rows}
            new = ids - known
            if page == 1:
                self.single, first = found, len(found.rows)
            elif not new:
                # It has no pages and repeats the first one, or it repeats the last one at the end.
                self.cut = page == 2 and ids == known and first >= max(self.state.most, 1)
                return
            else:
                self.single = None
            yield from self._taken(found.rows)
            known |= ids
            if not self.source.paging:
                self.cut = first >= self.state.most and _may_be_full(first, size)
                return
            if len(found.rows) < first or (page == 1 and not _may_be_full(first, size)) or self._spent:
                return
        self.cut = True

    def _question(self, since: datetime, until: datetime | None, page: int, size: int) -> dict[str, str]:
        after, before = ("updated_after", "updated_before") if self.state.filters else ("start_date", "end_date")
        asked = {**self.source.parameters, after: to_text(since)}
        if until is not None:
            asked[before] = to_text(until)
        return {**asked, "page": str(page), "page_size": str(size)} if self.source.paging else asked

    def _ask(
        self, what: str, asked: Mapping[str, str], *, key: str = "", marks: PeerAnswer | None = None
    ) -> PeerAnswer:
        if self.requests:
            threading.Event().wait(self.source.gap_s)
        self.requests += 1
        found = self.client.read(what, asked, key=key, marks=marks)
        self.date = self.date or found.date
        self.state.most = max(self.state.most, len(found.rows))
        return found

    def _probe(self) -> None:
        """Find out whether it filters by change: then nothing changed after tomorrow."""
        state, changes = self.state, self.source.changes
        if changes != "auto":
            state.filters = changes == "updated"
        elif state.probed is None or self.now - state.probed >= PROBED_AGAIN:
            asked = {**self.source.parameters, "updated_after": to_text((self.now + AHEAD).replace(microsecond=0))}
            try:
                state.filters = not self._ask("requests", asked).rows
            except (PeerRefusal, BadDocument):
                state.filters = False
            state.probed = self.now

    # ---- rows ----

    def _taken(self, rows: Sequence[Any]) -> Iterator[Batch]:
        """The rows that are new or changed, of one request the latest last."""
        for some in parts_of(sorted(rows, key=_age), ROWS):
            items = [item for row in some if (item := self._item(row)) is not None]
            if items:
                yield Batch(items, self._position())

    def _item(self, row: Any) -> Item | None:
        """None for what was read before, and for a request that has no number yet."""
        raw = msgspec.json.encode(row).decode()
        try:
            read = request_row(row, self.peer.zone)
        except Malformed as fault:
            return Item(raw=raw, fault=fault) if self.memory.is_new(raw) else None
        number = read.id or self._number(read.token)
        if not number or not self.memory.is_new(raw):
            return None
        return Item(raw=raw, value=report_values(read, number, self.source.categories, self.now))

    def _number(self, token: str) -> str:
        """The number of a request that came with a token alone; "" as long as it has none, and then it is kept."""
        if not token or self._spent:
            return ""
        try:
            found = self._ask("tokens", {}, key=token).rows
        except PeerRefusal:
            found = ()
        number = text_in(found[0], "service_request_id") if found and isinstance(found[0], Mapping) else ""
        tokens = [one for one in self.state.tokens if one != token]
        self.state.tokens = tokens if number else [*tokens, token][-MOST_TOKENS:]
        return number

    def _numbered(self) -> Iterator[Batch]:
        """The requests whose tokens have become numbers."""
        for token in list(self.state.tokens):
            if number := self._number(token):
                yield from self._taken(self._ask("requests", {}, key=number).rows)

    def _position(self) -> str:
        self.state.seen = self.memory.text()
        return msgspec.json.encode(self.state).decode()


def _may_be_full(rows: int, size: int) -> bool:
    """Whether there may be more than an answer of so many rows showed."""
    return rows == size or rows in USUAL_PAGES


def _id_of(row: Any) -> str:
    said = text_in(row, "service_request_id", "token") if isinstance(row, Mapping) else ""
    return said or sha256(msgspec.json.encode(row)).hexdigest()


def _age(row: Any) -> str:
    return text_in(row, "updated_datetime") if isinstance(row, Mapping) else ""


def report_values(row: RequestRow, number: str, categories: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The row in the form of the intake. A time that has not come is left out, and an end lies between receipt and now.

    Its last change is left out: not every server moves it when the status changes, and what is read last is later.
    """
    closed_at = min(row.updated or now, now) if row.closed else None
    received = row.requested if row.requested is None or row.requested <= now else None
    if closed_at is not None:
        received = received or closed_at
        closed_at = max(received, closed_at)
    values = {
        "source_id": number,
        "category": categories.get(row.code) or categories.get(row.name) or row.code or row.name,
        "description": row.description,
        "address": row.address,
        "lat": row.lat,
        "lon": row.lon,
        "reported_at": received and to_text(received),
        "closed_at": closed_at and to_text(closed_at),
        "media": list(row.media),
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}
