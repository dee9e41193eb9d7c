"""`replay`: plays a file's open and close times as a fresh drill room."""

from pathlib import Path

import click
import msgspec

from ingest.columns import parse_map
from ingest.replay import History, read_history
from liveroom.city.pack import load_city
from liveroom.cli.beside import replay_beside
from liveroom.cli.context import settings, told
from liveroom.cli.serve import serve_room
from liveroom.domain.requests import Malformed
from liveroom.room.bootstrap import Start
from liveroom.runtime.config import Config, Database
from liveroom.runtime.logging import say
from liveroom.runtime.time import system_now
from liveroom.serving import Duties

NAME = "replay"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--speed", type=click.IntRange(1, 3600), default=60, help="Seconds of room time in a second.")
@click.option("--map", "mapping", default="", metavar="FIELD=COLUMN,…", help="Columns by another name.")
@click.option("--source", default="Replay", help="The name of the source that plays them.")
def replay(file: Path, speed: int, mapping: str, source: str) -> None:
    """Play FILE as a drill room of its own, from its first row on; an earlier replay is thrown away."""
    with told():
        config = _fresh(settings())
        history = _history(file, mapping, config)
        say(f"{len(history.moves)} moves from {history.begins:%Y-%m-%d %H:%M} UTC, {history.rejected} rows left out")
        start = Start(kind="drill", city=config.city, rate=speed, at=history.begins)
        serve_room(config, start, Duties(beside=replay_beside(history, source)))


def _fresh(config: Config) -> Config:
    """The settings on an empty SQLite file of the replay's own: no other room's database is ever touched."""
    path = Path(config.data_dir).resolve() / f"{NAME}.db"
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink(missing_ok=True)
    return msgspec.structs.replace(config, database=Database(url=f"sqlite:///{path}"))


def _history(file: Path, mapping: str, config: Config) -> History:
    now = system_now()
    city = load_city(Path(config.cities) / config.city, years=(now.year, now.year + 1))
    try:
        return read_history(file, parse_map(mapping), city, now)
    except Malformed as fault:
        raise ValueError(f"{fault.field}: {fault.message}") from fault
