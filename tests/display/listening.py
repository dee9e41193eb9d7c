"""A page that is listened to: every start of a sound and every change of the flash is noted in the page itself."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page

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
FLASHING = """() => [...document.querySelectorAll('.symbol[data-flash="true"] .shape')]
  .filter((shape) => shape.checkVisibility({ visibilityProperty: true }))"""


def listened(browser: Browser, url: str, **options: object) -> Page:
    """Open an address in a context of its own, with the spy in it and sound allowed by a first key."""
    context = browser.new_context(**{"locale": "id-ID", "viewport": {"width": 1920, "height": 1080}, **options})  # type: ignore[arg-type]
    context.set_default_navigation_timeout(LOAD_MS)
    page = context.new_page()
    page.add_init_script(SPY)
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
