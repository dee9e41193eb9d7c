"""All that people need of a web process: who they are, the log-in, the table of permissions, the line above desks."""

from flask import Flask

from display.admitting import admit_by_table
from display.attempts import Attempts
from display.desk_header import offer_header
from display.log_in import Gate, log_in_blueprint
from display.session_api import session_blueprint
from display.trust import Visitors
from liveroom.config import Config
from liveroom.room import Room
from liveroom.runtime import Runtime


def doors_for_people(app: Flask, config: Config, room: Room, runtime: Runtime, epoch: str) -> Visitors:
    """Let nobody in but by the table, and people by the log-in; ``epoch`` is the log's."""
    visitors = Visitors(room, config.server, config.sessions.limits())
    admit_by_table(app, room.city, visitors)
    offer_header(app, visitors)
    gate = Gate(
        city=room.city,
        visitors=visitors,
        attempts=Attempts(config.redis.url, epoch),
        runtime=runtime,
        drill=room.kind == "drill",
        openid=config.openid.name if config.openid.issuer else "",
    )
    app.register_blueprint(log_in_blueprint(gate))
    app.register_blueprint(session_blueprint(room.city, visitors))
    return visitors
