"""What the duty desk takes of a hand: strokes and seconds of a fast typist, with the same gap between any two keys.

A served drill at the pace of the real room, with its citizens, staff and operator beside the officer. What is forwarded
and acknowledged comes in by the API meanwhile; what the drill's own people put in between is dealt with as it comes and
counted. The seconds run from the first key: `keys_s` to the last one, `whole_s` until the room has all of it. A hand
that reads is slower; what counts is the number of strokes, and that nothing makes the typist wait.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from playwright.sync_api import Browser, sync_playwright

from bench.figures import keep, machine
from tests.rooms.alarm_room import AlarmRoom
from tests.services.browser import QUIET, program
from tests.services.desk_hands import DeskHands
from tests.services.server import Server
from tests.services.wait import until

GAP_S = 0.15
TEN = 10
NOTE = "Pompa Cipondoh dijaga sampai malam"
# More keys than this for ten complaints and the desk leads nowhere.
MOST = 60


class Typist:
    """Presses keys at a fixed pace, whatever the page does."""

    def __init__(self, hands: DeskHands) -> None:
        self.hands = hands
        self._next = 0.0

    def press(self, *keys: str) -> None:
        """Press keys by their names, which begin with a capital; other words are typed letter by letter."""
        for key in keys:
            for one in [key] if len(key) == 1 or key[0].isupper() else key:
                time.sleep(max(0.0, self._next - time.monotonic()))
                self._next = time.monotonic() + GAP_S
                self.hands.page.keyboard.press(one)

    def strokes(self) -> int:
        """Strokes so far."""
        return int(self.hands.page.evaluate("window.strokes"))


class Office(AlarmRoom):
    """A served drill, who sends to it, and how it stands."""

    def __init__(self, server: Server) -> None:
        self.server, self.url = server, server.url
        self._key = server.last_word("source", "add", "Meja", "--drill")
        self._numbers = count()

    def ten(self, category: str) -> list[str]:
        """Ten complaints of a category that come in now; returns their ids."""
        return self.receive(*(f"M-{next(self._numbers)}" for _ in range(TEN)), category=category)

    def left(self, ids: Iterable[str]) -> int:
        """How many of them nobody has forwarded."""
        cards = (httpx.get(f"{self.url}/api/v1/complaints/{id_}", timeout=30).json()["card"] for id_ in ids)
        return sum(card["state"] == "received" for card in cards)

    def unanswered(self) -> set[str]:
        """The complaints with an alarm that nobody has taken; sums of what a room began with belong to no complaint."""
        return {
            str(one["complaint"]) for one in self.alarms().values() if one["state"] == "unacked" and one["complaint"]
        }


def run(*, rounds: int = 3) -> None:
    """Each act in turn, so often; medians."""
    about = machine()
    with tempfile.TemporaryDirectory(prefix="liveroom-keys-") as folder:
        server = Server("--drill", "--speed", "1", "--from", "09:00", data=Path(folder), env={}, anew=True)
        server.start()
        try:
            found = _rounds(Office(server), rounds)
        finally:
            server.kill()
    keep("keystrokes", [_row(name, times) for name, times in found.items()], {**about, "gap_s": GAP_S})


def _rounds(office: Office, rounds: int) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {}
    acts: Sequence[tuple[str, Callable[[Office, Browser], dict[str, float]]]] = (
        ("receive → forward × 10, one by one", _forward),
        ("forward 10 that were selected", _forward_together),
        ("acknowledge × 10", _acknowledge),
        ("hand the shift over", _hand_over),
        ("take the shift", _take_over),
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=QUIET)
        for _ in range(rounds):
            for name, act in acts:
                found.setdefault(name, []).append(act(office, browser))
        browser.close()
    return found


def _row(name: str, rounds: list[dict[str, float]]) -> dict[str, Any]:
    return {"act": name, **{key: round(median(one[key] for one in rounds), 1) for key in rounds[0]}}


def _seated(office: Office, browser: Browser, name: str = "Sari") -> tuple[Typist, DeskHands]:
    """An officer at the desk, once the drill's operator has left no alarm open."""
    until(lambda: not office.unanswered(), within=120, why="the drill's own alarms to be taken")
    hands = DeskHands(browser, f"{office.url}/desk", name)
    return Typist(hands), hands


