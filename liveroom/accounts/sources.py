"""Sources: the apps and channels that hand in reports, their keys, which are late or lost, and where each is told back.

Keys are 256 random bits and stored as SHA-256. All times are the database's real time, aware UTC.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from liveroom.domain.alarms.model import FEED
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.event_log import EventLog, database_now, room_now
from liveroom.log.rows import PreparedQuery
from liveroom.log.schema import source_updates, source_webhook
from liveroom.runtime.time import monotonic

# The register.

# How long a replaced key stays valid: a source that is reconfigured by hand loses no report meanwhile.
FORMER_LASTS = timedelta(hours=24)

_source, _former = schema.source, schema.former_key
_CALLER: Select[Any] = select(_source.c.id, _source.c.name, _source.c.every_s, _source.c.paused_at).where(
    _source.c.revoked_at.is_(None)
)
_OF_KEY = PreparedQuery(_CALLER.where(_source.c.key_hash == bindparam("hash")))
_OF_FORMER_KEY = PreparedQuery(
    _CALLER.join(_former, _former.c.source == _source.c.id).where(
        _former.c.key_hash == bindparam("hash"), _former.c.ends_at > bindparam("now")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An app or channel that feeds the room; ``every_s``: its longest usual gap in seconds, None if unknown."""

    id: str
    name: str
    every_s: int | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedSource:
    """A source that showed its key at ``now`` (room time, aware UTC); ``paused``: nothing is taken from it."""

    id: str
    now: datetime
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKey:
    """A valid key; ``ends_at`` is set for one that was replaced and None for the current one."""

    since: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredSource:
    """A source as ``source list`` shows it at ``now``; without ``keys`` its reports come from a page or an import."""

    source: Source
    since: datetime
    heard_at: datetime | None
    revoked_at: datetime | None
    keys: tuple[SourceKey, ...]
    now: datetime
    paused_at: datetime | None = None


class NameTaken(Exception):
    """The name of a source, screen or user is in use (a user's even after they were removed)."""


class NoSource(ValueError):
    """No source of this name has a key to rotate or revoke; the text says why and what to do."""


class UnknownKey(Exception):
    """No source has this key, or has it any more."""


class SourcePaused(Exception):
    """The room takes nothing from this source until somebody lets it go on."""


