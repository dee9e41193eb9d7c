"""A screen as docs/feed.md describes it: joins, asks, holds what arrives meanwhile, and asks again when in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.display.feed.store import Message, Store

if TYPE_CHECKING:
    from tests.display.feed.process import WebProcess


class Screen:
    """`deaf` drops what arrives, as a client that was cut off does; `doubts` what it has not settled by asking yet."""

    def __init__(self, audience: str) -> None:
        self.audience = audience
        self.store = Store()
        self.process: WebProcess | None = None
        self.deaf = False
        self.doubts = True
        self.held: list[Message] = []
        self.loads = self.asks = 0

    def join(self, process: WebProcess) -> Screen:
        """Connect; whoever does not ask yet holds what comes."""
        self.process, self.deaf, self.doubts, self.held = process, False, True, []
        process.screens.append(self)
        return self

    def leave(self) -> None:
        """The connection ends; the store stays."""
        if self.process is not None:
            self.process.screens.remove(self)
            self.process = None

    def receive(self, name: str, message: Message) -> None:
        if self.deaf:
            return
        if name == "beat":
            self.doubts = self.doubts or not self.store.agrees(message)
        elif self.doubts:
            self.held.append(message)
        elif not self.store.take(message):
            self.doubts = True
            self.held.append(message)

    def ask(self) -> None:
        """Ask until the answer is batches; what was held comes after them."""
        assert self.process is not None
        for _ in range(5):
            self.asks += 1
            answer = self.process.answer(self.audience, self.store.asked())
            if "snapshot" in answer:
                self.loads += 1
                self.store = Store().load(self.process.snapshot(self.audience))
                continue
            self.doubts = not all(self.store.take(batch) for batch in (*answer["batches"], *self.held))
            self.held = []
            return
        raise AssertionError("five asks and still no batches")

    def catch_up(self) -> Store:
        """Ask as long as in doubt."""
        for _ in range(5):
            if not self.doubts:
                return self.store
            self.ask()
        raise AssertionError("a screen that cannot catch up")
