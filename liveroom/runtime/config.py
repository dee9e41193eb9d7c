"""The settings: config.yaml and the LIVEROOM_ environment as one frozen `Config`, checked whole at start-up.

One section for each part of config.yaml, in the file's order: its `…Settings`, then a `check_…` that returns a `Fault`
for every value that makes no sense. After them `Config`, the environment (it wins over the file), the reading of the
file, and `load_config`. The file is long because it holds every setting; what each one means to whoever runs a room
stands in config.yaml itself.
"""

import base64
import difflib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec
import yaml
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from liveroom.domain.complaints.proof import MediaLimits
from liveroom.domain.notifications import FOR_SOURCES
from liveroom.domain.phones import COUNTRIES, KINDS
from liveroom.domain.requests import OF_PEOPLE, Role
from liveroom.runtime.async_mode import MODES
from liveroom.runtime.errors import ConfigError, Fault, line_of, plain_values


def _below_one(settings: msgspec.Struct, names: Iterable[str], where: str) -> list[Fault]:
    """A fault for each of these numbers that is below 1."""
    return [Fault(f"{where}.{name}", "must be at least 1") for name in names if getattr(settings, name) < 1]


# server: where a process listens, by which names it is called, how many connections it holds.

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MOST_CONNECTIONS = 60_000
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.:-]*[a-z0-9])?")
# An IPv6 address has at least two colons, so one colon means a port.
_WITH_PORT = re.compile(r"[^:]*:[0-9]*")


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``hosts``: names by which browsers may call us, besides loopback.

    ``connections``: of a process in all; ``address_connections``: from one address, of those that have shown no
    credential. ``unjoined`` and ``address_unjoined``: the same for sockets of the feed that have not joined it.
    ``bundled``: pages load what set-up made of their files; without it each file by itself, for whoever changes them.
    ``trace``: log the way of each complaint to the glass (``room.trace``).
    ``trust_loopback`` comes from the environment alone (LIVEROOM_TRUST_LOOPBACK): a copied file must open no room.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    async_mode: str = "eventlet"
    hosts: tuple[str, ...] = ()
    behind_proxy: bool = False
    trust_loopback: bool = False
    connections: int = 4000
    address_connections: int = 256
    unjoined: int = 2000
    address_unjoined: int = 32
    bundled: bool = True
    trace: bool = False

    def trusts_loopback(self, kind: str) -> bool:
        """Whether this machine needs no credential in a room of this kind; a real room only if the setting says so.

        Behind a forwarder that adds no header (ssh, socat, a bare proxy_pass, a container's port) the whole world looks
        like loopback.
        """
        asked = kind != "real" or self.trust_loopback
        return asked and not self.behind_proxy and self.host in LOOPBACK


