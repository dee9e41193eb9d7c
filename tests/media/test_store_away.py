"""Pictures in a bucket that goes away and comes back: none is lost, none that was erased stays."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from obstore.store import S3Store

from tests.rooms.hostile_files import photo
from tests.rooms.sending import ProofRoom, standing
from tests.services.s3 import BUCKET, S3Server
from tests.services.server import Server
from tests.services.wait import until

pytestmark = pytest.mark.server


@pytest.fixture
def room(server: Callable[..., Server], s3: S3Server, tmp_path: Path) -> Iterator[ProofRoom]:
    config = tmp_path / "config.yaml"
    config.write_text(f"city: tangerang\nmedia: {{store: 's3://{BUCKET}/{tmp_path.name}'}}\n")
    with closing(ProofRoom(server(env={**standing(tmp_path), **s3.env, "LIVEROOM_CONFIG": str(config)}))) as room:
        yield room


def kept(s3: S3Server, tmp_path: Path) -> set[str]:
    """What lies in the room's part of the bucket, asked behind the gate."""
    env = {name.lower(): value for name, value in {**s3.env, "AWS_ENDPOINT": s3.behind}.items()}
    store = S3Store(BUCKET, prefix=tmp_path.name, config=env, client_options={"allow_http": True})
    return {one["path"].rpartition("/")[2] for one in store.list().collect()}


def state(room: ProofRoom, where: str) -> tuple[str, str | None]:
    told = room.http.get(f"{where}/state").json()
    return told["state"], told["code"]


def test_what_is_sent_while_the_store_is_away_is_kept_when_it_is_back(
    room: ProofRoom, s3: S3Server, tmp_path: Path
) -> None:
    content = photo(4)
    s3.gate.close()
    where = room.expect(len(content)).headers["Location"]
    assert room.piece(where, 0, content).status_code == 204
    until(lambda: state(room, where) == ("checking", "store"), within=120, why="it to be said what it waits for")
    name = f"upload:{where.rpartition('/')[2]}"
    assert room.order("submit_proof", expect=422, media=[name])["field"] == "media[0]"
    assert "the media store s3://" in room.server.command("doctor", check=False).stdout
    room.server.kill()
    room.server.start()
    until(
        lambda: "liveroom_media_store_up 0.0" in room.http.get("/metrics").text,
        within=120,
        why="the metric to tell of it",
    )
    assert state(room, where) == ("checking", "store")
    s3.gate.open()
    told = room.state(where)
    assert told["state"] == "ready"
    assert room.http.get(f"/api/v1/media/{told['id']}/original").content == content
    part = room.http.get(str(told["clean"]), headers={"Range": "bytes=10-19"})
    assert (part.status_code, len(part.content)) == (206, 10)
    assert len(kept(s3, tmp_path)) == 3
    until(lambda: not list((room.server.data / "uploads").iterdir()), why="what was kept to go from the disk")
    assert "liveroom_media_store_up 1.0" in room.http.get("/metrics").text
    room.order("submit_proof", media=[name])


def test_what_was_erased_while_the_store_is_away_goes_when_it_is_back_and_after_a_restore(
    room: ProofRoom, s3: S3Server, tmp_path: Path
) -> None:
    content = photo(5)
    first = room.sent(content)
    file = tmp_path / "before.backup"
    room.server.command("backup", str(file))
    s3.gate.close()
    away = room.http.get(str(first["clean"]))
    assert (away.status_code, away.json()["code"]) == (503, "store")
    erased = room.server.command("erase", room.complaint, check=False)
    assert erased.returncode == 1
    assert "is erased but for its files" in erased.stderr
    assert room.http.get(str(first["clean"])).status_code == 404
    assert len(kept(s3, tmp_path)) == 3, "before the server finds its store again and empties it by itself"
    s3.gate.open()
    assert "is erased" in room.server.command("erase", room.complaint).stdout
    assert kept(s3, tmp_path) == set()
    again = room.server.last_word("source", "add", "lain")
    head = {"Authorization": f"Bearer {again}"}
    body = {"source_id": "P-2", "category": "jalan_rusak"}
    room.complaint = room.http.post("/api/v1/complaints", json=body, headers=head).json()["id"]
    room.sent(content)  # the same picture, of a complaint that the restore forgets
    room.server.stop()
    restored = ("restore", str(file))  # refused as long as the last pulse is young
    until(
        lambda: room.server.command(*restored, check=False).returncode == 0, within=180, why="the room to be restored"
    )
    assert kept(s3, tmp_path) == set()
