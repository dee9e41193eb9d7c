"""The serving commands: the whole room in one process (`serve`), `web`, `clock`, `courier`, `ingest`, and `replay`.

A drill or a replay plays beside the serving process, at the room's pace.
"""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from cli.context import (
    configured_sources,
    drill_option,
    handle_errors,
    settings,
    settings_name,
    start_of,
    time_file,
)
from cli.process import Duties, ServerProcess, tell_systemd
from cli.weeks import live, weeks_of
from ingest.hooks.door import configured_hooks
from ingest.pull import PullSource, unknown_categories
from liveroom.accounts.arrivals import Arrivals
from liveroom.accounts.links import key_of
from liveroom.city.pack import load_city
from liveroom.courier.webhook import check_subscribed
from liveroom.domain.requests import Malformed
from liveroom.log.engine import Unavailable, sqlite_path
from liveroom.log.lease import server_lock
from liveroom.maintenance.exposure import ForwardedRequests, link_at_start, open_points
from liveroom.reports.schedule import entries_of
from liveroom.room.bootstrap import OpenRoom, Start, check_clock, open_room, resume_time, today_at
from liveroom.room.trace import set_trace
from liveroom.runtime import Runtime, runtime_of
from liveroom.runtime.config import Config, DatabaseSettings, followed_rooms
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.logging import say, set_up_logging
from liveroom.runtime.time import system_now

if TYPE_CHECKING:
    from ingest.drill.driver import Drill
    from ingest.sources.replay import History

# What plays beside a serving process.

_PAUSE_S = 0.25
_Beside = Callable[[OpenRoom], Callable[[Runtime], None]]
log = logging.getLogger(__name__)


def _drill_beside(config: Config) -> _Beside:
    """Play a city's citizens and staff for ever. Raises ConfigError for a faulty drill.yaml."""

    def prepare(opened: OpenRoom) -> Callable[[Runtime], None]:
        arrivals = Arrivals(opened.room.log)
        drill = _drill(config, opened, arrivals)

        def play(runtime: Runtime) -> None:
            runtime.spawn(arrivals.run, runtime)
            _play(runtime, drill.step)

        return play

    return prepare


def _drill(config: Config, opened: OpenRoom, arrivals: Arrivals) -> "Drill":
    # Imported where it is played: a real room starts without it.
    from ingest.drill.driver import Drill
    from ingest.drill.script import read_script

    seed = int(os.environ.get("LIVEROOM_DRILL_SEED") or 3671)
    city = opened.room.city
    script = read_script(Path(config.cities) / config.city, city)
    return Drill(opened.room, opened.sources, city, seed, script, arrivals)


def _replay_beside(history: "History", source: str) -> _Beside:
    """Play a history once, from its beginning; the room then goes on without it."""
    from ingest.sources.replay import Replay

    def prepare(opened: OpenRoom) -> Callable[[Runtime], None]:
        replay = Replay(history, opened.room, opened.sources.ensure(source, None))
        return lambda runtime: _play(runtime, replay.step)

    return prepare


def _play(runtime: Runtime, step: Callable[[], datetime | None]) -> None:
    """Step until there is nothing more; when the database does not answer, try again."""
    while True:
        try:
            if step() is None:
                log.warning("what played beside is at its end")
                return
        except Unavailable:
            log.warning("what plays beside waits for the database")
        runtime.sleep(_PAUSE_S)


# The commands that serve a room.

_TRY_SOURCE = "Coba"


def serve(*, drill: bool, speed: int, from_: str, history: str) -> None:
    """Serve everything in one process."""
    with handle_errors():
        config = settings()
        if not drill and (speed != 1 or from_):
            raise ValueError("--speed and --from belong to --drill: the real room runs on real time")
        if not drill and history:
            raise ValueError("--history belongs to --drill: what a real room has lived is imported (`run.py import`)")
        at = today_at(from_, config, system_now()) if from_ else None
        weeks, duties = weeks_of(history), Duties(beside=_drill_beside(config) if drill else None)
        _serve(config, drill=drill, duties=duties, time={"rate": speed, "at": at} if drill else {}, weeks=weeks)


