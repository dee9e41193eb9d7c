"""All that people need of a web process: who they are, the log-in, the table of permissions, the line above desks."""

import os
from typing import TYPE_CHECKING

from flask import Flask

from display.account_page import account_blueprint
from display.admitting import admit_by_table
from display.attempts import Attempts
from display.counters import counters_of
from display.desk_header import offer_header
from display.enrolment import Enrolment
from display.known_devices import KnownDevices
from display.log_in import Gate, log_in_blueprint
from display.one_at_a_time import OneAtATime
from display.password_page import password_blueprint
from display.second_step import second_step_blueprint
from display.session_api import session_blueprint
from display.setup_page import setup_blueprint
from display.trust import Visitors
from liveroom.accounts.links import key_of
from liveroom.accounts.rate_limits import KnownPlaces
from liveroom.accounts.second_factor import Seal
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import OPENID_SECRET, Config
from liveroom.runtime.errors import ConfigError, Fault

if TYPE_CHECKING:
    from display.openid_doors import SayNo


def doors_for_people(app: Flask, config: Config, room: Room, runtime: Runtime, epoch: str) -> Visitors:
    """Let nobody in but by the table, and people by the log-in; ``epoch`` is the log's.

    Raises ConfigError for an OpenID provider without a secret.
    """
    visitors = Visitors(room, config.server, config.sessions.limits(), provider=config.openid.lets_in)
    admit_by_table(app, room.city, visitors)
    offer_header(app, visitors)
    key = key_of(config)
    aside, devices = OneAtATime(runtime), KnownDevices(key, epoch)
    gate = Gate(
        city=room.city,
        visitors=visitors,
        attempts=Attempts(counters_of(config, room), epoch, key),
        devices=devices,
        places=KnownPlaces(room.log, key),
        aside=aside,
        drill=room.kind == "drill",
        openid=config.openid.name if config.openid.issuer else "",
    )
    page, log_in = log_in_blueprint(gate)
    app.register_blueprint(log_in)
    enrolment = Enrolment(room, Seal(key))
    app.register_blueprint(second_step_blueprint(gate, enrolment, page))
    app.register_blueprint(account_blueprint(visitors, gate.attempts, aside, enrolment))
    if config.openid.issuer:
        _offer_provider(app, config, gate, page)
    app.register_blueprint(session_blueprint(room.city, visitors))
    app.register_blueprint(password_blueprint(room, gate))
    app.register_blueprint(setup_blueprint(room, gate))
    return visitors


def _offer_provider(app: Flask, config: Config, gate: Gate, say_no: "SayNo") -> None:
    # For cost: only a room with a provider imports what speaks to one, at its start.
    from display.openid_doors import openid_blueprint
    from liveroom.accounts.oidc import Provider

    secret = os.environ.get(OPENID_SECRET)
    if not secret:
        raise ConfigError([Fault(OPENID_SECRET, "is required in the environment with openid.issuer")])
    provider = Provider(config.openid, secret)
    app.register_blueprint(openid_blueprint(provider, secret, gate.visitors, gate.attempts, gate.devices, say_no))
