"""Hooks as apps meet them: who is let in, what a payload becomes, and what is kept of what is refused."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import select
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from cli.main import cli
from ingest.hooks import mapping as mappings
from ingest.hooks.door import HOOK_BYTES, configured_hooks
from ingest.hooks.mapping import PayloadMapping, check_mappings, load_mapping
from ingest.sources.api import Backpressure
from liveroom.accounts import quarantine
from liveroom.accounts.arrivals import Arrivals, Tally, health_of_all
from liveroom.accounts.quarantine import LONGEST, QuarantineContent, QuarantineState
from liveroom.accounts.sources import Sources
from liveroom.domain.complaints.model import Complaint
from liveroom.log.event_log import read_head
from liveroom.log.schema import source_pace
from liveroom.log.texts import current_texts, dossier_of
from liveroom.projection.complaints import complaints
from liveroom.room.clock import pause_source
from liveroom.runtime.config import Config
from liveroom.runtime.errors import ConfigError, Fault
from liveroom.runtime.http_input import TooLarge
from liveroom.runtime.time import system_now
from tests.rooms.staffed import ROOT, House

PACKS = ROOT / "cities"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD, NEW = "rahasia lama", "rahasia baru"
HMAC_BASE64 = {"by": "hmac", "header": "X-Lapor-Signature", "prefix": "", "encoding": "base64"}
TIMED = {"header": "X-App-Signature", "prefix": "v0=", "signed": "v0:{time}:{body}", "time_header": "X-App-Time"}
TELEGRAM = "X-Telegram-Bot-Api-Secret-Token"
HOOKS: tuple[dict[str, Any], ...] = (
    {"name": "SP4N-LAPOR", "mapping": "sp4n_lapor", "every": "15m",
     "verify": {**HMAC_BASE64, "secret": "env:LIVEROOM_SECRET_OLD"}},
    {"name": "WhatsApp kota", "path": "whatsapp", "mapping": "whatsapp",
     "verify": {"by": "hmac", "header": "X-Hub-Signature-256", "secret": "env:LIVEROOM_SECRET_OLD",
                "handshake": "env:LIVEROOM_SECRET_NEW"}},
    {"name": "Telegram", "mapping": "telegram",
     "verify": {"by": "token", "header": TELEGRAM, "secret": ["env:LIVEROOM_SECRET_NEW", "env:LIVEROOM_SECRET_OLD"]}},
    {"name": "Bawaan", "mapping": "telegram", "verify": {"secret": "env:LIVEROOM_SECRET_SIGNING"}},
    {"name": "Berwaktu", "mapping": "telegram", "verify": {"by": "hmac", "secret": "env:LIVEROOM_SECRET_OLD", **TIMED}},
)  # fmt: skip


def example(name: str, city: str = "tangerang") -> bytes:
    return (PACKS / city / "hooks" / f"{name}.json").read_bytes()


def digest(body: bytes, secret: str = OLD) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


def standard(body: bytes, id_: str, at: datetime | None = None, secret: str = SIGNING) -> dict[str, str]:
    at = at or system_now()
    signature = Webhook(secret).sign(id_, at, body.decode())
    return {"webhook-id": id_, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


class Provider:
    """Posts to the hooks of one room."""

    def __init__(self, house: House) -> None:
        self.house = house

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> TestResponse:
        said = {"Content-Type": "application/json", **headers}
        return self.house.browser().post(f"/hooks/{path}", data=body, headers=said)

    def telegram(self, **changed: Any) -> TestResponse:
        """The worked example with another message; by default with its token."""
        token = changed.pop("token", NEW)
        update = json.loads(example("telegram"))
        update["message"] |= changed
        return self.post("telegram", json.dumps(update).encode(), {TELEGRAM: token})

    def complaint(self, id_: str) -> Complaint:
        return self.house.log.read(lambda c: complaints(c, (id_,)))[0]

    def texts(self, id_: str) -> Mapping[str, str]:
        return self.house.log.read(lambda c: current_texts(c, id_))

    def refused(self, source: str) -> list[QuarantineContent]:
        def read(c: Any) -> list[QuarantineContent]:
            found = quarantine.entries(c, source=source, state=QuarantineState.OPEN, cursor=None, limit=50)
            return [content for one in found if (content := quarantine.content(c, one.id)) is not None]

        return self.house.log.read(read)


def whatsapp(*ids: str, **more: Any) -> tuple[str, bytes, dict[str, str]]:
    """The worked example with a text for each of these ids; what ``Provider.post`` takes."""
    payload = json.loads(example("whatsapp")) | more
    value = payload["entry"][0]["changes"][0]["value"]
    value["messages"] = [{**value["messages"][0], "id": id_} for id_ in ids]
    body = json.dumps(payload).encode()
    return "whatsapp", body, {"X-Hub-Signature-256": f"sha256={digest(body).hex()}"}


def taken(answer: TestResponse) -> list[str]:
    """The ids of the reports of a payload that was taken whole."""
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.get_json()["results"]]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with pytest.MonkeyPatch.context() as patch:
        for name, secret in {"OLD": OLD, "NEW": NEW, "SIGNING": SIGNING}.items():
            patch.setenv(f"LIVEROOM_SECRET_{name}", secret)
        house = House(tmp_path_factory.mktemp("hooks"))
        house.config = msgspec.structs.replace(house.config, hooks=HOOKS)
        yield Provider(house)


# The worked mappings, through the real door.


def test_a_report_in_the_style_of_sp4n_lapor_comes_whole(provider: Provider) -> None:
    body = example("sp4n_lapor")
    signed = {"X-Lapor-Signature": base64.b64encode(digest(body)).decode()}
    (id_,) = taken(provider.post("sp4n-lapor", body, signed))
    found = provider.complaint(id_)
    assert (found.source, found.source_id, found.category) == ("sp4n-lapor", "LAPOR-8801234", "jalan_rusak")
    assert (found.lat, found.lon, found.priority) == (-6.178306, 106.631889, "urgent")
    assert found.reported_at == datetime(2026, 3, 4, 7, 5, tzinfo=UTC)
    assert provider.texts(id_)["description"].splitlines()[0] == "Lubang di depan pasar"
    person = provider.house.log.read(lambda c: dossier_of(c, id_, people=True)).person
    assert person is not None
    assert (person.name, person.phone) == ("Siti Rahmawati", "+62 812 0000 0001")
    event = json.loads(body) | {"event": "laporan.komentar"}
    other = json.dumps(event).encode()
    answer = provider.post("sp4n-lapor", other, {"X-Lapor-Signature": base64.b64encode(digest(other)).decode()})
    assert answer.get_json() == {"results": [], "ignored": 1, "repeated": False}
    assert (
        next(one for one in provider.house.opened.sources.all() if one.source.id == "sp4n-lapor").source.every_s == 900
    )


def test_two_messages_of_whatsapp_are_two_reports_and_a_receipt_is_none(provider: Provider) -> None:
    body = example("whatsapp")
    signed = {"X-Hub-Signature-256": f"sha256={digest(body).hex()}"}
    flood, place = (provider.complaint(id_) for id_ in taken(provider.post("whatsapp", body, signed)))
    assert (flood.category, place.category, place.lat) == ("banjir", "belum_dipilah", -6.1783)
    # Neither the number of a person nor the id that holds it is part of the complaint's number.
    assert all(len(one.source_id) == 16 and "wamid" not in one.source_id for one in (flood, place))
    person = provider.house.log.read(lambda c: dossier_of(c, flood.id, people=True)).person
    assert person is not None
    assert (person.name, person.phone) == ("Budi Santoso", "+6281200000002")


def test_the_question_of_whatsapp_is_answered_with_its_own_words(provider: Provider) -> None:
    ask = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": NEW}
    browser = provider.house.browser()
    answer = browser.get("/hooks/whatsapp", query_string=ask)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "1158201444", "text/plain")
    for wrong in ({"hub.verify_token": OLD}, {"hub.challenge": "<b>\n"}, {"hub.mode": "x"}):
        assert browser.get("/hooks/whatsapp", query_string={**ask, **wrong}).status_code == 403
    assert browser.get("/hooks/telegram", query_string=ask).status_code == 403


def test_what_is_corrected_in_telegram_changes_the_report_and_an_older_word_does_not(provider: Provider) -> None:
    (id_,) = taken(provider.telegram())
    update = json.loads(example("telegram"))
    later = update.pop("message") | {"edit_date": 1772609400, "text": "Pohon tumbang menutup jalan"}
    assert taken(
        provider.post("telegram", json.dumps(update | {"edited_message": later}).encode(), {TELEGRAM: OLD})
    ) == [id_]
    assert provider.complaint(id_).category == "pohon_tumbang"
    assert taken(provider.telegram()) == [id_]
    assert provider.texts(id_)["description"] == "Pohon tumbang menutup jalan"
    assert provider.telegram(text="/start").get_json()["ignored"] == 1


def test_an_issue_of_seeclickfix_comes_alone_and_in_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET_SIGNING", SIGNING)
    house = House(tmp_path, city="newyork")
    hook = {"name": "SeeClickFix", "mapping": "seeclickfix", "verify": {"secret": "env:LIVEROOM_SECRET_SIGNING"}}
    house.config = msgspec.structs.replace(house.config, hooks=(hook,))
    provider, body = Provider(house), example("seeclickfix", "newyork")
    (id_,) = taken(provider.post("seeclickfix", body, standard(body, "msg_1")))
    found = provider.complaint(id_)
    assert (found.source_id, found.category, found.lon) == ("18446102", "street_condition", -74.0059)
    listed = json.dumps({"issues": [json.loads(body), {**json.loads(body), "id": 7, "status": "Archived"}]}).encode()
    answer = provider.post("seeclickfix", listed, standard(listed, "msg_2"))
    assert (taken(answer), answer.get_json()["ignored"]) == ([id_], 1)


# Who is let in.


def test_who_does_not_prove_it_gets_401_and_leaves_only_a_count(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, counted = example("telegram"), Arrivals(provider.house.log)
    monkeypatch.setattr(Arrivals, "count", lambda _, source, tally: tallies.append((source, tally)))
    tallies: list[tuple[str, Tally]] = []
    good, late = standard(body, "msg_a"), system_now() - timedelta(minutes=6)
    wrong: list[tuple[str, dict[str, str]]] = [
        ("telegram", {}),
        ("telegram", {TELEGRAM: "rahasia lain"}),
        ("telegram", {"Authorization": f"Bearer {NEW}"}),
        ("nowhere", {TELEGRAM: NEW}),
        ("bawaan", {}),
        ("bawaan", {**good, "webhook-id": "msg_b"}),
        ("bawaan", {**good, "webhook-signature": "v1,xx v1 nonsense"}),
        ("bawaan", standard(body, "msg_a", late)),
        ("bawaan", {"X-Signature": digest(body, SIGNING).hex()}),
        ("bawaan", {"X-Signature": "sha256="}),
        ("whatsapp", {"X-Hub-Signature-256": f"sha256={digest(body + b' ').hex()}"}),
        ("sp4n-lapor", {"X-Lapor-Signature": digest(body).hex()}),
    ]
    for path, headers in wrong:
        answer = provider.post(path, body, headers)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthorized"), (path, headers)
    assert [source for source, _ in tallies] == [
        path.replace("whatsapp", "whatsapp-kota") for path, _ in wrong if path != "nowhere"
    ]
    monkeypatch.undo()
    for _, tally in tallies:
        counted.count("itself", tally)
    counted.flush()
    health = provider.house.log.read(lambda c: health_of_all(c, ("itself",)))["itself"]
    assert (health.unsigned, health.rejected, health.per_hour) == (len(tallies), 0, 0)
    # How often a source is heard says nothing of who pretends to be it.
    pace = select(source_pace).where(source_pace.c.source == "itself")
    assert provider.house.log.read(lambda c: c.execute(pace).all()) == []


def test_the_contract_of_the_address_standard_webhooks_or_a_plain_signature(provider: Provider) -> None:
    update = json.loads(example("telegram"))
    update["message"]["message_id"] = 4001
    body = json.dumps(update).encode()
    (id_,) = taken(provider.post("bawaan", body, {"X-Signature": f"sha256={digest(body, SIGNING).hex()}"}))
    assert taken(provider.post("bawaan", body, standard(body, "msg_c"))) == [id_]


def test_a_message_that_was_taken_once_is_not_looked_at_again(provider: Provider) -> None:
    body = example("telegram")
    signed = standard(body, "msg_once")
    assert len(taken(provider.post("bawaan", body, signed))) == 1
    repeated = provider.post("bawaan", body, signed)
    assert repeated.get_json() == {"results": [], "ignored": 0, "repeated": True}
    other = body.replace(b"Cikokol", b"Babakan")
    assert provider.post("bawaan", other, standard(other, "msg_once")).get_json()["repeated"]
    assert not provider.post("bawaan", other, standard(other, "msg_twice")).get_json()["repeated"]


def test_a_time_counts_only_where_it_is_signed_and_near(provider: Provider) -> None:
    body, now = example("telegram"), int(system_now().timestamp())

    def at(seconds: int, signed: int) -> dict[str, str]:
        mark = digest(b"v0:%d:%s" % (signed, body)).hex()
        return {"X-App-Time": str(seconds), "X-App-Signature": f"v0={mark}"}

    assert provider.post("berwaktu", body, at(now, now)).status_code == 200
    assert provider.post("berwaktu", body, at(now, now - 1)).status_code == 401
    assert provider.post("berwaktu", body, at(now - 400, now - 400)).status_code == 401
    assert provider.post("berwaktu", body, {"X-App-Signature": f"v0={digest(b'v0::' + body).hex()}"}).status_code == 401


def test_a_paused_source_and_a_full_room_are_asked_to_come_back(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = provider.house.opened.room
    pause_source(room, "Telegram", paused=True, actor="kepala")
    answer = provider.telegram(message_id=9001)
    assert (answer.status_code, answer.get_json()["code"], answer.headers["Retry-After"]) == (503, "paused", "60")
    assert provider.telegram(token="salah").status_code == 401
    pause_source(room, "Telegram", paused=False, actor="kepala")

    def full(*_: Any) -> Any:
        raise Backpressure

    with monkeypatch.context() as patch:
        patch.setattr("ingest.sources.api.IntakeGate.passing", full)
        assert provider.telegram(message_id=9001).get_json()["code"] == "queue_full"
    assert len(taken(provider.telegram(message_id=9001))) == 1


# What is refused is kept, and acknowledged where it is.


def test_a_payload_of_many_messages_is_taken_in_slices_and_one_of_too_many_stays_with_its_sender(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mappings, "SLICE", 2)
    monkeypatch.setattr(mappings, "MOST_ITEMS", 4)
    many = whatsapp(*(f"wamid.many{n}" for n in range(5)), pad="x" * (1 << 20))
    assert provider.post(*many).get_json()["code"] == "too_large"
    monkeypatch.setattr(mappings, "MOST_ITEMS", 5)
    answer = provider.post(*many)
    assert len(set(taken(answer))) == 5
    assert [one["index"] for one in answer.get_json()["results"]] == [0, 1, 2, 3, 4]
    assert provider.post(*many).get_json()["repeated"]


def test_what_would_be_cut_or_not_kept_is_not_acknowledged(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    def signed(body: bytes) -> TestResponse:
        return provider.post("whatsapp", body, {"X-Hub-Signature-256": f"sha256={digest(body).hex()}"})

    long = json.dumps({"messages": "x" * LONGEST}).encode()
    assert [signed(long).status_code for _ in range(2)] == [413, 413]
    other = b'{"another": "format"}'
    with monkeypatch.context() as patch:
        patch.setattr(quarantine, "MOST_OPEN", 0)
        full = signed(other)
        assert (full.status_code, full.get_json()["code"]) == (503, "quarantine_full")
        assert "Retry-After" in full.headers
    assert signed(other).get_json()["results"][0]["error"]["field"] == "items"
    assert other.decode() in [one.raw for one in provider.refused("whatsapp-kota")]
    assert signed(other).get_json()["repeated"]


def test_a_payload_without_any_report_is_counted_and_is_no_sign_of_life(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(type(provider.house.opened.sources), "heard", lambda _, source: heard.append(source))
    monkeypatch.setattr(Arrivals, "count", lambda _, source, tally: counted.append((source, tally.empty)))
    counted: list[tuple[str, int]] = []
    answer = provider.post("telegram", b'{"update_id": 1, "my_chat_member": {}}', {TELEGRAM: NEW})
    assert answer.get_json() == {"results": [], "ignored": 0, "repeated": False}
    assert (heard, counted) == ([], [("telegram", 1)])
    provider.telegram(text="/start")
    assert heard == ["telegram"]
    monkeypatch.undo()
    arrivals = Arrivals(provider.house.log)
    arrivals.count("itself", Tally(empty=2))
    arrivals.flush()
    assert provider.house.log.read(lambda c: health_of_all(c, ("itself",)))["itself"].empty == 2


def test_a_message_as_long_as_apps_let_it_be_is_taken_with_its_end_cut(provider: Provider) -> None:
    (id_,) = taken(provider.telegram(message_id=4096, text="sampah " + "x" * 4089))
    said = provider.texts(id_)["description"]
    assert (len(said), said[-2:]) == (4000, "x…")


def test_a_signed_body_that_is_no_utf_8_is_kept(provider: Provider) -> None:
    body, now = b'{"text": "jalan \xff"}', str(int(system_now().timestamp()))
    key = base64.b64decode(SIGNING.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, f"msg_8.{now}.".encode() + body, hashlib.sha256).digest()).decode()
    headers = {"webhook-id": "msg_8", "webhook-timestamp": now, "webhook-signature": f"v1,{mark}"}
    answer = provider.post("bawaan", body, headers)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_utf8")
    assert '{"text": "jalan \\xff"}' in [one.raw for one in provider.refused("bawaan")]


@pytest.mark.parametrize(("said", "named"), [(False, True), (True, False), (1, False), ("true", False), (None, False)])
def test_who_reports_is_named_only_where_it_says_so(provider: Provider, said: object, named: bool) -> None:
    city, faults = provider.house.opened.room.city, list[Fault]()
    mapping = load_mapping(PACKS / "tangerang", "sp4n_lapor", city, "key", faults)
    assert mapping is not None
    payload = json.loads(example("sp4n_lapor"))
    payload["data"]["pelapor"]["anonim"] = said
    (item,) = mapping.read(payload, "").items
    assert (item.faults, "person" in item.value) == ((), named)


def test_a_message_of_nobody_known_is_taken_too(provider: Provider) -> None:
    mapping = load_mapping(PACKS / "tangerang", "whatsapp", provider.house.opened.room.city, "key", [])
    assert mapping is not None
    payload = json.loads(example("whatsapp"))
    for message in payload["entry"][0]["changes"][0]["value"]["messages"]:
        del message["from"]
    read = mapping.read(payload, "").items
    assert [(one.faults, "phone" in one.value["person"]) for one in read] == [((), False)] * 2


def test_what_cannot_become_a_report_is_kept_whole_with_what_could_be_read(provider: Provider) -> None:
    body = example("telegram").replace(b'"date": 1772608800', b'"date": "kemarin", "x": "\\u0000"')
    answer = provider.post("telegram", body.replace(b"57", b"571"), {TELEGRAM: NEW})
    assert answer.status_code == 200
    assert answer.get_json()["results"][0]["error"]["field"] == "reported_at"
    (entry,) = [one for one in provider.refused("telegram") if one.entry.field]
    assert (entry.entry.field, entry.raw) == ("reported_at", body.replace(b"57", b"571").decode())
    assert json.loads(entry.draft)["category"] == "sampah"
    assert "kemarin" not in entry.entry.message


def test_one_bad_message_of_two_is_kept_by_itself_and_the_other_is_taken(provider: Provider) -> None:
    payload = json.loads(example("whatsapp"))
    one, two = payload["entry"][0]["changes"][0]["value"]["messages"]
    one["id"], two["id"], two["location"]["latitude"] = "wamid.A", "wamid.B", 991
    body = json.dumps(payload).encode()
    answer = provider.post("whatsapp", body, {"X-Hub-Signature-256": f"sha256={digest(body).hex()}"})
    good, bad = answer.get_json()["results"]
    assert (answer.status_code, "id" in good, bad["error"]["field"]) == (200, True, "lat")
    (entry,) = [one for one in provider.refused("whatsapp-kota") if one.entry.field == "lat"]
    assert json.loads(entry.raw) == two


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{no json", 400, "bad_json"),
        (b"[" * 40 + b"]" * 40, 400, "too_deep"),
        (b" " * HOOK_BYTES + b"{}", 413, "too_large"),
    ],
    ids=["no JSON", "too deep", "too large"],
)
def test_what_is_no_json_is_refused_and_kept(provider: Provider, body: bytes, status: int, code: str) -> None:
    answer = provider.post("telegram", body, {TELEGRAM: NEW})
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    kept = [one.raw for one in provider.refused("telegram")]
    assert (body.decode() in kept) == (status == 400)


def test_what_a_payload_would_become_is_shown_field_by_field_and_nothing_is_written(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"city": "tangerang", "cities": str(PACKS), "hooks": list(HOOKS)}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings | {"data_dir": provider.house.config.data_dir}))
    monkeypatch.setenv("LIVEROOM_CONFIG", str(tmp_path / "config.yaml"))
    payload, before = tmp_path / "payload.json", provider.house.log.read(read_head).seq
    payload.write_bytes(example("whatsapp").replace(b"-6.1783", b"-96.1783"))
    shown = CliRunner().invoke(cli, ("source", "try", "WhatsApp kota", str(payload)))
    lines = shown.stdout.splitlines()
    assert (shown.exit_code, lines[0], lines.count("  person.phone\t+6281200000002")) == (1, "1.", 2)
    assert {"  category\tbanjir", "  -> agency\tdpupr", "  refused\tlat: must be between -90 and 90"} <= set(lines)
    payload.write_bytes(example("telegram").replace(b"Sampah menumpuk", b"/start"))
    shown = CliRunner().invoke(cli, ("source", "try", "telegram", str(payload)))
    assert (shown.exit_code, shown.stdout) == (0, "1 of it no report, by `when`: acknowledged and ignored\n")
    assert provider.house.log.read(read_head).seq == before


def test_what_the_settings_say_of_a_source_no_command_says_otherwise(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = {"kind": "journal", "name": "Jurnal", "file": str(tmp_path / "journal"), "every": "5m"}
    settings = {"city": "tangerang", "cities": str(PACKS), "hooks": list(HOOKS), "sources": [asked]}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings | {"data_dir": provider.house.config.data_dir}))
    monkeypatch.setenv("LIVEROOM_CONFIG", str(tmp_path / "config.yaml"))
    Sources(provider.house.log).ensure("Jurnal", 300)
    told = CliRunner().invoke(cli, ("source", "expect", "Jurnal", "1h"))
    assert (told.exit_code, "change `every` there" in capfd.readouterr().err) == (1, True)
    told = CliRunner().invoke(cli, ("source", "revoke", "Jurnal"))
    assert "`source pause` takes nothing" in capfd.readouterr().err, told
    (tmp_path / "journal").touch()
    told = CliRunner().invoke(cli, ("source", "try", "Jurnal"))
    assert (told.exit_code, told.stdout) == (0, "nothing has come that was not read already\n")


# Mappings.


def mapped(folder: Path, house: House, sheet: Mapping[str, Any]) -> tuple[PayloadMapping | None, list[str]]:
    """The mapping of a pack's folder whose file says that, and every fault of it."""
    (folder / "hooks").mkdir()
    (folder / "hooks" / "m.yaml").write_text(yaml.safe_dump(sheet))
    faults: list[Fault] = []
    mapping = load_mapping(folder, "m", house.opened.room.city, "key", faults)
    return mapping, [str(fault) for fault in faults]


