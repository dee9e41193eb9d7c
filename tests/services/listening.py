"""A page that is listened to: every start of a sound and every change of the flash is noted in the page itself."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.services.browser import LOAD_MS
from tests.services.wait import until

SPY = """
window.sounds = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...words) {
  window.sounds.push(performance.now());
  return start.apply(this, words);
};
window.phases = [];
new MutationObserver((changes) => {
  const page = document.documentElement;
  if (changes.some(({ target }) => target === page)) {
    window.phases.push([performance.timeOrigin + performance.now(), page.dataset.flash]);
  }
}).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-flash"] });
"""
KEEP = """(places) => {
  window.texts = [];
  const look = () => window.texts.push(...[...document.querySelectorAll(places)].map((one) => one.textContent));
  new MutationObserver(look).observe(document, { childList: true, characterData: true, subtree: true });
}"""
# Every picture of one alarm's row: what became of a command, the alarm's state, and the words about it.
ORDERED = """(id) => {
  const row = document.querySelector(`.alarm-row[data-id="${id}"]`);
  const said = row.querySelector(".alarm-said");
  const note = () => window.commanded.push([row.dataset.command, row.dataset.state, said.textContent]);
  window.commanded = [];
  new MutationObserver(note).observe(row, { attributes: true, childList: true, characterData: true, subtree: true });
}"""
FLASHING = """() => [...document.querySelectorAll('.symbol[data-flash="true"] .shape')]
  .filter((shape) => shape.checkVisibility({ visibilityProperty: true }))"""


def listened(browser: Browser, url: str, *, clock: bool = False, **options: object) -> Page:
    """Open an address in a context of its own, with the spy in it and sound allowed by a first key.

    With `clock` the test can let its time pass faster.
    """
    context = browser.new_context(**{"locale": "id-ID", "viewport": {"width": 1920, "height": 1080}, **options})  # type: ignore[arg-type]
    context.set_default_navigation_timeout(LOAD_MS)
    page = context.new_page()
    page.add_init_script(SPY)
    if clock:
        page.clock.install()
    page.goto(url)
    until(lambda: told(page, "freshness") == "live", within=120, why="the page to be live")
    page.keyboard.press("Shift")
    return page


def told(page: Page, name: str) -> str | None:
    """What the page says of itself on its root."""
    return page.locator("html").get_attribute(f"data-{name}")


def kept(page: Page, places: str) -> Callable[[str], bool]:
    """Keep every text that stands at these places from now on. Return whether such words ever stood there.

    What a page takes back after some seconds may be gone before a slow machine looks.
    """
    page.evaluate(KEEP, places)
    return lambda words: bool(page.evaluate("(words) => window.texts.some((text) => text.includes(words))", words))


def flashing(page: Page) -> int:
    """How many symbols flash where they can be seen."""
    return int(page.evaluate(f"({FLASHING})().length"))


def sit(page: Page, name: str, role: str = "duty") -> None:
    """Say at a desk who sits there; the dialog closes by itself a moment after its button was pressed."""
    page.click('[data-act="person"]')
    page.fill('[name="actor"]', name)
    page.select_option('[name="role"]', role)
    page.click('dialog[open] button[value="yes"]')
    expect(page.locator(".desk-person")).to_contain_text(name)


def sounds(*pages: Page) -> int:
    """How many sounds a room of these pages has made."""
    return sum(int(page.evaluate("window.sounds.length")) for page in pages)


def shapes(page: Page) -> list[dict[str, Any]]:
    """The boxes and words of what flashes."""
    box = """(shape) => { const box = shape.getBoundingClientRect();
    return { x: box.x, y: box.y, w: box.width, h: box.height, text: shape.textContent }; }"""
    return list(page.evaluate(f"({FLASHING})().map({box})"))


def note_orders(desk: Page, alarm: str) -> None:
    """Begin to note what becomes of orders on this alarm."""
    desk.evaluate(ORDERED, alarm)


def commands(desk: Page) -> list[str]:
    """What became of the command on the row that is noted, in the order of its pictures."""
    return [command for command, *_ in desk.evaluate("window.commanded")]


def begun(page: Page) -> list[float]:
    """When it began to flash, ms since 1970."""
    return [at for at, phase in page.evaluate("window.phases") if phase == "on"]


def begun_together(one: Page, other: Page) -> int:
    """How often both began to flash within 50 ms."""
    first, second = begun(one), begun(other)
    return sum(any(abs(at - its) <= 50 for its in second) for at in first)


def in_step(times: int, *pages: Page) -> bool:
    """Whether these two begin to flash together so many times in a row, as often as each begins meanwhile.

    Each takes the server's time anew first, as when it becomes visible: one that heard it late when it was loaded would
    do so by itself after a minute.
    """
    for page in pages:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange')); window.phases.length = 0")
    until(lambda: min(len(begun(page)) for page in pages) > times, within=60, why=f"{times} periods")
    return begun_together(*pages) >= times


def one_and_again(*pages: Page) -> bool:
    """Whether all that these pages sounded is one sound and its repeats, which come every half minute."""
    heard = sorted(
        at for page in pages for at in page.evaluate("window.sounds.map((at) => performance.timeOrigin + at)")
    )
    return all(later - earlier > 29_000 for earlier, later in pairwise(heard))
