"""Services of warnings: the polled kind passes the contract, a document is read within bounds or refused by name."""

import gzip
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from cli.main import cli
from ingest.hazards.cap_document import read_alert
from ingest.hazards.cap_index import index_entries, index_tree
from ingest.pull import PullSource, TryLater
from ingest.sources.cap import CapSource
from liveroom.accounts.arrivals import health_of_all
from liveroom.domain.hazards.cap_alert import HazardSeverity, HazardUrgency, MessageType
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import to_text
from liveroom.log.event_log import room_now
from liveroom.projection.hazards import hazards
from tests.ingest.contract import PullContract
from tests.rooms.cap_documents import CILEDUG, SENDER, document, info
from tests.rooms.staffed import House
from tests.services.cap_service import CapService
from tests.services.open311_peer import say


@pytest.fixture
def service() -> Iterator[CapService]:
    one = CapService().start()
    yield one
    one.stop()


def source_of(service: CapService, **options: object) -> CapSource:
    return CapSource(name="BMKG", **{"url": service.url, "gap_s": 0, **options})  # type: ignore[arg-type]


class TestCap(PullContract):
    """An index in RSS, and a request for each document of it."""

    good = 30

    @pytest.fixture(autouse=True)
    def served(self, service: CapService) -> None:
        self.service = service

    def configure(self, folder: Path) -> PullSource:
        return source_of(self.service)

    def unreadable(self, folder: Path) -> PullSource:
        return CapSource(name="BMKG", url=self.service.url.replace("index", "nowhere"))

    def write(self, folder: Path, first: int, good: int, bad: int) -> None:
        for number in range(bad):
            self.service.publish(f"X-{number}", document(f"X {number}"))
        for number in range(first, first + good):
            self.service.publish(f"L-{number:06}")


def identifiers(source: CapSource, position: str | None = None) -> tuple[list[str], str | None]:
    """Of the documents of a round, "!" and the field for one that is refused; and where it ended."""
    found: list[str] = []
    for batch in source.fetch(position):
        position = batch.position
        found += [f"!{item.fault.field}" if item.fault else item.value.identifier for item in batch.items]
    return found, position


def test_a_document_is_fetched_once_and_an_unchanged_index_is_not_read_again(service: CapService) -> None:
    service.form = "atom"
    service.publish("A")
    first, position = identifiers(source_of(service))
    assert (first, service.asked) == (["A"], ["/index", "/A_alert.xml"])
    assert identifiers(source_of(service), position) == ([], position)
    service.publish("B")
    assert identifiers(source_of(service), position)[0] == ["B"]
    assert service.asked[2:] == ["/index", "/index", "/B_alert.xml"]
    assert identifiers(source_of(service, url=f"{service.url}?of=another"), position)[0] != []


def test_one_document_that_cannot_be_had_keeps_no_other_back_and_is_asked_for_again(service: CapService) -> None:
    for one in ("A", "B", "C"):
        service.publish(one)
    service.odd = {"/A_alert.xml": lambda asked: say(asked, 503), "/B_alert.xml": lambda asked: say(asked, 404)}
    got: list[str] = []
    position = None
    with pytest.raises(TryLater):
        for batch in source_of(service).fetch(None):
            position = batch.position
            got += [item.value.identifier for item in batch.items]
    assert got == ["C"]
    service.odd = {}
    assert identifiers(source_of(service), position)[0] == ["A"]


def test_an_address_may_lead_to_one_document_and_a_sender_that_is_not_named_is_refused(service: CapService) -> None:
    service.publish("A")
    one = service.url.replace("index", "A_alert.xml")
    assert identifiers(source_of(service, url=one))[0] == ["A"]
    assert identifiers(source_of(service, url=one, senders=["other@bmkg.example"]))[0] == ["!sender"]


def test_the_index_of_a_whole_country_is_read(service: CapService) -> None:
    """As the American one of a bad day: forty elements an entry."""
    entry = b"<item><link>/%d.xml</link>" + b"<x>1</x>" * 38 + b"</item>"
    body = b"<rss><channel>" + b"".join(entry % number for number in range(1500)) + b"</channel></rss>"
    assert len(index_entries(index_tree(body), service.url)) == 1500


