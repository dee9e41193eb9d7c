"""Every setting, one file (pydantic-settings: ~300)."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec
import yaml
from standardwebhooks import Webhook

from liveroom.domain.complaints.proof import MediaLimits
from liveroom.domain.phones import COUNTRIES, KINDS
from liveroom.domain.requests import OF_PEOPLE, Role
from liveroom.runtime.errors import ConfigError, Fault, OnceLoader, line_of

# Carved.


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """``idle``: without an act; ``longest``: since the log-in; the warning comes ``warn`` before either.

    ``second_factor``: the roles whose log-in by a password stands only with a second factor.
    """

    idle: timedelta = timedelta(minutes=60)
    longest: timedelta = timedelta(hours=12)
    warn: timedelta = timedelta(minutes=5)
    second_factor: frozenset[Role] = field(default_factory=frozenset)


# The settings of who answers alarms (docs/alarms.md).

MOST = 20


class AlarmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``positions``: how many desks are staffed; so many times more alarms are bearable before they are a flood."""

    positions: int = 1


def check_alarms(alarms: AlarmSettings, where: str) -> list[Fault]:
    """What is wrong with these settings."""
    if 1 <= alarms.positions <= MOST:
        return []
    return [Fault(f"{where}: alarms.positions", f"staffed desks, from 1 to {MOST}")]


# Reads the settings' file: every fault in plain words with its line or key, none hiding another.

KINDS_OF_VALUES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list such as [a, b]",
    "object": "settings of their own, indented below it",
    "date": "a date",
}
MISMATCH = re.compile(r"Expected `(\w+)[^`]*`, got `(\w+)`(?: - at `(.+)`)?")


def read_settings(path: Path) -> dict[str, Any]:
    """What the file says. Raises ConfigError when it is not there or is no mapping."""
    try:
        raw = yaml.load(path.read_text("utf-8-sig"), Loader=OnceLoader)
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


def sound_of(raw: Mapping[str, Any], struct: type[msgspec.Struct], where: str) -> tuple[dict[str, Any], list[Fault]]:
    """What of ``raw`` is known and of the right type, and a fault for every other key."""
    known = {field.name: field.type for field in msgspec.structs.fields(struct)}
    faults = [Fault(f"{where}{key}", f"is not a setting{alike(str(key), known)}") for key in raw if key not in known]
    sound: dict[str, Any] = {}
    for key, value in ((key, raw[key]) for key in known if key in raw):
        kind = known[key]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict | None):
            # A heading whose settings are all commented out says nothing.
            sound[key], inner = sound_of(value or {}, kind, f"{where}{key}.")
            faults += inner
        elif (wrong := _fault(value, kind)) is None:
            sound[key] = value
        else:
            faults.append(Fault(f"{where}{key}", wrong))
    return sound, faults


def alike(name: str, known: Iterable[str]) -> str:
    """What somebody who mistyped a name meant, as the rest of a sentence; empty where nothing comes near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f": do you mean {near[0]}?" if near else ""


def _fault(value: object, kind: Any) -> str | None:
    """What is wrong with a value, None when nothing is."""
    if value is None:
        return "has no value: give it one or take the line out"
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return _plain(str(error), value, kind)
    return None


def _plain(message: str, value: object, kind: Any) -> str:
    """msgspec's words in those of whoever wrote the file."""
    if message.startswith("Invalid enum value"):
        return f"must be one of {', '.join(map(str, get_args(kind)))}, not {value!r}"
    found = MISMATCH.fullmatch(message)
    if found is None:
        return message
    wanted, got, within = found.groups()
    place = f"at {within.replace('$', '')} " if within and within != "$" else ""
    return f"{place}must be {KINDS_OF_VALUES.get(wanted, wanted)}, not {KINDS_OF_VALUES.get(got, got)}"


# The settings of how long personal data stays after a complaint is closed (law 27/2022; docs/personal-data.md).


class KeepSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days of the room after closing: who reported goes after ``person_days``, what was said after ``text_days``."""

    person_days: int = 365
    text_days: int = 1825


def check_keeping(keep: KeepSettings, where: str) -> list[Fault]:
    """What is wrong with these settings."""
    if 1 <= keep.person_days <= keep.text_days:
        return []
    return [Fault(f"{where}: keep", "person_days from 1, text_days not below them")]


# The settings of signed links by which an agency opens one complaint without an account.

SHORTEST_KEY = 32


class LinkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``address`` under which agencies reach this server, empty: the first of server.hosts; a link lasts ``days``.

    ``key`` signs them, empty: one that is drawn once into the data folder. Another key ends every link there is.
    """

    address: str = ""
    days: int = 14
    key: str = ""


def check_links(links: LinkSettings, where: str) -> list[Fault]:
    """What does not make sense."""
    faults = []
    if links.address and not links.address.startswith(("https://", "http://")):
        faults.append(Fault(f"{where}: links.address", "must begin with https:// or http://"))
    if not 1 <= links.days <= 366:
        faults.append(Fault(f"{where}: links.days", "must be between 1 and 366"))
    if links.key and len(links.key) < SHORTEST_KEY:
        faults.append(Fault(f"{where}: links.key", f"must have at least {SHORTEST_KEY} characters"))
    return faults


# Settings of the wall's base map: the city's own outlines alone, or tiles of one address or file beneath them.

PLACES = ("{z}", "{x}", "{y}")


class MapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``tiles``: an XYZ address with {z}, {x} and {y}, of this server (``/tiles/…``) or another's.

    ``file``: a PMTiles archive on this machine instead.
    """

    tiles: str = ""
    file: str = ""
    attribution: str = ""
    max_zoom: int = 18

    @property
    def pictures(self) -> str | None:
        """Whose pictures a page must be allowed to load, as its policy names them; None: only this server's own."""
        if self.file:
            # A tile cut out of the archive is shown from the page's own memory.
            return "blob:"
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def check_map(settings: MapSettings, where: str) -> list[Fault]:
    """What is wrong with them."""
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
    if not (address or own) or any(place not in settings.tiles for place in PLACES):
        faults.append(Fault(f"{where}: map.tiles", "must be an http(s) address or a path with {z}, {x} and {y}"))
    if not 1 <= settings.max_zoom <= 22:
        faults.append(Fault(f"{where}: map.max_zoom", "must be 1 to 22"))
    return faults


# The settings of photos and videos: where they are kept, how large they may be, how long what is cut off waits.

Host = tuple[str, int]
STORES = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^?#\s]*)?$|file:///[^?#]+$")


def host_of(address: str) -> Host | None:
    """Name and port of an https address, or of a configured ``name`` or ``name:port``; None for what is neither."""
    try:
        parts = urlsplit(address if "//" in address else f"https://{address}")
        name, port = parts.hostname, parts.port or 443
    except ValueError:
        return None
    plain = parts.scheme == "https" and parts.username is None and parts.password is None
    return (name, port) if name and plain else None


class MediaSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``store`` empty: a folder in ``data_dir``; else ``s3://bucket/prefix``, its keys in the environment.

    ``fetch_from``: hosts (``name`` or ``name:port``) from which pictures that a source only links to are fetched, so
    that a proof can be held against them; none are fetched from anywhere else. ``unfinished_hours``: how long a
    broken-off upload waits; ``unused_hours``: a whole one that no form and no order uses. ``sandboxed_only``: no file
    is looked into where the machine cannot hold the process that does (docs/proof.md).

    Of what anybody may send without a log-in, in MB of a million bytes: ``public_mb`` may lie unclaimed in all,
    ``public_day_mb`` come in 24 hours in all, ``public_address_mb`` from one address; ``public_unfinished_minutes``:
    how long one that is broken off waits. ``reserve_mb``: room on the disk that is the log's alone.
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
        """Names and ports to fetch from."""
        return tuple(host for name in self.fetch_from if (host := host_of(name)) is not None)