def test_an_expression_that_does_not_fit_is_a_fault_of_its_field_and_says_nothing_of_what_came(
    provider: Provider, tmp_path: Path
) -> None:
    sheet = {"fields": {"source_id": "id", "category": "join('-', k)", "lat": "la", "description": "a > b"}}
    mapping, faults = mapped(tmp_path, provider.house, sheet)
    assert faults == []
    assert mapping is not None
    (item,) = mapping.read({"id": 7, "k": "rahasia", "la": "6 rahasia", "a": {"x": "rahasia"}}, "{}").items
    assert item.value == {"source_id": "7"}
    assert [fault.field for fault in item.faults] == ["category", "lat"]
    assert "rahasia" not in repr(item.faults)


def test_no_payload_takes_longer_than_it_may(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mappings, "MOST_STEPS", 2_000)
    monkeypatch.setattr(mappings, "MOST_TEXT", 100_000)
    each = {"source_id": "id", "category": "_outer.all[?id > `5`].id | [0]", "description": "_outer.big"}
    mapping, _ = mapped(tmp_path, provider.house, {"items": "all", "fields": each})
    assert mapping is not None
    read = mapping.read({"all": [{"id": n} for n in range(200)]}, "{}")
    assert {fault.field for one in read.items for fault in one.faults} == {"source_id", "category", "description"}
    # One text that stands in every item is neither kept nor gone through a thousand times.
    read = mapping.read({"all": [{"id": n} for n in range(5)], "big": "x" * 30_000}, "{}")
    said = {fault.message for one in read.items for fault in one.faults if fault.field == "description"}
    assert {words.split()[0] for words in said} == {"may", "takes"}
    assert all("description" not in one.value for one in read.items)
    with pytest.raises(TooLarge):
        mapping.read({"all": [{}] * (mappings.MOST_ITEMS + 1)}, "{}")


