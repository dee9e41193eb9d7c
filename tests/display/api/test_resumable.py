"""Files sent in pieces: what arrived counts, what is wrong is said, what is whole can prove something."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from tests.rooms.hostile_files import SVG, photo
from tests.rooms.sending import PIECE, TUS, ProofRoom, standing
from tests.services.server import ROOT, Server
from tests.services.wait import until

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProofRoom]:
    folder = tmp_path_factory.mktemp("resumable")
    server = Server(data=folder, env=standing(folder)).start()
    with closing(ProofRoom(server)) as room:
        yield room
    server.kill()


@pytest.fixture
def room(served: ProofRoom, request: pytest.FixtureRequest) -> ProofRoom:
    """With a complaint of this test's own."""
    served.begin(request.node.name)
    return served


def test_a_file_in_three_pieces_proves_and_is_seen(room: ProofRoom) -> None:
    content = photo(4)
    where = room.expect(len(content)).headers["Location"]
    assert room.piece(where, 0, content[:1000]).headers["Upload-Offset"] == "1000"
    assert room.piece(where, 5, b"x").status_code == 409
    assert room.piece(where, 1000, content[1000:] + b"x").status_code == 413
    assert room.piece(where, 1000, content[1000:2000]).status_code == 204
    assert room.offset(where) == 2000
    assert room.piece(where, 2000, content[2000:]).status_code == 204
    told = room.state(where)
    assert (told["state"], told["form"], told["width"]) == ("ready", "image/jpeg", 960)
    name = f"upload:{told['id']}"
    room.order("submit_proof", media=[name])
    seen = room.whole()
    assert [one["url"] for one in seen["media"]] == [name]
    assert {one["code"] for one in seen["findings"]} == {"no_time", "no_place"}
    small = room.http.get(str(told["thumb"]))
    assert (small.status_code, small.headers["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in small.headers["Content-Security-Policy"]
    part = room.http.get(str(told["clean"]), headers={"Range": "bytes=10-19"})
    assert (part.status_code, len(part.content)) == (206, 10)
    assert part.headers["Content-Range"].startswith("bytes 10-19/")
    original = room.http.get(f"/api/v1/media/{told['id']}/original")
    assert original.content == content
    assert original.headers["Content-Disposition"].startswith("attachment")


def test_until_when_a_file_may_be_gone_on_with_is_said(room: ProofRoom) -> None:
    content = photo(3)
    expected = room.expect(len(content))
    where, until_when = expected.headers["Location"], parsedate_to_datetime(expected.headers["Upload-Expires"])
    begun = parsedate_to_datetime(expected.headers["Date"])
    assert abs(until_when - begun - timedelta(hours=24)) < timedelta(minutes=5)
    assert room.piece(where, 0, content[:1000]).headers["Upload-Expires"] == expected.headers["Upload-Expires"]
    assert "Upload-Expires" not in room.piece(where, 1000, content[1000:]).headers, "whole: it stays"


def test_what_came_before_a_broken_connection_counts(room: ProofRoom) -> None:
    content = photo(5)
    where = room.expect(len(content)).headers["Location"]
    host, port = room.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as broken:
        head = {**TUS, "Host": f"{host}:{port}", "Upload-Offset": "0", "Content-Type": PIECE}
        lines = [f"PATCH {where} HTTP/1.1", *(f"{key}: {value}" for key, value in head.items())]
        lines += [f"Content-Length: {len(content)}", "", ""]
        broken.sendall("\r\n".join(lines).encode() + content[:5000])
    until(lambda: room.offset(where) == 5000, why="the part that arrived to be kept")
    # The broken request holds the file until the server has noticed that it is broken.
    answers = []
    until(lambda: answers.append(room.piece(where, 5000, content[5000:])) or answers[-1].status_code != 423, why="it")
    assert answers[-1].status_code == 204
    assert room.state(where)["state"] == "ready"


def test_the_public_client_goes_on_where_it_was_cut(room: ProofRoom, tmp_path: Path) -> None:
    file = tmp_path / "bukti.jpg"
    file.write_bytes(photo(6, quality=98))
    words = ["node", str(ROOT / "tests/display/api/public_client.mjs"), room.url, room.complaint, str(file)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    cut, where = done.stdout.split()
    assert 0 < int(cut) < file.stat().st_size
    told = room.state(where)
    assert told["state"] == "ready"
    assert room.http.get(f"/api/v1/media/{told['id']}/original").content == file.read_bytes()


def test_each_refusal_names_what_is_wrong(room: ProofRoom) -> None:
    assert room.http.post("/api/v1/uploads", headers={"Upload-Length": "1"}).status_code == 412
    assert room.expect(0).json()["code"] == "empty"
    assert room.expect(10**10).status_code == 413
    assert room.expect(5, **{"Upload-Length": "many"}).json()["field"] == "Upload-Length"
    assert room.expect(5, **{"Upload-Metadata": "complaint !!"}).status_code == 404
    where = room.expect(len(SVG)).headers["Location"]
    wrong = room.http.patch(where, headers={**TUS, "Upload-Offset": "0", "Content-Type": "image/jpeg"}, content=SVG)
    assert wrong.status_code == 415
    assert room.piece(where, 0, SVG).status_code == 204
    told = room.state(where)
    assert (told["state"], told["code"], told["thumb"]) == ("refused", "form", None)
    refused = room.order("submit_proof", expect=422, media=[f"upload:{told['id']}"])
    assert refused["field"] == "media[0]"
    unknown = room.order("submit_proof", expect=422, media=["upload:00000000-0000-7000-8000-000000000000"])
    assert unknown["field"] == "media[0]"
    given_up = room.expect(100).headers["Location"]
    assert room.http.delete(given_up, headers=TUS).status_code == 204
    assert room.http.head(given_up, headers=TUS).status_code == 404


def test_nothing_is_taken_of_a_stream_without_a_length(room: ProofRoom) -> None:
    where = room.expect(1000).headers["Location"]

    blocks = (b"x" * 65_536 for _ in range(1_000))
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": PIECE}
    with suppress(httpx.TransportError):  # the connection may be closed before the answer is read
        assert room.http.patch(where, headers=headers, content=blocks, timeout=60).status_code == 411
    assert room.offset(where) == 0


def test_a_picture_seen_before_is_told_to_who_validates(room: ProofRoom) -> None:
    first = room.sent(photo(7))
    room.order("submit_proof", media=[f"upload:{first['id']}"])
    key = room.server.last_word("source", "add", "lain")
    body = {"source_id": "P-2", "category": "jalan_rusak"}
    answer = room.http.post("/api/v1/complaints", json=body, headers={"Authorization": f"Bearer {key}"}).json()
    room.complaint, room.seq = answer["id"], answer["seq"]
    room.order("forward", role="duty", agency="dpupr")
    room.order("accept")
    again = room.sent(photo(7, quality=40))
    room.order("submit_proof", media=[f"upload:{again['id']}"])
    (found,) = [one for one in room.whole()["findings"] if one["code"] == "used_before"]
    assert found["facts"]["picture"] == first["id"]
