"""A stream of any Redis, read by a consumer group: an entry is acknowledged once it is in the log, and never before.

What was delivered and not acknowledged, to a process that died or to another consumer that is gone, is read first. What
cannot be read goes into quarantine and is acknowledged too, so that nothing comes round for ever; so does what was
removed from the stream before it was read, as far as Redis tells.
"""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from redis import Redis, exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from ingest.pull import Batch, Item, Misconfigured, PullSource, Secret, TryLater, read_secret
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import seconds_of
from liveroom.runtime.config import is_secret
from liveroom.runtime.http_input import MAX_BYTES, BadJson, TooLarge, read_json
from liveroom.tables.table_plan import TableCity

SCHEMES, TLS = ("redis", "rediss", "unix"), "rediss://"
# Seconds to connect, and for an answer.
CONNECT_S, ANSWER_S = 5.0, 10.0
# Entries of the first batch and of any other, and the bytes after which the next ones are fewer: Redis knows no bound
# of bytes, so how many are asked for follows what came.
FIRST, MOST, ENOUGH_BYTES = 10, 100, 1024 * 1024
# Ids that Redis says were removed are kept by name up to here.
MOST_NAMED = 500
NUMBERS, FLAGS = ("lat", "lon"), {"true": True, "false": False, "1": True, "0": False}
Entry = tuple[bytes, Mapping[bytes, bytes] | None]


class RedisStreamSource(PullSource, frozen=True, kw_only=True):
    """``url``: redis://, rediss:// or unix://, or where it stands as a secret. ``field``: the one that holds JSON;
    without it the fields of an entry are those of a report, by ``map``, or by their own names.

    ``start``: where a group begins that is not there yet. ``idle``: what another consumer has had for so long is taken
    over from it. ``ca``: the file of certificates to trust, in place of the system's.
    """

    url: str
    stream: str
    group: str = "liveroom"
    consumer: str = "liveroom"
    user: str = ""
    password: Secret = Secret("")
    ca: str = ""
    field: str = ""
    map: dict[str, str] = msgspec.field(default_factory=dict)
    start: Literal["beginning", "new"] = "beginning"
    idle: str = "5m"

    def faults(self) -> Iterator[tuple[str, str]]:
        """Addresses, spans and names."""
        if not is_secret(self.url):
            yield from _faults_of_address(self.url)
            if self.ca and not self.url.startswith(TLS):
                yield "ca", f"is for {TLS} alone"
        if seconds_of(self.idle) is None:
            yield "idle", "must be a number and a unit, such as 5m or 2h"
        for name in ("stream", "group", "consumer"):
            if not getattr(self, name):
                yield name, "must not be empty"
        if self.field and self.map:
            yield "map", "is for entries whose fields are the report's: take it or field out"

    def fetch(self, position: str | None) -> Iterator[Batch]:
        """What was left behind first, then what is new; the position is what was read last."""
        with _told(), self._client() as client:
            yield from _StreamRound(self, client, _known(position)).batches()

    def preview_in(self, position: str | None, city: TableCity) -> Batch | None:
        """What ``fetch_in`` would give first, looked at without a consumer: nothing counts as delivered by that."""
        del city
        with _told(), self._client() as client:
            return _StreamRound(self, client, _known(position)).ahead()

    def _client(self) -> Redis:
        """A connection that waits for nothing longer than it may. Raises Misconfigured."""
        url = read_secret(Secret(self.url), "url") if is_secret(self.url) else self.url
        options: dict[str, Any] = {"username": self.user} if self.user else {}
        if self.password:
            options["password"] = read_secret(self.password, "password")
        if self.ca:
            _refuse_ca(self.ca, url)
            options["ssl_ca_certs"] = self.ca
        wait = {"socket_connect_timeout": CONNECT_S, "socket_timeout": ANSWER_S}
        try:
            client = Redis.from_url(url, retry=Retry(NoBackoff(), 0), protocol=2, **wait, **options)
            client.connection_pool.make_connection()  # which alone looks at what the address asks for
            return client
        except (ValueError, TypeError) as error:
            raise Misconfigured("url", "is no address of a Redis") from error