def check_server(server: ServerSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    faults = []
    if server.async_mode not in MODES:
        faults.append(Fault(f"{where}: server.async_mode", "must be eventlet or threading"))
    if not 0 < server.port < 65536:
        faults.append(Fault(f"{where}: server.port", "must be between 1 and 65535"))
    for name in ("connections", "address_connections", "unjoined", "address_unjoined"):
        if not 0 < getattr(server, name) <= _MOST_CONNECTIONS:
            faults.append(Fault(f"{where}: server.{name}", f"must be between 1 and {_MOST_CONNECTIONS}"))
    if not server.host.strip():
        faults.append(Fault(f"{where}: server.host", "must be an address of this machine, such as 127.0.0.1"))
    for host in server.hosts:
        if not _HOST_NAME.fullmatch(host) or _WITH_PORT.fullmatch(host):
            bare = "must be bare names in small letters, such as wall.example.go.id: no https://, port or path"
            faults.append(Fault(f"{where}: server.hosts", f"{bare}, not {host!r}"))
    return faults


# database, redis: where the room is kept, and the doorbell between processes.


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` empty: SQLite in the data folder."""

    url: str = ""


class RedisSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` empty: no Redis; the doorbell rings in this process, other processes poll."""

    url: str = ""


def check_database(database: DatabaseSettings, where: str) -> list[Fault]:
    """Faults of the section. They never quote the address: it may hold a password."""
    if database.url and not database.url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return [Fault(f"{where}: database.url", "must begin with sqlite:/// or postgresql+psycopg://")]
    if database.url.count("@") > 1:
        # The second half of the password would be looked up, and logged, as a host.
        signs = "has more than one @: in a password write %40 for @, %2F for / and %3A for :"
        return [Fault(f"{where}: database.url", signs)]
    return []


def check_redis(redis: RedisSettings, where: str) -> list[Fault]:
    """Faults of the section. They never quote the address: it may hold a password."""
    if redis.url and not redis.url.startswith(("redis://", "rediss://", "unix://")):
        return [Fault(f"{where}: redis.url", "must begin with redis://, rediss:// or unix://")]
    return []


# map: the base map of the wall. Without a setting it shows the city's own outlines alone.

_TILE_FIELDS = ("{z}", "{x}", "{y}")


class MapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``tiles``: an XYZ address with {z}, {x} and {y}, of this server (``/tiles/…``) or of another.

    ``file``: a PMTiles archive on this machine instead.
    """

    tiles: str = ""
    file: str = ""
    attribution: str = ""
    max_zoom: int = 18

    @property
    def image_source(self) -> str | None:
        """The source that a page's Content-Security-Policy must allow for images; None: this server is enough."""
        if self.file:
            # A tile of the archive is cut out in the page, and shown from its own memory.
            return "blob:"
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def check_map(settings: MapSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    if not (settings.tiles or settings.file):
        return []
    faults = _check_tiles(settings, where) if settings.tiles else []
    if settings.tiles and settings.file:
        faults.append(Fault(f"{where}: map.file", "cannot stand beside map.tiles: one of the two lies under the map"))
    if not settings.attribution.strip():
        faults.append(Fault(f"{where}: map.attribution", "is required with tiles: whose they are stands on the wall"))
    return faults


def _check_tiles(settings: MapSettings, where: str) -> list[Fault]:
    faults: list[Fault] = []
    parts = urlsplit(settings.tiles)
    address = parts.scheme in ("http", "https") and parts.hostname and not set(" ;,'\"{}") & set(parts.netloc)
    own = not parts.scheme and not parts.netloc and settings.tiles.startswith("/")
    if not (address or own) or any(one not in settings.tiles for one in _TILE_FIELDS):
        faults.append(Fault(f"{where}: map.tiles", "must be an http(s) address or a path with {z}, {x} and {y}"))
    if not 1 <= settings.max_zoom <= 22:
        faults.append(Fault(f"{where}: map.max_zoom", "must be 1 to 22"))
    return faults


# mail: the server that takes our letters.


class MailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``host`` empty: no mail; agencies and offices read their work on their page here.

    ``security``: starttls, tls (from the first byte) or none; ``user`` empty: no log-in. ``page_to``: addresses of the
    supervisors who are written to when an alarm stays unacknowledged.
    """

    host: str = ""
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    sender: str = ""
    page_to: tuple[str, ...] = ()


def check_mail(mail: MailSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    faults = []
    if mail.host and "@" not in mail.sender:
        faults.append(Fault(f"{where}: mail.sender", "must be the address that mail comes from"))
    if not 0 < mail.port < 65536:
        faults.append(Fault(f"{where}: mail.port", "must be between 1 and 65535"))
    if mail.user and mail.security == "none":
        faults.append(Fault(f"{where}: mail.security", "must be starttls or tls where there is a log-in"))
    return faults


# gateway: the service that sends short messages to citizens' telephones.

_NUMBER_START = re.compile(r"\+[1-9][0-9]{0,14}")


class GatewaySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` empty: no short messages; ``secret`` signs them.

    Messages go to numbers of ``countries`` (two letters each; empty: the city's own) and ``kinds``, but to none that
    begins with one of ``never``: satellite telephones, which a country may count as mobile.
    """

    url: str = ""
    secret: str = ""
    countries: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("mobile", "fixed_line_or_mobile")
    never: tuple[str, ...] = ("+62868",)


def check_gateway(gateway: GatewaySettings, where: str) -> list[Fault]:
    """Faults of the section."""
    faults = [
        *(_odd(where, "countries", one, "an ISO code such as ID") for one in gateway.countries if one not in COUNTRIES),
        *(_odd(where, "kinds", one, f"one of {', '.join(KINDS)}") for one in gateway.kinds if one not in KINDS),
        *(
            _odd(where, "never", one, "a beginning like +62868")
            for one in gateway.never
            if not _NUMBER_START.fullmatch(one)
        ),
    ]
    if not gateway.url:
        return faults
    parts = urlsplit(gateway.url)
    if not gateway.kinds:
        faults.append(Fault(f"{where}: gateway.kinds", "must name a kind; without a url nobody is called"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        faults.append(Fault(f"{where}: gateway.url", "must be an http(s) address"))
    if not _can_sign(gateway.secret):
        faults.append(Fault(f"{where}: gateway.secret", "must be whsec_ and base64, best as LIVEROOM_GATEWAY_SECRET"))
    return faults


def _odd(where: str, name: str, value: str, wanted: str) -> Fault:
    return Fault(f"{where}: gateway.{name}", f"must be {wanted}, not {value!r}")


def _can_sign(secret: str) -> bool:
    try:
        return Webhook(secret) is not None
    except (ValueError, RuntimeError, EmptyWebhookSecretError):
        return False


# Secrets: a setting says where one is, and never what it is.

# What a secret of Standard Webhooks begins with, and base64 follows; some leave it out.
WHSEC = "whsec_"
# The secret that the city pack calls `dpupr_hook` comes from LIVEROOM_SECRET_DPUPR_HOOK.
SECRET = "LIVEROOM_SECRET_"
SECRET_WORDS = f"env:{SECRET}NAME or file:PATH"
_SECRET_PLACE = re.compile(rf"env:{SECRET}[A-Z0-9_]+|file:.+")


class NoSecret(Exception):
    """Nothing is where a setting says that a secret is; the text names the place, never what is there."""


def is_secret(place: str) -> bool:
    """Whether a setting says where a secret is: ``env:LIVEROOM_SECRET_NAME`` or ``file:/run/secrets/name``."""
    return _SECRET_PLACE.fullmatch(place) is not None


def open_secret(place: str) -> str:
    """What the secret at a place says now. Raises NoSecret."""
    where, _, name = place.partition(":")
    try:
        text = os.environ.get(name, "") if where == "env" else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoSecret(f"{name} cannot be read") from error
    if not text.strip():
        raise NoSecret(f"{name} is empty")
    return text.strip()


def signing_key(secret: str) -> bytes | None:
    """The key in a secret of Standard Webhooks; None for what is no base64, which signs as nobody else would."""
    text = secret.removeprefix(WHSEC).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True) or None
    except ValueError:
        return None


# outbox: when a delivery counts as stuck, how long letters are collected, who is told of changes, and secrets.

# Minutes. After a longer wait the time to accept would be over before the letter comes.
_DIGEST_MOST = 240


# A receiver's key in the outbox, behind `subscriber-`.
_SUBSCRIBER = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
# What a subscription may ask for, by the words that stand behind the dot of an event's kind.
CHANGES = tuple(sorted(kind.rpartition(".")[2] for kind in FOR_SOURCES))


class Subscription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``url`` is told of the complaints of one ``source``, by name or id; ``changes``: of which, empty: of all.

    ``secret``: where the one that signs is.
    """

    name: str = ""
    source: str = ""
    url: str = ""
    secret: str = ""
    changes: tuple[str, ...] = ()

    def wants(self, source: Collection[str], kind: str) -> bool:
        """Whether it is told of an event of this kind on a complaint of a source with these names."""
        return self.source in source and (not self.changes or kind.rpartition(".")[2] in self.changes)


class OutboxSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A delivery is stuck after ``stuck_minutes``, or after ``stuck_tries`` failures; ``secrets``: by the pack's names.

    ``digest_minutes``: how long an agency's new work by mail waits for more, to come in one letter; 0: each by itself.
    ``status_minutes``: how often agencies' own Open311 systems are asked what became of what was forwarded to them.
    ``subscriptions``: who else is told what becomes of a source's complaints; what sources are told goes to public
    addresses alone, but for those of ``internal_hosts``.
    """

    stuck_minutes: int = 15
    stuck_tries: int = 10
    digest_minutes: int = 0
    status_minutes: int = 5
    secrets: Mapping[str, str] = msgspec.field(default_factory=dict)
    subscriptions: tuple[Subscription, ...] = ()
    internal_hosts: tuple[str, ...] = ()


def check_outbox(outbox: OutboxSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    faults = _below_one(outbox, ("stuck_minutes", "stuck_tries", "status_minutes"), f"{where}: outbox")
    if not 0 <= outbox.digest_minutes <= _DIGEST_MOST:
        faults.append(Fault(f"{where}: outbox.digest_minutes", f"must be between 0 and {_DIGEST_MOST}"))
    for host in outbox.internal_hosts:
        if not _HOST_NAME.fullmatch(host) or _WITH_PORT.fullmatch(host):
            bare = f"must be bare names or addresses such as app.kota.lan: no https://, port or path, not {host!r}"
            faults.append(Fault(f"{where}: outbox.internal_hosts", bare))
    names = [one.name for one in outbox.subscriptions]
    for number, one in enumerate(outbox.subscriptions):
        place = f"{where}: outbox.subscriptions[{number}]"
        faults += [Fault(f"{place}.{field}", said) for field, said in _subscription_faults(one, outbox.internal_hosts)]
        if one.name in names[:number]:
            faults.append(Fault(f"{place}.name", f"{one.name!r} stands twice"))
    return faults


def _subscription_faults(one: Subscription, internal: Collection[str]) -> Iterator[tuple[str, str]]:
    for name in ("name", "source", "url", "secret"):
        if not getattr(one, name):
            yield name, "is required"
    if one.name and not _SUBSCRIBER.fullmatch(one.name):
        yield "name", f"must be small letters, digits and -, at most 48, not {one.name[:60]!r}"
    if one.secret and not is_secret(one.secret):
        yield "secret", f"must be {SECRET_WORDS}, and never the secret itself"
    try:
        parts = urlsplit(one.url)
        named = (parts.hostname or "").isascii()
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in internal)
        whole = bool(parts.hostname) and safe and not (parts.username or parts.password or parts.fragment)
    except ValueError:
        whole, named = False, True
    if not named:
        yield "url", "must name its host in ASCII letters, as xn--…: so it stands in the register of names"
    elif one.url and not whole:
        yield "url", "must be an https address without a name in it; http only to a host of outbox.internal_hosts"
    for change in one.changes:
        if change not in CHANGES:
            yield "changes", f"must be of {', '.join(CHANGES)}, not {change[:60]!r}"


# intake: how much may come at once.


class IntakeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``queue``: reports that may wait at once before sources are asked to come back later."""

    queue: int = 2000


def check_intake(intake: IntakeSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    return _below_one(intake, ("queue",), f"{where}: intake")


# sources: those that this room asks by itself, each a name, a kind and the options of that kind (ingest/pull.py).


def check_sources(sources: Sequence[Mapping[str, Any]], where: str) -> list[Fault]:
    """A fault for each section without a name or a kind; the options are checked by the kind, before anything runs."""
    return [
        Fault(f"{where}: sources[{number}].{key}", "is required")
        for number, section in enumerate(sources)
        for key in ("name", "kind")
        if not section.get(key)
    ]


# sources of the kind `room`: rooms of others that this one follows (ingest/rooms). Their complaints stay theirs.

ROOM_KIND = "room"
# Cities that one room follows: a province's wall shows six at once, and more than eight pages nobody waits for.
MOST_ROOMS = 48


class FollowedRoom(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``url``: the other room's address. ``token``: where the key is that it gave (`run.py follower add` there).

    ``phone``: of its control room, for when it is silent. ``wall``: the address of its wall, for people here who have a
    right to it. ``inside``: it stands in a network of our own.
    """

    name: str
    url: str
    token: str
    phone: str = ""
    wall: str = ""
    inside: bool = False


def followed_rooms(sources: Sequence[Mapping[str, Any]], where: str) -> tuple[FollowedRoom, ...]:
    """The rooms among the sources, in their order. Raises ConfigError with every fault under its field."""
    rooms: list[FollowedRoom] = []
    faults: list[Fault] = []
    for number, section in enumerate(sources):
        if section.get("kind") != ROOM_KIND:
            continue
        place = f"{where}: sources[{number}]."
        options = {key: value for key, value in section.items() if key != "kind"}
        sound, wrong = sound_values(options, FollowedRoom, place)
        wrong += [Fault(f"{place}{key}", "is required") for key in ("name", "url", "token") if key not in options]
        if wrong:
            faults += wrong
            continue
        room = msgspec.convert(sound, FollowedRoom)
        faults += [Fault(f"{place}{field}", said) for field, said in _room_faults(room, {one.name for one in rooms})]
        rooms.append(room)
    if len(rooms) > MOST_ROOMS:
        faults.append(Fault(f"{where}: sources", f"{MOST_ROOMS} rooms at most"))
    if faults:
        raise ConfigError(faults)
    return tuple(rooms)


def _room_faults(room: FollowedRoom, others: Collection[str]) -> Iterator[tuple[str, str]]:
    if not room.name.strip() or len(room.name) > 128 or not room.name.isprintable():
        yield "name", "must be 1 to 128 characters that can be printed"
    if room.name in others:
        yield "name", f"{room.name!r} stands twice"
    for name in ("url", "wall"):
        address = getattr(room, name)
        if (address or name == "url") and not _is_web_address(address):
            yield name, "must be an http or https address, such as https://liveroom.example.go.id"
    if not is_secret(room.token):
        yield "token", f"must be {SECRET_WORDS}, and never the secret itself"
    if len(room.phone) > 64 or not room.phone.isprintable():
        yield "phone", "must be at most 64 characters that can be printed"


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return sound and text.isprintable() and not any(sign.isspace() for sign in text) and not parts.query


# hooks: apps that post JSON of their own making, each a name, a mapping of the city's pack and how its requests prove
# themselves (ingest/hooks).


def check_hooks(hooks: Sequence[Mapping[str, Any]], where: str) -> list[Fault]:
    """A fault for each section without a name or a mapping; the rest is checked with the city, before anything runs."""
    return [
        Fault(f"{where}: hooks[{number}].{key}", "is required")
        for number, section in enumerate(hooks)
        for key in ("name", "mapping")
        if not section.get(key)
    ]


# alarms: how many people answer them (docs/alarms.md).

_MOST_POSITIONS = 20


class AlarmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``positions``: staffed desks; the number of alarms that counts as a flood grows with it."""

    positions: int = 1


def check_alarms(alarms: AlarmSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    if 1 <= alarms.positions <= _MOST_POSITIONS:
        return []
    return [Fault(f"{where}: alarms.positions", f"staffed desks, from 1 to {_MOST_POSITIONS}")]


# screens: when a silent one is dark.

_DARK_AFTER_S = range(10, 601)


class ScreenSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``dark_after_s``: a screen that was not heard for so many seconds is dark; it reports every few seconds."""

    dark_after_s: int = 15


def check_screens(screens: ScreenSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    if screens.dark_after_s in _DARK_AFTER_S:
        return []
    return [Fault(f"{where}: screens.dark_after_s", "seconds, from 10 to 600")]


# sessions: how long a log-in lasts.

_ROLES = frozenset(role.value for role in OF_PEOPLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """The section as spans of time: see `SessionSettings`."""

    idle: timedelta = timedelta(minutes=60)
    longest: timedelta = timedelta(hours=12)
    warn: timedelta = timedelta(minutes=5)
    second_factor: frozenset[Role] = field(default_factory=frozenset)


class SessionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A log-in ends ``idle_minutes`` after the last act, and ``longest_hours`` after it began.

    ``warn_minutes`` before either end the page warns. ``second_factor``: the roles that cannot log in by a password
    alone; everybody may have one.
    """

    idle_minutes: int = 60
    longest_hours: int = 12
    warn_minutes: int = 5
    second_factor: tuple[str, ...] = ()

    def limits(self) -> SessionLimits:
        """The same as spans of time."""
        return SessionLimits(
            idle=timedelta(minutes=self.idle_minutes),
            longest=timedelta(hours=self.longest_hours),
            warn=timedelta(minutes=self.warn_minutes),
            second_factor=frozenset(Role(name) for name in self.second_factor),
        )


def check_sessions(sessions: SessionSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    faults = []
    if not 2 <= sessions.idle_minutes <= sessions.longest_hours * 60 <= 7 * 24 * 60:
        faults.append(Fault(f"{where}: sessions", "idle_minutes from 2, not above longest_hours, which is at most 168"))
    if not 1 <= sessions.warn_minutes < sessions.idle_minutes:
        faults.append(Fault(f"{where}: sessions.warn_minutes", "must be at least 1 and below idle_minutes"))
    for role in sessions.second_factor:
        if role not in _ROLES:
            wanted = f"must be of {', '.join(sorted(_ROLES))}, not {role!r}"
            faults.append(Fault(f"{where}: sessions.second_factor", wanted))
    return faults


# access: the record of who read personal data.


class AccessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``keep_days``: how long it is known who read personal data."""

    keep_days: int = 730


def check_access(access: AccessSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    return _below_one(access, ("keep_days",), f"{where}: access")


# keep: how long personal data stays after a complaint is closed (law 27/2022; docs/personal-data.md).


class KeepSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days of room time after a complaint is closed.

    After ``person_days`` it is erased who reported, after ``text_days`` what was said, with pictures and videos.
    """

    person_days: int = 365
    text_days: int = 1825


def check_keep(keep: KeepSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    if 1 <= keep.person_days <= keep.text_days:
        return []
    return [Fault(f"{where}: keep", "person_days from 1, text_days not below them")]


# reports: what is printed and sent by itself (docs/reports.md).

# Nobody may forget a report before the next one of its kind is there.
_KEPT_LEAST = 62


class ReportSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``schedule``: takes the place of the pack's, in the same form; ``keep_days``: how long what was made is kept.

    ``send``: false makes and sends nothing by itself.
    """

    send: bool = True
    keep_days: int = 1825
    schedule: tuple[dict[str, Any], ...] = ()


def check_report_settings(reports: ReportSettings, where: str) -> list[Fault]:
    """Faults of the section; its entries are checked against the city when a process starts."""
    if reports.keep_days >= _KEPT_LEAST:
        return []
    return [Fault(f"{where}: reports.keep_days", f"must be at least {_KEPT_LEAST}, two months")]


# openid: an OpenID Connect provider beside names and passwords.

# The client's secret is in the environment alone.
OPENID_SECRET = "LIVEROOM_OPENID_SECRET"
# Addresses that may go without TLS: they never leave this machine.
PLAIN_HERE = ("http://127.0.0.1", "http://localhost")


class OpenIdSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``issuer`` empty: no provider. ``roles``: our role for a value of ``role_claim``; ``agency_claim``: a pack's key.

    The client's secret is in the environment alone: LIVEROOM_OPENID_SECRET.
    """

    issuer: str = ""
    client_id: str = ""
    name: str = "OpenID"
    role_claim: str = "roles"
    agency_claim: str = "agency"
    roles: Mapping[str, str] = {}

    @property
    def can_log_in(self) -> bool:
        """Whether there is a provider through which somebody can log in."""
        return bool(self.issuer and self.roles)


def check_openid(openid: OpenIdSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    faults = []
    if openid.issuer and not openid.client_id:
        faults.append(Fault(f"{where}: openid.client_id", "is required with an issuer"))
    if openid.issuer and not openid.issuer.startswith(("https://", *PLAIN_HERE)):
        faults.append(Fault(f"{where}: openid.issuer", "must begin with https://"))
    for value, role in openid.roles.items():
        if role not in _ROLES:
            faults.append(Fault(f"{where}: openid.roles[{value}]", f"must be one of {', '.join(sorted(_ROLES))}"))
    return faults


def role_of(openid: OpenIdSettings, claimed: object) -> Role | None:
    """The first of our roles that a claim (one value or a list) maps to; None when there is none."""
    values = claimed if isinstance(claimed, list) else [claimed]
    found = (openid.roles.get(value) for value in values if isinstance(value, str))
    return next((Role(role) for role in found if role is not None), None)


# media: photos and videos; where they are kept, how large they may be, how long unfinished uploads wait.

Host = tuple[str, int]
_STORES = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^?#\s]*)?$|file:///[^?#]+$")


class MediaSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``store`` empty: a folder in ``data_dir``; else ``s3://bucket/prefix``, its keys in the environment.

    ``fetch_from``: the only hosts (``name`` or ``name:port``) from which pictures that a source links to are fetched,
    so that a proof can be compared with them. ``unfinished_hours``: how long a broken-off upload waits;
    ``unused_hours``: a whole one that no form and no command uses. ``sandboxed_only``: no file is examined where the
    machine cannot confine the process that examines it (docs/proof.md).

    Uploads without a log-in, in MB of a million bytes: at most ``public_mb`` wait unclaimed in all, ``public_day_mb``
    come within 24 hours in all, ``public_address_mb`` from one address; a broken-off one waits
    ``public_unfinished_minutes``. ``reserve_mb``: space on the disk that is kept for the log.
    """

    store: str = ""
    photo_mb: int = 25
    video_mb: int = 200
    megapixels: int = 120
    video_s: int = 300
    unfinished_hours: int = 24
    unused_hours: int = 48
    sandboxed_only: bool = False
    reserve_mb: int = 512
    public_mb: int = 2000
    public_day_mb: int = 4000
    public_address_mb: int = 1000
    public_unfinished_minutes: int = 60
    fetch_from: tuple[str, ...] = ()

    @property
    def limits(self) -> MediaLimits:
        """What one file may be."""
        return MediaLimits(
            photo_mb=self.photo_mb,
            video_mb=self.video_mb,
            megapixels=self.megapixels,
            video_s=self.video_s,
            sandboxed_only=self.sandboxed_only,
        )

    @property
    def hosts(self) -> tuple[Host, ...]:
        """``fetch_from`` as names and ports."""
        return tuple(host for name in self.fetch_from if (host := host_of(name)) is not None)


def check_media(media: MediaSettings, where: str) -> Sequence[Fault]:
    """Faults of the section."""
    names = ("photo_mb", "video_mb", "megapixels", "video_s", "unfinished_hours", "unused_hours", "reserve_mb")
    public = ("public_mb", "public_day_mb", "public_address_mb", "public_unfinished_minutes")
    faults = _below_one(media, (*names, *public), f"{where}: media")
    if media.store and not _STORES.match(media.store):
        faults.append(
            Fault(f"{where}: media.store", "must be empty, s3://BUCKET, s3://BUCKET/PREFIX or file:///FOLDER")
        )
    for index, name in enumerate(media.fetch_from):
        if host_of(name) is None or set(name) & set("/@?#"):
            faults.append(Fault(f"{where}: media.fetch_from[{index}]", "must be a host name, with :port if not 443"))
    return faults


def host_of(address: str) -> Host | None:
    """Name and port of an https address, or of a configured ``name`` or ``name:port``; None for anything else."""
    try:
        parts = urlsplit(address if "//" in address else f"https://{address}")
        name, port = parts.hostname, parts.port or 443
    except ValueError:
        return None
    plain = parts.scheme == "https" and parts.username is None and parts.password is None
    return (name, port) if name and plain else None


# public: what everybody may open without a log-in.

_TELEPHONE = re.compile(r"\+?[0-9]{2,15}")
_MAP_DAYS_MOST = 366
# A month is published before the one after it is over.
_OPEN_DATA_DAYS_MOST = 27
# About 8 million tries: a cheap telephone would need more than a minute.
_EFFORT_MOST = 512


class FormSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many forms of ``/lapor`` are taken in a quarter of an hour, and the puzzle that a telephone solves for one.

    ``solved``: from one address (in IPv6 a /64) with a solved puzzle; ``plain``: without one; ``plain_in_all``: without
    one from all addresses together. ``effort``: puzzles a form, of about 16,000 tries each; it doubles at ``crowd``
    forms of an address or ``crowd_in_all`` of all, and again with each doubling of those, up to ``effort_most``.
    """

    solved: int = 6000
    plain: int = 30
    plain_in_all: int = 300
    effort: int = 12
    effort_most: int = 48
    crowd: int = 300
    crowd_in_all: int = 3000

    @property
    def doublings(self) -> int:
        """The number of doublings after which the effort grows no more."""
        return (self.effort_most // self.effort).bit_length()


class PublicSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``report``: citizens may report on ``/lapor``; private links that were given out work in any case.

    ``emergency``: the number to call in danger; empty: none is shown. ``map``: ``/lapor/peta`` shows everybody what is
    open and what was done in the last ``map_days``, with coarse places. ``open311``: clients read the same one by one.
    ``open_data``: files of each month on ``/open-data``, made ``open_data_days`` after its end.
    """

    report: bool = True
    emergency: str = ""
    map: bool = False
    map_days: int = 30
    open311: bool = False
    open_data: bool = False
    open_data_days: int = 7
    forms: FormSettings = msgspec.field(default_factory=FormSettings)


def check_public(public: PublicSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    faults = []
    if public.emergency and not _TELEPHONE.fullmatch(public.emergency):
        faults.append(Fault(f"{where}: public.emergency", "must be a telephone number in quotes, digits alone"))
    if not 1 <= public.map_days <= _MAP_DAYS_MOST:
        faults.append(Fault(f"{where}: public.map_days", f"must be 1 to {_MAP_DAYS_MOST}"))
    if not 1 <= public.open_data_days <= _OPEN_DATA_DAYS_MOST:
        faults.append(Fault(f"{where}: public.open_data_days", f"must be 1 to {_OPEN_DATA_DAYS_MOST}"))
    return faults + _check_forms(public.forms, f"{where}: public.forms")


def _check_forms(forms: FormSettings, where: str) -> list[Fault]:
    faults = _below_one(forms, (name for name in forms.__struct_fields__ if name != "effort_most"), where)
    if forms.solved < forms.plain:
        faults.append(Fault(f"{where}.solved", "must be at least plain: a solved puzzle is worth more than none"))
    if not forms.effort <= forms.effort_most <= _EFFORT_MOST:
        faults.append(Fault(f"{where}.effort_most", f"must be at least effort and at most {_EFFORT_MOST}"))
    return faults


# links: signed links by which an agency opens one complaint without an account (docs/agency.md).

SHORTEST_KEY = 32


class LinkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``address``: how agencies reach this server; empty: the first of server.hosts. A link lasts ``days``.

    ``key`` signs them; empty: one that is drawn once into the data folder. Another key makes every link invalid.
    """

    address: str = ""
    days: int = 14
    key: str = ""


def check_links(links: LinkSettings, where: str) -> list[Fault]:
    """Faults of the section."""
    faults = []
    if links.address and not links.address.startswith(("https://", "http://")):
        faults.append(Fault(f"{where}: links.address", "must begin with https:// or http://"))
    if not 1 <= links.days <= 366:
        faults.append(Fault(f"{where}: links.days", "must be between 1 and 366"))
    if links.key and len(links.key) < SHORTEST_KEY:
        faults.append(Fault(f"{where}: links.key", f"must have at least {SHORTEST_KEY} characters"))
    return faults


# The whole of config.yaml.


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting. ``city`` names a folder under ``cities``; ``data_dir`` holds databases, uploads and backups."""

    city: str
    cities: str = "cities"
    data_dir: str = "data"
    server: ServerSettings = msgspec.field(default_factory=ServerSettings)
    database: DatabaseSettings = msgspec.field(default_factory=DatabaseSettings)
    redis: RedisSettings = msgspec.field(default_factory=RedisSettings)
    map: MapSettings = msgspec.field(default_factory=MapSettings)
    mail: MailSettings = msgspec.field(default_factory=MailSettings)
    gateway: GatewaySettings = msgspec.field(default_factory=GatewaySettings)
    outbox: OutboxSettings = msgspec.field(default_factory=OutboxSettings)
    intake: IntakeSettings = msgspec.field(default_factory=IntakeSettings)
    sources: tuple[dict[str, Any], ...] = ()
    hooks: tuple[dict[str, Any], ...] = ()
    alarms: AlarmSettings = msgspec.field(default_factory=AlarmSettings)
    screens: ScreenSettings = msgspec.field(default_factory=ScreenSettings)
    sessions: SessionSettings = msgspec.field(default_factory=SessionSettings)
    access: AccessSettings = msgspec.field(default_factory=AccessSettings)
    keep: KeepSettings = msgspec.field(default_factory=KeepSettings)
    reports: ReportSettings = msgspec.field(default_factory=ReportSettings)
    openid: OpenIdSettings = msgspec.field(default_factory=OpenIdSettings)
    media: MediaSettings = msgspec.field(default_factory=MediaSettings)
    public: PublicSettings = msgspec.field(default_factory=PublicSettings)
    links: LinkSettings = msgspec.field(default_factory=LinkSettings)

    def database_url(self, kind: str) -> str:
        """The configured database, or the SQLite file of this kind of room in the data folder."""
        return self.database.url or f"sqlite:///{Path(self.data_dir).resolve() / kind}.db"


def check_config(config: Config, where: str) -> list[Fault]:
    """Every fault of every section; ``where`` is the file's name."""
    return [
        *check_city_folder(config, where),
        *check_server(config.server, where),
        *check_database(config.database, where),
        *check_redis(config.redis, where),
        *check_map(config.map, where),
        *check_mail(config.mail, where),
        *check_gateway(config.gateway, where),
        *check_outbox(config.outbox, where),
        *check_intake(config.intake, where),
        *check_sources(config.sources, where),
        *check_hooks(config.hooks, where),
        *check_alarms(config.alarms, where),
        *check_screens(config.screens, where),
        *check_sessions(config.sessions, where),
        *check_access(config.access, where),
        *check_keep(config.keep, where),
        *check_report_settings(config.reports, where),
        *check_openid(config.openid, where),
        *check_media(config.media, where),
        *check_public(config.public, where),
        *check_links(config.links, where),
    ]


def check_city_folder(config: Config, where: str) -> list[Fault]:
    """A fault when there is no folder for ``city``; it names those that are there."""
    if not config.city or (Path(config.cities) / config.city).is_dir():
        return []
    there = sorted(pack.parent.name for pack in Path(config.cities).glob("*/city.yaml"))
    hint = f"there are {', '.join(there)}" if there else "`cities` names the folder of the packs"
    return [Fault(f"{where}: city", f"there is no folder {config.cities}/{config.city}; {hint}")]


# The environment: it wins over the file, and a LIVEROOM_ variable that nobody reads is a fault.

# Environment variable to key path.
OVERRIDES: Mapping[str, tuple[str, ...]] = {
    "LIVEROOM_CITY": ("city",),
    "LIVEROOM_DATA_DIR": ("data_dir",),
    "LIVEROOM_PORT": ("server", "port"),
    "LIVEROOM_HOST": ("server", "host"),
    "LIVEROOM_ASYNC_MODE": ("server", "async_mode"),
    "LIVEROOM_DATABASE_URL": ("database", "url"),
    "LIVEROOM_REDIS_URL": ("redis", "url"),
    "LIVEROOM_LINK_KEY": ("links", "key"),
    "LIVEROOM_MAIL_HOST": ("mail", "host"),
    "LIVEROOM_MAIL_PORT": ("mail", "port"),
    "LIVEROOM_MAIL_USER": ("mail", "user"),
    "LIVEROOM_MAIL_PASSWORD": ("mail", "password"),
    "LIVEROOM_GATEWAY_URL": ("gateway", "url"),
    "LIVEROOM_GATEWAY_SECRET": ("gateway", "secret"),
}
# The one setting that no file may hold.
TRUST = "LIVEROOM_TRUST_LOOPBACK"
_TRUST_WORDS = {"1": True, "0": False}
# Read elsewhere: the path of the file, a test room's time, a new password, a provider's secret, and what tests vary.
OTHERS = frozenset(
    f"LIVEROOM_{name}"
    for name in ("CONFIG", "TIME_FILE", "PASSWORD", "OPENID_SECRET", "FEED_TOKEN", "DRILL_SEED", "DOCTOR_SAMPLE")
)


def _override(raw: dict[str, Any], environment: Mapping[str, str]) -> list[Fault]:
    """Write the values of the environment into ``raw``; returns the faults of its variables."""
    faults = []
    for name, keys in OVERRIDES.items():
        if environment.get(name):
            faults += _put(raw, keys, environment[name], name)
    faults += _put_trust(raw, environment.get(TRUST, ""))
    known = {*OVERRIDES, *OTHERS, TRUST}
    # With one wrong letter in LIVEROOM_DATABASE_URL an empty room would be served from a SQLite file.
    for name in sorted(environment):
        if name.startswith("LIVEROOM_") and name not in known and not name.startswith(SECRET):
            faults.append(Fault(name, f"is not a variable that the room reads{_suggestion(name, known)}"))
    return faults


def _put(raw: dict[str, Any], keys: tuple[str, ...], text: str, name: str) -> list[Fault]:
    target = raw
    for key in keys[:-1]:
        if target.get(key) is None:
            target[key] = {}
        if not isinstance(target[key], dict):
            return []  # a fault of the file, which the reading of it reports
        target = target[key]
    if keys[-1] == "port" and not text.isdecimal():
        return [Fault(name, f"must be a port number, not {text!r}")]
    target[keys[-1]] = int(text) if keys[-1] == "port" else text
    return []


def _put_trust(raw: dict[str, Any], text: str) -> list[Fault]:
    server = raw.get("server") or {}
    if not isinstance(server, dict):
        return []  # a fault of the file, which the reading of it reports
    if "trust_loopback" in server:
        return [Fault(TRUST, "is said in the environment alone: take server.trust_loopback out of the file")]
    if text and text not in _TRUST_WORDS:
        return [Fault(TRUST, f"must be 1 or 0, not {text!r}")]
    if text:
        raw["server"] = {**server, "trust_loopback": _TRUST_WORDS[text]}
    return []


def _with_secrets(outbox: OutboxSettings, environment: Mapping[str, str]) -> OutboxSettings:
    """The settings with the secrets of the environment, which win."""
    held = {name.removeprefix(SECRET).lower(): text for name, text in environment.items() if name.startswith(SECRET)}
    return msgspec.structs.replace(outbox, secrets={**outbox.secrets, **held})


def _name_variable(fault: Fault, file: str, environment: Mapping[str, str]) -> Fault:
    """The fault under the name of its variable, where its value came from the environment."""
    for name, keys in OVERRIDES.items():
        if environment.get(name) and fault.where == f"{file}: {'.'.join(keys)}":
            return Fault(f"{name} ({'.'.join(keys)})", fault.message)
    return fault


# The reading of the file: every fault in plain words with its line or key, so that none hides another.

_TYPE_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list such as [a, b]",
    "object": "settings of their own, indented below it",
    "date": "a date",
}
_MISMATCH = re.compile(r"Expected `(\w+)[^`]*`, got `(\w+)`(?: - at `(.+)`)?")


def _read(path: Path) -> dict[str, Any]:
    """The file as plain values. Raises ConfigError when it is missing, no YAML or no mapping."""
    try:
        raw = plain_values(path.read_text("utf-8-sig"))
    except OSError as error:
        remedy = "LIVEROOM_CONFIG says where the file is; config.yaml of the code's folder is a beginning"
        raise ConfigError([Fault(str(path), f"cannot be read: {error.strerror}; {remedy}")]) from error
    except yaml.MarkedYAMLError as error:
        what = "; ".join(words for words in (error.problem, error.context) if words) or "is not YAML"
        tab = "; YAML is indented with spaces, never with tabs" if r"\t" in what else ""
        raise ConfigError([Fault(f"{path.name}: line {line_of(error)}", what + tab)]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError([Fault(path.name, f"is not YAML in UTF-8: {error}")]) from error
    if raw is not None and not isinstance(raw, dict):
        raise ConfigError([Fault(path.name, "must be settings, each `name: value` on a line")])
    return raw or {}


def sound_values(
    raw: Mapping[str, Any], struct: type[msgspec.Struct], where: str
) -> tuple[dict[str, Any], list[Fault]]:
    """The keys of ``raw`` that are known and of the right type, and a fault for every other key."""
    known = {field.name: field.type for field in msgspec.structs.fields(struct)}
    faults = [
        Fault(f"{where}{key}", f"is not a setting{_suggestion(str(key), known)}") for key in raw if key not in known
    ]
    sound: dict[str, Any] = {}
    for key, value in ((key, raw[key]) for key in known if key in raw):
        kind = known[key]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict | None):
            # A heading whose settings are all commented out has no value, and is no fault.
            sound[key], inner = sound_values(value or {}, kind, f"{where}{key}.")
            faults += inner
        elif (wrong := _type_fault(value, kind)) is None:
            sound[key] = value
        else:
            faults.append(Fault(f"{where}{key}", wrong))
    return sound, faults


def _suggestion(name: str, known: Iterable[str]) -> str:
    """The known name that a mistyped one is nearest to, as the end of a message; empty where none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f": do you mean {near[0]}?" if near else ""


def _type_fault(value: object, kind: Any) -> str | None:
    """What is wrong with the type of a value; None when nothing is."""
    if value is None:
        return "has no value: give it one or take the line out"
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return _in_plain_words(str(error), value, kind)
    return None


def _in_plain_words(message: str, value: object, kind: Any) -> str:
    """A message of msgspec in the words of the settings file."""
    if message.startswith("Invalid enum value"):
        return f"must be one of {', '.join(map(str, get_args(kind)))}, not {value!r}"
    found = _MISMATCH.fullmatch(message)
    if found is None:
        return message
    wanted, got, within = found.groups()
    place = f"at {within.replace('$', '')} " if within and within != "$" else ""
    return f"{place}must be {_TYPE_WORDS.get(wanted, wanted)}, not {_TYPE_WORDS.get(got, got)}"


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """The settings of a file and an environment. Raises ConfigError with every fault under its key or variable."""
    raw = _read(path)
    faults = _override(raw, environment)
    sound, wrong = sound_values(raw, Config, f"{path.name}: ")
    faults += wrong
    if "city" not in raw:
        faults.append(Fault(f"{path.name}: city", "is required: the name of a folder with a city pack"))
    config = msgspec.convert({"city": "", **sound}, Config)
    config = msgspec.structs.replace(config, outbox=_with_secrets(config.outbox, environment))
    faults += check_config(config, path.name)
    if faults:
        raise ConfigError(_name_variable(fault, path.name, environment) for fault in faults)
    return config
