"""`source list`, `rotate` and `revoke` as a person types them, beside a server that goes on serving."""

from collections.abc import Callable

import httpx

from tests.services.server import Server


def posts(room: Server, key: str) -> int:
    """How an array is answered by this key; a single report, which comes first, is let in or kept out as well."""
    url, headers = f"{room.url}/api/v1/complaints", {"Authorization": f"Bearer {key}"}
    report = {"source_id": "L-1", "category": "sampah"}
    one, array = (httpx.post(url, json=body, headers=headers, timeout=30).status_code for body in (report, []))
    assert (one == 401) == (array == 401)
    return array


def test_a_key_is_replaced_and_ended_beside_a_running_server(server: Callable[..., Server]) -> None:
    room = server()
    first = room.last_word("source", "add", "Lapor Warga", "--every", "90s")
    assert posts(room, first) == 200
    second = room.last_word("source", "rotate", "Lapor Warga")
    assert (posts(room, first), posts(room, second)) == (200, 200)
    third = room.last_word("source", "rotate", "Lapor Warga", "--now")
    assert [posts(room, key) for key in (first, second, third)] == [401, 401, 200]

    listed = room.command("source", "list").stdout
    line = next(line for line in listed.splitlines() if line.startswith("lapor-warga\t"))
    id_, name, since, every, heard, keys = line.split("\t")
    assert (id_, name, every) == ("lapor-warga", "Lapor Warga", "every 90s")
    assert since.startswith("since 20") and heard.startswith("heard 20") and heard.endswith(" UTC")
    assert keys.startswith("key since 20") and "ends" not in keys
    assert not [key for key in (first, second, third) if key in listed]

    room.command("source", "revoke", "Lapor Warga")
    assert posts(room, third) == 401
    assert "\tuntil 20" in room.command("source", "list").stdout
    assert httpx.get(f"{room.url}/readyz", timeout=30).status_code == 200

    _wrong_names_are_told(room)
    _the_drill_has_its_own(room)


def _wrong_names_are_told(room: Server) -> None:
    for words, said in {
        ("rotate", "Lapor"): "NAME: there is no source 'Lapor' (`source list` shows all)",
        ("revoke", "Lapor"): "NAME: there is no source 'Lapor' (`source list` shows all)",
        ("rotate", "Lapor Warga"): "NAME: the source 'Lapor Warga' was revoked (`source add` lets it in again)",
        ("revoke", "Lapor Warga"): "NAME: the source 'Lapor Warga' was revoked (`source add` lets it in again)",
        ("revoke", ""): "NAME: must be 1 to 128 characters that can be printed",
    }.items():
        done = room.command("source", *words, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Error: {said}\n")


def _the_drill_has_its_own(room: Server) -> None:
    key = room.last_word("source", "add", "Latihan", "--drill")
    room.command("source", "rotate", "Latihan", "--drill")
    assert "ends 20" in room.command("source", "list", "--drill").stdout
    assert "Latihan" not in room.command("source", "list").stdout
    room.command("source", "revoke", "Latihan", "--drill")
    line = next(line for line in room.command("source", "list", "--drill").stdout.splitlines() if "Latihan" in line)
    assert line.endswith("\tno key")
    assert key not in line
