"""The settings: one frozen object, checked whole at start-up; config.yaml first, then the LIVEROOM_ environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from liveroom.config_keeping import KeepSettings, check_keeping
from liveroom.config_links import LinkSettings, check_links
from liveroom.config_map import MapSettings, check_map
from liveroom.config_media import MediaSettings, check_media
from liveroom.config_people import AccessSettings, OpenIdSettings, SessionSettings, check_people
from liveroom.config_public import PublicSettings, check_public
from liveroom.config_sending import Gateway, Mail, OutboxSettings, check_gateway, check_sending, with_secrets
from liveroom.errors import ConfigError, Fault

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where and how to serve. ``hosts``: names by which browsers may call us, besides loopback."""

    host: str = "127.0.0.1"
    port: int = 8000
    async_mode: str = "eventlet"
    hosts: tuple[str, ...] = ()
    behind_proxy: bool = False


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` empty means SQLite in the data folder."""

    url: str = ""


class Redis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``url`` empty means no Redis: the bell is in this process, other processes poll."""

    url: str = ""


class Intake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``queue``: reports that may wait at once before sources are asked to come back later."""

    queue: int = 2000


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything config.yaml may say. ``city`` names a folder under ``cities``; ``data_dir`` holds databases."""

    city: str
    cities: str = "cities"
    data_dir: str = "data"
    server: Server = msgspec.field(default_factory=Server)
    database: Database = msgspec.field(default_factory=Database)
    redis: Redis = msgspec.field(default_factory=Redis)
    intake: Intake = msgspec.field(default_factory=Intake)
    map: MapSettings = msgspec.field(default_factory=MapSettings)
    mail: Mail = msgspec.field(default_factory=Mail)
    gateway: Gateway = msgspec.field(default_factory=Gateway)
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


# Environment variable to key path; the environment wins over the file.
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


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """The settings of a file and an environment. Raises ConfigError naming every fault with its key."""
    raw = _read(path)
    faults = []
    for name, keys in OVERRIDES.items():
        if environment.get(name):
            faults += _override(raw, keys, environment[name], name)
    sound, wrong = _sound(raw, Config, f"{path.name}: ")
    faults += wrong
    if "city" not in raw:
        faults.append(Fault(f"{path.name}: city", "is required: the name of a folder with a city pack"))
    config = msgspec.convert({"city": "", **sound}, Config)
    config = msgspec.structs.replace(config, outbox=with_secrets(config.outbox, environment))
    faults += _check(config, path.name) + check_sending(config.mail, config.outbox, path.name)
    faults += check_gateway(config.gateway, path.name)
    faults += check_map(config.map, path.name)
    faults += check_links(config.links, path.name)
    faults += check_public(config.public, path.name)
    faults += check_media(config.media, path.name)
    faults += check_keeping(config.keep, path.name)
    faults += check_people(config.sessions, config.access, config.openid, path.name)
    if faults:
        raise ConfigError(faults)
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError([Fault(path.name, f"cannot be read: {error}")]) from error
    if not isinstance(raw, dict):
        raise ConfigError([Fault(path.name, "must be a mapping of settings")])
    return raw


def _override(raw: dict[str, Any], keys: tuple[str, ...], text: str, name: str) -> list[Fault]:
    target = raw
    for key in keys[:-1]:
        if not isinstance(target.setdefault(key, {}), dict):
            return [Fault(key, "must be a mapping")]
        target = target[key]
    if keys[-1] == "port" and not text.isdecimal():
        return [Fault(name, f"must be a port number, not {text!r}")]
    target[keys[-1]] = int(text) if keys[-1] == "port" else text
    return []


def _sound(raw: Mapping[str, Any], struct: type[msgspec.Struct], where: str) -> tuple[dict[str, Any], list[Fault]]:
    """What of ``raw`` is known and of the right type, and a fault for every other key: none hides another."""
    known = {field.name: field.type for field in msgspec.structs.fields(struct)}
    faults = [Fault(f"{where}{key}", "is not a setting") for key in raw if key not in known]
    sound: dict[str, Any] = {}
    for key, kind in known.items():
        value = raw.get(key)
        if key not in raw:
            continue
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
            sound[key], inner = _sound(value, kind, f"{where}{key}.")
            faults += inner
            continue
        try:
            msgspec.convert(value, kind)
            sound[key] = value
        except msgspec.ValidationError as error:
            faults.append(Fault(f"{where}{key}", str(error)))
    return sound, faults


def _check(config: Config, where: str) -> list[Fault]:
    faults = []
    if config.server.async_mode not in ("eventlet", "gevent", "threading"):
        faults.append(Fault(f"{where}: server.async_mode", "must be eventlet, gevent or threading"))
    if not 0 < config.server.port < 65536:
        faults.append(Fault(f"{where}: server.port", "must be between 1 and 65535"))
    if config.city and not (Path(config.cities) / config.city).is_dir():
        faults.append(Fault(f"{where}: city", f"there is no folder {config.cities}/{config.city}"))
    if config.database.url and not config.database.url.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append(Fault(f"{where}: database.url", "must begin with sqlite:/// or postgresql+psycopg://"))
    if config.intake.queue < 1:
        faults.append(Fault(f"{where}: intake.queue", "must be at least 1"))
    return faults
