"""Serving: the whole room in one process, or one of its processes alone."""

import os

import click

from liveroom.cli.beside import drill_beside
from liveroom.cli.context import settings, start_of, time_file, told
from liveroom.cli.drill_option import drill_option
from liveroom.cli.keeping import repair_clock
from liveroom.log.engine import Unavailable, sqlite_path
from liveroom.log.lease import hold
from liveroom.maintenance.exposure import Forwardings, link_at_start, open_points
from liveroom.room.bootstrap import Opened, Start, believe_clock, go_on, open_room, today_at
from liveroom.runtime import Runtime, runtime_of
from liveroom.runtime.config import Config
from liveroom.runtime.logging import say, set_up_logging
from liveroom.runtime.time import system_now
from liveroom.serving import Duties, Serving
from liveroom.telling_systemd import tell_systemd

TRY_SOURCE = "Coba"


def serve(*, drill: bool, speed: int, from_: str) -> None:
    """Serve everything in one process."""
    with told():
        config = settings()
        if not drill and (speed != 1 or from_):
            raise ValueError("--speed and --from belong to --drill: the real room runs on real time")
        at = today_at(from_, config, system_now()) if from_ else None
        beside = drill_beside(config) if drill else None
        _serve(config, drill=drill, duties=Duties(beside=beside), time={"rate": speed, "at": at} if drill else {})


@click.command()
@drill_option
def web(drill: bool) -> None:
    """Serve pages and the feed; clock and courier run elsewhere."""
    with told():
        _serve(settings(), drill=drill, duties=Duties(clock=False, courier=False), time={})


@click.group(invoke_without_command=True)
@drill_option
@click.pass_context
def clock(context: click.Context, drill: bool) -> None:
    """Judge deadlines and open days; one is active, others stand by."""
    context.ensure_object(dict)["drill"] = drill  # `run.py clock --drill repair` aims there too
    if context.invoked_subcommand is not None:
        return
    with told():
        _serve(settings(), drill=drill, duties=Duties(web=False, courier=False), time={})


clock.add_command(repair_clock)


@click.command()
@drill_option
def courier(drill: bool) -> None:
    """Carry the outbox to agencies, offices and sources; one is active, others stand by."""
    with told():
        _serve(settings(), drill=drill, duties=Duties(web=False, clock=False), time={})


def _serve(config: Config, *, drill: bool, duties: Duties, time: dict[str, object]) -> None:
    say("opening the room")
    serve_room(config, start_of(config, drill=drill, **time), duties)


def serve_room(config: Config, start: Start, duties: Duties) -> None:
    """Open the room and serve it; the time of one that plays goes on where it stopped. Raises what ``told`` tells."""
    set_up_logging()
    url = config.database_url(start.kind)
    runtime = runtime_of(config.server.async_mode, url)
    with hold(url, duties.web):
        opened = open_room(config, runtime, start)
        if (stood := believe_clock(opened.room.log)) is not None:
            say(stood)
        if opened.head.seq == 0:
            # With a mistyped data_dir this is the only thing that tells an empty night from the wrong room.
            say(f"the database was empty: a new room begins in {sqlite_path(url) or 'it'}")
        if duties.beside is not None:
            go_on(opened.room.log, start)

        def started() -> None:
            if duties.web:
                _greet(config, opened, runtime)
            tell_systemd(runtime, os.environ)

        Serving(config, opened, runtime, time_file()).run(duties, started)


def _greet(config: Config, opened: Opened, runtime: Runtime) -> None:
    address = f"http://{config.server.host}:{config.server.port}"
    for warning in opened.room.city.warnings(system_now().astimezone(opened.room.city.zone).date()):
        say(f"look ahead: {warning}")
    link = _link_of_new_start(config, opened, runtime)
    for point in open_points(config, opened.room):
        say(f"warning: {point}")
    say(f"the {opened.room.kind} room of {opened.room.city.name} is at {address}/wall")
    if link is not None:
        # To whoever reads this terminal or journal, and to nobody else: it makes the first admin.
        say(f"make the first admin at {link} (once, within a day, until the next start)")
    if opened.room.kind == "drill":
        key = opened.sources.rekey(TRY_SOURCE, None)
        say(f"a source's key for trying: {key}")
        say(_curl(address, key, next(iter(opened.room.city.categories)), opened))


def _link_of_new_start(config: Config, opened: Opened, runtime: Runtime) -> str | None:
    """What this start writes about itself; a room whose disk is full serves all the same."""
    try:
        Forwardings(opened.room.log, runtime, config.server).begin()
        return link_at_start(config, opened.room)
    except Unavailable as error:
        say(f"warning: no set-up link could be kept: {error}")
        return None


def _curl(address: str, key: str, category: str, opened: Opened) -> str:
    lat, lon = (round(degrees, 4) for degrees in opened.room.city.centre)
    body = f'{{"source_id": "\'$RANDOM\'", "category": "{category}", "lat": {lat}, "lon": {lon}}}'
    return (
        f"curl -s {address}/api/v1/complaints -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{body}'"
    )
