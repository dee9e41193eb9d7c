"""The settings: one frozen object, checked whole at start-up; config.yaml first, then the LIVEROOM_ environment."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from liveroom.config_alarms import AlarmSettings, check_alarms
from liveroom.config_environment import override, said_by
from liveroom.config_file import read_settings, sound_of
from liveroom.config_keeping import KeepSettings, check_keeping
from liveroom.config_links import LinkSettings, check_links
from liveroom.config_map import MapSettings, check_map
from liveroom.config_media import MediaSettings, check_media
from liveroom.config_people import AccessSettings, OpenIdSettings, SessionSettings, check_people
from liveroom.config_public import PublicSettings, check_public
from liveroom.config_sending import Gateway, Mail, OutboxSettings, check_gateway, check_sending, with_secrets
from liveroom.config_serving import Database, Intake, Redis, Server, check_serving, check_stores
from liveroom.errors import ConfigError, Fault


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything config.yaml may say. ``city`` names a folder under ``cities``; ``data_dir`` holds databases."""

    city: str
    cities: str = "cities"
    data_dir: str = "data"
    server: Server = msgspec.field(default_factory=Server)
    database: Database = msgspec.field(default_factory=Database)
    redis: Redis = msgspec.field(default_factory=Redis)
    intake: Intake = msgspec.field(default_factory=Intake)
    alarms: AlarmSettings = msgspec.field(default_factory=AlarmSettings)
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
