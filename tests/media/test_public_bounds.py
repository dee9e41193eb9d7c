"""What anybody sends without a log-in stays in bounds, however many send it; a report goes without its pictures."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from liveroom.log import uploads
from liveroom.log.schema import public_hour, upload
from liveroom.log.uploads import COPIES, HOURS, LEAST, BoundReached, PublicBounds, Upload, Uploads, UploadState
from liveroom.runtime.config import MediaSettings
from tests.rooms.citizen import SAID, Citizen
from tests.rooms.databases import Opener, database, open_standing
from tests.rooms.sending import TUS
from tests.rooms.staffed import House
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together

__all__ = ["database", "open_standing"]
MB = 1_000_000
WIDE = PublicBounds(lying=10**12, day=10**12, address=10**12)


class Strangers:
    """Files without a log-in in one room."""

    def __init__(self, standing: StandingRoom, bounds: PublicBounds) -> None:
        self.log = standing.log
        self.register = Uploads(standing.log, bounds)

    def begin(self, length: int, *, origin: str = "a", by: str = "citizen:x") -> Upload:
        return self.register.begin(subject="", kind="report", by=by, length=length, most=1_000, origin=origin)

    def refused(self, length: int, *, origin: str = "a") -> BoundReached:
        with pytest.raises(BoundReached) as no:
            self.begin(length, origin=origin)
        return no.value

    @property
    def lying(self) -> int:
        return self.log.read(uploads.lying)

    @property
    def hours(self) -> dict[str, int]:
        return {row.origin: row.bytes for row in self.log.read(lambda c: c.execute(select(public_hour)).all())}


def test_requests_at_the_same_moment_never_go_beyond(open_standing: Opener) -> None:
    strangers = Strangers(open_standing(), PublicBounds(lying=20 * COPIES * MB, day=15 * MB, address=6 * MB))
    said, lock = list[str](), threading.Lock()

    def send(number: int) -> None:
        for _ in range(5):
            try:
                strangers.begin(MB, origin=f"address-{number % 3}")
                code = "taken"
            except BoundReached as no:
                code = no.code
            with lock:
                said.append(code)

    together(6, send)
    assert said.count("taken") == 15, said
    assert {code for code in said if code != "taken"} <= {"public_day", "public_address"}
    assert (strangers.lying, strangers.hours[""]) == (15 * COPIES * MB, 15 * MB)
    assert max(held for origin, held in strangers.hours.items() if origin) <= 6 * MB


def test_what_is_given_up_refused_or_claimed_makes_room_again(open_standing: Opener) -> None:
    strangers = Strangers(open_standing(), PublicBounds(lying=2 * COPIES * MB, day=10**12, address=10**12, parts=1))
    first, second = strangers.begin(MB), strangers.begin(MB)
    assert strangers.refused(1).code == "public_full"
    strangers.register.forget(first.id, 300_000)
    assert strangers.hours == {"a": 1_300_000, "": 1_300_000}, "of the first only what came counts on"
    strangers.register.forget(first.id, 0)
    third = strangers.begin(MB)
    assert strangers.refused(1).code == "public_full"
    assert strangers.register.move(second.id, UploadState.REFUSED, frm=UploadState.OPEN, code="form")
    fourth = strangers.begin(MB)
    strangers.log.write(lambda unit: strangers.register.bind(unit.connection, [third.id], by="citizen:x", subject="c"))
    assert strangers.lying == COPIES * MB
    assert strangers.register.move(fourth.id, UploadState.CHECKING, frm=UploadState.OPEN)
    strangers.register.take(fourth.id, 100_000)
    assert strangers.lying == 100_000, "once it is known, what it really takes counts"
    with pytest.raises(BoundReached):
        strangers.register.take(fourth.id, 5 * MB)
    strangers.register.take(third.id, 5 * MB)
    strangers.register.give_up(fourth)
    assert strangers.lying == 0


def test_small_files_and_known_people(open_standing: Opener) -> None:
    strangers = Strangers(open_standing(), PublicBounds(lying=3 * COPIES * LEAST, day=10**12, address=10**12, parts=1))
    for _ in range(3):
        strangers.begin(1)
    assert strangers.refused(1).code == "public_full"
    known = strangers.register.begin(subject="c", kind="proof", by="duty", length=500 * MB, most=9)
    assert not known.strange
    assert strangers.lying == 3 * COPIES * LEAST


def test_one_address_leaves_room_for_others_whatever_it_announces(open_standing: Opener) -> None:
    strangers = Strangers(open_standing(), PublicBounds(lying=8 * COPIES * MB, day=10**12, address=10**12))
    for _ in range(2):
        strangers.begin(MB)
    assert strangers.refused(MB).code == "public_address"
    strangers.begin(2 * MB, origin="b")
    strangers.begin(3 * MB, origin="")


def test_after_a_day_it_counts_no_more_and_until_then_one_is_told_how_long(open_standing: Opener) -> None:
    strangers = Strangers(open_standing(), PublicBounds(lying=10**12, day=3 * MB, address=2 * MB))
    strangers.begin(2 * MB)
    here = strangers.refused(MB)
    assert (here.code, 60 <= here.retry_after <= HOURS * 3600) == ("public_address", True)
    strangers.begin(MB, origin="")
    assert strangers.refused(MB, origin="b").code == "public_day"
    earlier = update(public_hour).values(hour=public_hour.c.hour - HOURS + 1)
    strangers.log.touch(lambda c: c.execute(earlier))
    assert strangers.refused(MB).retry_after <= 3600 + 60
    strangers.log.touch(lambda c: c.execute(update(public_hour).values(hour=public_hour.c.hour - 1)))
    strangers.register.forget_old()
    assert strangers.hours == {}
    strangers.begin(2 * MB)


def test_what_was_given_up_leaves_no_row_for_ever(open_standing: Opener) -> None:
    strangers = Strangers(open_standing(), WIDE)
    one = strangers.begin(MB)
    assert strangers.register.move(one.id, UploadState.REFUSED, frm=UploadState.OPEN, code="form")
    strangers.register.give_up(one)
    strangers.register.forget_old()
    assert strangers.register.of(one.id) is not None, "somebody may still be looking into it"
    day = int(timedelta(days=2) / timedelta(microseconds=1))
    strangers.log.touch(lambda c: c.execute(update(upload).values(changed_at=upload.c.changed_at - day)))
    strangers.register.forget_old()
    assert strangers.register.of(one.id) is None


class Phone(Citizen):
    """A citizen who sends pictures."""

    def announce(self, length: int, **headers: str) -> tuple[int, dict[str, object], dict[str, str]]:
        """Status, body and headers of the answer."""
        said = {**TUS, "X-Ticket": self.ticket(), "Upload-Length": str(length), **headers}
        answer = self.browser.post("/lapor/files", headers=said)
        return answer.status_code, answer.get_json(silent=True) or {}, dict(answer.headers)


@pytest.mark.parametrize(
    ("settings", "status", "code"),
    [
        (MediaSettings(public_mb=1), 507, "public_full"),
        (MediaSettings(public_day_mb=1), 429, "public_day"),
        (MediaSettings(public_address_mb=1), 429, "public_address"),
        (MediaSettings(reserve_mb=10**9), 507, "disk_full"),
    ],
)
def test_beyond_a_bound_a_report_still_comes_without_its_picture(
    tmp_path: Path, settings: MediaSettings, status: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("display.citizens.report.LEAST", timedelta(0))
    if code == "disk_full":
        monkeypatch.setattr("liveroom.runtime.disk.SHARE", 1)
    phone = Phone(House(tmp_path, media=settings))
    answer, told, headers = phone.announce(3 * MB)
    assert (answer, told["status"], told["code"]) == (status, status, code)
    assert int(headers["Retry-After"]) > 0
    assert phone.post(checked="1", **SAID).status_code == 303


def test_an_address_has_its_own_bound_and_this_machine_none(tmp_path: Path) -> None:
    house = House(tmp_path, kind="test", media=MediaSettings(public_address_mb=4, public_mb=30))
    here, elsewhere = Phone(house), Phone(house, "203.0.113.10")
    assert here.announce(3 * MB)[0] == 201
    assert here.announce(3 * MB)[1]["code"] == "public_address"
    assert elsewhere.announce(3 * MB)[0] == 201
    trusted = Phone(house)
    trusted.browser = house.here()
    assert trusted.announce(5 * MB)[0] == 201, "this machine has no bound of its own"
    assert trusted.announce(5 * MB)[1]["code"] == "public_full", "but counts with all"
    stored = [row.origin for row in house.log.read(lambda c: c.execute(select(public_hour)).all())]
    assert not any("203.0.113" in origin for origin in stored)