def key_hash(key: str) -> str:
    """SHA-256 of a key or token; they are 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class Sources:
    """The sources of one room."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._noted: dict[str, float] = {}

    def add(self, name: str, every_s: int | None) -> str:
        """Register a source, or a revoked one again under its id; returns its bearer key, which is shown once.

        Raises NameTaken.
        """
        key = secrets.token_urlsafe(32)

        def create(connection: Connection) -> str:
            found = _named(connection, name)
            if found is None:
                _insert(connection, name, every_s, key_hash(key))
            elif found.revoked_at is None:
                raise NameTaken(name)
            else:
                now = to_micros(database_now(connection))
                # It starts anew: the time it was revoked does not count as silence.
                anew = {"every_s": every_s, "created_at": now, "heard_at": None, "revoked_at": None, "paused_at": None}
                _change(connection, found.id, key_hash=key_hash(key), key_at=now, **anew)
            return key

        return self._log.touch(create)

    def ensure(self, name: str, every_s: int | None) -> str:
        """The id of the source of this name, registered without a key if it is new."""

        def find(connection: Connection) -> str:
            query = select(_source.c.id).where(_source.c.name == name)
            found: str | None = connection.execute(query).scalar_one_or_none()
            if found is None:
                with suppress(IntegrityError), connection.begin_nested():  # another process may be as fast
                    return _insert(connection, name, every_s, None)
            return found or str(connection.execute(query).scalar_one())

        return self._log.touch(find)

    def ensure_taken(self, name: str) -> str:
        """As ``ensure``, for an import. Raises Malformed where nothing is taken from the source."""
        id_ = self.ensure(name, None)
        if id_ in self.paused():
            raise Malformed("source", "nothing is taken from it: it is paused or revoked")
        return id_

    def expect(self, id_: str, every_s: int | None) -> None:
        """Set within how many seconds a source is to be heard; None: its silence says nothing."""
        query = select(_source.c.every_s).where(_source.c.id == id_)
        if self._log.read(lambda c: c.execute(query).scalar_one_or_none()) != every_s:
            self._log.touch(lambda c: _change(c, id_, every_s=every_s))

    def tell(self, addresses: "Mapping[str, StatusAddress | None]") -> None:
        """Where each source of the settings is told what becomes of its reports; all others are told nothing there."""
        wanted = {id_: address for id_, address in addresses.items() if address is not None}
        if self._log.read(_status_addresses) != wanted:
            self._log.touch(lambda c: _set_status_addresses(c, wanted))

    def paused(self) -> frozenset[str]:
        """Ids of the sources that are paused or revoked: nothing is taken from them."""
        query = select(_source.c.id).where(_source.c.paused_at.is_not(None) | _source.c.revoked_at.is_not(None))
        return frozenset(self._log.read(lambda c: c.execute(query).scalars().all()))

    def rekey(self, name: str, every_s: int | None) -> str:
        """A new key for the source of this name, which is registered or readmitted if need be; all older keys end."""
        id_, key = self.ensure(name, every_s), secrets.token_urlsafe(32)

        def change(connection: Connection) -> None:
            _end_former(connection, id_)
            now = to_micros(database_now(connection))
            _change(connection, id_, key_hash=key_hash(key), key_at=now, revoked_at=None)

        self._log.touch(change)
        return key

    def rotate(self, name: str, *, now: bool) -> tuple[str, datetime | None]:
        """A new key, and when the one it replaces ends: after FORMER_LASTS, or at once with ``now`` (then None).

        A key that an earlier rotation replaced keeps its own end, so rotating twice takes nobody's key away. A source
        without a key, such as one of an import, gets its first (None again). Raises NoSource.
        """
        key = secrets.token_urlsafe(32)

        def change(connection: Connection) -> tuple[str, datetime | None]:
            found = _in_use(connection, name)
            at = database_now(connection)
            _end_former(connection, found.id, None if now else at)
            ends_at = at + FORMER_LASTS if found.key_hash is not None and not now else None
            if ends_at is not None:
                values = {"key_hash": found.key_hash, "source": found.id, "key_at": found.key_at or found.created_at}
                connection.execute(insert(_former).values(**values, ends_at=to_micros(ends_at)))
            _change(connection, found.id, key_hash=key_hash(key), key_at=to_micros(at))
            return key, ends_at

        return self._log.touch(change)

    def all(self) -> tuple[RegisteredSource, ...]:
        """Every source ever registered, those in use first, then by name."""
        return self._log.read(all_sources)

    def by_key(self, key: str) -> Source | None:
        """The source whose key this is; None if the key is unknown, was revoked or has ended."""
        return self._log.read(lambda c: _caller(c, key_hash(key)))

    def admit(self, key: str) -> AdmittedSource | None:
        """As ``by_key``, with room time of the same moment: an intake needs both before it reads what was sent."""

        def look(connection: Connection) -> AdmittedSource | None:
            found = _caller(connection, key_hash(key))
            if found is None:
                return None
            return AdmittedSource(id=found.id, now=room_now(connection), paused=found.paused)

        return self._log.read(look)

    def heard(self, id_: str) -> None:
        """Note that a source was heard, written at most once a second; it is no event."""
        if monotonic() - self._noted.get(id_, -1.0) < 1.0:
            return
        self._noted[id_] = monotonic()

        def note(connection: Connection) -> None:
            now = to_micros(database_now(connection))
            connection.execute(update(_source).where(_source.c.id == id_).values(heard_at=now))

        self._log.note(note)


def source_of_key(connection: Connection, hash_: str) -> str:
    """The id of the source whose key has this hash, in this transaction. Raises UnknownKey, SourcePaused."""
    found = _caller(connection, hash_)
    if found is None:
        raise UnknownKey
    if found.paused:
        raise SourcePaused
    return found.id


def admitted(connection: Connection, id_: str) -> AdmittedSource | None:
    """The source with this id, with room time; None when there is none or it was revoked."""
    query = select(_source.c.paused_at).where(_source.c.id == id_, _source.c.revoked_at.is_(None))
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    return AdmittedSource(id=id_, now=room_now(connection), paused=found.paused_at is not None)


def name_of_source(connection: Connection, id_: str) -> str | None:
    """The name of the source with this id; None when there is none."""
    return connection.execute(select(_source.c.name).where(_source.c.id == id_)).scalar_one_or_none()


