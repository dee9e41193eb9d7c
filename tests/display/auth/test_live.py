"""A log-in against the served room: the command line, the feed that it opens, and how long that lasts."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
import socketio
import websocket

from liveroom.accounts.second_factor import keep_factor
from liveroom.domain.requests import Role
from tests.rooms.staffed import AGENCY, PASSWORD, People
from tests.services.screen import InOrder
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
LogIn = Callable[[str], httpx.Client]
Listen = Callable[..., "Listener"]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Patient with pongs: that a busy machine owes one for ten seconds would end a feed, and says nothing of rights.
    env = {"LIVEROOM_PASSWORD": PASSWORD}
    one = Server(data=tmp_path_factory.mktemp("live"), env=env, program="tests/faults/patient_room.py").start()
    yield one
    one.kill()


@pytest.fixture(scope="module")
def people(room: Server) -> People:
    """The people of the served room, written beside it."""
    return People(room.data)


class Listener:
    """One connection of the feed; `beats` heard and whether it is `up`."""

    def __init__(self, url: str, *, headers: dict[str, str] | None = None, auth: dict[str, str] | None = None) -> None:
        self.beats: list[object] = []
        self.epoch = ""
        self._client = InOrder(handshake_s=60)
        self._client.on("beat", self.beats.append, namespace="/feed")
        options = {"headers": headers or {}, "auth": auth or {}, "transports": ["websocket"], "wait_timeout": 60}
        try:
            self._client.connect(url, namespaces=["/feed"], **options)
        except socketio.exceptions.ConnectionError:
            self._client.disconnect()
            raise
        self.epoch = self._client.call("resume", {}, namespace="/feed", timeout=30)["epoch"]

    def report(self, kind: str) -> dict[str, object]:
        """Say of itself that it can be heard; the answer."""
        said = {"page": f"a-page-{kind}", "kind": kind, "seq": 0, "sound": "running"}
        return dict(self._client.call("report", said, namespace="/feed", timeout=30))

    @property
    def up(self) -> bool:
        return bool(self._client.connected) and "/feed" in self._client.namespaces

    def close(self) -> None:
        self._client.disconnect()


@pytest.fixture
def listen(room: Server) -> Iterator[Callable[..., Listener]]:
    """Return `listen(headers=..., auth=...) -> Listener`, each closed after the test."""
    with ExitStack() as stack:

        def one(**shown: dict[str, str]) -> Listener:
            listener = Listener(room.url, **shown)  # type: ignore[arg-type]
            stack.callback(listener.close)
            return listener

        yield one


@pytest.fixture
def log_in(room: Server) -> Iterator[Callable[[str], httpx.Client]]:
    """Return `log_in(name) -> client` with the cookie of a new log-in; closed after the test."""
    with ExitStack() as stack:
        yield lambda name: _logged_in(stack.enter_context(httpx.Client(base_url=room.url, timeout=60)), name)


def _logged_in(client: httpx.Client, name: str) -> httpx.Client:
    hidden = dict(re.findall(r'name="(csrf_token|next)" value="([^"]*)"', client.get("/login").text))
    answer = client.post("/login", data={**hidden, "username": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


def cookie(client: httpx.Client) -> dict[str, str]:
    return {"Cookie": f"liveroom_session={client.cookies['liveroom_session']}"}


def epoch(room: Server, **asked: object) -> str:
    return str(httpx.get(f"{room.url}/feed/snapshot", timeout=60, **asked).json()["epoch"])  # type: ignore[arg-type]


def test_the_command_line_works_beside_the_served_room(room: Server) -> None:
    assert httpx.get(f"{room.url}/desk/alarms", timeout=60).status_code == 200
    room.command("user", "add", "dewi", "--role", "duty")
    assert httpx.get(f"{room.url}/desk/alarms", timeout=60).status_code == 303
    token = room.last_word("user", "token", "dewi")
    bearer = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{room.url}/desk/alarms", headers=bearer, timeout=60).status_code == 200


@pytest.mark.parametrize("role", [Role.AGENCY, Role.AGENCY_HEAD, Role.LEADERSHIP])
def test_cr_94_whoever_sits_elsewhere_cannot_take_the_sound_from_the_room(
    people: People, listen: Listen, role: Role
) -> None:
    far, desk = (people.add(f"{name}-{role.value}", kind).actor for name, kind in (("jauh", role), ("jaga", Role.DUTY)))
    away = listen(auth={"token": people.staff.give_token(far)})
    away.report("wall")
    here = listen(auth={"token": people.staff.give_token(desk)})
    until(lambda: [away.report("wall"), here.report("desk")][1].get("floor") is True, why="the desk's floor")
    assert away.report("wall").get("floor") is not True


def test_a_persons_token_acts_and_listens_as_that_person(room: Server, people: People, listen: Listen) -> None:
    people.add("petugas", Role.AGENCY)
    token = people.staff.give_token("petugas")
    bearer = {"Authorization": f"Bearer {token}"}
    order = {"command_id": "p-1", "seen_seq": 0, "text": "tes"}
    answer = httpx.post(f"{room.url}/api/v1/complaints/none/comment", json=order, headers=bearer, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown")
    answer = httpx.post(f"{room.url}/api/v1/alarms/none/acknowledge", json=order, headers=bearer, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (403, "role")
    listener = listen(auth={"token": token, "audience": "desk"})
    assert listener.epoch == epoch(room, params={"audience": f"agency:{AGENCY}"})
    assert listener.epoch != epoch(room, params={"audience": "desk"})
    until(lambda: listener.beats, why="a beat")
    people.staff.remove("petugas")
    until(lambda: not listener.up, why="the feed to end with its owner's right to it")
    with pytest.raises(socketio.exceptions.ConnectionError):
        listen(auth={"token": token})
    assert httpx.get(f"{room.url}/feed/snapshot", headers=bearer, timeout=60).status_code == 401


def test_a_feed_ends_with_its_log_in_and_no_other_does(
    room: Server, people: People, log_in: LogIn, listen: Listen
) -> None:
    people.add("kepala", Role.SUPERVISOR)
    here, there = log_in("kepala"), log_in("kepala")
    listeners = [listen(headers=cookie(client)) for client in (here, there)]
    wall = listen(headers=cookie(here), auth={"audience": "wall"})
    assert {one.epoch for one in listeners} == {epoch(room, params={"audience": "desk"})}
    assert wall.epoch == epoch(room)
    page = here.get("/desk/alarms").text
    shown = re.search(r'"csrf":"([^"]+)"', page)
    assert shown
    assert here.post("/logout", data={"csrf_token": shown[1]}).status_code == 303
    until(lambda: not listeners[0].up and not wall.up, why="the feeds of that log-in to end")
    heard = len(listeners[1].beats)
    until(lambda: len(listeners[1].beats) > heard + 1, why="the other log-in to go on")
    people.staff.set_password("kepala", "another")
    until(lambda: not listeners[1].up, why="the other one to end with the password")


def test_the_feed_of_a_log_in_ends_with_a_second_step_that_was_taken_away_and_a_programs_goes_on(
    people: People, log_in: LogIn, listen: Listen
) -> None:
    name = people.add("berkunci", Role.SUPERVISOR).actor
    client, token = log_in(name), people.staff.give_token(name)
    people.opened.room.unit(lambda work: keep_factor(work.transaction.connection, name, "sealed", 1))
    feed, program = listen(headers=cookie(client)), listen(auth={"token": token})
    until(lambda: feed.beats and program.beats, why="a beat on each")
    assert people.staff.remove_factor(name)
    until(lambda: not feed.up, why="the feed of the log-in to end")
    heard = len(program.beats)
    until(lambda: len(program.beats) > heard + 1, why="the program to go on")


@pytest.mark.parametrize("act", ["reset", "lock", "remove"])
def test_what_a_person_opened_ends_with_a_reset_a_lock_and_a_removal(
    room: Server, people: People, log_in: LogIn, listen: Listen, act: str
) -> None:
    name = people.add(f"ujung-{act}", Role.SUPERVISOR).actor
    token, client = people.staff.give_token(name), log_in(name)
    bearer = {"Authorization": f"Bearer {token}"}
    feeds = [listen(headers=cookie(client)), listen(auth={"token": token}), listen(auth={"token": token})]
    until(lambda: all(one.beats for one in feeds), why="a beat on each")
    acts = {"reset": lambda: people.invite(name), "lock": lambda: people.staff.disable(name)}
    acts.get(act, lambda: people.staff.remove(name))()
    until(lambda: not any(one.up for one in feeds), why="every feed of that person to end")
    with pytest.raises(socketio.exceptions.ConnectionError):
        listen(auth={"token": token})
    assert httpx.get(f"{room.url}/api/v1/session", headers=bearer, timeout=60).status_code == 401
    assert client.get("/api/v1/session").status_code == 401
    if act == "lock":
        people.staff.disable(name, disabled=False)
        assert httpx.get(f"{room.url}/api/v1/session", headers=bearer, timeout=60).status_code == 401


def test_a_foreign_page_cannot_listen_by_a_persons_cookie(
    room: Server, people: People, log_in: LogIn, listen: Listen
) -> None:
    people.add("tamu", Role.LEADERSHIP)
    client = log_in("tamu")
    address = f"{room.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(address, timeout=30, origin="http://evil.example", header=cookie(client))
    assert refused.value.status_code == 421
    refused.value.__traceback__ = None
    own = listen(headers=cookie(client), auth={"audience": "desk"})
    assert own.epoch == epoch(room, params={"audience": "lead"})


def test_no_secret_is_in_the_log_of_the_process(room: Server, people: People, log_in: LogIn) -> None:
    people.add("rahasia")
    token = people.staff.give_token("rahasia")
    client = log_in("rahasia")
    httpx.get(f"{room.url}/feed/snapshot", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    secrets = (token, client.cookies["liveroom_session"], PASSWORD)
    assert not [one for one in secrets if one in room.log()]


def test_nobody_connects_to_a_namespace_that_is_not_the_feed(room: Server) -> None:
    client = InOrder(handshake_s=60)
    with pytest.raises(socketio.exceptions.ConnectionError, match="failed to connect"):
        client.connect(room.url, namespaces=["/"], transports=["websocket"], wait_timeout=60)
    client.disconnect()


def test_another_room_is_cut_off_when_its_key_ends_or_allows_other_fields(room: Server, listen: Listen) -> None:
    key = room.last_word("follower", "add", "Banten")
    narrowed = listen(auth={"token": key})
    until(lambda: narrowed.beats, within=30, why="a beat for the other room")
    room.command("follower", "allow", "Banten", "overdue")
    until(lambda: not narrowed.up, within=30, why="the connection with the old fields to end")
    following = listen(auth={"token": key})
    room.command("follower", "revoke", "Banten")
    until(lambda: not following.up, within=30, why="the connection to end with its key")
    with pytest.raises(socketio.exceptions.ConnectionError):
        listen(auth={"token": key})
