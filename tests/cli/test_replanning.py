"""`run.py city replan`: an edited pack, one command beside whatever serves, and what it answers."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.context import opened
from cli.main import cli
from liveroom.domain.complaints.intake import Report
from liveroom.domain.events import Kind
from liveroom.log.event_log import events
from tests.rooms.packs import broken
from tests.rooms.standing import PLACE


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack of one's own, in a drill room of its own."""
    config = tmp_path / "config.yaml"
    config.write_text(f"city: tangerang\ncities: {tmp_path}\ndata_dir: {tmp_path / 'data'}\n")
    monkeypatch.setenv("LIVEROOM_CONFIG", str(config))
    for name in ("LIVEROOM_CITY", "LIVEROOM_DATA_DIR", "LIVEROOM_DATABASE_URL", "LIVEROOM_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return broken(tmp_path, "tangerang")


def edit(pack: Path, old: str, new: str) -> None:
    file = pack / "classes.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def replan(*words: str) -> Result:
    return CliRunner().invoke(cli, ["city", "replan", "--drill", *words])


def test_an_edited_pack_reaches_what_is_open(pack: Path) -> None:
    room = opened(drill=True).room
    room.accept(Report(source_id="L-1", category="drainase", **PLACE), source="lapor")
    (before,) = room.open_of("lapor")
    edit(pack, "finish: {days: 5}", "finish: {days: 9}")
    answer = replan("--actor", "kepala", "--reason", "perwal baru")
    assert answer.exit_code == 0, answer.output
    assert "1 open complaints are planned anew" in answer.output
    assert "restart" in answer.output
    (after,) = room.open_of("lapor")
    assert after.finish.due > before.finish.due
    assert "0 open complaints" in replan("--actor", "kepala", "--reason", "perwal baru").output
    kinds = [one.event.kind for one in room.log.read(lambda c: events(c, 0, 100))]
    assert kinds.count(Kind.POLICY_CHANGED) == 2
    assert kinds.count(Kind.REPLANNED) == 1


@pytest.mark.parametrize("words", [(), ("--actor", "kepala"), ("--actor", "", "--reason", "x")])
def test_without_a_name_and_a_reason_nothing_is_done(
    pack: Path, words: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    log = opened(drill=True).room.log
    answer = replan(*words)
    assert answer.exit_code != 0
    told = answer.output + capfd.readouterr().err
    assert "actor" in told or "reason" in told
    assert log.read(lambda c: events(c, 0, 100)) == ()


def test_a_faulty_pack_is_told_and_changes_nothing(pack: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = opened(drill=True).room.log
    edit(pack, "finish: {days: 5}", "finish: {days: lima}")
    assert replan("--actor", "kepala", "--reason", "perwal baru").exit_code == 1
    assert "classes.yaml" in capfd.readouterr().err
    assert log.read(lambda c: events(c, 0, 100)) == ()
