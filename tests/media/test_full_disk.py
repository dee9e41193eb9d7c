"""A disk that is really full, under everything that asks for room first: said, nothing half-written, and it goes on."""

from io import BytesIO
from pathlib import Path

import pytest

from liveroom.log.uploads import Upload, UploadState
from liveroom.media.uploads import UploadPipeline
from liveroom.runtime.config import MediaSettings
from liveroom.runtime.disk import Disk, DiskFull
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.hostile_files import photo
from tests.rooms.staffed import House
from tests.services.disk import small_disk
from tests.services.wait import until

__all__ = ["small_disk"]


class Unasked(Disk):
    """As if others took the room between the question and the writing."""

    def refuse(self, length: int) -> None:
        pass


class Folder:
    """Uploads on a disk that is not asked before it is written; the log is elsewhere."""

    def __init__(self, log: Path, disk: Path) -> None:
        self.house = House(log, kind="test")
        self.disk = disk
        room, unasked = self.house.opened.room, Unasked((disk,), 1)
        self.uploading = UploadPipeline(room, MediaSettings(), disk, ThreadRuntime(), unasked)
        self.others = disk / "others"

    def fill(self, but: int = 0) -> None:
        """Leave so many bytes, about."""
        with self.others.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096) == 4096:
                    pass
            except OSError:
                pass
            file.truncate(max(0, file.tell() - but))

    def begin(self, length: int) -> Upload:
        return self.uploading.begin(subject="", kind="report", by="citizen:x", length=length, origin="")

    def state(self, one: Upload) -> UploadState | None:
        found = self.uploading.register.of(one.id)
        return None if found is None else found.state

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.uploading.folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path, small_disk: Path) -> Folder:
    return Folder(tmp_path / "log", small_disk)


def test_a_piece_that_finds_no_room_is_kept_as_far_as_it_came(folder: Folder) -> None:
    content = photo(3)
    one = folder.begin(len(content))
    folder.fill(but=20_000)
    with pytest.raises(DiskFull, match="No space left"):
        folder.uploading.append(one, 0, BytesIO(content).read)
    here = folder.uploading.offset(one)
    assert 0 < here < len(content)
    folder.others.unlink()
    rest = BytesIO(content[here:])
    assert folder.uploading.append(one, here, rest.read) == len(content)
    until(lambda: folder.state(one) is UploadState.READY, within=60, why="the photo to be looked into")
    assert folder.files == []


def test_a_whole_photo_waits_for_room_and_is_never_called_broken(folder: Folder) -> None:
    content = photo(3)
    one = folder.begin(len(content))
    folder.fill(but=len(content) + 8192)
    folder.uploading.append(one, 0, BytesIO(content).read)
    until(lambda: "store" in (folder.uploading.register.of(one.id) or one).code, within=60, why="it to wait")
    assert folder.files == [f"{one.id}.part"], "nothing of the attempt is left"
    assert not any(path.is_file() for path in (folder.disk / "media").rglob("*"))
    folder.others.unlink()
    assert folder.uploading.register.take_up(one.id)
    assert folder.uploading.check_again(one)
    assert (folder.state(one), folder.files) == (UploadState.READY, [])


def test_what_cannot_even_begin_leaves_no_row(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as no_names_left:
        no_names_left.setattr(Path, "touch", full)
        with pytest.raises(DiskFull):
            folder.begin(1_000)
    assert (folder.uploading.register.strangers(), folder.files) == ((0, 64 * 1024), [])
