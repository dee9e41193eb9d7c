"""The poller of other Open311 servers: it passes the contract, takes servers as they are, and loses nothing by them."""

import gzip
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ingest.pull import Misconfigured, PullSource, TryLater
from ingest.sources.open311_poll import Open311PollSource, report_values
from liveroom.courier.conditional_get import BadDocument
from liveroom.courier.open311_client import document_rows, request_row
from liveroom.domain.requests import Malformed
from liveroom.runtime.time import system_now
from tests.ingest.contract import PullContract, World
from tests.rooms.databases import Opener
from tests.services.open311_peer import Open311Peer, say

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture
def peer() -> Iterator[Open311Peer]:
    one = Open311Peer().start()
    yield one
    one.stop()


def source_of(peer: Open311Peer, **options: Any) -> Open311PollSource:
    return Open311PollSource(name="Kota sebelah", **{"url": peer.url, "gap_s": 0, "since": "2d", **options})


class Reading:
    """Rounds of a source one after the other, each from where the one before ended."""

    def __init__(self, source: Open311PollSource) -> None:
        self.source, self.position = source, None

    def round(self) -> list[dict[str, Any]]:
        found = []
        for batch in self.source.fetch(self.position):
            self.position = batch.position
            found += [item.value for item in batch.items]
        return found

    def numbers(self) -> list[str]:
        return [value["source_id"] for value in self.round()]


class TestOpen311Poll(PullContract):
    """A server that filters by receipt and has pages of 50; the others differ in what is asked, see below."""

    @pytest.fixture(autouse=True)
    def served(self, peer: Open311Peer) -> None:
        self.peer = peer
        peer.limit = 50

    def configure(self, folder: Path) -> PullSource:
        return source_of(self.peer)

    def unreadable(self, folder: Path) -> PullSource:
        return source_of(self.peer, url=self.peer.url + "/nowhere")

    def write(self, folder: Path, first: int, good: int, bad: int) -> None:
        for number in range(first, first + good):
            self.peer.add(f"L-{number:06}")
        for number in range(bad):
            self.peer.add(f"X-{number}", lat="utara", long="timur")


# ---- servers ----


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("filters", [{"start_date", "end_date"}, {"updated_after", "updated_before"}])
def test_a_server_without_pages_is_asked_for_ever_shorter_times_until_it_has_shown_all(
    peer: Open311Peer, form: str, filters: set[str]
) -> None:
    peer.pages, peer.limit, peer.filters = False, 100, frozenset(filters)
    began = system_now() - timedelta(hours=30)
    for number in range(450):
        peer.add(f"L-{number}", at=began + timedelta(minutes=4) * number)
    reading = Reading(source_of(peer, format=form))
    assert sorted(reading.numbers()) == sorted(f"L-{number}" for number in range(450))
    assert reading.numbers() == []


def test_a_server_that_looks_at_no_time_is_read_once_a_round_and_not_cut_to_pieces(peer: Open311Peer) -> None:
    peer.pages, peer.limit, peer.filters = False, 50, frozenset()
    for number in range(60):
        peer.add(f"L-{number}")
    reading = Reading(source_of(peer))
    assert len(reading.numbers()) == 50
    assert len(peer.asked) <= 5


def test_a_server_with_pages_of_its_own_length_is_read_to_the_end(peer: Open311Peer) -> None:
    peer.limit = 7
    for number in range(17):
        peer.add(f"L-{number}")
    assert len(Reading(source_of(peer)).numbers()) == 17


def test_a_moment_that_cannot_be_read_whole_is_told_and_the_rest_goes_on(peer: Open311Peer) -> None:
    peer.pages, peer.limit = False, 50
    moment = system_now() - timedelta(hours=5)
    for number in range(80):
        peer.add(f"L-{number}", at=moment)
    reading = Reading(source_of(peer))
    with pytest.raises(TryLater, match="missing"):
        reading.round()
    peer.add("NEW")
    with pytest.raises(TryLater):
        list(reading.round())
    peer.limit = 1000
    assert len(reading.numbers()) == 30


