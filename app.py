"""The application factory: `web_app` wires the pages, the API and the feed of one web process on an opened room.

It is the only wiring: everything below takes what it needs as arguments and imports nothing upward.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, request
from flask_socketio import SocketIO

from display.api.commands import commands_blueprint
from display.api.desk import register_desk_api
from display.api.health import health_blueprint, seldom
from display.api.imports import ImportParts, imports_blueprint
from display.api.outbox import outbox_blueprint
from display.api.responses import register_error_handlers
from display.api.screens import screens_blueprint
from display.api.sources import sources_blueprint
from display.api.uploads import uploads_blueprint
from display.api.users import users_blueprint
from display.auth.security import HostCheck, guard
from display.auth.setup import register_auth
from display.auth.throttle import AddressLimit, counters_of
from display.auth.visitor import Visitors, allowed_hosts
from display.citizens.routes import citizens_blueprint
from display.description.interface_page import interface_blueprint
from display.feed.broadcast import audience_emitter
from display.feed.cards import Cards, cards_of, city_names
from display.feed.cities import FollowedCities
from display.feed.limits import LONGEST_PACKET, FeedConnections, FeedPacket, close_on_bad_packet
from display.feed.messages import Identity
from display.feed.presence import Presence, PresenceLoop, RestartTurns
from display.feed.routes import CalendarWindow, feed_blueprint
from display.feed.server import NAMESPACE, ConnectionGuard, FeedNamespace, Rights, page_emitter
from display.feed.snapshot import Resume, Snapshots
from display.feed.tail import Staleness, Tail, age_of
from display.figures.routes import figures_blueprint
from display.pages.agency import agency_link_blueprint, agency_page_blueprint
from display.pages.alarm_health import AlarmHealth
from display.pages.assets import Assets, register_assets
from display.pages.desk import (
    alarm_desk_blueprint,
    duty_desk_blueprint,
    import_page_blueprint,
    outbox_page_blueprint,
    screens_page_blueprint,
    sources_page_blueprint,
    users_page_blueprint,
)
from display.pages.lead import lead_blueprint
from display.pages.map import add_place_ground, base_map, map_file_blueprint, map_file_of
from display.pages.page import add_words
from display.pages.wall import pages_blueprint, pairing_blueprint
from display.past.day_overview import DayOverview
from display.past.moments import PastRooms
from display.past.past_snapshot import PastSnapshots
from display.past.playback import Playback
from display.past.routes import past_blueprint, snapshot_of_request
from ingest.hooks.door import configured_hooks, hooks_blueprint
from ingest.imports import ImportRunner
from ingest.open311.georeport_server import Open311Server, open311_blueprint
from ingest.sources.api import IntakeGate, intake_blueprint
from liveroom.accounts.arrivals import Arrivals, measure_sources
from liveroom.accounts.imports import ImportFiles
from liveroom.accounts.links import address_of, agency_links, key_of
from liveroom.log.engine import sqlite_path
from liveroom.maintenance.exposure import ForwardedRequests, open_points
from liveroom.maintenance.retention import UnusedFiles, UploadSweeper
from liveroom.maintenance.room_metrics import measure_room
from liveroom.media.inspect import announce
from liveroom.media.linked import LinkedPictures
from liveroom.media.uploads import UploadPipeline
from liveroom.room.bootstrap import OpenRoom, cache_of
from liveroom.room.room import GroupCommit, Room
from liveroom.runtime import Runtime, metrics
from liveroom.runtime.config import LOOPBACK, Config, ServerSettings, followed_rooms
from liveroom.runtime.disk import Disk, disk_of
from liveroom.runtime.language import text
from liveroom.runtime.server.connections import ConnectionLimits, affordable
from liveroom.runtime.time import build_of

if TYPE_CHECKING:
    from liveroom.interface import Operation

ROOT = Path(__file__).resolve().parent
PING_S = 10
# Reads of Open311 without a key: of one address, and of all together. One of 1,000 rows takes a tenth of a second.
READS_A_MINUTE, READS_IN_ALL = 60, 120
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A wired web process: the WSGI application, its Socket.IO server, and what runs beside it."""

    wsgi: Callable[..., Iterable[bytes]]
    socketio: SocketIO
    tail: Tail
    presence: PresenceLoop
    imports: ImportRunner


