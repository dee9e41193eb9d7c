"""The snapshot: one moment however long it takes, the same for all who ask, in columns of equal length."""

import gzip
import json
import zlib
from itertools import accumulate
from typing import Any

import pytest

from display.feed import snapshot
from display.feed.blocks import BLOCKS, COLUMNS, GzipText, form_for, piece_of, planes_of
from display.feed.cards import AUDIENCES, Cards
from display.feed.snapshot import Snapshots
from liveroom.domain.complaints.intake import Report
from liveroom.log.event_log import decode_complaint
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.display.feed.picture import check_store, counted, own
from tests.display.feed.process import WebProcess
from tests.display.feed.store import Message, Store
from tests.rooms.journey import Journey
from tests.rooms.standing import PLACE, StandingRoom
from tests.rooms.together import together


@pytest.fixture
def process(standing: StandingRoom) -> WebProcess:
    standing.tick()
    return WebProcess(standing)


def crowd(standing: StandingRoom, number: int, source: str = "crowd") -> None:
    for start in range(0, number, 100):
        names = range(start, min(number, start + 100))
        reports = tuple(Report(source_id=f"{name}", category="sampah", **PLACE) for name in names)
        standing.room.accept_many(reports, source=source)


class Busy(ThreadRuntime):
    """A runtime on which others act whenever the snapshot rests."""

    def __init__(self, act: Any) -> None:
        super().__init__()
        self._act = act
        self.rests = 0

    def sleep(self, seconds: float) -> None:
        self.rests += 1
        self._act()


@pytest.mark.each_database
@pytest.mark.parametrize("audience", AUDIENCES)
def test_built_in_slices_it_is_one_moment_though_others_write_in_between(
    standing: StandingRoom, process: WebProcess, audience: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "SLICE", 5)
    ids = [standing.receive() for _ in range(23)]
    standing.until_done(ids[0])
    seq, expected = standing.head().seq, process.fresh(audience)

    waiting = ids[1:]

    def live() -> None:
        """A new complaint, one that changes before the reader comes to it and one after, and time up to another day."""
        standing.receive()
        if len(waiting) > 1:
            standing.execute("forward", waiting.pop(), by="duty", agency="dpupr")
            standing.execute("reject", waiting.pop(0), by="duty", reason="palsu")
        standing.later(hours=3).tick()

    busy = Busy(live)
    snapshots = process.new_snapshots()
    snapshots._runtime = busy
    store = Store().load(json.loads(b"".join(snapshots.of(audience).plain())))
    assert busy.rests >= 5
    assert standing.head().seq > seq + 10
    assert vars(store) == vars(expected)
    assert store.counts == counted(store, "2026-11-24")
    # And the batches after it lead to the present.
    answer = process.answer(audience, store.asked())
    assert all(store.take(batch) for batch in answer["batches"])
    check_store(standing, store, process.cards[audience])


def test_compressed_and_plain_are_the_same_text(walked: StandingRoom) -> None:
    process = WebProcess(walked)
    crowd(walked, 300)
    for audience in AUDIENCES:
        taken = process.new_snapshots().of(audience)
        plain = b"".join(taken.plain())
        assert zlib.decompress(taken.body, 16 + zlib.MAX_WBITS) == plain
        assert len(plain) == taken.size > len(taken.body)
        message = json.loads(plain)
        lengths = {name: len(column) for name, column in message["cards"].items()}
        assert set(lengths.values()) == {taken.cards}
        assert list(lengths) == list(process.cards[audience].fields)
        assert len(set(message["cards"]["id"])) == taken.cards


def test_blocks_hold_the_cards_of_the_columns(walked: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "SLICE", 20)
    process = WebProcess(walked)
    crowd(walked, 100)
    for rows in (40, 5000):
        monkeypatch.setattr(snapshot, "BLOCK", rows)
        for audience in AUDIENCES:
            snapshots = process.new_snapshots()
            read, whole = in_blocks(snapshots, audience), in_columns(snapshots, audience)
            assert read == {**whole, "now": read["now"]}, (audience, rows)


def test_a_page_of_an_earlier_build_gets_columns() -> None:
    assert form_for("application/vnd.liveroom.blocks, application/json") == COLUMNS
    assert form_for(f"{BLOCKS}, application/json") == BLOCKS


def in_columns(snapshots: Snapshots, audience: str) -> Message:
    return json.loads(b"".join(snapshots.of(audience, COLUMNS).plain()))


def in_blocks(snapshots: Snapshots, audience: str) -> Message:
    """The snapshot as its blocks say it, in columns."""
    taken = snapshots.of(audience, BLOCKS)
    head, *blocks = [json.loads(line) for line in b"".join(taken.plain()).splitlines()]
    assert head.pop("rows") == taken.cards == sum(block["rows"] for block in blocks)
    fields = snapshots._cards[audience].fields
    assert head["cards"] == {}
    cards = {name: [one for block in blocks for one in column_of(block, name)] for name in fields}
    return {**head, "cards": cards}


def column_of(block: Message, name: str) -> list[Any]:
    if name in block["all"]:
        return [block["all"][name]] * block["rows"]
    if name in block["of"]:
        values, which = block["of"][name]
        return [values[one] for one in which]
    if name in block["same"]:
        return column_of(block, block["same"][name])
    if name in block["steps"]:
        return list(accumulate(block["steps"][name]))
    if name in block["planes"]:
        width, planes = block["planes"][name]
        assert len(planes) == width * block["rows"]
        return [planes[row :: block["rows"]].rstrip() or None for row in range(block["rows"])]
    return list(block["each"][name])


