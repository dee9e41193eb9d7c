"""Content of files leaves the store with the last complaint that holds it, whatever happens at the same time."""

from pathlib import Path

import pytest

from liveroom.domain.complaints.proof import Facts, FileForm
from liveroom.log.erasure import ErasureScope, is_being_removed
from liveroom.log.uploads import Upload, Uploads, UploadState
from liveroom.maintenance.erasure import Eraser
from liveroom.media.store import MediaStore, NotStored
from liveroom.media.uploads import StoreCleaner
from liveroom.runtime.config import Config
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.databases import database, open_standing, standing
from tests.rooms.standing import StandingRoom

__all__ = ["database", "open_standing", "standing"]
FACTS = Facts(form=FileForm.JPEG, width=1, height=1, hashes=())


class Shelf:
    """One room's uploads and store; what is kept of a file is its original alone."""

    def __init__(self, standing: StandingRoom, folder: Path) -> None:
        self.file = folder / "photo.jpg"
        self.file.write_bytes(b"a picture")
        self.store = MediaStore("", folder)
        self.uploads = Uploads(standing.log)
        self.emptying = StoreCleaner(standing.log, self.store)
        self.erasing = Eraser(standing.room, Config(city="tangerang", data_dir=str(folder)), ThreadRuntime())

    def begun(self, subject: str) -> Upload:
        one = self.uploads.begin(subject=subject, kind="proof", by="test", length=9, most=9)
        self.uploads.move(one.id, UploadState.CHECKING, frm=UploadState.OPEN)
        return one

    def finished(self, one: Upload) -> bool:
        return self.uploads.ready(one.id, FACTS, (), {"original": self.store.keep(self.file)})

    def erase(self, id_: str) -> None:
        self.erasing.erase((id_,), ErasureScope.ALL, by="test")

    def holds(self, name: str) -> bool:
        try:
            return self.store.size(name) > 0
        except NotStored:
            return False


@pytest.fixture
def shelf(standing: StandingRoom, tmp_path: Path) -> Shelf:
    return Shelf(standing, tmp_path)


def test_what_two_complaints_hold_goes_with_the_second(standing: StandingRoom, shelf: Shelf) -> None:
    first, second = standing.receive(), standing.receive()
    assert shelf.finished(shelf.begun(first))
    assert shelf.finished(shelf.begun(second))
    name = shelf.store.keep(shelf.file)
    shelf.erase(first)
    assert shelf.holds(name)
    shelf.erase(second)
    assert not shelf.holds(name)


def test_what_is_erased_while_it_is_being_kept_goes_again(standing: StandingRoom, shelf: Shelf) -> None:
    id_ = standing.receive()
    one = shelf.begun(id_)
    name = shelf.store.keep(shelf.file)
    shelf.uploads.name(one.id, {"original": name})
    shelf.erase(id_)
    assert not shelf.holds(name)
    assert not shelf.finished(one)
    assert shelf.holds(name)
    assert standing.read(lambda c: is_being_removed(c, (name,)))
    shelf.emptying.empty()
    assert not shelf.holds(name)
    assert not standing.read(lambda c: is_being_removed(c, (name,)))


def test_a_picture_of_no_report_goes_with_its_row(standing: StandingRoom, shelf: Shelf) -> None:
    one = shelf.begun("")
    assert shelf.finished(one)
    shelf.uploads.give_up(one)
    shelf.emptying.empty()
    assert shelf.uploads.of(one.id) is None
    assert not list((shelf.file.parent / "media").rglob("*/*/*"))
