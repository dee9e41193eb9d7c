"""``/lapor``: the addresses of the citizens' page."""

from flask import Blueprint, Response
from werkzeug.exceptions import RequestEntityTooLarge

from display.auth.throttle import counters_of
from display.auth.visitor import Visitors
from display.citizens.follow import FollowPages
from display.citizens.public_map import Ground, PublicMap
from display.citizens.report import ROOT, Files, ReportForm
from display.citizens.responses import AGAIN_S, Counter, Spam, by_script, closed, guarded
from liveroom.accounts.links import citizen_links, key_of, tickets
from liveroom.log.engine import Unavailable
from liveroom.media.uploads import UploadPipeline
from liveroom.room.commands.citizens import CitizenCommands
from liveroom.room.room import Room
from liveroom.runtime.config import Config
from liveroom.runtime.http_input import problem

LINK = "/lapor/s/<token>"


def citizens_blueprint(
    config: Config, epoch: str, room: Room, build: str, visitors: Visitors, uploading: UploadPipeline
) -> Blueprint:
    """The blueprint; ``epoch`` is the log's."""
    counter = Counter(
        room=room,
        citizens=CitizenCommands(room, citizen_links(config, epoch, room.kind), uploading.register),
        tickets=tickets(config, epoch),
        uploading=uploading,
        visitors=visitors,
        spam=Spam(counters_of(config, room), epoch, key_of(config), config.public.forms),
        build=build,
        public=config.public,
    )
    lapor = Blueprint("lapor", __name__)
    lapor.after_request(guarded)
    _refusals(lapor, counter)
    _pages(lapor, counter)
    public_map = PublicMap(counter, config.map)
    lapor.add_url_rule("/lapor/peta", "map", public_map.page)
    lapor.add_url_rule("/lapor/peta.json", "squares", public_map.squares)
    _files(lapor, Files(counter))
    return lapor


def _pages(lapor: Blueprint, counter: Counter) -> None:
    reporting, following, ground = ReportForm(counter), FollowPages(counter), Ground(counter)
    lapor.add_url_rule("/lapor", "page", reporting.page)
    lapor.add_url_rule("/lapor", "send", reporting.send, methods=["POST"])
    lapor.add_url_rule("/lapor/ticket", "ticket", reporting.ticket)
    lapor.add_url_rule("/lapor/outlines.json", "outlines", ground.outlines)
    lapor.add_url_rule("/lapor/manifest.webmanifest", "manifest", ground.manifest)
    lapor.add_url_rule("/lapor/worker.js", "worker", ground.worker)
    lapor.add_url_rule(LINK, "follow", following.page)
    lapor.add_url_rule(f"{LINK}/<name>", "act", following.act, methods=["POST"])
    lapor.add_url_rule(f"{LINK}/pictures/<id_>/<copy>", "picture", following.picture)


def _files(lapor: Blueprint, files: Files) -> None:
    one = f"{ROOT}/<id_>"
    lapor.add_url_rule(ROOT, "file", files.create, methods=["POST"], provide_automatic_options=False)
    lapor.add_url_rule(ROOT, "speak", files.tus.options, methods=["OPTIONS"], provide_automatic_options=False)
    for method in ("HEAD", "PATCH", "DELETE"):
        name = f"file_{method.lower()}"
        lapor.add_url_rule(one, name, files.piece, methods=[method], provide_automatic_options=False)
    lapor.add_url_rule(f"{one}/state", "file_state", files.state)


def _refusals(lapor: Blueprint, counter: Counter) -> None:
    @lapor.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        if by_script():
            return problem(413, "too_large", "the form is too large")
        return closed(counter, "large", 413)

    @lapor.errorhandler(Unavailable)
    def away(_error: Unavailable) -> Response:
        if by_script():
            return problem(503, "unavailable", "the database does not answer", retry_after=AGAIN_S)
        return closed(counter, "away", 503, AGAIN_S)