def test_what_is_late_or_dated_by_another_clock_is_found_and_what_is_known_is_not_read_again(peer: Open311Peer) -> None:
    peer.add("A")
    reading = Reading(source_of(peer))
    assert reading.numbers() == ["A"]
    peer.add("LATE", at=system_now() - timedelta(minutes=90))
    peer.add("AHEAD", at=system_now() + timedelta(hours=3))
    assert sorted(reading.numbers()) == ["AHEAD", "LATE"]
    assert reading.numbers() == []


@pytest.mark.parametrize("filters", [{"start_date", "end_date"}, {"updated_after", "updated_before"}])
def test_the_end_of_an_old_request_is_seen_whether_or_not_changes_can_be_asked_for(
    peer: Open311Peer, filters: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.filters, old = frozenset(filters), system_now() - timedelta(days=20)
    peer.add("OLD", at=old, requested_datetime=old.isoformat())
    reading = Reading(source_of(peer, since="60d"))
    assert reading.numbers() == ["OLD"]
    peer.change("OLD", status="closed")
    monkeypatch.setattr("ingest.sources.open311_poll.system_now", lambda: system_now() + timedelta(hours=7))
    (told,) = reading.round()
    assert told["source_id"] == "OLD" and told["closed_at"] > told["reported_at"]


def test_a_server_that_learns_to_filter_by_change_is_asked_for_what_changed_since_the_last_sweep(
    peer: Open311Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = system_now() - timedelta(days=3)
    peer.add("OLD", at=began - timedelta(days=20))
    reading = Reading(source_of(peer, since="60d", sweep="9d"))

    def after(hours: float) -> list[str]:
        monkeypatch.setattr("ingest.sources.open311_poll.system_now", lambda: began + timedelta(hours=hours))
        return reading.numbers()

    assert after(0) == ["OLD"]
    peer.change("OLD", status="closed", at=began + timedelta(hours=9))
    assert after(23) == []
    peer.filters = frozenset({"updated_after", "updated_before"})
    assert after(25) == ["OLD"]
    assert after(26) == []


def test_what_is_as_it_was_is_not_sent_again(peer: Open311Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    peer.tags, moment = True, (system_now() - timedelta(days=1)).replace(minute=30)
    monkeypatch.setattr("ingest.sources.open311_poll.system_now", lambda: moment)
    peer.add("A")
    reading = Reading(source_of(peer, changes="received", sweep="1d"))
    reading.round()
    reading.round()
    asked = len(peer.asked)
    assert reading.numbers() == []
    ((_, _, headers),) = peer.asked[asked:]
    assert headers["if-none-match"] and headers["user-agent"].startswith("Liveroom/")
    peer.add("B")
    assert reading.numbers() == ["B"]


def test_a_request_gets_its_number_later_and_one_with_neither_waits(peer: Open311Peer) -> None:
    peer.add("", token="t/1")
    peer.add("", token="")
    peer.rows[0]["service_request_id"] = None
    reading = Reading(source_of(peer))
    assert reading.numbers() == []
    peer.odd = [ODD["html"][0]]
    assert reading.numbers() == []
    peer.tokens["t/1"] = "SR 1/26"
    peer.rows[0]["service_request_id"] = "SR 1/26"
    assert reading.numbers() == ["SR 1/26"]
    assert reading.numbers() == []


def test_a_list_of_tokens_is_asked_for_its_numbers_once(peer: Open311Peer) -> None:
    peer.add("", token="t/1")
    peer.tokens["t/1"] = "SR 1/26"
    reading = Reading(source_of(peer))
    assert reading.numbers() == ["SR 1/26"]
    assert reading.numbers() == []
    assert len([path for path, _, _ in peer.asked if "/tokens/" in path]) == 1


# ---- misbehaviour ----


def entities(handler: Any) -> None:
    say(handler, 200, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><service_requests><request/></service_requests>')


def cut_off(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'[{"service_request_id": "A"')


ODD = {
    "error": (lambda handler: say(handler, 500), "500"),
    "busy": (lambda handler: say(handler, 429, Retry_After="120"), "429"),
    "html": (lambda handler: say(handler, 200, b"<!doctype html><p>Sedang dirawat</p>"), "HTML"),
    "truncated": (lambda handler: say(handler, 200, b'[{"service_request_id": "A"'), "cut off"),
    "cut off": (cut_off, "no answer"),
    "entities": (entities, "DTD"),
    "bomb": (lambda handler: say(handler, 200, gzip.compress(bytes(40 << 20)), Content_Encoding="gzip"), "larger"),
    "half a gzip": (lambda handler: say(handler, 200, gzip.compress(b"[]")[:-9], Content_Encoding="gzip"), "cut off"),
    "deflate": (lambda handler: say(handler, 200, b"x", Content_Encoding="deflate"), "packed"),
}


@pytest.mark.parametrize("odd", list(ODD))
def test_what_passes_is_tried_later_and_then_nothing_is_missing(peer: Open311Peer, odd: str) -> None:
    answer, why = ODD[odd]
    peer.add("A")
    reading = Reading(source_of(peer, changes="received", paging=False))
    peer.odd = [answer]
    with pytest.raises(TryLater, match=why) as told:
        reading.round()
    assert told.value.seconds == (120 if odd == "busy" else 0)
    assert reading.numbers() == ["A"]


def test_a_page_that_cannot_be_read_is_asked_for_in_smaller_ones(peer: Open311Peer) -> None:
    peer.odd = [ODD["html"][0], ODD["truncated"][0]]
    peer.add("A")
    assert Reading(source_of(peer, changes="received")).numbers() == ["A"]
    assert [asked["page_size"] for _, asked, _ in peer.asked[:3]] == ["100", "50", "25"]


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (lambda handler: say(handler, 302, Location="http://169.254.169.254/latest"), "url"),
        (lambda handler: say(handler, 400, b'[{"code": 400, "description": "jurisdiction_id?"}]'), "url"),
        (lambda handler: say(handler, 403), "api_key"),
        (lambda handler: say(handler, 200, b'{"errors": [{"code": 403, "description": "api_key?"}]}'), "api_key"),
    ],
)
def test_what_a_person_has_to_mend_is_told_under_its_field(peer: Open311Peer, answer: Any, field: str) -> None:
    peer.odd = [answer]
    with pytest.raises(Misconfigured) as told:
        Reading(source_of(peer, changes="received")).round()
    assert told.value.field == field
    assert len(peer.asked) == 1


def test_a_name_that_leads_inside_is_asked_only_where_the_settings_say_so(
    peer: Open311Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **more: whole("127.0.0.1", port, **more))
    named = peer.url.replace("127.0.0.1", "kota.example")
    with pytest.raises(Misconfigured, match="inside a network"):
        Reading(source_of(peer, url=named)).round()
    assert peer.asked == []


# ---- rows and documents ----


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ({"service_request_id": 7, "service_code": 9}, {"source_id": "7", "category": "9"}),
        ({"service_code": "015"}, {"category": "jalan_rusak"}),
        ({"lat": "-6.1", "long": "106.6"}, {"lat": -6.1, "lon": 106.6}),
        ({"lat": 106.6, "long": -6.1}, {"lat": -6.1, "lon": 106.6}),
        ({"lat": 0, "long": "0"}, {}),
        ({"lat": "", "long": 106.6}, {}),
        ({"address_string": "Jl. Daan Mogot"}, {"address": "Jl. Daan Mogot"}),
        ({"media_url": [" https://foto.example/1.jpg ", "", "foto"]}, {"media": ["https://foto.example/1.jpg"]}),
        ({"requested_datetime": "2026-11-24T08:00:00"}, {"reported_at": "2026-11-24T01:00:00Z"}),
        ({"requested_datetime": "2027-01-01T00:00:00Z"}, {}),
        (
            {"status": "Fixed", "requested_datetime": "2026-11-24T01:00:00Z", "updated_datetime": "2026-11-01T00:00Z"},
            {"reported_at": "2026-11-24T01:00:00Z", "closed_at": "2026-11-24T01:00:00Z"},
        ),
        ({"status": "closed"}, {"reported_at": "2026-11-24T02:00:00Z", "closed_at": "2026-11-24T02:00:00Z"}),
        ({"status": "IN PROGRESS", "description": None, "updated_datetime": ""}, {}),
    ],
)
def test_rows_as_cities_send_them(row: dict[str, Any], value: dict[str, Any]) -> None:
    whole = {"service_request_id": "A", "service_code": "jalan_rusak", **row}
    read = request_row(whole, ZoneInfo("Asia/Jakarta"))
    made = report_values(read, read.id, {"015": "jalan_rusak"}, NOW)
    assert made == {"source_id": "A", "category": "jalan_rusak"} | value


