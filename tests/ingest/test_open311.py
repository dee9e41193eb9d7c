"""The Open311 server as its clients meet it: documents in both formats, every refusal, what is read and what is not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import msgspec
import pytest
from werkzeug.test import TestResponse

import app
from ingest.open311 import georeport_reads
from ingest.open311.georeport import ELEMENTS
from liveroom.city.categories import Attribute, AttributeValue
from liveroom.domain.surge import metres_between
from liveroom.domain.timestamps import time_of
from liveroom.log.erasure import ErasureScope
from liveroom.log.texts import dossier_of
from liveroom.maintenance.erasure import Eraser
from liveroom.projection.complaints import complaints
from liveroom.room.commands import apps
from liveroom.runtime.config import PublicSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.citizen import kinds, order, until_done
from tests.rooms.databases import KINDS
from tests.rooms.staffed import AFAR, AGENCY, House

LAT, LON = -6.17831, 106.63194
PLACE = {"lat": str(LAT), "long": str(LON)}
SECRETS = {
    "description": "Rahasia di depan rumah", "first_name": "Siti", "last_name": "Rahmawati",
    "phone": "+62 812 0000 0001", "email": "siti@warga.example", "address_string": "Gang Rahasia 7",
    "media_url": "https://foto.example/rahasia.jpg", "device_id": "telepon-rahasia",
}  # fmt: skip
ASKED = (
    Attribute(key="tinggi", label="Berapa tinggi air?", hint="Sentimeter", datatype="number", required=True),
    Attribute(
        key="dampak",
        label="Apa yang terdampak?",
        datatype="multivaluelist",
        values=(AttributeValue(key="rumah", label="Rumah warga"), AttributeValue(key="jalan", label="Jalan")),
    ),
)
FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
    "address", "address_id", "zipcode", "lat", "long", "media_url",
]  # fmt: skip
PRIVATE = "kecelakaan"


@dataclass
class Client:
    """An app: with its key, or without one."""

    house: House
    key: str = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        asked = {"api_key": self.key, **more} if self.key else more
        return self.house.browser().get(f"/open311/v2/{path}", query_string=asked)

    def rows(self, path: str = "requests", **more: Any) -> list[dict[str, Any]]:
        """The rows of a list, which are the same in both formats."""
        as_json, as_xml = self.get(f"{path}.json", **more), self.get(f"{path}.xml", **more)
        assert (as_json.status_code, as_xml.status_code) == (200, 200), as_json.text
        assert as_json.content_type == "application/json; charset=utf-8"
        assert as_xml.content_type == "text/xml; charset=utf-8"
        found = as_json.get_json()
        assert same(fromstring(as_xml.data), found)
        return list(found)

    def ids(self, **more: Any) -> list[str]:
        return [one["service_request_id"] for one in self.rows(**more)]

    def post(self, path: str = "requests.json", **form: Any) -> TestResponse:
        said = {"api_key": self.key, **form} if self.key else form
        return self.house.browser().post(f"/open311/v2/{path}", data=said)

    def send(self, code: str = "jalan_rusak", **form: Any) -> str:
        """A report that is taken; its id."""
        answer = self.post(service_code=code, **({} if "address_id" in form else PLACE), **form)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()[0]["service_request_id"])


def same(element: Element, value: Any) -> bool:
    """Whether the XML says what the JSON says, by the rule that makes one of the other; it has no attributes."""
    assert not element.attrib
    if isinstance(value, list):
        assert {child.tag for child in element} <= {ELEMENTS[element.tag]}
        return len(element) == len(value) and all(map(same, element, value))
    if isinstance(value, dict):
        assert [child.tag for child in element] == list(value)
        return all(map(same, element, value.values()))
    said = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return len(element) == 0 and (element.text or "") == said


def refused(answer: TestResponse, status: int, form: str) -> list[str]:
    """The descriptions of an error, which has the one shape of its format."""
    assert answer.status_code == status, answer.text
    if form == "json":
        assert answer.content_type == "application/json; charset=utf-8"
        errors = answer.get_json()
    else:
        assert answer.content_type == "text/xml; charset=utf-8"
        top = fromstring(answer.data)
        assert top.tag == "errors"
        assert {child.tag for child in top} == {"error"}
        errors = [{part.tag: part.text for part in child} for child in top]
    assert errors
    assert all(list(one) == ["code", "description"] and str(one["code"]) == str(status) for one in errors)
    assert all(one["description"] for one in errors)
    return [one["description"] for one in errors]


def opened(house: House, **public: bool) -> House:
    """The same room, with questions in its pack, read by everybody or not."""
    room = house.opened.room
    flood = replace(room.city.categories["banjir"], attributes=ASKED)
    room.city = replace(room.city, categories={**room.city.categories, "banjir": flood})
    house.config = msgspec.structs.replace(house.config, public=PublicSettings(**public))
    return house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return opened(House(tmp_path_factory.mktemp("open311")), open311=True)


@pytest.fixture(scope="module")
def ours(house: House) -> Client:
    return Client(house, house.opened.sources.add("aplikasi", None))


@pytest.fixture(scope="module")
def theirs(house: House) -> Client:
    return Client(house, house.opened.sources.add("lain", None))


@pytest.fixture
def anybody(house: House) -> Client:
    return Client(house)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "READS_A_MINUTE", 1_000_000)
    monkeypatch.setattr(app, "READS_IN_ALL", 1_000_000)


# ---- documents ----


@pytest.mark.parametrize("form", ["json", "xml"])
def test_discovery_says_where_the_server_is_in_a_type_without_charset(house: House, form: str) -> None:
    answer = house.browser().get(f"/open311/discovery.{form}")
    assert answer.content_type == {"json": "application/json", "xml": "text/xml"}[form]
    said = house.browser().get("/open311/discovery.json").get_json()
    if form == "xml":
        assert same(fromstring(answer.data), said)
    (endpoint,) = said["endpoints"]
    assert endpoint["url"] == f"https://{AFAR['Host']}/open311/v2"
    assert endpoint["type"] == "production"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert datetime.fromisoformat(endpoint["changeset"]) <= datetime.now(UTC)  # noqa: TID251 - the file's own time
    assert all(said[name] for name in ("changeset", "contact", "key_service"))


def test_services_and_their_questions(house: House, anybody: Client) -> None:
    services = {one["service_code"]: one for one in anybody.rows("services")}
    assert list(services) == list(house.opened.room.city.categories)
    assert services["banjir"]["metadata"] is True
    assert services["jalan_rusak"] == {
        "service_code": "jalan_rusak", "service_name": "Jalan rusak", "description": None, "metadata": False,
        "type": "realtime", "keywords": "jalan rusak, berlubang, aspal, amblas", "group": "Infrastruktur",
    }  # fmt: skip
    asked = anybody.get("services/banjir.json").get_json()
    assert same(fromstring(anybody.get("services/banjir.xml").data), asked)
    height, hit = asked["attributes"]
    assert (height["code"], height["order"], height["required"], height["datatype"]) == ("tinggi", 1, True, "number")
    assert (hit["order"], hit["values"][0]) == (2, {"key": "rumah", "name": "Rumah warga"})
    assert anybody.get("services/jalan_rusak.json").get_json() == {"service_code": "jalan_rusak", "attributes": []}


def test_without_a_format_in_the_address_accept_decides_and_slashes_may_be_doubled(house: House) -> None:
    for accept, kind in (("application/json", "application/json"), ("*/*", "text/xml"), ("", "text/xml")):
        answer = house.browser().get("/open311/v2/services", headers={"Accept": accept})
        assert answer.content_type == f"{kind}; charset=utf-8"
    assert house.browser().get("/open311/v2//services.JSON").mimetype == "application/json"


# ---- refusals ----

REPORT = {"service_code": "jalan_rusak", **PLACE}
REFUSALS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "v2/nothing", {}, 404, "nothing"),
    ("GET", "v2/services/%0A", {}, 404, "Not Found"),
    ("GET", "v2/tokens", {}, 404, "no token"),
    ("GET", "v1/services", {}, 404, "nothing"),
    ("GET", "v2/services", {"jurisdiction_id": "elsewhere.gov"}, 404, "no jurisdiction"),
    ("GET", "v2/services/3.2", {}, 404, "no service"),
    ("GET", "v2/requests", {"api_key": "wrong"}, 403, "not known"),
    ("GET", "v2/requests", {"start_date": "yesterday"}, 400, "start_date"),
    ("GET", "v2/requests", {"end_date": "2026-13-01T00:00:00Z"}, 400, "end_date"),
    ("GET", "v2/requests", {"start_date": "2026-01-01", "end_date": "2026-06-01"}, 400, "90 days"),
    ("GET", "v2/requests", {"updated_after": "2026-01-01", "updated_before": "2026-06-01"}, 400, "90 days"),
    ("GET", "v2/requests", {"status": "open,lost"}, 400, "'lost'"),
    ("GET", "v2/requests", {"page": "0"}, 400, "page must"),
    ("GET", "v2/requests", {"page": "9" * 400}, 400, "page must"),
    ("GET", "v2/requests", {"page_size": "1001"}, 400, "page_size"),
    ("GET", "v2/requests", {"service_request_id": ",".join(map(str, range(501)))}, 400, "at most 500"),
    ("GET", "v2/requests/tiada", {}, 404, "no request"),
    ("GET", "v2/requests/a%00b", {}, 404, "NUL"),
    ("GET", "v2/requests", {"service_code": "a\0b"}, 400, "NUL"),
    ("GET", "v2/tokens/00000000-0000-0000-0000-000000000000", {}, 404, "no token"),
    ("POST", "v2/services", {}, 405, "methods"),
    ("PUT", "v2/requests", {}, 405, "methods"),
    ("DELETE", "v2/nothing", {}, 405, "methods"),
    ("POST", "v2/nothing", {"api_key": "KEY"}, 404, "nothing"),
    ("POST", "v2/requests", REPORT, 403, "needed"),
    ("POST", "v2/requests", {"api_key": "wrong", **REPORT}, 403, "not known"),
    ("POST", "v2/requests", {"api_key": "KEY", **REPORT, "jurisdiction_id": "x"}, 404, "no jurisdiction"),
    ("POST", "v2/requests", {"api_key": "KEY", **PLACE}, 400, "service_code"),
    ("POST", "v2/requests", {"api_key": "KEY", **PLACE, "service_code": "x"}, 404, "no service"),
    ("POST", "v2/requests", {"api_key": "KEY", "service_code": "jalan_rusak"}, 400, "location"),
    ("POST", "v2/requests", {"api_key": "KEY", "service_code": "jalan_rusak", "lat": "1"}, 400, "long is required"),
    ("POST", "v2/servicerequestupdates", {"api_key": "KEY"}, 400, "update_id is required"),
]


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(("method", "path", "said", "status", "words"), REFUSALS)
def test_every_refusal_has_its_code_and_words_in_the_format_asked_for(
    ours: Client, method: str, path: str, said: dict[str, Any], status: int, words: str, form: str
) -> None:
    said = {name: ours.key if value == "KEY" else value for name, value in said.items()}
    more = {"query_string": said} if method == "GET" else {"data": said}
    answer = ours.house.browser().ask(method, f"/open311/{path}.{form}", **more)  # type: ignore[arg-type]
    assert any(words in one for one in refused(answer, status, form))
    assert ("Allow" in answer.headers) == (status == 405)


def test_a_format_that_there_is_not_is_refused_in_xml(house: House) -> None:
    for path in ("v2/services.rss", "discovery.html", "v2/requests.json.html"):
        refused(house.browser().get(f"/open311/{path}", headers={"Accept": "text/html"}), 404, "xml")


HOSTILE: list[tuple[dict[str, Any], int, str]] = [
    ({"lat": "NaN"}, 400, "lat must be a decimal"),
    ({"lat": "-inf"}, 400, "lat must be a decimal"),
    ({"lat": "9" * 5000}, 400, "lat must be a decimal"),
    ({"lat": "-6,178"}, 400, "lat must be a decimal"),
    ({"lat": "٦"}, 400, "lat must be a decimal"),
    ({"lat": "90.5"}, 400, "lat must be between"),
    ({"long": "-180.1"}, 400, "long must be between"),
    ({"description": "a\0b"}, 400, "NUL"),
    ({"description": "é" * 4001}, 400, "4000 characters"),
    ({"phone": "1" * 65}, 400, "phone"),
    ({"first_name": "S" * 201}, 400, "first_name"),
    ({"address_string": "J" * 501}, 400, "address_string"),
    ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
    ({"media_url": ["https://foto.example/1.jpg"] * 21}, 400, "at most 20"),
    ({f"attribute[A{n}]": "x" for n in range(51)}, 400, "at most 50"),
    ({f"x{n}": "x" for n in range(501)}, 400, "at most 500"),
    ({"description": "x" * 300_000}, 413, "bytes"),
]


@pytest.mark.parametrize(("said", "status", "words"), HOSTILE)
def test_a_field_that_is_wrong_is_named(ours: Client, said: dict[str, Any], status: int, words: str) -> None:
    faults = refused(ours.post("requests.xml", **{**REPORT, **said}), status, "xml")
    assert any(words in one for one in faults), faults


@pytest.mark.parametrize(
    ("raw", "kind", "words"),
    [
        (b"description=%FF%FE", "application/x-www-form-urlencoded", "UTF-8"),
        (b"description=\xff", "application/x-www-form-urlencoded", "UTF-8"),
        (b"description=x", "application/x-www-form-urlencoded; charset=iso-8859-1", "UTF-8"),
        (b"{}", "application/json", "must be a form"),
        (b"x", "multipart/form-data", "parts"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x", "a name"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n', 'multipart/form-data; boundary=x',
         "UTF-8"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_form_in_utf8_is_refused(ours: Client, raw: bytes, kind: str, words: str) -> None:
    answer = ours.house.browser().post(
        "/open311/v2/requests.json", data=raw, headers={"Authorization": f"Bearer {ours.key}"}, content_type=kind
    )
    assert words in refused(answer, 400, "json")[0]


def test_whoever_shows_no_key_is_told_that_before_a_body_that_is_no_form(anybody: Client) -> None:
    for more in ({}, {"Authorization": "Bearer x"}):
        answer = anybody.house.browser().post("/open311/v2/requests.xml", json={}, headers=more)
        refused(answer, 403, "xml")


# ---- reports ----


def test_a_report_is_a_complaint_with_all_that_was_said(house: House, ours: Client) -> None:
    form = {"attribute[tinggi]": "45", "attribute[dampak][]": ["rumah", "jalan"], "attribute[asing]": "apa saja"}
    answer = ours.post("requests.json", service_code="banjir", jurisdiction_id="tangerang", **PLACE, **SECRETS, **form)
    assert answer.status_code == 201
    (row,) = answer.get_json()
    assert list(row) == ["service_request_id", "service_notice", "account_id"]
    (kept,) = house.log.read(lambda c: complaints(c, (row["service_request_id"],)))
    assert (kept.category, kept.lat, kept.lon, kept.source, kept.channel) == ("banjir", LAT, LON, "aplikasi", "open311")
    assert kept.source_id in row["service_notice"]
    assert kept.source_id.startswith("G-")
    dossier = house.log.read(lambda c: dossier_of(c, kept.id, people=True))
    texts = dict(dossier.texts.values())
    assert texts["description"].splitlines() == [
        "Rahasia di depan rumah",
        "Berapa tinggi air?: 45",
        "Apa yang terdampak?: Rumah warga, Jalan",
        "asing: apa saja",
    ]
    assert texts["address"] == "Gang Rahasia 7"
    assert dossier.person is not None
    assert (dossier.person.name, dossier.person.phone) == ("Siti Rahmawati", "+62 812 0000 0001")
    assert [one["url"] for one in dossier.media] == ["https://foto.example/rahasia.jpg"]


def test_questions_are_answered_as_the_city_asks_them(ours: Client) -> None:
    said = {**REPORT, "service_code": "banjir", "attribute[dampak]": ["rumah", "atap"]}
    faults = refused(ours.post(**said), 400, "json")
    assert faults == ["attribute[tinggi] is required", "attribute[dampak] has no value 'atap'"]
    assert refused(ours.post(**{**said, "attribute[tinggi]": "tinggi"}), 400, "json")[0].startswith("attribute[tinggi]")


def test_a_report_that_is_sent_again_is_the_same_one(ours: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {**REPORT, "description": "Kirim ulang"}
    first, again = ours.post(**said), ours.post("requests.xml", **said)
    assert (first.status_code, again.status_code) == (201, 200)
    id_ = first.get_json()[0]["service_request_id"]
    assert fromstring(again.data).findtext("request/service_request_id") == id_
    for other in ({"description": "Kirim lain"}, {"device_id": "2"}, {"email": "b@warga.example"}, {"lat": "-6.18"}):
        assert ours.post(**{**said, **other}).status_code == 201
    monkeypatch.setattr(apps, "SAME_WITHIN", timedelta(microseconds=1))
    assert ours.post(**said).status_code == 201


def test_a_place_may_be_words_and_files_of_a_form_are_dropped(house: House, ours: Client) -> None:
    form = {**REPORT, "address_id": "#NOTPINPOINTED#", "photo1": (BytesIO(b"\xff" * 99_999), "a.jpg")}
    assert ours.post(**form).status_code == 201
    id_ = ours.send(address_id="SDN 4")
    (kept,) = house.log.read(lambda c: complaints(c, (id_,)))
    assert (kept.lat, kept.area) == (None, None)
    assert ("address", "SDN 4") in house.log.read(lambda c: dossier_of(c, id_, people=False)).texts.values()


# ---- reading ----


def test_everybody_reads_codes_and_coarse_places_and_nothing_of_people(ours: Client, anybody: Client) -> None:
    id_ = ours.send(**SECRETS)
    (row,) = anybody.rows(f"requests/{id_}")
    assert list(row) == FIELDS
    assert (row["status"], row["service_code"], row["description"], row["media_url"]) == (
        "open", "jalan_rusak", None, None,
    )  # fmt: skip
    assert 0 < metres_between(LAT, LON, row["lat"], row["long"]) < 250
    assert row["address"].count(", ") == 1
    assert row["requested_datetime"].endswith("+07:00")
    assert anybody.rows(f"tokens/{id_}") == [{"service_request_id": id_, "token": id_}]
    for form in ("json", "xml"):
        for path in (f"requests/{id_}.{form}", f"requests.{form}", f"servicerequestupdates.{form}"):
            for reader in (ours, anybody):
                said = reader.get(path).text.lower()
                assert [secret for secret in SECRETS.values() if secret.lower() in said] == []
                assert str(LAT) not in said


def test_what_the_public_map_leaves_out_only_its_source_reads(
    house: House, ours: Client, theirs: Client, anybody: Client
) -> None:
    private = ours.send(PRIVATE)
    rejected, merged, main, erased = (ours.send("trotoar", device_id=str(n)) for n in range(4))
    order(house, rejected, "reject", reason="Alasan rahasia")
    order(house, merged, "merge", into=main)
    Eraser(house.opened.room, house.config, ThreadRuntime()).erase((erased,), ErasureScope.ALL, by="test")
    every = ",".join((private, rejected, merged, main, erased))
    for reader in (anybody, theirs):
        assert reader.ids(service_request_id=every) == [main]
        assert set(reader.ids()) & {private, rejected, merged, main, erased} == {main}
        assert [reader.get(f"requests/{id_}.xml").status_code for id_ in (private, merged)] == [404, 404]
    rows = {one["service_request_id"]: one for one in ours.rows(service_request_id=every)}
    assert len(rows) == 5
    assert (rows[private]["lat"], rows[private]["address"]) == (None, None)
    assert (rows[rejected]["status"], rows[rejected]["status_notes"]) == ("closed", "Tidak dapat ditangani")
    assert (rows[merged]["status"], rows[merged]["status_notes"]) == ("open", "Digabung")
    assert set(ours.ids()) >= set(rows)
    assert rejected in ours.ids(status="closed")
    assert merged in ours.ids(status="open", service_code="trotoar")
    until_done(house, main)
    assert anybody.ids(service_request_id=every, status="closed") == [main]
    assert merged in ours.ids(status="closed", service_code="trotoar")


def test_where_it_is_not_public_a_source_reads_its_own_alone(house: House, ours: Client, anybody: Client) -> None:
    mine = ours.send("trotoar", description="Hanya kami")
    silent = Client(house, house.opened.sources.add("diam", None))
    opened(ours.house, open311=False)
    for client in (ours, silent, anybody):
        client.house = replace_web(ours.house)
    try:
        for path in ("requests", f"requests/{mine}", "servicerequestupdates", f"tokens/{mine}"):
            assert "api_key" in refused(anybody.get(f"{path}.xml"), 403, "xml")[0]
        assert anybody.get("services.json").status_code == 200
        assert mine in ours.ids()
        assert silent.ids() == []
        refused(silent.get(f"requests/{mine}.json"), 404, "json")
    finally:
        opened(ours.house, open311=True)
        replace_web(ours.house)


def replace_web(house: House) -> House:
    """The room wired anew by its present settings."""
    house.__dict__.pop("web", None)
    return house


def test_reads_without_a_key_are_counted(house: House, ours: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "READS_A_MINUTE", 2)
    monkeypatch.setattr(app, "READS_IN_ALL", 3)
    anybody = Client(replace_web(house))
    try:
        answers = [anybody.get("requests.xml") for _ in range(3)]
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        others = [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(2)]
        asked = [house.browser().get("/open311/v2/requests.json", headers=one) for one in others]
        assert [one.status_code for one in asked] == [200, 429]
        assert anybody.get("services.json").status_code == ours.get("requests.json").status_code == 200
    finally:
        monkeypatch.undo()
        replace_web(house)


def test_a_page_of_another_site_may_read_and_may_not_write(ours: Client) -> None:
    browser, elsewhere = ours.house.browser(), {"Origin": "https://peta.example"}
    answer = browser.get("/open311/v2/services.json", headers=elsewhere)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    data = {"api_key": ours.key, **REPORT}
    assert browser.post("/open311/v2/requests.json", headers=elsewhere, data=data).status_code == 421
    assert browser.get("/api/v1/session", headers=elsewhere).status_code == 421


def test_what_xml_cannot_hold_is_replaced(house: House, theirs: Client) -> None:
    said = {"source_id": "1", "category": "a\x01<b>&\ufffe", "lat": LAT, "lon": LON}
    house.browser().post("/api/v1/complaints", json=said, headers={"Authorization": f"Bearer {theirs.key}"})
    (code,) = {one["service_code"] for one in theirs.get("requests.json").get_json()} & {said["category"]}
    assert code == said["category"]
    shown = fromstring(theirs.get("requests.xml").data).iterfind("request/service_code")
    assert "a\ufffd<b>&\ufffd" in {one.text for one in shown}


# ---- filters, pages, updates; on both databases ----


@pytest.fixture(params=KINDS)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Client, Client]]:
    """An app and anybody, in a room on either database."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres").fresh_database()
    house = opened(House(tmp_path, database=url), open311=True)
    yield Client(house, house.opened.sources.add("aplikasi", None)), Client(house)


