"""Whatever happens to log, processes and screens: a screen that has caught up shows what the log alone says."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from display.feed import snapshot
from display.feed.cards import AUDIENCES
from liveroom.domain.requests import Refused, Stale
from liveroom.log.backup import backup
from liveroom.maintenance.restore import replace_room
from tests.display.feed.picture import check_projection, check_shown, replayed
from tests.display.feed.process import WebProcess
from tests.display.feed.screen import Screen
from tests.often import SOAKING
from tests.rooms.city import WIB
from tests.rooms.standing import StandingRoom

pytestmark = pytest.mark.long

CATEGORIES = ["jalan_rusak", "kebakaran", "kekerasan", "kata Pak Joko"]
ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("forward", {"by": "duty", "agency": "dpupr"}),
    ("forward", {"by": "duty", "agency": "dishub", "agencies": ["dpupr"]}),
    ("forward", {"by": "duty", "agency": "dishub"}),
    ("coordinate", {"by": "duty", "agencies": ["dishub"]}),
    ("coordinate", {"by": "duty", "agencies": []}),
    ("decline", {"by": "agency", "reason": "bukan kami"}),
    ("decline", {"by": "agency", "of": "dishub", "reason": "bukan kami"}),
    ("accept", {"by": "agency"}),
    ("start", {"by": "agency"}),
    ("submit_proof", {"by": "agency"}),
    ("validate", {"by": "duty"}),
    ("close", {"reason": "selesai"}),
    ("reject", {"by": "duty", "reason": "palsu"}),
    ("reopen", {"by": "duty", "reason": "lagi"}),
    ("ask", {"by": "duty", "text": "di mana?"}),
    ("resume", {"by": "duty"}),
    ("comment", {"text": "ya"}),
    ("triage", {"by": "duty", "category": "kekerasan"}),
    ("split", {"by": "duty"}),
]
how_it_sees_it = st.sampled_from(["live", "away", "comes back to what is lost"])
SEEN = (*AUDIENCES, "agency:dpupr", "agency:dishub")
any_screen = st.integers(0, 4)
any_complaint = st.integers(0, 50)


class AnyHistory(RuleBasedStateMachine):
    """One room in a file, one web process at a time, five screens; at the end, and now and then, all catch up."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="liveroom-history-"))
        self.standing = StandingRoom(f"sqlite:///{self.folder / 'room.db'}")
        self.process = WebProcess(self.standing)
        self.screens = [Screen(audience) for audience in ("wall", "desk", "wall", "agency:dpupr", "agency:dishub")]
        self.kept = 0

    @initialize()
    def begin(self) -> None:
        self.standing.tick()
        self.process.step()

    # ---- what happens in the room

    @rule(number=st.integers(1, 4), category=st.sampled_from(CATEGORIES))
    def receive(self, number: int, category: str) -> None:
        for _ in range(number):
            self.standing.receive(category=category)

    @rule(which=any_complaint, order=st.sampled_from(ORDERS))
    def order(self, which: int, order: tuple[str, dict[str, Any]]) -> None:
        name, given = order
        self._try(name, which, **given)

    @rule(which=any_complaint, into=any_complaint)
    def merge(self, which: int, into: int) -> None:
        ids = self._ids()
        if ids:
            self._try("merge", which, by="duty", into=ids[into % len(ids)])

    @rule(which=any_complaint, category=st.sampled_from(CATEGORIES))
    def resend(self, which: int, category: str) -> None:
        rows = self.standing.tables(["complaint"])["complaint"]
        if rows:
            self.standing.accept(rows[which % len(rows)]["source_id"], category=category)

    @rule(hours=st.sampled_from([0.02, 1, 9, 24, 24 * 20]))
    def time_passes(self, hours: float) -> None:
        self.standing.later(hours=hours).tick()

    @rule(which=any_complaint)
    def a_day_ends(self, which: int) -> None:
        """What was finished and seen by everybody leaves the screens at midnight, by nothing but the day."""
        self._try("close", which, reason="selesai")
        self.all_catch_up()
        midnight = (self.standing.now.astimezone(WIB) + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        self.standing.at(midnight).tick()
        self.process.step()

    # ---- what happens to the log and its processes

    @rule(beat=st.booleans())
    def tail_looks(self, beat: bool) -> None:
        self.process.step(beat=beat)

    @rule()
    def keep_a_backup_and_a_copy(self) -> None:
        self.kept += 1
        backup(self.standing.log, self.folder / f"{self.kept}.backup")
        self.standing.close()
        shutil.copy(self.folder / "room.db", self.folder / f"{self.kept}.db")

    @precondition(lambda self: self.kept)
    @rule(which=st.integers(0, 5))
    def restore_a_backup(self, which: int) -> None:
        file = self.folder / f"{1 + which % self.kept}.backup"
        self.standing.log.touch(lambda c: replace_room(c, file, kind="test", city="tangerang", note=lambda _: None))

    @precondition(lambda self: self.kept)
    @rule(which=st.integers(0, 5))
    def promote_an_older_copy(self, which: int) -> None:
        self.standing.close()
        shutil.copy(self.folder / f"{1 + which % self.kept}.db", self.folder / "room.db")

    @rule(lost=st.integers(1, 3), more=st.integers(-1, 1), looks=st.booleans(), how=st.tuples(*[how_it_sees_it] * 5))
    def fail_over(self, lost: int, more: int, looks: bool, how: tuple[str, ...]) -> None:
        """A replica that lacks the last events becomes the room; its own history reaches the same number, or nearly."""
        self.all_catch_up()
        self.keep_a_backup_and_a_copy()
        for screen, way in zip(self.screens, how, strict=True):
            if way != "live":
                screen.leave()
        for _ in range(lost):
            self.standing.receive()
        self.process.step()
        for screen, way in zip(self.screens, how, strict=True):
            if way == "comes back to what is lost":
                screen.join(self.process).ask()
        self.promote_an_older_copy(self.kept - 1)
        if looks:
            self.process.step(beat=False)
        for _ in range(lost + more):
            self.standing.receive()
        self.all_catch_up()

    @rule()
    def restart_the_process(self) -> None:
        for screen in self.screens:
            screen.leave()
        self.process = WebProcess(self.standing)

    # ---- what happens to screens

    @rule(which=any_screen)
    def join(self, which: int) -> None:
        self.screens[which].leave()
        self.screens[which].join(self.process)

    @rule(which=any_screen)
    def leave(self, which: int) -> None:
        self.screens[which].leave()

    @rule(which=any_screen)
    def ask(self, which: int) -> None:
        if self.screens[which].process is not None and not self.screens[which].deaf:
            self.screens[which].ask()

    @rule(which=any_screen)
    def fall_behind(self, which: int) -> None:
        """Nothing reaches it any more; it will be cut off."""
        self.screens[which].deaf = True

    @rule()
    def all_catch_up(self) -> None:
        """A second passes: who is away comes back, the beat goes out, whoever is in doubt asks."""
        for screen in self.screens:
            if screen.process is None or screen.deaf:
                screen.leave()
                screen.join(self.process)
        self.process.step()
        replay = replayed(self.standing)
        check_projection(self.standing, replay)
        fresh = {audience: vars(self.process.fresh(audience)) for audience in SEEN}
        for screen in self.screens:
            store = screen.catch_up()
            check_shown(self.standing, store, self.process.cards[screen.audience], replay=replay)
            assert vars(store) == fresh[screen.audience]

    def teardown(self) -> None:
        try:
            self.all_catch_up()
        finally:
            self.standing.close()
            shutil.rmtree(self.folder)

    def _ids(self) -> list[str]:
        return [row["id"] for row in self.standing.tables(["complaint"])["complaint"]]

    def _try(self, name: str, which: int, **given: Any) -> None:
        ids = self._ids()
        if not ids:
            return
        try:
            self.standing.execute(name, ids[which % len(ids)], **given)
        except (Refused, Stale):
            return


@pytest.mark.often
def test_a_screen_that_has_caught_up_shows_what_the_log_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits are lowered, so that both sides of each are met within a few dozen events."""
    monkeypatch.setattr(snapshot, "LIMIT", 6)
    monkeypatch.setattr(snapshot, "REUSED_FOR", 6)
    monkeypatch.setattr(snapshot, "SLICE", 3)
    run_state_machine_as_test(
        AnyHistory,
        settings=settings(
            max_examples=50 if SOAKING else 5, stateful_step_count=25, suppress_health_check=list(HealthCheck)
        ),
    )