@pytest.mark.parametrize("body", [b"<html><body>maintenance</body></html>", b"", gzip.compress(b"<rss/>"), b"<rss>"])
def test_what_is_no_index_is_read_later(service: CapService, body: bytes) -> None:
    service.odd = {"/index": lambda asked: say(asked, 200, body)}
    with pytest.raises(TryLater):
        list(source_of(service).fetch(None))


# A document.


def test_a_document_is_read_whole_in_the_language_of_the_room() -> None:
    english = info(language="en-US", event="Thunderstorm")
    indonesian = info(
        headline="Hujan  lebat https://bmkg.example/x\u202e di Ciledug",
        severity="Severe",
        effective="2026-11-24T09:30:00+07:00",
        instruction="Jauhi pohon.\r\n\r\nTetap di dalam.",
        area=f"<area><areaDesc>Ciledug</areaDesc><polygon>{CILEDUG}</polygon><circle>-6.2,106.6 2.5</circle>"
        "<geocode><valueName>kode</valueName><value>36.71.06</value></geocode></area>",
    )
    alert = read_alert(
        document("A", "Update", refers=[("Z", datetime(2026, 11, 24, tzinfo=UTC))], infos=[english, indonesian])
    )
    (said,) = alert.spoken(("id", "en"))
    assert (alert.message, len(alert.infos), alert.references[0].identifier) == (MessageType.UPDATE, 2, "Z")
    assert (said.event, said.headline) == ("Hujan lebat disertai petir", "Hujan lebat di Ciledug")
    assert (said.severity, said.urgency) == (HazardSeverity.SEVERE, HazardUrgency.IMMEDIATE)
    assert said.onset == datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
    assert said.instruction == "Jauhi pohon.\n\nTetap di dalam."
    (area,) = said.areas
    assert area.polygons[0][0] == (106.69, -6.26) and area.circles == (((106.6, -6.2), 2.5),)
    assert area.geocodes == (("kode", "36.71.06"),)
    assert (
        [one.event for one in alert.spoken(("en", "id"))] == ["Thunderstorm"] == [one.event for one in alert.spoken(())]
    )


def test_a_warning_without_an_end_holds_for_a_day_and_none_for_more_than_sixty() -> None:
    (silent,) = (one := read_alert(document("A", infos=[info(expires=None)]))).spoken(())
    later = one.sent + timedelta(hours=1)
    assert one.ends(silent, later) - one.sent == timedelta(hours=24)
    (endless,) = (two := read_alert(document("B", infos=[info(expires="2036-01-01T00:00:00Z")]))).spoken(())
    assert two.ends(endless, later) - two.sent == timedelta(days=60)
    assert two.ends(endless, two.sent - timedelta(days=9)) - two.sent == timedelta(days=51), "from when it is heard"


