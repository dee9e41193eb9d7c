"""Pictures that a source only links to: fetched once over HTTPS from the configured host alone, held against proofs."""

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from liveroom.runtime.config import MediaSettings, check_media
from tests.rooms.alarm_room import PLACE
from tests.rooms.hostile_files import SVG, photo
from tests.rooms.sending import ProofRoom, standing
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate"),
]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=pictures"]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{file}.key", "-out", str(file)]
    subprocess.run(words, check=True, capture_output=True)
    return file


@pytest.fixture
def source(certificate: Path) -> Iterator[HTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, f"{certificate}.key")
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        yield server


@pytest.fixture
def room(server: Callable[..., Server], source: HTTPServer, certificate: Path, tmp_path: Path) -> Iterator[ProofRoom]:
    config = tmp_path / "config.yaml"
    config.write_text(f"city: tangerang\nmedia: {{photo_mb: 1, fetch_from: ['127.0.0.1:{source.port}']}}\n")
    env = {**standing(tmp_path), "LIVEROOM_CONFIG": str(config), "SSL_CERT_FILE": str(certificate)}
    with closing(ProofRoom(server(env=env))) as room:
        yield room


def kept(room: ProofRoom) -> list[tuple[object, object]]:
    """State and code of the reporter's pictures."""
    return [(one["state"], one["code"]) for one in room.whole()["pictures"] if one["kind"] == "report"]  # type: ignore[attr-defined]


def amended(room: ProofRoom, *urls: str) -> None:
    """The source says more of the complaint."""
    body = {"source_id": "P-1", "category": "jalan_rusak", **PLACE, "media": list(urls)}
    answer = room.http.post("/api/v1/complaints", json=body, headers={"Authorization": f"Bearer {room.key}"})
    assert answer.status_code == 200, answer.text


def test_a_linked_picture_is_fetched_once_and_a_proof_that_came_before_it_is_judged_anew(
    room: ProofRoom, source: HTTPServer
) -> None:
    source.expect_request("/p/none.jpg").respond_with_data(status=404)
    source.expect_request("/p/1.jpg", query_string="k=a").respond_with_data(photo(9), content_type="text/html")
    proof = room.sent(photo(9, quality=50))
    room.order("submit_proof", media=[f"upload:{proof['id']}"])
    assert {one["code"] for one in room.whole()["findings"]} == {"no_time", "no_place"}  # type: ignore[attr-defined]
    amended(room, source.url_for("/p/1.jpg?k=a"))
    until(lambda: kept(room) == [("ready", None)], within=120, why="the picture to be fetched")

    def codes() -> set[str]:
        return {one["code"] for one in room.whole()["findings"]}  # type: ignore[attr-defined]

    until(lambda: "own_picture" in codes(), within=60, why="the proof to be judged anew")
    amended(room, source.url_for("/p/1.jpg?k=a"), source.url_for("/p/none.jpg"))
    until(lambda: len(kept(room)) == 2, within=120, why="the next link to be looked at")
    assert len([one for one, _ in source.log if one.path == "/p/1.jpg"]) == 1


def test_what_is_not_to_be_fetched_is_asked_for_once_and_not_kept(room: ProofRoom, source: HTTPServer) -> None:
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.path)
        if request.path == "/away.jpg":
            return Response(status=302, headers={"Location": source.url_for("/inside.jpg")})
        return Response(SVG if request.path == "/script.jpg" else b"\xff\xd8\xff" + b"x" * 1_500_000)

    for path in ("/away.jpg", "/large.jpg", "/script.jpg"):
        source.expect_request(path).respond_with_handler(answer)
    elsewhere = f"https://127.0.0.1:{source.port + 1}/other.jpg"
    amended(room, elsewhere, *(source.url_for(path) for path in ("/away.jpg", "/large.jpg", "/script.jpg")))
    wanted = [("refused", "fetch"), ("refused", "fetch"), ("refused", "form")]
    until(lambda: kept(room) == wanted, within=120, why="each link to be decided")
    assert asked == ["/away.jpg", "/large.jpg", "/script.jpg"]


def test_a_host_is_a_name_or_an_address() -> None:
    wrong = MediaSettings(fetch_from=("foto.example.org", "10.0.0.7:8443", "http://a", "a/b", "u@a", ""))
    assert [fault.where.rsplit("[", 1)[1] for fault in check_media(wrong, "c")] == ["2]", "3]", "4]", "5]"]
