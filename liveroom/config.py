"""The settings: one frozen object, checked whole at start-up; config.yaml first, then the LIVEROOM_ environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

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
}


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """The settings of a file and an environment. Raises ConfigError naming every fault with its key."""
    raw = _read(path)
    faults = []
    for name, keys in OVERRIDES.items():
        if environment.get(name):
            faults += _override(raw, keys, environment[name], name)
    faults += _unknown(raw, Config, path.name)
    if faults:
        raise ConfigError(faults)
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ConfigError([Fault(path.name, str(error))]) from error
    if faults := _check(config, path.name):
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


def _unknown(raw: Mapping[str, Any], struct: type[msgspec.Struct], where: str) -> list[Fault]:
    known = {field.name: field.type for field in msgspec.structs.fields(struct)}
    faults = [Fault(f"{where}: {key}", "is not a setting") for key in raw if key not in known]
    for key, kind in known.items():
        value = raw.get(key)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
            faults += _unknown(value, kind, f"{where}: {key}")
    return faults


def _check(config: Config, where: str) -> list[Fault]:
    faults = []
    if config.server.async_mode not in ("eventlet", "gevent", "threading"):
        faults.append(Fault(f"{where}: server.async_mode", "must be eventlet, gevent or threading"))
    if not 0 < config.server.port < 65536:
        faults.append(Fault(f"{where}: server.port", "must be between 1 and 65535"))
    if not (Path(config.cities) / config.city).is_dir():
        faults.append(Fault(f"{where}: city", f"there is no folder {config.cities}/{config.city}"))
    if config.intake.queue < 1:
        faults.append(Fault(f"{where}: intake.queue", "must be at least 1"))
    return faults
