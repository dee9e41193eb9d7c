"""A clock that jumps is a fault, not a time: real servers whose machine's clock is set while they run, or before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from liveroom.domain.room import SCENES
from liveroom.runtime.time import system_now
from tests.faults.flood import complaint
from tests.faults.wrong_time import SetClock
from tests.services.measured import measured
from tests.services.screen import Screen, Watch, fresh
from tests.services.server import Server
from tests.services.wait import until

pytestmark = pytest.mark.server
Serve = Callable[..., Server]
DAY = timedelta(hours=26)
# 15 s of age, one between two beats; as long again for a machine that stands still over a message.
LOST_WITHIN_S = 35.0


@pytest.fixture
def machine(tmp_path: Path) -> SetClock:
    return SetClock(tmp_path / "clock")


def on(machine: SetClock, server: Serve) -> Server:
    """A room on this machine."""
    room = server(env=machine.env)
    for name in machine.env:
        del room.env[name]
    return room


@contextmanager
def clock_set(room: Server, machine: SetClock) -> Iterator[None]:
    """What of the room is started meanwhile lives by the machine's clock. That costs ten times a plain start, so what
    is started when the clock is right does without."""
    room.env |= machine.env
    yield
    for name in machine.env:
        del room.env[name]


@contextmanager
def by_it(room: Server, machine: SetClock) -> Iterator[None]:
    """The commands beside the room live by the machine's clock. Where it is right that changes nothing but that a
    process cannot be forked then, and takes ten times as long to start."""
    room.env |= machine.env
    yield
    for name in machine.env:
        del room.env[name]


def post(room: Server, key: str, source_id: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.post(f"{room.url}/api/v1/complaints", json=complaint(source_id), headers=headers, timeout=30)


def reasons(room: Server) -> str:
    answer = httpx.get(f"{room.url}/readyz", timeout=10)
    return " ".join(answer.json().get("reasons", ())) if answer.status_code == 503 else ""


def received(screen: Screen) -> dict[str, datetime]:
    return {c["source_id"]: datetime.fromisoformat(c["received_at"]) for c in screen.store.cards.values()}


def lost(screen: Screen) -> None:
    until(lambda: screen.freshness() == "lost", within=LOST_WITHIN_S, why="the screen to say lost")


def live(screen: Screen) -> None:
    until(lambda: screen.current and screen.freshness() == "live", within=60, why="the screen to be live")


def test_a_clock_that_jumps_while_the_room_runs(server: Serve, watch: Watch, machine: SetClock) -> None:
    room = on(machine, server)
    key = room.last_word("source", "add", "app")
    screen = watch(room.url, audience="desk")
    live(screen)
    assert post(room, key, "x-1").status_code == 201
    for off, way in ((DAY, "26 h ahead"), (-DAY, "26 h back")):
        machine.set(off)
        until(lambda way=way: f"jumped {way}" in reasons(room), why="/readyz to say so")
        answer = post(room, key, "x-2")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert f"jumped {way}" in answer.json()["message"]
        assert "timedatectl" in answer.json()["message"]
        assert measured(room.url, "liveroom_clock_jumped") == 1
        if off > timedelta():
            lost(screen)
            # Who comes now sees what was, and that it is not now.
            new = fresh(room.url, audience="desk")
            assert {card["source_id"] for card in new.cards.values()} == {"x-1"}
            with by_it(room, machine):
                assert "did the clock of this machine jump?" in room.command("doctor", check=False).stdout
        machine.set(timedelta())
        until(lambda: not reasons(room), within=60, why="the room to be ready again")
        live(screen)
    assert post(room, key, "x-2").status_code == 201
    assert measured(room.url, "liveroom_clock_jumped") == 0
    until(lambda: "x-2" in received(screen), why="the complaint to be shown")
    assert max(received(screen).values()) <= system_now()
    assert room.command("doctor").stdout.strip() == "no findings"
    # Said when it happened and when it was over, not every second in between.
    assert room.log().count("jumped 26 h ahead") <= 10
    assert room.log().count("is right again") == 2


def test_a_room_whose_clock_was_ahead_is_repaired(server: Serve, watch: Watch, machine: SetClock) -> None:
    machine.set(DAY)
    room = on(machine, server)
    with by_it(room, machine):
        key = room.last_word("source", "add", "app")
    screen = watch(room.url, audience="desk")
    live(screen)
    assert post(room, key, "x-1").status_code == 201
    epoch = screen.store.epoch
    # Set right under the running room: that is a jump too, and said.
    machine.set(timedelta())
    until(lambda: "jumped 26 h back" in reasons(room), why="/readyz to say so")
    assert post(room, key, "x-2").status_code == 503
    room.stop()
    room = server(data=room.data, env={"LIVEROOM_PORT": str(room.port)}, ready=False)
    # Nobody is served by a time that the log says is over.
    assert room.process.wait(within=60) != 0
    for said in ("26 h ahead of the clock", "timedatectl", "run.py clock repair"):
        assert said in room.process.tail(5)
    assert "ahead" in room.command("doctor", check=False).stdout
    assert "is the clock right now?" in room.command("clock", "repair", check=False).stdout
    assert "repaired" in room.command("clock", "repair", "--yes").stdout
    assert "nothing to repair" in room.command("clock", "repair", "--yes", check=False).stderr
    room.start()
    answer = post(room, key, "x-2")
    assert answer.status_code == 201
    live(screen)
    until(lambda: "x-2" in received(screen), why="the screen to come back by a snapshot")
    assert screen.store.epoch != epoch
    times, now = received(screen), system_now()
    assert times["x-1"] > now
    for scene in SCENES:
        figures = httpx.get(f"{room.url}/feed/figures?scene={scene}", timeout=30)
        assert (scene, figures.status_code < 500) == (scene, True)
    assert now - timedelta(minutes=5) < times["x-2"] <= now
    assert room.command("doctor").stdout.strip() == "no findings"
    assert "held since" in room.command("outbox", "status").stdout


def test_a_running_room_beside_which_a_command_wrote_with_a_wrong_clock(
    server: Serve, watch: Watch, machine: SetClock, tmp_path: Path
) -> None:
    room = server()
    key = room.last_word("source", "add", "app")
    screen = watch(room.url, audience="desk")
    live(screen)
    machine.set(DAY)
    room.env["LIVEROOM_PASSWORD"] = "sebuah sandi yang panjang"
    with by_it(room, machine):
        room.command("user", "add", "rini", "--role", "duty")
    machine.set(timedelta())
    until(lambda: "26 h ahead of the clock" in reasons(room), why="/readyz to say so")
    answer = post(room, key, "x-1")
    assert answer.status_code == 503
    assert "run.py clock repair" in answer.json()["message"]
    lost(screen)
    # Beside the running room: it goes on by itself.
    room.command("clock", "repair", "--yes")
    until(lambda: not reasons(room), within=60, why="the room to be ready again")
    assert post(room, key, "x-1").status_code == 201
    live(screen)
    until(lambda: "x-1" in received(screen), why="the screen to come back")
    assert room.command("doctor").stdout.strip() == "no findings"
