"""What the schedule makes is made once, sent once with its PDF, kept and listed, whoever stands by or stops."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cli.reports import report_press
from display.exports.reports import reports_blueprint
from liveroom.accounts.users import Person
from liveroom.city.city import ReportEntry
from liveroom.courier.worker import Channels, Courier
from liveroom.domain.notifications import REPORT
from liveroom.domain.requests import Role
from liveroom.log.lease import Lease
from liveroom.media.store import MediaStore, NotStored
from liveroom.projection import reports
from liveroom.reports.edition import Edition, Order, Printed
from liveroom.reports.schedule import CannotMake, ReportSchedule, covered, entries_of, kept_file, last_due
from liveroom.runtime.config import Config, ReportSettings
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.reports.conftest import Opening
from tests.rooms.city import wib
from tests.rooms.packs import city
from tests.rooms.standing import StandingRoom
from tests.services.pdf_pages import pages
from tests.services.receivers import Mailbox

DAILY = ReportEntry(key="harian", report="daily", at="06:00", to=("mayor", "secretary"))
WEEKLY = ReportEntry(key="mingguan", report="weekly", at="06:30", weekday="mon", to=("agencies",))


class Press:
    """Prints a few bytes that are another file each time, and remembers what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.orders = folder, list[Order]()
        self.broken = False

    def __call__(self, order: Order) -> Printed:
        if self.broken:
            raise CannotMake("no Pango here")
        self.orders.append(order)
        file = self.folder / f"made-{len(self.orders)}.pdf"
        file.write_bytes(b"%PDF-1.7 number " + str(len(self.orders)).encode())
        edition = Edition(
            report=order.report, first=order.day, last=order.day, language=order.language, agency=order.agency,
            seq=12, fingerprint="ab" * 32,
        )  # fmt: skip
        return Printed(edition=edition, file=file)


class Reporting:
    """A room with mail, two schedules on it, and what they share."""

    def __init__(self, opening: Opening, folder: Path) -> None:
        self.room = opening(at=wib("23 09:00"))
        self.room.tick()
        self.press, self.store = Press(folder), MediaStore("", folder)
        self.entries = (DAILY,)
        config = Config(city=self.room.key, mail=self.room.settings, outbox=self.room.outbox)
        channels = Channels(self.room.room.kind, self.room.room.city, config)
        self.courier = Courier(self.room.room, channels, self.room.outbox, lambda *_: None, kept_file(self.store))

    def schedule(self, *entries: ReportEntry) -> ReportSchedule:
        keep = timedelta(days=62)
        return ReportSchedule(self.room.room, entries or self.entries, self.store, self.press, keep)

    def rows(self, agency: str | None = None) -> list[Any]:
        found = self.room.read(lambda c: reports.listed(c, agency=agency, cursor=None, limit=100))
        return list(reversed(found))

    def readers(self) -> tuple[int, int]:
        """To how many the first report goes, and how many have it."""
        id_ = self.rows()[0].id
        return self.room.read(lambda c: reports.deliveries_of(c, [id_], REPORT)).get(id_, (0, 0))

    def send(self) -> None:
        self.courier.step(self.room.runtime)


@pytest.fixture
def reporting(post_on_file: Opening, tmp_path: Path) -> Reporting:
    return Reporting(post_on_file, tmp_path)


