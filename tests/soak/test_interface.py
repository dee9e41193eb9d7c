"""The interface for minutes: requests drawn from its document, right and wrong ones, are answered as it says.

And a client that a generator makes of the document does its work on a served room, whose feed is as its own says.
"""

import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from subprocess import run
from typing import Any

import httpx
import jsonschema_rs
import pytest
import socketio

from liveroom.domain.requests import Role
from tests.display.description.conformance import Conformance
from tests.rooms.furnished import SoakRoom
from tests.rooms.staffed import People
from tests.services.server import UNTRUSTED, Server
from tests.services.wait import until
from tests.soak.walk import MET, SEED, Walk

pytestmark = [pytest.mark.soak]
# A room is left when its people and screens have been ordered about for so long.
ROUNDS, EXAMPLES = 3, 6


def test_every_operation_is_answered_as_it_is_described(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    walk, numbers, text = Walk(), count(SEED), ""
    while not walk.over:
        number = next(numbers)
        folder = tmp_path / str(number)
        folder.mkdir()
        room = SoakRoom(folder, kind="drill")
        found = Conformance(room)
        for round_ in range(ROUNDS):
            for each, operation in enumerate(found.operations()):
                if walk.over:
                    break
                found.ask(operation, EXAMPLES, number * 100_003 + round_ * 1009 + each, wrong=round_ == ROUNDS - 1)
        room.close()
        text = f"\nthe interface, round {number} (SOAK_SEED)\n{found.text()}"
        if found.faults:
            break
    request.node.user_properties.append((MET, text))
    if found.faults:
        pytest.fail(f"{len(found.faults)} faults; they stand under the counts of the walk", pytrace=False)


def test_a_generated_client_posts_reads_and_commands(server: Callable[..., Server], tmp_path: Path) -> None:
    room = server(env=UNTRUSTED)
    people = People(room.data)
    people.add("rina", Role.DUTY)
    document = tmp_path / "openapi.json"
    document.write_bytes(httpx.get(f"{room.url}/api/openapi.json").content)
    generator = Path(sys.executable).with_name("openapi-python-client")
    package = tmp_path / "liveroom_client"
    words = ["generate", "--path", str(document), "--output-path", str(package), "--meta", "none"]
    run([generator, *words], check=True, capture_output=True, timeout=300)
    run([sys.executable, "-W", "error", "-m", "compileall", "-q", str(package)], check=True, timeout=300)
    keys = [room.last_word("source", "add", "Aplikasi"), people.staff.give_token("rina")]
    use = [sys.executable, str(Path(__file__).with_name("client_use.py")), room.url, *keys]
    done = run(use, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.returncode) == ("received forwarded waiting\n", 0), done.stderr


def test_a_socket_is_sent_what_the_served_document_says(server: Callable[..., Server]) -> None:
    room = server()
    document = httpx.get(f"{room.url}/api/asyncapi.json").json()
    channel, messages = document["channels"]["feed"], document["components"]["messages"]
    came: list[tuple[str, Any]] = []
    client = socketio.Client()
    for name in channel["messages"]:
        client.on(name, lambda said, name=name: came.append((name, said)), namespace=channel["address"])
    client.connect(room.url, auth={"audience": "desk"}, namespaces=[channel["address"]], transports=["websocket"])
    came.append(("resumeAcknowledged", client.call("resume", {}, namespace=channel["address"], timeout=60)))
    key = room.last_word("source", "add", "Aplikasi")
    report = {"source_id": "1", "category": "jalan_rusak", "lat": -6.1783, "lon": 106.6319}
    answer = httpx.post(f"{room.url}/api/v1/complaints", json=report, headers={"Authorization": f"Bearer {key}"})
    assert answer.is_success
    wanted = {"batch", "beat", "resumeAcknowledged"}
    until(lambda: {name for name, _ in came} >= wanted, within=60, why="a batch and a beat to come")
    client.disconnect()
    for name, said in came:
        schema = {**messages[name]["payload"], "components": document["components"]}
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(said)
