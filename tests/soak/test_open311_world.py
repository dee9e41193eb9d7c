"""The poller of Open311 servers against a world that misbehaves: nothing lost once it behaves, nothing twice, bounded.

Beside it what its parsers make of anything at all.
"""

import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st

from ingest.pull import MOST_IN_BATCH
from ingest.sources.open311_poll import report_values
from liveroom.courier.conditional_get import BadDocument
from liveroom.courier.open311_client import document_rows, request_row
from liveroom.domain.requests import Malformed
from liveroom.tables.table_plan import history_report
from tests.ingest.contract import DyingRoom, Killed, World
from tests.ingest.test_open311_poll import ODD, source_of
from tests.rooms.packs import city
from tests.rooms.standing import START, StandingRoom
from tests.rooms.tables import tabled_file
from tests.services.open311_peer import Open311Peer, say
from tests.soak.junk import TEXTS, scalars
from tests.soak.walk import SEED, Walk

pytestmark = [pytest.mark.soak]
FIELDS = [
    "service_request_id", "token", "status", "status_notes", "service_code", "service_name", "description", "address",
    "lat", "long", "requested_datetime", "updated_datetime", "media_url",
]  # fmt: skip
MANNERS = [
    {"pages": pages, "limit": limit, "tags": tags, "filters": frozenset(filters)}
    for pages, limit in ((True, 50), (True, 1000), (False, 100), (False, 1000))
    for tags in (False, True)
    for filters in (("start_date", "end_date"), ("updated_after", "updated_before"))
]
ROUNDS, CALM = 30, 12


def inward(handler: Any) -> None:
    say(handler, 302, Location="http://10.0.0.1/")


WORST = [*(answer for answer, _ in ODD.values()), inward]