def test_every_fault_of_a_mapping_is_named_before_anything_runs(provider: Provider, tmp_path: Path) -> None:
    fields = {
        "source_id": {"from": "id", "value": "x"},
        "category": {"from": "k", "table": {"Lubang": "jalan_rusk"}},
        "titel": "t",
        "description": {"from": "split(text, ',')"},
        "reported_at": {"from": "t", "time": "unix"},
        "updated_at": {"from": "t", "time": "%d/%m %Q"},
        "priority": {"from": "p", "default": "tinggi"},
        "area": {"value": "nowhere"},
        "lat": {"from": "a[", "default": "0"},
        "lon": {"value": "106.6"},
        "person.phone": {"from": "p", "cut": True},
    }
    mapping, faults = mapped(tmp_path, provider.house, {"when": "contains(x)", "fields": fields})
    assert mapping is None
    named = sorted(fault.partition(": ")[2].partition(": ")[0] for fault in faults)
    assert named == [
        "fields.area.value", "fields.category.table.Lubang", "fields.description.from", "fields.lat", "fields.lat.from",
        "fields.lon.value", "fields.person.phone.cut", "fields.priority.default", "fields.reported_at.time",
        "fields.source_id", "fields.titel", "fields.updated_at.time", "when",
    ]  # fmt: skip
    city, found = provider.house.opened.room.city, list[Fault]()
    assert load_mapping(PACKS / "tangerang", "../classes", city, "", found) is None
    assert check_mappings(PACKS / "tangerang", city) == ()


