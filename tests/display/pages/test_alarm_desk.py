"""The alarm desk and the wall in real browsers against a real room: acceptance checks A01, A03, A04, A08 to A13."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.often import often
from tests.rooms.alarm_room import AlarmRoom
from tests.services.browser import faults
from tests.services.listening import (
    commands,
    flashing,
    in_step,
    listened,
    note_orders,
    one_and_again,
    shapes,
    sit,
    sounds,
    told,
)
from tests.services.wait import until


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return `open(url, **context)`: a page that is listened to, on a small screen; closed after the test."""
    pages: list[Page] = []

    def open_one(url: str, **options: object) -> Page:
        pages.append(listened(browser, url, **{"viewport": {"width": 1280, "height": 720}, **options}))
        return pages[-1]

    yield open_one
    for page in pages:
        page.context.close()


@pytest.mark.often
def test_a01_cr01_a_thousand_ordinary_complaints_are_no_alarm(room: AlarmRoom, opened: Callable[..., Page]) -> None:
    """Outside a soak a quarter of them, which is many times what a flood is."""
    many = often(1000)
    desk, wall = (opened(f"{room.url}{path}") for path in ("/desk/alarms", "/wall?scene=map&sound=1"))
    room.receive(*(f"n{number}" for number in range(many)), category="jalan_rusak")
    for page in (desk, wall):
        until(lambda page=page: told(page, "waiting") == str(many), why="all of them waiting")  # type: ignore[misc]
        assert told(page, "alarms") == "0"
        assert page.evaluate("window.sounds.length") == 0
        assert flashing(page) == 0
    assert room.alarms() == {}


def test_a03_an_answer_at_one_desk_is_seen_at_the_other_cr15_and_without_one_it_has_failed_cr99_by_a_button_of_44_px(
    room: AlarmRoom, opened: Callable[..., Page]
) -> None:
    first, second = (f"critical:{id_}" for id_ in room.receive("f1", "f2"))
    here, there = opened(f"{room.url}/desk/alarms"), opened(f"{room.url}/desk/alarms")
    sit(here, "Sari")
    sit(there, "Budi")
    for page in (here, there):
        expect(page.locator('.alarm-row[data-state="unacked"]')).to_have_count(2)
    here.locator(f'[data-id="{first}"] .alarm-open').focus()
    here.keyboard.press("a")
    expect(there.locator(f'[data-id="{first}"]')).to_have_attribute("data-state", "acked")
    expect(there.locator(f'[data-id="{first}"] .alarm-held')).to_contain_text("Sari")
    assert room.alarms()[first]["acked_by"] == "Sari"

    def be_faster(route) -> None:  # type: ignore[no-untyped-def]
        assert room.post(second, "acknowledge", actor="Rina").status_code == 200
        route.continue_()

    there.route("**/acknowledge", be_faster, times=1)
    there.locator(f'[data-id="{second}"] .alarm-open').focus()
    there.keyboard.press("Enter")
    expect(there.locator(f'[data-id="{second}"] .alarm-said')).to_have_text("Rina lebih cepat")
    assert room.alarms()[second]["acked_by"] == "Rina"
    unanswered(there, f"critical:{room.receive('f3')[0]}")


def unanswered(desk: Page, alarm: str) -> None:
    """Without an answer within 2 s the row is unacknowledged again, and says so."""
    desk.route("**/acknowledge", lambda _route: None)
    row = desk.locator(f'[data-id="{alarm}"]')
    expect(row).to_have_attribute("data-state", "unacked")
    row.locator(".alarm-open").click()
    note_orders(desk, alarm)  # each lasts some seconds alone, however seldom this side looks
    for button in (row.locator(".alarm-act"), desk.locator('.detail [data-act="acknowledge"]')):
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    row.locator(".alarm-act").click()
    until(lambda: "failed" in commands(desk), why="the row to say that there was no answer")
    assert commands(desk).index("sending") < commands(desk).index("failed")
    _, state, words = desk.evaluate("window.commanded")[commands(desk).index("failed")]
    assert (state, "gagal" in words) == ("unacked", True)