@pytest.fixture(autouse=True)
def at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round here renews no lease while it reads, as the loop of a process does, and may take long."""
    monkeypatch.setattr("ingest.runner.LASTS", timedelta(hours=1))


class Hands:
    """A clock that a test moves, for the room, the poller and the servers that it asks."""

    def __init__(self, patch: pytest.MonkeyPatch, room: StandingRoom) -> None:
        self.now, self.room = START.astimezone(UTC), room
        for module in ("ingest.sources.open311_poll", "tests.services.open311_peer"):
            patch.setattr(f"{module}.system_now", lambda: self.now)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)
        self.room.at(self.now)


class Story:
    """What happens in one server, and what has to stand in the room at the end."""

    def __init__(self, peer: Open311Peer, dice: Random, hands: Hands) -> None:
        self.peer, self.dice, self.hands = peer, dice, hands
        self.ended: set[str] = set()

    def goes_on(self, new: int) -> None:
        numbers = [row["service_request_id"] for row in self.peer.rows]
        for _ in range(new):
            self.peer.add(f"L-{len(numbers):06}", at=self.moment())
            numbers.append(f"L-{len(numbers):06}")
        for number in self.dice.sample(numbers, min(len(numbers), new // 2)):
            self.peer.change(number, at=self.moment(), status="closed")
            self.ended.add(number)
        if self.peer.rows and self.dice.random() < 0.3:
            self.peer.rows.append(dict(self.dice.choice(self.peer.rows)))  # the list shifts while it is read

    def moment(self) -> datetime:
        """About now: a little late, or by a clock that is wrong; never more at one moment than a server shows."""
        skew = timedelta(minutes=self.dice.choice([0, 0, 0, -80, 40]))
        return self.hands.now + skew - timedelta(seconds=self.dice.randrange(1800))

    def misbehaves(self) -> None:
        self.peer.odd = [self.dice.choice(WORST) if self.dice.random() < 0.4 else None for _ in range(12)]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_nothing_is_lost_or_doubled_once_the_world_behaves(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    walk = Walk()
    while not walk.over:
        dice = Random(walk.number)
        for manners in dice.sample(MANNERS, len(MANNERS)):
            if walk.over:
                break
            room = StandingRoom(tabled_file(tmp_path / f"{walk.number}-{MANNERS.index(manners)}.db"))
            hands = Hands(monkeypatch, room)
            _one_world(room, manners, form, dice, hands, tmp_path)
            room.close()
        walk.number += 1
    assert walk.number > SEED, request.node.name


def _one_world(
    room: StandingRoom, manners: dict[str, Any], form: str, dice: Random, hands: Hands, folder: Path
) -> None:
    peer = Open311Peer().start()
    for name, value in manners.items():
        setattr(peer, name, value)
    world = World(room, source_of(peer, since="10d", format=form, look_back="10d"), folder)
    story = Story(peer, dice, hands)
    largest = 0
    for _ in range(ROUNDS):
        story.goes_on(dice.choice([0, 1, 5, 80, 300]))
        story.misbehaves()
        dying = DyingRoom(room.room, dies_at=dice.choice([None, None, 1, 2, 5]), after=dice.random() < 0.5)
        with suppress(Killed):
            world.run(dying)
        largest = max(largest, dying.largest)
        hands.later(minutes=dice.choice([1, 10, 90]))
    peer.odd = [inward] * 10
    world.run()
    assert world.health.fault, "what is wrong is told"
    peer.odd = []
    for _ in range(CALM):
        world.run()
        hands.later(hours=1)
    numbers = {row["service_request_id"] for row in peer.rows}
    assert Counter(world.numbers()) == Counter(numbers), (manners, form)
    assert _ended(world) == story.ended, (manners, form)
    assert world.health.fault is None
    assert largest <= MOST_IN_BATCH
    peer.stop()


def _ended(world: World) -> set[str]:
    ids = {one.event.id for one in world.standing.events() if one.event.kind.value == "complaint.received"}
    found = [world.standing.complaint(id_) for id_ in ids]
    return {one.source_id for one in found if one.status.value == "done"}


@pytest.mark.parametrize("manners", [MANNERS[0], MANNERS[-1]])
def test_ten_thousand_changes_at_once(manners: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room, peer = StandingRoom(tabled_file(tmp_path / "room.db")), Open311Peer().start()
    hands = Hands(monkeypatch, room)
    for name, value in manners.items():
        setattr(peer, name, value)
    for number in range(10_000):
        peer.add(f"L-{number:06}", at=hands.now - timedelta(seconds=number % 3600))
    world = World(room, source_of(peer), tmp_path)
    dying = DyingRoom(world.standing.room)
    world.run(dying)
    assert len(world.numbers()) == 10_000
    assert dying.largest <= MOST_IN_BATCH and world.health.fault is None
    hands.later(minutes=5)
    for number in range(10_000):
        peer.change(f"L-{number:06}", status="closed", at=hands.now - timedelta(seconds=number % 200))
    hands.later(hours=7)
    world.run()
    assert len(_ended(world)) == 10_000 == len(world.numbers())
    room.close()
    peer.stop()


values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3)
)
rows = st.dictionaries(st.sampled_from(FIELDS), values, max_size=8)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Documents: right ones, right ones that were cut or altered, and no documents."""
    some = draw(st.lists(rows, max_size=3))
    if draw(st.booleans()):
        whole = json.dumps(some).encode()
    else:
        parts = "".join(
            f"<request>{''.join(f'<{name}>{draw(st.sampled_from(TEXTS))}</{name}>' for name in row)}</request>"
            for row in some
        )
        whole = f"<service_requests>{parts}</service_requests>".encode("utf-8", "surrogatepass")
    cut = draw(st.integers(0, len(whole)))
    return draw(st.sampled_from([whole, whole[:cut], whole[:cut] + draw(st.binary(max_size=4)) + whole[cut:]]))


def test_the_parsers_make_a_report_or_a_refusal_of_anything(request: pytest.FixtureRequest) -> None:
    walk, zone, now = Walk(), city("tangerang").zone, datetime(2026, 11, 24, tzinfo=UTC)

    def read(body: bytes) -> None:
        try:
            found = document_rows(body)
        except BadDocument:
            return
        for row in found:
            try:
                made = request_row(row, zone)
                history_report(report_values(made, made.id, {}, now), now, "test")
            except Malformed as fault:
                assert fault.message

    while not walk.over:
        walk.rounds(1, 500, bodies(), read)
    walk.tell("Open311's parsers", request)