def test_filters_pages_and_updates(scene: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch) -> None:
    ours, anybody = scene
    house = ours.house
    monkeypatch.setattr(georeport_reads, "A_SLICE", 2)
    roads = [ours.send(description=f"Lubang {n}") for n in range(3)]
    lamp = ours.send("pju_mati")
    until_done(house, roads[0])
    order(house, lamp, "ask", text="Tiang yang mana?")
    every = [lamp, *reversed(roads)]
    for reader in scene:
        assert reader.ids() == every
        assert reader.ids(status="open") == every[:-1]
        assert reader.ids(status="closed") == roads[:1]
        assert reader.ids(service_code="pju_mati,trotoar") == [lamp]
        assert reader.ids(service_code=["jalan_rusak"], status="open,closed", jurisdiction_id="") == every[1:]
        assert reader.ids(service_request_id=f"{lamp},tiada", status="closed", start_date="2001-01-01") == [lamp]
        pages = [reader.ids(page=n, page_size=3) for n in (1, 2, 3)]
        assert pages == [every[:3], every[3:], []]
    # By time: as answers write it, with a plus that became a blank, without a zone, as a bare day.
    first = anybody.rows(f"requests/{roads[0]}")[0]
    at = first["requested_datetime"]
    hour = timedelta(hours=1)
    before, after = (datetime.fromisoformat(at) + by for by in (-hour, hour))
    for start in (before.isoformat(), before.isoformat().replace("+", " "), before.isoformat()[:19], f"{before:%F}"):
        assert anybody.ids(start_date=start, end_date=after.isoformat()) == every
    assert anybody.ids(start_date=after.isoformat()) == []
    assert anybody.ids(end_date=before.isoformat()) == []
    assert anybody.ids(start_date=after.isoformat(), end_date=before.isoformat()) == []
    assert roads[0] in anybody.ids(start_date=at, end_date=at)
    # By change: what moved last comes first, and a question that only the citizen sees moves nothing.
    every_changed = anybody.ids(updated_after=before.isoformat())
    assert every_changed[0] == roads[0]
    assert roads[0] in anybody.ids(updated_after=first["updated_datetime"], updated_before=after.isoformat())
    assert anybody.ids(updated_after=before.isoformat(), page_size=1, page=2) == every_changed[1:2]
    assert anybody.ids(updated_after=after.isoformat()) == anybody.ids(updated_before=before.isoformat()) == []
    # What happened.
    steps = [one["status"] for one in anybody.rows("servicerequestupdates")]
    assert steps == ["investigating", "action_scheduled", "in_progress", "in_progress", "fixed"]
    told = ours.rows("servicerequestupdates", start_date=before.isoformat(), end_date=after.isoformat())
    assert told[-1]["description"] == "Tiang yang mana?"
    assert told[-1]["service_request_id"] == lamp
    assert told[0]["description"] == f"Diteruskan ke {house.opened.room.city.agencies[AGENCY].name}."
    assert all(word not in anybody.get("servicerequestupdates.xml").text for word in ("Tiang", "Diteruskan ke Dinas"))
    assert len({one["update_id"] for one in told}) == 6
    assert ours.rows("servicerequestupdates", service_request_id=lamp) == told[-1:]
    assert anybody.rows("servicerequestupdates", end_date=before.isoformat()) == []


