"""The desk's doors of a standing room as a client on this machine sees them, and a room that sends.

Whatever they answer is held against the description of the interface.
"""

from typing import Any

import pytest
from flask import Flask

from display.api.commands import commands_blueprint
from display.api.desk import register_desk_api
from display.auth.visitor import Visitors
from liveroom.runtime.config import Config, ServerSettings
from tests.display.description.described import check_answer
from tests.rooms.post_room import mailbox, post, post_on_file, system
from tests.rooms.standing import StandingRoom

__all__ = ["mailbox", "post", "post_on_file", "system"]
Answer = tuple[int, dict[str, Any]]


class Desk:
    """Asks the doors of a room; ``as_`` says for whom, as trusted loopback may."""

    def __init__(self, standing: StandingRoom) -> None:
        app = Flask("desk")
        app.json.sort_keys = False  # type: ignore[attr-defined]
        visitors = Visitors(standing.room, ServerSettings(), Config(city=standing.key).sessions.limits())
        register_desk_api(app, standing.room, visitors)
        app.register_blueprint(commands_blueprint(standing.room, visitors))
        self._client = app.test_client()

    def get(self, path: str, **args: object) -> Answer:
        answer = self._client.get(f"/api/v1/{path}", query_string={k: str(v) for k, v in args.items()})
        check_answer("GET", f"/api/v1/{path}", answer.status_code, answer.get_json())
        return answer.status_code, answer.get_json()

    def post(self, path: str, **body: object) -> Answer:
        answer = self._client.post(f"/api/v1/{path}", json=body)
        check_answer("POST", f"/api/v1/{path}", answer.status_code, answer.get_json())
        return answer.status_code, answer.get_json()

    def ids(self, **args: object) -> list[str]:
        """Ids of the list that is asked for, page by page to its end."""
        found: list[str] = []
        cursor = ""
        while True:
            status, body = self.get("complaints", **args, **({"cursor": cursor} if cursor else {}))
            assert status == 200, body
            found += [item["card"]["id"] for item in body["items"]]
            cursor = body["next"]
            if not cursor:
                return found


@pytest.fixture
def desk(standing: StandingRoom) -> Desk:
    return Desk(standing)