@click.command()
@drill_option
def web(drill: bool) -> None:
    """Serve pages and the feed; clock and courier run elsewhere."""
    with handle_errors():
        _serve(settings(), drill=drill, duties=Duties(clock=False, courier=False, ingest=False), time={})


class _ClockCommands(click.Group):
    """`clock repair`, imported when it is called: a serving process starts without it."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return ["repair"]

    def get_command(self, _context: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "repair":
            return None
        from cli.data import repair_clock

        return repair_clock


@click.group(cls=_ClockCommands, invoke_without_command=True)
@drill_option
@click.pass_context
def clock(context: click.Context, drill: bool) -> None:
    """Judge deadlines and open days; one is active, others stand by."""
    context.ensure_object(dict)["drill"] = drill  # for `run.py clock --drill repair`
    if context.invoked_subcommand is not None:
        return
    with handle_errors():
        _serve(settings(), drill=drill, duties=Duties(web=False, courier=False, ingest=False), time={})


@click.command()
@drill_option
def courier(drill: bool) -> None:
    """Carry the outbox to agencies, offices and sources; one is active, others stand by."""
    with handle_errors():
        _serve(settings(), drill=drill, duties=Duties(web=False, clock=False, ingest=False), time={})


@click.command()
@drill_option
def ingest(drill: bool) -> None:
    """Ask the sources that config.yaml names; each is asked by one process, others stand by."""
    with handle_errors():
        if drill:
            raise ValueError("a drill asks no source: what the settings name is the real room's")
        if not configured_sources() and not followed_rooms(settings().sources, settings_name()):
            raise ValueError("config.yaml: sources: names none; docs/ingest.md says what there is")
        _serve(settings(), drill=drill, duties=Duties(web=False, clock=False, courier=False), time={})


def _serve(config: Config, *, drill: bool, duties: Duties, time: dict[str, object], weeks: int = 0) -> None:
    say("opening the room")
    _serve_room(config, start_of(config, drill=drill, **time), duties, weeks)


def _check_apps(config: Config, opened: OpenRoom, duties: Duties, asked: Sequence[PullSource]) -> None:
    """Check hooks and subscriptions before anything runs. Raises ConfigError.

    Says which categories of sources the city does not have, and which subscription waits for a source.
    """
    for warning in unknown_categories(asked, opened.room.city.categories):
        say(f"warning: {warning}")
    if duties.web and config.hooks:
        configured_hooks(config, opened.room.city, key_of(config), where=settings_name())
    if duties.courier:
        entries_of(config, opened.room.city, settings_name())
    told = config.outbox.subscriptions
    if duties.courier and (faults := check_subscribed(told, settings_name())):
        raise ConfigError(faults)
    named = {one.get("name") for one in (*config.sources, *config.hooks)}
    there = {name for one in opened.sources.all() for name in (one.source.id, one.source.name)} if told else set()
    for one in told:
        if one.source not in named | there:
            say(f"the subscription {one.name} hears nothing yet: there is no source {one.source!r}")


def _serve_room(config: Config, start: Start, duties: Duties, weeks: int = 0) -> None:
    """Open the room and serve it; in a drill or a replay, time goes on where it stopped.

    ``weeks``: what a drill has lived through when it is new.
    """
    set_up_logging()
    set_trace(config.server.trace)
    url, asked = config.database_url(start.kind), configured_sources() if duties.ingest else ()
    followed = followed_rooms(config.sources, settings_name())
    if (asked or followed) and start.kind == "drill":
        say("a drill asks no source: what the settings name under `sources` is the real room's")
        asked = followed = ()
    runtime = runtime_of(config.server.async_mode, url)
    with server_lock(url, duties.web):
        opened = open_room(config, runtime, start)
        if start.kind != "drill":
            _check_apps(config, opened, duties, asked)
        if (stood := check_clock(opened.room.log)) is not None:
            say(stood)
        if opened.head.seq == 0:
            # With a mistyped data_dir, this is the only sign that it is the wrong room and not an empty night.
            say(f"the database was empty: a new room begins in {sqlite_path(url) or 'it'}")
        if weeks and opened.head.seq > 0:
            say("--history is for a new room: this one has lived already and goes on as it is")
        elif weeks:
            until = start.at or opened.room.now()
            live(
                _drill(config, opened, Arrivals(opened.room.log)),
                opened,
                runtime,
                config.server,
                weeks=weeks,
                until=until,
            )
        if duties.beside is not None:
            resume_time(opened.room.log, start)

        def started() -> None:
            if duties.web:
                _greet(config, opened, runtime)
            tell_systemd(runtime, os.environ)

        ServerProcess(config, opened, runtime, time_file(), asked, followed).run(duties, started)


def _greet(config: Config, opened: OpenRoom, runtime: Runtime) -> None:
    address = f"http://{config.server.host}:{config.server.port}"
    for warning in opened.room.city.warnings(system_now().astimezone(opened.room.city.zone).date()):
        say(f"look ahead: {warning}")
    link = _link_of_new_start(config, opened, runtime)
    for point in open_points(config, opened.room):
        say(f"warning: {point.said}")
    say(f"the {opened.room.kind} room of {opened.room.city.name} is at {address}/wall")
    if link is not None:
        # Printed here only: whoever can read this terminal or journal may make the first admin.
        say(f"make the first admin at {link} (once, within a day, until the next start)")
    if opened.room.kind == "drill":
        key = opened.sources.rekey(_TRY_SOURCE, None)
        say(f"a source's key for trying: {key}")
        say(_curl(address, key, next(iter(opened.room.city.categories)), opened))


def _link_of_new_start(config: Config, opened: OpenRoom, runtime: Runtime) -> str | None:
    """The link for the first admin, if there is none; a room whose disk is full serves without it."""
    try:
        ForwardedRequests(opened.room.log, runtime, config.server).begin()
        return link_at_start(config, opened.room)
    except Unavailable as error:
        say(f"warning: no set-up link could be kept: {error}")
        return None


def _curl(address: str, key: str, category: str, opened: OpenRoom) -> str:
    lat, lon = (round(degrees, 4) for degrees in opened.room.city.centre)
    body = f'{{"source_id": "\'$RANDOM\'", "category": "{category}", "lat": {lat}, "lon": {lon}}}'
    return (
        f"curl -s {address}/api/v1/complaints -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{body}'"
    )


# `replay`: the open and close times of a file, played in a drill room of its own.

_REPLAY = "replay"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--speed", type=click.IntRange(1, 3600), default=60, help="Seconds of room time in a second.")
@click.option("--map", "mapping", default="", metavar="FIELD=COLUMN,…", help="Columns by another name.")
@click.option("--source", default="Replay", help="The name of the source that plays them.")
def replay(file: Path, speed: int, mapping: str, source: str) -> None:
    """Play FILE as a drill room of its own, from its first row on; an earlier replay is thrown away."""
    with handle_errors():
        config = _fresh(settings())
        history = _history(file, mapping, config)
        say(f"{len(history.moves)} moves from {history.begins:%Y-%m-%d %H:%M} UTC, {history.rejected} rows left out")
        start = Start(kind="drill", city=config.city, rate=speed, at=history.begins)
        _serve_room(config, start, Duties(beside=_replay_beside(history, source)))


def _fresh(config: Config) -> Config:
    """The settings on an empty SQLite file of the replay's own: no other room's database is ever touched."""
    path = Path(config.data_dir).resolve() / f"{_REPLAY}.db"
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink(missing_ok=True)
    return msgspec.structs.replace(config, database=DatabaseSettings(url=f"sqlite:///{path}"))


def _history(file: Path, mapping: str, config: Config) -> "History":
    from ingest.sources.replay import read_history
    from liveroom.tables.table_plan import parse_map

    now = system_now()
    city = load_city(Path(config.cities) / config.city, years=(now.year, now.year + 1))
    try:
        return read_history(file, parse_map(mapping), city, now)
    except Malformed as fault:
        raise ValueError(f"{fault.field}: {fault.message}") from fault
