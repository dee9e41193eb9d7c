"""The duty desk in a real browser without a mouse: ten complaints, the wall beside it, a hundred updates, axe-core."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.display.alarm_room import NOON, PLACE, AlarmRoom
from tests.display.desk_hands import DeskHands
from tests.display.listening import listened, told
from tests.services.server import Server
from tests.services.wait import until

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


@pytest.fixture
def room(server: Callable[..., Server], tmp_path: Path) -> AlarmRoom:
    line = tmp_path / "time"
    line.write_text(NOON + "\n")
    return AlarmRoom(server(env={"LIVEROOM_TIME_FILE": str(line)}), line)


@pytest.fixture
def sit(browser: Browser, room: AlarmRoom) -> Iterator[Callable[..., DeskHands]]:
    """Return `sit(name, role="duty", path="/desk", **context)`: a desk with somebody at it."""
    desks: list[DeskHands] = []

    def open_one(name: str, role: str = "duty", path: str = "/desk", **options: Any) -> DeskHands:
        desks.append(DeskHands(browser, f"{room.url}{path}", name, role, **options))
        return desks[-1]

    yield open_one
    for desk in desks:
        desk.close()


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


class Shift:
    """An officer at a desk and a wall beside it; what each act took in strokes stands in `spent`."""

    def __init__(self, room: AlarmRoom, desk: DeskHands, wall: Page) -> None:
        self.room, self.desk, self.wall = room, desk, wall
        self.spent: dict[str, int] = {}

    def act(self, what: str, id_: str, *keys: str, into: str) -> None:
        """Go to a complaint and press; log and wall agree on what became of it."""
        self.desk.walk_to(id_)
        self.spent[what] = self.desk.strokes(*keys)
        self.followed(id_, into)

    def tell(self, seconds: float) -> None:
        """Print what it took."""
        head = f"{len(self.spent)} acts on ten complaints in {seconds:.1f} s of a machine's hands; strokes:"
        sys.stdout.write("\n".join([head, *(f"  {strokes:3} {what}" for what, strokes in self.spent.items()), ""]))

    def followed(self, id_: str, into: str) -> None:
        """Wait until it is in that state, and the wall has painted it."""
        until(lambda: card_of(self.room, id_)["state"] == into, why=f"{id_} to be {into}")
        seq = card_of(self.room, id_)["seq"]
        until(lambda: int(told(self.wall, "seq") or 0) >= seq, within=10, why="the wall to follow")


@pytest.fixture
def shift(room: AlarmRoom, sit: Callable[..., DeskHands], browser: Browser) -> Iterator[Shift]:
    wall = listened(browser, f"{room.url}/wall?scene=map")
    yield Shift(room, sit("Sari"), wall)
    wall.context.close()


def test_ten_complaints_without_a_mouse_in_few_strokes_and_the_wall_follows_each(shift: Shift) -> None:
    room, desk, spent = shift.room, shift.desk, shift.spent
    (fire,) = room.receive("fire")
    roads = room.receive(*(f"road{n}" for n in range(4)), category="jalan_rusak", lat=-6.19, lon=106.66)
    empty, *lamps = room.receive("empty", "lamp0", "lamp1", category="pju_mati", lat=-6.21, lon=106.70)
    (odd,) = room.receive("odd", category="sesuatu yang lain")
    (bins,) = room.receive("bins", category="sampah", lat=-6.20, lon=106.62)
    until(lambda: told(desk.page, "waiting") == "10", why="ten waiting")
    began = time.monotonic()
    desk.walk_to(fire)
    spent["acknowledge the alarm"] = desk.strokes("a")
    until(lambda: room.alarms()[f"critical:{fire}"]["acked_by"] == "Sari", why="the alarm to be hers")
    shift.act("open and forward", fire, "Enter", "f", "Enter", into="forwarded")
    shift.act("forward", roads[0], "f", "Enter", into="forwarded")
    shift.act("forward to another", roads[1], "f", "dishub", "Enter", into="forwarded")
    shift.act("merge", roads[2], "m", "1", into="merged")
    shift.act("reject", empty, "r", "2", into="rejected")
    what_nobody_can_name_is_triaged(shift, odd)
    shift.act("forward the bins", bins, "f", "Enter", into="forwarded")
    what_agencies_did_comes_back(shift, declined=roads[0], proved=roads[1])
    many_go_together(shift, lamps)
    shift.act("forward the last", roads[3], "f", "Enter", into="forwarded")
    shift.tell(time.monotonic() - began)
    assert told(shift.wall, "waiting") == told(desk.page, "waiting")
    assert spent["open and forward"] <= 3
    assert (spent["forward"], spent["reject"], spent["merge"], spent["validate"]) == (2, 2, 2, 2)


def what_nobody_can_name_is_triaged(shift: Shift, id_: str) -> None:
    """A category of the source's own words gets one of the city's, and with it an agency."""
    shift.desk.walk_to(id_)
    shift.spent["triage"] = shift.desk.strokes("t", "jalan rusak", "Enter")
    expect(shift.desk.row(id_).locator(".row-who")).to_have_text("usul DPUPR")
    shift.act("forward after triage", id_, "f", "Enter", into="forwarded")


def many_go_together(shift: Shift, ids: Sequence[str]) -> None:
    """Neighbours in the list are selected and forwarded at once."""
    shift.desk.walk_to(ids[0])
    shift.spent["forward two together"] = shift.desk.strokes("x", "j", "x", "f", "Enter")
    for id_ in ids:
        shift.followed(id_, "forwarded")


def what_agencies_did_comes_back(shift: Shift, *, declined: str, proved: str) -> None:
    """One agency says no, the other has proof: both are at the desk again."""
    assert card_of(shift.room, proved)["agency"] == "dishub"
    give(shift.room, declined, "decline", reason="bukan kami")
    expect(shift.desk.row(declined).locator(".row-state")).to_have_text("ditolak OPD")
    shift.act("reassign what was declined", declined, "f", "perkim", "Enter", into="forwarded")
    give(shift.room, proved, "accept")
    give(shift.room, proved, "start")
    give(shift.room, proved, "submit_proof", note="sudah")
    shift.act("validate", proved, "v", "Enter", into="done")


def test_who_is_slower_is_told_who_did_what_and_others_see_who_has_it_open(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    (one,) = room.receive("one", category="jalan_rusak")
    sari, budi = sit("Sari"), sit("Budi")
    for desk in (sari, budi):
        desk.walk_to(one)
    sari.press("Enter")
    expect(budi.row(one).locator(".row-claim")).to_have_text("dibuka Sari")
    budi.press("f")
    expect(budi.page.locator(".asker-note")).to_contain_text("Sari")

    def be_faster(route) -> None:  # type: ignore[no-untyped-def]
        sari.press("f", "Enter")
        until(lambda: card_of(room, one)["state"] == "forwarded", why="hers to be in the log")
        route.continue_()

    budi.page.route("**/forward", be_faster)
    budi.press("Enter")
    said = budi.page.locator(f'.queue-row[data-id="{one}"] .row-said, .reading-said')
    until(lambda: any("sudah diteruskan oleh Sari" in text for text in said.all_inner_texts()), why="who was faster")
    assert card_of(room, one)["agency"] == "dpupr"


def test_a24_cr83_cr100_a_hundred_updates_take_no_focus_no_words_and_no_node(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    (held,) = room.receive("held", category="jalan_rusak")
    desk = sit("Sari")
    desk.walk_to(held)
    desk.press("Enter", "c", "setengah kalimat")
    page = desk.page
    page.evaluate(
        """() => { window.kept = { focus: document.activeElement, what: document.querySelector(".reading-what"),
        map: document.querySelector(".desk-map"), lost: 0 };
        addEventListener("focusout", () => { window.kept.lost += 1; }, true); }"""
    )
    for start in range(0, 100, 4):
        room.receive(*(f"more{start + n}" for n in range(4)), category="sampah")
    until(lambda: told(page, "waiting") == "101", within=30, why="all of them at the desk")
    assert page.evaluate(
        """() => document.activeElement === window.kept.focus && window.kept.lost === 0
        && document.querySelector(".reading-what") === window.kept.what
        && document.querySelector(".desk-map") === window.kept.map"""
    )
    assert page.locator(".asker-text").input_value() == "setengah kalimat"
    page.keyboard.press("Escape")
    row = desk.row(held).locator(".row-open")
    expect(row).to_be_focused()
    # It leaves the list by somebody else's hand: the focus stays until the officer goes on.
    give(room, held, "reject", role="duty", actor_agency=None, reason="ganda")
    until(lambda: told(page, "waiting") == "100", why="it to be gone from the list")
    expect(row).to_be_focused()
    desk.press("j")
    assert desk.chosen() not in (None, held)


def test_a_caller_is_written_down_by_keyboard_and_the_shift_goes_over_to_a_name(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    sari, budi = sit("Sari"), sit("Budi")
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
    expect(sari.page.locator(".announce-status")).to_have_text("Serah terima tercatat")
    budi.press("h")
    expect(budi.page.locator(".handover-offer")).to_contain_text("Ditawarkan Sari kepada Budi")
    budi.page.locator(".handover-confirm").press("Enter")
    expect(budi.page.locator(".announce-status")).to_have_text("Anda bertugas sekarang")


def test_cr83_a_supervisor_opens_a_marker_and_it_stays_while_it_changes_and_is_called_out_on_the_wall(
    room: AlarmRoom, sit: Callable[..., DeskHands], browser: Browser
) -> None:
    (one,) = room.receive("one", category="jalan_rusak", lat=-6.19, lon=106.66)
    wall = listened(browser, f"{room.url}/wall")
    desk = sit("Rina", "supervisor", path="/desk?view=map")
    until(lambda: told(desk.page, "waiting") == "1", why="one waiting")
    where = desk.page.evaluate("map_wall.latLngToContainerPoint([-6.19, 106.66])")
    desk.page.locator(".desk-map").click(position={"x": where["x"], "y": where["y"]})
    what = desk.page.locator(".reading[data-opened=true] .reading-what")
    expect(what).to_have_text("Jalan rusak")
    node = what.element_handle()
    desk.press("p", "2")
    expect(desk.page.locator(".reading-state")).to_contain_text("mendesak")
    desk.press("e", "1", "menunggu suku cadang", "Control+Enter")
    expect(desk.page.locator(".history-line").last).to_contain_text("Tenggat diperpanjang")
    expect(desk.page.locator(".deadline")).to_contain_text("diperpanjang")
    assert node and node.evaluate("node => node === document.querySelector('.reading-what')")
    desk.press("d")
    until(lambda: told(wall, "scene") == "map", why="the wall to show the map")
    expect(wall.locator(".mark-label .mark-what", has_text="Jalan rusak")).to_be_visible()
    assert card_of(room, one)["priority"] == "urgent"
    wall.context.close()


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
    other = sit("Budi", path=desk.page.url.removeprefix(room.url))
    expect(other.page.locator(".queue-row")).to_have_count(3)


def test_cr97_axe_finds_nothing_in_any_state(room: AlarmRoom, sit: Callable[..., DeskHands]) -> None:
    desks = {"wide": sit("Sari", "supervisor"), "narrow": sit("Budi", viewport={"width": 390, "height": 844})}
    found: dict[str, list[str]] = {}

    def look(state: str, *sizes: str) -> None:
        found.update({f"{state}, {size}": desks[size].faults() for size in sizes or desks})

    def all_tell(name: str, fits: Callable[[str | None], bool]) -> None:
        for desk in desks.values():
            until(lambda desk=desk: fits(told(desk.page, name)), within=40, why=f"{name} to be told")  # type: ignore[misc]

    look("empty")
    room.receive(*(f"n{n}" for n in range(40)), category="jalan_rusak", lat=-6.19, lon=106.66)
    room.receive("api", **PLACE)
    all_tell("waiting", lambda waiting: waiting == "41")
    look("normal")
    for desk in desks.values():
        desk.press("Enter")
        expect(desk.page.locator(".history-line").first).to_be_visible()
    look("open")
    for state, keys in QUESTIONS.items():
        desks["wide"].press(*keys)
        look(state, "wide")
        desks["wide"].press("Escape")
    room.at("2026-11-24T05:31:00Z")
    all_tell("alarms", lambda alarms: int(alarms or 0) >= 40)
    look("flood")
    room.server.kill()
    all_tell("freshness", lambda freshness: freshness == "lost")
    look("stale")
    assert {state: faults for state, faults in found.items() if faults} == {}