def check_media(media: MediaSettings, where: str) -> Sequence[Fault]:
    """What cannot be meant."""
    names = ("photo_mb", "video_mb", "megapixels", "video_s", "unfinished_hours", "unused_hours", "reserve_mb")
    public = ("public_mb", "public_day_mb", "public_address_mb", "public_unfinished_minutes")
    low = [name for name in (*names, *public) if getattr(media, name) < 1]
    faults = [Fault(f"{where}: media.{name}", "must be at least 1") for name in low]
    if media.store and not STORES.match(media.store):
        faults.append(
            Fault(f"{where}: media.store", "must be empty, s3://BUCKET, s3://BUCKET/PREFIX or file:///FOLDER")
        )
    for index, name in enumerate(media.fetch_from):
        if host_of(name) is None or set(name) & set("/@?#"):
            faults.append(Fault(f"{where}: media.fetch_from[{index}]", "must be a host name, with :port if not 443"))
    return faults


# The settings about people: how long a log-in lasts, how long readings are kept, and an OpenID provider.

OPENID_SECRET = "LIVEROOM_OPENID_SECRET"
PLAIN_HERE = ("http://127.0.0.1", "http://localhost")


class SessionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A log-in ends ``idle_minutes`` after the last act and ``longest_hours`` after it began, warned of before.

    ``second_factor``: the roles that cannot log in by a password alone; everybody may have one.
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


class AccessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``keep_days``: how long it is known who read personal data."""

    keep_days: int = 730


class OpenIdSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``issuer`` empty: no provider. ``roles``: from values of ``role_claim`` to ours; ``agency_claim`` a pack's key.

    The client's secret is in the environment alone: LIVEROOM_OPENID_SECRET.
    """

    issuer: str = ""
    client_id: str = ""
    name: str = "OpenID"
    role_claim: str = "roles"
    agency_claim: str = "agency"
    roles: Mapping[str, str] = {}

    @property
    def lets_in(self) -> bool:
        """Whether there is a provider by which somebody can come in."""
        return bool(self.issuer and self.roles)


def check_people(sessions: SessionSettings, access: AccessSettings, openid: OpenIdSettings, where: str) -> list[Fault]:
    """What is wrong with these settings."""
    faults = []
    if not 2 <= sessions.idle_minutes <= sessions.longest_hours * 60 <= 7 * 24 * 60:
        faults.append(Fault(f"{where}: sessions", "idle_minutes from 2, not above longest_hours, which is at most 168"))
    if not 1 <= sessions.warn_minutes < sessions.idle_minutes:
        faults.append(Fault(f"{where}: sessions.warn_minutes", "must be at least 1 and below idle_minutes"))
    if access.keep_days < 1:
        faults.append(Fault(f"{where}: access.keep_days", "must be at least 1"))
    if openid.issuer and not openid.client_id:
        faults.append(Fault(f"{where}: openid.client_id", "is required with an issuer"))
    if openid.issuer and not openid.issuer.startswith(("https://", *PLAIN_HERE)):
        faults.append(Fault(f"{where}: openid.issuer", "must begin with https://"))
    known = {role.value for role in OF_PEOPLE}
    for role in sessions.second_factor:
        if role not in known:
            faults.append(
                Fault(f"{where}: sessions.second_factor", f"must be of {', '.join(sorted(known))}, not {role!r}")
            )
    for value, role in openid.roles.items():
        if role not in known:
            faults.append(Fault(f"{where}: openid.roles[{value}]", f"must be one of {', '.join(sorted(known))}"))
    return faults


def role_of(openid: OpenIdSettings, claimed: object) -> Role | None:
    """The first of our roles that a claim (one value or a list) maps to; None when there is none."""
    values = claimed if isinstance(claimed, list) else [claimed]
    found = (openid.roles.get(value) for value in values if isinstance(value, str))
    return next((Role(role) for role in found if role is not None), None)


# The settings of what everybody may open without a log-in.

NUMBER = re.compile(r"\+?[0-9]{2,15}")
MAP_DAYS_MOST = 366
# About 8 million tries: a cheap telephone would be at it for over a minute.
EFFORT_MOST = 512


class FormSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many forms of ``/lapor`` are taken in a quarter of an hour, and what a telephone does for one.

    ``solved``: from one address (in IPv6 a /64) with a solved puzzle; ``plain``: without one, ``plain_in_all`` from all
    addresses together. ``effort``: puzzles a form, of about 16,000 tries each; doubled from ``crowd`` forms of an
    address or ``crowd_in_all`` on, and again with each doubling, up to ``effort_most``.
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
        """After how many the effort grows no more."""
        return (self.effort_most // self.effort).bit_length()


class PublicSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``report``: citizens may report on ``/lapor``; links that were given out work in any case.

    ``emergency``: the number to call in danger, empty: none is named. ``map``: ``/lapor/peta`` shows everybody what is
    open and what was done in ``map_days``, its places made coarse. ``forms``: how many are taken.
    """

    report: bool = True
    emergency: str = ""
    map: bool = False
    map_days: int = 30
    forms: FormSettings = msgspec.field(default_factory=FormSettings)


def check_public(public: PublicSettings, where: str) -> list[Fault]:
    """What does not make sense."""
    faults = []
    if public.emergency and not NUMBER.fullmatch(public.emergency):
        faults.append(Fault(f"{where}: public.emergency", "must be a telephone number in quotes, digits alone"))
    if not 1 <= public.map_days <= MAP_DAYS_MOST:
        faults.append(Fault(f"{where}: public.map_days", f"must be 1 to {MAP_DAYS_MOST}"))
    return faults + _check_forms(public.forms, f"{where}: public.forms")


def _check_forms(forms: FormSettings, where: str) -> list[Fault]:
    faults = [
        Fault(f"{where}.{name}", "must be at least 1")
        for name in forms.__struct_fields__
        if name != "effort_most" and getattr(forms, name) < 1
    ]
    if forms.solved < forms.plain:
        faults.append(Fault(f"{where}.solved", "must be at least plain: a solved puzzle is worth more than none"))
    if not forms.effort <= forms.effort_most <= EFFORT_MOST:
        faults.append(Fault(f"{where}.effort_most", f"must be at least effort and at most {EFFORT_MOST}"))
    return faults


# The settings of what leaves this room: the mail server, the secrets by name, and when a delivery counts as stuck.

# A secret that the city pack calls `dpupr_hook` comes from LIVEROOM_SECRET_DPUPR_HOOK.
SECRET = "LIVEROOM_SECRET_"
BEGINNING = re.compile(r"\+[1-9][0-9]{0,14}")
# Longer, and the time to accept is over before the letter comes.
DIGEST_MOST = 240


class MailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``host`` empty means no mail: whoever would get any reads its work on its page here.

    ``security``: starttls, tls (from the first byte) or none; ``user`` empty: no log-in. ``page_to`` is where a
    supervisor is reached when an alarm stays unacknowledged.
    """

    host: str = ""
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    sender: str = ""
    page_to: tuple[str, ...] = ()


class GatewaySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever carries short messages to citizens' telephones. ``url`` empty: nobody does; ``secret`` signs them.

    Called are numbers of ``countries`` (two letters; none: the city's own) and ``kinds``, but none that begins as one
    of ``never``: satellite telephones, which a country may count as mobile.
    """

    url: str = ""
    secret: str = ""
    countries: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("mobile", "fixed_line_or_mobile")
    never: tuple[str, ...] = ("+62868",)


class OutboxSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After ``stuck_minutes``, or ``stuck_tries`` failures, a delivery is stuck; ``secrets`` by the pack's names.

    For ``digest_minutes`` an agency's new work by mail waits for more, to come in one letter; 0: each by itself.
    """

    stuck_minutes: int = 15
    stuck_tries: int = 10
    digest_minutes: int = 0
    secrets: Mapping[str, str] = msgspec.field(default_factory=dict)


def with_secrets(outbox: OutboxSettings, environment: Mapping[str, str]) -> OutboxSettings:
    """The settings with the secrets that the environment holds, which win."""
    held = {name.removeprefix(SECRET).lower(): text for name, text in environment.items() if name.startswith(SECRET)}
    return msgspec.structs.replace(outbox, secrets={**outbox.secrets, **held})


def check_gateway(gateway: GatewaySettings, where: str) -> list[Fault]:
    """What does not make sense."""
    faults = [
        *(_odd(where, "countries", one, "an ISO code such as ID") for one in gateway.countries if one not in COUNTRIES),
        *(_odd(where, "kinds", one, f"one of {', '.join(KINDS)}") for one in gateway.kinds if one not in KINDS),
        *(
            _odd(where, "never", one, "a beginning like +62868")
            for one in gateway.never
            if not BEGINNING.fullmatch(one)
        ),
    ]
    if not gateway.url:
        return faults
    parts = urlsplit(gateway.url)
    if not gateway.kinds:
        faults.append(Fault(f"{where}: gateway.kinds", "must name a kind; without a url nobody is called"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        faults.append(Fault(f"{where}: gateway.url", "must be an http(s) address"))
    if not _signs(gateway.secret):
        faults.append(Fault(f"{where}: gateway.secret", "must be whsec_ and base64, best as LIVEROOM_GATEWAY_SECRET"))
    return faults


def _odd(where: str, name: str, one: str, meant: str) -> Fault:
    return Fault(f"{where}: gateway.{name}", f"must be {meant}, not {one!r}")


def _signs(secret: str) -> bool:
    try:
        return bool(secret) and Webhook(secret) is not None
    except (ValueError, RuntimeError):
        return False


def check_sending(mail: MailSettings, outbox: OutboxSettings, where: str) -> list[Fault]:
    """What does not make sense together."""
    faults = []
    if mail.host and "@" not in mail.sender:
        faults.append(Fault(f"{where}: mail.sender", "must be the address that mail comes from"))
    if not 0 < mail.port < 65536:
        faults.append(Fault(f"{where}: mail.port", "must be between 1 and 65535"))
    if mail.user and mail.security == "none":
        faults.append(Fault(f"{where}: mail.security", "must be starttls or tls where there is a log-in"))
    for name in ("stuck_minutes", "stuck_tries"):
        if getattr(outbox, name) < 1:
            faults.append(Fault(f"{where}: outbox.{name}", "must be at least 1"))
    if not 0 <= outbox.digest_minutes <= DIGEST_MOST:
        faults.append(Fault(f"{where}: outbox.digest_minutes", f"must be between 0 and {DIGEST_MOST}"))
    return faults


# The settings that the environment gives: it wins over the file, and a variable nobody reads is a fault.

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
TRUST, TRUST_WORDS = "LIVEROOM_TRUST_LOOPBACK", {"1": True, "0": False}
# Read elsewhere: where the file is, a test room's time, a new password, a provider's secret, and what only tests vary.
OTHERS = frozenset(
    f"LIVEROOM_{name}" for name in ("CONFIG", "TIME_FILE", "PASSWORD", "OPENID_SECRET", "DRILL_SEED", "DOCTOR_SAMPLE")
)


def override(raw: dict[str, Any], environment: Mapping[str, str]) -> list[Fault]:
    """Write what the environment says into ``raw``; what is wrong with it, by variable."""
    faults = []
    for name, keys in OVERRIDES.items():
        if environment.get(name):
            faults += _put(raw, keys, environment[name], name)
    faults += _trust(raw, environment.get(TRUST, ""))
    known = {*OVERRIDES, *OTHERS, TRUST}
    # One letter wrong in LIVEROOM_DATABASE_URL, and an empty room would be served from a file.
    for name in sorted(environment):
        if name.startswith("LIVEROOM_") and name not in known and not name.startswith(SECRET):
            faults.append(Fault(name, f"is not a variable that the room reads{alike(name, known)}"))
    return faults


def said_by(fault: Fault, file: str, environment: Mapping[str, str]) -> Fault:
    """The same fault under the variable that brought it, where the environment won over the file."""
    for name, keys in OVERRIDES.items():
        if environment.get(name) and fault.where == f"{file}: {'.'.join(keys)}":
            return Fault(f"{name} ({'.'.join(keys)})", fault.message)
    return fault


def _trust(raw: dict[str, Any], said: str) -> list[Fault]:
    """Put the trust into loopback beside the other settings of the server."""
    server = raw.get("server") or {}
    if not isinstance(server, dict):
        return []  # the file's own fault, which is told
    if "trust_loopback" in server:
        return [Fault(TRUST, "is said in the environment alone: take server.trust_loopback out of the file")]
    if said and said not in TRUST_WORDS:
        return [Fault(TRUST, f"must be 1 or 0, not {said!r}")]
    if said:
        raw["server"] = {**server, "trust_loopback": TRUST_WORDS[said]}
    return []


def _put(raw: dict[str, Any], keys: tuple[str, ...], text: str, name: str) -> list[Fault]:
    target = raw
    for key in keys[:-1]:
        if target.get(key) is None:
            target[key] = {}
        if not isinstance(target[key], dict):
            return []  # the file's own fault, which is told
        target = target[key]
    if keys[-1] == "port" and not text.isdecimal():
        return [Fault(name, f"must be a port number, not {text!r}")]
    target[keys[-1]] = int(text) if keys[-1] == "port" else text
    return []


# The settings of where this process listens and what it keeps its room in.

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MODES = ("eventlet", "threading")
MOST_CONNECTIONS = 60_000
NAME = re.compile(r"[a-z0-9]([a-z0-9.:-]*[a-z0-9])?")
# With a port: an address as IPv6 writes one has at least two colons.
WITH_PORT = re.compile(r"[^:]*:[0-9]*")


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where and how to serve. ``hosts``: names by which browsers may call us, besides loopback.

    ``connections`` of a process in all; ``address_connections`` of those that have shown no credential, from one
    address; ``unjoined`` and ``address_unjoined`` the same of sockets of the feed that have not joined it.
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

    def trusts_loopback(self, kind: str) -> bool:
        """Whether this machine needs no credential in a room of this kind: a real one only where that was asked for.

        A forwarder that says nothing (ssh, socat, a bare proxy_pass, a container's port) makes the world loopback.
        """
        asked = kind != "real" or self.trust_loopback
        return asked and not self.behind_proxy and self.host in LOOPBACK


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` empty means SQLite in the data folder."""

    url: str = ""


class RedisSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` empty means no Redis: the bell is in this process, other processes poll."""

    url: str = ""


class IntakeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``queue``: reports that may wait at once before sources are asked to come back later."""

    queue: int = 2000


def check_serving(server: ServerSettings, intake: IntakeSettings, where: str) -> list[Fault]:
    """What does not make sense."""
    faults = []
    if server.async_mode not in MODES:
        faults.append(Fault(f"{where}: server.async_mode", "must be eventlet or threading"))
    if not 0 < server.port < 65536:
        faults.append(Fault(f"{where}: server.port", "must be between 1 and 65535"))
    for name in ("connections", "address_connections", "unjoined", "address_unjoined"):
        if not 0 < getattr(server, name) <= MOST_CONNECTIONS:
            faults.append(Fault(f"{where}: server.{name}", f"must be between 1 and {MOST_CONNECTIONS}"))
    if not server.host.strip():
        faults.append(Fault(f"{where}: server.host", "must be an address of this machine, such as 127.0.0.1"))
    for host in server.hosts:
        if not NAME.fullmatch(host) or WITH_PORT.fullmatch(host):
            bare = "must be bare names in small letters, such as wall.example.go.id: no https://, port or path"
            faults.append(Fault(f"{where}: server.hosts", f"{bare}, not {host!r}"))
    if intake.queue < 1:
        faults.append(Fault(f"{where}: intake.queue", "must be at least 1"))
    return faults


def check_stores(database: DatabaseSettings, redis: RedisSettings, where: str) -> list[Fault]:
    """What does not make sense; of an address only the beginning is told, for it may hold a password."""
    faults = []
    if database.url and not database.url.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append(Fault(f"{where}: database.url", "must begin with sqlite:/// or postgresql+psycopg://"))
    elif database.url.count("@") > 1:
        # The half of a password would be looked up as a host, and logged as one.
        signs = "has more than one @: in a password write %40 for @, %2F for / and %3A for :"
        faults.append(Fault(f"{where}: database.url", signs))
    if redis.url and not redis.url.startswith(("redis://", "rediss://", "unix://")):
        faults.append(Fault(f"{where}: redis.url", "must begin with redis://, rediss:// or unix://"))
    return faults


# The settings: one frozen object, checked whole at start-up; config.yaml first, then the LIVEROOM_ environment.


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything config.yaml may say. ``city`` names a folder under ``cities``; ``data_dir`` holds databases."""

    city: str
    cities: str = "cities"
    data_dir: str = "data"
    server: ServerSettings = msgspec.field(default_factory=ServerSettings)
    database: DatabaseSettings = msgspec.field(default_factory=DatabaseSettings)
    redis: RedisSettings = msgspec.field(default_factory=RedisSettings)
    intake: IntakeSettings = msgspec.field(default_factory=IntakeSettings)
    alarms: AlarmSettings = msgspec.field(default_factory=AlarmSettings)
    map: MapSettings = msgspec.field(default_factory=MapSettings)
    mail: MailSettings = msgspec.field(default_factory=MailSettings)
    gateway: GatewaySettings = msgspec.field(default_factory=GatewaySettings)
    outbox: OutboxSettings = msgspec.field(default_factory=OutboxSettings)
    links: LinkSettings = msgspec.field(default_factory=LinkSettings)
    media: MediaSettings = msgspec.field(default_factory=MediaSettings)
    keep: KeepSettings = msgspec.field(default_factory=KeepSettings)
    sessions: SessionSettings = msgspec.field(default_factory=SessionSettings)
    access: AccessSettings = msgspec.field(default_factory=AccessSettings)
    openid: OpenIdSettings = msgspec.field(default_factory=OpenIdSettings)
    public: PublicSettings = msgspec.field(default_factory=PublicSettings)

    def database_url(self, kind: str) -> str:
        """The configured database, or this kind's own SQLite file in the data folder."""
        return self.database.url or f"sqlite:///{Path(self.data_dir).resolve() / kind}.db"


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """The settings of a file and an environment. Raises ConfigError naming every fault with its key."""
    raw = read_settings(path)
    faults = override(raw, environment)
    sound, wrong = sound_of(raw, Config, f"{path.name}: ")
    faults += wrong
    if "city" not in raw:
        faults.append(Fault(f"{path.name}: city", "is required: the name of a folder with a city pack"))
    config = msgspec.convert({"city": "", **sound}, Config)
    config = msgspec.structs.replace(config, outbox=with_secrets(config.outbox, environment))
    faults += _checked(config, path.name)
    if faults:
        raise ConfigError(said_by(fault, path.name, environment) for fault in faults)
    return config


def _checked(config: Config, where: str) -> list[Fault]:
    faults = []
    if config.city and not (Path(config.cities) / config.city).is_dir():
        there = sorted(pack.parent.name for pack in Path(config.cities).glob("*/city.yaml"))
        said = f"there are {', '.join(there)}" if there else "`cities` names the folder of the packs"
        faults.append(Fault(f"{where}: city", f"there is no folder {config.cities}/{config.city}; {said}"))
    faults += check_serving(config.server, config.intake, where)
    faults += check_stores(config.database, config.redis, where)
    faults += check_alarms(config.alarms, where)
    faults += check_sending(config.mail, config.outbox, where)
    faults += check_gateway(config.gateway, where)
    faults += check_map(config.map, where)
    faults += check_links(config.links, where)
    faults += check_public(config.public, where)
    faults += check_media(config.media, where)
    faults += check_keeping(config.keep, where)
    return faults + check_people(config.sessions, config.access, config.openid, where)