def test_every_fault_of_a_hook_is_named_before_anything_runs(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET_EMPTY", "whsec_")
    hooks = (
        {"name": "A", "mapping": "telegram", "verify": {"by": "token", "secret": "secret itself"}},
        {"name": "B", "mapping": "nowhere", "every": "often", "verify": {"secret": "env:LIVEROOM_SECRET_NOT_SET"}},
        {"name": "C", "mapping": "telegram", "path": "Up", "verify": {"secret": [], "signed": "{time}"}},
        {"name": "D", "mapping": "telegram", "verfy": {}},
        {"name": "E", "mapping": "telegram", "verify": {"by": "standard", "secret": "env:LIVEROOM_SECRET_OLD"}},
        {"name": "F", "mapping": "telegram", "verify": {"secret": "env:LIVEROOM_SECRET_EMPTY"}},
    )
    config = Config(city="tangerang", hooks=hooks)
    with pytest.raises(ConfigError) as raised:
        configured_hooks(config, provider.house.opened.room.city, "key")
    assert sorted(fault.where.removeprefix("config.yaml: ") for fault in raised.value.faults) == [
        "hooks/nowhere.yaml", "hooks[0].verify.header", "hooks[0].verify.secret", "hooks[1].every",
        "hooks[1].verify.secret", "hooks[2].path", "hooks[2].verify.secret", "hooks[2].verify.signed",
        "hooks[2].verify.time_header", "hooks[3].verfy", "hooks[4].verify.secret", "hooks[5].verify.secret",
    ]  # fmt: skip
