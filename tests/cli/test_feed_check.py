"""`run.py feed check`: silent about a server that keeps to docs/feed.md, each fault found by its id, none feared."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from cli.feed import KINDS, feed, lines
from cli.feed_check import course as course_of_check
from cli.feed_check import shapes, wire
from cli.feed_check.checklist import CHECKS, Flaw, Severity, Unseen, Verdicts
from cli.feed_check.course import Course
from cli.feed_check.wire import address_of
from display.feed.cards import MASKS, ROOM_FIELDS, alarm_card, cards_of, room_audience
from liveroom.domain.alarms.model import Alarm, AlarmKind
from liveroom.runtime.language import catalogue
from tests.cli.faulty_feed import ALARM, FAULTS, FaultyFeed
from tests.cli.hostile_feed import HTML, Answer, after_joining, bomb, frame, hostile, http, saying, with_snapshot
from tests.rooms.packs import city
from tests.services.server import UNTRUSTED, Server

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "feed.md"


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """For servers that answer at once or never."""
    for name, seconds in {"ANSWER_S": 2.0, "END_S": 0.5, "POST_S": 0.5}.items():
        monkeypatch.setattr(course_of_check, name, seconds)


def flaws_of(fault: str, seconds: float = 2.4) -> list[Flaw]:
    with FaultyFeed(fault) as server:
        course = Course(address_of(server.url), audience="wall", token="", seconds=seconds, post="key")
        course.run()
        for language in catalogue().languages:
            assert list(lines(server.url, course, language))
        return course.verdicts.flaws


def command(url: str, *words: str, seconds: int = 2, env: dict[str, str] | None = None) -> Result:
    words = ("check", url, "--seconds", str(seconds), *words)
    return CliRunner().invoke(feed, words, env={"LANG": "C", **(env or {})}, catch_exceptions=False)


def document(url: str, *words: str, seconds: int = 2) -> dict[str, object]:
    done = command(url, "--json", *words, seconds=seconds)
    said: dict[str, object] = json.loads(done.stdout)
    return said


def findings(said: dict[str, object]) -> dict[str, str]:
    found: list[dict[str, str]] = said["findings"]  # type: ignore[assignment]
    return {one["id"]: one["severity"] for one in found}


# Faults.


@pytest.mark.usefixtures("short_waits")
def test_each_fault_is_found_by_its_id() -> None:
    assert FAULTS.keys() == CHECKS.keys()
    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(FAULTS, pool.map(flaws_of, FAULTS), strict=True))
    named = {fault: {flaw.id for flaw in flaws} for fault, flaws in found.items()}
    # A machine that has more to do sees few beats in that time: what was not found is followed longer, and alone.
    for fault in [fault for fault, ids in named.items() if fault not in ids]:
        named[fault] |= {flaw.id for flaw in flaws_of(fault, seconds=12)}
    assert {fault: ids for fault, ids in named.items() if fault not in ids} == {}


def test_nothing_is_found_where_there_is_no_fault_and_what_did_not_come_is_not_called_passed() -> None:
    with FaultyFeed() as server:
        said = document(server.url, "--post", "key")
        assert findings(said) == {}
        unjudged = {one["id"]: one["why"] for one in said["unjudged"]}  # type: ignore[attr-defined]
        assert unjudged["resume.retry"] == "never"
        assert sorted([*said["passed"], *unjudged]) == sorted(CHECKS)  # type: ignore[misc]
        writes = [path for path in server.paths if path.startswith("/api")]
        assert writes == ["/api/v1/complaints"]
        document(server.url)
        assert [path for path in server.paths if path.startswith("/api")] == writes


def test_a_check_that_is_broken_off_says_so_of_what_it_did_not_come_to() -> None:
    with FaultyFeed("resume.load") as server:
        said = document(server.url)
        unjudged = {one["id"]: one["why"] for one in said["unjudged"]}  # type: ignore[attr-defined]
        assert {unjudged[id_] for id_ in ("resume.many", "connection.audience", "state.agree")} == {"ended"}


def test_a_server_that_never_beats_is_found() -> None:
    with pytest.MonkeyPatch.context() as patch, FaultyFeed("no beats") as server:
        patch.setitem(FAULTS, "no beats", ("beats", lambda _beats, _room: []))
        patch.setattr("cli.feed_check.stream.SILENT", 1.0)
        assert findings(document(server.url))["beat.rhythm"] == "breaks"


def test_the_answer_is_said_in_the_language_of_the_terminal() -> None:
    with FaultyFeed("card.forbidden") as server:
        done = command(server.url, env={"LANG": "id_ID.UTF-8"})
        assert done.exit_code == 1
        assert "MELANGGAR  card.forbidden  (docs/feed.md, Connecting; " in done.stdout
        assert 'memuat "description"' in done.stdout
        assert "Bu Siti" not in done.stdout


@pytest.mark.parametrize("audience", ["wall", "visit", "lead", "desk", "agency:dpupr"])
def test_how_many_were_merged_is_for_desks_alone_and_that_nobody_was_called_not_for_visitors(audience: str) -> None:
    verdicts = Verdicts()
    judge = shapes.Shapes(verdicts, audience)
    judge._seen(["merged"], "card")
    judge._alarm({**ALARM, "unpaged_at": "2026-11-24T01:01:00Z"}, "alarm")
    found = [flaw.id for flaw in verdicts.flaws]
    wanted = {"desk": [], "visit": ["card.forbidden", "alarm.forbidden"]}.get(audience, ["card.forbidden"])
    assert sorted(found) == sorted(wanted)
    judge._alarm({**ALARM, "unpaged_at": 7}, "alarm")
    assert "alarm.fields" in [flaw.id for flaw in verdicts.flaws]


# Servers that are none.

HUGE = after_joining(frame(b"42", length=1 << 40), rest=b"x" * 65_536)
DEEP = after_joining(frame("42/feed," + "[" * 60_000))
NO_CONNECTION: dict[str, tuple[Answer, str]] = {
    "a page": (saying(http("200 OK", HTML, Content_Type="text/html")), "no websocket: HTTP answer 200"),
    "elsewhere": (saying(http("302 Found", Location="http://10.0.0.1/")), "no websocket: HTTP answer 302"),
    "no HTTP": (saying(b"220 mail.example ESMTP\r\n"), "what came is no websocket (RFC 6455)"),
    "nothing": (saying(), "what came is no websocket (RFC 6455)"),
    "drip": (saying(b"HTTP/1.1 101 x\r\n", rest=b"X: y\r\n", pause=0.05), "the server is too slow"),
    "long head": (
        saying(b"HTTP/1.1 101 x\r\n", rest=b"X-Filler: " + b"y" * 4096 + b"\r\n"),
        "what came is no websocket",
    ),
}
NO_FEED: dict[str, tuple[Answer, str, str]] = {
    "huge frame": (HUGE, "packet.form", "larger than a client could use"),
    "deep": (DEEP, "packet.form", "no JSON"),
    "no UTF-8": (after_joining(b"\x81\x02\xff\xfe"), "packet.form", "no websocket"),
    "endless": (
        with_snapshot(saying(b"HTTP/1.1 200 x\r\n\r\n", rest=b"[" * 65_536)),
        "snapshot.fields",
        "larger than a client could use",
    ),
    "bomb": (
        with_snapshot(saying(http("200 x", bomb(), Content_Encoding="gzip"))),
        "snapshot.fields",
        "larger than a client could use",
    ),
    "drip": (
        with_snapshot(saying(b"HTTP/1.1 200 x\r\n\r\n", rest=b" ", pause=0.05)),
        "snapshot.fields",
        "the server is too slow",
    ),
    "page": (with_snapshot(saying(http("200 x", HTML))), "snapshot.fields", "no JSON"),
    "elsewhere": (
        with_snapshot(saying(http("302 x", Location="http://10.0.0.1/"))),
        "snapshot.fields",
        "HTTP answer 302",
    ),
}


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch, short_waits: None) -> Iterator[None]:
    """The bounds, small enough to be reached at once."""
    for name, value in {"JOIN_S": 1.0, "FETCH_S": 1.0, "LONGEST_MESSAGE": 1 << 20, "LONGEST_ANSWER": 1 << 20}.items():
        monkeypatch.setattr(wire, name, value)
    wire._client.cache_clear()
    yield
    wire._client.cache_clear()


@pytest.mark.parametrize("answer, says", NO_CONNECTION.values(), ids=NO_CONNECTION)
def test_a_server_without_a_feed_is_called_that(answer: Answer, says: str, small_bounds: None) -> None:
    with hostile(answer) as url:
        done = command(url)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr


@pytest.mark.parametrize("answer, check, says", NO_FEED.values(), ids=NO_FEED)
def test_a_server_that_means_harm_ends_with_a_sentence(
    answer: Answer, check: str, says: str, small_bounds: None
) -> None:
    with hostile(answer) as url:
        done = command(url)
    assert done.exit_code == 1
    assert f"BREAKS  {check}" in done.stdout
    assert says in done.stdout


def test_an_address_that_is_none_and_a_port_where_nobody_listens() -> None:
    for url in ("ftp://127.0.0.1", "http://127.0.0.1:99999", "http://127.0.0.1/wall", "http://[::1", ""):
        done = command(url)
        assert (done.exit_code, "the address is not http(s)" in done.stderr) == (2, True), url
    assert "no connection" in command("http://127.0.0.1:9").stderr


# Our own server.


@pytest.mark.server
def test_a_real_room_breaks_nothing_while_complaints_come_in(server: Callable[..., Server]) -> None:
    room = server(env=UNTRUSTED)
    refused = command(room.url)
    assert (refused.exit_code, "the server refuses: a token is needed" in refused.stderr) == (2, True)
    token, key = room.last_word("screen", "add", "Layar"), room.last_word("source", "add", "Aplikasi")
    course = Course(address_of(room.url), audience="wall", token=token, seconds=8, post=key)
    with ThreadPoolExecutor(1) as pool, httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as app:
        running = pool.submit(course.run)
        sent = 0
        while wait([running], timeout=0.2).not_done:
            body = {"source_id": str(sent), "category": "jalan_rusak", "lat": -6.1783, "lon": 106.6319}
            sent += app.post(f"{room.url}/api/v1/complaints", json=body).status_code == httpx.codes.CREATED
        running.result()
    verdicts = course.verdicts
    assert [flaw for flaw in verdicts.flaws if flaw.severity is Severity.BREAKS] == []
    assert {"batch.gap", "card.fields", "counts.cards", "state.agree", "resume.past"} <= set(verdicts.passed)
    unjudged = dict(verdicts.unjudged())
    assert (unjudged["post.arrives"], unjudged["connection.audience"]) == (Unseen.REAL, Unseen.TOKEN)
    # The complaint that it sent was refused: there are those that the app has sent, and no more.
    assert 0 < len(course.mirror.cards) <= sent


# What it knows is what is sent.


def test_its_fields_are_those_of_the_cards() -> None:
    for audience, cards in cards_of(city("tangerang").policy).items():
        more = shapes.MORE["agency" if audience not in MASKS else audience]
        assert set(cards.fields) == shapes.CARD.keys() | more, audience
    assert alarm_card(Alarm(id="a", kind=AlarmKind.LOST, priority=1)).keys() == shapes.ALARM.keys()
    every = room_audience(ROOM_FIELDS)
    fields = set(cards_of(city("tangerang").policy)[every].fields)
    assert fields == shapes.Shapes(Verdicts(), every)._allowed - {"place"}


def test_all_that_it_may_say_has_words() -> None:
    keys = {f"feed_check.says.{id_.replace('.', '_')}" for id_ in CHECKS}
    keys |= {f"feed_check.unseen.{why}" for why in Unseen} | {f"feed_check.severity.{one}" for one in Severity}
    keys |= {f"feed_check.kind.{kind}" for kind in KINDS}
    said = "".join(path.read_text("utf-8") for path in Path(wire.__file__).parent.glob("*.py"))
    for language, texts in catalogue().texts.items():
        own = {key for key in texts if key.startswith(("feed_check.says", "feed_check.unseen", "feed_check.kind"))}
        assert own <= keys <= texts.keys(), language
        # A text that nothing says: what was seen is named where it is found wrong.
        seen = {key.rpartition(".")[2] for key in texts if key.startswith("feed_check.seen.")}
        assert {name for name in seen if f'"{name}"' not in said} == set()


def test_what_it_looks_at_stands_in_the_document() -> None:
    lines = DOCUMENT.read_text("utf-8").splitlines()
    assert {check.section for check in CHECKS.values()} <= {line.lstrip("# ") for line in lines if line.startswith("#")}
