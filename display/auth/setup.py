"""All that people need of a web process: who they are, the log-in, the table of permissions, the line above desks."""

import os
from typing import TYPE_CHECKING

from flask import Flask

from display.auth.account import account_blueprint
from display.auth.first_admin import setup_blueprint
from display.auth.login import LoginGate, OneAtATime, log_in_blueprint, password_blueprint, session_blueprint
from display.auth.permissions import admit_by_table
from display.auth.second_factor import Enrolment, second_step_blueprint
from display.auth.throttle import Attempts, KnownDevices, counters_of
from display.auth.visitor import Visitors
from display.pages.desk import offer_header
from liveroom.accounts.links import key_of
from liveroom.accounts.rate_limits import KnownPlaces
from liveroom.accounts.second_factor import Seal
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import OPENID_SECRET, Config
from liveroom.runtime.errors import ConfigError, Fault

if TYPE_CHECKING:
    from display.auth.oidc import Refuse


def doors_for_people(app: Flask, config: Config, room: Room, runtime: Runtime, epoch: str) -> Visitors:
    """Let nobody in but by the table, and people by the log-in; ``epoch`` is the log's.

    Raises ConfigError for an OpenID provider without a secret.
    """
    visitors = Visitors(room, config.server, config.sessions.limits(), provider=config.openid.can_log_in)
    admit_by_table(app, room.city, visitors)
    offer_header(app, visitors)
    key = key_of(config)
    aside, devices = OneAtATime(runtime), KnownDevices(key, epoch)
    gate = LoginGate(
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


def _offer_provider(app: Flask, config: Config, gate: LoginGate, say_no: "Refuse") -> None:
    # For cost: only a room with a provider imports what speaks to one, at its start.
    from display.auth.oidc import openid_blueprint
    from liveroom.accounts.oidc import Provider

    secret = os.environ.get(OPENID_SECRET)
    if not secret:
        raise ConfigError([Fault(OPENID_SECRET, "is required in the environment with openid.issuer")])
    provider = Provider(config.openid, secret)
    app.register_blueprint(openid_blueprint(provider, secret, gate.visitors, gate.attempts, gate.devices, say_no))
