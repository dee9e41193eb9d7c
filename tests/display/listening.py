"""A page that is listened to: every start of a sound and every change of the flash is noted in the page itself."""

from playwright.sync_api import Browser, Page

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
FLASHING = """() => [...document.querySelectorAll('.symbol[data-flash="true"] .shape')]
  .filter((shape) => shape.checkVisibility({ visibilityProperty: true }))"""


def listened(browser: Browser, url: str, **options: object) -> Page:
    """Open an address in a context of its own, with the spy in it and sound allowed by a first key."""
    context = browser.new_context(**{"locale": "id-ID", "viewport": {"width": 1920, "height": 1080}, **options})  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(SPY)
    page.goto(url)
    until(lambda: told(page, "freshness") == "live", within=60, why="the page to be live")
    page.keyboard.press("Shift")
    return page


def told(page: Page, name: str) -> str | None:
    """What the page says of itself on its root."""
    return page.locator("html").get_attribute(f"data-{name}")


def flashing(page: Page) -> int:
    """How many symbols flash where they can be seen."""
    return int(page.evaluate(f"({FLASHING})().length"))
