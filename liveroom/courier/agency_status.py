"""The status of what was forwarded by Open311: asked for at the agencies' own systems, which tell nobody by themselves.

Each delivery that became a request there is followed until the complaint is over or somebody else's. What its system
says becomes the agency's commands here (`room.commands.agency_systems`), each once.
"""

import logging
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from liveroom.city.agencies import Agency
from liveroom.courier.conditional_get import BadDocument, PeerAway, PeerRefusal
from liveroom.courier.open311_client import (
    Open311Client,
    Peer,
    links_in,
    plain,
    request_row,
    status_word,
    text_in,
    time_in,
)
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import to_text
from liveroom.log import outbox
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import NoLog
from liveroom.log.outbox import AgencyRequest
from liveroom.room.commands.agency_systems import AgencySystemCommands, SystemWord
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import OutboxSettings
from liveroom.runtime.metrics import AGENCY_STATUS
from liveroom.runtime.time import monotonic, system_now

# Numbers a question: more do not fit into every server's idea of an address.
AT_ONCE = 50
# Updates are asked for from before the last time, since systems are late; and so many pages of a time at most: a time
# that has more is asked for by halves, so many of them.
OVERLAP = timedelta(hours=2)
LONGEST_SPAN = timedelta(days=85)
MOST_PAGES, A_PAGE, MOST_SPANS = 50, 100, 16
# Updates of one request that are remembered.
MOST_HEARD = 100
NONE_SUCH = frozenset({400, 404, 410})
# Of a request that is followed these say nothing, and what is wrong with them keeps nothing back.
NOT_READ: Mapping[str, Any] = dict.fromkeys(("lat", "long", "requested_datetime", "updated_datetime"))
# The requests by the numbers that their system gave them; it may give one to several that it takes for the same.
Numbered = Mapping[str, Sequence[AgencyRequest]]
log = logging.getLogger(__name__)