def test_cr12_the_group_shown_is_acknowledged_in_two_keys_and_cr100_focus_stays(
    room: AlarmRoom, opened: Callable[..., Page]
) -> None:
    room.receive(*(f"g{number}" for number in range(12)))
    desk = opened(f"{room.url}/desk/alarms")
    sit(desk, "Sari")
    expect(desk.locator('.alarm-row[data-state="unacked"]')).to_have_count(12)
    desk.locator(".alarm-row .alarm-open").nth(5).focus()
    held = desk.evaluate("document.activeElement.closest('.alarm-row').dataset.id")
    desk.keyboard.press("Shift+A")
    # One comes after the question was put: it was not shown, so it is not answered.
    (late,) = room.receive("late")
    desk.keyboard.press("Enter")
    expect(desk.locator('.alarm-row[data-state="acked"]')).to_have_count(12)
    states = {id_: alarm["state"] for id_, alarm in room.alarms().items()}
    assert states.pop(f"critical:{late}") == "unacked"
    assert set(states.values()) == {"acked"}
    assert desk.evaluate("document.activeElement.closest('.alarm-row').dataset.id") == held
    shelve = desk.locator('.detail [data-act="shelve"]')
    expect(shelve).to_be_hidden()  # a duty officer does not shelve what is critical, says the server
    sit(desk, "Rina", "supervisor")
    expect(shelve).to_be_visible()
    desk.locator(f'[data-id="{held}"] .alarm-open').focus()
    desk.keyboard.press("s")
    expect(desk.locator('dialog[data-dialog="shelve"]')).to_have_attribute("open", "")
    desk.keyboard.press("Escape")
    desk.uncheck(".letters-on")
    desk.locator(".alarm-row .alarm-open").first.focus()
    desk.keyboard.press("s")
    assert desk.locator("dialog[open]").count() == 0


def test_cr12_of_317_the_300_shown_are_acknowledged_and_the_question_says_so(
    room: AlarmRoom, opened: Callable[..., Page]
) -> None:
    for start in range(0, 317, 100):
        room.receive(*(f"b{number}" for number in range(start, min(317, start + 100))))
    desk = opened(f"{room.url}/desk/alarms")
    sit(desk, "Sari")
    expect(desk.locator('[data-group="unacked"] .group-count')).to_have_text("300 dari 317")
    desk.keyboard.press("Shift+A")
    question = "Akui 300 alarm P1 ini? 17 alarm lainnya belum tampil dan tidak ikut diakui."
    expect(desk.locator('dialog[data-dialog="group_critical"] .ask-question')).to_have_text(question)
    desk.keyboard.press("Enter")
    expect(desk.locator('[data-group="unacked"] .group-count')).to_have_text("17")
    expect(desk.locator('[data-group="acked"] .group-count')).to_have_text("283 dari 300")
    states = [alarm["state"] for alarm in room.alarms().values()]
    assert (states.count("acked"), states.count("unacked")) == (300, 17)