@pytest.mark.parametrize("row", [["A"], {"lat": "nan", "long": "1"}, {"requested_datetime": "yesterday"}])
def test_what_cannot_be_understood_is_refused_and_not_guessed(row: Any) -> None:
    with pytest.raises(Malformed):
        request_row(row, UTC)


def test_notes_come_without_their_markup() -> None:
    row = request_row({"status_note": "<p>Sudah&nbsp;selesai</p>\n<p>Terima kasih &amp; salam</p>"}, UTC)
    assert row.notes == "Sudah selesai\nTerima kasih & salam"


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        (b'[{"service_request_id": "A"}, {"service_request_id": "B"}]', ["A", "B"]),
        (b'\xef\xbb\xbf {"service_requests": [{"service_request_id": "A"}]}', ["A"]),
        (b'{"service_request_id": "A"}', ["A"]),
        (b'[{"service_request_id": "A", "description": "\\ud83d"}]', ["A"]),
        (b'[{"service_request_id": "A", "description": "caf\xe9\nbaru", "lat": NaN}]', ["A"]),
        (b"<r><request><service_request_id>A</service_request_id><d>\x0b&#x1F;caf\xe9</d></request></r>", ["A"]),
        (b"[]", []),
        (b"<service_requests/>", []),
        (b"<request><service_request_id>A</service_request_id></request>", ["A"]),
        (
            b'<r:service_requests xmlns:r="urn:r" is_array="true"><r:request>'
            b"<r:service_request_id> A </r:service_request_id></r:request></r:service_requests>",
            ["A"],
        ),
    ],
)
def test_lists_in_every_shape_that_they_come_in(body: bytes, ids: list[str]) -> None:
    rows = document_rows(body)
    assert [row["service_request_id"] for row in rows] == ids
    assert msgspec.json.encode(rows)


@pytest.mark.parametrize("body", [b"", b"null", b'"a"', b"[" * 100_000, b"<html><body/></html>", b"<a><b></a>"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        document_rows(body)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_closed_request_ends_its_complaint_at_its_time(
    open_standing: Opener, peer: Open311Peer, tmp_path: Path
) -> None:
    world = World(open_standing(), source_of(peer), tmp_path)
    peer.add("A", requested_datetime="2026-11-23T02:00:00Z")
    world.run()
    peer.change("A", status="closed", updated_datetime="2026-11-23T08:00:00Z")
    world.run()
    received = next(one for one in world.standing.events() if one.event.kind.value == "complaint.received")
    complaint = world.standing.complaint(received.event.id)
    assert (complaint.status.value, complaint.closed_at) == ("done", datetime(2026, 11, 23, 8, tzinfo=UTC))
    world.standing.execute("reopen", complaint.id, by="duty", reason="Masih berlubang")
    peer.change("A", description="Lubang, sangat dalam")
    world.run()
    assert world.standing.complaint(complaint.id).open