class AgencyStatus:
    """``pause``: how long an agency's system rests after so many failures, by chance (`worker.pause`)."""

    def __init__(
        self,
        room: Room,
        settings: OutboxSettings,
        pause: Callable[[int, float], timedelta],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._room = room
        self._settings = settings
        self._pause = pause
        self._chance = chance
        self._commands = AgencySystemCommands(room)
        self._busy: set[str] = set()
        # By agency: when (monotonic) it is asked again, and how often in a row it could not be.
        self._next: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def step(self, runtime: Runtime) -> None:
        """Begin to ask every agency's system that is due."""
        for agency in self._room.city.agencies.values():
            asked = agency.channel == "open311" and agency.url is not None and agency.open311.status != "none"
            if asked and agency.key not in self._busy and self._next.get(agency.key, 0.0) <= monotonic():
                self._busy.add(agency.key)
                runtime.spawn(self._serve, agency)

    def _serve(self, agency: Agency) -> None:
        try:
            self.ask(agency)
        except (Unavailable, NoLog) as error:
            log.warning("what agencies' systems say waits for the log: %s", error)
            # A log that can be read and not written would else have them asked twice a second.
            self._next[agency.key] = monotonic() + self._pause(1, self._chance()).total_seconds()
        except Exception:
            log.exception("what the system of %s says could not be read; it is asked again", agency.key)
            self._rest(agency, 0.0)
        finally:
            self._busy.discard(agency.key)

    def ask(self, agency: Agency) -> bool:
        """Ask one agency's system about all of its requests; False where it did not answer. Raises Unavailable."""
        try:
            self._ask(agency)
        except PeerAway as error:
            log.warning("the system of %s did not say what became of its requests: %s", agency.key, error)
            self._rest(agency, error.seconds)
            return False
        except (PeerRefusal, BadDocument) as error:
            log.warning("the system of %s does not say what became of its requests: %s", agency.key, error)
            self._rest(agency, 0.0)
            return False
        self._failures.pop(agency.key, None)
        self._next[agency.key] = monotonic() + self._settings.status_minutes * 60
        AGENCY_STATUS.labels(agency.key).set(1)
        return True

    def _rest(self, agency: Agency, asked: float) -> None:
        AGENCY_STATUS.labels(agency.key).set(0)
        self._failures[agency.key] = failures = self._failures.get(agency.key, 0) + 1
        rest = self._pause(failures, self._chance()).total_seconds()
        self._next[agency.key] = monotonic() + max(asked, rest, self._settings.status_minutes * 60)

    def _ask(self, agency: Agency) -> None:
        requests = self._commands.still_followed(self._room.log.read(lambda c: outbox.followed(c, agency.key)))
        if not requests:
            return
        client, now = Open311Client(self._peer(agency)), self._room.now()
        numbered = self._numbered(client, requests)
        if agency.open311.status == "updates":
            self._updates(client, agency, numbered)
        else:
            self._statuses(client, agency, numbered)
        # Of one that has no number yet nothing was asked: what is said of it meanwhile is still to be heard.
        self._room.log.touch(lambda c: outbox.note_asked(c, [one.delivery for one in _each(numbered)], now))

    def _peer(self, agency: Agency) -> Peer:
        """As the courier posts to it: the pack's own address, which may be one in the city's network."""
        return Peer(
            url=agency.url or "",
            key=self._settings.secrets.get(agency.secret or "") or None,
            jurisdiction=agency.open311.jurisdiction,
            form=agency.open311.format,
            zone=self._room.city.zone,
            inside=True,
        )

    def _numbered(self, client: Open311Client, requests: Iterable[AgencyRequest]) -> Numbered:
        """Who came with a token gets the number that it has become by now."""
        found: dict[str, list[AgencyRequest]] = {}
        for one in requests:
            number = one.number
            if number is None and one.token is not None:
                number = self._number(client, one.delivery, one.token)
            if number:
                found.setdefault(number, []).append(one)
        return found

    def _number(self, client: Open311Client, delivery: str, token: str) -> str | None:
        try:
            rows = client.read("tokens", {}, key=token).rows
        except BadDocument:
            return None
        except PeerRefusal as error:
            if error.status in NONE_SUCH:
                return None
            raise
        number = text_in(rows[0], "service_request_id")[:128] if rows and isinstance(rows[0], Mapping) else ""
        if number:
            self._room.log.touch(lambda c: outbox.note_request(c, delivery, number=number))
        return number or None

    # ---- by the requests themselves ----

    def _statuses(self, client: Open311Client, agency: Agency, numbered: Numbered) -> None:
        numbers = list(numbered)
        for start in range(0, len(numbers), AT_ONCE):
            for row in _rows_of(client, numbers[start : start + AT_ONCE]):
                number = text_in(row, "service_request_id") if isinstance(row, Mapping) else ""
                for request in numbered.get(number, ()):
                    self._hear_status(agency, request, row)

    def _hear_status(self, agency: Agency, request: AgencyRequest, row: Any) -> None:
        try:
            read = request_row({**row, **NOT_READ}, self._room.city.zone)
        except Malformed as fault:
            log.warning("the system of %s says nothing readable of %s: %s", agency.key, request.number, fault)
            return
        heard = msgspec.json.encode([read.word, _digest(read.notes), _digest(*read.media)]).decode()
        if heard != request.heard:
            before = _heard_before(request.heard)
            said = SystemWord(
                heard=heard,
                word=read.word,
                words="" if _digest(read.notes) in before[1:2] else read.notes,
                media=read.media,
                again=read.word in before[:1],
            )
            self._commands.hear(request.delivery, said)

    # ---- by their updates ----

    def _updates(self, client: Open311Client, agency: Agency, numbered: Numbered) -> None:
        """Each update since before the last time, the oldest first, once by its id."""
        if not numbered:
            return
        since = min(one.asked_at or one.sent_at for one in _each(numbered)) - OVERLAP
        found, whole = self._all_updates(client, agency, since, numbered)
        rows = sorted(found, key=self._moment)
        heard = {one.delivery: _ids_heard(one.heard) for one in _each(numbered)}
        for row in rows:
            id_ = text_in(row, "update_id")
            for one in numbered[text_in(row, "service_request_id")]:
                if id_ in heard[one.delivery]:
                    continue
                heard[one.delivery] = [*heard[one.delivery], id_][-MOST_HEARD:]
                said = SystemWord(
                    heard=msgspec.json.encode(heard[one.delivery]).decode(),
                    word=status_word(text_in(row, "status")),
                    words=plain(text_in(row, "description")),
                    media=links_in(row),
                )
                self._commands.hear(one.delivery, said)
        if not whole:
            raise BadDocument("it has more updates than can be read: some of them are missing")

    def _all_updates(
        self, client: Open311Client, agency: Agency, since: datetime, numbers: Collection[str]
    ) -> tuple[list[Mapping[str, Any]], bool]:
        """The updates since then of the requests with these numbers, and whether these are all of them."""
        # Its own time, and real: the room's may stand, or run ahead in a drill.
        until = system_now()
        key = self._settings.secrets.get(agency.secret or "")
        spans = [(max(since, until - LONGEST_SPAN).replace(microsecond=0), (until + OVERLAP).replace(microsecond=0))]
        found: list[Mapping[str, Any]] = []
        for _ in range(MOST_SPANS):
            if not spans:
                return found, True
            start, end = spans.pop()
            asked = {"start_date": to_text(start), "end_date": to_text(end), **({"api_key": key} if key else {})}
            some, whole = _updates_between(client, asked, numbers)
            found += some
            if not whole:
                middle = start + (end - start) / 2
                spans += [(middle, end), (start, middle)]
        return found, not spans

    def _moment(self, row: Mapping[str, Any]) -> datetime:
        try:
            return time_in(row, "updated_datetime", self._room.city.zone) or datetime.max.replace(tzinfo=UTC)
        except Malformed:
            return datetime.max.replace(tzinfo=UTC)


def _updates_between(
    client: Open311Client, asked: Mapping[str, str], numbers: Collection[str]
) -> tuple[list[Mapping[str, Any]], bool]:
    """The updates of these requests, page by page until nothing is new, and whether there are no more.

    Servers have pages of their own length, whatever is asked for: only one that brings nothing is the end. Others'
    updates are let go at once.
    """
    some: list[Mapping[str, Any]] = []
    known: set[str] = set()
    for page in range(1, MOST_PAGES + 1):
        found = client.read("servicerequestupdates", {**asked, "page": str(page), "page_size": str(A_PAGE)}).rows
        new = {id_: row for row in found if (id_ := _update_id(row)) and id_ not in known}
        if not new:
            return some, True
        some += [row for row in new.values() if text_in(row, "service_request_id") in numbers]
        known |= new.keys()
    return some, False


def _update_id(row: Any) -> str:
    return text_in(row, "update_id") if isinstance(row, Mapping) else ""


def _each(numbered: Numbered) -> Iterator[AgencyRequest]:
    return (one for some in numbered.values() for one in some)


def _rows_of(client: Open311Client, numbers: Sequence[str]) -> Iterator[Any]:
    """The requests of these numbers, by halves where a server refuses them all for one that it does not know, or takes
    them for one number and has nothing of it.
    """
    rows: Sequence[Any] = ()
    try:
        rows = client.read("requests", {"service_request_id": ",".join(numbers)}).rows
    except PeerRefusal as error:
        if error.status not in NONE_SUCH:
            raise
    yield from rows
    if not rows and len(numbers) > 1:
        half = len(numbers) // 2
        yield from _rows_of(client, numbers[:half])
        yield from _rows_of(client, numbers[half:])


def _digest(*words: str) -> str:
    """What stands for words that may name people: such are kept where they can be erased, and nowhere else."""
    return sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _heard_before(heard: str | None) -> list[Any]:
    """Word, notes and pictures as they were heard last: the word itself, of the others what stands for them."""
    try:
        return msgspec.json.decode(heard or "[]", type=list[Any])
    except msgspec.DecodeError:
        return []


def _ids_heard(heard: str | None) -> list[str]:
    try:
        return msgspec.json.decode(heard or "[]", type=list[str])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return []
