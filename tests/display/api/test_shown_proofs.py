"""Proof for guests (CR-81): a screen gets the clean copy of what a supervisor released, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.rooms.hostile_files import photo
from tests.rooms.sending import ProofRoom, standing
from tests.services.server import Server

pytestmark = pytest.mark.server


@pytest.fixture
def room(server: Callable[..., Server], tmp_path: Path) -> Iterator[ProofRoom]:
    with closing(ProofRoom(server(env=standing(tmp_path)))) as room:
        yield room


def sent(room: ProofRoom, seed: int) -> str:
    content = photo(seed)
    where = room.expect(len(content)).headers["Location"]
    room.piece(where, 0, content)
    return str(room.state(where)["id"])


def shown(room: ProofRoom) -> list[dict[str, Any]]:
    return list(room.http.get("/feed/figures?scene=visit").json()["shown"])


def test_cr_81_a_screen_gets_what_was_released_until_it_is_taken_back(room: ProofRoom) -> None:
    token = room.server.last_word("screen", "add", "dinding")
    before, after, other = sent(room, 1), sent(room, 2), sent(room, 3)
    room.order("submit_proof", media=[f"upload:{after}"])
    room.order("release_proof", role="supervisor", after=after, expect=422)
    room.order("validate", role="supervisor")
    (media,) = room.whole()["media"]
    with httpx.Client(base_url=room.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as screen:

        def status(upload: str, copy: str = "clean") -> int:
            return screen.get(f"/api/v1/media/{upload}/{copy}").status_code

        assert status(after) == 403
        room.order("release_proof", role="duty", after=after, expect=403)
        room.order("release_proof", role="supervisor", after="nothing", expect=422)
        room.order("release_proof", role="supervisor", after=media["id"], before=before)
        assert [status(one) for one in (before, after, other)] == [200, 200, 403]
        assert [status(after, copy) for copy in ("thumb", "original")] == [403, 403]
        assert screen.get(f"/api/v1/media/{after}/clean").headers["Cache-Control"] == "no-store"
        (pair,) = shown(room)
        assert pair["before"] == f"/api/v1/media/{before}/clean"
        assert pair["after"] == f"/api/v1/media/{after}/clean"
        room.order("release_proof", role="supervisor")
        assert [one["after"] for one in shown(room)] == [f"/api/v1/media/{other}/clean"], "the last that proves"
        assert status(after) == 403
        room.order("withdraw_proof", role="supervisor")
        assert (shown(room), status(other)) == ([], 403)
