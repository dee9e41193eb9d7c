"""Credentials: passwords (argon2id), bearer tokens and one-time links of people; keys of rooms that follow this one.

Tokens and links carry 256 random bits; only their SHA-256 is stored (``sources.key_hash``). Times are the database's
real time. Hashing a password takes a tenth of a second of a processor and the policy some hundredths: call
``hash_password``, ``verify_password`` and ``refuse_weak`` through ``Runtime.run_aside``.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, Select, delete, insert, or_, select, update

from liveroom.accounts.sources import FORMER_LASTS, NameTaken, key_hash
from liveroom.accounts.users import Person, can_log_in, end_links, person_of
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import EventLog, database_now
from liveroom.log.schema import follower, password_link, personal_token, user
from liveroom.log.texts import new_id
from liveroom.runtime.language import COMMAND_LINE, text
from liveroom.runtime.time import monotonic

# Passwords. The policy follows NIST SP 800-63B: a length, no rules of composition, nothing that is guessed early.

SHORTEST, LONGEST, FEWEST_DIFFERENT = 10, 256, 5
# The estimator's score, 0 to 4: 3 is more than 10^8 guesses.
LEAST_SCORE = 3
# Characters that are estimated: more can only make a password better. Each sign of l33t-speak costs the estimator more
# than the one before; 64 of them held the interpreter for seconds, 24 for about as long as a hash takes.
ESTIMATED_PREFIX = 24
# Parts of a name count from so many letters on: shorter ones occur in any sentence.
SHORTEST_PART = 4
PRODUCT = "liveroom"
# The estimator knows English and what leaked worldwide; these are the words that Indonesian offices type first.
LOCAL = (
    "rahasia", "katasandi", "sandi", "kata", "kunci", "masuk", "petugas", "operator", "admin", "kepala",
    "pimpinan", "ruang", "kendali", "command", "center", "pemkot", "pemda", "pemerintah", "walikota", "bupati",
    "kota", "kabupaten", "provinsi", "dinas", "kominfo", "diskominfo", "kantor", "pengaduan", "laporan", "lapor",
    "warga", "indonesia", "merdeka", "garuda", "pancasila", "nusantara", "bismillah", "alhamdulillah",
    "assalamualaikum", "sayang", "sayangku", "kamu", "cinta", "selamat", "semangat", "januari", "februari",
    "maret", "april", "juni", "juli", "agustus", "september", "oktober", "november", "desember", "senin", "selasa",
    "rabu", "kamis", "jumat", "sabtu", "minggu",
)  # fmt: skip
# 64 MiB, three passes, one processor: on a machine with two the feed keeps the other.
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


class WeakPassword(ValueError):
    """The password is refused; ``why`` is the rule that it breaks: length, variety, name, place, common, guessable."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"{self.message(COMMAND_LINE)} (rule: {why})")

    def message(self, language: str) -> str:
        """The reason in a language."""
        return text(f"login.weak.{self.why}", language, shortest=SHORTEST, longest=LONGEST, different=FEWEST_DIFFERENT)


