"""A poller of any Open311 GeoReport v2 server: what it has new and what changed, asked for again and again.

Servers are late, their clocks differ from ours, and their lists shift while they are read. So each round begins before
its mark, which moves on only past a time that was read whole; what was read before is told by its content.
Where the server filters by change (`updated_after`), that is asked for; where it does not, closings of older requests
are found by going through the last weeks from time to time. An answer that is full is asked for page by page, and where
there are no pages, for ever shorter times.
"""

import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ingest.pull import Batch, Item, Misconfigured, PullSource, Secret, TryLater, parts_of, read_secret
from liveroom.accounts.sources import StatusAddress
from liveroom.courier.conditional_get import BadDocument, PeerAway, PeerRefusal
from liveroom.courier.open311_client import (
    Open311Client,
    Peer,
    PeerAnswer,
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
MOST_PAGES, MOST_REQUESTS = 400, 1000
LONGEST_S, SHORTEST_SPAN = 45 * 86_400, timedelta(seconds=2)
PROBED_AGAIN, AHEAD = timedelta(days=1), timedelta(days=1)
# So long before anything else no server has requests.
LONG_AGO = timedelta(days=12_000)
# The marks of an answer are believed for so long; then it is asked for whole.
MARKS_LAST = timedelta(days=1)
# Rows that are remembered by eight letters each, and requests that have no number yet.
MOST_SEEN, LETTERS, MOST_TOKENS = 10_000, 8, 200
UNAUTHORIZED = (401, 403)
# What some servers answer beyond the last page.
END_OF_PAGES = frozenset({400, 404, 416, 422})
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

    def categories_named(self) -> Iterable[str]:
        """What theirs become; empty leaves one for triage."""
        return filter(None, self.categories.values())

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
    """How far a server was read: all until ``mark``; the last weeks at ``swept``, and now up to ``swept_to`` again.

    ``span_s``: how long a time it can show whole.
    ``filters``: whether it filters by change, found out at ``probed``. ``most``: rows of its longest answer so far.
    ``question`` has been answered with ``etag`` and
    ``modified``. ``seen``: the last rows, eight letters each; ``tokens``: of requests without a number yet.
    """

    server: str
    mark: datetime | None = None
    swept: datetime | None = None
    swept_to: datetime | None = None
    span_s: int = LONGEST_S
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

    def knows(self, raw: str) -> bool:
        return _letters(raw) in self._letters

    def is_new(self, raw: str) -> bool:
        letters = _letters(raw)
        known = letters in self._letters
        self._letters.pop(letters, None)
        self._letters[letters] = None
        while len(self._letters) > MOST_SEEN:
            del self._letters[next(iter(self._letters))]
        return not known

    def text(self) -> str:
        return "".join(self._letters)


def _letters(raw: str) -> str:
    return b64encode(sha256(raw.encode("utf-8", "surrogatepass")).digest()[:6]).decode()


@dataclass(slots=True)
class _Round:
    """One round: from the position to now.

    Of the last time that was asked for: ``single``: the answer, where it was one page and no more; ``rows`` of its
    first page, how many ``pages``; ``cut``: there is more than the server showed. ``blind``: it does not look at the
    time. ``missing``: a time could not be read whole.
    """

    source: Open311PollSource
    peer: Peer
    state: PollPosition
    now: datetime
    requests: int = 0
    date: datetime | None = None
    single: PeerAnswer | None = None
    rows: int = 0
    pages: int = 0
    cut: bool = False
    blind: bool | None = None
    missing: bool = False
    client: Open311Client = field(init=False)
    memory: _Memory = field(init=False)

    def __post_init__(self) -> None:
        self.client = Open311Client(self.peer)
        self.memory = _Memory(self.state.seen)

    def batches(self) -> Iterator[Batch]:
        """What is new and changed since the mark, then of what was before it some more, where that has to be."""
        state, before = self.state, self._position()
        self._probe()
        yield from self._numbered()
        first = state.mark is None
        yield from self._walk(self._beginning(), None, self._set_mark)
        if first and not self._spent():
            state.swept = self.now
        elif not state.filters and self._is_due(state.swept, self.source.span("sweep")):
            yield from self._sweep()
        if self._position() != before:
            yield Batch([], self._position())
        if self.missing:
            raise TryLater("more requests of one moment than the server shows at once: some of them are missing")

    def _beginning(self) -> datetime:
        """From when on is asked: on the hour, so that the question stays the same for a while."""
        state, source = self.state, self.source
        start = self.now - source.span("since") if state.mark is None else state.mark - source.span("overlap")
        return min(start, self.now).replace(minute=0, second=0, microsecond=0)

    def _set_mark(self, until: datetime) -> None:
        if not self.missing:
            self.state.mark = until if self.state.mark is None else max(self.state.mark, until)

    def _sweep(self) -> Iterator[Batch]:
        """The last weeks once more, for what ended meanwhile; over as many rounds as it takes."""
        state, end = self.state, self._beginning()
        start = (self.now - self.source.span("look_back")).replace(minute=0, second=0, microsecond=0)

        def done(until: datetime) -> None:
            state.swept_to = until

        yield from self._walk(max(start, state.swept_to or start), end, done)
        if not self._spent():
            state.swept, state.swept_to = self.now, None

    def _is_due(self, last: datetime | None, span: timedelta) -> bool:
        return last is None or self.now - last >= span

    def _spent(self) -> bool:
        return self.requests >= MOST_REQUESTS

    # ---- times ----

    def _walk(self, since: datetime, end: datetime | None, done: Callable[[datetime], None]) -> Iterator[Batch]:
        """What lies between two times (``end`` None: to now), in spans that the server can show whole.

        ``done`` is told how far all has been read. The span is kept for the next round, so that each gets further.
        """
        last = end or self.now
        while not self._spent() and (end is None or since < last):
            until = min(since + timedelta(seconds=self.state.span_s), last)
            now = end is None and until == last
            marks = self._marks(since) if now else None
            yield from self._paged(since, None if now else until, marks)
            if self.single is not None and self.single.unchanged:
                return
            if self.cut and self._is_blind(since):
                self.cut = False
            if self.cut and until - since > SHORTEST_SPAN:
                self.state.span_s = max(int((until - since).total_seconds() / 2), 2)
                continue
            if self._spent():
                return
            self.missing = self.missing or self.cut
            done(max(since, min(last, self.date or last)) if now else until)
            self._widen()
            if now:
                self._keep_marks(since)
                return
            since = until

    def _widen(self) -> None:
        """Take a longer span next, where there was room in this one."""
        if self.rows * 2 <= self.state.most or 2 < self.pages < MOST_PAGES / 2:
            self.state.span_s = min(self.state.span_s * 2, LONGEST_S)

    def _marks(self, since: datetime) -> PeerAnswer | None:
        """Those of the last answer, where the question is the same and the answer not too old."""
        state = self.state
        fresh = state.mark is not None and not self._is_due(state.mark, MARKS_LAST)
        same = fresh and (state.etag or state.modified) and state.question == self._to_now(since)
        return PeerAnswer(etag=state.etag, modified=state.modified) if same else None

    def _keep_marks(self, since: datetime) -> None:
        state, one = self.state, self.single
        state.question = "" if one is None else self._to_now(since)
        state.etag, state.modified = (None, None) if one is None else (one.etag, one.modified)

    def _to_now(self, since: datetime) -> str:
        return urlencode(self._question(since, None, 1, self.source.page_size))

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
        self.single, self.cut, full = None, False, False
        first: set[str] = set()
        before: set[str] = set()
        for page in range(1, MOST_PAGES + 1):
            self.pages = page
            try:
                found = self._ask("requests", self._question(since, until, page, size), marks=marks)
            except PeerRefusal as error:
                if page == 1 or error.status not in END_OF_PAGES:
                    raise
                return
            ids = {_id_of(row) for row in found.rows}
            if page == 1:
                self.single, self.rows, first = found, len(found.rows), ids
            elif not ids - first - before:
                # It has no pages and repeats the first one, or it repeats the last one at the end.
                self.cut = page == 2 and ids == first and full and self.rows >= max(self.state.most, 1)
                return
            else:
                self.single = None
            yield from self._taken(found.rows)
            before = ids
            if not self.source.paging:
                self.cut = self.rows >= self.state.most and _may_be_full(self.rows, size)
                return
            # As long as its longest answer: that may be the length of its pages, whatever is asked for.
            full = _may_be_full(self.rows, size)
            longest = 0 < self.rows == self.state.most
            if len(found.rows) < self.rows or (page == 1 and not full and not longest) or self._spent():
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
        elif self._is_due(state.probed, PROBED_AGAIN):
            asked = {**self.source.parameters, "updated_after": to_text((self.now + AHEAD).replace(microsecond=0))}
            try:
                state.filters = not self._ask("requests", asked).rows
            except (PeerRefusal, BadDocument):
                state.filters = False
            state.probed = self.now
        if state.filters and state.swept and state.mark:
            # What changed of older requests since they were gone through last has not been seen.
            state.mark, state.swept = min(state.mark, state.swept), None

    # ---- rows ----

    def _taken(self, rows: Sequence[Any]) -> Iterator[Batch]:
        """The rows that are new or changed, of one request the latest last."""
        for some in parts_of(sorted(reversed(rows), key=_age), ROWS):
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
        # Its number is asked for once: else a list of tokens would be all that a round has time for.
        number = read.id or ("" if self.memory.knows(raw) else self._number(read.token))
        if not number or not self.memory.is_new(raw):
            return None
        return Item(raw=raw, value=report_values(read, number, self.source.categories, self.now))

    def _number(self, token: str) -> str:
        """The number of a request that came with a token alone; "" as long as it has none, and then it is kept."""
        if not token or self._spent():
            return ""
        try:
            found = self._ask("tokens", {}, key=token).rows
        except (PeerRefusal, BadDocument):
            found = ()
        number = text_in(found[0], "service_request_id") if found and isinstance(found[0], Mapping) else ""
        tokens = [one for one in self.state.tokens if one != token]
        self.state.tokens = tokens if number else [*tokens, token][-MOST_TOKENS:]
        return number

    def _numbered(self) -> Iterator[Batch]:
        """The requests whose tokens have become numbers."""
        for token in list(self.state.tokens):
            if number := self._number(token):
                with suppress(PeerRefusal, BadDocument):  # its row comes with the lists too
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
    """Servers list the newest first; where they say when each changed, that is its place."""
    return text_in(row, "updated_datetime", "requested_datetime") if isinstance(row, Mapping) else ""


def report_values(row: RequestRow, number: str, categories: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The row in the form of the intake. A time of receipt that has not come is left out.

    An end lies between receipt and now; where it is not known when the request came, it ends now, since the room may
    have had it for a while. The last change is left out: not every server moves it when the status changes, and what is
    read last is later.
    """
    received, closed_at = row.requested, None
    if received is not None and received > now:
        received = None
    if row.closed:
        closed_at = now if received is None else max(received, min(row.updated or now, now))
        received = received or closed_at
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
