"""A served room with screens: paired as a person does it, some of them real pages, some speak the protocol alone."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import socketio
from playwright.sync_api import ViewportSize

from tests.rooms.alarm_room import NOON, AlarmRoom
from tests.services.screen import InOrder
from tests.services.server import Server

REPORT_EVERY_S = 1.0
# Of a real wall whose size is not the point: the processor draws each of its pictures.
SMALL: ViewportSize = {"width": 960, "height": 540}


class House(AlarmRoom):
    """A served test room on trusted loopback, with screens."""

    def __init__(self, server: Server, time_file: Path) -> None:
        super().__init__(server, time_file)
        self._orders = 0

    def order(self, path: str, **body: Any) -> httpx.Response:
        """What a supervisor orders about screens or the room."""
        self._orders += 1
        said = {"command_id": f"order-{self._orders}", "actor": "sari", "role": "supervisor", **body}
        return httpx.post(f"{self.url}/api/v1/{path}", json=said, timeout=30)

    def pair(self, name: str, **more: Any) -> str:
        """A new screen's token, which is its browser's secret."""
        with httpx.Client(timeout=30) as browser:
            code = browser.post(f"{self.url}/pair").json()["code"]
            done = self.order("screens/pair", code=code, name=name, **more)
            assert done.status_code == 200, done.text
            assert browser.get(f"{self.url}/pair").json()["state"] == "paired"
            return str(browser.cookies["liveroom_screen"])

    def listed(self) -> dict[str, Any]:
        """What the page of screens is told."""
        return dict(httpx.get(f"{self.url}/api/v1/screens", timeout=30).json())

    def screens(self) -> dict[str, dict[str, Any]]:
        """The list by id."""
        return {one["id"]: one for one in self.listed()["screens"]}

    def head(self) -> int:
        return int(self.listed()["seq"])


def served(serve: Callable[..., Server], folder: Path) -> House:
    """A room whose time stands at noon."""
    time_file = folder / "time"
    time_file.write_text(f"{NOON}\n")
    return House(serve(env={"LIVEROOM_TIME_FILE": str(time_file)}), time_file)


class ProtocolScreen:
    """A screen without a browser; `says` goes with every report, `answers` are what the server said to them."""

    def __init__(self, house: House | Server, token: str, **says: Any) -> None:
        self.says = {
            "page": f"protocol-{token[:8].replace('_', '-')}",
            "kind": "wall",
            "freshness": "live",
            "painted_s": 0.1,
            **says,
        }
        self.house = house
        self.closed = threading.Event()
        self.heard: list[str] = []
        self.speaks = False
        self.client = InOrder(handshake_s=60)
        self.client.on("revoked", lambda _said: self.heard.append("revoked"), namespace="/feed")
        self.client.on("call", lambda said: self.heard.append(str(said["what"])), namespace="/feed")
        self.frozen: list[str | None] = []
        self.client.on("frozen", lambda said: self.frozen.append(said["until_real"]), namespace="/feed")
        self.client.on("disconnect", lambda *_: self.closed.set(), namespace="/feed")
        # By itself it gives up after a second.
        way = {"namespaces": ["/feed"], "transports": ["websocket"], "wait_timeout": 60}
        self.client.connect(house.url, auth={"token": token}, **way)
        self._socket = self.client.eio.ws.sock

    def report(self, seq: int) -> bool:
        """Say it; return whether this is the one that speaks. What comes too soon after the last is not answered."""
        answer = self.client.call("report", {"seq": seq, **self.says}, namespace="/feed", timeout=30)
        self.speaks = bool(answer.get("floor", self.speaks))
        return self.speaks

    def leave(self) -> None:
        self.client.disconnect()
        self._socket.close()  # the library leaves it open when it was the server that ended the connection


class Reporting:
    """Lets screens report once a second; what they paint is the head, unless they are slow."""

    def __init__(self, house: House, screens: list[ProtocolScreen]) -> None:
        self.house = house
        self.screens = screens
        self._stuck: dict[ProtocolScreen, int] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Reporting":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(10)
        for screen in self.screens:
            screen.leave()

    def slow_down(self, screen: ProtocolScreen) -> None:
        """It paints nothing new from now on."""
        self._stuck[screen] = self.house.head()

    def _run(self) -> None:
        while not self._end.wait(REPORT_EVERY_S):
            head = self.house.head()
            for screen in list(self.screens):
                if screen.closed.is_set():
                    continue
                try:
                    screen.report(self._stuck.get(screen, head))
                except (socketio.exceptions.SocketIOError, OSError):
                    screen.closed.set()
