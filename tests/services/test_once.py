"""What is made once for a run, and the folder of a run, whatever became of those that began them."""

from pathlib import Path

import pytest

from tests.services import once


def half(path: Path) -> None:
    path.mkdir()
    raise OSError("no room")


def test_what_could_not_be_made_is_made_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "of_the_run", lambda: tmp_path)
    with pytest.raises(OSError, match="no room"):
        once.made_once("folder", half)
    assert once.made_once("folder", Path.mkdir).is_dir()
    assert once.made_once("folder", half) == tmp_path / "folder"


def test_the_folder_of_a_run_that_was_killed_is_removed_by_the_next(tmp_path: Path) -> None:
    others = tmp_path / "liveroom-tests-of-others"
    others.mkdir()
    killed, held = once.new_folder(tmp_path)
    going_on, goes_on = once.new_folder(tmp_path)
    assert killed.is_dir()
    held.close()
    new, is_new = once.new_folder(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([others, going_on, new])
    goes_on.close()
    is_new.close()
