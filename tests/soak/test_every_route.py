"""Every route, every method, every kind of visitor, whatever they bring: no 5xx, and every no is told well."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.rooms.call import Answer, Call
from tests.rooms.furnished import SoakRoom
from tests.soak.served import ServedRoom
from tests.soak.strangers import Strangers
from tests.soak.tally import Overheard
from tests.soak.walk import Walk

pytestmark = [pytest.mark.soak]
# A room is left when its people and screens have been ordered about for so long.
ROUNDS, IN_A_ROUND = 12, 250
# Marked as nothing else: who asks for the tests of a server or of PostgreSQL does not ask for a walk.
DATABASES = ["sqlite", "postgresql"]


@contextmanager
def overheard() -> Iterator[Overheard]:
    heard = Overheard()
    logging.getLogger().addHandler(heard)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(heard)


@pytest.mark.parametrize("database", DATABASES)
def test_in_this_process(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    walk, rooms = Walk(), 0
    while not walk.over:
        rooms += 1
        folder = tmp_path / str(rooms)
        folder.mkdir()
        url = "" if database == "sqlite" else request.getfixturevalue("postgres").fresh_database()
        room = SoakRoom(folder, kind="drill" if rooms % 2 else "real", database=url)
        with overheard() as heard:
            walk.rounds(ROUNDS, IN_A_ROUND, strangers_of(room), partial(send, room, walk, heard))
        room.close()
    walk.tell(f"{database}, {rooms} rooms in this process", request)


def strangers_of(room: SoakRoom):
    rules = sorted(room.flask.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    return Strangers(room).calls(rules)


def send(room: SoakRoom, walk: Walk, heard: Overheard, call: Call) -> None:
    heard.take()
    answer: Answer | None = None
    try:
        answer = room.ask(call)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault of the app to be told
        heard.emit_error(error)
    walk.tally.note(call, answer, heard.take())


def send_on(room: ServedRoom, walk: Walk, call: Call) -> None:
    if room.takes(call):
        walk.tally.note(call, room.ask(call), [])


def test_a_server_of_its_own(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with ServedRoom(tmp_path) as room:
        walk, said, strangers = Walk(), 0, strangers_of(room.inner)
        while not walk.over:
            walk.rounds(1, 50, strangers, partial(send_on, room, walk))
            said = walk.tally.note_log(room.server.log(), said, walk.number - 1)
        assert room.answers()
    walk.tell("eventlet and SQLite, a server of its own", request)