GOOD = document("A").decode()


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("alert", GOOD.replace("cap:1.2", "cap:9")),
        ("identifier", GOOD.replace("<identifier>A</identifier>", "")),
        ("identifier", GOOD.replace(">A<", ">A B<")),
        ("sent", GOOD.replace("+00:00</sent>", "</sent>")),
        ("sent", GOOD.replace("<sent>2026", "<sent>9999")),
        ("status", GOOD.replace("Actual", "Real")),
        ("msgType", GOOD.replace(">Alert<", ">Alarm<")),
        ("scope", GOOD.replace("<scope>Public</scope>", "<scope>Public</scope><scope>Public</scope>")),
        ("references[0]", GOOD.replace("<info>", "<references>a,b</references><info>", 1)),
        ("info", document("A", infos=[]).decode()),
        ("references", document("A", "Cancel").decode()),
        ("info[0].event", GOOD.replace("<event>Hujan lebat disertai petir</event>", "")),
        ("info[0].severity", GOOD.replace(">Moderate<", ">Bad<")),
        ("info[0].expires", document("A", infos=[info(expires="tomorrow")]).decode()),
        ("info[0].area[0].polygon[0], point 1", GOOD.replace("-6.26,106.74", "106.74,-6.26")),
        ("info[0].area[0].polygon[0], point 1", GOOD.replace("-6.26,106.74", "-6.26;106.74")),
        ("info[0].area[0].polygon[0]", GOOD.replace(CILEDUG, "-6,106 -6,107 -6,106")),
        ("info[0].area[0].polygon[0]", GOOD.replace(CILEDUG, "-6,106 " * 20_001)),
        ("info[0].area[0].circle[0]", GOOD.replace("<polygon>", "<circle>-6,106</circle><polygon>")),
        ("info[0].area[0].geocode[0]", GOOD.replace("<polygon>", "<geocode><value>1</value></geocode><polygon>")),
        ("info[0].area", document("A", infos=[info(area="<area/>" * 501)]).decode()),
        ("info", document("A", infos=[info()] * 21).decode()),
        ("deep", GOOD.replace("<info>", "<deep>" * 20 + "</deep>" * 20 + "<info>")),
        ("b", GOOD.replace("<info>", "<b/>" * 20_001 + "<info>")),
        ("", GOOD.replace("<alert", '<!DOCTYPE a [<!ENTITY x "y">]><alert')),
        ("", GOOD[:-10]),
        ("", GOOD.replace("<info>", f"<note>{'x' * (2 << 20)}</note><info>")),
    ],
)  # fmt: skip
def test_a_fault_names_its_element(field: str, body: str) -> None:
    with pytest.raises(Malformed) as told:
        read_alert(body.encode())
    assert told.value.field == field and told.value.message


# Posted to a hook.

SECRET = "rahasia"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("LIVEROOM_SECRET_CAP", SECRET)
    house = House(tmp_path)
    hook = {"name": "BPBD", "mapping": "cap", "senders": [SENDER], "verify": {"secret": "env:LIVEROOM_SECRET_CAP"}}
    house.config = msgspec.structs.replace(house.config, hooks=(hook,))
    return house


def test_a_warning_is_posted_to_a_signed_hook_and_a_bad_one_is_kept(house: House) -> None:
    def post(body: bytes, secret: str = SECRET) -> Any:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        said = {"Content-Type": "application/cap+xml", "X-Signature": f"sha256={signature}"}
        return house.browser().post("/hooks/bpbd", data=body, headers=said)

    now = house.log.read(room_now)
    good = document("A", sent=now, infos=[info(expires=to_text(now + timedelta(hours=1)))])
    assert post(good, "another").status_code == 401
    assert post(good).get_json()["results"][0]["status"] == "heard"
    assert post(good).get_json()["repeated"] is True
    (shown,) = house.log.read(hazards)
    assert (shown["event"], shown["source"]) == ("Hujan lebat disertai petir", "bpbd")
    (result,) = post(good.replace(b">Moderate<", b">Bad<")).get_json()["results"]
    assert result["error"]["field"] == "info[0].severity"
    (result,) = post(good.replace(SENDER.encode(), b"x@bmkg.example")).get_json()["results"]
    assert result["error"]["field"] == "sender"
    kept = house.log.read(lambda c: health_of_all(c, ("bpbd",)))["bpbd"]
    assert kept.open == 2


def test_an_exercise_is_given_to_a_drill_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text(f"city: tangerang\ndata_dir: {tmp_path / 'data'}\n")
    monkeypatch.setenv("LIVEROOM_CONFIG", str(tmp_path / "config.yaml"))
    warning = tmp_path / "latihan.xml"
    warning.write_bytes(document("A", status="Exercise"))

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, ["source", *words])

    tried = run("try", "Latihan", str(warning))
    assert tried.exit_code == 0 and "36.71.06.1001" in tried.output and "shown\tno" in tried.output
    told = [run("hear", "Latihan", str(warning), "--drill").output for _ in range(2)]
    assert told == ["heard\n", "known already\n"]
    warning.write_bytes(b"<alert/>")
    assert run("hear", "Latihan", str(warning), "--drill").exit_code == 1