# ---- what a citizen says later ----


def said_of(house: House, id_: str) -> list[str]:
    dossier = house.log.read(lambda c: dossier_of(c, id_, people=False))
    return [body for kind, body in dossier.texts.values() if kind != "address"]


def test_an_update_answers_reopens_or_is_a_note_and_counts_once(house: House, ours: Client, theirs: Client) -> None:
    id_ = ours.send("trotoar", description="Awal")
    update = {"service_request_id": id_, "status": "OPEN", "updated_datetime": "2026-03-04T06:20:00Z"}

    def tell(n: int, **more: str) -> TestResponse:
        return ours.post("servicerequestupdates.xml", **{**update, "update_id": str(n), **more})

    answer = tell(1, description="Masih ada", email="siti@warga.example", media_url="https://foto.example/2.jpg")
    assert (answer.status_code, fromstring(answer.data).findtext("request_update/update_id")) == (200, "1")
    assert kinds(house, id_)[-1] == "complaint.commented"
    assert said_of(house, id_)[-1] == "Masih ada\nhttps://foto.example/2.jpg"
    before = kinds(house, id_)
    assert tell(1, description="Masih ada", media_url="https://foto.example/2.jpg").status_code == 200
    assert kinds(house, id_) == before
    assert "used" in refused(tell(1, description="Lain"), 400, "xml")[0]
    order(house, id_, "ask", text="Di mana?")
    tell(2, description="Di depan pasar")
    assert kinds(house, id_)[-1] == "complaint.answered"
    until_done(house, id_)
    tell(3, status="FIXED", description="Terima kasih")
    assert (kinds(house, id_)[-1], said_of(house, id_)[-1]) == ("complaint.commented", "[FIXED] Terima kasih")
    tell(4, description="Rusak lagi")
    assert kinds(house, id_)[-1] == "complaint.reopened"
    for client, other in ((theirs, {}), (ours, {"service_request_id": "tiada"}), (ours, {"service_request_id": "a\0"})):
        form = {**update, "update_id": "5", "description": "x", **other}
        refused(client.post("servicerequestupdates.json", **form), 404, "json")


def test_times_are_read_as_clients_send_them(house: House) -> None:
    zone = house.opened.room.city.zone
    wanted = datetime(2026, 3, 4, 1, 15, 30, tzinfo=UTC)
    same_moment = ("2026-03-04T08:15:30+07:00", "2026-03-04T08:15:30 07:00", "2026-03-04T01:15:30z",
                   "2026-03-04T08:15:30+0700", "2026-03-04T08:15:30", "2026-03-04 01:15:30Z")  # fmt: skip
    assert {time_of(said, zone) for said in same_moment} == {wanted}
    assert time_of("2026-03-04T08:15:30.25+07:00", zone) == wanted + timedelta(milliseconds=250)
    assert time_of("2026-03-04", zone) == wanted.replace(day=3, hour=17, minute=0, second=0)
    days = ("", "now", "2026-02-30", "0001-01-01", "２026-03-04")
    for odd in (*days, "9999-12-31T23:59:59-12:00", "2026-03-04T25:00:00Z"):
        with pytest.raises(ValueError, match=r"is no|years"):
            time_of(odd, zone)