def test_a04_cr13_a_screen_cannot_acknowledge(room: AlarmRoom) -> None:
    (id_,) = room.receive("f1")
    alarm = f"critical:{id_}"
    token = room.server.last_word("screen", "add", "dinding")
    assert room.post(alarm, "acknowledge", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    assert room.post(alarm, "acknowledge", role="wall").status_code == 422
    assert room.post(alarm, "acknowledge", role="leadership").status_code == 403
    assert room.post(alarm, "acknowledge", headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 401
    away = httpx.get(f"{room.url}/desk/alarms", headers={"X-Forwarded-For": "10.0.0.7"}, timeout=30)
    assert (away.status_code, away.headers["location"].partition("?")[0]) == (303, "/login")
    assert room.post(alarm, "acknowledge", seen_seq=0).status_code == 409
    assert room.alarms()[alarm]["state"] == "unacked"


def test_a08_cr16_a_reload_makes_no_sound_and_one_symbol_flashes(room: AlarmRoom, opened: Callable[..., Page]) -> None:
    ids = [f"critical:{id_}" for id_ in room.receive(*(f"f{number}" for number in range(6)))]
    for alarm in ids[:5]:
        assert room.post(alarm, "acknowledge").status_code == 200
    desk = opened(f"{room.url}/desk/alarms")
    until(lambda: told(desk, "alarms") == "1", why="one unacknowledged")
    assert flashing(desk) == 1
    (again,) = room.receive("new")
    until(lambda: sounds(desk) >= 1, why="the sound of the new one")
    desk.reload()
    until(lambda: told(desk, "alarms") == "2", why="both after the reload")
    desk.keyboard.press("Shift")
    assert room.post(f"critical:{again}", "acknowledge").status_code == 200
    until(lambda: told(desk, "alarms") == "1", why="the answer to be seen")
    assert [at for at in desk.evaluate("window.sounds") if at < 30_000] == [], "after that it repeats what is open"


def test_a12_a13_only_small_shapes_flash_and_none_where_motion_is_reduced(
    room: AlarmRoom, opened: Callable[..., Page]
) -> None:
    room.receive(*(f"f{number}" for number in range(5)))
    size = {"width": 3840, "height": 2160}
    wall = opened(f"{room.url}/wall?scene=map", viewport=size)
    until(lambda: told(wall, "alarms") == "5", why="five unacknowledged")
    until(lambda: flashing(wall) >= 3, why="three shapes to flash")
    boxes = shapes(wall)
    assert 3 <= len(boxes) <= 10
    assert all(box["text"] == "" for box in boxes)
    # Two cap heights of the alarm step; the area for a viewer at 2 m of a 1.2 mm wall (CR-38).
    assert max(box["w"] for box in boxes) <= 2 * 72 * 0.698
    for one in boxes:
        near = [box for box in boxes if (box["x"] - one["x"]) ** 2 + (box["y"] - one["y"]) ** 2 <= 145**2]
        assert sum(box["w"] * box["h"] for box in near) < 16_667
    wall.emulate_media(reduced_motion="reduce")
    wall.reload()
    until(lambda: told(wall, "alarms") == "5", why="five unacknowledged")
    until(lambda: told(wall, "flash") == "steady", why="it to be still")
    assert wall.evaluate("document.getAnimations().length") == 0
    badge = '.slot:not([data-shown="false"]) .symbol[data-flash="true"]'
    assert wall.locator(f"{badge} .bang").first.evaluate("node => getComputedStyle(node).display") == "inline"
    width = "node => parseFloat(getComputedStyle(node).strokeWidth) * node.getScreenCTM().a"
    assert wall.locator(f"{badge} .shape").first.evaluate(width) >= 4


def test_a09_cr26_a_flood_is_one_banner_hides_nothing_and_p1_stays_alone(
    room: AlarmRoom, opened: Callable[..., Page]
) -> None:
    room.receive(*(f"n{number}" for number in range(40)), category="jalan_rusak")
    wall, desk = opened(f"{room.url}/wall?scene=map"), opened(f"{room.url}/desk/alarms")
    until(lambda: told(desk, "waiting") == "40", why="forty waiting")
    room.at("2026-11-24T05:31:00Z")
    until(lambda: int(told(desk, "alarms") or 0) >= 40, why="forty overdue")
    expect(banner := wall.locator('.flood[data-shown="true"]')).to_have_count(1)
    until(lambda: sounds(desk) >= 1, why="the sound of the banner")
    heard = desk.evaluate("window.sounds")
    # A slow clock tells of some before they are a flood: these sound, and then its banner, and again in half a minute.
    assert len([at for at in heard if at < heard[0] + 29_000]) <= 2
    (fire,) = room.receive("fire")
    expect(wall.locator(f'.slot[data-id="{fire}"] .slot-what')).to_be_visible()
    expect(wall.locator(".slot:not([data-shown=false])")).to_have_count(1)
    expect(banner.locator(".flood-kinds")).to_contain_text("P1 1")
    until(lambda: sounds(desk) > len(heard), why="the sound of the fire")
    until(lambda: desk.locator(".alarm-row[data-state=unacked]").count() == room.unacked() >= 41, why="all to be there")
    until(lambda: flashing(wall) == 2, why="the banner and the fire to flash")
    assert flashing(desk) <= 10
    read_on_a_laptop(desk, fire)
    answer_apart(room, desk, fire)


# Which words of the chosen alarm's record are cut off, or lie under its buttons or the foot.
CUT = """() => {
  const [acts, panel] = [".detail-acts", ".detail"].map((part) => document.querySelector(part).getBoundingClientRect());
  return [...document.querySelectorAll(".record dd")].filter((words) => {
    const { top, bottom } = words.getBoundingClientRect();
    return words.textContent === "" || top < panel.top || bottom > Math.min(acts.top, panel.bottom, innerHeight);
  }).map((words) => words.textContent);
}"""


def read_on_a_laptop(desk: Page, fire: str) -> None:
    """At 1366 x 768, in a flood, cause, consequence and action of an alarm are read whole, and its report is opened."""
    desk.set_viewport_size({"width": 1366, "height": 768})
    desk.locator(f'[data-id="critical:{fire}"] .alarm-open').click()
    expect(desk.locator(".detail-kind")).to_contain_text("P1")
    assert desk.evaluate(CUT) == []
    assert faults(desk) == []
    report = desk.locator(".detail-report")
    expect(report).to_be_visible()
    assert f"/desk?id={fire}" in (report.get_attribute("href") or "")


def answer_apart(room: AlarmRoom, desk: Page, fire: str) -> None:
    """Forty answered at once leave the emergency to a question of its own, which the same key does not answer."""
    sit(desk, "Sari")
    desk.keyboard.press("Shift+A")
    expect(desk.locator('dialog[data-dialog="group"] .ask-question')).to_contain_text("1 alarm P1 tidak ikut")
    desk.keyboard.press("Enter")
    apart = desk.locator('dialog[data-dialog="group_critical"]')
    expect(apart).to_have_attribute("open", "")
    expect(apart.locator("li")).to_contain_text("Kebakaran")
    desk.keyboard.press("Enter")
    expect(apart).not_to_have_attribute("open", "")
    expect(desk.locator('.alarm-row[data-state="unacked"]')).to_have_count(1)
    assert [id_ for id_, alarm in room.alarms().items() if alarm["state"] == "unacked"] == [f"critical:{fire}"]
    desk.keyboard.press("Shift+A")
    expect(apart).to_have_attribute("open", "")
    desk.keyboard.press("Enter")
    expect(desk.locator('.alarm-row[data-state="unacked"]')).to_have_count(0)


def test_a10_a11_cr34_cr36_two_screens_flash_in_one_rhythm_cr22_count_what_is_shelved_cr42_and_freeze_together(
    room: AlarmRoom, opened: Callable[..., Page]
) -> None:
    ids = [f"critical:{id_}" for id_ in room.receive("f1", "f2", "f3", "f4")]
    desk, wall = opened(f"{room.url}/desk/alarms"), opened(f"{room.url}/wall?scene=map")
    # A slow machine is late now and then, and then they are looked at again.
    until(lambda: in_step(8, wall, desk), within=180, why="both to begin eight periods together")
    for page in (wall, desk):
        phases = [phase for _, phase in page.evaluate("window.phases")]
        assert phases == [("on", "off")[(n + (phases[0] == "off")) % 2] for n in range(len(phases))]
    sit(desk, "Sari")
    for alarm in ids[:3]:
        until_ = "2026-11-24T05:20:00Z"
        assert room.post(alarm, "shelve", role="supervisor", reason="uji", until=until_).status_code == 200
    expect(desk.locator('[data-view="quiet"] .tab-count')).to_have_text("3")
    desk.keyboard.press("q")
    expect(desk.locator('.alarm-row[data-state="shelved"]')).to_have_count(3)
    expect(wall.locator(".ledger-quiet")).to_have_text("3 disisihkan")
    desk.keyboard.press("f")
    until(lambda: told(wall, "flash") == "steady", why="the wall to be still")
    room.receive("f5")
    until(lambda: told(wall, "alarms") == "2", why="the new one")
    assert told(wall, "flash") == "steady"
    until(lambda: told(desk, "flash") == "steady", why="the desk to have heard of it, which the next key takes back")
    desk.keyboard.press("f")
    until(lambda: told(wall, "flash") in ("on", "off"), why="the wall to flash again")


def test_cr19_a_silence_cr74_a_held_scene_cr96_and_a_test_of_sound_reach_every_machine(
    room: AlarmRoom, opened: Callable[..., Page]
) -> None:
    desk, other, wall = (opened(f"{room.url}{path}") for path in ("/desk/alarms", "/desk/alarms", "/wall"))
    sit(desk, "Sari")
    room.receive("f1")
    until(lambda: told(other, "alarms") == "1", why="the fire")
    until(lambda: told(wall, "scene") == "map", why="the fire's scene")
    silenced(room, desk, other)
    held(room, desk, wall)
    sound_tried(room, desk, other)


def silenced(room: AlarmRoom, desk: Page, other: Page) -> None:
    """Silence reaches the other machine, and a new alarm sounds in it."""
    until(lambda: sounds(desk, other) >= 1, why="the fire to be heard")
    assert one_and_again(desk, other)
    desk.keyboard.press("d")
    expect(other.locator('[data-act="silence"]')).to_have_attribute("aria-pressed", "true")
    assert told(other, "flash") in ("on", "off")
    assert [alarm["state"] for alarm in room.alarms().values()] == ["unacked"]
    rest = "performance.now() - (window.sounds.at(-1) ?? 0) > 3100"
    until(lambda: desk.evaluate(rest) and other.evaluate(rest), why="the time in which alarms share a sound to be over")
    heard = sounds(desk, other)
    room.receive("f2")
    until(lambda: sounds(desk, other) > heard, why="the new one to sound in the silence")


def held(room: AlarmRoom, desk: Page, wall: Page) -> None:
    """A scene that is held stays, also over what stands unacknowledged, until a new alarm."""
    room.at("2026-11-24T05:00:05Z")
    until(lambda: "12.00.05" in wall.locator(".clock-time").inner_text(), why="the time to have moved")
    desk.keyboard.press("w")
    desk.select_option('[name="scene"]', "trend")
    desk.click('dialog[open] button[value="yes"]')
    until(lambda: told(wall, "scene") == "trend", why="the held scene, also of what stands unacknowledged")
    expect(wall.locator(".held-mark")).to_have_text("DITAHAN 15 mnt")
    room.at("2026-11-24T05:00:10Z")
    room.receive("f3")
    until(lambda: told(wall, "scene") == "map", why="a new fire goes before the hold")
    expect(desk.locator('[data-act="scene"]')).to_contain_text("ditahan")  # what the next key takes back
    desk.keyboard.press("w")
    expect(wall.locator(".held-mark")).to_be_hidden()


def sound_tried(room: AlarmRoom, desk: Page, other: Page) -> None:
    """Once a shift the sound is asked for, tried on the screen that speaks, and its answer is everywhere."""
    room.at("2026-11-24T07:00:00Z")
    expect(other.locator(".desk-sound")).to_contain_text("Giliran Siang sejak 14.00")
    heard = sounds(desk, other)
    desk.click('[data-act="sound"]')
    until(lambda: sounds(desk, other) > heard, why="the test on the screen that speaks")
    desk.click('dialog[open] button[value="heard"]')
    expect(other.locator('[data-act="sound"]')).to_contain_text("Suara baik 14.00")
    expect(other.locator(".desk-sound")).to_be_hidden()