def is_source(connection: Connection, id_: str) -> bool:
    """Whether a source with this id is registered, revoked or not."""
    return connection.execute(select(_source.c.id).where(_source.c.id == id_)).first() is not None


def end_keys(connection: Connection, name: str) -> str:
    """End every key of a source; returns its id. Its row stays, because events name it. Raises NoSource."""
    found = _in_use(connection, name)
    if found.key_hash is None:
        raise NoSource(
            f"the source {name!r} has no key to end: its reports come by a page, an import, a hook or because this room"
            " asks it; `source pause` takes nothing more from it"
        )
    _end_former(connection, found.id)
    _change(connection, found.id, key_hash=None, key_at=None, revoked_at=to_micros(database_now(connection)))
    return str(found.id)


def set_paused(connection: Connection, name: str, *, paused: bool) -> str | None:
    """Pause a source or let it go on; returns its id, None when that is how it is already. Raises NoSource."""
    found = _in_use(connection, name)
    if (found.paused_at is not None) == paused:
        return None
    now = to_micros(database_now(connection))
    # The time it was paused does not count as silence.
    again = {} if paused or found.heard_at is None else {"heard_at": now}
    _change(connection, found.id, paused_at=now if paused else None, **again)
    return str(found.id)


def _caller(connection: Connection, hash_: str) -> Source | None:
    """The source by its current key, else by a replaced one; nearly every request needs one query."""
    found = _OF_KEY.rows(connection, {"hash": hash_})
    if not found:
        found = _OF_FORMER_KEY.rows(connection, {"hash": hash_, "now": to_micros(database_now(connection))})
    return next(
        (Source(id=id_, name=name, every_s=every_s, paused=paused is not None) for id_, name, every_s, paused in found),
        None,
    )


def all_sources(connection: Connection) -> tuple[RegisteredSource, ...]:
    """As ``Sources.all``, in a transaction that reads other things as well."""
    now = database_now(connection)
    former: dict[str, list[SourceKey]] = {}
    for row in connection.execute(select(_former).where(_former.c.ends_at > to_micros(now)).order_by(_former.c.key_at)):
        key = SourceKey(since=from_micros(row.key_at), ends_at=from_micros(row.ends_at))
        former.setdefault(row.source, []).append(key)
    query = select(_source).order_by(_source.c.revoked_at.is_not(None), _source.c.name)
    return tuple(_registered(row, former.get(row.id, []), now) for row in connection.execute(query))


def _registered(row: Row[Any], former: list[SourceKey], now: datetime) -> RegisteredSource:
    current = [SourceKey(since=from_micros(row.key_at or row.created_at))] if row.key_hash is not None else []
    return RegisteredSource(
        source=Source(id=row.id, name=row.name, every_s=row.every_s),
        since=from_micros(row.created_at),
        heard_at=None if row.heard_at is None else from_micros(row.heard_at),
        revoked_at=None if row.revoked_at is None else from_micros(row.revoked_at),
        keys=(*former, *current),
        now=now,
        paused_at=None if row.paused_at is None else from_micros(row.paused_at),
    )


def _named(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(_source).where(_source.c.name == name).with_for_update()).one_or_none()


def _in_use(connection: Connection, name: str) -> Row[Any]:
    """The row of a source that is not revoked. Raises NoSource."""
    found = _named(connection, name)
    if found is None:
        raise NoSource(f"there is no source {name!r} (`source list` shows all)")
    if found.revoked_at is not None:
        raise NoSource(f"the source {name!r} was revoked (`source add` lets it in again)")
    return found


def _change(connection: Connection, id_: str, **values: object) -> None:
    connection.execute(update(_source).where(_source.c.id == id_).values(**values))


def _end_former(connection: Connection, id_: str, until: datetime | None = None) -> None:
    """Forget the former keys of a source; with ``until`` only those that have ended by then."""
    ended = () if until is None else (_former.c.ends_at <= to_micros(until),)
    connection.execute(delete(_former).where(_former.c.source == id_, *ended))


