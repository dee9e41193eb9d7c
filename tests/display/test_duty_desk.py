"""The duty desk in a real browser without a mouse: ten complaints dealt with, the wall beside it, a hundred updates, axe-core."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.display.alarm_room import NOON, PLACE, AlarmRoom
from tests.display.desk_hands import DeskHands
from tests.display.listening import listened, told
from tests.services.server import Server
from tests.services.wait import until


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


def test_ten_complaints_without_a_mouse_in_few_strokes_and_the_wall_follows_each(
    room: AlarmRoom, sit: Callable[..., DeskHands], browser: Browser
) -> None:
    (fire,) = room.receive("fire")
    roads = room.receive(*(f"road{n}" for n in range(4)), category="jalan_rusak", lat=-6.19, lon=106.66)
    (empty,) = room.receive("empty", category="pju_mati")
    (odd,) = room.receive("odd", category="sesuatu yang lain")
    (late,) = room.receive("other", category="sampah", lat=-6.20, lon=106.62)
    lamps = room.receive("lamp0", "lamp1", category="pju_mati", lat=-6.21, lon=106.70)
    wall = listened(browser, f"{room.url}/wall?scene=map")
    desk = sit("Sari")
    until(lambda: told(desk.page, "waiting") == "10", why="ten waiting")
    spent: dict[str, int] = {}
    began = time.monotonic()

    def state_of(id_: str, *states: str) -> None:
        """The desk, the log and the wall agree on what became of it."""
        until(lambda: card_of(room, id_)["state"] in states, why=f"{id_} to be {states}")
        seq = card_of(room, id_)["seq"]
        until(lambda: int(told(wall, "seq") or 0) >= seq, within=10, why="the wall to follow")

    def act(what: str, id_: str, *keys: str, into: tuple[str, ...]) -> None:
        desk.walk_to(id_)
        spent[what] = desk.strokes(*keys)
        state_of(id_, *into)

    desk.walk_to(fire)
    spent["acknowledge"] = desk.strokes("a")
    until(lambda: room.alarms()[f"critical:{fire}"]["acked_by"] == "Sari", why="the alarm to be hers")
    act("open and forward", fire, "Enter", "f", "Enter", into=("forwarded",))
    act("forward", roads[0], "f", "Enter", into=("forwarded",))
    act("forward to another", roads[1], "f", "dishub", "Enter", into=("forwarded",))
    assert card_of(room, roads[1])["agency"] == "dishub"
    act("merge", roads[2], "m", "1", into=("merged",))
    act("reject", empty, "r", "2", into=("rejected",))
    desk.walk_to(odd)
    spent["triage"] = desk.strokes("t", "jalan rusak", "Enter")
    expect(desk.page.locator(f'.queue-row[data-id="{odd}"] .row-who')).to_have_text("usul DPUPR")
    act("forward after triage", odd, "f", "Enter", into=("forwarded",))
    act("forward at night", late, "f", "Enter", into=("forwarded",))

    give(room, roads[0], "decline", reason="bukan kami")
    expect(desk.page.locator(f'.queue-row[data-id="{roads[0]}"] .row-state')).to_have_text("ditolak OPD")
    act("reassign what was declined", roads[0], "f", "perkim", "Enter", into=("forwarded",))
    for command, fields in (("accept", {}), ("start", {}), ("submit_proof", {"note": "sudah"})):
        give(room, roads[1], command, **fields)
    act("validate", roads[1], "v", "Enter", into=("done",))

    # Two at once, and the rest together.
    desk.walk_to(lamps[0])
    spent["forward two together"] = desk.strokes("x", "j", "x", "f", "Enter")
    for id_ in lamps:
        state_of(id_, "forwarded")
    act("forward the last", roads[3], "f", "Enter", into=("forwarded",))
    took = time.monotonic() - began
    assert told(wall, "waiting") == told(desk.page, "waiting")
    print(f"\n{len(spent)} acts on ten complaints in {took:.1f} s of a machine's hands; strokes:")
    for what, strokes in spent.items():
        print(f"  {strokes:3} {what}")
    assert spent["open and forward"] <= 3
    assert spent["forward"] <= 2
    assert spent["reject"] == 2
    assert spent["merge"] == 2
    wall.context.close()


def test_who_is_slower_is_told_who_did_what_and_others_see_who_has_it_open(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    (one,) = room.receive("one", category="jalan_rusak")
    sari, budi = sit("Sari"), sit("Budi")
    for desk in (sari, budi):
        desk.walk_to(one)
    sari.press("Enter")
    expect(budi.page.locator(f'.queue-row[data-id="{one}"] .row-claim')).to_have_text("dibuka Sari")
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
    row = page.locator(f'.queue-row[data-id="{held}"] .row-open')
    expect(row).to_be_focused()
    # It leaves the list by somebody else's hand: the focus stays until the officer goes on.
    give(room, held, "reject", role="duty", actor_agency=None, reason="ganda")
    until(lambda: told(page, "waiting") == "100", why="it to be gone from the list")
    expect(row).to_be_focused()
    desk.press("j")
    assert desk.chosen() not in (None, held)


@pytest.mark.parametrize("size", [(1920, 1080), (390, 844)], ids=["wide", "narrow"])
def test_cr97_axe_finds_nothing_in_any_state(
    room: AlarmRoom, sit: Callable[..., DeskHands], size: tuple[int, int]
) -> None:
    desk = sit("Sari", "supervisor", viewport={"width": size[0], "height": size[1]})
    found = {"empty": desk.faults()}
    room.receive(*(f"n{n}" for n in range(40)), category="jalan_rusak", lat=-6.19, lon=106.66)
    room.receive("api", **PLACE)
    until(lambda: told(desk.page, "waiting") == "41", why="41 waiting")
    found["normal"] = desk.faults()
    desk.press("Enter")
    expect(desk.page.locator(".history-line").first).to_be_visible()
    found["open"] = desk.faults()
    desk.press("f")
    found["choosing"] = desk.faults()
    desk.press("zzz")
    found["nothing to choose"] = desk.faults()
    desk.press("Escape", "c")
    found["writing"] = desk.faults()
    desk.press("Escape", "Escape", "x", "g")
    found["map and selection"] = desk.faults()
    for key, name in (("n", "new"), ("?", "help"), ("h", "handover")):
        desk.press(key)
        expect(desk.page.locator(f'dialog[open][data-dialog="{name}"]')).to_be_visible()
        found[name] = desk.faults()
        desk.press("Escape")
    room.at("2026-11-24T05:31:00Z")
    until(lambda: int(told(desk.page, "alarms") or 0) >= 40, within=30, why="a flood")
    found["flood"] = desk.faults()
    room.server.kill()
    until(lambda: told(desk.page, "freshness") == "lost", within=40, why="the data to be lost")
    found["stale"] = desk.faults()
    assert {state: faults for state, faults in found.items() if faults} == {}