def _timed(typist: Typist, type_: Callable[[], None], done: Callable[[], bool]) -> dict[str, float]:
    before, began = typist.strokes(), time.monotonic()
    type_()
    ended = time.monotonic()
    until(done, within=60, why="the room to have all of it")
    whole = time.monotonic()
    return {"strokes": typist.strokes() - before, "keys_s": ended - began, "whole_s": whole - began}


def _forward(office: Office, browser: Browser) -> dict[str, float]:
    """From the head of what has just come in: open it, F and Enter for each; the next opens by itself."""
    typist, hands = _seated(office, browser)
    ids = office.ten("jalan_rusak")
    until(lambda: all(hands.row(one).count() == 1 for one in ids), why="all of them to be listed")
    hands.walk_to(ids[0])

    def type_() -> None:
        typist.press("Enter")
        for n in range(MOST):
            # Somebody else's may have come in between, and is forwarded too.
            if n >= TEN and not office.left(ids):
                return
            typist.press("f", "Enter")

    found = _timed(typist, type_, lambda: not office.left(ids))
    hands.close()
    return found


def _forward_together(office: Office, browser: Browser) -> dict[str, float]:
    """Neighbours in the list are selected and forwarded at once."""
    typist, hands = _seated(office, browser)
    ids = office.ten("pju_mati")
    until(lambda: all(hands.row(one).count() == 1 for one in ids), why="all of them to be listed")
    order = hands.page.locator(".queue-row").evaluate_all("(all) => all.map((row) => row.dataset.id)")
    hands.walk_to(next(one for one in order if one in ids))

    def type_() -> None:
        left = set(ids)
        while left:
            chosen = hands.chosen()
            if chosen in left:
                left.discard(chosen)
                typist.press("x")
            if left:
                typist.press("j")
        typist.press("f", "Enter")

    found = _timed(typist, type_, lambda: not office.left(ids))
    hands.close()
    return found


def _acknowledge(office: Office, browser: Browser) -> dict[str, float]:
    """The most urgent, then A for each; the next that nobody has taken comes by itself."""
    typist, hands = _seated(office, browser)
    ids = set(office.ten("kebakaran"))
    until(lambda: len(office.unanswered() & ids) == TEN, why="ten alarms")
    until(lambda: all(hands.row(one).count() == 1 for one in ids), why="all of them to be listed")

    def type_() -> None:
        typist.press(".")
        for n in range(MOST):
            # An alarm of the drill's own may have come in between, and is taken too.
            if n >= TEN and not office.unanswered() & ids:
                return
            typist.press("a")

    found = _timed(typist, type_, lambda: not office.unanswered() & ids)
    hands.close()
    return found


def _hand_over(office: Office, browser: Browser) -> dict[str, float]:
    """A note and a name; the letters of both are strokes too."""
    typist, hands = _seated(office, browser)
    offered = f"{office.url}/api/v1/handover"

    def done() -> bool:
        return str(httpx.get(offered, timeout=30).json()["state"]) == "offered"

    found = _timed(typist, lambda: typist.press("h", NOTE.lower(), "Tab", "budi", "Enter"), done)
    hands.close()
    return found


def _take_over(office: Office, browser: Browser) -> dict[str, float]:
    """What is handed over is read first: Enter comes once it stands there."""
    typist, hands = _seated(office, browser, "budi")
    offered = f"{office.url}/api/v1/handover"

    def done() -> bool:
        return str(httpx.get(offered, timeout=30).json()["state"]) == "confirmed"

    def type_() -> None:
        typist.press("h")
        confirm = hands.page.locator(".handover-confirm:focus")
        until(lambda: confirm.count() == 1, within=60, why="what is handed over")
        typist.press("Enter")

    found = _timed(typist, type_, done)
    hands.close()
    return found
