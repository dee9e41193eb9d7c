"""What was sent and never used is erased after some hours, content and all; what was used, or is shown, stays."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import update

from liveroom.log.schema import upload
from liveroom.log.uploads import Upload, UploadState
from liveroom.maintenance.retention import UnusedFiles, UploadSweeper
from liveroom.media.store import NotStored
from liveroom.media.uploads import UploadPipeline
from liveroom.runtime.config import MediaSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.citizen import Citizen, order
from tests.rooms.hostile_files import photo
from tests.rooms.staffed import House
from tests.services.wait import until

HOURS = 3


class Desk:
    """A room with a folder of files; ``sweep`` as if so many hours had gone by."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder, kind="test")
        room = self.house.opened.room
        self.uploading = UploadPipeline(room, MediaSettings(), folder, ThreadRuntime())
        unused = UnusedFiles(room.log, self.uploading.register, timedelta(hours=HOURS))
        self.sweeping = UploadSweeper(self.uploading, timedelta(hours=HOURS), unused)

    def sent(self, subject: str, number: int, *, kind: str = "proof", by: str = "agency") -> Upload:
        """A real photo, looked into and kept."""
        content = photo(number)
        one = self.uploading.begin(subject=subject, kind=kind, by=by, length=len(content))
        self.uploading.append(one, 0, BytesIO(content).read)
        until(lambda: self.of(one) is UploadState.READY, within=60, why="the photo to be looked into")
        found = self.uploading.register.of(one.id)
        assert found is not None
        return found

    def of(self, one: Upload) -> UploadState | None:
        found = self.uploading.register.of(one.id)
        return None if found is None else found.state

    def sweep(self, hours: float) -> None:
        aged = update(upload).values(changed_at=upload.c.changed_at - int(hours * 3600 * 1_000_000))
        self.house.log.touch(lambda c: c.execute(aged))
        self.sweeping.step()

    def holds(self, one: Upload) -> list[bool]:
        """Whether each of its three contents is in the store."""

        def there(name: str) -> bool:
            try:
                return self.uploading.store.size(name) > 0
            except NotStored:
                return False

        return [there(name) for name in one.kept.values()]

    def at_work(self) -> str:
        id_ = Citizen(self.house).send()
        order(self.house, id_, "forward", agency="dpupr")
        for name in ("accept", "start"):
            order(self.house, id_, name, role="agency")
        return id_


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("display.citizens.report.LEAST", timedelta(0))
    return Desk(tmp_path)


def test_what_no_form_and_no_order_used_is_erased_with_its_content(desk: Desk) -> None:
    id_ = desk.at_work()
    lone = desk.sent("", 1, kind="report", by="citizen:x")
    left, used, shown = (desk.sent(id_, number) for number in (2, 3, 4))
    taken = desk.sent(id_, 5, kind="report", by="duty")
    twin = desk.sent(id_, 3)
    order(desk.house, id_, "submit_proof", role="agency", media=[f"upload:{used.id}"])
    order(desk.house, id_, "validate")
    order(desk.house, id_, "release_proof", role="supervisor", after=shown.id)
    desk.sweep(HOURS - 1)
    assert [desk.holds(one) for one in (lone, left, used, shown, taken)] == [[True] * 3] * 5
    desk.sweep(1)
    assert [desk.of(one) for one in (lone, left, twin)] == [None] * 3
    assert [desk.holds(one) for one in (lone, left)] == [[False] * 3] * 2
    assert [desk.holds(one) for one in (used, twin, shown, taken)] == [[True] * 3] * 4
    until(lambda: not list(desk.uploading.folder.iterdir()), why="what came in pieces to be let go")


def test_what_was_erased_so_cannot_be_named_any_more(desk: Desk) -> None:
    id_ = desk.at_work()
    one = desk.sent(id_, 1)
    desk.sweep(HOURS + 1)
    with pytest.raises(Exception, match="is no upload for this complaint"):
        order(desk.house, id_, "submit_proof", role="agency", media=[f"upload:{one.id}"])
    later = desk.sent(id_, 2)
    desk.sweep(HOURS + 1)
    assert desk.of(later) is None
