"""What a page may say of itself, and how a process chooses which of its pages speaks."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY

from display.api.screens import read_register, register_json
from display.feed import presence
from display.feed.presence import PICTURE, PICTURE_MAX, BadReport, Presence, loss_in, picture_in, read_report
from liveroom.accounts.screens import Screen, note_watch, write_reports
from liveroom.domain.requests import Role
from liveroom.domain.timestamps import from_micros
from tests.rooms.screens import StandingScreens
from tests.rooms.standing import StandingRoom

JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
UTARA = Screen(id="utara", name="Utara", audience="wall", created_at=from_micros(0), place="Lantai 2")


def said(**more: Any) -> dict[str, Any]:
    return {"page": "abcdefgh", "kind": "wall", "seq": 3, "sound": "off", **more}


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": "short"},
        {"page": "abcdefgh/x"},
        {"page": "abcdefgh\n"},
        {"kind": "phone"},
        {"seq": -2},
        {"seq": 1 << 53},
        {"seq": "3"},
        {"sound": "loud"},
        {"width": 1_000_000},
        {"painted_s": float("nan")},
        {"painted_s": float("inf")},
        {"heap_mb": -1},
        {"scene": "x" * 65},
        {"lags_ms": [1.0] * 201},
        {"lags_ms": [-1]},
        {"received_ms": [-1]},
        {"received_ms": [1.0] * 201},
        {"lags_ms": [float("nan")]},
        {"unequal": ["a word of somebody's"]},
        {"lost": {"from_s": -1, "to_s": 0}},
        {"lost": {"from_s": 100, "to_s": 1000}},
        {"picture": "x" * 100_000},
    ],
)
def test_what_is_no_report_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadReport):
        read_report(said(**wrong))


@pytest.mark.parametrize("raw", [None, [], "x", 7, {}])
def test_what_is_no_object_is_refused(raw: object) -> None:
    with pytest.raises(BadReport):
        read_report(raw)


@pytest.mark.parametrize(
    "picture",
    [
        "data:image/png;base64,AAAA",
        "data:image/svg+xml;base64,AAAA",
        PICTURE + "!!!",
        PICTURE + base64.b64encode(b"<svg/>").decode(),
        PICTURE + base64.b64encode(JPEG[:4] + bytes(PICTURE_MAX)).decode(),
    ],
)
def test_a_picture_is_a_small_jpeg_or_none(picture: str) -> None:
    with pytest.raises(BadReport):
        picture_in(read_report(said(picture=picture)))


def test_a_picture_comes_out_as_it_was() -> None:
    assert picture_in(read_report(said(picture=PICTURE + base64.b64encode(JPEG).decode()))) == JPEG
    assert picture_in(read_report(said())) is None


def test_cr_07_only_what_was_long_enough_for_an_alarm_is_an_outage_and_none_is_longer_than_a_day() -> None:
    assert loss_in(read_report(said(lost={"from_s": 9, "to_s": 1}))) is None
    kept = loss_in(read_report(said(lost={"from_s": 1e8, "to_s": 2})))
    assert kept is not None
    assert (kept.from_s, kept.to_s) == (86_402, 2)


class Hands:
    """Pages of one process; time is moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.head = 1000.0, 3
        monkeypatch.setattr(presence, "monotonic", lambda: self.now)
        self.presence = Presence(lambda: self.head)

    def later(self, seconds: float) -> None:
        self.now += seconds

    def report(self, sid: str, **more: Any) -> dict[str, Any]:
        return self.presence.report(sid, said(page=f"page-of-{sid}", **more))

    def join(self, *sids: str, sound: str = "running", **more: Any) -> None:
        for sid in sids:
            self.presence.join(sid, None)
            self.report(sid, sound=sound, **more)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Hands:
    return Hands(monkeypatch)


def test_cr_94_one_page_speaks_and_goes_on_while_it_can(process: Hands) -> None:
    process.join("a", "b", "c")
    assert process.presence.choose(True) == (None, "a")
    for _ in range(5):
        process.later(1)
        assert [process.report(sid, sound="running")["floor"] for sid in ("c", "b", "a")] == [False, False, True]
        assert process.presence.choose(True) == ("a", "a")


def test_cr_94_another_speaks_when_it_goes_falls_silent_or_cannot_be_heard(process: Hands) -> None:
    process.join("a", "b", "c", "d")
    process.presence.choose(True)
    process.presence.leave("a")
    assert process.presence.choose(True)[1] == "b"
    process.later(1)
    process.report("b", sound="suspended")
    for sid in ("c", "d"):
        process.report(sid, sound="running")
    assert process.presence.choose(True)[1] == "c"
    process.later(2)
    process.report("d", sound="running")
    process.later(1)
    assert process.presence.choose(True)[1] == "d"


def test_cr_94_a_wall_comes_before_a_desk_and_nobody_speaks_without_the_lease(process: Hands) -> None:
    process.join("desk", kind="desk")
    process.join("wall")
    assert process.presence.choose(False) == (None, None)
    assert process.presence.choose(True)[1] == "wall"
    assert process.presence.choose(False) == ("wall", None)