def web_app(
    config: Config,
    opened: OpenRoom,
    runtime: Runtime,
    draining: Callable[[], bool],
    gate: IntakeGate | None = None,
) -> Web:
    """Wire a web process on an opened room; ``gate``: bounds the reports in this process, those of the API too."""
    room, city = opened.room, opened.room.city
    identity = Identity(build=build_of(), pack=city.hash)
    cards = cards_of(city.policy, city_names(city, drill=room.kind == "drill"))
    calendar = CalendarWindow(room)
    app = Flask("liveroom", root_path=str(ROOT), static_folder="static", template_folder="templates")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    assets = register_assets(app, ROOT / "static", bundled=config.server.bundled)
    guard(app, config.map.image_source)
    add_words(app, city.languages[0])
    register_error_handlers(app)
    socketio = _socketio(app, runtime)
    unjoined = _unjoined_limits(config, room.kind)
    connections = FeedConnections(socketio.server, unjoined, proxied=config.server.behind_proxy)
    connections.watch(runtime)
    close_on_bad_packet(socketio.server)
    visitors = register_auth(app, config, room, runtime, opened.links)
    data_dir = Path(config.data_dir)
    disk = disk_of(config.media, data_dir, sqlite_path(config.database_url(room.kind)))
    uploading = UploadPipeline(room, config.media, data_dir, runtime, disk)
    unused = UnusedFiles(room.log, uploading.register, timedelta(hours=config.media.unused_hours))
    runtime.spawn(UploadSweeper(uploading, timedelta(hours=config.media.unfinished_hours), unused).run, runtime)
    runtime.spawn(announce, runtime.run_child, config.media.sandboxed_only)
    if config.media.hosts:
        runtime.spawn(LinkedPictures(room, uploading, config.media.hosts).run, runtime)
    snapshots, health = Snapshots(room.log, cards, identity, runtime), AlarmHealth(room)
    # What the settings name is the real room's: a drill follows nobody.
    rooms = () if room.kind == "drill" else followed_rooms(config.sources, "config.yaml")
    cities = FollowedCities(room.log, rooms)
    resume = Resume(room.log, cards, identity, lambda: calendar.of_now()[0], cities)
    arrivals = Arrivals(room.log)
    runtime.spawn(arrivals.run, runtime)
    door = IntakeDoor(gate or IntakeGate(config.intake.queue), arrivals)
    past = _past(room, cards, identity, runtime)
    shared = Shared(visitors, snapshots, resume, calendar, identity, uploading, assets, health, door, cities, past)
    tail, presence = _feed(opened, shared, cards, socketio, connections, runtime)
    _register(app, config, opened, shared)
    _register_pages(app, config, opened, shared)
    measures = (
        health.now,
        seldom(lambda: measure_sources(room.log)),
        seldom(lambda: measure_room(room.log)),  # a locked database keeps one look waiting in ten seconds
        lambda: metrics.FEED_AGE.set(age_of(tail)),
        lambda: metrics.SNAPSHOT_BEHIND.set(snapshots.behind(tail.seq)),
    )
    app.register_blueprint(
        health_blueprint(room, tail, draining, lambda: open_points(config, room), uploading, measures)
    )
    imports = _register_imports(app, config, opened, visitors, disk, runtime)
    forwardings = ForwardedRequests(room.log, runtime, config.server)
    wsgi = HostCheck(app.wsgi_app, allowed_hosts(config.server), forwardings.note)
    return Web(wsgi=wsgi, socketio=socketio, tail=tail, presence=presence, imports=imports)


def _past(room: Room, cards: Mapping[str, Cards], identity: Identity, runtime: Runtime) -> "PastParts":
    """The past moments of this process; all of them share the states that are kept."""
    rooms = PastRooms(room.log, runtime)
    return PastParts(
        PastSnapshots(rooms, cards, identity, runtime),
        Playback(rooms, cards, identity),
        DayOverview(rooms, cards, room.city),
    )