def _faults_of_address(url: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(url)
        known, secret = parts.scheme in SCHEMES and parts.port != 0, parts.password
    except ValueError:
        known, secret = False, None
    if not known:
        yield "url", "must begin with redis://, rediss:// or unix://, or be env: or file: of a secret"
    if secret:
        yield "url", "must not hold a password: give password, or the whole address as env: or file:"


def _refuse_ca(file: str, url: str) -> None:
    if not url.startswith(TLS):
        raise Misconfigured("ca", f"is for {TLS} alone")
    try:
        ssl.create_default_context(cafile=file)
    except OSError as error:
        raise Misconfigured("ca", f"{file} cannot be read as certificates") from error


class StreamPosition(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``read``: the newest entry that is in the log. ``taken``: those of the last batch, perhaps not acknowledged yet.

    ``removed``: up to where it was said that entries are missing.
    """

    read: str = ""
    taken: list[str] = msgspec.field(default_factory=list)
    removed: str = ""


def _known(position: str | None) -> StreamPosition:
    """The position; the beginning where another kind had this name before."""
    try:
        return StreamPosition() if position is None else msgspec.json.decode(position, type=StreamPosition)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return StreamPosition()


@contextmanager
def _told() -> Iterator[None]:
    """What Redis or the way to it has against us, as TryLater or Misconfigured."""
    try:
        yield
    except (exceptions.AuthenticationError, exceptions.NoPermissionError) as error:
        raise Misconfigured("password", f"Redis refuses it: {error}") from error
    except (exceptions.BusyLoadingError, exceptions.TimeoutError) as error:
        raise TryLater(f"Redis does not answer yet: {error}") from error
    except exceptions.InvalidResponse as error:
        raise Misconfigured("url", "what answers there is no Redis") from error
    except exceptions.ReadOnlyError as error:
        raise Misconfigured("url", "is a replica, which remembers nothing that is acknowledged") from error
    except (exceptions.AskError, exceptions.ClusterCrossSlotError) as error:
        raise Misconfigured("url", f"the stream lies at another node of a cluster: {error}") from error
    except exceptions.ConnectionError as error:
        if isinstance(error.__context__, ssl.SSLCertVerificationError):
            raise Misconfigured("ca", f"its certificate is not trusted: {error.__context__.verify_message}") from error
        raise TryLater(f"Redis cannot be reached: {error}") from error
    except exceptions.ResponseError as error:
        raise _refusal(str(error)) from error
    except exceptions.RedisError as error:
        raise TryLater(f"Redis: {error}") from error


def _refusal(said: str) -> Misconfigured | TryLater:
    """What an error of the server means: who has to do something about it."""
    match said.partition(" ")[0]:
        case "WRONGTYPE":
            return Misconfigured("stream", "is there, and no stream")
        case "NOGROUP":
            return TryLater("the group was taken away while it was read")
        case _ if "unknown command" in said:
            return Misconfigured("url", "is older than Redis 6.2")
        case _:
            return TryLater(f"Redis: {said}")


class _StreamRound:
    """One round of a source."""

    def __init__(self, source: RedisStreamSource, client: Redis, known: StreamPosition) -> None:
        self.source, self.known = source, known
        self.client: Any = client  # its types name what an asynchronous one would give too
        self.count = FIRST
        self.full = False

    def batches(self) -> Iterator[Batch]:
        """Raises what redis-py raises, TryLater, Misconfigured."""
        info = self._stream()
        self._acknowledge(self.known.taken)
        group = self._group()
        if group is None:
            self._begin_group(info)
        else:
            yield from self._missing(info, group)
        yield from self._pending()
        yield from self._abandoned()
        yield from self._new()

    def ahead(self) -> Batch:
        """What comes first: what the consumer was given and has not acknowledged, then what is new."""
        info, group, stream = self._stream(), self._group(), self.source.stream
        entries: list[Entry] = []
        if group is None:
            begins = self._beginning(info)
            after = _text(info["last-generated-id"]) if begins == "$" else begins
        else:
            after = _text(group["last-delivered-id"])
            mine = (stream, self.source.group, "-", "+", FIRST, self.source.consumer)
            given = [_text(one["message_id"]) for one in self.client.xpending_range(*mine)]
            for id_ in given:
                if id_ not in self.known.taken:
                    found = self.client.xrange(stream, id_, id_)
                    entries += [(found[0][0], found[0][1]) if found else (id_.encode(), None)]
        entries += self.client.xrange(stream, f"({after}", count=FIRST)
        return Batch([self.item(one) for one in entries[:FIRST]], "")

    # ---- the stream and its group ----

    def _stream(self) -> Mapping[str, Any]:
        try:
            return _texts(self.client.xinfo_stream(self.source.stream))
        except exceptions.ResponseError as error:
            if "no such key" in str(error):
                raise Misconfigured("stream", f"{self.source.stream} is not there (yet)") from error
            raise

    def _group(self) -> Mapping[str, Any] | None:
        groups = (_texts(one) for one in self.client.xinfo_groups(self.source.stream))
        return next((one for one in groups if _text(one["name"]) == self.source.group), None)

    def _begin_group(self, stream: Mapping[str, Any]) -> None:
        try:
            self.client.xgroup_create(self.source.stream, self.source.group, id=self._beginning(stream))
        except exceptions.ResponseError as error:
            if "BUSYGROUP" not in str(error):  # another one was faster
                raise

    def _beginning(self, stream: Mapping[str, Any]) -> str:
        """Where a new group begins. A group that is lost, as a Redis without a disk loses it, goes on where we were,
        or at the beginning of a stream that is another one since; what is known changes nothing."""
        read = self.known.read
        if self.source.start == "beginning":
            return "0"
        if not read:
            return "$"
        return read if _order(_text(stream["last-generated-id"])) >= _order(read) else "0"

    def _missing(self, stream: Mapping[str, Any], group: Mapping[str, Any]) -> Iterator[Batch]:
        """Say once that entries were removed from the stream, or trimmed, before they were delivered (Redis 7)."""
        delivered = _text(group["last-delivered-id"])
        removed = max(_text(stream.get("max-deleted-entry-id", "0-0")), _trimmed(stream, group), key=_order)
        if _order(removed) <= max(_order(delivered), _order(self.known.removed or "0-0")):
            return
        self.known.removed = removed
        why = Malformed("", f"entries after {delivered} were removed from the stream before they were read")
        yield Batch([Item(raw=f"{self.source.stream} {delivered}..{removed}", fault=why)], self._position())

    # ---- entries ----

    def _pending(self) -> Iterator[Batch]:
        """What we were given and have not acknowledged: a process of ours died with it."""
        after = "0"
        while entries := self._ask(after):
            after = _text(entries[-1][0])
            yield from self._taken(entries)

    def _abandoned(self) -> Iterator[Batch]:
        """What another consumer was given and has left lying."""
        idle, after = (seconds_of(self.source.idle) or 0) * 1000, "0-0"
        where = (self.source.stream, self.source.group, self.source.consumer, idle)
        while True:
            found = self.client.xautoclaim(*where, start_id=after, count=self.count)
            # Redis 6.2 names none of those that were removed: they are ours now, and told with the next round.
            after, entries = _text(found[0]), [(id_, fields or None) for id_, fields in found[1] if id_ is not None]
            entries += [(id_, None) for id_ in (found[2] if len(found) > 2 else ())]
            self._resize(entries)
            if entries:
                yield from self._taken(entries)
            if after == "0-0":
                return

    def _new(self) -> Iterator[Batch]:
        self.full = True
        while self.full and (entries := self._ask(">")):
            yield from self._taken(entries)

    def _ask(self, after: str) -> list[Entry]:
        asked = self.count
        names = (self.source.group, self.source.consumer)
        found = self.client.xreadgroup(*names, {self.source.stream: after}, count=asked)
        entries = [(id_, fields or None) for _, some in found or () for id_, fields in some]
        self.full = len(entries) >= asked
        self._resize(entries)
        return entries

    def _resize(self, entries: Sequence[Entry]) -> None:
        """Ask for more the next time, or for fewer where they are large."""
        if not entries:
            return
        size = sum(len(name) + len(value) for _, fields in entries for name, value in (fields or {}).items())
        fits = ENOUGH_BYTES * len(entries) // size if size else MOST
        self.count = max(1, min(self.count * 2, fits, MOST))

    def _taken(self, entries: Sequence[Entry]) -> Iterator[Batch]:
        """The entries as a batch, acknowledged once that is in the log."""
        for start in range(0, len(entries), MOST_NAMED):
            some = entries[start : start + MOST_NAMED]
            ids = [_text(id_) for id_, _ in some]
            self.known.taken = ids
            self.known.read = max(self.known.read or "0-0", *ids, key=_order)
            yield Batch([self.item(one) for one in some], self._position())
            self._acknowledge(ids)

    def _acknowledge(self, ids: Sequence[str]) -> None:
        if ids:
            self.client.xack(self.source.stream, self.source.group, *ids)

    def _position(self) -> str:
        return msgspec.json.encode(self.known).decode()

    def item(self, entry: Entry) -> Item:
        """The report that an entry tells."""
        return item_of(self.source, *entry)


def _trimmed(stream: Mapping[str, Any], group: Mapping[str, Any]) -> str:
    """Up to where the stream was cut off, where that took entries which the group was never given; else 0-0."""
    first, added, given = stream["first-entry"], stream.get("entries-added"), group.get("entries-read")
    if added is None or given is None or added - given <= stream["length"]:
        return "0-0"
    begins = _text(first[0]) if first else _text(stream["last-generated-id"])
    return begins if _order(begins) > _order(_text(group["last-delivered-id"])) else "0-0"


def item_of(source: RedisStreamSource, id_: bytes, fields: Mapping[bytes, bytes] | None) -> Item:
    """An entry as the runner takes it, whatever it holds; ``fields`` None: it was removed before it was read."""
    number = _text(id_)
    if fields is None:
        why = Malformed("", "was removed from the stream before it was read")
        return Item(raw=f"{source.stream} {number}", fault=why)
    size = sum(len(name) + len(value) for name, value in fields.items())
    if source.field:
        content = fields.get(source.field.encode())
        raw = content.decode("utf-8", "backslashreplace") if content else _raw(fields)
    else:
        content, raw = None, _raw(fields)
    try:
        if size > MAX_BYTES:
            raise Malformed("", f"may have at most {MAX_BYTES} bytes, not {size}")
        if source.field and content is None:
            raise Malformed("", f"the entry has no field {source.field!r}")
        value = report_fields(source, fields) if content is None else read_json(content)
    except (Malformed, BadJson, TooLarge) as error:
        return Item(raw=raw, fault=error if isinstance(error, Malformed) else Malformed("", str(error)))
    if isinstance(value, dict) and value.get("source_id") is None:
        value = {**value, "source_id": number}
    return Item(raw=raw, value=value)


def report_fields(source: RedisStreamSource, fields: Mapping[bytes, bytes]) -> dict[str, Any]:
    """The fields of an entry as those of a report: numbers, true and false, persons and pictures are understood.

    Raises Malformed for what is no text.
    """
    said: dict[str, str] = {}
    for key, content in fields.items():
        try:
            said[key.decode()] = content.decode()
        except UnicodeDecodeError:
            raise Malformed(_text(key), "must be text in UTF-8") from None
    columns = {column: field for field, column in source.map.items()}
    values: dict[str, Any] = {}
    person: dict[str, Any] = {}
    for name, text in said.items():
        field = columns.get(name, name)
        if text == "" or source.map.get(field, name) != name:
            continue
        if field.startswith("person."):
            person[field.removeprefix("person.")] = text
        else:
            values[field] = _understood(field, text)
    return {**values, "person": person} if person else values


def _understood(field: str, text: str) -> Any:
    """A text as its field takes it; one that is none of that stays a text, which the room then refuses."""
    if field in NUMBERS:
        try:
            return float(text)
        except ValueError:
            return text
    if field == "drill":
        return FLAGS.get(text.lower(), text)
    return text.split() if field == "media" else text


def _raw(fields: Mapping[bytes, bytes]) -> str:
    """An entry as JSON text, as somebody would correct it."""
    plain = {_text(name): content.decode("utf-8", "backslashreplace") for name, content in fields.items()}
    return msgspec.json.encode(plain).decode()


def _text(said: bytes | str) -> str:
    return said if isinstance(said, str) else said.decode("utf-8", "backslashreplace")


def _texts(said: Mapping[Any, Any]) -> dict[str, Any]:
    return {_text(name): value for name, value in said.items()}


def _order(id_: str) -> tuple[int, int]:
    """An id of an entry as it is ordered: milliseconds and number."""
    at, _, number = id_.partition("-")
    return (int(at), int(number or 0))
