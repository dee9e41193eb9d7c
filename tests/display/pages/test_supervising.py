"""The duty desk in a real browser: callers, handover, the supervisor's map and overview, axe-core in every state."""

import sys
import time
from collections.abc import Callable
from functools import partial

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.often import some
from tests.rooms.alarm_room import PLACE, AlarmRoom
from tests.services.browser import pass_silence
from tests.services.desk_hands import DeskHands, card_of
from tests.services.listening import kept, listened, told
from tests.services.wait import until

SIZES = {"wide": {"width": 1920, "height": 1080}, "narrow": {"width": 390, "height": 844}}
# What stands in front of the desk, and the keys that bring it there.
QUESTIONS = {
    "choosing": ("f",),
    "nothing to choose": ("f", "zzz"),
    "writing": ("c",),
    "selection": ("x",),
    "map": ("g",),
    "new": ("n",),
    "help": ("?",),
    "handover": ("h",),
    "overview": ("i",),
}


def test_a_caller_is_written_down_by_keyboard_and_the_shift_goes_over_to_a_name(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    sari = sit("Sari")
    told_sari = kept(sari.page, ".desk-told")  # such a line stands for eight seconds
    dictated = ("pohon tumbang menutup jalan", "jalan mawar", "ani", "08001234")
    what, street, name, phone = dictated
    keys = ("n", "112", "Tab", what, "Tab", "pohon tumbang", "Tab", "pinang", "Tab", street, "Tab", name, "Tab", phone)
    began = time.monotonic()
    strokes = sari.strokes(*keys, "Control+Enter")
    expect(sari.page.locator(".reading-text")).to_have_text(what)
    sys.stdout.write(f"a caller in {strokes} strokes, {time.monotonic() - began:.1f} s of a machine's hands\n")
    expect(sari.page.locator(".reading-what")).to_have_text("Pohon tumbang")
    expect(sari.page.locator(".reading-where")).to_contain_text("Pinang")
    # What is not dictated leaves time in 30 s.
    assert strokes - sum(map(len, dictated)) <= 40
    sari.press("h")
    expect(sari.page.locator(".handover-state")).to_contain_text("1 terbuka")
    sari.press("jaga pohon", "Tab")
    sari.page.keyboard.type("Budi")
    sari.press("Enter")
    until(lambda: told_sari("Serah terima tercatat"), why="the offer to be told")
    sari.close()
    budi = sit("Budi")
    told_budi = kept(budi.page, ".desk-told")
    budi.press("h")
    expect(budi.page.locator(".handover-offer")).to_contain_text("Ditawarkan Sari kepada Budi")
    budi.page.locator(".handover-confirm").press("Enter")
    until(lambda: told_budi("Anda bertugas sekarang"), why="the taking over to be told")


def test_cr83_a_supervisor_opens_a_marker_and_it_stays_while_it_changes_and_is_called_out_on_the_wall(
    room: AlarmRoom, sit: Callable[..., DeskHands], browser: Browser
) -> None:
    (one,) = room.receive("one", category="jalan_rusak", lat=-6.19, lon=106.66)
    wall = listened(browser, f"{room.url}/wall")
    desk = sit("Rina", "supervisor", path="/desk?view=map")
    until(lambda: told(desk.page, "waiting") == "1", why="one waiting")
    find_about(desk)
    where = desk.page.evaluate("map_wall.latLngToContainerPoint([-6.19, 106.66])")
    desk.page.locator(".desk-map").click(position={"x": where["x"], "y": where["y"]})
    what = desk.page.locator(".reading[data-opened=true] .reading-what")
    expect(what).to_have_text("Jalan rusak")
    node = what.element_handle()
    desk.press("p", "2")
    expect(desk.page.locator(".reading-state")).to_contain_text("mendesak")
    desk.press("e", "1", "menunggu suku cadang", "Control+Enter")
    expect(desk.page.locator(".history-line").first).to_contain_text("Tenggat diperpanjang")
    expect(desk.page.locator(".deadline")).to_contain_text("diperpanjang")
    assert node and node.evaluate("node => node === document.querySelector('.reading-what')")
    desk.press("d")
    until(lambda: told(wall, "scene") == "map", why="the wall to show the map")
    expect(wall.locator(".mark-label .mark-what", has_text="Jalan rusak")).to_be_visible()
    expect(wall.locator(".held-mark")).to_have_text("DITUNJUK: Jalan rusak")
    assert card_of(room, one)["priority"] == "urgent"
    wall.context.close()


def find_about(desk: DeskHands) -> None:
    """The map names its districts, goes no closer than its outlines tell anything, and shows the whole city again."""
    names, closer = desk.page.locator(".map-name"), desk.page.locator(".map_closer")
    expect(names.filter(has_text="Cipondoh")).to_be_visible()
    assert names.count() >= 10
    for _ in range(6):
        closer.dispatch_event("click")
    expect(closer).to_have_attribute("aria-disabled", "true")
    assert desk.page.evaluate("map_wall.getZoom()") == 16
    desk.page.locator(".map_whole").click()
    inside = "map_wall.getBounds().contains([[-6.22, 106.58], [-6.10, 106.73]])"
    until(lambda: desk.page.evaluate(inside), why="the whole city to be shown")
    meets = "([a, b]) => a.getBoundingClientRect().bottom > b.getBoundingClientRect().top"
    both = [desk.page.locator(part).element_handle() for part in (".desk-map", ".map-pane .attribution")]
    assert not desk.page.evaluate(meets, both), "whose the outlines are covers none of the map"
    expect(closer).to_have_attribute("aria-disabled", "false")


def acted(room: AlarmRoom, desk: DeskHands, id_: str, name: str, value: object, *keys: str) -> None:
    """Press keys and wait for what comes of them, also at this desk: what is done next is done to what it shows."""
    desk.press(*keys)
    until(lambda: card_of(room, id_)[name] == value, why=f"{name} to be {value}")
    seq = card_of(room, id_)["seq"]
    until(lambda: int(told(desk.page, "seq") or -1) >= seq, why=f"the desk to hear of {seq}")


def opened(desk: DeskHands, id_: str) -> None:
    """The desk anew, with that complaint open; keys count once its data is live."""
    desk.page.goto(f"{desk.page.url.partition('?')[0]}?id={id_}")
    until(lambda: told(desk.page, "freshness") == "live", within=120, why="the desk to be live again")


def test_a_supervisor_holds_resumes_coordinates_merges_splits_and_closes_by_keyboard(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    one, two = room.receive("one", "two", category="jalan_rusak", lat=-6.19, lon=106.66)
    rina, sari = sit("Rina", "supervisor", path=f"/desk?id={one}"), sit("Sari", path=f"/desk?id={one}")
    shown, becomes = rina.page.locator('.reading-acts button[data-shown="true"]'), partial(acted, room, rina)
    expect(rina.page.locator(".history-line").first).to_be_visible()
    expect(sari.page.locator('[data-act="forward"]:visible').first).to_be_visible()
    for leaders in ("hold", "close", "extend"):
        expect(sari.page.locator(f'.reading-acts [data-act="{leaders}"]')).to_be_hidden()
    sari.close()
    becomes(one, "paused", "hold", "z", "2", "1")
    expect(shown.filter(has_text="Lanjutkan")).to_be_visible()
    expect(rina.page.locator(".history-text").first).to_have_text("Menunggu suku cadang")
    becomes(one, "paused", None, "z", "Enter")
    # Not by walking: what was resumed may change its place in the list meanwhile.
    opened(rina, two)
    expect(shown.filter(has_text="Gabungkan")).to_be_visible()
    becomes(two, "state", "merged", "m", "1")
    opened(rina, one)
    expect(shown.filter(has_text="Pisahkan")).to_have_count(1)
    becomes(two, "state", "received", "Shift+M", "1")
    becomes(one, "state", "forwarded", "f", "Enter")
    opened(rina, one)
    expect(shown.filter(has_text="Koordinasi")).to_have_count(1)
    becomes(one, "agencies", ["dpupr", "dlh"], "Shift+F", "lingkungan", "Enter", "Enter")
    becomes(one, "state", "done", "q", "diselesaikan di tempat", "Control+Enter")


def test_every_number_of_the_overview_opens_the_queue_that_it_counts(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    room.receive("road", category="jalan_rusak", lat=-6.19, lon=106.66)
    room.receive(*(f"bin{n}" for n in range(3)), category="sampah", lat=-6.14, lon=106.63)
    desk = sit("Rina", "supervisor")
    until(lambda: told(desk.page, "waiting") == "4", why="four waiting")

    def number(name: str) -> Locator:
        row = desk.page.locator(".loads tbody tr", has=desk.page.locator("th", has_text=name))
        return row.locator(".load-n").first

    desk.press("i")
    expect(number("tanpa")).to_have_text("4")
    desk.page.locator('[data-by="category"]').press("Enter")
    expect(number("Sampah")).to_have_text("3")
    number("Sampah").press("Enter")
    expect(desk.page.locator(".queue-row")).to_have_count(3)
    assert "category=sampah" in desk.page.url
    # The link shows a colleague the same.
    desk.page.evaluate("sessionStorage.clear()")
    desk.page.reload()
    expect(desk.page.locator(".queue-row")).to_have_count(3)


def brought_up(desk: DeskHands, state: str, *keys: str) -> None:
    """Press the keys of a question; the handover comes up when the room has answered."""
    desk.press(*keys)
    if state == "handover":
        expect(desk.page.locator('dialog[data-dialog="handover"]')).to_be_visible()


@pytest.mark.often
def test_cr97_axe_finds_nothing_in_any_state(room: AlarmRoom, sit: Callable[..., DeskHands]) -> None:
    desk, found = sit("Sari", "supervisor", clock=True), dict[str, list[str]]()

    def look(state: str, *sizes: str) -> None:
        for size in some(SIZES, sizes):
            desk.page.set_viewport_size(SIZES[size])
            found[f"{state}, {size}"] = desk.faults()

    def tells(name: str, fits: Callable[[str | None], bool]) -> None:
        until(lambda: fits(told(desk.page, name)), within=120, why=f"{name} to be told")

    look("empty", "narrow")
    room.receive(*(f"n{n}" for n in range(3)), category="jalan_rusak", lat=-6.19, lon=106.66)
    room.receive("api", **PLACE)
    tells("waiting", lambda waiting: waiting == "4")
    look("normal", "wide")
    desk.press("Enter")
    expect(desk.page.locator(".history-line").first).to_be_visible()
    look("open", "narrow", "wide")
    for state, keys in QUESTIONS.items():
        brought_up(desk, state, *keys)
        found[state] = desk.faults()
        desk.press("Escape")
    visit = {"command_id": "begin-visit", "actor": "rina", "role": "supervisor", "welcome": "Selamat datang"}
    assert httpx.post(f"{room.url}/api/v1/room/begin_visit", json=visit, timeout=30).status_code == 200
    tells("guests", lambda guests: guests == "true")
    look("visit", "narrow")
    room.receive(*(f"more{n}" for n in range(37)), category="jalan_rusak", lat=-6.19, lon=106.66)
    tells("waiting", lambda waiting: waiting == "41")
    room.at("2026-11-24T05:31:00Z")
    tells("alarms", lambda alarms: int(alarms or 0) >= 40)
    look("flood", "narrow")
    room.server.kill()
    pass_silence(desk.page)
    tells("freshness", lambda freshness: freshness == "lost")
    look("stale", "wide")
    assert {state: faults for state, faults in found.items() if faults} == {}


def test_on_a_phone_an_alarm_opens_over_the_list_and_nothing_is_wider_than_the_page(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    room.receive("api", **PLACE)
    room.receive("lagi", **PLACE)
    desk = sit("Sari", path="/desk/alarms", viewport={"width": 390, "height": 844})
    page = desk.page
    until(lambda: told(page, "alarms") == "2", why="two alarms")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    detail, row = page.locator(".detail"), page.locator(".alarm-open").nth(1)
    expect(detail).to_be_hidden()
    assert desk.faults() == []
    row.click()
    expect(detail.locator(".detail-back")).to_be_focused()
    expect(detail.locator(".record")).to_be_visible()
    assert desk.faults() == []
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    expect(row).to_be_focused()
