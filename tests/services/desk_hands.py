"""A duty officer without a mouse: opens the desk as somebody, presses keys, and every one of them is counted."""

import json
from typing import Any

import httpx
from playwright.sync_api import Browser, Locator, Page, expect

from tests.rooms.alarm_room import AlarmRoom
from tests.services.browser import LOAD_MS, faults
from tests.services.listening import told
from tests.services.wait import until

COUNT = """
window.strokes = 0;
addEventListener("keydown", (event) => { if (event.isTrusted && event.key !== "Shift") window.strokes += 1; }, true);
"""

WHOLE = """(places) => places.filter((place) => {
  const node = document.querySelector(place);
  const { left, right, top, bottom } = node.getBoundingClientRect();
  const corners = [[left + 3, top + 3], [right - 3, bottom - 3]];
  return !corners.every(([x, y]) => node.contains(document.elementFromPoint(x, y)));
})"""


class DeskHands:
    """`page` shows the duty desk of a room to `name`; with `clock` the test can let its time pass faster."""

    def __init__(
        self, browser: Browser, url: str, name: str, role: str = "duty", *, clock: bool = False, **options: Any
    ) -> None:
        options = {"locale": "id-ID", "viewport": {"width": 1920, "height": 1080}, **options}
        context = browser.new_context(**options)
        context.set_default_navigation_timeout(LOAD_MS)
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        sits = json.dumps(json.dumps({"actor": name, "role": role}))
        self.page.add_init_script(f"sessionStorage.setItem('liveroom.person', {sits});{COUNT}")
        if clock:
            self.page.clock.install()
        self.page.goto(url)
        until(lambda: told(self.page, "freshness") == "live", within=120, why="the desk to be live")

    def press(self, *keys: str) -> None:
        """Press keys by their names, which begin with a capital; other words are typed."""
        for key in keys:
            if len(key) > 1 and not key[0].isupper():
                self.page.keyboard.type(key)
            else:
                self.page.keyboard.press(key)

    def ask_where_to(self) -> None:
        """Ask for the agency once one is suggested, which may come after the desk: Enter takes no other."""
        until(self._suggests, why="an agency to be suggested")

    def _suggests(self) -> bool:
        self.press("f")
        expect(self.page.locator(".asker-note")).to_be_visible()
        if self.page.locator('.asker-option[aria-selected="true"]').count():
            return True
        self.press("Escape")
        return False

    def strokes(self, *keys: str) -> int:
        """How many strokes that took."""
        before = int(self.page.evaluate("window.strokes"))
        self.press(*keys)
        return int(self.page.evaluate("window.strokes")) - before

    def walk_to(self, id_: str) -> None:
        """Go down or up the list to a complaint, as a hand does: with J and K, and once more where rows moved."""
        until(lambda: self.row(id_).count() == 1, why=f"{id_} to be listed")
        until(lambda: self._walked(id_), why=f"{id_} to be chosen")

    def _walked(self, id_: str) -> bool:
        """Press towards it by the list as it stands now; whether it is the chosen one."""
        rows = self.page.locator(".queue-row").evaluate_all(
            "(all) => all.map((row) => [row.dataset.id, row.dataset.chosen === 'true'])"
        )
        ids, chosen = [one for one, _ in rows], [one for one, chosen in rows if chosen]
        if id_ in ids and chosen != [id_]:
            by = ids.index(id_) - ids.index(chosen[0] if chosen else ids[0])
            self.press(*("j" if by > 0 else "k",) * abs(by))
        return self.chosen() == id_

    def row(self, id_: str) -> Locator:
        """The row of a complaint."""
        return self.page.locator(f'.queue-row[data-id="{id_}"]')

    def chosen(self) -> str | None:
        """The id of the chosen row."""
        row = self.page.locator('.queue-row[data-chosen="true"]')
        return row.first.get_attribute("data-id") if row.count() else None

    def faults(self) -> list[str]:
        """What axe-core finds against WCAG and its best practices in the page as it stands."""
        return faults(self.page)

    def covered(self, *places: str) -> list[str]:
        """Those of which a corner is cut off, or lies under something else."""
        return list(self.page.evaluate(WHOLE, places))

    def close(self) -> None:
        """Leave; no script may have failed."""
        self.page.context.close()
        assert self.errors == []


def card_of(room: AlarmRoom, id_: str) -> dict[str, Any]:
    """The complaint as a desk has it now."""
    answer = httpx.get(f"{room.url}/api/v1/complaints/{id_}", timeout=30)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["card"])


def give(room: AlarmRoom, id_: str, command: str, **fields: object) -> None:
    """A command by the protocol, of the agency that has the complaint unless said otherwise."""
    card = card_of(room, id_)
    body = {"command_id": f"{id_}-{command}", "actor": "petugas", "role": "agency", "actor_agency": card["agency"]}
    answer = httpx.post(
        f"{room.url}/api/v1/complaints/{id_}/{command}", json={**body, "seen_seq": card["seq"], **fields}, timeout=30
    )
    assert answer.status_code == 200, answer.text