def slug_of(name: str) -> str:
    """The name of a source as it stands in addresses; its id too, unless another source has that."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48] or "source"


def _insert(connection: Connection, name: str, every_s: int | None, hash_: str | None) -> str:
    slug = slug_of(name)
    taken = slug == FEED or connection.execute(select(_source.c.id).where(_source.c.id == slug)).first()
    id_ = f"{slug}-{secrets.token_hex(3)}" if taken else slug
    created = to_micros(database_now(connection))
    keyed = {"key_hash": hash_, "key_at": None if hash_ is None else created}
    connection.execute(insert(_source).values(id=id_, name=name, every_s=every_s, created_at=created, **keyed))
    return id_


# Silence (rule CR-48): late after 1.5 times the usual gap, lost after 3 times. A source's first state is logged too,
# because screens list the sources and whatever changes a screen is an event.

LATE, LOST = 1.5, 3.0


def state_after(age_s: float, every_s: int | None) -> str:
    """``ok``, ``late`` or ``lost`` by the seconds since it was heard; always ``ok`` without a known gap."""
    if every_s is None:
        return "ok"
    if age_s > LOST * every_s:
        return "lost"
    return "late" if age_s > LATE * every_s else "ok"


def changed_sources(connection: Connection) -> dict[str, str]:
    """New state by source id, for the sources whose state is not the logged one; sorted by id."""
    source, state = schema.source, schema.source_state
    query = (
        select(source.c.id, source.c.every_s, source.c.heard_at, source.c.created_at, state.c.state)
        .select_from(source.outerjoin(state, state.c.id == source.c.id))
        .where(source.c.revoked_at.is_(None), source.c.paused_at.is_(None))
        .order_by(source.c.id)
    )
    now, changed = to_micros(database_now(connection)), {}
    for row in connection.execute(query):
        age_s = (now - (row.heard_at or row.created_at)) / 1e6
        new = state_after(age_s, row.every_s)
        if new != row.state:
            changed[row.id] = new
    return changed


# Where a source is notified of what becomes of its complaints: a webhook, or an address that takes Open311's updates.

_row, _updates = source_webhook.c, source_updates.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address and its signing secret (standardwebhooks, ``whsec_`` and base64)."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAddress:
    """An Open311 server that takes service request updates; ``secret`` says where its key is, "" for none.

    ``inside``: it stands in the city's own network.
    """

    url: str
    secret: str = ""
    jurisdiction: str | None = None
    inside: bool = False


_NOTIFIED = PreparedQuery(select(_row.source).union_all(select(_updates.source)))


def notified_sources(connection: Connection) -> frozenset[str]:
    """Ids of the sources that are notified."""
    return frozenset(source for (source,) in _NOTIFIED.rows(connection, {}))


def webhook_of(connection: Connection, source: str) -> Webhook | None:
    """The webhook of a source; None without one."""
    row = connection.execute(select(source_webhook).where(_row.source == source)).one_or_none()
    return None if row is None else Webhook(url=row.url, secret=row.secret)


def status_address_of(connection: Connection, source: str) -> StatusAddress | None:
    """Where a source takes updates; None where it takes none."""
    return _status_addresses(connection, source).get(source)


def set_webhook(log: EventLog, source: str, url: str) -> str:
    """Set or replace the webhook of a source; returns its new signing secret, which is shown once."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()

    def write(connection: Connection) -> None:
        connection.execute(delete(source_webhook).where(_row.source == source))
        connection.execute(insert(source_webhook).values(source=source, url=url, secret=secret))

    log.touch(write)
    return secret


def remove_addresses(connection: Connection, source: str) -> None:
    """Remove all addresses of a source; deliveries under way find none and end."""
    connection.execute(delete(source_webhook).where(_row.source == source))
    connection.execute(delete(source_updates).where(_updates.source == source))


def _status_addresses(connection: Connection, *sources: str) -> dict[str, StatusAddress]:
    query = select(source_updates).where(_updates.source.in_(sources)) if sources else select(source_updates)
    return {
        row.source: StatusAddress(
            url=row.url, secret=row.secret, jurisdiction=row.jurisdiction, inside=bool(row.inside)
        )
        for row in connection.execute(query)
    }


def _set_status_addresses(connection: Connection, wanted: Mapping[str, StatusAddress]) -> None:
    connection.execute(delete(source_updates))
    for id_, address in wanted.items():
        values = {"url": address.url, "secret": address.secret, "jurisdiction": address.jurisdiction}
        connection.execute(insert(source_updates).values(source=id_, inside=int(address.inside), **values))
