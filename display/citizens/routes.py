"""The blueprint of the citizens' pages: every address under `/lapor`, open data, and their answers to errors."""

from pathlib import Path

from flask import Blueprint, Response
from werkzeug.exceptions import RequestEntityTooLarge

from display.auth.throttle import counters_of
from display.auth.visitor import Visitors
from display.citizens.follow import FollowPages
from display.citizens.open_data_page import OpenDataPage
from display.citizens.public_map import CityFiles, PublicMap
from display.citizens.report import UPLOADS, CitizenUploads, ReportForm
from display.citizens.responses import AGAIN_S, CitizenSite, SpamLimits, add_headers, message_page, wants_json
from display.pages.assets import Assets
from liveroom.accounts.links import citizen_links, key_of, tickets
from liveroom.log.engine import Unavailable
from liveroom.media.uploads import UploadPipeline
from liveroom.room.bootstrap import OpenRoom
from liveroom.room.commands.citizens import CitizenCommands
from liveroom.runtime.config import Config
from liveroom.runtime.http_input import problem

LINK = "/lapor/s/<token>"


def citizens_blueprint(
    config: Config, opened: OpenRoom, build: str, visitors: Visitors, uploading: UploadPipeline, assets: Assets
) -> Blueprint:
    """The blueprint; ``build``: of the program."""
    room, epoch = opened.room, opened.links
    site = CitizenSite(
        room=room,
        citizens=CitizenCommands(room, citizen_links(config, epoch, room.kind), uploading.register),
        tickets=tickets(config, epoch),
        uploading=uploading,
        visitors=visitors,
        spam=SpamLimits(counters_of(config, room), epoch, key_of(config), config.public.forms),
        build=build,
        public=config.public,
        assets=assets,
    )
    lapor = Blueprint("lapor", __name__)
    lapor.after_request(add_headers)
    _refusals(lapor, site)
    _pages(lapor, site)
    public_map = PublicMap(site, config.map)
    lapor.add_url_rule("/lapor/peta", "map", public_map.page)
    lapor.add_url_rule("/lapor/peta.json", "squares", public_map.squares)
    open_data = OpenDataPage(site, Path(config.data_dir))
    lapor.add_url_rule("/open-data", "open_data", open_data.page)
    lapor.add_url_rule("/open-data/<name>", "open_data_file", open_data.file)
    _upload_rules(lapor, CitizenUploads(site))
    return lapor


def _pages(lapor: Blueprint, site: CitizenSite) -> None:
    report_form, follow_pages, city_files = ReportForm(site), FollowPages(site), CityFiles(site)
    lapor.add_url_rule("/lapor", "page", report_form.page)
    lapor.add_url_rule("/lapor", "send", report_form.send, methods=["POST"])
    lapor.add_url_rule("/lapor/ticket", "ticket", report_form.ticket)
    lapor.add_url_rule("/lapor/area", "area", report_form.area, methods=["POST"])
    lapor.add_url_rule("/lapor/outlines.json", "outlines", city_files.outlines)
    lapor.add_url_rule("/lapor/manifest.webmanifest", "manifest", city_files.manifest)
    lapor.add_url_rule("/lapor/worker.js", "worker", city_files.worker)
    lapor.add_url_rule(LINK, "follow", follow_pages.page)
    lapor.add_url_rule(f"{LINK}/<name>", "act", follow_pages.act, methods=["POST"])
    lapor.add_url_rule(f"{LINK}/pictures/<id_>/<copy>", "picture", follow_pages.picture)


def _upload_rules(lapor: Blueprint, files: CitizenUploads) -> None:
    one = f"{UPLOADS}/<id_>"
    lapor.add_url_rule(UPLOADS, "file", files.create, methods=["POST"], provide_automatic_options=False)
    lapor.add_url_rule(UPLOADS, "speak", files.tus.options, methods=["OPTIONS"], provide_automatic_options=False)
    for method in ("HEAD", "PATCH", "DELETE"):
        name = f"file_{method.lower()}"
        lapor.add_url_rule(one, name, files.transfer, methods=[method], provide_automatic_options=False)
    lapor.add_url_rule(f"{one}/state", "file_state", files.state)


def _refusals(lapor: Blueprint, site: CitizenSite) -> None:
    @lapor.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        if wants_json():
            return problem(413, "too_large", "the form is too large")
        return message_page(site, "large", 413)

    @lapor.errorhandler(Unavailable)
    def away(_error: Unavailable) -> Response:
        if wants_json():
            return problem(503, "unavailable", "the database does not answer", retry_after=AGAIN_S)
        return message_page(site, "away", 503, AGAIN_S)
