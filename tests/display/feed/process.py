"""A web process without its sockets: tail, resume and snapshots as wired in the product, and the screens it serves.

Whatever it sends is held against the description of the feed.
"""

import json
from typing import Any

from display.feed.cards import AUDIENCES, cards_of
from display.feed.messages import Identity
from display.feed.snapshot import Resume, Snapshots
from display.feed.tail import Tail
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.display.description.described import check_answer, check_message
from tests.display.feed.screen import Screen
from tests.display.feed.store import Message, Store
from tests.rooms.standing import StandingRoom


class WebProcess:
    """`sent` is every batch by audience, as it went over the wire; `step` is one turn of the tail."""

    def __init__(self, standing: StandingRoom, *, build: str = "2026-11-24") -> None:
        city = standing.room.city
        self.standing = standing
        self.identity = Identity(build=build, pack=city.hash)
        self.cards = cards_of(city.policy)
        self.tail = Tail(
            standing.log, self.cards, self.identity, emit=self._emit, calendar=lambda: "", listened=self.listened
        )
        self.resume = Resume(standing.log, self.cards, self.identity, lambda: "")
        self.snapshots = self.new_snapshots()
        self.screens: list[Screen] = []
        self.sent: dict[str, list[Message]] = {audience: [] for audience in self.cards}
        self.beats: dict[str, list[Message]] = {audience: [] for audience in self.cards}

    def listened(self) -> set[str]:
        """The audiences that are sent something: an agency's only while it has a screen."""
        return {*AUDIENCES, *(screen.audience for screen in self.screens)}

    def new_snapshots(self) -> Snapshots:
        return Snapshots(self.standing.log, self.cards, self.identity, ThreadRuntime())

    def step(self, *, beat: bool = True) -> bool:
        """One turn; with `beat` as if a second had passed."""
        if beat:
            self.tail._beaten = 0.0
        return self.tail.step()

    def _emit(self, audience: str, name: str, message: dict[str, Any]) -> None:
        text = json.dumps(message)
        check_message(name, json.loads(text), audience)
        (self.sent if name == "batch" else self.beats)[audience].append(json.loads(text))
        for screen in list(self.screens):
            if screen.audience == audience:
                screen.receive(name, json.loads(text))

    def answer(self, audience: str, asked: Message) -> Message:
        answer: Message = json.loads(json.dumps(self.resume.answer(audience, asked)))
        check_message("resumeAcknowledged", answer)
        return answer

    def snapshot(self, audience: str) -> Message:
        """The snapshot that a screen would get, which may be one that is reused."""
        snapshot: Message = json.loads(b"".join(self.snapshots.of(audience).plain()))
        check_answer("GET", "/feed/snapshot", 200, snapshot)
        return snapshot

    def fresh(self, audience: str) -> Store:
        """A store from a snapshot that is built now."""
        return Store().load(json.loads(b"".join(self.new_snapshots().of(audience).plain())))