def refuse_weak(password: str, *names: str, places: Iterable[str] = ()) -> None:
    """Raises WeakPassword for a password that is too short or long, repetitive, easily guessed, or holds a name.

    ``names``: the person's own; ``places``: the city's name and the room's, which attackers try first.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword("length")
    if len(set(password)) < FEWEST_DIFFERENT:
        raise WeakPassword("variety")
    held = password.casefold()
    if any(name in held for name in _parts(names)):
        raise WeakPassword("name")
    _refuse_guessable(password, _words_of(places) | {PRODUCT})


def _refuse_guessable(password: str, places: frozenset[str]) -> None:
    # Imported here because its lists take 20 ms to load, and most commands of run.py need none.
    from zxcvbn import zxcvbn

    found = zxcvbn(password[:ESTIMATED_PREFIX], user_inputs=[*sorted(places), *LOCAL])
    if found["score"] >= LEAST_SCORE:
        return
    if any(place in password.casefold() for place in places):
        raise WeakPassword("place")
    leaked = sum(len(part["token"]) for part in found["sequence"] if part.get("dictionary_name") == "passwords")
    raise WeakPassword("common" if 2 * leaked >= len(password[:ESTIMATED_PREFIX]) else "guessable")


def _parts(names: Iterable[str]) -> frozenset[str]:
    """Whole names from three letters on, and the words of SHORTEST_PART letters or more that they consist of."""
    whole = {name.casefold() for name in names if len(name) > 2}
    return frozenset(whole) | _words_of(names)


def _words_of(names: Iterable[str]) -> frozenset[str]:
    apart = ("".join(sign if sign.isalnum() else " " for sign in name.casefold()).split() for name in names)
    return frozenset(word for words in apart for word in words if len(word) >= SHORTEST_PART)


def hash_password(password: str) -> str:
    """The argon2id hash of a password; salt and cost are part of it."""
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password has this hash. Without a hash False after the same time, so that a log-in page does not tell
    which names exist."""
    try:
        _hasher.verify(password_hash or _dummy_hash(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _dummy_hash() -> str:
    return _hasher.hash("nobody has this password")


# Personal tokens: bearer tokens for a person's own programs, valid until revoked or until their owner is removed.

_token = personal_token


def add_token(connection: Connection, actor: str) -> tuple[str, str]:
    """A new token for this person: its id, and the token itself, which is shown once."""
    id_, token = new_id(), secrets.token_urlsafe(32)
    created = to_micros(database_now(connection))
    values = {"id": id_, "user_id": actor, "token_hash": key_hash(token), "created_at": created}
    connection.execute(insert(_token).values(**values))
    return id_, token


def revoke_token(connection: Connection, actor: str, id_: str) -> bool:
    """End one token of this person at once; False if they have no valid token with this id."""
    mine = update(_token).where(_token.c.user_id == actor, _token.c.id == id_, _token.c.revoked_at.is_(None))
    now = to_micros(database_now(connection))
    return bool(connection.execute(mine.values(revoked_at=now)).rowcount)


class PersonalTokens:
    """Looks up the personal tokens of one room."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def of(self, actor: str) -> tuple[tuple[str, datetime], ...]:
        """Id and creation time (aware UTC) of each valid token of this person, oldest first."""
        query = select(_token.c.id, _token.c.created_at).where(_token.c.user_id == actor, _token.c.revoked_at.is_(None))
        rows = self._log.read(lambda c: c.execute(query.order_by(_token.c.created_at, _token.c.id)).all())
        return tuple((row.id, from_micros(row.created_at)) for row in rows)

    def who(self, token: str) -> Person | None:
        """The person whose token this is; None if it is unknown or revoked, or its owner may not log in."""
        query = select(user).join(_token, _token.c.user_id == user.c.id)
        query = query.where(_token.c.token_hash == key_hash(token), _token.c.revoked_at.is_(None))
        row = self._log.read(lambda c: c.execute(query.where(can_log_in())).one_or_none())
        return None if row is None else person_of(row)


# Password links: one per person, for two days. Backups leave them out: a used link must not return with a restore.

LASTS = timedelta(hours=48)


def create_password_link(connection: Connection, actor: str) -> tuple[str, datetime]:
    """The token of a new link, and when it ends (aware UTC); the person's earlier link becomes void."""
    token, now = secrets.token_urlsafe(32), database_now(connection)
    end_links(connection, actor)
    connection.execute(delete(password_link).where(password_link.c.ends_at <= to_micros(now)))
    ends = now + LASTS
    values = {"id": key_hash(token), "user_id": actor, "ends_at": to_micros(ends)}
    connection.execute(insert(password_link).values(**values))
    return token, ends


def person_by_password_link(connection: Connection, token: str) -> Person | None:
    """The person who may set a password by this token now; None if it was used or replaced, has ended or never
    existed."""
    now = to_micros(database_now(connection))
    query = select(user).join(password_link, password_link.c.user_id == user.c.id)
    mine = query.where(password_link.c.id == key_hash(token), password_link.c.ends_at > now, can_log_in())
    row = connection.execute(mine).one_or_none()
    return None if row is None else person_of(row)


# Keys of other rooms: a city lets a province, or a neighbour, follow its feed, and says which fields it sees
# (docs/province.md).

# A room that follows asks every second; when it was last heard is written so often at most.
_NOTED_S = 60.0
_room = follower


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A room that may follow this one; ``fields``: what its key allows. Times aware UTC, real time.

    ``former_ends_at``: until when the key before this one still holds.
    """

    name: str
    fields: tuple[str, ...]
    created_at: datetime
    key_at: datetime
    heard_at: datetime | None = None
    former_ends_at: datetime | None = None
    revoked_at: datetime | None = None


class NoFollower(ValueError):
    """No room of this name has a key."""


class Followers:
    """The rooms that may follow this one."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._noted: dict[str, float] = {}

    def add(self, name: str, fields: Iterable[str]) -> str:
        """A key for a room; one that was revoked gets a new one under its name. Raises NameTaken."""
        token = secrets.token_urlsafe(32)

        def create(connection: Connection) -> None:
            found = _follower_named(connection, name)
            if found is not None and found.revoked_at is None:
                raise NameTaken(name)
            connection.execute(delete(_room).where(_room.c.name == name))
            now = to_micros(database_now(connection))
            values = {"name": name, "fields": ",".join(sorted(fields)), "token_hash": key_hash(token)}
            connection.execute(insert(_room).values(**values, created_at=now, key_at=now))

        self._log.touch(create)
        return token

    def rotate(self, name: str, *, now: bool) -> tuple[str, datetime | None]:
        """A new key, and when the one before ends: after FORMER_LASTS, or at once with ``now``. Raises NoFollower."""
        token = secrets.token_urlsafe(32)

        def change(connection: Connection) -> datetime | None:
            found = _follower_in_use(connection, name)
            at = database_now(connection)
            ends_at = None if now else at + FORMER_LASTS
            former = {"former_hash": None if now else found.token_hash}
            former |= {"former_ends_at": None if ends_at is None else to_micros(ends_at)}
            mine = update(_room).where(_room.c.name == name)
            connection.execute(mine.values(token_hash=key_hash(token), key_at=to_micros(at), **former))
            return ends_at

        return token, self._log.touch(change)

    def allow(self, name: str, fields: Iterable[str]) -> None:
        """Let the room see these fields from now on, under the key that it has. Raises NoFollower."""

        def change(connection: Connection) -> None:
            _follower_in_use(connection, name)
            values = {"fields": ",".join(sorted(fields))}
            connection.execute(update(_room).where(_room.c.name == name).values(**values))

        self._log.touch(change)

    def revoke(self, name: str) -> None:
        """End every key of the room; whoever is connected by one is cut off. Raises NoFollower."""

        def change(connection: Connection) -> None:
            _follower_in_use(connection, name)
            ended = {"revoked_at": to_micros(database_now(connection)), "former_hash": None, "former_ends_at": None}
            connection.execute(update(_room).where(_room.c.name == name).values(**ended))

        self._log.touch(change)

    def all(self) -> tuple[Follower, ...]:
        """Every room that ever had a key, those in use first, then by name."""
        query = select(_room).order_by(_room.c.revoked_at.is_not(None), _room.c.name)
        return tuple(_follower_of(row) for row in self._log.read(lambda c: c.execute(query).all()))

    def by_token(self, token: str) -> Follower | None:
        """The room whose key this is; None for one that is unknown, was revoked or has ended. Raises Unavailable."""
        hash_ = key_hash(token)
        found = self._log.read(lambda c: _standing(c, (hash_,))).get(hash_)
        if found is not None and monotonic() - self._noted.get(found.name, -_NOTED_S) >= _NOTED_S:
            self._noted[found.name] = monotonic()
            name = found.name
            self._log.note(lambda c: _note_heard(c, name))
        return found

    def standing(self, hashes: Collection[str]) -> Mapping[str, Follower]:
        """By the hash of each key that still holds: whose it is. Raises Unavailable."""
        return self._log.read(lambda c: _standing(c, hashes)) if hashes else {}


def _standing(connection: Connection, hashes: Collection[str]) -> Mapping[str, Follower]:
    now = to_micros(database_now(connection))
    former = _room.c.former_hash.in_(hashes) & (_room.c.former_ends_at > now)
    query: Select[Any] = select(_room).where(_room.c.revoked_at.is_(None), or_(_room.c.token_hash.in_(hashes), former))
    return {
        hash_: _follower_of(row)
        for row in connection.execute(query)
        for hash_ in (row.token_hash, row.former_hash)
        if hash_ in hashes and (hash_ == row.token_hash or row.former_ends_at > now)
    }


def _note_heard(connection: Connection, name: str) -> None:
    now = to_micros(database_now(connection))
    connection.execute(update(_room).where(_room.c.name == name).values(heard_at=now))


def _follower_named(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(_room).where(_room.c.name == name)).one_or_none()


def _follower_in_use(connection: Connection, name: str) -> Row[Any]:
    found = _follower_named(connection, name)
    if found is None or found.revoked_at is not None:
        raise NoFollower(f"NAME: no room {name!r} has a key")
    return found


def _follower_of(row: Row[Any]) -> Follower:
    moments = {name: getattr(row, name) for name in ("heard_at", "former_ends_at", "revoked_at")}
    return Follower(
        name=row.name,
        fields=tuple(name for name in row.fields.split(",") if name),
        created_at=from_micros(row.created_at),
        key_at=from_micros(row.key_at),
        **{name: None if value is None else from_micros(value) for name, value in moments.items()},
    )