@pytest.mark.parametrize(
    ("column", "coded"),
    [
        (["ab", "cd", "xy"], (2, "acxbdy")),
        (["a", None, "xyz"], (3, "a x  y  z")),
        (["a", "b "], None),
        (["abc", "b\t"], None),
        (["a", ""], None),
        (["a", "é"], None),
        (["a", "b" * 41], None),
    ],
)
def test_texts_go_in_planes_where_they_come_back_as_they_were(
    column: list[str | None], coded: tuple[int, str] | None
) -> None:
    assert planes_of(column) == coded


@pytest.mark.parametrize("audience", AUDIENCES)
def test_of_an_empty_room_it_has_every_column_and_no_row(
    standing: StandingRoom, process: WebProcess, audience: str
) -> None:
    message = process.snapshot(audience)
    assert {name: [] for name in process.cards[audience].fields} == message["cards"]
    assert message["counts"]["cohort"] == {"in": 0, "waiting": 0, "in_process": 0, "done": 0, "elsewhere": 0}
    assert {"epoch", "seq", "mark", "now", "at", "alarms", "counts", "sources", "lines"} <= set(message)


def test_it_is_reused_until_five_hundred_events_have_passed(standing: StandingRoom, process: WebProcess) -> None:
    snapshots = process.new_snapshots()
    first = snapshots.of("wall")
    crowd(standing, 499)
    assert snapshots.of("wall") is first
    standing.receive()
    second = snapshots.of("wall")
    assert second is not first
    assert second.seq == standing.head().seq


@pytest.mark.each_database
def test_a_reused_one_and_its_resume_are_the_present(standing: StandingRoom, process: WebProcess) -> None:
    process.snapshot("wall")
    crowd(standing, 499)
    store = Store().load(process.snapshot("wall"))
    answer = process.answer("wall", store.asked())
    assert all(store.take(batch) for batch in answer["batches"])
    check_store(standing, store, process.cards["wall"])


def test_audiences_do_not_share_one(process: WebProcess) -> None:
    wall, desk = process.snapshot("wall"), process.snapshot("desk")
    assert wall["epoch"] != desk["epoch"]
    assert "source_id" in desk["cards"]
    assert "source_id" not in wall["cards"]


def test_many_that_ask_at_once_get_one_that_is_built_once(standing: StandingRoom, process: WebProcess) -> None:
    crowd(standing, 400)
    snapshots = process.new_snapshots()
    taken: list[Message] = []
    together(6, lambda _: taken.append(snapshots.of("wall")))
    assert len(taken) == 6
    assert {id(one) for one in taken} == {id(taken[0])}


def test_a_failed_build_fails_for_all_who_waited_and_for_nobody_after(
    standing: StandingRoom, process: WebProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots = process.new_snapshots()

    def fail(*_: object) -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as away, pytest.raises(RuntimeError):
        away.setattr(snapshots, "_build", fail)
        snapshots.of("wall")
    assert snapshots.of("wall").seq == standing.head().seq


def test_brought_forward_it_is_what_the_rows_say(on_file: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through all that can happen, in small blocks that grow, part, thin out and end, for each kind of audience."""
    for name, size in (("BLOCK", 5), ("SLICE", 3), ("REUSED_FOR", 1)):
        monkeypatch.setattr(snapshot, name, size)
    process = WebProcess(on_file)
    kept, builds = process.new_snapshots(), list[str]()
    build = kept._build
    monkeypatch.setattr(kept, "_build", lambda *said: builds.append(said[2]) or build(*said))
    rounds = 0
    for number, (name, act) in enumerate(Journey(on_file).steps()):
        act()
        if number % 4:
            continue
        rounds += 1
        for audience in ("wall", "visit", "desk", "agency:dpupr"):
            columns = in_columns(kept, audience)
            assert columns["seq"] == on_file.head().seq
            assert rows_of(columns) == cards_from_rows(on_file, columns["day"], process.cards[audience]), name
            fresh = in_columns(process.new_snapshots(), audience)
            times = {name: fresh[name] for name in ("now", "at")}
            assert {**columns, **times} == fresh, (name, audience)
            assert {**in_blocks(kept, audience), **times} == fresh, (name, audience)
    assert rounds > 20
    assert len(builds) < 4 * 2 * 4, "it is brought forward, and built anew only where many cards left"


def rows_of(message: Message) -> list[Message]:
    columns = message["cards"]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def cards_from_rows(standing: StandingRoom, today: str, cards: Cards) -> list[Message]:
    """Card by card from the whole complaints, by id."""
    every = [decode_complaint(row["body"]) for row in standing.tables(["complaint"])["complaint"]]
    shown = [one for one in every if (one.open or (one.closed_day or "") >= today) and own(one, cards)]
    return json.loads(json.dumps([cards.of(one) for one in sorted(shown, key=lambda one: one.id)]))


def test_pieces_join_to_one_gzip_that_any_reader_takes_for_whole() -> None:
    texts = [b"", b"[", b"x" * 64, b"y" * 65, bytes(range(256)) * 300, b"z" * 2_000_000, b"]"]
    for kept in (texts, texts[::-1]):
        joined = GzipText()
        for number, text in enumerate(kept):
            joined.add(piece_of(text) if number % 2 else text)
            joined.add(piece_of(text))
        expected = b"".join(text * 2 for text in kept)
        assert gzip.decompress(joined.whole()) == expected, "length and CRC fit"
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        assert (inflate.decompress(joined.whole()), inflate.unused_data) == (expected, b""), "it is a single member"
