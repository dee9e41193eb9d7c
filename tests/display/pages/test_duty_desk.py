"""The duty desk in a real browser without a mouse: ten complaints, the wall beside it, two officers, 100 updates."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.rooms.alarm_room import AlarmRoom
from tests.services.browser import pass_silence
from tests.services.desk_hands import DeskHands, card_of, give
from tests.services.listening import kept, listened, told
from tests.services.wait import until

# Of these the words that are wider than their place, or reach out of the list or the complaint that they stand in.
CUT = """(places) => places.flatMap((place) => [...document.querySelectorAll(place)].filter((node) => {
  if (!node.checkVisibility() || node.textContent.trim() === "") return false;
  const box = node.closest(".list, .reading, .desk-foot, .desk-head").getBoundingClientRect();
  const { left, right } = node.getBoundingClientRect();
  return node.scrollWidth > node.clientWidth + 1 || left < box.left - 1 || right > box.right + 1;
}).map((node) => `${place}: ${node.textContent}`))"""
WORDS = (
    *(
        ".row-head",
        ".row-where",
        ".row-who",
        ".row-late",
        ".row-said",
        ".group-head",
        ".views button",
        ".acts-main button",
    ),
    *(".reading-what", ".reading-where", ".reading-line", ".reading-late", ".reading-who"),
    ".desk-foot button",
)
ROWS_IN_SIGHT = """() => {
  const box = document.querySelector(".scroll").getBoundingClientRect();
  const whole = ({ top, bottom }) => top >= box.top && bottom <= box.bottom;
  return [...document.querySelectorAll(".queue-row")].filter((row) => whole(row.getBoundingClientRect())).length;
}"""


class Shift:
    """An officer at a desk and a wall beside it; what each act took in strokes stands in `spent`."""

    def __init__(self, room: AlarmRoom, desk: DeskHands, wall: Page) -> None:
        self.room, self.desk, self.wall = room, desk, wall
        self.spent: dict[str, int] = {}

    def act(self, what: str, id_: str, *keys: str, into: str) -> None:
        """Go to a complaint and press; log, wall and desk agree on what became of it."""
        self.desk.walk_to(id_)
        self.spent[what] = self.desk.strokes(*keys)
        self.followed(id_, into)

    def tell(self, seconds: float) -> None:
        """Print what it took."""
        head = f"{len(self.spent)} acts on ten complaints in {seconds:.1f} s of a machine's hands; strokes:"
        sys.stdout.write("\n".join([head, *(f"  {strokes:3} {what}" for what, strokes in self.spent.items()), ""]))

    def followed(self, id_: str, into: str) -> None:
        """Wait until it is in that state, and the wall and the desk have painted it."""
        until(lambda: card_of(self.room, id_)["state"] == into, why=f"{id_} to be {into}")
        seq = card_of(self.room, id_)["seq"]
        for page in (self.wall, self.desk.page):
            until(lambda page=page: int(told(page, "seq") or 0) >= seq, why="wall and desk to follow")  # type: ignore[misc]


@pytest.fixture
def shift(room: AlarmRoom, sit: Callable[..., DeskHands], browser: Browser) -> Iterator[Shift]:
    still = {"viewport": {"width": 1280, "height": 720}, "reduced_motion": "reduce"}
    wall = listened(browser, f"{room.url}/wall?scene=map", **still)
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
    shift.followed(proved, "proof_submitted")
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
    budi.ask_where_to()
    expect(budi.page.locator(".asker-note")).to_contain_text("Sari")

    failed: list[Exception] = []

    def be_faster(route) -> None:  # type: ignore[no-untyped-def]
        # Not by her keys. What fails within the handler of a request is told to nobody, so it is kept.
        try:
            give(room, one, "forward", agency="dpupr", actor="Sari", role="duty", actor_agency=None)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the test fails by it
            failed.append(failure)
        route.continue_()

    # At the foot of the desk where the feed was faster than the answer, and took the row from this list.
    said = kept(budi.page, f'.queue-row[data-id="{one}"] .row-said, .reading-said, .desk-told')
    budi.page.route("**/forward", be_faster)
    budi.press("Enter")
    try:
        until(lambda: failed or said("sudah diteruskan oleh Sari"), why="who was faster")
    except TimeoutError as late:
        late.add_note(f"the desk shows: {budi.page.inner_text('body')[:3000]}")
        raise
    assert failed == []
    assert card_of(room, one)["agency"] == "dpupr"


def test_who_is_slower_is_told_so_also_where_the_row_has_left_the_list(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    one, two = room.receive("one", "two", category="jalan_rusak")
    budi = sit("Budi")
    said = heard_at(budi.page, ".desk-told")
    budi.walk_to(one)
    budi.press("f")
    expect(budi.page.locator(".asker-note")).to_be_visible()
    give(room, one, "forward", agency="dishub", actor="Sari", role="duty", actor_agency=None)
    until(lambda: budi.row(one).count() == 0, why="what she forwarded to leave his list")
    budi.press("Enter")
    until(lambda: any("one: sudah diteruskan oleh Sari" in text for text in said()), why="that she was faster")
    until(lambda: budi.chosen() == two, why="the hand to go on")
    assert card_of(room, one)["agency"] == "dishub"


def test_on_a_small_screen_every_list_is_in_reach_and_nothing_covers_what_is_read(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    (one,) = room.receive("one", category="jalan_rusak")
    (proved,) = room.receive(
        "proved-under-a-long-number-of-its-source", category="lampu_lalin", lat=-6.225, lon=106.655
    )
    give(room, proved, "forward", agency="dishub", actor="Sari", role="duty", actor_agency=None)
    for act in ("accept", "start", "submit_proof"):
        give(room, proved, act, **({"note": "sudah"} if act == "submit_proof" else {}))
    room.receive(*(f"more{n}" for n in range(9)), category="fasum_perumahan", lat=-6.21, lon=106.70)
    (fire,) = room.receive("fire", lat=-6.16, lon=106.68)
    desk = sit("Sari", viewport={"width": 1366, "height": 768})
    desk.walk_to(one)
    expect(desk.page.locator(".reading-closed button")).to_be_visible()
    assert desk.covered(".reading-closed button", '.views [data-list="ended"]') == []
    assert desk.page.evaluate(ROWS_IN_SIGHT) >= 10
    desk.press("Enter")
    expect(desk.page.locator(".history-line").first).to_be_attached()
    assert desk.covered(".reading-text", ".reading-map", '.acts-main [data-act="forward"]', ".acts-more") == []
    assert desk.page.locator(".acts-main button").count() == 4
    desk.walk_to(proved)
    desk.press("Enter")
    expect(desk.page.locator(".acts-finding")).to_have_text("Bukti tanpa foto dan tanpa video")
    assert desk.covered(".acts-finding", '.acts-main [data-act="validate"]') == []
    assert desk.page.evaluate(CUT, WORDS) == []
    # What the list is narrowed to stands there in whole words.
    desk.page.locator('.filters select[name="district"]').select_option(label="Karang Tengah")
    expect(desk.page.locator(".filter-chip")).to_have_text("Kecamatan: Karang Tengah ×")
    assert desk.page.evaluate(CUT, [".filter-chip"]) == []
    # And what to do about an alarm, at the desk of alarms.
    desk.page.goto(f"{room.url}/desk/alarms")
    expect(desk.page.locator(f'.alarm-row[data-id="critical:{fire}"]')).to_be_visible()
    expect(desk.page.locator('.detail-acts [data-act="acknowledge"]')).to_be_visible()
    assert desk.covered(*(f'.detail-acts [data-act="{act}"]' for act in ("acknowledge", "owner"))) == []


def test_what_ends_a_report_can_be_taken_back_and_an_emergency_comes_next(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    road, twin, other = room.receive("road", "twin", "other", category="jalan_rusak", lat=-6.19, lon=106.66)
    give(room, twin, "merge", into=road, actor="Budi", role="duty", actor_agency=None)
    desk = sit("Sari")
    said = kept(desk.page, ".desk-told, .held-act")
    desk.walk_to(road)
    desk.press("v")
    until(lambda: said("Sahkan bukti belum bisa: belum ada bukti."), why="the desk to say why a key does nothing")
    (fire,) = room.receive("fire")
    until(lambda: desk.row(fire).count() == 1, why="the fire at the desk")
    desk.press("r")
    expect(desk.page.locator(".asker-warn")).to_have_text("1 laporan di dalamnya ikut ditutup")
    desk.press("2", "z")
    until(lambda: said("Tolak: Jalan rusak") and said("Dibatalkan."), why="the act to be taken back")
    expect(desk.page.locator(".held-act")).to_have_count(0)
    assert (desk.chosen(), card_of(room, road)["state"]) == (road, "received")
    desk.press("r", "2")
    assert desk.chosen() == fire
    desk.press("j", ".")
    assert desk.chosen() == fire
    desk.press("a")
    until(lambda: room.alarms()[f"critical:{fire}"]["acked_by"] == "Sari", why="the fire to be hers")
    desk.walk_to(other)
    desk.press("r", "2")
    # The page closes while it waits: it is done all the same.
    desk.page.goto(f"{room.url}/healthz")
    for id_ in (road, other):
        until(lambda id_=id_: card_of(room, id_)["state"] == "rejected", why="what waited to be done")  # type: ignore[misc]


def test_who_sits_there_is_asked_without_losing_a_key(room: AlarmRoom, sit: Callable[..., DeskHands]) -> None:
    one, two = room.receive("one", "two", category="jalan_rusak")
    desk = sit("")
    desk.walk_to(one)
    desk.press("f", "sari", "Enter", "Enter")
    until(lambda: card_of(room, one)["state"] == "forwarded", why="what was begun before the name to be done")
    # What waits is sent as soon as somebody else sits down, by whoever decided it.
    desk.walk_to(two)
    desk.press("r", "2")
    expect(desk.page.locator(".held-act")).to_have_count(1)
    with desk.page.expect_request("**/reject") as sent:
        desk.page.locator('[data-do="person"]').click()
        desk.press("budi", "Enter")
    assert (sent.value.post_data_json["actor"], sent.value.post_data_json["role"]) == ("sari", "duty")
    expect(desk.page.locator(".desk-person")).to_contain_text("budi")
    desk.press("h", "jaga jalan", "Tab", "budi")
    expect(desk.page.locator('dialog[data-dialog="handover"] textarea')).to_have_value("jaga jalan")


def heard_at(page: Page, place: str) -> Callable[[], list[str]]:
    """All that stands there from now on, however short: what is said for a while is gone when a slow test looks."""
    page.evaluate(
        """(place) => {
          const node = document.querySelector(place);
          window.heard = [];
          const watch = new MutationObserver(() => window.heard.push(node.textContent));
          watch.observe(node, { childList: true, characterData: true, subtree: true });
        }""",
        place,
    )
    return lambda: list(page.evaluate("window.heard"))


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
        map: document.querySelector(".desk-map"), lost: 0, moved: 0 };
        addEventListener("focusout", () => { window.kept.lost += 1; }, true);
        const row = document.querySelector(".queue-row"), moved = ({ removedNodes }) => [...removedNodes].includes(row);
        new MutationObserver((all) => { window.kept.moved += all.filter(moved).length; })
          .observe(row.parentNode, { childList: true }); }"""
    )
    for start in range(0, 100, 4):
        room.receive(*(f"more{start + n}" for n in range(4)), category="sampah")
    until(lambda: told(page, "waiting") == "101", within=90, why="all of them at the desk")
    assert page.evaluate(
        """() => document.activeElement === window.kept.focus && window.kept.lost === 0 && window.kept.moved === 0
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


def test_cr07_a_lost_feed_is_silenced_at_one_desk_by_its_key_or_its_button(
    room: AlarmRoom, sit: Callable[..., DeskHands]
) -> None:
    queue, alarms = sit("Sari", clock=True), sit("Budi", path="/desk/alarms", clock=True)
    expect(queue.page.locator(".desk-mute")).to_be_hidden()
    room.server.kill()
    pass_silence(queue.page, alarms.page)
    for desk in (queue, alarms):
        until(lambda desk=desk: told(desk.page, "freshness") == "lost", within=90, why="the loss to be told")  # type: ignore[misc]
    button = queue.page.locator(".desk-mute button")
    expect(button).to_be_visible()  # as soon as there is something to silence, not before
    expect(button).to_contain_text("Diamkan di sini")
    queue.press("d")
    expect(button).to_contain_text("Diam di sini 10 mnt")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert queue.faults() == []
    alarms.press("d")
    expect(alarms.page.locator('[data-act="silence"]')).to_contain_text("Diam ")