def _feed(
    opened: OpenRoom,
    shared: "Shared",
    cards: Mapping[str, Cards],
    socketio: SocketIO,
    connections: FeedConnections,
    runtime: Runtime,
) -> tuple[Tail, PresenceLoop]:
    """The feed of this process, and the loop that records which screens are present."""
    room, visitors = opened.room, shared.visitors
    presence = Presence(lambda: tail.seq)
    ends = page_emitter(socketio.server, runtime)
    entrance = ConnectionGuard(visitors, ends.part, lambda sid: socketio.server.manager.is_connected(sid, NAMESPACE))
    runtime.spawn(entrance.run, runtime)
    rights = Rights(
        entrance.audience, lambda auth: visitors.screen(request, auth), entrance.of_room, connections.joined
    )
    feed = FeedNamespace(shared.resume, rights, runtime.sleep, presence)
    socketio.on_namespace(feed)
    emit, hash_of_now = audience_emitter(socketio.server, runtime), lambda: shared.calendar.of_now()[0]
    tail = Tail(room.log, cards, shared.identity, emit=emit, calendar=hash_of_now, listened=feed.listened)
    tail.cities = shared.cities
    return tail, PresenceLoop(room, presence, Staleness(lambda: age_of(tail)), ends)


def _socketio(app: Flask, runtime: Runtime) -> SocketIO:
    """The Socket.IO server. It allows every origin, since HostCheck before it has checked the origin."""
    return SocketIO(
        app,
        async_mode=runtime.mode,
        async_handlers=False,
        cors_allowed_origins="*",
        serializer=FeedPacket,
        namespaces=[NAMESPACE],  # otherwise anybody may stay connected to "/", which serves nothing
        ping_interval=PING_S,
        ping_timeout=PING_S,
        max_http_buffer_size=LONGEST_PACKET,
    )


def connection_limits(config: Config, kind: str, open_files: int) -> ConnectionLimits:
    """How many connections a process holds in a room of this kind, with so many open files."""
    server = config.server
    return ConnectionLimits(
        total=affordable(server.connections, open_files),
        per_address=server.address_connections,
        unlimited=_unlimited(server, kind),
    )


def _unjoined_limits(config: Config, kind: str) -> ConnectionLimits:
    """How many connections may be open that have not joined the feed."""
    server = config.server
    return ConnectionLimits(
        total=server.unjoined, per_address=server.address_unjoined, unlimited=_unlimited(server, kind)
    )


def _unlimited(server: ServerSettings, kind: str) -> Callable[[str], bool]:
    """Whether an address has no limit: behind a proxy all have the proxy's, on trusted loopback this machine's."""
    trusted = server.trusts_loopback(kind)
    return lambda address: server.behind_proxy or (trusted and address in LOOPBACK)


@dataclass(frozen=True, slots=True)
class Shared:
    """What the blueprints of one process share."""

    visitors: Visitors
    snapshots: Snapshots
    resume: Resume
    calendar: CalendarWindow
    identity: Identity
    uploading: UploadPipeline
    assets: Assets
    alarm_health: AlarmHealth
    door: "IntakeDoor"
    cities: FollowedCities
    past: "PastParts"


@dataclass(frozen=True, slots=True)
class PastParts:
    """The past moments of one process."""

    snapshots: PastSnapshots
    playback: Playback
    overview: DayOverview


@dataclass(frozen=True, slots=True)
class IntakeDoor:
    """What every way in by HTTP shares: how much may be inside, and who counts it."""

    gate: IntakeGate
    arrivals: Arrivals


def _register(app: Flask, config: Config, opened: OpenRoom, shared: Shared) -> None:
    room = opened.room
    door, past = shared.door, shared.past
    app.register_blueprint(intake_blueprint(GroupCommit(room), opened.sources, door.gate, door.arrivals))
    app.register_blueprint(open311_blueprint(_open311(config, opened, shared.visitors, door)))
    # What the settings name is the real room's: nobody's app posts into a drill.
    hooks = () if room.kind == "drill" or not config.hooks else configured_hooks(config, room.city, key_of(config))
    app.register_blueprint(hooks_blueprint(room, opened.sources, door.gate, door.arrivals, hooks))
    audience_of_request = partial(shared.visitors.audience, request, {})
    app.register_blueprint(figures_blueprint(room.log, room.city, shared.identity, audience_of_request))
    app.register_blueprint(commands_blueprint(room, shared.visitors))
    register_desk_api(app, room, shared.visitors)
    links = agency_links(config, opened.links, room.kind)
    build, of_now = shared.identity.build, shared.calendar.of_now
    app.register_blueprint(agency_page_blueprint(room, build, shared.visitors))
    app.register_blueprint(lead_blueprint(room, build, shared.visitors))
    app.register_blueprint(agency_link_blueprint(room, build, shared.visitors, links, of_now, shared.uploading))
    app.register_blueprint(screens_blueprint(room, shared.visitors))
    app.register_blueprint(outbox_blueprint(room, shared.visitors, config.outbox))
    app.register_blueprint(users_blueprint(room, shared.visitors))
    app.register_blueprint(sources_blueprint(room, opened.sources, shared.visitors))
    app.register_blueprint(uploads_blueprint(room, shared.visitors, shared.uploading))
    app.register_blueprint(
        feed_blueprint(
            lambda audience, form: snapshot_of_request(shared.snapshots, past.snapshots, audience, form),
            shared.resume,
            audience_of_request,
            shared.calendar.of_now,
            RestartTurns(room.log, lambda: shared.visitors.screen(request, {})),
        )
    )
    app.register_blueprint(past_blueprint(past.playback, past.overview, audience_of_request))


