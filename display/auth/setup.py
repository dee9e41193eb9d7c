"""Registers log-in, account, set-up, permission table and the header above the desks in the app of a web process."""

import os
from typing import TYPE_CHECKING

from flask import Flask

from display.auth.account import account_blueprint
from display.auth.first_admin import setup_blueprint
from display.auth.login import LoginGate, PasswordQueue, log_in_blueprint, password_blueprint, session_blueprint
from display.auth.permissions import enforce_permissions
from display.auth.practice import practice_blueprint
from display.auth.second_factor import Enrolment, second_step_blueprint
from display.auth.throttle import Attempts, KnownDevices, counters_of
from display.auth.visitor import Visitors
from display.pages.desk import add_desk_header
from liveroom.accounts.links import key_of
from liveroom.accounts.rate_limits import KnownPlaces
from liveroom.accounts.second_factor import Seal
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import OPENID_SECRET, Config
from liveroom.runtime.errors import ConfigError, Fault

if TYPE_CHECKING:
    from display.auth.oidc import LoginPage


def register_auth(app: Flask, config: Config, room: Room, runtime: Runtime, epoch: str) -> Visitors:
    """Check every request against the permission table and offer the log-in; ``epoch`` is the log's.

    Raises ConfigError for an OpenID provider without a secret.
    """
    visitors = Visitors(room, config.server, config.sessions.limits(), provider=config.openid.can_log_in)
    enforce_permissions(app, room.city, visitors)
    add_desk_header(app, visitors)
    key = key_of(config)
    gate = LoginGate(
        city=room.city,
        visitors=visitors,
        attempts=Attempts(counters_of(config, room), epoch, key),
        devices=KnownDevices(key, epoch),
        places=KnownPlaces(room.log, key),
        queue=PasswordQueue(runtime),
        drill=room.kind == "drill",
        openid=config.openid.name if config.openid.issuer else "",
    )
    show_login, log_in = log_in_blueprint(gate)
    app.register_blueprint(log_in)
    enrolment = Enrolment(room, Seal(key))
    app.register_blueprint(second_step_blueprint(gate, enrolment, show_login))
    app.register_blueprint(account_blueprint(gate, enrolment))
    if config.openid.issuer:
        _offer_provider(app, config, gate, show_login)
    app.register_blueprint(session_blueprint(room.city, visitors))
    app.register_blueprint(password_blueprint(room, gate))
    app.register_blueprint(setup_blueprint(room, gate))
    app.register_blueprint(practice_blueprint(room, visitors))
    return visitors


def _offer_provider(app: Flask, config: Config, gate: LoginGate, show_login: "LoginPage") -> None:
    # For cost: only a room with a provider imports what speaks to one, at its start.
    from display.auth.oidc import openid_blueprint
    from liveroom.accounts.oidc import Provider

    secret = os.environ.get(OPENID_SECRET)
    if not secret:
        raise ConfigError([Fault(OPENID_SECRET, "is required in the environment with openid.issuer")])
    provider = Provider(config.openid, secret)
    app.register_blueprint(openid_blueprint(provider, secret, gate.visitors, gate.attempts, gate.devices, show_login))