def test_cr_94_a_page_from_elsewhere_takes_no_floor_is_not_listed_and_tells_of_no_outage(process: Hands) -> None:
    process.presence.join("agency", None, of_room=False)
    loss = {"from_s": 60.0, "to_s": 5.0}
    assert process.presence.report("agency", said(sound="running", lost=loss)) == {"floor": False}
    process.join("desk", kind="desk")
    process.presence.choose(True)
    assert process.presence.speaking == "desk"
    assert [page.sid for page, _ in process.presence.to_write()] == ["desk"]
    assert process.presence.take_losses() == []


def test_cr_95_a_page_that_cannot_be_heard_never_holds_the_floor(process: Hands) -> None:
    process.join("a", sound="suspended")
    process.join("b", sound="off")
    assert not process.presence.any_ready
    assert process.presence.choose(True) == (None, None)


def test_a_page_is_told_to_others_at_most_every_two_seconds_and_its_picture_once(process: Hands) -> None:
    process.presence.join("a", UTARA)
    process.report("a", picture=PICTURE + base64.b64encode(JPEG).decode())
    ((page, report),) = process.presence.to_write()
    assert (report.page, report.screen, report.picture) == ("utara/page-of-a", "utara", JPEG)
    process.presence.written([page])
    process.later(1)
    process.report("a")
    assert process.presence.to_write() == []
    process.later(1)
    ((_, report),) = process.presence.to_write()
    assert report.picture is None


def test_a_page_that_does_not_come_to_the_head_is_late_one_that_follows_is_not(process: Hands) -> None:
    process.presence.join("a", UTARA)
    process.presence.join("b", None)
    for second in range(1, 8):
        process.later(1)
        process.head = 10 * second
        process.report("a", seq=3)
        process.report("b", seq=process.head - 2)
    late = {report.page: (report.body["behind"], report.body["late_s"]) for _, report in process.presence.to_write()}
    assert late["utara/page-of-a"] == (67, 6.0)
    assert late["page/page-of-b"][1] <= 2.0


def test_how_long_batches_took_to_arrive_and_to_be_painted_is_measured(process: Hands) -> None:
    def measured(name: str) -> tuple[float, float]:
        count, total = (REGISTRY.get_sample_value(f"liveroom_{name}_lag_seconds_{part}") for part in ("count", "sum"))
        return count or 0, total or 0

    before = {name: measured(name) for name in ("receive", "paint")}
    process.join("a", lags_ms=[40, 60], received_ms=[5])
    grown = {name: (measured(name)[0] - count, measured(name)[1] - total) for name, (count, total) in before.items()}
    assert grown == {"receive": (1, pytest.approx(0.005)), "paint": (2, pytest.approx(0.1))}


def test_cr_78_sums_of_a_wall_that_do_not_hold_are_logged_once_each_time_that_they_change(
    process: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    process.presence.join("a", UTARA)
    for unequal in ([], ["waiting"], ["waiting"], [], ["in", "waiting"]):
        process.report("a", seq=3, unequal=unequal)
        process.later(1)
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [
        "the sums of a wall do not hold at position 3: waiting",
        "the sums of a wall do not hold at position 3: in, waiting",
    ]


def test_a_page_that_asks_without_end_is_not_listened_to(process: Hands) -> None:
    process.presence.join("a", UTARA)
    assert process.report("a") == {"floor": False, "name": "Utara", "place": "Lantai 2"}
    assert process.report("a") == {"error": "too often"}
    process.later(1)
    assert "error" in process.report("a", seq=-5)
    assert process.presence.report("nobody", said()) == {"error": "unknown"}


def test_cr_07_outages_are_taken_one_in_ten_seconds_of_a_page(process: Hands) -> None:
    process.presence.join("a", UTARA)
    for _ in range(5):
        process.later(1)
        process.report("a", lost={"from_s": 30, "to_s": 1})
    assert len(process.presence.take_losses()) == 1
    assert process.presence.take_losses() == []


def test_a_screen_that_shows_a_past_moment_is_listed_so_unless_nobody_sees_or_hears_it(
    process: Hands, on_file: StandingRoom
) -> None:
    screens, dark_s = StandingScreens(on_file), on_file.room.rules.dark_after.total_seconds()
    id_ = screens.pair("Utara")
    process.presence.join("a", replace(UTARA, id=id_))

    def listed(silent_s: float = 0.0, **told: Any) -> str:
        process.later(3)
        process.report("a", seq=-1, **told)
        reports = [report for _, report in process.presence.to_write()]
        on_file.log.touch(lambda c: (note_watch(c, "web"), write_reports(c, reports)))
        screens.later(silent_s)
        (screen,) = register_json(on_file.log.read(read_register), dark_s, Role.SUPERVISOR)["screens"]
        return str(screen["state"])

    assert listed(freshness="recorded", painted_s=None) == "recorded"
    assert listed(freshness="recorded", visible=False) == "asleep"
    assert listed(dark_s + 1, freshness="recorded") == "dark"
    assert listed(freshness="live", painted_s=0.1) == "slow"  # what it has not painted it owes again
