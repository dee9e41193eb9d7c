"""The pages connected to one process: what each says of itself, and which of them may speak for the room."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from display.feed.page_report import Loss, PageReport, Unreadable, loss_in, picture_in, read_report
from liveroom.accounts.screens import Report, Screen
from liveroom.runtime.metrics import PAINT_LAG
from liveroom.runtime.time import monotonic

# Pages that may speak report every second.
READY_S = 2.5
WRITE_EVERY_S = 2.0
LEAST_BETWEEN_S = 0.3
LOSS_EVERY_S = 10.0


@dataclass(slots=True, kw_only=True)
class Page:
    """A connected page; ``owed`` is the position that it still had to paint at ``owed_at``.

    ``of_room``: whether what it says of itself counts; else it only looks. ``told_frozen``: until when it was last
    told to be still, None for not at all, empty for not told yet.
    """

    sid: str
    screen: Screen | None
    of_room: bool = True
    said: PageReport | None = None
    heard_at: float = -1e9
    written_at: float = -1e9
    lost_at: float = -1e9
    picture: bytes | None = None
    losses: list[Loss] = field(default_factory=list)
    owed: int = 0
    owed_at: float = 0.0
    told_frozen: str | None = ""

    @property
    def key(self) -> str:
        """Its name among all pages: nobody can speak for a screen without its token."""
        assert self.said is not None
        return f"{self.screen.id if self.screen else 'page'}/{self.said.page}"

    @property
    def ready(self) -> bool:
        """Whether it can be heard now."""
        return self.said is not None and self.said.sound == "running" and monotonic() - self.heard_at < READY_S


class Presence:
    """``head()`` is the position that this process has sent."""

    def __init__(self, head: Callable[[], int]) -> None:
        self._head = head
        self._pages: dict[str, Page] = {}
        self.speaking: str | None = None

    def join(self, sid: str, screen: Screen | None, *, of_room: bool = True) -> None:
        """A connection came; it says later what it shows."""
        self._pages[sid] = Page(sid=sid, screen=screen, of_room=of_room)

    def leave(self, sid: str) -> None:
        """A connection went."""
        self._pages.pop(sid, None)
        if self.speaking == sid:
            self.speaking = None

    def report(self, sid: str, raw: object) -> dict[str, Any]:
        """Take what a page says of itself; the answer says whether it is the one that speaks."""
        page = self._pages.get(sid)
        if page is None:
            return {"error": "unknown"}
        if monotonic() - page.heard_at < LEAST_BETWEEN_S:
            return {"error": "too often"}
        try:
            self._take(page, raw)
        except Unreadable as error:
            return {"error": str(error)}
        named = {} if page.screen is None else {"name": page.screen.name, "place": page.screen.place}
        return {"floor": self.speaking == sid, **named}

    def _take(self, page: Page, raw: object) -> None:
        said = read_report(raw)
        picture, loss, now = picture_in(said), loss_in(said), monotonic()
        if not page.of_room:
            page.heard_at = now
            return
        for lag in said.lags_ms:
            PAINT_LAG.observe(lag / 1000)
        page.said, page.heard_at = said, now
        page.picture = picture or page.picture
        if said.seq >= page.owed:
            page.owed, page.owed_at = self._head(), now
        if loss is not None and now - page.lost_at >= LOSS_EVERY_S:
            page.lost_at = now
            page.losses.append(loss)

    def to_write(self) -> list[tuple[Page, Report]]:
        """What other processes have to be told, at most every 2 s a page; its picture goes once."""
        now = monotonic()
        found = []
        for page in self._pages.values():
            if page.said is None or page.heard_at <= page.written_at or now - page.written_at < WRITE_EVERY_S:
                continue
            behind = {"behind": max(0, self._head() - page.said.seq), "late_s": round(now - page.owed_at, 1)}
            body = {**page.said.body(), **behind, "speaks": self.speaking == page.sid}
            screen = page.screen.id if page.screen else None
            found.append((page, Report(page=page.key, screen=screen, body=body, picture=page.picture)))
        return found

    def written(self, pages: Collection[Page]) -> None:
        """These were told."""
        for page in pages:
            page.written_at, page.picture = monotonic(), None

    def choose(self, held: bool) -> tuple[str | None, str | None]:
        """(who spoke, who speaks) when this process may have the floor: whoever can goes on, else a wall."""
        before, ready = self.speaking, [page for page in self._pages.values() if page.ready]
        stays = any(page.sid == before for page in ready)
        ready.sort(key=lambda page: page.said is not None and page.said.kind == "desk")
        chosen = before if stays else next((page.sid for page in ready), None)
        self.speaking = chosen if held else None
        return before, self.speaking

    @property
    def any_ready(self) -> bool:
        """Whether a page of this process can be heard."""
        return any(page.ready for page in self._pages.values())

    def keys(self) -> dict[str, list[Page]]:
        """The pages that have spoken, by name; two windows of one browser may share one."""
        found: dict[str, list[Page]] = {}
        for page in self._pages.values():
            if page.said is not None:
                found.setdefault(page.key, []).append(page)
        return found

    def of_screens(self) -> dict[str, list[Page]]:
        """The connections of each screen's token, by the screen's id."""
        found: dict[str, list[Page]] = {}
        for page in self._pages.values():
            if page.screen is not None:
                found.setdefault(page.screen.id, []).append(page)
        return found

    def told_losses(self) -> list[tuple[Page, Loss]]:
        """Outages that pages told of since the last look."""
        found = [(page, loss) for page in self._pages.values() for loss in page.losses]
        for page in self._pages.values():
            page.losses.clear()
        return found
