"""All doors of the desk but commands, hung into the app."""

from flask import Flask

from display.desk_api.complaints import reading_blueprint
from display.desk_api.handover import handover_blueprint
from display.desk_api.loads import loads_blueprint
from display.desk_api.names import names_blueprint
from display.desk_api.suggestions import suggestions_blueprint
from display.desk_api.taking import taking_blueprint
from display.trust import Visitors
from liveroom.room.room import Room


def desk_doors(app: Flask, room: Room, visitors: Visitors) -> None:
    """Register them; display/permissions.py has a row for each."""
    app.register_blueprint(reading_blueprint(room, visitors))
    app.register_blueprint(handover_blueprint(room))
    app.register_blueprint(loads_blueprint(room, visitors))
    app.register_blueprint(names_blueprint(room))
    app.register_blueprint(suggestions_blueprint(room))
    app.register_blueprint(taking_blueprint(room, visitors))