def test_a_report_is_made_and_sent_once_though_two_stand_by_and_one_starts_again(
    reporting: Reporting, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = reporting.schedule(), reporting.schedule()
    assert (one.step(), reporting.press.orders) == (0, []), "nothing was missed before there was a schedule"
    reporting.room.at("24 06:00")
    # Both believe that the job is theirs, as after a lease that lapsed while its holder was frozen.
    monkeypatch.setattr(Lease, "take", lambda _self: True)
    assert (other.step(), one.step(), reporting.schedule().step()) == (1, 0, 0)
    (row,) = reporting.rows()
    assert [order.day for order in reporting.press.orders] == [date(2026, 11, 23)]
    assert (row.first, row.late, row.entry) == ("2026-11-23", False, "harian")
    assert reporting.readers() == (2, 0)
    reporting.send()
    reporting.send()
    assert reporting.readers() == (2, 2)
    assert sorted(str(letter["To"]) for letter in mailbox.messages) == [
        "sekda@tangerang.example", "walikota@tangerang.example",
    ]  # fmt: skip
    letter = mailbox.messages[0]
    (attached,) = letter.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("daily-2026-11-23.pdf", "application/pdf")
    assert attached.get_content() == b"%PDF-1.7 number 1"
    assert str(letter["Subject"]).startswith("Laporan harian, Kota Tangerang")
    assert "log 1–12" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_nobody_counts_as_sent_to_where_there_is_no_mail(room: StandingRoom, tmp_path: Path) -> None:
    schedule = ReportSchedule(room.room, (DAILY,), MediaStore("", tmp_path), Press(tmp_path), timedelta(days=62))
    schedule.step()
    room.at("24 06:00")
    assert schedule.step() == 1
    (row,) = room.read(lambda c: reports.listed(c, agency=None, cursor=None, limit=9))
    assert room.read(lambda c: reports.deliveries_of(c, [row.id], REPORT)).get(row.id, (0, 0)) == (0, 0)


def test_of_two_that_print_at_once_one_is_kept_and_the_others_file_is_not(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = reporting.schedule(), reporting.schedule()
    slow.step()
    reporting.room.at("24 06:00")
    monkeypatch.setattr(Lease, "take", lambda _self: True)
    press = reporting.press
    made = type(press).__call__

    def outrun(self: Press, order: Order) -> Printed:
        monkeypatch.setattr(Press, "__call__", made)
        assert quick.step() == 1
        return made(self, order)

    monkeypatch.setattr(Press, "__call__", outrun)
    assert slow.step() == 0
    (row,) = reporting.rows()
    assert b"".join(reporting.store.read(row.file)) == b"%PDF-1.7 number 1"
    assert sum(path.is_file() for path in (press.folder / "media").rglob("*")) == 1


def test_after_a_stop_the_last_missed_time_is_made_up_for_and_says_so(reporting: Reporting, mailbox: Mailbox) -> None:
    before = reporting.schedule()
    before.step()
    before.release()
    reporting.room.at("27 08:12")
    assert reporting.schedule().step() == 1
    (row,) = reporting.rows()
    assert (row.first, row.late, reporting.press.orders[0].was_due) == ("2026-11-26", True, wib("27 06:00"))
    reporting.send()
    assert "baru dibuat sekarang" in mailbox.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_what_cannot_be_made_is_tried_again_later_and_holds_up_no_other(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = reporting.schedule()
    schedule.step()
    reporting.room.at("24 06:00")
    reporting.press.broken = True
    assert schedule.step() == 0
    reporting.press.broken = False
    assert schedule.step() == 0, "not at once"
    monkeypatch.setattr("liveroom.reports.schedule.monotonic", lambda: 1e12)
    assert schedule.step() == 1


def test_a_mail_server_that_is_away_delays_a_report_and_a_lost_file_is_a_refusal(
    reporting: Reporting, mailbox: Mailbox
) -> None:
    schedule = reporting.schedule()
    schedule.step()
    reporting.room.at("24 06:00")
    schedule.step()
    mailbox.stop()
    reporting.send()
    assert {one.tries for one in reporting.room.deliveries()} == {1}
    mailbox.start()
    reporting.store.erase(reporting.rows()[0].file)
    reporting.room.later(minutes=1)
    reporting.send()
    assert {reporting.room.attempts(one)[0].code for one in reporting.room.deliveries()} == {"gone"}


def test_each_agency_gets_its_own_by_mail_whatever_its_channel(reporting: Reporting, mailbox: Mailbox) -> None:
    schedule = reporting.schedule(WEEKLY)
    schedule.step()
    for agency in ("dpupr", "dishub"):
        reporting.room.forwarded(agency)
    reporting.room.at("30 06:30")
    assert schedule.step() == 2
    assert [(row.agency, row.first) for row in reporting.rows()] == [("dishub", "2026-11-23"), ("dpupr", "2026-11-23")]
    assert [row.agency for row in reporting.rows("dpupr")] == ["dpupr"]
    readers = {one.key for one in reporting.room.deliveries() if one.recipient_kind == "reader"}
    emails = {key for key in ("dpupr", "dishub") if reporting.room.room.city.agencies[key].email}
    assert readers == emails


def test_an_agency_with_its_first_work_later_in_the_week_is_not_sent_the_report_of_the_week_before(
    reporting: Reporting,
) -> None:
    schedule = reporting.schedule(WEEKLY)
    schedule.step()
    reporting.room.forwarded("dpupr")
    reporting.room.at("30 06:30")
    assert schedule.step() == 1
    reporting.room.at("12-02 09:00")
    reporting.room.forwarded("dishub")
    assert (schedule.step(), reporting.schedule(WEEKLY).step()) == (0, 0)
    reporting.room.at("12-07 06:30")
    assert schedule.step() == 2


def test_an_entry_that_a_clock_noted_which_was_ahead_is_made_at_its_next_time(reporting: Reporting) -> None:
    schedule = reporting.schedule()
    reporting.room.room.log.touch(lambda c: reports.known_since(c, DAILY.key, wib("12-30 09:00")))
    assert schedule.step() == 0
    reporting.room.at("24 06:00")
    assert schedule.step() == 1


class LoggedIn:
    """Whoever asks is this person."""

    def __init__(self, who: Person) -> None:
        self.person = who

    def who(self, _asked: object) -> Person:
        return self.person


def test_whoever_may_see_the_list_may_open_it_and_an_agency_sees_its_own_alone(reporting: Reporting) -> None:
    schedule = reporting.schedule(DAILY, WEEKLY)
    schedule.step()
    reporting.room.forwarded("dpupr")
    reporting.room.forwarded("dishub")
    reporting.room.at("30 06:30")
    assert schedule.step() == 3
    visitor = LoggedIn(Person(actor="kepala", name="", role=Role.LEADERSHIP))
    app = Flask("reports")
    app.register_blueprint(reports_blueprint(reporting.room.room, visitor, reporting.store))  # type: ignore[arg-type]
    client = app.test_client()

    def rows() -> dict[str | None, str]:
        return {one["agency"]: one["file"] for one in client.get("/api/v1/reports").get_json()["items"]}

    every = rows()
    assert every.keys() == {None, "dpupr", "dishub"}
    answer = client.get(every["dpupr"])
    assert (answer.status_code, answer.content_type, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    visitor.person = Person(actor="bina", name="", role=Role.AGENCY_HEAD, agency="dpupr")
    assert rows() == {"dpupr": every["dpupr"]}
    assert [client.get(every[key]).status_code for key in ("dpupr", "dishub", None)] == [200, 404, 404]
    assert client.get("/api/v1/reports/nothing.pdf").status_code == 404


def test_a_report_is_forgotten_with_its_file_after_its_time(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveroom.reports.schedule.FORGET_S", 0.0)
    schedule = reporting.schedule()
    schedule.step()
    reporting.room.at("24 06:00")
    assert schedule.step() == 1
    (row,) = reporting.rows()
    reporting.room.later(days=63)
    schedule.step()
    assert row.id not in [one.id for one in reporting.rows()]
    with pytest.raises(NotStored):
        reporting.store.size(row.file)


def test_due_times_follow_the_citys_clock() -> None:
    whole = city("tangerang")
    monthly = ReportEntry(key="b", report="monthly", at="07:00", monthday=1, to=("mayor",))
    assert last_due(DAILY, whole, wib("24 05:59")) == wib("23 06:00")
    assert last_due(DAILY, whole, wib("24 06:00")) == wib("24 06:00")
    assert last_due(WEEKLY, whole, wib("29 23:00")) == wib("23 06:30")
    assert last_due(monthly, whole, wib("12-01 06:59")) == wib("01 07:00")
    days = [covered(entry, whole, wib("12-01 07:00")) for entry in (DAILY, WEEKLY, monthly)]
    assert days == [date(2026, 11, 30), date(2026, 11, 24), date(2026, 11, 30)]


def test_settings_take_the_place_of_the_pack_and_are_checked_like_it() -> None:
    whole = city("tangerang")
    given = {"key": "x", "report": "daily", "at": "05:00", "to": ["mayor"]}

    def of(**settings: Any) -> Sequence[ReportEntry]:
        config = Config(city="tangerang", reports=ReportSettings(**settings))
        return entries_of(config, whole, "config.yaml")

    assert of() == whole.reports
    assert of(send=False) == ()
    assert [one.at for one in of(schedule=(given,))] == ["05:00"]
    for wrong in ({"to": ["nobody"]}, {"at": "25:00"}, {"weekday": "mon"}, {"to": ["agencies"]}, {"language": "xx"}):
        with pytest.raises(ConfigError, match=r"config.yaml: reports.schedule"):
            of(schedule=(given | wrong,))


@pytest.mark.soak
def test_the_press_prints_in_a_process_of_its_own_and_says_why_it_could_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEROOM_TIME_FILE", str(tmp_path / "time"))
    (tmp_path / "time").write_text("2026-11-24T06:00:00+07:00\n")
    config = Config(city="tangerang", data_dir=str(tmp_path))
    press = report_press(config, "test", ThreadRuntime())
    made = press(Order(report="daily", day=date(2026, 11, 23), language="en", was_due=wib("24 05:00")))
    (page,) = pages(made.file.read_bytes())
    assert (made.edition.report, made.edition.first) == ("daily", date(2026, 11, 23))
    assert "Was due Tuesday, 24 November 2026" in " ".join(page.split())
    with pytest.raises(CannotMake, match="--date"):
        press(Order(report="daily", day=date(2026, 12, 24), language="en"))
    assert list(tmp_path.glob("report-*.pdf")) == [made.file]