def _register_imports(
    app: Flask, config: Config, opened: OpenRoom, visitors: Visitors, disk: Disk, runtime: Runtime
) -> ImportRunner:
    """The routes of imports, and the loop that works on them here, since here is where their files are."""
    room = opened.room
    files = ImportFiles(Path(config.data_dir) / "imports" / room.kind)
    parts = ImportParts(register=opened.sources, visitors=visitors, files=files, disk=disk, runtime=runtime)
    app.register_blueprint(imports_blueprint(room, parts))
    language = room.city.languages[0]
    words = (
        text("page.import.csv_line", language),
        text("page.import.csv_field", language),
        text("page.import.csv_reason", language),
    )
    return ImportRunner(room, files, runtime, words, disk.refuse)


def _open311(config: Config, opened: OpenRoom, visitors: Visitors, door: IntakeDoor) -> Open311Server:
    room, files = opened.room, (Path(config.cities) / config.city).glob("*.yaml")
    space = f"liveroom:{opened.links}:open311"
    limit = AddressLimit(counters_of(config, room), space, key_of(config), READS_A_MINUTE, READS_IN_ALL)
    return Open311Server(
        room=room,
        sources=opened.sources,
        gate=door.gate,
        counts=door.arrivals,
        public=config.public.open311,
        wait_s=lambda: limit.wait_s(visitors.address(request)),
        address=address_of(config, room.kind) if config.links.address or config.server.hosts else None,
        changed_at=datetime.fromtimestamp(max((file.stat().st_mtime for file in files), default=0.0), UTC),
    )


def _doors() -> Sequence["Operation"]:
    """What is known of the doors for apps; imported when somebody asks for the description, since a start need not."""
    from ingest.intake_routes import operations

    return operations()


def _register_pages(app: Flask, config: Config, opened: OpenRoom, shared: Shared) -> None:
    """Register the pages. The base map is drawn now and not in a request, where folium would block the hub for 0.3
    s."""
    room, build, archive = opened.room, shared.identity.build, map_file_of(config.map.file)
    ground = base_map(room.city, config.map, archive, cache_of(config))
    app.register_blueprint(map_file_blueprint(archive, room.city))
    add_place_ground(app, room.city, ground, config.map)
    drill = room.kind == "drill"
    app.register_blueprint(
        pages_blueprint(
            room.city,
            lambda: ground,
            build,
            drill=drill,
            visitors=shared.visitors,
            follows=bool(shared.cities.rooms),
        )
    )
    app.register_blueprint(interface_blueprint(room.city, _doors, drill=drill))
    app.register_blueprint(alarm_desk_blueprint(room, shared.alarm_health, build))
    app.register_blueprint(screens_page_blueprint(room, build))
    app.register_blueprint(sources_page_blueprint(room, build))
    app.register_blueprint(import_page_blueprint(room, build))
    app.register_blueprint(outbox_page_blueprint(room, build))
    app.register_blueprint(users_page_blueprint(room, build))
    app.register_blueprint(pairing_blueprint(room.log, shared.visitors))
    app.register_blueprint(duty_desk_blueprint(room, lambda: ground, build, shared.visitors))
    app.register_blueprint(citizens_blueprint(config, opened, build, shared.visitors, shared.uploading, shared.assets))
